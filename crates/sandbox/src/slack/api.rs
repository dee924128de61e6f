//! The addresses of the Slack stand-in, and how its answers look on the wire.

use std::sync::Arc;

use axum::{
    Router,
    body::Bytes,
    extract::{Path, Query, RawQuery, State, WebSocketUpgrade},
    http::{self, HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{any, get, post},
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::wire::{Dialect, retry_after_s, wire};

use super::{
    Workspace,
    arguments::Arguments,
    failure::Failure,
    install::Authorization,
    methods::{self, Request, ScopeHeaders},
};

/// Everything that Slack serves: the Web API under `/api/`, `response_url`s, the authorisation
/// page, and sockets under `/link`.
pub fn router(workspace: Arc<Workspace>) -> Router {
    let calls = Router::new()
        .route("/api/{method}", any(call))
        .route("/commands/{team}/{number}/{secret}", post(reply))
        .route("/actions/{team}/{number}/{secret}", post(reply))
        .route(
            "/oauth/v2/authorize",
            get(authorization_page).post(authorize),
        )
        .with_state(workspace.clone());
    let shared = workspace.shared.clone();
    let sockets = Router::new()
        .route("/link", get(link))
        .route("/link/", get(link))
        .with_state(workspace.clone());
    wire(calls, workspace, shared).merge(sockets)
}

async fn call(
    State(workspace): State<Arc<Workspace>>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut scopes = ScopeHeaders::default();
    let parsed = Arguments::parse(&headers, query.as_deref(), &body);
    let warning = parsed.as_ref().ok().and_then(|args| args.warning);
    let answer = parsed.and_then(|args| {
        let method = methods::find(&name).ok_or_else(|| Failure::UnknownMethod(name.clone()))?;
        workspace.change(|state, now| {
            let sockets = &workspace.sockets;
            let request = Request {
                state,
                sockets,
                args: &args,
                headers: &headers,
                now,
            };
            method.run(request, &mut scopes)
        })
    });
    respond(&workspace, answer, &scopes, warning)
}

fn respond(
    workspace: &Workspace,
    answer: Result<Value, Failure>,
    scopes: &ScopeHeaders,
    warning: Option<&str>,
) -> Response {
    let (status, mut body) = match &answer {
        Ok(body) => (StatusCode::OK, body.clone()),
        Err(failure @ Failure::Limited(_)) => (StatusCode::TOO_MANY_REQUESTS, failure.body()),
        Err(failure) => (StatusCode::OK, failure.body()),
    };
    if let Some(warning) = warning
        && body["ok"] == true
    {
        body["warning"] = warning.into();
        body["response_metadata"]["warnings"] = json!([warning]);
    }
    let mut response = json_response(status, &body);
    if let Err(Failure::Limited(wait)) = &answer {
        let seconds = retry_after_s(&workspace.shared.clock, *wait);
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    set_header(&mut response, "x-oauth-scopes", &scopes.held);
    set_header(&mut response, "x-accepted-oauth-scopes", &scopes.accepted);
    response
}

fn set_header(response: &mut Response, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value)
        && !value.is_empty()
    {
        response
            .headers_mut()
            .insert(HeaderName::from_static(name), value);
    }
}

fn json_response(status: StatusCode, body: &Value) -> Response {
    let kind = [(header::CONTENT_TYPE, "application/json; charset=utf-8")];
    (status, kind, body.to_string()).into_response()
}

async fn reply(
    State(workspace): State<Arc<Workspace>>,
    Path((_team, _number, secret)): Path<(String, String, String)>,
    body: Bytes,
) -> Response {
    let Ok(body) = serde_json::from_slice::<Value>(&body) else {
        return json_response(
            StatusCode::BAD_REQUEST,
            &json!({ "ok": false, "error": "invalid_payload" }),
        );
    };
    match workspace.reply(&secret, body) {
        Ok(()) => (StatusCode::OK, "ok").into_response(),
        Err(failure @ Failure::Code("no_such_url" | "expired_url" | "used_url")) => {
            json_response(StatusCode::NOT_FOUND, &failure.body())
        }
        Err(failure) => json_response(StatusCode::BAD_REQUEST, &failure.body()),
    }
}

async fn authorization_page(
    State(workspace): State<Arc<Workspace>>,
    Query(asked): Query<Authorization>,
    RawQuery(query): RawQuery,
) -> Response {
    workspace.authorization_page(&asked, &query.unwrap_or_default())
}

/// The form is the query of the page and what the person chose.
async fn authorize(
    State(workspace): State<Arc<Workspace>>,
    RawQuery(query): RawQuery,
    body: String,
) -> Response {
    let all = format!("{}&{body}", query.unwrap_or_default());
    let fields: serde_json::Map<String, Value> = url::form_urlencoded::parse(all.as_bytes())
        .map(|(name, value)| (name.into_owned(), value.into_owned().into()))
        .collect();
    match serde_json::from_value::<Authorization>(Value::Object(fields)) {
        Ok(asked) => workspace.authorize(&asked),
        Err(_) => StatusCode::BAD_REQUEST.into_response(),
    }
}

#[derive(Debug, Deserialize)]
struct Ticket {
    #[serde(default)]
    ticket: String,
}

async fn link(
    State(workspace): State<Arc<Workspace>>,
    Query(Ticket { ticket }): Query<Ticket>,
    upgrade: WebSocketUpgrade,
) -> Response {
    if !workspace.sockets.admit(&ticket) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let sockets = workspace.sockets.clone();
    upgrade.on_upgrade(move |socket| sockets.serve(socket))
}

impl Dialect for Workspace {
    fn platform(&self) -> &'static str {
        "slack"
    }

    fn method(&self, _method: &http::Method, path: &str) -> String {
        let words = path.trim_start_matches('/');
        match words.split_once('/') {
            Some(("api", method)) => method.to_owned(),
            Some(("commands" | "actions", _)) => "response_url".to_owned(),
            Some(("oauth", _)) => words.replace('/', "."),
            Some(_) | None => words.to_owned(),
        }
    }

    fn throttled(&self, retry_after_s: u64) -> Response {
        let body = Failure::Limited(0).body();
        let mut response = json_response(StatusCode::TOO_MANY_REQUESTS, &body);
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(retry_after_s));
        response
    }

    fn failed(&self) -> Response {
        let body = "<html><body><h1>503 Service Unavailable</h1></body></html>";
        let kind = [(header::CONTENT_TYPE, "text/html")];
        (StatusCode::SERVICE_UNAVAILABLE, kind, body).into_response()
    }

    fn revoke(&self, token: &str) {
        self.change(|state, now| {
            if let Some(holder) = state.tokens.revoke(token) {
                state.tell_revoked(&holder, now);
            }
        });
    }

    fn expire(&self, token: &str) {
        self.change(|state, _| state.tokens.expire(token));
    }
}

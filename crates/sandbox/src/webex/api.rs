//! The front door: who calls, what they may, and the answer's dress.
//!
//! Source: <https://developer.webex.com/docs/basics>

use std::sync::Arc;

use axum::{
    Json, Router,
    body::{Body, Bytes},
    extract::{DefaultBodyLimit, Query as Fields, State as Here},
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    response::{Html, IntoResponse, Response},
    routing::{any, get, post},
};
use serde_json::{Value, json};

use super::{
    Org,
    call::{Call, Caller, Query, Reply},
    device,
    endpoints::{self, Endpoint, NoEndpoint, Operation},
    event_calls,
    failure::Failure,
    guest_calls, membership_calls, message_calls, multipart,
    oauth::{self, Form},
    people_calls, room_calls,
    rooms::File,
    webhook_calls,
};
use crate::wire;

/// The path of the page where a device code is typed.
pub const DEVICE_PAGE: &str = "/v1/device";

/// Webex under `/v1/…`, behind the wire.
pub fn router(org: Arc<Org>) -> Router {
    let shared = org.shared.clone();
    let dialect = Arc::new(Dialect(org.clone()));
    let routes = Router::new()
        .route("/v1/authorize", get(authorize))
        .route("/v1/access_token", post(access_token))
        .route(DEVICE_PAGE, get(device_page).post(device_submit))
        .route("/v1/device/authorize", post(device_authorize))
        .route("/v1/device/token", post(device_token))
        .route("/v1/{*path}", any(serve))
        .layer(DefaultBodyLimit::disable())
        .with_state(org);
    wire::wire(routes, dialect, shared)
}

type Shared = Here<Arc<Org>>;

async fn authorize(Here(org): Shared, Fields(query): Fields<Form>) -> Response {
    let answer = org.change(|state, now| oauth::authorize(state, &query, now));
    answer.unwrap_or_else(|failure| org.refuse(&failure))
}

async fn access_token(Here(org): Shared, body: String) -> Response {
    let answer = org.change(|state, now| oauth::access_token(state, &form(&body), now));
    org.answer(answer)
}

async fn device_authorize(Here(org): Shared, body: String) -> Response {
    let page = org.device_url();
    let answer = org.change(|state, now| device::begin(state, &form(&body), &page, now));
    org.answer(answer)
}

async fn device_token(Here(org): Shared, headers: HeaderMap, body: String) -> Response {
    let basic = text_of(&headers, header::AUTHORIZATION.as_str());
    let answer = org.change(|state, now| device::poll(state, &form(&body), basic, now));
    org.answer(answer)
}

async fn device_page(Fields(query): Fields<Form>) -> Html<String> {
    let code = query.get("userCode").map(String::as_str);
    device::page(
        "Enter the code that the app shows.",
        code.unwrap_or_default(),
    )
}

async fn device_submit(Here(org): Shared, body: String) -> Html<String> {
    org.change(|state, now| device::submit(state, &form(&body), now))
}

async fn serve(
    Here(org): Shared,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let reply = match admit(&org, &method, &uri, (&headers, &body)) {
        Ok((endpoint, mut call)) => match message_calls::fetch_file(&org, &mut call).await {
            Ok(()) => perform(&org, endpoint, &call),
            Err(failure) => Err(failure),
        },
        Err(failure) => Err(failure),
    };
    match reply {
        Ok(reply) => org.dress(reply, &uri, method == Method::HEAD),
        Err(failure) => org.refuse(&failure),
    }
}

/// Finds the endpoint, the caller and their permission, and takes the call from their budget.
fn admit(
    org: &Org,
    method: &Method,
    uri: &Uri,
    (headers, body): (&HeaderMap, &Bytes),
) -> Result<(&'static Endpoint, Call), Failure> {
    let token = text_of(headers, header::AUTHORIZATION.as_str())
        .and_then(|value| value.strip_prefix("Bearer "))
        .ok_or_else(Failure::unauthorized)?;
    let (caller, now) = org.change(|state, now| {
        let caller = Caller::of(state, token.trim(), now)?;
        state
            .limits
            .take(&caller.token, now)
            .map_err(|wait| Failure::throttled(wire::retry_after_s(&org.shared.clock, wait)))?;
        Ok::<_, Failure>((caller, now))
    })?;
    let path = uri.path().strip_prefix("/v1").unwrap_or(uri.path());
    let (endpoint, id) = endpoints::find(method.as_str(), path).map_err(no_endpoint)?;
    if !endpoint.scopes.is_empty() && !caller.has(endpoint.scopes) {
        return Err(missing_scope(endpoint.scopes));
    }
    let (body, file) = read_body(org, headers, body)?;
    let call = Call {
        caller,
        id: id.to_owned(),
        query: Query::parse(uri.query().unwrap_or_default()),
        body,
        file,
        now,
    };
    Ok((endpoint, call))
}

fn perform(org: &Arc<Org>, endpoint: &Endpoint, call: &Call) -> Result<Reply, Failure> {
    let host = &org.host;
    org.change(|state, _| match endpoint.operation {
        Operation::ListPeople => people_calls::list(state, call),
        Operation::GetMe => people_calls::me(state, call),
        Operation::GetPerson => people_calls::get(state, call),
        Operation::ListOrganizations => Ok(people_calls::organizations(state)),
        Operation::GetOrganization => people_calls::organization(state, call),
        Operation::MakeGuest => guest_calls::make(state, call),
        Operation::CountGuests => Ok(guest_calls::count(state)),
        Operation::AuthorizeServiceApp => guest_calls::authorize(state, call),
        Operation::TokenExpiry => Ok(guest_calls::token_expiry(state, call)),
        Operation::ListRooms => room_calls::list(state, call),
        Operation::CreateRoom => room_calls::create(state, call),
        Operation::GetRoom => room_calls::get(state, call),
        Operation::UpdateRoom => room_calls::update(state, call),
        Operation::DeleteRoom => room_calls::delete(state, call),
        Operation::ListMemberships => membership_calls::list(state, call),
        Operation::CreateMembership => membership_calls::create(state, call),
        Operation::GetMembership => membership_calls::get(state, call),
        Operation::UpdateMembership => membership_calls::update(state, call),
        Operation::DeleteMembership => membership_calls::delete(state, call),
        Operation::ListMessages => message_calls::list(state, call, host),
        Operation::CreateMessage => message_calls::create(state, call, host),
        Operation::ListDirectMessages => message_calls::list_direct(state, call, host),
        Operation::GetMessage => message_calls::get(state, call, host),
        Operation::EditMessage => message_calls::edit(state, call, host),
        Operation::DeleteMessage => message_calls::delete(state, call),
        Operation::GetContent => message_calls::content(state, call),
        Operation::ListWebhooks => webhook_calls::list(state, call),
        Operation::CreateWebhook => webhook_calls::create(org, state, call),
        Operation::GetWebhook => webhook_calls::get(state, call),
        Operation::UpdateWebhook => webhook_calls::update(state, call),
        Operation::DeleteWebhook => webhook_calls::delete(state, call),
        Operation::ListEvents => event_calls::list(state, call),
        Operation::GetEvent => event_calls::get(state, call),
    })
}

/// Why a call is refused for want of a scope.
pub fn missing_scope(any_of: &[&str]) -> Failure {
    Failure::forbidden(format!(
        "The access token is missing a required scope: one of {}.",
        any_of.join(", ")
    ))
}

fn no_endpoint(why: NoEndpoint) -> Failure {
    match why {
        NoEndpoint::UnknownPath => Failure::not_found("The requested resource could not be found."),
        NoEndpoint::WrongMethod => Failure::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "The method is not supported by the resource.",
        ),
    }
}

/// The body as JSON, with the file that came in a form.
fn read_body(
    org: &Org,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<(Value, Option<File>), Failure> {
    if body.is_empty() {
        return Ok((Value::Null, None));
    }
    let kind = text_of(headers, header::CONTENT_TYPE.as_str()).unwrap_or_default();
    if kind.starts_with("application/json") {
        let body = serde_json::from_slice(body);
        let body = body.map_err(|_| Failure::bad_request("The body is not valid JSON."))?;
        return Ok((body, None));
    }
    if kind.starts_with("multipart/form-data") {
        return org.change(|state, _| multipart::read(state, kind, body));
    }
    Err(Failure::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "The media type is not supported.",
    ))
}

fn text_of<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn form(body: &str) -> Form {
    url::form_urlencoded::parse(body.as_bytes())
        .into_owned()
        .collect()
}

impl Org {
    fn answer(&self, answer: Result<Value, Failure>) -> Response {
        match answer {
            Ok(body) => self.tracked(Json(body).into_response(), &self.tracking_id()),
            Err(failure) => self.refuse(&failure),
        }
    }

    fn refuse(&self, failure: &Failure) -> Response {
        let tracking_id = self.tracking_id();
        let body = Json(failure.body(&tracking_id));
        let mut response = (failure.status, body).into_response();
        if let Some(seconds) = failure.retry_after_s {
            let headers = response.headers_mut();
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        self.tracked(response, &tracking_id)
    }

    fn dress(&self, reply: Reply, uri: &Uri, is_head: bool) -> Response {
        let response = match reply {
            Reply::Json(body) => Json(body).into_response(),
            Reply::Page {
                items,
                next,
                not_found,
            } => self.page(items, next, not_found, uri),
            Reply::Text(text) => text.into_response(),
            Reply::File(file) => file_response(file, is_head),
            Reply::NoContent => StatusCode::NO_CONTENT.into_response(),
        };
        self.tracked(response, &self.tracking_id())
    }

    fn page(
        &self,
        items: Vec<Value>,
        next: Option<String>,
        not_found: Option<Value>,
        uri: &Uri,
    ) -> Response {
        let mut body = json!({ "items": items });
        if let Some(not_found) = not_found {
            body["notFoundIds"] = not_found;
        }
        let mut response = Json(body).into_response();
        if let Some(next) = next {
            let query = Query::parse(uri.query().unwrap_or_default()).going_on(&next);
            let link = format!("<http://{}{}?{query}>; rel=\"next\"", self.host, uri.path());
            if let Ok(link) = HeaderValue::from_str(&link) {
                response.headers_mut().insert(header::LINK, link);
            }
        }
        response
    }

    fn tracked(&self, mut response: Response, tracking_id: &str) -> Response {
        if let Ok(value) = HeaderValue::from_str(tracking_id) {
            response.headers_mut().insert("trackingid", value);
        }
        response
    }

    fn tracking_id(&self) -> String {
        let uuid = self.look(|state, _| state.fresh("tracking"));
        format!("ROUTER_{}", uuid.to_uppercase())
    }
}

fn file_response(file: File, is_head: bool) -> Response {
    let length = file.bytes.len();
    let body = if is_head { Vec::new() } else { file.bytes };
    let mut response = Response::new(Body::from(body));
    let name = file.name.replace(['"', '\\', '\r', '\n'], "_");
    let disposition = format!("attachment; filename=\"{name}\"");
    let headers = response.headers_mut();
    for (header, value) in [
        (header::CONTENT_TYPE, file.kind.as_bytes()),
        (header::CONTENT_DISPOSITION, disposition.as_bytes()),
    ] {
        if let Ok(value) = HeaderValue::from_bytes(value) {
            headers.insert(header, value);
        }
    }
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    response
}

struct Dialect(Arc<Org>);

impl wire::Dialect for Dialect {
    fn platform(&self) -> &'static str {
        "webex"
    }

    /// The words of the reference page: `PUT /messages/{messageId}`.
    fn method(&self, method: &Method, path: &str) -> String {
        let path = path.strip_prefix("/v1").unwrap_or(path);
        match endpoints::find(method.as_str(), path) {
            Ok((endpoint, _)) => endpoint.name(),
            Err(_) => format!("{method} {path}"),
        }
    }

    fn throttled(&self, retry_after_s: u64) -> Response {
        self.0.refuse(&Failure::throttled(retry_after_s))
    }

    fn failed(&self) -> Response {
        self.0.refuse(&Failure::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "Server is overloaded with requests. Try again later.",
        ))
    }

    fn revoke(&self, token: &str) {
        self.0.change(|state, _| state.grants.tokens.revoke(token));
    }

    fn expire(&self, token: &str) {
        self.0
            .change(|state, now| state.grants.tokens.expire(token, now));
    }
}

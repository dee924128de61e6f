//! The front door: who calls, what they may, and the answer's dress.

use std::sync::Arc;

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    response::Response,
    routing::any,
};
use serde_json::{Value, json};

use super::{
    account_calls, batch, chat_calls,
    endpoints::{self, Matched, Needs, NoEndpoint, Operation},
    error::GraphError,
    limits::Budget,
    message_calls, policy_calls,
    query::Query,
    subscriptions,
    tenant::Tenant,
    user_calls,
};
use crate::{entra::tokens::Caller, wire};

const JSON: &str = "application/json;odata.metadata=minimal;odata.streaming=true;\
                    IEEE754Compatible=false;charset=utf-8";

/// Graph's paths under `/v1.0/…`, behind the wire.
pub fn router(tenant: Arc<Tenant>) -> Router {
    let shared = tenant.shared.clone();
    let dialect = Arc::new(Dialect(tenant.clone()));
    let routes = Router::new()
        .route("/v1.0/{*path}", any(serve))
        .with_state(tenant);
    wire::wire(routes, dialect, shared)
}

/// One call that found its endpoint and passed its checks.
pub(super) struct Call {
    pub matched: Matched,
    pub caller: Caller,
    pub query: Query,
    /// The body, where it is JSON.
    pub body: Value,
    /// The body as it came.
    pub bytes: Vec<u8>,
    /// `Prefer: include-unknown-enum-members`
    pub known_events: bool,
    /// `Prefer: odata.maxpagesize=…`
    pub page_size: Option<usize>,
    /// `ConsistencyLevel: eventual`
    pub eventual: bool,
}

impl Call {
    /// A segment of the path that the endpoint's template promises.
    pub fn id(&self, placeholder: &str) -> &str {
        self.matched.id(placeholder).unwrap_or_default()
    }

    /// The user that the path names: `{user}`, or the person behind `/me`.
    pub fn user(&self) -> &str {
        self.matched
            .id("user")
            .or_else(|| self.caller.user())
            .unwrap_or_default()
    }

    /// The person who calls, on calls that take delegated tokens only.
    pub fn person(&self) -> Result<&str, GraphError> {
        self.caller.user().ok_or_else(not_for_apps)
    }
}

/// A successful answer.
#[derive(Debug)]
pub(super) enum Reply {
    Ok(Value),
    Created {
        body: Value,
        location: Option<String>,
    },
    NoContent,
    /// 200 without a body.
    Done,
    /// Anything but JSON: its content type and bytes.
    Bytes(&'static str, Vec<u8>),
}

/// One request, as it comes alone or inside a batch.
pub(super) struct Request<'a> {
    pub method: &'a str,
    /// The raw path after `/v1.0`.
    pub path: &'a str,
    pub query: &'a str,
    pub headers: &'a HeaderMap,
    pub body: &'a [u8],
}

async fn serve(
    State(tenant): State<Arc<Tenant>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let request = Request {
        method: method.as_str(),
        path: after_version(uri.path()),
        query: uri.query().unwrap_or_default(),
        headers: &headers,
        body: &body,
    };
    let reply = match admit(&tenant, &request) {
        Ok(call) if call.matched.endpoint.operation == Operation::Batch => {
            batch::run(&tenant, &call.body, &headers).await
        }
        Ok(call) => perform(&tenant, call).await,
        Err(error) => Err(error),
    };
    dress(&tenant, reply, headers.get("client-request-id"))
}

/// Finds the endpoint, the caller and their permission, and takes the call from its budget.
pub(super) fn admit(tenant: &Tenant, request: &Request<'_>) -> Result<Call, GraphError> {
    let header = |name: &str| {
        request
            .headers
            .get(name)
            .and_then(|value| value.to_str().ok())
    };
    let caller = tenant.caller(header("authorization"))?;
    let matched = endpoints::find(request.method, request.path).map_err(no_endpoint)?;
    permit(&matched, &caller)?;
    tenant.spend(matched.endpoint.budget)?;
    let body = if matched.endpoint.operation == Operation::SetPhoto {
        Value::Null
    } else {
        read_body(request.body)?
    };
    let prefer: Vec<_> = request
        .headers
        .get_all("prefer")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .collect();
    Ok(Call {
        matched,
        caller,
        query: Query::parse(request.query),
        body,
        bytes: request.body.to_vec(),
        known_events: prefer.contains(&"include-unknown-enum-members"),
        page_size: prefer
            .iter()
            .find_map(|preference| preference.strip_prefix("odata.maxpagesize="))
            .and_then(|size| size.parse().ok()),
        eventual: header("consistencylevel").is_some_and(|level| level == "eventual"),
    })
}

/// Does what the call asks.
pub(super) async fn perform(tenant: &Arc<Tenant>, call: Call) -> Result<Reply, GraphError> {
    match call.matched.endpoint.operation {
        Operation::ListUsers => user_calls::list(tenant, &call),
        Operation::UsersDelta => user_calls::delta(tenant, &call),
        Operation::GetUser => user_calls::get(tenant, &call),
        Operation::GetPhoto => user_calls::photo(tenant, &call),
        Operation::GetPhotoValue => user_calls::photo_value(tenant, &call),
        Operation::RevokeSessions => user_calls::revoke_sessions(tenant, &call),
        Operation::Invite => account_calls::invite(tenant, &call),
        Operation::UpdateUser => account_calls::update(tenant, &call),
        Operation::DeleteUser => account_calls::delete(tenant, &call),
        Operation::SetPhoto => account_calls::set_photo(tenant, &call),
        Operation::ListChats => chat_calls::list(tenant, &call),
        Operation::CreateChat => chat_calls::create(tenant, &call),
        Operation::GetChat => chat_calls::get(tenant, &call),
        Operation::UpdateChat => chat_calls::update(tenant, &call),
        Operation::ListMembers => chat_calls::members(tenant, &call),
        Operation::GetMember => chat_calls::member(tenant, &call),
        Operation::AddMember => chat_calls::add_member(tenant, &call),
        Operation::RemoveMember => chat_calls::remove_member(tenant, &call),
        Operation::ListMessages => message_calls::list(tenant, &call),
        Operation::GetMessage => message_calls::get(tenant, &call),
        Operation::SendMessage => message_calls::send(tenant, &call),
        Operation::EditMessage => message_calls::edit(tenant, &call),
        Operation::SoftDelete => message_calls::soft_delete(tenant, &call),
        Operation::UndoSoftDelete => message_calls::undo_soft_delete(tenant, &call),
        Operation::SetReaction => message_calls::react(tenant, &call, true),
        Operation::UnsetReaction => message_calls::react(tenant, &call, false),
        Operation::ReplyWithQuote => message_calls::reply_with_quote(tenant, &call),
        Operation::GetAllMessages => message_calls::all_of_user(tenant, &call),
        Operation::CreateSubscription => subscriptions::calls::create(tenant, &call).await,
        Operation::ListSubscriptions => subscriptions::calls::list(tenant, &call),
        Operation::GetSubscription => subscriptions::calls::get(tenant, &call),
        Operation::RenewSubscription => subscriptions::calls::renew(tenant, &call),
        Operation::DeleteSubscription => subscriptions::calls::delete(tenant, &call),
        Operation::Reauthorize => subscriptions::calls::reauthorize(tenant, &call),
        Operation::GetAuthorizationPolicy => policy_calls::authorization(tenant, &call),
        Operation::ListPermissionGrants => policy_calls::grants(tenant, &call),
        Operation::Batch => Err(GraphError::bad_request("A batch cannot hold a batch.")),
    }
}

/// The text for calls that an app-only token can never make.
pub(super) fn not_for_apps() -> GraphError {
    GraphError::precondition_failed("Requested API is not supported in application-only context")
}

/// `Missing scope permissions on the request…`, in the words of the Teams part of Graph.
pub(super) fn missing_permission(caller: &Caller, any_of: &[&str]) -> GraphError {
    let kind = match caller {
        Caller::Person { .. } => "scope",
        Caller::App { .. } => "role",
    };
    let title = match caller {
        Caller::Person { .. } => "Scopes",
        Caller::App { .. } => "Roles",
    };
    GraphError::forbidden(format!(
        "Missing {kind} permissions on the request. API requires one of '{}'. {title} on the \
         request '{}'.",
        any_of.join(", "),
        caller.permissions().join(", ")
    ))
}

fn permit(matched: &Matched, caller: &Caller) -> Result<(), GraphError> {
    let endpoint = matched.endpoint;
    let needs = match caller {
        Caller::Person { .. } => endpoint.delegated,
        Caller::App { .. } => endpoint.application,
    };
    match needs {
        Needs::Nothing => Ok(()),
        Needs::OneOf(any_of) if caller.may(any_of) => Ok(()),
        Needs::OneOf(any_of) => Err(refuse(endpoint.operation, endpoint.budget, caller, any_of)),
        Needs::Unsupported => Err(match caller {
            Caller::Person { .. } => GraphError::precondition_failed(
                "Requested API is not supported in delegated context",
            ),
            Caller::App { .. } if endpoint.template.starts_with("/me") => GraphError::bad_request(
                "/me request is only valid with delegated authentication flow.",
            ),
            Caller::App { .. } => not_for_apps(),
        }),
    }
}

fn refuse(operation: Operation, budget: Budget, caller: &Caller, any_of: &[&str]) -> GraphError {
    if operation == Operation::SendMessage && caller.user().is_none() {
        return GraphError::forbidden(
            "Message POST is allowed in application-only context only for import purposes. Refer \
             to https://docs.microsoft.com/microsoftteams/platform/graph-api/import-messages/\
             import-external-messages-to-teams for more details.",
        );
    }
    match budget {
        Budget::Directory | Budget::Invitations => GraphError::new(
            403,
            "Authorization_RequestDenied",
            "Insufficient privileges to complete the operation.",
        ),
        Budget::SendMessage
        | Budget::ReadMessages
        | Budget::ReadMembers
        | Budget::ExportMessages
        | Budget::OtherRead
        | Budget::Other => missing_permission(caller, any_of),
    }
}

fn no_endpoint(why: NoEndpoint) -> GraphError {
    match why {
        NoEndpoint::UnknownPath(segment) => {
            GraphError::bad_request(format!("Resource not found for the segment '{segment}'."))
        }
        NoEndpoint::WrongMethod => GraphError::new(
            405,
            "Request_BadRequest",
            "Specified HTTP method is not allowed for the request target.",
        ),
    }
}

fn read_body(body: &[u8]) -> Result<Value, GraphError> {
    if body.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_slice(body).map_err(|_| {
        GraphError::bad_request(
            "Unable to read JSON request payload. Please ensure Content-Type header is set and \
             payload is of valid JSON format.",
        )
    })
}

fn after_version(path: &str) -> &str {
    path.strip_prefix("/v1.0").unwrap_or(path)
}

/// Makes the HTTP answer: ids of the request, the sandbox's time, and the body.
fn dress(
    tenant: &Tenant,
    reply: Result<Reply, GraphError>,
    client_request_id: Option<&HeaderValue>,
) -> Response {
    let request_id = tenant.mint.guid(&tenant.mint.fresh("request"));
    let request_header = HeaderValue::from_str(&request_id).unwrap_or(HeaderValue::from_static(""));
    let client_id = client_request_id
        .cloned()
        .unwrap_or_else(|| request_header.clone());
    let mut response = match reply {
        Ok(reply) => plain(reply),
        Err(error) => failure(
            tenant,
            &error,
            &request_id,
            client_id.to_str().unwrap_or_default(),
        ),
    };
    let headers = response.headers_mut();
    headers.insert("request-id", request_header);
    headers.insert("client-request-id", client_id);
    headers.insert(header::DATE, tenant.date_header());
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("no-store, no-cache"),
    );
    response
}

fn plain(reply: Reply) -> Response {
    match reply {
        Reply::Ok(body) => json_response(StatusCode::OK, &body),
        Reply::Created { body, location } => {
            let mut response = match body {
                Value::Null => empty(StatusCode::CREATED),
                body => json_response(StatusCode::CREATED, &body),
            };
            if let Some(location) = location.and_then(|text| HeaderValue::from_str(&text).ok()) {
                response.headers_mut().insert(header::LOCATION, location);
            }
            response
        }
        Reply::NoContent => empty(StatusCode::NO_CONTENT),
        Reply::Done => empty(StatusCode::OK),
        Reply::Bytes(kind, bytes) => {
            let mut response = Response::new(Body::from(bytes));
            response
                .headers_mut()
                .insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
            response
        }
    }
}

fn failure(tenant: &Tenant, error: &GraphError, request_id: &str, client_id: &str) -> Response {
    let stamp = tenant.timestamp().strftime("%Y-%m-%dT%H:%M:%S").to_string();
    let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = json_response(status, &error.body(&stamp, request_id, client_id));
    let headers = response.headers_mut();
    if let Some(seconds) = error.retry_after_s {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if status == StatusCode::UNAUTHORIZED {
        let challenge = format!(
            "Bearer realm=\"\", authorization_uri=\"{}/common/oauth2/authorize\", \
             client_id=\"00000003-0000-0000-c000-000000000000\"",
            tenant.urls.entra
        );
        if let Ok(challenge) = HeaderValue::from_str(&challenge) {
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
    }
    response
}

fn json_response(status: StatusCode, body: &Value) -> Response {
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(JSON));
    response
        .headers_mut()
        .insert("odata-version", HeaderValue::from_static("4.0"));
    response
}

fn empty(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

/// A collection with its context, and a link to what comes next, where something does.
pub(super) fn collection(
    tenant: &Tenant,
    context: &str,
    values: Vec<Value>,
    next: Option<String>,
) -> Value {
    let mut body = json!({"@odata.context": format!("{}/$metadata#{context}", tenant.urls.graph)});
    if let Some(next) = next {
        body["@odata.nextLink"] = json!(next);
    }
    body["value"] = Value::Array(values);
    body
}

/// One entity with its context.
pub(super) fn entity(tenant: &Tenant, context: &str, value: Value) -> Value {
    let mut body = json!({"@odata.context": format!("{}/$metadata#{context}", tenant.urls.graph)});
    if let (Some(body), Value::Object(value)) = (body.as_object_mut(), value) {
        body.extend(value);
    }
    body
}

struct Dialect(Arc<Tenant>);

impl wire::Dialect for Dialect {
    fn platform(&self) -> &'static str {
        "teams"
    }

    /// The reference page's words, with each key as `{id}`: `PATCH /chats/{id}/messages/{id}`.
    fn method(&self, method: &Method, path: &str) -> String {
        let path = after_version(path);
        match endpoints::find(method.as_str(), path) {
            Ok(matched) => matched.endpoint.name(),
            Err(_) => format!("{method} {path}"),
        }
    }

    fn throttled(&self, retry_after_s: u64) -> Response {
        dress(&self.0, Err(GraphError::throttled(retry_after_s)), None)
    }

    fn failed(&self) -> Response {
        let error = GraphError::new(
            503,
            "serviceNotAvailable",
            "The service is temporarily unavailable. Repeat the request after a while.",
        );
        dress(&self.0, Err(error), None)
    }

    fn revoke(&self, token: &str) {
        self.0.revoke_token(token);
    }

    fn expire(&self, token: &str) {
        self.0.expire_token(token);
    }
}

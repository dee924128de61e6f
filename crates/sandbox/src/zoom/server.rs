//! The front door: who calls, what they may, and the answer's dress.

use std::sync::Arc;

use axum::{
    Router,
    body::Bytes,
    extract::{Path, Query as Parameters, State as Here, WebSocketUpgrade},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
    routing::{any, get},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    account::ZoomAccount,
    channel_calls, contact_calls,
    endpoints::{self, Matched, Operation},
    error::ZoomError,
    fields::{Fields, Query},
    ids::UserId,
    limits::Left,
    member_calls, message_calls,
    moment::iso,
    oauth::{
        self,
        tokens::{Access, Ended},
    },
    report_calls, robot_calls,
    state::State,
    thread_calls, user_calls,
};
use crate::{
    clock::Millis,
    graph::photo,
    wire::{self, Dialect},
};

/// The API under `/v2`, `/oauth`, the socket at `/ws` and people's pictures, behind the wire.
pub fn router(here: Arc<ZoomAccount>) -> Router {
    let shared = here.shared.clone();
    let dialect = Arc::new(ZoomDialect(here.clone()));
    let routes = Router::new()
        .route("/v2/{*path}", any(serve))
        .route("/ws", get(socket))
        .route("/p/v2/{user}", get(picture))
        .with_state(here.clone())
        .merge(oauth::router(here));
    wire::wire(routes, dialect, shared)
}

/// One call that found its endpoint and passed its checks.
pub(super) struct Call {
    pub matched: Matched,
    pub access: Access,
    pub query: Query,
    pub body: Value,
    /// `true` where what is asked for changes something.
    writes: bool,
}

/// A successful answer.
#[derive(Debug)]
pub(super) enum Reply {
    Ok(Value),
    Created(Value),
    NoContent,
}

pub(super) type Answer = Result<Reply, ZoomError>;

impl Call {
    pub fn id(&self, placeholder: &str) -> &str {
        self.matched.id(placeholder)
    }

    pub fn fields(&self) -> Fields<'_> {
        Fields(&self.body)
    }

    /// The user as whom the call acts: the one in its path, or whoever authorised it.
    ///
    /// A person's own token is for `me` and nobody else, not even by their own id: that needs the
    /// `:admin` form of the scope. The account's own app has no "me".
    pub fn actor(&self, here: &ZoomAccount, state: &State) -> Result<UserId, ZoomError> {
        let named = match self.id("userId") {
            "" => "me",
            named => named,
        };
        match (&self.access.user, named) {
            (Some(user), "me") => Ok(user.clone()),
            (Some(_), _) => Err(ZoomError::scopes(&self.admin_scopes())),
            (None, "me") => Err(ZoomError::invalid(
                "The me value is for apps that a user authorised.",
            )),
            (None, named) => {
                self.check_role(here)?;
                let user = state.directory.named(named);
                user.filter(|user| user.is_active())
                    .map(|user| user.id.clone())
                    .ok_or_else(|| ZoomError::no_user(named))
            }
        }
    }

    /// The scopes of its endpoint in the form that a person cannot grant.
    pub fn admin_scopes(&self) -> Vec<String> {
        let scopes = self.matched.endpoint.scopes().into_iter();
        scopes.filter(|scope| scope.ends_with(":admin")).collect()
    }

    /// The role behind the account's app must reach into other people's chats.
    pub fn check_role(&self, here: &ZoomAccount) -> Result<(), ZoomError> {
        let switches = here.switches();
        let permitted = if self.writes {
            switches.role_chat_edit
        } else {
            switches.role_chat_view
        };
        if permitted || !self.matched.endpoint.is_chat() {
            return Ok(());
        }
        Err(ZoomError::no_permission())
    }
}

async fn serve(
    Here(here): Here<Arc<ZoomAccount>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut left = None;
    let answer = admit(&here, &method, &uri, &headers, &body, &mut left)
        .and_then(|call| perform(&here, &call));
    dress(&here, answer, left)
}

/// Finds the endpoint, the caller and their scope, and takes the call from the account's limits.
fn admit(
    here: &ZoomAccount,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    body: &[u8],
    left: &mut Option<Left>,
) -> Result<Call, ZoomError> {
    let access = caller(here, headers)?;
    let path = after_version(uri.path());
    let matched = endpoints::find(method.as_str(), path)
        .ok_or_else(|| ZoomError::new(404, 2300, "This API endpoint is not recognized."))?;
    let wanted = matched.endpoint.scopes();
    if !wanted.iter().any(|scope| access.scopes.contains(scope)) {
        return Err(ZoomError::scopes(&wanted));
    }
    let (remaining, taken) = here.spend(matched.endpoint.label);
    *left = Some(remaining);
    taken?;
    Ok(Call {
        matched,
        access,
        query: Query::parse(uri.query().unwrap_or_default()),
        body: read_body(body)?,
        writes: *method != Method::GET,
    })
}

fn caller(here: &ZoomAccount, headers: &HeaderMap) -> Result<Access, ZoomError> {
    let header = headers.get(header::AUTHORIZATION);
    let token = header
        .and_then(|value| value.to_str().ok()?.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim())
        .ok_or_else(|| ZoomError::new(401, 124, "Invalid access token."))?;
    here.access(token).map_err(|ended| match ended {
        Ended::Expired => ZoomError::new(401, 124, "Access token is expired."),
        Ended::Replaced => ZoomError::new(
            401,
            4741,
            "The token has been revoked by a newer authorization.",
        ),
        Ended::Revoked | Ended::Used => ZoomError::new(401, 124, "Invalid access token."),
    })
}

fn read_body(body: &[u8]) -> Result<Value, ZoomError> {
    if body.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_slice(body)
        .ok()
        .filter(Value::is_object)
        .ok_or_else(|| ZoomError::invalid("Request Body should be a valid JSON object."))
}

fn after_version(path: &str) -> &str {
    path.strip_prefix("/v2").unwrap_or(path)
}

fn perform(here: &ZoomAccount, call: &Call) -> Answer {
    match call.matched.endpoint.operation {
        Operation::SendMessage => message_calls::send(here, call),
        Operation::ListMessages => message_calls::list(here, call),
        Operation::GetMessage => message_calls::get(here, call),
        Operation::EditMessage => message_calls::edit(here, call),
        Operation::DeleteMessage => message_calls::delete(here, call),
        Operation::React => thread_calls::react(here, call),
        Operation::MarkMessage => thread_calls::mark(here, call),
        Operation::Thread => thread_calls::thread(here, call),
        Operation::ListSessions => contact_calls::sessions(here, call),
        Operation::ListChannels => channel_calls::list(here, call),
        Operation::CreateChannel => channel_calls::create(here, call),
        Operation::GetChannel => channel_calls::get(here, call),
        Operation::UpdateChannel => channel_calls::update(here, call),
        Operation::DeleteChannel => channel_calls::delete(here, call),
        Operation::ListAccountChannels => channel_calls::list_of_account(here, call),
        Operation::ListMembers => member_calls::list(here, call),
        Operation::InviteMembers => member_calls::invite(here, call),
        Operation::RemoveMember => member_calls::remove(here, call),
        Operation::JoinChannel => member_calls::join(here, call),
        Operation::LeaveChannel => member_calls::leave(here, call),
        Operation::ListContacts => contact_calls::list(here, call),
        Operation::SearchContacts => contact_calls::search(here, call),
        Operation::InviteContact => contact_calls::invite(here, call),
        Operation::ListUsers => user_calls::list(here, call),
        Operation::CreateUser => user_calls::create(here, call),
        Operation::GetUser => user_calls::get(here, call),
        Operation::UpdateUser => user_calls::update(here, call),
        Operation::DeleteUser => user_calls::delete(here, call),
        Operation::SetUserStatus => user_calls::set_status(here, call),
        Operation::GetPresence => user_calls::presence(here, call),
        Operation::SetPresence => user_calls::set_presence(here, call),
        Operation::ReportSessions => report_calls::sessions(here, call),
        Operation::ReportSession => report_calls::session(here, call),
        Operation::SendAsRobot => robot_calls::send(here, call),
        Operation::EditAsRobot => robot_calls::edit(here, call),
        Operation::DeleteAsRobot => robot_calls::delete(here, call),
    }
}

/// Makes the HTTP answer: body, tracking id, and what is left of the limit.
fn dress(here: &ZoomAccount, answer: Answer, left: Option<Left>) -> Response {
    let limited_for_today = matches!(&answer, Err(error) if error.retry_after.is_some());
    let mut response = match answer {
        Ok(Reply::Ok(body)) => json_response(StatusCode::OK, &body),
        Ok(Reply::Created(body)) => json_response(StatusCode::CREATED, &body),
        Ok(Reply::NoContent) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => refused(&error),
    };
    let tracking = here.look(|state, _| state.mint.hex(&state.mint.fresh("tracking")));
    set(
        &mut response,
        "x-zm-trackingid",
        &format!("v=2.0;clid=aw1;rid=WEB_{tracking}"),
    );
    if let Some(left) = left {
        let kind = if limited_for_today {
            "Daily-limit"
        } else {
            "QPS"
        };
        set(&mut response, "x-ratelimit-category", left.label.name());
        set(&mut response, "x-ratelimit-type", kind);
        set(&mut response, "x-ratelimit-limit", &left.limit.to_string());
        set(
            &mut response,
            "x-ratelimit-remaining",
            &left.remaining.to_string(),
        );
    }
    response
}

fn refused(error: &ZoomError) -> Response {
    let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = json_response(status, &error.body());
    if let Some(until) = &error.retry_after {
        set(&mut response, "retry-after", until);
    }
    response
}

fn set(response: &mut Response, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response
            .headers_mut()
            .insert(HeaderName::from_static(name), value);
    }
}

fn json_response(status: StatusCode, body: &Value) -> Response {
    let kind = [(header::CONTENT_TYPE, "application/json;charset=UTF-8")];
    (status, kind, body.to_string()).into_response()
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Ticket {
    #[serde(default)]
    subscription_id: String,
    #[serde(default, rename = "access_token")]
    token: String,
}

async fn socket(
    Here(here): Here<Arc<ZoomAccount>>,
    Parameters(ticket): Parameters<Ticket>,
    upgrade: WebSocketUpgrade,
) -> Response {
    upgrade
        .on_upgrade(move |socket| here.serve_socket(socket, ticket.subscription_id, ticket.token))
}

async fn picture(Here(here): Here<Arc<ZoomAccount>>, Path(user): Path<String>) -> Response {
    let known = here.look(|state, _| state.directory.get(&UserId::from(user.as_str())).is_some());
    if !known {
        return StatusCode::NOT_FOUND.into_response();
    }
    ([(header::CONTENT_TYPE, "image/png")], photo::png(&user)).into_response()
}

/// How Zoom says what the wire does to a call.
struct ZoomDialect(Arc<ZoomAccount>);

impl Dialect for ZoomDialect {
    fn platform(&self) -> &'static str {
        "zoom"
    }

    /// `POST /chat/users/{userId}/messages`, in the words of its reference page; other paths as
    /// they are.
    fn method(&self, method: &Method, path: &str) -> String {
        let found = endpoints::find(method.as_str(), after_version(path));
        let path = found.map_or(path, |found| found.endpoint.template);
        format!("{method} {path}")
    }

    /// A second's limit, or where the wait is longer, the day's: only that one says until when.
    fn throttled(&self, retry_after_s: u64) -> Response {
        let here = &self.0;
        if retry_after_s <= 1 {
            return dress(here, Err(ZoomError::throttled_for_a_second()), None);
        }
        let real = Millis::try_from(retry_after_s).unwrap_or(Millis::MAX / 1000) * 1000;
        let span = real.saturating_mul(here.shared.clock.speed().into());
        dress(
            here,
            Err(ZoomError::throttled_for_today(iso(here.now() + span + 999))),
            None,
        )
    }

    fn failed(&self) -> Response {
        let body = json!({ "code": 500, "message": "Internal server error." });
        json_response(StatusCode::INTERNAL_SERVER_ERROR, &body)
    }

    fn revoke(&self, token: &str) {
        self.0.revoke(token);
    }

    fn expire(&self, token: &str) {
        self.0.expire(token);
    }
}

//! The page behind a consent link, on the hub's public address: what is asked for, the way to the
//! platform's own sign-in, and what came of it.

pub(crate) mod answer;
pub mod loopback;
pub(crate) mod page;

use std::sync::Arc;

use async_trait::async_trait;
use axum::{
    Router,
    extract::{Path, RawQuery, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::map_response,
    response::{Html, IntoResponse, Response},
    routing::{get, post},
};
use url::Url;

/// Longer than any id that a desk gives out.
const LONGEST_ID: usize = 128;

/// Who decides and keeps what the page only shows.
#[async_trait]
pub trait ConsentDesk: Send + Sync {
    /// What an invitation asks for; none for one that does not exist or is settled.
    async fn invitation(&self, id: &str) -> Option<Invitation>;

    /// Somebody goes on from the page: where to. Each call begins a sign-in of its own.
    async fn begin(&self, id: &str) -> Result<Url, Ending>;

    /// The browser has come back with the `state` of a begun sign-in.
    async fn finish(&self, state: &str, answer: CallbackAnswer) -> Ending;
}

/// What the page tells whoever opens the link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// The platform they are to sign in to, by its name.
    pub platform: String,
    /// The name of the workspace or tenant.
    pub organisation: String,
    /// The name on the account that is meant; never its address.
    pub account: String,
}

/// What the platform's redirect brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallbackAnswer {
    Code(String),
    Error {
        error: String,
        description: Option<String>,
    },
}

/// How a sign-in ended, as its page tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    Granted,
    Declined,
    /// Somebody else signed in; nothing was kept.
    WrongPerson,
    /// The link or the sign-in is not open any more.
    NotOpen,
    /// An administrator of the platform must consent first.
    AdministratorNeeded,
    /// It did not work this time.
    TryAgain,
}

type Desk = Arc<dyn ConsentDesk>;

/// The pages, wherever they are mounted: `GET /{id}` tells what is asked for, `POST /{id}/start`
/// sends the browser on to the platform, which sends it back to `GET /callback`.
pub fn router(desk: Arc<dyn ConsentDesk>) -> Router {
    Router::new()
        .route("/{id}", get(shown))
        .route("/{id}/start", post(started))
        .route("/callback", get(called_back))
        .fallback(nowhere)
        .layer(map_response(guarded))
        .with_state(desk)
}

async fn shown(State(desk): State<Desk>, Path(id): Path<String>) -> Response {
    match asked_for(&desk, &id).await {
        Some(invitation) => Html(page::invitation(&id, &invitation)).into_response(),
        None => nowhere().await,
    }
}

async fn started(State(desk): State<Desk>, Path(id): Path<String>) -> Response {
    if !is_id(&id) {
        return nowhere().await;
    }
    match desk.begin(&id).await {
        Ok(url) => see_other(&url),
        Err(ending) => ended(ending),
    }
}

/// A `HEAD` must not use up what only the browser's `GET` may.
async fn called_back(
    State(desk): State<Desk>,
    method: Method,
    RawQuery(query): RawQuery,
) -> Response {
    if method != Method::GET {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    match answer::read(query.as_deref().unwrap_or_default()) {
        Some(callback) => ended(desk.finish(&callback.state, callback.answer).await),
        None => (StatusCode::BAD_REQUEST, Html(page::ending(Ending::NotOpen))).into_response(),
    }
}

async fn nowhere() -> Response {
    let page = Html(page::ending(Ending::NotOpen));
    (StatusCode::NOT_FOUND, page).into_response()
}

async fn asked_for(desk: &Desk, id: &str) -> Option<Invitation> {
    match is_id(id) {
        true => desk.invitation(id).await,
        false => None,
    }
}

/// What may stand in an address as it is.
fn is_id(id: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    !id.is_empty() && id.len() <= LONGEST_ID && id.bytes().all(plain)
}

fn see_other(url: &Url) -> Response {
    match HeaderValue::from_str(url.as_str()) {
        Ok(location) => (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response(),
        Err(_) => ended(Ending::TryAgain),
    }
}

fn ended(ending: Ending) -> Response {
    let status = match ending {
        Ending::Granted | Ending::Declined => StatusCode::OK,
        Ending::WrongPerson | Ending::AdministratorNeeded => StatusCode::FORBIDDEN,
        Ending::NotOpen => StatusCode::GONE,
        Ending::TryAgain => StatusCode::SERVICE_UNAVAILABLE,
    };
    (status, Html(page::ending(ending))).into_response()
}

/// The callback's address holds a code: no cache keeps it and no other site is told it. Nobody may
/// put a frame around the button.
pub(crate) async fn guarded(mut response: Response) -> Response {
    let headers: &mut HeaderMap = response.headers_mut();
    let policy = HeaderValue::from_str(&page::POLICY);
    headers.extend(policy.map(|policy| (header::CONTENT_SECURITY_POLICY, policy)));
    let fixed: [(HeaderName, &str); 5] = [
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
        (HeaderName::from_static("x-robots-tag"), "noindex"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

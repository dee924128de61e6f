//! Where a browser comes back to when an administrator has installed the hub's app on a platform,
//! and the page that says what came of it.

use std::sync::Arc;

use async_trait::async_trait;
use axum::{
    Router,
    extract::{RawQuery, State},
    http::{Method, StatusCode},
    middleware::map_response,
    response::{Html, IntoResponse, Response},
    routing::get,
};

use crate::consent_page::{CallbackAnswer, answer, guarded, page};

/// Who has begun the installation, and finishes it.
#[async_trait]
pub trait InstallDesk: Send + Sync {
    /// The browser has come back with the `state` of a begun installation.
    async fn finish(&self, state: &str, answer: CallbackAnswer) -> InstallEnding;
}

/// How an installation ended, as its page tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InstallEnding {
    Connected,
    Declined,
    /// It was never begun here, or is over.
    NotOpen,
    /// Somebody else at the organisation has to approve the app first.
    ApprovalNeeded,
    /// It did not work this time; the log says why.
    TryAgain,
}

type Desk = Arc<dyn InstallDesk>;

/// `GET /callback`, wherever it is mounted.
pub fn router(desk: Arc<dyn InstallDesk>) -> Router {
    Router::new()
        .route("/callback", get(called_back))
        .layer(map_response(guarded))
        .with_state(desk)
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
    let ending = match answer::read(query.as_deref().unwrap_or_default()) {
        Some(callback) => desk.finish(&callback.state, callback.answer).await,
        None => InstallEnding::NotOpen,
    };
    (status(ending), Html(words(ending))).into_response()
}

fn status(ending: InstallEnding) -> StatusCode {
    match ending {
        InstallEnding::Connected | InstallEnding::Declined => StatusCode::OK,
        InstallEnding::ApprovalNeeded => StatusCode::FORBIDDEN,
        InstallEnding::NotOpen => StatusCode::GONE,
        InstallEnding::TryAgain => StatusCode::SERVICE_UNAVAILABLE,
    }
}

fn words(ending: InstallEnding) -> String {
    let (title, what, to_do) = match ending {
        InstallEnding::Connected => (
            "The workspace is connected",
            "Causeway is installed there and has what it needs.",
            "You can close this page and go on in Causeway.",
        ),
        InstallEnding::Declined => (
            "You said no",
            "Nothing was installed, and nothing was kept.",
            "You can close this page. To try again, begin once more in Causeway.",
        ),
        InstallEnding::NotOpen => (
            "This installation is not open",
            "It has been finished or has run out, or it was never begun here.",
            "Begin once more in Causeway.",
        ),
        InstallEnding::ApprovalNeeded => (
            "The app has to be approved first",
            "In your organisation, somebody else decides which apps are installed.",
            "Ask them to approve Causeway, then begin once more.",
        ),
        InstallEnding::TryAgain => (
            "That did not work",
            "The workspace could not be connected this time. Nothing was kept.",
            "Begin once more in Causeway; its log says what was refused.",
        ),
    };
    page::page(title, &format!("<p>{what}</p><p>{to_do}</p>"))
}

//! Webhooks, for a hub that Zoom can reach and that has no socket.
//!
//! Answers are given within the three seconds that Zoom waits: 200 once what happened is kept, 503
//! when it could not be (Zoom sends it again, three times within two hours), 401 for what is not
//! signed by Zoom or not of now.
//!
//! Source: <https://developers.zoom.us/docs/api/webhooks/>.

use std::{sync::Arc, time::Duration};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::post,
};
use serde_json::json;
use tokio::time::timeout;

use super::{source::Source, wire::Event};
use crate::signed::{SignedIn, SigningKey};

const SIGNED_IN: SignedIn = SignedIn {
    signature: "x-zm-signature",
    made_at: "x-zm-request-timestamp",
};
const HANDSHAKE: &str = "endpoint.url_validation";
/// Longer than any that Zoom sends.
const LONGEST_TOKEN: usize = 512;
const MAX_BODY_BYTES: usize = 1024 * 1024;
const ANSWER_WITHIN: Duration = Duration::from_millis(2_500);

/// Who decides what a request is.
pub(super) struct Desk {
    source: Arc<Source>,
    key: SigningKey,
}

impl Desk {
    /// None where there is no secret to know Zoom by.
    pub(super) fn new(source: Arc<Source>) -> Option<Self> {
        let secret = source.api.settings().signing_secret.as_ref()?;
        let key = SigningKey::new(secret, SIGNED_IN);
        Some(Self { source, key })
    }

    /// `POST /events`.
    pub(super) fn router(self) -> Router {
        Router::new()
            .route("/events", post(events))
            .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
            .with_state(Arc::new(self))
    }

    /// Nothing in a body is looked at before this.
    fn admit(&self, headers: &HeaderMap, body: &[u8]) -> bool {
        let now = self.source.api.clock().now();
        let genuine = self.key.check(headers, body, now).is_ok();
        if !genuine {
            tracing::warn!("a request that Zoom has not signed just now was refused");
        }
        genuine
    }

    /// Zoom proves that we hold the secret by having its word sealed with it.
    fn handshake(&self, event: &Event) -> Response {
        let token = event.payload["plainToken"].as_str();
        match token.filter(|token| token.len() <= LONGEST_TOKEN) {
            Some(token) => Json(json!({
                "plainToken": token,
                "encryptedToken": self.key.seal(token.as_bytes()),
            }))
            .into_response(),
            None => StatusCode::BAD_REQUEST.into_response(),
        }
    }

    async fn keep(&self, event: &Event) -> StatusCode {
        self.source.told().await;
        let kept = async {
            match self.source.happening(event).await? {
                Some(incoming) => self.source.take(vec![incoming], None).await,
                None => Ok(()),
            }
        };
        match timeout(ANSWER_WITHIN, kept).await {
            Ok(Ok(())) => StatusCode::OK,
            Ok(Err(failure)) => {
                tracing::warn!(failure.code = %failure.code, "an event is left to be sent again");
                StatusCode::SERVICE_UNAVAILABLE
            }
            Err(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

async fn events(State(desk): State<Arc<Desk>>, headers: HeaderMap, body: Bytes) -> Response {
    if !desk.admit(&headers, &body) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let Ok(event) = serde_json::from_slice::<Event>(&body) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    match event.event == HANDSHAKE {
        true => desk.handshake(&event),
        false => desk.keep(&event).await.into_response(),
    }
}

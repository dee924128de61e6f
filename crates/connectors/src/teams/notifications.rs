//! Change notifications: the handshake, who may speak, and what they say.
//!
//! Answers are given as Graph wants them within seconds: 202 once everything is kept, 503 when it
//! could not be (Graph sends again), 401 for what is not from Graph, 400 for what cannot be opened.
//!
//! Source: <https://learn.microsoft.com/graph/change-notifications-delivery-webhooks>.

use std::{collections::HashMap, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Bytes,
    extract::{Query, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::post,
};
use causeway_model::{ExternalAccount, ExternalConversation, Failure, FailureKind, Incoming};
use serde::Deserialize;

use super::{
    envelope::EncryptedContent,
    health::Part,
    messages::{Around, Found},
    source::Source,
    subscriptions::{Address, Lifecycle, Subscriber, Subscriptions},
    validation::SigningKeys,
};

/// How long a notification may wait for what happened before it to be read: Graph wants its answer
/// within three seconds, and sends again what was not accepted.
const CATCH_UP: Duration = Duration::from_millis(2_000);
/// Longer than any that Graph sends.
const LONGEST_TOKEN: usize = 4_096;

pub(super) struct Desk {
    pub source: Arc<Source>,
    pub subscriptions: Arc<Subscriptions>,
    pub address: Arc<Address>,
    pub keys: SigningKeys,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelopes<T> {
    value: Vec<T>,
    #[serde(default)]
    validation_tokens: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Notification {
    subscription_id: String,
    #[serde(default)]
    client_state: Option<String>,
    #[serde(default)]
    resource: String,
    encrypted_content: Option<EncryptedContent>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Notice {
    subscription_id: String,
    #[serde(default)]
    client_state: Option<String>,
    lifecycle_event: Lifecycle,
}

/// Why a delivery is not accepted.
enum Refused {
    Forged,
    Broken,
    NotNow,
}

/// `POST /notifications` and `POST /lifecycle`.
pub(super) fn router(desk: Arc<Desk>) -> Router {
    Router::new()
        .route("/notifications", post(notified))
        .route("/lifecycle", post(noticed))
        .with_state(desk)
}

async fn notified(
    State(desk): State<Arc<Desk>>,
    Query(query): Query<HashMap<String, String>>,
    body: Bytes,
) -> Response {
    if let Some(answer) = handshake(&query) {
        return answer;
    }
    status(desk.accept(&body).await).into_response()
}

async fn noticed(
    State(desk): State<Arc<Desk>>,
    Query(query): Query<HashMap<String, String>>,
    body: Bytes,
) -> Response {
    if let Some(answer) = handshake(&query) {
        return answer;
    }
    status(desk.heed(&body)).into_response()
}

/// Graph proves that we want to hear by having its token read back. As plain text it can be no
/// script for anybody's browser.
fn handshake(query: &HashMap<String, String>) -> Option<Response> {
    let token = query.get("validationToken")?;
    if token.len() > LONGEST_TOKEN {
        return Some(StatusCode::BAD_REQUEST.into_response());
    }
    let headers = [
        (header::CONTENT_TYPE, "text/plain"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    Some((StatusCode::OK, headers, token.clone()).into_response())
}

fn status(outcome: Result<(), Refused>) -> StatusCode {
    match outcome {
        Ok(()) => StatusCode::ACCEPTED,
        Err(Refused::Forged) => StatusCode::UNAUTHORIZED,
        Err(Refused::Broken) => StatusCode::BAD_REQUEST,
        Err(Refused::NotNow) => StatusCode::SERVICE_UNAVAILABLE,
    }
}

impl Desk {
    async fn accept(&self, body: &[u8]) -> Result<(), Refused> {
        let delivery: Envelopes<Notification> =
            serde_json::from_slice(body).map_err(|_| Refused::Broken)?;
        let known = self.known(delivery.value).await?;
        let encrypted = known.iter().any(|(_, one)| one.encrypted_content.is_some());
        if encrypted {
            self.check_tokens(&delivery.validation_tokens.unwrap_or_default())
                .await?;
        }
        self.let_earlier_pass(&known).await?;
        let (events, broken) = self.open_all(&known).await?;
        if !events.is_empty() {
            self.source
                .take(events, None)
                .await
                .map_err(|_| Refused::NotNow)?;
        }
        match broken {
            true => Err(Refused::Broken),
            false => Ok(()),
        }
    }

    /// Those of our subscriptions. One delivery may hold several, and an old one of a subscription
    /// that is gone must not cost the others; only where nothing is ours is it refused.
    async fn known(
        &self,
        notifications: Vec<Notification>,
    ) -> Result<Vec<(Subscriber, Notification)>, Refused> {
        let known: Vec<(Subscriber, Notification)> = notifications
            .into_iter()
            .filter_map(|one| {
                let state = one.client_state.as_deref().unwrap_or_default();
                let subscriber = self.subscriptions.subscriber(&one.subscription_id, state)?;
                Some((subscriber, one))
            })
            .collect();
        if known.is_empty() {
            self.distrust("unknown_sender").await;
            return Err(Refused::Forged);
        }
        Ok(known)
    }

    /// What happened just before a subscription was made is read by a poll. Until that is kept, a
    /// notification would overtake it.
    async fn let_earlier_pass(&self, known: &[(Subscriber, Notification)]) -> Result<(), Refused> {
        let read = async {
            for (subscriber, _) in known {
                let account = &subscriber.account;
                self.subscriptions.catching_up(account).cancelled().await;
            }
        };
        tokio::time::timeout(CATCH_UP, read)
            .await
            .map_err(|_| Refused::NotNow)
    }

    async fn check_tokens(&self, tokens: &[String]) -> Result<(), Refused> {
        match self.keys.vouch_for(tokens).await {
            Ok(true) => Ok(()),
            Ok(false) => {
                self.distrust("bad_validation_token").await;
                Err(Refused::Forged)
            }
            Err(_) => Err(Refused::NotNow),
        }
    }

    /// What the notifications tell, oldest first, and whether one of them could not be opened.
    async fn open_all(
        &self,
        known: &[(Subscriber, Notification)],
    ) -> Result<(Vec<Incoming>, bool), Refused> {
        let mut events = Vec::new();
        let mut broken = false;
        for (subscriber, notification) in known {
            let Some(content) = &notification.encrypted_content else {
                // It says that something happened, not what: that is for a poll to read.
                self.source.poll_soon(&subscriber.account);
                continue;
            };
            let Some(found) = self.open(notification, content) else {
                broken = true;
                self.cannot_open(&subscriber.account).await;
                continue;
            };
            let read = self
                .source
                .happenings(&[found], &subscriber.account, &subscriber.owner)
                .await;
            events.extend(read.map_err(|_| Refused::NotNow)?);
            let board = &self.source.board;
            board.fine(Part::Notifications, &subscriber.account).await;
        }
        events.sort_by_key(|event| event.at);
        Ok((events, broken))
    }

    fn open(&self, notification: &Notification, content: &EncryptedContent) -> Option<Found> {
        let clear = self.address.envelope.open(content).ok()?;
        let json = serde_json::from_slice(&clear).ok()?;
        Found::read(json, chat_in(&notification.resource).as_ref())
    }

    async fn cannot_open(&self, account: &ExternalAccount) {
        let code = "content_not_opened";
        let failure = Failure::new(FailureKind::Rejected, code, "notifications");
        let board = &self.source.board;
        board.trouble(Part::Notifications, account, failure).await;
        self.source.poll_soon(account);
    }

    /// Someone who is not Graph knocks, or Graph for a hub of the past. It is shown until the next
    /// poll: nothing is lost by it.
    async fn distrust(&self, code: &str) {
        tracing::warn!(refused.code = code, "notifications were refused");
        if let Ok(own) = self.source.graph.own().await {
            let failure = Failure::new(FailureKind::Forbidden, code, "notifications");
            let board = &self.source.board;
            board
                .trouble(Part::Notifications, &own.account, failure)
                .await;
        }
    }

    fn heed(&self, body: &[u8]) -> Result<(), Refused> {
        let delivery: Envelopes<Notice> =
            serde_json::from_slice(body).map_err(|_| Refused::Broken)?;
        let mut heeded = false;
        for notice in delivery.value {
            let state = notice.client_state.as_deref().unwrap_or_default();
            let id = &notice.subscription_id;
            if let Some(subscriber) = self.subscriptions.subscriber(id, state) {
                heeded = true;
                self.subscriptions
                    .tell(&subscriber.account, notice.lifecycle_event);
            }
        }
        match heeded {
            true => Ok(()),
            false => Err(Refused::Forged),
        }
    }
}

/// All that is read of bytes before anybody is believed, for the fuzzers.
pub(super) fn read_all(body: &[u8]) -> usize {
    let notices = serde_json::from_slice::<Envelopes<Notice>>(body);
    let mut came = notices.map_or(0, |notices| notices.value.len());
    if let Ok(delivery) = serde_json::from_slice::<Envelopes<Notification>>(body) {
        let chats = delivery.value.iter();
        came += chats
            .filter_map(|one| chat_in(&one.resource))
            .map(|chat| chat.as_str().len())
            .sum::<usize>();
    }
    let json = serde_json::from_slice(body).unwrap_or_default();
    let chat = ExternalConversation::new("19:x");
    let found = Found::read(json, Some(&chat));
    let own = ExternalAccount::new("own");
    let around = Around {
        own: &own,
        heard_by: None,
        kind: None,
    };
    came + found.map_or(0, |found| format!("{:?}", found.happenings(around)).len())
}

/// The chat's id out of `chats('19:…')/messages('…')`.
fn chat_in(resource: &str) -> Option<ExternalConversation> {
    let (_, rest) = resource.split_once("chats('")?;
    let (id, _) = rest.split_once("')")?;
    Some(ExternalConversation::new(id))
}

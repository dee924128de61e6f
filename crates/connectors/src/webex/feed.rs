//! The organisation's events, which tell a compliance officer what everybody in it does.
//!
//! Source: <https://developer.webex.com/docs/api/v1/events>, `docs/api/guides/compliance`.

use causeway_model::{Failure, Timestamp};
use serde_json::Value;

use super::{
    api::Api,
    wire::{Event, moment, written},
};
use crate::TokenOwner;

/// How far back events are kept for everybody.
pub(super) const KEPT_MS: i64 = 89 * 24 * 3_600 * 1_000;
const PAGE: &str = "1000";

/// What events tell of here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Resource {
    Messages,
    Memberships,
}

impl Resource {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Messages => "messages",
            Self::Memberships => "memberships",
        }
    }
}

/// A stretch of the platform's time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub from: Timestamp,
    /// Now where absent.
    pub to: Option<Timestamp>,
}

/// Everything of a kind that happened in the span, oldest first.
pub(super) async fn events(
    api: &Api,
    resource: Resource,
    span: Span,
) -> Result<Vec<Event>, Failure> {
    let (from, to) = (written(span.from), span.to.map(written));
    let mut query = vec![
        ("resource", resource.word()),
        ("from", from.as_str()),
        ("max", PAGE),
    ];
    query.extend(to.as_deref().map(|to| ("to", to)));
    let url = api.url(&["events"], &query);
    let all = |_: &[Value]| false;
    let owner = TokenOwner::AppLevel;
    let listed = api.pages(&owner, url, "events.list", all).await?;
    Ok(oldest_first(listed.into_iter().filter_map(read).collect()))
}

/// Several may be of the same moment, and which end a list begins with is written nowhere.
fn oldest_first(mut events: Vec<Event>) -> Vec<Event> {
    let at = |event: Option<&Event>| event.and_then(|event| moment(&event.created));
    if at(events.first()) > at(events.last()) {
        events.reverse();
    }
    events
}

/// One that cannot be read must not keep the others from being heard: it is left out, and its
/// absence noted.
fn read(event: Value) -> Option<Event> {
    let read = serde_json::from_value(event);
    if read.is_err() {
        tracing::warn!("an event of unknown shape was left out");
    }
    read.ok()
}

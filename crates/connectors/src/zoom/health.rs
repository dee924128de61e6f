//! How the connection's sources fare, put into one state and a sentence.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use causeway_model::{ExternalAccount, ExternalConversation, Failure, FailureKind, HealthState};
use tokio::sync::Mutex;

use crate::EventSink;

/// Gathers what goes wrong and tells the sink whenever the whole has changed.
pub(super) struct Board {
    sink: Arc<dyn EventSink>,
    state: Mutex<State>,
}

/// What a round of reading came to.
#[derive(Default)]
pub(super) struct Round {
    /// Accounts that could not be read.
    pub unread: BTreeMap<ExternalAccount, Failure>,
    /// Conversations of those that could, and a failure's code.
    pub closed: BTreeMap<ExternalConversation, String>,
    /// Which of the account's calls there are no more today.
    pub used_up: Option<String>,
    /// Whether any account could be read.
    pub any: bool,
}

#[derive(Default)]
struct State {
    /// What keeps the account's own app from everything.
    shut_out: Option<Failure>,
    /// Of the socket or the webhooks.
    live: Option<String>,
    unread: BTreeMap<ExternalAccount, Failure>,
    /// Conversations that whoever is in them could not read, each with a failure's code.
    closed: BTreeMap<ExternalConversation, String>,
    /// Which of the account's calls there are no more today.
    used_up: Option<String>,
    heard: bool,
    told: Option<(HealthState, Option<String>)>,
}

impl Board {
    pub(super) fn new(sink: Arc<dyn EventSink>) -> Self {
        Self {
            sink,
            state: Mutex::default(),
        }
    }

    /// The app was refused, or was let in again.
    pub(super) async fn shut_out(&self, failure: Option<Failure>) {
        self.change(|state| state.shut_out = failure).await;
    }

    /// What is wrong with hearing things as they happen; nothing where they come.
    pub(super) async fn live(&self, trouble: Option<&str>) {
        self.change(|state| {
            state.heard |= trouble.is_none();
            state.live = trouble.map(str::to_owned);
        })
        .await;
    }

    /// Which of the account's calls there are no more today.
    pub(super) async fn used_up(&self, used_up: Option<String>) {
        self.change(|state| state.used_up = used_up).await;
    }

    /// How a round of reading went.
    pub(super) async fn read(&self, round: Round) {
        self.change(|state| {
            state.heard |= round.any;
            if round.any {
                state.shut_out = None;
            }
            state.unread = round.unread;
            state.closed = round.closed;
            state.used_up = round.used_up;
        })
        .await;
    }

    async fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.state.lock().await;
        change(&mut state);
        let now = state.summary();
        if state.told.as_ref() != Some(&now) {
            self.sink.health(now.0, now.1.clone()).await;
            state.told = Some(now);
        }
    }
}

impl State {
    fn summary(&self) -> (HealthState, Option<String>) {
        if let Some(failure) = &self.shut_out {
            let (state, what) = match needs_person(failure) {
                true => (HealthState::NeedsAuthorisation, "Zoom refuses the app"),
                false => (HealthState::Degraded, "Zoom cannot be reached"),
            };
            let what = format!("{what} ({})", failure.code);
            return (state, Some(joined([Some(what), self.used_up.clone()])));
        }
        let troubles = [
            self.live.clone(),
            self.unread_ones(),
            self.closed_ones(),
            self.used_up.clone(),
        ];
        let trouble = joined(troubles);
        let state = match (trouble.is_empty(), self.heard) {
            (false, _) => HealthState::Degraded,
            (true, true) => HealthState::Connected,
            (true, false) => HealthState::Connecting,
        };
        (state, (!trouble.is_empty()).then_some(trouble))
    }

    fn unread_ones(&self) -> Option<String> {
        let codes = self.unread.values().map(|failure| failure.code.as_str());
        unread("account", codes)
    }

    fn closed_ones(&self) -> Option<String> {
        unread("conversation", self.closed.values().map(String::as_str))
    }
}

fn joined<const N: usize>(troubles: [Option<String>; N]) -> String {
    let troubles: Vec<String> = troubles.into_iter().flatten().collect();
    troubles.join("; ")
}

/// How many of them cannot be read, and for which reasons.
fn unread<'a>(what: &str, codes: impl ExactSizeIterator<Item = &'a str>) -> Option<String> {
    let many = match codes.len() {
        0 => return None,
        1 => format!("1 {what}"),
        count => format!("{count} {what}s"),
    };
    let codes: BTreeSet<&str> = codes.collect();
    let codes: Vec<&str> = codes.into_iter().take(3).collect();
    Some(format!("{many} cannot be read ({})", codes.join(", ")))
}

/// Whether only a person's doing helps.
pub(super) fn needs_person(failure: &Failure) -> bool {
    match failure.kind {
        FailureKind::NotAuthorised | FailureKind::Forbidden | FailureKind::Gone => true,
        FailureKind::Throttled { .. }
        | FailureKind::NotSent
        | FailureKind::NotSupported
        | FailureKind::Rejected
        | FailureKind::Unknown => false,
    }
}

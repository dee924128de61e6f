//! How the connection's sources fare, put into one state and a sentence.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use causeway_model::{ExternalAccount, Failure, FailureKind, HealthState};
use tokio::sync::Mutex;

use crate::EventSink;

/// Gathers what goes wrong and tells the sink whenever the whole has changed.
pub(super) struct Board {
    sink: Arc<dyn EventSink>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// What keeps the account's own app from everything.
    shut_out: Option<Failure>,
    /// Of the socket or the webhooks.
    live: Option<String>,
    unread: BTreeMap<ExternalAccount, Failure>,
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

    /// How a round of reading went, for each of the accounts that there are.
    pub(super) async fn read(&self, unread: BTreeMap<ExternalAccount, Failure>, any: bool) {
        self.change(|state| {
            state.heard |= any;
            if any {
                state.shut_out = None;
            }
            state.unread = unread;
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
            return (state, Some(format!("{what} ({})", failure.code)));
        }
        let troubles = [self.live.clone(), self.unread_ones()];
        let troubles: Vec<String> = troubles.into_iter().flatten().collect();
        let state = match (troubles.is_empty(), self.heard) {
            (false, _) => HealthState::Degraded,
            (true, true) => HealthState::Connected,
            (true, false) => HealthState::Connecting,
        };
        (state, (!troubles.is_empty()).then(|| troubles.join("; ")))
    }

    fn unread_ones(&self) -> Option<String> {
        let codes = self.unread.values().map(|failure| failure.code.as_str());
        let codes: BTreeSet<&str> = codes.collect();
        let codes: Vec<&str> = codes.into_iter().take(3).collect();
        let accounts = match self.unread.len() {
            0 => return None,
            1 => "1 account".to_owned(),
            count => format!("{count} accounts"),
        };
        Some(format!("{accounts} cannot be read ({})", codes.join(", ")))
    }
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

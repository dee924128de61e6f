//! How the source fares, told whenever it has changed.

use std::sync::Arc;

use causeway_model::{Failure, FailureKind, HealthState};
use tokio::sync::Mutex;

use crate::EventSink;

type Told = (HealthState, Option<String>);

pub(super) struct Board {
    sink: Arc<dyn EventSink>,
    told: Mutex<State>,
}

#[derive(Default)]
struct State {
    poll: Option<Failure>,
    /// How many accounts' webhooks could not be set, and why the last was not.
    unhooked: Option<(usize, String)>,
    heard: bool,
    told: Option<Told>,
}

impl Board {
    pub(super) fn new(sink: Arc<dyn EventSink>) -> Self {
        Self {
            sink,
            told: Mutex::default(),
        }
    }

    /// The organisation's events were read.
    pub(super) async fn heard(&self) {
        self.change(|state| {
            state.poll = None;
            state.heard = true;
        })
        .await;
    }

    pub(super) async fn unheard(&self, failure: Failure) {
        self.change(|state| state.poll = Some(failure)).await;
    }

    pub(super) async fn unhooked(&self, unhooked: Option<(usize, String)>) {
        self.change(|state| state.unhooked = unhooked).await;
    }

    async fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.told.lock().await;
        change(&mut state);
        let now = state.summary();
        if state.told.as_ref() != Some(&now) {
            self.sink.health(now.0, now.1.clone()).await;
            state.told = Some(now);
        }
    }
}

impl State {
    fn summary(&self) -> Told {
        if let Some(failure) = &self.poll {
            return unheard(failure);
        }
        let state = match self.heard {
            true => HealthState::Connected,
            false => HealthState::Connecting,
        };
        let remark = self.unhooked.as_ref().map(|(count, code)| {
            let accounts = match count {
                1 => "1 account".to_owned(),
                count => format!("{count} accounts"),
            };
            format!("{accounts} without webhooks, and polled as before ({code})")
        });
        (state, remark)
    }
}

fn unheard(failure: &Failure) -> Told {
    let code = &failure.code;
    match failure.kind {
        FailureKind::NotAuthorised => {
            let detail = format!("the administrator must sign in again ({code})");
            (HealthState::NeedsAuthorisation, Some(detail))
        }
        FailureKind::Forbidden => {
            let detail = format!("the administrator is no compliance officer ({code})");
            (HealthState::NeedsAuthorisation, Some(detail))
        }
        FailureKind::Throttled { .. }
        | FailureKind::NotSent
        | FailureKind::Gone
        | FailureKind::NotSupported
        | FailureKind::Rejected
        | FailureKind::Unknown => {
            let detail = format!("the organisation's events cannot be read ({code})");
            (HealthState::Degraded, Some(detail))
        }
    }
}

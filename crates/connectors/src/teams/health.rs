//! How the connection's sources fare, put into one state and a sentence.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use causeway_model::{ExternalAccount, Failure, FailureKind, HealthState};
use tokio::sync::Mutex;

use crate::EventSink;

/// What of an account's hearing a trouble is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    Poll,
    Subscription,
    Notifications,
}

/// Gathers what goes wrong and tells the sink whenever the whole has changed.
pub(super) struct Board {
    sink: Arc<dyn EventSink>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    own: Option<ExternalAccount>,
    troubles: BTreeMap<(Part, ExternalAccount), Failure>,
    /// Heard by their own tokens because Microsoft has not approved the app's reading.
    unapproved: BTreeSet<ExternalAccount>,
    /// Of those to be heard by their own tokens, who has none.
    without_token: BTreeSet<ExternalAccount>,
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

    pub(super) async fn own(&self, account: &ExternalAccount) {
        self.change(|state| state.own = Some(account.clone())).await;
    }

    pub(super) async fn fine(&self, part: Part, account: &ExternalAccount) {
        self.change(|state| {
            state.troubles.remove(&(part, account.clone()));
            if part == Part::Poll {
                state.without_token.remove(account);
                // What notifications could not tell has been read now.
                let told = (Part::Notifications, account.clone());
                state.troubles.remove(&told);
            }
            state.heard = true;
        })
        .await;
    }

    pub(super) async fn trouble(&self, part: Part, account: &ExternalAccount, failure: Failure) {
        self.change(|state| {
            state.troubles.insert((part, account.clone()), failure);
        })
        .await;
    }

    pub(super) async fn unapproved(&self, account: &ExternalAccount, unapproved: bool) {
        self.change(|state| {
            match unapproved {
                true => state.unapproved.insert(account.clone()),
                false => state.unapproved.remove(account),
            };
        })
        .await;
    }

    pub(super) async fn without_token(&self, account: &ExternalAccount) {
        self.change(|state| {
            state.troubles.remove(&(Part::Poll, account.clone()));
            state.without_token.insert(account.clone());
        })
        .await;
    }

    pub(super) async fn forget(&self, account: &ExternalAccount) {
        self.change(|state| {
            state.troubles.retain(|(_, about), _| about != account);
            state.unapproved.remove(account);
            state.without_token.remove(account);
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
        let signed_out = self.own.as_ref().and_then(|own| {
            self.troubles
                .get(&(Part::Poll, own.clone()))
                .filter(|failure| needs_person(failure))
        });
        if let Some(failure) = signed_out {
            let detail = format!("the service account must sign in again ({})", failure.code);
            return (HealthState::NeedsAuthorisation, Some(detail));
        }
        let mut said: Vec<String> = [Part::Poll, Part::Subscription, Part::Notifications]
            .into_iter()
            .filter_map(|part| self.told_of(part))
            .collect();
        let state = match (said.is_empty(), self.heard) {
            (false, _) => HealthState::Degraded,
            (true, true) => HealthState::Connected,
            (true, false) => HealthState::Connecting,
        };
        said.extend(self.remarks());
        (state, (!said.is_empty()).then(|| said.join("; ")))
    }

    fn told_of(&self, part: Part) -> Option<String> {
        let about: Vec<&Failure> = self
            .troubles
            .iter()
            .filter(|((of, _), _)| *of == part)
            .map(|(_, failure)| failure)
            .collect();
        let codes: BTreeSet<&str> = about.iter().map(|failure| failure.code.as_str()).collect();
        let codes: Vec<&str> = codes.into_iter().take(3).collect();
        let what = match part {
            Part::Poll => "cannot be read",
            Part::Subscription => "not subscribed, and polled instead",
            Part::Notifications => "got notifications that could not be trusted or opened",
        };
        (!about.is_empty()).then(|| {
            let accounts = accounts(about.len());
            format!("{accounts} {what} ({})", codes.join(", "))
        })
    }

    fn remarks(&self) -> Vec<String> {
        let mut remarks = Vec::new();
        if !self.unapproved.is_empty() {
            let accounts = accounts(self.unapproved.len());
            remarks.push(format!(
                "{accounts} heard by their own sign-in, because Microsoft has not approved \
                 reading by the app"
            ));
        }
        if !self.without_token.is_empty() {
            let accounts = accounts(self.without_token.len());
            remarks.push(format!("{accounts} not heard until they sign in"));
        }
        remarks
    }
}

/// Whether only a person's signing in helps.
pub(super) fn needs_person(failure: &Failure) -> bool {
    match failure.kind {
        FailureKind::NotAuthorised => true,
        FailureKind::Forbidden => failure.code == "wrong_person",
        FailureKind::Throttled { .. }
        | FailureKind::NotSent
        | FailureKind::Gone
        | FailureKind::NotSupported
        | FailureKind::Rejected
        | FailureKind::Unknown => false,
    }
}

fn accounts(count: usize) -> String {
    match count {
        1 => "1 account".to_owned(),
        count => format!("{count} accounts"),
    }
}

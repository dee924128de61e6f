//! How the source fares, told whenever it has changed.

use std::{collections::BTreeMap, sync::Arc};

use causeway_model::{Failure, FailureKind, HealthState};
use tokio::sync::Mutex;

use super::settings::Hear;
use crate::{EventSink, TokenOwner};

type Told = (HealthState, Option<String>);

pub(super) struct Board {
    sink: Arc<dyn EventSink>,
    told: Mutex<State>,
}

#[derive(Default)]
struct State {
    hear: Hear,
    poll: Option<Failure>,
    /// How many accounts' webhooks could not be set, and why the last was not.
    unhooked: Option<(usize, String)>,
    /// Whose sockets are not open, and why not.
    closed: BTreeMap<TokenOwner, Failure>,
    /// Whose sockets tell of what their tokens may not read, and why not.
    refused: BTreeMap<TokenOwner, String>,
    /// How many conversations are not heard because nobody shows who is in them, and why.
    hidden: Option<(usize, String)>,
    heard: bool,
    told: Option<Told>,
}

impl Board {
    pub(super) fn new(sink: Arc<dyn EventSink>, hear: Hear) -> Self {
        let state = State {
            hear,
            ..State::default()
        };
        Self {
            sink,
            told: Mutex::new(state),
        }
    }

    /// The organisation's events were read, but for what was said in so many conversations.
    pub(super) async fn heard(&self, hidden: Option<(usize, String)>) {
        self.change(|state| {
            state.poll = None;
            state.heard = true;
            state.hidden = hidden;
        })
        .await;
    }

    pub(super) async fn hidden(&self, hidden: Option<(usize, String)>) {
        self.change(|state| state.hidden = hidden).await;
    }

    /// What an owner's socket told of was read, or may not be.
    pub(super) async fn read(&self, owner: &TokenOwner, refused: Option<String>) {
        self.change(|state| match refused {
            Some(code) => drop(state.refused.insert(owner.clone(), code)),
            None => drop(state.refused.remove(owner)),
        })
        .await;
    }

    pub(super) async fn unheard(&self, failure: Failure) {
        self.change(|state| state.poll = Some(failure)).await;
    }

    pub(super) async fn unhooked(&self, unhooked: Option<(usize, String)>) {
        self.change(|state| state.unhooked = unhooked).await;
    }

    /// An owner's socket is open.
    pub(super) async fn opened(&self, owner: &TokenOwner) {
        self.change(|state| {
            state.closed.remove(owner);
            // People's sockets tell of people alone; the hub is spoken to through the bot's.
            state.heard |= state.hear == Hear::Sockets && *owner == TokenOwner::App;
        })
        .await;
    }

    /// Or it is not, for this reason.
    pub(super) async fn closed(&self, owner: &TokenOwner, failure: Failure) {
        self.change(|state| drop(state.closed.insert(owner.clone(), failure)))
            .await;
    }

    /// There is none, and nothing is wrong with that.
    pub(super) async fn unwanted(&self, owner: &TokenOwner) {
        self.change(|state| {
            state.closed.remove(owner);
            state.refused.remove(owner);
        })
        .await;
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
        let bot = self.closed.get(&TokenOwner::App);
        if let Some(failure) = bot.filter(|_| self.hear == Hear::Sockets) {
            return unspoken_to(failure);
        }
        let lacks = self.hidden.is_some() || !self.refused.is_empty();
        let state = match (self.heard, lacks) {
            (true, false) => HealthState::Connected,
            (true, true) => HealthState::Degraded,
            (false, _) => HealthState::Connecting,
        };
        (state, self.remark())
    }

    fn remark(&self) -> Option<String> {
        let unhooked = self.unhooked.as_ref().map(|(count, code)| {
            let accounts = accounts(*count);
            format!("{accounts} without webhooks, and polled as before ({code})")
        });
        let closed = self.closed.values().next().map(|failure| {
            let accounts = accounts(self.closed.len());
            let code = &failure.code;
            match self.hear {
                Hear::Events => {
                    format!("{accounts} without a socket, and polled as before ({code})")
                }
                Hear::Sockets => format!("{accounts} without a socket, and not heard ({code})"),
            }
        });
        let lacking = [self.unplaced(), self.unreadable()];
        let remarks = lacking.into_iter().chain([unhooked, closed]).flatten();
        let remarks: Vec<String> = remarks.collect();
        (!remarks.is_empty()).then(|| remarks.join("; "))
    }

    fn unplaced(&self) -> Option<String> {
        self.hidden.as_ref().map(|(count, code)| match count {
            1 => format!("1 conversation is not heard: nobody shows who is in it ({code})"),
            count => {
                format!("{count} conversations are not heard: nobody shows who is in them ({code})")
            }
        })
    }

    fn unreadable(&self) -> Option<String> {
        let code = self.refused.values().next()?;
        let accounts = accounts(self.refused.len());
        Some(format!(
            "what sockets tell of may not be read for {accounts} ({code})"
        ))
    }
}

fn accounts(count: usize) -> String {
    match count {
        1 => "1 account".to_owned(),
        count => format!("{count} accounts"),
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

/// The bot's socket is not open, and there is nothing else.
fn unspoken_to(failure: &Failure) -> Told {
    let code = &failure.code;
    match failure.kind {
        FailureKind::NotAuthorised => {
            let detail = format!("the bot's token is refused ({code})");
            (HealthState::NeedsAuthorisation, Some(detail))
        }
        FailureKind::Forbidden => {
            let detail = format!("the bot may have no socket ({code})");
            (HealthState::NeedsAuthorisation, Some(detail))
        }
        FailureKind::Throttled { .. }
        | FailureKind::NotSent
        | FailureKind::Gone
        | FailureKind::NotSupported
        | FailureKind::Rejected
        | FailureKind::Unknown => {
            let detail = format!("the bot's socket is not open ({code})");
            (HealthState::Degraded, Some(detail))
        }
    }
}

//! The one place where what Slack brings, by a socket or by requests, is committed in the order in
//! which it came, and only then acknowledged.

use causeway_model::{Failure, FailureKind, HealthState, Timestamp};
use tokio::sync::{mpsc, oneshot};

use super::{
    SlackConnector,
    events::{Heard, Reader},
    home,
    own::Own,
    wire::Frame,
};
use crate::{connector::EventSink, vault::TokenOwner};

/// Envelopes that may wait for the store; more wait at Slack.
pub(super) const MOST_WAITING: usize = 1_024;

/// Envelopes that are committed together, when that many wait already.
const MOST_AT_ONCE: usize = 64;

/// An envelope with the way to acknowledge it.
pub(super) struct Delivered {
    pub(super) frame: Frame,
    /// Tells it apart from others, for what has no id of its own.
    pub(super) envelope_id: String,
    pub(super) way: Way,
}

/// How an envelope came, which is how it is acknowledged.
pub(super) enum Way {
    /// By a socket, which waits for the envelope's id.
    Socket(mpsc::UnboundedSender<String>),
    /// By a request, which waits for its answer.
    Request(oneshot::Sender<()>),
}

impl Delivered {
    /// Tells Slack not to send it again. Where nobody waits any more, Slack does send it again.
    pub(super) fn acknowledge(self) {
        match self.way {
            Way::Socket(line) => drop(line.send(self.envelope_id)),
            Way::Request(answer) => drop(answer.send(())),
        }
    }
}

/// What a source hands on, in the order in which it came.
pub(super) enum Passed {
    Turn(Turn),
    Envelope(Delivered),
}

/// A point in what is heard where more may have happened than was heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// The source begins to hear here: nothing before this came through it.
    Beginning,
    /// Since this moment Slack leaves events out, because there are too many.
    LeavesOut(Timestamp),
    /// It does so no more.
    LeftOut(Timestamp),
}

/// Takes envelopes in order and commits as many together as wait already. Returns only when the
/// app's own token was revoked.
pub(super) async fn commit_all(
    slack: &SlackConnector,
    sink: &dyn EventSink,
    waiting: mpsc::Receiver<Passed>,
) -> Failure {
    let mut queue = Queue {
        waiting,
        behind: None,
    };
    let mut keeping = Keeping::Well;
    let mut batch = Vec::with_capacity(MOST_AT_ONCE);
    while let Some(next) = queue.next(&mut batch).await {
        match next {
            Next::Turn(turn) => {
                tell(sink, turn).await;
                continue;
            }
            Next::Batch => {}
        }
        let batch = std::mem::take(&mut batch);
        match commit(slack, sink, batch).await {
            Ok(Revoked::App) => {
                return Failure::new(FailureKind::NotAuthorised, "token_revoked", "listen");
            }
            Ok(Revoked::NotTheApp) => {
                if keeping == Keeping::Failing {
                    sink.health(HealthState::Connected, None).await;
                }
                keeping = Keeping::Well;
            }
            Err(NotCommitted) => {
                keeping = Keeping::Failing;
                let detail = "what Slack says cannot be kept; it will send it again";
                sink.health(HealthState::Degraded, Some(detail.to_owned()))
                    .await;
            }
        }
    }
    Failure::new(FailureKind::NotSent, "closed", "listen")
}

async fn tell(sink: &dyn EventSink, turn: Turn) {
    match turn {
        Turn::Beginning => {
            sink.listening().await;
            sink.health(HealthState::Connected, None).await;
        }
        Turn::LeavesOut(since) => {
            let detail = "Slack limits this app's events and leaves some out; they are read back";
            sink.health(HealthState::Degraded, Some(detail.to_owned()))
                .await;
            sink.missed(since).await;
        }
        Turn::LeftOut(since) => {
            sink.missed(since).await;
            sink.health(HealthState::Connected, None).await;
        }
    }
}

/// What has been handed on and nobody has taken yet.
struct Queue {
    waiting: mpsc::Receiver<Passed>,
    /// A turn that came behind the last batch.
    behind: Option<Turn>,
}

enum Next {
    Turn(Turn),
    /// The batch has something in it.
    Batch,
}

impl Queue {
    /// Waits for what comes next and takes along what is there already, up to the next turn. None
    /// when no more will come.
    async fn next(&mut self, batch: &mut Vec<Delivered>) -> Option<Next> {
        if let Some(turn) = self.behind.take() {
            return Some(Next::Turn(turn));
        }
        match self.waiting.recv().await? {
            Passed::Turn(turn) => return Some(Next::Turn(turn)),
            Passed::Envelope(delivered) => batch.push(delivered),
        }
        while batch.len() < MOST_AT_ONCE && self.behind.is_none() {
            match self.waiting.try_recv() {
                Ok(Passed::Envelope(delivered)) => batch.push(delivered),
                Ok(Passed::Turn(turn)) => self.behind = Some(turn),
                Err(_) => break,
            }
        }
        Some(Next::Batch)
    }
}

#[derive(PartialEq, Eq)]
enum Keeping {
    Well,
    Failing,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Revoked {
    App,
    NotTheApp,
}

struct NotCommitted;

/// Commits a batch, then acknowledges it; on failure, acknowledges nothing.
async fn commit(
    slack: &SlackConnector,
    sink: &dyn EventSink,
    batch: Vec<Delivered>,
) -> Result<Revoked, NotCommitted> {
    let own = slack.own.get(&slack.api).await.map_err(|_| NotCommitted)?;
    let Heard {
        incoming,
        revoked: owners,
        at_home,
    } = read(slack, &own, &batch);
    let mut revoked = Revoked::NotTheApp;
    for owner in owners {
        slack
            .api
            .tokens()
            .revoked(&owner)
            .await
            .map_err(|_| NotCommitted)?;
        if owner == TokenOwner::App {
            revoked = Revoked::App;
        }
    }
    if !incoming.is_empty() {
        sink.take(incoming, None).await.map_err(|error| {
            tracing::error!(error = %error, "events were not kept");
            NotCommitted
        })?;
    }
    batch.into_iter().for_each(Delivered::acknowledge);
    home::furnish(&slack.api, at_home).await;
    Ok(revoked)
}

fn read(slack: &SlackConnector, own: &Own, batch: &[Delivered]) -> Heard {
    let reader = Reader {
        own,
        names: &slack.names,
        clock: slack.clock.as_ref(),
    };
    let mut all = Heard::default();
    for delivered in batch {
        let heard = reader.read(&delivered.frame, &delivered.envelope_id);
        all.incoming.extend(heard.incoming);
        all.revoked.extend(heard.revoked);
        all.at_home.extend(heard.at_home);
    }
    all
}

/// What an administrator is told about a failure that time does not heal.
pub(super) fn words_for(failure: &Failure) -> String {
    let words = match (failure.code.as_str(), failure.kind) {
        ("link_disabled", _) => {
            "Socket Mode is switched off in the app's settings at Slack; switch it on again"
        }
        ("no_public_address", _) => {
            "Slack is to send its events here, but this hub has no address that Slack can reach; \
             settle one, or connect the workspace with an app token"
        }
        ("no_signing_secret", _) => {
            "the app's signing secret is missing; connect the workspace again"
        }
        ("no_token", _) => "the app's tokens are missing; connect the workspace again",
        ("missing_scope", _) => "the app lacks a scope; install it again from the hub's manifest",
        (_, FailureKind::NotAuthorised) => {
            "Slack no longer accepts the app's tokens; connect the workspace again"
        }
        (code, _) => {
            return format!("Slack refuses the app its events ({code}); check its settings");
        }
    };
    words.to_owned()
}

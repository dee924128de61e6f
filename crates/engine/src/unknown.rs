//! Deliveries of unknown outcome: a time-out or a cut after the request had left, or a crash.
//!
//! They are settled by evidence: our marker, or the same author saying the same in the same
//! conversation since; a message proves one delivery at most. When the platform shows that
//! nothing arrived, after the time that its lists may lag, it is sent again. When the platform
//! cannot be asked, the delivery stays `uncertain` for the administrator to decide.

use std::{collections::HashSet, sync::Arc, time::Duration};

use causeway_model::{
    Content, Delivery, DeliveryState, ExternalAccount, FailureKind, Happening, Incoming, Reason,
    Speaker, Timestamp,
};
use causeway_relay::{
    echo::{Evidence, find_own_post},
    retry::NextStep,
};
use causeway_store::{LegRow, StoreError};

use crate::{
    desk::Desk,
    engine::Engine,
    ingest::{Taken, record_arrival},
    lane::{Act, Outcome, Turn, Work, release_held},
};

/// How far a platform's clock may be behind ours.
const CLOCK_SKEW_MS: i64 = 5 * 60_000;
/// How often the platform is asked before the outcome counts as undecidable.
const ROUNDS: u32 = 12;
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// What asking the platform gave.
enum Found {
    Arrived,
    Nothing,
    /// Somebody settled it meanwhile.
    Settled,
    AskAgain,
    Undecidable,
}

impl Engine {
    /// Finds out whether an attempt arrived, and goes on with its lane.
    pub(crate) async fn find_out(self: &Arc<Self>, work: Work) -> Vec<Turn> {
        let lag = work.connector.capabilities().read_back_after_ms;
        let intent = work.delivery.intent_at.unwrap_or_default();
        let due = intent
            .plus_ms(lag)
            .ms_since(self.world().clock.now())
            .clamp(0, lag);
        let mut pause = Duration::from_millis(u64::try_from(due).unwrap_or(0));
        for _ in 0..ROUNDS {
            if self.pause(pause).await.is_err() {
                // Stopping: it stays in `Sending`, and the next start finds out.
                return Vec::new();
            }
            let (found, turns) = self
                .ask_platform(&work, intent.plus_ms(-CLOCK_SKEW_MS))
                .await;
            match found {
                Found::Arrived | Found::Settled => return turns,
                Found::Nothing => {
                    let at = self.world().clock.now();
                    let step = NextStep::TryAgain {
                        at,
                        reason: Reason::UnknownOutcome,
                    };
                    return self.apply(work, step).await;
                }
                Found::AskAgain => {
                    pause = (pause.max(Duration::from_millis(500)) * 2).min(LONGEST_PAUSE);
                }
                Found::Undecidable => break,
            }
        }
        let step = NextStep::Settle {
            state: DeliveryState::Uncertain,
            reason: Some(Reason::UnknownOutcome),
        };
        self.apply(work, step).await
    }

    async fn ask_platform(self: &Arc<Self>, work: &Work, since: Timestamp) -> (Found, Vec<Turn>) {
        let none = Vec::new;
        match &work.act {
            Act::Open(wanted) => match work.connector.find_opened(wanted, since).await {
                Ok(Some(conversation)) => {
                    let outcome = Outcome::Opened(conversation);
                    (Found::Arrived, self.arrived(work, outcome).await)
                }
                Ok(None) => (Found::Nothing, none()),
                Err(failure) => (judge(failure.kind), none()),
            },
            Act::Say {
                conversation,
                speaker,
                shown_as,
                content,
            } => match work.connector.history(conversation, speaker, since).await {
                Ok(events) => {
                    let content = work.connector.as_read_back(content, shown_as.as_ref());
                    self.match_post(work, speaker.clone(), content, events, since)
                        .await
                }
                Err(failure) => (judge(failure.kind), none()),
            },
            // Doing it once more changes nothing.
            Act::Change { .. } | Act::Remove { .. } => (Found::Nothing, none()),
        }
    }

    async fn arrived(self: &Arc<Self>, work: &Work, outcome: Outcome) -> Vec<Turn> {
        let (delivery, leg) = (work.delivery.clone(), work.leg.clone());
        self.insist("a found outcome", move |desk| {
            let mut taken = Taken::default();
            crate::lane::record(desk, &delivery, &leg, &outcome, &mut taken)?;
            Ok(taken)
        })
        .await
    }

    async fn match_post(
        self: &Arc<Self>,
        work: &Work,
        speaker: Speaker,
        content: Content,
        events: Vec<Incoming>,
        since: Timestamp,
    ) -> (Found, Vec<Turn>) {
        let marker = work.connector.capabilities().marker;
        let authors = match speaker {
            Speaker::Account(account) => vec![account],
            Speaker::App => self.own_accounts(work.leg.connection),
        };
        let probe = Probe {
            delivery: work.delivery.clone(),
            leg: work.leg.clone(),
            marker,
            authors,
            fingerprint: content.fingerprint(),
            since,
            events,
        };
        let verdict = Arc::new(std::sync::Mutex::new(Found::AskAgain));
        let told = Arc::clone(&verdict);
        let turns = self
            .insist("a read-back", move |desk| {
                let mut taken = Taken::default();
                let found = probe.settle(desk, &mut taken)?;
                *told
                    .lock()
                    .unwrap_or_else(std::sync::PoisonError::into_inner) = found;
                Ok(taken)
            })
            .await;
        let mut verdict = verdict
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        (std::mem::replace(&mut *verdict, Found::AskAgain), turns)
    }
}

/// Everything that decides whether one of these messages is the delivery's.
struct Probe {
    delivery: Delivery,
    leg: LegRow,
    marker: bool,
    authors: Vec<ExternalAccount>,
    fingerprint: String,
    since: Timestamp,
    events: Vec<Incoming>,
}

impl Probe {
    fn settle(&self, desk: &mut Desk<'_, '_>, taken: &mut Taken) -> Result<Found, StoreError> {
        let state = desk
            .tx
            .delivery(self.delivery.id)?
            .map(|delivery| delivery.state);
        if state != Some(DeliveryState::Sending) {
            taken.lane(self.leg.id);
            return Ok(Found::Settled);
        }
        let mut known = HashSet::new();
        for event in &self.events {
            if let Happening::Posted { message, .. } = &event.happened {
                let is_copy = desk.tx.copy_by_external(self.leg.id, message)?.is_some();
                if is_copy || desk.tx.message_by_origin(self.leg.id, message)?.is_some() {
                    known.insert(message.clone());
                }
            }
        }
        let evidence = Evidence {
            relay_id: &self.delivery.relay_id,
            marker: self.marker,
            authors: &self.authors,
            fingerprint: &self.fingerprint,
            since: self.since,
        };
        let Some((message, at)) = find_own_post(&evidence, &self.events, &known) else {
            return Ok(Found::Nothing);
        };
        record_arrival(desk, &self.leg, self.delivery.id, message, at)?;
        release_held(desk, &self.leg, taken)?;
        taken.lane(self.leg.id);
        Ok(Found::Arrived)
    }
}

fn judge(kind: FailureKind) -> Found {
    match kind {
        FailureKind::Throttled { .. } | FailureKind::NotSent | FailureKind::Unknown => {
            Found::AskAgain
        }
        FailureKind::NotAuthorised
        | FailureKind::Forbidden
        | FailureKind::Gone
        | FailureKind::NotSupported
        | FailureKind::Rejected => Found::Undecidable,
    }
}

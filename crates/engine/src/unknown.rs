//! Deliveries of unknown outcome: a time-out or a cut after the request had left, or a crash.
//!
//! They are settled by evidence: our marker, or the same author saying the same in the same
//! conversation since; a message proves one delivery at most. When the platform shows that
//! nothing arrived, after the time that its lists may lag, it is sent again. When the platform
//! cannot be asked, the delivery stays `uncertain` for the administrator to decide.

use std::{collections::HashSet, sync::Arc, time::Duration};

use causeway_connectors::{Connector, SaidBy, ShownAs};
use causeway_model::{
    Delivery, DeliveryState, ExternalAccount, ExternalConversation, FailureKind, Happening,
    Incoming, LegKind, Reason, Speaker, Timestamp,
};
use causeway_relay::{
    echo::{Evidence, find_own_post},
    retry::NextStep,
};
use causeway_store::{LegRow, StoreError};

use crate::{
    desk::Desk,
    engine::Engine,
    ingest::{Known, Taken, record_arrival, rungs::touch_side, take_read_back},
    lane::{Act, Outcome, Turn, Work},
    outcome::{record, release_held},
};

/// How far a platform's clock may be behind ours.
pub(crate) const CLOCK_SKEW_MS: i64 = 5 * 60_000;
/// How soon a platform that could not be asked is asked again; the pause doubles.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// What asking the platform gave.
#[derive(Clone, Copy)]
enum Found {
    Arrived,
    Nothing,
    /// Somebody settled it meanwhile.
    Settled,
    /// It could not answer now; perhaps after this many milliseconds.
    AskAgain(Option<u64>),
    Undecidable,
}

impl Engine {
    /// Finds out whether an attempt arrived, and goes on with its lane.
    pub(crate) async fn find_out(self: &Arc<Self>, work: Work) -> Vec<Turn> {
        // From now on, not from the intent: how long the request was under way is not known.
        let lag = work.connector.capabilities().read_back_after_ms;
        let mut pause = Duration::from_millis(u64::try_from(lag).unwrap_or(0));
        let mut longer = FIRST_PAUSE;
        let doubt = self.world().doubt_about(&work.delivery);
        let since = match doubt {
            Some(doubt) => doubt.look_from(&work.delivery),
            None => tried_at(&work.delivery).plus_ms(-CLOCK_SKEW_MS),
        };
        if let Some(doubt) = doubt.filter(|_| work.looks_first) {
            // Nothing has left in this life, and whatever left in an earlier one did before this.
            let ready = doubt.restored_at.plus_ms(lag);
            let left = ready.ms_since(self.world().clock.now());
            pause = Duration::from_millis(u64::try_from(left).unwrap_or(0));
        }
        loop {
            if self.pause(pause).await.is_err() {
                // Stopping: it stays in `Sending`, and the next start finds out.
                return Vec::new();
            }
            let (found, turns) = self.ask_platform(&work, since).await;
            let step = match found {
                Found::Arrived | Found::Settled => return turns,
                Found::Nothing if doubt.is_some() => self.send_for_the_first_time(),
                Found::Nothing => self.send_again(&work.delivery),
                Found::AskAgain(after) if self.is_worth_waiting_for(&work.delivery) => {
                    pause = longer.max(Duration::from_millis(after.unwrap_or(0)));
                    longer = (longer * 2).min(LONGEST_PAUSE);
                    continue;
                }
                Found::AskAgain(_) | Found::Undecidable => NextStep::Settle {
                    state: DeliveryState::Uncertain,
                    reason: Some(Reason::UnknownOutcome),
                },
            };
            return self.apply(work, step).await;
        }
    }

    /// It surely did not arrive, which is as good as never sent.
    fn send_again(&self, delivery: &Delivery) -> NextStep {
        match self.step_after(delivery, FailureKind::NotSent) {
            NextStep::TryAgain { at, .. } => NextStep::TryAgain {
                at,
                reason: Reason::UnknownOutcome,
            },
            other @ (NextStep::WaitForPerson { .. }
            | NextStep::FindOut
            | NextStep::Settle { .. }) => other,
        }
    }

    /// No life of the hub has sent it, however long ago it came in.
    fn send_for_the_first_time(&self) -> NextStep {
        NextStep::TryAgain {
            at: self.world().clock.now(),
            reason: Reason::UnknownOutcome,
        }
    }

    /// A platform that cannot be reached hides nothing: it is asked for as long as a delivery is
    /// tried at all; of a backup's, as long as it could have been tried since.
    fn is_worth_waiting_for(&self, delivery: &Delivery) -> bool {
        let world = self.world();
        let restored = world.doubt_about(delivery).map(|doubt| doubt.restored_at);
        let began = restored.map_or(delivery.received_at, |at| at.max(delivery.received_at));
        let age = world.clock.now().ms_since(began);
        age <= self.policy().retry.give_up_after_ms
    }

    async fn ask_platform(self: &Arc<Self>, work: &Work, since: Timestamp) -> (Found, Vec<Turn>) {
        let none = Vec::new;
        match &work.act {
            Act::Open(wanted) => match work.connector.find_opened(wanted, since).await {
                Ok(Some(conversation)) => {
                    let outcome = Outcome::Opened(conversation.clone());
                    let turns = self.arrived(work, outcome).await;
                    self.read_from_the_beginning(work, conversation);
                    (Found::Arrived, turns)
                }
                Ok(None) => (Found::Nothing, none()),
                Err(failure) => (judge(failure.kind), none()),
            },
            Act::Say {
                conversation,
                speaker,
                shown_as,
                content,
                ..
            } => {
                let history = work.connector.history(conversation, speaker, since).await;
                let (events, otherwise) = match history {
                    Ok(events) => (events, Found::Nothing),
                    // What has been heard live may prove it all the same.
                    Err(failure) => (Vec::new(), judge(failure.kind)),
                };
                let by = SaidBy {
                    conversation,
                    speaker,
                    shown_as: shown_as.as_ref(),
                };
                let read_back = work.connector.as_read_back(content, &by);
                let probe = Probe {
                    delivery: work.delivery.clone(),
                    leg: work.leg.clone(),
                    connector: Arc::clone(&work.connector),
                    shown_as: shown_as.clone(),
                    speaker: speaker.clone(),
                    conversation: conversation.clone(),
                    marker: work.connector.capabilities().marker,
                    authors: match speaker {
                        Speaker::Account(account) => vec![account.clone()],
                        Speaker::App => self.own_accounts(work.leg.connection),
                    },
                    fingerprint: read_back.fingerprint(),
                    since,
                    events,
                    otherwise,
                };
                self.match_post(probe).await
            }
            // Doing it once more changes nothing.
            Act::Change { .. } | Act::Remove { .. } => (Found::Nothing, none()),
        }
    }

    async fn arrived(self: &Arc<Self>, work: &Work, outcome: Outcome) -> Vec<Turn> {
        let (delivery, leg) = (work.delivery.clone(), work.leg.clone());
        self.insist("a found outcome", move |desk| {
            let mut taken = Taken::default();
            record(desk, &delivery, &leg, &outcome, &mut taken)?;
            Ok(taken)
        })
        .await
    }

    /// Reads what people have said in a conversation of the app before the hub knew that it had
    /// made it: it was no leg yet, so nothing of that was kept.
    pub(crate) fn read_from_the_beginning(
        self: &Arc<Self>,
        work: &Work,
        conversation: ExternalConversation,
    ) {
        match work.leg.kind {
            LegKind::Group | LegKind::Private => {}
            LegKind::Native | LegKind::App => return,
        }
        let begun = work.delivery.intent_at.unwrap_or_default();
        let since = begun.plus_ms(-CLOCK_SKEW_MS);
        let (engine, connector) = (Arc::clone(self), Arc::clone(&work.connector));
        let connection = work.leg.connection;
        let lag = connector.capabilities().read_back_after_ms;
        let mut pause = Duration::from_millis(u64::try_from(lag).unwrap_or(0));
        self.tasks().spawn(async move {
            while engine.pause(pause).await.is_ok() {
                let speaker = Speaker::App;
                let events = match connector.history(&conversation, &speaker, since).await {
                    Ok(events) => events,
                    Err(failure) if matches!(judge(failure.kind), Found::AskAgain(_)) => {
                        pause = (pause * 2).min(LONGEST_PAUSE);
                        continue;
                    }
                    Err(failure) => {
                        tracing::warn!(failure.code = failure.code, "history cannot be read");
                        return;
                    }
                };
                let turns = engine
                    .insist("what was said in a new conversation", move |desk| {
                        let (known, mut taken) = (Known::NotYet, Taken::default());
                        let (place, said) = (&conversation, &events);
                        take_read_back(desk, connection, place, said, &known, &mut taken)?;
                        Ok(taken)
                    })
                    .await;
                engine.go_on(turns);
                return;
            }
        });
    }

    async fn match_post(self: &Arc<Self>, probe: Probe) -> (Found, Vec<Turn>) {
        let verdict = Arc::new(std::sync::Mutex::new(Found::AskAgain(None)));
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
        let verdict = *verdict
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        (verdict, turns)
    }
}

/// When the last attempt of a delivery was committed.
fn tried_at(delivery: &Delivery) -> Timestamp {
    delivery.intent_at.unwrap_or_default()
}

/// Everything that decides whether one of these messages is the delivery's.
pub(crate) struct Probe {
    pub(crate) delivery: Delivery,
    pub(crate) leg: LegRow,
    pub(crate) connector: Arc<dyn Connector>,
    pub(crate) shown_as: Option<ShownAs>,
    pub(crate) speaker: Speaker,
    pub(crate) conversation: ExternalConversation,
    pub(crate) marker: bool,
    pub(crate) authors: Vec<ExternalAccount>,
    fingerprint: String,
    pub(crate) since: Timestamp,
    /// What the conversation holds, as far as it could be read.
    events: Vec<Incoming>,
    /// What it means when nothing proves it.
    otherwise: Found,
}

impl Probe {
    fn settle(&self, desk: &mut Desk<'_, '_>, taken: &mut Taken) -> Result<Found, StoreError> {
        let state = desk
            .tx
            .delivery(self.delivery.id)?
            .map(|delivery| delivery.state);
        if state != Some(DeliveryState::Sending) {
            touch_side(desk, &self.leg, taken)?;
            return Ok(Found::Settled);
        }
        let mut events = self.events.clone();
        let kept = desk
            .tx
            .inbox_of_conversation(self.leg.connection, &self.conversation)?;
        for row in kept {
            events.push(serde_json::from_str(&row.payload)?);
        }
        if desk.is_in_doubt(&self.delivery) {
            if !self.find_in_earlier_life(desk, &events, taken)? {
                return Ok(self.otherwise);
            }
            release_held(desk, &self.leg, taken)?;
            touch_side(desk, &self.leg, taken)?;
            return Ok(Found::Arrived);
        }
        let mut known = HashSet::new();
        for event in &events {
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
        let Some((message, at)) = find_own_post(&evidence, &events, &known) else {
            return Ok(self.otherwise);
        };
        record_arrival(desk, &self.leg, &self.delivery, message, at)?;
        release_held(desk, &self.leg, taken)?;
        touch_side(desk, &self.leg, taken)?;
        Ok(Found::Arrived)
    }
}

fn judge(kind: FailureKind) -> Found {
    match kind {
        FailureKind::Throttled { after_ms } => Found::AskAgain(after_ms),
        FailureKind::NotSent | FailureKind::Unknown => Found::AskAgain(None),
        FailureKind::NotAuthorised
        | FailureKind::Forbidden
        | FailureKind::Gone
        | FailureKind::NotSupported
        | FailureKind::Rejected => Found::Undecidable,
    }
}

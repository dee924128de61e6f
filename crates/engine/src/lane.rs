//! Lanes: each leg's deliveries, one at a time, in order.

use std::{sync::Arc, time::Duration};

use causeway_connectors::{Connector, Posted, ShownAs};
use causeway_model::{
    Button, ConnectionId, Content, Delivery, DeliveryState, ExternalConversation, ExternalMessage,
    LegId, LegState, OpenConversation, Operation, Reason, Speaker, Spending, Timestamp,
};
use causeway_relay::budget::{Urgency, Wish};
use causeway_store::{LegRow, Settlement, StoreError};

use crate::{
    call::carry_out,
    desk::Desk,
    engine::Engine,
    ingest::{Taken, members::must_be_checked, rungs::rehouse},
    outcome::{release_held, wait_for_nobody},
    prepare::{Prepared, Ready, attempt, prepare},
};

/// What came in this much later than it was written is caught up: what is said now goes first.
const CAUGHT_UP_MS: i64 = 60_000;

/// What a lane does next.
pub enum Turn {
    /// Its head's intent is committed: whoever holds this sends it.
    Send(Box<Work>),
    /// Its head is not due before this moment.
    Later(LegId, Timestamp),
    /// First the members of its conversation are looked at: nobody heard for a while who came.
    Check(LegId),
}

/// One committed attempt.
pub struct Work {
    pub(crate) delivery: Delivery,
    pub(crate) leg: LegRow,
    pub(crate) connector: Arc<dyn Connector>,
    pub(crate) act: Act,
    /// Whether it may have been carried out by a life that nobody remembers: then it is looked for
    /// instead, and sent only when it is not found.
    pub(crate) looks_first: bool,
}

/// The call to be made, with all it needs.
pub(crate) enum Act {
    Open(OpenConversation),
    Say {
        conversation: ExternalConversation,
        speaker: Speaker,
        shown_as: Option<ShownAs>,
        content: Content,
        buttons: Vec<Button>,
        /// Whether it is said once for ever: then the conversation is looked through first.
        once: bool,
    },
    Change {
        conversation: ExternalConversation,
        message: ExternalMessage,
        speaker: Speaker,
        shown_as: Option<ShownAs>,
        content: Content,
    },
    Remove {
        conversation: ExternalConversation,
        message: ExternalMessage,
        speaker: Speaker,
    },
}

/// What a call gave.
pub(crate) enum Outcome {
    Opened(ExternalConversation),
    Said(Posted),
    Done,
}

/// Moves the lane's head to `Sending`, if it is free, due, and can be sent. Where it cannot be sent
/// there any more, it moves to another leg of the same side, which is touched.
pub(crate) fn begin(
    desk: &mut Desk<'_, '_>,
    lane: LegId,
    taken: &mut Taken,
) -> Result<Option<Turn>, StoreError> {
    // One side of a link is one queue, whichever of its legs things go through.
    if desk.tx.is_side_sending(lane)? {
        return Ok(None);
    }
    if is_paused(desk, lane)? {
        return Ok(None);
    }
    while let Some((head, content)) = desk.tx.lane_head(lane)? {
        match head.state {
            DeliveryState::Queued => {}
            // The head is stuck, and the lane with it, until somebody acts.
            DeliveryState::WaitingForPerson
            | DeliveryState::Uncertain
            | DeliveryState::Sending
            | DeliveryState::Delivered
            | DeliveryState::Cancelled
            | DeliveryState::Dead => return Ok(None),
        }
        let leg = desk.tx.leg(lane)?;
        // Before it is due: what moves must be in its place there, or others overtake it.
        if head.operation == Operation::Post
            && let Some(leg) = &leg
            && leg.state != LegState::Current
            && rehouse(desk, leg, taken)?
        {
            continue;
        }
        if head.due_at > desk.now {
            return Ok(Some(Turn::Later(lane, head.due_at)));
        }
        if is_unpaired(desk, lane)? {
            // It was being sent when the pairing ended, and came back.
            let unpaired = Some(Reason::Unpaired);
            settle(desk, &head, DeliveryState::Cancelled, unpaired)?;
            continue;
        }
        if let Some(leg) = leg.filter(|_| is_read_by_members(head.operation)) {
            if leg.state == LegState::Closed {
                // Somebody else reads along there: nothing new is said.
                let superseded = Some(Reason::Superseded);
                settle(desk, &head, DeliveryState::Cancelled, superseded)?;
                continue;
            }
            if must_be_checked(desk, &leg) {
                return Ok(Some(Turn::Check(lane)));
            }
        }
        match prepare(desk, &head, content.as_deref(), None)? {
            Prepared::Ready(ready) => {
                if let Err(at) = afford(desk, &head, &ready) {
                    return Ok(Some(Turn::Later(lane, at)));
                }
                return send(desk, &head, *ready).map(Some);
            }
            Prepared::Settled(state, reason) => {
                settle(desk, &head, state, reason)?;
                if reason == Some(Reason::NotNeeded) {
                    wait_for_nobody(desk, &head)?;
                }
            }
            Prepared::Stuck(reason) => {
                desk.tx.wait_for_person(head.id, reason)?;
                return Ok(None);
            }
            Prepared::Homeless => {
                let leg = desk.tx.leg(lane)?;
                let moved = match leg {
                    Some(leg) => rehouse(desk, &leg, taken)?,
                    None => false,
                };
                let left = desk.tx.lane_head(lane)?.map(|(head, _)| head.id);
                if !moved || left == Some(head.id) {
                    desk.tx.wait_for_person(head.id, Reason::NotAuthorised)?;
                    return Ok(None);
                }
            }
        }
    }
    Ok(None)
}

/// Whether a delivery shows its conversation's members something.
fn is_read_by_members(operation: Operation) -> bool {
    match operation {
        Operation::Post | Operation::Edit | Operation::Note | Operation::Prompt => true,
        Operation::Open | Operation::Delete => false,
    }
}

/// Takes a call out of its platform's limits, or tells when it may be made.
fn afford(desk: &Desk<'_, '_>, head: &Delivery, ready: &Ready) -> Result<(), Timestamp> {
    let Some(live) = desk.world.live(ready.leg.connection) else {
        return Ok(());
    };
    let wish = wish(head, &ready.leg, &ready.act);
    desk.world.spend(live, &wish, desk.now)
}

/// A call as the platform's limits count it.
pub(crate) fn wish(
    delivery: &Delivery,
    leg: &LegRow,
    act: &Act,
) -> Wish<ConnectionId, ExternalConversation> {
    let (spent_on, conversation) = match act {
        Act::Open(wanted) => (
            Spending::Open,
            ExternalConversation::new(wanted.relay_id.as_str()),
        ),
        Act::Say { conversation, .. } => (Spending::Post, conversation.clone()),
        Act::Change { conversation, .. } => (Spending::Edit, conversation.clone()),
        Act::Remove { conversation, .. } => (Spending::Delete, conversation.clone()),
    };
    let missed_for = delivery.received_at.ms_since(delivery.source_at);
    let urgency = if missed_for > CAUGHT_UP_MS {
        Urgency::CaughtUp
    } else {
        Urgency::Live
    };
    Wish {
        connection: leg.connection,
        conversation,
        spent_on,
        urgency,
    }
}

fn send(desk: &mut Desk<'_, '_>, head: &Delivery, ready: Ready) -> Result<Turn, StoreError> {
    let Ready {
        act,
        rung,
        leg,
        connector,
    } = ready;
    let looks_first = desk.must_look_for(head);
    let attempt = attempt(desk, connector.as_ref(), &act, rung)?;
    desk.tx.begin_attempt(head.id, desk.now, &attempt)?;
    let delivery = Delivery {
        state: DeliveryState::Sending,
        reason: None,
        attempts: head.attempts + 1,
        intent_at: Some(desk.now),
        rung: Some(rung),
        ..head.clone()
    };
    Ok(Turn::Send(Box::new(Work {
        delivery,
        leg,
        connector,
        act,
        looks_first,
    })))
}

/// Whether the lane begins nothing until an administrator resumes it, who wakes it then.
fn is_paused(desk: &Desk<'_, '_>, lane: LegId) -> Result<bool, StoreError> {
    if !desk.world.is_anything_paused() {
        return Ok(false);
    }
    let leg = desk.tx.leg(lane)?;
    Ok(leg.is_some_and(|leg| desk.world.is_paused(leg.connection)))
}

fn is_unpaired(desk: &Desk<'_, '_>, leg: LegId) -> Result<bool, StoreError> {
    let link = match desk.tx.leg(leg)? {
        Some(leg) => desk.link_of(&leg)?,
        None => None,
    };
    match link {
        Some(link) => Ok(!desk.is_kept(&link)?),
        None => Ok(false),
    }
}

/// Begins every lane that events or outcomes have touched, and those that this touches in turn.
pub(crate) fn begin_all(
    desk: &mut Desk<'_, '_>,
    taken: &mut Taken,
) -> Result<Vec<Turn>, StoreError> {
    let mut turns = Vec::new();
    // A lane may be touched again after its turn, when something moves into it.
    while !taken.lanes.is_empty() {
        let lane = taken.lanes.remove(0);
        turns.extend(begin(desk, lane, taken)?);
    }
    Ok(turns)
}

pub(crate) fn settle(
    desk: &mut Desk<'_, '_>,
    delivery: &Delivery,
    state: DeliveryState,
    reason: Option<Reason>,
) -> Result<(), StoreError> {
    let settlement = Settlement {
        state,
        reason,
        external: None,
        rung: None,
    };
    desk.tx.settle(delivery.id, desk.now, &settlement)?;
    Ok(())
}

impl Engine {
    /// Sends what a lane has committed, and goes on with the lane for as long as there is more.
    pub(crate) fn go_on(self: &Arc<Self>, turns: Vec<Turn>) {
        for turn in turns {
            let engine = Arc::clone(self);
            match turn {
                Turn::Send(work) => {
                    self.tasks()
                        .spawn(async move { engine.run_lane(*work).await });
                }
                Turn::Later(leg, at) if self.begin_waiting(leg, at) => {
                    self.tasks()
                        .spawn(async move { engine.wake_later(leg, at).await });
                }
                // It is woken before then as it is.
                Turn::Later(..) => {}
                Turn::Check(leg) => {
                    self.tasks()
                        .spawn(async move { engine.check_members(leg).await });
                }
            }
        }
    }

    async fn run_lane(self: Arc<Self>, mut work: Work) {
        loop {
            let Ok(place) = self.sending_place(work.leg.connection).await else {
                self.put_back(work).await;
                return;
            };
            let turns = if work.looks_first {
                let turns = self.find_out(work).await;
                drop(place);
                turns
            } else {
                let result = carry_out(&work).await;
                drop(place);
                match result {
                    Ok(outcome) => self.settled(work, outcome).await,
                    Err(failure) => self.failed(work, &failure).await,
                }
            };
            let Some((next, others)) = self.split_turns(turns) else {
                return;
            };
            self.go_on(others);
            work = next;
        }
    }

    /// The first thing to send goes on in this task; everything else gets tasks of its own.
    fn split_turns(self: &Arc<Self>, turns: Vec<Turn>) -> Option<(Work, Vec<Turn>)> {
        let mut next = None;
        let mut others = Vec::new();
        for turn in turns {
            match turn {
                Turn::Send(work) if next.is_none() => next = Some(*work),
                other => others.push(other),
            }
        }
        match next {
            Some(work) => Some((work, others)),
            None => {
                self.go_on(others);
                None
            }
        }
    }

    /// The hub stops, and the request has not left: the next start sends it.
    async fn put_back(self: &Arc<Self>, work: Work) {
        let Work { delivery, leg, .. } = work;
        let turns = self
            .insist("a delivery put back", move |desk| {
                let mut taken = Taken::default();
                let open = desk.tx.delivery(delivery.id)?;
                if open.is_some_and(|open| open.state == DeliveryState::Sending) {
                    desk.tx.postpone(delivery.id, delivery.due_at, None)?;
                }
                release_held(desk, &leg, &mut taken)?;
                Ok(taken)
            })
            .await;
        self.go_on(turns);
    }

    async fn wake_later(self: Arc<Self>, leg: LegId, at: Timestamp) {
        let pause = at.ms_since(self.world().clock.now()).max(0);
        let pause = Duration::from_millis(u64::try_from(pause).unwrap_or(0));
        let paused = self.pause(pause).await;
        if self.end_waiting(leg, at) && paused.is_ok() {
            self.wake(vec![leg]).await;
        }
    }

    /// Begins these lanes, if they are free and have something due.
    pub(crate) async fn wake(self: &Arc<Self>, lanes: Vec<LegId>) {
        let turns = self
            .insist("a lane's next", move |_desk| {
                let mut taken = Taken::default();
                lanes.iter().for_each(|lane| taken.lane(*lane));
                Ok(taken)
            })
            .await;
        self.go_on(turns);
    }
}

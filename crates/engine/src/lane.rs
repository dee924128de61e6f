//! Lanes: each leg's deliveries, one at a time, in order.

use std::{collections::HashSet, sync::Arc, time::Duration};

use causeway_connectors::{Connector, Edit, Post, Posted, ShownAs};
use causeway_model::{
    AuthorKind, Button, Content, Delivery, DeliveryState, ExternalConversation, ExternalMessage,
    Failure, FailureKind, GuestState, Happening, Incoming, LegId, LegKind, LegState,
    OpenConversation, Operation, Reason, RelayId, Speaker, Spending, Timestamp,
};
use causeway_relay::{
    budget::Wish,
    echo::{Evidence, find_own_post},
    retry::{NextStep, next_step},
};
use causeway_store::{Lanes, LegRow, NoticeRow, Settlement, StoreError};

use crate::{
    desk::Desk,
    engine::Engine,
    ingest::{
        Known, Release, Taken,
        consent::lapse,
        members::must_be_checked,
        record_arrival, route_kept,
        rungs::{rehouse, touch_side},
    },
    prepare::{Prepared, Ready, attempt, prepare},
};

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
                if let Err(at) = afford(desk, &ready) {
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
fn afford(desk: &Desk<'_, '_>, ready: &Ready) -> Result<(), Timestamp> {
    let Some(live) = desk.world.live(ready.leg.connection) else {
        return Ok(());
    };
    let (spent_on, conversation) = match &ready.act {
        Act::Open(wanted) => (
            Spending::Open,
            ExternalConversation::new(wanted.relay_id.as_str()),
        ),
        Act::Say { conversation, .. } => (Spending::Post, conversation.clone()),
        Act::Change { conversation, .. } => (Spending::Edit, conversation.clone()),
        Act::Remove { conversation, .. } => (Spending::Delete, conversation.clone()),
    };
    let wish = Wish {
        connection: ready.leg.connection,
        conversation,
        spent_on,
    };
    desk.world.spend(live, &wish, desk.now)
}

fn send(desk: &mut Desk<'_, '_>, head: &Delivery, ready: Ready) -> Result<Turn, StoreError> {
    let Ready {
        act,
        rung,
        leg,
        connector,
    } = ready;
    let attempt = attempt(desk, connector.as_ref(), &act, rung)?;
    desk.tx.begin_attempt(head.id, desk.now, &attempt)?;
    let delivery = desk
        .tx
        .delivery(head.id)?
        .ok_or(StoreError::NotFound("delivery"))?;
    Ok(Turn::Send(Box::new(Work {
        delivery,
        leg,
        connector,
        act,
    })))
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
        permalink: None,
    };
    desk.tx.settle(delivery.id, desk.now, &settlement)?;
    Ok(())
}

/// Makes the call. Nothing is locked and no transaction is open meanwhile.
pub(crate) async fn carry_out(work: &Work) -> Result<Outcome, Failure> {
    let connector = work.connector.as_ref();
    let relay_id = &work.delivery.relay_id;
    match &work.act {
        Act::Open(wanted) => connector.open(wanted).await.map(Outcome::Opened),
        Act::Say {
            conversation,
            speaker,
            shown_as,
            content,
            buttons,
            once,
        } => {
            let post = Post {
                conversation,
                speaker,
                shown_as: shown_as.as_ref(),
                content,
                buttons,
                relay_id,
            };
            let said_before = match once {
                true => find_said(connector, &post).await?,
                false => None,
            };
            match said_before {
                Some(posted) => Ok(Outcome::Said(posted)),
                None => connector.post(&post).await.map(Outcome::Said),
            }
        }
        Act::Change {
            conversation,
            message,
            speaker,
            shown_as,
            content,
        } => {
            let shown_as = shown_as.as_ref();
            let edit = Edit {
                conversation,
                message,
                speaker,
                shown_as,
                content,
                relay_id,
            };
            connector.edit(&edit).await.map(|()| Outcome::Done)
        }
        Act::Remove {
            conversation,
            message,
            speaker,
        } => connector
            .delete(conversation, message, speaker)
            .await
            .map(|()| Outcome::Done),
    }
}

/// What is said once for ever may have been said in a life of the hub that nobody remembers.
async fn find_said(connector: &dyn Connector, post: &Post<'_>) -> Result<Option<Posted>, Failure> {
    let beginning = Timestamp(0);
    let history = connector
        .history(post.conversation, post.speaker, beginning)
        .await
        .map_err(|failure| match failure.kind {
            // Nothing has been said yet.
            FailureKind::Unknown => Failure {
                kind: FailureKind::NotSent,
                ..failure
            },
            FailureKind::Throttled { .. }
            | FailureKind::NotSent
            | FailureKind::NotAuthorised
            | FailureKind::Forbidden
            | FailureKind::Gone
            | FailureKind::NotSupported
            | FailureKind::Rejected => failure,
        })?;
    let read_back = connector.as_read_back(post.content, post.shown_as);
    let fingerprint = read_back.fingerprint();
    // In the person's conversation with the app only the app says what the app says.
    let authors: Vec<_> = history
        .iter()
        .filter(|event| event.author.kind == AuthorKind::OwnApp)
        .map(|event| event.author.account.clone())
        .collect();
    let evidence = Evidence {
        relay_id: post.relay_id,
        marker: connector.capabilities().marker,
        authors: &authors,
        fingerprint: &fingerprint,
        since: beginning,
    };
    let found = find_own_post(&evidence, &history, &HashSet::new())
        .or_else(|| find_named(post.relay_id, &history));
    Ok(found.map(|(message, at)| Posted {
        message: message.clone(),
        at,
    }))
}

/// Where there are no markers, a link may name what was said: its words can have changed since.
fn find_named<'a>(
    relay_id: &RelayId,
    history: &'a [Incoming],
) -> Option<(&'a ExternalMessage, Timestamp)> {
    history.iter().find_map(|event| match &event.happened {
        Happening::Posted {
            message, content, ..
        } if event.author.kind == AuthorKind::OwnApp => {
            let written = serde_json::to_string(content).unwrap_or_default();
            written
                .contains(relay_id.as_str())
                .then_some((message, event.at))
        }
        Happening::Posted { .. }
        | Happening::Edited { .. }
        | Happening::Deleted { .. }
        | Happening::Asked { .. }
        | Happening::Pressed { .. }
        | Happening::Joined { .. }
        | Happening::Left { .. } => None,
    })
}

/// Records a success, routes what was held for it, and begins the lane's next.
pub(crate) fn record(
    desk: &mut Desk<'_, '_>,
    work: &Delivery,
    leg: &LegRow,
    outcome: &Outcome,
    taken: &mut Taken,
) -> Result<(), StoreError> {
    let still_open = desk
        .tx
        .delivery(work.id)?
        .is_some_and(|delivery| delivery.state == DeliveryState::Sending);
    // Its echo may have come first and settled it.
    if still_open {
        match outcome {
            Outcome::Opened(conversation) => {
                opened(desk, leg, conversation)?;
                settle(desk, work, DeliveryState::Delivered, None)?;
            }
            Outcome::Said(posted) => {
                record_arrival(desk, leg, work.id, &posted.message, posted.at)?;
            }
            Outcome::Done => {
                forget_copy_if_deleted(desk, work)?;
                settle(desk, work, DeliveryState::Delivered, None)?;
            }
        }
    }
    release_held(desk, leg, taken)?;
    touch_side(desk, leg, taken)
}

fn opened(
    desk: &mut Desk<'_, '_>,
    leg: &LegRow,
    conversation: &ExternalConversation,
) -> Result<(), StoreError> {
    match desk.tx.leg_by_conversation(leg.connection, conversation)? {
        // Someone began the same native conversation meanwhile, and it was adopted.
        Some(other) if other.id == leg.id => Ok(()),
        Some(other) if other.link == leg.link && other.link.is_some() => {
            desk.tx.set_leg_state(leg.id, LegState::Closed)?;
            desk.tx.set_leg_state(other.id, LegState::Current)?;
            desk.tx.move_unsent(leg.id, other.id)?;
            Ok(())
        }
        other => {
            // A leg of a link that is not kept any more gives it up; whose it is now is asked for.
            if let Some(other) = other {
                desk.tx.release_conversation(other.id)?;
            }
            desk.tx.set_leg_conversation(leg.id, conversation)?;
            desk.tx.set_members_checked(leg.id, desk.now)?;
            // Whatever came to wait here waited for the conversation.
            desk.tx.resume_waiting(Lanes::Leg(leg.id))?;
            Ok(())
        }
    }
}

fn forget_copy_if_deleted(desk: &mut Desk<'_, '_>, work: &Delivery) -> Result<(), StoreError> {
    let Some(message) = work.message.filter(|_| work.operation == Operation::Delete) else {
        return Ok(());
    };
    for copy in desk.tx.copies(message)? {
        if copy.leg == work.leg && copy.part == work.part {
            desk.tx.remove_copy(copy.leg, &copy.external)?;
        }
    }
    Ok(())
}

/// Events that might have been this delivery's echo are routed now that its outcome is known.
pub(crate) fn release_held(
    desk: &mut Desk<'_, '_>,
    leg: &LegRow,
    taken: &mut Taken,
) -> Result<(), StoreError> {
    let leg = desk.tx.leg(leg.id)?;
    let Some((leg, conversation)) = leg.and_then(|leg| {
        let conversation = leg.external.clone()?;
        Some((leg, conversation))
    }) else {
        return Ok(());
    };
    route_kept(
        desk,
        leg.connection,
        &conversation,
        &Known::NotYet,
        Release::UpToGap,
        taken,
    )
}

/// A prompt that nobody needs any more: should it be needed again, its person was never asked, and
/// nothing may wait for them.
fn wait_for_nobody(desk: &mut Desk<'_, '_>, delivery: &Delivery) -> Result<(), StoreError> {
    if let Some(prompt) = desk.tx.prompt_of_delivery(delivery.id)? {
        desk.tx.lapse_consent(prompt.account, desk.now)?;
    }
    Ok(())
}

/// A prompt that cannot reach its person is no reason to let messages wait.
fn note_undelivered(
    desk: &mut Desk<'_, '_>,
    delivery: &Delivery,
    state: DeliveryState,
    taken: &mut Taken,
) -> Result<(), StoreError> {
    if state != DeliveryState::Dead {
        return Ok(());
    }
    match delivery.operation {
        Operation::Prompt => let_nothing_wait(desk, delivery, taken),
        Operation::Open => give_up_app_leg(desk, delivery, taken),
        Operation::Post | Operation::Edit | Operation::Delete | Operation::Note => Ok(()),
    }
}

/// Somebody's conversation with the app could not be opened: another attempt begins with another
/// leg, and what was to be said here will not be.
fn give_up_app_leg(
    desk: &mut Desk<'_, '_>,
    opening: &Delivery,
    taken: &mut Taken,
) -> Result<(), StoreError> {
    let leg = desk.tx.leg(opening.leg)?;
    if leg.is_none_or(|leg| leg.kind != LegKind::App) {
        return Ok(());
    }
    desk.tx.set_leg_state(opening.leg, LegState::Closed)?;
    while let Some((head, _)) = desk.tx.lane_head(opening.leg)? {
        settle(desk, &head, DeliveryState::Dead, Some(Reason::Gone))?;
        if head.operation == Operation::Prompt {
            let_nothing_wait(desk, &head, taken)?;
        }
    }
    Ok(())
}

fn let_nothing_wait(
    desk: &mut Desk<'_, '_>,
    prompt: &Delivery,
    taken: &mut Taken,
) -> Result<(), StoreError> {
    let Some(prompt) = desk.tx.prompt_of_delivery(prompt.id)? else {
        return Ok(());
    };
    let Some(account) = desk.tx.account(prompt.account)? else {
        return Ok(());
    };
    desk.tx.put_notice(&NoticeRow {
        connection: account.connection,
        code: "prompt_undeliverable".to_owned(),
        person: account.person,
        detail: None,
        at: desk.now,
    })?;
    lapse(desk, &account, taken)
}

/// The account was refused: what it was to say may be said in another conversation.
fn find_other_way(
    desk: &mut Desk<'_, '_>,
    delivery: &Delivery,
    leg: &LegRow,
    taken: &mut Taken,
) -> Result<(), StoreError> {
    let Some(open) = desk.tx.delivery(delivery.id)? else {
        return Ok(());
    };
    let stuck = open.state == DeliveryState::WaitingForPerson
        && matches!(open.operation, Operation::Post | Operation::Open);
    let other_way = stuck
        && match open.reason {
            Some(Reason::NotAuthorised) => true,
            Some(Reason::Forbidden) => keep_guest_out(desk, leg)?,
            _ => false,
        };
    if other_way && let Some(leg) = desk.tx.leg(leg.id)? {
        rehouse(desk, &leg, taken)?;
    }
    Ok(())
}

/// A guest who may not write there is no guest to speak as: the pairing says so, and the app speaks.
fn keep_guest_out(desk: &mut Desk<'_, '_>, leg: &LegRow) -> Result<bool, StoreError> {
    let account = match leg.stand_in {
        Some(account) if leg.kind == LegKind::Native => desk.tx.account(account)?,
        Some(_) | None => None,
    };
    let Some((person, account)) = account.and_then(|account| Some((account.person?, account)))
    else {
        return Ok(false);
    };
    let pairing = desk.tx.pairing_of(person, leg.connection)?;
    let Some(pairing) = pairing.filter(|pairing| pairing.guest.is_some()) else {
        return Ok(false);
    };
    if pairing.secondary != Some(account.id) {
        return Ok(false);
    }
    desk.tx.set_guest(pairing.id, GuestState::Forbidden, None)?;
    desk.tx.put_notice(&NoticeRow {
        connection: leg.connection,
        code: "guests_forbidden".to_owned(),
        person: Some(person),
        detail: None,
        at: desk.now,
    })?;
    Ok(true)
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
            let result = carry_out(&work).await;
            drop(place);
            let turns = match result {
                Ok(outcome) => self.settled(work, outcome).await,
                Err(failure) => self.failed(work, &failure).await,
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

    async fn settled(self: &Arc<Self>, work: Work, outcome: Outcome) -> Vec<Turn> {
        let Work { delivery, leg, .. } = work;
        self.insist("an outcome", move |desk| {
            let mut taken = Taken::default();
            record(desk, &delivery, &leg, &outcome, &mut taken)?;
            Ok(taken)
        })
        .await
    }

    async fn failed(self: &Arc<Self>, work: Work, failure: &Failure) -> Vec<Turn> {
        let delivery = &work.delivery;
        tracing::info!(
            delivery.id = delivery.id.0,
            delivery.operation = delivery.operation.word(),
            failure.code = failure.code,
            failure.kind = ?failure.kind,
            "an attempt failed"
        );
        let step = self.step_after(delivery, failure.kind);
        match step {
            NextStep::FindOut => self.find_out(work).await,
            NextStep::TryAgain { .. }
            | NextStep::WaitForPerson { .. }
            | NextStep::Settle { .. } => self.apply(work, step).await,
        }
    }

    pub(crate) fn step_after(&self, delivery: &Delivery, failure: FailureKind) -> NextStep {
        let world = self.world();
        next_step(
            delivery.operation,
            failure,
            delivery.attempts,
            delivery.received_at,
            world.clock.now(),
            world.random.bits(),
            &self.policy().retry,
        )
    }

    /// Records what follows a failure, and goes on with the lane where it may.
    pub(crate) async fn apply(self: &Arc<Self>, work: Work, step: NextStep) -> Vec<Turn> {
        let Work { delivery, leg, .. } = work;
        self.insist("a failure", move |desk| {
            let mut taken = Taken::default();
            let open = desk.tx.delivery(delivery.id)?;
            if open.is_some_and(|open| open.state == DeliveryState::Sending) {
                match step {
                    NextStep::TryAgain { at, reason } => {
                        desk.tx.postpone(delivery.id, at, Some(reason))?;
                    }
                    NextStep::WaitForPerson { reason } => {
                        desk.tx.wait_for_person(delivery.id, reason)?;
                    }
                    NextStep::Settle { state, reason } => {
                        settle(desk, &delivery, state, reason)?;
                        note_undelivered(desk, &delivery, state, &mut taken)?;
                    }
                    NextStep::FindOut => {}
                }
            }
            release_held(desk, &leg, &mut taken)?;
            find_other_way(desk, &delivery, &leg, &mut taken)?;
            touch_side(desk, &leg, &mut taken)?;
            Ok(taken)
        })
        .await
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

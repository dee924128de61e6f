//! What follows an attempt: its success recorded, or what its failure asks for.

use std::sync::Arc;

use causeway_model::{
    Delivery, DeliveryState, ExternalConversation, Failure, FailureKind, GuestState, LegKind,
    LegState, Operation, Reason,
};
use causeway_relay::retry::{NextStep, next_step};
use causeway_store::{Lanes, LegRow, LimitRow, NoticeRow, StoreError};

use crate::{
    desk::Desk,
    engine::Engine,
    ingest::{
        Known, Release, Taken,
        consent::lapse,
        record_arrival, route_kept,
        rungs::{rehouse, touch_side},
    },
    lane::{Outcome, Turn, Work, settle, wish},
};

impl Engine {
    pub(crate) async fn settled(self: &Arc<Self>, work: Work, outcome: Outcome) -> Vec<Turn> {
        if let Outcome::Opened(conversation) = &outcome {
            self.read_from_the_beginning(&work, conversation.clone());
        }
        let Work { delivery, leg, .. } = work;
        self.insist("an outcome", move |desk| {
            let mut taken = Taken::default();
            record(desk, &delivery, &leg, &outcome, &mut taken)?;
            Ok(taken)
        })
        .await
    }

    pub(crate) async fn failed(self: &Arc<Self>, work: Work, failure: &Failure) -> Vec<Turn> {
        let delivery = &work.delivery;
        tracing::info!(
            delivery.id = delivery.id.0,
            delivery.operation = delivery.operation.word(),
            failure.code = failure.code,
            failure.kind = ?failure.kind,
            "an attempt failed"
        );
        if let FailureKind::Throttled { after_ms } = failure.kind {
            self.learn_limit(&work, after_ms).await;
        }
        let step = self.step_after(delivery, failure.kind);
        match step {
            NextStep::FindOut => self.find_out(work).await,
            NextStep::TryAgain { .. }
            | NextStep::WaitForPerson { .. }
            | NextStep::Settle { .. } => self.apply(work, step).await,
        }
    }

    /// A platform that takes less than it says has the rest of its limits tried less often, in
    /// later lives too.
    async fn learn_limit(&self, work: &Work, after_ms: Option<u64>) {
        let world = self.world();
        let Some(live) = world.live(work.leg.connection) else {
            return;
        };
        let wish = wish(&work.delivery, &work.leg, &work.act);
        let Some((class, lesson)) = world.refused(live, &wish, after_ms, world.clock.now()) else {
            return;
        };
        tracing::info!(
            connection.id = class.connection.0,
            limit.spent_on = class.spent_on.word(),
            limit.shared_by = class.shared_by.word(),
            limit.spacing_us = lesson.spacing_us,
            "a platform takes less than it says"
        );
        let limit = LimitRow {
            connection: class.connection,
            spent_on: class.spent_on,
            shared_by: class.shared_by,
            spacing_us: lesson.spacing_us,
            at: lesson.at,
        };
        let stored = self
            .store()
            .write(move |tx| tx.put_learned_limit(&limit))
            .await;
        if let Err(error) = stored {
            tracing::warn!(error.code = error.code(), "what was learned is not stored");
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
}

/// Records a success, routes what was held for it, and begins the lane's next.
pub(crate) fn record(
    desk: &mut Desk<'_, '_>,
    work: &Delivery,
    leg: &LegRow,
    outcome: &Outcome,
    taken: &mut Taken,
) -> Result<(), StoreError> {
    // Its echo may have come first and settled it.
    let open = desk
        .tx
        .delivery(work.id)?
        .filter(|delivery| delivery.state == DeliveryState::Sending);
    if let Some(open) = open {
        match outcome {
            Outcome::Opened(conversation) => {
                opened(desk, leg, conversation)?;
                settle(desk, work, DeliveryState::Delivered, None)?;
            }
            Outcome::Said(posted) => {
                record_arrival(desk, leg, &open, &posted.message, posted.at)?;
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
            // Whoever came in before it was known as a leg was not noticed: members are looked at
            // before anything is said.
            desk.tx.set_leg_conversation(leg.id, conversation)?;
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
pub(crate) fn wait_for_nobody(
    desk: &mut Desk<'_, '_>,
    delivery: &Delivery,
) -> Result<(), StoreError> {
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
        id: 0,
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
        id: 0,
        connection: leg.connection,
        code: "guests_forbidden".to_owned(),
        person: Some(person),
        detail: None,
        at: desk.now,
    })?;
    Ok(true)
}

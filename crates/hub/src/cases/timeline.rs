//! What happened to one delivery, as far as the store knows.

use causeway_model::{
    AccountId, Consent, Delivery, DeliveryState, LegKind, Operation, Otherwise, Pairing, Reason,
    Rung, Timestamp,
};
use causeway_store::{LegRow, Reader, StoreError};

use super::look::Look;
use crate::api::{ActivityEntry, DeliveryDetails, DeliveryStep, StepKind};

/// Shorter waits are the relay's own pace.
const NOTABLE_WAIT_MS: i64 = 1_000;

pub(super) fn details(
    reader: &Reader<'_>,
    look: &Look,
    entry: ActivityEntry,
    delivery: &Delivery,
    now: Timestamp,
) -> Result<DeliveryDetails, StoreError> {
    let leg = reader.leg(delivery.leg)?;
    let asked = match &leg {
        Some(leg) => asked(reader, delivery, leg)?,
        None => None,
    };
    let story = Story {
        entry: &entry,
        delivery,
        leg: leg.as_ref().map(|leg| leg.kind),
        consent: asked,
        otherwise: leg
            .as_ref()
            .map_or(Otherwise::AppSpeaks, |leg| look.otherwise(leg.connection)),
        ahead: match delivery.state.is_settled() {
            true => 0,
            false => reader.count_ahead(delivery)?,
        },
        now,
    };
    let timeline = story.steps();
    Ok(DeliveryDetails {
        cannot_retry: cannot_retry(delivery),
        cannot_skip: cannot_skip(delivery.state),
        timeline,
        entry,
    })
}

/// What is recorded of the consent of its author's own account there.
fn asked(
    reader: &Reader<'_>,
    delivery: &Delivery,
    leg: &LegRow,
) -> Result<Option<Consent>, StoreError> {
    let message = match delivery.message {
        Some(message) => reader.message(message)?,
        None => None,
    };
    let Some(author) = message.and_then(|message| message.author_person) else {
        return Ok(None);
    };
    let pairing: Option<Pairing> = reader.pairing_of(author, leg.connection)?;
    let account: Option<AccountId> = pairing.and_then(|pairing| pairing.secondary);
    account.map_or(Ok(None), |account| reader.consent(account))
}

fn cannot_retry(delivery: &Delivery) -> Option<String> {
    let why = match (delivery.state, delivery.operation) {
        (DeliveryState::Queued | DeliveryState::WaitingForPerson | DeliveryState::Uncertain, _)
        | (DeliveryState::Dead, Operation::Open | Operation::Delete) => return None,
        (
            DeliveryState::Dead,
            Operation::Post | Operation::Edit | Operation::Note | Operation::Prompt,
        ) => "What it said is forgotten, as everything that was given up.",
        (DeliveryState::Sending, _) => "It is being sent.",
        (DeliveryState::Delivered, _) => "It has arrived.",
        (DeliveryState::Cancelled, _) => "There is nothing left to do.",
    };
    Some(why.to_owned())
}

fn cannot_skip(state: DeliveryState) -> Option<String> {
    let why = match state {
        DeliveryState::Queued | DeliveryState::WaitingForPerson | DeliveryState::Uncertain => {
            return None;
        }
        DeliveryState::Sending => "It is being sent.",
        DeliveryState::Delivered => "It has arrived.",
        DeliveryState::Cancelled | DeliveryState::Dead => "It is given up already.",
    };
    Some(why.to_owned())
}

/// What a timeline is told from.
struct Story<'a> {
    entry: &'a ActivityEntry,
    delivery: &'a Delivery,
    leg: Option<LegKind>,
    consent: Option<Consent>,
    otherwise: Otherwise,
    /// Unsettled deliveries before it in its lane.
    ahead: u32,
    now: Timestamp,
}

impl Story<'_> {
    fn steps(&self) -> Vec<DeliveryStep> {
        let (entry, delivery) = (self.entry, self.delivery);
        let mut steps = Vec::new();
        if entry.from_platform.is_some() {
            let written = format!("{} wrote it{}.", self.author(), self.on_their_platform());
            steps.push(step(StepKind::Written, entry.written_at, written));
            steps.push(step(
                StepKind::Received,
                entry.received_at,
                "The hub kept it, and only then told the platform that it had.".to_owned(),
            ));
        }
        steps.push(step(StepKind::Routed, entry.received_at, self.routed()));
        steps.extend(self.waited());
        if let Some(at) = delivery.intent_at {
            steps.push(step(StepKind::Sent, at, self.sent()));
        }
        if let (Some(at), Some(_)) = (delivery.settled_at, &delivery.external) {
            let platform = entry.to_platform.name();
            let words = format!("{platform} has confirmed it, and the hub knows its id there.");
            steps.push(step(StepKind::Confirmed, at, words));
        }
        match delivery.settled_at {
            Some(at) => steps.push(step(StepKind::Settled, at, self.settled())),
            None => steps.push(DeliveryStep {
                step: StepKind::Waiting,
                at: None,
                words: self.waits(),
            }),
        }
        steps
    }

    fn author(&self) -> &str {
        self.entry.author.as_deref().unwrap_or("Somebody")
    }

    fn on_their_platform(&self) -> String {
        self.entry
            .from_platform
            .map(|platform| format!(" in {}", platform.name()))
            .unwrap_or_default()
    }

    fn routed(&self) -> String {
        let to = self.entry.to.as_deref().unwrap_or("somebody");
        let platform = self.entry.to_platform.name();
        let place = match self.leg {
            Some(LegKind::Native) => "their direct conversation",
            Some(LegKind::Group) => "their group with the app",
            Some(LegKind::Private) => "their private channel with the app",
            Some(LegKind::App) => "their conversation with the app",
            None => "a conversation that is gone",
        };
        format!("It is for {to} in {platform}, in {place}, and took its place in that lane.")
    }

    /// What held it up before its last attempt, where that is known.
    fn waited(&self) -> Option<DeliveryStep> {
        let sent = self.delivery.intent_at?;
        let received = self.delivery.received_at;
        if sent.0 - received.0 < NOTABLE_WAIT_MS {
            return None;
        }
        let answered = |at: Timestamp| at > received && at <= sent;
        let (at, words) = match &self.consent {
            Some(Consent::Granted { at, .. }) if answered(*at) => (
                *at,
                format!(
                    "Until then it waited for {} to authorise their account.",
                    self.author()
                ),
            ),
            Some(Consent::Declined { at }) if answered(*at) => (
                *at,
                format!(
                    "Until then it waited for {} to authorise their account, which they declined.",
                    self.author()
                ),
            ),
            Some(_) | None if self.delivery.attempts > 1 => (
                sent,
                format!("It took {} attempts until then.", self.delivery.attempts),
            ),
            Some(_) | None => (sent, "Until then it waited for its turn.".to_owned()),
        };
        Some(step(StepKind::Waited, at, words))
    }

    fn sent(&self) -> String {
        let platform = self.entry.to_platform.name();
        match self.delivery.rung {
            Some(Rung::Full) => format!(
                "It was sent to {platform} as {}.",
                self.entry.author.as_deref().map_or_else(
                    || "their own account".to_owned(),
                    |author| format!("{author}'s own account")
                )
            ),
            Some(Rung::Guest) => format!("It was sent to {platform} as their guest account."),
            Some(Rung::App) | None => format!("It was sent to {platform} by the app."),
        }
    }

    fn settled(&self) -> String {
        let because = self
            .delivery
            .reason
            .map(|reason| format!(": {}", why(reason)))
            .unwrap_or_default();
        match self.delivery.state {
            DeliveryState::Delivered => match self.delivery.external {
                Some(_) => "It has arrived.".to_owned(),
                None => "It is taken for arrived.".to_owned(),
            },
            DeliveryState::Cancelled => format!("It was not needed any more{because}."),
            DeliveryState::Dead
            | DeliveryState::Queued
            | DeliveryState::Sending
            | DeliveryState::WaitingForPerson
            | DeliveryState::Uncertain => format!("It was given up{because}."),
        }
    }

    /// For whom or what it waits now, and how long at most where that is known.
    fn waits(&self) -> String {
        match (self.delivery.state, self.delivery.reason) {
            (DeliveryState::Sending, _) => "The platform has not answered yet.".to_owned(),
            (DeliveryState::Uncertain, _) => {
                "Whether it arrived cannot be told from here: it waits for you to look and decide."
                    .to_owned()
            }
            (_, Some(Reason::AwaitingConsent)) => {
                let limit = match (&self.consent, self.otherwise) {
                    (Some(Consent::Asked { until, .. }), Otherwise::AppSpeaks)
                        if *until > self.now =>
                    {
                        " If they do not, it goes out through the app when the wait is over."
                    }
                    (Some(_) | None, Otherwise::AppSpeaks | Otherwise::Waits) => "",
                };
                format!(
                    "It waits for {} to authorise their account.{limit}",
                    self.author()
                )
            }
            (DeliveryState::WaitingForPerson, Some(reason)) => {
                format!("It waits for somebody to change this: {}.", why(reason))
            }
            (DeliveryState::WaitingForPerson, None) => "It waits for somebody.".to_owned(),
            (_, _) if self.ahead > 0 => match self.ahead {
                1 => "It waits behind an earlier one in its lane.".to_owned(),
                many => format!("It waits behind {many} earlier ones in its lane."),
            },
            (_, Some(reason)) => format!("It is tried again by itself: {}.", why(reason)),
            (_, None) => "It is sent when its turn comes.".to_owned(),
        }
    }
}

fn step(step: StepKind, at: Timestamp, words: String) -> DeliveryStep {
    DeliveryStep {
        step,
        at: Some(at),
        words,
    }
}

fn why(reason: Reason) -> &'static str {
    match reason {
        Reason::Throttled => "the platform asked to slow down",
        Reason::Unreachable => "the platform did not answer",
        Reason::NotAuthorised => "an authorisation is missing",
        Reason::Forbidden => "the platform forbids it",
        Reason::Gone => "the conversation or the message is gone",
        Reason::NotSupported => "the platform cannot do this",
        Reason::Rejected => "the platform refused the request",
        Reason::UnknownOutcome => "it was cut off while it was sent",
        Reason::Unpaired => "the pairing was ended",
        Reason::DeletedBefore => "it was deleted before it was sent",
        Reason::OriginalMissing => "what it changes never arrived",
        Reason::TooOld => "it had waited too long",
        Reason::ByAdministrator => "an administrator decided so",
        Reason::AwaitingConsent => "its author has not answered yet",
        Reason::Superseded => "another conversation has taken the place of its own",
        Reason::NotNeeded => "nobody needs it any more",
        Reason::LoopStopped => "the same words only went to and fro",
    }
}

#[cfg(test)]
mod tests {
    use causeway_model::{DeliveryId, ExternalMessage, LegId, Platform, RelayId};

    use super::*;

    fn delivery(state: DeliveryState, reason: Option<Reason>) -> Delivery {
        let settled = state.is_settled();
        Delivery {
            id: DeliveryId(7),
            leg: LegId(1),
            message: None,
            operation: Operation::Post,
            part: 0,
            relay_id: RelayId::from_bits(7),
            state,
            reason,
            attempts: 1,
            source_at: Timestamp(1_000),
            received_at: Timestamp(1_100),
            due_at: Timestamp(1_100),
            intent_at: settled.then_some(Timestamp(61_100)),
            settled_at: settled.then_some(Timestamp(61_400)),
            rung: settled.then_some(Rung::Full),
            external: settled.then(|| ExternalMessage::new("m")),
            late: false,
        }
    }

    fn told(delivery: &Delivery, consent: Option<Consent>) -> Vec<(StepKind, String)> {
        told_where(Otherwise::AppSpeaks, delivery, consent)
    }

    fn told_where(
        otherwise: Otherwise,
        delivery: &Delivery,
        consent: Option<Consent>,
    ) -> Vec<(StepKind, String)> {
        let entry = ActivityEntry {
            id: delivery.id,
            operation: delivery.operation,
            state: delivery.state,
            reason: delivery.reason,
            author: Some("Dana".to_owned()),
            to: Some("Bob".to_owned()),
            from_platform: Some(Platform::Slack),
            to_platform: Platform::Teams,
            rung: delivery.rung,
            attempts: delivery.attempts,
            late: delivery.late,
            written_at: delivery.source_at,
            received_at: delivery.received_at,
            sent_at: delivery.intent_at,
            settled_at: delivery.settled_at,
            permalink: None,
        };
        let story = Story {
            entry: &entry,
            delivery,
            leg: Some(LegKind::Native),
            consent,
            otherwise,
            ahead: 0,
            now: Timestamp(2_000),
        };
        let steps = story.steps().into_iter();
        steps.map(|step| (step.step, step.words)).collect()
    }

    #[test]
    fn what_waited_for_its_authors_answer_says_whose_and_what_came_of_it() {
        let granted = Some(Consent::Granted {
            at: Timestamp(60_000),
            scopes: String::new(),
        });
        let told = told(&delivery(DeliveryState::Delivered, None), granted);
        let kinds: Vec<_> = told.iter().map(|(kind, _)| *kind).collect();
        assert_eq!(
            kinds,
            [
                StepKind::Written,
                StepKind::Received,
                StepKind::Routed,
                StepKind::Waited,
                StepKind::Sent,
                StepKind::Confirmed,
                StepKind::Settled,
            ]
        );
        assert!(told[3].1.contains("waited for Dana to authorise"));
        assert!(told[4].1.contains("Dana's own account"));
    }

    #[test]
    fn a_wait_of_which_nothing_is_known_is_not_blamed_on_anyone() {
        let told = told(&delivery(DeliveryState::Delivered, None), None);
        assert_eq!(told[3].1, "Until then it waited for its turn.");
    }

    #[test]
    fn what_still_waits_says_for_whom() {
        let asked = Some(Consent::Asked {
            at: Timestamp(1_200),
            how: causeway_model::SignInWay::DeviceCode,
            until: Timestamp(90_000),
        });
        let waiting = delivery(
            DeliveryState::WaitingForPerson,
            Some(Reason::AwaitingConsent),
        );
        let ends = |otherwise| {
            let told = told_where(otherwise, &waiting, asked.clone());
            let (kind, words) = told.last().expect("it waits").clone();
            assert_eq!(kind, StepKind::Waiting);
            assert!(words.starts_with("It waits for Dana to authorise their account."));
            words.contains("through the app")
        };
        assert!(ends(Otherwise::AppSpeaks));
        assert!(!ends(Otherwise::Waits));
    }

    #[test]
    fn only_what_is_known_to_be_left_can_be_tried_again_or_given_up() {
        let possible: Vec<_> = DeliveryState::ALL
            .into_iter()
            .filter(|state| cannot_retry(&delivery(*state, None)).is_none())
            .collect();
        assert_eq!(
            possible,
            [
                DeliveryState::Queued,
                DeliveryState::WaitingForPerson,
                DeliveryState::Uncertain
            ]
            .into_iter()
            .collect::<Vec<_>>()
        );
        for state in DeliveryState::ALL {
            let both =
                cannot_retry(&delivery(state, None)).is_none() == cannot_skip(state).is_none();
            assert!(both, "{}", state.word());
        }
    }
}

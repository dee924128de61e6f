//! What a perfect relay would show, held against what the hub has shown: the rules that hold at
//! every moment after each step, and at the end that everything is there as it was last.

use causeway_model::{
    ConnectionId, DeliveryState, ExternalMessage, Mode, NameShown, Operation, Reason, RelayId,
    Speaker,
};
use causeway_store::{Reader, StoreError};

use super::town::{Town, Who};
use crate::support::{Count, Life, SLACK, Said, TEAMS};

/// What the store knows of something that the hub said.
#[derive(Clone)]
struct Origin {
    /// Where and as what it was written; none for what the hub itself has to say.
    message: Option<(ConnectionId, ExternalMessage)>,
    part: u16,
    late: bool,
}

impl Town<'_> {
    /// Judges what was said since it was last judged.
    pub async fn judge(&mut self, life: &Life) {
        for connection in [SLACK, TEAMS] {
            let from = self.judged.get(&connection).copied().unwrap_or(0);
            let said = self.platform(connection).state().said[from..].to_vec();
            let ids: Vec<_> = said
                .iter()
                .map(|said| said.saying.relay_id.clone())
                .collect();
            let origins = life.store.read(move |reader| {
                let origins = ids.iter().map(|id| origin(reader, id));
                origins.collect::<Result<Vec<_>, _>>()
            });
            let origins = origins.await.expect("the ledger");
            // Nothing is waited for from here on: a crash cannot come in between.
            self.judged.insert(connection, from + said.len());
            for (said, origin) in said.iter().zip(origins) {
                self.judge_one(connection, said, origin);
            }
        }
        self.judge_prompts();
    }

    fn judge_one(&mut self, connection: ConnectionId, said: &Said, origin: Option<Origin>) {
        if said.saying.strangers_known {
            let words = format!("{} in {}", said.text, said.saying.room);
            self.complain(Count::SeenByStrangers, &words);
        }
        let Some(origin) = origin else {
            let words = format!("nothing is known of it: {}", said.text);
            self.complain(Count::WrongAuthor, &words);
            return;
        };
        let Some(message) = &origin.message else {
            return;
        };
        let Some(index) = self.by_id.get(message).copied() else {
            self.complain(Count::Echoed, &said.text);
            return;
        };
        self.judge_author(connection, said, index, origin.part);
        if said.operation == Operation::Post {
            self.judge_copy(said, index, &origin);
        }
    }

    /// Under its author's name, in its author's words, before the reader's eyes.
    fn judge_author(&mut self, connection: ConnectionId, said: &Said, index: usize, part: u16) {
        let written = &self.written[index];
        let (by, author) = (written.by, self.person(written.by));
        let mut text = said.text.as_str();
        let begun = said.saying.begun_at;
        let right_name = match &said.saying.speaker {
            Speaker::Account(account) => {
                let is_theirs = account.as_str() == author.there;
                is_theirs && self.may_be_spoken_as(by, said)
            }
            Speaker::App => {
                let shown = self.platform(connection).capabilities.app_name;
                if shown == NameShown::InTheText {
                    let prefix = format!("{}: ", author.name);
                    text = text.strip_prefix(&prefix).unwrap_or("");
                }
                said.shown_as.as_deref() == Some(author.name.as_str())
            }
        };
        // What arrives much later than it was written says so.
        if let Some((_, rest)) = text
            .strip_prefix("(written ")
            .and_then(|it| it.split_once(") "))
        {
            text = rest;
        }
        let versions = written.versions.iter();
        let own_words = versions
            .map(|version| version.split('|').nth(part.into()))
            .any(|words| words == Some(text));
        let reader = &self.person(by.other()).own;
        let read = said.members.iter().any(|member| member.as_str() == reader);
        let none_paired = |who| {
            let modes = self.modes_at(who, begun);
            modes.iter().all(Option::is_none)
        };
        let after_end =
            said.operation == Operation::Post && none_paired(by) && none_paired(by.other());
        let words = format!(
            "{:?} as {:?}: {}",
            said.operation, said.saying.speaker, said.text
        );
        if !right_name || !own_words {
            self.complain(Count::WrongAuthor, &words);
        }
        if !read {
            self.complain(Count::SeenByStrangers, &words);
        }
        if after_end {
            self.complain(Count::WrongAuthor, &format!("unpaired, {words}"));
        }
    }

    /// New words are said as an account only while a pairing says that it is theirs; what stands
    /// there already is changed by whoever posted it.
    fn may_be_spoken_as(&self, who: Who, said: &Said) -> bool {
        let modes = self.modes_at(who, said.saying.begun_at);
        said.operation == Operation::Edit || modes.contains(&Some(Mode::Full))
    }

    fn judge_copy(&mut self, said: &Said, index: usize, origin: &Origin) {
        let written = &mut self.written[index];
        let (by, at) = (written.by, written.at);
        let copies = written.copies.entry(origin.part).or_default();
        copies.push((said.saying.room.clone(), said.message.clone()));
        if copies.len() > 1 {
            self.complain(Count::Duplicated, &said.text);
            return;
        }
        let place = (at, index, origin.part);
        let newest = self.newest.get(&by).copied();
        if newest.is_some_and(|newest| place < newest) {
            // The hub may not know yet that this has arrived: whether it says so is seen at the end.
            let words = format!("{} after {newest:?}", said.text);
            self.stragglers.push((said.saying.relay_id.clone(), words));
        } else {
            self.newest.insert(by, place);
        }
    }

    fn judge_prompts(&mut self) {
        for who in self.everyone() {
            let person = self.person(who);
            let own = person.own.clone();
            let prompts = self.platform(person.home).prompts(&own);
            let allowed = 1 + self.asked_again.get(&own).copied().unwrap_or(0);
            if prompts > allowed {
                self.complain(Count::PromptedTwice, &format!("{own}: {prompts}"));
            }
        }
    }

    /// At the end: what is open has a reason, and everything else stands there as it was last.
    pub async fn judge_end(&mut self, life: &Life) {
        self.judge(life).await;
        self.judge_stragglers(life).await;
        self.judge_ledger(life).await;
        for index in 0..self.written.len() {
            self.judge_written(index);
        }
    }

    /// What was said after a later message must be marked so.
    async fn judge_stragglers(&mut self, life: &Life) {
        for (id, words) in std::mem::take(&mut self.stragglers) {
            let marked = life.store.read(move |reader| origin(reader, &id)).await;
            if marked
                .expect("the ledger")
                .is_some_and(|origin| origin.late)
            {
                self.tally
                    .count_because(Count::Late, "told_after_a_later_one");
            } else {
                self.complain(Count::OutOfOrder, &words);
            }
        }
    }

    async fn judge_ledger(&mut self, life: &Life) {
        for row in life.ledger().await {
            let delivery = row.delivery;
            let id = delivery.relay_id.clone();
            let origin = life.store.read(move |reader| origin(reader, &id)).await;
            let origin = origin
                .expect("the ledger")
                .and_then(|origin| origin.message);
            let index = origin.and_then(|message| self.by_id.get(&message).copied());
            let words = format!(
                "{:?} {:?} because of {:?} on {:?}",
                delivery.state, delivery.operation, delivery.reason, delivery.leg
            );
            let number = delivery.id.0;
            self.house.slack.note(format!("ledger {number}: {words}"));
            let is_change = matches!(delivery.operation, Operation::Edit | Operation::Delete);
            let excuses = match (delivery.state, delivery.reason) {
                (DeliveryState::Delivered, _) => false,
                (DeliveryState::Cancelled, reason) => matches!(
                    reason,
                    Some(Reason::Unpaired | Reason::Superseded | Reason::ByAdministrator)
                ),
                (
                    DeliveryState::WaitingForPerson,
                    Some(Reason::NotAuthorised | Reason::AwaitingConsent),
                ) if is_change => true,
                (
                    DeliveryState::Queued
                    | DeliveryState::Sending
                    | DeliveryState::WaitingForPerson,
                    _,
                ) => {
                    self.complain(Count::Lost, &words);
                    false
                }
                (DeliveryState::Uncertain | DeliveryState::Dead, _) => {
                    self.complaints.push(words.clone());
                    false
                }
            };
            if delivery.state == DeliveryState::Dead {
                let why = delivery.reason.map_or("unknown", Reason::word);
                self.tally.count_because(Count::Dead, why);
            }
            if let (Some(index), true) = (index, excuses) {
                let written = &mut self.written[index];
                written.may_be_stale = true;
                written.is_due &= is_change;
            }
        }
    }

    fn judge_written(&mut self, index: usize) {
        let written = &self.written[index];
        let platform = self.platform(self.person(written.by.other()).home);
        let mut widened = false;
        let mut shown = Vec::new();
        for (room, id) in written.copies.values().flatten() {
            let state = platform.state();
            let room = &state.rooms[room];
            widened |= !room.strangers.is_empty();
            let standing = room
                .messages
                .iter()
                .find(|message| message.id == *id && !message.deleted);
            shown.extend(standing.map(|message| message.content.to_plain()));
        }
        // The hub made this conversation and gave it up before it said anything there.
        let given_up = written.is_first_word && {
            let platform = self.platform(self.person(written.by).home);
            let state = platform.state();
            let said = state.rooms[&written.room].messages.iter();
            !said
                .map(|it| &it.author)
                .any(|author| *author == platform.app)
        };
        let last = written.versions.last().cloned().unwrap_or_default();
        let expected: Vec<_> = last.split('|').collect();
        let may_be_stale = written.may_be_stale || widened;
        let is_there = shown.len() >= expected.len();
        let is_last = is_there
            && shown
                .iter()
                .zip(&expected)
                .all(|(shown, expected)| shown.ends_with(expected));
        let wrong = match (written.deleted, written.is_due && !given_up) {
            (true, due) if due && !may_be_stale && !shown.is_empty() => Some("is still there"),
            (false, true) if !is_there => Some("is not there"),
            (false, true) if !is_last && !may_be_stale => Some("is not as it was last"),
            (true | false, _) => None,
        };
        if let Some(wrong) = wrong {
            let words = format!("{last} {wrong}: {shown:?}");
            self.complain(Count::Lost, &words);
        }
    }

    /// The administrator gives up what nobody can tell. That is a fault unless the evidence could
    /// not be had: somebody's token was taken away in the middle.
    pub async fn give_up_uncertain(&mut self, life: &Life) {
        let rows = life.ledger().await;
        let uncertain = rows
            .into_iter()
            .map(|row| row.delivery)
            .find(|delivery| delivery.state == DeliveryState::Uncertain);
        let Some(delivery) = uncertain else {
            return;
        };
        if self.evidence_was_hidden {
            self.tally
                .count_because(Count::Uncertain, "token_was_taken");
        } else {
            let words = format!("{:?} {:?}", delivery.operation, delivery.relay_id);
            self.complain(Count::Uncertain, &words);
        }
        let now = life.engine.clock().now();
        life.write(move |tx| tx.skip(delivery.id, now)).await;
        let woken = life.engine.pairings_changed().await;
        woken.expect("lanes are woken");
    }
}

fn origin(reader: &Reader<'_>, id: &RelayId) -> Result<Option<Origin>, StoreError> {
    let Some(delivery) = reader.delivery_by_relay_id(id)? else {
        return Ok(None);
    };
    let message = match delivery.message {
        Some(message) => reader.message(message)?,
        None => None,
    };
    let leg = match &message {
        Some(message) => reader.leg(message.origin_leg)?,
        None => None,
    };
    let written = message
        .zip(leg)
        .map(|(message, leg)| (leg.connection, message.external));
    Ok(Some(Origin {
        message: written,
        part: delivery.part,
        late: delivery.late,
    }))
}

//! What people and administrators do, by chance.

use std::sync::Arc;

use causeway_model::{
    Clock, ConnectionId, EventKey, ExternalAccount, GuestState, Mode, Reason, SpeaksBy,
};
use causeway_store::{Lanes, NewPairing, StoreError, Tx};

use super::town::{Decision, Scene, Town, Who, Written};
use crate::support::{CodeUse, Life, Message, Room, SLACK, TEAMS, owner, put_token};

impl Town<'_> {
    /// Somebody writes, edits or deletes; whether the hub hears or not.
    pub fn people_act(&mut self) {
        let everyone = self.everyone();
        let who = everyone[self.pick(everyone.len())];
        let open: Vec<_> = (0..self.written.len())
            .filter(|index| self.written[*index].by == who && !self.written[*index].deleted)
            .collect();
        match self.pick(10) {
            0 | 1 if !open.is_empty() => self.edit(open[self.pick(open.len())]),
            2 if !open.is_empty() => self.delete(open[self.pick(open.len())]),
            kind => {
                let number = self.written.len();
                let text = match kind {
                    // Now and then the same words again.
                    3 => "ok".to_owned(),
                    4 => format!("{} {number}|and more", self.person(who).own),
                    _ => format!("{} {number}", self.person(who).own),
                };
                self.write(who, text);
            }
        }
    }

    fn write(&mut self, who: Who, text: String) {
        let places = self.places(who);
        let heard: Vec<_> = places
            .iter()
            .filter(|room| self.is_heard(who, room))
            .cloned()
            .collect();
        // Mostly where it reaches the other.
        let choice = match heard.is_empty() || self.pick(10) == 0 {
            true => &places,
            false => &heard,
        };
        if choice.is_empty() {
            return;
        }
        let room = choice[self.pick(choice.len())].clone();
        let person = self.person(who);
        let is_due = heard.contains(&room) && self.is_relayed_for(who);
        let (at, home) = (self.house.clock.now(), person.home);
        let is_first_word = {
            let platform = self.platform(home);
            let state = platform.state();
            let found = &state.rooms[&room];
            let by_app = |message: &&Message| message.author == platform.app;
            found.members.contains(&platform.app) && !found.messages.iter().any(|it| by_app(&it))
        };
        let id = self.platform(home).write(&room, &person.own, &text);
        self.tally.messages += 1;
        self.by_id.insert((home, id.clone()), self.written.len());
        self.written.push(Written {
            by: who,
            room,
            id,
            at,
            versions: vec![text],
            deleted: false,
            is_due,
            is_first_word,
            may_be_stale: false,
            copies: std::collections::BTreeMap::new(),
        });
    }

    fn edit(&mut self, index: usize) {
        self.change(index);
        let text = format!("{}!", self.written[index].versions.last().expect("one"));
        self.written[index].versions.push(text.clone());
        let (room, id, home) = self.place_of(index);
        self.platform(home).edit(&room, &id, &text);
    }

    fn delete(&mut self, index: usize) {
        self.change(index);
        self.written[index].deleted = true;
        let (room, id, home) = self.place_of(index);
        self.platform(home).delete(&room, &id);
    }

    /// A change counts only where the hub hears of it.
    fn change(&mut self, index: usize) {
        let written = &self.written[index];
        let heard = self.is_heard(written.by, &written.room) && self.is_relayed_for(written.by);
        self.written[index].may_be_stale |= !heard;
    }

    fn place_of(&self, index: usize) -> (Room, causeway_model::ExternalMessage, ConnectionId) {
        let written = &self.written[index];
        let home = self.person(written.by).home;
        (written.room.clone(), written.id.clone(), home)
    }

    /// While the hub is away people write, and come into conversations.
    pub fn act_unheard(&mut self, changes: u64) {
        if self.chance.below(100) < changes {
            let everyone = self.everyone();
            let who = everyone[self.pick(everyone.len())];
            self.let_somebody_in(who);
        } else {
            self.people_act();
        }
    }

    /// Something changes around the messages.
    pub async fn others_act(&mut self, life: &Life) {
        let everyone = self.everyone();
        let who = everyone[self.pick(everyone.len())];
        match self.pick(12) {
            0 | 1 => self.decide(life, who).await,
            2 | 3 => self.lose_or_give_token(life, who).await,
            4 | 5 => self.let_somebody_in(who),
            6 => self.strangers_leave(),
            7 => {
                let wait = [0, 2_000, 60_000, 600_000][self.pick(4)];
                let stored = life.engine.set_consent_wait(wait).await;
                stored.expect("it is stored");
            }
            8 => self.look_for_other(who),
            _ => self.answer_prompt(life, who).await,
        }
    }

    /// Somebody looks for the other through the app.
    pub fn look_for_other(&self, who: Who) {
        let (person, other) = (self.person(who), self.person(who.other()));
        let platform = self.platform(person.home);
        platform.ask(&person.own, &other.name, None);
    }

    /// An administrator pairs somebody, takes the pairing apart, or changes its mode.
    async fn decide(&mut self, life: &Life, who: Who) {
        let modes = [
            None,
            Some(Mode::Full),
            Some(Mode::Full),
            Some(Mode::App),
            Some(Mode::Guest),
        ];
        let mode = modes[self.pick(modes.len())];
        self.pair_as(life, who, mode).await;
        if mode.is_none() && self.pick(2) == 0 {
            self.pair_as(life, who.other(), mode).await;
        }
    }

    pub async fn pair_as(&mut self, life: &Life, who: Who, mode: Option<Mode>) {
        if self.mode(who) == mode {
            return;
        }
        self.interrupt(who.pair);
        let person = self.person(who);
        let platform = self.platform(person.home);
        platform.note(format!("{} is to be paired as {mode:?}", person.name));
        let (own, there) = (person.own.clone(), person.there.clone());
        let (home, elsewhere) = (person.home, self.person(who.other()).home);
        let now = self.house.clock.now();
        let decisions = Arc::clone(&self.decisions);
        life.write(move |tx| {
            let (person, primary) = owner(tx, home, &own)?;
            end_pairings(tx, person, now)?;
            if let Some(mode) = mode {
                let (_, account) = owner(tx, elsewhere, &there)?;
                tx.add_pairing(&NewPairing {
                    person,
                    primary,
                    secondary_connection: elsewhere,
                    secondary: (mode == Mode::Full).then_some(account),
                    mode,
                    guest: (mode == Mode::Guest).then_some(GuestState::Wanted),
                    since: now,
                })?;
            }
            let at = now;
            let decision = Decision { at, who, mode };
            decisions.lock().expect("nobody panicked").push(decision);
            Ok(())
        })
        .await;
        let told = life.engine.pairings_changed().await;
        told.expect("the engine is told");
    }

    /// The hub has died. What it should have read back of a conversation that it had only just made
    /// is read only as far as nobody wrote there since.
    pub fn hub_died(&mut self) {
        for written in &mut self.written {
            written.is_due &= !(written.is_first_word && written.copies.is_empty());
        }
    }

    /// What is on its way may be stopped by a decision about the pair.
    fn interrupt(&mut self, pair: usize) {
        for written in &mut self.written {
            if written.by.pair == pair {
                written.may_be_stale = true;
                written.is_due &= !written.copies.is_empty();
            }
        }
    }

    async fn lose_or_give_token(&mut self, life: &Life, who: Who) {
        if self.scene != Scene::Tokens {
            return;
        }
        let there = ExternalAccount::new(&self.person(who).there);
        let elsewhere = self.person(who.other()).home;
        if self.platform(elsewhere).capabilities.speaks_by == SpeaksBy::Role {
            return;
        }
        let held = self.platform(elsewhere).state().authorised.contains(&there);
        if held {
            self.lose_token(who);
        } else {
            self.give_token(life, who).await;
        }
    }

    /// The platform honours somebody's token no longer.
    fn lose_token(&mut self, who: Who) {
        self.evidence_was_hidden = true;
        let there = ExternalAccount::new(&self.person(who).there);
        let elsewhere = self.person(who.other()).home;
        let platform = self.platform(elsewhere);
        platform.note(format!("the token of {there} is taken"));
        platform.state().authorised.remove(&there);
        let by = who.other();
        for written in self.written.iter_mut().filter(|written| written.by == by) {
            let key = EventKey(format!("m:{}:{}", written.room, written.id));
            let state = platform.state();
            if !state.acknowledged.contains(&key) {
                // Nobody can read it back.
                written.is_due = false;
            }
            // Nor what has become of it since.
            written.may_be_stale = true;
        }
    }

    /// An administrator brings a token.
    pub async fn give_token(&mut self, life: &Life, who: Who) {
        let there = self.person(who).there.clone();
        let elsewhere = self.person(who.other()).home;
        let account = ExternalAccount::new(&there);
        let platform = self.platform(elsewhere);
        platform.note(format!("the token of {there} is brought"));
        platform.state().authorised.insert(account);
        let now = self.house.clock.now();
        life.write(move |tx| bring_token(tx, elsewhere, &there, now))
            .await;
        let read = life.engine.reload(elsewhere).await;
        read.expect("it is read again");
        let told = life.engine.pairings_changed().await;
        told.expect("the engine is told");
    }

    /// Somebody is let into a conversation of the app and one of its people.
    fn let_somebody_in(&mut self, who: Who) {
        let home = self.person(who).home;
        let platform = self.platform(home);
        let mut groups = self.places(who);
        groups.retain(|room| {
            let state = platform.state();
            let has_app = state.rooms[room].members.contains(&platform.app);
            has_app && state.rooms[room].strangers.is_empty()
        });
        if groups.is_empty() {
            return;
        }
        let room = groups[self.pick(groups.len())].clone();
        let eve = format!("EVE{}", self.strangers.len());
        platform.let_in(&room, &[&eve]);
        self.strangers.push((home, room, eve));
    }

    fn strangers_leave(&mut self) {
        if self.strangers.is_empty() {
            return;
        }
        let which = self.pick(self.strangers.len());
        let (home, room, eve) = self.strangers[which].clone();
        let here = ExternalAccount::new(&eve);
        let platform = self.platform(home);
        let is_in = platform.state().rooms[&room].members.contains(&here);
        if is_in {
            platform.leave(&room, &eve);
        }
    }

    /// Somebody begins, signs in as themselves or as somebody else, or declines; or the
    /// administrator takes back what was granted, or asks again.
    async fn answer_prompt(&mut self, life: &Life, who: Who) {
        if self.scene != Scene::Asking || who.one != 0 {
            return;
        }
        let (slack, teams) = (&self.house.slack, &self.house.teams);
        let person = self.person(who);
        let (own, there) = (person.own.clone(), person.there.clone());
        match self.pick(8) {
            0..=2 => {
                slack.press(&own, "consent:start");
            }
            3..=5 => {
                if let Some(code) = slack.newest_code(&own, teams) {
                    let used = match self.pick(6) {
                        0 => CodeUse::Declined,
                        1 => CodeUse::SignedIn(ExternalAccount::new("SOMEBODY")),
                        _ => CodeUse::SignedIn(ExternalAccount::new(&there)),
                    };
                    teams.use_code(&code, used);
                }
            }
            6 => {
                slack.press(&own, "consent:decline");
            }
            _ => self.administrator_on_consent(life, own, there).await,
        }
    }

    async fn administrator_on_consent(&mut self, life: &Life, own: String, there: String) {
        let account = life.store.read(move |reader| {
            let account = ExternalAccount::new(&there);
            reader.account_by_external(TEAMS, &account)
        });
        let account = account.await.expect("read").expect("an account").id;
        // Refused where there is nothing to take back, or nobody to ask.
        if self.pick(2) == 0 {
            drop(life.engine.revoke_consent(account).await);
        } else {
            *self.asked_again.entry(own).or_default() += 1;
            drop(life.engine.ask_again(account).await);
        }
    }
}

fn end_pairings(
    tx: &mut Tx<'_>,
    person: causeway_model::PersonId,
    now: causeway_model::Timestamp,
) -> Result<(), StoreError> {
    for pairing in tx.pairings_of_person(person)? {
        tx.cancel_queued(Lanes::Pairing(pairing.id), Reason::Unpaired, now)?;
        tx.end_pairing(pairing.id, now)?;
        if let Some(secondary) = pairing.secondary {
            tx.end_sign_ins_of(secondary)?;
        }
    }
    Ok(())
}

fn bring_token(
    tx: &mut Tx<'_>,
    connection: ConnectionId,
    account: &str,
    now: causeway_model::Timestamp,
) -> Result<(), StoreError> {
    let (_, row) = owner(tx, connection, account)?;
    if let Some(consent) = tx.consent(row)?
        && let Ok(granted) = consent.grant(now, String::new())
    {
        tx.set_consent(row, &granted)?;
    }
    put_token(tx, connection, account)?;
    tx.resume_waiting(Lanes::Connection(connection))?;
    Ok(())
}

impl Town<'_> {
    /// What is out of order is put right, as an administrator would in the end.
    pub async fn put_right(&mut self, life: &Life) {
        for who in self.everyone() {
            let there = ExternalAccount::new(&self.person(who).there);
            let elsewhere = self.person(who.other()).home;
            let held = self.platform(elsewhere).state().authorised.contains(&there);
            if self.scene == Scene::Tokens && !held {
                self.give_token(life, who).await;
            }
        }
        for connection in [SLACK, TEAMS] {
            self.platform(connection).state().chaos = None;
        }
    }
}

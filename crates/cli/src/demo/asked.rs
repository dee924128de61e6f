//! The second chapter: people who have to be asked, guests, and somebody whose token is revoked.
//! The hub is killed and started again between the steps.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use causeway_hub::api::{
    ListPeople, PairPerson, PairingView, PeopleFilter, PersonRef, SecondaryWish, SetPolicy,
    SignInGuest, UnpairPerson,
};
use causeway_model::{GuestState, Platform};
use causeway_playground::Place;
use causeway_sandbox::{
    ControlClient,
    control_client::{Answer, TenantSwitches, To},
    faults::{Fault, FaultKind},
};
use futures_util::future::try_join_all;
use tokio::time::Instant;

use super::{
    cast::{Actor, Stands},
    judge::is_prompt,
    process::Hub,
    story::{LOOK_EVERY, Line, PATIENCE, Story, find_counterpart, sides, tag, where_is, write},
};

/// How long messages wait for somebody who does not answer.
const SHORT_WAIT_MS: i64 = 1_500;
const LONG_WAIT_MS: i64 = 3 * 24 * 3_600_000;

/// Who is who, by their place among the chapter's pairs.
const SENDER: usize = 0;
const RECEIVER: usize = 1;
const DECLINER: usize = 2;
const IGNORER: usize = 3;
const CARELESS: usize = 4;
const REVOKED: usize = 5;
const WELCOME: usize = 6;
const KEPT_OUT: usize = 7;

/// As what a message must arrive.
pub(super) const THEMSELVES: bool = true;
const BY_APP: bool = false;

/// Plays the chapter, and answers the hub as it runs at its end.
pub async fn play(story: &mut Story, hub: Hub, place: &Place) -> Result<Hub> {
    let base = story.first_asked();
    // It has just been started again: a command before it hears would be answered by nobody.
    hub.hears(place).await?;
    first_words(story, base).await?;
    invite(story, base + WELCOME, place).await?;
    story.narrate("the hub is killed while people are being asked");
    let hub = hub.kill_and_restart(place).await?;
    hub.hears(place).await?;
    answers(story, base, place).await?;
    story.narrate("the hub is killed after they have answered");
    let hub = hub.kill_and_restart(place).await?;
    hub.hears(place).await?;
    without_answer(story, base, place).await?;
    kept_out(story, base + KEPT_OUT, place).await?;
    story.narrate("the hub is killed once more");
    let hub = hub.kill_and_restart(place).await?;
    hub.hears(place).await?;
    revoke(story, base + REVOKED).await?;
    last_words(story, base).await?;
    Ok(hub)
}

/// Somebody writes first, somebody is written to first; whoever must be spoken as waits.
async fn first_words(story: &mut Story, base: usize) -> Result<()> {
    for (who, count) in [(SENDER, 3), (DECLINER, 2), (CARELESS, 1)] {
        let arrives = if who == DECLINER { BY_APP } else { THEMSELVES };
        for _ in 0..count {
            story.say(base + who, true, arrives).await?;
        }
    }
    for _ in 0..2 {
        story
            .say(
                base + RECEIVER,
                false,
                story.right_is_themselves(base + RECEIVER),
            )
            .await?;
    }
    // Shown to them at once, whatever they answer.
    story.until_seen(base + RECEIVER).await?;
    let asked = [SENDER, RECEIVER, DECLINER, CARELESS];
    try_join_all(asked.map(|who| story.until_asked(base + who))).await?;
    story.narrate("four people are asked, each once");
    Ok(())
}

/// One allows it, one declines, for one somebody else signs in, and one allows it after answering.
async fn answers(story: &mut Story, base: usize, place: &Place) -> Result<()> {
    story.say(base + RECEIVER, true, THEMSELVES).await?;
    let control = story.control.clone();
    let of = |who: usize| story.pairs[base + who].left.clone();
    let (sender, receiver) = (of(SENDER), of(RECEIVER));
    let (decliner, careless) = (of(DECLINER), of(CARELESS));
    let somebody_else = story.pairs[base + REVOKED].left.email.clone();
    tokio::try_join!(
        control.consent(&sender.email, Answer::Grant, None),
        control.consent(&receiver.email, Answer::Grant, None),
        control.consent(&decliner.email, Answer::Decline, None),
        control.consent(&careless.email, Answer::Grant, Some(&somebody_else)),
    )?;
    take_guest_up(story, base + WELCOME, place).await?;
    story
        .until_told(base + CARELESS, "Somebody else signed in")
        .await?;
    story.narrate("somebody else signed in: nothing was kept");
    control
        .consent(&careless.email, Answer::Grant, None)
        .await?;
    for who in [SENDER, RECEIVER, DECLINER, CARELESS] {
        story.until_seen(base + who).await?;
    }
    story.narrate("what waited has arrived, in order");
    Ok(())
}

/// Somebody is asked and never answers: after the wait the app carries what they wrote.
async fn without_answer(story: &mut Story, base: usize, place: &Place) -> Result<()> {
    set_wait(place, SHORT_WAIT_MS).await?;
    for _ in 0..2 {
        story.say(base + IGNORER, true, BY_APP).await?;
    }
    let ignorer = story.pairs[base + IGNORER].left.email.clone();
    story.until_asked(base + IGNORER).await?;
    story
        .control
        .consent(&ignorer, Answer::Ignore, None)
        .await?;
    story.until_seen(base + IGNORER).await?;
    story.narrate("nobody answered in time: the app carries it");
    set_wait(place, LONG_WAIT_MS).await
}

/// A guest is made, and nobody is asked anything.
async fn invite(story: &mut Story, pair: usize, place: &Place) -> Result<()> {
    pair_as_guest(&story.pairs[pair].left, place).await?;
    let person = story.pairs[pair].left.clone();
    until_guest(place, &person, Platform::Teams, GuestState::Invited).await?;
    // Until somebody has taken it up, the app speaks for them.
    story.say(pair, true, BY_APP).await?;
    story.until_seen(pair).await
}

/// The administrator signs the guest in once, which takes the invitation up.
async fn take_guest_up(story: &mut Story, pair: usize, place: &Place) -> Result<()> {
    let person = story.pairs[pair].left.clone();
    sign_guest_in(&story.control, &person, Platform::Teams, place).await?;
    until_guest(place, &person, Platform::Teams, GuestState::Redeemed).await?;
    story.narrate("a guest is signed in by the administrator");
    story.say(pair, true, THEMSELVES).await
}

pub(super) async fn sign_guest_in(
    control: &ControlClient,
    person: &Actor,
    secondary: Platform,
    place: &Place,
) -> Result<()> {
    let client = place.manage().await?;
    let offer = client
        .call(SignInGuest {
            person: PersonRef::Named(person.email.clone()),
            secondary: Some(secondary),
        })
        .await?;
    client.close().await;
    let granted = true;
    control
        .device(&offer.user_code, &person.email, granted)
        .await?;
    Ok(())
}

/// A tenant that keeps guests out: the pairing says so, and the app speaks.
async fn kept_out(story: &mut Story, pair: usize, place: &Place) -> Result<()> {
    allow_guests(story, false).await?;
    let person = story.pairs[pair].left.clone();
    pair_as_guest(&person, place).await?;
    until_guest(place, &person, Platform::Teams, GuestState::Forbidden).await?;
    story.narrate("guests are forbidden here: the app speaks for them");
    story.say(pair, true, BY_APP).await?;
    story.until_seen(pair).await?;
    allow_guests(story, true).await
}

async fn allow_guests(story: &Story, allowed: bool) -> Result<()> {
    let switches = TenantSwitches {
        guest_invitations: Some(allowed),
        ..TenantSwitches::default()
    };
    story.control.set_tenant(&switches).await?;
    Ok(())
}

/// A token is revoked between two messages.
async fn revoke(story: &mut Story, pair: usize) -> Result<()> {
    story.say(pair, true, THEMSELVES).await?;
    story.until_seen(pair).await?;
    story
        .control
        .fault(&Fault {
            on: "teams".to_owned(),
            method: Some("POST /chats/{id}/messages".to_owned()),
            fault: FaultKind::Revoke,
            count: 1,
            ms: None,
        })
        .await?;
    story.narrate("a token is revoked");
    story.say(pair, true, BY_APP).await?;
    story.until_seen(pair).await
}

/// Everybody goes on, as they are represented by now.
async fn last_words(story: &mut Story, base: usize) -> Result<()> {
    for (who, arrives) in [
        (SENDER, THEMSELVES),
        (RECEIVER, THEMSELVES),
        (DECLINER, BY_APP),
        (IGNORER, BY_APP),
        (CARELESS, THEMSELVES),
        (REVOKED, BY_APP),
        (WELCOME, THEMSELVES),
        (KEPT_OUT, BY_APP),
    ] {
        story.say(base + who, true, arrives).await?;
    }
    Ok(())
}

async fn set_wait(place: &Place, consent_wait_ms: i64) -> Result<()> {
    let client = place.manage().await?;
    let consent_wait_ms = Some(consent_wait_ms);
    let policy = SetPolicy {
        consent_wait_ms,
        ..SetPolicy::default()
    };
    client.call(policy).await?;
    client.close().await;
    Ok(())
}

async fn pair_as_guest(person: &Actor, place: &Place) -> Result<()> {
    let client = place.manage().await?;
    let named = PersonRef::Named(person.email.clone());
    let unpair = UnpairPerson {
        person: named.clone(),
        secondary: None,
        remove_guest: false,
    };
    client.call(unpair).await?;
    client
        .call(PairPerson {
            person: named,
            primary: Platform::Slack,
            secondary: Platform::Teams,
            wish: SecondaryWish::Guest,
        })
        .await?;
    client.close().await;
    Ok(())
}

/// Waits until the hub says that a guest has come this far.
pub(super) async fn until_guest(
    place: &Place,
    person: &Actor,
    secondary: Platform,
    wanted: GuestState,
) -> Result<()> {
    let client = place.manage().await?;
    let until = Instant::now() + PATIENCE;
    loop {
        let page = client
            .call(ListPeople {
                filter: PeopleFilter {
                    search: Some(person.email.clone()),
                    ..PeopleFilter::default()
                },
                ..ListPeople::default()
            })
            .await?;
        let pairings = page.people.iter().flat_map(|found| &found.pairings);
        let mut here = pairings.filter(|pairing: &&PairingView| pairing.secondary == secondary);
        if here.any(|pairing| pairing.guest == Some(wanted)) {
            client.close().await;
            return Ok(());
        }
        if Instant::now() > until {
            bail!(
                "the guest of {} is not {} in time",
                person.name,
                wanted.word()
            );
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

impl Story {
    /// Where the chapter's pairs begin.
    fn first_asked(&self) -> usize {
        self.settled()
    }

    /// How many people have to be asked, each once.
    pub fn to_be_asked(&self) -> u64 {
        let asked = self.pairs.iter().skip(self.settled());
        asked
            .filter(|pair| pair.left.stands == Stands::Asked)
            .count() as u64
    }

    pub fn is_to_be_asked(&self, email: &str) -> bool {
        let asked = self.pairs.iter().skip(self.settled());
        asked
            .map(|pair| &pair.left)
            .any(|left| left.stands == Stands::Asked && left.email == email)
    }

    /// Whether the right one of a pair is shown as themselves to the left one.
    fn right_is_themselves(&self, pair: usize) -> bool {
        self.pairs[pair].right.stands == Stands::Own
    }

    /// One side of a pair writes its next message.
    pub(super) async fn say(
        &mut self,
        pair: usize,
        by_left: bool,
        as_themselves: bool,
    ) -> Result<()> {
        let (author, other) = sides(&self.pairs[pair], by_left);
        let (author, other) = (author.clone(), other.clone());
        let number = 10_000 + self.lines.len() as u64;
        let tag = tag(pair, by_left, number);
        let known = match by_left {
            true => self.places[pair].0.clone(),
            false => self.places[pair].1.clone(),
        };
        let to = match known {
            Some(place) => To::Conversation(place),
            None => find_counterpart(&self.control, &author, &other).await?.to(),
        };
        let text = self.lines.len();
        let id = write(&self.control, &author, to, text, &tag).await?;
        self.tell(pair, by_left);
        if let (true, None) = (by_left, &self.places[pair].0) {
            self.places[pair].0 = where_is(&self.control, &author, &tag).await?;
        }
        self.lines.push(Line {
            pair,
            by_left,
            tag,
            id,
            edited: false,
            deleted: false,
            as_themselves: Some(as_themselves),
        });
        Ok(())
    }

    /// Waits until everything of a pair has turned up where it is to be read.
    pub(super) async fn until_seen(&mut self, pair: usize) -> Result<()> {
        let lines: Vec<_> = self
            .lines
            .iter()
            .filter(|line| line.pair == pair)
            .map(|line| (line.tag.clone(), line.by_left))
            .collect();
        for (tag, by_left) in lines {
            let (_, reader) = sides(&self.pairs[pair], by_left);
            let found = where_is(&self.control, reader, &tag).await?;
            if let (false, Some(place)) = (by_left, found) {
                self.places[pair].0 = Some(place);
            }
        }
        Ok(())
    }

    /// Waits until the left one of a pair has been asked.
    pub(super) async fn until_asked(&self, pair: usize) -> Result<()> {
        self.until_app_says(pair, is_prompt).await
    }

    async fn until_told(&self, pair: usize, words: &str) -> Result<()> {
        self.until_app_says(pair, |message| message.text.contains(words))
            .await
    }

    async fn until_app_says(
        &self,
        pair: usize,
        wanted: impl Fn(&causeway_sandbox::control_client::Message) -> bool,
    ) -> Result<()> {
        let left = &self.pairs[pair].left;
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            let view = self
                .control
                .view(&left.email, left.home.word())
                .await
                .with_context(|| format!("what {} sees is not known", left.name))?;
            if view.iter().flat_map(|place| &place.messages).any(&wanted) {
                return Ok(());
            }
            tokio::time::sleep(LOOK_EVERY.min(Duration::from_millis(60))).await;
        }
        // The judge says what is missing.
        Ok(())
    }
}

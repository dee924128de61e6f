//! What happens in the demo: people find each other, write, edit and delete, while the hub is
//! killed in the middle.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use causeway_model::Platform;
use causeway_sandbox::{
    ControlClient,
    control_client::{Conversation, Deed, Do, To},
};
use futures_util::future::try_join_all;
use rand::{RngExt, SeedableRng, seq::IndexedRandom};
use rand_chacha::ChaCha8Rng;
use tokio::time::Instant;

use super::{
    cast::{Actor, Pair},
    judge::{Seen, look},
};

/// How long something may take to turn up before the story goes on without it.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);
/// How long the end may take: everything that was written must turn up by then.
const LAST_CALL: Duration = Duration::from_secs(12);
pub(super) const LOOK_EVERY: Duration = Duration::from_millis(60);

/// One message of the story.
#[derive(Debug, Clone)]
pub struct Line {
    /// Index of the pair.
    pub pair: usize,
    pub by_left: bool,
    /// A word that stands in no other message.
    pub tag: String,
    /// The platform's id of it where it was written.
    pub id: String,
    /// In order of writing, within the pair and direction.
    pub edited: bool,
    pub deleted: bool,
    /// As what it must arrive, where the story says so.
    pub as_themselves: Option<bool>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    First,
    Second,
}

pub struct Story {
    pub(super) control: ControlClient,
    pub pairs: Vec<Pair>,
    /// How many of the pairs are of the first chapter, in which nobody has to be asked.
    settled: usize,
    pub lines: Vec<Line>,
    /// The conversations of each pair: where the left and where the right one writes.
    pub(super) places: Vec<(Option<String>, Option<String>)>,
    seed: u64,
    narrate: bool,
}

/// What people type, by platform; `{}` is the tag.
const TEXTS: &[[&str; 4]] = &[
    [
        "Morning! Is the *quote* for the new racks out? {}",
        "<p>Morning! Is the <strong>quote</strong> for the new racks out? {}</p>",
        "Morning! Is the **quote** for the new racks out? {}",
        "Morning! Is the *quote* for the new racks out? {}",
    ],
    [
        "_Nearly._ I need the final numbers from you {}",
        "<p><em>Nearly.</em> I need the final numbers from you {}</p>",
        "_Nearly._ I need the final numbers from you {}",
        "_Nearly._ I need the final numbers from you {}",
    ],
    [
        "Here: `48 ports`, ~12~ 14 weeks {}",
        "<p>Here: <code>48 ports</code>, <s>12</s> 14 weeks {}</p>",
        "Here: `48 ports`, 14 weeks {}",
        "Here: 48 ports, ~12~ 14 weeks {}",
    ],
    [
        "See <https://acme.example/racks?id=7&v=2|the rack list> {}",
        "<p>See <a href=\"https://acme.example/racks?id=7&amp;v=2\">the rack list</a> {}</p>",
        "See [the rack list](https://acme.example/racks?id=7&v=2) {}",
        "See https://acme.example/racks?id=7&v=2 {}",
    ],
    [
        "Done :tada: {}",
        "<p>Done 🎉 {}</p>",
        "Done 🎉 {}",
        "Done 🎉 {}",
    ],
    [
        "Three things {}:\n- power\n- cooling\n- <tags> & ampersands",
        "<p>Three things {}:</p><ul><li>power</li><li>cooling</li><li>&lt;tags&gt; &amp; ampersands</li></ul>",
        "Three things {}:\n\n- power\n- cooling\n- more power",
        "Three things {}: power, cooling, <tags> & ampersands",
    ],
    ["Grüße, 你好, and thanks 🙏 {}"; 4],
    [
        "> who asked?\nThe customer did {}",
        "<blockquote>who asked?</blockquote><p>The customer did {}</p>",
        "> who asked?\n\nThe customer did {}",
        "Who asked? The customer did {}",
    ],
];

impl Story {
    /// A story of pairs of which nobody has to be asked, and of others.
    pub fn new(
        control: ControlClient,
        settled: Vec<Pair>,
        others: Vec<Pair>,
        seed: u64,
        narrate: bool,
    ) -> Self {
        let count = settled.len();
        let pairs: Vec<_> = settled.into_iter().chain(others).collect();
        let places = vec![(None, None); pairs.len()];
        Self {
            control,
            settled: count,
            pairs,
            lines: Vec::new(),
            places,
            seed,
            narrate,
        }
    }

    /// Everybody finds their counterpart: by the platform's own search, or by asking the app.
    pub async fn begin(&mut self) -> Result<()> {
        let mut chance = self.chance(0);
        let openers: Vec<bool> = (0..self.settled).map(|_| chance.random()).collect();
        let begun = self
            .pairs
            .iter()
            .zip(&openers)
            .enumerate()
            .map(|(index, (pair, left))| {
                let control = self.control.clone();
                async move {
                    let (opener, other) = sides(pair, *left);
                    let place = find_counterpart(&control, opener, other).await?;
                    let tag = tag(index, *left, 0);
                    let id = write(&control, opener, place.to(), 0, &tag).await?;
                    anyhow::Ok((index, *left, tag, id))
                }
            });
        for (index, left, tag, id) in try_join_all(begun).await? {
            self.tell(index, left);
            self.lines.push(Line {
                pair: index,
                by_left: left,
                tag,
                id,
                edited: false,
                deleted: false,
                as_themselves: None,
            });
        }
        self.find_places().await
    }

    /// Each side's conversation, once the first message has turned up there.
    async fn find_places(&mut self) -> Result<()> {
        let searched = self.lines.iter().map(|line| {
            let (control, pair) = (self.control.clone(), &self.pairs[line.pair]);
            async move {
                let at_left = where_is(&control, &pair.left, &line.tag).await?;
                let at_right = where_is(&control, &pair.right, &line.tag).await?;
                anyhow::Ok((line.pair, at_left, at_right))
            }
        });
        for (pair, at_left, at_right) in try_join_all(searched).await? {
            self.places[pair] = (at_left, at_right);
        }
        Ok(())
    }

    /// Both sides write, several messages in a row, all pairs at the same time.
    pub async fn write(&mut self, part: Part) -> Result<()> {
        let (round, turns) = match part {
            Part::First => (1, 3),
            Part::Second => (2, 3),
        };
        let first = self.pairs.iter().take(self.settled);
        let written = first.enumerate().map(|(index, pair)| {
            let control = self.control.clone();
            let places = self.places[index].clone();
            let mut chance = self.chance(round * 1_000 + index as u64);
            async move {
                let mut lines = Vec::new();
                for turn in 0..turns {
                    for by_left in [chance.random(), chance.random()] {
                        let (author, _) = sides(pair, by_left);
                        let place = if by_left { &places.0 } else { &places.1 };
                        let Some(place) = place else {
                            continue;
                        };
                        let number = 1 + round * 100 + turn * 2 + u64::from(!lines.is_empty());
                        let number = number * 100 + lines.len() as u64;
                        let tag = tag(index, by_left, number);
                        let text = chance.random_range(0..TEXTS.len());
                        let to = To::Conversation(place.clone());
                        let id = write(&control, author, to, text, &tag).await?;
                        lines.push(Line {
                            pair: index,
                            by_left,
                            tag,
                            id,
                            edited: false,
                            deleted: false,
                            as_themselves: None,
                        });
                        let pause = chance.random_range(5..60);
                        tokio::time::sleep(Duration::from_millis(pause)).await;
                    }
                }
                anyhow::Ok(lines)
            }
        });
        let lines: Vec<_> = try_join_all(written).await?.into_iter().flatten().collect();
        for line in &lines {
            self.tell(line.pair, line.by_left);
        }
        self.lines.extend(lines);
        Ok(())
    }

    /// Some think again: one message of each pair is edited, one of some pairs deleted.
    pub async fn change(&mut self) -> Result<()> {
        let mut chance = self.chance(9);
        for pair in 0..self.settled {
            let of_pair: Vec<_> = (0..self.lines.len())
                .filter(|index| self.lines[*index].pair == pair && !self.lines[*index].deleted)
                .collect();
            let Some(edited) = of_pair.choose(&mut chance).copied() else {
                continue;
            };
            let text = format!("Changed my mind {}", self.lines[edited].tag);
            self.act(edited, Do::Edit, &text).await?;
            self.lines[edited].edited = true;
            if chance.random_bool(0.4)
                && let Some(deleted) = of_pair.choose(&mut chance).copied()
                && deleted != edited
            {
                self.act(deleted, Do::Delete, "").await?;
                self.lines[deleted].deleted = true;
            }
        }
        Ok(())
    }

    async fn act(&self, line: usize, what: Do, text: &str) -> Result<()> {
        let line = &self.lines[line];
        let (author, _) = sides(&self.pairs[line.pair], line.by_left);
        let to = Some(To::Message(line.id.clone()));
        let on = author.home.word();
        self.control
            .act(&Deed {
                actor: &author.email,
                on,
                what,
                to,
                text,
            })
            .await?;
        Ok(())
    }

    /// Waits until everybody sees what they should, or nothing more will come.
    pub async fn settle(&self) -> Result<Seen> {
        let until = Instant::now() + LAST_CALL;
        loop {
            let seen = look(&self.control, self).await?;
            if seen.is_complete() || Instant::now() > until {
                return Ok(seen);
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// The one who wrote a line, and the one for whom it is.
    pub fn people(&self, line: &Line) -> (&Actor, &Actor) {
        sides(&self.pairs[line.pair], line.by_left)
    }

    pub(super) fn settled(&self) -> usize {
        self.settled
    }

    /// Says what happens beside the messages.
    pub(super) fn narrate(&self, words: &str) {
        if self.narrate {
            println!("{:>16}  {words}", "");
        }
    }

    pub(super) fn tell(&self, pair: usize, by_left: bool) {
        if self.narrate {
            let (author, reader) = sides(&self.pairs[pair], by_left);
            println!(
                "{:>16}  {:>5} > {:<5}  {}",
                author.name,
                author.home.word(),
                reader.home.word(),
                reader.name
            );
        }
    }

    fn chance(&self, stream: u64) -> ChaCha8Rng {
        let mut chance = ChaCha8Rng::seed_from_u64(self.seed);
        chance.set_stream(stream);
        chance
    }
}

pub(super) fn sides(pair: &Pair, by_left: bool) -> (&Actor, &Actor) {
    if by_left {
        (&pair.left, &pair.right)
    } else {
        (&pair.right, &pair.left)
    }
}

pub(super) fn tag(pair: usize, by_left: bool, number: u64) -> String {
    let side = if by_left { 'e' } else { 'r' };
    format!("no{pair}{side}{number}x")
}

/// Where a first message goes.
pub(super) enum Found {
    Person(String),
    Conversation(String),
}

impl Found {
    pub(super) fn to(&self) -> To {
        match self {
            Self::Person(email) => To::Dm(email.clone()),
            Self::Conversation(id) => To::Conversation(id.clone()),
        }
    }
}

/// The people search where it finds an account that the hub hears; else the app is asked.
pub(super) async fn find_counterpart(
    control: &ControlClient,
    who: &Actor,
    other: &Actor,
) -> Result<Found> {
    let on = who.home.word();
    if other.is_listed() {
        let found = control.search(&who.email, on, &other.name).await?;
        let by_search = found.iter().find(|found| {
            found
                .email
                .as_deref()
                .is_some_and(|email| email.eq_ignore_ascii_case(&other.email))
        });
        return match by_search.and_then(|found| found.email.clone()) {
            Some(email) => Ok(Found::Person(email)),
            None => bail!("{} does not find {} on {on}", who.name, other.name),
        };
    }
    let (what, text) = match who.home {
        Platform::Slack => (Do::Command, format!("/causeway {}", other.email)),
        Platform::Teams | Platform::Webex | Platform::Zoom => (Do::AppMessage, other.email.clone()),
    };
    control
        .act(&Deed {
            actor: &who.email,
            on,
            what,
            to: None,
            text: &text,
        })
        .await?;
    let until = Instant::now() + PATIENCE;
    while Instant::now() < until {
        let view = control.view(&who.email, on).await?;
        if let Some(conversation) = view.iter().find(|place| is_for(place, other)) {
            return Ok(Found::Conversation(conversation.id.clone()));
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    bail!(
        "the app opened no conversation with {} for {}",
        other.name,
        who.name
    )
}

/// Whether the app has said in this conversation whom it is for.
pub fn is_for(place: &Conversation, other: &Actor) -> bool {
    let words = format!("Write to {} here", other.name);
    place.kind != "app"
        && place
            .messages
            .iter()
            .any(|message| message.text.contains(&words))
}

pub(super) async fn write(
    control: &ControlClient,
    author: &Actor,
    to: To,
    text: usize,
    tag: &str,
) -> Result<String> {
    let typed = TEXTS[text % TEXTS.len()];
    let typed = match author.home {
        Platform::Slack => typed[0],
        Platform::Teams => typed[1],
        Platform::Webex => typed[2],
        Platform::Zoom => typed[3],
    };
    let text = typed.replace("{}", tag);
    let sent = control
        .send(&author.email, author.home.word(), to, &text)
        .await;
    sent.with_context(|| format!("{} could not write", author.name))
}

pub(super) async fn where_is(
    control: &ControlClient,
    who: &Actor,
    tag: &str,
) -> Result<Option<String>> {
    let until = Instant::now() + PATIENCE;
    while Instant::now() < until {
        let view = control.view(&who.email, who.home.word()).await?;
        let found = view.iter().find(|place| {
            place
                .messages
                .iter()
                .any(|message| message.text.contains(tag))
        });
        if let Some(place) = found {
            return Ok(Some(place.id.clone()));
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    Ok(None)
}

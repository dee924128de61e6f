//! People who write to each other, and the verdict about what became of it.

use std::collections::HashMap;

use causeway_sandbox::control_client::{Conversation, Message, To};

use tokio::time::Instant;

use super::{
    support::{LOOK_EVERY, PATIENCE, Pair, Person, SLACK, Stage, Stands},
    tally::{Fault, Tally},
};

/// What a message that asks for consent says.
const ASKED: &str = "You are asked once";

/// Two people who have found each other, with the conversation that each has for it.
pub struct Talk {
    /// They work on different platforms.
    pub people: [&'static Person; 2],
    pub places: [String; 2],
}

/// One message of a story.
#[derive(Debug, Clone)]
pub struct Line {
    pub talk: usize,
    /// Index of the author in the talk.
    pub by: usize,
    /// A word that stands in no other message.
    pub tag: String,
    /// The platform's id of it where it was written.
    pub id: String,
}

/// Everything that was written, in order.
#[derive(Default)]
pub struct Story {
    pub talks: Vec<Talk>,
    pub lines: Vec<Line>,
    /// How many messages were written, those that tests took out of `lines` included.
    written: usize,
}

impl Story {
    /// Each pair finds each other, the first of it begins.
    pub async fn begin(stage: &Stage, pairs: &[Pair]) -> Self {
        let mut story = Self::default();
        for (opener, other) in pairs {
            let talk = story.talks.len();
            let tag = story.tag(opener, other);
            let to = stage.finds(opener, other).await;
            let id = stage.writes(opener, to, &tag).await;
            let (there, _) = stage.arrives(other, &tag).await;
            let here = stage.standing(opener, &tag).await.swap_remove(0).0;
            story.talks.push(Talk {
                people: [opener, other],
                places: [here, there],
            });
            let by = 0;
            story.lines.push(Line { talk, by, tag, id });
        }
        story
    }

    /// Somebody writes their next message; its place in `lines`.
    pub async fn write(&mut self, stage: &Stage, talk: usize, by: usize) -> usize {
        let people = self.talks[talk].people;
        let tag = self.tag(people[by], people[1 - by]);
        // Always the same words at the end would be taken for a loop.
        let text = format!("{tag} and what else there is to say of {tag}");
        let to = To::Conversation(self.talks[talk].places[by].clone());
        let id = stage.writes(self.talks[talk].people[by], to, &text).await;
        self.lines.push(Line { talk, by, tag, id });
        self.lines.len() - 1
    }

    /// Everyone writes, `rounds` times.
    pub async fn write_all(&mut self, stage: &Stage, rounds: usize) {
        for _ in 0..rounds {
            for talk in 0..self.talks.len() {
                self.write(stage, talk, 0).await;
                self.write(stage, talk, 1).await;
            }
        }
    }

    pub fn author(&self, line: &Line) -> &'static Person {
        self.talks[line.talk].people[line.by]
    }

    pub fn reader(&self, line: &Line) -> &'static Person {
        self.talks[line.talk].people[1 - line.by]
    }

    /// Everybody says a last word, all openers first and then all others: lanes and sources keep
    /// order, so when these stand everywhere, nothing that came before is still to come.
    /// Then nothing may be lost, doubled, echoed, out of order, or under a wrong name.
    pub async fn ends_well(self, stage: &Stage) {
        let (tally, complaints) = self.ends(stage).await;
        assert!(complaints.is_empty(), "{tally}\n{}", complaints.join("\n"));
    }

    /// The same, answering the counts and what there is to complain about.
    pub async fn ends(mut self, stage: &Stage) -> (Tally, Vec<String>) {
        for side in [0, 1, 0] {
            for talk in 0..self.talks.len() {
                self.write(stage, talk, side).await;
            }
            let last = &self.lines[self.lines.len() - self.talks.len()..];
            for line in last {
                stage.arrives(self.reader(line), &line.tag).await;
            }
        }
        self.verdict(stage).await
    }

    /// Waits until all lines stand where they are to be read, and judges.
    pub async fn holds(&self, stage: &Stage) {
        let (_, complaints) = self.verdict(stage).await;
        assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    }

    async fn verdict(&self, stage: &Stage) -> (Tally, Vec<String>) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let views = self.views(stage).await;
            let there = |line| !found(&views, self.reader(line), line).is_empty();
            if self.lines.iter().all(there) || Instant::now() > deadline {
                return self.judge(&views);
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    async fn views(&self, stage: &Stage) -> Views {
        let mut views = Views::new();
        for person in self.talks.iter().flat_map(|talk| talk.people) {
            if !views.contains_key(person.email) {
                views.insert(person.email, stage.seen(person).await);
            }
        }
        views
    }

    fn judge(&self, views: &Views) -> (Tally, Vec<String>) {
        let mut tally = Tally {
            messages: self.lines.len() as u64,
            ..Tally::default()
        };
        let mut complaints = Vec::new();
        let mut last: HashMap<(usize, usize), usize> = HashMap::new();
        for line in &self.lines {
            let (author, reader) = (self.author(line), self.reader(line));
            let mut complain = |fault: Fault, what: &str| {
                let Line { tag, id, .. } = line;
                tally.count(fault);
                complaints.push(format!(
                    "{tag} ({id}) of {} for {}: {what}",
                    author.name, reader.name
                ));
            };
            let copies = found(views, reader, line);
            match copies.as_slice() {
                [] => complain(Fault::Lost, "lost"),
                [_] => {}
                more => {
                    let times = format!("stands {} times", more.len());
                    complain(Fault::Duplicated, &times);
                }
            }
            if found(views, author, line).len() > 1 {
                complain(Fault::Echoed, "came back to its author");
            }
            for other in self.talks.iter().flat_map(|talk| talk.people) {
                let concerned = other == author || other == reader;
                if !concerned && !found(views, other, line).is_empty() {
                    let words = format!("is read by {}", other.name);
                    complain(Fault::SeenByStrangers, &words);
                }
            }
            let Some((position, message)) = copies.first() else {
                continue;
            };
            if !is_by(message, author, reader) {
                let words = format!("stands under {:?}", message.shown_as);
                complain(Fault::WrongAuthor, &words);
            }
            let before = last.entry((line.talk, line.by)).or_insert(*position);
            if position < before {
                complain(Fault::OutOfOrder, "stands before an earlier one");
            }
            *before = *position;
        }
        for (who, places) in views {
            let said = places.iter().flat_map(|place| &place.messages);
            let prompts = said.filter(|message| message.text.contains(ASKED)).count();
            if prompts > 1 {
                tally.count(Fault::PromptedTwice);
                complaints.push(format!("{who} was asked {prompts} times"));
            }
        }
        (tally, complaints)
    }

    /// The same in no other story on a stage, unless of the same people.
    fn tag(&mut self, author: &Person, reader: &Person) -> String {
        self.written += 1;
        let number = self.written;
        format!("{}to{}{number}x", author.nick(), reader.nick())
    }
}

type Views = HashMap<&'static str, Vec<Conversation>>;

fn found<'a>(views: &'a Views, who: &Person, line: &Line) -> Vec<(usize, &'a Message)> {
    let places = views.get(who.email).into_iter().flatten();
    places
        .flat_map(|place| place.messages.iter().enumerate())
        .filter(|(_, message)| !message.deleted && message.text.contains(&line.tag))
        .collect()
}

/// A message stands under its author's own account, or their guest's, which bears their name and may
/// have an address of its own; one by the app under their name, over it in Slack and before it
/// elsewhere.
pub fn is_by(message: &Message, author: &Person, reader: &Person) -> bool {
    match author.on(reader.home) {
        Stands::Own => message.author.eq_ignore_ascii_case(author.email),
        Stands::Guest => message.shown_as == author.name,
        Stands::Nobody if reader.home == SLACK => message.shown_as == author.name,
        Stands::Nobody => {
            let words = readable(&message.text);
            let words = words.trim_start_matches(['*', '_']);
            words.starts_with(author.name)
        }
    }
}

/// What a person reads of HTML: no tags, no entities.
pub fn readable(html: &str) -> String {
    let mut inside = false;
    let words: String = html
        .chars()
        .filter(|c| {
            match c {
                '<' => inside = true,
                '>' => inside = false,
                _ => return !inside,
            }
            false
        })
        .collect();
    let words = words
        .replace("&#39;", "'")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&nbsp;", " ")
        .replace("&amp;", "&");
    words.trim().to_owned()
}

//! What people see at the end, held against what was written.

use std::collections::HashMap;

use anyhow::Result;
use causeway_model::Platform;
use causeway_sandbox::{
    ControlClient,
    control_client::{Conversation, Message},
};
use futures_util::future::try_join_all;

use super::{
    cast::{Actor, Stands},
    story::{Line, Story, is_for},
};

/// What became of one line in its reader's app.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fate {
    /// How often it stands there.
    pub copies: u64,
    /// How often it came back to its author, beside the one they wrote.
    pub echoes: u64,
    /// Whether it stands under its author's own account.
    pub as_themselves: bool,
    /// Whether it stands under somebody else's name.
    pub wrong_author: bool,
    /// Whether an edit or a deletion arrived.
    pub up_to_date: bool,
    /// Its place among everything that its reader sees: when it was sent, then where it stands.
    position: Option<(i64, usize)>,
}

/// What everybody sees.
#[derive(Debug, Default)]
pub struct Seen {
    /// One for each line of the story.
    pub fates: Vec<Fate>,
    pub out_of_order: u64,
    pub prompts: Prompts,
    /// Paired Slack people whom somebody on Teams can find, and the other way round.
    pub slack_on_teams: u64,
    pub teams_on_slack: u64,
    deleted: Vec<bool>,
}

impl Seen {
    /// Whether everything has arrived that should; order and authors are another matter.
    pub fn is_complete(&self) -> bool {
        self.fates
            .iter()
            .zip(&self.deleted)
            .all(|(fate, deleted)| fate.up_to_date && (*deleted || fate.copies > 0))
    }
}

/// Who was asked, counted in everybody's own app.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Prompts {
    /// People who were asked.
    pub asked: u64,
    /// Questions beyond each person's first.
    pub repeated: u64,
    /// Questions to people of whom nothing had to be asked.
    pub unneeded: u64,
}

/// Looks for questions in the app of everyone there is, whether they take part or not.
async fn prompts(control: &ControlClient, story: &Story) -> Result<Prompts> {
    let people = control.people().await?;
    let views = people.iter().flat_map(|person| {
        let active = person.accounts.iter().filter(|(_, account)| account.active);
        active.map(move |(on, _)| async move {
            let view = control.view(&person.email, on).await?;
            let asked = view
                .iter()
                .flat_map(|place| &place.messages)
                .filter(|message| is_prompt(message))
                .count() as u64;
            anyhow::Ok((person.email.as_str(), asked))
        })
    });
    let mut prompts = Prompts::default();
    for (email, asked) in try_join_all(views).await? {
        if asked == 0 {
            continue;
        }
        if story.is_to_be_asked(email) {
            prompts.asked += 1;
            prompts.repeated += asked - 1;
        } else {
            prompts.unneeded += asked;
        }
    }
    Ok(prompts)
}

/// A question for consent: something to press or to answer that begins a sign-in.
pub fn is_prompt(message: &Message) -> bool {
    message.text.contains("You are asked once")
}

type Views = HashMap<(String, Platform), Vec<Conversation>>;

/// Looks into the app of everyone in the story.
pub async fn look(control: &ControlClient, story: &Story) -> Result<Seen> {
    let views = views(control, story).await?;
    let fates: Vec<_> = story
        .lines
        .iter()
        .map(|line| fate(&views, story, line))
        .collect();
    let out_of_order = out_of_order(story, &fates);
    let prompts = prompts(control, story).await?;
    let (slack_on_teams, teams_on_slack) = searchable(control, story, &views).await?;
    let deleted = story.lines.iter().map(|line| line.deleted).collect();
    Ok(Seen {
        fates,
        out_of_order,
        prompts,
        slack_on_teams,
        teams_on_slack,
        deleted,
    })
}

async fn views(control: &ControlClient, story: &Story) -> Result<Views> {
    let mut actors: Vec<&Actor> = story
        .pairs
        .iter()
        .flat_map(|pair| [&pair.left, &pair.right])
        .collect();
    actors.sort_by(|a, b| a.email.cmp(&b.email));
    actors.dedup();
    let looked = actors.into_iter().map(|actor| async move {
        let view = control.view(&actor.email, actor.home.word()).await?;
        anyhow::Ok(((actor.email.clone(), actor.home), view))
    });
    Ok(try_join_all(looked).await?.into_iter().collect())
}

fn fate(views: &Views, story: &Story, line: &Line) -> Fate {
    let (author, reader) = story.people(line);
    let at_reader = standing(views, reader, &line.tag);
    let at_author = standing(views, author, &line.tag);
    let first = at_reader.first().map(|(_, message)| *message);
    let as_themselves = first.is_some_and(|message| stands_under(message, author));
    let own = u64::from(!line.deleted);
    Fate {
        copies: at_reader.len() as u64,
        echoes: (at_author.len() as u64).saturating_sub(own),
        as_themselves,
        wrong_author: first
            .is_some_and(|message| !is_by(message, line, author, reader, as_themselves)),
        up_to_date: match (line.deleted, line.edited) {
            (true, _) => at_reader.is_empty(),
            (false, true) => first.is_some_and(|message| message.text.contains("Changed my mind")),
            (false, false) => true,
        },
        position: at_reader
            .first()
            .map(|(position, message)| (message.sent_at, *position)),
    }
}

/// Every message that holds the tag, with its place in its conversation.
fn standing<'a>(views: &'a Views, who: &Actor, tag: &str) -> Vec<(usize, &'a Message)> {
    let view = views.get(&(who.email.clone(), who.home));
    view.into_iter()
        .flatten()
        .flat_map(|place| place.messages.iter().enumerate())
        .filter(|(_, message)| !message.deleted && message.text.contains(tag))
        .collect()
}

/// Whether a message stands under an account of its author's own. A guest has an address that is none
/// of its person's on some platforms, and their name on all.
fn stands_under(message: &Message, author: &Actor) -> bool {
    let by_name = author.stands == Stands::Guest && message.shown_as == author.name;
    by_name || message.author.eq_ignore_ascii_case(&author.email)
}

/// A message by the app stands under its author's name: over it in Slack, before it elsewhere.
fn is_by(
    message: &Message,
    line: &Line,
    author: &Actor,
    reader: &Actor,
    as_themselves: bool,
) -> bool {
    let wanted = line.as_themselves.unwrap_or(author.is_themselves());
    if wanted || as_themselves {
        return wanted && as_themselves;
    }
    match reader.home {
        Platform::Slack => message.shown_as == author.name,
        Platform::Teams | Platform::Webex | Platform::Zoom => {
            let words = without_tags(&message.text).replace("&#39;", "'");
            let words = words.trim_start_matches(['*', '_', ' ', '\n']);
            words.starts_with(&author.name)
        }
    }
}

fn without_tags(html: &str) -> String {
    let mut inside = false;
    html.chars()
        .filter(|c| {
            match c {
                '<' => inside = true,
                '>' => inside = false,
                _ => return !inside,
            }
            false
        })
        .collect()
}

/// Lines of the same pair and direction that stand before an earlier one.
fn out_of_order(story: &Story, fates: &[Fate]) -> u64 {
    let mut last: HashMap<(usize, bool), (i64, usize)> = HashMap::new();
    let mut wrong = 0;
    for (line, fate) in story.lines.iter().zip(fates) {
        let Some(position) = fate.position else {
            continue;
        };
        let before = last.entry((line.pair, line.by_left)).or_insert(position);
        if position < *before {
            tracing::debug!(line.tag = line.tag, "a line stands before an earlier one");
            wrong += 1;
        } else {
            *before = position;
        }
    }
    wrong
}

/// How many people of the story somebody on the other side can find: by the platform's own search,
/// or because the app has opened a conversation with them when it was asked.
async fn searchable(control: &ControlClient, story: &Story, views: &Views) -> Result<(u64, u64)> {
    let (mut on_teams, mut on_slack) = (Vec::new(), Vec::new());
    for pair in &story.pairs {
        if is_found(control, views, &pair.right, &pair.left).await? {
            on_teams.push(pair.left.email.as_str());
        }
        if is_found(control, views, &pair.left, &pair.right).await? {
            on_slack.push(pair.right.email.as_str());
        }
    }
    let distinct = |mut found: Vec<&str>| {
        found.sort_unstable();
        found.dedup();
        found.len() as u64
    };
    Ok((distinct(on_teams), distinct(on_slack)))
}

async fn is_found(
    control: &ControlClient,
    views: &Views,
    who: &Actor,
    other: &Actor,
) -> Result<bool> {
    let found = control
        .search(&who.email, who.home.word(), &other.name)
        .await?;
    let by_search = found.iter().any(|found| {
        found
            .email
            .as_deref()
            .is_some_and(|email| email.eq_ignore_ascii_case(&other.email))
    });
    let view = views.get(&(who.email.clone(), who.home));
    let by_app = view
        .into_iter()
        .flatten()
        .any(|place| is_for(place, other) || place.topic.as_deref() == Some(other.name.as_str()));
    Ok(by_search || by_app)
}

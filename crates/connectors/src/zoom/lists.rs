//! What lists of messages tell: a conversation since some time, as one of its members sees it.
//!
//! Source: <https://developers.zoom.us/docs/api/team-chat/#tag/chat-messages/get/chat/users/{userId}/messages>.

use causeway_model::{
    AuthorKind, Content, ExternalAccount, ExternalMessage, Failure, Incoming, Timestamp,
};
use serde_json::Value;

use super::{
    api::Api,
    dialect,
    edits::Edits,
    place::Place,
    said::{Edited, Said, author},
    wire::{Body, Message, Messages, written},
};

const PAGE: &str = "50";

/// What is read of one conversation.
#[derive(Debug, Clone)]
pub(super) struct Wanted<'a> {
    pub place: &'a Place,
    /// As whom it is looked at.
    pub viewer: &'a ExternalAccount,
    pub since: Timestamp,
    /// Of what was written before, only changes are told.
    pub posts_since: Timestamp,
}

/// What happened, oldest first.
pub(super) async fn happenings(
    api: &Api,
    edits: &Edits,
    wanted: &Wanted<'_>,
) -> Result<Vec<Incoming>, Failure> {
    let asked_at = api.time_there();
    let mut events = Vec::new();
    // The newest is listed first, and several may be of the same moment.
    for message in messages(api, wanted, asked_at).await?.into_iter().rev() {
        let Some(read) = Read::of(api, wanted, message).await? else {
            continue;
        };
        events.extend(read.happenings(edits, wanted.posts_since, asked_at));
    }
    events.sort_by_key(|event| event.at);
    Ok(events)
}

/// Where the conversation is, as a query has it.
pub(super) async fn target(
    api: &Api,
    place: &Place,
    viewer: &ExternalAccount,
) -> Result<(&'static str, String), Failure> {
    match place {
        Place::Channel(id) => Ok(("to_channel", id.clone())),
        Place::Direct(..) => {
            let other = place.other_than(viewer).ok_or_else(not_in_it)?;
            Ok(("to_contact", api.address_of(other).await?))
        }
    }
}

fn not_in_it() -> Failure {
    let kind = causeway_model::FailureKind::Forbidden;
    Failure::new(kind, "not_in_conversation", "messages")
}

async fn messages(api: &Api, wanted: &Wanted<'_>, now: Timestamp) -> Result<Vec<Message>, Failure> {
    let (name, value) = target(api, wanted.place, wanted.viewer).await?;
    let from = written(wanted.since);
    // What is of this second still counts, which is all that answers tell.
    let to = written(now.plus_ms(2_000));
    let query = [
        (name, value.as_str()),
        ("from", from.as_str()),
        ("to", to.as_str()),
        ("include_deleted_and_edited_message", "true"),
        ("page_size", PAGE),
    ];
    let doing = "chat.messages.list";
    let listed: Vec<Value> = api
        .pages_of::<Messages>(wanted.viewer, &["messages"], &query, usize::MAX, doing)
        .await?;
    Ok(listed.into_iter().filter_map(readable).collect())
}

/// One that cannot be read must not keep the others from being heard.
fn readable(json: Value) -> Option<Message> {
    let message = serde_json::from_value(json);
    if message.is_err() {
        tracing::warn!("a chat message of unknown shape was left out");
    }
    message.ok()
}

struct Read {
    said: Said,
    at: Timestamp,
    status: String,
    body: Body,
    /// A chatbot's text, where one wrote it.
    by_chatbot: Option<Content>,
}

impl Read {
    async fn of(
        api: &Api,
        wanted: &Wanted<'_>,
        mut message: Message,
    ) -> Result<Option<Self>, Failure> {
        let Some(at) = message.at() else {
            return Ok(None);
        };
        let own = api.own_accounts().await?;
        let bot = message.bot_message.take().filter(|bot| !bot.is_null());
        let author = match &bot {
            Some(bot) => chatbot(bot, &message.sender, &own),
            None if message.sender.is_empty() => return Ok(None),
            None => {
                let sender = api.sender(&message.sender, wanted.place, wanted.viewer);
                author(sender.await?, &own)
            }
        };
        api.name_mentioned(&mut message.body.at_items).await?;
        let said = Said {
            place: wanted.place.clone(),
            kind: wanted.place.kind(&api.own().await?.account),
            message: ExternalMessage::new(message.id),
            author,
            hearer: Some(wanted.viewer.clone()),
        };
        Ok(Some(Self {
            by_chatbot: bot.map(|bot| chatbots_words(&bot, &message.body)),
            said,
            at,
            status: message.status,
            body: message.body,
        }))
    }

    fn happenings(&self, edits: &Edits, posts_since: Timestamp, now: Timestamp) -> Vec<Incoming> {
        let said = &self.said;
        if self.status.eq_ignore_ascii_case("deleted") {
            return vec![said.deleted(now)];
        }
        let edited = self.status.eq_ignore_ascii_case("edited").then(|| Edited {
            name: edits.name(&said.message, &self.body, now),
            // Not told: what it says now, it says at the latest now.
            at: now,
        });
        let post =
            (self.at >= posts_since).then(|| said.posted(self.at, self.content(), edited.as_ref()));
        let edit = edited.and_then(|edited| said.edited(&edited, self.content()));
        post.into_iter().chain(edit).collect()
    }

    fn content(&self) -> Content {
        match &self.by_chatbot {
            Some(content) => content.clone(),
            None => dialect::read(&self.body),
        }
    }
}

/// Which chatbot wrote. One that is not named may be ours, and what ours says is never relayed.
fn chatbot(bot: &Value, sender: &str, own: &[ExternalAccount]) -> causeway_model::Author {
    let named = ["robot_jid", "robotJid", "jid"]
        .iter()
        .find_map(|name| bot.get(name)?.as_str())
        .unwrap_or(sender);
    let account = match (named.is_empty(), own) {
        (true, [_, robot, ..]) => robot.clone(),
        (_, _) => ExternalAccount::new(named),
    };
    let mut author = author(account, own);
    if author.kind == AuthorKind::Person {
        author.kind = AuthorKind::OtherApp;
    }
    author
}

fn chatbots_words(bot: &Value, body: &Body) -> Content {
    let plain = body.message.as_deref().filter(|text| !text.is_empty());
    if let Some(text) = plain {
        return dialect::read_chatbots(text);
    }
    let parts = bot.pointer("/content/body").and_then(Value::as_array);
    let texts = parts.into_iter().flatten();
    let texts: Vec<&str> = texts.filter_map(|part| part["text"].as_str()).collect();
    dialect::read_chatbots(&texts.join("\n"))
}

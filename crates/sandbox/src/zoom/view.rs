//! What a person's own app shows.

use serde_json::Value;

use crate::{
    acme,
    stand_in::{ButtonView, ConversationView, LinkView, MessageView},
};

use super::{
    conversation::{ChannelType, Conversation, Kind},
    ids::UserId,
    message::{Author, Message},
    state::State,
    text::shown,
};

/// A conversation before one of its members.
pub fn conversation(state: &State, found: &Conversation, viewer: &UserId) -> ConversationView {
    let others = found.members.iter().map(|member| &member.user);
    let mut with: Vec<_> = others
        .filter(|user| *user != viewer)
        .map(|user| state.directory.name_of(user).to_owned())
        .collect();
    if found.kind == Kind::WithRobot {
        with.push(state.robot.name.to_owned());
    }
    let messages = found.messages.iter();
    ConversationView {
        id: found.id.to_string(),
        kind: kind(state, found),
        with,
        topic: Some(found.name.clone()).filter(|name| !name.is_empty()),
        messages: messages
            .filter(|message| message.is_seen_by(viewer))
            .map(|message| message_view(state, message))
            .collect(),
    }
}

/// The buttons of a chatbot's message: the items of its `actions`.
pub fn buttons(message: &Message) -> Vec<ButtonView> {
    let content = message.body.content.as_ref();
    let body = content.and_then(|content| content["body"].as_array());
    let actions = body
        .into_iter()
        .flatten()
        .filter(|item| item["type"] == "actions")
        .filter_map(|item| item["items"].as_array())
        .flatten();
    let text = |item: &Value, name: &str| item[name].as_str().unwrap_or_default().to_owned();
    actions
        .map(|item| ButtonView {
            action_id: text(item, "value"),
            value: text(item, "value"),
            label: text(item, "text"),
            url: None,
        })
        .collect()
}

fn kind(state: &State, found: &Conversation) -> &'static str {
    let service = state.directory.with_email(acme::SERVICE_ACCOUNT);
    match found.kind {
        Kind::Direct if service.is_some_and(|service| found.has(&service.id)) => "app",
        Kind::Direct => "dm",
        Kind::WithRobot => "bot",
        Kind::Channel(ChannelType::Group) => "group_chat",
        Kind::Channel(
            ChannelType::Private | ChannelType::PrivateToAccount | ChannelType::Public,
        ) => "channel",
    }
}

fn message_view(state: &State, message: &Message) -> MessageView {
    let (author, account, name) = match &message.author {
        Author::User(id) => (
            state.directory.email_of(id).to_owned(),
            id.to_string(),
            state.directory.name_of(id).to_owned(),
        ),
        Author::Robot => (
            state.robot.name.to_owned(),
            state.robot.jid.clone(),
            state.robot.name.to_owned(),
        ),
    };
    let pressable = buttons(message);
    MessageView {
        id: message.id.to_string(),
        author,
        author_account: account,
        shown_as: name,
        text: shown(&message.body.text, &message.body.rich_text),
        edited: !message.edits.is_empty(),
        deleted: message.is_deleted(),
        sent_at: message.sent_at,
        ephemeral: message.only_for.is_some(),
        buttons: pressable
            .iter()
            .map(|button| button.action_id.clone())
            .collect(),
        labels: pressable
            .iter()
            .map(|button| button.label.clone())
            .collect(),
        links: links(message),
        pressable,
    }
}

/// Lines of a chatbot's message that open a page.
fn links(message: &Message) -> Vec<LinkView> {
    let content = message.body.content.as_ref();
    let body = content.and_then(|content| content["body"].as_array());
    let lines = body.into_iter().flatten();
    lines
        .filter_map(|item| {
            Some(LinkView {
                label: item["text"].as_str()?.to_owned(),
                url: item["link"].as_str()?.to_owned(),
            })
        })
        .collect()
}

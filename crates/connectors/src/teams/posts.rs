//! Posting, editing, deleting, and reading a chat back.
//!
//! Source: <https://learn.microsoft.com/graph/api/chatmessage-post>, `chatmessage-update`,
//! `chatmessage-softdelete`, `chat-list-messages`.

use causeway_model::{
    Content, ExternalConversation, ExternalMessage, Failure, FailureKind, Incoming, Speaker,
    Timestamp,
};
use reqwest::Method;
use serde_json::{Value, json};
use url::Url;

use super::{
    chats::Chats,
    dialect,
    graph::Graph,
    messages::{Around, Found},
    refusal::{Effect, unreadable},
    wire::{ChatMessage, moment, written},
};
use crate::{Edit, Post, Posted, ShownAs, TokenOwner, lead::led_by_name};

pub(super) fn shown(content: &Content, shown_as: Option<&ShownAs>) -> Content {
    match shown_as {
        Some(shown_as) => led_by_name(content.clone(), &shown_as.name),
        None => content.clone(),
    }
}

pub(super) async fn post(graph: &Graph, post: &Post<'_>) -> Result<Posted, Failure> {
    let doing = "chats.messages.create";
    let owner = graph.owner(post.speaker).await?;
    let url = graph.url(&["chats", post.conversation.as_str(), "messages"], &[]);
    let body = body(&shown(post.content, post.shown_as));
    let made: ChatMessage = graph.make(&owner, url, &body, doing).await?;
    let at = made.created_date_time.as_deref().and_then(moment);
    match at {
        Some(at) if !made.id.is_empty() => Ok(Posted {
            message: ExternalMessage::new(made.id),
            at,
        }),
        Some(_) | None => Err(unreadable(Effect::Write, doing)),
    }
}

pub(super) async fn edit(graph: &Graph, edit: &Edit<'_>) -> Result<(), Failure> {
    let owner = graph.owner(edit.speaker).await?;
    let path = [
        "chats",
        edit.conversation.as_str(),
        "messages",
        edit.message.as_str(),
    ];
    let body = body(&shown(edit.content, edit.shown_as));
    graph
        .write(
            &owner,
            Method::PATCH,
            graph.url(&path, &[]),
            Some(&body),
            "chats.messages.update",
        )
        .await
        .map(drop)
}

pub(super) async fn delete(
    graph: &Graph,
    conversation: &ExternalConversation,
    message: &ExternalMessage,
    speaker: &Speaker,
) -> Result<(), Failure> {
    let owner = graph.owner(speaker).await?;
    let author = match speaker {
        Speaker::App => graph.own().await?.account.clone(),
        Speaker::Account(account) => account.clone(),
    };
    let path = [
        "users",
        author.as_str(),
        "chats",
        conversation.as_str(),
        "messages",
        message.as_str(),
        "softDelete",
    ];
    let doing = "chats.messages.softDelete";
    let url = graph.url(&path, &[]);
    match graph.write(&owner, Method::POST, url, None, doing).await {
        Ok(_) => Ok(()),
        Err(failure) if failure.kind == FailureKind::Gone => Ok(()),
        Err(failure) => Err(failure),
    }
}

/// Every message of the chat that changed after `since`, in no order.
pub(super) async fn changed_messages(
    graph: &Graph,
    owner: &TokenOwner,
    conversation: &ExternalConversation,
    since: Timestamp,
) -> Result<Vec<Found>, Failure> {
    let filter = format!("lastModifiedDateTime gt {}", written(since));
    let query = [
        ("$top", "50"),
        ("$orderby", "lastModifiedDateTime desc"),
        ("$filter", filter.as_str()),
    ];
    let url = graph.url(&["chats", conversation.as_str(), "messages"], &query);
    let doing = "chats.messages.list";
    let messages: Vec<Value> = graph.pages(owner, url, usize::MAX, doing).await?;
    Ok(messages
        .into_iter()
        .filter_map(|json| Found::read(json, Some(conversation)))
        .collect())
}

pub(super) async fn history(
    graph: &Graph,
    chats: &Chats,
    conversation: &ExternalConversation,
    speaker: &Speaker,
    since: Timestamp,
) -> Result<Vec<Incoming>, Failure> {
    let mut owner = graph.owner(speaker).await?;
    let mut found = changed_messages(graph, &owner, conversation, since).await;
    let may_app = graph.reader() == TokenOwner::AppLevel;
    if let (TokenOwner::Account(_), Err(failure)) = (&owner, &found)
        && failure.kind == FailureKind::NotAuthorised
        && may_app
    {
        owner = TokenOwner::AppLevel;
        found = changed_messages(graph, &owner, conversation, since).await;
    }
    let found = found?;
    let own = graph.own().await?.account.clone();
    let kind = match found.is_empty() {
        true => None,
        false => chats.kind(conversation, &owner).await?,
    };
    let around = Around {
        own: &own,
        heard_by: match speaker {
            Speaker::App => Some(&own),
            Speaker::Account(account) => Some(account),
        },
        kind,
    };
    let mut events: Vec<Incoming> = found
        .iter()
        .flat_map(|found| found.happenings(around))
        .collect();
    events.sort_by_key(|event| event.at);
    Ok(events)
}

/// Source: <https://learn.microsoft.com/microsoftteams/platform/concepts/build-and-test/deep-link-teams>.
pub(super) fn permalink(
    graph: &Graph,
    conversation: &ExternalConversation,
    message: &ExternalMessage,
) -> Option<String> {
    let mut url = Url::parse("https://teams.microsoft.com/l/message").ok()?;
    url.path_segments_mut()
        .ok()?
        .push(conversation.as_str())
        .push(message.as_str());
    url.query_pairs_mut()
        .append_pair("tenantId", &graph.settings().tenant)
        .append_pair("context", r#"{"contextType":"chat"}"#);
    Some(url.into())
}

fn body(content: &Content) -> Value {
    let written = dialect::write(content);
    json!({
        "body": { "contentType": "html", "content": written.html },
        "mentions": written.mentions,
    })
}

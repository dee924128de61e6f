//! Reading a conversation back.
//!
//! Source: <https://developer.webex.com/docs/api/v1/messages/list-messages>,
//! `list-direct-messages`.

use std::collections::HashSet;

use causeway_model::{
    ConversationKind, ExternalAccount, ExternalConversation, ExternalMessage, Failure, FailureKind,
    Incoming, Speaker, Timestamp,
};

use super::{
    api::Api,
    feed::{KEPT_MS, Resource, Span, events},
    hearing::{Ears, Understood},
    messages::{Around, Found},
    pair::Pair,
    rooms::Rooms,
    settings::Hear,
    wire::{Message, moment},
};
use crate::TokenOwner;

const DOING: &str = "messages.list";

pub(super) async fn history(
    api: &Api,
    rooms: &Rooms,
    conversation: &ExternalConversation,
    speaker: &Speaker,
    since: Timestamp,
) -> Result<Vec<Incoming>, Failure> {
    let listed = match Pair::read(conversation) {
        Some(pair) => direct(api, rooms, &pair, speaker, since).await,
        None => group(api, conversation, speaker, since).await,
    };
    let mut happened = match listed {
        Ok(messages) => standing(api, conversation, speaker, messages).await?,
        Err(failure) if is_kept_from(&failure) && api.settings().hear == Hear::Events => {
            by_events(api, rooms, conversation, speaker, since).await?
        }
        Err(failure) => return Err(failure),
    };
    happened.retain(|event| event.at >= since);
    happened.sort_by_key(|event| event.at);
    Ok(happened)
}

/// Who asks may not read there, or not any more; the administrator's events may still tell.
fn is_kept_from(failure: &Failure) -> bool {
    match failure.kind {
        FailureKind::NotAuthorised
        | FailureKind::Forbidden
        | FailureKind::Gone
        | FailureKind::Rejected => true,
        FailureKind::Throttled { .. }
        | FailureKind::NotSent
        | FailureKind::NotSupported
        | FailureKind::Unknown => false,
    }
}

async fn direct(
    api: &Api,
    rooms: &Rooms,
    pair: &Pair,
    speaker: &Speaker,
    since: Timestamp,
) -> Result<Vec<Message>, Failure> {
    let (owner, account) = (api.owner(speaker).await?, api.account(speaker).await?);
    let Some(other) = pair.beside(&account) else {
        return Ok(Vec::new());
    };
    let url = api.url(&["messages", "direct"], &[("personId", other.as_str())]);
    let (newest, _): (Vec<Message>, _) = match api.page(&owner, url, DOING).await {
        // They have not written to each other yet.
        Err(failure) if failure.kind == FailureKind::Gone => return Ok(Vec::new()),
        page => page?,
    };
    let Some(message) = newest.first() else {
        return Ok(newest);
    };
    rooms.note_pair(pair, &message.room_id);
    if reaches_back(&newest, since) {
        return Ok(newest);
    }
    list(api, &owner, &message.room_id, since).await
}

/// A bot is not shown what is said in a group: the administrator reads there for it, who is a
/// compliance officer where events are heard.
async fn group(
    api: &Api,
    conversation: &ExternalConversation,
    speaker: &Speaker,
    since: Timestamp,
) -> Result<Vec<Message>, Failure> {
    let owner = match api.owner(speaker).await? {
        TokenOwner::App if api.settings().hear == Hear::Events => TokenOwner::AppLevel,
        owner @ (TokenOwner::App
        | TokenOwner::AppLevel
        | TokenOwner::GuestIssuer
        | TokenOwner::Account(_)) => owner,
    };
    list(api, &owner, conversation.as_str(), since).await
}

/// Whether a message is still there, as the speaker sees it.
pub(super) async fn stands(
    api: &Api,
    message: &ExternalMessage,
    speaker: &Speaker,
) -> Result<bool, Failure> {
    let owner = api.owner(speaker).await?;
    let url = api.url(&["messages", message.as_str()], &[]);
    match api.status(&owner, url, "messages.get").await {
        Ok(()) => Ok(true),
        Err(failure) if failure.kind == FailureKind::Gone => Ok(false),
        Err(failure) => Err(failure),
    }
}

/// The room's messages, newest first, until one is older.
pub(super) async fn list(
    api: &Api,
    owner: &TokenOwner,
    room: &str,
    since: Timestamp,
) -> Result<Vec<Message>, Failure> {
    let url = api.url(&["messages"], &[("roomId", room), ("max", "200")]);
    let enough = |messages: &[Message]| reaches_back(messages, since);
    api.pages(owner, url, DOING, enough).await
}

fn reaches_back(messages: &[Message], since: Timestamp) -> bool {
    let oldest = messages
        .last()
        .and_then(|message| message.created.as_deref());
    oldest.and_then(moment).is_some_and(|oldest| oldest < since)
}

async fn standing(
    api: &Api,
    conversation: &ExternalConversation,
    speaker: &Speaker,
    messages: Vec<Message>,
) -> Result<Vec<Incoming>, Failure> {
    let (bot, heard_by) = (api.bot().await?, api.account(speaker).await?);
    let kind = match Pair::read(conversation) {
        Some(pair) if pair.has(bot) => ConversationKind::WithApp,
        Some(_) => ConversationKind::Direct,
        None => ConversationKind::Group,
    };
    let around = Around {
        bot,
        heard_by: &heard_by,
        conversation,
        kind,
    };
    // The newest is listed first, and several may be of the same moment.
    let found = messages.into_iter().rev().map(Found::listed);
    Ok(found.flat_map(|found| found.happenings(around)).collect())
}

async fn by_events(
    api: &Api,
    rooms: &Rooms,
    conversation: &ExternalConversation,
    speaker: &Speaker,
    since: Timestamp,
) -> Result<Vec<Incoming>, Failure> {
    let earliest = api.clock().now().plus_ms(-KEPT_MS);
    let span = Span {
        from: since.max(earliest),
        to: None,
    };
    let accounts: HashSet<ExternalAccount> = HashSet::from([api.account(speaker).await?]);
    let ears = Ears {
        api,
        rooms,
        accounts: &accounts,
        eyes: &TokenOwner::AppLevel,
    };
    let mut happened = Vec::new();
    for event in events(api, Resource::Messages, span).await? {
        match ears.hear(&event).await? {
            Understood::Happened(heard) => {
                let here = |event: &Incoming| event.conversation == *conversation;
                happened.extend(heard.into_iter().filter(here));
            }
            // Taken for absent, it would be said again by whoever looks whether it was said.
            Understood::Hidden { author, failure } if may_be_in(conversation, author.as_ref()) => {
                return Err(failure);
            }
            Understood::Hidden { .. } => {}
        }
    }
    Ok(happened)
}

/// Whether somebody's message in a room whose members are not shown may belong to this conversation.
fn may_be_in(conversation: &ExternalConversation, author: Option<&ExternalAccount>) -> bool {
    let pair = Pair::read(conversation);
    pair.is_some_and(|pair| author.is_none_or(|author| pair.has(author)))
}

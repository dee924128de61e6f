//! Posting, editing and deleting.
//!
//! Source: <https://developer.webex.com/docs/api/v1/messages>.

use causeway_model::{
    Content, ExternalConversation, ExternalMessage, Failure, FailureKind, Speaker,
};
use reqwest::Method;
use serde_json::{Value, json};

use super::{
    api::Api,
    dialect, ids,
    pair::Pair,
    refusal::{Effect, unreadable},
    rooms::Rooms,
    wire::{Message, moment},
};
use crate::{Edit, Post, Posted, ShownAs, TokenOwner, lead::led_by_name};

pub(super) fn shown(content: &Content, shown_as: Option<&ShownAs>) -> Content {
    match shown_as {
        Some(shown_as) => led_by_name(content.clone(), &shown_as.name),
        None => content.clone(),
    }
}

pub(super) async fn post(api: &Api, rooms: &Rooms, post: &Post<'_>) -> Result<Posted, Failure> {
    let doing = "messages.create";
    let owner = api.owner(post.speaker).await?;
    let pair = Pair::read(post.conversation);
    let mut body = match &pair {
        Some(pair) => to_other(api, pair, post.speaker).await?,
        None => json!({ "roomId": post.conversation.as_str() }),
    };
    body["markdown"] = markdown(post.content, post.shown_as);
    let url = api.url(&["messages"], &[]);
    let made: Message = api.make(&owner, url, &body, doing).await?;
    if let Some(pair) = &pair {
        rooms.note_pair(pair, &made.room_id);
    }
    let at = made.created.as_deref().and_then(moment);
    match at {
        Some(at) if !made.id.is_empty() => Ok(Posted {
            message: ExternalMessage::new(made.id),
            at,
        }),
        Some(_) | None => Err(unreadable(Effect::Write, doing)),
    }
}

pub(super) async fn edit(api: &Api, rooms: &Rooms, edit: &Edit<'_>) -> Result<(), Failure> {
    let owner = api.owner(edit.speaker).await?;
    let room = match Pair::read(edit.conversation) {
        Some(pair) => room_of(api, rooms, &pair, edit.message, &owner).await?,
        None => edit.conversation.as_str().to_owned(),
    };
    let body = json!({
        "roomId": room,
        "markdown": markdown(edit.content, edit.shown_as),
    });
    let url = api.url(&["messages", edit.message.as_str()], &[]);
    let doing = "messages.update";
    let edited = api.write(&owner, Method::PUT, url, Some(&body), doing);
    edited.await.map(drop)
}

pub(super) async fn delete(
    api: &Api,
    message: &ExternalMessage,
    speaker: &Speaker,
) -> Result<(), Failure> {
    let owner = api.owner(speaker).await?;
    let url = api.url(&["messages", message.as_str()], &[]);
    let doing = "messages.delete";
    match api.write(&owner, Method::DELETE, url, None, doing).await {
        Err(failure) if failure.kind == FailureKind::Gone => Ok(()),
        deleted => deleted.map(drop),
    }
}

/// Source: <https://help.webex.com/article/n5yzg8y>.
pub(super) fn permalink(
    rooms: &Rooms,
    conversation: &ExternalConversation,
    message: &ExternalMessage,
) -> Option<String> {
    let room = match Pair::read(conversation) {
        Some(pair) => rooms.room_of(&pair)?,
        None => conversation.as_str().to_owned(),
    };
    let (room, message) = (ids::bare(&room)?, ids::bare(message.as_str())?);
    let well_formed = [&room, &message]
        .into_iter()
        .all(|uuid| uuid::Uuid::try_parse(uuid).is_ok());
    well_formed.then(|| format!("webexteams://im?space={room}&message={message}"))
}

/// The room need not be there yet: with the first message it is made.
async fn to_other(api: &Api, pair: &Pair, speaker: &Speaker) -> Result<Value, Failure> {
    let speaker = api.account(speaker).await?;
    match pair.beside(&speaker) {
        Some(other) => Ok(json!({ "toPersonId": other.as_str() })),
        None => Err(Failure::new(
            FailureKind::Rejected,
            "not_in_conversation",
            "messages.create",
        )),
    }
}

async fn room_of(
    api: &Api,
    rooms: &Rooms,
    pair: &Pair,
    message: &ExternalMessage,
    owner: &TokenOwner,
) -> Result<String, Failure> {
    if let Some(room) = rooms.room_of(pair) {
        return Ok(room);
    }
    let url = api.url(&["messages", message.as_str()], &[]);
    let found: Message = api.get(owner, url, "messages.get").await?;
    rooms.note_pair(pair, &found.room_id);
    Ok(found.room_id)
}

fn markdown(content: &Content, shown_as: Option<&ShownAs>) -> Value {
    dialect::write(&shown(content, shown_as)).into()
}

//! Who is in a channel.
//!
//! Source: <https://developers.zoom.us/docs/api/chat/>, "Chat Channels"

use serde_json::{Value, json};

use super::{
    account::ZoomAccount,
    channel_calls::{check_externals, people, read},
    conversation::{ChannelType, Conversation, Role},
    error::ZoomError,
    ids::UserId,
    moment::iso,
    place::entered,
    server::{Answer, Call, Reply},
    shapes,
    state::State,
};

/// How many people one call lets in.
const MOST_AT_ONCE: usize = 5;

/// `GET …/channels/{channelId}/members`
pub fn list(here: &ZoomAccount, call: &Call) -> Answer {
    here.change(|state, now| {
        let channel = read(here, state, call)?;
        let id = channel.id.clone();
        let members = channel.members.iter();
        let keys: Vec<_> = members.map(|member| member.user.to_string()).collect();
        let total = keys.len();
        let asked = call.query.page(&format!("members of {id}"), 10, 50)?;
        let page = state.pages.cut(&state.mint, now, &asked, || keys)?;
        let channel = state.conversation(&id);
        let members: Vec<_> = page
            .keys
            .iter()
            .filter_map(|user| {
                Some(shapes::member(
                    state,
                    channel?,
                    &UserId::from(user.as_str()),
                ))
            })
            .collect();
        Ok(Reply::Ok(json!({
            "members": members,
            "page_size": page.size,
            "next_page_token": page.next,
            "total_records": total,
        })))
    })
}

/// `POST …/channels/{channelId}/members`
pub fn invite(here: &ZoomAccount, call: &Call) -> Answer {
    here.change(|state, now| {
        let me = call.actor(here, state)?;
        let channel = entered(state, &me, call.id("channelId"))?;
        let users = people(state, &call.fields())?;
        if users.is_empty() || users.len() > MOST_AT_ONCE {
            let why = format!("There must be 1 to {MOST_AT_ONCE} of them.");
            return Err(ZoomError::field("members", why));
        }
        check_may_invite(state, channel, &me, &users)?;
        let id = channel.id.clone();
        let added = state.invite(&id, &me, &users, now);
        Ok(Reply::Created(json!({
            "added_at": iso(now),
            "ids": joined(added.iter().map(UserId::as_str)),
            "member_ids": joined(added.iter().filter_map(|id| member_id(state, id))),
        })))
    })
}

/// `DELETE …/channels/{channelId}/members/{identifier}`
pub fn remove(here: &ZoomAccount, call: &Call) -> Answer {
    here.change(|state, now| {
        let me = call.actor(here, state)?;
        let channel = entered(state, &me, call.id("channelId"))?;
        let named = call.id("identifier");
        let member = state
            .directory
            .member(named)
            .or_else(|| state.directory.contact(named));
        let member = member.map(|user| user.id.clone());
        let member = member
            .filter(|user| channel.has(user))
            .ok_or_else(|| ZoomError::no_user(named))?;
        if channel.channel_type() == Some(ChannelType::Group) {
            return Err(ZoomError::forbidden("It is not allowed on a group chat."));
        }
        if !channel.is_led_by(&me) || channel.role(&member) == Some(Role::Owner) {
            return Err(ZoomError::no_permission());
        }
        let id = channel.id.clone();
        state.remove(&id, &me, &member, now);
        Ok(Reply::NoContent)
    })
}

/// `POST /chat/channels/{channelId}/members/me`
pub fn join(here: &ZoomAccount, call: &Call) -> Answer {
    here.change(|state, now| {
        let me = call.actor(here, state)?;
        let channel = state.channel(call.id("channelId"));
        let channel = channel.filter(|channel| {
            channel.has(&me) || channel.channel_type() == Some(ChannelType::Public)
        });
        let channel = channel.ok_or_else(|| ZoomError::no_channel(call.id("channelId")))?;
        let id = channel.id.clone();
        state.join(&id, &me, now);
        Ok(Reply::Created(json!({
            "added_at": iso(now),
            "id": me,
            "member_id": member_id(state, &me),
        })))
    })
}

/// `DELETE /chat/channels/{channelId}/members/me`
pub fn leave(here: &ZoomAccount, call: &Call) -> Answer {
    here.change(|state, now| {
        let me = call.actor(here, state)?;
        let channel = entered(state, &me, call.id("channelId"))?;
        let id = channel.id.clone();
        state.leave(&id, &me, now);
        Ok(Reply::NoContent)
    })
}

fn check_may_invite(
    state: &State,
    channel: &Conversation,
    me: &UserId,
    users: &[UserId],
) -> Result<(), ZoomError> {
    let settings = &channel.settings;
    if settings.add_member_permissions != 1 && !channel.is_led_by(me) {
        return Err(ZoomError::no_permission());
    }
    match channel.channel_type() {
        Some(kind) => check_externals(state, kind, settings, users),
        None => Ok(()),
    }
}

fn member_id<'a>(state: &'a State, id: &UserId) -> Option<&'a str> {
    state.directory.get(id).map(|user| user.member_id.as_str())
}

fn joined<'a>(ids: impl Iterator<Item = &'a str>) -> Value {
    ids.collect::<Vec<_>>().join(",").into()
}

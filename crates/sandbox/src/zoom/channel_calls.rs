//! Channels and group chats.
//!
//! Source: <https://developers.zoom.us/docs/api/chat/>, "Chat Channels"

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    account::ZoomAccount,
    conversation::{ChannelType, Conversation, Draft, Settings},
    error::ZoomError,
    fields::Fields,
    ids::{ConversationId, UserId},
    pages::Page,
    place::entered,
    server::{Answer, Call, Reply},
    shapes,
    state::State,
};

/// `GET /chat/users/{userId}/channels`
pub fn list(here: &ZoomAccount, call: &Call) -> Answer {
    here.change(|state, now| {
        let me = call.actor(here, state)?;
        let asked = call.query.page(&format!("channels of {me}"), 10, 50)?;
        let keys: Vec<_> = channels(state, |channel| channel.has(&me));
        let page = state.pages.cut(&state.mint, now, &asked, || keys)?;
        Ok(Reply::Ok(listed(state, page)))
    })
}

/// `GET /chat/channels`: the public ones of the account
pub fn list_of_account(here: &ZoomAccount, call: &Call) -> Answer {
    call.check_role(here)?;
    here.change(|state, now| {
        let asked = call.query.page("channels", 10, 50)?;
        let public = |channel: &Conversation| channel.channel_type() == Some(ChannelType::Public);
        let keys = channels(state, public);
        let page = state.pages.cut(&state.mint, now, &asked, || keys)?;
        Ok(Reply::Ok(listed(state, page)))
    })
}

/// `POST /chat/users/{userId}/channels`
pub fn create(here: &ZoomAccount, call: &Call) -> Answer {
    here.change(|state, now| {
        let me = call.actor(here, state)?;
        let draft = draft(state, &call.fields())?;
        let id = state.create_channel(&me, draft, now);
        let made = state.conversation(&id);
        let body = made.map(|channel| shapes::channel(state, channel));
        Ok(Reply::Created(body.unwrap_or_default()))
    })
}

/// `GET /chat/users/{userId}/channels/{channelId}`, `GET /chat/channels/{channelId}`
pub fn get(here: &ZoomAccount, call: &Call) -> Answer {
    here.look(|state, _| {
        let channel = read(here, state, call)?;
        Ok(Reply::Ok(shapes::channel(state, channel)))
    })
}

/// `PATCH /chat/users/{userId}/channels/{channelId}`
pub fn update(here: &ZoomAccount, call: &Call) -> Answer {
    here.change(|state, now| {
        let (me, id) = led(here, state, call)?;
        let fields = call.fields();
        let name = fields.text("name")?.map(str::to_owned);
        let settings = settings(&fields)?;
        state.change_channel(&id, &me, now, |channel| {
            if let Some(name) = name {
                channel.name = name;
            }
            if let Some(settings) = settings {
                channel.settings = settings;
            }
        });
        Ok(Reply::NoContent)
    })
}

/// `DELETE /chat/users/{userId}/channels/{channelId}`
pub fn delete(here: &ZoomAccount, call: &Call) -> Answer {
    here.change(|state, now| {
        let (me, id) = led(here, state, call)?;
        state.delete_channel(&id, &me, now);
        Ok(Reply::NoContent)
    })
}

/// The channel that a path names, for whoever may look into it. The account's app looks into every
/// channel where the path names no user.
pub fn read<'a>(
    here: &ZoomAccount,
    state: &'a State,
    call: &Call,
) -> Result<&'a Conversation, ZoomError> {
    let id = call.id("channelId");
    if call.access.user.is_none() && call.id("userId").is_empty() {
        call.check_role(here)?;
        return state.channel(id).ok_or_else(|| ZoomError::no_channel(id));
    }
    let me = call.actor(here, state)?;
    match state.channel(id) {
        // What anybody may join, anybody may look at.
        Some(channel) if channel.channel_type() == Some(ChannelType::Public) => Ok(channel),
        Some(_) | None => entered(state, &me, id),
    }
}

/// Members of Acme, or connected contacts outside it, by their addresses.
pub fn people(state: &State, fields: &Fields<'_>) -> Result<Vec<UserId>, ZoomError> {
    #[derive(Deserialize)]
    struct Wanted {
        email: String,
    }
    let wanted: Vec<Wanted> = fields.list("members")?;
    let ids = wanted.iter().map(|wanted| {
        let user = state.directory.contact(&wanted.email);
        user.filter(|user| user.is_active() || user.is_external())
            .map(|user| user.id.clone())
            .ok_or_else(|| ZoomError::no_user(&wanted.email))
    });
    ids.collect()
}

/// Refuses people of other accounts where the channel is not for them.
pub fn check_externals(
    state: &State,
    kind: ChannelType,
    settings: &Settings,
    people: &[UserId],
) -> Result<(), ZoomError> {
    let mut people = people.iter().filter_map(|id| state.directory.get(id));
    let is_open = kind != ChannelType::PrivateToAccount
        && (kind == ChannelType::Group || settings.allow_to_add_external_users > 0);
    if is_open || !people.any(|user| user.is_external()) {
        return Ok(());
    }
    Err(ZoomError::forbidden(
        "External users cannot be added to this channel.",
    ))
}

fn channels(state: &State, wanted: impl Fn(&Conversation) -> bool) -> Vec<String> {
    let all = state.conversations.values();
    all.filter(|found| !found.is_deleted && found.channel_type().is_some() && wanted(found))
        .map(|found| found.id.to_string())
        .collect()
}

fn listed(state: &State, page: Page<String>) -> Value {
    let channels: Vec<_> = page
        .keys
        .iter()
        .filter_map(|id| state.channel(id))
        .map(|channel| shapes::channel(state, channel))
        .collect();
    json!({
        "total_records": channels.len(),
        "channels": channels,
        "page_size": page.size,
        "next_page_token": page.next,
    })
}

fn draft(state: &State, fields: &Fields<'_>) -> Result<Draft, ZoomError> {
    let number = fields.number("type")?;
    let number = number.ok_or_else(|| ZoomError::field("type", "This field is required."))?;
    let kind = ChannelType::numbered(number)
        .ok_or_else(|| ZoomError::field("type", "It must be 1, 2, 3 or 4."))?;
    let name = fields.text("name")?.unwrap_or_default();
    if name.is_empty() && kind != ChannelType::Group {
        return Err(ZoomError::field("name", "This field is required."));
    }
    let settings = settings(fields)?.unwrap_or_default();
    let members = people(state, fields)?;
    check_externals(state, kind, &settings, &members)?;
    Ok(Draft {
        kind,
        // A group chat is called after its members, whatever is sent.
        name: match kind {
            ChannelType::Group => String::new(),
            ChannelType::Private | ChannelType::PrivateToAccount | ChannelType::Public => {
                name.to_owned()
            }
        },
        settings,
        members,
    })
}

fn settings(fields: &Fields<'_>) -> Result<Option<Settings>, ZoomError> {
    let Some(settings) = fields.object("channel_settings")? else {
        return Ok(None);
    };
    serde_json::from_value(settings.0.clone())
        .map(Some)
        .map_err(|_| ZoomError::field("channel_settings", "Invalid field."))
}

/// A channel of which the caller is the owner or an admin. A group chat has none of this.
fn led(
    here: &ZoomAccount,
    state: &State,
    call: &Call,
) -> Result<(UserId, ConversationId), ZoomError> {
    let me = call.actor(here, state)?;
    let channel = entered(state, &me, call.id("channelId"))?;
    if channel.channel_type() == Some(ChannelType::Group) {
        return Err(ZoomError::forbidden("It is not allowed on a group chat."));
    }
    if !channel.is_led_by(&me) {
        return Err(ZoomError::no_permission());
    }
    Ok((me, channel.id.clone()))
}

//! What there is, as the API's answers show it.

use serde_json::{Map, Value, json};

use super::{
    conversation::{Conversation, Kind},
    directory::User,
    ids::UserId,
    message::{Author, Mention, Mentioned, Message},
    moment::iso,
    state::State,
};

/// Which ids of the mentioned go with a mention.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AtIds {
    /// In a listing: the address alone.
    Listed,
    /// In an event: the user's id and member id, too.
    Told,
}

/// What of a message a listing shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    Shown,
    Hidden,
}

/// A channel's name; of a group chat without one, its members' names.
pub fn channel_name(state: &State, channel: &Conversation) -> String {
    if !channel.name.is_empty() {
        return channel.name.clone();
    }
    let members = channel.members.iter();
    let names: Vec<_> = members
        .map(|member| state.directory.name_of(&member.user))
        .collect();
    names.join(", ")
}

pub fn channel(state: &State, channel: &Conversation) -> Value {
    json!({
        "id": channel.id,
        "jid": channel.jid,
        "name": channel_name(state, channel),
        "type": channel.channel_type().map(|kind| kind.number()),
        "channel_url": format!("https://zoom.us/launch/chat/v2/{}", channel.id),
        "channel_settings": channel.settings,
    })
}

pub fn member(state: &State, channel: &Conversation, user: &UserId) -> Value {
    let Some(found) = state.directory.get(user) else {
        return json!({ "id": user });
    };
    json!({
        "id": found.id,
        "member_id": found.member_id,
        "email": found.email,
        "first_name": found.first_name,
        "last_name": found.last_name,
        "name": found.display_name,
        "role": channel.role(user),
        "is_external": found.is_external(),
    })
}

pub fn session(state: &State, conversation: &Conversation, viewer: &UserId) -> Value {
    let last = conversation.last_sent_at().map(iso);
    match conversation
        .other(viewer)
        .and_then(|id| state.directory.get(id))
    {
        Some(peer) => json!({
            "type": "1:1",
            "name": peer.display_name,
            "peer_contact_email": peer.email,
            "peer_contact_user_id": peer.id,
            "peer_contact_member_id": peer.member_id,
            "last_message_sent_time": last,
        }),
        None => json!({
            "type": "groupchat",
            "channel_id": conversation.id,
            "name": channel_name(state, conversation),
            "last_message_sent_time": last,
        }),
    }
}

/// A message in a listing; of a deleted one only that it was there.
pub fn message(state: &State, found: &Message, place: &Conversation, status: Status) -> Value {
    let mut shown = json!({
        "id": found.id,
        "message": found.body.text,
        "message_type": "plain_text_message",
        "date_time": iso(found.sent_at),
        "timestamp": found.sent_at,
    });
    let fields = shown.as_object_mut().expect("an object was just made");
    put_sender(fields, state, found);
    put_thread(fields, found, place);
    if status == Status::Shown {
        fields.insert("status".to_owned(), json!(found.status()));
    }
    if !found.reactions.is_empty() {
        fields.insert("reactions".to_owned(), reactions(state, found));
    }
    if !found.body.rich_text.is_empty() {
        fields.insert("rich_text".to_owned(), json!(found.body.rich_text));
    }
    if !found.body.at_items.is_empty() {
        let items = at_items(state, &found.body.at_items, AtIds::Listed);
        fields.insert("at_items".to_owned(), items);
    }
    if let Some(content) = &found.body.content {
        fields.insert("bot_message".to_owned(), content.clone());
    }
    shown
}

fn put_sender(fields: &mut Map<String, Value>, state: &State, found: &Message) {
    let (sender, member, name) = sender(state, &found.author);
    fields.insert("sender".to_owned(), sender.into());
    fields.insert("send_member_id".to_owned(), member.into());
    fields.insert("sender_display_name".to_owned(), name.into());
}

/// The address, member id and name of an author; a robot's are its JID and name.
pub fn sender(state: &State, author: &Author) -> (String, String, String) {
    let user = match author {
        Author::User(id) => state.directory.get(id),
        Author::Robot => None,
    };
    match user {
        Some(user) => (
            user.email.clone(),
            user.member_id.clone(),
            user.display_name.clone(),
        ),
        None => (
            state.robot.jid.clone(),
            state.robot.jid.clone(),
            state.robot.name.to_owned(),
        ),
    }
}

fn put_thread(fields: &mut Map<String, Value>, found: &Message, place: &Conversation) {
    if let Some(root) = &found.reply_to {
        fields.insert("reply_main_message_id".to_owned(), json!(root));
        if let Some(root) = place.message(root) {
            let at = json!(root.sent_at);
            fields.insert("reply_main_message_timestamp".to_owned(), at);
        }
    }
}

pub fn reactions(state: &State, found: &Message) -> Value {
    let all = found.reactions.iter();
    all.map(|reaction| {
        let senders: Vec<_> = reaction
            .by
            .iter()
            .map(|id| {
                let member = state.directory.get(id).map(|user| &user.member_id);
                json!({ "user_id": id, "member_id": member })
            })
            .collect();
        json!({ "emoji": reaction.emoji, "total_count": senders.len(), "senders": senders })
    })
    .collect()
}

/// The same in a thread, which names its fields otherwise.
pub fn thread_message(state: &State, found: &Message, viewer: &UserId) -> Value {
    let (email, member, name) = sender(state, &found.author);
    let reactions: Vec<_> = found
        .reactions
        .iter()
        .map(|reaction| {
            json!({
                "emoji_id": reaction.emoji,
                "count": reaction.by.len(),
                "is_sender": reaction.by.contains(viewer),
            })
        })
        .collect();
    json!({
        "msg_id": found.id,
        "message": found.body.text,
        "is_reply": found.reply_to.is_some(),
        "timestamp": found.sent_at,
        "reactions": reactions,
        "sender_user_id": found.person().map_or("", UserId::as_str),
        "sender_email": email,
        "sender_member_id": member,
        "sender_display_name": name,
    })
}

pub fn at_items(state: &State, items: &[Mention], ids: AtIds) -> Value {
    let items = items.iter().map(|item| {
        let mut shown = json!({ "start_position": item.start, "end_position": item.end });
        match &item.whom {
            Mentioned::Everyone => shown["at_type"] = json!(2),
            Mentioned::User(id) => {
                shown["at_type"] = json!(1);
                shown["at_contact"] = json!(state.directory.email_of(id));
                if ids == AtIds::Told {
                    let member = state.directory.get(id).map(|user| &user.member_id);
                    shown["at_contact_user_id"] = json!(id);
                    shown["at_contact_member_id"] = json!(member);
                }
            }
        }
        shown
    });
    items.collect()
}

/// A user in `GET /users`.
pub fn listed_user(user: &User) -> Value {
    json!({
        "id": user.id,
        "email": user.email,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "display_name": user.display_name,
        "type": user.licence,
        "status": user.standing.name(),
        "dept": user.title,
        "verified": u8::from(user.is_active()),
        "created_at": iso(user.created_at),
        "role_id": "2",
        "timezone": "UTC",
    })
}

/// One user by themselves: with what a list does not tell.
pub fn user(user: &User, account: &str, host: &str) -> Value {
    let mut shown = listed_user(user);
    shown["account_id"] = json!(account);
    shown["jid"] = json!(user.jid);
    shown["pic_url"] = json!(format!("http://{host}/p/v2/{}", user.id));
    shown["job_title"] = json!(user.title);
    shown["company"] = json!("Acme, Inc.");
    shown["login_types"] = json!([101]);
    shown
}

pub fn contact(user: &User) -> Value {
    json!({
        "id": user.id,
        "member_id": user.member_id,
        "email": user.email,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "presence_status": user.presence,
    })
}

/// Whether a conversation stands among the sessions of the API: a robot's chat does not.
pub fn is_session(conversation: &Conversation) -> bool {
    conversation.kind != Kind::WithRobot && !conversation.messages.is_empty()
}

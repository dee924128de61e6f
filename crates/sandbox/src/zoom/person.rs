//! People in their own Zoom app: what they do there, and what they see.

use serde_json::{Value, json};

use crate::{
    acme,
    clock::Millis,
    stand_in::{
        AccountView, Act, AppConversation, AuthorizationPage, ConversationView, Deed, FoundPerson,
        Refusal, StandIn, Takes, Target,
    },
};

use super::{
    account::ZoomAccount,
    conversation::{ChannelType, Conversation, Kind},
    delivery::Told,
    directory::{Standing, User},
    happenings::UserChange,
    ids::{ConversationId, MessageId, UserId},
    message::{Author, Body, Message},
    state::State,
    text::{Mentionable, typed},
    user_calls, view,
};

impl StandIn for ZoomAccount {
    fn platform(&self) -> &'static str {
        "zoom"
    }

    /// While the role permits it, the hub acts as everyone.
    fn account(&self, email: &str) -> Option<AccountView> {
        let permitted = self.switches().role_chat_edit;
        self.look(|state, now| {
            let user = state.directory.with_email(email)?;
            Some(AccountView {
                id: user.id.to_string(),
                name: user.display_name.clone(),
                active: user.is_active(),
                authorised: user.is_active()
                    && (permitted || self.tokens().has_live(&user.id, now)),
            })
        })
    }

    fn act(&self, act: &Act) -> Result<String, Refusal> {
        self.change(|state, now| {
            let me = actor(state, &act.actor)?;
            match act.deed {
                Deed::Send => send(state, &me, act, now),
                Deed::AppMessage => {
                    let service = addressee(state, acme::SERVICE_ACCOUNT)?;
                    let place = state.open_direct(&me, &service);
                    write(state, &me, (&place, None), &act.text, now)
                }
                Deed::Edit => {
                    let (place, id) = own_message(state, &me, act)?;
                    let body = composed(state, &place, &act.text)?;
                    state.edit(&place, &id, body, now);
                    Ok(id.to_string())
                }
                Deed::Delete => {
                    let (place, id) = own_message(state, &me, act)?;
                    state.delete(&place, &id, now);
                    Ok(id.to_string())
                }
                Deed::Command => command(state, &me, act, now),
                Deed::Press => press(state, &me, act, now),
                Deed::Invite => invite(state, &me, act, now),
                Deed::Leave => {
                    let place = room(state, &me, act)?;
                    state.leave(&place, &me, now);
                    Ok(place.to_string())
                }
            }
        })
    }

    fn view(&self, email: &str) -> Result<Vec<ConversationView>, Refusal> {
        self.look(|state, _| {
            let me = &account(state, email)?.id;
            let theirs = state.conversations_of(me).into_iter();
            Ok(theirs
                .map(|found| view::conversation(state, found, me))
                .collect())
        })
    }

    /// The hub writes to people as its service user, or as its chatbot: whichever was written in
    /// last.
    fn app_conversation(&self, email: &str) -> Result<Option<AppConversation>, Refusal> {
        self.look(|state, _| {
            let me = &account(state, email)?.id;
            let service = state.directory.with_email(acme::SERVICE_ACCOUNT);
            let as_user = service.and_then(|service| state.direct(me, &service.id));
            let found = [as_user, state.with_robot(me)].into_iter().flatten();
            let latest = found.max_by_key(|found| found.last_sent_at());
            Ok(latest.map(|found| AppConversation {
                app_account: match (found.kind, service) {
                    (Kind::WithRobot, _) | (_, None) => state.robot.jid.clone(),
                    (Kind::Direct | Kind::Channel(_), Some(service)) => service.id.to_string(),
                },
                messages: view::conversation(state, found, me).messages,
            }))
        })
    }

    fn search(&self, email: &str, query: &str) -> Result<Vec<FoundPerson>, Refusal> {
        let query = query.trim().to_lowercase();
        self.look(|state, _| {
            let me = &account(state, email)?.id;
            let fits = |user: &&User| {
                user.display_name.to_lowercase().contains(&query)
                    || user.email.to_lowercase().contains(&query)
            };
            let found = state.directory.active().filter(fits);
            Ok(found
                .map(|user| FoundPerson {
                    email: Some(user.email.clone()),
                    name: user.display_name.clone(),
                    conversation: state.direct(me, &user.id).map(|open| open.id.to_string()),
                })
                .collect())
        })
    }

    /// Switching on somebody who was invited by mail is their following the link in it.
    fn set_active(&self, email: &str, active: bool) -> bool {
        let Some(id) = self.id_of(email) else {
            return false;
        };
        self.set_standing(&id, active);
        true
    }

    fn rename(&self, email: &str, name: &str) -> bool {
        let Some(id) = self.id_of(email) else {
            return false;
        };
        self.change(|state, now| {
            user_calls::change(state, &id, now, |user| {
                let (first, last) = name.split_once(' ').unwrap_or((name, ""));
                first.clone_into(&mut user.first_name);
                last.clone_into(&mut user.last_name);
                name.clone_into(&mut user.display_name);
            });
        });
        true
    }

    fn join(&self, email: &str, name: &str) -> Result<(), Refusal> {
        self.change(|state, now| {
            if state.directory.with_email(email).is_some() {
                return Err(Refusal::Invalid(format!("{email} is there already")));
            }
            let user = User::new(&state.mint, email, name, now);
            let id = state.directory.add(user);
            state.tell_user(&UserChange::Created("create"), &id, now);
            Ok(())
        })
    }

    fn authorization_page(&self) -> Option<AuthorizationPage> {
        Some(AuthorizationPage {
            address: self.origin(),
            path_end: "/oauth/authorize",
            takes: Takes::Query,
        })
    }
}

impl ZoomAccount {
    fn id_of(&self, email: &str) -> Option<UserId> {
        self.look(|state, _| {
            let user = state.directory.with_email(email);
            user.map(|user| user.id.clone())
        })
    }
}

fn account<'a>(state: &'a State, email: &str) -> Result<&'a User, Refusal> {
    let found = state.directory.with_email(email);
    found.ok_or_else(|| Refusal::NotFound(format!("{email} has no Zoom account")))
}

fn actor(state: &State, email: &str) -> Result<UserId, Refusal> {
    let user = account(state, email)?;
    match user.standing {
        Standing::Active => Ok(user.id.clone()),
        Standing::Inactive | Standing::Pending | Standing::External | Standing::Gone => Err(
            Refusal::NotAllowed(format!("the Zoom account of {email} is not active")),
        ),
    }
}

/// The one person whom the search finds under this address, name or id.
fn addressee(state: &State, wanted: &str) -> Result<UserId, Refusal> {
    let named = state.directory.active().filter(|user| {
        user.id.as_str() == wanted
            || user.email.eq_ignore_ascii_case(wanted)
            || user.display_name.eq_ignore_ascii_case(wanted)
    });
    match named.collect::<Vec<_>>().as_slice() {
        [] => Err(Refusal::NotFound(format!(
            "the people search finds nobody called {wanted}"
        ))),
        [one] => Ok(one.id.clone()),
        several => Err(Refusal::Invalid(format!(
            "{} people are called {wanted}",
            several.len()
        ))),
    }
}

fn send(state: &mut State, me: &UserId, act: &Act, now: Millis) -> Result<String, Refusal> {
    let (place, root) = match &act.to {
        None => return Err(Refusal::Invalid("`to` is missing".to_owned())),
        Some(Target::Dm(wanted)) => {
            let other = addressee(state, wanted)?;
            (state.open_direct(me, &other), None)
        }
        Some(Target::Conversation(id)) => (entered(state, me, id)?.id.clone(), None),
        Some(Target::Message(id)) => {
            let (place, message) = seen(state, me, id)?;
            (place.id.clone(), Some(message.root().clone()))
        }
    };
    write(state, me, (&place, root), &act.text, now)
}

fn write(
    state: &mut State,
    me: &UserId,
    (place, root): (&ConversationId, Option<MessageId>),
    input: &str,
    now: Millis,
) -> Result<String, Refusal> {
    let body = composed(state, place, input)?;
    let id = state.post(place, Author::User(me.clone()), body, root, now);
    let with_robot = state.with_robot(me).is_some_and(|found| found.id == *place);
    if with_robot {
        tell_robot(state, me, place, input, now);
    }
    Ok(id.to_string())
}

/// What the app's composer makes of what is typed.
fn composed(state: &State, place: &ConversationId, input: &str) -> Result<Body, Refusal> {
    if input.trim().is_empty() {
        return Err(Refusal::Invalid("there is no text".to_owned()));
    }
    let found = state.conversation(place);
    let in_channel = found.is_some_and(|found| found.channel_type().is_some());
    let people = state.directory.active();
    let people = people.map(|user| (user.display_name.clone(), user.id.clone()));
    Ok(typed(input, &Mentionable::new(people, in_channel)))
}

fn entered<'a>(state: &'a State, me: &UserId, id: &str) -> Result<&'a Conversation, Refusal> {
    let found = state.conversation(&ConversationId::from(id));
    found
        .filter(|found| found.has(me))
        .ok_or_else(|| Refusal::NotFound(format!("conversation {id}")))
}

/// A message that stands before the person.
fn seen<'a>(
    state: &'a State,
    me: &UserId,
    id: &str,
) -> Result<(&'a Conversation, &'a Message), Refusal> {
    let message_id = MessageId::from(id);
    let place = state.place(&message_id).filter(|place| place.has(me));
    let found = place.and_then(|place| Some((place, place.message(&message_id)?)));
    found
        .filter(|(_, message)| !message.is_deleted() && message.is_seen_by(me))
        .ok_or_else(|| Refusal::NotFound(format!("message {id}")))
}

fn target_message<'a>(
    state: &'a State,
    me: &UserId,
    act: &Act,
) -> Result<(&'a Conversation, &'a Message), Refusal> {
    match &act.to {
        Some(Target::Message(id)) => seen(state, me, id),
        Some(Target::Dm(_) | Target::Conversation(_)) | None => {
            Err(Refusal::Invalid("`to` must name a message".to_owned()))
        }
    }
}

fn own_message(
    state: &State,
    me: &UserId,
    act: &Act,
) -> Result<(ConversationId, MessageId), Refusal> {
    let (place, message) = target_message(state, me, act)?;
    if message.is_by(me) {
        return Ok((place.id.clone(), message.id.clone()));
    }
    let id = &message.id;
    Err(Refusal::NotAllowed(format!(
        "message {id} is somebody else's"
    )))
}

/// The channel or group chat that the act names; two people stay two.
fn room(state: &State, me: &UserId, act: &Act) -> Result<ConversationId, Refusal> {
    let Some(Target::Conversation(id)) = &act.to else {
        return Err(Refusal::Invalid("`to` must name a conversation".to_owned()));
    };
    let found = entered(state, me, id)?;
    match found.channel_type() {
        Some(_) => Ok(found.id.clone()),
        None => Err(Refusal::NotAllowed(format!(
            "the members of conversation {id} cannot be changed"
        ))),
    }
}

/// Zoom writes no message about it, so the conversation's id is the answer.
fn invite(state: &mut State, me: &UserId, act: &Act, now: Millis) -> Result<String, Refusal> {
    let place = room(state, me, act)?;
    let guest = actor(state, &act.text)?;
    let kind = state
        .conversation(&place)
        .and_then(Conversation::channel_type);
    let is_closed = kind != Some(ChannelType::Group)
        && state.conversation(&place).is_some_and(|found| {
            found.settings.add_member_permissions != 1 && !found.is_led_by(me)
        });
    if is_closed {
        return Err(Refusal::NotAllowed(
            "only its owner adds members".to_owned(),
        ));
    }
    if state.invite(&place, me, &[guest], now).is_empty() {
        return Err(Refusal::Invalid(format!("{} is in it already", act.text)));
    }
    Ok(place.to_string())
}

/// A slash command: told to the chatbot's endpoint, and shown in its own chat only.
fn command(state: &mut State, me: &UserId, act: &Act, now: Millis) -> Result<String, Refusal> {
    let place = match &act.to {
        None => {
            let place = state.open_with_robot(me);
            return write(state, me, (&place, None), &act.text, now);
        }
        Some(Target::Conversation(id)) => entered(state, me, id)?.id.clone(),
        Some(Target::Dm(wanted)) => {
            let other = addressee(state, wanted)?;
            state.open_direct(me, &other)
        }
        Some(Target::Message(id)) => seen(state, me, id)?.0.id.clone(),
    };
    tell_robot(state, me, &place, &act.text, now);
    Ok(place.to_string())
}

/// `bot_notification`. The command's own name is not part of what the robot hears.
///
/// Source: <https://developers.zoom.us/docs/api/chatbot/events/>
fn tell_robot(state: &mut State, me: &UserId, place: &ConversationId, input: &str, now: Millis) {
    let words = match input.strip_prefix('/') {
        Some(command) => command.split_once(' ').map_or("", |(_, words)| words),
        None => input,
    };
    let payload = robot_payload(state, me, place, now);
    if let Some(mut payload) = payload {
        payload["cmd"] = json!(words.trim());
        payload["triggerId"] = json!(state.mint.hex(&state.mint.fresh("trigger")));
        let event = json!({ "event": "bot_notification", "payload": payload });
        state.told.push(Told::Bot(event));
    }
}

/// `interactive_message_actions`: a press on a button of the chatbot's.
fn press(state: &mut State, me: &UserId, act: &Act, now: Millis) -> Result<String, Refusal> {
    let (place, message) = target_message(state, me, act)?;
    let buttons = view::buttons(message);
    let button = buttons.iter().find(|button| button.action_id == act.text);
    let button = button.ok_or_else(|| Refusal::NotFound(format!("button {}", act.text)))?;
    let payload = robot_payload(state, me, &place.id, now);
    let event = payload.map(|mut payload| {
        payload["actionItem"] = json!({ "text": button.label, "value": button.value });
        payload["messageId"] = json!(message.id);
        payload["original"] = message.body.content.clone().unwrap_or_default();
        json!({ "event": "interactive_message_actions", "payload": payload })
    });
    let id = message.id.to_string();
    state.told.extend(event.map(Told::Bot));
    Ok(id)
}

/// Who did something with the robot, and where.
fn robot_payload(state: &State, me: &UserId, place: &ConversationId, now: Millis) -> Option<Value> {
    let user = state.directory.get(me)?;
    let place = state.conversation(place)?;
    let to = match (place.kind, place.other(me)) {
        (Kind::Channel(_), _) => place.jid.clone(),
        (Kind::Direct, Some(other)) => state.directory.get(other)?.jid.clone(),
        (Kind::Direct, None) | (Kind::WithRobot, _) => user.jid.clone(),
    };
    Some(json!({
        "accountId": state.account,
        "channelName": super::shapes::channel_name(state, place),
        "name": state.robot.name,
        "robotJid": state.robot.jid,
        "timestamp": now,
        "toJid": to,
        "userId": user.id,
        "userJid": user.jid,
        "userName": user.display_name,
    }))
}

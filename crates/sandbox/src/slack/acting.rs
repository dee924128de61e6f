//! People in their own Slack app: what they do there, and what they see.

use crate::{
    clock::Millis,
    stand_in::{
        AccountView, Act, AppConversation, AuthorizationPage, ConversationView, Deed, FoundPerson,
        LinkView, MessageView, Refusal, StandIn, Takes, Target,
    },
};

use super::{
    Workspace,
    ids::{ConversationId, Ts, UserId},
    state::{Conversation, Kind, Message, State, User, UserKind, Written},
    text::{buttons, rich_text, shown_text, typed},
    tokens::Holder,
};

impl StandIn for Workspace {
    fn platform(&self) -> &'static str {
        "slack"
    }

    fn account(&self, email: &str) -> Option<AccountView> {
        self.look(|state, now| {
            let user = state.user_by_address(email)?;
            let holder = Holder::User(user.id.clone());
            Some(AccountView {
                id: user.id.to_string(),
                name: user.name.clone(),
                active: !user.deleted,
                authorised: !user.deleted && state.tokens.of(&holder, now).is_some(),
            })
        })
    }

    fn act(&self, act: &Act) -> Result<String, Refusal> {
        let user = self.look(|state, _| actor(state, &act.actor))?;
        match act.deed {
            Deed::Send => self.change(|state, now| {
                let place = destination(state, &user, act.to.as_ref(), now)?;
                let thread = answered(state, &user, act)?;
                write(state, &user, (&place, thread), &act.text, now)
            }),
            Deed::AppMessage => self.change(|state, now| {
                let place = app_dm(state, &user, now);
                write(state, &user, (&place, None), &act.text, now)
            }),
            Deed::Edit => self.change(|state, now| edit(state, &user, act, now)),
            Deed::Delete => self.change(|state, now| delete(state, &user, act, now)),
            Deed::Command => {
                let place = self.change(|state, now| match &act.to {
                    None => Ok(app_dm(state, &user, now)),
                    Some(target) => destination(state, &user, Some(target), now),
                })?;
                self.command(&user, &place, &act.text)
            }
            Deed::Invite => self.change(|state, now| {
                let room = room_of(state, &user, act)?;
                let guest = newcomer(state, &room, &act.text)?;
                Ok(state.join(&room, &guest, Some(&user), now).to_string())
            }),
            Deed::Leave => self.change(|state, now| {
                let room = room_of(state, &user, act)?;
                Ok(state.part(&room, &user, &user, now).to_string())
            }),
            Deed::Press => {
                let (place, ts) = self.look(|state, _| seen_message(state, &user, act))?;
                self.press(&user, &place, (ts, &act.text))?;
                Ok(ts.to_string())
            }
        }
    }

    fn view(&self, email: &str) -> Result<Vec<ConversationView>, Refusal> {
        self.look(|state, _| {
            let user = account(state, email)?;
            let mine = state
                .conversations
                .values()
                .filter(|found| found.has(&user.id));
            let mut mine: Vec<_> = mine.collect();
            mine.sort_by_key(|conversation| conversation.messages.keys().next_back().copied());
            Ok(mine
                .into_iter()
                .map(|found| conversation_view(state, found, &user.id))
                .collect())
        })
    }

    fn app_conversation(&self, email: &str) -> Result<Option<AppConversation>, Refusal> {
        self.look(|state, _| {
            let user = account(state, email)?;
            let bot = &state.app.bot_user;
            let found = state.direct(&[bot.clone(), user.id.clone()]);
            Ok(found.map(|dm| AppConversation {
                app_account: bot.to_string(),
                messages: conversation_view(state, dm, &user.id).messages,
            }))
        })
    }

    fn search(&self, email: &str, query: &str) -> Result<Vec<FoundPerson>, Refusal> {
        self.look(|state, _| {
            let user = account(state, email)?;
            let found = state.users.iter().filter(|other| fits(other, query));
            Ok(found
                .map(|other| found_person(state, user, other))
                .collect())
        })
    }

    fn set_active(&self, email: &str, active: bool) -> bool {
        self.set_account_active(email, active)
    }

    fn rename(&self, email: &str, name: &str) -> bool {
        self.rename_account(email, name)
    }

    fn join(&self, email: &str, name: &str) -> Result<(), Refusal> {
        match self.add_person(email, name) {
            true => Ok(()),
            false => Err(Refusal::Invalid(format!("{email} is there already"))),
        }
    }

    fn authorization_page(&self) -> Option<AuthorizationPage> {
        Some(AuthorizationPage {
            address: format!("http://{}", self.host),
            path_end: "/oauth/v2/authorize",
            takes: Takes::Form,
        })
    }
}

fn account<'a>(state: &'a State, email: &str) -> Result<&'a User, Refusal> {
    let found = state.user_by_address(email);
    found.ok_or_else(|| Refusal::NotFound(format!("{email} has no Slack account")))
}

fn actor(state: &State, email: &str) -> Result<UserId, Refusal> {
    let user = account(state, email)?;
    if user.deleted {
        return Err(Refusal::NotAllowed(format!(
            "the Slack account of {email} is switched off"
        )));
    }
    Ok(user.id.clone())
}

fn fits(user: &User, query: &str) -> bool {
    let query = query.trim().to_lowercase();
    let holds = |text: &str| text.to_lowercase().contains(&query);
    user.is_found() && (holds(&user.name) || holds(&user.email) || holds(&user.handle))
}

fn found_person(state: &State, searcher: &User, found: &User) -> FoundPerson {
    let mut both = vec![searcher.id.clone()];
    if found.id != searcher.id {
        both.push(found.id.clone());
    }
    FoundPerson {
        email: Some(found.address.clone()),
        name: found.name.clone(),
        conversation: state.direct(&both).map(|open| open.id.to_string()),
    }
}

/// Where the person writes; a direct message is opened when there is none yet.
fn destination(
    state: &mut State,
    user: &UserId,
    to: Option<&Target>,
    now: Millis,
) -> Result<ConversationId, Refusal> {
    match to {
        None => Err(Refusal::Invalid("`to` is missing".to_owned())),
        Some(Target::Dm(wanted)) => {
            let other = addressee(state, wanted)?;
            let mut both = vec![user.clone()];
            if other != *user {
                both.push(other);
            }
            Ok(state.open_direct(both, now))
        }
        Some(Target::Conversation(id)) => {
            let found = state.conversation(id).filter(|found| found.has(user));
            let found = found.ok_or_else(|| Refusal::NotFound(format!("conversation {id}")))?;
            if found.archived {
                return Err(Refusal::NotAllowed(format!(
                    "conversation {id} is archived"
                )));
            }
            Ok(found.id.clone())
        }
        Some(Target::Message(id)) => {
            let found = Ts::parse(id)
                .and_then(|ts| state.place(ts))
                .filter(|found| found.has(user));
            let found = found.ok_or_else(|| Refusal::NotFound(format!("message {id}")))?;
            Ok(found.id.clone())
        }
    }
}

/// The one person whom the search finds under this address, name or id.
fn addressee(state: &State, wanted: &str) -> Result<UserId, Refusal> {
    let people = state.users.iter().filter(|user| user.is_found());
    let named: Vec<_> = people
        .filter(|user| {
            user.id.as_str() == wanted
                || user.address.eq_ignore_ascii_case(wanted)
                || user.email.eq_ignore_ascii_case(wanted)
                || user.name.eq_ignore_ascii_case(wanted)
        })
        .collect();
    match named.as_slice() {
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

fn app_dm(state: &mut State, user: &UserId, now: Millis) -> ConversationId {
    let bot = state.app.bot_user.clone();
    state.open_direct(vec![bot, user.clone()], now)
}

/// The channel that the act names. The members of a direct conversation never change.
fn room_of(state: &State, user: &UserId, act: &Act) -> Result<ConversationId, Refusal> {
    let Some(Target::Conversation(id)) = &act.to else {
        return Err(Refusal::Invalid("`to` must name a conversation".to_owned()));
    };
    let found = state.conversation(id).filter(|found| found.has(user));
    let found = found.ok_or_else(|| Refusal::NotFound(format!("conversation {id}")))?;
    if found.kind.is_direct() || found.archived || found.name == "general" {
        return Err(Refusal::NotAllowed(format!(
            "the members of conversation {id} cannot be changed"
        )));
    }
    Ok(found.id.clone())
}

/// Somebody with this address who is not in the channel yet.
fn newcomer(state: &State, room: &ConversationId, email: &str) -> Result<UserId, Refusal> {
    let user = actor(state, email)?;
    let is_in = state
        .conversations
        .get(room)
        .is_some_and(|found| found.has(&user));
    if is_in {
        return Err(Refusal::Invalid(format!("{email} is in it already")));
    }
    Ok(user)
}

fn write(
    state: &mut State,
    user: &UserId,
    (place, thread): (&ConversationId, Option<Ts>),
    input: &str,
    now: Millis,
) -> Result<String, Refusal> {
    let (text, block) = typed_body(state, input)?;
    let label = state.fresh("message");
    let client_msg_id = state.seed.uuid(&label);
    let mut message = Message::new(user.clone(), Written::Typed { client_msg_id }, text);
    message.blocks = vec![block];
    message.thread = thread;
    let ts = state.insert(place, message, now);
    state.tell_posted(place, ts, now);
    Ok(ts.to_string())
}

fn typed_body(state: &mut State, input: &str) -> Result<(String, serde_json::Value), Refusal> {
    if input.trim().is_empty() {
        return Err(Refusal::Invalid("there is no text".to_owned()));
    }
    let text = typed(input);
    let label = state.fresh("block");
    let block = rich_text(&text, &state.seed.letters(&label, 5));
    Ok((text, block))
}

fn edit(state: &mut State, user: &UserId, act: &Act, now: Millis) -> Result<String, Refusal> {
    let (place, ts) = own_message(state, user, act)?;
    let (text, block) = typed_body(state, &act.text)?;
    state.edit(&place, ts, now, |message| {
        message.text = text;
        message.blocks = vec![block];
        message.attachments.clear();
    });
    Ok(ts.to_string())
}

fn delete(state: &mut State, user: &UserId, act: &Act, now: Millis) -> Result<String, Refusal> {
    let (place, ts) = own_message(state, user, act)?;
    state.delete(&place, ts, now);
    Ok(ts.to_string())
}

/// A message that stands before the person.
fn seen_message(state: &State, user: &UserId, act: &Act) -> Result<(ConversationId, Ts), Refusal> {
    let Some(Target::Message(id)) = &act.to else {
        return Err(Refusal::Invalid("`to` must name a message".to_owned()));
    };
    let missing = || Refusal::NotFound(format!("message {id}"));
    let ts = Ts::parse(id).ok_or_else(missing)?;
    let place = state
        .place(ts)
        .filter(|place| place.has(user))
        .ok_or_else(missing)?;
    let message = place.messages.get(&ts).filter(|message| !message.deleted);
    let message = message.ok_or_else(missing)?;
    if message.only_for.as_ref().is_some_and(|only| only != user) {
        return Err(missing());
    }
    Ok((place.id.clone(), ts))
}

/// The head of the thread that is written to, when the target is a message.
fn answered(state: &State, user: &UserId, act: &Act) -> Result<Option<Ts>, Refusal> {
    if !matches!(act.to, Some(Target::Message(_))) {
        return Ok(None);
    }
    let (place, ts) = seen_message(state, user, act)?;
    let message = state
        .conversations
        .get(&place)
        .and_then(|found| found.messages.get(&ts));
    Ok(Some(
        message.and_then(|message| message.thread).unwrap_or(ts),
    ))
}

fn own_message(state: &State, user: &UserId, act: &Act) -> Result<(ConversationId, Ts), Refusal> {
    let (place, ts) = seen_message(state, user, act)?;
    let message = state
        .conversations
        .get(&place)
        .and_then(|found| found.messages.get(&ts));
    let is_own = message.is_some_and(|message| {
        message.author == *user && message.only_for.is_none() && !message.is_by_slack()
    });
    if !is_own {
        return Err(Refusal::NotAllowed(format!(
            "message {ts} is somebody else's"
        )));
    }
    Ok((place, ts))
}

fn conversation_view(state: &State, found: &Conversation, viewer: &UserId) -> ConversationView {
    let others = found.members.iter().filter(|member| *member != viewer);
    let messages = found
        .messages
        .values()
        .filter(|message| is_seen(message, viewer));
    ConversationView {
        id: found.id.to_string(),
        kind: kind_name(state, found),
        with: others.map(|member| state.name_of(member)).collect(),
        topic: topic(found),
        messages: messages
            .map(|message| message_view(state, message))
            .collect(),
    }
}

/// What Slack itself writes ("has joined") is no message of anybody.
fn is_seen(message: &Message, viewer: &UserId) -> bool {
    let is_for_them = message.only_for.as_ref().is_none_or(|only| only == viewer);
    is_for_them && !message.is_by_slack()
}

fn kind_name(state: &State, conversation: &Conversation) -> &'static str {
    match conversation.kind {
        Kind::Channel => "channel",
        Kind::PrivateChannel => "private_channel",
        Kind::GroupDm => "group_dm",
        Kind::Dm if conversation.has(&state.app.bot_user) => "app",
        Kind::Dm => "dm",
    }
}

/// The topic where one is set, else the channel's name.
fn topic(conversation: &Conversation) -> Option<String> {
    if !conversation.topic.value.is_empty() {
        return Some(conversation.topic.value.clone());
    }
    let is_named = !conversation.kind.is_direct();
    is_named.then(|| conversation.name.clone())
}

fn message_view(state: &State, message: &Message) -> MessageView {
    let author = state.user(message.author.as_str());
    let address = author
        .filter(|user| user.kind == UserKind::Person)
        .map(|user| &user.address);
    let name = state.name_of(&message.author);
    let guise = message
        .guise
        .as_ref()
        .and_then(|guise| guise.username.clone());
    let pressable = buttons(&message.blocks);
    MessageView {
        id: message.ts.to_string(),
        author: address.cloned().unwrap_or_else(|| name.clone()),
        author_account: message.author.to_string(),
        shown_as: guise.unwrap_or(name),
        text: message_text(message),
        edited: message.edited.is_some(),
        deleted: message.deleted,
        sent_at: message.ts.millis(),
        ephemeral: message.only_for.is_some(),
        buttons: pressable
            .iter()
            .map(|button| button.action_id.clone())
            .collect(),
        labels: pressable
            .iter()
            .map(|button| button.label.clone())
            .collect(),
        links: pressable
            .iter()
            .filter_map(|button| {
                let url = button.url.clone()?;
                let label = button.label.clone();
                Some(LinkView { label, url })
            })
            .collect(),
        pressable,
    }
}

/// Blocks that Slack made of the text say nothing but the text; others are read as they show.
fn message_text(message: &Message) -> String {
    if let [block] = message.blocks.as_slice()
        && let Some(id) = block["block_id"].as_str()
        && *block == rich_text(&message.text, id)
    {
        return message.text.clone();
    }
    shown_text(&message.text, &message.blocks, &message.attachments)
}

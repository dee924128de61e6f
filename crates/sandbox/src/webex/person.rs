//! People in their own Webex app: what the control API can do and see.

use crate::{
    acme,
    stand_in::{
        AccountView, Act, AppConversation, AuthorizationPage, ConversationView, Deed, Entered,
        FoundPerson, MessageView, Refusal, StandIn, Takes, Target,
    },
};

use super::{
    Org,
    deeds::{Actor, Place, Post},
    device,
    directory::Person,
    failure::Failure,
    ids::{MessageId, PersonId, RoomId},
    rooms::{Content, Message, Room, RoomKind},
    state::State,
    text,
};

impl StandIn for Org {
    fn platform(&self) -> &'static str {
        "webex"
    }

    fn account(&self, email: &str) -> Option<AccountView> {
        self.look(|state, now| {
            let person = state.directory.by_email(email)?;
            let mut grants = state.grants.tokens.authorisations(&person.id, now);
            Some(AccountView {
                id: person.id.to_string(),
                name: person.name.clone(),
                active: person.active,
                authorised: grants.next().is_some(),
            })
        })
    }

    /// Somebody else's bot may act, under its name, where it is a member.
    fn act(&self, act: &Act) -> Result<String, Refusal> {
        self.change(|state, now| {
            let actor = actor(state, &act.actor)?;
            let to = act.to.as_ref();
            match act.deed {
                Deed::Send => {
                    let (place, parent) = destination(state, &actor, to)?;
                    let post = post(place, parent, typed(state, &act.text)?);
                    said(state.post(&actor, post, now))
                }
                Deed::AppMessage | Deed::Command => {
                    let place = Place::Person(state.directory.cast.bot.clone());
                    let post = post(place, None, typed(state, &act.text)?);
                    said(state.post(&actor, post, now))
                }
                Deed::Edit => {
                    let (room, message) = seen_message(state, &actor, to)?;
                    let content = typed(state, &act.text)?;
                    let edited = state.edit(&actor, (&room, &message), content, now);
                    said(edited.map(|()| message))
                }
                Deed::Delete => {
                    let (_, message) = seen_message(state, &actor, to)?;
                    said(state.delete(&actor, &message).map(|()| message))
                }
                Deed::Invite => {
                    let room = room_named(to)?;
                    let whom = addressee(state, &act.text)?;
                    let held = state.join(&actor, &room, (&whom, false), now);
                    held.map(|held| held.id.to_string()).map_err(refusal)
                }
                Deed::Leave => {
                    let room = room_named(to)?;
                    let person = actor.person.clone();
                    state.part(&actor, &room, &person).map_err(refusal)?;
                    Ok(room.to_string())
                }
                Deed::Press => Err(Refusal::NotAllowed(
                    "messages have no buttons in this app".to_owned(),
                )),
            }
        })
    }

    fn view(&self, email: &str) -> Result<Vec<ConversationView>, Refusal> {
        self.look(|state, _| {
            let viewer = account(state, email)?;
            let mut mine: Vec<_> = state
                .rooms
                .values()
                .filter(|room| room.has(&viewer.id))
                .collect();
            mine.sort_by_key(|room| room.last_activity);
            Ok(mine
                .into_iter()
                .map(|room| conversation(state, room, &viewer.id))
                .collect())
        })
    }

    fn app_conversation(&self, email: &str) -> Result<Option<AppConversation>, Refusal> {
        self.look(|state, _| {
            let viewer = account(state, email)?;
            let bot = &state.directory.cast.bot;
            let room = state.direct(&viewer.id, bot);
            Ok(room.map(|room| AppConversation {
                app_account: bot.to_string(),
                messages: conversation(state, room, &viewer.id).messages,
            }))
        })
    }

    fn search(&self, email: &str, query: &str) -> Result<Vec<FoundPerson>, Refusal> {
        self.look(|state, _| {
            let searcher = account(state, email)?;
            let query = query.trim().to_lowercase();
            let fits = |person: &&Person| {
                let has = |text: &str| text.to_lowercase().contains(&query);
                person.is_found()
                    && person.id != searcher.id
                    && !query.is_empty()
                    && (has(&person.name) || has(&person.email))
            };
            let found = state.directory.all().filter(fits);
            Ok(found
                .map(|person| FoundPerson {
                    email: Some(person.email.clone()),
                    name: person.name.clone(),
                    conversation: state
                        .direct(&searcher.id, &person.id)
                        .map(|room| room.id.to_string()),
                })
                .collect())
        })
    }

    fn set_active(&self, email: &str, active: bool) -> bool {
        self.change(|state, now| {
            let Some(id) = state.directory.by_email(email).map(|who| who.id.clone()) else {
                return false;
            };
            if !active {
                state.grants.tokens.revoke_all_of(&id);
            }
            state
                .directory
                .change(&id, |person| person.active = active, now)
        })
    }

    fn rename(&self, email: &str, name: &str) -> bool {
        self.change(|state, now| {
            let Some(id) = state.directory.by_email(email).map(|who| who.id.clone()) else {
                return false;
            };
            state
                .directory
                .change(&id, |person| person.name = name.to_owned(), now)
        })
    }

    fn enter_code(&self, code: &str, login: &str, grant: bool) -> Entered {
        self.change(|state, now| device::enter(state, code, login, grant, now))
    }

    fn open_codes(&self) -> Vec<String> {
        self.look(|state, now| state.grants.open_user_codes(now))
    }

    fn device_page(&self) -> Option<String> {
        Some(self.device_url())
    }

    fn authorization_page(&self) -> Option<AuthorizationPage> {
        Some(AuthorizationPage {
            address: format!("http://{}", self.host),
            path_end: "/authorize",
            takes: Takes::Query,
        })
    }
}

/// Whoever has this address; somebody else's bot goes by its name.
fn account<'a>(state: &'a State, email: &str) -> Result<&'a Person, Refusal> {
    let directory = &state.directory;
    let found = match email {
        acme::OTHER_BOT => directory.find(&directory.cast.other_bot),
        email => directory.by_email(email),
    };
    found.ok_or_else(|| Refusal::NotFound(format!("{email} has no account on Webex")))
}

/// A person who acts by hand, through no app.
fn actor(state: &State, email: &str) -> Result<Actor, Refusal> {
    let person = account(state, email)?;
    if !person.active {
        return Err(Refusal::NotAllowed(
            "the account is switched off".to_owned(),
        ));
    }
    Ok(Actor {
        person: person.id.clone(),
        app: None,
        oversees: false,
    })
}

/// The one person whom the search finds under this address, name or id.
fn addressee(state: &State, wanted: &str) -> Result<PersonId, Refusal> {
    let fits = |person: &&Person| {
        let is_named = person.email.eq_ignore_ascii_case(wanted)
            || person.name.eq_ignore_ascii_case(wanted)
            || person.id.as_str() == wanted;
        is_named && (person.is_found() || person.is_guest())
    };
    let found: Vec<_> = state.directory.all().filter(fits).collect();
    match found.as_slice() {
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

/// Where a person writes, and the head of the thread they answer in.
fn destination(
    state: &State,
    actor: &Actor,
    to: Option<&Target>,
) -> Result<(Place, Option<MessageId>), Refusal> {
    match to {
        None => Err(Refusal::Invalid("`to` is missing".to_owned())),
        Some(Target::Dm(whom)) => Ok((Place::Person(addressee(state, whom)?), None)),
        Some(Target::Conversation(id)) => Ok((Place::Room(RoomId::from(id.as_str())), None)),
        Some(Target::Message(_)) => {
            let (room, id) = seen_message(state, actor, to)?;
            let message = state.place(&id).map(|(_, message)| message);
            let head = message.and_then(|message| message.parent.clone());
            Ok((Place::Room(room), Some(head.unwrap_or(id))))
        }
    }
}

fn seen_message(
    state: &State,
    actor: &Actor,
    to: Option<&Target>,
) -> Result<(RoomId, MessageId), Refusal> {
    let Some(Target::Message(id)) = to else {
        return Err(Refusal::Invalid("`to` must name a message".to_owned()));
    };
    let found = state.place(&MessageId::from(id.as_str()));
    found
        .filter(|(room, _)| room.has(&actor.person))
        .map(|(room, message)| (room.id.clone(), message.id.clone()))
        .ok_or_else(|| Refusal::NotFound(format!("message {id}")))
}

fn room_named(to: Option<&Target>) -> Result<RoomId, Refusal> {
    match to {
        Some(Target::Conversation(id)) => Ok(RoomId::from(id.as_str())),
        Some(Target::Dm(_) | Target::Message(_)) | None => {
            Err(Refusal::Invalid("`to` must name a conversation".to_owned()))
        }
    }
}

fn typed(state: &State, input: &str) -> Result<Content, Refusal> {
    if input.trim().is_empty() {
        return Err(Refusal::Invalid("a message needs a text".to_owned()));
    }
    Ok(text::typed(input, &state.directory))
}

fn post(place: Place, parent: Option<MessageId>, content: Content) -> Post {
    Post {
        place,
        parent,
        content,
        file: None,
        attachments: Vec::new(),
    }
}

fn said(done: Result<MessageId, Failure>) -> Result<String, Refusal> {
    done.map(|id| id.to_string()).map_err(refusal)
}

fn refusal(failure: Failure) -> Refusal {
    match failure.status.as_u16() {
        404 => Refusal::NotFound(failure.message),
        400 | 409 => Refusal::Invalid(failure.message),
        _ => Refusal::NotAllowed(failure.message),
    }
}

fn conversation(state: &State, room: &Room, viewer: &PersonId) -> ConversationView {
    let others = room.members.iter().filter(|held| held.person != *viewer);
    ConversationView {
        id: room.id.to_string(),
        kind: match room.kind {
            RoomKind::Direct if room.has(&state.directory.cast.bot) => "app",
            RoomKind::Direct => "dm",
            RoomKind::Group => "room",
        },
        with: others.map(|held| state.name_of(&held.person)).collect(),
        topic: (room.kind == RoomKind::Group).then(|| room.title.clone()),
        messages: room
            .messages
            .iter()
            .map(|message| message_view(state, message))
            .collect(),
    }
}

fn message_view(state: &State, message: &Message) -> MessageView {
    let content = &message.content;
    let shown = content.html.as_ref().unwrap_or(&content.text);
    MessageView {
        id: message.id.to_string(),
        author: author(state, &message.author),
        author_account: message.author.to_string(),
        shown_as: state.name_of(&message.author),
        text: match message.is_deleted {
            true => String::new(),
            false => shown.clone(),
        },
        edited: message.updated.is_some(),
        deleted: message.is_deleted,
        sent_at: message.created,
        ephemeral: false,
        buttons: Vec::new(),
        labels: Vec::new(),
        links: Vec::new(),
        pressable: Vec::new(),
    }
}

/// The address of a person, the name of a bot.
fn author(state: &State, id: &PersonId) -> String {
    let person = state.directory.find(id);
    match person.filter(|person| person.is_bot()) {
        Some(bot) => bot.name.clone(),
        None => state.email_of(id),
    }
}

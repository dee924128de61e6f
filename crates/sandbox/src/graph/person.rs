//! People in their own Teams app: what the control API can do and see.

use super::{
    chats::{Author, Chat, ChatKind, Membership, Message, Role, one_on_one_id},
    deeds::NewChat,
    directory::{User, UserKind},
    draft,
    error::GraphError,
    html,
    tenant::{State, Tenant},
};
use crate::{
    acme,
    entra::device,
    stand_in::{
        AccountView, Act, AppConversation, AuthorizationPage, ConversationView, Deed, Entered,
        FoundPerson, MessageView, Refusal, StandIn, Takes, Target,
    },
};

impl StandIn for Tenant {
    fn platform(&self) -> &'static str {
        "teams"
    }

    fn account(&self, email: &str) -> Option<AccountView> {
        let user = self.state().directory.resolve(email).cloned()?;
        let authorised = self.grants().authorised(&user.id, self.now());
        Some(AccountView {
            id: user.id,
            name: user.display_name,
            active: user.enabled,
            authorised,
        })
    }

    /// Somebody else's bot may send, under its name, into conversations.
    fn act(&self, act: &Act) -> Result<String, Refusal> {
        if act.actor == acme::OTHER_BOT {
            return self.act_as_bot(act);
        }
        let actor = self.actor(&act.actor)?;
        match act.deed {
            Deed::Send => {
                let chat = self.destination(&actor, act.to.as_ref())?;
                self.say(&chat, Author::User(actor.id), &act.text)
            }
            Deed::AppMessage | Deed::Command => {
                let app = self.actor(acme::SERVICE_ACCOUNT)?;
                let chat = self.one_on_one(&actor, &app)?;
                self.say(&chat, Author::User(actor.id), &act.text)
            }
            Deed::Edit => {
                let (chat, message) = self.own_message(&actor, act.to.as_ref())?;
                check_text(&act.text)?;
                self.edit(&chat, &message, &actor.id, draft::typed(&act.text))
                    .map_err(refusal)?;
                Ok(message)
            }
            Deed::Delete => {
                let (chat, message) = self.own_message(&actor, act.to.as_ref())?;
                self.delete(&chat, &message, &actor.id).map_err(refusal)?;
                Ok(message)
            }
            Deed::Invite => {
                let chat = group_named(act.to.as_ref())?;
                self.let_in(&actor, chat, &act.text)
            }
            Deed::Leave => {
                let chat = group_named(act.to.as_ref())?;
                self.go_out(&actor, chat)
            }
            Deed::Press => Err(Refusal::NotAllowed(
                "messages have no buttons in this app".to_owned(),
            )),
        }
    }

    fn view(&self, email: &str) -> Result<Vec<ConversationView>, Refusal> {
        let actor = self.actor(email)?;
        let state = self.state();
        Ok(state
            .chats
            .of(&actor.id)
            .map(|chat| conversation(self, &state, &actor, chat))
            .collect())
    }

    fn app_conversation(&self, email: &str) -> Result<Option<AppConversation>, Refusal> {
        let actor = self.actor(email)?;
        let app = self.actor(acme::SERVICE_ACCOUNT)?;
        let state = self.state();
        let Ok(chat) = state.chats.get(&one_on_one_id(&actor.id, &app.id)) else {
            return Ok(None);
        };
        Ok(Some(AppConversation {
            app_account: app.id,
            messages: conversation(self, &state, &actor, chat).messages,
        }))
    }

    fn search(&self, email: &str, query: &str) -> Result<Vec<FoundPerson>, Refusal> {
        let actor = self.actor(email)?;
        let state = self.state();
        let found = state
            .directory
            .present()
            .filter(|user| user.id != actor.id && findable(user, query))
            .map(|user| {
                let id = one_on_one_id(&actor.id, &user.id);
                FoundPerson {
                    email: Some(user.address()),
                    name: user.display_name.clone(),
                    conversation: state.chats.get(&id).is_ok().then_some(id),
                }
            });
        Ok(found.collect())
    }

    fn set_active(&self, email: &str, active: bool) -> bool {
        self.set_account_enabled(email, active)
    }

    fn rename(&self, email: &str, name: &str) -> bool {
        self.rename_account(email, name)
    }

    fn enter_code(&self, code: &str, login: &str, grant: bool) -> Entered {
        let entered = self.enter_device_code(code, login, grant);
        let says = entered.to_string();
        match entered {
            device::Entered::SignedIn => Entered::SignedIn(says),
            device::Entered::Declined => Entered::Declined(says),
            device::Entered::Refused(_) => Entered::Refused(says),
            device::Entered::NotOpen => Entered::NotOpen,
        }
    }

    fn open_codes(&self) -> Vec<String> {
        self.open_user_codes()
    }

    fn device_page(&self) -> Option<String> {
        Some(format!("{}{}", self.urls.entra, device::PAGE))
    }

    fn authorization_page(&self) -> Option<AuthorizationPage> {
        Some(AuthorizationPage {
            address: self.urls.entra.clone(),
            path_end: "/oauth2/v2.0/authorize",
            takes: Takes::Query,
        })
    }
}

impl Tenant {
    fn actor(&self, email: &str) -> Result<User, Refusal> {
        let user = self.state().directory.resolve(email).cloned();
        let user = user.ok_or_else(|| Refusal::NotFound("no such account on Teams".to_owned()))?;
        if !user.enabled {
            return Err(Refusal::NotAllowed(
                "the account is switched off".to_owned(),
            ));
        }
        if user.kind == UserKind::PendingGuest {
            return Err(Refusal::NotAllowed(
                "the invitation has not been redeemed".to_owned(),
            ));
        }
        Ok(user)
    }

    /// Lets somebody into a group that the actor is in; they see all that was written before.
    fn let_in(&self, actor: &User, chat: &str, whom: &str) -> Result<String, Refusal> {
        let user = {
            let state = self.state();
            let found = state.chats.get(chat).map_err(refusal)?;
            found.joined_by(&actor.id).map_err(refusal)?;
            state.directory.get(whom).map_err(refusal)?.clone()
        };
        self.join(chat, membership(&user), Some(&actor.id))
            .map(|id| id.to_string())
            .map_err(refusal)
    }

    fn go_out(&self, actor: &User, chat: &str) -> Result<String, Refusal> {
        let joined = |state: &State| state.chats.get(chat)?.joined_by(&actor.id).map(|_| ());
        joined(&self.state()).map_err(refusal)?;
        self.leave(chat, &actor.id, Some(&actor.id))
            .map(|id| id.to_string())
            .map_err(refusal)
    }

    fn act_as_bot(&self, act: &Act) -> Result<String, Refusal> {
        if act.deed == Deed::Send
            && let Some(Target::Conversation(chat)) = &act.to
        {
            return self.say(chat, Author::Bot, &act.text);
        }
        Err(Refusal::NotAllowed(
            "the bot only posts into conversations".to_owned(),
        ))
    }

    fn say(&self, chat: &str, author: Author, text: &str) -> Result<String, Refusal> {
        check_text(text)?;
        self.post(chat, author, draft::typed(text))
            .map(|id| id.to_string())
            .map_err(refusal)
    }

    /// The conversation that a person writes into; a direct one is made where there is none.
    fn destination(&self, actor: &User, to: Option<&Target>) -> Result<String, Refusal> {
        match to {
            Some(Target::Conversation(id)) => Ok(id.clone()),
            Some(Target::Dm(whom)) => {
                let other = self.found(actor, whom)?;
                self.one_on_one(actor, &other)
            }
            Some(Target::Message(_)) | None => Err(Refusal::Invalid(
                "send to a dm or a conversation".to_owned(),
            )),
        }
    }

    /// Whom the actor's people search finds under an address, a display name or an id.
    fn found(&self, actor: &User, whom: &str) -> Result<User, Refusal> {
        let state = self.state();
        let mut fitting = state.directory.present().filter(|user| {
            user.enabled
                && user.id != actor.id
                && (user.id == whom
                    || user.mail.eq_ignore_ascii_case(whom)
                    || user.upn.eq_ignore_ascii_case(whom)
                    || user.display_name == whom)
        });
        match (fitting.next(), fitting.next()) {
            (Some(user), None) => Ok(user.clone()),
            (None, _) => Err(Refusal::NotFound(
                "nobody is found under that name".to_owned(),
            )),
            (Some(_), Some(_)) => Err(Refusal::Invalid("several people have that name".to_owned())),
        }
    }

    fn one_on_one(&self, actor: &User, other: &User) -> Result<String, Refusal> {
        let new = NewChat {
            kind: ChatKind::OneOnOne,
            topic: None,
            members: vec![membership(actor), membership(other)],
            by: Some(actor.id.clone()),
        };
        self.create_chat(new).map_err(refusal)
    }

    /// The chat and id of a message in one of the actor's chats. Ids are unique within a chat only,
    /// so the actor's own message is preferred.
    fn own_message(&self, actor: &User, to: Option<&Target>) -> Result<(String, String), Refusal> {
        let Some(Target::Message(id)) = to else {
            return Err(Refusal::Invalid("name a message".to_owned()));
        };
        let state = self.state();
        let holding: Vec<_> = state
            .chats
            .of(&actor.id)
            .filter_map(|chat| chat.message(id).ok().map(|message| (chat, message)))
            .collect();
        let own = Author::User(actor.id.clone());
        holding
            .iter()
            .find(|(_, message)| message.author == own)
            .or(holding.first())
            .map(|(chat, _)| (chat.id.clone(), id.clone()))
            .ok_or_else(|| Refusal::NotFound("no such message".to_owned()))
    }
}

fn membership(user: &User) -> Membership {
    Membership {
        user: user.id.clone(),
        role: if user.is_guest() {
            Role::Guest
        } else {
            Role::Owner
        },
        history_from: None,
    }
}

fn group_named(to: Option<&Target>) -> Result<&str, Refusal> {
    match to {
        Some(Target::Conversation(id)) => Ok(id),
        Some(Target::Dm(_) | Target::Message(_)) | None => {
            Err(Refusal::Invalid("name a conversation".to_owned()))
        }
    }
}

fn conversation(tenant: &Tenant, state: &State, actor: &User, chat: &Chat) -> ConversationView {
    let shown = chat.membership(&actor.id);
    let name = |id: &str| {
        state
            .directory
            .find(id)
            .map(|user| user.display_name.clone())
    };
    let others = chat.members.iter().filter(|member| member.user != actor.id);
    ConversationView {
        id: chat.id.clone(),
        kind: match chat.kind {
            ChatKind::OneOnOne => "chat",
            ChatKind::Group => "group_chat",
        },
        with: others.filter_map(|member| name(&member.user)).collect(),
        topic: chat.topic.clone(),
        messages: chat
            .messages()
            .iter()
            .filter(|message| message.event.is_none())
            .filter(|message| shown.is_some_and(|membership| membership.shows(message)))
            .map(|message| message_view(tenant, state, message))
            .collect(),
    }
}

fn message_view(tenant: &Tenant, state: &State, message: &Message) -> MessageView {
    let (author, account, shown_as) = match &message.author {
        Author::User(id) => {
            let user = state.directory.find(id);
            (
                user.map(User::address).unwrap_or_default(),
                id.clone(),
                user.map(|user| user.display_name.clone())
                    .unwrap_or_default(),
            )
        }
        Author::Bot => {
            let name = acme::OTHER_BOT.to_owned();
            (name.clone(), tenant.ids.other_bot.clone(), name)
        }
        Author::System => Default::default(),
    };
    let deleted = message.deleted_at.is_some();
    MessageView {
        id: message.id.to_string(),
        author,
        author_account: account,
        shown_as,
        text: if deleted {
            String::new()
        } else {
            message.content.text.clone()
        },
        edited: message.edited_at.is_some(),
        deleted,
        sent_at: message.id,
        ephemeral: false,
        buttons: Vec::new(),
        labels: Vec::new(),
        links: Vec::new(),
        pressable: Vec::new(),
    }
}

fn findable(user: &User, query: &str) -> bool {
    let query = query.trim().to_lowercase();
    user.enabled
        && !query.is_empty()
        && (user.display_name.to_lowercase().contains(&query)
            || user.address().contains(&query)
            || user.upn.to_lowercase().contains(&query))
}

fn check_text(text: &str) -> Result<(), Refusal> {
    let content = draft::typed(text);
    let blank = if content.html {
        html::is_blank(&content.text)
    } else {
        content.text.trim().is_empty()
    };
    if blank {
        Err(Refusal::Invalid("a message needs a text".to_owned()))
    } else {
        Ok(())
    }
}

fn refusal(error: GraphError) -> Refusal {
    match error.status {
        404 => Refusal::NotFound(error.message),
        400 | 413 => Refusal::Invalid(error.message),
        _ => Refusal::NotAllowed(error.message),
    }
}

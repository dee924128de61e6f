//! What there is in the account, and what happens in it: whoever acts, over the API or in their own
//! app, acts through here, so that everything that happens is told.

use std::collections::{BTreeMap, HashMap};

use crate::clock::Millis;

use super::{
    conversation::{Conversation, Draft, Kind, Member, Role},
    delivery::Told,
    directory::Directory,
    happenings::{Change, Membership, Verb},
    ids::{ConversationId, MessageId, Mint, UserId},
    message::{Author, Body, Edit, Message, Reaction},
    pages::Pages,
};

pub struct State {
    pub mint: Mint,
    /// The account's id.
    pub account: String,
    pub robot: Robot,
    pub directory: Directory,
    pub conversations: BTreeMap<ConversationId, Conversation>,
    pub pages: Pages,
    /// Where Zoom sent mails to, oldest first.
    pub mails: Vec<String>,
    /// What has happened and was not handed on yet.
    pub told: Vec<Told>,
    direct: HashMap<(UserId, UserId), ConversationId>,
    with_robot: HashMap<UserId, ConversationId>,
    places: HashMap<MessageId, ConversationId>,
}

/// The hub's chatbot, as people see it.
#[derive(Debug, Clone)]
pub struct Robot {
    pub jid: String,
    pub name: &'static str,
}

impl State {
    pub fn new(mint: Mint, account: String, robot: Robot, now: Millis) -> Self {
        Self {
            directory: Directory::of_acme(&mint, now),
            mint,
            account,
            robot,
            conversations: BTreeMap::new(),
            pages: Pages::default(),
            mails: Vec::new(),
            told: Vec::new(),
            direct: HashMap::new(),
            with_robot: HashMap::new(),
            places: HashMap::new(),
        }
    }

    /// A conversation that was not deleted.
    pub fn conversation(&self, id: &ConversationId) -> Option<&Conversation> {
        let found = self.conversations.get(id);
        found.filter(|conversation| !conversation.is_deleted)
    }

    /// A channel or group chat that was not deleted.
    pub fn channel(&self, id: &str) -> Option<&Conversation> {
        let found = self.conversation(&ConversationId::from(id));
        found.filter(|conversation| conversation.channel_type().is_some())
    }

    /// Where somebody is a member, the longest quiet first.
    pub fn conversations_of(&self, user: &UserId) -> Vec<&Conversation> {
        let all = self.conversations.values();
        let mut theirs: Vec<_> = all
            .filter(|conversation| !conversation.is_deleted && conversation.has(user))
            .collect();
        theirs.sort_by_key(|conversation| conversation.last_sent_at());
        theirs
    }

    pub fn direct(&self, one: &UserId, other: &UserId) -> Option<&Conversation> {
        let id = self.direct.get(&pair(one, other))?;
        self.conversations.get(id)
    }

    pub fn with_robot(&self, user: &UserId) -> Option<&Conversation> {
        self.conversations.get(self.with_robot.get(user)?)
    }

    /// The conversation in which a message stands.
    pub fn place(&self, message: &MessageId) -> Option<&Conversation> {
        self.conversation(self.places.get(message)?)
    }

    pub fn open_direct(&mut self, one: &UserId, other: &UserId) -> ConversationId {
        if let Some(open) = self.direct.get(&pair(one, other)) {
            return open.clone();
        }
        let mut members = vec![member(one, Role::Member)];
        if one != other {
            members.push(member(other, Role::Member));
        }
        let id = self.add(Kind::Direct, members);
        self.direct.insert(pair(one, other), id.clone());
        id
    }

    pub fn open_with_robot(&mut self, user: &UserId) -> ConversationId {
        if let Some(open) = self.with_robot.get(user) {
            return open.clone();
        }
        let id = self.add(Kind::WithRobot, vec![member(user, Role::Member)]);
        self.with_robot.insert(user.clone(), id.clone());
        id
    }

    pub fn create_channel(&mut self, owner: &UserId, draft: Draft, now: Millis) -> ConversationId {
        let mut members = vec![member(owner, Role::Owner)];
        for user in draft.members {
            if !members.iter().any(|held| held.user == user) {
                members.push(member(&user, Role::Member));
            }
        }
        let others: Vec<_> = members[1..].iter().map(|held| held.user.clone()).collect();
        let id = self.add(Kind::Channel(draft.kind), members);
        if let Some(channel) = self.conversations.get_mut(&id) {
            channel.name = draft.name;
            channel.settings = draft.settings;
        }
        self.tell_channel(Change::Created, &id, owner, now);
        if !others.is_empty() {
            self.tell_members(Membership::Invited, &id, owner, &others, now);
        }
        id
    }

    /// Changes a channel's name or settings.
    pub fn change_channel(
        &mut self,
        id: &ConversationId,
        by: &UserId,
        now: Millis,
        change: impl FnOnce(&mut Conversation),
    ) {
        if let Some(channel) = self.conversations.get_mut(id) {
            change(channel);
            self.tell_channel(Change::Updated, id, by, now);
        }
    }

    pub fn delete_channel(&mut self, id: &ConversationId, by: &UserId, now: Millis) {
        self.tell_channel(Change::Deleted, id, by, now);
        if let Some(channel) = self.conversations.get_mut(id) {
            channel.is_deleted = true;
        }
    }

    /// Lets people in; answers those who were not members yet.
    pub fn invite(
        &mut self,
        id: &ConversationId,
        by: &UserId,
        users: &[UserId],
        now: Millis,
    ) -> Vec<UserId> {
        let Some(channel) = self.conversations.get_mut(id) else {
            return Vec::new();
        };
        let mut new = Vec::new();
        for user in users {
            if !channel.has(user) {
                channel.members.push(member(user, Role::Member));
                new.push(user.clone());
            }
        }
        if !new.is_empty() {
            self.tell_members(Membership::Invited, id, by, &new, now);
        }
        new
    }

    pub fn join(&mut self, id: &ConversationId, user: &UserId, now: Millis) {
        if let Some(channel) = self.conversations.get_mut(id)
            && !channel.has(user)
        {
            channel.members.push(member(user, Role::Member));
            self.tell_members(Membership::Joined, id, user, &[], now);
        }
    }

    pub fn leave(&mut self, id: &ConversationId, user: &UserId, now: Millis) {
        if self.take_out(id, user) {
            self.tell_members(Membership::Left, id, user, &[], now);
        }
    }

    pub fn remove(&mut self, id: &ConversationId, by: &UserId, user: &UserId, now: Millis) {
        if self.take_out(id, user) {
            self.tell_members(Membership::Removed, id, by, &[user.clone()], now);
        }
    }

    /// Posts a message. What the chatbot posts is told to nobody: no event of the documents is for
    /// it.
    pub fn post(
        &mut self,
        id: &ConversationId,
        author: Author,
        body: Body,
        reply_to: Option<MessageId>,
        now: Millis,
    ) -> MessageId {
        let message = Message {
            reply_to,
            ..Message::new(self.mint.message(), author, body, now)
        };
        self.insert(id, message)
    }

    pub fn insert(&mut self, id: &ConversationId, message: Message) -> MessageId {
        let (made, now) = (message.id.clone(), message.sent_at);
        if let Some(conversation) = self.conversations.get_mut(id) {
            conversation.messages.push(message);
            self.places.insert(made.clone(), id.clone());
            self.tell_message(Verb::Posted, id, &made, now);
        }
        made
    }

    pub fn edit(&mut self, id: &ConversationId, message: &MessageId, body: Body, now: Millis) {
        if let Some(found) = self.message_mut(id, message) {
            found.edits.push(Edit {
                at: now,
                text: body.text.clone(),
            });
            found.body = body;
            self.tell_message(Verb::Updated, id, message, now);
        }
    }

    pub fn delete(&mut self, id: &ConversationId, message: &MessageId, now: Millis) {
        if let Some(found) = self.message_mut(id, message) {
            found.deleted_at = Some(now);
            found.body = Body::default();
            found.reactions.clear();
            self.tell_message(Verb::Deleted, id, message, now);
        }
    }

    /// Adds or takes back a reaction; `false` where nothing changes.
    pub fn react(
        &mut self,
        (id, message): (&ConversationId, &MessageId),
        by: &UserId,
        (emoji, add): (&str, bool),
        now: Millis,
    ) -> bool {
        let Some(found) = self.message_mut(id, message) else {
            return false;
        };
        if !change_reaction(&mut found.reactions, by, emoji, add) {
            return false;
        }
        self.tell_reaction((id, message), by, (emoji, add), now);
        true
    }

    pub fn message_mut(
        &mut self,
        id: &ConversationId,
        message: &MessageId,
    ) -> Option<&mut Message> {
        self.conversations.get_mut(id)?.message_mut(message)
    }

    /// Takes somebody out of every channel, as when they leave the account.
    pub fn forget(&mut self, user: &UserId) {
        for conversation in self.conversations.values_mut() {
            if conversation.channel_type().is_some() {
                conversation.members.retain(|held| held.user != *user);
            }
        }
    }

    fn take_out(&mut self, id: &ConversationId, user: &UserId) -> bool {
        let Some(channel) = self.conversations.get_mut(id) else {
            return false;
        };
        let before = channel.members.len();
        channel.members.retain(|held| held.user != *user);
        channel.members.len() < before
    }

    fn add(&mut self, kind: Kind, members: Vec<Member>) -> ConversationId {
        let id = self.mint.conversation();
        let made = Conversation::new(id.clone(), kind, members);
        self.conversations.insert(id.clone(), made);
        id
    }
}

fn member(user: &UserId, role: Role) -> Member {
    Member {
        user: user.clone(),
        role,
    }
}

fn pair(one: &UserId, other: &UserId) -> (UserId, UserId) {
    let (first, second) = if one <= other {
        (one, other)
    } else {
        (other, one)
    };
    (first.clone(), second.clone())
}

fn change_reaction(reactions: &mut Vec<Reaction>, by: &UserId, emoji: &str, add: bool) -> bool {
    let found = reactions.iter_mut().find(|held| held.emoji == emoji);
    match (found, add) {
        (Some(held), true) if held.by.contains(by) => false,
        (Some(held), true) => {
            held.by.push(by.clone());
            true
        }
        (None, true) => {
            reactions.push(Reaction {
                emoji: emoji.to_owned(),
                by: vec![by.clone()],
            });
            true
        }
        (Some(held), false) => {
            let before = held.by.len();
            held.by.retain(|user| user != by);
            let is_gone = held.by.len() < before;
            reactions.retain(|held| !held.by.is_empty());
            is_gone
        }
        (None, false) => false,
    }
}

//! Direct chats, group chats and channels.
//!
//! Source: <https://developers.zoom.us/docs/api/chat/>

use serde::{Deserialize, Serialize};

use crate::clock::Millis;

use super::{
    ids::{ConversationId, MessageId, UserId},
    message::Message,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Between two people. The API has no id for it: it is addressed by the other's e-mail address.
    Direct,
    /// Between somebody and the hub's chatbot.
    WithRobot,
    Channel(ChannelType),
}

/// The channel types of the API, by their numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChannelType {
    /// 1: by invitation; members may be of other accounts.
    Private,
    /// 2: by invitation; members of the account only.
    PrivateToAccount,
    /// 3: anyone of the account may join.
    Public,
    /// 4: a group chat, which has no name of its own.
    Group,
}

impl ChannelType {
    pub fn number(self) -> u64 {
        match self {
            Self::Private => 1,
            Self::PrivateToAccount => 2,
            Self::Public => 3,
            Self::Group => 4,
        }
    }

    pub fn numbered(number: u64) -> Option<Self> {
        let all = [
            Self::Private,
            Self::PrivateToAccount,
            Self::Public,
            Self::Group,
        ];
        all.into_iter().find(|kind| kind.number() == number)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Owner,
    Member,
}

#[derive(Debug, Clone)]
pub struct Member {
    pub user: UserId,
    pub role: Role,
}

/// `channel_settings`, with the values that a new channel has in the app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// 1: everyone adds members; 2: owner and admins do.
    pub add_member_permissions: u64,
    /// 0: no externals; 1: by owner and admins; 2: by everyone.
    pub allow_to_add_external_users: u64,
    /// 1: everyone mentions all; 2: owner and admins do; 3: nobody does.
    pub mention_all_permissions: u64,
    pub new_members_can_see_previous_messages_files: bool,
    /// 1: everyone posts; 2: owner and admins do.
    pub posting_permissions: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            add_member_permissions: 1,
            allow_to_add_external_users: 0,
            mention_all_permissions: 1,
            new_members_can_see_previous_messages_files: true,
            posting_permissions: 1,
        }
    }
}

#[derive(Debug, Clone)]
pub struct Conversation {
    pub id: ConversationId,
    pub jid: String,
    pub kind: Kind,
    /// Empty where it has none of its own.
    pub name: String,
    /// In the order of joining.
    pub members: Vec<Member>,
    pub settings: Settings,
    /// Oldest first.
    pub messages: Vec<Message>,
    /// Read by nobody any more.
    pub is_deleted: bool,
}

impl Conversation {
    pub fn new(id: ConversationId, kind: Kind, members: Vec<Member>) -> Self {
        Self {
            jid: format!("{id}@conference.xmpp.zoom.us"),
            id,
            kind,
            name: String::new(),
            members,
            settings: Settings::default(),
            messages: Vec::new(),
            is_deleted: false,
        }
    }

    pub fn has(&self, user: &UserId) -> bool {
        self.role(user).is_some()
    }

    pub fn role(&self, user: &UserId) -> Option<Role> {
        let member = self.members.iter().find(|member| member.user == *user);
        member.map(|member| member.role)
    }

    /// Whether this member is the owner. Admins, who may do the same, are made by nobody here.
    pub fn is_led_by(&self, user: &UserId) -> bool {
        self.role(user) == Some(Role::Owner)
    }

    pub fn channel_type(&self) -> Option<ChannelType> {
        match self.kind {
            Kind::Channel(kind) => Some(kind),
            Kind::Direct | Kind::WithRobot => None,
        }
    }

    /// The other of two people; oneself in a chat with oneself.
    pub fn other(&self, user: &UserId) -> Option<&UserId> {
        if self.kind != Kind::Direct {
            return None;
        }
        let mut members = self.members.iter().map(|member| &member.user);
        members
            .find(|member| *member != user)
            .or_else(|| self.members.first().map(|member| &member.user))
    }

    /// The newest messages are asked for most.
    pub fn message(&self, id: &MessageId) -> Option<&Message> {
        self.messages.iter().rev().find(|message| message.id == *id)
    }

    pub fn message_mut(&mut self, id: &MessageId) -> Option<&mut Message> {
        let mut messages = self.messages.iter_mut().rev();
        messages.find(|message| message.id == *id)
    }

    pub fn last_sent_at(&self) -> Option<Millis> {
        self.messages.last().map(|message| message.sent_at)
    }
}

/// What a new channel is made with.
#[derive(Debug, Clone)]
pub struct Draft {
    pub kind: ChannelType,
    pub name: String,
    pub settings: Settings,
    /// Without the owner.
    pub members: Vec<UserId>,
}

//! Everyone in the account.
//!
//! Source: <https://developers.zoom.us/docs/api/users/>

use crate::{
    acme::{self, Has},
    clock::Millis,
};

use super::ids::{Mint, UserId};

/// How somebody stands in the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Active,
    /// Switched off.
    Inactive,
    /// Invited by mail, and has not followed the link yet.
    Pending,
    /// Of another account, and a contact of this one's people.
    External,
    /// Deleted or let go; what they wrote keeps their name.
    Gone,
}

impl Standing {
    /// As `GET /users` asks for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Inactive => "inactive",
            Self::Pending => "pending",
            Self::External | Self::Gone => "",
        }
    }
}

/// What a user may do in meetings; nothing of it matters to chat.
pub const BASIC: u64 = 1;
pub const LICENSED: u64 = 2;

#[derive(Debug, Clone)]
pub struct User {
    pub id: UserId,
    /// How events and messages name a person within chat; never the user's id.
    pub member_id: String,
    pub jid: String,
    pub email: String,
    pub first_name: String,
    pub last_name: String,
    pub display_name: String,
    pub title: String,
    pub licence: u64,
    pub standing: Standing,
    pub created_at: Millis,
    pub presence: String,
}

impl User {
    /// A Basic user with this name, active.
    pub fn new(mint: &Mint, email: &str, name: &str, now: Millis) -> Self {
        let id = mint.user(email);
        let (first, last) = name.split_once(' ').unwrap_or((name, ""));
        Self {
            member_id: mint.opaque(&format!("member {id}"), 22),
            jid: format!("{}@xmpp.zoom.us", id.as_str().to_lowercase()),
            email: email.to_owned(),
            first_name: first.to_owned(),
            last_name: last.to_owned(),
            display_name: name.to_owned(),
            title: String::new(),
            licence: BASIC,
            standing: Standing::Active,
            created_at: now,
            presence: "Available".to_owned(),
            id,
        }
    }

    pub fn is_active(&self) -> bool {
        self.standing == Standing::Active
    }

    pub fn is_external(&self) -> bool {
        self.standing == Standing::External
    }

    fn is_called(&self, text: &str) -> bool {
        self.id.as_str() == text || self.email.eq_ignore_ascii_case(text)
    }
}

#[derive(Debug, Default)]
pub struct Directory(Vec<User>);

impl Directory {
    /// Whom Acme lists with a Zoom account, and the hub's service user.
    pub fn of_acme(mint: &Mint, now: Millis) -> Self {
        let members = acme::MEMBERS.iter().filter_map(|member| {
            let standing = match member.zoom {
                Has::Nothing => return None,
                Has::Account | Has::Token => Standing::Active,
                Has::Deactivated => Standing::Inactive,
            };
            let works_here = member.home == "zoom";
            Some(User {
                title: member.title.to_owned(),
                licence: if works_here { LICENSED } else { BASIC },
                standing,
                ..User::new(mint, member.email, member.name, now)
            })
        });
        let service = User::new(mint, acme::SERVICE_ACCOUNT, "Causeway", now);
        Self(members.chain([service]).collect())
    }

    pub fn add(&mut self, user: User) -> UserId {
        let id = user.id.clone();
        self.0.push(user);
        id
    }

    /// Whoever has or had this id.
    pub fn get(&self, id: &UserId) -> Option<&User> {
        self.0.iter().find(|user| user.id == *id)
    }

    pub fn get_mut(&mut self, id: &UserId) -> Option<&mut User> {
        self.0.iter_mut().find(|user| user.id == *id)
    }

    /// Everyone who is in the account, whatever their standing.
    pub fn present(&self) -> impl Iterator<Item = &User> {
        self.0.iter().filter(|user| match user.standing {
            Standing::Active | Standing::Inactive | Standing::Pending => true,
            Standing::External | Standing::Gone => false,
        })
    }

    pub fn externals(&self) -> impl Iterator<Item = &User> {
        let all = self.0.iter();
        all.filter(|user| user.standing == Standing::External)
    }

    pub fn active(&self) -> impl Iterator<Item = &User> {
        self.0.iter().filter(|user| user.is_active())
    }

    /// The user whom a path names: by id or address.
    pub fn named(&self, text: &str) -> Option<&User> {
        self.present().find(|user| user.is_called(text))
    }

    pub fn with_email(&self, email: &str) -> Option<&User> {
        self.present()
            .find(|user| user.email.eq_ignore_ascii_case(email))
    }

    /// Somebody of the account, or a contact outside it.
    pub fn contact(&self, email: &str) -> Option<&User> {
        let outside = |user: &&User| user.email.eq_ignore_ascii_case(email);
        self.with_email(email)
            .or_else(|| self.externals().find(outside))
    }

    pub fn with_jid(&self, jid: &str) -> Option<&User> {
        self.present()
            .find(|user| user.jid.eq_ignore_ascii_case(jid))
    }

    /// The member whom a channel's path names: also by member id.
    pub fn member(&self, text: &str) -> Option<&User> {
        self.present()
            .find(|user| user.is_called(text) || user.member_id == text)
    }

    pub fn name_of(&self, id: &UserId) -> &str {
        self.get(id).map_or("", |user| &user.display_name)
    }

    pub fn email_of(&self, id: &UserId) -> &str {
        self.get(id).map_or("", |user| &user.email)
    }
}

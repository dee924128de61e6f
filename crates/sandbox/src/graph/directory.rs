//! The tenant's people.

use std::{collections::HashMap, sync::Arc};

use super::{error::GraphError, mint::Mint};
use crate::acme::{self, Has, Member};

/// The domain of the tenant and of everyone's address.
pub const DOMAIN: &str = "acme.example";

/// One user object.
#[derive(Debug, Clone)]
pub struct User {
    /// A GUID.
    pub id: String,
    pub upn: String,
    /// As written in the directory, with its case.
    pub mail: String,
    pub display_name: String,
    pub given_name: String,
    pub surname: String,
    pub job_title: String,
    pub enabled: bool,
    /// Whether a licence for Teams is assigned; guests never have one.
    pub licensed: bool,
    pub kind: UserKind,
    pub photo: Option<Photo>,
    /// Grows with each change of the directory; delta compares it.
    version: u64,
    removed: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserKind {
    Member,
    /// Invited from elsewhere, and not yet redeemed.
    PendingGuest,
    /// Invited from elsewhere, and redeemed.
    Guest,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Photo {
    /// One that follows from the user's id.
    Drawn,
    /// One that was uploaded: its content type and bytes.
    Uploaded(&'static str, Arc<[u8]>),
}

/// All user objects, in the order of their making.
#[derive(Debug, Default)]
pub struct Directory {
    users: Vec<User>,
    by_id: HashMap<String, usize>,
    version: u64,
}

impl Directory {
    /// Everyone at Acme who has a Teams account, and the hub's service account.
    pub fn of_acme(mint: &Mint) -> Self {
        let mut directory = Self::default();
        for member in acme::MEMBERS
            .iter()
            .filter(|member| member.teams != Has::Nothing)
        {
            directory.insert(member_user(mint, member));
        }
        directory.insert(User {
            job_title: "Service account".to_owned(),
            photo: None,
            ..new_user(
                mint,
                "Causeway",
                acme::SERVICE_ACCOUNT,
                acme::SERVICE_ACCOUNT,
            )
        });
        directory
    }

    /// The user with this id, unless removed.
    pub fn find(&self, id: &str) -> Option<&User> {
        let index = self.by_id.get(&id.to_ascii_lowercase())?;
        Some(&self.users[*index]).filter(|user| !user.removed)
    }

    /// The user with this id, principal name or address, whatever the case of the letters.
    pub fn resolve(&self, id_or_name: &str) -> Option<&User> {
        self.find(id_or_name).or_else(|| {
            self.present().find(|user| {
                user.upn.eq_ignore_ascii_case(id_or_name)
                    || user.mail.eq_ignore_ascii_case(id_or_name)
            })
        })
    }

    /// As [`Self::resolve`]; the error is the directory's own 404.
    pub fn get(&self, id_or_name: &str) -> Result<&User, GraphError> {
        self.resolve(id_or_name)
            .ok_or_else(|| GraphError::no_such_resource(id_or_name))
    }

    pub fn present(&self) -> impl Iterator<Item = &User> {
        self.users.iter().filter(|user| !user.removed)
    }

    /// What delta compares: the version of the latest change.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Users changed after `version`, removed ones included, the oldest change first.
    pub fn changed_since(&self, version: u64) -> Vec<&User> {
        let mut changed: Vec<_> = self
            .users
            .iter()
            .filter(|user| user.version > version)
            .collect();
        changed.sort_by_key(|user| user.version);
        changed
    }

    /// Adds a member with a licence; answers its id.
    pub fn add_member(&mut self, mint: &Mint, name: &str, email: &str) -> String {
        self.insert(new_user(mint, name, email, email))
    }

    /// Adds a guest who has not redeemed the invitation; inviting an address again answers the
    /// same user.
    pub fn invite(&mut self, mint: &Mint, name: &str, email: &str) -> String {
        if let Some(known) = self.resolve(email) {
            return known.id.clone();
        }
        let upn = format!("{}#EXT#@{DOMAIN}", email.replace('@', "_"));
        // An address that is invited again after a deletion gets a new object.
        let earlier = self.users.iter().filter(|user| user.upn == upn).count();
        let invited = new_user(mint, name, &upn, email);
        self.insert(User {
            id: match earlier {
                0 => invited.id.clone(),
                _ => mint.guid(&format!("user {upn} {earlier}")),
            },
            kind: UserKind::PendingGuest,
            photo: None,
            ..invited
        })
    }

    /// Changes one user and notes it for delta. `false` where there is none.
    pub fn change(&mut self, id: &str, change: impl FnOnce(&mut User)) -> bool {
        let Some(index) = self.by_id.get(id).copied() else {
            return false;
        };
        self.version += 1;
        let user = &mut self.users[index];
        change(user);
        user.version = self.version;
        true
    }

    /// Deletes a user; delta reports it once as removed.
    pub fn remove(&mut self, id: &str) -> bool {
        self.change(id, |user| user.removed = true)
    }

    fn insert(&mut self, user: User) -> String {
        self.version += 1;
        let id = user.id.clone();
        self.by_id.insert(id.clone(), self.users.len());
        self.users.push(User {
            version: self.version,
            ..user
        });
        id
    }
}

impl User {
    /// The version of the directory that this user's latest change made.
    pub fn version(&self) -> u64 {
        self.version
    }

    pub fn is_removed(&self) -> bool {
        self.removed
    }

    pub fn is_guest(&self) -> bool {
        match self.kind {
            UserKind::Member => false,
            UserKind::PendingGuest | UserKind::Guest => true,
        }
    }

    /// The address as people write it: letters lowered.
    pub fn address(&self) -> String {
        self.mail.to_ascii_lowercase()
    }
}

fn member_user(mint: &Mint, member: &Member) -> User {
    User {
        job_title: member.title.to_owned(),
        enabled: member.teams != Has::Deactivated,
        ..new_user(
            mint,
            member.name,
            member.email,
            member.teams_email.unwrap_or(member.email),
        )
    }
}

fn new_user(mint: &Mint, name: &str, upn: &str, mail: &str) -> User {
    let (given_name, surname) = name.split_once(' ').unwrap_or((name, ""));
    User {
        id: mint.guid(&format!("user {upn}")),
        upn: upn.to_owned(),
        mail: mail.to_owned(),
        display_name: name.to_owned(),
        given_name: given_name.to_owned(),
        surname: surname.to_owned(),
        job_title: String::new(),
        enabled: true,
        licensed: true,
        kind: UserKind::Member,
        // About every second person has set one.
        photo: mint
            .hex(&format!("photo {upn}"))
            .starts_with(|c: char| c < '8')
            .then_some(Photo::Drawn),
        version: 0,
        removed: false,
    }
}

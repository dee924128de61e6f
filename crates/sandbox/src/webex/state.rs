//! Everything in the organisation, behind one lock.

use std::collections::BTreeMap;

use crate::{clock::Millis, graph::mint::Mint};

use super::{
    directory::{Directory, Kind, Person},
    grants::Grants,
    happenings::{Event, Happening},
    ids::{AppId, FileId, MessageId, OrgId, PersonId, RoleId, RoomId},
    limits::Limits,
    rooms::{File, Message, Room, RoomKind},
    switches::Switches,
    tokens::Issuer,
    webhooks::Webhook,
};

/// The ids and secrets of the apps that the organisation knows.
#[derive(Debug, Clone)]
pub struct Apps {
    pub integration: Client,
    pub service_app: Client,
    bot: AppId,
    other_bot: AppId,
}

#[derive(Debug, Clone)]
pub struct Client {
    pub app: AppId,
    pub id: String,
    pub secret: String,
}

impl Apps {
    pub fn new(mint: &Mint) -> Self {
        let app = |name: &str| AppId::of(&mint.hex(&format!("webex app {name}")));
        let client = |name: &str| Client {
            app: app(name),
            id: format!("C{}", mint.hex(&format!("webex client {name}"))),
            secret: mint.hex(&format!("webex secret {name}")),
        };
        Self {
            integration: client("integration"),
            service_app: client("service app"),
            bot: app("bot"),
            other_bot: app("other bot"),
        }
    }
}

pub struct State {
    pub mint: Mint,
    pub org: OrgId,
    pub apps: Apps,
    pub directory: Directory,
    pub rooms: BTreeMap<RoomId, Room>,
    pub files: BTreeMap<FileId, File>,
    pub grants: Grants,
    pub switches: Switches,
    pub limits: Limits,
    pub webhooks: Vec<Webhook>,
    /// Oldest first.
    pub events: Vec<Event>,
    /// What happened and has not been told yet, in order.
    pub happenings: Vec<Happening>,
    administrator_role: RoleId,
    officer_role: RoleId,
}

impl State {
    pub fn acme(seed: u64, now: Millis) -> Self {
        let mint = Mint::new(seed);
        let role = |name: &str| RoleId::of(&mint.guid(&format!("webex role {name}")));
        Self {
            org: OrgId::of(&mint.guid("webex org")),
            apps: Apps::new(&mint),
            directory: Directory::acme(&mint, now),
            rooms: BTreeMap::new(),
            files: BTreeMap::new(),
            grants: Grants::default(),
            switches: Switches::default(),
            limits: Limits::default(),
            webhooks: Vec::new(),
            events: Vec::new(),
            happenings: Vec::new(),
            administrator_role: role("full administrator"),
            officer_role: role("compliance officer"),
            mint,
        }
    }

    /// A UUID that was not given before.
    pub fn fresh(&self, what: &str) -> String {
        self.mint.guid(&self.mint.fresh(&format!("webex {what}")))
    }

    pub fn room(&self, id: &RoomId) -> Option<&Room> {
        self.rooms.get(id)
    }

    /// The direct room of two people, where they have one.
    pub fn direct(&self, one: &PersonId, other: &PersonId) -> Option<&Room> {
        self.rooms
            .values()
            .find(|room| room.kind == RoomKind::Direct && room.has(one) && room.has(other))
    }

    /// Where a message is that still stands.
    pub fn place(&self, id: &MessageId) -> Option<(&Room, &Message)> {
        let mut rooms = self.rooms.values();
        rooms.find_map(|room| Some((room, room.message(id)?)))
    }

    pub fn name_of(&self, id: &PersonId) -> String {
        let found = self.directory.find(id);
        found.map(|person| person.name.clone()).unwrap_or_default()
    }

    pub fn email_of(&self, id: &PersonId) -> String {
        let found = self.directory.find(id);
        found.map(|person| person.email.clone()).unwrap_or_default()
    }

    /// The app that whoever holds such a token acts through; none for what was copied from the
    /// developer portal.
    pub fn app_of(&self, issuer: Issuer, holder: &PersonId) -> Option<AppId> {
        match issuer {
            Issuer::Integration => Some(self.apps.integration.app.clone()),
            Issuer::ServiceApp => Some(self.apps.service_app.app.clone()),
            Issuer::Bot if *holder == self.directory.cast.other_bot => {
                Some(self.apps.other_bot.clone())
            }
            Issuer::Bot => Some(self.apps.bot.clone()),
            Issuer::Portal => None,
        }
    }

    pub fn is_officer(&self, id: &PersonId) -> bool {
        self.switches.compliance && *id == self.directory.cast.administrator
    }

    pub fn roles_of(&self, person: &Person) -> Vec<RoleId> {
        let mut roles = Vec::new();
        if person.kind == Kind::Administrator {
            roles.push(self.administrator_role.clone());
        }
        if self.is_officer(&person.id) {
            roles.push(self.officer_role.clone());
        }
        roles
    }
}

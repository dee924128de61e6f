//! Who has an account in the organisation.

use crate::{
    acme::{self, Has},
    clock::Millis,
    graph::mint::Mint,
};

use super::ids::PersonId;

/// The hub's bot.
pub const BOT_NAME: &str = "Causeway";
const BOT_EMAIL: &str = "causeway@webex.bot";
const OTHER_BOT_EMAIL: &str = "build.bot@webex.bot";
const ADMINISTRATOR_NAME: &str = "Acme Administrator";

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    Person,
    /// A full administrator.
    Administrator,
    Bot,
    /// Made by the Service App, which knows them by this subject.
    Guest {
        subject: String,
    },
    /// The account that the Service App itself acts as.
    Machine,
}

#[derive(Debug, Clone)]
pub struct Person {
    pub id: PersonId,
    pub kind: Kind,
    pub email: String,
    pub name: String,
    pub title: Option<&'static str>,
    /// Whether they may log in.
    pub active: bool,
    pub created: Millis,
    pub modified: Millis,
}

impl Person {
    pub fn is_guest(&self) -> bool {
        matches!(self.kind, Kind::Guest { .. })
    }

    pub fn is_bot(&self) -> bool {
        self.kind == Kind::Bot
    }

    /// Whether other people's search finds them.
    pub fn is_found(&self) -> bool {
        self.active && matches!(self.kind, Kind::Person | Kind::Administrator | Kind::Bot)
    }
}

/// The accounts that everything else needs by name.
#[derive(Debug, Clone)]
pub struct Cast {
    pub bot: PersonId,
    pub other_bot: PersonId,
    pub administrator: PersonId,
    pub machine: PersonId,
}

/// Everybody, in the order of joining.
#[derive(Debug)]
pub struct Directory {
    people: Vec<Person>,
    pub cast: Cast,
}

impl Directory {
    pub fn acme(mint: &Mint, now: Millis) -> Self {
        let person = |kind, email: &str, name: &str| Person {
            id: PersonId::of(&mint.guid(&format!("webex person {email}"))),
            kind,
            email: email.to_owned(),
            name: name.to_owned(),
            title: None,
            active: true,
            created: now,
            modified: now,
        };
        let members = acme::MEMBERS.iter();
        let members = members.filter(|member| member.webex != Has::Nothing);
        let mut people: Vec<_> = members
            .map(|member| Person {
                title: Some(member.title),
                active: member.webex != Has::Deactivated,
                ..person(Kind::Person, member.email, member.name)
            })
            .collect();
        let administrator = person(
            Kind::Administrator,
            acme::SERVICE_ACCOUNT,
            ADMINISTRATOR_NAME,
        );
        let bot = person(Kind::Bot, BOT_EMAIL, BOT_NAME);
        let other_bot = person(Kind::Bot, OTHER_BOT_EMAIL, acme::OTHER_BOT);
        let machine = person(Kind::Machine, "causeway-guests@serviceapp.webex", BOT_NAME);
        let cast = Cast {
            bot: bot.id.clone(),
            other_bot: other_bot.id.clone(),
            administrator: administrator.id.clone(),
            machine: machine.id.clone(),
        };
        people.extend([administrator, bot, other_bot, machine]);
        Self { people, cast }
    }

    pub fn all(&self) -> impl Iterator<Item = &Person> {
        self.people.iter()
    }

    pub fn guests(&self) -> impl Iterator<Item = &Person> {
        self.all().filter(|person| person.is_guest())
    }

    pub fn find(&self, id: &PersonId) -> Option<&Person> {
        self.all().find(|person| person.id == *id)
    }

    /// The account of this address, whatever the case of its letters.
    pub fn by_email(&self, email: &str) -> Option<&Person> {
        let email = email.trim();
        self.all()
            .find(|person| person.email.eq_ignore_ascii_case(email))
    }

    pub fn change(&mut self, id: &PersonId, change: impl FnOnce(&mut Person), now: Millis) -> bool {
        let Some(person) = self.people.iter_mut().find(|person| person.id == *id) else {
            return false;
        };
        change(person);
        person.modified = now;
        true
    }

    /// The guest of this subject, under this name; made where there is none.
    pub fn guest(&mut self, mint: &Mint, subject: &str, name: &str, now: Millis) -> PersonId {
        let uuid = mint.guid(&format!("webex guest {subject}"));
        let id = PersonId::of(&uuid);
        match self.find(&id).map(|guest| guest.name == name) {
            Some(true) => {}
            Some(false) => {
                self.change(&id, |guest| guest.name = name.to_owned(), now);
            }
            None => self.people.push(Person {
                id: id.clone(),
                kind: Kind::Guest {
                    subject: subject.to_owned(),
                },
                email: format!("{uuid}@appid.ciscospark.com"),
                name: name.to_owned(),
                title: None,
                active: true,
                created: now,
                modified: now,
            }),
        }
        id
    }
}

//! How the playground stands, as the Sandbox page shows it.

use causeway_hub::api::HubError;
use causeway_model::Platform;
use causeway_sandbox::{acme, control_client};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::connect::home;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SandboxState {
    #[default]
    Stopped,
    Starting,
    Running,
    Stopping,
    Failed,
}

/// The hub that relays in the sandbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SandboxHub {
    #[default]
    Absent,
    Starting,
    Running,
    /// It ended in the middle of whatever it did.
    Killed,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SandboxReport {
    pub state: SandboxState,
    pub hub: SandboxHub,
    /// Why it did not start.
    pub error: Option<HubError>,
    /// Everyone at Acme, by name.
    pub people: Vec<SandboxPerson>,
    /// Which platforms refuse calls with a pause, until mended.
    pub throttled: Vec<Platform>,
    /// Which platforms cannot be reached, until mended.
    pub cut: Vec<Platform>,
    /// Whether the tenant lets guests be invited.
    pub guests_allowed: bool,
    /// How many times as fast as ours the sandbox's clock runs.
    pub speed: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SandboxPerson {
    pub email: String,
    pub name: String,
    pub title: String,
    pub works_on: Platform,
    pub accounts: Vec<SandboxAccount>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SandboxAccount {
    pub platform: Platform,
    pub name: String,
    pub active: bool,
    /// Whether its owner has authorised the hub's app.
    pub authorised: bool,
}

/// Everyone who works somewhere, as the sandbox knows them now.
pub(crate) fn people(known: &[control_client::Person]) -> Vec<SandboxPerson> {
    let person = |member: &acme::Member| {
        let person = known.iter().find(|person| person.email == member.email)?;
        let account = |platform: Platform| {
            let account = person.accounts.get(platform.word())?;
            Some(SandboxAccount {
                platform,
                name: account.name.clone(),
                active: account.active,
                authorised: account.authorised,
            })
        };
        Some(SandboxPerson {
            email: member.email.to_owned(),
            name: member.name.to_owned(),
            title: member.title.to_owned(),
            works_on: home(member),
            accounts: Platform::ALL.into_iter().filter_map(account).collect(),
        })
    };
    let mut people: Vec<_> = acme::MEMBERS.iter().filter_map(person).collect();
    people.sort_by(|one, other| one.name.cmp(&other.name));
    people
}

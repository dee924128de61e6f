//! Connecting a folder to a sandbox and pairing everybody, through the hub's own use cases.

use std::collections::BTreeSet;

use anyhow::Result;
use causeway_hub::{
    Client,
    api::{ErrorCode, PairPerson, PersonRef, SecondaryWish},
};
use causeway_model::{Mode, Platform};
use causeway_playground::{Place, connect};
use causeway_sandbox::{ControlClient, acme};
use serde::Serialize;

use super::cast::home_and_away;

#[derive(Debug, Serialize)]
pub struct Prepared {
    pub home: String,
    pub key_file: String,
    pub paired: Vec<PairedPerson>,
}

impl Prepared {
    pub fn new(place: &Place, paired: Vec<PairedPerson>) -> Self {
        Self {
            home: place.home.display().to_string(),
            key_file: place.key_file.display().to_string(),
            paired,
        }
    }
}

/// Somebody, and one way in which they are represented.
#[derive(Debug, Serialize)]
pub struct PairedPerson {
    pub email: String,
    pub name: String,
    pub primary: Platform,
    pub secondary: Platform,
    pub mode: Mode,
}

pub fn words(prepared: &Prepared) -> String {
    let people: BTreeSet<_> = prepared.paired.iter().map(|paired| &paired.email).collect();
    format!(
        "{} people paired in {}. Try it: causeway --home {} --key-file {} run --listen 127.0.0.1:0",
        people.len(),
        prepared.home,
        prepared.home,
        prepared.key_file,
    )
}

/// Connects Slack and Teams, imports people, and pairs everyone who has somewhere to work.
pub async fn prepare(place: &Place, control: &ControlClient) -> Result<Prepared> {
    let client = place.manage().await?;
    connect(&client, control, &[Platform::Slack, Platform::Teams]).await?;
    let paired = pair_everybody(&client).await?;
    client.close().await;
    Ok(Prepared::new(place, paired))
}

/// Engineers work in Slack, sales reps in Teams; each is represented on the other side by their
/// own account where they have one, else by the app.
async fn pair_everybody(client: &Client) -> Result<Vec<PairedPerson>> {
    let mut paired = Vec::new();
    for member in acme::MEMBERS {
        let Some((primary, secondary)) = home_and_away(member) else {
            continue;
        };
        let pair = PairPerson {
            person: PersonRef::Named(member.email.to_owned()),
            primary,
            secondary,
            wish: SecondaryWish::Best,
        };
        match client.call(pair).await {
            Ok(pairing) => paired.push(PairedPerson {
                email: member.email.to_owned(),
                name: member.name.to_owned(),
                primary,
                secondary,
                mode: pairing.mode,
            }),
            // Somebody whose account was switched off, or who is paired from an earlier time.
            Err(error)
                if matches!(
                    error.code,
                    ErrorCode::NotPairable | ErrorCode::AlreadyPaired
                ) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(paired)
}

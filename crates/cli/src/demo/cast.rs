//! Who writes to whom: pairs of people that cover every way of being represented.

use anyhow::{Result, bail};
use causeway_model::Platform;
use causeway_sandbox::{ControlClient, acme, control_client::Person};
use rand::{SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;

use super::prepare::home_and_away;

/// Someone in the story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    pub email: String,
    pub name: String,
    /// Where they work.
    pub home: Platform,
    /// Whether the hub may act as their own account on the other platform.
    pub full: bool,
}

/// Two people who write to each other: one works in Slack, the other in Teams.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    pub engineer: Actor,
    pub rep: Actor,
}

/// People of each kind on each side; every engineer kind meets every rep kind.
const OF_EACH_KIND: usize = 2;

/// Chooses pairs by the seed: own account and no account, on both sides, in all combinations.
pub async fn choose(control: &ControlClient, seed: u64) -> Result<Vec<Pair>> {
    let people = control.people().await?;
    let mut chance = ChaCha8Rng::seed_from_u64(seed);
    let mut pick = |home: Platform, full: bool| -> Result<Vec<Actor>> {
        let mut fitting: Vec<_> = actors(&people)
            .filter(|actor| actor.home == home && actor.full == full)
            .collect();
        fitting.shuffle(&mut chance);
        fitting.truncate(OF_EACH_KIND);
        if fitting.len() < OF_EACH_KIND {
            bail!("this sandbox has too few people for the story");
        }
        Ok(fitting)
    };
    let (engineers_full, engineers_app) =
        (pick(Platform::Slack, true)?, pick(Platform::Slack, false)?);
    let (reps_full, reps_app) = (pick(Platform::Teams, true)?, pick(Platform::Teams, false)?);
    let mut pairs = Vec::new();
    for index in 0..OF_EACH_KIND {
        let other = (index + 1) % OF_EACH_KIND;
        for (engineer, rep) in [
            (&engineers_full[index], &reps_full[index]),
            (&engineers_full[index], &reps_app[other]),
            (&engineers_app[index], &reps_full[other]),
            (&engineers_app[index], &reps_app[index]),
        ] {
            pairs.push(Pair {
                engineer: engineer.clone(),
                rep: rep.clone(),
            });
        }
    }
    pairs.shuffle(&mut chance);
    Ok(pairs)
}

/// Everyone whose representation is settled: their account has a token, or they have none.
fn actors(people: &[Person]) -> impl Iterator<Item = Actor> {
    acme::MEMBERS.iter().filter_map(|member| {
        let person = people.iter().find(|person| person.email == member.email)?;
        let (home, away) = home_and_away(member);
        let at_home = person.accounts.get(home.word())?;
        let full = match person.accounts.get(away.word()) {
            None => false,
            Some(account) if account.active && account.authorised => true,
            Some(_) => return None,
        };
        at_home.active.then(|| Actor {
            email: member.email.to_owned(),
            name: member.name.to_owned(),
            home,
            full,
        })
    })
}

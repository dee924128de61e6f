//! Who writes to whom: pairs of people that cover every way of being represented.

use anyhow::{Result, bail};
use causeway_model::{Mode, Platform};
use causeway_playground::home;
use causeway_sandbox::{
    ControlClient, acme,
    control_client::{Found, Person},
};
use rand::{SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;

/// Someone in the story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    pub email: String,
    pub name: String,
    /// Where they work.
    pub home: Platform,
    pub stands: Stands,
}

/// How someone is represented on the platform where they do not work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stands {
    /// By their own account, for which the hub holds a token from the beginning.
    Own,
    /// By their own account, for which they have to be asked.
    Asked,
    /// By a guest account that the hub makes.
    Guest,
    /// By the app alone.
    Nobody,
}

impl Actor {
    /// Whether the other platform's own people search finds them from the beginning.
    pub fn is_listed(&self) -> bool {
        match self.stands {
            Stands::Own | Stands::Asked => true,
            Stands::Guest | Stands::Nobody => false,
        }
    }

    /// Whether what they write stands under an account of their own on the other side.
    pub fn is_themselves(&self) -> bool {
        match self.stands {
            Stands::Own | Stands::Guest => true,
            Stands::Asked | Stands::Nobody => false,
        }
    }

    /// Who of those that a people search found is this one: by their address, which a guest does not
    /// bear everywhere.
    pub fn found_among<'a>(&self, found: &'a [Found]) -> Option<&'a Found> {
        found.iter().find(|found| {
            let email = found.email.as_deref().unwrap_or_default();
            let guest = self.stands == Stands::Guest && found.name == self.name;
            guest || email.eq_ignore_ascii_case(&self.email)
        })
    }

    /// The word for how they are represented.
    pub fn mode(&self) -> Mode {
        match self.stands {
            Stands::Own | Stands::Asked => Mode::Full,
            Stands::Guest => Mode::Guest,
            Stands::Nobody => Mode::App,
        }
    }
}

/// Two people who work in different platforms and write to each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    pub left: Actor,
    pub right: Actor,
}

/// The end of the organisation's own addresses.
pub(super) const OWN_DOMAIN: &str = "@acme.example";
/// People of each kind on each side; every engineer kind meets every rep kind.
const OF_EACH_KIND: usize = 2;

/// Chooses pairs by the seed: own account and no account, on both sides, in all combinations.
pub async fn choose(control: &ControlClient, seed: u64) -> Result<Vec<Pair>> {
    let people = control.people().await?;
    let mut chance = ChaCha8Rng::seed_from_u64(seed);
    let mut pick = |home: Platform, stands: Stands| -> Result<Vec<Actor>> {
        let mut fitting: Vec<_> = actors(&people)
            .filter(|actor| actor.home == home && actor.stands == stands)
            .collect();
        fitting.shuffle(&mut chance);
        fitting.truncate(OF_EACH_KIND);
        if fitting.len() < OF_EACH_KIND {
            bail!("this sandbox has too few people for the story");
        }
        Ok(fitting)
    };
    let engineers_full = pick(Platform::Slack, Stands::Own)?;
    let engineers_app = pick(Platform::Slack, Stands::Nobody)?;
    let reps_full = pick(Platform::Teams, Stands::Own)?;
    let reps_app = pick(Platform::Teams, Stands::Nobody)?;
    let mut pairs = Vec::new();
    for index in 0..OF_EACH_KIND {
        let other = (index + 1) % OF_EACH_KIND;
        for (left, right) in [
            (&engineers_full[index], &reps_full[index]),
            (&engineers_full[index], &reps_app[other]),
            (&engineers_app[index], &reps_full[other]),
            (&engineers_app[index], &reps_app[index]),
        ] {
            pairs.push(Pair {
                left: left.clone(),
                right: right.clone(),
            });
        }
    }
    pairs.shuffle(&mut chance);
    Ok(pairs)
}

/// Whoever is asked for something, or is not: engineers, each with a rep to write to.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Writes first.
    pub sender: Pair,
    /// Is written to first.
    pub receiver: Pair,
    pub decliner: Pair,
    /// Never answers.
    pub ignorer: Pair,
    /// Lets somebody else sign in at first.
    pub careless: Pair,
    /// Has a token, and it is revoked.
    pub revoked: Pair,
    /// Their guest can be used, and where guests are kept out it cannot.
    pub guests: [Pair; 2],
}

impl Asked {
    /// In the order in which the story keeps them.
    pub fn pairs(&self) -> Vec<Pair> {
        let [welcome, kept_out] = &self.guests;
        [
            &self.sender,
            &self.receiver,
            &self.decliner,
            &self.ignorer,
            &self.careless,
            &self.revoked,
            welcome,
            kept_out,
        ]
        .map(Clone::clone)
        .to_vec()
    }
}

/// Chooses whom the second chapter asks; whoever is left of those who could be asked takes no part.
pub async fn choose_asked(control: &ControlClient, seed: u64, first: &[Pair]) -> Result<Asked> {
    let people = control.people().await?;
    let mut chance = ChaCha8Rng::seed_from_u64(seed);
    chance.set_stream(7);
    let mut pick = |home: Platform, stands: &[Stands], at_least: usize| -> Result<Vec<Actor>> {
        let taken = |actor: &Actor| first.iter().any(|pair| pair.left == *actor);
        let mut fitting: Vec<_> = actors(&people)
            .filter(|actor| actor.home == home && stands.contains(&actor.stands))
            .filter(|actor| !taken(actor))
            .collect();
        fitting.shuffle(&mut chance);
        if fitting.len() < at_least {
            bail!("this sandbox has too few people for the story");
        }
        Ok(fitting)
    };
    // One more than are asked, so that somebody takes no part.
    let asked = pick(Platform::Slack, &[Stands::Asked], 6)?;
    let own = pick(Platform::Slack, &[Stands::Own], 1)?;
    let guests = pick(Platform::Slack, &[Stands::Guest], 2)?;
    let reps = pick(Platform::Teams, &[Stands::Own, Stands::Nobody], 4)?;
    let pair = |left: &Actor, right: usize| Pair {
        left: left.clone(),
        right: reps[right % reps.len()].clone(),
    };
    Ok(Asked {
        sender: pair(&asked[0], 0),
        receiver: pair(&asked[1], 1),
        decliner: pair(&asked[2], 2),
        ignorer: pair(&asked[3], 3),
        careless: pair(&asked[4], 0),
        revoked: pair(&own[0], 1),
        guests: [pair(&guests[0], 2), pair(&guests[1], 3)],
    })
}

/// Everyone who works in Slack or Teams and can write, with what represents them on the other side. A
/// contractor has no address of the organisation's own, and can be made a guest.
fn actors(people: &[Person]) -> impl Iterator<Item = Actor> {
    acme::MEMBERS.iter().filter_map(|member| {
        let person = people.iter().find(|person| person.email == member.email)?;
        let (home, away) = home_and_away(member)?;
        let at_home = person.accounts.get(home.word())?;
        let outside = !member.email.ends_with(OWN_DOMAIN);
        let stands = match person.accounts.get(away.word()) {
            None if outside && home == Platform::Slack => Stands::Guest,
            None => Stands::Nobody,
            Some(account) if !account.active => return None,
            Some(account) if account.authorised => Stands::Own,
            Some(_) => Stands::Asked,
        };
        at_home.active.then(|| Actor {
            email: member.email.to_owned(),
            name: member.name.to_owned(),
            home,
            stands,
        })
    })
}

/// Where a member works, and where somebody has to stand for them, in a story of Slack and Teams;
/// nothing for whoever works elsewhere.
pub fn home_and_away(member: &acme::Member) -> Option<(Platform, Platform)> {
    match home(member) {
        Platform::Slack => Some((Platform::Slack, Platform::Teams)),
        Platform::Teams => Some((Platform::Teams, Platform::Slack)),
        Platform::Webex | Platform::Zoom => None,
    }
}

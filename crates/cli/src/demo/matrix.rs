//! The story of all four platforms: people of each write to people of each other, represented in
//! every way there is, while platforms fail and the hub is killed.

use anyhow::{Context, Result};
use causeway_hub::{
    Client,
    api::{PairPerson, PersonRef, SecondaryWish},
};
use causeway_model::{GuestState, Mode, Platform, capability};
use causeway_playground::{Place, connect};
use causeway_sandbox::{
    ControlClient, acme,
    control_client::{Answer, Person},
    faults::{Fault, FaultKind},
};
use rand::{SeedableRng, seq::IndexedRandom};
use rand_chacha::ChaCha8Rng;

use super::{
    asked::{THEMSELVES, sign_guest_in, until_guest},
    cast::{Actor, OWN_DOMAIN, Pair, Stands},
    prepare::{PairedPerson, Prepared},
    process::Hub,
    story::{Part, Story},
};

/// Where somebody works who is asked, by the app there, for their account elsewhere.
const ASKED: [(Platform, Platform); 3] = [
    (Platform::Slack, Platform::Webex),
    (Platform::Webex, Platform::Teams),
    (Platform::Zoom, Platform::Webex),
];

/// Somebody with one way of being represented, wherever they do not work.
#[derive(Debug, Clone)]
struct Colleague {
    email: String,
    name: String,
    home: Platform,
    stands: Stands,
}

impl Colleague {
    /// How they are represented on one platform: where no guests are made, by the app.
    fn on(&self, platform: Platform) -> Actor {
        let stands = match self.stands {
            Stands::Guest if !capability::of(platform).guests => Stands::Nobody,
            stands => stands,
        };
        Actor {
            email: self.email.clone(),
            name: self.name.clone(),
            home: self.home,
            stands,
        }
    }
}

/// Everybody who takes part, and who writes to whom.
pub struct Cast {
    colleagues: Vec<Colleague>,
    pub pairs: Vec<Pair>,
    /// Those of whom the left one has to be asked.
    pub asked: Vec<Pair>,
}

/// One of each kind on each platform; of every two platforms, everybody who has an account or none
/// meets everybody, and guests meet those who have one.
pub async fn choose(control: &ControlClient, seed: u64) -> Result<Cast> {
    let people = control.people().await?;
    let mut chance = ChaCha8Rng::seed_from_u64(seed);
    let mut colleagues = Vec::new();
    for (home, stands) in kinds() {
        let fitting: Vec<_> = fitting(&people, home, stands).collect();
        let chosen = fitting.choose(&mut chance);
        let missing = || format!("nobody on {} fits the story", home.name());
        colleagues.push(chosen.with_context(missing)?.clone());
    }
    Cast::of(&people, colleagues)
}

/// Everybody of each kind on each platform.
async fn everybody(control: &ControlClient) -> Result<Cast> {
    let people = control.people().await?;
    let colleagues = kinds().flat_map(|(home, stands)| fitting(&people, home, stands));
    Cast::of(&people, colleagues.collect())
}

/// Every way of being represented, for those who work on each platform.
fn kinds() -> impl Iterator<Item = (Platform, Stands)> {
    let ways = [Stands::Own, Stands::Nobody, Stands::Guest];
    let platforms = Platform::ALL.into_iter();
    platforms.flat_map(move |home| ways.map(|stands| (home, stands)))
}

impl Cast {
    /// Who meets whom of these, and who is asked besides.
    fn of(people: &[Person], colleagues: Vec<Colleague>) -> Result<Self> {
        let pairs = pairs(&colleagues);
        let asked = asked(people, &colleagues)?;
        Ok(Self {
            colleagues,
            pairs,
            asked,
        })
    }
}

fn asked(people: &[Person], colleagues: &[Colleague]) -> Result<Vec<Pair>> {
    let pair = |(home, away): (Platform, Platform)| {
        let left = to_be_asked(people, home, away);
        let missing = || {
            format!(
                "nobody on {} is to be asked for {}",
                home.name(),
                away.name()
            )
        };
        let mut partners = colleagues.iter();
        let right = partners.find(|one| one.home == away && one.stands == Stands::Own);
        Ok(Pair {
            left: left.with_context(missing)?,
            right: right.with_context(missing)?.on(home),
        })
    };
    ASKED.into_iter().map(pair).collect()
}

/// Somebody who has an account there that they have not authorised yet.
fn to_be_asked(people: &[Person], home: Platform, away: Platform) -> Option<Actor> {
    let members = acme::MEMBERS.iter();
    members
        .filter(|member| member.home == home.word())
        .find_map(|member| {
            let person = people.iter().find(|person| person.email == member.email)?;
            let account = person.accounts.get(away.word())?;
            let at_home = person.accounts.get(home.word())?;
            let asked = at_home.active && account.active && !account.authorised;
            asked.then(|| Actor {
                email: member.email.to_owned(),
                name: member.name.to_owned(),
                home,
                stands: Stands::Asked,
            })
        })
}

fn fitting(people: &[Person], home: Platform, stands: Stands) -> impl Iterator<Item = Colleague> {
    let works_here = move |member: &&acme::Member| member.home == home.word();
    acme::MEMBERS
        .iter()
        .filter(works_here)
        .filter(move |member| {
            let person = people.iter().find(|person| person.email == member.email);
            person.is_some_and(|person| has(person, home) == Some(stands))
        })
        .map(move |member| Colleague {
            email: member.email.to_owned(),
            name: member.name.to_owned(),
            home,
            stands,
        })
}

/// How somebody can be represented everywhere else, where that is the same everywhere.
fn has(person: &Person, home: Platform) -> Option<Stands> {
    if !person.accounts.get(home.word())?.active {
        return None;
    }
    let elsewhere: Vec<_> = Platform::ALL
        .into_iter()
        .filter(|platform| *platform != home)
        .map(|platform| person.accounts.get(platform.word()))
        .collect();
    let authorised =
        |account: &causeway_sandbox::control_client::Account| account.active && account.authorised;
    if elsewhere
        .iter()
        .all(|account| account.is_some_and(authorised))
    {
        return Some(Stands::Own);
    }
    let outside = !person.email.ends_with(OWN_DOMAIN);
    let nowhere = elsewhere.iter().all(Option::is_none);
    nowhere.then_some(if outside {
        Stands::Guest
    } else {
        Stands::Nobody
    })
}

fn pairs(colleagues: &[Colleague]) -> Vec<Pair> {
    let mut pairs = Vec::new();
    for left in colleagues {
        for right in colleagues.iter().filter(|right| right.home > left.home) {
            let guests = [left.stands, right.stands].map(|stands| stands == Stands::Guest);
            let full = [left.stands, right.stands].map(|stands| stands == Stands::Own);
            let meet = match guests {
                [false, false] => true,
                [true, false] => full[1],
                [false, true] => full[0],
                [true, true] => false,
            };
            if meet {
                pairs.push(Pair {
                    left: left.on(right.home),
                    right: right.on(left.home),
                });
            }
        }
    }
    pairs
}

/// Connects all platforms and pairs everyone whom the story could choose.
pub async fn prepare_everybody(place: &Place, control: &ControlClient) -> Result<Prepared> {
    let cast = everybody(control).await?;
    let paired = prepare(place, control, &cast).await?;
    Ok(Prepared::new(place, paired))
}

/// Connects all platforms and pairs everybody of the cast everywhere.
pub async fn prepare(
    place: &Place,
    control: &ControlClient,
    cast: &Cast,
) -> Result<Vec<PairedPerson>> {
    let client = place.manage().await?;
    connect(&client, control, &Platform::ALL).await?;
    let everywhere = cast.colleagues.iter().flat_map(|colleague| {
        elsewhere(colleague).map(|secondary| (colleague.on(secondary), secondary))
    });
    let asked = cast.asked.iter();
    let asked = asked.map(|pair| (pair.left.clone(), pair.right.home));
    let mut paired = Vec::new();
    for (actor, secondary) in everywhere.chain(asked) {
        paired.push(pair(&client, actor, secondary).await?);
    }
    client.close().await;
    Ok(paired)
}

async fn pair(client: &Client, actor: Actor, secondary: Platform) -> Result<PairedPerson> {
    let wish = match actor.mode() {
        Mode::Full => SecondaryWish::Full,
        Mode::Guest => SecondaryWish::Guest,
        Mode::App => SecondaryWish::App,
    };
    let pair = PairPerson {
        person: PersonRef::Named(actor.email.clone()),
        primary: actor.home,
        secondary,
        wish,
    };
    let pairing = client.call(pair).await?;
    Ok(PairedPerson {
        email: actor.email,
        name: actor.name,
        primary: actor.home,
        secondary,
        mode: pairing.mode,
    })
}

fn elsewhere(colleague: &Colleague) -> impl Iterator<Item = Platform> {
    let home = colleague.home;
    Platform::ALL
        .into_iter()
        .filter(move |platform| *platform != home)
}

/// Plays the story, and answers the hub as it runs at its end.
pub async fn play(story: &mut Story, cast: &Cast, hub: Hub, place: &Place) -> Result<Hub> {
    take_guests_up(story, cast, place).await?;
    story.begin().await?;
    ask(story).await?;
    story.narrate("platforms fail now and then");
    strike(&story.control).await?;
    story.write(Part::First).await?;
    story.narrate("the hub is killed while people write");
    let (hub, wrote) = tokio::join!(hub.kill_and_restart(place), story.write(Part::Second));
    wrote?;
    let hub = hub?;
    hub.hears(place).await?;
    story.change().await?;
    Ok(hub)
}

/// People are asked where they work, and sign in where they are represented: what they wrote waits
/// for that.
async fn ask(story: &mut Story) -> Result<()> {
    for pair in story.settled()..story.pairs.len() {
        for _ in 0..2 {
            story.say(pair, true, THEMSELVES).await?;
        }
        story.until_asked(pair).await?;
        let person = story.pairs[pair].left.email.clone();
        story.control.consent(&person, Answer::Grant, None).await?;
        story.until_seen(pair).await?;
        story.say(pair, true, THEMSELVES).await?;
        story.say(pair, false, THEMSELVES).await?;
    }
    story.narrate("three people were asked, each on a platform of their own");
    Ok(())
}

/// An administrator signs in the guests of Teams; elsewhere a guest can be used once it is made.
async fn take_guests_up(story: &Story, cast: &Cast, place: &Place) -> Result<()> {
    for colleague in &cast.colleagues {
        for secondary in elsewhere(colleague) {
            let actor = colleague.on(secondary);
            if actor.stands != Stands::Guest {
                continue;
            }
            if secondary == Platform::Teams {
                until_guest(place, &actor, secondary, GuestState::Invited).await?;
                sign_guest_in(&story.control, &actor, secondary, place).await?;
            }
            until_guest(place, &actor, secondary, GuestState::Redeemed).await?;
        }
    }
    Ok(())
}

/// Posts fail in every way that a network and a platform know.
async fn strike(control: &ControlClient) -> Result<()> {
    for (on, method) in [
        ("slack", "chat.postMessage"),
        ("teams", "POST /chats/{id}/messages"),
        ("webex", "POST /messages"),
        ("zoom", "POST /chat/users/{userId}/messages"),
    ] {
        for fault in [
            FaultKind::FailBefore,
            FaultKind::Cut,
            FaultKind::Throttle,
            FaultKind::FailAfter,
        ] {
            let fault = Fault {
                on: on.to_owned(),
                method: Some(method.to_owned()),
                fault,
                count: 1,
                ms: None,
            };
            control.fault(&fault).await?;
        }
    }
    Ok(())
}

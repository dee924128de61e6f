//! Pairing people, one and in bulk, and saying beforehand what it would do.

use std::collections::HashSet;

use causeway_model::{Mode, Pairing, PairingId, PersonId, Platform};
use causeway_store::{Reader, StoreError};

use super::{
    look::{Look, Side, Sides},
    people::pairing_view,
    plan::{Known, Plan, decide, known},
    who::{meant, only, resolve},
};
use crate::{
    Hub,
    api::{
        BulkReport, ChangeMode, ErrorCode, HubError, NotPaired, PairPeople, PairPerson,
        PairingEffect, PairingPreview, PairingView, PersonRef, PreviewPairing, PreviewSummary,
        SecondaryWish,
    },
    error::{failed, from_engine},
};

pub(crate) async fn pair_person(hub: &Hub, args: PairPerson) -> Result<PairingView, HubError> {
    let id = pair(hub, args).await?;
    changed(hub).await?;
    view_of(hub, id).await
}

/// Each on their own; whoever cannot be paired is reported, and the others go on.
pub(crate) async fn pair_people(hub: &Hub, args: PairPeople) -> Result<BulkReport, HubError> {
    check_bulk(args.wish, args.people.len())?;
    let sides = sides(hub).await?;
    sides.pair(args.primary, args.secondary)?;
    let mut made = Vec::new();
    let mut failed = Vec::new();
    for person in args.people {
        let one = PairPerson {
            person: person.clone(),
            primary: args.primary,
            secondary: args.secondary,
            wish: args.wish,
        };
        match pair(hub, one).await {
            Ok(id) => made.push(id),
            Err(error) => failed.push(NotPaired { person, error }),
        }
    }
    changed(hub).await?;
    let mut paired = Vec::new();
    for id in made {
        paired.push(view_of(hub, id).await?);
    }
    Ok(BulkReport { paired, failed })
}

pub(crate) async fn preview_pairing(
    hub: &Hub,
    args: PreviewPairing,
) -> Result<PairingPreview, HubError> {
    check_bulk(args.wish, args.people.len())?;
    let look = Look::of(hub);
    hub.read(move |reader| {
        let sides = look.sides(reader)?;
        match sides.pair(args.primary, args.secondary) {
            Ok(pair) => preview(reader, args.people, args.wish, pair).map(Ok),
            Err(error) => Ok(Err(error)),
        }
    })
    .await?
}

/// A pairing as it stands.
pub(super) async fn view_of(hub: &Hub, id: PairingId) -> Result<PairingView, HubError> {
    let look = Look::of(hub);
    let view = hub
        .read(move |reader| match reader.pairing(id)? {
            Some(pairing) => pairing_view(reader, &look.sides(reader)?, &pairing),
            None => Ok(None),
        })
        .await?;
    view.ok_or_else(|| failed(ErrorCode::NotFound, "The pairing is gone again.").build())
}

pub(super) async fn sides(hub: &Hub) -> Result<Sides, HubError> {
    let look = Look::of(hub);
    hub.read(move |reader| look.sides(reader)).await
}

pub(super) async fn changed(hub: &Hub) -> Result<(), HubError> {
    hub.engine
        .pairings_changed()
        .await
        .map_err(|error| from_engine(&error))
}

/// The one active pairing of a person that is meant, and their name.
pub(super) async fn pairing_meant(
    hub: &Hub,
    person: PersonRef,
    secondary: Option<Platform>,
) -> Result<(Pairing, String), HubError> {
    let person = resolve(hub, person).await?;
    let there = match secondary {
        Some(platform) => Some(sides(hub).await?.of_platform(platform)?.connection),
        None => None,
    };
    let id = person.id;
    let mut pairings = hub
        .read(move |reader| reader.pairings_of_person(id))
        .await?;
    pairings.retain(|pairing| there.is_none_or(|there| there == pairing.secondary_connection));
    if pairings.len() > 1 {
        return Err(failed(
            ErrorCode::Ambiguous,
            format!("{} is represented on several platforms.", person.name),
        )
        .action("Say which one is meant.")
        .build());
    }
    match pairings.pop() {
        Some(pairing) => Ok((pairing, person.name)),
        None => Err(failed(
            ErrorCode::NotPaired,
            format!("{} is not paired.", person.name),
        )
        .action("Pair them first.")
        .build()),
    }
}

async fn pair(hub: &Hub, args: PairPerson) -> Result<PairingId, HubError> {
    let person = resolve(hub, args.person).await?;
    pair_one(hub, person.id, (args.primary, args.secondary), args.wish).await
}

/// Pairs one person in a commit of its own. Whoever calls it says afterwards that pairings have
/// [`changed`].
pub(super) async fn pair_one(
    hub: &Hub,
    person: PersonId,
    (primary, secondary): (Platform, Platform),
    wish: SecondaryWish,
) -> Result<PairingId, HubError> {
    let sides = sides(hub).await?;
    let (primary, secondary) = sides.pair(primary, secondary)?;
    let (home, there) = (primary.clone(), secondary.clone());
    let known = hub
        .read(move |reader| {
            let person = reader.person(person)?;
            let person = person.ok_or(StoreError::NotFound("person"))?;
            known(reader, person, wish, &home, &there)
        })
        .await?;
    let plan = decide(&known, wish, primary, secondary)
        .map_err(|refusal| refusal.error(&known.person.name, primary, secondary))?;
    let new = plan.pairing(&known, secondary, hub.engine.clock().now());
    hub.write(move |tx| tx.add_pairing(&new)).await
}

/// In one commit, so that nobody is left unpaired who cannot be paired in the new way.
pub(crate) async fn change_mode(hub: &Hub, args: ChangeMode) -> Result<PairingView, HubError> {
    let wish = args.wish;
    let (pairing, _) = pairing_meant(hub, args.person, Some(args.secondary)).await?;
    let sides = sides(hub).await?;
    let there = sides.of_platform(args.secondary)?;
    let primary = pairing.primary;
    let home = hub.read(move |reader| reader.account(primary)).await?;
    let home = home.and_then(|account| sides.get(account.connection));
    let home = home.ok_or_else(|| {
        failed(
            ErrorCode::NotFound,
            "The platform they work on is not connected.",
        )
        .action("Connect it again.")
        .build()
    })?;
    let (person, reading) = (pairing.person, (home.clone(), there.clone()));
    let mut known = hub
        .read(move |reader| {
            let person = reader.person(person)?;
            let person = person.ok_or(StoreError::NotFound("person"))?;
            known(reader, person, wish, &reading.0, &reading.1)
        })
        .await?;
    // The pairing there gives way to the new one.
    known.paired.retain(|(_, here)| !here);
    let plan = decide(&known, wish, home, there)
        .map_err(|refusal| refusal.error(&known.person.name, home, there))?;
    let now = hub.engine.clock().now();
    let new = plan.pairing(&known, there, now);
    let id = hub
        .write(move |tx| {
            super::unpair::end(tx, pairing, now)?;
            tx.add_pairing(&new)
        })
        .await?;
    changed(hub).await?;
    view_of(hub, id).await
}

/// What pairing these people alike would do to each.
pub(super) async fn previewed(
    hub: &Hub,
    people: Vec<PersonId>,
    (primary, secondary): (Platform, Platform),
    wish: SecondaryWish,
) -> Result<Vec<PairingEffect>, HubError> {
    let people = people.into_iter().map(PersonRef::Id).collect();
    let preview = PreviewPairing {
        people,
        primary,
        secondary,
        wish,
    };
    Ok(preview_pairing(hub, preview).await?.effects)
}

/// One account cannot be several people's.
pub(super) fn check_bulk(wish: SecondaryWish, people: usize) -> Result<(), HubError> {
    match wish {
        SecondaryWish::Account(_) if people > 1 => Err(failed(
            ErrorCode::InvalidArgument,
            "One account can only be one person's.",
        )
        .action("Name one person with it.")
        .build()),
        SecondaryWish::Account(_)
        | SecondaryWish::Full
        | SecondaryWish::Guest
        | SecondaryWish::App
        | SecondaryWish::Best => Ok(()),
    }
}

fn preview(
    reader: &Reader<'_>,
    people: Vec<PersonRef>,
    wish: SecondaryWish,
    pair: (&Side, &Side),
) -> Result<PairingPreview, StoreError> {
    let mut seen = HashSet::new();
    let effects = people
        .into_iter()
        .map(|who| effect(reader, who, wish, pair, &mut seen))
        .collect::<Result<Vec<_>, _>>()?;
    let summary = summary(&effects);
    Ok(PairingPreview { effects, summary })
}

fn effect(
    reader: &Reader<'_>,
    who: PersonRef,
    wish: SecondaryWish,
    (primary, secondary): (&Side, &Side),
    seen: &mut HashSet<PersonId>,
) -> Result<PairingEffect, StoreError> {
    let person = match only(meant(reader, &who)?) {
        Ok(person) => person,
        Err(error) => return Ok(problem(who, None, error)),
    };
    if !seen.insert(person.id) {
        let twice = format!("{} is named twice.", person.name);
        let error = failed(ErrorCode::InvalidArgument, twice).build();
        return Ok(problem(who, Some(person.name), error));
    }
    let known = known(reader, person, wish, primary, secondary)?;
    match decide(&known, wish, primary, secondary) {
        Ok(plan) => planned(reader, who, &known, &plan, secondary),
        Err(refusal) => {
            let name = known.person.name;
            let error = refusal.error(&name, primary, secondary);
            Ok(problem(who, Some(name), error))
        }
    }
}

fn planned(
    reader: &Reader<'_>,
    who: PersonRef,
    known: &Known,
    plan: &Plan,
    side: &Side,
) -> Result<PairingEffect, StoreError> {
    let standing = plan.standing(reader, side)?;
    let how = standing.will_ask();
    let name = known.person.name.clone();
    Ok(PairingEffect {
        person: who,
        mode: Some(plan.mode),
        words: plan.words(&name, side, &standing),
        name: Some(name),
        problem: None,
        asks: how.is_some(),
        how,
    })
}

fn problem(person: PersonRef, name: Option<String>, error: HubError) -> PairingEffect {
    PairingEffect {
        person,
        name,
        mode: None,
        words: error.message.clone(),
        problem: Some(error),
        asks: false,
        how: None,
    }
}

pub(super) fn summary(effects: &[PairingEffect]) -> PreviewSummary {
    let mut summary = PreviewSummary::default();
    for effect in effects {
        match effect.mode {
            Some(Mode::Full) => summary.full += 1,
            Some(Mode::Guest) => summary.guest += 1,
            Some(Mode::App) => summary.app += 1,
            None => summary.problems += 1,
        }
        summary.asked += u32::from(effect.asks);
    }
    summary
}

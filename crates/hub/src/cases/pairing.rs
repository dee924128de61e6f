//! Pairing people, and taking pairings apart.

use causeway_model::{Account, AccountKind, ConnectionId, Mode, PersonId, Platform, Reason};
use causeway_store::{Lanes, NewPairing, Reader};

use super::people::{pairing_view, platforms};
use crate::{
    Hub,
    api::{
        ErrorCode, HubError, PairPerson, PairingView, PersonRef, SecondaryWish, UnpairPerson,
        UnpairReport,
    },
    error::{failed, from_engine},
};

pub(crate) async fn pair_person(hub: &Hub, args: PairPerson) -> Result<PairingView, HubError> {
    if args.primary == args.secondary {
        return Err(failed(
            ErrorCode::InvalidArgument,
            "The primary and the secondary platform must differ.",
        )
        .build());
    }
    let person = resolve(hub, args.person).await?;
    let primary_connection = connection_of(hub, args.primary).await?;
    let secondary_connection = connection_of(hub, args.secondary).await?;
    let accounts = hub
        .read(move |reader| reader.accounts_of_person(person))
        .await?;
    let primary = usable(&accounts, primary_connection).ok_or_else(|| {
        failed(
            ErrorCode::NotPairable,
            format!(
                "This person has no active account on {}.",
                args.primary.name()
            ),
        )
        .action("Choose the platform they work on, or import people again.")
        .build()
    })?;
    let secondary = usable(&accounts, secondary_connection);
    let (mode, secondary) = choose_mode(args.wish, secondary, args.secondary)?;
    let new = NewPairing {
        person,
        primary: primary.id,
        secondary_connection,
        secondary: secondary.map(|account| account.id),
        mode,
        guest: None,
        since: hub.engine.clock().now(),
    };
    let id = hub.write(move |tx| tx.add_pairing(&new)).await?;
    hub.engine
        .pairings_changed()
        .await
        .map_err(|error| from_engine(&error))?;
    let view = hub
        .read(move |reader| match reader.pairing(id)? {
            Some(pairing) => pairing_view(reader, &platforms(reader)?, &pairing),
            None => Ok(None),
        })
        .await?;
    view.ok_or_else(|| failed(ErrorCode::NotFound, "The pairing is gone again.").build())
}

/// Ends pairings at once: what is queued because of them is not sent any more.
pub(crate) async fn unpair_person(hub: &Hub, args: UnpairPerson) -> Result<UnpairReport, HubError> {
    let person = resolve(hub, args.person).await?;
    let only = match args.secondary {
        Some(platform) => Some(connection_of(hub, platform).await?),
        None => None,
    };
    let now = hub.engine.clock().now();
    let report = hub
        .write(move |tx| {
            let mut report = UnpairReport {
                pairings_ended: 0,
                deliveries_cancelled: 0,
            };
            for pairing in tx.pairings_of_person(person)? {
                let wanted = only.is_none_or(|only| only == pairing.secondary_connection);
                if pairing.state != causeway_model::PairingState::Active || !wanted {
                    continue;
                }
                let lanes = Lanes::Pairing(pairing.id);
                let cancelled = tx.cancel_queued(lanes, Reason::Unpaired, now)?;
                tx.end_pairing(pairing.id, now)?;
                report.pairings_ended += 1;
                report.deliveries_cancelled += u64::from(cancelled);
            }
            Ok(report)
        })
        .await?;
    if report.pairings_ended == 0 {
        return Err(failed(ErrorCode::NotPaired, "This person is not paired.").build());
    }
    hub.engine
        .pairings_changed()
        .await
        .map_err(|error| from_engine(&error))?;
    Ok(report)
}

fn choose_mode(
    wish: SecondaryWish,
    account: Option<&Account>,
    secondary: Platform,
) -> Result<(Mode, Option<&Account>), HubError> {
    match (wish, account) {
        (SecondaryWish::App, _) | (SecondaryWish::Best, None) => Ok((Mode::App, None)),
        (SecondaryWish::Full | SecondaryWish::Best, Some(account)) => {
            Ok((Mode::Full, Some(account)))
        }
        (SecondaryWish::Full, None) => Err(failed(
            ErrorCode::NotPairable,
            format!("This person has no active account on {}.", secondary.name()),
        )
        .action("Pair them through the app instead.")
        .build()),
    }
}

fn usable(accounts: &[Account], connection: ConnectionId) -> Option<&Account> {
    accounts.iter().find(|account| {
        account.connection == connection
            && account.active
            && matches!(account.kind, AccountKind::Full | AccountKind::Guest)
    })
}

async fn connection_of(hub: &Hub, platform: Platform) -> Result<ConnectionId, HubError> {
    let rows = hub.read(|reader| reader.connections()).await?;
    rows.into_iter()
        .map(|row| row.connection)
        .find(|connection| connection.platform == platform)
        .map(|connection| connection.id)
        .ok_or_else(|| {
            failed(
                ErrorCode::NotFound,
                format!("{} is not connected.", platform.name()),
            )
            .action("Connect it first.")
            .build()
        })
}

async fn resolve(hub: &Hub, person: PersonRef) -> Result<PersonId, HubError> {
    let found = hub.read(move |reader| candidates(reader, person)).await?;
    match found.as_slice() {
        [] => Err(
            failed(ErrorCode::NotFound, "Nobody fits that name, address or id.")
                .action("Import people, or look them up with `people list`.")
                .build(),
        ),
        [only] => Ok(*only),
        several => Err(failed(
            ErrorCode::Ambiguous,
            format!("{} people fit that name.", several.len()),
        )
        .action("Give the e-mail address or the id instead.")
        .build()),
    }
}

fn candidates(
    reader: &Reader<'_>,
    person: PersonRef,
) -> Result<Vec<PersonId>, causeway_store::StoreError> {
    match person {
        PersonRef::Id(id) => Ok(reader
            .person(id)?
            .map(|person| person.id)
            .into_iter()
            .collect()),
        PersonRef::Named(name) => Ok(reader
            .find_people(&name)?
            .into_iter()
            .map(|person| person.id)
            .collect()),
    }
}

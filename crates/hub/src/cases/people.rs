//! People and their accounts.

use causeway_model::{Account, ConnectionId, Pairing, PersonId, Platform};
use causeway_store::{PairedFilter, PeopleCursor, PeopleFilter, PersonRow, Reader, StoreError};

use super::{
    look::{Look, Side, Sides},
    standing::{Standing, holds_token},
};
use crate::{
    Hub,
    api::{
        AccountView, ErrorCode, HubError, ImportPeople, ImportReport, ImportedConnection, LegView,
        ListPeople, PairingView, PeoplePage, PersonView, SyncState,
    },
    error::{failed, from_failure},
};

const PAGE: u32 = 50;
const LARGEST_PAGE: u32 = 500;

/// Reads the directories, page by page; what is there stays there when one fails in between.
pub(crate) async fn import_people(hub: &Hub, args: ImportPeople) -> Result<ImportReport, HubError> {
    let rows = hub.read(|reader| reader.connections()).await?;
    let mut connections = Vec::new();
    for row in rows {
        let connection = row.connection;
        if args.connection.is_none_or(|wanted| wanted == connection.id) {
            connections.push(import_one(hub, connection.id, connection.platform).await?);
        }
    }
    if connections.is_empty() {
        return Err(failed(ErrorCode::NotFound, "No platform is connected yet.")
            .action("Connect one first.")
            .build());
    }
    hub.engine
        .pairings_changed()
        .await
        .map_err(|error| crate::error::from_engine(&error))?;
    Ok(ImportReport { connections })
}

async fn import_one(
    hub: &Hub,
    connection: ConnectionId,
    platform: Platform,
) -> Result<ImportedConnection, HubError> {
    let Some(connector) = hub.engine.connector(connection) else {
        return Err(failed(
            ErrorCode::NotAuthorised,
            format!("{} is not connected.", platform.name()),
        )
        .action("Connect it again.")
        .build());
    };
    let mut report = ImportedConnection {
        connection,
        platform,
        added: 0,
        changed: 0,
        unchanged: 0,
        deactivated: 0,
    };
    hub.write(move |tx| tx.begin_import(connection)).await?;
    let mut next = None;
    loop {
        let page = connector
            .directory(next)
            .await
            .map_err(|failure| from_failure(&failure, platform.name()))?;
        let now = hub.engine.clock().now();
        let accounts = page.accounts;
        let counts = hub
            .write(move |tx| tx.import_accounts(connection, &accounts, now))
            .await?;
        report.added += u64::from(counts.added);
        report.changed += u64::from(counts.changed);
        report.unchanged += u64::from(counts.unchanged);
        report.deactivated += u64::from(counts.deactivated);
        match page.next {
            Some(token) => next = Some(token),
            None => break,
        }
    }
    let now = hub.engine.clock().now();
    let gone = hub
        .write(move |tx| tx.finish_import(connection, now))
        .await?;
    report.deactivated += u64::from(gone);
    Ok(report)
}

pub(crate) async fn list_people(hub: &Hub, args: ListPeople) -> Result<PeoplePage, HubError> {
    let after = args.after.as_deref().map(read_cursor).transpose()?;
    let limit = args.limit.unwrap_or(PAGE).clamp(1, LARGEST_PAGE);
    let filter = PeopleFilter {
        search: args.search.filter(|search| !search.trim().is_empty()),
        paired: match args.state {
            SyncState::Any => PairedFilter::Any,
            SyncState::Paired => PairedFilter::Paired,
            SyncState::Unpaired => PairedFilter::Unpaired,
        },
        ..PeopleFilter::default()
    };
    let look = Look::of(hub);
    hub.read(move |reader| {
        let page = reader.people_page(&filter, after.as_ref(), limit)?;
        let sides = look.sides(reader)?;
        let people = page
            .rows
            .into_iter()
            .map(|row| person_view(reader, &sides, row))
            .collect::<Result<_, _>>()?;
        let next = page.next.map(|cursor| write_cursor(&cursor));
        Ok(PeoplePage {
            total: u64::from(page.total),
            people,
            next,
        })
    })
    .await
}

fn person_view(
    reader: &Reader<'_>,
    sides: &Sides,
    row: PersonRow,
) -> Result<PersonView, StoreError> {
    let accounts = row
        .accounts
        .into_iter()
        .filter_map(|account| account_view(reader, sides, account).transpose())
        .collect::<Result<_, _>>()?;
    let pairings = row
        .pairings
        .iter()
        .filter_map(|pairing| pairing_view(reader, sides, pairing).transpose())
        .collect::<Result<_, _>>()?;
    Ok(PersonView {
        id: row.person.id,
        name: row.person.name,
        email: row.person.email,
        accounts,
        pairings,
        waiting: u64::from(row.waiting),
    })
}

/// An account as the faces show it; none when its platform is not connected any more.
pub(super) fn account_view(
    reader: &Reader<'_>,
    sides: &Sides,
    account: Account,
) -> Result<Option<AccountView>, StoreError> {
    let Some(side) = sides.get(account.connection) else {
        return Ok(None);
    };
    let authorised = holds_token(reader, &account)?;
    Ok(Some(AccountView {
        id: account.id,
        connection: account.connection,
        platform: side.platform,
        name: account.name,
        kind: account.kind,
        active: account.active,
        authorised,
    }))
}

/// A pairing as the faces show it; none when its platform is not connected any more.
pub(super) fn pairing_view(
    reader: &Reader<'_>,
    sides: &Sides,
    pairing: &Pairing,
) -> Result<Option<PairingView>, StoreError> {
    let primary = reader.account(pairing.primary)?;
    let primary = primary.and_then(|account| sides.get(account.connection));
    let (Some(primary), Some(side)) = (primary, sides.get(pairing.secondary_connection)) else {
        return Ok(None);
    };
    let standing = Standing::of_pairing(reader, pairing, side)?;
    let waiting = u64::from(reader.waiting_for_consent(pairing.person, side.connection)?);
    let person = reader.person(pairing.person)?;
    Ok(Some(PairingView {
        id: pairing.id,
        person: pairing.person,
        person_name: person.map(|person| person.name).unwrap_or_default(),
        primary: primary.platform,
        secondary: side.platform,
        mode: pairing.mode,
        speaks_as: standing.rung(),
        since: pairing.since,
        legs: legs(reader, side, pairing.person)?,
        consent: standing.consent(),
        guest: pairing.guest,
        plain: standing.plain(waiting),
        waiting,
    }))
}

/// The conversations on one side in which `person` is represented.
fn legs(reader: &Reader<'_>, side: &Side, person: PersonId) -> Result<Vec<LegView>, StoreError> {
    let mut views = Vec::new();
    for link in reader.links_of_person(person)? {
        for leg in reader.legs_of_side(link.id, side.connection)? {
            if leg.person == person {
                continue;
            }
            let with = reader.person(leg.person)?;
            views.push(LegView {
                id: leg.id,
                platform: side.platform,
                kind: leg.kind,
                state: leg.state,
                with: with.map(|with| with.name).unwrap_or_default(),
                opened: leg.external.is_some(),
            });
        }
    }
    Ok(views)
}

fn write_cursor(cursor: &PeopleCursor) -> String {
    format!("{}.{}", cursor.person, cursor.name_folded)
}

fn read_cursor(text: &str) -> Result<PeopleCursor, HubError> {
    let read = || {
        let (person, name) = text.split_once('.')?;
        let person = PersonId(person.parse().ok()?);
        Some(PeopleCursor {
            name_folded: name.to_owned(),
            person,
        })
    };
    read().ok_or_else(|| failed(ErrorCode::InvalidArgument, "There is no such page.").build())
}

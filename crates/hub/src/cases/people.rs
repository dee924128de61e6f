//! People and their accounts.

use causeway_model::{Account, ConnectionId, Pairing, PersonId, Platform};
use causeway_store::{self as store, PeopleCursor, PersonRow, Reader, StoreError};

use super::{
    hearing,
    look::{Look, Sides},
    standing::{Standing, holds_token},
};
use crate::{
    Hub,
    api::{
        AccountView, ConsentState, CountPeople, ErrorCode, GetPerson, HubError, ImportPeople,
        ImportReport, ImportedConnection, ListPeople, PairingView, PeopleCounts, PeopleFilter,
        PeoplePage, PeopleView, PersonDetails, PersonNeed, PersonView,
    },
    error::{failed, from_failure},
    jobs::Progress,
};

const PAGE: u32 = 50;
const LARGEST_PAGE: u32 = 500;

/// Reads the directories, page by page; what is there stays there when one fails in between.
pub(crate) async fn import_people(hub: &Hub, args: ImportPeople) -> Result<ImportReport, HubError> {
    import_all(hub, args.connection, None).await
}

/// The same, telling a job how far it is. What it did not come to when it is stopped stays as it
/// was, and nobody is taken for gone.
pub(super) async fn import_all(
    hub: &Hub,
    connection: Option<ConnectionId>,
    progress: Option<&Progress>,
) -> Result<ImportReport, HubError> {
    let rows = hub.read(|reader| reader.connections()).await?;
    let mut report = ImportReport {
        connections: Vec::new(),
    };
    for row in rows {
        let found = row.connection;
        if connection.is_some_and(|wanted| wanted != found.id) || stops(progress) {
            continue;
        }
        let mut import = Import::new(hub, found.id, found.platform)?;
        report.connections.push(import.report.clone());
        while let Some(read) = import.page(progress).await? {
            report.connections.pop();
            report.connections.push(import.report.clone());
            if let Some(progress) = progress {
                progress.went_through(read, Vec::new(), import_words(&report));
            }
        }
        report.connections.pop();
        report.connections.push(import.report);
    }
    if report.connections.is_empty() && !stops(progress) {
        return Err(failed(ErrorCode::NotFound, "No platform is connected yet.")
            .action("Connect one first.")
            .build());
    }
    if let Some(progress) = progress {
        progress.went_through(0, Vec::new(), import_words(&report));
    }
    hub.engine
        .pairings_changed()
        .await
        .map_err(|error| crate::error::from_engine(&error))?;
    Ok(report)
}

fn stops(progress: Option<&Progress>) -> bool {
    progress.is_some_and(Progress::is_stopped)
}

fn import_words(report: &ImportReport) -> String {
    let each = report.connections.iter().map(|one| {
        format!(
            "{}: {} added, {} changed, {} unchanged, {} deactivated.",
            one.platform.name(),
            one.added,
            one.changed,
            one.unchanged,
            one.deactivated
        )
    });
    each.collect::<Vec<_>>().join(" ")
}

/// The reading of one directory.
struct Import<'a> {
    hub: &'a Hub,
    connector: std::sync::Arc<dyn causeway_connectors::Connector>,
    report: ImportedConnection,
    at: At,
}

/// How far it is.
enum At {
    Start,
    Page(String),
    End,
}

impl<'a> Import<'a> {
    fn new(hub: &'a Hub, connection: ConnectionId, platform: Platform) -> Result<Self, HubError> {
        let Some(connector) = hub.engine.connector(connection) else {
            return Err(failed(
                ErrorCode::NotAuthorised,
                format!("{} is not connected.", platform.name()),
            )
            .action("Connect it again.")
            .build());
        };
        Ok(Self {
            hub,
            connector,
            report: ImportedConnection {
                connection,
                platform,
                added: 0,
                changed: 0,
                unchanged: 0,
                deactivated: 0,
            },
            at: At::Start,
        })
    }

    /// Takes over the next page, and says how many accounts it had; none after the last, and when
    /// it is to stop.
    async fn page(&mut self, progress: Option<&Progress>) -> Result<Option<usize>, HubError> {
        let connection = self.report.connection;
        let next = match std::mem::replace(&mut self.at, At::End) {
            At::Start => {
                let begun = self.hub.write(move |tx| tx.begin_import(connection));
                begun.await?;
                None
            }
            At::Page(token) => Some(token),
            At::End => return Ok(None),
        };
        let reading = self.connector.directory(next);
        let page = match progress {
            Some(progress) => match progress.unless_stopped(reading).await {
                Some(page) => page,
                None => return Ok(None),
            },
            None => reading.await,
        };
        let page = page.map_err(|failure| from_failure(&failure, self.report.platform.name()))?;
        let read = page.accounts.len();
        self.take_over(page.accounts).await?;
        match page.next {
            Some(token) => self.at = At::Page(token),
            None => self.finish().await?,
        }
        Ok(Some(read))
    }

    async fn take_over(
        &mut self,
        accounts: Vec<causeway_model::DirectoryAccount>,
    ) -> Result<(), HubError> {
        let (connection, now) = (self.report.connection, self.hub.engine.clock().now());
        let counts = self
            .hub
            .write(move |tx| tx.import_accounts(connection, &accounts, now))
            .await?;
        self.report.added += u64::from(counts.added);
        self.report.changed += u64::from(counts.changed);
        self.report.unchanged += u64::from(counts.unchanged);
        self.report.deactivated += u64::from(counts.deactivated);
        Ok(())
    }

    async fn finish(&mut self) -> Result<(), HubError> {
        let (connection, now) = (self.report.connection, self.hub.engine.clock().now());
        let gone = self
            .hub
            .write(move |tx| tx.finish_import(connection, now))
            .await?;
        self.report.deactivated += u64::from(gone);
        Ok(())
    }
}

pub(crate) async fn list_people(hub: &Hub, args: ListPeople) -> Result<PeoplePage, HubError> {
    let after = args.after.as_deref().map(read_cursor).transpose()?;
    let limit = args.limit.unwrap_or(PAGE).clamp(1, LARGEST_PAGE);
    let filter = stored_filter(args.filter);
    let look = Look::of(hub);
    hub.read(move |reader| {
        let page = reader.people_page(&filter, after.as_ref(), limit)?;
        let sides = look.sides(reader)?;
        let noticed = reader.people_with_notices()?;
        let people = page
            .rows
            .into_iter()
            .map(|row| person_view(reader, &sides, row, &noticed))
            .collect::<Result<_, _>>()?;
        let next = page.next.map(|cursor| write_cursor(&cursor));
        Ok(PeoplePage { people, next })
    })
    .await
}

pub(crate) async fn count_people(hub: &Hub, args: CountPeople) -> Result<PeopleCounts, HubError> {
    let filter = stored_filter(args.filter);
    let now = hub.engine.clock().now();
    hub.read(move |reader| {
        let counts = reader.count_people(&filter)?;
        let is_everyone = store::PeopleFilter {
            view: store::PeopleView::Any,
            ..filter.clone()
        } == store::PeopleFilter::default();
        let unpaired = match is_everyone {
            true => counts.unpaired,
            false => {
                reader
                    .count_people(&store::PeopleFilter::default())?
                    .unpaired
            }
        };
        let suggestions = match reader.connections()?.len() {
            0 | 1 => 0,
            _ => unpaired.saturating_sub(reader.count_set_aside(now)?),
        };
        Ok(PeopleCounts {
            any: counts.any,
            paired: counts.paired,
            unpaired: counts.unpaired,
            needs_attention: counts.needs_attention,
            waiting_for_consent: counts.waiting_for_consent,
            suggestions,
        })
    })
    .await
}

pub(crate) async fn person(hub: &Hub, args: GetPerson) -> Result<PersonDetails, HubError> {
    let look = Look::of(hub);
    hub.read(move |reader| {
        let row = reader.person_listed(args.person)?;
        let row = row.ok_or(StoreError::NotFound("person"))?;
        let sides = look.sides(reader)?;
        let noticed = reader.people_with_notices()?;
        let (legs, legs_left_out) = hearing::legs(reader, &look, args.person)?;
        Ok(PersonDetails {
            person: person_view(reader, &sides, row, &noticed)?,
            legs,
            legs_left_out,
            notices: super::notices::about(reader, &look, args.person)?,
        })
    })
    .await
}

/// A filter as the store takes it.
pub(super) fn stored_filter(filter: PeopleFilter) -> store::PeopleFilter {
    store::PeopleFilter {
        search: filter.search.filter(|search| !search.trim().is_empty()),
        view: match filter.view {
            PeopleView::Any => store::PeopleView::Any,
            PeopleView::Paired => store::PeopleView::Paired,
            PeopleView::Unpaired => store::PeopleView::Unpaired,
            PeopleView::NeedsAttention => store::PeopleView::NeedsAttention,
            PeopleView::WaitingForConsent => store::PeopleView::WaitingForConsent,
        },
        primary: filter.primary,
        secondary: filter.secondary,
        mode: filter.mode,
    }
}

fn person_view(
    reader: &Reader<'_>,
    sides: &Sides,
    row: PersonRow,
    noticed: &[PersonId],
) -> Result<PersonView, StoreError> {
    let pairings: Vec<_> = row
        .pairings
        .iter()
        .filter_map(|pairing| pairing_view(reader, sides, pairing).transpose())
        .collect::<Result<_, _>>()?;
    let needs = needs(&row, &pairings, noticed.contains(&row.person.id));
    let waiting = pairings.iter().map(|pairing| pairing.waiting).sum::<u64>();
    let accounts = row
        .accounts
        .into_iter()
        .filter_map(|account| account_view(reader, sides, account).transpose())
        .collect::<Result<_, _>>()?;
    Ok(PersonView {
        id: row.person.id,
        name: row.person.name,
        email: row.person.email,
        accounts,
        pairings,
        waiting: waiting.max(u64::from(row.waiting)),
        needs,
    })
}

/// Most urgent first. The store's view of those who need attention holds the same people.
fn needs(row: &PersonRow, pairings: &[PairingView], noticed: bool) -> Vec<PersonNeed> {
    let is_off = |id| {
        let account = row.accounts.iter().find(|account| account.id == id);
        account.is_some_and(|account| !account.active)
    };
    let stored = &row.pairings;
    let primary_off = stored.iter().any(|pairing| is_off(pairing.primary));
    let secondary_off = stored
        .iter()
        .any(|pairing| pairing.secondary.is_some_and(is_off));
    let forbidden = Some(causeway_model::GuestState::Forbidden);
    let found = [
        (row.stuck > 0, PersonNeed::Stuck),
        (
            pairings.iter().any(|pairing| {
                pairing.mode == causeway_model::Mode::Full
                    && pairing.consent.state == ConsentState::Revoked
            }),
            PersonNeed::AuthorisationLost,
        ),
        (primary_off, PersonNeed::PrimaryOff),
        (secondary_off, PersonNeed::AccountOff),
        (
            stored.iter().any(|pairing| pairing.guest == forbidden),
            PersonNeed::GuestForbidden,
        ),
        (noticed, PersonNeed::Noticed),
    ];
    let found = found.into_iter().filter(|(is, _)| *is);
    found.map(|(_, need)| need).collect()
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
    let authorised = holds_token(reader, &account, side)?;
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
        consent: standing.consent(),
        guest: pairing.guest,
        plain: standing.plain(waiting),
        waiting,
    }))
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

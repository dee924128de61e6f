//! The ledger, for people.

use std::{fs::File, io, path::Path};

use causeway_model::{ConnectionId, DeliveryId, PersonId, Platform, Timestamp};
use causeway_store::{self as store, LedgerRow, Reader, StoreError};

use super::{look::Look, timeline::details};
use crate::{
    Hub,
    api::{
        ActivityEntry, ActivityFilter, ActivityPage, DeliveryDetails, ErrorCode, GetDelivery,
        HubError, ListActivity, Resolution, ResolveDelivery, RetryDelivery, SkipDelivery,
        StartExport,
    },
    error::{failed, from_engine},
    jobs::Progress,
    sheet::Sheet,
};

const PAGE: u32 = 50;
const LARGEST_PAGE: u32 = 500;

pub(crate) async fn list_activity(hub: &Hub, args: ListActivity) -> Result<ActivityPage, HubError> {
    let before = args.before.as_deref().map(read_cursor).transpose()?;
    let limit = args.limit.unwrap_or(PAGE).clamp(1, LARGEST_PAGE);
    let look = Look::of(hub);
    hub.read(move |reader| {
        let Some(filter) = stored_filter(reader, &args.filter)? else {
            return Ok(ActivityPage {
                entries: Vec::new(),
                next: None,
            });
        };
        let rows = reader.activity_page(&filter, before, limit)?;
        let full = rows.len() == usize::try_from(limit).unwrap_or(usize::MAX);
        let next = rows
            .last()
            .filter(|_| full)
            .map(|row| write_cursor(&row.delivery));
        let entries = rows
            .into_iter()
            .map(|row| entry(reader, &look, row))
            .collect::<Result<_, _>>()?;
        Ok(ActivityPage { entries, next })
    })
    .await
}

pub(crate) async fn delivery(hub: &Hub, args: GetDelivery) -> Result<DeliveryDetails, HubError> {
    let (look, now) = (Look::of(hub), hub.engine.clock().now());
    let found = hub
        .read(move |reader| {
            let Some(row) = row(reader, args.delivery)? else {
                return Ok(None);
            };
            let delivery = row.delivery.clone();
            let entry = entry(reader, &look, row)?;
            details(reader, &look, entry, &delivery, now).map(Some)
        })
        .await?;
    found.ok_or_else(unknown)
}

pub(crate) async fn retry_delivery(
    hub: &Hub,
    args: RetryDelivery,
) -> Result<ActivityEntry, HubError> {
    let now = hub.engine.clock().now();
    hub.write(move |tx| tx.retry(args.delivery, now)).await?;
    go_on(hub, args.delivery).await
}

pub(crate) async fn skip_delivery(
    hub: &Hub,
    args: SkipDelivery,
) -> Result<ActivityEntry, HubError> {
    let now = hub.engine.clock().now();
    hub.write(move |tx| tx.skip(args.delivery, now)).await?;
    go_on(hub, args.delivery).await
}

pub(crate) async fn resolve_delivery(
    hub: &Hub,
    args: ResolveDelivery,
) -> Result<ActivityEntry, HubError> {
    let (id, now) = (args.delivery, hub.engine.clock().now());
    let found = hub.read(move |reader| reader.delivery(id)).await?;
    let state = found.ok_or_else(unknown)?.state;
    if state != causeway_model::DeliveryState::Uncertain {
        return Err(failed(
            ErrorCode::InvalidArgument,
            "Its outcome is not uncertain any more.",
        )
        .action("Look at the delivery again: it has moved on.")
        .build());
    }
    match args.resolution {
        Resolution::Arrived => hub.write(move |tx| tx.take_for_delivered(id, now)).await?,
        Resolution::SendAgain => hub.write(move |tx| tx.retry(id, now)).await?,
    }
    go_on(hub, id).await
}

/// Writes the ledger to a file, page by page. What cannot be ended is not left behind.
pub(super) async fn export(
    hub: &Hub,
    args: StartExport,
    progress: &Progress,
) -> Result<(), HubError> {
    let path = Path::new(&args.path);
    let mut sheet = new_file(path)
        .and_then(|file| Sheet::begin(args.format, io::BufWriter::new(file)))
        .map_err(|error| not_written(&args.path, &error))?;
    let written = put_all(hub, &args, &mut sheet, progress).await;
    let ended = match written {
        Ok(()) if progress.is_stopped() => Err(None),
        Ok(()) => sheet
            .end()
            .map_err(|error| Some(not_written(&args.path, &error))),
        Err(error) => Err(Some(error)),
    };
    match ended {
        Ok(()) => Ok(()),
        Err(error) => {
            if let Err(error) = std::fs::remove_file(path) {
                tracing::warn!(error = %error, "half an export was left behind");
            }
            match error {
                Some(error) => Err(error),
                None => {
                    let words = "Stopped: no file was written.".to_owned();
                    progress.went_through(0, Vec::new(), words);
                    Ok(())
                }
            }
        }
    }
}

async fn put_all(
    hub: &Hub,
    args: &StartExport,
    sheet: &mut Sheet<io::BufWriter<File>>,
    progress: &Progress,
) -> Result<(), HubError> {
    let (mut before, mut rows) = (None, 0);
    loop {
        let list = ListActivity {
            filter: args.filter.clone(),
            before,
            limit: Some(LARGEST_PAGE),
        };
        let page = list_activity(hub, list).await?;
        for entry in &page.entries {
            sheet
                .put(entry)
                .map_err(|error| not_written(&args.path, &error))?;
        }
        rows += page.entries.len();
        let words = format!("{rows} deliveries are in {}.", args.path);
        progress.went_through(page.entries.len(), Vec::new(), words);
        before = page.next;
        if before.is_none() || progress.is_stopped() {
            return Ok(());
        }
    }
}

/// A file that only its owner can read, and that was not there before.
fn new_file(path: &Path) -> io::Result<File> {
    if !path.is_absolute() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn not_written(path: &str, error: &io::Error) -> HubError {
    let (message, action) = match error.kind() {
        io::ErrorKind::AlreadyExists => (
            format!("There is a file at {path} already; it is left as it is."),
            "Choose another name.",
        ),
        io::ErrorKind::InvalidInput => (
            "The place for the file is not a whole path.".to_owned(),
            "Give the folders from the root on, such as /home/you/causeway.csv.",
        ),
        io::ErrorKind::NotFound => (
            format!("There is no folder for {path}."),
            "Choose a folder that exists.",
        ),
        _ => (
            format!("{path} could not be written ({}).", error.kind()),
            "Choose a folder that you may write to, with enough room.",
        ),
    };
    failed(ErrorCode::InvalidArgument, message)
        .action(action)
        .build()
}

/// None where nothing can fit.
fn stored_filter(
    reader: &Reader<'_>,
    filter: &ActivityFilter,
) -> Result<Option<store::ActivityFilter>, StoreError> {
    let person = match (filter.of, &filter.person) {
        (Some(person), _) => Some(person),
        (None, Some(name)) => match first_called(reader, name)? {
            Some(person) => Some(person),
            None => return Ok(None),
        },
        (None, None) => None,
    };
    let connection = match filter.platform {
        Some(platform) => match connection_of(reader, platform)? {
            Some(connection) => Some(connection),
            None => return Ok(None),
        },
        None => None,
    };
    Ok(Some(store::ActivityFilter {
        person,
        connection,
        state: filter.state,
        reason: filter.reason,
        deliveries: Vec::new(),
    }))
}

fn first_called(reader: &Reader<'_>, name: &str) -> Result<Option<PersonId>, StoreError> {
    let found = reader.find_people(name)?;
    Ok(found.first().map(|person| person.id))
}

fn connection_of(
    reader: &Reader<'_>,
    platform: Platform,
) -> Result<Option<ConnectionId>, StoreError> {
    let rows = reader.connections()?;
    let found = rows
        .into_iter()
        .find(|row| row.connection.platform == platform);
    Ok(found.map(|row| row.connection.id))
}

/// Lets the lane go on, and answers with the delivery as it is then.
async fn go_on(hub: &Hub, delivery: DeliveryId) -> Result<ActivityEntry, HubError> {
    hub.engine
        .pairings_changed()
        .await
        .map_err(|error| from_engine(&error))?;
    let look = Look::of(hub);
    let found = hub
        .read(move |reader| {
            let row = row(reader, delivery)?;
            row.map(|row| entry(reader, &look, row)).transpose()
        })
        .await?;
    found.ok_or_else(unknown)
}

fn unknown() -> HubError {
    failed(ErrorCode::NotFound, "There is no such delivery.")
        .hint("The ledger forgets what is older than its retention says.")
        .build()
}

fn row(reader: &Reader<'_>, delivery: DeliveryId) -> Result<Option<LedgerRow>, StoreError> {
    let filter = store::ActivityFilter {
        deliveries: vec![delivery],
        ..store::ActivityFilter::default()
    };
    Ok(reader.activity_page(&filter, None, 1)?.into_iter().next())
}

/// A link to what a delivery made, where the platform's links can be told.
fn permalink(look: &Look, row: &LedgerRow) -> Option<String> {
    let message = row.delivery.external.as_ref()?;
    let connector = look.connector(row.to.connection)?;
    connector.permalink(row.conversation.as_ref()?, message)
}

/// A ledger row for people. Whom it is for is who works where it goes.
fn entry(reader: &Reader<'_>, look: &Look, row: LedgerRow) -> Result<ActivityEntry, StoreError> {
    let permalink = permalink(look, &row);
    let delivery = row.delivery;
    let resident = match reader.leg(delivery.leg)? {
        Some(leg) => reader.person(leg.person)?,
        None => None,
    };
    let to = resident.map(|person| person.name);
    Ok(ActivityEntry {
        id: delivery.id,
        operation: delivery.operation,
        state: delivery.state,
        reason: delivery.reason,
        author: row.author,
        to,
        from_platform: row.from.map(|end| end.platform),
        to_platform: row.to.platform,
        rung: delivery.rung,
        attempts: delivery.attempts,
        late: delivery.late,
        // Opening a conversation comes before everything in its lane, at no time of its own.
        written_at: if delivery.source_at == Timestamp(0) {
            delivery.received_at
        } else {
            delivery.source_at
        },
        received_at: delivery.received_at,
        sent_at: delivery.intent_at,
        settled_at: delivery.settled_at,
        permalink,
    })
}

fn write_cursor(delivery: &causeway_model::Delivery) -> String {
    format!("{}.{}", delivery.received_at.0, delivery.id.0)
}

fn read_cursor(text: &str) -> Result<(Timestamp, DeliveryId), HubError> {
    let read = || {
        let (at, id) = text.split_once('.')?;
        Some((Timestamp(at.parse().ok()?), DeliveryId(id.parse().ok()?)))
    };
    read().ok_or_else(|| failed(ErrorCode::InvalidArgument, "There is no such page.").build())
}

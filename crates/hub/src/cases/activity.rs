//! The ledger, for people.

use causeway_model::{DeliveryId, Timestamp};
use causeway_store::{ActivityFilter, LedgerRow, Reader, StoreError};

use crate::{
    Hub,
    api::{
        ActivityEntry, ActivityPage, ErrorCode, HubError, ListActivity, RetryDelivery, SkipDelivery,
    },
    error::failed,
};

const PAGE: u32 = 50;
const LARGEST_PAGE: u32 = 500;

pub(crate) async fn list_activity(hub: &Hub, args: ListActivity) -> Result<ActivityPage, HubError> {
    let before = args.before.as_deref().map(read_cursor).transpose()?;
    let limit = args.limit.unwrap_or(PAGE).clamp(1, LARGEST_PAGE);
    let person = match &args.person {
        Some(wanted) => match find_person(hub, wanted.clone()).await? {
            Some(person) => Some(person),
            None => {
                return Ok(ActivityPage {
                    entries: Vec::new(),
                    next: None,
                });
            }
        },
        None => None,
    };
    let rows = hub
        .read(move |reader| {
            let connection = match args.platform {
                Some(platform) => {
                    let rows = reader.connections()?;
                    let found = rows
                        .into_iter()
                        .find(|row| row.connection.platform == platform);
                    match found {
                        Some(row) => Some(row.connection.id),
                        None => return Ok(Vec::new()),
                    }
                }
                None => None,
            };
            let filter = ActivityFilter {
                person,
                connection,
                state: args.state,
                ..ActivityFilter::default()
            };
            reader.activity_page(&filter, before, limit)
        })
        .await?;
    let full = rows.len() == usize::try_from(limit).unwrap_or(usize::MAX);
    let next = rows
        .last()
        .filter(|_| full)
        .map(|row| write_cursor(&row.delivery));
    Ok(ActivityPage {
        entries: rows.into_iter().map(entry).collect(),
        next,
    })
}

pub(crate) async fn retry_delivery(
    hub: &Hub,
    args: RetryDelivery,
) -> Result<ActivityEntry, HubError> {
    let now = hub.engine.clock().now();
    hub.write(move |tx| tx.retry(args.delivery, now)).await?;
    hub.engine
        .pairings_changed()
        .await
        .map_err(|error| crate::error::from_engine(&error))?;
    one(hub, args.delivery).await
}

pub(crate) async fn skip_delivery(
    hub: &Hub,
    args: SkipDelivery,
) -> Result<ActivityEntry, HubError> {
    let now = hub.engine.clock().now();
    hub.write(move |tx| tx.skip(args.delivery, now)).await?;
    hub.engine
        .pairings_changed()
        .await
        .map_err(|error| crate::error::from_engine(&error))?;
    one(hub, args.delivery).await
}

async fn one(hub: &Hub, delivery: DeliveryId) -> Result<ActivityEntry, HubError> {
    let row = hub.read(move |reader| by_id(reader, delivery)).await?;
    row.map(entry)
        .ok_or_else(|| failed(ErrorCode::NotFound, "There is no such delivery.").build())
}

fn by_id(reader: &Reader<'_>, delivery: DeliveryId) -> Result<Option<LedgerRow>, StoreError> {
    let filter = ActivityFilter {
        deliveries: vec![delivery],
        ..ActivityFilter::default()
    };
    Ok(reader.activity_page(&filter, None, 1)?.into_iter().next())
}

async fn find_person(
    hub: &Hub,
    wanted: String,
) -> Result<Option<causeway_model::PersonId>, HubError> {
    let found = hub.read(move |reader| reader.find_people(&wanted)).await?;
    Ok(found.first().map(|person| person.id))
}

fn entry(row: LedgerRow) -> ActivityEntry {
    let delivery = row.delivery;
    let to = row
        .people
        .iter()
        .map(|person| person.name.clone())
        .find(|name| Some(name) != row.author.as_ref());
    ActivityEntry {
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
        permalink: row.permalink,
    }
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

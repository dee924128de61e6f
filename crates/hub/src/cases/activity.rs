//! The ledger, for people.

use causeway_model::{ConnectionId, DeliveryId, Platform, Timestamp};
use causeway_store::{ActivityFilter, LedgerRow, Reader, StoreError};

use super::look::Look;
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
    let look = Look::of(hub);
    hub.read(move |reader| {
        let connection = match args.platform {
            Some(platform) => match connection_of(reader, platform)? {
                Some(connection) => Some(connection),
                None => {
                    return Ok(ActivityPage {
                        entries: Vec::new(),
                        next: None,
                    });
                }
            },
            None => None,
        };
        let state = args.state;
        let filter = ActivityFilter {
            person,
            connection,
            state,
            ..ActivityFilter::default()
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
    let look = Look::of(hub);
    let found = hub
        .read(move |reader| {
            let filter = ActivityFilter {
                deliveries: vec![delivery],
                ..ActivityFilter::default()
            };
            let row = reader.activity_page(&filter, None, 1)?.into_iter().next();
            row.map(|row| entry(reader, &look, row)).transpose()
        })
        .await?;
    found.ok_or_else(|| failed(ErrorCode::NotFound, "There is no such delivery.").build())
}

async fn find_person(
    hub: &Hub,
    wanted: String,
) -> Result<Option<causeway_model::PersonId>, HubError> {
    let found = hub.read(move |reader| reader.find_people(&wanted)).await?;
    Ok(found.first().map(|person| person.id))
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

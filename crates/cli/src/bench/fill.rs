//! Years of history, or a long outage, written into a folder that no relay runs in: the rows that
//! relaying leaves, through the store's own operations, many to a commit.

use anyhow::{Result, bail};
use causeway_model::{
    ConnectionId, Content, DeliveryId, DeliveryState, EventKey, ExternalAccount, ExternalMessage,
    LegId, LegState, MessageId, Operation, PersonId, Platform, RelayId, Rung, Speaker, Timestamp,
};
use causeway_store::{
    Attempt, CopyRow, KeySource, NewDelivery, OpenOptions, Reader, Settlement, Store, StoreError,
    Tx, Writer,
};

use super::{now, stage::Stage};

/// Messages in one commit. SQLite walks through all that a piece of work has changed so far at the
/// end of each of its statements (the sub-journal, which is in memory): many more take far longer
/// together than apart.
const AT_ONCE: u64 = 250;
/// Over which time the history is spread: nothing of it is old enough to be swept.
const HISTORY_MS: i64 = 20 * 24 * 3_600_000;

/// One lane, as it stands in the folder.
#[derive(Debug, Clone)]
struct Way {
    slack: ConnectionId,
    channel: String,
    origin: LegId,
    destination: LegId,
    author: PersonId,
    account: ExternalAccount,
}

/// What each message has left behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaves {
    /// It was delivered, and is remembered.
    Remembered,
    /// It waits to be delivered.
    Waiting,
}

/// Writes `messages` into all lanes in turn. `told` is called with how many there are so far.
pub async fn fill(stage: &Stage, messages: u64, leaves: Leaves, told: impl Fn(u64)) -> Result<()> {
    let options = OpenOptions {
        folder: stage.home.clone(),
        key: KeySource::File(stage.key_file()),
        writer: Writer::Thread,
    };
    let store = tokio::task::spawn_blocking(move || Store::open(options)).await??;
    let filled = fill_store(&store, messages, leaves, told).await;
    store.close().await;
    filled
}

async fn fill_store(
    store: &Store,
    messages: u64,
    leaves: Leaves,
    told: impl Fn(u64),
) -> Result<()> {
    let ways = store.read(ways).await?;
    if ways.is_empty() {
        bail!("no lane is open");
    }
    let now_us = now::micros();
    let began_us = now_us - HISTORY_MS * 1_000;
    let step_us = (now_us - began_us) / i64::try_from(messages.max(1))?;
    let mut done = 0;
    while done < messages {
        let end = messages.min(done + AT_ONCE);
        let ways = ways.clone();
        store
            .write(move |tx| {
                for number in done..end {
                    let way = &ways[(number % ways.len() as u64) as usize];
                    write(tx, way, began_us + step_us * number as i64, leaves)?;
                }
                Ok(())
            })
            .await?;
        done = end;
        told(done);
    }
    Ok(())
}

/// The lanes that are open on both sides.
fn ways(reader: &Reader<'_>) -> Result<Vec<Way>, StoreError> {
    let connections = reader.connections()?;
    let on = |platform| {
        let row = connections
            .iter()
            .find(|row| row.connection.platform == platform);
        row.map(|row| row.connection.id)
            .ok_or(StoreError::NotFound("connection"))
    };
    let (slack, teams) = (on(Platform::Slack)?, on(Platform::Teams)?);
    let mut ways = Vec::new();
    for leg in reader.legs_of_connection(slack)? {
        let Some((link, channel)) = leg.link.zip(leg.external) else {
            continue;
        };
        let others = reader.legs_of_side(link, teams)?;
        let other = others
            .into_iter()
            .find(|leg| leg.state == LegState::Current && leg.external.is_some());
        let accounts = reader.accounts_of_person(leg.person)?;
        let account = accounts
            .into_iter()
            .find(|account| account.connection == slack);
        if let (Some(other), Some(account)) = (other, account) {
            ways.push(Way {
                slack,
                channel: channel.to_string(),
                origin: leg.id,
                destination: other.id,
                author: leg.person,
                account: account.external,
            });
        }
    }
    Ok(ways)
}

fn write(tx: &Tx<'_>, way: &Way, at_us: i64, leaves: Leaves) -> Result<(), StoreError> {
    let at = Timestamp(at_us / 1_000);
    let ts = format!("{}.{:06}", at_us / 1_000_000, at_us % 1_000_000);
    let key = EventKey(format!("m:{}:{ts}", way.channel));
    tx.note_seen(way.slack, &key, at)?;
    let origin = ExternalMessage::new(ts);
    let message = tx.add_message(way.origin, &origin, Some(way.author), &way.account, at)?;
    let content = match leaves {
        Leaves::Remembered => None,
        Leaves::Waiting => Some(serde_json::to_string(&words())?),
    };
    let delivery = tx.add_delivery(&NewDelivery {
        leg: way.destination,
        message: Some(message),
        operation: Operation::Post,
        part: 0,
        relay_id: RelayId::from_bits(now::bits()),
        source_at: at,
        received_at: at,
        due_at: at,
        content,
        late: false,
    })?;
    match leaves {
        Leaves::Remembered => deliver(tx, way, message, delivery, at_us),
        Leaves::Waiting => Ok(()),
    }
}

fn deliver(
    tx: &Tx<'_>,
    way: &Way,
    message: MessageId,
    delivery: DeliveryId,
    at_us: i64,
) -> Result<(), StoreError> {
    let at = Timestamp(at_us / 1_000);
    let posted = ExternalMessage::new(at_us.to_string());
    let attempt = Attempt {
        digest: [now::bits(), now::bits()].map(u128::to_le_bytes).concat(),
        rung: Rung::App,
        speaker: Speaker::App,
    };
    tx.begin_attempt(delivery, at, &attempt)?;
    tx.add_copy(&CopyRow {
        message,
        leg: way.destination,
        part: 0,
        external: posted.clone(),
        speaker: Speaker::App,
        rung: Rung::App,
        at,
    })?;
    tx.settle(
        delivery,
        at,
        &Settlement {
            state: DeliveryState::Delivered,
            reason: None,
            external: Some(posted),
            rung: None,
        },
    )?;
    Ok(())
}

/// As long as what is written in a bench.
fn words() -> Content {
    Content::plain(&"the parts for the second line are here ".repeat(5))
}

//! Preflight: whether each connection is as the hub needs it, checked on request, after connecting,
//! and once a day.

mod expiry;
mod hub_checks;
mod kept;
mod words;

pub(super) use expiry::SECRET_ENDS;
pub(crate) use kept::{get_preflight, is_due};

use causeway_connectors::Connector;
use causeway_model::{
    Check, CheckCode, ConnectionId, Depth, ExternalAccount, HealthState, Outcome, Platform,
};
use causeway_store::ConnectionRow;
use std::sync::Arc;

use self::kept::Kept;
use crate::{
    Hub,
    api::{HubError, PreflightReport, RunPreflight},
    cases::connect::connected,
};

/// So many tokens are looked at, those that nobody has used for the longest: where a sign-in ends
/// when it is not used for months, looking at it keeps it.
const PEOPLE: u32 = 20;
const ACCOUNT: &str = "account:";

pub(crate) async fn run_preflight(
    hub: &Hub,
    args: RunPreflight,
) -> Result<Vec<PreflightReport>, HubError> {
    let rows = match args.platform {
        Some(platform) => vec![connected(hub, platform).await?],
        None => hub.read(|reader| reader.connections()).await?,
    };
    let mut reports = Vec::with_capacity(rows.len());
    for row in rows {
        reports.push(check(hub, row).await?);
    }
    Ok(reports)
}

/// Checks all of one connection, keeps what came of it, and notes what an administrator has to know.
pub(crate) async fn check(hub: &Hub, row: ConnectionRow) -> Result<PreflightReport, HubError> {
    let mut checks = asked(hub, &row).await?;
    checks.extend(hub_checks::all(hub, &row).await?);
    checks.extend(expiry::checks(hub, &row).await?);
    kept::keep(hub, &row, Kept::of(hub, checks)).await
}

/// Looks whether reading and writing are possible, and brings the last report up to date with it.
pub(crate) async fn canary(hub: &Hub, row: ConnectionRow) -> Result<PreflightReport, HubError> {
    let id = row.connection.id;
    let checks = match hub.engine.connector(id) {
        Some(connector) => connector.preflight(Depth::Canary, &[]).await,
        None => Vec::new(),
    };
    let kept = kept::of(hub, id).await?.unwrap_or_default();
    kept::keep(hub, &row, kept.with(checks)).await
}

/// What the platform itself is asked.
async fn asked(hub: &Hub, row: &ConnectionRow) -> Result<Vec<Check>, HubError> {
    let connection = &row.connection;
    let Some(connector) = hub.engine.connector(connection.id) else {
        return Ok(Vec::new());
    };
    let hears = hub.relays && connection.health.state == HealthState::Connected;
    let depth = match hears {
        true => Depth::Whole,
        false => Depth::WithSource,
    };
    let people = people(hub, connection.id).await?;
    let connector: Arc<dyn Connector> = connector;
    let mut checks = connector.preflight(depth, &people).await;
    // A stand-in's clock may be made to run faster; of the time it tells nothing follows.
    if row.settings["pace"]
        .as_f64()
        .is_some_and(|pace| pace != 1.0)
    {
        checks.retain(|check| check.code != CheckCode::ClockSkew);
    }
    if hears && has_socket(row) {
        checks.push(Check::passed(CheckCode::Socket));
    }
    Ok(checks)
}

/// Whose tokens are looked at.
async fn people(hub: &Hub, id: ConnectionId) -> Result<Vec<ExternalAccount>, HubError> {
    let owners = hub
        .read(move |reader| reader.stalest_tokens(id, PEOPLE))
        .await?;
    let accounts = owners
        .iter()
        .filter_map(|owner| owner.strip_prefix(ACCOUNT));
    Ok(accounts.map(ExternalAccount::new).collect())
}

/// Whether the connection hears through a socket of its own.
fn has_socket(row: &ConnectionRow) -> bool {
    match row.connection.platform {
        Platform::Slack => row.settings["connector"]["events"] != "http",
        Platform::Zoom => hears_by_subscription(row),
        Platform::Webex => hears_by_sockets(row),
        Platform::Teams => false,
    }
}

/// Whether what is said in Webex is told through the sockets of those who hear it.
fn hears_by_sockets(row: &ConnectionRow) -> bool {
    row.settings["connector"]["hear"] == "sockets"
}

/// Whether Zoom tells of what happens through a subscription's WebSocket.
fn hears_by_subscription(row: &ConnectionRow) -> bool {
    row.settings["connector"]["subscription_id"].is_string()
}

/// Whether anything was found that keeps something from working.
fn keeps_from_working(check: &Check) -> bool {
    use causeway_model::Weight;
    check.outcome == Outcome::Failed
        && match check.code.weight() {
            Weight::Blocks | Weight::Limits => true,
            Weight::Advises => false,
        }
}

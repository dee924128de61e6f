//! What the hub finds out about a connection from its own side.

use causeway_connectors::{http, self_call::call_itself};
use causeway_engine::SIGNING_SECRET;
use causeway_model::{Check, CheckCode, ConnectionId, FailureKind, LegState, Outcome, Platform};
use causeway_store::{ConnectionRow, LegRow};

use super::{hears_by_sockets, hears_by_subscription};
use crate::{
    Hub,
    api::{HubError, NoticeCode},
};

/// The platform can reach the hub, which could not know it.
pub(super) const NO_SECRET_TOKEN: &str = "no_secret_token";

/// So many conversations are looked at, those that were made last: one call each.
const CONVERSATIONS: usize = 20;

pub(super) async fn all(hub: &Hub, row: &ConnectionRow) -> Result<Vec<Check>, HubError> {
    let id = row.connection.id;
    let mut checks = noticed(hub, id).await?;
    checks.extend(visibility(hub, id).await?);
    checks.push(sign_ins(hub, id).await?);
    checks.extend(live_events(hub, row).await?);
    checks.extend(public_address(hub).await);
    Ok(checks)
}

/// Some of what an organisation's policies keep from working is told only to whoever signs in: the
/// hub has noted it then.
async fn noticed(hub: &Hub, id: ConnectionId) -> Result<Vec<Check>, HubError> {
    let notices = hub.read(|reader| reader.notices()).await?;
    let ours = notices.into_iter().filter(|notice| notice.connection == id);
    let found = ours.filter_map(|notice| {
        let code = NoticeCode::from_word(&notice.code)?;
        let check = match code {
            NoticeCode::AdministratorConsentNeeded => CheckCode::PeopleConsent,
            NoticeCode::DeviceCodeBlocked => CheckCode::SignInCodes,
            NoticeCode::GuestsForbidden => CheckCode::GuestInvitations,
            NoticeCode::SecondFactorRequired
            | NoticeCode::SignInForbidden
            | NoticeCode::GuestAddressIsOwn
            | NoticeCode::ConversationWidened
            | NoticeCode::PromptUndeliverable
            | NoticeCode::LoopStopped
            | NoticeCode::RestoredFromBackup
            | NoticeCode::PreflightFindings
            | NoticeCode::CredentialEnds => return None,
        };
        let detail = notice.detail.unwrap_or_else(|| "seen".to_owned());
        Some(Check::failed(check, detail))
    });
    let mut checks: Vec<Check> = found.collect();
    checks.dedup_by_key(|check| check.code);
    Ok(checks)
}

/// Whether the conversations in use can be seen by whoever speaks there.
async fn visibility(hub: &Hub, id: ConnectionId) -> Result<Option<Check>, HubError> {
    let Some(connector) = hub.engine.connector(id) else {
        return Ok(None);
    };
    let legs = hub
        .read(move |reader| reader.legs_of_connection(id))
        .await?;
    let in_use = |leg: &&LegRow| leg.state == LegState::Current;
    let legs: Vec<LegRow> = legs.iter().rev().filter(in_use).cloned().collect();
    let (mut looked, mut unseen) = (0, 0);
    for leg in legs.iter().take(CONVERSATIONS) {
        let Some(conversation) = &leg.external else {
            continue;
        };
        match connector.conversation(conversation, &leg.speaker).await {
            Ok(_) => looked += 1,
            Err(failure) => match failure.kind {
                FailureKind::Throttled { .. } | FailureKind::NotSent | FailureKind::Unknown => {}
                FailureKind::NotAuthorised
                | FailureKind::Forbidden
                | FailureKind::Gone
                | FailureKind::NotSupported
                | FailureKind::Rejected => {
                    looked += 1;
                    unseen += 1;
                }
            },
        }
    }
    let code = CheckCode::Visibility;
    Ok(match (looked, unseen) {
        (0, _) => None,
        (_, 0) => Some(Check::passed(code)),
        (looked, unseen) => Some(Check::failed(code, format!("{unseen} of {looked}"))),
    })
}

async fn sign_ins(hub: &Hub, id: ConnectionId) -> Result<Check, HubError> {
    let lost = hub.read(move |reader| reader.count_lost_tokens(id)).await?;
    Ok(match lost {
        0 => Check::passed(CheckCode::SignIns),
        lost => Check::failed(CheckCode::SignIns, lost.to_string()),
    })
}

/// Where the platform has to call the hub for its events to come at once.
async fn live_events(hub: &Hub, row: &ConnectionRow) -> Result<Option<Check>, HubError> {
    let code = CheckCode::LiveEvents;
    let knows_caller = match row.connection.platform {
        Platform::Slack => return Ok(None),
        Platform::Zoom if hears_by_subscription(row) => return Ok(Some(Check::passed(code))),
        Platform::Webex if hears_by_sockets(row) => return Ok(Some(Check::passed(code))),
        // Without the secret it signs with there is nothing that it could call.
        Platform::Zoom => has_signing_secret(hub, row.connection.id).await?,
        Platform::Teams | Platform::Webex => true,
    };
    Ok(Some(match (&hub.reached.public_url, knows_caller) {
        (Some(_), true) => Check::passed(code),
        (Some(_), false) => Check::failed(code, NO_SECRET_TOKEN),
        (None, _) if hub.relays => Check::failed(code, "polling"),
        (None, _) => Check::unknown(code, "no_relay"),
    }))
}

async fn has_signing_secret(hub: &Hub, id: ConnectionId) -> Result<bool, HubError> {
    let held = hub
        .read(move |reader| reader.secret(id, SIGNING_SECRET))
        .await?;
    Ok(held.is_some())
}

async fn public_address(hub: &Hub) -> Option<Check> {
    let code = CheckCode::PublicAddress;
    let listener = hub.reached.listener.as_ref()?;
    hub.reached.public_url.as_ref()?;
    let Ok(client) = http::client() else {
        return Some(Check::unknown(code, "no_network"));
    };
    let word = format!("{:032x}", hub.engine.random().bits());
    let called = call_itself(listener, &client, word).await;
    let check = match called {
        Ok(()) => Check::passed(code),
        Err(failure) => Check::failed(code, failure.code),
    };
    debug_assert_ne!(check.outcome, Outcome::Unknown);
    Some(check)
}

//! What an administrator decides for everyone.

use crate::{
    Hub,
    api::{ErrorCode, HubError, PolicyView, SetPolicy},
    error::{failed, from_engine},
};

/// A year: longer than anything that waits is kept.
const LONGEST_WAIT_MS: i64 = 365 * 24 * 3_600_000;
const DAY_MS: i64 = 24 * 3_600_000;
/// Less would lose what a short outage holds up.
const SHORTEST_CATCH_UP_MS: i64 = 3_600_000;

pub(crate) fn policy(hub: &Hub) -> PolicyView {
    PolicyView {
        consent_wait_ms: hub.engine.consent_wait(),
        catch_up_ms: hub.engine.catch_up(),
        relay_unpaired: hub.engine.relays_unpaired(),
        ledger_kept_ms: hub.engine.ledger_kept(),
    }
}

pub(crate) async fn set_policy(hub: &Hub, args: SetPolicy) -> Result<PolicyView, HubError> {
    // All or nothing.
    args.consent_wait_ms.map(check_wait).transpose()?;
    args.catch_up_ms.map(check_catch_up).transpose()?;
    args.ledger_kept_ms.map(check_ledger_kept).transpose()?;
    if let Some(age) = args.catch_up_ms {
        hub.engine
            .set_catch_up(age)
            .await
            .map_err(|error| from_engine(&error))?;
    }
    if let Some(wait) = args.consent_wait_ms {
        hub.engine
            .set_consent_wait(wait)
            .await
            .map_err(|error| from_engine(&error))?;
    }
    if let Some(relay) = args.relay_unpaired {
        hub.engine
            .set_relay_unpaired(relay)
            .await
            .map_err(|error| from_engine(&error))?;
    }
    if let Some(kept) = args.ledger_kept_ms {
        hub.engine
            .set_ledger_kept(kept)
            .await
            .map_err(|error| from_engine(&error))?;
    }
    Ok(policy(hub))
}

fn check_wait(wait: i64) -> Result<(), HubError> {
    if (0..=LONGEST_WAIT_MS).contains(&wait) {
        return Ok(());
    }
    Err(failed(
        ErrorCode::InvalidArgument,
        "Messages can wait for consent from no time at all up to a year.",
    )
    .action("Give a duration such as 3d.")
    .build())
}

fn check_catch_up(age: i64) -> Result<(), HubError> {
    if (SHORTEST_CATCH_UP_MS..=LONGEST_WAIT_MS).contains(&age) {
        return Ok(());
    }
    Err(failed(
        ErrorCode::InvalidArgument,
        "What was missed can be caught up from an hour to a year later.",
    )
    .action("Give a duration such as 14d.")
    .build())
}

fn check_ledger_kept(kept: i64) -> Result<(), HubError> {
    if (DAY_MS..=10 * LONGEST_WAIT_MS).contains(&kept) {
        return Ok(());
    }
    Err(failed(
        ErrorCode::InvalidArgument,
        "The record of what was delivered is kept for a day to ten years.",
    )
    .action("Give a duration such as 90d.")
    .build())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_missed_is_caught_up_for_an_hour_at_least() {
        assert!(check_catch_up(SHORTEST_CATCH_UP_MS).is_ok());
        assert!(check_catch_up(LONGEST_WAIT_MS).is_ok());
        assert!(check_catch_up(0).is_err());
        assert!(check_catch_up(LONGEST_WAIT_MS + 1).is_err());
    }

    #[test]
    fn the_ledger_is_kept_for_a_day_at_least() {
        assert!(check_ledger_kept(DAY_MS).is_ok());
        assert!(check_ledger_kept(DAY_MS - 1).is_err());
        assert!(check_ledger_kept(11 * LONGEST_WAIT_MS).is_err());
    }

    #[test]
    fn messages_wait_for_a_year_at_most_and_never_backwards() {
        assert!(check_wait(0).is_ok());
        assert!(check_wait(LONGEST_WAIT_MS).is_ok());
        assert!(check_wait(-1).is_err());
        assert!(check_wait(LONGEST_WAIT_MS + 1).is_err());
    }
}

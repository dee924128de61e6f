//! What an administrator decides for everyone.

use crate::{
    Hub,
    api::{ErrorCode, HubError, PolicyView, SetPolicy},
    error::{failed, from_engine},
};

/// A year: longer than anything that waits is kept.
const LONGEST_WAIT_MS: i64 = 365 * 24 * 3_600_000;

pub(crate) fn policy(hub: &Hub) -> PolicyView {
    PolicyView {
        consent_wait_ms: hub.engine.consent_wait(),
    }
}

pub(crate) async fn set_policy(hub: &Hub, args: SetPolicy) -> Result<PolicyView, HubError> {
    if let Some(wait) = args.consent_wait_ms {
        check_wait(wait)?;
        hub.engine
            .set_consent_wait(wait)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_wait_for_a_year_at_most_and_never_backwards() {
        assert!(check_wait(0).is_ok());
        assert!(check_wait(LONGEST_WAIT_MS).is_ok());
        assert!(check_wait(-1).is_err());
        assert!(check_wait(LONGEST_WAIT_MS + 1).is_err());
    }
}

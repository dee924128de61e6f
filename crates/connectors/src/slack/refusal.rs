//! What Slack's error codes mean, in one table.

use causeway_model::FailureKind;

/// What an error code says about the call and the token it was made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// Surely not done, and worth trying again.
    Later,
    /// Slack gave up on the way: a write may have been done.
    Halfway,
    Throttled,
    /// The token is no longer good and never will be again.
    TokenLost,
    /// The token has ended; with a refresh token another can be had.
    TokenExpired,
    /// The wrong kind of token, or none: a person must give another.
    TokenWrong,
    Forbidden,
    Gone,
    NotSupported,
    Rejected,
}

/// Whether a call changes something, which decides what an unclear answer means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    Read,
    Write,
}

impl Effect {
    /// The kind of a failure that leaves open whether the call was done.
    pub(super) fn unclear(self) -> FailureKind {
        match self {
            Self::Read => FailureKind::NotSent,
            Self::Write => FailureKind::Unknown,
        }
    }
}

impl Refusal {
    /// The meaning of a code; one that is not in the table is a plain refusal, since Slack answers
    /// with a code only to what it has not done.
    pub(super) fn of(code: &str) -> Self {
        let row = TABLE.iter().find(|(_, codes)| codes.contains(&code));
        row.map_or(Self::Rejected, |(refusal, _)| *refusal)
    }

    pub(super) fn kind(self, effect: Effect, after_ms: Option<u64>) -> FailureKind {
        match self {
            Self::Later => FailureKind::NotSent,
            Self::Halfway => effect.unclear(),
            Self::Throttled => FailureKind::Throttled { after_ms },
            Self::TokenLost | Self::TokenExpired | Self::TokenWrong => FailureKind::NotAuthorised,
            Self::Forbidden => FailureKind::Forbidden,
            Self::Gone => FailureKind::Gone,
            Self::NotSupported => FailureKind::NotSupported,
            Self::Rejected => FailureKind::Rejected,
        }
    }
}

/// Every code that we know. Source: the error tables of the methods' pages under
/// <https://docs.slack.dev/reference/methods>.
const TABLE: [(Refusal, &[&str]); 10] = [
    (
        Refusal::Later,
        &[
            "org_login_required",
            "request_timeout",
            "service_unavailable",
            "team_added_to_org",
        ],
    ),
    (Refusal::Halfway, &["fatal_error", "internal_error"]),
    (
        Refusal::Throttled,
        &["message_limit_exceeded", "rate_limited", "ratelimited"],
    ),
    (
        Refusal::TokenLost,
        &[
            "account_inactive",
            "invalid_auth",
            "invalid_refresh_token",
            "token_revoked",
        ],
    ),
    (Refusal::TokenExpired, &["token_expired"]),
    (
        Refusal::TokenWrong,
        &[
            "not_allowed_token_type",
            "not_authed",
            "two_factor_setup_required",
        ],
    ),
    (
        Refusal::Forbidden,
        &[
            "access_denied",
            "accesslimited",
            "app_missing_action_url",
            "bad_client_secret",
            "cant_delete_message",
            "cant_invite",
            "cant_invite_self",
            "cant_update_message",
            "compliance_exports_prevent_deletion",
            "ekm_access_denied",
            "enterprise_is_restricted",
            "invalid_client_id",
            "messages_tab_disabled",
            "missing_scope",
            "no_permission",
            "not_in_channel",
            "restricted_action",
            "restricted_action_non_threadable_channel",
            "restricted_action_read_only_channel",
            "restricted_action_thread_locked",
            "restricted_action_thread_only_channel",
            "team_access_not_granted",
            "ura_max_channels",
            "user_is_restricted",
            "user_is_ultra_restricted",
            "user_not_visible",
        ],
    ),
    (
        Refusal::Gone,
        &[
            "channel_not_found",
            "expired_url",
            "is_archived",
            "is_inactive",
            "message_not_found",
            "thread_not_found",
            "used_url",
            "user_disabled",
            "user_not_found",
            "users_not_found",
        ],
    ),
    (
        Refusal::NotSupported,
        &[
            "cannot_dm_bot",
            "channel_type_not_supported",
            "edit_window_closed",
            "method_deprecated",
            "method_not_supported_for_channel_type",
            "too_many_emoji",
            "too_many_reactions",
            "too_many_users",
        ],
    ),
    (
        Refusal::Rejected,
        &[
            "already_in_channel",
            "already_reacted",
            "bad_timestamp",
            "invalid_blocks",
            "invalid_metadata_format",
            "invalid_name",
            "invalid_name_maxlength",
            "invalid_name_specials",
            "metadata_too_large",
            "msg_too_long",
            "name_taken",
            "no_reaction",
            "no_text",
        ],
    ),
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_code_has_one_meaning() {
        let codes: Vec<&str> = TABLE
            .iter()
            .flat_map(|(_, codes)| *codes)
            .copied()
            .collect();
        let distinct: HashSet<&str> = codes.iter().copied().collect();
        assert_eq!(codes.len(), distinct.len());
        for (refusal, codes) in TABLE {
            for code in codes {
                assert_eq!(Refusal::of(code), refusal, "{code}");
            }
        }
    }

    #[test]
    fn a_catastrophic_error_leaves_a_write_open_and_a_read_undone() {
        for code in ["fatal_error", "internal_error"] {
            let refusal = Refusal::of(code);
            assert_eq!(refusal.kind(Effect::Write, None), FailureKind::Unknown);
            assert_eq!(refusal.kind(Effect::Read, None), FailureKind::NotSent);
        }
    }

    #[test]
    fn an_unheard_of_code_is_a_refusal() {
        let kind = Refusal::of("some_new_code").kind(Effect::Write, None);
        assert_eq!(kind, FailureKind::Rejected);
    }
}

//! Why someone cannot be paired as wished, and what to do instead.

use super::look::Side;
use crate::{
    api::{ErrorCode, HubError},
    error::failed,
};

/// Why someone cannot be paired as wished.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    NoPrimaryAccount,
    NoAccountThere,
    /// The only account there is a guest account, which is nobody's own.
    OnlyAGuestThere,
    SwitchedOffThere,
    NotAnAccountThere,
    NoGuestsThere,
    NoVerifiedAddress,
    MemberThere,
    AlreadyPaired,
    OtherPrimary,
    AccountTaken,
}

impl Refusal {
    pub(super) fn error(self, name: &str, primary: &Side, secondary: &Side) -> HubError {
        let (home, there) = (primary.words(), secondary.words());
        let (code, message, action) = match self {
            Self::NoPrimaryAccount => (
                ErrorCode::NotPairable,
                format!("{name} has no active account in {home}."),
                "Choose the platform they work on, or import people again.",
            ),
            Self::NoAccountThere => (
                ErrorCode::NotPairable,
                format!("{name} has no account in {there}."),
                "Pair them through the app instead, or as a guest where the platform has guests.",
            ),
            Self::OnlyAGuestThere => (
                ErrorCode::NotPairable,
                format!("{name} has only a guest account in {there}."),
                "Pair them as a guest, or through the app.",
            ),
            Self::SwitchedOffThere => (
                ErrorCode::NotPairable,
                format!("{name}'s account in {there} is switched off."),
                "Pair them through the app instead, or have the account switched on again.",
            ),
            Self::NotAnAccountThere => (
                ErrorCode::NotPairable,
                format!("That is no active account of a person in {there}."),
                "Choose one of the suggested accounts, or import people again.",
            ),
            Self::NoGuestsThere => (
                ErrorCode::NotPairable,
                format!("The hub cannot make guest accounts in {there}."),
                "Pair them with their own account there, or through the app.",
            ),
            Self::NoVerifiedAddress => (
                ErrorCode::NotPairable,
                format!("{name} has no verified e-mail address in {home}, which a guest needs."),
                "Pair them through the app instead.",
            ),
            Self::MemberThere => (
                ErrorCode::NotPairable,
                format!(
                    "{name} has an account of their own in {there}: a member of the tenant cannot \
                     also be its guest."
                ),
                "Pair them with their own account there, or through the app.",
            ),
            Self::AlreadyPaired => (
                ErrorCode::AlreadyPaired,
                format!("{name} is represented in {there} already."),
                "Unpair them first to choose something else.",
            ),
            Self::OtherPrimary => (
                ErrorCode::AlreadyPaired,
                format!("{name} is paired as someone who works elsewhere."),
                "Unpair them first to choose something else.",
            ),
            Self::AccountTaken => (
                ErrorCode::NotPairable,
                format!("That account in {there} stands for somebody else."),
                "Choose another account, or the app.",
            ),
        };
        failed(code, message).action(action).build()
    }
}

#[cfg(test)]
mod tests {
    use causeway_model::{ConnectionId, Platform, SpeaksBy};

    use super::*;

    fn side(connection: i64, platform: Platform) -> Side {
        Side {
            connection: ConnectionId(connection),
            platform,
            name: "Acme".to_owned(),
            guests: false,
            speaks_by: SpeaksBy::Token,
            way: None,
        }
    }

    #[test]
    fn every_refusal_says_who_it_is_about_or_where_and_what_to_do() {
        let home = side(1, Platform::Slack);
        let there = side(2, Platform::Teams);
        for refusal in [
            Refusal::NoPrimaryAccount,
            Refusal::NoAccountThere,
            Refusal::OnlyAGuestThere,
            Refusal::SwitchedOffThere,
            Refusal::NotAnAccountThere,
            Refusal::NoGuestsThere,
            Refusal::NoVerifiedAddress,
            Refusal::MemberThere,
            Refusal::AlreadyPaired,
            Refusal::OtherPrimary,
            Refusal::AccountTaken,
        ] {
            let error = refusal.error("Cho Park", &home, &there);
            assert!(error.message.contains("Cho Park") || error.message.contains("Acme"));
            assert!(error.action.is_some());
        }
    }
}

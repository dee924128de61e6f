//! Why someone cannot be paired as wished, and what to do instead.

use causeway_model::Otherwise;

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
    /// The app has no conversation of its own for a pair there.
    AppSpeaksForNobody,
}

impl Refusal {
    pub(super) fn error(self, name: &str, primary: &Side, secondary: &Side) -> HubError {
        let (home, there) = (primary.words(), secondary.words());
        let (code, message) = match self {
            Self::NoPrimaryAccount => (
                ErrorCode::NotPairable,
                format!("{name} has no active account in {home}."),
            ),
            Self::NoAccountThere => (
                ErrorCode::NotPairable,
                format!("{name} has no account in {there}."),
            ),
            Self::OnlyAGuestThere => (
                ErrorCode::NotPairable,
                format!("{name} has only a guest account in {there}."),
            ),
            Self::SwitchedOffThere => (
                ErrorCode::NotPairable,
                format!("{name}'s account in {there} is switched off."),
            ),
            Self::NotAnAccountThere => (
                ErrorCode::NotPairable,
                format!("That is no active account of a person in {there}."),
            ),
            Self::NoGuestsThere => (
                ErrorCode::NotPairable,
                format!("The hub cannot make guest accounts in {there}."),
            ),
            Self::NoVerifiedAddress => (
                ErrorCode::NotPairable,
                format!("{name} has no verified e-mail address in {home}, which a guest needs."),
            ),
            Self::MemberThere => (
                ErrorCode::NotPairable,
                format!(
                    "{name} has an account of their own in {there}: a member of the tenant cannot \
                     also be its guest."
                ),
            ),
            Self::AlreadyPaired => (
                ErrorCode::AlreadyPaired,
                format!("{name} is represented in {there} already."),
            ),
            Self::OtherPrimary => (
                ErrorCode::AlreadyPaired,
                format!("{name} is paired as someone who works elsewhere."),
            ),
            Self::AccountTaken => (
                ErrorCode::NotPairable,
                format!("That account in {there} stands for somebody else."),
            ),
            Self::AppSpeaksForNobody => (
                ErrorCode::NotPairable,
                format!(
                    "{name} cannot be represented in {there} by the app: as it is connected, it \
                     hears nothing in rooms of its own."
                ),
            ),
        };
        failed(code, message).action(self.action(secondary)).build()
    }

    /// What to do instead: the app is offered only where it can speak for somebody.
    fn action(self, there: &Side) -> &'static str {
        match (self, there.otherwise) {
            (Self::NoPrimaryAccount, _) => {
                "Choose the platform they work on, or import people again."
            }
            (Self::NoAccountThere, Otherwise::AppSpeaks) => {
                "Pair them through the app instead, or as a guest where the platform has guests."
            }
            (Self::NoAccountThere, Otherwise::Waits) => {
                "Pair them as a guest where the platform has guests, or give them an account there."
            }
            (Self::OnlyAGuestThere, Otherwise::AppSpeaks) => {
                "Pair them as a guest, or through the app."
            }
            (Self::OnlyAGuestThere, Otherwise::Waits) => "Pair them as a guest.",
            (Self::SwitchedOffThere, Otherwise::AppSpeaks) => {
                "Pair them through the app instead, or have the account switched on again."
            }
            (Self::SwitchedOffThere, Otherwise::Waits) => "Have the account switched on again.",
            (Self::NotAnAccountThere, _) => {
                "Choose one of the suggested accounts, or import people again."
            }
            (Self::NoGuestsThere | Self::MemberThere, Otherwise::AppSpeaks) => {
                "Pair them with their own account there, or through the app."
            }
            (Self::NoGuestsThere | Self::MemberThere, Otherwise::Waits) => {
                "Pair them with their own account there."
            }
            (Self::NoVerifiedAddress, Otherwise::AppSpeaks) => "Pair them through the app instead.",
            (Self::NoVerifiedAddress, Otherwise::Waits) => {
                "Have their address verified, and import people again."
            }
            (Self::AlreadyPaired | Self::OtherPrimary, _) => {
                "Unpair them first to choose something else."
            }
            (Self::AccountTaken, Otherwise::AppSpeaks) => "Choose another account, or the app.",
            (Self::AccountTaken, Otherwise::Waits) => "Choose another account.",
            (Self::AppSpeaksForNobody, _) if there.guests => {
                "Pair them with their own account there, or as a guest."
            }
            (Self::AppSpeaksForNobody, _) => {
                "Pair them with their own account there, or connect the platform again in a way \
                 that lets the app hear its rooms."
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use causeway_model::{ConnectionId, Platform, SpeaksBy};

    use super::*;

    const EVERY: [Refusal; 12] = [
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
        Refusal::AppSpeaksForNobody,
    ];

    fn side(connection: i64, platform: Platform) -> Side {
        Side {
            connection: ConnectionId(connection),
            platform,
            name: "Acme".to_owned(),
            guests: false,
            speaks_by: SpeaksBy::Token,
            otherwise: Otherwise::AppSpeaks,
            way: None,
        }
    }

    #[test]
    fn every_refusal_says_who_it_is_about_or_where_and_what_to_do() {
        let home = side(1, Platform::Slack);
        let there = side(2, Platform::Teams);
        for refusal in EVERY {
            let error = refusal.error("Cho Park", &home, &there);
            assert!(error.message.contains("Cho Park") || error.message.contains("Acme"));
            assert!(error.action.is_some());
        }
    }

    #[test]
    fn the_app_is_offered_only_where_it_can_speak_for_somebody() {
        let home = side(1, Platform::Slack);
        for guests in [true, false] {
            let there = Side {
                guests,
                otherwise: Otherwise::Waits,
                ..side(2, Platform::Webex)
            };
            for refusal in EVERY {
                let action = refusal.error("Cho Park", &home, &there).action;
                let action = action.expect("something can be done");
                assert!(!action.contains("through the app"), "{refusal:?}: {action}");
                assert!(!action.contains("or the app"), "{refusal:?}: {action}");
            }
        }
    }
}

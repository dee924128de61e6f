//! Who speaks: as whom a message goes out on a leg.

use causeway_model::{ExternalAccount, LegKind, Rung, Speaker};

/// What is known when a message is about to go out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoiceFacts {
    pub leg: LegKind,
    /// The author's own account on the destination, if it is in that conversation.
    pub account: Option<ExternalAccount>,
    /// Whether the hub holds a token of it.
    pub token: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Voice {
    Speak {
        rung: Rung,
        speaker: Speaker,
    },
    /// Nobody may speak there: the conversation has no app in it, and the hub no token.
    Silent,
}

/// The author's own account where the hub may use it; else the app, where the app is a member.
#[must_use]
pub fn choose_voice(facts: &VoiceFacts) -> Voice {
    match (&facts.account, facts.token, facts.leg) {
        (Some(account), true, LegKind::Native | LegKind::Group) => Voice::Speak {
            rung: Rung::Full,
            speaker: Speaker::Account(account.clone()),
        },
        (_, _, LegKind::Native) => Voice::Silent,
        (_, _, LegKind::Group | LegKind::Private | LegKind::App) => Voice::Speak {
            rung: Rung::App,
            speaker: Speaker::App,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn voice(leg: LegKind, account: bool, token: bool) -> Voice {
        let account = account.then(|| ExternalAccount::new("U1"));
        choose_voice(&VoiceFacts {
            leg,
            account,
            token,
        })
    }

    #[test]
    fn a_token_speaks_as_its_owner_and_without_one_the_app_speaks_where_it_is_a_member() {
        let own = Voice::Speak {
            rung: Rung::Full,
            speaker: Speaker::Account(ExternalAccount::new("U1")),
        };
        let app = Voice::Speak {
            rung: Rung::App,
            speaker: Speaker::App,
        };
        assert_eq!(voice(LegKind::Native, true, true), own);
        assert_eq!(voice(LegKind::Group, true, true), own);
        assert_eq!(voice(LegKind::Group, true, false), app);
        assert_eq!(voice(LegKind::Private, false, false), app);
        assert_eq!(voice(LegKind::App, true, true), app);
    }

    #[test]
    fn nobody_speaks_in_a_native_conversation_without_its_owners_token() {
        assert_eq!(voice(LegKind::Native, true, false), Voice::Silent);
        assert_eq!(voice(LegKind::Native, false, false), Voice::Silent);
    }
}

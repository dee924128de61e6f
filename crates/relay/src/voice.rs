//! Who speaks: as whom a message goes out on a leg.

use causeway_model::{ExternalAccount, LegKind, Rung, Speaker};

/// What is known when a message is about to go out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoiceFacts {
    pub leg: LegKind,
    /// The author's own account on the destination, if it is in that conversation.
    pub account: Option<OwnVoice>,
}

/// An account that its owner might speak with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnVoice {
    pub account: ExternalAccount,
    /// Whether it is a guest that the hub made.
    pub guest: bool,
    pub token: TokenState,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenState {
    None,
    /// Its owner has been asked, and the answer is still waited for.
    Awaited,
    Held,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Voice {
    Speak {
        rung: Rung,
        speaker: Speaker,
    },
    /// It must be said as its author, who has been asked: it waits for the answer.
    Wait,
    /// Nobody may speak there: the conversation has no app in it, and the hub no token.
    Silent,
}

/// The author's own account where the hub may use it; else the app, where the app is a member.
#[must_use]
pub fn choose_voice(facts: &VoiceFacts) -> Voice {
    let own = facts.account.as_ref();
    match (own.map(|own| own.token), facts.leg) {
        (Some(TokenState::Held), LegKind::Native | LegKind::Group) => match own {
            Some(own) => Voice::Speak {
                rung: if own.guest { Rung::Guest } else { Rung::Full },
                speaker: Speaker::Account(own.account.clone()),
            },
            None => Voice::Silent,
        },
        (Some(TokenState::Awaited), LegKind::Native) => Voice::Wait,
        (_, LegKind::Native) => Voice::Silent,
        (_, LegKind::Group | LegKind::Private | LegKind::App) => Voice::Speak {
            rung: Rung::App,
            speaker: Speaker::App,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn voice(leg: LegKind, account: Option<(bool, TokenState)>) -> Voice {
        let account = account.map(|(guest, token)| OwnVoice {
            account: ExternalAccount::new("U1"),
            guest,
            token,
        });
        choose_voice(&VoiceFacts { leg, account })
    }

    fn own(rung: Rung) -> Voice {
        Voice::Speak {
            rung,
            speaker: Speaker::Account(ExternalAccount::new("U1")),
        }
    }

    const APP: Voice = Voice::Speak {
        rung: Rung::App,
        speaker: Speaker::App,
    };

    #[test]
    fn a_token_speaks_as_its_owner_and_without_one_the_app_speaks_where_it_is_a_member() {
        let held = Some((false, TokenState::Held));
        assert_eq!(voice(LegKind::Native, held), own(Rung::Full));
        assert_eq!(voice(LegKind::Group, held), own(Rung::Full));
        assert_eq!(voice(LegKind::Group, Some((false, TokenState::None))), APP);
        assert_eq!(voice(LegKind::Private, None), APP);
        assert_eq!(voice(LegKind::App, held), APP);
    }

    #[test]
    fn a_guest_speaks_as_a_guest() {
        let held = Some((true, TokenState::Held));
        assert_eq!(voice(LegKind::Native, held), own(Rung::Guest));
    }

    #[test]
    fn what_must_be_said_as_someone_who_was_asked_waits_and_in_groups_the_app_says_it_at_once() {
        let awaited = Some((false, TokenState::Awaited));
        assert_eq!(voice(LegKind::Native, awaited), Voice::Wait);
        assert_eq!(voice(LegKind::Group, awaited), APP);
        assert_eq!(voice(LegKind::Private, awaited), APP);
    }

    #[test]
    fn nobody_speaks_in_a_native_conversation_without_its_owners_token() {
        let none = Some((false, TokenState::None));
        assert_eq!(voice(LegKind::Native, none), Voice::Silent);
        assert_eq!(voice(LegKind::Native, None), Voice::Silent);
    }
}

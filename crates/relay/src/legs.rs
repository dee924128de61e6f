//! Which conversation stands for a pair on one platform: the highest in which both directions can
//! be heard and written.

use causeway_model::{Capabilities, LegKind, LegNeed};

/// What is known of one side of a link: X works here, Y' stands for Y here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LegFacts {
    pub stand_in: StandIn,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StandIn {
    /// Y has no usable account here.
    None,
    /// Y has an account here, and the hub holds no token of it.
    Account,
    /// Y has been asked for a token of their account here, and the answer is still waited for: it
    /// counts as held, so that the conversation need not change when it comes.
    Awaited,
    /// The hub holds a token of Y's account here.
    Token,
}

impl StandIn {
    /// Whether what is written to it natively is heard, now or once its owner has answered.
    #[must_use]
    pub fn is_heard(self) -> bool {
        match self {
            Self::Awaited | Self::Token => true,
            Self::None | Self::Account => false,
        }
    }

    fn meets(self, need: LegNeed) -> bool {
        match (need, self) {
            (LegNeed::AppAlone, _)
            | (LegNeed::AccountOfStandIn, Self::Account | Self::Awaited | Self::Token)
            | (LegNeed::TokenOfStandIn, Self::Awaited | Self::Token) => true,
            (LegNeed::AccountOfStandIn, Self::None)
            | (LegNeed::TokenOfStandIn, Self::None | Self::Account) => false,
        }
    }
}

/// The highest row of the platform's table whose need is met. A table without a row for the app alone
/// may have none: then it is the native conversation, where what is written waits until the hub may
/// speak there.
#[must_use]
pub fn choose_leg(capabilities: &Capabilities, facts: LegFacts) -> LegKind {
    let mut rows = capabilities.legs.iter();
    rows.find(|row| facts.stand_in.meets(row.needs))
        .map_or(LegKind::Native, |row| row.kind)
}

#[cfg(test)]
mod tests {
    use causeway_model::{LegKind, capability};

    use super::*;

    #[test]
    fn every_case_of_the_table_of_legs() {
        let cases = [
            (&capability::SLACK, StandIn::Token, LegKind::Native),
            (&capability::SLACK, StandIn::Awaited, LegKind::Native),
            (&capability::SLACK, StandIn::Account, LegKind::Group),
            (&capability::SLACK, StandIn::None, LegKind::Private),
            (&capability::TEAMS, StandIn::Token, LegKind::Native),
            (&capability::TEAMS, StandIn::Awaited, LegKind::Native),
            (&capability::TEAMS, StandIn::Account, LegKind::Group),
            (&capability::TEAMS, StandIn::None, LegKind::Group),
            (&capability::WEBEX, StandIn::Token, LegKind::Native),
            (&capability::WEBEX, StandIn::Awaited, LegKind::Native),
            (&capability::WEBEX, StandIn::Account, LegKind::Group),
            (&capability::WEBEX, StandIn::None, LegKind::Group),
            (
                &capability::WEBEX_BY_SOCKETS,
                StandIn::Token,
                LegKind::Native,
            ),
            (
                &capability::WEBEX_BY_SOCKETS,
                StandIn::Awaited,
                LegKind::Native,
            ),
            (&capability::ZOOM, StandIn::Token, LegKind::Native),
            (&capability::ZOOM, StandIn::None, LegKind::Group),
        ];
        for (capabilities, stand_in, expected) in cases {
            assert_eq!(
                choose_leg(capabilities, LegFacts { stand_in }),
                expected,
                "{:?} with {stand_in:?}",
                capabilities.platform
            );
        }
    }

    #[test]
    fn where_the_app_hears_nothing_a_pair_without_a_token_waits_in_the_native_conversation() {
        for stand_in in [StandIn::None, StandIn::Account] {
            let chosen = choose_leg(&capability::WEBEX_BY_SOCKETS, LegFacts { stand_in });
            assert_eq!(chosen, LegKind::Native, "{stand_in:?}");
        }
    }
}

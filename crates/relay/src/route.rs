//! Which events are for the relay: who is in a conversation, and which way a message goes.

use causeway_model::{ConnectionId, ConversationKind, ExternalAccount, PersonId};

/// What an account in a conversation is to the hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// The hub's own presence.
    Hub,
    /// Somebody's own account, who works here or is not paired at all.
    Resident { person: PersonId, paired: bool },
    /// The secondary account of an active pairing; the person works on `home`.
    StandsFor {
        person: PersonId,
        home: ConnectionId,
    },
    /// A bot, or an account that no directory knows.
    Nobody,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    pub account: ExternalAccount,
    pub standing: Standing,
}

/// A person with the account through which they are in a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    pub person: PersonId,
    pub account: ExternalAccount,
}

/// A native conversation that the relay has to do with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// Who works here.
    pub resident: Party,
    /// Who is represented here.
    pub represented: Party,
    /// Where the represented person works.
    pub home: ConnectionId,
}

/// Why a conversation is none of the relay's business.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ignored {
    /// Groups and channels that the hub did not make.
    NotDirect,
    /// Nobody in it stands for anyone elsewhere.
    NobodyRepresented,
    /// Both work on the same platform, whatever else they own.
    SameHome,
    /// The other is a bot, or unknown.
    NotAPerson,
    /// The other is not paired, and the policy does not relay for them.
    Unpaired,
}

/// What the administrator decided about people who are not paired.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RoutePolicy {
    /// Whether someone unpaired who writes to a paired person is relayed through the app.
    pub relay_unpaired: bool,
}

impl Default for RoutePolicy {
    fn default() -> Self {
        Self {
            relay_unpaired: true,
        }
    }
}

/// Whether a conversation on `here` is one between a resident and somebody's stand-in.
///
/// # Errors
/// Why it is none of the relay's business.
pub fn find_pair(
    here: ConnectionId,
    kind: ConversationKind,
    members: &[Member],
    policy: RoutePolicy,
) -> Result<Pair, Ignored> {
    let [one, other] = members else {
        return Err(Ignored::NotDirect);
    };
    if kind != ConversationKind::Direct {
        return Err(Ignored::NotDirect);
    }
    match (one.standing, other.standing) {
        (Standing::StandsFor { .. }, Standing::StandsFor { .. }) => Err(Ignored::SameHome),
        (Standing::StandsFor { person, home }, _) => pair(here, one, person, home, other, policy),
        (_, Standing::StandsFor { person, home }) => pair(here, other, person, home, one, policy),
        _ => Err(Ignored::NobodyRepresented),
    }
}

fn pair(
    here: ConnectionId,
    stand_in: &Member,
    represented: PersonId,
    home: ConnectionId,
    other: &Member,
    policy: RoutePolicy,
) -> Result<Pair, Ignored> {
    match other.standing {
        Standing::Resident { paired: false, .. } if !policy.relay_unpaired => {
            Err(Ignored::Unpaired)
        }
        Standing::Resident { person, .. } if person != represented && home != here => Ok(Pair {
            resident: Party {
                person,
                account: other.account.clone(),
            },
            represented: Party {
                person: represented,
                account: stand_in.account.clone(),
            },
            home,
        }),
        Standing::Resident { .. } => Err(Ignored::SameHome),
        Standing::StandsFor { .. } => Err(Ignored::SameHome),
        Standing::Hub | Standing::Nobody => Err(Ignored::NotAPerson),
    }
}

/// Which way a message goes that was written in a leg.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// The person who works here wrote it.
    FromResident,
    /// The other wrote it by hand with the account that stands for them here.
    FromStandIn,
    /// Someone else did: not relayed.
    FromStranger,
}

/// Compares an author with the two whom the leg joins.
#[must_use]
pub fn direction(
    author: &ExternalAccount,
    resident: &ExternalAccount,
    stand_in: Option<&ExternalAccount>,
) -> Direction {
    if author == resident {
        Direction::FromResident
    } else if Some(author) == stand_in {
        Direction::FromStandIn
    } else {
        Direction::FromStranger
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SLACK: ConnectionId = ConnectionId(1);
    const TEAMS: ConnectionId = ConnectionId(2);
    const ANN: PersonId = PersonId(1);
    const BOB: PersonId = PersonId(2);

    fn member(account: &str, standing: Standing) -> Member {
        Member {
            account: ExternalAccount::new(account),
            standing,
        }
    }

    fn resident(account: &str, person: PersonId, paired: bool) -> Member {
        member(account, Standing::Resident { person, paired })
    }

    fn stands_for(account: &str, person: PersonId) -> Member {
        member(
            account,
            Standing::StandsFor {
                person,
                home: TEAMS,
            },
        )
    }

    fn found(kind: ConversationKind, members: &[Member]) -> Result<Pair, Ignored> {
        find_pair(SLACK, kind, members, RoutePolicy::default())
    }

    #[test]
    fn a_resident_and_a_stand_in_are_a_pair_whichever_comes_first() {
        let members = [resident("UA", ANN, true), stands_for("UB", BOB)];
        let pair = found(ConversationKind::Direct, &members).expect("a pair");
        assert_eq!((pair.resident.person, pair.represented.person), (ANN, BOB));
        let [a, b] = members;
        assert_eq!(found(ConversationKind::Direct, &[b, a]), Ok(pair));
    }

    #[test]
    fn other_peoples_conversations_are_none_of_the_relays_business() {
        let both_here = [resident("UA", ANN, true), resident("UE", BOB, true)];
        assert_eq!(
            found(ConversationKind::Direct, &both_here),
            Err(Ignored::NobodyRepresented)
        );
        let group = [resident("UA", ANN, true), stands_for("UB", BOB)];
        assert_eq!(
            found(ConversationKind::Group, &group),
            Err(Ignored::NotDirect)
        );
        let bot = [member("B", Standing::Nobody), stands_for("UB", BOB)];
        assert_eq!(
            found(ConversationKind::Direct, &bot),
            Err(Ignored::NotAPerson)
        );
        let hub = [member("H", Standing::Hub), stands_for("UB", BOB)];
        assert_eq!(
            found(ConversationKind::Direct, &hub),
            Err(Ignored::NotAPerson)
        );
    }

    #[test]
    fn people_with_the_same_primary_platform_are_never_relayed_to_each_other() {
        let both_elsewhere = [stands_for("UA", ANN), stands_for("UB", BOB)];
        assert_eq!(
            found(ConversationKind::Direct, &both_elsewhere),
            Err(Ignored::SameHome)
        );
        let oneself = [resident("UA", BOB, true), stands_for("UB", BOB)];
        assert_eq!(
            found(ConversationKind::Direct, &oneself),
            Err(Ignored::SameHome)
        );
    }

    #[test]
    fn someone_unpaired_is_relayed_unless_the_policy_forbids_it() {
        let members = [resident("UA", ANN, false), stands_for("UB", BOB)];
        assert!(found(ConversationKind::Direct, &members).is_ok());
        let strict = RoutePolicy {
            relay_unpaired: false,
        };
        assert_eq!(
            find_pair(SLACK, ConversationKind::Direct, &members, strict),
            Err(Ignored::Unpaired)
        );
    }

    #[test]
    fn a_message_in_a_leg_goes_the_way_its_author_says() {
        let (ann, bob) = (ExternalAccount::new("UA"), ExternalAccount::new("UB"));
        assert_eq!(direction(&ann, &ann, Some(&bob)), Direction::FromResident);
        assert_eq!(direction(&bob, &ann, Some(&bob)), Direction::FromStandIn);
        let stranger = ExternalAccount::new("UX");
        assert_eq!(
            direction(&stranger, &ann, Some(&bob)),
            Direction::FromStranger
        );
        assert_eq!(direction(&bob, &ann, None), Direction::FromStranger);
    }
}

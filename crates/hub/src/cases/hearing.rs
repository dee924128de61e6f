//! What the hub hears in a conversation, what it cannot hear, and what would change that.
//!
//! What people write in the platform's own direct conversation is heard through a token of the
//! account that stands for the other one. Where the hub holds none it uses a conversation of the
//! app's, and does not learn of what is written directly all the same.

use causeway_model::{Capabilities, ConnectionId, LegKind, LegNeed, LegState, Mode, PersonId};
use causeway_store::{LegRow, Reader, StoreError};

use super::{
    look::{Look, Side, Sides},
    standing::Standing,
};
use crate::api::{ConsentState, LegView};

/// How many conversations of one person are told.
const TOLD: usize = 100;

/// The conversations of a person's links, those in use first, and how many more there are.
pub(super) fn legs(
    reader: &Reader<'_>,
    look: &Look,
    person: PersonId,
) -> Result<(Vec<LegView>, u32), StoreError> {
    let mut rows = Vec::new();
    for link in reader.links_of_person(person)? {
        let other = if link.person_a == person {
            link.person_b
        } else {
            link.person_a
        };
        let legs = reader.legs_of_link(link.id)?;
        rows.extend(legs.into_iter().map(|leg| (leg, other)));
    }
    rows.sort_by_key(|(leg, _)| (rank(leg.state), leg.id));
    let left_out = u32::try_from(rows.len().saturating_sub(TOLD)).unwrap_or(u32::MAX);
    rows.truncate(TOLD);
    let sides = look.sides(reader)?;
    let mut views = Vec::new();
    for (leg, other) in rows {
        views.extend(view(reader, (look, &sides), leg, person, other)?);
    }
    Ok((views, left_out))
}

fn rank(state: LegState) -> u8 {
    match state {
        LegState::Current => 0,
        LegState::Old => 1,
        LegState::Closed => 2,
    }
}

fn view(
    reader: &Reader<'_>,
    (look, sides): (&Look, &Sides),
    leg: LegRow,
    person: PersonId,
    other: PersonId,
) -> Result<Option<LegView>, StoreError> {
    let Some(side) = sides.get(leg.connection) else {
        return Ok(None);
    };
    let name = |id| {
        let found = reader.person(id)?;
        Ok::<_, StoreError>(found.map(|found| found.name).unwrap_or_default())
    };
    let (absent, resident) = match leg.person == person {
        true => (other, person),
        false => (person, other),
    };
    let with = name(other)?;
    let ears = Ears {
        kind: leg.kind,
        state: leg.state,
        resident: name(resident)?,
        absent: name(absent)?,
        place: side.words(),
        needs_token: look
            .connector(leg.connection)
            .is_some_and(|connector| needs_token(connector.capabilities())),
        stand_in: stand_in(reader, side, absent, leg.connection)?,
    };
    Ok(Some(LegView {
        id: leg.id,
        platform: side.platform,
        kind: leg.kind,
        state: leg.state,
        with,
        opened: leg.external.is_some(),
        hears: ears.hears(),
        deaf: ears.deaf(),
        remedy: ears.remedy(),
    }))
}

/// Whether the platform's own direct conversation is heard only through a token of the stand-in.
fn needs_token(capabilities: &Capabilities) -> bool {
    capabilities
        .legs
        .iter()
        .any(|row| row.kind == LegKind::Native && row.needs == LegNeed::TokenOfStandIn)
}

fn stand_in(
    reader: &Reader<'_>,
    side: &Side,
    absent: PersonId,
    connection: ConnectionId,
) -> Result<StandIn, StoreError> {
    let Some(pairing) = reader.pairing_of(absent, connection)? else {
        return Ok(StandIn::Nobody);
    };
    let standing = Standing::of_pairing(reader, &pairing, side)?;
    Ok(match (pairing.mode, pairing.secondary) {
        (Mode::App, _) | (Mode::Full | Mode::Guest, None) => StandIn::Nobody,
        (Mode::Full | Mode::Guest, Some(_)) if standing.held => StandIn::Heard,
        (Mode::Full, Some(_)) => StandIn::Silent(standing.consent().state),
        (Mode::Guest, Some(_)) => StandIn::SilentGuest,
    })
}

/// What stands for someone on a platform where they do not work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum StandIn {
    /// No account: nobody can write to them there but through the app.
    Nobody,
    /// An account whose token the hub holds.
    Heard,
    /// Their own account, without a token of it.
    Silent(ConsentState),
    /// A guest account, without a token of it.
    SilentGuest,
}

/// What decides about one conversation.
struct Ears {
    kind: LegKind,
    state: LegState,
    /// Who works there.
    resident: String,
    /// Who is represented there.
    absent: String,
    place: String,
    needs_token: bool,
    stand_in: StandIn,
}

impl Ears {
    fn hears(&self) -> String {
        let (resident, absent) = (&self.resident, &self.absent);
        match (self.state, self.kind) {
            (LegState::Closed, _) => "Nothing is carried there any more.".to_owned(),
            (LegState::Old, _) => {
                "Another conversation has taken its place; what is still written there is carried."
                    .to_owned()
            }
            (LegState::Current, LegKind::Native) => match self.stand_in {
                StandIn::Heard => format!(
                    "What {resident} and the account of {absent} write to each other there is \
                     carried."
                ),
                StandIn::Silent(_) | StandIn::SilentGuest => format!(
                    "What {absent} writes to {resident} waits until the hub may write there as \
                     their account."
                ),
                StandIn::Nobody => format!(
                    "What {absent} writes to {resident} waits: no account stands for them there."
                ),
            },
            (LegState::Current, LegKind::Group) => {
                format!("What {resident} writes in this group with the app is carried to {absent}.")
            }
            (LegState::Current, LegKind::Private) => format!(
                "What {resident} writes in this private channel with the app is carried to {absent}."
            ),
            (LegState::Current, LegKind::App) => {
                format!("What {resident} writes to the app is meant for the hub.")
            }
        }
    }

    /// What is not heard, in a sentence.
    fn deaf(&self) -> Option<String> {
        if !self.is_deaf() {
            return None;
        }
        let (resident, absent, place) = (&self.resident, &self.absent, &self.place);
        Some(match self.kind {
            LegKind::Native => match self.stand_in {
                StandIn::Nobody => {
                    format!("The hub hears nothing there: {absent} has no account in {place}.")
                }
                StandIn::Heard | StandIn::Silent(_) | StandIn::SilentGuest => {
                    format!("The hub hears nothing there now: it holds no token of {absent}.")
                }
            },
            LegKind::Group | LegKind::Private | LegKind::App => format!(
                "What {resident} writes to the account of {absent} in {place} directly is not heard."
            ),
        })
    }

    fn remedy(&self) -> Option<String> {
        if !self.is_deaf() {
            return None;
        }
        let absent = &self.absent;
        Some(match self.stand_in {
            StandIn::Heard => return None,
            StandIn::Nobody => format!(
                "It would be, if {absent} were represented by an account of their own there or by \
                 a guest."
            ),
            StandIn::SilentGuest => {
                format!("It is, once the guest account of {absent} is signed in.")
            }
            StandIn::Silent(ConsentState::NotAsked) => format!(
                "It is, once {absent} authorises it: they are asked at their first message across."
            ),
            StandIn::Silent(ConsentState::Asked) => {
                format!("It is, once {absent} answers what they were asked.")
            }
            StandIn::Silent(
                ConsentState::Declined | ConsentState::Revoked | ConsentState::Granted,
            ) => format!("It would be, if {absent} were asked again and authorised it."),
            StandIn::Silent(ConsentState::NotNeeded) => format!(
                "There is no way to ask {absent} from here; on some platforms the hub needs a \
                 public address for that."
            ),
        })
    }

    fn is_deaf(&self) -> bool {
        let silent = match self.stand_in {
            StandIn::Silent(_) | StandIn::SilentGuest => true,
            // Where the app has a conversation of its own, nobody writes to an account that is not.
            StandIn::Nobody => self.kind == LegKind::Native,
            StandIn::Heard => false,
        };
        self.needs_token && self.state == LegState::Current && silent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ears(kind: LegKind, stand_in: StandIn) -> Ears {
        Ears {
            kind,
            state: LegState::Current,
            resident: "Ann".to_owned(),
            absent: "Bob".to_owned(),
            place: "Acme (Slack)".to_owned(),
            needs_token: true,
            stand_in,
        }
    }

    #[test]
    fn whoever_has_no_account_there_cannot_be_missed_and_whose_token_is_held_is_heard() {
        for stand_in in [StandIn::Nobody, StandIn::Heard] {
            let ears = ears(LegKind::Group, stand_in);
            assert_eq!((ears.deaf(), ears.remedy()), (None, None));
        }
    }

    #[test]
    fn what_is_not_heard_is_said_with_what_would_change_it() {
        for state in [
            ConsentState::NotAsked,
            ConsentState::Asked,
            ConsentState::Declined,
            ConsentState::Revoked,
            ConsentState::NotNeeded,
        ] {
            let ears = ears(LegKind::Group, StandIn::Silent(state));
            assert_eq!(
                ears.deaf().as_deref(),
                Some(
                    "What Ann writes to the account of Bob in Acme (Slack) directly is not heard."
                )
            );
            assert!(ears.remedy().is_some_and(|remedy| remedy.contains("Bob")));
        }
        let native = ears(LegKind::Native, StandIn::Silent(ConsentState::Revoked));
        assert!(native.deaf().is_some_and(|deaf| deaf.contains("nothing")));
    }

    #[test]
    fn a_direct_conversation_without_anybody_to_stand_for_the_other_one_carries_nothing() {
        for stand_in in [
            StandIn::Nobody,
            StandIn::SilentGuest,
            StandIn::Silent(ConsentState::Declined),
        ] {
            let ears = ears(LegKind::Native, stand_in);
            assert!(ears.hears().contains("waits"), "{}", ears.hears());
            assert!(ears.deaf().is_some_and(|deaf| deaf.contains("nothing")));
            assert!(ears.remedy().is_some_and(|remedy| remedy.contains("Bob")));
        }
        let heard = ears(LegKind::Native, StandIn::Heard);
        assert!(heard.hears().ends_with("is carried."));
        assert_eq!(heard.deaf(), None);
    }

    #[test]
    fn in_what_is_closed_nothing_is_carried_and_nothing_missed() {
        let closed = Ears {
            state: LegState::Closed,
            ..ears(LegKind::Group, StandIn::SilentGuest)
        };
        assert_eq!(closed.hears(), "Nothing is carried there any more.");
        assert_eq!(closed.deaf(), None);
    }
}

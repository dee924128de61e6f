//! What decisions inside a transaction are made with.

use std::{collections::HashMap, sync::Arc};

use causeway_connectors::Connector;
use causeway_model::{
    Account, Clock, ConnectionId, ExternalAccount, PersonId, Random, RelayId, Timestamp,
};
use causeway_relay::{
    legs::StandIn,
    route::{RoutePolicy, Standing},
};
use causeway_store::{LegRow, LinkRow, Role, StoreError, Tx};

/// One connection as the relay sees it.
#[derive(Clone)]
pub struct Live {
    pub connector: Arc<dyn Connector>,
    /// Every account that is the hub itself there.
    pub own_accounts: Arc<Vec<ExternalAccount>>,
}

/// All connections, the clock and chance: a snapshot that a transaction can take along.
#[derive(Clone)]
pub struct World {
    pub connections: Arc<HashMap<ConnectionId, Live>>,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
    pub route: RoutePolicy,
}

impl World {
    #[must_use]
    pub fn live(&self, connection: ConnectionId) -> Option<&Live> {
        self.connections.get(&connection)
    }

    #[must_use]
    pub fn relay_id(&self) -> RelayId {
        RelayId::from_bits(self.random.bits())
    }
}

/// A transaction with the world around it.
pub struct Desk<'d, 'tx> {
    pub tx: &'d mut Tx<'tx>,
    pub world: &'d World,
    pub now: Timestamp,
}

/// The two people of a link, seen from one of its legs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sides {
    /// Who works where the leg is.
    pub resident: PersonId,
    /// Who is represented there.
    pub represented: PersonId,
    /// Where the represented one works.
    pub home: ConnectionId,
}

impl<'d, 'tx> Desk<'d, 'tx> {
    #[must_use]
    pub fn new(tx: &'d mut Tx<'tx>, world: &'d World) -> Self {
        let now = world.clock.now();
        Self { tx, world, now }
    }

    /// Who is who in a link, from one connection's side.
    #[must_use]
    pub fn sides(link: &LinkRow, here: ConnectionId) -> Sides {
        if link.connection_a == here {
            Sides {
                resident: link.person_a,
                represented: link.person_b,
                home: link.connection_b,
            }
        } else {
            Sides {
                resident: link.person_b,
                represented: link.person_a,
                home: link.connection_a,
            }
        }
    }

    /// A person's own account on a connection, in use or not.
    pub fn account_on(
        &self,
        person: PersonId,
        connection: ConnectionId,
    ) -> Result<Option<Account>, StoreError> {
        let accounts = self.tx.accounts_of_person(person)?;
        Ok(accounts
            .into_iter()
            .find(|account| account.connection == connection))
    }

    /// The account that stands for a person on a connection where they do not work, and whether
    /// the hub may use it.
    pub fn stand_in(
        &self,
        person: PersonId,
        connection: ConnectionId,
    ) -> Result<(Option<Account>, StandIn), StoreError> {
        let Some(pairing) = self.tx.pairing_of(person, connection)? else {
            return Ok((None, StandIn::None));
        };
        let Some(secondary) = pairing.secondary else {
            return Ok((None, StandIn::None));
        };
        let account = self.tx.account(secondary)?.filter(|account| account.active);
        let Some(account) = account else {
            return Ok((None, StandIn::None));
        };
        let state = if self.holds_token(connection, &account.external)? {
            StandIn::Token
        } else {
            StandIn::Account
        };
        Ok((Some(account), state))
    }

    pub fn holds_token(
        &self,
        connection: ConnectionId,
        account: &ExternalAccount,
    ) -> Result<bool, StoreError> {
        Ok(self
            .tx
            .token(connection, &format!("account:{account}"))?
            .is_some())
    }

    /// What an account in a conversation is to the hub.
    pub fn standing(
        &self,
        connection: ConnectionId,
        account: &ExternalAccount,
    ) -> Result<Standing, StoreError> {
        let own = self
            .world
            .live(connection)
            .is_some_and(|live| live.own_accounts.contains(account));
        if own {
            return Ok(Standing::Hub);
        }
        if let Some(paired) = self.tx.paired_account(connection, account)? {
            return Ok(match paired.role {
                Role::Primary => Standing::Resident {
                    person: paired.person,
                    paired: true,
                },
                Role::Secondary => {
                    let home = self.tx.account(paired.pairing.primary)?;
                    match home {
                        Some(home) => Standing::StandsFor {
                            person: paired.person,
                            home: home.connection,
                        },
                        None => Standing::Nobody,
                    }
                }
            });
        }
        let known = self.tx.account_by_external(connection, account)?;
        Ok(match known.and_then(|account| account.person) {
            Some(person) => Standing::Resident {
                person,
                paired: false,
            },
            None => Standing::Nobody,
        })
    }

    /// Whether the pairings that a link rests on still stand: both, or one where the policy
    /// relays for people who are not paired.
    pub fn is_kept(&self, link: &LinkRow) -> Result<bool, StoreError> {
        let one = self.is_represented(link.person_a, link.connection_a, link.connection_b)?;
        let other = self.is_represented(link.person_b, link.connection_b, link.connection_a)?;
        Ok(match (one, other) {
            (true, true) => true,
            (true, false) | (false, true) => self.world.route.relay_unpaired,
            (false, false) => false,
        })
    }

    /// Whether both connections of a link are in use: one whose settings do not fit is left out.
    pub fn is_live(&self, link: &LinkRow) -> bool {
        [link.connection_a, link.connection_b]
            .into_iter()
            .all(|connection| self.world.live(connection).is_some())
    }

    fn is_represented(
        &self,
        person: PersonId,
        home: ConnectionId,
        there: ConnectionId,
    ) -> Result<bool, StoreError> {
        let Some(pairing) = self.tx.pairing_of(person, there)? else {
            return Ok(false);
        };
        let primary = self.tx.account(pairing.primary)?;
        Ok(primary.is_some_and(|account| account.connection == home))
    }

    pub fn link_of(&self, leg: &LegRow) -> Result<Option<LinkRow>, StoreError> {
        match leg.link {
            Some(link) => self.tx.link(link),
            None => Ok(None),
        }
    }

    pub fn name_of(&self, person: PersonId) -> Result<String, StoreError> {
        Ok(self
            .tx
            .person(person)?
            .map_or_else(|| "Someone".to_owned(), |person| person.name))
    }
}

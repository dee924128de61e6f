//! The connections as use cases need them: their names, and what their platforms allow.

use std::{collections::HashMap, sync::Arc};

use causeway_connectors::Connector;
use causeway_engine::Engine;
use causeway_model::{
    Account, AccountKind, ConnectionId, Otherwise, Platform, SignInWay, SpeaksBy,
};
use causeway_relay::consent::choose_way;
use causeway_store::{Reader, StoreError};

use crate::{
    Hub,
    api::{ErrorCode, HubError},
    error::failed,
};

/// Sees stored connections and live connectors together, from within a read as well.
#[derive(Clone)]
pub(super) struct Look {
    engine: Arc<Engine>,
    public: bool,
}

/// One connection, as far as pairing depends on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Side {
    pub connection: ConnectionId,
    pub platform: Platform,
    /// The platform's own name of the workspace or tenant.
    pub name: String,
    /// Whether the hub can make guest accounts there.
    pub guests: bool,
    /// What lets the hub speak as an account there.
    pub speaks_by: SpeaksBy,
    /// What becomes of what the hub may not say as an account there.
    pub otherwise: Otherwise,
    /// How people can be asked to let the hub act as their account there.
    pub way: Option<SignInWay>,
}

impl Look {
    pub(super) fn of(hub: &Hub) -> Self {
        Self {
            engine: Arc::clone(&hub.engine),
            public: hub.reached.public_url.is_some(),
        }
    }

    pub(super) fn connector(&self, connection: ConnectionId) -> Option<Arc<dyn Connector>> {
        self.engine.connector(connection)
    }

    pub(super) fn sides(&self, reader: &Reader<'_>) -> Result<Sides, StoreError> {
        let rows = reader.connections()?;
        let sides = rows.into_iter().map(|row| {
            let connection = row.connection;
            let connector = self.connector(connection.id);
            let connector = connector.as_deref();
            Side {
                connection: connection.id,
                platform: connection.platform,
                name: connection.name,
                guests: connector.is_some_and(|connector| connector.guests().is_some()),
                // By what a connection that cannot be made speaks is not known, and it speaks as
                // nobody.
                speaks_by: connector.map_or(SpeaksBy::Token, |connector| {
                    connector.capabilities().speaks_by
                }),
                otherwise: otherwise(connector),
                way: connector.and_then(|connector| self.way(connector)),
            }
        });
        Ok(Sides::new(sides.collect()))
    }

    pub(super) fn otherwise(&self, connection: ConnectionId) -> Otherwise {
        otherwise(self.connector(connection).as_deref())
    }

    fn way(&self, connector: &dyn Connector) -> Option<SignInWay> {
        choose_way(connector.sign_in()?.ways(), self.public)
    }
}

/// Of a connection that cannot be made nothing else is known.
fn otherwise(connector: Option<&dyn Connector>) -> Otherwise {
    connector.map_or(Otherwise::AppSpeaks, |connector| {
        connector.capabilities().otherwise()
    })
}

impl Side {
    /// How the place is called in sentences.
    pub(super) fn words(&self) -> String {
        format!("{} ({})", self.name, self.platform.name())
    }

    /// A person's own account here, active or not. Where the hub makes guests, a guest account is
    /// nobody's own: its owner may never have seen it.
    pub(super) fn own<'a>(&self, accounts: &'a [Account]) -> Option<&'a Account> {
        accounts.iter().find(|account| {
            account.connection == self.connection
                && match account.kind {
                    AccountKind::Full => true,
                    AccountKind::Guest => !self.guests,
                    AccountKind::App | AccountKind::Bot => false,
                }
        })
    }

    /// A person's account that they can work with here.
    pub(super) fn usable<'a>(&self, accounts: &'a [Account]) -> Option<&'a Account> {
        accounts.iter().find(|account| {
            account.connection == self.connection
                && account.active
                && match account.kind {
                    AccountKind::Full | AccountKind::Guest => true,
                    AccountKind::App | AccountKind::Bot => false,
                }
        })
    }
}

/// All connections, oldest first.
#[derive(Debug, Clone, Default)]
pub(super) struct Sides {
    all: Vec<Side>,
    at: HashMap<ConnectionId, usize>,
}

impl Sides {
    pub(super) fn new(all: Vec<Side>) -> Self {
        let at = all
            .iter()
            .enumerate()
            .map(|(at, side)| (side.connection, at))
            .collect();
        Self { all, at }
    }

    pub(super) fn all(&self) -> &[Side] {
        &self.all
    }

    pub(super) fn get(&self, connection: ConnectionId) -> Option<&Side> {
        self.at.get(&connection).and_then(|at| self.all.get(*at))
    }

    pub(super) fn of_platform(&self, platform: Platform) -> Result<&Side, HubError> {
        let found = self.all.iter().find(|side| side.platform == platform);
        found.ok_or_else(|| {
            failed(
                ErrorCode::NotFound,
                format!("{} is not connected.", platform.name()),
            )
            .action("Connect it first.")
            .build()
        })
    }

    /// The two platforms of a pairing.
    pub(super) fn pair(
        &self,
        primary: Platform,
        secondary: Platform,
    ) -> Result<(&Side, &Side), HubError> {
        if primary == secondary {
            return Err(failed(
                ErrorCode::InvalidArgument,
                "The primary and the secondary platform must differ.",
            )
            .build());
        }
        Ok((self.of_platform(primary)?, self.of_platform(secondary)?))
    }
}

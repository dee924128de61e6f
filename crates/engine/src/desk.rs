//! What decisions inside a transaction are made with.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::{AtomicI64, Ordering},
    },
};

use causeway_connectors::Connector;
use causeway_model::{
    Account, AccountKind, Clock, ConnectionId, Consent, ExternalAccount, ExternalConversation,
    GuestState, LinkId, Mode, Otherwise, Pairing, PersonId, Random, RelayId, SignInWay, SpeaksBy,
    Timestamp,
};
use causeway_relay::{
    budget::{Class, Lesson, Purse, Wish},
    consent::{ConsentFacts, choose_way, gate, standing},
    doubt::Doubt,
    legs::StandIn,
    loops::LoopBreaker,
    route::{RoutePolicy, Standing},
    voice::TokenState,
};
use causeway_store::{LegRow, LimitRow, LinkRow, Pauses, RetentionPolicy, Role, StoreError, Tx};

/// One connection as the relay sees it.
#[derive(Clone)]
pub struct Live {
    pub connector: Arc<dyn Connector>,
    /// Every account that is the hub itself there.
    pub own_accounts: Arc<Vec<ExternalAccount>>,
    /// The workspace's or tenant's name.
    pub name: Arc<str>,
    /// How many times faster than ours the platform's clock runs: 1 except for a sandbox.
    pub pace: f64,
    /// How a redeemed guest's token is had, in the order in which it is tried.
    pub guest_sign_in: Arc<Vec<GuestSignIn>>,
}

/// How the hub comes to a token of a guest that it made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GuestSignIn {
    /// An administrator signs the guest in once.
    Administrator,
    /// With a password that the organisation holds.
    Password,
}

impl GuestSignIn {
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "administrator" => Some(Self::Administrator),
            "password" => Some(Self::Password),
            _ => None,
        }
    }
}

/// How people are asked for their consent.
#[derive(Clone)]
pub struct ConsentTerms {
    /// How long what must be sent as somebody waits for their answer, in milliseconds.
    pub wait_ms: Arc<AtomicI64>,
    /// Where the hub's consent page is reached from outside, without a slash at its end; none
    /// where the hub has no public address.
    pub page: Option<Arc<str>>,
}

impl ConsentTerms {
    #[must_use]
    pub fn wait_ms(&self) -> i64 {
        self.wait_ms.load(Ordering::Relaxed)
    }
}

/// All connections, the clock and chance: a snapshot that a transaction can take along.
#[derive(Clone)]
pub struct World {
    pub connections: Arc<HashMap<ConnectionId, Live>>,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
    pub route: RoutePolicy,
    pub retention: RetentionPolicy,
    /// What was written longer ago than this, in milliseconds, is not carried any more.
    pub catch_up_ms: Arc<AtomicI64>,
    /// What went to and fro in each link lately.
    pub loops: Arc<Mutex<LoopBreaker<LinkId>>>,
    pub consent: ConsentTerms,
    /// Since when each connection has been heard without a gap.
    pub heard_since: Arc<RwLock<HashMap<ConnectionId, Timestamp>>>,
    /// Where nothing is sent for now.
    pub pauses: Arc<RwLock<Pauses>>,
    /// What an earlier life may have done, where the store is a backup's.
    pub doubt: Arc<RwLock<Option<Doubt>>>,
    /// What is left of the platforms' limits.
    pub purse: Arc<Mutex<Purse<ConnectionId, ExternalConversation>>>,
}

impl World {
    #[must_use]
    pub fn live(&self, connection: ConnectionId) -> Option<&Live> {
        self.connections.get(&connection)
    }

    /// All connections, always in the same order: what a seed has shown once, it shows again.
    #[must_use]
    pub fn in_order(&self) -> Vec<ConnectionId> {
        let mut connections: Vec<_> = self.connections.keys().copied().collect();
        connections.sort_unstable();
        connections
    }

    #[must_use]
    pub fn relay_id(&self) -> RelayId {
        RelayId::from_bits(self.random.bits())
    }

    /// Since when a connection has been heard without a gap; none where it was never heard.
    #[must_use]
    pub fn heard_since(&self, connection: ConnectionId) -> Option<Timestamp> {
        let heard = self
            .heard_since
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        heard.get(&connection).copied()
    }

    #[must_use]
    pub fn catch_up_ms(&self) -> i64 {
        self.catch_up_ms.load(Ordering::Relaxed)
    }

    /// Takes a call out of the platform's limits.
    ///
    /// # Errors
    /// When it may be made.
    pub fn spend(
        &self,
        live: &Live,
        wish: &Wish<ConnectionId, ExternalConversation>,
        now: Timestamp,
    ) -> Result<(), Timestamp> {
        let budgets = live.connector.capabilities().budgets;
        let mut purse = self.purse.lock().unwrap_or_else(PoisonError::into_inner);
        purse.spend(budgets, live.pace, wish, now)
    }

    /// Whether what somebody wrote in a link only goes round between its legs.
    #[must_use]
    pub fn goes_round(&self, link: LinkId, text: &str, at: Timestamp) -> bool {
        let mut loops = self.loops.lock().unwrap_or_else(PoisonError::into_inner);
        loops.goes_round(link, text, at)
    }

    /// Believes what a platform has taught in an earlier life of the hub.
    pub fn remember_limit(&self, limit: &LimitRow) {
        let class = Class {
            connection: limit.connection,
            spent_on: limit.spent_on,
            shared_by: limit.shared_by,
        };
        let lesson = Lesson {
            spacing_us: limit.spacing_us,
            at: limit.at,
        };
        let mut purse = self.purse.lock().unwrap_or_else(PoisonError::into_inner);
        purse.remember(class, lesson);
    }

    /// Takes to heart that a platform refused a call because there were too many. What was learned
    /// is to be stored.
    pub fn refused(
        &self,
        live: &Live,
        wish: &Wish<ConnectionId, ExternalConversation>,
        after_ms: Option<u64>,
        now: Timestamp,
    ) -> Option<(Class<ConnectionId>, Lesson)> {
        let budgets = live.connector.capabilities().budgets;
        let mut purse = self.purse.lock().unwrap_or_else(PoisonError::into_inner);
        purse.refused(budgets, live.pace, wish, after_ms, now)
    }

    /// How the people of a connection can be asked, as things stand.
    #[must_use]
    pub fn sign_in_way(&self, connection: ConnectionId) -> Option<SignInWay> {
        let offered = self.live(connection)?.connector.sign_in()?.ways();
        choose_way(offered, self.consent.page.is_some())
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
        let Some((pairing, account)) = self.represented_by(person, connection)? else {
            return Ok((None, StandIn::None));
        };
        let usable = match pairing.guest {
            // Nobody has taken it up, so it can do nothing.
            Some(GuestState::Wanted | GuestState::Invited | GuestState::Forbidden) => false,
            Some(GuestState::Redeemed) | None => true,
        };
        if !usable {
            return Ok((None, StandIn::None));
        }
        let state = match self.token_state(&account)? {
            TokenState::Held => StandIn::Token,
            TokenState::Awaited => StandIn::Awaited,
            TokenState::None => StandIn::Account,
        };
        Ok((Some(account), state))
    }

    /// The pairing that represents a person on a connection, with the account where it has one
    /// that is in use.
    pub fn represented_by(
        &self,
        person: PersonId,
        connection: ConnectionId,
    ) -> Result<Option<(Pairing, Account)>, StoreError> {
        let Some(pairing) = self.tx.pairing_of(person, connection)? else {
            return Ok(None);
        };
        let account = match pairing.secondary {
            Some(secondary) => self.tx.account(secondary)?,
            None => None,
        };
        Ok(account
            .filter(|account| account.active)
            .map(|account| (pairing, account)))
    }

    /// Whether the hub may act as an account, or waits for its owner's word.
    pub fn token_state(&self, account: &Account) -> Result<TokenState, StoreError> {
        let consent = self.tx.consent(account.id)?;
        let taken_back = match &consent {
            Some(Consent::Declined { .. } | Consent::Revoked { .. }) => true,
            Some(
                Consent::NotNeeded
                | Consent::NotAsked
                | Consent::Asked { .. }
                | Consent::Granted { .. },
            )
            | None => false,
        };
        if !taken_back && self.holds_token(account.connection, &account.external)? {
            return Ok(TokenState::Held);
        }
        let awaited = consent.is_some_and(|consent| consent.is_awaited(self.now));
        Ok(if awaited {
            TokenState::Awaited
        } else {
            TokenState::None
        })
    }

    /// Where the consent to a pairing stands.
    pub fn consent(&self, pairing: &Pairing, account: &Account) -> Result<Consent, StoreError> {
        self.consider(pairing.mode, account, standing)
    }

    /// How the owner of an account is to be asked now, by the hub itself; none when they are not.
    pub fn way_to_ask(
        &self,
        pairing: &Pairing,
        account: &Account,
    ) -> Result<Option<SignInWay>, StoreError> {
        self.consider(pairing.mode, account, gate)
    }

    fn consider<T>(
        &self,
        mode: Mode,
        account: &Account,
        decide: impl Fn(ConsentFacts<'_>) -> T,
    ) -> Result<T, StoreError> {
        let recorded = self.tx.consent(account.id)?;
        Ok(decide(ConsentFacts {
            mode,
            token: self.holds_token(account.connection, &account.external)?,
            recorded: recorded.as_ref(),
            way: self.world.sign_in_way(account.connection),
        }))
    }

    /// Whether an account is a guest, which speaks as such.
    #[must_use]
    pub fn is_guest(account: &Account) -> bool {
        match account.kind {
            AccountKind::Guest => true,
            AccountKind::Full | AccountKind::App | AccountKind::Bot => false,
        }
    }

    /// The name people know a connection's platform by.
    #[must_use]
    pub fn platform_name(&self, connection: ConnectionId) -> &'static str {
        self.world
            .live(connection)
            .map_or("the other side", |live| {
                live.connector.capabilities().platform.name()
            })
    }

    /// Whether the hub can speak as an account: by its token, or by the app's own role.
    pub fn holds_token(
        &self,
        connection: ConnectionId,
        account: &ExternalAccount,
    ) -> Result<bool, StoreError> {
        if self.speaks_by_role(connection) {
            return Ok(true);
        }
        self.tx.has_token(connection, &format!("account:{account}"))
    }

    /// Whether the app of a connection speaks as its people without a token of theirs.
    pub fn speaks_by_role(&self, connection: ConnectionId) -> bool {
        let live = self.world.live(connection);
        live.is_some_and(|live| live.connector.capabilities().speaks_by == SpeaksBy::Role)
    }

    /// What becomes of what somebody writes to a connection where the hub may not speak as them.
    pub fn otherwise(&self, connection: ConnectionId) -> Otherwise {
        let live = self.world.live(connection);
        live.map_or(Otherwise::AppSpeaks, |live| {
            live.connector.capabilities().otherwise()
        })
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

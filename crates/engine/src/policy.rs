//! What the administrator has decided and the engine acts by.

use std::sync::atomic::Ordering;

use causeway_relay::{retry::RetryPolicy, route::RoutePolicy};
use causeway_store::{RetentionPolicy, Store, StoreError};

use crate::engine::{Engine, EngineError};

/// The name under which the policy of waiting is stored.
const CONSENT_WAIT: &str = "consent_wait_ms";
/// The name under which the policy of what is too old is stored.
const CATCH_UP: &str = "catch_up_ms";

/// The name under which is stored whether people who are not paired are relayed for.
const RELAY_UNPAIRED: &str = "relay_unpaired";
/// The name under which is stored how long the ledger is kept.
const LEDGER_KEPT: &str = "ledger_kept_ms";

/// The administrator's decisions that the engine acts by.
#[derive(Debug, Clone, Copy)]
pub struct Policy {
    pub retry: RetryPolicy,
    pub route: RoutePolicy,
    pub retention: RetentionPolicy,
    /// How long messages wait for the consent of whoever must be spoken as, in milliseconds,
    /// unless the administrator has stored another time.
    pub consent_wait_ms: i64,
    /// What was written longer ago than this, in milliseconds, before the hub came to read it, is
    /// not carried any more; Activity shows that it was not.
    pub catch_up_ms: i64,
}

impl Default for Policy {
    fn default() -> Self {
        const DAY_MS: i64 = 24 * 3_600_000;
        Self {
            retry: RetryPolicy::default(),
            route: RoutePolicy::default(),
            retention: RetentionPolicy {
                seen_ms: 30 * DAY_MS,
                message_ms: 365 * DAY_MS,
                ledger_ms: 90 * DAY_MS,
            },
            consent_wait_ms: 3 * DAY_MS,
            catch_up_ms: 14 * DAY_MS,
        }
    }
}

impl Engine {
    /// How long messages wait for somebody's consent, in milliseconds.
    #[must_use]
    pub fn consent_wait(&self) -> i64 {
        self.world().consent.wait_ms()
    }

    /// Stores how long messages wait for somebody's consent; whoever is waited for already is
    /// waited for as long as they were told.
    ///
    /// # Errors
    /// When it cannot be stored.
    pub async fn set_consent_wait(&self, ms: i64) -> Result<(), EngineError> {
        self.store()
            .write(move |tx| tx.meta_set(CONSENT_WAIT, &ms.to_string()))
            .await?;
        self.world().consent.wait_ms.store(ms, Ordering::Relaxed);
        Ok(())
    }

    /// How old what is caught up may be, in milliseconds.
    #[must_use]
    pub fn catch_up(&self) -> i64 {
        self.world().catch_up_ms()
    }

    /// Stores how old what is caught up may be.
    ///
    /// # Errors
    /// When it cannot be stored.
    pub async fn set_catch_up(&self, ms: i64) -> Result<(), EngineError> {
        self.store()
            .write(move |tx| tx.meta_set(CATCH_UP, &ms.to_string()))
            .await?;
        self.world().catch_up_ms.store(ms, Ordering::Relaxed);
        Ok(())
    }

    /// Whether someone who is not paired is relayed through the app when they write to a paired
    /// person's account.
    #[must_use]
    pub fn relays_unpaired(&self) -> bool {
        self.world().route.relay_unpaired
    }

    /// Stores whether people who are not paired are relayed for; what is queued already goes out.
    ///
    /// # Errors
    /// When it cannot be stored.
    pub async fn set_relay_unpaired(&self, relay: bool) -> Result<(), EngineError> {
        self.store()
            .write(move |tx| tx.meta_set(RELAY_UNPAIRED, if relay { "1" } else { "0" }))
            .await?;
        self.change_world(|world| world.route.relay_unpaired = relay);
        Ok(())
    }

    /// How long the record of what was delivered is kept, in milliseconds.
    #[must_use]
    pub fn ledger_kept(&self) -> i64 {
        self.world().retention.ledger_ms
    }

    /// Stores how long the record of what was delivered is kept; what is older goes with the next
    /// sweeps.
    ///
    /// # Errors
    /// When it cannot be stored.
    pub async fn set_ledger_kept(&self, ms: i64) -> Result<(), EngineError> {
        self.store()
            .write(move |tx| tx.meta_set(LEDGER_KEPT, &ms.to_string()))
            .await?;
        self.change_world(|world| world.retention.ledger_ms = ms);
        Ok(())
    }
}

/// What the administrator has stored; the given policy's where nothing is.
pub(crate) struct Terms {
    pub(crate) wait_ms: i64,
    pub(crate) catch_up_ms: i64,
    pub(crate) route: RoutePolicy,
    pub(crate) retention: RetentionPolicy,
}

pub(crate) async fn stored_terms(store: &Store, policy: &Policy) -> Result<Terms, StoreError> {
    let unpaired = store.read(|reader| reader.meta_get(RELAY_UNPAIRED)).await?;
    Ok(Terms {
        wait_ms: stored_ms(store, CONSENT_WAIT, policy.consent_wait_ms).await?,
        catch_up_ms: stored_ms(store, CATCH_UP, policy.catch_up_ms).await?,
        route: RoutePolicy {
            relay_unpaired: unpaired.map_or(policy.route.relay_unpaired, |word| word == "1"),
        },
        retention: RetentionPolicy {
            ledger_ms: stored_ms(store, LEDGER_KEPT, policy.retention.ledger_ms).await?,
            ..policy.retention
        },
    })
}

/// A length of time that the administrator has stored under this name, or else `otherwise`.
async fn stored_ms(store: &Store, name: &'static str, otherwise: i64) -> Result<i64, StoreError> {
    let stored = store.read(move |reader| reader.meta_get(name)).await?;
    Ok(stored
        .and_then(|text| text.parse().ok())
        .unwrap_or(otherwise))
}

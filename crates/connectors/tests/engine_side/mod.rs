//! What the engine is to a connector: a clock, chance, a vault, and where events go.

#![allow(dead_code, reason = "each test crate uses another part of this")]

use std::{
    collections::HashMap,
    sync::{
        Mutex, MutexGuard,
        atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use causeway_connectors::{
    EventSink, NotTaken, TokenOwner, TokenSet, TokenVault, Unreadable, VaultError,
};
use causeway_model::{Clock, HealthState, Incoming, Random, Timestamp};
use tokio::sync::Notify;

/// By then everything has happened that will; only a failing test waits so long.
pub const PATIENCE: Duration = Duration::from_secs(60);

pub struct TestClock(AtomicI64);

impl TestClock {
    pub fn at(ms: i64) -> Self {
        Self(AtomicI64::new(ms))
    }

    pub fn advance(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

/// Chance that counts.
pub struct Counting(AtomicU64);

impl Counting {
    pub fn from_one() -> Self {
        Self(AtomicU64::new(1))
    }
}

impl Random for Counting {
    fn bits(&self) -> u128 {
        u128::from(self.0.fetch_add(1, Ordering::SeqCst))
    }
}

/// A vault in memory that remembers what was done to it.
#[derive(Default)]
pub struct MemoryVault {
    /// Whether it cannot keep anything now.
    pub full: AtomicBool,
    sets: Mutex<HashMap<TokenOwner, TokenSet>>,
    log: Mutex<Vec<String>>,
}

impl MemoryVault {
    pub fn put(&self, owner: TokenOwner, set: TokenSet) {
        self.sets.lock().expect("a lock").insert(owner, set);
    }

    pub fn remove(&self, owner: &TokenOwner) {
        self.sets.lock().expect("a lock").remove(owner);
    }

    pub fn get(&self, owner: &TokenOwner) -> Option<TokenSet> {
        self.sets.lock().expect("a lock").get(owner).cloned()
    }

    pub fn access(&self, owner: &TokenOwner) -> Option<String> {
        let access = self.get(owner)?.access?;
        Some(access.reveal().to_owned())
    }

    pub fn refresh(&self, owner: &TokenOwner) -> Option<String> {
        let refresh = self.get(owner)?.refresh?;
        Some(refresh.reveal().to_owned())
    }

    pub fn empty(&self) {
        self.sets.lock().expect("a lock").clear();
    }

    pub fn log(&self) -> Vec<String> {
        self.log.lock().expect("a lock").clone()
    }
}

#[async_trait]
impl TokenVault for MemoryVault {
    async fn token(&self, owner: &TokenOwner) -> Result<Option<TokenSet>, VaultError> {
        Ok(self.get(owner))
    }

    async fn renewed(&self, owner: &TokenOwner, tokens: &TokenSet) -> Result<(), VaultError> {
        if self.full.load(Ordering::SeqCst) {
            return Err(VaultError("full".to_owned()));
        }
        self.put(owner.clone(), tokens.clone());
        let mut log = self.log.lock().expect("a lock");
        log.push("renewed".to_owned());
        Ok(())
    }

    async fn revoked(&self, owner: &TokenOwner) -> Result<(), VaultError> {
        self.remove(owner);
        let mut log = self.log.lock().expect("a lock");
        log.push("revoked".to_owned());
        Ok(())
    }
}

/// What was taken at once, and the cursor with it.
type Batch = (Vec<Incoming>, Option<(String, String)>);

#[derive(Default)]
pub struct Heard {
    pub batches: Vec<Batch>,
    pub cursors: HashMap<String, String>,
    pub health: Vec<(HealthState, Option<String>)>,
    pub listening: usize,
    pub missed: Vec<Timestamp>,
    pub unreadable: Vec<Unreadable>,
    pub refuse: bool,
}

impl Heard {
    pub fn events(&self) -> Vec<&Incoming> {
        self.batches.iter().flat_map(|(events, _)| events).collect()
    }

    pub fn is_connected(&self) -> bool {
        let last = self.health.last().map(|(state, _)| *state);
        last == Some(HealthState::Connected)
    }

    pub fn keys(&self) -> Vec<String> {
        let events = self.events().into_iter();
        events.map(|event| event.key.0.clone()).collect()
    }

    pub fn said(&self, text: &str) -> bool {
        let mut details = self
            .health
            .iter()
            .filter_map(|(_, detail)| detail.as_deref());
        details.any(|detail| detail.contains(text))
    }
}

/// What the engine commits, and a way to wait for it.
#[derive(Default)]
pub struct Sink {
    heard: Mutex<Heard>,
    changed: Notify,
}

impl Sink {
    pub fn heard(&self) -> MutexGuard<'_, Heard> {
        self.heard.lock().expect("a lock")
    }

    /// Waits until it is so.
    pub async fn until(&self, so: impl Fn(&Heard) -> bool) {
        let waited = tokio::time::timeout(PATIENCE, async {
            loop {
                let changed = self.changed.notified();
                if so(&self.heard()) {
                    return;
                }
                changed.await;
            }
        });
        waited.await.expect("it came to be so in time");
    }

    pub fn change(&self, change: impl FnOnce(&mut Heard)) {
        change(&mut self.heard());
        self.changed.notify_waiters();
    }
}

#[async_trait]
impl EventSink for Sink {
    async fn take(
        &self,
        events: Vec<Incoming>,
        cursor: Option<(String, String)>,
    ) -> Result<(), NotTaken> {
        if self.heard().refuse {
            return Err(NotTaken("full".to_owned()));
        }
        self.change(|heard| {
            heard.cursors.extend(cursor.clone());
            heard.batches.push((events, cursor));
        });
        Ok(())
    }

    async fn cursor(&self, name: &str) -> Option<String> {
        self.heard().cursors.get(name).cloned()
    }

    async fn health(&self, state: HealthState, detail: Option<String>) {
        self.change(|heard| heard.health.push((state, detail)));
    }

    async fn listening(&self) {
        self.change(|heard| heard.listening += 1);
    }

    async fn missed(&self, since: Timestamp) {
        self.change(|heard| heard.missed.push(since));
    }

    async fn unreadable(&self, span: Unreadable) {
        self.change(|heard| heard.unreadable.push(span));
    }
}

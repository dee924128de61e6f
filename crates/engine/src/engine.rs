//! The engine: connections, lanes, and the tasks that keep them going.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, RwLock, Weak,
        atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

use causeway_connectors::{Connector, Secret};
use causeway_model::{
    Clock, ConnectionId, ConversationFacts, ExternalAccount, ExternalConversation, Failure,
    HealthState, LegId, PairingId, Random, Timestamp,
};
use causeway_store::{ConnectionRow, Store, StoreError};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    catch_up::Gaps,
    connections::{BuildConnector, Wiring},
    desk::{ConsentTerms, Desk, GuestSignIn, Live, World},
    ingest::{AskReply, Taken},
    lane::{Turn, begin_all},
    policy::{Policy, Terms, stored_terms},
    secrets,
    sources::Source,
    vault::{LostToken, LostTokens, StoreVault},
};

/// Calls that may be under way at the same time on one connection: a slow one takes no place from
/// another.
const SENDING_PLACES: usize = 32;
/// Conversations whose members are remembered; they can be asked for again.
const REMEMBERED: usize = 20_000;
/// How long what is being sent may take to end when the engine stops.
const LAST_WORDS: Duration = Duration::from_secs(8);

/// What the engine is made from.
pub struct Parts {
    pub store: Store,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
    pub platforms: Arc<dyn BuildConnector>,
    pub policy: Policy,
    /// Where the hub's consent page is reached from outside, without a slash at its end.
    pub consent_page: Option<String>,
}

/// What keeps the engine from doing what it is asked.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Platform(#[from] Failure),
}

/// One data folder's relay.
pub struct Engine {
    /// For calls that come from outside with less than a handle of their own.
    itself: Weak<Self>,
    store: Store,
    platforms: Arc<dyn BuildConnector>,
    policy: Policy,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    world: RwLock<World>,
    sources: Mutex<HashMap<ConnectionId, Source>>,
    /// Held by the source that listens: one of a connection at a time.
    lines: Mutex<HashMap<ConnectionId, Arc<tokio::sync::Mutex<()>>>>,
    facts: Mutex<HashMap<(ConnectionId, ExternalConversation), ConversationFacts>>,
    gaps: Mutex<HashMap<ConnectionId, Gaps>>,
    /// How many catch-ups have begun.
    catch_ups: AtomicU64,
    /// Connections whose kept events are being resolved.
    resolving: Mutex<HashSet<ConnectionId>>,
    places: Mutex<HashMap<ConnectionId, Arc<Semaphore>>>,
    /// Lanes that are woken at a known time.
    timers: Mutex<HashMap<LegId, Timestamp>>,
    /// Legs whose members are being looked at.
    checking: Mutex<HashSet<LegId>>,
    /// Sign-ins that somebody tends.
    signing_in: Mutex<HashSet<i64>>,
    /// Rung when somebody begins to be waited for.
    deadlines: Notify,
    /// Rung when a guest may be wanted.
    guests: Notify,
    /// Accounts whose token the platform no longer honours.
    lost_tokens: (
        LostTokens,
        Mutex<Option<mpsc::UnboundedReceiver<LostToken>>>,
    ),
    /// Passwords of guests that were refused, by pairing, as digests: they are not tried again.
    refused_passwords: Mutex<HashMap<PairingId, Vec<u8>>>,
    tasks: TaskTracker,
    /// Whether it hears and sends, or is only asked.
    started: AtomicBool,
    stop: CancellationToken,
}

impl Engine {
    /// An engine with all stored connections, at rest: nothing is heard or sent before
    /// [`Engine::start`].
    ///
    /// # Errors
    /// When the store cannot be read. A connection whose settings do not fit is left out, and its
    /// health says so.
    pub async fn new(parts: Parts) -> Result<Arc<Self>, EngineError> {
        let Parts {
            store,
            clock,
            random,
            platforms,
            policy,
            consent_page,
        } = parts;
        let Terms {
            wait_ms,
            catch_up_ms,
            route,
            retention,
        } = stored_terms(&store, &policy).await?;
        let world = World {
            connections: Arc::default(),
            clock: Arc::clone(&clock),
            random: Arc::clone(&random),
            route,
            retention,
            catch_up_ms: Arc::new(AtomicI64::new(catch_up_ms)),
            loops: Arc::default(),
            consent: ConsentTerms {
                wait_ms: Arc::new(AtomicI64::new(wait_ms)),
                page: consent_page.map(Into::into),
            },
            heard_since: Arc::default(),
            pauses: Arc::default(),
            doubt: Arc::default(),
            purse: Arc::default(),
        };
        for limit in store.read(|reader| reader.learned_limits()).await? {
            world.remember_limit(&limit);
        }
        let (lost, found_lost) = mpsc::unbounded_channel();
        let engine = Arc::new_cyclic(|itself| Self {
            itself: itself.clone(),
            store,
            platforms,
            policy,
            clock,
            random,
            world: RwLock::new(world),
            sources: Mutex::default(),
            lines: Mutex::default(),
            facts: Mutex::default(),
            gaps: Mutex::default(),
            catch_ups: AtomicU64::default(),
            resolving: Mutex::default(),
            places: Mutex::default(),
            timers: Mutex::default(),
            checking: Mutex::default(),
            signing_in: Mutex::default(),
            deadlines: Notify::new(),
            guests: Notify::new(),
            lost_tokens: (lost, Mutex::new(Some(found_lost))),
            refused_passwords: Mutex::default(),
            tasks: TaskTracker::new(),
            started: AtomicBool::new(false),
            stop: CancellationToken::new(),
        });
        engine.load().await?;
        engine.read_pauses().await?;
        Ok(engine)
    }

    /// Settles what a crash left open, sets the lanes going, and begins to hear.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn start(self: &Arc<Self>) -> Result<(), EngineError> {
        self.started.store(true, Ordering::Relaxed);
        let in_flight = self.store.read(|reader| reader.in_flight()).await?;
        for delivery in in_flight {
            let engine = Arc::clone(self);
            self.tasks
                .spawn(async move { engine.recover(delivery).await });
        }
        let connections = self.world().in_order();
        for connection in &connections {
            // Nobody heard who came while the hub was away.
            self.note_heard(*connection);
        }
        let busy = self.store.read(|reader| reader.busy_lanes()).await?;
        self.wake(busy).await;
        self.follow_lost_tokens();
        for connection in connections {
            self.listen(connection).await?;
            self.route_unresolved(connection);
        }
        self.route_held();
        self.watch_deadlines();
        self.tend_sign_ins();
        self.look_after_guests();
        self.sweep_regularly();
        self.empty_log_when_quiet();
        Ok(())
    }

    /// Stops hearing, lets what is being sent end, and returns.
    pub async fn stop(&self) {
        self.stop.cancel();
        for source in held(&self.sources).values() {
            source.stop.cancel();
        }
        self.tasks.close();
        if tokio::time::timeout(LAST_WORDS, self.tasks.wait())
            .await
            .is_err()
        {
            tracing::warn!("some calls had no answer yet; the next start finds out about them");
        }
    }

    /// Reads a connection's settings again, and listens to it anew where the engine is running.
    ///
    /// # Errors
    /// When its settings do not fit, or the store cannot be read.
    pub async fn reload(self: &Arc<Self>, connection: ConnectionId) -> Result<(), EngineError> {
        // First: where the new settings do not fit, the old ones go on.
        self.load_one(connection).await?;
        let listened = held(&self.sources).remove(&connection);
        if let Some(source) = &listened {
            source.stop.cancel();
        }
        if listened.is_some() || !held(&self.sources).is_empty() {
            // Who came in between is told by nobody, whenever the new source says that it hears.
            self.note_heard(connection);
            self.listen(connection).await?;
            self.route_held();
        }
        Ok(())
    }

    /// What the source of a connection holds while it listens.
    pub(crate) fn line(&self, connection: ConnectionId) -> Arc<tokio::sync::Mutex<()>> {
        Arc::clone(held(&self.lines).entry(connection).or_default())
    }

    /// Begins to listen to a connection that was added while the engine runs.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn add(self: &Arc<Self>, connection: ConnectionId) -> Result<(), EngineError> {
        self.load_one(connection).await?;
        self.note_heard(connection);
        self.listen(connection).await
    }

    /// Tells the sources whose conversations matter now, and wakes lanes that may go on.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn pairings_changed(self: &Arc<Self>) -> Result<(), EngineError> {
        self.tell_sources().await?;
        self.guests.notify_one();
        let busy = self.store.read(|reader| reader.busy_lanes()).await?;
        let engine = Arc::clone(self);
        // Whoever asked may not wait for the end; what is begun here is sent all the same.
        self.tasks.spawn(async move { engine.wake(busy).await });
        Ok(())
    }

    /// The connector of a connection, for calls that an administrator makes.
    #[must_use]
    pub fn connector(&self, connection: ConnectionId) -> Option<Arc<dyn Connector>> {
        self.world()
            .live(connection)
            .map(|live| Arc::clone(&live.connector))
    }

    /// A connector for settings that are not stored yet.
    ///
    /// # Errors
    /// When the settings do not fit.
    pub fn try_settings(&self, wiring: Wiring) -> Result<Arc<dyn Connector>, Failure> {
        self.platforms.build(wiring)
    }

    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    #[must_use]
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    #[must_use]
    pub fn random(&self) -> &Arc<dyn Random> {
        &self.random
    }

    async fn load(&self) -> Result<(), EngineError> {
        for row in self.store.read(|reader| reader.connections()).await? {
            let id = row.connection.id;
            if let Err(failure) = self.load_row(row).await {
                tracing::error!(connection.id = id.0, error = %failure, "a connection is left out");
                self.report_health(
                    id,
                    HealthState::NeedsAuthorisation,
                    Some(failure.to_string()),
                )
                .await;
            }
        }
        Ok(())
    }

    async fn load_one(&self, connection: ConnectionId) -> Result<(), EngineError> {
        let row = self
            .store
            .read(move |reader| reader.connection(connection))
            .await?;
        match row {
            Some(row) => self.load_row(row).await,
            None => Err(StoreError::NotFound("connection").into()),
        }
    }

    async fn load_row(&self, row: ConnectionRow) -> Result<(), EngineError> {
        let id = row.connection.id;
        let own: Vec<ExternalAccount> =
            serde_json::from_value(row.settings["own_accounts"].clone()).unwrap_or_default();
        let kept = self
            .store
            .read(move |reader| {
                secrets::NAMES
                    .into_iter()
                    .map(|name| Ok(reader.secret(id, name)?.map(|secret| (name, secret))))
                    .collect::<Result<Vec<_>, StoreError>>()
            })
            .await?;
        let kept = kept.into_iter().flatten();
        let secrets = kept.map(|(name, secret)| (name, Secret::new(secret)));
        let lost = self.lost_tokens.0.clone();
        let vault = StoreVault::new(self.store.clone(), id, Arc::clone(&self.clock)).telling(lost);
        let name = row.connection.name.as_str().into();
        let pace = row.settings["pace"].as_f64().filter(|pace| *pace > 0.0);
        let guest_sign_in = guest_sign_in(&row.settings["guest_sign_in"]);
        let connector = self.platforms.build(Wiring {
            connection: row,
            secrets: secrets.collect(),
            vault: Arc::new(vault),
        })?;
        let mut world = self.world.write().unwrap_or_else(PoisonError::into_inner);
        let mut connections = HashMap::clone(&world.connections);
        connections.insert(
            id,
            Live {
                connector,
                own_accounts: Arc::new(own),
                name,
                pace: pace.unwrap_or(1.0),
                guest_sign_in: Arc::new(guest_sign_in),
            },
        );
        world.connections = Arc::new(connections);
        Ok(())
    }
}

/// What the other parts of the engine go through.
impl Engine {
    pub(crate) fn world(&self) -> World {
        self.world
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Changes what the next transactions see; those under way keep what they have seen.
    pub(crate) fn change_world(&self, change: impl FnOnce(&mut World)) {
        change(&mut self.world.write().unwrap_or_else(PoisonError::into_inner));
    }

    pub(crate) fn itself(&self) -> Option<Arc<Self>> {
        self.itself.upgrade()
    }

    pub(crate) fn policy(&self) -> &Policy {
        &self.policy
    }

    pub(crate) fn tasks(&self) -> &TaskTracker {
        &self.tasks
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.stop.is_cancelled()
    }

    pub(crate) fn is_started(&self) -> bool {
        self.started.load(Ordering::Relaxed)
    }

    /// Resolves when the engine stops.
    pub(crate) async fn stopped(&self) {
        self.stop.cancelled().await;
    }

    /// What is still to be read back of each connection.
    pub(crate) fn gaps(&self) -> MutexGuard<'_, HashMap<ConnectionId, Gaps>> {
        held(&self.gaps)
    }

    /// A number that no other catch-up has.
    pub(crate) fn next_catch_up(&self) -> u64 {
        self.catch_ups.fetch_add(1, Ordering::Relaxed)
    }

    pub(crate) fn sources(&self) -> MutexGuard<'_, HashMap<ConnectionId, Source>> {
        held(&self.sources)
    }

    pub(crate) fn stop_token(&self) -> &CancellationToken {
        &self.stop
    }

    pub(crate) fn own_accounts(&self, connection: ConnectionId) -> Vec<ExternalAccount> {
        self.world()
            .live(connection)
            .map_or_else(Vec::new, |live| live.own_accounts.to_vec())
    }

    /// Waits, unless the engine stops first.
    pub(crate) async fn pause(&self, pause: Duration) -> Result<(), Stopping> {
        tokio::select! {
            () = self.stop.cancelled() => Err(Stopping),
            () = tokio::time::sleep(pause) => Ok(()),
        }
    }

    /// A place among the calls to a connection, unless the engine stops first.
    pub(crate) async fn sending_place(
        &self,
        connection: ConnectionId,
    ) -> Result<OwnedSemaphorePermit, Stopping> {
        let places = Arc::clone(
            held(&self.places)
                .entry(connection)
                .or_insert_with(|| Arc::new(Semaphore::new(SENDING_PLACES))),
        );
        tokio::select! {
            biased;
            () = self.stop.cancelled() => Err(Stopping),
            place = places.acquire_owned() => place.map_err(|_| Stopping),
        }
    }

    /// Whether the caller is the one who wakes this lane; not when it is woken before as it is.
    pub(crate) fn begin_waiting(&self, leg: LegId, at: Timestamp) -> bool {
        let mut timers = held(&self.timers);
        if timers.get(&leg).is_some_and(|earlier| *earlier <= at) {
            return false;
        }
        timers.insert(leg, at);
        true
    }

    /// Whether the lane is still to be woken for this time.
    pub(crate) fn end_waiting(&self, leg: LegId, at: Timestamp) -> bool {
        let mut timers = held(&self.timers);
        let due = timers.get(&leg) == Some(&at);
        if due {
            timers.remove(&leg);
        }
        due
    }

    /// Decides and writes in one transaction, begins the lanes that this has touched in the same,
    /// and answers what they do next.
    pub(crate) async fn commit(
        self: &Arc<Self>,
        work: impl Fn(&mut Desk<'_, '_>) -> Result<Taken, StoreError> + Send + 'static,
    ) -> Result<Vec<Turn>, StoreError> {
        let world = self.world();
        let stopping = self.stop.clone();
        let (turns, taken) = self
            .store
            .write(move |tx| {
                let mut desk = Desk::new(tx, &world);
                let mut taken = work(&mut desk)?;
                // While stopping nothing new is begun: it waits in its lane for the next start.
                let turns = if stopping.is_cancelled() {
                    Vec::new()
                } else {
                    begin_all(&mut desk, &mut taken)?
                };
                Ok((turns, taken))
            })
            .await?;
        self.follow_up(taken);
        Ok(turns)
    }

    /// Sets going what a commit asks for beside the lanes.
    fn follow_up(self: &Arc<Self>, taken: Taken) {
        self.reply(taken.replies);
        if let Some(connection) = taken.unresolved {
            self.route_unresolved(connection);
        }
        if taken.deadlines {
            self.deadlines.notify_one();
        }
        if taken.sign_ins {
            self.tend_sign_ins();
        }
        if taken.hearing {
            let engine = Arc::clone(self);
            self.tasks.spawn(async move {
                if let Err(error) = engine.tell_sources().await {
                    tracing::warn!(error.code = error.code(), "the sources were not told");
                }
            });
        }
    }

    /// Like [`Engine::commit`], for what must not be lost: a full disk or a busy database is
    /// waited out.
    pub(crate) async fn insist(
        self: &Arc<Self>,
        what: &'static str,
        work: impl Fn(&mut Desk<'_, '_>) -> Result<Taken, StoreError> + Send + Sync + 'static,
    ) -> Vec<Turn> {
        let work = Arc::new(work);
        let mut pause = Duration::from_millis(100);
        loop {
            let again = Arc::clone(&work);
            match self.commit(move |desk| again(desk)).await {
                Ok(turns) => return turns,
                Err(error) => {
                    tracing::error!(
                        error.code = error.code(),
                        "{what} could not be recorded yet"
                    );
                    if self.pause(pause).await.is_err() {
                        return Vec::new();
                    }
                    pause = (pause * 2).min(Duration::from_secs(30));
                }
            }
        }
    }

    fn reply(self: &Arc<Self>, replies: Vec<AskReply>) {
        for reply in replies {
            let Some(connector) = self.connector(reply.connection) else {
                continue;
            };
            self.tasks.spawn(async move {
                if let Err(failure) = connector.answer(&reply.place, &reply.content).await {
                    tracing::info!(failure.code = failure.code, "an answer did not go out");
                }
            });
        }
    }

    pub(crate) async fn report_health(
        &self,
        connection: ConnectionId,
        state: HealthState,
        detail: Option<String>,
    ) {
        let now = self.clock.now();
        let success = state == HealthState::Connected;
        let written = self
            .store
            .write(move |tx| tx.set_health(connection, state, detail.as_deref(), now, success))
            .await;
        if let Err(error) = written {
            tracing::warn!(
                error.code = error.code(),
                "a connection's health was not recorded"
            );
        }
    }

    /// Until when a connection was surely heard.
    pub(crate) async fn heard_until(
        &self,
        connection: ConnectionId,
    ) -> Result<Timestamp, StoreError> {
        let row = self
            .store
            .read(move |reader| reader.connection(connection))
            .await?;
        let last = row.and_then(|row| row.connection.health.last_success);
        Ok(last.unwrap_or_else(|| self.clock.now()))
    }

    /// Whether the caller is the one who looks at this leg's members now.
    pub(crate) fn begin_checking(&self, leg: LegId) -> bool {
        held(&self.checking).insert(leg)
    }

    pub(crate) fn end_checking(&self, leg: LegId) {
        held(&self.checking).remove(&leg);
    }

    /// Whether the caller is the one who tends this sign-in.
    pub(crate) fn begin_tending(&self, sign_in: i64) -> bool {
        held(&self.signing_in).insert(sign_in)
    }

    pub(crate) fn end_tending(&self, sign_in: i64) {
        held(&self.signing_in).remove(&sign_in);
    }

    /// What is to be told of tokens that are lost; there is one such place.
    pub(crate) fn lost_tokens(&self) -> Option<mpsc::UnboundedReceiver<LostToken>> {
        held(&self.lost_tokens.1).take()
    }

    /// Whether a guest's password was refused before, as it is now.
    pub(crate) fn was_refused(&self, pairing: PairingId, digest: &[u8]) -> bool {
        held(&self.refused_passwords)
            .get(&pairing)
            .is_some_and(|refused| refused == digest)
    }

    pub(crate) fn note_refused(&self, pairing: PairingId, digest: Vec<u8>) {
        held(&self.refused_passwords).insert(pairing, digest);
    }

    /// Resolves when somebody begins to be waited for.
    pub(crate) async fn new_deadline(&self) {
        self.deadlines.notified().await;
    }

    /// Resolves when a guest may be wanted.
    pub(crate) async fn new_guest(&self) {
        self.guests.notified().await;
    }

    /// A connection is heard again from here on: what happened before may have been missed.
    pub(crate) fn note_heard(&self, connection: ConnectionId) {
        let world = self.world();
        let mut heard = world
            .heard_since
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        heard.insert(connection, self.clock.now());
    }

    /// Whether the caller is the one who resolves this connection's kept events now.
    pub(crate) fn begin_resolving(&self, connection: ConnectionId) -> bool {
        held(&self.resolving).insert(connection)
    }

    pub(crate) fn end_resolving(&self, connection: ConnectionId) {
        held(&self.resolving).remove(&connection);
    }

    pub(crate) fn remembered_facts(
        &self,
        connection: ConnectionId,
        id: &ExternalConversation,
    ) -> Option<ConversationFacts> {
        held(&self.facts).get(&(connection, id.clone())).cloned()
    }

    pub(crate) fn remember_facts(&self, connection: ConnectionId, facts: &ConversationFacts) {
        let mut remembered = held(&self.facts);
        if remembered.len() >= REMEMBERED {
            remembered.clear();
        }
        remembered.insert((connection, facts.id.clone()), facts.clone());
    }
}

fn guest_sign_in(settings: &serde_json::Value) -> Vec<GuestSignIn> {
    let words = settings.as_array().into_iter().flatten();
    let chosen: Vec<_> = words
        .filter_map(|word| GuestSignIn::from_word(word.as_str()?))
        .collect();
    if chosen.is_empty() {
        return vec![GuestSignIn::Administrator];
    }
    chosen
}

/// The engine is being stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stopping;

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

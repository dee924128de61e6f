//! A hub with two platforms and pairs of people, through one or several lives.

use std::{path::PathBuf, sync::Arc, time::Duration};

use causeway_engine::{Engine, Parts, Policy};
use causeway_model::{
    AccountId, AccountKind, Capabilities, Clock, ConnectionId, DeliveryState, DirectoryAccount,
    ExternalAccount, Mode, PairingId, PersonId, Reason, capability,
};
use causeway_store::{
    ActivityFilter, BackupTo, Counts, KeySource, LedgerRow, NewConnection, NewPairing, OpenOptions,
    Passphrase, RestoreFrom, Store, StoreError, TokenRow, Tx, Writer,
};
use tempfile::TempDir;

use super::{
    connector::Models,
    platform::ModelPlatform,
    time::{Seeded, WorldClock},
};

pub const SLACK: ConnectionId = ConnectionId(1);
pub const TEAMS: ConnectionId = ConnectionId(2);

/// How a house begins.
#[derive(Debug, Clone, Copy)]
pub struct Setup {
    pub pairs: usize,
    /// Whether the hub holds the tokens of the stand-ins, so that legs are native.
    pub tokens: bool,
    /// Whether those who work in Slack are paired as well, or only those who work in Teams.
    pub both: bool,
    pub latency_ms: u64,
    pub seed: u64,
    pub policy: Policy,
    pub writer: Writer,
    /// What the two platforms can do, which are called Slack and Teams whatever they are like.
    pub platforms: [&'static Capabilities; 2],
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            pairs: 1,
            tokens: true,
            both: true,
            latency_ms: 5,
            seed: 1,
            policy: Policy::default(),
            writer: Writer::Inline,
            platforms: [&capability::SLACK, &capability::TEAMS],
        }
    }
}

/// Ann works in Slack, Bob in Teams; each has an account on the other's platform too.
pub struct Pair {
    pub ann_slack: String,
    pub bob_slack: String,
    pub ann_teams: String,
    pub bob_teams: String,
}

impl Pair {
    pub fn number(number: usize) -> Self {
        Self {
            ann_slack: format!("SA{number}"),
            bob_slack: format!("SB{number}"),
            ann_teams: format!("TA{number}"),
            bob_teams: format!("TB{number}"),
        }
    }
}

pub struct House {
    pub slack: Arc<ModelPlatform>,
    pub teams: Arc<ModelPlatform>,
    pub clock: Arc<WorldClock>,
    random: Arc<Seeded>,
    policy: Policy,
    writer: Writer,
    folder: TempDir,
}

/// One life of the hub, from its start to a stop or a crash.
pub struct Life {
    pub store: Store,
    pub engine: Arc<Engine>,
}

impl House {
    pub fn new(setup: Setup) -> Self {
        let clock = Arc::new(WorldClock::new());
        let latency = setup.latency_ms;
        let [slack, teams] = setup.platforms;
        let slack = ModelPlatform::new(slack, "SAPP", latency, &clock);
        let teams = ModelPlatform::new(teams, "TAPP", latency, &clock);
        let house = Self {
            slack: Arc::new(slack),
            teams: Arc::new(teams),
            clock,
            random: Arc::new(Seeded::new(setup.seed)),
            policy: setup.policy,
            writer: setup.writer,
            folder: folder(),
        };
        house.furnish(setup);
        house
    }

    fn furnish(&self, setup: Setup) {
        let pairs: Vec<_> = (0..setup.pairs).map(Pair::number).collect();
        if setup.tokens {
            for pair in &pairs {
                authorise(&self.slack, &pair.bob_slack);
                authorise(&self.teams, &pair.ann_teams);
            }
        }
        let now = self.clock.now();
        let furnished = self.in_time(async || {
            let store = self.open();
            let work = move |tx: &mut Tx<'_>| {
                for (model, own) in setup.platforms.into_iter().zip(["SAPP", "TAPP"]) {
                    let platform = model.platform;
                    let settings = serde_json::json!({ "own_accounts": [own] });
                    let new = NewConnection {
                        platform,
                        name: platform.name().to_owned(),
                        settings,
                    };
                    let id = tx.add_connection(&new, now)?;
                    tx.set_health(id, causeway_model::HealthState::Connected, None, now, true)?;
                }
                for (number, pair) in pairs.iter().enumerate() {
                    let setup = Setup { ..setup };
                    furnish_pair(tx, number, pair, setup, now)?;
                }
                Ok(())
            };
            store.write(work).await.expect("a furnished house");
        });
        furnished.expect("no fuse is laid");
    }

    fn open(&self) -> Store {
        let folder: PathBuf = self.folder.path().to_owned();
        let options = OpenOptions {
            key: KeySource::File(folder.join("key")),
            folder,
            writer: self.writer,
        };
        Store::open(options).expect("the folder can be opened")
    }

    /// Runs in paused time; whatever is still going on at the end is dropped where it stands. None
    /// when the clock's fuse has burnt before the work was done.
    fn in_time<T>(&self, work: impl AsyncFnOnce() -> T) -> Option<T> {
        // The work is looked at after every step of any task: so a life ends between two of them.
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .event_interval(1)
            .build()
            .expect("a runtime");
        runtime.block_on(async {
            self.clock.begin();
            let answer = tokio::select! {
                biased;
                () = self.clock.fuse.burnt() => None,
                answer = work() => Some(answer),
            };
            self.clock.fuse.lay(None);
            self.clock.end(0);
            answer
        })
    }

    /// One life of the hub. At its end everything is dropped at whichever await it has reached: a
    /// crash, unless the work has stopped the engine.
    pub fn live<T>(&self, work: impl AsyncFnOnce(&Life) -> T) -> T {
        let answer = self.live_at_most(None, work);
        answer.expect("nothing ends it before")
    }

    /// One life of the hub that ends after so many moments, wherever the work, the engine and the
    /// platforms are then: none when it did.
    pub fn live_at_most<T>(
        &self,
        moments: Option<u64>,
        work: impl AsyncFnOnce(&Life) -> T,
    ) -> Option<T> {
        self.clock.fuse.lay(moments);
        let answer = self.in_time(async || {
            let store = self.open();
            for platform in [&self.slack, &self.teams] {
                platform.state().life_began_at = self.clock.now();
                platform.note("the hub begins".to_owned());
            }
            let parts = Parts {
                store: store.clone(),
                clock: Arc::clone(&self.clock) as _,
                random: Arc::clone(&self.random) as _,
                platforms: Arc::new(Models {
                    slack: Arc::clone(&self.slack),
                    teams: Arc::clone(&self.teams),
                }),
                policy: self.policy,
                consent_page: None,
            };
            let engine = Engine::new(parts).await.expect("an engine");
            engine.start().await.expect("a start");
            work(&Life { store, engine }).await
        });
        for platform in [&self.slack, &self.teams] {
            platform.note("the hub ends".to_owned());
        }
        self.slack.cut();
        answer
    }
}

impl House {
    /// No tokens: those who work in Slack are asked for their Teams account when they first write
    /// or are written to, and the app hears everything on Teams.
    pub fn that_asks(setup: Setup) -> Self {
        let house = Self::new(Setup {
            tokens: false,
            ..setup
        });
        let mut teams = house.teams.state();
        teams.signs_in = true;
        teams.hears_all = true;
        drop(teams);
        house
    }

    /// A copy of the database as it is now.
    pub fn back_up(&self) -> TempDir {
        let copy = folder();
        copy_files(self.folder.path(), copy.path());
        copy
    }

    /// Takes a backup into the emptied folder, as an administrator would.
    pub fn restore_backup(&self, backup: &TempDir) {
        let folder = self.folder.path();
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let file = entry.expect("an entry").path();
            std::fs::remove_file(file).expect("a file that can go");
        }
        let from = RestoreFrom {
            file: backup.path().join("backup"),
            passphrase: passphrase(),
            folder: folder.to_owned(),
            key: KeySource::File(folder.join("key")),
            now: self.clock.now(),
        };
        causeway_store::restore(&from).expect("it can be restored");
    }

    /// Puts a copy in place of the database.
    pub fn restore(&self, copy: &TempDir) {
        for name in ["causeway.db", "causeway.db-wal", "causeway.db-shm"] {
            let file = self.folder.path().join(name);
            if file.exists() {
                std::fs::remove_file(file).expect("a file that can go");
            }
        }
        copy_files(copy.path(), self.folder.path());
    }
}

fn passphrase() -> Passphrase {
    Passphrase::new("correct horse battery staple").expect("it is long enough")
}

fn copy_files(from: &std::path::Path, to: &std::path::Path) {
    for entry in std::fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        if entry.file_type().expect("a type").is_file() {
            std::fs::copy(entry.path(), to.join(entry.file_name())).expect("a copy");
        }
    }
}

impl Life {
    /// A backup of what is committed now, in a folder of its own.
    pub async fn back_up(&self, house: &House) -> TempDir {
        let backup = folder();
        let to = BackupTo {
            file: backup.path().join("backup"),
            passphrase: passphrase(),
            overwrite: false,
            now: house.clock.now(),
        };
        self.store.back_up(to).await.expect("a backup");
        backup
    }

    /// Lets this much time pass.
    pub async fn pass(&self, ms: u64) {
        tokio::time::sleep(Duration::from_millis(ms)).await;
    }

    /// Lets the sources begin to hear, and what was missed be read.
    pub async fn ready(&self) {
        self.pass(1_500).await;
    }

    /// Lets time pass until everything that can be delivered has been, at most a few minutes.
    pub async fn settle(&self) {
        self.pass(400).await;
        for _ in 0..600 {
            let counts = self.counts().await;
            if counts.queued + counts.sending == 0 {
                break;
            }
            self.pass(500).await;
        }
        self.pass(1_000).await;
    }

    pub async fn counts(&self) -> Counts {
        let counts = self.store.read(|reader| reader.counts()).await;
        counts.expect("counts")
    }

    /// The ledger, newest first.
    pub async fn ledger(&self) -> Vec<LedgerRow> {
        let rows = self
            .store
            .read(|reader| reader.activity_page(&ActivityFilter::default(), None, 500))
            .await;
        rows.expect("the ledger").into_iter().collect()
    }

    pub async fn in_state(&self, state: DeliveryState) -> Vec<Option<Reason>> {
        let rows = self.ledger().await;
        rows.into_iter()
            .filter(|row| row.delivery.state == state)
            .map(|row| row.delivery.reason)
            .collect()
    }

    pub async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> T {
        self.store.write(work).await.expect("a commit")
    }

    /// Events that wait to be routed, over all conversations.
    pub async fn kept(&self, connection: ConnectionId, platform: &ModelPlatform) -> usize {
        let rooms: Vec<_> = platform.state().rooms.keys().cloned().collect();
        let rows = self.store.read(move |reader| {
            let mut kept = 0;
            for room in &rooms {
                kept += reader.inbox_of_conversation(connection, room)?.len();
            }
            Ok(kept)
        });
        rows.await.expect("the inbox")
    }
}

/// On a file system in memory where there is one: these tests lose nothing in a power cut.
fn folder() -> TempDir {
    let memory = std::path::Path::new("/dev/shm");
    if memory.is_dir() {
        TempDir::new_in(memory).expect("a folder")
    } else {
        TempDir::new().expect("a folder")
    }
}

pub fn authorise(platform: &ModelPlatform, account: &str) {
    let account = ExternalAccount::new(account);
    platform.state().authorised.insert(account);
}

fn furnish_pair(
    tx: &mut Tx<'_>,
    number: usize,
    pair: &Pair,
    setup: Setup,
    now: causeway_model::Timestamp,
) -> Result<(), StoreError> {
    let (ann, bob) = (format!("Ann {number}"), format!("Bob {number}"));
    let slack = [listed(&pair.ann_slack, &ann), listed(&pair.bob_slack, &bob)];
    let teams = [listed(&pair.ann_teams, &ann), listed(&pair.bob_teams, &bob)];
    tx.import_accounts(SLACK, &slack, now)?;
    tx.import_accounts(TEAMS, &teams, now)?;
    if setup.both {
        pair_up(tx, (SLACK, &pair.ann_slack), (TEAMS, &pair.ann_teams))?;
    }
    pair_up(tx, (TEAMS, &pair.bob_teams), (SLACK, &pair.bob_slack))?;
    if setup.tokens {
        put_token(tx, SLACK, &pair.bob_slack)?;
        put_token(tx, TEAMS, &pair.ann_teams)?;
    }
    Ok(())
}

pub fn listed(external: &str, name: &str) -> DirectoryAccount {
    DirectoryAccount {
        external: ExternalAccount::new(external),
        email: Some(format!("{}@acme.example", name.replace(' ', "."))),
        email_verified: true,
        name: name.to_owned(),
        photo: None,
        kind: AccountKind::Full,
        active: true,
    }
}

/// Who owns an account, and its number.
pub fn owner(
    tx: &Tx<'_>,
    connection: ConnectionId,
    external: &str,
) -> Result<(PersonId, AccountId), StoreError> {
    let account = tx.account_by_external(connection, &ExternalAccount::new(external))?;
    let account = account.ok_or(StoreError::NotFound("account"))?;
    let person = account.person.ok_or(StoreError::NotFound("person"))?;
    Ok((person, account.id))
}

pub fn pair_up(
    tx: &mut Tx<'_>,
    primary: (ConnectionId, &str),
    secondary: (ConnectionId, &str),
) -> Result<PairingId, StoreError> {
    let (person, account) = owner(tx, primary.0, primary.1)?;
    let (_, stand_in) = owner(tx, secondary.0, secondary.1)?;
    tx.add_pairing(&NewPairing {
        person,
        primary: account,
        secondary_connection: secondary.0,
        secondary: Some(stand_in),
        mode: Mode::Full,
        guest: None,
        since: causeway_model::Timestamp(0),
    })
}

pub fn put_token(
    tx: &mut Tx<'_>,
    connection: ConnectionId,
    account: &str,
) -> Result<(), StoreError> {
    let token = TokenRow {
        access: Some("token".to_owned()),
        expires_at: None,
        refresh: None,
        refresh_ends_at: None,
        scopes: String::new(),
    };
    tx.put_token(connection, &format!("account:{account}"), &token)
}

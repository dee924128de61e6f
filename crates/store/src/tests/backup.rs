//! Backups: what is in one, what is refused, and how a restored folder begins.

use std::fs;
use std::path::{Path, PathBuf};

use causeway_model::{DeliveryState, HealthState, Timestamp};
use tempfile::TempDir;

use super::world::{NOW, World, ended};
use super::{open, options};
use crate::{
    BackupTo, KeyHome, KeySource, Passphrase, RestoreFrom, Revived, SignInRow, Store, StoreError,
    TokenRow, restore, schema,
};

const TEXT: &str = "the canary sings at midnight";
const TOKEN: &str = "xoxb-canary-token-of-the-app";
const LATER: Timestamp = Timestamp(NOW.0 + 3_600_000);
/// Of the header, as `backup/header.rs` counts it.
const HEADER: usize = 183;

fn passphrase() -> Passphrase {
    Passphrase::new("correct horse battery staple").expect("it is long enough")
}

fn to(file: &Path) -> BackupTo {
    BackupTo {
        file: file.to_owned(),
        passphrase: passphrase(),
        overwrite: false,
        now: NOW,
    }
}

/// A world with something in it, and its backup.
struct Kept {
    world: World,
    file: PathBuf,
    place: TempDir,
}

impl Kept {
    async fn new() -> Self {
        let world = World::new().await;
        let slack = world.slack;
        world
            .write(move |tx| {
                let token = TokenRow {
                    access: Some(TOKEN.to_owned()),
                    expires_at: None,
                    refresh: None,
                    refresh_ends_at: None,
                    scopes: String::new(),
                };
                tx.put_token(slack, "app", &token)
            })
            .await;
        let sent = world.post(1, "said before").await;
        world.deliver(sent).await;
        world.post(2, TEXT).await;
        let place = tempfile::tempdir().expect("a folder");
        let file = place.path().join("hub.backup");
        let bytes = world.store.back_up(to(&file)).await.expect("a backup");
        assert_eq!(bytes, fs::metadata(&file).expect("it is there").len());
        Self { world, file, place }
    }

    fn from(&self) -> RestoreFrom {
        let folder = self.place.path().join("restored");
        RestoreFrom {
            file: self.file.clone(),
            passphrase: passphrase(),
            key: KeySource::File(folder.join("key")),
            folder,
            now: LATER,
        }
    }

    fn restored(&self) -> (Revived, Store) {
        let from = self.from();
        let revived = restore(&from).expect("it can be restored");
        (revived, open(&from.folder))
    }

    /// Restores the file as `change` makes it, and proves that nothing is left of that.
    fn refused(&self, change: impl FnOnce(&mut Vec<u8>)) -> StoreError {
        let mut bytes = fs::read(&self.file).expect("the backup");
        change(&mut bytes);
        let file = self.place.path().join("changed");
        fs::write(&file, bytes).expect("it is written");
        let from = RestoreFrom {
            file,
            ..self.from()
        };
        let error = restore(&from).expect_err("it must be refused");
        assert!(!from.folder.exists(), "{error}");
        error
    }
}

#[tokio::test]
async fn a_backup_gives_back_everything_and_begins_paused_and_marked() {
    let kept = Kept::new().await;
    // What comes after the backup is not in it.
    kept.world.post(3, "said after").await;
    let (revived, store) = kept.restored();
    let key = kept.from().folder.join("key");
    assert_eq!(revived.key_home, KeyHome::File(key));
    assert_eq!((revived.made_at, revived.unsettled), (NOW, 1));
    let (leg, slack) = (kept.world.teams_leg, kept.world.slack);
    let told = store.read(move |reader| {
        let head = reader.lane_head(leg)?;
        let token = reader.token(slack, "app")?;
        let pauses = reader.pauses()?;
        Ok((
            head,
            token,
            pauses.relay,
            reader.restored()?,
            reader.notices()?,
        ))
    });
    let (head, token, paused, restored, notices) = told.await.expect("it can be read");
    let (head, content) = head.expect("what was queued");
    assert_eq!(head.state, DeliveryState::Queued);
    assert_eq!(content.as_deref(), Some(TEXT));
    assert_eq!(token.and_then(|token| token.access).as_deref(), Some(TOKEN));
    assert_eq!(paused, Some(LATER));
    let restored = restored.expect("it is marked");
    assert_eq!((restored.made_at, restored.restored_at), (NOW, LATER));
    assert_eq!(restored.resumed_at, None);
    assert_eq!(notices.len(), 2, "one a connection");
    let counts = store.read(|reader| reader.counts()).await.expect("counts");
    assert_eq!((counts.queued, counts.delivered), (1, 1));
}

#[tokio::test]
async fn resuming_ends_the_mark_once_and_takes_the_notices_along() {
    let kept = Kept::new().await;
    let (_, store) = kept.restored();
    for at in [LATER, Timestamp(LATER.0 + 5)] {
        let resumed = store.write(move |tx| tx.end_restored_pause(at));
        resumed.await.expect("written");
    }
    let told = store.read(|reader| Ok((reader.restored()?, reader.notices()?)));
    let (restored, notices) = told.await.expect("it can be read");
    assert_eq!(restored.and_then(|it| it.resumed_at), Some(LATER));
    assert_eq!(notices, []);
    // A hub that never was a backup knows nothing of this.
    let usual = kept.world.store.write(|tx| tx.end_restored_pause(NOW));
    usual.await.expect("written");
    let usual = kept.world.store.read(|reader| reader.restored());
    assert_eq!(usual.await, Ok(None));
}

#[tokio::test]
async fn codes_of_the_earlier_life_are_not_waited_for() {
    let kept = Kept::new().await;
    let (slack, file) = (kept.world.slack, kept.place.path().join("second"));
    kept.world
        .write(move |tx| {
            let account = causeway_model::ExternalAccount::new("U1");
            let account = tx.account_by_external(slack, &account)?;
            tx.add_sign_in(&SignInRow {
                id: 0,
                account: account.ok_or(StoreError::NotFound("account"))?.id,
                way: causeway_model::SignInWay::DeviceCode,
                state: None,
                secret: Some("a device code".to_owned()),
                interval_ms: 5_000,
                expires_at: LATER,
            })
        })
        .await;
    let made = kept.world.store.back_up(to(&file)).await;
    made.expect("a backup");
    let from = RestoreFrom {
        file,
        ..kept.from()
    };
    restore(&from).expect("it can be restored");
    let left = open(&from.folder).read(|reader| reader.sign_ins()).await;
    assert_eq!(left, Ok(vec![]));
}

#[tokio::test]
async fn whose_tokens_were_lost_since_is_told() {
    let kept = Kept::new().await;
    let (_, store) = kept.restored();
    let slack = kept.world.slack;
    let lose = move |tx: &mut crate::Tx<'_>| {
        let token = TokenRow {
            access: Some("of Ann".to_owned()),
            expires_at: None,
            refresh: None,
            refresh_ends_at: None,
            scopes: String::new(),
        };
        tx.put_token(slack, "account:U1", &token)?;
        tx.set_health(slack, HealthState::Connected, None, LATER, true)?;
        tx.revoke_token(slack, "account:U1", LATER)
    };
    store.write(lose).await.expect("written");
    let lost = store.read(|reader| reader.tokens_lost_since(LATER)).await;
    let lost = lost.expect("it can be read");
    assert_eq!(lost.len(), 1);
    assert_eq!(
        (lost[0].name.as_str(), lost[0].connection),
        ("Ann Lee", slack)
    );
    let since = Timestamp(LATER.0 + 1);
    let none = store.read(move |reader| reader.tokens_lost_since(since));
    assert_eq!(none.await, Ok(vec![]));
}

#[tokio::test]
async fn neither_text_nor_token_nor_key_nor_passphrase_can_be_read_in_a_backup() {
    let kept = Kept::new().await;
    let bytes = fs::read(&kept.file).expect("the backup");
    let key = fs::read_to_string(kept.world.folder.path().join("key")).expect("the key");
    let raw = data_encoding::HEXLOWER.decode(key.trim().as_bytes());
    let secrets = [
        TEXT.as_bytes(),
        TOKEN.as_bytes(),
        b"Ann Lee",
        b"ann@acme.test",
        key.trim().as_bytes(),
        &raw.expect("digits"),
        b"correct horse",
        b"SQLite format 3",
    ];
    for secret in secrets {
        let found = bytes.windows(secret.len()).any(|window| window == secret);
        assert!(!found, "{}", String::from_utf8_lossy(secret));
    }
}

#[tokio::test]
async fn every_changed_byte_of_the_header_and_some_of_the_rest_is_refused() {
    let kept = Kept::new().await;
    let length = fs::read(&kept.file).expect("the backup").len();
    for place in 0..HEADER {
        let error = kept.refused(|bytes| bytes[place] ^= 1);
        let expected = match place {
            16..18 => matches!(
                error,
                StoreError::BackupNewer { .. } | StoreError::BackupDamaged
            ),
            _ => error == StoreError::BackupDamaged,
        };
        assert!(expected, "{place}: {error:?}");
    }
    let page = 4_096;
    for place in [HEADER, HEADER + 16, HEADER + page, length / 2, length - 1] {
        let error = kept.refused(|bytes| bytes[place] ^= 0x80);
        assert_eq!(error, StoreError::BackupDamaged, "{place}");
    }
}

#[tokio::test]
async fn a_backup_that_was_cut_off_or_added_to_is_refused() {
    let kept = Kept::new().await;
    let length = fs::read(&kept.file).expect("the backup").len();
    let boundaries = [16, 18, 22, 30, 31, 35, 51, 63, 71, 151, HEADER];
    let around = boundaries.into_iter().flat_map(|at| [at - 1, at, at + 1]);
    let pages = [HEADER + 4_096, length - 4_096, length - 1];
    for cut in [0, 1].into_iter().chain(around).chain(pages) {
        let error = kept.refused(|bytes| bytes.truncate(cut));
        assert_eq!(error, StoreError::BackupDamaged, "cut to {cut}");
    }
    let longer = kept.refused(|bytes| bytes.push(0));
    assert_eq!(longer, StoreError::BackupDamaged);
}

#[tokio::test]
async fn another_passphrase_is_told_from_damage() {
    let kept = Kept::new().await;
    let from = RestoreFrom {
        passphrase: Passphrase::new("correct horse battery stable").expect("long enough"),
        ..kept.from()
    };
    assert_eq!(restore(&from), Err(StoreError::WrongPassphrase));
    assert!(!from.folder.exists());
}

#[test]
fn a_passphrase_is_long_and_its_letters_count_however_they_are_composed() {
    assert_eq!(Passphrase::new("eleven char"), None);
    assert_eq!(
        Passphrase::new("re\u{301}sume\u{301} twelve"),
        Passphrase::new("r\u{e9}sum\u{e9} twelve")
    );
    assert_eq!(format!("{:?}", passphrase()), "Passphrase(..)");
}

#[tokio::test]
async fn a_newer_database_or_format_is_refused_and_named() {
    let kept = Kept::new().await;
    let newer = schema::KNOWN + 1;
    let raised = kept
        .world
        .store
        .write(move |tx| Ok(tx.sql().pragma_update(None, "user_version", newer)?));
    raised.await.expect("written");
    let file = kept.place.path().join("newer");
    let made = kept.world.store.back_up(to(&file)).await;
    made.expect("a backup");
    let from = RestoreFrom {
        file,
        ..kept.from()
    };
    let expected = StoreError::NewerSchema {
        found: newer,
        known: schema::KNOWN,
    };
    assert_eq!(restore(&from), Err(expected));
    assert!(!from.folder.exists());
    let error = kept.refused(|bytes| bytes[17] = 2);
    assert_eq!(error, StoreError::BackupNewer { found: 2, known: 1 });
}

#[test]
fn an_older_database_is_migrated_on_its_way() {
    let place = tempfile::tempdir().expect("a folder");
    let (old, file) = (place.path().join("old"), place.path().join("backup"));
    fs::create_dir(&old).expect("a folder");
    let version = usize::try_from(schema::KNOWN - 1).expect("small");
    super::migration::build(&old, version);
    let key = crate::key::Key::from_hex(super::migration::KEY).expect("a key");
    let database = crate::open::Files::new(old, crate::open::DATABASE, key);
    crate::backup::make(&database, &to(&file)).expect("a backup");
    let folder = place.path().join("restored");
    let from = RestoreFrom {
        file,
        passphrase: passphrase(),
        key: KeySource::File(folder.join("key")),
        folder,
        now: LATER,
    };
    assert_eq!(restore(&from).map(|revived| revived.unsettled), Ok(1));
    let mut names: Vec<_> = fs::read_dir(&from.folder)
        .expect("the folder")
        .map(|entry| entry.expect("an entry").file_name())
        .collect();
    names.sort();
    // No copy of the older database: the backup is one.
    assert_eq!(names, ["causeway.db", "causeway.db.check", "key"]);
    open(&from.folder);
}

#[tokio::test]
async fn a_folder_with_anything_in_it_is_refused_and_left_alone() {
    let kept = Kept::new().await;
    let from = kept.from();
    fs::create_dir(&from.folder).expect("a folder");
    let other = from.folder.join("somebody's file");
    fs::write(&other, "theirs").expect("a file");
    assert_eq!(restore(&from), Err(StoreError::FolderNotEmpty));
    fs::remove_file(&other).expect("it goes");
    restore(&from).expect("an empty one is taken");
    assert_eq!(restore(&from), Err(StoreError::FolderNotEmpty));
}

#[tokio::test]
async fn another_key_is_never_replaced_and_the_same_one_is_used() {
    let kept = Kept::new().await;
    let key = kept.place.path().join("elsewhere");
    let from = RestoreFrom {
        key: KeySource::File(key.clone()),
        ..kept.from()
    };
    fs::write(&key, "00".repeat(32)).expect("another key");
    assert_eq!(restore(&from), Err(StoreError::KeyTaken));
    assert!(!from.folder.exists());
    let own = fs::read(kept.world.folder.path().join("key")).expect("the key");
    fs::write(&key, &own).expect("the same key");
    restore(&from).expect("it fits");
    assert_eq!(fs::read(&key).expect("it is there"), own);
}

#[tokio::test]
async fn a_file_that_is_there_is_replaced_only_where_that_was_asked_for() {
    let kept = Kept::new().await;
    let again = kept.world.store.back_up(to(&kept.file)).await;
    assert_eq!(again, Err(StoreError::BackupExists));
    fs::write(&kept.file, "something else").expect("written");
    let again = kept.world.store.back_up(to(&kept.file)).await;
    assert_eq!(again, Err(StoreError::BackupExists));
    assert_eq!(
        fs::read(&kept.file).expect("it is there"),
        b"something else"
    );
    let overwrite = BackupTo {
        overwrite: true,
        ..to(&kept.file)
    };
    kept.world.store.back_up(overwrite).await.expect("a backup");
    kept.restored();
    let nowhere = kept.place.path().join("no folder").join("file");
    let error = kept.world.store.back_up(to(&nowhere)).await;
    assert_eq!(
        error,
        Err(StoreError::BackupUnwritable(std::io::ErrorKind::NotFound))
    );
}

#[cfg(unix)]
#[tokio::test]
async fn backups_and_restored_files_are_their_owners_alone_and_nothing_else_is_left_over() {
    use std::os::unix::fs::PermissionsExt;

    let kept = Kept::new().await;
    let beside: Vec<_> = fs::read_dir(kept.place.path())
        .expect("the folder")
        .map(|entry| entry.expect("an entry").file_name())
        .collect();
    assert_eq!(beside, ["hub.backup"]);
    let from = kept.from();
    restore(&from).expect("it can be restored");
    let mode = |path: &Path| {
        let facts = fs::metadata(path).expect("it is there");
        facts.permissions().mode() & 0o777
    };
    assert_eq!(mode(&kept.file), 0o600);
    assert_eq!(mode(&from.folder), 0o700);
    for entry in fs::read_dir(&from.folder).expect("the folder") {
        let path = entry.expect("an entry").path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}

#[tokio::test]
async fn what_is_written_while_a_backup_is_made_does_not_wait_for_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let threaded = crate::OpenOptions {
        writer: crate::Writer::Thread,
        ..options(folder.path())
    };
    let store = Store::open(threaded).expect("it opens");
    let much = "x".repeat(8 * 1024 * 1024);
    store
        .write(move |tx| tx.meta_set("much", &much))
        .await
        .expect("written");
    let file = folder.path().join("hub.backup");
    let making = tokio::spawn({
        let store = store.clone();
        async move { store.back_up(to(&file)).await }
    });
    let mut written = 0_u32;
    while !making.is_finished() {
        let name = format!("n{written}");
        let one = store.write(move |tx| tx.meta_set(&name, "1")).await;
        one.expect("written");
        written += 1;
    }
    making.await.expect("no panic").expect("a backup");
    assert!(written > 1, "{written} commits");
    store.checkpoint().await.expect("nobody reads any more");
    store.close().await;
    let closed = store.back_up(to(&folder.path().join("late"))).await;
    assert_eq!(closed, Err(StoreError::Closed));
}

#[tokio::test]
async fn what_had_ended_stays_ended_and_what_was_uncertain_stays_so() {
    let kept = Kept::new().await;
    let id = kept.world.post(4, "uncertain").await;
    kept.world
        .write(move |tx| {
            tx.begin_attempt(id, NOW, &super::world::attempt())?;
            tx.settle(id, NOW, &ended(DeliveryState::Uncertain))
        })
        .await;
    let file = kept.place.path().join("second");
    kept.world.store.back_up(to(&file)).await.expect("a backup");
    let from = RestoreFrom {
        file,
        ..kept.from()
    };
    assert_eq!(restore(&from).map(|revived| revived.unsettled), Ok(2));
    let store = open(&from.folder);
    let found = store.read(move |reader| reader.delivery(id)).await;
    let found = found.expect("it can be read").expect("it is there");
    assert_eq!(found.state, DeliveryState::Uncertain);
}

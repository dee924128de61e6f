use std::fs;
use std::path::Path;

use super::{open, options};
use crate::{KeyHome, KeySource, OpenOptions, Store, StoreError, Writer, schema};

const OTHER_KEY: &str = "00000000000000000000000000000000000000000000000000000000000000ff";

async fn made(folder: &Path) {
    let store = open(folder);
    store.close().await;
}

fn failure(options: OpenOptions) -> StoreError {
    Store::open(options).expect_err("it must not open")
}

/// Opens and fails, and proves that the database file was not touched.
fn untouched_failure(options: OpenOptions) -> StoreError {
    let database = options.folder.join("causeway.db");
    let before = fs::read(&database).expect("the database is there");
    let error = failure(options);
    assert_eq!(fs::read(&database).expect("it still is"), before);
    error
}

#[tokio::test]
async fn what_is_committed_is_there_after_closing_and_opening() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    let key = store.read(|reader| reader.digest_key()).await;
    store
        .write(|tx| tx.meta_set("word", "kept"))
        .await
        .expect("written");
    store.close().await;
    assert_eq!(
        store.read(|reader| reader.meta_get("word")).await,
        Err(StoreError::Closed)
    );

    let store = open(folder.path());
    let word = store.read(|reader| reader.meta_get("word")).await;
    assert_eq!(word, Ok(Some("kept".to_owned())));
    assert_eq!(store.read(|reader| reader.digest_key()).await, key);
}

#[tokio::test]
async fn a_wrong_key_is_told_and_changes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    made(folder.path()).await;
    fs::write(folder.path().join("key"), OTHER_KEY).expect("the key is replaced");
    assert_eq!(
        untouched_failure(options(folder.path())),
        StoreError::WrongKey
    );
    fs::remove_file(folder.path().join("causeway.db.check")).expect("the side file goes");
    assert_eq!(
        untouched_failure(options(folder.path())),
        StoreError::WrongKey
    );
}

#[tokio::test]
async fn a_damaged_first_page_is_not_taken_for_a_wrong_key() {
    let folder = tempfile::tempdir().expect("a folder");
    made(folder.path()).await;
    let database = folder.path().join("causeway.db");
    let mut bytes = fs::read(&database).expect("the database is there");
    bytes[100..200].fill(0x55);
    fs::write(&database, bytes).expect("it is damaged");
    assert_eq!(
        untouched_failure(options(folder.path())),
        StoreError::Corrupt
    );
}

#[tokio::test]
async fn a_file_that_was_cut_off_or_emptied_is_corrupt() {
    for length in [0, 1_000, 3 * 4_096] {
        let folder = tempfile::tempdir().expect("a folder");
        made(folder.path()).await;
        let database = fs::File::options()
            .write(true)
            .open(folder.path().join("causeway.db"));
        let database = database.expect("the database is there");
        database.set_len(length).expect("it is cut");
        let error = untouched_failure(options(folder.path()));
        assert_eq!(error, StoreError::Corrupt, "cut to {length}");
    }
}

#[tokio::test]
async fn a_plain_database_is_corrupt_rather_than_of_another_key() {
    let folder = tempfile::tempdir().expect("a folder");
    let database = folder.path().join("causeway.db");
    fs::write(folder.path().join("key"), OTHER_KEY).expect("a key");
    let mut plain = b"SQLite format 3\0".to_vec();
    plain.resize(8_192, 1);
    fs::write(&database, plain).expect("a file");
    assert_eq!(
        untouched_failure(options(folder.path())),
        StoreError::Corrupt
    );
}

#[tokio::test]
async fn a_newer_schema_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    let newer = schema::KNOWN + 1;
    store
        .write(move |tx| Ok(tx.sql().pragma_update(None, "user_version", newer)?))
        .await
        .expect("written");
    store.close().await;
    assert_eq!(
        untouched_failure(options(folder.path())),
        StoreError::NewerSchema {
            found: newer,
            known: schema::KNOWN
        }
    );
}

#[tokio::test]
async fn a_folder_is_one_stores_until_its_last_handle_goes() {
    let folder = tempfile::tempdir().expect("a folder");
    for writer in [Writer::Thread, Writer::Inline] {
        let wanted = OpenOptions {
            writer,
            ..options(folder.path())
        };
        let store = Store::open(wanted.clone()).expect("it opens");
        let second_handle = store.clone();
        drop(store);
        assert_eq!(untouched_failure(wanted.clone()), StoreError::FolderLocked);
        drop(second_handle);
        Store::open(wanted).expect("it opens again").close().await;
    }
}

#[tokio::test]
async fn a_lost_key_is_told_and_no_other_is_made() {
    let folder = tempfile::tempdir().expect("a folder");
    made(folder.path()).await;
    let key = folder.path().join("key");
    fs::remove_file(&key).expect("the key goes");
    assert_eq!(
        untouched_failure(options(folder.path())),
        StoreError::KeyMissing
    );
    assert!(!key.exists());
    fs::write(&key, "no key at all").expect("something is there");
    assert_eq!(
        untouched_failure(options(folder.path())),
        StoreError::KeyUnreadable
    );
}

#[test]
fn a_folder_that_cannot_be_made_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("file");
    fs::write(&file, "").expect("a file");
    let error = failure(options(&file.join("below")));
    assert_eq!(error.code(), "store_folder_unwritable");
}

#[tokio::test]
async fn an_existing_key_file_is_found_without_asking_the_keychain() {
    let folder = tempfile::tempdir().expect("a folder");
    made(folder.path()).await;
    let wanted = OpenOptions {
        key: KeySource::Automatic,
        ..options(folder.path())
    };
    let store = Store::open(wanted).expect("it opens");
    assert_eq!(store.key_home(), &KeyHome::File(folder.path().join("key")));
}

#[cfg(unix)]
#[tokio::test]
async fn folder_and_files_are_their_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let parent = tempfile::tempdir().expect("a folder");
    let folder = parent.path().join("data");
    let store = open(&folder);
    let mode = |path: &Path| {
        let facts = fs::metadata(path).expect("it exists");
        facts.permissions().mode() & 0o777
    };
    assert_eq!(mode(&folder), 0o700);
    let entries = fs::read_dir(&folder).expect("it can be listed");
    for entry in entries {
        let path = entry.expect("an entry").path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
    store.close().await;
}

#[cfg(unix)]
#[tokio::test]
async fn a_folder_that_holds_other_things_keeps_its_permissions() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("other"), "").expect("something else");
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("shared");
    drop(open(folder.path()));
    let facts = fs::metadata(folder.path()).expect("it exists");
    assert_eq!(facts.permissions().mode() & 0o777, 0o755);
}

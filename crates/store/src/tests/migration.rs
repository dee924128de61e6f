use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use rusqlite::Connection;

use super::{open, options};
use crate::{Counts, schema};

pub(super) const KEY: &str = "1111111111111111111111111111111111111111111111111111111111111111";

/// What an earlier program left: one queued delivery, written in terms of version 1.
const CONTENTS: &str = "
    INSERT INTO connections VALUES
        (1, 'slack', 'Acme', '{}', 'connected', 1, NULL, NULL, 0, 0, 1, NULL);
    INSERT INTO people VALUES (1, 'Ann', 'ann', NULL, char(10) || 'ann');
    INSERT INTO legs (id, connection, person, kind, state, external, speaker, created_at)
    VALUES (1, 1, 1, 'app', 'current', 'D1', '\"app\"', 1);
    INSERT INTO deliveries (id, leg, operation, part, relay_id, state, source_at, received_at,
        due_at, late)
    VALUES (1, 1, 'note', 0, '00000000000000000000000000000001', 'queued', 5, 5, 5, 0);
    INSERT INTO payloads VALUES (1, zeroblob(4000), 'hello');
    INSERT INTO tokens (connection, owner, access, expires_at, refresh, scopes)
    VALUES (1, 'account:U1', 'a', 9, 'r', 's');";

fn connect(database: &Path) -> Connection {
    let connection = Connection::open(database).expect("it opens");
    connection
        .execute_batch(&format!("PRAGMA key = \"x'{KEY}'\";"))
        .expect("the key is given");
    connection
}

/// Builds a database as the program of that version would have left it, its log not yet merged.
pub(super) fn build(folder: &Path, version: usize) {
    fs::write(folder.join("key"), KEY).expect("a key");
    let mut connection = connect(&folder.join("causeway.db"));
    connection
        .pragma_update(None, "journal_mode", "WAL")
        .expect("a log");
    schema::migrate_to(&mut connection, version).expect("it migrates");
    connection.execute_batch(CONTENTS).expect("it is filled");
    let keep_log = rusqlite::config::DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE;
    connection
        .set_db_config(keep_log, true)
        .expect("as in a crash");
}

fn definitions(connection: &Connection) -> BTreeSet<String> {
    let mut statement = connection
        .prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL")
        .expect("a query");
    let rows = statement.query_map([], |row| row.get(0)).expect("rows");
    rows.map(|row| row.expect("text")).collect()
}

#[tokio::test]
async fn every_earlier_version_is_migrated_and_a_copy_of_it_kept() {
    let fresh = tempfile::tempdir().expect("a folder");
    let expected = open(fresh.path())
        .read(|reader| Ok(definitions(&reader.sql())))
        .await
        .expect("read");

    for version in 1..schema::KNOWN {
        let folder = tempfile::tempdir().expect("a folder");
        build(folder.path(), usize::try_from(version).expect("small"));
        let store = open(folder.path());
        let (found, counts, head, token, found_version) = store
            .read(|reader| {
                Ok((
                    definitions(&reader.sql()),
                    reader.counts()?,
                    reader.lane_head(causeway_model::LegId(1))?,
                    reader.token(causeway_model::ConnectionId(1), "account:U1")?,
                    schema::version(&reader.sql())?,
                ))
            })
            .await
            .expect("read");
        assert_eq!(found, expected, "from version {version}");
        assert_eq!(found_version, schema::KNOWN);
        let queued = Counts {
            queued: 1,
            ..Counts::default()
        };
        assert_eq!(counts, queued);
        assert_eq!(
            head.expect("it is still queued").1.as_deref(),
            Some("hello")
        );
        let token = token.expect("it is still held");
        assert_eq!(token.refresh.as_deref(), Some("r"));
        assert_eq!(token.refresh_ends_at, None, "it was never told");

        let copy = connect(&folder.path().join(format!("causeway.db.v{version}.bak")));
        assert_eq!(schema::version(&copy).expect("read"), version);
        let kept: i64 = copy
            .query_row("SELECT count(*) FROM payloads", [], |row| row.get(0))
            .expect("read");
        assert_eq!(kept, 1);
    }
}

#[tokio::test]
async fn a_database_of_this_version_is_not_copied() {
    let folder = tempfile::tempdir().expect("a folder");
    open(folder.path()).close().await;
    open(folder.path()).close().await;
    let copies = fs::read_dir(folder.path()).expect("it can be listed");
    let copies = copies.filter(|entry| {
        let name = entry.as_ref().expect("an entry").file_name();
        name.to_string_lossy().ends_with(".bak")
    });
    assert_eq!(copies.count(), 0);
}

#[test]
fn a_migration_that_finds_no_room_leaves_the_old_database() {
    let folder = tempfile::tempdir().expect("a folder");
    build(folder.path(), 1);
    // A folder of the copy's name stands where the copy must go.
    let blocked = folder.path().join("causeway.db.v1.bak");
    fs::create_dir_all(blocked.join("full")).expect("it is in the way");
    let error = crate::Store::open(options(folder.path())).expect_err("no copy, no migration");
    assert_eq!(error.code(), "store_folder_unwritable");
    let connection = connect(&folder.path().join("causeway.db"));
    assert_eq!(schema::version(&connection).expect("read"), 1);
}

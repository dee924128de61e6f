use std::sync::mpsc;

use tokio::sync::watch;

use super::options;
use super::world::do_write;
use crate::open::open as open_connection;
use crate::sql::Sql;
use crate::writer::{Job, Writing, commit};
use crate::{OpenOptions, Reader, Store, StoreError, Tx, Writer};

fn threaded(folder: &std::path::Path) -> Store {
    let wanted = OpenOptions {
        writer: Writer::Thread,
        ..options(folder)
    };
    Store::open(wanted).expect("it opens")
}

fn put(name: &'static str) -> impl FnOnce(&mut Tx<'_>) -> Result<(), StoreError> + Send {
    move |tx| tx.meta_set(name, "here")
}

fn has(reader: &Reader<'_>, name: &str) -> bool {
    reader.meta_get(name).expect("it can be read").is_some()
}

#[tokio::test]
async fn work_that_waits_together_is_committed_together() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = threaded(folder.path());
    let changes = store.changes();
    let (release, released) = mpsc::channel::<()>();
    let busy = store.write(move |_| {
        released.recv().expect("it is let go");
        Ok(())
    });
    // Joined in this order: the three are handed in before the writer is let go.
    let (busy, one, two, three, ()) = tokio::join!(
        busy,
        store.write(put("one")),
        store.write(put("two")),
        store.write(put("three")),
        async move { release.send(()).expect("the writer waits") },
    );
    assert_eq!((busy, one, two, three), (Ok(()), Ok(()), Ok(()), Ok(())));
    assert_eq!(*changes.borrow(), 1);
}

#[tokio::test]
async fn failing_and_panicking_work_harms_no_neighbour() {
    let folder = tempfile::tempdir().expect("a folder");
    let opened = open_connection(&options(folder.path())).expect("it opens");
    let writing = Writing::new(opened.connection);
    let (changes, _) = watch::channel(0);
    let (good, good_answer) = Job::queued(put("good"));
    let (bad, bad_answer) = Job::queued(|tx: &mut Tx<'_>| {
        tx.meta_set("bad", "here")?;
        Err::<(), _>(StoreError::NotFound("thing"))
    });
    let (worse, worse_answer) = Job::queued(|tx: &mut Tx<'_>| -> Result<(), StoreError> {
        tx.meta_set("worse", "here")?;
        panic!("on purpose")
    });
    let (last, last_answer) = Job::queued(put("last"));
    commit(&writing, vec![good, bad, worse, last], &changes);

    assert_eq!(
        good_answer.await.expect("answered").expect("no panic"),
        Ok(())
    );
    assert_eq!(
        bad_answer.await.expect("answered").expect("no panic"),
        Err(StoreError::NotFound("thing"))
    );
    assert!(worse_answer.await.expect("answered").is_err());
    assert_eq!(
        last_answer.await.expect("answered").expect("no panic"),
        Ok(())
    );
    let reader = Reader::new(Sql::reading(writing.connection()));
    let kept = ["good", "bad", "worse", "last"].map(|name| has(&reader, name));
    assert_eq!(kept, [true, false, false, true]);
}

#[tokio::test]
async fn nobody_is_answered_before_the_commit() {
    let folder = tempfile::tempdir().expect("a folder");
    let opened = open_connection(&options(folder.path())).expect("it opens");
    let writing = Writing::new(opened.connection);
    let (changes, _) = watch::channel(0);
    let (first, mut first_answer) = Job::queued(put("first"));
    let (second, second_answer) = Job::queued(move |_: &mut Tx<'_>| {
        let early = first_answer.try_recv().is_ok();
        Ok((early, first_answer))
    });
    commit(&writing, vec![first, second], &changes);
    let (early, first_answer) = second_answer
        .await
        .expect("answered")
        .expect("no panic")
        .expect("no error");
    assert!(!early);
    assert_eq!(
        first_answer.await.expect("answered").expect("no panic"),
        Ok(())
    );
}

#[tokio::test]
async fn a_commit_that_fails_fails_for_all_and_keeps_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let opened = open_connection(&options(folder.path())).expect("it opens");
    let writing = Writing::new(opened.connection);
    let (changes, watched) = watch::channel(0);
    let (innocent, innocent_answer) = Job::queued(put("innocent"));
    // A broken reference that is looked at only when the transaction is committed.
    let (culprit, culprit_answer) = Job::queued(|tx: &mut Tx<'_>| {
        tx.sql().pragma_update(None, "defer_foreign_keys", "ON")?;
        tx.set_cursor(causeway_model::ConnectionId(404), "c", "v")
    });
    commit(&writing, vec![innocent, culprit], &changes);
    for answer in [innocent_answer, culprit_answer] {
        let answer = answer.await.expect("answered").expect("no panic");
        assert_eq!(answer.expect_err("not committed").code(), "store_database");
    }
    assert!(!has(
        &Reader::new(Sql::reading(writing.connection())),
        "innocent"
    ));
    assert_eq!(*watched.borrow(), 0);

    let (later, later_answer) = Job::queued(put("later"));
    commit(&writing, vec![later], &changes);
    assert_eq!(
        later_answer.await.expect("answered").expect("no panic"),
        Ok(())
    );
}

#[tokio::test]
async fn a_full_disk_is_told_and_work_goes_on_when_there_is_room() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = super::open(folder.path());
    do_write(&store, put("before")).await;
    let limit = |pages: i64| {
        move |tx: &mut Tx<'_>| {
            let query = format!("PRAGMA max_page_count = {pages}");
            Ok(tx.sql().query_row(&query, [], |row| row.get::<_, i64>(0))?)
        }
    };
    do_write(&store, limit(1)).await;
    let long = "x".repeat(2_000_000);
    let full = store.write(move |tx| tx.meta_set("long", &long)).await;
    assert_eq!(full, Err(StoreError::DiskFull));
    do_write(&store, limit(1_000_000)).await;
    do_write(&store, put("after")).await;
    let kept = store
        .read(|reader| Ok(["before", "long", "after"].map(|name| has(reader, name))))
        .await;
    assert_eq!(kept, Ok([true, false, true]));
}

#[tokio::test]
async fn readers_see_what_is_committed_and_cannot_write() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = threaded(folder.path());
    do_write(&store, put("word")).await;
    let seen = store.read(|reader| Ok(has(reader, "word"))).await;
    assert_eq!(seen, Ok(true));
    let refused = store
        .read(|reader| Ok(reader.sql().execute("DELETE FROM meta", [])?))
        .await;
    assert!(refused.is_err());
    let still = store.read(|reader| Ok(has(reader, "word"))).await;
    assert_eq!(still, Ok(true));
}

#[tokio::test]
async fn the_number_of_changes_moves_only_when_something_changed() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = super::open(folder.path());
    let mut changes = store.changes();
    changes.mark_unchanged();
    store.write(|_| Ok(())).await.expect("committed");
    assert!(!changes.has_changed().expect("the store is open"));
    store
        .write(|tx| {
            tx.meta_set("a", "b")?;
            Err::<(), _>(StoreError::NotFound("thing"))
        })
        .await
        .expect_err("undone");
    do_write(&store, put("one")).await;
    assert!(changes.has_changed().expect("the store is open"));
}

#[tokio::test]
async fn what_was_handed_in_before_closing_is_done() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = threaded(folder.path());
    let (write, ()) = tokio::join!(store.write(put("word")), store.close());
    assert_eq!(write, Ok(()));
    assert_eq!(store.write(put("late")).await, Err(StoreError::Closed));
    let store = super::open(folder.path());
    let kept = store
        .read(|reader| Ok(["word", "late"].map(|name| has(reader, name))))
        .await;
    assert_eq!(kept, Ok([true, false]));
}

#[tokio::test]
async fn what_undone_work_has_read_is_not_believed_by_the_next() {
    let folder = tempfile::tempdir().expect("a folder");
    let opened = open_connection(&options(folder.path())).expect("it opens");
    let writing = Writing::new(opened.connection);
    let (changes, _) = watch::channel(0);
    let (key, key_answer) = Job::queued(|tx: &mut Tx<'_>| tx.digest_key());
    commit(&writing, vec![key], &changes);
    let key = key_answer.await.expect("answered").expect("no panic");
    let key = key.expect("there is a key");
    for alone in [true, false] {
        let (undone, undone_answer) = Job::queued(|tx: &mut Tx<'_>| {
            tx.meta_set("digest_key", &"0".repeat(64))?;
            assert_eq!(tx.digest_key()?, [0; 32]);
            Err::<(), _>(StoreError::NotFound("thing"))
        });
        let (next, next_answer) = Job::queued(|tx: &mut Tx<'_>| tx.digest_key());
        if alone {
            commit(&writing, vec![undone], &changes);
            commit(&writing, vec![next], &changes);
        } else {
            commit(&writing, vec![undone, next], &changes);
        }
        let undone = undone_answer.await.expect("answered").expect("no panic");
        assert!(undone.is_err());
        let next = next_answer.await.expect("answered").expect("no panic");
        assert_eq!(next, Ok(key), "alone: {alone}");
    }
}

//! Group commit: many pieces of work in one transaction, each undone alone when it fails, none
//! answered before the commit.

use std::any::Any;
use std::fs::File;
use std::ops::Deref;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot, watch};

use crate::reader::Reader;
use crate::recall::Recall;
use crate::sql::Sql;
use crate::{StoreError, open};

/// A write transaction. Everything a [`Reader`] tells, it tells too, of what is not yet committed.
pub struct Tx<'a> {
    reader: Reader<'a>,
}

impl<'a> Deref for Tx<'a> {
    type Target = Reader<'a>;

    fn deref(&self) -> &Reader<'a> {
        &self.reader
    }
}

/// The one connection that writes, with what it has read before.
pub(crate) struct Writing {
    connection: Connection,
    recall: Recall,
}

impl Writing {
    pub(crate) fn new(connection: Connection) -> Self {
        Self {
            connection,
            recall: Recall::default(),
        }
    }

    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }
}

/// One piece of work, with its answer kept back until the commit.
pub(crate) trait Work: Send {
    fn run(self: Box<Self>, tx: &mut Tx<'_>) -> Done;

    /// Answers without having run.
    fn refuse(self: Box<Self>, error: StoreError);
}

/// How a piece of work ended. `answer` is called once, with the outcome of the commit.
pub(crate) struct Done {
    failed: Option<StoreError>,
    answer: Box<dyn FnOnce(Result<(), StoreError>) + Send>,
}

/// What the caller gets: the work's result, or the panic that it ended in.
pub(crate) type Answer<T> = Result<Result<T, StoreError>, Box<dyn Any + Send>>;

/// Work with the place where its caller waits.
pub(crate) struct Job<T, F> {
    work: F,
    caller: oneshot::Sender<Answer<T>>,
}

impl<T, F> Job<T, F>
where
    T: Send + 'static,
    F: FnOnce(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
{
    /// The work, ready to be queued, and where its answer comes.
    pub(crate) fn queued(work: F) -> (Box<dyn Work>, oneshot::Receiver<Answer<T>>) {
        let (caller, answered) = oneshot::channel();
        (Box::new(Self { work, caller }), answered)
    }
}

impl<T, F> Work for Job<T, F>
where
    T: Send + 'static,
    F: FnOnce(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
{
    fn run(self: Box<Self>, tx: &mut Tx<'_>) -> Done {
        let Self { work, caller } = *self;
        // A panic must not take the other callers' work and the writer with it.
        let ended = catch_unwind(AssertUnwindSafe(|| work(tx)));
        let failed = match &ended {
            Ok(Ok(_)) => None,
            Ok(Err(error)) => Some(error.clone()),
            Err(_) => Some(ABORTED),
        };
        let answer = move |committed: Result<(), StoreError>| {
            let answer = match (ended, committed) {
                (Ok(Ok(_)), Err(error)) => Ok(Err(error)),
                (ended, _) => ended,
            };
            // The caller may have stopped waiting; what it asked for is done all the same.
            drop(caller.send(answer));
        };
        Done {
            failed,
            answer: Box::new(answer),
        }
    }

    fn refuse(self: Box<Self>, error: StoreError) {
        drop(self.caller.send(Ok(Err(error))));
    }
}

const ABORTED: StoreError = StoreError::Database {
    code: rusqlite::ffi::SQLITE_ABORT_ROLLBACK,
};

/// Carries out all the work and answers it. Mostly in one transaction; work that comes after one
/// that was lost gets another.
pub(crate) fn commit(writing: &Writing, work: Vec<Box<dyn Work>>, changes: &watch::Sender<u64>) {
    let Writing { connection, recall } = writing;
    let mut left = work.into_iter();
    while left.len() > 0 {
        let before = connection.total_changes();
        let mut done = Vec::with_capacity(left.len());
        let outcome = transaction(writing, &mut left, &mut done);
        if outcome.is_err() {
            recall.forget_all();
            if !connection.is_autocommit() {
                drop(run(connection, "ROLLBACK"));
            }
        }
        if outcome.is_ok() && connection.total_changes() != before {
            changes.send_modify(|number| *number += 1);
        }
        if let (Err(error), true) = (&outcome, done.is_empty()) {
            left.by_ref().for_each(|work| work.refuse(error.clone()));
        }
        for Done { answer, .. } in done {
            answer(outcome.clone());
        }
    }
}

fn transaction(
    Writing { connection, recall }: &Writing,
    left: &mut impl ExactSizeIterator<Item = Box<dyn Work>>,
    done: &mut Vec<Done>,
) -> Result<(), StoreError> {
    // Work that has the transaction for itself is undone with it.
    let alone = left.len() == 1;
    run(connection, "BEGIN IMMEDIATE")?;
    for work in left {
        if !alone {
            run(connection, "SAVEPOINT work")?;
        }
        let ended = work.run(&mut Tx {
            reader: Reader::new(Sql::writing(connection, recall)),
        });
        let failed = ended.failed.clone();
        done.push(ended);
        // A full or failing disk can make SQLite roll the whole transaction back by itself.
        if connection.is_autocommit() {
            return Err(failed.unwrap_or(ABORTED));
        }
        if failed.is_some() {
            recall.forget_all();
        }
        match (alone, failed) {
            (true, Some(_)) => return run(connection, "ROLLBACK"),
            (true, None) => {}
            (false, failed) => {
                if failed.is_some() {
                    run(connection, "ROLLBACK TO work")?;
                }
                run(connection, "RELEASE work")?;
            }
        }
    }
    run(connection, "COMMIT")
}

fn run(connection: &Connection, sql: &str) -> Result<(), StoreError> {
    connection.prepare_cached(sql)?.execute([])?;
    Ok(())
}

/// The writer on its own thread.
pub(crate) struct WriterThread {
    sender: mpsc::Sender<Message>,
    thread: JoinHandle<()>,
}

pub(crate) enum Message {
    Work(Box<dyn Work>),
    Checkpoint(oneshot::Sender<Result<(), StoreError>>),
}

/// The most pieces of work in one commit.
const BATCH: usize = 256;
/// The most that wait for one; then callers wait to hand theirs in.
const WAITING: usize = 1024;

impl WriterThread {
    /// Takes over the connection. `lock` is let go when the thread ends, not before.
    pub(crate) fn start(
        connection: Connection,
        lock: Arc<File>,
        changes: watch::Sender<u64>,
    ) -> Result<Self, StoreError> {
        let (sender, receiver) = mpsc::channel(WAITING);
        let thread = std::thread::Builder::new()
            .name("causeway-writer".into())
            .spawn(move || {
                let writing = Writing::new(connection);
                serve(&writing, receiver, &changes);
                finish(writing);
                drop(lock);
            })?;
        Ok(Self { sender, thread })
    }

    pub(crate) fn sender(&self) -> mpsc::Sender<Message> {
        self.sender.clone()
    }

    /// Lets the thread finish what was handed in, and waits for it.
    pub(crate) fn end(self) {
        let Self { sender, thread } = self;
        drop(sender);
        // Work can hold the store: then its last handle goes on the writer's own thread.
        if thread.thread().id() != std::thread::current().id() {
            drop(thread.join());
        }
    }
}

fn serve(writing: &Writing, mut receiver: mpsc::Receiver<Message>, changes: &watch::Sender<u64>) {
    while let Some(message) = receiver.blocking_recv() {
        let mut work = Vec::new();
        let mut next = Some(message);
        // What already waits joins the commit; nothing is waited for.
        while let Some(message) = next.take() {
            match message {
                Message::Work(piece) => {
                    work.push(piece);
                    if work.len() < BATCH {
                        next = receiver.try_recv().ok();
                    }
                }
                Message::Checkpoint(caller) => {
                    commit(writing, std::mem::take(&mut work), changes);
                    drop(caller.send(open::checkpoint(&writing.connection)));
                }
            }
        }
        commit(writing, work, changes);
    }
}

/// Leaves no log behind where that can be had.
pub(crate) fn finish(writing: Writing) {
    let Writing { connection, .. } = writing;
    if let Err(error) = open::checkpoint(&connection) {
        tracing::debug!(
            error.code = error.code(),
            "the log was not emptied at the end"
        );
    }
    if let Err((_, error)) = connection.close() {
        let error = StoreError::from(error);
        tracing::warn!(
            error.code = error.code(),
            "the database was not closed cleanly"
        );
    }
}

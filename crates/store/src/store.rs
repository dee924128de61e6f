//! The store's face: one writer, a few readers, and a number that moves with every commit.

use std::fs::File;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{oneshot, watch};

use crate::backup;
use crate::open::{self, Files, Opened};
use crate::reader::{Pool, Reader, in_snapshot};
use crate::writer::{self, Job, Message, Tx, WriterThread, Writing};
use crate::{BackupTo, KeyHome, OpenOptions, StoreError, Writer};

/// An open data folder. Clones are handles to the same; the folder is let go when the last goes,
/// or at [`Store::close`].
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    key_home: KeyHome,
    files: Files,
    /// How many backups are being made.
    copying: AtomicUsize,
    changes: watch::Sender<u64>,
    mode: Mode,
}

enum Mode {
    Thread {
        writer: Mutex<Option<WriterThread>>,
        pool: Pool,
    },
    Inline(Mutex<Option<InlineWriter>>),
}

struct InlineWriter {
    writing: Writing,
    _lock: Arc<File>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").finish_non_exhaustive()
    }
}

impl Store {
    /// Opens a data folder, making or migrating its database. Blocks: a keychain may have to be
    /// unlocked by a person.
    ///
    /// # Errors
    /// Whatever fails leaves the database file as it was; see [`StoreError`].
    pub fn open(options: OpenOptions) -> Result<Self, StoreError> {
        let Opened {
            connection,
            files,
            key_home,
            lock,
        } = open::open(&options)?;
        let (changes, _) = watch::channel(0);
        let mode = match options.writer {
            Writer::Thread => {
                let writer = WriterThread::start(connection, lock, changes.clone())?;
                Mode::Thread {
                    writer: Mutex::new(Some(writer)),
                    pool: Pool::new(files.clone()),
                }
            }
            Writer::Inline => Mode::Inline(Mutex::new(Some(InlineWriter {
                writing: Writing::new(connection),
                _lock: lock,
            }))),
        };
        Ok(Self {
            inner: Arc::new(Inner {
                key_home,
                files,
                copying: AtomicUsize::new(0),
                changes,
                mode,
            }),
        })
    }

    /// Carries out `work` in a transaction and answers when it is committed. An `Err` undoes this
    /// work and no other that happens to share the commit.
    ///
    /// # Errors
    /// The work's own, or that of the commit.
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (job, answered) = Job::queued(work);
        match &self.inner.mode {
            Mode::Thread { writer, .. } => send(writer, Message::Work(job)).await?,
            Mode::Inline(inline) => {
                {
                    let inline = held(inline);
                    let writer = inline.as_ref().ok_or(StoreError::Closed)?;
                    writer::commit(&writer.writing, vec![job], &self.inner.changes);
                }
                // As with the thread, others go on between a commit and its answer, and whoever
                // waits for it may never hear it.
                tokio::task::yield_now().await;
            }
        }
        match answered.await {
            Ok(Ok(answer)) => answer,
            Ok(Err(panic)) => std::panic::resume_unwind(panic),
            Err(_) => Err(StoreError::Closed),
        }
    }

    /// Asks about what is committed; all answers within `work` are of one moment.
    ///
    /// # Errors
    /// The work's own, or that of the database.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Reader<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        match &self.inner.mode {
            Mode::Thread { pool, .. } => pool.read(work).await,
            Mode::Inline(inline) => {
                let answer = {
                    let inline = held(inline);
                    let writer = inline.as_ref().ok_or(StoreError::Closed)?;
                    in_snapshot(writer.writing.connection(), work)
                };
                tokio::task::yield_now().await;
                answer
            }
        }
    }

    /// A number that moves on with every commit that changed something.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.inner.changes.subscribe()
    }

    /// Where the database's key lives.
    #[must_use]
    pub fn key_home(&self) -> &KeyHome {
        &self.inner.key_home
    }

    /// Moves what is committed from the write-ahead log into the database and empties the log,
    /// which otherwise still holds (encrypted) what has been forgotten since.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when a long read is in the way: the log is emptied another time.
    pub async fn checkpoint(&self) -> Result<(), StoreError> {
        if self.inner.copying.load(Ordering::Relaxed) > 0 {
            // A backup reads for long: the writer would wait for it, and everyone for the writer.
            return Err(StoreError::Busy);
        }
        match &self.inner.mode {
            Mode::Thread { writer, .. } => {
                let (caller, answered) = oneshot::channel();
                send(writer, Message::Checkpoint(caller)).await?;
                answered.await.unwrap_or(Err(StoreError::Closed))
            }
            Mode::Inline(inline) => {
                let inline = held(inline);
                let writer = inline.as_ref().ok_or(StoreError::Closed)?;
                open::checkpoint(writer.writing.connection())
            }
        }
    }

    /// Makes a file that holds all that is committed now and, under the passphrase, the key to it.
    /// Its length in bytes is answered. What is written meanwhile does not wait for it.
    ///
    /// # Errors
    /// [`StoreError::BackupExists`], [`StoreError::BackupUnwritable`], or [`StoreError::DiskFull`];
    /// what was at that place is left as it was.
    pub async fn back_up(&self, to: BackupTo) -> Result<u64, StoreError> {
        // A store that is closed answers so here too.
        self.read(|_| Ok(())).await?;
        let inner = Arc::clone(&self.inner);
        let making = tokio::task::spawn_blocking(move || {
            let _copying = Copying::begin(&inner.copying);
            backup::make(&inner.files, &to)
        });
        match making.await {
            Ok(made) => made,
            Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            Err(_) => Err(StoreError::Closed),
        }
    }

    /// Finishes what was handed in, empties the log, and lets the folder go. Afterwards everything
    /// answers [`StoreError::Closed`].
    pub async fn close(&self) {
        let inner = Arc::clone(&self.inner);
        match &self.inner.mode {
            Mode::Thread { .. } => drop(tokio::task::spawn_blocking(move || inner.end()).await),
            Mode::Inline(_) => inner.end(),
        }
    }
}

impl Inner {
    fn end(&self) {
        match &self.mode {
            Mode::Thread { writer, pool } => {
                pool.close();
                let ending = held(writer).take();
                if let Some(writer) = ending {
                    writer.end();
                }
            }
            Mode::Inline(inline) => {
                if let Some(writer) = held(inline).take() {
                    writer::finish(writer.writing);
                }
            }
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.end();
    }
}

/// A backup that is being made, until it goes.
struct Copying<'a>(&'a AtomicUsize);

impl<'a> Copying<'a> {
    fn begin(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Copying<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

async fn send(writer: &Mutex<Option<WriterThread>>, message: Message) -> Result<(), StoreError> {
    let sender = held(writer).as_ref().map(WriterThread::sender);
    let sender = sender.ok_or(StoreError::Closed)?;
    sender.send(message).await.map_err(|_| StoreError::Closed)
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic of someone's work was caught, and its transaction undone, before it got here.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

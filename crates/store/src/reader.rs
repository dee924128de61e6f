//! Reading: named questions, and the small pool of connections that answer them.

use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use tokio::sync::Semaphore;

use crate::StoreError;
use crate::open::Files;
use crate::sql::Sql;

/// Answers questions, all of them of one moment.
pub struct Reader<'a> {
    sql: Sql<'a>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(sql: Sql<'a>) -> Self {
        Self { sql }
    }

    pub(crate) fn sql(&self) -> Sql<'a> {
        self.sql
    }
}

/// Read-only connections, opened when first needed and lent one reader at a time.
#[derive(Clone)]
pub(crate) struct Pool {
    files: Files,
    idle: Arc<Mutex<Vec<Connection>>>,
    places: Arc<Semaphore>,
}

/// How many read at the same time.
const READERS: usize = 3;

impl Pool {
    pub(crate) fn new(files: Files) -> Self {
        Self {
            files,
            idle: Arc::default(),
            places: Arc::new(Semaphore::new(READERS)),
        }
    }

    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Reader<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let place = Arc::clone(&self.places).acquire_owned().await;
        let place = place.map_err(|_| StoreError::Closed)?;
        let pool = self.clone();
        let reading = tokio::task::spawn_blocking(move || {
            let lent = pool.lend()?;
            let answer = in_snapshot(&lent, work);
            if lent.is_autocommit() && !pool.places.is_closed() {
                pool.idle().push(lent);
            }
            drop(place);
            answer
        });
        match reading.await {
            Ok(answer) => answer,
            Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            Err(_) => Err(StoreError::Closed),
        }
    }

    /// Closes what is idle and lends nothing more; waits for nobody.
    pub(crate) fn close(&self) {
        self.places.close();
        self.idle().clear();
    }

    fn lend(&self) -> Result<Connection, StoreError> {
        let idle = self.idle().pop();
        idle.map_or_else(|| self.files.open_reader(), Ok)
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Everything that `work` asks is of the same moment, whatever is committed meanwhile.
pub(crate) fn in_snapshot<T>(
    connection: &Connection,
    work: impl FnOnce(&Reader<'_>) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    // Ends when it is dropped, by a panic of the work too.
    let _snapshot = connection.unchecked_transaction()?;
    work(&Reader::new(Sql::reading(connection)))
}

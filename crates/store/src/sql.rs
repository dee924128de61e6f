//! Between columns and the model's words.

use std::ops::Deref;

use causeway_model::Timestamp;
use rusqlite::types::{FromSql, Type};
use rusqlite::{Connection, OptionalExtension, Params, Row, RowIndex};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::StoreError;
use crate::recall::{Question, Recall};

/// A connection, with what its transaction has read before where it writes.
#[derive(Clone, Copy)]
pub(crate) struct Sql<'a> {
    connection: &'a Connection,
    recall: Option<&'a Recall>,
}

impl<'a> Sql<'a> {
    pub(crate) fn reading(connection: &'a Connection) -> Self {
        Self {
            connection,
            recall: None,
        }
    }

    pub(crate) fn writing(connection: &'a Connection, recall: &'a Recall) -> Self {
        Self {
            connection,
            recall: Some(recall),
        }
    }

    fn changes(&self, statement: &str) {
        if let Some(recall) = self.recall {
            recall.changes(statement);
        }
    }
}

impl Deref for Sql<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.connection
    }
}

/// The answer to a question about a table that seldom changes, read only where it is not known.
pub(crate) fn known<T: Clone + Send + PartialEq + 'static>(
    sql: Sql<'_>,
    question: Question,
    read: impl Fn() -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let Some(recall) = sql.recall else {
        return read();
    };
    if let Some(answer) = recall.answer(&question) {
        debug_assert!(
            read().is_ok_and(|now| now == answer),
            "{question:?} has another answer by now"
        );
        return Ok(answer);
    }
    let answer = read()?;
    recall.keep(question, answer.clone());
    Ok(answer)
}

/// A column by name; by number where it is read for every message.
pub(crate) fn get<T: FromSql>(row: &Row<'_>, column: impl RowIndex) -> rusqlite::Result<T> {
    row.get(column)
}

/// A column that holds one word of a closed list.
pub(crate) fn word<T>(
    row: &Row<'_>,
    column: impl RowIndex,
    read: fn(&str) -> Option<T>,
) -> rusqlite::Result<T> {
    let text = row.get_ref(column)?.as_str()?;
    read(text).ok_or_else(unreadable)
}

/// The same, where there may be none.
pub(crate) fn word_or_none<T>(
    row: &Row<'_>,
    column: impl RowIndex,
    read: fn(&str) -> Option<T>,
) -> rusqlite::Result<Option<T>> {
    let text = row.get_ref(column)?.as_str_or_null()?;
    text.map(|text| read(text).ok_or_else(unreadable))
        .transpose()
}

pub(crate) fn time(row: &Row<'_>, column: impl RowIndex) -> rusqlite::Result<Timestamp> {
    row.get(column).map(Timestamp)
}

pub(crate) fn time_or_none(
    row: &Row<'_>,
    column: impl RowIndex,
) -> rusqlite::Result<Option<Timestamp>> {
    let ms: Option<i64> = row.get(column)?;
    Ok(ms.map(Timestamp))
}

pub(crate) fn json<T: DeserializeOwned>(row: &Row<'_>, column: &str) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    serde_json::from_str(&text).map_err(|_| unreadable())
}

/// JSON text of one of the model's types.
pub(crate) fn to_json<T: Serialize>(value: &T) -> Result<String, StoreError> {
    Ok(serde_json::to_string(value)?)
}

/// The error for a value that this version does not write. It does not repeat the value.
pub(crate) fn unreadable() -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(0, Type::Text, "not a word of the list".into())
}

pub(crate) fn one<T>(
    sql: Sql<'_>,
    query: &str,
    params: impl Params,
    read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Option<T>, StoreError> {
    Ok(sql
        .prepare_cached(query)?
        .query_row(params, read)
        .optional()?)
}

pub(crate) fn all<T>(
    sql: Sql<'_>,
    query: &str,
    params: impl Params,
    read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>, StoreError> {
    let mut statement = sql.prepare_cached(query)?;
    let rows = statement.query_map(params, read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// How many rows were changed.
pub(crate) fn execute(
    sql: Sql<'_>,
    statement: &str,
    params: impl Params,
) -> Result<usize, StoreError> {
    sql.changes(statement);
    Ok(sql.prepare_cached(statement)?.execute(params)?)
}

/// The same, for columns that no answer holds which is kept.
pub(crate) fn execute_aside(
    sql: Sql<'_>,
    statement: &str,
    params: impl Params,
) -> Result<usize, StoreError> {
    Ok(sql.prepare_cached(statement)?.execute(params)?)
}

/// The id of the new row.
pub(crate) fn insert(
    sql: Sql<'_>,
    statement: &str,
    params: impl Params,
) -> Result<i64, StoreError> {
    sql.changes(statement);
    Ok(sql.prepare_cached(statement)?.insert(params)?)
}

/// Fails when the statement found no row.
pub(crate) fn must_change(changed: usize, what: &'static str) -> Result<(), StoreError> {
    if changed == 0 {
        return Err(StoreError::NotFound(what));
    }
    Ok(())
}

pub(crate) fn exists(sql: Sql<'_>, query: &str, params: impl Params) -> Result<bool, StoreError> {
    Ok(sql.prepare_cached(query)?.exists(params)?)
}

/// A failed unique constraint becomes the conflict that it stands for here.
pub(crate) fn unique(error: StoreError, conflict: crate::Conflict) -> StoreError {
    match error {
        StoreError::Database { code }
            if code == rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE
                || code == rusqlite::ffi::SQLITE_CONSTRAINT_PRIMARYKEY =>
        {
            conflict.into()
        }
        other => other,
    }
}

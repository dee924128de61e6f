//! Connections, their health, and the cursors of their sources.

use causeway_model::{
    Connection, ConnectionId, ExternalAccount, Health, HealthState, Platform, Reason, Timestamp,
};
use rusqlite::{Row, named_params, params};

use crate::{ConnectionRow, Lanes, NewConnection, Reader, StoreError, Tx, sql};

const COLUMNS: &str =
    "id, platform, name, settings, health_state, health_since, last_success, detail, paused";

impl Reader<'_> {
    /// All that are not removed, oldest first.
    pub fn connections(&self) -> Result<Vec<ConnectionRow>, StoreError> {
        let query =
            format!("SELECT {COLUMNS} FROM connections WHERE removed_at IS NULL ORDER BY id");
        sql::all(self.sql(), &query, [], connection_row)
    }

    /// None when it never was, or is removed.
    pub fn connection(&self, id: ConnectionId) -> Result<Option<ConnectionRow>, StoreError> {
        let query =
            format!("SELECT {COLUMNS} FROM connections WHERE id = ?1 AND removed_at IS NULL");
        sql::one(self.sql(), &query, [id.0], connection_row)
    }

    /// What a source last committed under this name.
    pub fn cursor(
        &self,
        connection: ConnectionId,
        name: &str,
    ) -> Result<Option<String>, StoreError> {
        let query = "SELECT value FROM cursors WHERE connection = ?1 AND name = ?2";
        sql::one(self.sql(), query, params![connection.0, name], |row| {
            row.get(0)
        })
    }
}

impl Tx<'_> {
    /// A new connection, in state `Connecting`.
    pub fn add_connection(
        &self,
        new: &NewConnection,
        now: Timestamp,
    ) -> Result<ConnectionId, StoreError> {
        let id = sql::insert(
            self.sql(),
            "INSERT INTO connections
                (platform, name, settings, health_state, health_since, created_at)
             VALUES (:platform, :name, :settings, :health_state, :now, :now)",
            named_params! {
                ":platform": new.platform.word(),
                ":name": new.name,
                ":settings": sql::to_json(&new.settings)?,
                ":health_state": HealthState::Connecting.word(),
                ":now": now.0,
            },
        )?;
        Ok(ConnectionId(id))
    }

    pub fn update_connection_settings(
        &self,
        id: ConnectionId,
        settings: &serde_json::Value,
    ) -> Result<(), StoreError> {
        let changed = sql::execute(
            self.sql(),
            "UPDATE connections SET settings = ?2 WHERE id = ?1 AND removed_at IS NULL",
            params![id.0, sql::to_json(settings)?],
        )?;
        sql::must_change(changed, "connection")
    }

    pub fn rename_connection(&self, id: ConnectionId, name: &str) -> Result<(), StoreError> {
        let changed = sql::execute(
            self.sql(),
            "UPDATE connections SET name = ?2 WHERE id = ?1 AND removed_at IS NULL",
            params![id.0, name],
        )?;
        sql::must_change(changed, "connection")
    }

    /// Records how a connection fares. `since` moves only when the state changes, the time of the
    /// last success only when `success` says that the platform has just answered as it should.
    pub fn set_health(
        &self,
        id: ConnectionId,
        state: HealthState,
        detail: Option<&str>,
        now: Timestamp,
        success: bool,
    ) -> Result<(), StoreError> {
        let changed = sql::execute(
            self.sql(),
            "UPDATE connections SET
                health_since = CASE WHEN health_state = :state THEN health_since ELSE :now END,
                health_state = :state,
                detail = :detail,
                last_success = CASE WHEN :success THEN :now ELSE last_success END
             WHERE id = :id AND removed_at IS NULL",
            named_params! {
                ":id": id.0,
                ":state": state.word(),
                ":detail": detail,
                ":now": now.0,
                ":success": success,
            },
        )?;
        sql::must_change(changed, "connection")
    }

    /// Takes a connection away: its tokens, secrets, cursors and unrouted events are deleted, what
    /// people authorised is void, its pairings end, what is queued on its legs or because of its
    /// pairings is cancelled. The ledger still names it, and what it is remembered by is the hub's
    /// own accounts there.
    pub fn remove_connection(&self, id: ConnectionId, now: Timestamp) -> Result<(), StoreError> {
        let changed = sql::execute(
            self.sql(),
            "UPDATE connections SET removed_at = ?2, detail = NULL, paused = 0,
                settings = json_object('own_accounts', json_extract(settings, '$.own_accounts'))
             WHERE id = ?1 AND removed_at IS NULL",
            params![id.0, now.0],
        )?;
        sql::must_change(changed, "connection")?;
        for pairing in self.pairings_touching(id)? {
            self.cancel_queued(Lanes::Pairing(pairing), Reason::Unpaired, now)?;
            self.end_pairing(pairing, now)?;
        }
        self.cancel_queued(Lanes::Connection(id), Reason::Unpaired, now)?;
        for statement in [
            "DELETE FROM sign_ins WHERE account IN (
                SELECT id FROM accounts WHERE connection = ?1)",
            "DELETE FROM notices WHERE connection = ?1",
            "DELETE FROM tokens WHERE connection = ?1",
            "DELETE FROM secrets WHERE connection = ?1",
            "UPDATE accounts SET active = 0 WHERE connection = ?1",
        ] {
            sql::execute(self.sql(), statement, [id.0])?;
        }
        self.forget_heard(id)?;
        sql::execute(
            self.sql(),
            "UPDATE consents SET state = 'revoked', at = ?2, scopes = NULL
             WHERE state = 'granted'
               AND account IN (SELECT id FROM accounts WHERE connection = ?1)",
            params![id.0, now.0],
        )?;
        Ok(())
    }

    /// Takes up a connection that was removed, where the hub is one of the same accounts again, with
    /// everything that is remembered of it: who was asked, which message became which, what has been
    /// heard. None where there was no such connection.
    pub fn return_connection(
        &self,
        new: &NewConnection,
        own_accounts: &[ExternalAccount],
        now: Timestamp,
    ) -> Result<Option<ConnectionId>, StoreError> {
        let own: Vec<&str> = own_accounts.iter().map(ExternalAccount::as_str).collect();
        let found: Option<i64> = sql::one(
            self.sql(),
            "SELECT id FROM connections AS c
             WHERE platform = ?1 AND removed_at IS NOT NULL AND EXISTS (
                SELECT 1 FROM json_each(c.settings, '$.own_accounts') AS was
                JOIN json_each(?2) AS own ON own.value = was.value)
             ORDER BY id DESC LIMIT 1",
            params![new.platform.word(), sql::to_json(&own)?],
            |row| row.get(0),
        )?;
        let Some(id) = found else {
            return Ok(None);
        };
        // What was being heard when it was removed may have been committed after that; from there on
        // its source would carry what was written while it was gone.
        self.forget_heard(ConnectionId(id))?;
        sql::execute(
            self.sql(),
            "UPDATE connections SET removed_at = NULL, name = :name, settings = :settings,
                health_state = :state, health_since = :now
             WHERE id = :id",
            named_params! {
                ":id": id,
                ":name": new.name,
                ":settings": sql::to_json(&new.settings)?,
                ":state": HealthState::Connecting.word(),
                ":now": now.0,
            },
        )?;
        Ok(Some(ConnectionId(id)))
    }

    /// How far the connection's source has heard, and what of that is not routed yet.
    fn forget_heard(&self, id: ConnectionId) -> Result<(), StoreError> {
        for statement in [
            "DELETE FROM cursors WHERE connection = ?1",
            "DELETE FROM inbox WHERE connection = ?1",
            "DELETE FROM conversations WHERE connection = ?1",
        ] {
            sql::execute(self.sql(), statement, [id.0])?;
        }
        Ok(())
    }

    pub fn set_cursor(
        &self,
        connection: ConnectionId,
        name: &str,
        value: &str,
    ) -> Result<(), StoreError> {
        sql::execute(
            self.sql(),
            "INSERT INTO cursors (connection, name, value) VALUES (?1, ?2, ?3)
             ON CONFLICT (connection, name) DO UPDATE SET value = excluded.value",
            params![connection.0, name, value],
        )?;
        Ok(())
    }
}

fn connection_row(row: &Row<'_>) -> rusqlite::Result<ConnectionRow> {
    Ok(ConnectionRow {
        connection: Connection {
            id: ConnectionId(sql::get(row, "id")?),
            platform: sql::word(row, "platform", Platform::from_word)?,
            name: sql::get(row, "name")?,
            health: Health {
                state: sql::word(row, "health_state", HealthState::from_word)?,
                since: sql::time(row, "health_since")?,
                last_success: sql::time_or_none(row, "last_success")?,
                detail: sql::get(row, "detail")?,
            },
        },
        settings: sql::json(row, "settings")?,
        paused_since: Some(sql::time(row, "paused")?).filter(|since| since.0 != 0),
    })
}

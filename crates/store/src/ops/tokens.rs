//! Tokens of the app and of people's accounts, and a connection's other secrets. What is replaced
//! or revoked is overwritten on the disk.

use causeway_model::{ConnectionId, Timestamp};
use rusqlite::params;

use crate::recall::Question;
use crate::{EndingSignIns, Reader, StoreError, TokenRow, Tx, sql};

impl Reader<'_> {
    /// None when there never was one, or it is revoked.
    pub fn token(
        &self,
        connection: ConnectionId,
        owner: &str,
    ) -> Result<Option<TokenRow>, StoreError> {
        sql::one(
            self.sql(),
            "SELECT access, expires_at, refresh, refresh_ends_at, scopes FROM tokens
             WHERE connection = ?1 AND owner = ?2 AND revoked_at IS NULL",
            params![connection.0, owner],
            |row| {
                Ok(TokenRow {
                    access: sql::get(row, "access")?,
                    expires_at: sql::time_or_none(row, "expires_at")?,
                    refresh: sql::get(row, "refresh")?,
                    refresh_ends_at: sql::time_or_none(row, "refresh_ends_at")?,
                    scopes: sql::get(row, "scopes")?,
                })
            },
        )
    }

    /// Whether there is one that is not revoked.
    pub fn has_token(&self, connection: ConnectionId, owner: &str) -> Result<bool, StoreError> {
        let question = Question::Token(connection, owner.to_owned());
        sql::known(self.sql(), question, || {
            let query = "SELECT 1 FROM tokens
                 WHERE connection = ?1 AND owner = ?2 AND revoked_at IS NULL";
            sql::exists(self.sql(), query, params![connection.0, owner])
        })
    }

    /// Whose tokens are held and not revoked, in the order of their names.
    pub fn token_owners(&self, connection: ConnectionId) -> Result<Vec<String>, StoreError> {
        sql::all(
            self.sql(),
            "SELECT owner FROM tokens WHERE connection = ?1 AND revoked_at IS NULL ORDER BY owner",
            [connection.0],
            |row| row.get(0),
        )
    }

    /// Of the people's tokens that are held and not revoked, whose were renewed the longest ago.
    pub fn stalest_tokens(
        &self,
        connection: ConnectionId,
        limit: u32,
    ) -> Result<Vec<String>, StoreError> {
        sql::all(
            self.sql(),
            "SELECT owner FROM tokens
             WHERE connection = ?1 AND revoked_at IS NULL AND owner LIKE 'account:%'
             ORDER BY coalesce(expires_at, 0), owner LIMIT ?2",
            params![connection.0, limit],
            |row| row.get(0),
        )
    }

    /// When the sign-ins of the hub's own accounts end unless they are used before, as far as that is
    /// known, by their owners' words.
    pub fn own_sign_in_ends(
        &self,
        connection: ConnectionId,
    ) -> Result<Vec<(String, Timestamp)>, StoreError> {
        sql::all(
            self.sql(),
            "SELECT owner, refresh_ends_at FROM tokens
             WHERE connection = ?1 AND revoked_at IS NULL AND refresh_ends_at IS NOT NULL
               AND owner NOT LIKE 'account:%'
             ORDER BY owner",
            [connection.0],
            |row| Ok((row.get(0)?, Timestamp(row.get(1)?))),
        )
    }

    /// How many sign-ins of people end before a moment unless they are used before.
    pub fn sign_ins_ending_before(
        &self,
        connection: ConnectionId,
        moment: Timestamp,
    ) -> Result<EndingSignIns, StoreError> {
        let found = sql::one(
            self.sql(),
            "SELECT count(*), coalesce(sum(refresh_ends_at < ?2), 0) FROM tokens
             WHERE connection = ?1 AND revoked_at IS NULL AND refresh_ends_at IS NOT NULL
               AND owner LIKE 'account:%'",
            params![connection.0, moment.0],
            |row| {
                Ok(EndingSignIns {
                    known: row.get(0)?,
                    ending: row.get(1)?,
                })
            },
        )?;
        Ok(found.unwrap_or_default())
    }

    /// Of how many people's accounts the platform no longer honours the token.
    pub fn count_lost_tokens(&self, connection: ConnectionId) -> Result<u32, StoreError> {
        let query = "SELECT count(*) FROM tokens
             WHERE connection = ?1 AND revoked_at IS NOT NULL AND owner LIKE 'account:%'";
        let count = sql::one(self.sql(), query, [connection.0], |row| row.get(0))?;
        Ok(count.unwrap_or(0))
    }

    pub fn secret(
        &self,
        connection: ConnectionId,
        name: &str,
    ) -> Result<Option<String>, StoreError> {
        let query = "SELECT value FROM secrets WHERE connection = ?1 AND name = ?2";
        sql::one(self.sql(), query, params![connection.0, name], |row| {
            row.get(0)
        })
    }
}

impl Tx<'_> {
    /// Keeps a token in place of the owner's earlier one, revoked or not.
    pub fn put_token(
        &self,
        connection: ConnectionId,
        owner: &str,
        token: &TokenRow,
    ) -> Result<(), StoreError> {
        self.keep_token(
            connection,
            owner,
            token,
            "INSERT INTO tokens (connection, owner, access, expires_at, refresh, scopes,
                refresh_ends_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (connection, owner) DO UPDATE SET
                access = excluded.access, expires_at = excluded.expires_at,
                refresh = excluded.refresh, scopes = excluded.scopes,
                refresh_ends_at = excluded.refresh_ends_at, revoked_at = NULL",
        )
    }

    /// Keeps a renewed token. One that was revoked while it was being renewed stays revoked.
    pub fn renew_token(
        &self,
        connection: ConnectionId,
        owner: &str,
        token: &TokenRow,
    ) -> Result<(), StoreError> {
        self.keep_token(
            connection,
            owner,
            token,
            "INSERT INTO tokens (connection, owner, access, expires_at, refresh, scopes,
                refresh_ends_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (connection, owner) DO UPDATE SET
                access = excluded.access, expires_at = excluded.expires_at,
                refresh = excluded.refresh, scopes = excluded.scopes,
                refresh_ends_at = excluded.refresh_ends_at
             WHERE revoked_at IS NULL",
        )
    }

    fn keep_token(
        &self,
        connection: ConnectionId,
        owner: &str,
        token: &TokenRow,
        statement: &str,
    ) -> Result<(), StoreError> {
        sql::execute(
            self.sql(),
            statement,
            params![
                connection.0,
                owner,
                token.access,
                token.expires_at.map(|at| at.0),
                token.refresh,
                token.scopes,
                token.refresh_ends_at.map(|at| at.0),
            ],
        )?;
        Ok(())
    }

    /// Forgets the token and remembers that it was revoked, and so is what its owner granted.
    /// Nothing happens where there is none.
    pub fn revoke_token(
        &self,
        connection: ConnectionId,
        owner: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let revoked = sql::execute(
            self.sql(),
            "UPDATE tokens SET access = NULL, refresh = NULL, expires_at = NULL,
                refresh_ends_at = NULL, revoked_at = ?3
             WHERE connection = ?1 AND owner = ?2 AND revoked_at IS NULL",
            params![connection.0, owner, now.0],
        )?;
        if let (Some(account), 1..) = (owner.strip_prefix("account:"), revoked) {
            // Also where an administrator brought the token: its owner is not asked because of it.
            sql::execute(
                self.sql(),
                "INSERT INTO consents (account, state, at)
                 SELECT id, 'revoked', ?3 FROM accounts WHERE connection = ?1 AND external = ?2
                 ON CONFLICT (account) DO UPDATE SET
                    state = 'revoked', at = excluded.at, scopes = NULL
                 WHERE state = 'granted'",
                params![connection.0, account, now.0],
            )?;
        }
        Ok(())
    }

    /// Keeps a secret of the connection itself: a client secret, a signing secret.
    pub fn put_secret(
        &self,
        connection: ConnectionId,
        name: &str,
        value: &str,
    ) -> Result<(), StoreError> {
        sql::execute(
            self.sql(),
            "INSERT INTO secrets (connection, name, value) VALUES (?1, ?2, ?3)
             ON CONFLICT (connection, name) DO UPDATE SET value = excluded.value",
            params![connection.0, name, value],
        )?;
        Ok(())
    }

    /// Forgets a secret of the connection itself, where there is one.
    pub fn remove_secret(&self, connection: ConnectionId, name: &str) -> Result<(), StoreError> {
        let query = "DELETE FROM secrets WHERE connection = ?1 AND name = ?2";
        sql::execute(self.sql(), query, params![connection.0, name])?;
        Ok(())
    }
}

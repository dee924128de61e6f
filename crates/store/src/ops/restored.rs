//! That this database is a backup's, restored: what its earlier life did after the backup was made
//! stands nowhere in it.

use causeway_model::{ConnectionId, ExternalAccount, PersonId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{NoticeRow, Reader, StoreError, Tx, sql};

/// The name under which it is stored.
const NAME: &str = "restored";
/// The code of the notice that says so.
pub(crate) const NOTICE: &str = "restored_from_backup";

/// The newest restore.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restored {
    /// When the backup was made.
    pub made_at: Timestamp,
    pub restored_at: Timestamp,
    /// When an administrator let it send again.
    pub resumed_at: Option<Timestamp>,
}

/// Somebody whose token was found to be no good any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LostTokenRow {
    pub connection: ConnectionId,
    pub account: ExternalAccount,
    pub person: PersonId,
    pub name: String,
    pub at: Timestamp,
}

impl Reader<'_> {
    /// None for a database that never was a backup's.
    pub fn restored(&self) -> Result<Option<Restored>, StoreError> {
        let stored = self.meta_get(NAME)?;
        Ok(stored.map(|text| serde_json::from_str(&text)).transpose()?)
    }

    /// Whose tokens were lost since then, by connection and name.
    pub fn tokens_lost_since(&self, since: Timestamp) -> Result<Vec<LostTokenRow>, StoreError> {
        sql::all(
            self.sql(),
            "SELECT t.connection, a.external, p.id AS person, p.name, t.revoked_at
             FROM tokens AS t
             JOIN connections AS c ON c.id = t.connection AND c.removed_at IS NULL
             JOIN accounts AS a
               ON a.connection = t.connection AND t.owner = 'account:' || a.external
             JOIN people AS p ON p.id = a.person
             WHERE t.revoked_at >= ?1
             ORDER BY t.connection, p.name_folded, p.id",
            [since.0],
            |row| {
                let account: String = sql::get(row, "external")?;
                Ok(LostTokenRow {
                    connection: ConnectionId(sql::get(row, "connection")?),
                    account: ExternalAccount::new(account),
                    person: PersonId(sql::get(row, "person")?),
                    name: sql::get(row, "name")?,
                    at: sql::time(row, "revoked_at")?,
                })
            },
        )
    }
}

impl Tx<'_> {
    /// The first thing that is written after a backup was put back: nothing is sent before an
    /// administrator says so, and what an earlier life may have done is known to be unknown.
    pub(crate) fn begin_restored_life(
        &self,
        made_at: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let restored = Restored {
            made_at,
            restored_at: now,
            resumed_at: None,
        };
        self.meta_set(NAME, &sql::to_json(&restored)?)?;
        self.set_relay_paused(Some(now))?;
        // Their codes were used or ran out in the earlier life; nobody is to be told so again.
        sql::execute(self.sql(), "DELETE FROM sign_ins", [])?;
        let made = made_at.minute_in_utc();
        let detail = made.map(|minute| format!("the backup is of {minute}"));
        for row in self.connections()? {
            self.put_notice(&NoticeRow {
                id: 0,
                connection: row.connection.id,
                code: NOTICE.to_owned(),
                person: None,
                detail: detail.clone(),
                at: now,
            })?;
        }
        Ok(())
    }

    /// An administrator lets it send again: the first time ends the time in which everything that
    /// comes in is doubted.
    pub fn end_restored_pause(&self, now: Timestamp) -> Result<(), StoreError> {
        let Some(restored) = self.restored()?.filter(|it| it.resumed_at.is_none()) else {
            return Ok(());
        };
        let resumed = Restored {
            resumed_at: Some(now),
            ..restored
        };
        self.meta_set(NAME, &sql::to_json(&resumed)?)?;
        sql::execute(self.sql(), "DELETE FROM notices WHERE code = ?1", [NOTICE])?;
        Ok(())
    }
}

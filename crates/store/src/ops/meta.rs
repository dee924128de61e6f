//! Single values by name.

use data_encoding::HEXLOWER;
use rusqlite::params;

use crate::recall::Question;
use crate::{Reader, StoreError, Tx, sql};

impl Reader<'_> {
    /// The key of the digests that attempts are recorded with; made when the database was.
    pub fn digest_key(&self) -> Result<[u8; 32], StoreError> {
        let text = sql::known(self.sql(), Question::Meta("digest_key"), || {
            self.meta_get("digest_key")
        })?
        .ok_or(StoreError::Malformed)?;
        let bytes = HEXLOWER.decode(text.as_bytes()).ok();
        bytes
            .and_then(|bytes| bytes.try_into().ok())
            .ok_or(StoreError::Malformed)
    }

    pub fn meta_get(&self, name: &str) -> Result<Option<String>, StoreError> {
        let query = "SELECT value FROM meta WHERE name = ?1";
        sql::one(self.sql(), query, [name], |row| row.get(0))
    }
}

impl Tx<'_> {
    pub fn meta_set(&self, name: &str, value: &str) -> Result<(), StoreError> {
        sql::execute(
            self.sql(),
            "INSERT INTO meta (name, value) VALUES (?1, ?2)
             ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            params![name, value],
        )?;
        Ok(())
    }

    pub fn meta_remove(&self, name: &str) -> Result<(), StoreError> {
        sql::execute(self.sql(), "DELETE FROM meta WHERE name = ?1", [name])?;
        Ok(())
    }
}

//! Suggestions that the administrator does not want to see, for a while or for good.

use causeway_model::{PersonId, Timestamp};
use serde::{Deserialize, Serialize};

use super::people::person_row;
use super::suggestions::UNPAIRED;
use crate::{Reader, StoreError, SuggestionRow, Tx, sql};

/// Whether the suggestion about `p` is set aside at `?4`.
pub(super) const SET_ASIDE: &str = "EXISTS (SELECT 1 FROM meta AS s
    WHERE s.name = 'suggestion.' || p.id
      AND coalesce(json_extract(s.value, '$.until'), 9223372036854775807) > ?4)";

/// All values of this kind, and no others.
const ALL: &str = "s.name > 'suggestion.' AND s.name < 'suggestion/'";

/// Since when a suggestion is not shown, and until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetAside {
    pub at: Timestamp,
    /// None where it is never shown again by itself.
    pub until: Option<Timestamp>,
}

impl Reader<'_> {
    /// Who could be paired and is set aside at `now`, by name; at most 500.
    pub fn suggestions_set_aside(
        &self,
        now: Timestamp,
    ) -> Result<Vec<(SuggestionRow, SetAside)>, StoreError> {
        let query = format!(
            "SELECT p.id, p.name, p.email, s.value FROM meta AS s
                JOIN people AS p ON p.id = CAST(substr(s.name, 12) AS INTEGER)
             WHERE {ALL} AND coalesce(json_extract(s.value, '$.until'), 9223372036854775807) > ?1
               AND {UNPAIRED}
             ORDER BY p.name_folded, p.id LIMIT 500"
        );
        let found = sql::all(self.sql(), &query, [now.0], |row| {
            Ok((person_row(row)?, sql::json(row, "value")?))
        })?;
        found
            .into_iter()
            .map(|(person, aside)| Ok((self.suggestion(person)?, aside)))
            .collect()
    }

    /// How many people could be paired and are set aside at `now`.
    pub fn count_set_aside(&self, now: Timestamp) -> Result<u32, StoreError> {
        let query = format!(
            "SELECT count(*) FROM meta AS s
                JOIN people AS p ON p.id = CAST(substr(s.name, 12) AS INTEGER)
             WHERE {ALL} AND coalesce(json_extract(s.value, '$.until'), 9223372036854775807) > ?1
               AND {UNPAIRED}"
        );
        let found = sql::one(self.sql(), &query, [now.0], |row| row.get(0))?;
        Ok(found.unwrap_or(0))
    }
}

impl Tx<'_> {
    /// Does not suggest this person any more: until a time, or for good.
    pub fn set_suggestion_aside(
        &self,
        person: PersonId,
        now: Timestamp,
        until: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        let aside = SetAside { at: now, until };
        self.meta_set(&name(person), &sql::to_json(&aside)?)
    }

    /// Suggests this person again.
    pub fn take_suggestion_up(&self, person: PersonId) -> Result<(), StoreError> {
        self.meta_remove(&name(person))
    }
}

fn name(person: PersonId) -> String {
    format!("suggestion.{person}")
}

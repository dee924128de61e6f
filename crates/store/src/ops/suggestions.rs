//! Who could be paired and is not, and what deciding about it takes.

use causeway_model::{Account, AccountId, ConnectionId, Person, PersonId};
use rusqlite::{Row, params};

use super::people::person_row;
use crate::fold::fold;
use crate::{Reader, StoreError, WantedRow, sql};

/// Someone with an active account of their own who takes part in no pairing.
const UNPAIRED: &str = "EXISTS (
        SELECT 1 FROM accounts AS a
        WHERE a.person = p.id AND a.active AND a.kind IN ('full', 'guest'))
    AND NOT EXISTS (
        SELECT 1 FROM pairings AS r WHERE r.person = p.id AND r.state = 'active')";

/// How many candidates are worth showing.
const CANDIDATES: u32 = 10;

/// Where a page of suggestions ended: those wanted most come first, then by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuggestionCursor {
    /// How often they were looked for; 0 for everybody nobody looked for.
    pub times: u32,
    pub name_folded: String,
    pub person: PersonId,
}

/// Someone who could be paired and is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuggestionRow {
    pub person: Person,
    /// All of theirs, inactive ones too, oldest first.
    pub accounts: Vec<Account>,
    /// Where somebody looked for them in vain, most often first.
    pub wanted: Vec<WantedRow>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuggestionRows {
    pub rows: Vec<SuggestionRow>,
    /// Of the whole list, not of this page.
    pub total: u32,
    /// Where the next page begins; none after the last.
    pub next: Option<SuggestionCursor>,
}

impl Reader<'_> {
    /// A page of people who could be paired and are not.
    pub fn suggestions_page(
        &self,
        after: Option<&SuggestionCursor>,
        limit: u32,
    ) -> Result<SuggestionRows, StoreError> {
        let wanted = match after {
            Some(cursor) if cursor.times == 0 => Vec::new(),
            _ => self.wanted_after(after, limit + 1)?,
        };
        let room = (limit + 1).saturating_sub(u32::try_from(wanted.len()).unwrap_or(u32::MAX));
        let others = self.unwanted_after(after.filter(|cursor| cursor.times == 0), room)?;
        let mut found: Vec<_> = wanted.into_iter().chain(others).collect();
        let next = if found.len() > limit as usize {
            found.truncate(limit as usize);
            found.last().map(|(_, cursor)| cursor.clone())
        } else {
            None
        };
        let rows = found.into_iter().map(|(person, _)| {
            Ok(SuggestionRow {
                accounts: self.accounts_of_person(person.id)?,
                wanted: self.wanted_of(person.id)?,
                person,
            })
        });
        Ok(SuggestionRows {
            rows: rows.collect::<Result<_, StoreError>>()?,
            total: self.count_suggestions()?,
            next,
        })
    }

    /// Active accounts of other people on a connection that go by this full name, without regard
    /// to case, and stand for nobody yet; at most ten, oldest first.
    pub fn namesakes(
        &self,
        name: &str,
        connection: ConnectionId,
        person: PersonId,
    ) -> Result<Vec<Account>, StoreError> {
        let ids = sql::all(
            self.sql(),
            "SELECT a.id FROM people AS p JOIN accounts AS a ON a.person = p.id
             WHERE p.name_folded = ?1 AND p.id <> ?3 AND a.connection = ?2 AND a.active
               AND a.kind IN ('full', 'guest')
               AND NOT EXISTS (
                 SELECT 1 FROM pairings AS r WHERE r.person = p.id AND r.state = 'active')
             ORDER BY a.id LIMIT ?4",
            params![fold(name), connection.0, person.0, CANDIDATES],
            |row| row.get(0).map(AccountId),
        )?;
        let mut found = Vec::new();
        for id in ids {
            found.extend(self.account(id)?);
        }
        Ok(found)
    }

    /// The account's e-mail address, where its platform vouches for it.
    pub fn verified_address(&self, account: AccountId) -> Result<Option<String>, StoreError> {
        let query = "SELECT email FROM accounts
             WHERE id = ?1 AND email_verified AND email IS NOT NULL AND email <> ''";
        sql::one(self.sql(), query, [account.0], |row| row.get(0))
    }

    /// How many messages of a person's wait, on the legs where they are represented on this
    /// connection, because their consent is awaited: those behind the first one too.
    pub fn waiting_for_consent(
        &self,
        person: PersonId,
        connection: ConnectionId,
    ) -> Result<u32, StoreError> {
        let query = "WITH sides AS (
                SELECT l.id FROM links AS k JOIN legs AS l ON l.link = k.id
                WHERE (k.person_a = ?1 OR k.person_b = ?1)
                  AND l.person <> ?1 AND l.connection = ?2)
             SELECT count(*) FROM deliveries AS d
             WHERE d.settled_at IS NULL AND d.operation = 'post' AND d.part = 0
               AND d.leg IN (SELECT id FROM sides)
               AND EXISTS (
                 SELECT 1 FROM deliveries AS first
                 WHERE first.leg = d.leg AND first.settled_at IS NULL
                   AND first.reason = 'awaiting_consent')";
        let count = sql::one(self.sql(), query, [person.0, connection.0], |row| {
            row.get(0)
        })?;
        Ok(count.unwrap_or(0))
    }

    fn wanted_after(
        &self,
        after: Option<&SuggestionCursor>,
        limit: u32,
    ) -> Result<Vec<(Person, SuggestionCursor)>, StoreError> {
        let query = format!(
            "SELECT p.id, p.name, p.email, p.name_folded, w.times
             FROM (SELECT person, sum(times) AS times FROM wanted GROUP BY person) AS w
                JOIN people AS p ON p.id = w.person
             WHERE (-w.times, p.name_folded, p.id) > (?1, ?2, ?3) AND {UNPAIRED}
             ORDER BY -w.times, p.name_folded, p.id LIMIT ?4"
        );
        let times = after.map_or(i64::MIN, |cursor| -i64::from(cursor.times));
        let name = after.map_or("", |cursor| cursor.name_folded.as_str());
        let person = after.map_or(i64::MIN, |cursor| cursor.person.0);
        let params = params![times, name, person, limit];
        sql::all(self.sql(), &query, params, found)
    }

    fn unwanted_after(
        &self,
        after: Option<&SuggestionCursor>,
        limit: u32,
    ) -> Result<Vec<(Person, SuggestionCursor)>, StoreError> {
        let query = format!(
            "SELECT p.id, p.name, p.email, p.name_folded, 0 AS times FROM people AS p
             WHERE (p.name_folded, p.id) > (?1, ?2) AND {UNPAIRED}
               AND NOT EXISTS (SELECT 1 FROM wanted AS w WHERE w.person = p.id)
             ORDER BY p.name_folded, p.id LIMIT ?3"
        );
        let name = after.map_or("", |cursor| cursor.name_folded.as_str());
        let person = after.map_or(i64::MIN, |cursor| cursor.person.0);
        sql::all(self.sql(), &query, params![name, person, limit], found)
    }

    fn wanted_of(&self, person: PersonId) -> Result<Vec<WantedRow>, StoreError> {
        let query = "SELECT person, connection, times, at FROM wanted WHERE person = ?1
             ORDER BY times DESC, connection";
        sql::all(self.sql(), query, [person.0], |row| {
            Ok(WantedRow {
                person: PersonId(sql::get(row, "person")?),
                connection: ConnectionId(sql::get(row, "connection")?),
                times: sql::get(row, "times")?,
                at: sql::time(row, "at")?,
            })
        })
    }

    fn count_suggestions(&self) -> Result<u32, StoreError> {
        let query = format!("SELECT count(*) FROM people AS p WHERE {UNPAIRED}");
        let count = sql::one(self.sql(), &query, [], |row| row.get(0))?;
        Ok(count.unwrap_or(0))
    }
}

fn found(row: &Row<'_>) -> rusqlite::Result<(Person, SuggestionCursor)> {
    let person = person_row(row)?;
    let cursor = SuggestionCursor {
        times: sql::get(row, "times")?,
        name_folded: sql::get(row, "name_folded")?,
        person: person.id,
    };
    Ok((person, cursor))
}

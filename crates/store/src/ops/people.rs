//! Finding people by what someone means by a name.

use causeway_model::{Person, PersonId};
use rusqlite::Row;

use crate::fold::fold;
use crate::recall::Question;
use crate::{Reader, StoreError, sql};

/// Who is there at all: someone with an active account, or paired.
pub(super) const PRESENT: &str =
    "(EXISTS (SELECT 1 FROM accounts AS a WHERE a.person = p.id AND a.active)
    OR EXISTS (SELECT 1 FROM pairings AS r WHERE r.person = p.id AND r.state = 'active'))";

/// Who someone can mean, best first: the first question that has an answer gives it. `?1` is what
/// was typed, folded; a name is a row of words parted by spaces.
const MEANINGS: [&str; 4] = [
    "p.id IN (SELECT a.person FROM accounts AS a WHERE a.email_folded = ?1 AND a.active)",
    "p.name_folded = ?1",
    "p.name_folded > ?1 || ' ' AND p.name_folded < ?1 || '!'",
    "instr(' ' || p.name_folded, ' ' || ?1) > 0",
];

/// More than anyone would choose from.
const MEANT: i64 = 25;

impl Reader<'_> {
    pub fn person(&self, id: PersonId) -> Result<Option<Person>, StoreError> {
        sql::known(self.sql(), Question::Person(id), || {
            let query = "SELECT id, name, email FROM people WHERE id = ?1";
            sql::one(self.sql(), query, [id.0], person_row)
        })
    }

    /// Who is meant by what someone typed: an e-mail address, else a full name, else a first name,
    /// else the beginning of any part of a name; without regard to case. Several people are
    /// answered where it fits several, at most 25.
    pub fn find_people(&self, text: &str) -> Result<Vec<Person>, StoreError> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let wanted = fold(words.join(" ").trim_start_matches('@'));
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        for meaning in MEANINGS {
            let query = format!(
                "SELECT p.id, p.name, p.email FROM people AS p
                 WHERE {meaning} AND {PRESENT} ORDER BY p.name_folded, p.id LIMIT {MEANT}"
            );
            let found = sql::all(self.sql(), &query, [&wanted], person_row)?;
            if !found.is_empty() {
                return Ok(found);
            }
        }
        Ok(Vec::new())
    }
}

pub(super) fn person_row(row: &Row<'_>) -> rusqlite::Result<Person> {
    Ok(Person {
        id: PersonId(sql::get(row, "id")?),
        name: sql::get(row, "name")?,
        email: sql::get(row, "email")?,
    })
}

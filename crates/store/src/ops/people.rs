//! Finding people: the administrator's list, and who someone means by a name.

use std::collections::HashMap;

use causeway_model::{Person, PersonId};
use rusqlite::{Row, ToSql};

use crate::fold::fold;
use crate::recall::Question;
use crate::{
    PairedFilter, PeopleCursor, PeopleFilter, PeoplePage, PersonRow, Reader, StoreError, sql,
};

/// Who is there at all: someone with an active account, or paired.
const PRESENT: &str = "(EXISTS (SELECT 1 FROM accounts AS a WHERE a.person = p.id AND a.active)
    OR EXISTS (SELECT 1 FROM pairings AS r WHERE r.person = p.id AND r.state = 'active'))";

/// The conditions of a [`PeopleFilter`].
const MATCHES: &str = "(:search IS NULL OR instr(p.search, :search) > 0)
    AND (:mode IS NULL OR EXISTS (
        SELECT 1 FROM pairings AS r
        WHERE r.person = p.id AND r.state = 'active' AND r.mode = :mode))
    AND (:paired IS NULL OR :paired = EXISTS (
        SELECT 1 FROM pairings AS r WHERE r.person = p.id AND r.state = 'active'))
    AND (:platform IS NULL OR EXISTS (
        SELECT 1 FROM accounts AS a JOIN connections AS c ON c.id = a.connection
        WHERE a.person = p.id AND a.active AND c.platform = :platform))";

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

    /// A page of people by name, with their accounts and active pairings.
    pub fn people_page(
        &self,
        filter: &PeopleFilter,
        after: Option<&PeopleCursor>,
        limit: u32,
    ) -> Result<PeoplePage, StoreError> {
        let filter = Folded::from(filter);
        let mut found = self.people_after(&filter, after, limit)?;
        let next = if found.len() > limit as usize {
            found.truncate(limit as usize);
            found.last().map(|(_, cursor)| cursor.clone())
        } else {
            None
        };
        let waiting = self.waiting_by_author()?;
        let rows = found.into_iter().map(|(person, _)| {
            Ok(PersonRow {
                accounts: self.accounts_of_person(person.id)?,
                pairings: self.pairings_of_person(person.id)?,
                waiting: waiting.get(&person.id).copied().unwrap_or(0),
                person,
            })
        });
        Ok(PeoplePage {
            rows: rows.collect::<Result<_, StoreError>>()?,
            total: self.count_people(&filter)?,
            next,
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

    fn people_after(
        &self,
        filter: &Folded,
        after: Option<&PeopleCursor>,
        limit: u32,
    ) -> Result<Vec<(Person, PeopleCursor)>, StoreError> {
        let query = format!(
            "SELECT p.id, p.name, p.email, p.name_folded FROM people AS p
             WHERE (p.name_folded, p.id) > (:after_name, :after_id) AND {PRESENT} AND {MATCHES}
             ORDER BY p.name_folded, p.id LIMIT :limit"
        );
        let after_name = after.map_or("", |cursor| cursor.name_folded.as_str());
        let after_id = after.map_or(i64::MIN, |cursor| cursor.person.0);
        let one_more = i64::from(limit) + 1;
        let mut params = filter.params();
        params.extend([
            (":after_name", &after_name as &dyn ToSql),
            (":after_id", &after_id),
            (":limit", &one_more),
        ]);
        sql::all(self.sql(), &query, params.as_slice(), |row| {
            let person = person_row(row)?;
            let cursor = PeopleCursor {
                name_folded: sql::get(row, "name_folded")?,
                person: person.id,
            };
            Ok((person, cursor))
        })
    }

    fn count_people(&self, filter: &Folded) -> Result<u32, StoreError> {
        let query = format!("SELECT count(*) FROM people AS p WHERE {PRESENT} AND {MATCHES}");
        let params = filter.params();
        let count = sql::one(self.sql(), &query, params.as_slice(), |row| row.get(0))?;
        Ok(count.unwrap_or(0))
    }

    /// Reads what waits, which is less than what ever did.
    fn waiting_by_author(&self) -> Result<HashMap<PersonId, u32>, StoreError> {
        let counted = sql::all(
            self.sql(),
            "SELECT m.author_person, count(*)
             FROM deliveries AS d JOIN messages AS m ON m.id = d.message
             WHERE d.state = 'waiting_for_person' AND m.author_person IS NOT NULL
             GROUP BY m.author_person",
            [],
            |row| Ok((PersonId(row.get(0)?), row.get(1)?)),
        )?;
        Ok(counted.into_iter().collect())
    }
}

/// A filter's conditions as they are compared.
struct Folded {
    search: Option<String>,
    mode: Option<&'static str>,
    paired: Option<bool>,
    platform: Option<&'static str>,
}

impl From<&PeopleFilter> for Folded {
    fn from(filter: &PeopleFilter) -> Self {
        let search = filter.search.as_deref().map(fold);
        Self {
            search: search.filter(|text| !text.is_empty()),
            mode: filter.mode.map(causeway_model::Mode::word),
            paired: match filter.paired {
                PairedFilter::Any => None,
                PairedFilter::Paired => Some(true),
                PairedFilter::Unpaired => Some(false),
            },
            platform: filter.platform.map(causeway_model::Platform::word),
        }
    }
}

impl Folded {
    fn params(&self) -> Vec<(&'static str, &dyn ToSql)> {
        vec![
            (":search", &self.search),
            (":mode", &self.mode),
            (":paired", &self.paired),
            (":platform", &self.platform),
        ]
    }
}

pub(super) fn person_row(row: &Row<'_>) -> rusqlite::Result<Person> {
    Ok(Person {
        id: PersonId(sql::get(row, "id")?),
        name: sql::get(row, "name")?,
        email: sql::get(row, "email")?,
    })
}

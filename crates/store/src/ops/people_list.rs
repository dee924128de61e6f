//! The administrator's list of people: narrowed, by name, page by page.
//!
//! A condition that few people meet is answered first, and only those few are looked at further.
//! Where none is, the list is walked by name and is soon full; but those who fit a search may stand
//! anywhere in it, so for a search one look is taken at every name, in the order of the table, and
//! only the first of those that fit are kept.

use std::collections::HashMap;

use causeway_model::{Mode, Person, PersonId, Platform};
use rusqlite::ToSql;

use super::people::{PRESENT, person_row};
use crate::fold::fold;
use crate::{
    PeopleCursor, PeopleFilter, PeoplePage, PeopleView, PersonRow, Reader, StoreError, sql,
};

/// Takes part in a pairing.
const PAIRED: &str =
    "EXISTS (SELECT 1 FROM pairings AS r WHERE r.person = p.id AND r.state = 'active')";

const AFTER: &str = "(p.name_folded, p.id) > (:after_name, :after_id)";

pub(super) const SEARCHED: &str = "instr(p.search, :search) > 0";

/// People with one pairing that is in a mode, of someone who works somewhere, and represents them
/// somewhere.
pub(super) const REPRESENTED: &str = "SELECT r.person FROM pairings AS r
    JOIN accounts AS a ON a.id = r.primary_account
    JOIN connections AS c ON c.id = a.connection
    JOIN connections AS s ON s.id = r.secondary_connection
    WHERE r.state = 'active' AND (:mode IS NULL OR r.mode = :mode)
      AND (:primary IS NULL OR c.platform = :primary)
      AND (:secondary IS NULL OR s.platform = :secondary)";

/// People of whom something does not go on without the administrator: a message waits, not for
/// their own answer, or its outcome is uncertain; an account that takes part is switched off; they
/// cannot be a guest; what they authorised is not valid any more; or there is a notice about them.
pub(super) const ATTENTION: &str = "SELECT m.author_person FROM deliveries AS d
        JOIN messages AS m ON m.id = d.message
        WHERE d.state = 'waiting_for_person' AND d.reason <> 'awaiting_consent'
          AND m.author_person IS NOT NULL
    UNION SELECT m.author_person FROM deliveries AS d
        JOIN messages AS m ON m.id = d.message
        WHERE d.settled_at IS NULL AND d.state = 'uncertain' AND m.author_person IS NOT NULL
          AND (SELECT n FROM counters WHERE state = 'uncertain') > 0
    UNION SELECT r.person FROM accounts AS a
        JOIN pairings AS r ON r.person = a.person AND r.state = 'active'
          AND (r.primary_account = a.id OR r.secondary_account = a.id)
        WHERE NOT a.active
    UNION SELECT r.person FROM pairings AS r WHERE r.guest = 'forbidden' AND r.state = 'active'
    UNION SELECT r.person FROM consents AS c
        JOIN pairings AS r ON r.secondary_account = c.account AND r.state = 'active'
        WHERE c.state = 'revoked' AND r.mode = 'full'
    UNION SELECT n.person FROM notices AS n WHERE n.person IS NOT NULL";

/// People who were asked for their own account, and have not answered.
pub(super) const ASKED: &str = "SELECT r.person FROM consents AS c
    JOIN pairings AS r ON r.secondary_account = c.account AND r.state = 'active'
    WHERE c.state = 'asked' AND r.mode = 'full'";

/// As many as are worth looking at one by one.
pub(super) const FEW: usize = 2_000;

impl Reader<'_> {
    /// A page of people by name, with their accounts and active pairings.
    pub fn people_page(
        &self,
        filter: &PeopleFilter,
        after: Option<&PeopleCursor>,
        limit: u32,
    ) -> Result<PeoplePage, StoreError> {
        let mut found = self.people_after(&Folded::from(filter), after, limit)?;
        let next = if found.len() > limit as usize {
            found.truncate(limit as usize);
            found.last().map(|(_, cursor)| cursor.clone())
        } else {
            None
        };
        let held_up = self.held_up_by_author()?;
        let rows = found.into_iter().map(|(person, _)| {
            let (waiting, stuck) = held_up.get(&person.id).copied().unwrap_or_default();
            self.row(person, waiting, stuck)
        });
        Ok(PeoplePage {
            rows: rows.collect::<Result<_, _>>()?,
            next,
        })
    }

    /// One person as the list shows them.
    pub fn person_listed(&self, id: PersonId) -> Result<Option<PersonRow>, StoreError> {
        let Some(person) = self.person(id)? else {
            return Ok(None);
        };
        let (waiting, stuck) = self
            .held_up_by_author()?
            .get(&id)
            .copied()
            .unwrap_or_default();
        self.row(person, waiting, stuck).map(Some)
    }

    /// The next people of the list after one of them, by id, without looking at what they have: for
    /// going through all that fit.
    pub fn people_ids(
        &self,
        filter: &PeopleFilter,
        after: Option<&PeopleCursor>,
        limit: u32,
    ) -> Result<(Vec<PersonId>, Option<PeopleCursor>), StoreError> {
        let mut found = self.people_after(&Folded::from(filter), after, limit)?;
        let next = if found.len() > limit as usize {
            found.truncate(limit as usize);
            found.last().map(|(_, cursor)| cursor.clone())
        } else {
            None
        };
        let ids = found.into_iter().map(|(person, _)| person.id);
        Ok((ids.collect(), next))
    }

    /// People whom a notice is about.
    pub fn people_with_notices(&self) -> Result<Vec<PersonId>, StoreError> {
        let query = "SELECT DISTINCT person FROM notices WHERE person IS NOT NULL";
        sql::all(self.sql(), query, [], |row| row.get(0).map(PersonId))
    }

    fn row(&self, person: Person, waiting: u32, stuck: u32) -> Result<PersonRow, StoreError> {
        Ok(PersonRow {
            accounts: self.accounts_of_person(person.id)?,
            pairings: self.pairings_of_person(person.id)?,
            waiting,
            stuck,
            person,
        })
    }

    fn people_after(
        &self,
        filter: &Folded,
        after: Option<&PeopleCursor>,
        limit: u32,
    ) -> Result<Vec<(Person, PeopleCursor)>, StoreError> {
        if filter.is_contradiction() {
            return Ok(Vec::new());
        }
        let few = self.few(filter)?;
        let wanted = limit as usize + 1;
        if few.is_some() || filter.search.is_none() {
            let found = self.walked(filter, few, after, wanted)?;
            return Ok(found.into_iter().map(|(found, _)| found).collect());
        }
        let (mut fitting, mut after, mut many) = (Vec::new(), after.cloned(), wanted);
        loop {
            let found = self.searched(filter, after.as_ref(), many)?;
            let is_last = found.len() < many;
            after = found.last().map(|((_, cursor), _)| cursor.clone());
            let fit = found.into_iter().filter(|(_, fits)| *fits);
            fitting.extend(fit.map(|(found, _)| found));
            if is_last || fitting.len() >= wanted {
                fitting.truncate(wanted);
                return Ok(fitting);
            }
            // Few of those who are called like this are in the view: more are asked for at a time.
            many *= 4;
        }
    }

    /// The next by name, out of the few or of everyone.
    fn walked(
        &self,
        filter: &Folded,
        few: Option<Vec<i64>>,
        after: Option<&PeopleCursor>,
        limit: usize,
    ) -> Result<Vec<Found>, StoreError> {
        let from = match few {
            Some(_) => "json_each(:few) AS c CROSS JOIN people AS p ON p.id = c.value",
            None => "people AS p",
        };
        let mut conditions = filter.costly();
        conditions.extend(filter.search.is_some().then(|| SEARCHED.to_owned()));
        let query = format!(
            "SELECT p.id, p.name, p.email, p.name_folded, true AS fits FROM {from}
             WHERE {AFTER} AND {} AND {} ORDER BY p.name_folded, p.id LIMIT :limit",
            all_of(conditions),
            all_of(filter.cheap())
        );
        let few = few.as_ref().map(sql::to_json).transpose()?;
        let mut params = filter.params();
        params.extend(few.iter().map(|few| (":few", few as &dyn ToSql)));
        self.found(&query, params, after, limit)
    }

    /// The next by name who fit the search, and whether they fit the rest.
    fn searched(
        &self,
        filter: &Folded,
        after: Option<&PeopleCursor>,
        limit: usize,
    ) -> Result<Vec<Found>, StoreError> {
        let query = format!(
            "SELECT p.id, p.name, p.email, p.name_folded, ({}) AS fits
             FROM (SELECT * FROM people AS p NOT INDEXED
                   WHERE {SEARCHED} AND {AFTER} AND {}
                   ORDER BY p.name_folded, p.id LIMIT :limit) AS p
             ORDER BY p.name_folded, p.id",
            all_of(filter.cheap()),
            all_of(filter.costly())
        );
        self.found(&query, filter.params(), after, limit)
    }

    fn found(
        &self,
        query: &str,
        of_filter: Values<'_>,
        after: Option<&PeopleCursor>,
        limit: usize,
    ) -> Result<Vec<Found>, StoreError> {
        let after_name = after.map_or("", |cursor| cursor.name_folded.as_str());
        let after_id = after.map_or(i64::MIN, |cursor| cursor.person.0);
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut params = of_filter;
        params.extend([
            (":after_name", &after_name as &dyn ToSql),
            (":after_id", &after_id),
            (":limit", &limit),
        ]);
        sql::all(self.sql(), query, params.as_slice(), |row| {
            let person = person_row(row)?;
            let cursor = PeopleCursor {
                name_folded: sql::get(row, "name_folded")?,
                person: person.id,
            };
            Ok(((person, cursor), sql::get(row, "fits")?))
        })
    }

    /// Everyone who meets a condition of the filter that few people meet; none where all its
    /// conditions are met by many.
    pub(super) fn few(&self, filter: &Folded) -> Result<Option<Vec<i64>>, StoreError> {
        for (query, params) in filter.narrowing() {
            let query = format!("{query} LIMIT {}", FEW + 1);
            let met = sql::all(self.sql(), &query, params.as_slice(), |row| row.get(0))?;
            if met.len() <= FEW {
                return Ok(Some(met));
            }
        }
        Ok(None)
    }

    /// By author: how many messages wait for a person, and how many for the administrator. Reads
    /// what waits, which is less than what ever did.
    fn held_up_by_author(&self) -> Result<HashMap<PersonId, (u32, u32)>, StoreError> {
        let counted = sql::all(
            self.sql(),
            "SELECT m.author_person, sum(d.state = 'waiting_for_person'),
                sum(d.reason IS NOT 'awaiting_consent')
             FROM (SELECT message, state, reason FROM deliveries
                   WHERE state = 'waiting_for_person'
                   UNION ALL
                   SELECT message, state, reason FROM deliveries
                   WHERE settled_at IS NULL AND state = 'uncertain'
                     AND (SELECT n FROM counters WHERE state = 'uncertain') > 0) AS d
                JOIN messages AS m ON m.id = d.message
             WHERE m.author_person IS NOT NULL
             GROUP BY m.author_person",
            [],
            |row| Ok((PersonId(row.get(0)?), (row.get(1)?, row.get(2)?))),
        )?;
        Ok(counted.into_iter().collect())
    }
}

/// A filter's conditions as they are compared.
pub(super) struct Folded {
    pub(super) search: Option<String>,
    view: PeopleView,
    mode: Option<&'static str>,
    primary: Option<&'static str>,
    secondary: Option<&'static str>,
}

impl From<&PeopleFilter> for Folded {
    fn from(filter: &PeopleFilter) -> Self {
        let search = filter.search.as_deref().map(fold);
        Self {
            search: search.filter(|text| !text.is_empty()),
            view: filter.view,
            mode: filter.mode.map(Mode::word),
            primary: filter.primary.map(Platform::word),
            secondary: filter.secondary.map(Platform::word),
        }
    }
}

/// Someone, where the list goes on after them, and whether they fit.
type Found = ((Person, PeopleCursor), bool);

type Values<'a> = Vec<(&'static str, &'a dyn ToSql)>;

impl Folded {
    /// Whether only people who are paired in some way are meant.
    pub(super) fn is_of_paired(&self) -> bool {
        self.mode.is_some() || self.primary.is_some() || self.secondary.is_some()
    }

    pub(super) fn of_search(&self) -> Values<'_> {
        vec![(":search", &self.search)]
    }

    pub(super) fn of_pairing(&self) -> Values<'_> {
        vec![
            (":mode", &self.mode),
            (":primary", &self.primary),
            (":secondary", &self.secondary),
        ]
    }

    /// Whoever is not paired works nowhere and in no mode.
    fn is_contradiction(&self) -> bool {
        self.view == PeopleView::Unpaired && self.is_of_paired()
    }

    /// What few people may meet, the cheapest to ask first.
    fn narrowing(&self) -> Vec<(&'static str, Values<'_>)> {
        let mut queries = Vec::new();
        match self.view {
            PeopleView::NeedsAttention => queries.push((ATTENTION, Vec::new())),
            PeopleView::WaitingForConsent => queries.push((ASKED, Vec::new())),
            PeopleView::Any | PeopleView::Paired | PeopleView::Unpaired => {}
        }
        if self.is_of_paired() {
            queries.push((REPRESENTED, self.of_pairing()));
        }
        queries
    }

    /// Conditions that cost one large answer, and then next to nothing for each person.
    fn costly(&self) -> Vec<String> {
        let queries = self.narrowing().into_iter();
        queries
            .map(|(query, _)| format!("p.id IN ({query})"))
            .collect()
    }

    /// Conditions that cost a little for each person.
    fn cheap(&self) -> Vec<String> {
        let of_view = match self.view {
            PeopleView::Paired => Some(PAIRED.to_owned()),
            PeopleView::Unpaired => Some(format!("NOT {PAIRED}")),
            PeopleView::Any | PeopleView::NeedsAttention | PeopleView::WaitingForConsent => None,
        };
        of_view.into_iter().chain([PRESENT.to_owned()]).collect()
    }

    fn params(&self) -> Values<'_> {
        let mut params = Vec::new();
        if self.search.is_some() {
            params.extend(self.of_search());
        }
        if self.is_of_paired() {
            params.extend(self.of_pairing());
        }
        params
    }
}

fn all_of(conditions: Vec<String>) -> String {
    if conditions.is_empty() {
        return "true".to_owned();
    }
    conditions.join(" AND ")
}

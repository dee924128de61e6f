//! How many people there are in each of the administrator's views.

use std::collections::HashSet;

use causeway_model::ConnectionId;

use super::people::PRESENT;
use super::people_list::{ASKED, ATTENTION, FEW, Folded, REPRESENTED, SEARCHED};
use crate::{PeopleCounts, PeopleFilter, Reader, StoreError, sql};

const PAIRED: &str = "SELECT r.person FROM pairings AS r WHERE r.state = 'active'";

impl Reader<'_> {
    /// How many fit in each view; the filter's own view is ignored.
    pub fn count_people(&self, filter: &PeopleFilter) -> Result<PeopleCounts, StoreError> {
        let filter = Folded::from(&PeopleFilter {
            view: crate::PeopleView::Any,
            ..filter.clone()
        });
        let fitting = match self.fitting(&filter)? {
            Some(few) if few.len() <= FEW => self.present_among(&few)?,
            Some(many) => self
                .everyone_present()?
                .intersection(&many)
                .copied()
                .collect(),
            None => self.everyone_present()?,
        };
        let paired = self.ids(PAIRED, &[])?;
        let among = |ids: &HashSet<i64>| count(ids.intersection(&fitting).count());
        let (any, paired) = (count(fitting.len()), among(&paired));
        Ok(PeopleCounts {
            any,
            paired,
            unpaired: any - paired,
            needs_attention: among(&self.ids(ATTENTION, &[])?),
            waiting_for_consent: among(&self.ids(ASKED, &[])?),
        })
    }

    /// How many people take part in a pairing.
    pub fn count_paired_people(&self) -> Result<u32, StoreError> {
        let query = "SELECT count(DISTINCT person) FROM pairings WHERE state = 'active'";
        let found = sql::one(self.sql(), query, [], |row| row.get(0))?;
        Ok(found.unwrap_or(0))
    }

    /// How many people have an active account on a connection.
    pub fn count_people_on(&self, connection: ConnectionId) -> Result<u32, StoreError> {
        let query = "SELECT count(*) FROM accounts
             WHERE connection = ?1 AND active AND person IS NOT NULL";
        let found = sql::one(self.sql(), query, [connection.0], |row| row.get(0))?;
        Ok(found.unwrap_or(0))
    }

    /// Everyone who meets the conditions of the filter that are not about a view; none where there
    /// is no such condition.
    fn fitting(&self, filter: &Folded) -> Result<Option<HashSet<i64>>, StoreError> {
        let represented = match filter.is_of_paired() {
            true => Some(self.ids(REPRESENTED, &filter.of_pairing())?),
            false => None,
        };
        if filter.search.is_none() {
            return Ok(represented);
        }
        let query = format!("SELECT p.id FROM people AS p NOT INDEXED WHERE {SEARCHED}");
        let mut searched = self.ids(&query, &filter.of_search())?;
        if let Some(represented) = represented {
            searched.retain(|id| represented.contains(id));
        }
        Ok(Some(searched))
    }

    fn present_among(&self, few: &HashSet<i64>) -> Result<HashSet<i64>, StoreError> {
        let query = format!(
            "SELECT p.id FROM json_each(:few) AS c CROSS JOIN people AS p ON p.id = c.value
             WHERE {PRESENT}"
        );
        let few = sql::to_json(&few)?;
        self.ids(&query, &[(":few", &few)])
    }

    /// One look at every account: asking for each person's costs several times as much.
    fn everyone_present(&self) -> Result<HashSet<i64>, StoreError> {
        let query = format!(
            "SELECT person FROM accounts WHERE active AND person IS NOT NULL UNION ALL {PAIRED}"
        );
        self.ids(&query, &[])
    }

    fn ids(
        &self,
        query: &str,
        params: &[(&'static str, &dyn rusqlite::ToSql)],
    ) -> Result<HashSet<i64>, StoreError> {
        let found = sql::all(self.sql(), query, params, |row| row.get(0))?;
        Ok(found.into_iter().collect())
    }
}

fn count(people: usize) -> u32 {
    u32::try_from(people).unwrap_or(u32::MAX)
}

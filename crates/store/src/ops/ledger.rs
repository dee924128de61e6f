//! The ledger as the administrator reads it.

use causeway_model::{
    ConnectionId, DeliveryId, DeliveryState, ExternalConversation, Person, PersonId, Platform,
    Timestamp,
};
use rusqlite::{Row, ToSql};

use super::deliveries::{DELIVERY_COLUMNS, delivery_row};
use crate::{ActivityFilter, Counts, LedgerEnd, LedgerRow, Reader, StoreError, sql};

const SOURCES: &str = "FROM deliveries AS d
    JOIN legs AS l ON l.id = d.leg
    JOIN connections AS tc ON tc.id = l.connection
    LEFT JOIN links AS k ON k.id = l.link
    LEFT JOIN people AS pa ON pa.id = coalesce(k.person_a, l.person)
    LEFT JOIN people AS pb ON pb.id = k.person_b
    LEFT JOIN messages AS m ON m.id = d.message
    LEFT JOIN legs AS ol ON ol.id = m.origin_leg
    LEFT JOIN connections AS fc ON fc.id = ol.connection
    LEFT JOIN people AS au ON au.id = m.author_person";

const JOINED: &str = "l.external AS conversation, au.name AS author,
    pa.id AS a_id, pa.name AS a_name, pa.email AS a_email,
    pb.id AS b_id, pb.name AS b_name, pb.email AS b_email,
    tc.id AS to_id, tc.platform AS to_platform, tc.name AS to_name,
    fc.id AS from_id, fc.platform AS from_platform, fc.name AS from_name";

impl Reader<'_> {
    /// A page of deliveries, the last received first. `before` is `(received_at, id)` of the last
    /// row of the page before.
    pub fn activity_page(
        &self,
        filter: &ActivityFilter,
        before: Option<(Timestamp, DeliveryId)>,
        limit: u32,
    ) -> Result<Vec<LedgerRow>, StoreError> {
        let mut conditions = Conditions::of(filter)?;
        if let Some((at, id)) = before {
            conditions.add("(d.received_at, d.id) < (:before_at, :before_id)");
            conditions.bind(":before_at", at.0);
            conditions.bind(":before_id", id.0);
        }
        conditions.bind(":limit", limit);
        let query = page_query(&conditions.text);
        sql::all(
            self.sql(),
            &query,
            conditions.params().as_slice(),
            ledger_row,
        )
    }

    /// How many deliveries are in each state; the same few steps whatever the history.
    pub fn counts(&self) -> Result<Counts, StoreError> {
        let counted = sql::all(self.sql(), "SELECT state, n FROM counters", [], |row| {
            let state = sql::word(row, "state", DeliveryState::from_word)?;
            Ok((state, sql::get::<i64>(row, "n")?))
        })?;
        let mut counts = Counts::default();
        for (state, n) in counted {
            *place(&mut counts, state) = u64::try_from(n).unwrap_or(0);
        }
        Ok(counts)
    }
}

pub(crate) fn page_query(conditions: &str) -> String {
    format!(
        "SELECT {DELIVERY_COLUMNS}, {JOINED} {SOURCES} WHERE {conditions}
         ORDER BY d.received_at DESC, d.id DESC LIMIT :limit"
    )
}

fn place(counts: &mut Counts, state: DeliveryState) -> &mut u64 {
    match state {
        DeliveryState::Queued => &mut counts.queued,
        DeliveryState::Sending => &mut counts.sending,
        DeliveryState::Delivered => &mut counts.delivered,
        DeliveryState::WaitingForPerson => &mut counts.waiting,
        DeliveryState::Uncertain => &mut counts.uncertain,
        DeliveryState::Cancelled => &mut counts.cancelled,
        DeliveryState::Dead => &mut counts.dead,
    }
}

/// What a query asks for, and the values in it.
struct Conditions {
    text: String,
    values: Vec<(&'static str, Box<dyn ToSql>)>,
}

impl Conditions {
    fn of(filter: &ActivityFilter) -> Result<Self, StoreError> {
        let mut conditions = Self {
            text: "true".to_owned(),
            values: Vec::new(),
        };
        if let Some(person) = filter.person {
            // By the leg alone, so that what is somebody else's is passed over without looking at
            // its message, its link and its people.
            conditions.add(
                "d.leg IN (SELECT l.id FROM links AS k JOIN legs AS l ON l.link = k.id
                    WHERE k.person_a = :person OR k.person_b = :person
                    UNION SELECT l.id FROM legs AS l
                    WHERE l.person = :person AND l.link IS NULL)",
            );
            conditions.bind(":person", person.0);
        }
        if let Some(connection) = filter.connection {
            conditions.add("(tc.id = :connection OR fc.id = :connection)");
            conditions.bind(":connection", connection.0);
        }
        if filter
            .state
            .is_some_and(|state| state != DeliveryState::Delivered)
            || filter.reason.is_some()
        {
            // What is delivered has no reason. Said aloud, so that the small index is used that
            // leaves out what went well.
            conditions.add("d.state <> 'delivered'");
        }
        if let Some(state) = filter.state {
            conditions.add("d.state = :state");
            conditions.bind(":state", state.word());
        }
        if let Some(reason) = filter.reason {
            conditions.add("d.reason = :reason");
            conditions.bind(":reason", reason.word());
        }
        if !filter.deliveries.is_empty() {
            conditions.add("d.id IN (SELECT value FROM json_each(:ids))");
            conditions.bind(":ids", sql::to_json(&filter.deliveries)?);
        }
        Ok(conditions)
    }

    fn add(&mut self, condition: &str) {
        self.text.push_str(" AND ");
        self.text.push_str(condition);
    }

    fn bind(&mut self, name: &'static str, value: impl ToSql + 'static) {
        self.values.push((name, Box::new(value)));
    }

    fn params(&self) -> Vec<(&'static str, &dyn ToSql)> {
        self.values
            .iter()
            .map(|(name, value)| (*name, value.as_ref()))
            .collect()
    }
}

fn ledger_row(row: &Row<'_>) -> rusqlite::Result<LedgerRow> {
    let people = [
        person(row, ["a_id", "a_name", "a_email"])?,
        person(row, ["b_id", "b_name", "b_email"])?,
    ];
    let conversation: Option<String> = sql::get(row, "conversation")?;
    Ok(LedgerRow {
        delivery: delivery_row(row)?,
        people: people.into_iter().flatten().collect(),
        from: end(row, ["from_id", "from_platform", "from_name"])?,
        to: end(row, ["to_id", "to_platform", "to_name"])?.ok_or_else(sql::unreadable)?,
        author: sql::get(row, "author")?,
        conversation: conversation.map(ExternalConversation::new),
    })
}

fn person(row: &Row<'_>, [id, name, email]: [&str; 3]) -> rusqlite::Result<Option<Person>> {
    let Some(id) = sql::get::<Option<i64>>(row, id)? else {
        return Ok(None);
    };
    Ok(Some(Person {
        id: PersonId(id),
        name: sql::get(row, name)?,
        email: sql::get(row, email)?,
    }))
}

fn end(row: &Row<'_>, [id, platform, name]: [&str; 3]) -> rusqlite::Result<Option<LedgerEnd>> {
    let Some(id) = sql::get::<Option<i64>>(row, id)? else {
        return Ok(None);
    };
    Ok(Some(LedgerEnd {
        connection: ConnectionId(id),
        platform: sql::word(row, platform, Platform::from_word)?,
        name: sql::get(row, name)?,
    }))
}

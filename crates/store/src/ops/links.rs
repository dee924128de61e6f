//! Links and their legs.

use causeway_model::{
    AccountId, ConnectionId, ExternalConversation, LegId, LegKind, LegState, LinkId, PersonId,
    RelayId, Speaker, Timestamp,
};
use rusqlite::{Row, named_params, params};

use crate::recall::Question;
use crate::{Conflict, LegRow, LinkRow, NewLeg, Reader, StoreError, Tx, sql};

const LINK_COLUMNS: &str = "id, person_a, person_b, connection_a, connection_b";
const LEG_COLUMNS: &str =
    "id, link, connection, person, kind, state, external, speaker, stand_in, open_relay_id,
     members_at, closed_at";

impl Reader<'_> {
    pub fn link(&self, id: LinkId) -> Result<Option<LinkRow>, StoreError> {
        sql::known(self.sql(), Question::Link(id), || {
            let query = format!("SELECT {LINK_COLUMNS} FROM links WHERE id = ?1");
            sql::one(self.sql(), &query, [id.0], link_row)
        })
    }

    /// The link of two people, each with the connection they work on, in either order.
    pub fn link_between(
        &self,
        person_a: PersonId,
        person_b: PersonId,
        connection_a: ConnectionId,
        connection_b: ConnectionId,
    ) -> Result<Option<LinkRow>, StoreError> {
        let ends = ordered((person_a, connection_a), (person_b, connection_b));
        let query = format!(
            "SELECT {LINK_COLUMNS} FROM links WHERE person_a = ?1 AND person_b = ?2
               AND connection_a = ?3 AND connection_b = ?4"
        );
        sql::one(self.sql(), &query, ends, link_row)
    }

    pub fn links_of_person(&self, person: PersonId) -> Result<Vec<LinkRow>, StoreError> {
        let query = format!(
            "SELECT {LINK_COLUMNS} FROM links WHERE person_a = ?1 OR person_b = ?1 ORDER BY id"
        );
        sql::all(self.sql(), &query, [person.0], link_row)
    }

    /// Oldest first.
    pub fn legs_of_link(&self, link: LinkId) -> Result<Vec<LegRow>, StoreError> {
        let query = format!("SELECT {LEG_COLUMNS} FROM legs WHERE link = ?1 ORDER BY id");
        sql::all(self.sql(), &query, [link.0], leg_row)
    }

    /// The legs of a link on one connection, oldest first.
    pub fn legs_of_side(
        &self,
        link: LinkId,
        connection: ConnectionId,
    ) -> Result<Vec<LegRow>, StoreError> {
        sql::known(self.sql(), Question::LegsOfSide(link, connection), || {
            let query = format!(
                "SELECT {LEG_COLUMNS} FROM legs WHERE link = ?1 AND connection = ?2 ORDER BY id"
            );
            sql::all(self.sql(), &query, [link.0, connection.0], leg_row)
        })
    }

    pub fn leg(&self, id: LegId) -> Result<Option<LegRow>, StoreError> {
        sql::known(self.sql(), Question::Leg(id), || {
            let query = format!("SELECT {LEG_COLUMNS} FROM legs WHERE id = ?1");
            sql::one(self.sql(), &query, [id.0], leg_row)
        })
    }

    pub fn leg_by_conversation(
        &self,
        connection: ConnectionId,
        external: &ExternalConversation,
    ) -> Result<Option<LegRow>, StoreError> {
        let question = Question::LegBy(connection, external.clone());
        sql::known(self.sql(), question, || {
            let query =
                format!("SELECT {LEG_COLUMNS} FROM legs WHERE connection = ?1 AND external = ?2");
            let params = params![connection.0, external.as_str()];
            sql::one(self.sql(), &query, params, leg_row)
        })
    }

    pub fn legs_of_connection(&self, connection: ConnectionId) -> Result<Vec<LegRow>, StoreError> {
        let query = format!("SELECT {LEG_COLUMNS} FROM legs WHERE connection = ?1 ORDER BY id");
        sql::all(self.sql(), &query, [connection.0], leg_row)
    }

    /// The conversation of an account's owner with the hub's app there, the newest that is not
    /// closed.
    pub fn app_leg(
        &self,
        connection: ConnectionId,
        account: AccountId,
    ) -> Result<Option<LegRow>, StoreError> {
        let query = format!(
            "SELECT {LEG_COLUMNS} FROM legs
             WHERE person = (SELECT person FROM accounts WHERE id = ?2)
               AND kind = 'app' AND connection = ?1 AND state <> 'closed'
             ORDER BY state = 'current' DESC, id DESC LIMIT 1"
        );
        sql::one(self.sql(), &query, [connection.0, account.0], leg_row)
    }

    /// The source time of the newest message delivered on the leg.
    pub fn last_source_at(&self, leg: LegId) -> Result<Option<Timestamp>, StoreError> {
        let query = "SELECT last_source_at FROM legs WHERE id = ?1";
        let at = sql::one(self.sql(), query, [leg.0], |row| {
            sql::time_or_none(row, "last_source_at")
        })?;
        Ok(at.flatten())
    }
}

impl Tx<'_> {
    /// Finds the link of two people, or makes it.
    pub fn ensure_link(
        &self,
        person_a: PersonId,
        person_b: PersonId,
        connection_a: ConnectionId,
        connection_b: ConnectionId,
        now: Timestamp,
    ) -> Result<LinkRow, StoreError> {
        let [a, b, on_a, on_b] = ordered((person_a, connection_a), (person_b, connection_b));
        sql::execute(
            self.sql(),
            "INSERT INTO links (person_a, person_b, connection_a, connection_b, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (person_a, person_b, connection_a, connection_b) DO NOTHING",
            [a, b, on_a, on_b, now.0],
        )?;
        self.link_between(person_a, person_b, connection_a, connection_b)?
            .ok_or(StoreError::NotFound("link"))
    }

    /// # Errors
    /// [`Conflict::ConversationTaken`] when the conversation already is a leg.
    pub fn add_leg(&self, new: &NewLeg) -> Result<LegId, StoreError> {
        let id = sql::insert(
            self.sql(),
            "INSERT INTO legs (link, connection, person, kind, state, external, speaker, stand_in,
                open_relay_id, created_at)
             VALUES (:link, :connection, :person, :kind, :state, :external, :speaker, :stand_in,
                :open_relay_id, :created_at)",
            named_params! {
                ":link": new.link.map(|link| link.0),
                ":connection": new.connection.0,
                ":person": new.person.0,
                ":kind": new.kind.word(),
                ":state": new.state.word(),
                ":external": new.external.as_ref().map(ExternalConversation::as_str),
                ":speaker": sql::to_json(&new.speaker)?,
                ":stand_in": new.stand_in.map(|account| account.0),
                ":open_relay_id": new.open_relay_id.as_ref().map(RelayId::as_str),
                ":created_at": new.created_at.0,
            },
        );
        id.map(LegId)
            .map_err(|error| sql::unique(error, Conflict::ConversationTaken))
    }

    /// The leg's conversation is open now.
    ///
    /// # Errors
    /// [`Conflict::ConversationTaken`] when it is another leg already.
    pub fn set_leg_conversation(
        &self,
        leg: LegId,
        external: &ExternalConversation,
    ) -> Result<(), StoreError> {
        let changed = sql::execute(
            self.sql(),
            "UPDATE legs SET external = ?2 WHERE id = ?1",
            params![leg.0, external.as_str()],
        )
        .map_err(|error| sql::unique(error, Conflict::ConversationTaken))?;
        sql::must_change(changed, "leg")
    }

    pub fn set_leg_state(&self, leg: LegId, state: LegState) -> Result<(), StoreError> {
        let changed = sql::execute(
            self.sql(),
            "UPDATE legs SET state = ?2 WHERE id = ?1",
            params![leg.0, state.word()],
        )?;
        sql::must_change(changed, "leg")
    }

    /// The leg gives its conversation up, which may become another link's.
    pub fn release_conversation(&self, leg: LegId) -> Result<(), StoreError> {
        let changed = sql::execute(
            self.sql(),
            "UPDATE legs SET external = NULL, state = 'closed' WHERE id = ?1",
            [leg.0],
        )?;
        sql::must_change(changed, "leg")
    }

    /// Nothing is carried on the leg from this moment of its platform on.
    pub fn close_leg(&self, leg: LegId, at: Timestamp) -> Result<(), StoreError> {
        let changed = sql::execute(
            self.sql(),
            "UPDATE legs SET state = 'closed', closed_at = coalesce(closed_at, ?2) WHERE id = ?1",
            [leg.0, at.0],
        )?;
        sql::must_change(changed, "leg")
    }

    /// The members of the leg's conversation were seen to be who they should be.
    pub fn set_members_checked(&self, leg: LegId, now: Timestamp) -> Result<(), StoreError> {
        let changed = sql::execute(
            self.sql(),
            "UPDATE legs SET members_at = ?2 WHERE id = ?1",
            [leg.0, now.0],
        )?;
        sql::must_change(changed, "leg")
    }

    /// Changes who opens the leg and writes in it, and the account that stands for the other.
    pub fn set_leg_speaker(
        &self,
        leg: LegId,
        speaker: &Speaker,
        stand_in: Option<AccountId>,
    ) -> Result<(), StoreError> {
        let changed = sql::execute(
            self.sql(),
            "UPDATE legs SET speaker = ?2, stand_in = ?3 WHERE id = ?1",
            params![
                leg.0,
                sql::to_json(speaker)?,
                stand_in.map(|account| account.0)
            ],
        )?;
        sql::must_change(changed, "leg")
    }
}

/// The lower person id first, each with their connection behind both.
fn ordered(one: (PersonId, ConnectionId), other: (PersonId, ConnectionId)) -> [i64; 4] {
    let (first, second) = if one.0 <= other.0 {
        (one, other)
    } else {
        (other, one)
    };
    [first.0.0, second.0.0, first.1.0, second.1.0]
}

fn link_row(row: &Row<'_>) -> rusqlite::Result<LinkRow> {
    Ok(LinkRow {
        id: LinkId(sql::get(row, "id")?),
        person_a: PersonId(sql::get(row, "person_a")?),
        person_b: PersonId(sql::get(row, "person_b")?),
        connection_a: ConnectionId(sql::get(row, "connection_a")?),
        connection_b: ConnectionId(sql::get(row, "connection_b")?),
    })
}

fn leg_row(row: &Row<'_>) -> rusqlite::Result<LegRow> {
    let external: Option<String> = sql::get(row, "external")?;
    Ok(LegRow {
        id: LegId(sql::get(row, "id")?),
        link: sql::get::<Option<i64>>(row, "link")?.map(LinkId),
        connection: ConnectionId(sql::get(row, "connection")?),
        person: PersonId(sql::get(row, "person")?),
        kind: sql::word(row, "kind", LegKind::from_word)?,
        state: sql::word(row, "state", LegState::from_word)?,
        external: external.map(ExternalConversation::new),
        speaker: sql::json(row, "speaker")?,
        stand_in: sql::get::<Option<i64>>(row, "stand_in")?.map(AccountId),
        open_relay_id: sql::word_or_none(row, "open_relay_id", RelayId::parse)?,
        members_at: sql::time_or_none(row, "members_at")?,
        closed_at: sql::time_or_none(row, "closed_at")?,
    })
}

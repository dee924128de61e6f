//! Pairings, and what an account is in them.

use causeway_model::{
    AccountId, AccountKind, ConnectionId, ExternalAccount, GuestState, Mode, Pairing, PairingId,
    PairingState, PersonId, Timestamp,
};
use rusqlite::{Row, named_params, params};

use crate::recall::Question;
use crate::{Conflict, NewPairing, Reader, Role, Standing, StoreError, Tx, sql};

const COLUMNS: &str = "id, person, primary_account, secondary_connection, secondary_account, mode,
    state, guest, since";

impl Reader<'_> {
    pub fn pairing(&self, id: PairingId) -> Result<Option<Pairing>, StoreError> {
        let query = format!("SELECT {COLUMNS} FROM pairings WHERE id = ?1");
        sql::one(self.sql(), &query, [id.0], pairing_row)
    }

    pub fn active_pairings(&self) -> Result<Vec<Pairing>, StoreError> {
        let query = format!("SELECT {COLUMNS} FROM pairings WHERE state = 'active' ORDER BY id");
        sql::all(self.sql(), &query, [], pairing_row)
    }

    /// The active one, where there is one.
    pub fn pairing_of(
        &self,
        person: PersonId,
        secondary_connection: ConnectionId,
    ) -> Result<Option<Pairing>, StoreError> {
        let question = Question::Pairing(person, secondary_connection);
        sql::known(self.sql(), question, || {
            let query = format!(
                "SELECT {COLUMNS} FROM pairings
                 WHERE person = ?1 AND secondary_connection = ?2 AND state = 'active'"
            );
            let params = [person.0, secondary_connection.0];
            sql::one(self.sql(), &query, params, pairing_row)
        })
    }

    /// The active ones, oldest first.
    pub fn pairings_of_person(&self, person: PersonId) -> Result<Vec<Pairing>, StoreError> {
        let query = format!(
            "SELECT {COLUMNS} FROM pairings WHERE person = ?1 AND state = 'active' ORDER BY id"
        );
        sql::all(self.sql(), &query, [person.0], pairing_row)
    }

    /// Active pairings whose guest has come this far, oldest first.
    pub fn pairings_with_guest(&self, state: GuestState) -> Result<Vec<Pairing>, StoreError> {
        let query = format!(
            "SELECT {COLUMNS} FROM pairings WHERE guest = ?1 AND state = 'active' ORDER BY id"
        );
        sql::all(self.sql(), &query, [state.word()], pairing_row)
    }

    /// What an account is in the active pairings; none for everybody else's.
    pub fn paired_account(
        &self,
        connection: ConnectionId,
        external: &ExternalAccount,
    ) -> Result<Option<Standing>, StoreError> {
        let query = "SELECT id FROM accounts WHERE connection = ?1 AND external = ?2";
        let params = params![connection.0, external.as_str()];
        let account: Option<i64> = sql::one(self.sql(), query, params, |row| row.get(0))?;
        let Some(account) = account else {
            return Ok(None);
        };
        for (column, role) in [
            ("primary_account", Role::Primary),
            ("secondary_account", Role::Secondary),
        ] {
            let query = format!(
                "SELECT {COLUMNS} FROM pairings WHERE state = 'active' AND {column} = ?1
                 ORDER BY id LIMIT 1"
            );
            if let Some(pairing) = sql::one(self.sql(), &query, [account], pairing_row)? {
                return Ok(Some(Standing {
                    person: pairing.person,
                    account: AccountId(account),
                    role,
                    pairing,
                }));
            }
        }
        Ok(None)
    }

    /// Active pairings with either account on this connection.
    pub(super) fn pairings_touching(
        &self,
        connection: ConnectionId,
    ) -> Result<Vec<PairingId>, StoreError> {
        sql::all(
            self.sql(),
            "SELECT p.id FROM pairings AS p JOIN accounts AS a ON a.id = p.primary_account
             WHERE p.state = 'active' AND (p.secondary_connection = ?1 OR a.connection = ?1)
             ORDER BY p.id",
            [connection.0],
            |row| row.get(0).map(PairingId),
        )
    }
}

impl Tx<'_> {
    /// Pairs a person's accounts. A secondary account that was taken for someone else's becomes
    /// theirs: the administrator knows better than the directory.
    ///
    /// # Errors
    /// A [`Conflict`] when the person is already paired there, when either account takes part
    /// elsewhere, when the accounts are not on two different connections, or when the person has
    /// another primary account in another pairing.
    pub fn add_pairing(&self, new: &NewPairing) -> Result<PairingId, StoreError> {
        if self
            .pairing_of(new.person, new.secondary_connection)?
            .is_some()
        {
            return Err(Conflict::AlreadyPaired.into());
        }
        self.check_primary(new)?;
        if let Some(secondary) = new.secondary {
            self.check_secondary(secondary, new)?;
            self.adopt(secondary, new.person)?;
        }
        let id = sql::insert(
            self.sql(),
            "INSERT INTO pairings (person, primary_account, secondary_connection,
                secondary_account, mode, state, guest, since)
             VALUES (:person, :primary, :connection, :secondary, :mode, :state, :guest, :since)",
            named_params! {
                ":person": new.person.0,
                ":primary": new.primary.0,
                ":connection": new.secondary_connection.0,
                ":secondary": new.secondary.map(|account| account.0),
                ":mode": new.mode.word(),
                ":state": PairingState::Active.word(),
                ":guest": new.guest.map(GuestState::word),
                ":since": new.since.0,
            },
        )?;
        Ok(PairingId(id))
    }

    /// How far a pairing's guest has come, and which account it is once it exists.
    ///
    /// # Errors
    /// A [`Conflict`] when the account stands for somebody else already.
    pub fn set_guest(
        &self,
        id: PairingId,
        state: GuestState,
        account: Option<AccountId>,
    ) -> Result<(), StoreError> {
        let pairing = self.pairing(id)?.ok_or(StoreError::NotFound("pairing"))?;
        if let Some(account) = account.filter(|account| pairing.secondary != Some(*account)) {
            self.check_free(account)?;
            self.adopt(account, pairing.person)?;
        }
        let changed = sql::execute(
            self.sql(),
            "UPDATE pairings SET guest = ?2, secondary_account = coalesce(?3, secondary_account)
             WHERE id = ?1 AND state = 'active' AND mode = 'guest'",
            params![id.0, state.word(), account.map(|account| account.0)],
        )?;
        sql::must_change(changed, "active pairing with a guest")
    }

    /// Ends an active pairing. What is queued because of it is left to [`Tx::cancel_queued`].
    pub fn end_pairing(&self, id: PairingId, now: Timestamp) -> Result<(), StoreError> {
        let changed = sql::execute(
            self.sql(),
            "UPDATE pairings SET state = 'ended', ended_at = ?2
             WHERE id = ?1 AND state = 'active'",
            [id.0, now.0],
        )?;
        sql::must_change(changed, "active pairing")
    }

    fn check_primary(&self, new: &NewPairing) -> Result<(), StoreError> {
        let account = self.account(new.primary)?;
        let account = account.ok_or(StoreError::NotFound("account"))?;
        if account.person != Some(new.person) || account.connection == new.secondary_connection {
            return Err(Conflict::NotTheirAccount.into());
        }
        let others = self.pairings_of_person(new.person)?;
        if others.iter().any(|other| other.primary != new.primary) {
            return Err(Conflict::OtherPrimary.into());
        }
        match self.paired_account(account.connection, &account.external)? {
            Some(standing) if standing.role == Role::Secondary => {
                Err(Conflict::AccountTaken.into())
            }
            Some(_) | None => Ok(()),
        }
    }

    fn check_secondary(&self, id: AccountId, new: &NewPairing) -> Result<(), StoreError> {
        let account = self.account(id)?.ok_or(StoreError::NotFound("account"))?;
        let of_a_person = match account.kind {
            AccountKind::Full | AccountKind::Guest => true,
            AccountKind::App | AccountKind::Bot => false,
        };
        if !of_a_person || account.connection != new.secondary_connection {
            return Err(Conflict::NotTheirAccount.into());
        }
        self.check_free(id)
    }

    fn check_free(&self, id: AccountId) -> Result<(), StoreError> {
        let account = self.account(id)?.ok_or(StoreError::NotFound("account"))?;
        let paired = self.paired_account(account.connection, &account.external)?;
        match paired {
            Some(_) => Err(Conflict::AccountTaken.into()),
            None => Ok(()),
        }
    }
}

fn pairing_row(row: &Row<'_>) -> rusqlite::Result<Pairing> {
    Ok(Pairing {
        id: PairingId(sql::get(row, "id")?),
        person: PersonId(sql::get(row, "person")?),
        primary: AccountId(sql::get(row, "primary_account")?),
        secondary_connection: ConnectionId(sql::get(row, "secondary_connection")?),
        secondary: sql::get::<Option<i64>>(row, "secondary_account")?.map(AccountId),
        mode: sql::word(row, "mode", Mode::from_word)?,
        state: sql::word(row, "state", PairingState::from_word)?,
        guest: sql::word_or_none(row, "guest", GuestState::from_word)?,
        since: sql::time(row, "since")?,
    })
}

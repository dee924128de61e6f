//! Consent, prompts, and sign-ins that are under way.

use causeway_model::{
    AccountId, AskedBecause, Consent, DeliveryId, PersonId, RelayId, SignInWay, Timestamp,
};
use rusqlite::{Row, named_params, params};

use crate::recall::Question;
use crate::{Conflict, NewPrompt, PromptRow, Reader, SignInRow, StoreError, Tx, sql};

const PROMPT_COLUMNS: &str = "id, account, because, subject, delivery, at";
const SIGN_IN_COLUMNS: &str = "id, account, way, state, secret, interval_ms, expires_at";

impl Reader<'_> {
    /// What was recorded of an account's consent; none where the hub never asked.
    pub fn consent(&self, account: AccountId) -> Result<Option<Consent>, StoreError> {
        sql::known(self.sql(), Question::Consent(account), || {
            sql::one(
                self.sql(),
                "SELECT state, at, how, waits_until, scopes FROM consents WHERE account = ?1",
                [account.0],
                consent_row,
            )
        })
    }

    /// Whether the wait for an account's answer was over before one came.
    pub fn has_lapsed(&self, account: AccountId) -> Result<bool, StoreError> {
        sql::exists(
            self.sql(),
            "SELECT 1 FROM consents WHERE account = ?1 AND lapsed_at IS NOT NULL",
            [account.0],
        )
    }

    /// Accounts whose wait is over at `now`, and those that are to be told so.
    pub fn overdue_consents(&self, now: Timestamp) -> Result<Vec<AccountId>, StoreError> {
        sql::all(
            self.sql(),
            "SELECT account FROM consents
             WHERE state = 'asked' AND lapsed_at IS NULL AND waits_until <= ?1
             ORDER BY waits_until, account",
            [now.0],
            |row| row.get(0).map(AccountId),
        )
    }

    /// When the next wait is over.
    pub fn next_consent_deadline(&self) -> Result<Option<Timestamp>, StoreError> {
        let query = "SELECT min(waits_until) AS at FROM consents
             WHERE state = 'asked' AND lapsed_at IS NULL";
        let at = sql::one(self.sql(), query, [], |row| sql::time_or_none(row, "at"))?;
        Ok(at.flatten())
    }

    /// The newest prompt of an account.
    pub fn last_prompt(&self, account: AccountId) -> Result<Option<PromptRow>, StoreError> {
        let query = format!(
            "SELECT {PROMPT_COLUMNS} FROM prompts WHERE account = ?1 ORDER BY id DESC LIMIT 1"
        );
        sql::one(self.sql(), &query, [account.0], prompt_row)
    }

    pub fn prompt_by_subject(&self, subject: &RelayId) -> Result<Option<PromptRow>, StoreError> {
        let query = format!("SELECT {PROMPT_COLUMNS} FROM prompts WHERE subject = ?1");
        sql::one(self.sql(), &query, [subject.as_str()], prompt_row)
    }

    pub fn prompt_of_delivery(
        &self,
        delivery: DeliveryId,
    ) -> Result<Option<PromptRow>, StoreError> {
        let query = format!("SELECT {PROMPT_COLUMNS} FROM prompts WHERE delivery = ?1");
        sql::one(self.sql(), &query, [delivery.0], prompt_row)
    }

    /// The newest prompt of each of a person's accounts, the newest of all first.
    pub fn prompts_of_person(&self, person: PersonId) -> Result<Vec<PromptRow>, StoreError> {
        let query = "SELECT max(p.id) AS id, p.account, p.because, p.subject, p.delivery, p.at
             FROM prompts AS p JOIN accounts AS a ON a.id = p.account
             WHERE a.person = ?1 GROUP BY p.account ORDER BY 1 DESC";
        sql::all(self.sql(), query, [person.0], prompt_row)
    }

    pub fn sign_in(&self, id: i64) -> Result<Option<SignInRow>, StoreError> {
        let query = format!("SELECT {SIGN_IN_COLUMNS} FROM sign_ins WHERE id = ?1");
        sql::one(self.sql(), &query, [id], sign_in_row)
    }

    /// The sign-in that a browser has come back from.
    pub fn sign_in_by_state(&self, state: &str) -> Result<Option<SignInRow>, StoreError> {
        let query = format!("SELECT {SIGN_IN_COLUMNS} FROM sign_ins WHERE state = ?1");
        sql::one(self.sql(), &query, [state], sign_in_row)
    }

    /// All that are under way, oldest first.
    pub fn sign_ins(&self) -> Result<Vec<SignInRow>, StoreError> {
        let query = format!("SELECT {SIGN_IN_COLUMNS} FROM sign_ins ORDER BY id");
        sql::all(self.sql(), &query, [], sign_in_row)
    }

    /// Those of one account, oldest first.
    pub fn sign_ins_of(&self, account: AccountId) -> Result<Vec<SignInRow>, StoreError> {
        let query =
            format!("SELECT {SIGN_IN_COLUMNS} FROM sign_ins WHERE account = ?1 ORDER BY id");
        sql::all(self.sql(), &query, [account.0], sign_in_row)
    }
}

impl Tx<'_> {
    /// Records where an account's consent stands now. A wait that had lapsed begins anew when the
    /// state is `Asked` with a later end.
    pub fn set_consent(&self, account: AccountId, consent: &Consent) -> Result<(), StoreError> {
        let parts = match consent {
            Consent::NotNeeded | Consent::NotAsked => {
                sql::execute(
                    self.sql(),
                    "DELETE FROM consents WHERE account = ?1",
                    [account.0],
                )?;
                return Ok(());
            }
            Consent::Asked { at, how, until } => (at, Some(how.word()), Some(until.0), None),
            Consent::Granted { at, scopes } => (at, None, None, Some(scopes.as_str())),
            Consent::Declined { at } | Consent::Revoked { at } => (at, None, None, None),
        };
        let (at, how, until, scopes) = parts;
        sql::execute(
            self.sql(),
            "INSERT INTO consents (account, state, at, how, waits_until, scopes)
             VALUES (:account, :state, :at, :how, :until, :scopes)
             ON CONFLICT (account) DO UPDATE SET
                state = excluded.state, at = excluded.at, how = excluded.how,
                waits_until = excluded.waits_until, lapsed_at = NULL, scopes = excluded.scopes",
            named_params! {
                ":account": account.0,
                ":state": consent.word(),
                ":at": at.0,
                ":how": how,
                ":until": until,
                ":scopes": scopes,
            },
        )?;
        Ok(())
    }

    /// The wait for an answer is over; true when it was not before. What they were asked stays
    /// open.
    pub fn lapse_consent(&self, account: AccountId, now: Timestamp) -> Result<bool, StoreError> {
        let changed = sql::execute(
            self.sql(),
            "UPDATE consents SET lapsed_at = ?2, waits_until = min(waits_until, ?2)
             WHERE account = ?1 AND state = 'asked' AND lapsed_at IS NULL",
            [account.0, now.0],
        )?;
        Ok(changed > 0)
    }

    /// Records that somebody is asked.
    ///
    /// # Errors
    /// [`Conflict::AlreadyAsked`] when the hub has asked for this account by itself before, whatever
    /// became of it.
    pub fn add_prompt(&self, new: &NewPrompt) -> Result<i64, StoreError> {
        sql::insert(
            self.sql(),
            "INSERT INTO prompts (account, because, subject, delivery, at)
             VALUES (:account, :because, :subject, :delivery, :at)",
            named_params! {
                ":account": new.account.0,
                ":because": new.because.word(),
                ":subject": new.subject.as_str(),
                ":delivery": new.delivery.0,
                ":at": new.at.0,
            },
        )
        .map_err(|error| sql::unique(error, Conflict::AlreadyAsked))
    }

    pub fn add_sign_in(&self, new: &SignInRow) -> Result<i64, StoreError> {
        sql::insert(
            self.sql(),
            "INSERT INTO sign_ins (account, way, state, secret, interval_ms, expires_at)
             VALUES (:account, :way, :state, :secret, :interval_ms, :expires_at)",
            named_params! {
                ":account": new.account.0,
                ":way": new.way.word(),
                ":state": new.state,
                ":secret": new.secret,
                ":interval_ms": new.interval_ms,
                ":expires_at": new.expires_at.0,
            },
        )
    }

    /// A device code was given for a sign-in that waited for one.
    pub fn set_sign_in_code(
        &self,
        id: i64,
        secret: &str,
        interval_ms: i64,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        let changed = sql::execute(
            self.sql(),
            "UPDATE sign_ins SET secret = ?2, interval_ms = ?3, expires_at = ?4 WHERE id = ?1",
            params![id, secret, interval_ms, expires_at.0],
        )?;
        sql::must_change(changed, "sign-in")
    }

    /// True when it was still under way.
    pub fn end_sign_in(&self, id: i64) -> Result<bool, StoreError> {
        let changed = sql::execute(self.sql(), "DELETE FROM sign_ins WHERE id = ?1", [id])?;
        Ok(changed > 0)
    }

    /// Ends all of an account's sign-ins.
    pub fn end_sign_ins_of(&self, account: AccountId) -> Result<(), StoreError> {
        sql::execute(
            self.sql(),
            "DELETE FROM sign_ins WHERE account = ?1",
            [account.0],
        )?;
        Ok(())
    }
}

fn consent_row(row: &Row<'_>) -> rusqlite::Result<Consent> {
    let state: String = sql::get(row, "state")?;
    let at = sql::time(row, "at")?;
    Ok(match state.as_str() {
        "asked" => Consent::Asked {
            at,
            how: sql::word(row, "how", SignInWay::from_word)?,
            until: sql::time(row, "waits_until")?,
        },
        "granted" => Consent::Granted {
            at,
            scopes: sql::get::<Option<String>>(row, "scopes")?.unwrap_or_default(),
        },
        "declined" => Consent::Declined { at },
        "revoked" => Consent::Revoked { at },
        _ => return Err(sql::unreadable()),
    })
}

fn prompt_row(row: &Row<'_>) -> rusqlite::Result<PromptRow> {
    Ok(PromptRow {
        id: sql::get(row, "id")?,
        account: AccountId(sql::get(row, "account")?),
        because: sql::word(row, "because", AskedBecause::from_word)?,
        subject: sql::word(row, "subject", RelayId::parse)?,
        delivery: sql::get::<Option<i64>>(row, "delivery")?.map(DeliveryId),
        at: sql::time(row, "at")?,
    })
}

fn sign_in_row(row: &Row<'_>) -> rusqlite::Result<SignInRow> {
    Ok(SignInRow {
        id: sql::get(row, "id")?,
        account: AccountId(sql::get(row, "account")?),
        way: sql::word(row, "way", SignInWay::from_word)?,
        state: sql::get(row, "state")?,
        secret: sql::get(row, "secret")?,
        interval_ms: sql::get(row, "interval_ms")?,
        expires_at: sql::time(row, "expires_at")?,
    })
}

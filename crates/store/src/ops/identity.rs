//! Which accounts are the same human's.

use causeway_model::{Account, AccountId, AccountKind, PersonId};
use rusqlite::params;

use crate::fold::fold;
use crate::{Conflict, StoreError, Tx, sql};

impl Tx<'_> {
    /// Gives an account the person it belongs to by kind and e-mail, after either has changed.
    ///
    /// What an active pairing says stands: there the administrator has decided. An account that
    /// shares its address with its person's others stays. One that shares it with someone else's
    /// moves there, and one whose address no longer is its person's becomes a person of its own:
    /// addresses are handed on, and nobody may then speak under the earlier owner's name.
    pub(super) fn settle_person(&self, id: AccountId) -> Result<(), StoreError> {
        let account = self.account(id)?.ok_or(StoreError::NotFound("account"))?;
        let person = match account.kind {
            AccountKind::App | AccountKind::Bot => None,
            AccountKind::Full | AccountKind::Guest => Some(self.person_for(&account)?),
        };
        self.move_account(&account, person)
    }

    /// Makes the account the person's, at the administrator's word. An account of the person's on
    /// the same connection gives way, unless a pairing rests on either.
    pub(super) fn adopt(&self, id: AccountId, person: PersonId) -> Result<(), StoreError> {
        let account = self.account(id)?.ok_or(StoreError::NotFound("account"))?;
        if account.person == Some(person) {
            return Ok(());
        }
        if self.is_paired(id)? {
            return Err(Conflict::AccountTaken.into());
        }
        let query = "SELECT id FROM accounts WHERE person = ?1 AND connection = ?2";
        let rival: Option<i64> = sql::one(
            self.sql(),
            query,
            params![person.0, account.connection.0],
            |row| row.get(0),
        )?;
        if let Some(rival) = rival.map(AccountId) {
            if self.is_paired(rival)? {
                return Err(Conflict::NotTheirAccount.into());
            }
            let rival = self
                .account(rival)?
                .ok_or(StoreError::NotFound("account"))?;
            let apart = self.add_person()?;
            self.move_account(&rival, Some(apart))?;
        }
        self.move_account(&account, Some(person))
    }

    fn person_for(&self, account: &Account) -> Result<PersonId, StoreError> {
        let Some(current) = account.person else {
            let matching = self.person_by_email(account)?;
            return matching.map_or_else(|| self.add_person(), Ok);
        };
        if self.is_paired(account.id)? || self.shares_address(account, current)? {
            return Ok(current);
        }
        if let Some(matching) = self.person_by_email(account)? {
            return Ok(matching);
        }
        let alone = self.accounts_of_person(current)?.len() == 1;
        if alone {
            return Ok(current);
        }
        self.add_person()
    }

    /// Someone with this verified address elsewhere, and with no account on this connection.
    fn person_by_email(&self, account: &Account) -> Result<Option<PersonId>, StoreError> {
        let found = sql::one(
            self.sql(),
            "SELECT other.person
             FROM accounts AS mine JOIN accounts AS other
               ON other.email_folded = mine.email_folded AND other.connection <> mine.connection
             WHERE mine.id = ?1 AND mine.email_verified AND other.email_verified
               AND other.person IS NOT NULL AND other.kind IN ('full', 'guest')
               AND NOT EXISTS (
                 SELECT 1 FROM accounts AS third
                 WHERE third.person = other.person AND third.connection = mine.connection
                   AND third.id <> mine.id)
             ORDER BY other.active DESC, other.person LIMIT 1",
            [account.id.0],
            |row| row.get(0),
        )?;
        Ok(found.map(PersonId))
    }

    fn shares_address(&self, account: &Account, person: PersonId) -> Result<bool, StoreError> {
        sql::exists(
            self.sql(),
            "SELECT 1 FROM accounts AS mine JOIN accounts AS other
               ON other.person = ?2 AND other.id <> mine.id
              AND other.email_folded = mine.email_folded
             WHERE mine.id = ?1 AND mine.email_verified AND other.email_verified",
            [account.id.0, person.0],
        )
    }

    fn is_paired(&self, account: AccountId) -> Result<bool, StoreError> {
        sql::exists(
            self.sql(),
            "SELECT 1 FROM pairings
             WHERE state = 'active' AND primary_account = ?1
             UNION ALL
             SELECT 1 FROM pairings
             WHERE state = 'active' AND secondary_account IS NOT NULL AND secondary_account = ?1",
            [account.0],
        )
    }

    fn add_person(&self) -> Result<PersonId, StoreError> {
        let id = sql::insert(
            self.sql(),
            "INSERT INTO people (name, name_folded, search) VALUES ('', '', '')",
            [],
        )?;
        Ok(PersonId(id))
    }

    fn move_account(&self, account: &Account, to: Option<PersonId>) -> Result<(), StoreError> {
        sql::execute(
            self.sql(),
            "UPDATE accounts SET person = ?2 WHERE id = ?1",
            params![account.id.0, to.map(|person| person.0)],
        )?;
        let left = account.person.filter(|from| Some(*from) != to);
        for person in [left, to].into_iter().flatten() {
            self.describe_person(person)?;
        }
        Ok(())
    }

    /// A person is called what their accounts are: full ones before guests, active ones before
    /// others, older before newer. Someone who has lost all of them keeps the name that history
    /// knows, and is not listed any more.
    fn describe_person(&self, person: PersonId) -> Result<(), StoreError> {
        let mut accounts = self.accounts_of_person(person)?;
        if accounts.is_empty() {
            return Ok(());
        }
        accounts.sort_by_key(|account| {
            let guest = account.kind != AccountKind::Full;
            (!account.active, guest, account.id)
        });
        let name = accounts
            .iter()
            .map(|account| account.name.trim())
            .find(|name| !name.is_empty())
            .unwrap_or_default();
        let email = accounts.iter().find_map(|account| account.email.as_deref());
        sql::execute(
            self.sql(),
            "UPDATE people SET name = ?2, name_folded = ?3, email = ?4, search = ?5 WHERE id = ?1",
            params![person.0, name, fold(name), email, search_text(&accounts)],
        )?;
        Ok(())
    }
}

fn search_text(accounts: &[Account]) -> String {
    let mut parts: Vec<String> = Vec::new();
    for account in accounts {
        let texts = [Some(account.name.as_str()), account.email.as_deref()];
        for text in texts.into_iter().flatten().map(fold) {
            if !text.is_empty() && !parts.contains(&text) {
                parts.push(text);
            }
        }
    }
    format!("\n{}", parts.join("\n"))
}

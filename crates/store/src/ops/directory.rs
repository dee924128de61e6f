//! Accounts as the platforms' directories list them.

use causeway_model::{
    Account, AccountId, AccountKind, ConnectionId, DirectoryAccount, ExternalAccount, PersonId,
    Timestamp,
};
use rusqlite::{Row, named_params, params};

use crate::fold::fold;
use crate::recall::Question;
use crate::{ImportCounts, Reader, StoreError, Tx, sql};

const ACCOUNT_COLUMNS: &str = "id, connection, external, person, email, name, photo, kind, active";

impl Reader<'_> {
    pub fn account(&self, id: AccountId) -> Result<Option<Account>, StoreError> {
        sql::known(self.sql(), Question::Account(id), || {
            let query = format!("SELECT {ACCOUNT_COLUMNS} FROM accounts WHERE id = ?1");
            sql::one(self.sql(), &query, [id.0], account_row)
        })
    }

    pub fn account_by_external(
        &self,
        connection: ConnectionId,
        external: &ExternalAccount,
    ) -> Result<Option<Account>, StoreError> {
        let question = Question::AccountBy(connection, external.clone());
        sql::known(self.sql(), question, || {
            let query = format!(
                "SELECT {ACCOUNT_COLUMNS} FROM accounts WHERE connection = ?1 AND external = ?2"
            );
            let params = params![connection.0, external.as_str()];
            sql::one(self.sql(), &query, params, account_row)
        })
    }

    /// All accounts of a person, oldest first.
    pub fn accounts_of_person(&self, person: PersonId) -> Result<Vec<Account>, StoreError> {
        sql::known(self.sql(), Question::AccountsOf(person), || {
            let query =
                format!("SELECT {ACCOUNT_COLUMNS} FROM accounts WHERE person = ?1 ORDER BY id");
            sql::all(self.sql(), &query, [person.0], account_row)
        })
    }
}

impl Tx<'_> {
    /// Begins a full import: what it does not list will be inactive at [`Tx::finish_import`].
    pub fn begin_import(&self, connection: ConnectionId) -> Result<(), StoreError> {
        let changed = sql::execute(
            self.sql(),
            "UPDATE connections SET import_run = import_run + 1 WHERE id = ?1",
            [connection.0],
        )?;
        sql::must_change(changed, "connection")
    }

    /// Takes over some accounts of a directory, those known by their external id in place. People
    /// are made for full and guest accounts; accounts on different connections whose verified
    /// e-mail addresses are equal without regard to case belong to one person.
    pub fn import_accounts(
        &self,
        connection: ConnectionId,
        accounts: &[DirectoryAccount],
        now: Timestamp,
    ) -> Result<ImportCounts, StoreError> {
        let mut counts = ImportCounts::default();
        for listed in accounts {
            match self.import_account(connection, listed, now)? {
                Change::Added => counts.added += 1,
                Change::Changed => counts.changed += 1,
                Change::Deactivated => counts.deactivated += 1,
                Change::None => counts.unchanged += 1,
            }
        }
        Ok(counts)
    }

    /// Ends a full import: accounts that it did not list are inactive from now on. Their number is
    /// answered.
    pub fn finish_import(
        &self,
        connection: ConnectionId,
        now: Timestamp,
    ) -> Result<u32, StoreError> {
        let missing = sql::execute(
            self.sql(),
            "UPDATE accounts SET active = 0, changed_at = ?2
             WHERE connection = ?1 AND active
               AND import_run < (SELECT import_run FROM connections WHERE id = ?1)",
            params![connection.0, now.0],
        )?;
        Ok(u32::try_from(missing).unwrap_or(u32::MAX))
    }

    fn import_account(
        &self,
        connection: ConnectionId,
        listed: &DirectoryAccount,
        now: Timestamp,
    ) -> Result<Change, StoreError> {
        let known = self.known(connection, &listed.external)?;
        let Some(known) = known else {
            let id = self.add_account(connection, listed, now)?;
            self.settle_person(id)?;
            return Ok(Change::Added);
        };
        let id = known.account.id;
        sql::execute(
            self.sql(),
            "UPDATE accounts SET import_run = (SELECT import_run FROM connections WHERE id = ?2)
             WHERE id = ?1",
            [id.0, connection.0],
        )?;
        if known.equals(listed) {
            return Ok(Change::None);
        }
        self.change_account(id, listed, now)?;
        self.settle_person(id)?;
        Ok(if known.account.active && !listed.active {
            Change::Deactivated
        } else {
            Change::Changed
        })
    }

    fn add_account(
        &self,
        connection: ConnectionId,
        listed: &DirectoryAccount,
        now: Timestamp,
    ) -> Result<AccountId, StoreError> {
        let id = sql::insert(
            self.sql(),
            "INSERT INTO accounts
                (connection, external, email, email_folded, email_verified, name, photo, kind,
                 active, import_run, changed_at)
             VALUES
                (:connection, :external, :email, :email_folded, :verified, :name, :photo, :kind,
                 :active, (SELECT import_run FROM connections WHERE id = :connection), :now)",
            named_params! {
                ":connection": connection.0,
                ":external": listed.external.as_str(),
                ":email": listed.email,
                ":email_folded": listed.email.as_deref().map(fold),
                ":verified": listed.email_verified,
                ":name": listed.name,
                ":photo": listed.photo,
                ":kind": listed.kind.word(),
                ":active": listed.active,
                ":now": now.0,
            },
        )?;
        Ok(AccountId(id))
    }

    fn change_account(
        &self,
        id: AccountId,
        listed: &DirectoryAccount,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        sql::execute(
            self.sql(),
            "UPDATE accounts SET
                email = :email, email_folded = :email_folded, email_verified = :verified,
                name = :name, photo = :photo, kind = :kind, active = :active, changed_at = :now
             WHERE id = :id",
            named_params! {
                ":id": id.0,
                ":email": listed.email,
                ":email_folded": listed.email.as_deref().map(fold),
                ":verified": listed.email_verified,
                ":name": listed.name,
                ":photo": listed.photo,
                ":kind": listed.kind.word(),
                ":active": listed.active,
                ":now": now.0,
            },
        )?;
        Ok(())
    }

    fn known(
        &self,
        connection: ConnectionId,
        external: &ExternalAccount,
    ) -> Result<Option<Known>, StoreError> {
        let query = format!(
            "SELECT {ACCOUNT_COLUMNS}, email_verified FROM accounts
             WHERE connection = ?1 AND external = ?2"
        );
        let params = params![connection.0, external.as_str()];
        sql::one(self.sql(), &query, params, |row| {
            Ok(Known {
                account: account_row(row)?,
                email_verified: sql::get(row, "email_verified")?,
            })
        })
    }
}

enum Change {
    Added,
    Changed,
    Deactivated,
    None,
}

struct Known {
    account: Account,
    email_verified: bool,
}

impl Known {
    fn equals(&self, listed: &DirectoryAccount) -> bool {
        let account = &self.account;
        account.email == listed.email
            && self.email_verified == listed.email_verified
            && account.name == listed.name
            && account.photo == listed.photo
            && account.kind == listed.kind
            && account.active == listed.active
    }
}

fn account_row(row: &Row<'_>) -> rusqlite::Result<Account> {
    Ok(Account {
        id: AccountId(sql::get(row, "id")?),
        connection: ConnectionId(sql::get(row, "connection")?),
        external: ExternalAccount::new(sql::get::<String>(row, "external")?),
        person: sql::get::<Option<i64>>(row, "person")?.map(PersonId),
        email: sql::get(row, "email")?,
        name: sql::get(row, "name")?,
        photo: sql::get(row, "photo")?,
        kind: sql::word(row, "kind", AccountKind::from_word)?,
        active: sql::get(row, "active")?,
    })
}

//! Who could be paired and is not, and what deciding about it takes.

use causeway_model::{Account, AccountId, ConnectionId, Person, PersonId, Timestamp};
use rusqlite::{Row, params};

use super::people::person_row;
use super::set_aside::SET_ASIDE;
use crate::fold::fold;
use crate::{PeopleFilter, Reader, StoreError, WantedRow, sql};

/// Someone with an active account of their own who takes part in no pairing.
pub(super) const UNPAIRED: &str = "EXISTS (
        SELECT 1 FROM accounts AS a
        WHERE a.person = p.id AND a.active AND a.kind IN ('full', 'guest'))
    AND NOT EXISTS (
        SELECT 1 FROM pairings AS r WHERE r.person = p.id AND r.state = 'active')";

/// How many candidates are worth showing.
const CANDIDATES: u32 = 10;

/// Where a page of suggestions ended: those wanted most come first, then by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuggestionCursor {
    /// How often they were looked for; 0 for everybody nobody looked for.
    pub times: u32,
    pub name_folded: String,
    pub person: PersonId,
}

/// Someone who could be paired and is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuggestionRow {
    pub person: Person,
    /// All of theirs, inactive ones too, oldest first.
    pub accounts: Vec<Account>,
    /// Where somebody looked for them in vain, most often first.
    pub wanted: Vec<WantedRow>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuggestionRows {
    pub rows: Vec<SuggestionRow>,
    /// Of the whole list, not of this page.
    pub total: u32,
    /// Where the next page begins; none after the last.
    pub next: Option<SuggestionCursor>,
}

impl Reader<'_> {
    /// A page of people who could be paired and are not, and whom the administrator has not set
    /// aside at `now`.
    pub fn suggestions_page(
        &self,
        now: Timestamp,
        after: Option<&SuggestionCursor>,
        limit: u32,
    ) -> Result<SuggestionRows, StoreError> {
        let wanted = match after {
            Some(cursor) if cursor.times == 0 => Vec::new(),
            _ => self.wanted_after(now, after, limit + 1)?,
        };
        let room = (limit + 1).saturating_sub(u32::try_from(wanted.len()).unwrap_or(u32::MAX));
        let others = self.unwanted_after(now, after.filter(|cursor| cursor.times == 0), room)?;
        let mut found: Vec<_> = wanted.into_iter().chain(others).collect();
        let next = if found.len() > limit as usize {
            found.truncate(limit as usize);
            found.last().map(|(_, cursor)| cursor.clone())
        } else {
            None
        };
        let rows = found.into_iter().map(|(person, _)| self.suggestion(person));
        let unpaired = self.count_people(&PeopleFilter::default())?.unpaired;
        Ok(SuggestionRows {
            rows: rows.collect::<Result<_, StoreError>>()?,
            total: unpaired.saturating_sub(self.count_set_aside(now)?),
            next,
        })
    }

    pub(super) fn suggestion(&self, person: Person) -> Result<SuggestionRow, StoreError> {
        Ok(SuggestionRow {
            accounts: self.accounts_of_person(person.id)?,
            wanted: self.wanted_of(person.id)?,
            person,
        })
    }

    /// Active accounts of other people on a connection that go by this full name, without regard
    /// to case, and stand for nobody yet; at most ten, oldest first.
    pub fn namesakes(
        &self,
        name: &str,
        connection: ConnectionId,
        person: PersonId,
    ) -> Result<Vec<Account>, StoreError> {
        let ids = sql::all(
            self.sql(),
            "SELECT a.id FROM people AS p JOIN accounts AS a ON a.person = p.id
             WHERE p.name_folded = ?1 AND p.id <> ?3 AND a.connection = ?2 AND a.active
               AND a.kind IN ('full', 'guest')
               AND NOT EXISTS (
                 SELECT 1 FROM pairings AS r WHERE r.person = p.id AND r.state = 'active')
             ORDER BY a.id LIMIT ?4",
            params![fold(name), connection.0, person.0, CANDIDATES],
            |row| row.get(0).map(AccountId),
        )?;
        let mut found = Vec::new();
        for id in ids {
            found.extend(self.account(id)?);
        }
        Ok(found)
    }

    /// The account's e-mail address, where its platform vouches for it.
    pub fn verified_address(&self, account: AccountId) -> Result<Option<String>, StoreError> {
        let query = "SELECT email FROM accounts
             WHERE id = ?1 AND email_verified AND email IS NOT NULL AND email <> ''";
        sql::one(self.sql(), query, [account.0], |row| row.get(0))
    }

    /// How many messages of a person's wait, on the legs where they are represented on this
    /// connection, because their consent is awaited: those behind the first one too.
    pub fn waiting_for_consent(
        &self,
        person: PersonId,
        connection: ConnectionId,
    ) -> Result<u32, StoreError> {
        let query = "WITH sides AS (
                SELECT l.id FROM links AS k JOIN legs AS l ON l.link = k.id
                WHERE (k.person_a = ?1 OR k.person_b = ?1)
                  AND l.person <> ?1 AND l.connection = ?2)
             SELECT count(*) FROM deliveries AS d
             WHERE d.settled_at IS NULL AND d.operation = 'post' AND d.part = 0
               AND d.leg IN (SELECT id FROM sides)
               AND EXISTS (
                 SELECT 1 FROM deliveries AS first
                 WHERE first.leg = d.leg AND first.settled_at IS NULL
                   AND first.reason = 'awaiting_consent')";
        let count = sql::one(self.sql(), query, [person.0, connection.0], |row| {
            row.get(0)
        })?;
        Ok(count.unwrap_or(0))
    }

    fn wanted_after(
        &self,
        now: Timestamp,
        after: Option<&SuggestionCursor>,
        limit: u32,
    ) -> Result<Vec<(Person, SuggestionCursor)>, StoreError> {
        let query = format!(
            "SELECT p.id, p.name, p.email, p.name_folded, w.times
             FROM (SELECT person, sum(times) AS times FROM wanted GROUP BY person) AS w
                JOIN people AS p ON p.id = w.person
             WHERE (-w.times, p.name_folded, p.id) > (?1, ?2, ?3) AND {UNPAIRED}
               AND NOT {SET_ASIDE}
             ORDER BY -w.times, p.name_folded, p.id LIMIT ?5"
        );
        let times = after.map_or(i64::MIN, |cursor| -i64::from(cursor.times));
        let name = after.map_or("", |cursor| cursor.name_folded.as_str());
        let person = after.map_or(i64::MIN, |cursor| cursor.person.0);
        let params = params![times, name, person, now.0, limit];
        sql::all(self.sql(), &query, params, found)
    }

    fn unwanted_after(
        &self,
        now: Timestamp,
        after: Option<&SuggestionCursor>,
        limit: u32,
    ) -> Result<Vec<(Person, SuggestionCursor)>, StoreError> {
        let query = format!(
            "SELECT p.id, p.name, p.email, p.name_folded, 0 AS times FROM people AS p
             WHERE (p.name_folded, p.id) > (?1, ?2) AND {UNPAIRED}
               AND NOT {SET_ASIDE}
               AND NOT EXISTS (SELECT 1 FROM wanted AS w WHERE w.person = p.id)
             ORDER BY p.name_folded, p.id LIMIT ?3"
        );
        let name = after.map_or("", |cursor| cursor.name_folded.as_str());
        let person = after.map_or(i64::MIN, |cursor| cursor.person.0);
        sql::all(
            self.sql(),
            &query,
            params![name, person, limit, now.0],
            found,
        )
    }

    fn wanted_of(&self, person: PersonId) -> Result<Vec<WantedRow>, StoreError> {
        let query = "SELECT person, connection, times, at FROM wanted WHERE person = ?1
             ORDER BY times DESC, connection";
        sql::all(self.sql(), query, [person.0], |row| {
            Ok(WantedRow {
                person: PersonId(sql::get(row, "person")?),
                connection: ConnectionId(sql::get(row, "connection")?),
                times: sql::get(row, "times")?,
                at: sql::time(row, "at")?,
            })
        })
    }
}

fn found(row: &Row<'_>) -> rusqlite::Result<(Person, SuggestionCursor)> {
    let person = person_row(row)?;
    let cursor = SuggestionCursor {
        times: sql::get(row, "times")?,
        name_folded: sql::get(row, "name_folded")?,
        person: person.id,
    };
    Ok((person, cursor))
}

#[cfg(test)]
mod tests {
    use causeway_model::{
        AccountKind, DeliveryId, DirectoryAccount, ExternalAccount, LegId, LegKind, LegState, Mode,
        Operation, Platform, Reason, RelayId, Speaker,
    };

    use super::*;
    use crate::{
        KeySource, NewConnection, NewDelivery, NewLeg, NewPairing, OpenOptions, Store, Tx, Writer,
    };

    const NOW: Timestamp = Timestamp(1_700_000_000_000);

    /// Two connections, and what `work` finds out about those on them.
    async fn on_two<T: Send + 'static>(
        work: impl FnOnce(&Tx<'_>, ConnectionId, ConnectionId) -> Result<T, StoreError> + Send + 'static,
    ) -> T {
        let folder = tempfile::tempdir().expect("a folder");
        let options = OpenOptions {
            folder: folder.path().to_owned(),
            key: KeySource::File(folder.path().join("key")),
            writer: Writer::Inline,
        };
        let store = Store::open(options).expect("it opens");
        let done = store.write(move |tx| {
            let [slack, teams] = [Platform::Slack, Platform::Teams].map(|platform| {
                let new = NewConnection {
                    platform,
                    name: platform.name().to_owned(),
                    settings: serde_json::json!({}),
                };
                tx.add_connection(&new, NOW)
            });
            work(tx, slack?, teams?)
        });
        done.await.expect("the work is committed")
    }

    fn listed(name: &str, verified: bool) -> DirectoryAccount {
        DirectoryAccount {
            external: ExternalAccount::new(name),
            email: Some(format!("{name}@acme.test").to_lowercase()),
            email_verified: verified,
            name: name.to_owned(),
            photo: None,
            kind: AccountKind::Full,
            active: true,
        }
    }

    fn names(page: &SuggestionRows) -> Vec<&str> {
        page.rows
            .iter()
            .map(|row| row.person.name.as_str())
            .collect()
    }

    fn owner(tx: &Tx<'_>, on: ConnectionId, name: &str) -> Result<PersonId, StoreError> {
        let account = tx.account_by_external(on, &ExternalAccount::new(name))?;
        let person = account.and_then(|account| account.person);
        person.ok_or(StoreError::NotFound("person"))
    }

    fn pair(
        tx: &Tx<'_>,
        home: ConnectionId,
        away: ConnectionId,
        name: &str,
    ) -> Result<(), StoreError> {
        let account = tx.account_by_external(home, &ExternalAccount::new(name))?;
        let account = account.ok_or(StoreError::NotFound("account"))?;
        tx.add_pairing(&NewPairing {
            person: owner(tx, home, name)?,
            primary: account.id,
            secondary_connection: away,
            secondary: None,
            mode: Mode::App,
            guest: None,
            since: NOW,
        })?;
        Ok(())
    }

    #[tokio::test]
    async fn pages_begin_with_who_is_wanted_most_and_go_on_by_name_without_repeating_anyone() {
        on_two(|tx, slack, teams| {
            let everyone = ["Ann", "Bob", "Cho", "Dan", "Eve"].map(|name| listed(name, true));
            tx.import_accounts(teams, &everyone, NOW)?;
            for name in ["Eve", "Dan", "Eve"] {
                tx.note_wanted(owner(tx, teams, name)?, slack, NOW)?;
            }
            pair(tx, teams, slack, "Bob")?;
            let (mut seen, mut after) = (Vec::new(), None);
            loop {
                let page = tx.suggestions_page(NOW, after.as_ref(), 1)?;
                assert_eq!(page.total, 4);
                seen.extend(names(&page).into_iter().map(str::to_owned));
                match page.next {
                    Some(next) => after = Some(next),
                    None => break,
                }
            }
            assert_eq!(seen, ["Eve", "Dan", "Ann", "Cho"]);
            let all = tx.suggestions_page(NOW, None, 10)?;
            assert_eq!(names(&all), ["Eve", "Dan", "Ann", "Cho"]);
            assert_eq!(all.rows[0].wanted[0].times, 2);
            assert_eq!(all.rows[0].wanted[0].connection, slack);
            assert!(all.rows[2].wanted.is_empty());
            Ok(())
        })
        .await;
    }

    #[tokio::test]
    async fn namesakes_are_other_peoples_accounts_that_stand_for_nobody_yet() {
        on_two(|tx, slack, teams| {
            let sam = DirectoryAccount {
                email: Some("s.carter@acme.test".to_owned()),
                ..listed("Sam", true)
            };
            tx.import_accounts(slack, &[listed("Sam", true)], NOW)?;
            tx.import_accounts(teams, &[sam], NOW)?;
            let person = owner(tx, slack, "Sam")?;
            let found = tx.namesakes("SAM", teams, person)?;
            assert_eq!(found.len(), 1);
            assert_eq!(found[0].connection, teams);
            assert_eq!(tx.namesakes("Sam", slack, person)?.len(), 0);
            pair(tx, teams, slack, "Sam")?;
            assert_eq!(tx.namesakes("Sam", teams, person)?.len(), 0);
            Ok(())
        })
        .await;
    }

    #[tokio::test]
    async fn an_address_counts_only_where_its_platform_vouches_for_it() {
        on_two(|tx, slack, _| {
            let both = [listed("Ann", true), listed("Eve", false)];
            tx.import_accounts(slack, &both, NOW)?;
            let mut addresses = Vec::new();
            for name in ["Ann", "Eve"] {
                let account = tx.account_by_external(slack, &ExternalAccount::new(name))?;
                let account = account.ok_or(StoreError::NotFound("account"))?;
                addresses.push(tx.verified_address(account.id)?);
            }
            assert_eq!(addresses, [Some("ann@acme.test".to_owned()), None]);
            Ok(())
        })
        .await;
    }

    /// A post in a conversation where Ann, who works on Slack, is represented for Bob on Teams.
    fn post(tx: &Tx<'_>, leg: LegId, seconds: i64) -> Result<DeliveryId, StoreError> {
        let at = NOW.plus_ms(seconds * 1_000);
        tx.add_delivery(&NewDelivery {
            leg,
            message: None,
            operation: Operation::Post,
            part: 0,
            relay_id: RelayId::from_bits(
                u128::from(leg.0.unsigned_abs()) << 32 | u128::from(seconds.unsigned_abs()),
            ),
            source_at: at,
            received_at: at,
            due_at: at,
            content: None,
            late: false,
        })
    }

    #[tokio::test]
    async fn what_stands_behind_a_message_that_awaits_consent_waits_for_it_too() {
        let waiting = on_two(|tx, slack, teams| {
            tx.import_accounts(slack, &[listed("Ann", true)], NOW)?;
            tx.import_accounts(teams, &[listed("Bob", true)], NOW)?;
            let (ann, bob) = (owner(tx, slack, "Ann")?, owner(tx, teams, "Bob")?);
            let link = tx.ensure_link(ann, bob, slack, teams, NOW)?.id;
            let leg = |connection, person| {
                tx.add_leg(&NewLeg {
                    link: Some(link),
                    connection,
                    person,
                    kind: LegKind::Native,
                    state: LegState::Current,
                    external: None,
                    speaker: Speaker::App,
                    stand_in: None,
                    open_relay_id: None,
                    created_at: NOW,
                })
            };
            let (anns, bobs) = (leg(slack, ann)?, leg(teams, bob)?);
            let first = post(tx, bobs, 1)?;
            post(tx, bobs, 2)?;
            post(tx, anns, 3)?;
            let before = tx.waiting_for_consent(ann, teams)?;
            tx.wait_for_person(first, Reason::AwaitingConsent)?;
            let during = tx.waiting_for_consent(ann, teams)?;
            Ok([before, during, tx.waiting_for_consent(bob, slack)?])
        })
        .await;
        assert_eq!(waiting, [0, 2, 0]);
    }

    #[tokio::test]
    async fn who_was_set_aside_is_listed_apart_until_their_time_has_come() {
        on_two(|tx, slack, _| {
            let everyone = ["Ann", "Bob", "Cho"].map(|name| listed(name, true));
            tx.import_accounts(slack, &everyone, NOW)?;
            let later = NOW.plus_ms(1_000);
            tx.set_suggestion_aside(owner(tx, slack, "Ann")?, NOW, None)?;
            tx.set_suggestion_aside(owner(tx, slack, "Bob")?, NOW, Some(later))?;
            let page = tx.suggestions_page(NOW, None, 10)?;
            assert_eq!((names(&page), page.total), (vec!["Cho"], 1));
            let aside = tx.suggestions_set_aside(NOW)?;
            let listed: Vec<_> = aside
                .iter()
                .map(|(row, aside)| (row.person.name.as_str(), aside.until))
                .collect();
            assert_eq!(listed, [("Ann", None), ("Bob", Some(later))]);
            let page = tx.suggestions_page(later, None, 10)?;
            assert_eq!((names(&page), page.total), (vec!["Bob", "Cho"], 2));
            tx.take_suggestion_up(owner(tx, slack, "Ann")?)?;
            assert_eq!(tx.suggestions_page(later, None, 10)?.total, 3);
            assert!(tx.suggestions_set_aside(later)?.is_empty());
            Ok(())
        })
        .await;
    }
}

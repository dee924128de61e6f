//! A hundred thousand people: what an administrator looks for is there at once.

use std::time::{Duration, Instant};

use causeway_model::{Mode, Platform};
use rusqlite::params;
use tempfile::TempDir;

use super::world::{NOW, connection, do_write};
use crate::{OpenOptions, PeopleFilter, PeopleView, Store, StoreError, Tx, Writer, sql};

const PEOPLE: i64 = 100_000;
const FIRST: [&str; 10] = [
    "Ann",
    "Bob",
    "Cho",
    "Dana",
    "Eli",
    "Farah",
    "Gustav",
    "Hana",
    "Jos\u{e9}",
    "Zo\u{eb}",
];

/// As many rows as a window asks for.
const PAGE: u32 = 200;

async fn populated() -> (Store, TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let options = OpenOptions {
        writer: Writer::Thread,
        ..super::options(folder.path())
    };
    let store = Store::open(options).expect("it opens");
    do_write(&store, populate).await;
    (store, folder)
}

/// Everyone has an account on both platforms; every second one is paired, one in a thousand as a
/// guest, and every hundredth has been asked.
fn populate(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    let slack = connection(tx, Platform::Slack)?.0;
    let teams = connection(tx, Platform::Teams)?.0;
    for id in 1..=PEOPLE {
        let first = FIRST[usize::try_from(id % 10).expect("a digit")];
        let name = format!("{first} Family{:05}", (id * 7_919) % PEOPLE);
        let folded = name.to_lowercase();
        let email = format!("{}@acme.example", folded.replace(' ', "."));
        sql::execute(
            tx.sql(),
            "INSERT INTO people (id, name, name_folded, email, search)
             VALUES (?1, ?2, ?3, ?4, char(10) || ?3 || char(10) || ?4)",
            params![id, name, folded, email],
        )?;
        for (account, on) in [(id * 2 - 1, slack), (id * 2, teams)] {
            sql::execute(
                tx.sql(),
                "INSERT INTO accounts (id, connection, external, person, email, email_folded,
                    email_verified, name, kind, active, import_run, changed_at)
                 VALUES (?1, ?2, 'X' || ?1, ?3, ?4, ?4, 1, ?5, 'full', 1, 0, 0)",
                params![account, on, id, email, name],
            )?;
        }
        if id % 2 == 0 {
            let mode = if id % 1_000 == 0 {
                Mode::Guest
            } else {
                Mode::Full
            };
            sql::execute(
                tx.sql(),
                "INSERT INTO pairings (person, primary_account, secondary_connection,
                    secondary_account, mode, state, since)
                 VALUES (?1, ?1 * 2 - 1, ?2, ?1 * 2, ?3, 'active', ?4)",
                params![id, teams, mode.word(), NOW.0],
            )?;
        }
        if id % 100 == 0 {
            sql::execute(
                tx.sql(),
                "INSERT INTO consents (account, state, at, how, waits_until)
                 VALUES (?1 * 2, 'asked', ?2, 'device_code', ?2)",
                params![id, NOW.0],
            )?;
        }
    }
    Ok(())
}

fn searching(text: &str) -> PeopleFilter {
    PeopleFilter {
        search: Some(text.to_owned()),
        ..PeopleFilter::default()
    }
}

/// What is typed, and how many of it fit: parts of names and addresses, from one person to all.
fn searches() -> Vec<(PeopleFilter, usize)> {
    let full = PAGE as usize;
    vec![
        (searching(""), full),
        (searching("a"), full),
        (searching("an"), full),
        (searching("Jos\u{e9}"), full),
        (searching("family00042"), 1),
        (searching("y00042@ACME"), 1),
        (searching("gustav family9"), full),
        (searching("@acme.example"), full),
        (searching("nobody at all"), 0),
        (
            PeopleFilter {
                mode: Some(Mode::Guest),
                ..PeopleFilter::default()
            },
            100,
        ),
        (
            PeopleFilter {
                view: PeopleView::WaitingForConsent,
                ..searching("acme")
            },
            full,
        ),
        (
            PeopleFilter {
                view: PeopleView::Unpaired,
                primary: Some(Platform::Slack),
                ..PeopleFilter::default()
            },
            0,
        ),
    ]
}

/// The time below which 95 of 100 are.
fn p95(times: &mut [Duration]) -> Duration {
    times.sort();
    times[times.len() * 95 / 100]
}

/// How long `work` takes.
async fn timed<T>(work: impl Future<Output = T>) -> (T, Duration) {
    #[expect(
        clippy::disallowed_methods,
        reason = "what is measured is this machine's time"
    )]
    let begun = Instant::now();
    let done = work.await;
    (done, begun.elapsed())
}

/// One look at every name: the least that any search for a part of one costs. What the list costs
/// is compared with it, so that the verdict is the same on a slow or busy machine.
async fn one_look(store: &Store) -> Duration {
    let look = store.read(|reader| {
        let query = "SELECT count(*) FROM people NOT INDEXED WHERE instr(search, 'zzzz') > 0";
        sql::one(reader.sql(), query, [], |row| row.get::<_, i64>(0))
    });
    let (found, time) = timed(look).await;
    assert_eq!(found, Ok(Some(0)));
    time
}

#[tokio::test]
async fn a_search_among_a_hundred_thousand_people_costs_little_more_than_one_look_at_every_name() {
    let (store, _folder) = populated().await;
    let (mut pages, mut counts, mut looks) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..3 {
        for (filter, expected) in searches() {
            looks.push(one_look(&store).await);
            let counted = filter.clone();
            let page = store.read(move |reader| reader.people_page(&filter, None, PAGE));
            let (page, time) = timed(page).await;
            assert_eq!(page.expect("a page").rows.len(), expected);
            pages.push(time);
            let count = store.read(move |reader| reader.count_people(&counted));
            let (count, time) = timed(count).await;
            assert!(count.expect("counts").any as usize >= expected);
            counts.push(time);
        }
    }
    let [page, count, look] = [&mut pages, &mut counts, &mut looks].map(|times| p95(times));
    println!("p95: a page {page:?}, the counts of all views {count:?}, one look {look:?}");
    assert!(page < look * 8, "{page:?} with looks of {look:?}");
    assert!(count < look * 40, "{count:?} with looks of {look:?}");
}

#[tokio::test]
async fn every_view_counts_whom_it_lists() {
    let (store, _folder) = populated().await;
    let counts = store
        .read(|reader| reader.count_people(&PeopleFilter::default()))
        .await
        .expect("counts");
    assert_eq!(
        [
            counts.any,
            counts.paired,
            counts.unpaired,
            counts.needs_attention,
            counts.waiting_for_consent
        ],
        [100_000, 50_000, 50_000, 0, 900],
        "guests are asked nothing"
    );
}

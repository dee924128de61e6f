//! I8: once delivered, nothing of a message's text is left in the opened database, its free pages
//! or its log.

use std::collections::BTreeSet;
use std::fs;

use causeway_model::{DeliveryState, ExternalConversation};
use data_encoding::BASE64;
use proptest::prelude::*;
use rusqlite::Connection;

use super::world::{NOW, World, delivery, ended};
use crate::{InboxWhy, Store};

const CANARY: &str = "the canary sings at midnight";

/// The text as it might stand somewhere: as it is, in UTF-16, and inside base64 at any offset.
fn disguises(text: &str) -> Vec<Vec<u8>> {
    let utf16: Vec<u16> = text.encode_utf16().collect();
    let mut found = vec![
        text.as_bytes().to_vec(),
        utf16.iter().flat_map(|unit| unit.to_le_bytes()).collect(),
        utf16.iter().flat_map(|unit| unit.to_be_bytes()).collect(),
    ];
    for offset in 0..3 {
        let mut shifted = vec![0; offset];
        shifted.extend_from_slice(text.as_bytes());
        let encoded = BASE64.encode(&shifted).into_bytes();
        // The first and last letters depend on the neighbours.
        found.push(encoded[4..encoded.len() - 4].to_vec());
    }
    found
}

fn holds(haystack: &[u8], text: &str) -> bool {
    disguises(text).iter().any(|needle| {
        haystack
            .windows(needle.len())
            .any(|window| window == needle.as_slice())
    })
}

/// Every page of the opened database, decrypted, the free ones and unused parts included.
async fn opened_pages(store: &Store) -> Vec<u8> {
    store
        .read(|reader| Ok(reader.sql().serialize("main")?.to_vec()))
        .await
        .expect("the pages can be read")
}

/// The rows as a plain database, and the files as they are.
fn exported_and_files(world: &World) -> Vec<u8> {
    let folder = world.folder.path();
    let key = fs::read_to_string(folder.join("key")).expect("the key");
    let plain = folder.join("plain.db");
    let connection = Connection::open(folder.join("causeway.db")).expect("it opens");
    connection
        .execute_batch(&format!(
            "PRAGMA key = \"x'{}'\";
             ATTACH '{}' AS plain KEY '';
             SELECT sqlcipher_export('plain');
             DETACH plain;",
            key.trim(),
            plain.display()
        ))
        .expect("it is exported");
    let mut bytes = fs::read(&plain).expect("the export");
    fs::remove_file(&plain).expect("it is removed");
    for entry in fs::read_dir(folder).expect("it can be listed") {
        bytes.extend(fs::read(entry.expect("an entry").path()).expect("a file"));
    }
    bytes
}

#[test]
fn the_search_finds_what_it_should() {
    for disguise in disguises(CANARY) {
        let mut page = b"some bytes ".to_vec();
        page.extend(&disguise);
        page.extend(b" more bytes");
        assert!(holds(&page, CANARY));
    }
    assert!(!holds(b"the canary is silent at midnight", CANARY));
}

#[tokio::test]
async fn text_is_there_while_it_is_queued_and_nowhere_once_it_is_delivered() {
    let world = World::new().await;
    let post = world.post(1, CANARY).await;
    assert!(holds(&opened_pages(&world.store).await, CANARY));
    assert!(holds(&exported_and_files(&world), CANARY));
    world.deliver(post).await;
    world.store.checkpoint().await.expect("the log is emptied");
    assert!(!holds(&opened_pages(&world.store).await, CANARY));
    assert!(!holds(&exported_and_files(&world), CANARY));
    let log = fs::metadata(world.folder.path().join("causeway.db-wal")).expect("the log");
    assert_eq!(log.len(), 0);
}

#[tokio::test]
async fn text_that_an_edit_replaced_or_the_inbox_held_is_gone_too() {
    let world = World::new().await;
    let slack = world.slack;
    let post = world.post(1, CANARY).await;
    let row = world
        .write(move |tx| {
            tx.replace_content(post, "edited")?;
            let conversation = ExternalConversation::new("D1");
            tx.put_inbox(slack, &conversation, CANARY, InboxWhy::Held, NOW)
        })
        .await;
    assert!(holds(&opened_pages(&world.store).await, CANARY));
    world.write(move |tx| tx.take_inbox(row)).await;
    assert!(!holds(&opened_pages(&world.store).await, CANARY));
}

#[derive(Debug, Clone)]
enum Step {
    Queue {
        length: usize,
    },
    /// Settles one of those that are queued.
    Settle {
        which: prop::sample::Index,
    },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let lengths = prop_oneof![4 => 0..700_usize, 1 => 0..9_000_usize];
    let step = prop_oneof![
        3 => lengths.prop_map(|length| Step::Queue { length }),
        2 => any::<prop::sample::Index>().prop_map(|which| Step::Settle { which }),
    ];
    proptest::collection::vec(step, 100..300)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Rows of all lengths that come and go make SQLite move what is left about, and it leaves
    /// copies behind. With a lead of 0 this finds one.
    #[test]
    fn no_trace_is_left_however_the_pages_were_rearranged(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(leaves_no_trace(steps));
    }
}

async fn leaves_no_trace(steps: Vec<Step>) {
    let world = World::new().await;
    let leg = world.teams_leg;
    let expected: BTreeSet<String> = world
        .write(move |tx| {
            let mut queued = Vec::new();
            for (number, step) in steps.into_iter().enumerate() {
                match step {
                    Step::Queue { length } => {
                        let canary = canary(number);
                        let content = canary.repeat(2 + length / canary.len());
                        let id = tx.add_delivery(&delivery(leg, None, 1, Some(&content)))?;
                        queued.push((id, canary));
                    }
                    Step::Settle { .. } if queued.is_empty() => {}
                    Step::Settle { which } => {
                        let (id, _) = queued.remove(which.index(queued.len()));
                        tx.settle(id, NOW, &ended(DeliveryState::Cancelled))?;
                    }
                }
            }
            Ok(queued.into_iter().map(|(_, canary)| canary).collect())
        })
        .await;
    let left = canaries(&opened_pages(&world.store).await);
    let forgotten: Vec<_> = left.difference(&expected).collect();
    assert!(
        forgotten.is_empty(),
        "settled and still there: {forgotten:?}"
    );
    assert_eq!(left, expected);
}

/// All that stand anywhere in these bytes; those that a page's end cuts off stand there again.
fn canaries(pages: &[u8]) -> BTreeSet<String> {
    const BEGINS: &[u8] = b"canary number ";
    let length = canary(0).len();
    pages
        .windows(length)
        .filter(|window| window.starts_with(BEGINS) && window.ends_with(b" sings"))
        .map(|window| String::from_utf8_lossy(window).into_owned())
        .collect()
}

fn canary(number: usize) -> String {
    format!("canary number {number:05} sings")
}

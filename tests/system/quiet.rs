//! I8: text is in the folder while it waits, and nowhere once it is delivered.
//!
//! The auditor has the folder, the key, and what the relay has logged (see `SECURITY.md`).

use std::{fs, time::Duration};

use causeway_sandbox::faults::FaultKind;
use data_encoding::BASE64;
use rusqlite::Connection;

use super::{
    faults::{SLACK_POST, TEAMS_POST, WEBEX_POST, ZOOM_CHATBOT_POST, ZOOM_POST},
    story::Story,
    support::{
        ANN, BOB, HUGO, MAX, MIA, OLOF, Pair, SLACK, Stage, TEAMS, VIC, WANDA, WEBEX, YARA, ZARA,
        ZOOM, until,
    },
};

/// Every way of escaping changes it.
const CANARY: &str = "the canary's \"song\" <at> midnight & dawn: fällt leise";

#[tokio::test]
async fn what_is_on_its_way_to_teams_leaves_nothing_behind() {
    let stage = Stage::relaying().await;
    leaves_nothing(stage, (TEAMS, TEAMS_POST), &[(ANN, BOB), (MIA, VIC)], 0).await;
}

#[tokio::test]
async fn what_is_on_its_way_to_slack_leaves_nothing_behind() {
    let stage = Stage::relaying().await;
    leaves_nothing(stage, (SLACK, SLACK_POST), &[(ANN, BOB), (MIA, VIC)], 1).await;
}

#[tokio::test]
async fn what_is_on_its_way_to_webex_leaves_nothing_behind() {
    let stage = Stage::relaying_everywhere().await;
    let pairs = [(YARA, WANDA), (MAX, HUGO)];
    leaves_nothing(stage, (WEBEX, WEBEX_POST), &pairs, 0).await;
}

#[tokio::test]
async fn what_is_on_its_way_to_a_member_of_zoom_leaves_nothing_behind() {
    let stage = Stage::relaying_everywhere().await;
    let pairs = [(YARA, ZARA), (WANDA, ZARA)];
    leaves_nothing(stage, (ZOOM, ZOOM_POST), &pairs, 0).await;
}

#[tokio::test]
async fn what_zooms_chatbot_is_to_say_leaves_nothing_behind() {
    let stage = Stage::relaying_everywhere().await;
    let pairs = [(MAX, OLOF), (HUGO, OLOF)];
    leaves_nothing(stage, (ZOOM, ZOOM_CHATBOT_POST), &pairs, 0).await;
}

/// `by` is the index of the authors whose messages go to the failing platform.
async fn leaves_nothing(mut stage: Stage, (on, method): (&str, &str), pairs: &[Pair], by: usize) {
    let mut story = Story::begin(&stage, pairs).await;
    let none = Duration::ZERO;
    stage
        .fault(on, Some(method), FaultKind::FailBefore, 100_000, none)
        .await;
    let people = story.talks[0].people;
    let (author, reader) = (people[by], people[1 - by]);
    let place = story.talks[0].places[by].clone();
    let to = causeway_sandbox::control_client::To::Conversation(place);
    stage.writes(author, to, CANARY).await;
    story.write(&stage, 1, by).await;
    until("the canary waits", async || {
        holds(&exported(&stage), CANARY).then_some(())
    })
    .await;
    // What a killed relay leaves is the next one's to clear away.
    stage.kill();
    assert!(holds(&exported(&stage), CANARY));
    stage.run().await;
    stage
        .control
        .clear_faults()
        .await
        .expect("they are taken back");
    stage.arrives(reader, "canary").await;
    story.holds(&stage).await;
    until("nothing of it is left", async || {
        let left = holds(&exported(&stage), CANARY) || holds(&files(&stage), CANARY);
        let log = fs::metadata(stage.home().join("causeway.db-wal"));
        let emptied = log.is_ok_and(|log| log.len() == 0);
        (!left && emptied).then_some(())
    })
    .await;
    story.ends_well(&stage).await;
    assert!(stage.stop().success());
    assert!(!holds(&exported(&stage), CANARY));
    assert!(!holds(&files(&stage), CANARY));
    assert!(!holds(stage.log().as_bytes(), CANARY));
    assert!(!holds(
        stage.log().as_bytes(),
        "and what else there is to say"
    ));
}

/// The database's rows as a plain database.
fn exported(stage: &Stage) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    let plain = folder.path().join("plain.db");
    let key = fs::read_to_string(stage.key_file()).expect("a key");
    let database = Connection::open(stage.home().join("causeway.db")).expect("it opens");
    let export = format!(
        "PRAGMA key = \"x'{}'\";
         PRAGMA busy_timeout = 5000;
         ATTACH '{}' AS plain KEY '';
         SELECT sqlcipher_export('plain');
         DETACH plain;",
        key.trim(),
        plain.display()
    );
    database.execute_batch(&export).expect("it is exported");
    fs::read(plain).expect("the export")
}

/// All files of the folder as they are: database, WAL, check, key.
fn files(stage: &Stage) -> Vec<u8> {
    let entries = fs::read_dir(stage.home()).expect("a folder");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths
        .filter(|path| path.is_file())
        .flat_map(|path| fs::read(path).unwrap_or_default())
        .collect()
}

fn holds(haystack: &[u8], text: &str) -> bool {
    disguises(text).iter().any(|needle| {
        haystack
            .windows(needle.len())
            .any(|window| window == needle.as_slice())
    })
}

/// The text as it might stand somewhere: in other encodings, inside base64 at any offset, escaped.
fn disguises(text: &str) -> Vec<Vec<u8>> {
    let units: Vec<u16> = text.encode_utf16().collect();
    let mut found = vec![
        text.as_bytes().to_vec(),
        units.iter().flat_map(|unit| unit.to_le_bytes()).collect(),
        units.iter().flat_map(|unit| unit.to_be_bytes()).collect(),
        json_escaped(text).into_bytes(),
        json_escaped(text).replace('ä', "\\u00e4").into_bytes(),
        html_escaped(text).into_bytes(),
        html_escaped(text).replace("&#39;", "'").into_bytes(),
        html_escaped(text)
            .replace("&#39;", "'")
            .replace("&quot;", "\"")
            .into_bytes(),
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

fn json_escaped(text: &str) -> String {
    let quoted = serde_json::to_string(text).expect("text is JSON");
    quoted.trim_matches('"').to_owned()
}

fn html_escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

#[test]
fn the_search_finds_every_disguise() {
    for disguise in disguises(CANARY) {
        let mut page = b"some bytes ".to_vec();
        page.extend(&disguise);
        page.extend(b" more bytes");
        assert!(holds(&page, CANARY));
    }
    assert!(!holds(b"the canary is silent at midnight", CANARY));
}

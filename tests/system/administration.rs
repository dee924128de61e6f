//! The command line beside a running relay, and how it ends.

use std::{
    fs::{self, File},
    process::Output,
    time::Duration,
};

use causeway_sandbox::faults::FaultKind;
use rusqlite::Connection;
use serde_json::Value;

use super::{
    faults::TEAMS_POST,
    story::Story,
    support::{ANN, BOB, JUN, MIA, RAJ, Stage, TEAMS, VIC, until, words_of},
};

#[tokio::test]
async fn unpairing_takes_effect_at_once_for_what_waits() {
    let stage = Stage::relaying().await;
    let mut story = Story::begin(&stage, &[(ANN, BOB), (MIA, VIC), (JUN, RAJ)]).await;
    let none = Duration::ZERO;
    stage
        .fault(
            TEAMS,
            Some(TEAMS_POST),
            FaultKind::FailBefore,
            100_000,
            none,
        )
        .await;
    for talk in [0, 1] {
        for _ in 0..3 {
            story.write(&stage, talk, 0).await;
        }
    }
    let ended = story.lines.split_off(story.talks.len());
    story.write(&stage, 2, 0).await;
    until("everything waits", async || {
        let counts = stage.status()["deliveries"].clone();
        let waiting = counts["queued"].as_u64()? + counts["sending"].as_u64()?;
        (waiting == 7).then_some(())
    })
    .await;
    for person in [ANN, MIA] {
        let report = stage.asked(&["people", "unpair", person.email]);
        assert_eq!(report["pairings_ended"], 1);
        // The head may be under way: whether it was sent is being found out.
        let cancelled = report["deliveries_cancelled"].as_u64();
        assert!(cancelled.is_some_and(|some| some >= 2), "{report}");
    }
    let cancelled = stage.asked(&["activity", "--state", "cancelled"]);
    let entries = cancelled["entries"].as_array().expect("entries");
    assert!(entries.len() >= 4);
    assert!(entries.iter().all(|entry| entry["reason"] == "unpaired"));
    stage
        .control
        .clear_faults()
        .await
        .expect("they are taken back");
    // Ann's account in Teams is nobody's any more, and Mia has none: Vic reaches her through Slack.
    story.write(&stage, 1, 1).await;
    story.write(&stage, 2, 1).await;
    story.holds(&stage).await;
    for behind_the_head in [&ended[1..3], &ended[4..6]] {
        for line in behind_the_head {
            let seen = stage.standing(story.reader(line), &line.tag).await;
            assert!(seen.is_empty(), "{}", line.tag);
        }
    }
}

#[tokio::test]
async fn commands_beside_a_running_relay_go_through_it_and_a_second_one_says_so() {
    let stage = Stage::relaying().await;
    let story = Story::begin(&stage, &[(ANN, BOB)]).await;
    assert_eq!(stage.status()["role"], "relaying");
    let people = stage.asked(&["people", "list", "Ann Lee"]);
    assert_eq!(people["people"][0]["name"], "Ann Lee");
    let activity = stage.asked(&["activity", "--person", "Ann"]);
    assert_eq!(activity["entries"][0]["state"], "delivered");
    assert!(!activity.to_string().contains(&story.lines[0].tag));
    export_is_whole_and_holds_no_text(&stage, &story);
    let second = stage.asked(&["run"]);
    assert_eq!(second["role"], "relaying");
    let words = stage.causeway(&["run"]);
    assert!(words.status.success());
    assert!(String::from_utf8_lossy(&words.stdout).contains("already runs"));
    story.ends_well(&stage).await;
}

fn export_is_whole_and_holds_no_text(stage: &Stage, story: &Story) {
    let exported = stage.causeway(&["activity", "--state", "delivered", "export"]);
    assert!(exported.status.success());
    let exported = String::from_utf8_lossy(&exported.stdout).into_owned();
    let mut lines = exported.lines();
    let columns = lines.next().expect("a line of names");
    assert!(columns.starts_with("id,operation,state,"), "{columns}");
    let listed = stage.asked(&["activity", "--state", "delivered", "--limit", "500"]);
    let listed = listed["entries"].as_array().expect("entries").len();
    assert_eq!(lines.clone().count(), listed);
    let first = lines.next().expect("a delivery");
    assert!(
        first.contains("delivered") && first.contains("https://"),
        "{first}"
    );
    assert!(!exported.contains(&story.lines[0].tag));
}

#[tokio::test]
async fn a_relay_that_is_asked_to_stop_does_so_well_and_leaves_the_folder_free() {
    let mut stage = Stage::relaying().await;
    let mut story = Story::begin(&stage, &[(ANN, BOB), (MIA, VIC)]).await;
    story.write_all(&stage, 2).await;
    assert!(stage.stop().success());
    assert_eq!(stage.status()["role"], "idle");
    stage.run().await;
    story.ends_well(&stage).await;
}

#[tokio::test]
async fn arguments_that_make_no_sense_end_with_2_and_what_cannot_be_done_with_1() {
    let stage = Stage::set().await;
    let same = [
        "people",
        "pair",
        ANN.email,
        "--primary",
        "slack",
        "--secondary",
        "slack",
    ];
    ends_with(&stage.causeway(&same), 2, "invalid_argument");
    ends_with(
        &stage.causeway(&["activity", "--state", "lost"]),
        2,
        "one of",
    );
    ends_with(
        &stage.causeway(&["people", "unpair", "Nobody Atall"]),
        1,
        "not_found",
    );
    ends_with(
        &stage.causeway(&["people", "unpair", "Sam Carter"]),
        1,
        "ambiguous",
    );
}

#[tokio::test]
async fn a_folder_that_cannot_be_used_ends_with_3() {
    let stage = Stage::set().await;
    let database = stage.home().join("causeway.db");
    let sound = fs::read(&database).expect("a database");
    let key = fs::read_to_string(stage.key_file()).expect("a key");

    let lock = File::open(stage.home().join("lock")).expect("a lock");
    lock.lock().expect("nobody holds it");
    ends_with(&stage.causeway(&["status"]), 3, "folder_locked");
    lock.unlock().expect("it was held");

    fs::write(stage.key_file(), "00".repeat(32)).expect("another key");
    ends_with(&stage.causeway(&["status"]), 3, "wrong_key");
    fs::remove_file(stage.key_file()).expect("no key");
    ends_with(&stage.causeway(&["status"]), 3, "key_missing");
    fs::write(stage.key_file(), &key).expect("the key is back");

    let mut damaged = sound.clone();
    damaged[..4096].iter_mut().for_each(|byte| *byte ^= 0x5a);
    fs::write(&database, &damaged).expect("it is damaged");
    ends_with(&stage.causeway(&["status"]), 3, "corrupt_database");
    fs::write(&database, &sound).expect("it is sound again");

    let newer = Connection::open(&database).expect("it opens");
    newer
        .execute_batch(&format!(
            "PRAGMA key = \"x'{}'\"; PRAGMA user_version = 999;",
            key.trim()
        ))
        .expect("it is from the future");
    drop(newer);
    ends_with(&stage.causeway(&["status"]), 3, "newer_schema");
}

#[tokio::test]
async fn a_platform_that_refuses_or_is_not_there_ends_with_4() {
    let stage = Stage::bare().await;
    let connect = |url: &str| {
        stage
            .command(&["connect", "slack", "--api-url", url])
            .env("CAUSEWAY_SLACK_BOT_TOKEN", "xoxb-not-a-token")
            .env("CAUSEWAY_SLACK_APP_TOKEN", "xapp-not-a-token")
            .output()
            .expect("it runs")
    };
    let url = stage.credentials["slack"].as_str().expect("an address");
    let refused = connect(url);
    ends_with(&refused, 4, "not_authorised");
    assert!(!words_of(&refused).contains("not-a-token"));
    ends_with(&connect("http://127.0.0.1:9/api/"), 4, "unreachable");
    assert_eq!(stage.status()["connections"], Value::Array(Vec::new()));
}

/// The exit code that `--help` documents, and a word of why.
fn ends_with(output: &Output, code: i32, word: &str) {
    let words = words_of(output);
    assert_eq!(output.status.code(), Some(code), "{words}");
    assert!(words.contains(word), "{words}");
}

#[tokio::test]
async fn neither_texts_nor_addresses_nor_tokens_are_logged_at_any_level() {
    let mut stage = Stage::relaying().await;
    let mut story = Story::begin(&stage, &[(ANN, BOB), (MIA, VIC)]).await;
    for kind in [
        FaultKind::FailBefore,
        FaultKind::FailAfter,
        FaultKind::Expire,
    ] {
        stage
            .fault(TEAMS, Some(TEAMS_POST), kind, 1, Duration::ZERO)
            .await;
        story.write_all(&stage, 1).await;
        story.holds(&stage).await;
    }
    stage.asks_app(ANN, "Quinn Hale").await;
    stage
        .asks_app(VIC, "nobody.in.particular@acme.example")
        .await;
    let mut logged = String::new();
    for arguments in [["people", "import"], ["people", "list"]] {
        let loud = [["--log", "debug"], arguments].concat();
        logged += &String::from_utf8_lossy(&stage.causeway(&loud).stderr);
    }
    story.ends_well(&stage).await;
    assert!(stage.stop().success());
    logged += &stage.log();
    assert!(logged.contains("DEBUG"), "nothing was logged");
    let mut secrets = Vec::new();
    strings(&stage.credentials["credentials"], &mut secrets);
    secrets.retain(|secret| secret.len() >= 20);
    assert!(secrets.len() > 10);
    secrets.push("eyJ".to_owned());
    for private in [
        "@acme.example",
        "else there is to say",
        "Quinn Hale",
        "Ann Lee",
        "anntobob",
        "xox",
    ] {
        secrets.push(private.to_owned());
    }
    let leaks: Vec<_> = logged
        .lines()
        .filter(|line| secrets.iter().any(|secret| line.contains(secret.as_str())))
        .collect();
    assert!(leaks.is_empty(), "{}", leaks.join("\n"));
}

fn strings(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::String(text) => into.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| strings(item, into)),
        Value::Object(fields) => fields.values().for_each(|item| strings(item, into)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

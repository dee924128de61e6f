//! I1, I2, I4, I5: the hub's machine is lost, and a backup becomes the hub.

use std::{fs, path::PathBuf, process::Output, time::Duration};

use super::{
    story::Story,
    support::{
        ANN, BEA, BOB, DANA, ELI, GUS, HUGO, MAX, MIA, OLOF, Pair, RAJ, Stage, THEO, VIC, WANDA,
        YARA, ZARA, until, words_of,
    },
};

const PASSPHRASE: &str = "correct horse battery staple";
const ASKED: &str = "You are asked once";

/// Runs a command that needs the passphrase.
fn with_passphrase(stage: &Stage, arguments: &[&str], passphrase: &str) -> Output {
    let mut command = stage.command(&["--json"]);
    command.env("CAUSEWAY_BACKUP_PASSPHRASE", passphrase);
    command.args(arguments).output().expect("it runs")
}

fn file_in(stage: &Stage, name: &str) -> PathBuf {
    stage.home().with_file_name(name)
}

/// A backup of the folder, whoever holds it.
fn back_up(stage: &Stage) -> String {
    let file = file_in(stage, "hub.backup").display().to_string();
    let made = with_passphrase(stage, &["backup", &file], PASSPHRASE);
    assert!(made.status.success(), "{}", words_of(&made));
    file
}

/// The machine is gone, and the backup is put back on another.
fn restore_on_another(stage: &mut Stage, file: &str) -> serde_json::Value {
    stage.kill();
    fs::rename(stage.home(), file_in(stage, "the old machine")).expect("it is gone");
    let restored = with_passphrase(stage, &["restore", file], PASSPHRASE);
    assert!(restored.status.success(), "{}", words_of(&restored));
    serde_json::from_slice(&restored.stdout).expect("a line of JSON")
}

/// Waits until at least so many deliveries are queued, and for a while no more come.
async fn caught_up(stage: &Stage, many: u64) {
    let (mut before, mut calm) = (0, 0);
    let deadline = tokio::time::Instant::now() + 2 * super::support::PATIENCE;
    while calm < 12 {
        let counts = stage.status()["deliveries"].clone();
        let queued = counts["queued"].as_u64().expect("a count");
        let still = queued >= many && counts["sending"] == 0 && queued == before;
        calm = if still { calm + 1 } else { 0 };
        before = queued;
        assert!(tokio::time::Instant::now() < deadline, "{counts}");
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}

#[tokio::test]
async fn a_backup_from_the_middle_of_traffic_becomes_the_hub_and_tells_nobody_anything_twice() {
    let stage = Stage::relaying().await;
    let pairs = [(ANN, BOB), (GUS, RAJ), (MIA, VIC), (ANN, DANA)];
    becomes_the_hub(stage, pairs, (ELI, BOB)).await;
}

#[tokio::test]
async fn a_backup_of_a_hub_of_four_platforms_tells_nobody_anything_twice_either() {
    let stage = Stage::relaying_everywhere().await;
    let pairs = [(YARA, WANDA), (MAX, HUGO), (THEO, ZARA), (WANDA, OLOF)];
    becomes_the_hub(stage, pairs, (BEA, WANDA)).await;
}

/// The first of `asked` is asked between the backup and its return.
async fn becomes_the_hub(mut stage: Stage, pairs: [Pair; 4], asked: Pair) {
    let connections = stage.status()["connections"].as_array().map(Vec::len);
    let mut story = Story::begin(&stage, &pairs).await;
    stage.asked(&["pause"]);
    story.write_all(&stage, 1).await;
    until("everything waits", async || {
        (stage.status()["deliveries"]["queued"] == 8).then_some(())
    })
    .await;
    let file = back_up(&stage);
    // The hub goes on: what the backup has as queued is sent, and more.
    stage.asked(&["resume"]);
    story.write_all(&stage, 2).await;
    let to = stage.finds(asked.0, asked.1).await;
    stage.writes(asked.0, to, "cinnamon first").await;
    stage.arrives(asked.0, ASKED).await;
    story.holds(&stage).await;

    let report = restore_on_another(&mut stage, &file);
    assert_eq!(report["unsettled"], 8);
    // Nobody hears this, and the backup knows nothing of it.
    story.write_all(&stage, 1).await;
    stage.run().await;
    let status = stage.status();
    assert!(status["paused_since"].is_i64(), "it is paused: {status}");
    let notices = stage.asked(&["notices"]);
    let restored = |notice: &serde_json::Value| notice["code"] == "restored_from_backup";
    let notices = notices.as_array().expect("a list");
    let told = notices.iter().filter(|one| restored(one)).count();
    assert_eq!(Some(told), connections);
    // What was queued, what the earlier life carried, and what nobody has.
    caught_up(&stage, 8 + 16 + 8).await;
    for line in &story.lines[story.lines.len() - 8..] {
        let seen = stage.standing(story.reader(line), &line.tag).await;
        assert!(seen.is_empty(), "{} was sent during the pause", line.tag);
    }
    stage.asked(&["resume"]);
    story.holds(&stage).await;
    let prompts = stage.standing(asked.0, ASKED).await;
    assert_eq!(prompts.len(), 1, "asked once");
    let asks_for = stage.asked(&["restore"]);
    assert!(asks_for["restored"]["resumed_at"].is_i64());
    assert_eq!(asks_for["connections"], serde_json::json!([]));
    story.ends_well(&stage).await;
    let counts = stage.status()["deliveries"].clone();
    assert_eq!(
        (&counts["uncertain"], &counts["dead"]),
        (&0.into(), &0.into())
    );
}

#[tokio::test]
async fn a_backup_needs_its_passphrase_and_an_empty_folder_and_replaces_nothing() {
    let stage = Stage::set().await;
    let file = back_up(&stage);
    let again = with_passphrase(&stage, &["backup", &file], PASSPHRASE);
    assert!(words_of(&again).contains("backup_exists"));
    assert_eq!(again.status.code(), Some(1));
    let forced = with_passphrase(&stage, &["backup", &file, "--force"], PASSPHRASE);
    assert!(forced.status.success(), "{}", words_of(&forced));
    let short = with_passphrase(&stage, &["backup", &file, "--force"], "too short");
    assert!(words_of(&short).contains("invalid_argument"));
    assert!(
        !words_of(&short).contains("too short"),
        "it is not repeated"
    );
    let nobody = stage.causeway(&["backup", "elsewhere"]);
    assert_eq!(nobody.status.code(), Some(2), "{}", words_of(&nobody));

    let full = with_passphrase(&stage, &["restore", &file], PASSPHRASE);
    assert!(words_of(&full).contains("folder_not_empty"));
    assert_eq!(full.status.code(), Some(3));
    fs::rename(stage.home(), file_in(&stage, "the old machine")).expect("it is moved");
    let wrong = with_passphrase(&stage, &["restore", &file], "another passphrase");
    assert!(words_of(&wrong).contains("wrong_passphrase"));
    assert!(!stage.home().exists(), "nothing is left of that");
    let damaged = file_in(&stage, "damaged");
    let bytes = fs::read(&file).expect("the backup");
    fs::write(&damaged, &bytes[..bytes.len() - 1]).expect("a shorter one");
    let damaged = damaged.display().to_string();
    let cut = with_passphrase(&stage, &["restore", &damaged], PASSPHRASE);
    assert!(words_of(&cut).contains("backup_damaged"));
    let missing = with_passphrase(&stage, &["restore", "nowhere"], PASSPHRASE);
    assert!(words_of(&missing).contains("backup_unreadable"));

    let words = file_in(&stage, "words");
    fs::write(&words, format!("{PASSPHRASE}\n")).expect("a file");
    let words = words.display().to_string();
    let restored = stage.causeway(&["restore", &file, "--passphrase-file", &words]);
    assert!(restored.status.success(), "{}", words_of(&restored));
    let status = stage.status();
    assert_eq!(status["connections"].as_array().map(Vec::len), Some(2));
    assert!(status["paused_since"].is_i64());
}

//! Pausing the relay or one platform, and disconnecting a platform.

use super::{
    story::Story,
    support::{ANN, BOB, MIA, SLACK, Stage, TEAMS, VIC, until, words_of},
};

#[tokio::test]
async fn what_is_written_during_a_pause_waits_through_a_restart_and_goes_out_once() {
    let mut stage = Stage::relaying().await;
    let mut story = Story::begin(&stage, &[(ANN, BOB), (MIA, VIC)]).await;
    let paused = stage.asked(&["pause"]);
    let since = paused["paused_since"].as_i64().expect("a time");
    story.write_all(&stage, 2).await;
    queued(&stage, 8).await;
    assert!(stage.stop().success());
    stage.run().await;
    let status = stage.status();
    assert_eq!(status["paused_since"], since, "a restart stays paused");
    assert_eq!(status["deliveries"]["queued"], 8);
    let again = stage.asked(&["pause"]);
    assert_eq!(again["paused_since"], since, "pausing twice is one pause");
    for line in &story.lines[story.lines.len() - 8..] {
        let seen = stage.standing(story.reader(line), &line.tag).await;
        assert!(seen.is_empty(), "{} was sent during the pause", line.tag);
    }
    let resumed = stage.asked(&["resume"]);
    assert!(resumed["paused_since"].is_null());
    story.ends_well(&stage).await;
}

#[tokio::test]
async fn a_paused_platform_is_heard_and_not_sent_to_while_the_other_goes_on() {
    let stage = Stage::relaying().await;
    let mut story = Story::begin(&stage, &[(ANN, BOB)]).await;
    stage.asked(&["pause", "--platform", TEAMS]);
    let to_teams = story.write(&stage, 0, 0).await;
    let to_slack = story.write(&stage, 0, 1).await;
    queued(&stage, 1).await;
    stage.arrives(ANN, &story.lines[to_slack].tag.clone()).await;
    let waits = &story.lines[to_teams];
    assert!(stage.standing(BOB, &waits.tag).await.is_empty());
    let status = stage.status();
    let states = |platform: &str| {
        let connections = status["connections"].as_array().expect("connections");
        let view = connections.iter().find(|view| view["platform"] == platform);
        view.expect("it is connected")["health"]["state"].clone()
    };
    assert_eq!(states(TEAMS), "paused");
    assert_eq!(states(SLACK), "connected");
    stage.asked(&["resume", "--platform", TEAMS]);
    story.ends_well(&stage).await;
}

#[tokio::test]
async fn disconnecting_says_what_it_would_do_does_it_and_connecting_again_begins_afresh() {
    let stage = Stage::relaying().await;
    let mut story = Story::begin(&stage, &[(ANN, BOB)]).await;
    stage.asked(&["pause", "--platform", TEAMS]);
    let dropped = story.write(&stage, 0, 0).await;
    queued(&stage, 1).await;
    let preview = stage.asked(&["disconnect", "--platform", TEAMS]);
    assert_eq!(preview["unsent"], 1);
    assert!(preview["pairings"].as_u64().is_some_and(|some| some > 2));
    assert!(preview["authorised"].as_u64().is_some_and(|some| some > 0));
    assert_eq!(
        stage.status()["connections"].as_array().map(Vec::len),
        Some(2)
    );

    let done = stage.asked(&["disconnect", "--platform", TEAMS, "--yes"]);
    assert_eq!(done, preview, "it does what it said");
    let status = stage.status();
    assert_eq!(status["connections"].as_array().map(Vec::len), Some(1));
    assert_eq!(status["paired_people"], 0);
    assert_eq!(status["deliveries"]["queued"], 0);
    let cancelled = stage.asked(&["activity", "--state", "cancelled"]);
    assert_eq!(cancelled["entries"][0]["reason"], "unpaired");
    let gone = stage.causeway(&["disconnect", "--platform", TEAMS]);
    assert!(words_of(&gone).contains("not_found"));

    let control = stage.control_url();
    stage.asked(&["demo", "--prepare", "--control", &control]);
    let teams = stage.status()["connections"][1].clone();
    assert!(
        teams["paused_since"].is_null(),
        "its pause has gone with it"
    );
    let paired = stage.status()["paired_people"].as_u64();
    assert!(paired.is_some_and(|some| some > 2), "they are paired anew");
    let tag = &story.lines[dropped].tag;
    assert!(stage.standing(BOB, tag).await.is_empty(), "it was dropped");

    all_connected(&stage).await;
    story.lines.remove(dropped);
    // In the conversations that they have always had.
    story.write_all(&stage, 3).await;
    story.ends_well(&stage).await;
}

#[tokio::test]
async fn slack_is_disconnected_and_connected_again_while_teams_goes_on() {
    let stage = Stage::relaying().await;
    let mut story = Story::begin(&stage, &[(ANN, BOB), (MIA, VIC)]).await;
    story.write_all(&stage, 1).await;
    story.holds(&stage).await;
    stage.asked(&["disconnect", "--platform", SLACK, "--yes"]);
    let control = stage.control_url();
    stage.asked(&["demo", "--prepare", "--control", &control]);
    all_connected(&stage).await;
    story.write_all(&stage, 2).await;
    story.ends_well(&stage).await;
}

async fn all_connected(stage: &Stage) {
    until("both platforms are connected", async || {
        let status = stage.status();
        let connections = status["connections"].as_array()?;
        let connected = |view: &serde_json::Value| view["health"]["state"] == "connected";
        (connections.len() == 2 && connections.iter().all(connected)).then_some(())
    })
    .await;
}

async fn queued(stage: &Stage, many: u64) {
    until("everything waits", async || {
        let counts = stage.status()["deliveries"].clone();
        let still = counts["sending"] == 0 && counts["queued"] == many;
        still.then_some(())
    })
    .await;
}

//! I6: a dead, slow or limited destination does not delay another lane.

use std::time::Duration;

use causeway_sandbox::faults::FaultKind;

use super::{
    faults::{SLACK_POST, TEAMS_POST, WEBEX_POST, ZOOM_POST},
    story::Story,
    support::{
        ANN, BOB, HUGO, MAX, MIA, NIA, OLOF, Pair, RAJ, SLACK, Stage, TEAMS, THEO, VIC, WANDA,
        WEBEX, YARA, ZARA, ZOOM,
    },
};

/// Longer than any other lane can need.
const LONG: Duration = Duration::from_secs(5);

#[tokio::test]
async fn a_throttled_conversation_in_slack_delays_no_other() {
    one_stuck_lane(SLACK, SLACK_POST, FaultKind::Throttle).await;
}

#[tokio::test]
async fn a_slow_conversation_in_slack_delays_no_other() {
    one_stuck_lane(SLACK, SLACK_POST, FaultKind::Delay).await;
}

#[tokio::test]
async fn a_throttled_conversation_in_teams_delays_no_other() {
    one_stuck_lane(TEAMS, TEAMS_POST, FaultKind::Throttle).await;
}

#[tokio::test]
async fn a_slow_conversation_in_teams_delays_no_other() {
    one_stuck_lane(TEAMS, TEAMS_POST, FaultKind::Delay).await;
}

#[tokio::test]
async fn a_slow_conversation_in_webex_delays_no_other() {
    let pairs = [(YARA, WANDA), (MAX, HUGO), (THEO, WANDA), (OLOF, HUGO)];
    one_stuck_lane_of(&pairs, WEBEX, WEBEX_POST).await;
}

#[tokio::test]
async fn a_slow_conversation_in_zoom_delays_no_other() {
    let pairs = [(YARA, ZARA), (MAX, OLOF), (THEO, ZARA), (WANDA, OLOF)];
    one_stuck_lane_of(&pairs, ZOOM, ZOOM_POST).await;
}

/// The same over four platforms, for the first of these pairs.
async fn one_stuck_lane_of(pairs: &[Pair], on: &str, method: &str) {
    let stage = Stage::relaying_everywhere().await;
    let story = Story::begin(&stage, pairs).await;
    stuck_lane(stage, story, (on, method), FaultKind::Delay, 0).await;
}

/// The first post on the platform is held up; everything behind it in its own lane waits, and
/// everything else stands there meanwhile.
async fn one_stuck_lane(on: &str, method: &str, kind: FaultKind) {
    let stage = Stage::relaying().await;
    let pairs = [(ANN, BOB), (MIA, VIC), (NIA, ANN), (RAJ, MIA)];
    let story = Story::begin(&stage, &pairs).await;
    let by = if on == TEAMS { 0 } else { 1 };
    stuck_lane(stage, story, (on, method), kind, by).await;
}

async fn stuck_lane(
    stage: Stage,
    mut story: Story,
    (on, method): (&str, &str),
    kind: FaultKind,
    by: usize,
) {
    stage.fault(on, Some(method), kind, 1, LONG).await;
    let stuck = story.write(&stage, 0, by).await;
    let behind = story.write(&stage, 0, by).await;
    until_struck(&stage, &story, stuck, kind).await;
    for talk in 1..story.talks.len() {
        for by in [0, 1] {
            let free = story.write(&stage, talk, by).await;
            let line = &story.lines[free];
            stage.arrives(story.reader(line), &line.tag).await;
        }
    }
    let line = &story.lines[behind];
    let went_on = !stage
        .standing(story.reader(line), &line.tag)
        .await
        .is_empty();
    // In Slack the echo of a slow post proves that it arrived, and its lane goes on at once.
    let proven = on == SLACK && kind == FaultKind::Delay;
    assert_eq!(went_on, proven, "the stuck lane");
    story.ends_well(&stage).await;
}

/// A slow post stands there long before it is answered; a throttled one is in the ledger.
async fn until_struck(stage: &Stage, story: &Story, stuck: usize, kind: FaultKind) {
    let line = &story.lines[stuck];
    if kind == FaultKind::Delay {
        stage.arrives(story.reader(line), &line.tag).await;
        return;
    }
    super::support::until("the post was throttled", async || {
        let page = stage.asked(&["activity", "--state", "queued"]);
        let entries = page["entries"].as_array()?.clone();
        let throttled = |entry: &serde_json::Value| entry["reason"] == "throttled";
        entries.iter().any(throttled).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_platform_that_is_down_delays_nothing_for_the_other() {
    let stage = Stage::relaying().await;
    let mut story = Story::begin(&stage, &[(ANN, BOB), (MIA, VIC)]).await;
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
    for _ in 0..3 {
        story.write(&stage, 0, 0).await;
        story.write(&stage, 1, 0).await;
    }
    for talk in [0, 1] {
        let free = story.write(&stage, talk, 1).await;
        let line = &story.lines[free];
        stage.arrives(story.reader(line), &line.tag).await;
    }
    stage
        .control
        .clear_faults()
        .await
        .expect("they are taken back");
    story.ends_well(&stage).await;
}

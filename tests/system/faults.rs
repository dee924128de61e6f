//! I1, I2: what platforms do wrong costs no message and doubles none.

use std::time::Duration;

use causeway_sandbox::faults::FaultKind;
use futures_util::future::join_all;

use super::{
    story::Story,
    support::{ANN, BOB, MIA, NIA, RAJ, SLACK, Stage, TEAMS, VIC, until},
};

pub const SLACK_POST: &str = "chat.postMessage";
pub const TEAMS_POST: &str = "POST /chats/{id}/messages";
const SHORT: Duration = Duration::from_millis(300);

/// Faults of one call, and how many calls each strikes.
const OF_A_CALL: [(FaultKind, u32); 5] = [
    (FaultKind::Throttle, 3),
    (FaultKind::FailBefore, 3),
    (FaultKind::FailAfter, 2),
    (FaultKind::Cut, 2),
    (FaultKind::Delay, 3),
];

#[tokio::test]
async fn no_fault_of_a_post_to_slack_loses_or_doubles_a_message() {
    every_fault_of(SLACK, SLACK_POST).await;
}

#[tokio::test]
async fn no_fault_of_a_post_to_teams_loses_or_doubles_a_message() {
    every_fault_of(TEAMS, TEAMS_POST).await;
}

async fn every_fault_of(on: &str, method: &str) {
    let stage = Stage::relaying().await;
    let mut story = Story::begin(&stage, &[(ANN, BOB), (MIA, VIC), (NIA, ANN)]).await;
    for (kind, count) in OF_A_CALL {
        stage.fault(on, Some(method), kind, count, SHORT).await;
        story.write_all(&stage, 2).await;
        story.holds(&stage).await;
        stage.control.clear_faults().await.expect("they are taken back");
    }
    story.ends_well(&stage).await;
}

#[tokio::test]
async fn a_message_said_twice_on_purpose_stands_twice_although_answers_are_lost() {
    let stage = Stage::relaying().await;
    let mut story = Story::begin(&stage, &[(ANN, BOB)]).await;
    for (on, method) in [(SLACK, SLACK_POST), (TEAMS, TEAMS_POST)] {
        stage.fault(on, Some(method), FaultKind::FailAfter, 1, SHORT).await;
    }
    for by in [0, 1] {
        let talk = &story.talks[0];
        for _ in 0..2 {
            let to = causeway_sandbox::control_client::To::Conversation(talk.places[by].clone());
            stage.writes(talk.people[by], to, "ditto, ditto").await;
        }
    }
    // Behind them in both lanes.
    story.write(&stage, 0, 0).await;
    story.write(&stage, 0, 1).await;
    story.holds(&stage).await;
    for reader in story.talks[0].people {
        assert_eq!(stage.standing(reader, "ditto, ditto").await.len(), 4, "{}", reader.name);
    }
    story.ends_well(&stage).await;
}

#[tokio::test]
async fn slack_events_that_come_twice_late_or_out_of_order_are_relayed_once() {
    let stage = Stage::relaying().await;
    let mut story = Story::begin(&stage, &[(ANN, BOB), (MIA, VIC)]).await;
    for kind in [FaultKind::Duplicate, FaultKind::Delay, FaultKind::Duplicate] {
        stage.fault(SLACK, Some("event"), kind, 4, Duration::ZERO).await;
        story.write_all(&stage, 2).await;
        story.holds(&stage).await;
    }
    story.ends_well(&stage).await;
}

#[tokio::test]
async fn a_slack_event_that_another_overtakes_is_not_lost() {
    let stage = Stage::relaying().await;
    let mut story = Story::begin(&stage, &[(ANN, BOB)]).await;
    stage.fault(SLACK, Some("event"), FaultKind::Reorder, 1, SHORT).await;
    let overtaken = story.write(&stage, 0, 0).await;
    let overtaking = story.write(&stage, 0, 0).await;
    for line in [overtaken, overtaking] {
        stage.arrives(BOB, &story.lines[line].tag).await;
        assert_eq!(stage.standing(BOB, &story.lines[line].tag).await.len(), 1);
    }
}

#[tokio::test]
async fn notifications_that_come_twice_or_out_of_order_are_relayed_once_and_in_order() {
    let stage = Stage::notified().await;
    let mut story = Story::begin(&stage, &[(ANN, BOB), (MIA, VIC)]).await;
    for kind in [FaultKind::Duplicate, FaultKind::Reorder, FaultKind::Delay] {
        let none = Duration::from_millis(50);
        stage.fault(TEAMS, Some("event"), kind, 3, none).await;
        story.write_all(&stage, 2).await;
        story.holds(&stage).await;
    }
    story.ends_well(&stage).await;
}

#[tokio::test]
async fn a_socket_that_is_cut_or_refreshed_costs_nothing() {
    let stage = Stage::relaying().await;
    let mut story = Story::begin(&stage, &[(ANN, BOB), (MIA, VIC)]).await;
    for kind in [FaultKind::Cut, FaultKind::Expire, FaultKind::Cut] {
        story.write_all(&stage, 1).await;
        stage.fault(SLACK, Some("socket"), kind, 1, SHORT).await;
        story.write_all(&stage, 2).await;
        story.holds(&stage).await;
    }
    story.ends_well(&stage).await;
}

#[tokio::test]
async fn a_socket_that_is_refused_for_a_while_costs_nothing() {
    let stage = Stage::relaying().await;
    let mut story = Story::begin(&stage, &[(ANN, BOB), (MIA, VIC)]).await;
    for kind in [FaultKind::Throttle, FaultKind::FailBefore, FaultKind::Cut] {
        let open = Some("apps.connections.open");
        stage.fault(SLACK, open, kind, 1, SHORT).await;
        stage.fault(SLACK, Some("socket"), FaultKind::Cut, 1, SHORT).await;
        story.write_all(&stage, 2).await;
        story.holds(&stage).await;
    }
    story.ends_well(&stage).await;
}

#[tokio::test]
async fn platforms_that_fail_at_everything_for_a_while_cost_nothing() {
    let stage = Stage::relaying().await;
    let mut story = Story::begin(&stage, &[(ANN, BOB), (NIA, ANN)]).await;
    for on in [SLACK, TEAMS] {
        for kind in [FaultKind::FailBefore, FaultKind::Throttle, FaultKind::Cut] {
            stage.fault(on, None, kind, 4, SHORT).await;
        }
        story.write_all(&stage, 2).await;
        story.holds(&stage).await;
    }
    story.ends_well(&stage).await;
}

#[tokio::test]
async fn reads_that_fail_after_a_crash_are_tried_again() {
    let mut stage = Stage::relaying().await;
    let mut story = Story::begin(&stage, &[(ANN, BOB), (MIA, VIC)]).await;
    stage.kill();
    story.write_all(&stage, 2).await;
    let reads = [
        (SLACK, "conversations.history"),
        (SLACK, "conversations.info"),
        (SLACK, "conversations.members"),
        (TEAMS, "GET /users/{id}/chats/getAllMessages"),
        (TEAMS, "GET /chats/{id}/messages"),
        (TEAMS, "GET /chats/{id}/members"),
    ];
    join_all(reads.iter().map(|(on, method)| {
        stage.fault(on, Some(method), FaultKind::FailBefore, 2, SHORT)
    }))
    .await;
    stage.run().await;
    story.ends_well(&stage).await;
}

#[tokio::test]
async fn a_token_that_expires_is_renewed_and_nobody_notices() {
    let stage = Stage::relaying().await;
    let mut story = Story::begin(&stage, &[(ANN, BOB), (MIA, RAJ)]).await;
    for failing in [0, 1] {
        stage.fault("entra", None, FaultKind::FailBefore, failing, SHORT).await;
        stage.fault(TEAMS, Some(TEAMS_POST), FaultKind::Expire, 2, SHORT).await;
        story.write_all(&stage, 2).await;
        story.holds(&stage).await;
    }
    story.ends_well(&stage).await;
}

#[tokio::test]
async fn a_slack_app_whose_token_was_revoked_says_so_and_delivers_what_waited_once_it_has_another() {
    let stage = Stage::relaying().await;
    let mut story = Story::begin(&stage, &[(MIA, VIC), (ANN, BOB)]).await;
    let of_jun = stage.slack_token(ANN).to_owned();
    let revoked = stage.slack_call(&of_jun, "auth.revoke", &serde_json::json!({})).await;
    assert_eq!(revoked["ok"], true, "{revoked}");
    // Ann's own token is for Teams; her lane on Slack is heard and written as Bob.
    story.write_all(&stage, 1).await;
    story.holds(&stage).await;
    until("the lost token shows", async || {
        let people = stage.asked(&["people", "list", "ann@"]);
        let accounts = people["people"][0]["accounts"].as_array()?.clone();
        let lost = |account: &serde_json::Value| {
            account["platform"] == SLACK && account["authorised"] == false
        };
        accounts.iter().any(lost).then_some(())
    })
    .await;
}

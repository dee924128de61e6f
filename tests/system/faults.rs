//! I1, I2: what platforms do wrong costs no message and doubles none.

use std::time::Duration;

use causeway_sandbox::faults::FaultKind;
use futures_util::{StreamExt, future::join_all};
use serde_json::json;
use tokio::net::TcpStream;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::{
    story::Story,
    support::{
        ANN, BOB, GIA, HUGO, LENA, MAX, MIA, NIA, OLOF, RAJ, RUI, SLACK, Stage, TEAMS, THEO, UMA,
        VIC, WANDA, WEBEX, YARA, ZARA, ZOOM,
    },
};

pub const SLACK_POST: &str = "chat.postMessage";
pub const TEAMS_POST: &str = "POST /chats/{id}/messages";
pub const WEBEX_POST: &str = "POST /messages";
pub const ZOOM_POST: &str = "POST /chat/users/{userId}/messages";
pub const ZOOM_CHATBOT_POST: &str = "POST /im/chat/messages";
/// Every way in which the hub writes.
pub const POSTS: [(&str, &str); 5] = [
    (SLACK, SLACK_POST),
    (TEAMS, TEAMS_POST),
    (WEBEX, WEBEX_POST),
    (ZOOM, ZOOM_POST),
    (ZOOM, ZOOM_CHATBOT_POST),
];
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
    let stage = Stage::relaying().await;
    let story = Story::begin(&stage, &[(ANN, BOB), (MIA, VIC), (NIA, ANN)]).await;
    every_fault_of(SLACK, SLACK_POST, &stage, story).await;
}

#[tokio::test]
async fn no_fault_of_a_post_to_teams_loses_or_doubles_a_message() {
    let stage = Stage::relaying().await;
    let story = Story::begin(&stage, &[(ANN, BOB), (MIA, VIC), (NIA, ANN)]).await;
    every_fault_of(TEAMS, TEAMS_POST, &stage, story).await;
}

#[tokio::test]
async fn no_fault_of_a_post_to_webex_loses_or_doubles_a_message() {
    let stage = Stage::relaying_everywhere().await;
    stage.takes_up(RUI, WEBEX).await;
    let pairs = [(YARA, WANDA), (OLOF, HUGO), (RUI, WANDA)];
    let story = Story::begin(&stage, &pairs).await;
    every_fault_of(WEBEX, WEBEX_POST, &stage, story).await;
}

#[tokio::test]
async fn no_fault_of_a_members_post_to_zoom_loses_or_doubles_a_message() {
    let stage = Stage::relaying_everywhere().await;
    stage.takes_up(LENA, ZOOM).await;
    let pairs = [(YARA, ZARA), (THEO, OLOF), (LENA, ZARA)];
    let story = Story::begin(&stage, &pairs).await;
    every_fault_of(ZOOM, ZOOM_POST, &stage, story).await;
}

#[tokio::test]
async fn no_fault_of_a_chatbots_post_to_zoom_loses_or_doubles_a_message() {
    let stage = Stage::relaying_everywhere().await;
    let pairs = [(MAX, OLOF), (GIA, ZARA), (HUGO, OLOF)];
    let story = Story::begin(&stage, &pairs).await;
    every_fault_of(ZOOM, ZOOM_CHATBOT_POST, &stage, story).await;
}

async fn every_fault_of(on: &str, method: &str, stage: &Stage, mut story: Story) {
    for (kind, count) in OF_A_CALL {
        stage.fault(on, Some(method), kind, count, SHORT).await;
        story.write_all(stage, 2).await;
        story.holds(stage).await;
        stage
            .control
            .clear_faults()
            .await
            .expect("they are taken back");
    }
    story.ends_well(stage).await;
}

#[tokio::test]
async fn a_message_said_twice_on_purpose_stands_twice_although_answers_are_lost() {
    let stage = Stage::relaying().await;
    let mut story = Story::begin(&stage, &[(ANN, BOB)]).await;
    for (on, method) in [(SLACK, SLACK_POST), (TEAMS, TEAMS_POST)] {
        stage
            .fault(on, Some(method), FaultKind::FailAfter, 1, SHORT)
            .await;
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
        assert_eq!(
            stage.standing(reader, "ditto, ditto").await.len(),
            4,
            "{}",
            reader.name
        );
    }
    story.ends_well(&stage).await;
}

#[tokio::test]
async fn slack_events_that_come_twice_late_or_out_of_order_are_relayed_once() {
    let stage = Stage::relaying().await;
    let mut story = Story::begin(&stage, &[(ANN, BOB), (MIA, VIC)]).await;
    for kind in [FaultKind::Duplicate, FaultKind::Delay, FaultKind::Duplicate] {
        stage
            .fault(SLACK, Some("event"), kind, 4, Duration::ZERO)
            .await;
        story.write_all(&stage, 2).await;
        story.holds(&stage).await;
    }
    story.ends_well(&stage).await;
}

#[tokio::test]
async fn a_slack_event_that_another_overtakes_is_not_lost() {
    let stage = Stage::relaying().await;
    let mut story = Story::begin(&stage, &[(ANN, BOB)]).await;
    stage
        .fault(SLACK, Some("event"), FaultKind::Reorder, 1, SHORT)
        .await;
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
    for kind in [FaultKind::Throttle, FaultKind::Cut] {
        let open = Some("apps.connections.open");
        stage.fault(SLACK, open, kind, 1, SHORT).await;
        stage
            .fault(SLACK, Some("socket"), FaultKind::Cut, 1, SHORT)
            .await;
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
            stage.fault(on, None, kind, 2, SHORT).await;
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
    join_all(
        reads
            .iter()
            .map(|(on, method)| stage.fault(on, Some(method), FaultKind::FailBefore, 2, SHORT)),
    )
    .await;
    stage.run().await;
    story.ends_well(&stage).await;
}

#[tokio::test]
async fn a_token_that_expires_is_renewed_and_nobody_notices() {
    let stage = Stage::relaying().await;
    let mut story = Story::begin(&stage, &[(ANN, BOB), (MIA, RAJ)]).await;
    // One that expires as soon as it was renewed would be another matter: no good one is given.
    for failing in [0, 1, 0] {
        stage
            .fault("entra", None, FaultKind::FailBefore, failing, SHORT)
            .await;
        stage
            .fault(TEAMS, Some(TEAMS_POST), FaultKind::Expire, 1, SHORT)
            .await;
        story.write_all(&stage, 1).await;
        story.holds(&stage).await;
    }
    story.ends_well(&stage).await;
}

#[tokio::test]
async fn a_post_that_lists_show_late_stands_once() {
    let stage = Stage::relaying().await;
    let mut story = Story::begin(&stage, &[(ANN, BOB), (MIA, VIC)]).await;
    for kind in [FaultKind::FailAfter, FaultKind::Cut] {
        // Graph promises no moment at which a new message stands in lists.
        let lag = Duration::from_millis(1_500);
        stage
            .fault(TEAMS, Some("list"), FaultKind::Delay, 4, lag)
            .await;
        stage.fault(TEAMS, Some(TEAMS_POST), kind, 2, SHORT).await;
        story.write_all(&stage, 1).await;
        story.holds(&stage).await;
    }
    story.ends_well(&stage).await;
}

#[tokio::test]
async fn what_a_revoked_token_cannot_say_the_app_says_until_there_is_another() {
    let stage = Stage::relaying().await;
    let mut story = Story::begin(&stage, &[(UMA, ANN), (MIA, VIC)]).await;
    let token = stage.slack_token(UMA).to_owned();
    let revoked = stage.slack_call(&token, "auth.revoke", &json!({})).await;
    assert_eq!(revoked["ok"], true, "{revoked}");
    let to = stage.finds(UMA, ANN).await;
    stage.writes(UMA, to.clone(), "rosemary by the app").await;
    let (place, message) = stage.arrives(ANN, "rosemary").await;
    assert_eq!(message.shown_as, UMA.name);
    assert_ne!(message.author, UMA.email);
    let another = stage.slack_consent(UMA).await;
    stage.reconnect_slack(UMA, &another);
    stage.writes(UMA, to, "thyme by herself").await;
    let (other_place, message) = stage.arrives(ANN, "thyme").await;
    assert_eq!(message.author, UMA.email);
    assert_ne!(place, other_place);
    let line = story.write(&stage, 1, 1).await;
    stage.arrives(MIA, &story.lines[line].tag).await;
}

#[tokio::test]
async fn a_socket_of_a_crowd_comes_back_when_there_is_room() {
    let mut stage = Stage::relaying().await;
    let mut story = Story::begin(&stage, &[(ANN, BOB), (MIA, VIC)]).await;
    stage.kill();
    let crowd = Crowd::gather(&stage).await;
    stage.start(&[]);
    story.write_all(&stage, 1).await;
    drop(crowd);
    story.ends_well(&stage).await;
}

/// As many sockets of the app as Slack allows, of which none acknowledges anything.
struct Crowd {
    _sockets: Vec<WebSocketStream<MaybeTlsStream<TcpStream>>>,
}

impl Crowd {
    async fn gather(stage: &Stage) -> Self {
        let credentials = &stage.credentials["credentials"]["slack"];
        let token = credentials["app_token"].as_str().expect("a token");
        let mut sockets = Vec::new();
        for _ in 0..10 {
            // Slack hands out few addresses a minute.
            stage
                .control
                .advance(60_000)
                .await
                .expect("a minute passes");
            let opened = stage
                .slack_call(token, "apps.connections.open", &json!({}))
                .await;
            let url = opened["url"].as_str().expect("an address");
            let (mut socket, _) = connect_async(url).await.expect("a socket");
            let hello = socket.next().await.expect("a frame").expect("a hello");
            assert!(hello.is_text());
            sockets.push(socket);
        }
        Self { _sockets: sockets }
    }
}

//! I4: what the hub posts never comes back, and nobody can silence a message by forging a marker.

use std::time::Duration;

use causeway_sandbox::{acme, control_client::To, faults::FaultKind};
use serde_json::{Value, json};

use super::{
    faults::{POSTS, SLACK_POST, TEAMS_POST},
    story::Story,
    support::{
        ANN, BOB, DANA, GIA, GUS, HUGO, JUN, MAX, NIA, OLOF, Pair, SLACK, Stage, TEAMS, THEO,
        WANDA, YARA, ZARA,
    },
};

#[tokio::test]
async fn an_echo_that_beats_the_answer_is_recognised() {
    let stage = Stage::relaying().await;
    let pairs = [(ANN, BOB), (GUS, NIA), (NIA, JUN), (ANN, DANA)];
    let mut story = Story::begin(&stage, &pairs).await;
    for (on, method) in [(SLACK, SLACK_POST), (TEAMS, TEAMS_POST)] {
        let slow = Duration::from_millis(1_200);
        stage
            .fault(on, Some(method), FaultKind::Delay, 8, slow)
            .await;
    }
    story.write_all(&stage, 2).await;
    story.ends_well(&stage).await;
}

/// No platform but Slack marks what an app has posted.
#[tokio::test]
async fn an_echo_that_beats_the_answer_is_recognised_on_every_platform() {
    let stage = Stage::relaying_everywhere().await;
    let pairs = [(YARA, WANDA), (MAX, HUGO), (THEO, ZARA), (GIA, OLOF)];
    let mut story = Story::begin(&stage, &pairs).await;
    for (on, method) in POSTS {
        let slow = Duration::from_millis(1_200);
        stage
            .fault(on, Some(method), FaultKind::Delay, 4, slow)
            .await;
    }
    story.write_all(&stage, 2).await;
    story.ends_well(&stage).await;
}

#[tokio::test]
async fn echoes_that_were_not_heard_before_a_restart_are_recognised() {
    let stage = Stage::relaying().await;
    outlives_restarts(stage, &[(ANN, BOB), (GUS, NIA), (NIA, JUN)]).await;
}

#[tokio::test]
async fn echoes_of_webex_and_zoom_that_were_not_heard_before_a_restart_are_recognised() {
    let stage = Stage::relaying_everywhere().await;
    outlives_restarts(stage, &[(YARA, WANDA), (HUGO, ZARA), (MAX, OLOF)]).await;
}

async fn outlives_restarts(mut stage: Stage, pairs: &[Pair]) {
    let mut story = Story::begin(&stage, pairs).await;
    for _ in 0..2 {
        story.write_all(&stage, 2).await;
        story.holds(&stage).await;
        assert!(stage.stop().success());
        stage.run().await;
    }
    story.ends_well(&stage).await;
}

#[tokio::test]
async fn a_forged_marker_with_any_relay_id_silences_nothing() {
    let stage = Stage::relaying().await;
    let story = Story::begin(&stage, &[(ANN, BOB)]).await;
    forge(&stage, &story, "0123456789abcdef0123456789abcdef").await;
    forge(&stage, &story, "not an id").await;
    story.ends_well(&stage).await;
}

#[tokio::test]
async fn a_forged_marker_with_the_relay_id_of_a_delivered_message_silences_nothing() {
    let stage = Stage::relaying().await;
    let mut story = Story::begin(&stage, &[(ANN, BOB)]).await;
    story.write(&stage, 0, 1).await;
    story.holds(&stage).await;
    let known = known_relay_id(&stage, &story).await;
    forge(&stage, &story, &known).await;
    forge(&stage, &story, &known).await;
    story.ends_well(&stage).await;
}

/// The marker under the newest message that the hub posted as Bob, as Ann's tools may read it.
async fn known_relay_id(stage: &Stage, story: &Story) -> String {
    let place = &story.talks[0].places[0];
    let asked = json!({ "channel": place, "include_all_metadata": true });
    let token = stage.slack_token(ANN);
    let history = stage
        .slack_call(token, "conversations.history", &asked)
        .await;
    let messages = history["messages"].as_array().expect("a history");
    let markers = messages
        .iter()
        .filter_map(|message| message["metadata"]["event_payload"]["rid"].as_str());
    markers
        .map(str::to_owned)
        .next()
        .expect("the hub marks its posts")
}

/// Ann writes with a tool that has her own token, and puts a marker under her message.
async fn forge(stage: &Stage, story: &Story, relay_id: &str) {
    let word = format!("forged{}", relay_id.len());
    let before = stage.standing(BOB, &word).await.len();
    let post = json!({
        "channel": story.talks[0].places[0],
        "text": format!("{word} and true"),
        "metadata": {
            "event_type": "causeway_relay",
            "event_payload": { "rid": relay_id },
        },
    });
    let answer = stage
        .slack_call(stage.slack_token(ANN), "chat.postMessage", &post)
        .await;
    assert_eq!(answer["ok"], Value::Bool(true), "{answer}");
    super::support::until("the forged message reaches Bob", async || {
        (stage.standing(BOB, &word).await.len() > before).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_bot_in_somebodys_conversation_is_nobodys_voice() {
    let stage = Stage::relaying().await;
    let story = Story::begin(&stage, &[(NIA, ANN)]).await;
    let to = To::Conversation(story.talks[0].places[0].clone());
    let said = "the build is red";
    stage
        .control
        .send(acme::OTHER_BOT, TEAMS, to, said)
        .await
        .expect("the bot may write");
    assert_eq!(stage.standing(NIA, said).await.len(), 1);
    story.ends_well(&stage).await;
    assert!(stage.standing(ANN, said).await.is_empty());
}

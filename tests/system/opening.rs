//! Conversations that the app makes for two people: once, whatever becomes of the calls.

use std::time::Duration;

use causeway_sandbox::{control_client::To, faults::FaultKind};

use super::{
    story::Story,
    support::{
        ANN, BOB, GIA, GUS, HUGO, IVO, JUN, MAX, MIA, NIA, OLOF, OTHER_SAM, Person, RAJ, SAM,
        SLACK, Stage, TEAMS, UMA, VIC, WANDA, WEBEX, ZARA, ZOOM, until,
    },
};

const SHORT: Duration = Duration::from_millis(300);
const WEBEX_ROOM: &str = "POST /rooms";
const ZOOM_CHANNEL: &str = "POST /chat/users/{userId}/channels";

#[tokio::test]
async fn a_channel_is_made_once_whatever_goes_wrong() {
    let pairs = [
        ("conversations.create", FaultKind::FailAfter, ANN, NIA),
        ("conversations.create", FaultKind::Cut, JUN, NIA),
        ("conversations.create", FaultKind::Throttle, IVO, NIA),
        ("conversations.invite", FaultKind::FailBefore, GUS, VIC),
        ("conversations.invite", FaultKind::FailAfter, MIA, VIC),
        ("conversations.invite", FaultKind::Cut, SAM, OTHER_SAM),
    ];
    opens_once(Stage::relaying().await, SLACK, &pairs).await;
}

#[tokio::test]
async fn a_group_chat_is_made_once_whatever_goes_wrong() {
    let pairs = [
        ("POST /chats", FaultKind::FailAfter, BOB, GUS),
        ("POST /chats", FaultKind::Cut, RAJ, GUS),
        ("POST /chats", FaultKind::Throttle, UMA, MIA),
        ("POST /chats", FaultKind::FailBefore, VIC, MIA),
    ];
    opens_once(Stage::relaying().await, TEAMS, &pairs).await;
}

#[tokio::test]
async fn a_room_in_webex_is_made_once_whatever_goes_wrong() {
    let pairs = [
        (WEBEX_ROOM, FaultKind::FailAfter, WANDA, MAX),
        (WEBEX_ROOM, FaultKind::Cut, WANDA, GIA),
        (WEBEX_ROOM, FaultKind::Throttle, HUGO, MAX),
        ("POST /memberships", FaultKind::FailAfter, WANDA, OLOF),
        ("POST /memberships", FaultKind::Cut, HUGO, OLOF),
        ("POST /memberships", FaultKind::FailBefore, HUGO, GIA),
    ];
    opens_once(Stage::relaying_everywhere().await, WEBEX, &pairs).await;
}

#[tokio::test]
async fn a_channel_in_zoom_is_made_once_whatever_goes_wrong() {
    let pairs = [
        (ZOOM_CHANNEL, FaultKind::FailAfter, ZARA, MAX),
        (ZOOM_CHANNEL, FaultKind::Cut, ZARA, GIA),
        (ZOOM_CHANNEL, FaultKind::Throttle, OLOF, HUGO),
        (ZOOM_CHANNEL, FaultKind::FailBefore, OLOF, MAX),
    ];
    opens_once(Stage::relaying_everywhere().await, ZOOM, &pairs).await;
}

type Wrong = (&'static str, FaultKind, &'static Person, &'static Person);

async fn opens_once(stage: Stage, on: &str, pairs: &[Wrong]) {
    for (method, kind, asker, other) in pairs {
        stage.fault(on, Some(method), *kind, 1, SHORT).await;
        let story = Story::begin(&stage, &[(asker, other)]).await;
        assert_eq!(places(&stage, asker, other).await, 1, "{method} {kind:?}");
        story.ends_well(&stage).await;
    }
}

/// How many conversations somebody has with the app for this person.
async fn places(stage: &Stage, who: &Person, other: &Person) -> usize {
    let places = stage.seen(who).await;
    let words = format!("Write to {} here", other.name);
    let for_other = places.iter().filter(|place| {
        let said = place
            .messages
            .iter()
            .any(|message| message.text.contains(&words));
        said || place.topic.as_deref() == Some(other.name)
    });
    for_other.count()
}

#[tokio::test]
async fn a_channel_that_was_being_made_when_the_relay_was_killed_is_found_again() {
    let stage = Stage::relaying().await;
    dies_while_opening(stage, SLACK, "conversations.create", (ANN, NIA)).await;
}

#[tokio::test]
async fn a_group_chat_that_was_being_made_when_the_relay_was_killed_is_found_again() {
    let stage = Stage::relaying().await;
    dies_while_opening(stage, TEAMS, "POST /chats", (BOB, GUS)).await;
}

#[tokio::test]
async fn a_room_that_was_being_made_when_the_relay_was_killed_is_found_again() {
    let stage = Stage::relaying_everywhere().await;
    dies_while_opening(stage, WEBEX, WEBEX_ROOM, (WANDA, MAX)).await;
}

#[tokio::test]
async fn a_zoom_channel_that_was_being_made_when_the_relay_was_killed_is_found_again() {
    let stage = Stage::relaying_everywhere().await;
    dies_while_opening(stage, ZOOM, ZOOM_CHANNEL, (ZARA, MAX)).await;
}

async fn dies_while_opening(
    mut stage: Stage,
    on: &str,
    method: &str,
    (asker, other): (&'static Person, &'static Person),
) {
    let long = Duration::from_secs(600);
    stage
        .fault(on, Some(method), FaultKind::Delay, 1, long)
        .await;
    stage.asks_app(asker, other.email).await;
    until("the conversation is being made", async || {
        let counts = stage.status()["deliveries"].clone();
        (counts["sending"] == 1).then_some(())
    })
    .await;
    stage.kill();
    stage.run().await;
    let words = format!("Write to {} here", other.name);
    let (place, _) = stage.arrives(asker, &words).await;
    stage
        .writes(asker, To::Conversation(place), "here we are")
        .await;
    let (there, _) = stage.arrives(other, "here we are").await;
    stage
        .writes(other, To::Conversation(there), "there you are")
        .await;
    stage.arrives(asker, "there you are").await;
    assert_eq!(places(&stage, asker, other).await, 1);
}

#[tokio::test]
async fn two_messages_at_once_to_somebody_new_open_one_conversation_for_them() {
    let stage = Stage::relaying().await;
    // Gus has no account in Teams: what reaches Bob needs a group chat there.
    let to = || To::Dm(BOB.email.to_owned());
    let (first, second) = tokio::join!(
        stage.writes(GUS, to(), "one 1x"),
        stage.writes(GUS, to(), "two 2x"),
    );
    assert_ne!(first, second);
    let (here, _) = stage.arrives(BOB, "1x").await;
    let (there, _) = stage.arrives(BOB, "2x").await;
    assert_eq!(here, there);
    assert_eq!(places(&stage, BOB, GUS).await, 1);
}

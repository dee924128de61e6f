//! How people find each other, and what they are told when they cannot.

use causeway_sandbox::control_client::{Do, Message, To};

use super::{
    story::Story,
    support::{
        ANN, BOB, GUS, IVO, JUN, MIA, NIA, OTHER_SAM, Person, RAJ, SAM, SLACK, Stage, TEAMS, VIC,
        until,
    },
};

#[tokio::test]
async fn whoever_has_an_account_here_is_found_by_the_people_search_and_hears_at_once() {
    let stage = Stage::relaying().await;
    let story = Story::begin(&stage, &[(ANN, BOB), (RAJ, JUN)]).await;
    for talk in &story.talks {
        let [one, other] = talk.people;
        let (_, message) = stage.standing(other, "to").await.swap_remove(0);
        assert!(message.author.eq_ignore_ascii_case(one.email));
    }
    story.ends_well(&stage).await;
}

#[tokio::test]
async fn whoever_has_no_account_here_is_found_through_the_app() {
    let stage = Stage::relaying().await;
    Story::begin(&stage, &[(ANN, NIA), (VIC, GUS), (MIA, VIC)])
        .await
        .ends_well(&stage)
        .await;
}

#[tokio::test]
async fn a_message_to_the_app_works_like_the_command() {
    let stage = Stage::relaying().await;
    stage.does(ANN, Do::AppMessage, None, "Nia Bello").await;
    let (place, _) = stage.arrives(ANN, "Write to Nia Bello here").await;
    stage
        .writes(ANN, To::Conversation(place), "found you")
        .await;
    stage.arrives(NIA, "found you").await;
}

#[tokio::test]
async fn asking_again_finds_the_same_conversation() {
    let stage = Stage::relaying().await;
    let mut places = Vec::new();
    for asked in 1..=2 {
        stage.asks_app(ANN, "nia@acme.example").await;
        let found = until("the app says where", async || {
            let notes = stage.standing(ANN, "Write to Nia Bello here").await;
            (notes.len() == asked).then_some(notes)
        })
        .await;
        places.extend(found.into_iter().map(|(place, _)| place));
    }
    assert!(places.iter().all(|place| *place == places[0]), "{places:?}");
}

#[tokio::test]
async fn whoever_has_a_native_conversation_is_sent_there() {
    let stage = Stage::relaying().await;
    let told = is_told(&stage, ANN, "Bob Stone", "directly").await;
    assert!(told.text.contains("Write to"), "{}", told.text);
    is_told(&stage, RAJ, "Ann Lee", "directly").await;
}

#[tokio::test]
async fn between_namesakes_the_one_elsewhere_is_meant_and_an_address_tells_them_apart() {
    let stage = Stage::relaying().await;
    // For Ann, one Sam Carter works here and the other in Teams.
    stage.asks_app(ANN, "Sam Carter").await;
    let (place, _) = stage.arrives(ANN, "Write to Sam Carter here").await;
    stage
        .writes(ANN, To::Conversation(place), "dear Sam in sales")
        .await;
    let (_, message) = stage.arrives(OTHER_SAM, "dear Sam in sales").await;
    assert_eq!(message.author, ANN.email);
    assert!(stage.standing(SAM, "dear Sam in sales").await.is_empty());
    is_told(&stage, ANN, SAM.email, "works here too").await;
}

#[tokio::test]
async fn several_people_who_fit_are_listed_with_their_addresses_and_none_is_chosen() {
    let stage = Stage::relaying().await;
    stage
        .control
        .rename(MIA.email, SLACK, "Gus Lindqvist")
        .await
        .expect("a new name");
    stage.asked(&["people", "import"]);
    let told = is_told(&stage, NIA, "Gus Lindqvist", "Several people").await;
    assert!(
        told.text.contains(GUS.email) && told.text.contains(MIA.email),
        "{}",
        told.text
    );
    stage.asks_app(NIA, GUS.email).await;
    stage.arrives(NIA, "Write to Gus Lindqvist here").await;
}

#[tokio::test]
async fn whoever_cannot_be_reached_is_explained() {
    let stage = Stage::relaying().await;
    stage.asked(&["people", "unpair", VIC.email]);
    for (asker, words, told) in [
        (ANN, "Nobody Atall", "Nobody called"),
        (ANN, "Ann Lee", "That is you"),
        (ANN, "Ivo Marek", "works here too"),
        (ANN, "Vic Duarte", "cannot be reached"),
        (ANN, "help", "Tell me whom"),
        (NIA, "Nobody Atall", "Nobody called"),
        (NIA, "Nia Bello", "That is you"),
        (NIA, "Raj Patel", "works here too"),
        (NIA, "help", "Tell me whom"),
    ] {
        is_told(&stage, asker, words, told).await;
    }
    assert_eq!(IVO.home, SLACK);
}

/// Asks the app, and waits for its answer, which nobody else may see.
async fn is_told(stage: &Stage, asker: &Person, asked: &str, answer: &str) -> Message {
    let before = stage.standing(asker, answer).await.len();
    stage.asks_app(asker, asked).await;
    let message = until(&format!("{asked}: {answer}"), async || {
        let mut told = stage.standing(asker, answer).await;
        if told.len() > before {
            told.pop()
        } else {
            None
        }
    })
    .await
    .1;
    assert_eq!(message.ephemeral, asker.home == SLACK);
    for other in [ANN, BOB, IVO, NIA, RAJ]
        .into_iter()
        .filter(|other| *other != asker)
    {
        let seen = stage.standing(other, &message.text).await;
        assert!(
            seen.iter().all(|(_, seen)| seen.id != message.id),
            "{} sees it",
            other.name
        );
    }
    message
}

#[tokio::test]
async fn two_who_begin_at_the_same_moment_meet_in_one_conversation() {
    let stage = Stage::relaying().await;
    let (slack, teams) = tokio::join!(
        stage.writes(ANN, To::Dm(BOB.email.to_owned()), "from Slack 1x"),
        stage.writes(BOB, To::Dm(ANN.email.to_owned()), "from Teams 2x"),
    );
    assert_ne!(slack, teams);
    for (reader, here, there) in [(BOB, "2x", "1x"), (ANN, "1x", "2x")] {
        let (arrived, _) = stage.arrives(reader, there).await;
        let own = stage.standing(reader, here).await;
        assert_eq!(own.len(), 1);
        assert_eq!(
            own[0].0,
            arrived,
            "on {}",
            if reader == ANN { SLACK } else { TEAMS }
        );
    }
}

//! Who is relayed, and who is not.

use causeway_sandbox::control_client::To;

use super::{
    story::{Story, readable},
    support::{ANN, BOB, IVO, JUN, MIA, Person, RAJ, SLACK, Stage, TEAMS, UMA, VIC, until},
};

#[tokio::test]
async fn somebody_unpaired_who_writes_to_a_paired_person_is_relayed_under_their_own_name() {
    let stage = Stage::relaying().await;
    stage.asked(&["people", "unpair", MIA.email]);
    stage.asked(&["people", "unpair", VIC.email]);
    // Bob works in Teams; Mia finds the account that he has in Slack. Jun the other way round.
    for (stranger, known) in [(MIA, BOB), (VIC, JUN)] {
        let words = format!("a word from {}", stranger.name.replace('\'', ""));
        stage
            .writes(stranger, To::Dm(known.email.to_owned()), &words)
            .await;
        let (place, message) = stage.arrives(known, &words).await;
        if known.home == TEAMS {
            assert!(
                readable(&message.text).starts_with(stranger.name),
                "{}",
                message.text
            );
        } else {
            assert_eq!(message.shown_as, stranger.name);
        }
        stage
            .writes(known, To::Conversation(place), "and an answer")
            .await;
        let (_, answer) = stage.arrives(stranger, "and an answer").await;
        assert!(answer.author.eq_ignore_ascii_case(known.email));
    }
}

#[tokio::test]
async fn people_who_work_on_the_same_platform_are_never_relayed() {
    let stage = Stage::relaying().await;
    let story = Story::begin(&stage, &[(ANN, BOB), (RAJ, IVO)]).await;
    // In their own app, and with their second accounts.
    let said = "strictly between us";
    say_on(&stage, ANN, SLACK, IVO, said).await;
    say_on(&stage, ANN, TEAMS, IVO, said).await;
    say_on(&stage, BOB, TEAMS, UMA, said).await;
    say_on(&stage, RAJ, SLACK, BOB, said).await;
    story.ends_well(&stage).await;
    for (who, on, times) in [
        (ANN, SLACK, 1),
        (IVO, SLACK, 1),
        (ANN, TEAMS, 1),
        (IVO, TEAMS, 1),
        (BOB, TEAMS, 1),
        (UMA, TEAMS, 1),
        (RAJ, SLACK, 1),
        (BOB, SLACK, 1),
        (RAJ, TEAMS, 0),
        (JUN, SLACK, 0),
    ] {
        let seen = stage.standing_on(who, on, said).await;
        assert_eq!(seen.len(), times, "{} on {on}", who.name);
    }
}

async fn say_on(stage: &Stage, who: &Person, on: &str, other: &Person, text: &str) {
    let to = To::Dm(other.email.to_owned());
    let said = stage.control.send(who.email, on, to, text).await;
    said.expect("people may write");
}

#[tokio::test]
async fn what_somebody_writes_by_hand_with_their_second_account_arrives_as_theirs_and_says_so() {
    let stage = Stage::relaying().await;
    let story = Story::begin(&stage, &[(ANN, BOB)]).await;
    // Bob, who works in Teams, answers Ann in Slack; she answers him in Teams.
    say_on(&stage, BOB, SLACK, ANN, "by hand 1x").await;
    let here = stage.standing(ANN, "by hand 1x").await;
    assert_eq!(here.len(), 1);
    let (_, message) = stage.arrives(BOB, "by hand 1x").await;
    assert_eq!(message.author, BOB.email);
    assert!(
        readable(&message.text).contains("(from Slack)"),
        "{}",
        message.text
    );
    say_on(&stage, ANN, TEAMS, BOB, "by hand 2x").await;
    let (_, message) = stage.arrives(ANN, "by hand 2x").await;
    assert_eq!(message.author, ANN.email);
    assert!(
        message.text.contains("(from Microsoft Teams)"),
        "{}",
        message.text
    );
    story.ends_well(&stage).await;
    for (who, word) in [
        (ANN, "by hand 1x"),
        (ANN, "by hand 2x"),
        (BOB, "by hand 1x"),
        (BOB, "by hand 2x"),
    ] {
        assert_eq!(
            stage.standing(who, word).await.len(),
            1,
            "{word} for {}",
            who.name
        );
    }
}

#[tokio::test]
async fn other_peoples_conversations_and_channels_are_never_relayed() {
    let stage = Stage::relaying().await;
    let story = Story::begin(&stage, &[(ANN, BOB)]).await;
    let places = stage.seen(ANN).await;
    let general = places
        .iter()
        .find(|place| place.topic.as_deref() == Some("general"));
    let general = general.expect("a channel").id.clone();
    stage
        .writes(ANN, To::Conversation(general), "to all who work here")
        .await;
    story.ends_well(&stage).await;
    assert!(stage.standing(BOB, "to all who work here").await.is_empty());
    until("the channel stays as it is", async || {
        (stage.standing(ANN, "to all who work here").await.len() == 1).then_some(())
    })
    .await;
}

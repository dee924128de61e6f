//! Webex without a compliance officer: heard by the sockets of everybody whose token is held.

use causeway_sandbox::control_client::Answer;

use crate::{
    story::Story,
    support::{BEA, MAX, Person, Stage, THEO, WANDA, WEBEX, YARA, text, until},
};

/// All four platforms, of which Webex is heard by sockets, for those who have authorised the hub.
async fn hearing_by_sockets(authorised: &[&Person]) -> Stage {
    let mut stage = Stage::set_everywhere().await;
    let webex = &stage.credentials["credentials"]["webex"];
    let tokens = authorised.iter().map(|who| {
        let token = text(&webex["refresh_tokens"][who.email]);
        format!("{}={token}", who.email)
    });
    let tokens: Vec<_> = tokens.collect();
    let administrator = &webex["administrator_refresh_token"];
    let settings = [
        ("HEAR", "sockets".to_owned()),
        ("API_URL", text(&stage.credentials["webex"])),
        ("CLIENT_ID", text(&webex["client_id"])),
        ("CLIENT_SECRET", text(&webex["client_secret"])),
        ("BOT_TOKEN", text(&webex["bot_token"])),
        ("ADMINISTRATOR_REFRESH_TOKEN", text(administrator)),
        ("REFRESH_TOKENS", tokens.join(",")),
    ];
    stage.connects(WEBEX, &settings);
    stage.run().await;
    stage
}

#[tokio::test]
async fn people_of_webex_are_heard_by_sockets_and_by_nothing_else() {
    let stage = hearing_by_sockets(&[YARA, THEO, WANDA]).await;
    let mut story = Story::begin(&stage, &[(YARA, WANDA), (THEO, WANDA)]).await;
    story.write_all(&stage, 4).await;
    story.ends_well(&stage).await;
    let reports = stage.asked(&["preflight", "--platform", WEBEX]);
    let passed = reports[0]["passed"].as_array().expect("a list");
    for code in ["socket", "live_events"] {
        assert!(
            passed.iter().any(|passed| passed["code"] == code),
            "{reports}"
        );
    }
}

#[tokio::test]
async fn whoever_is_asked_for_their_webex_account_is_heard_from_then_on() {
    let stage = hearing_by_sockets(&[WANDA]).await;
    let to = stage.finds(BEA, WANDA).await;
    stage.writes(BEA, to, "borage first").await;
    stage.arrives(BEA, "You are asked once").await;
    let answered = stage.control.consent(BEA.email, Answer::Grant, None).await;
    answered.expect("she was asked");
    let (_, message) = stage.arrives(WANDA, "borage").await;
    assert_eq!(message.author, BEA.email);
    let mut story = Story::begin(&stage, &[(BEA, WANDA)]).await;
    story.write_all(&stage, 2).await;
    story.ends_well(&stage).await;
}

#[tokio::test]
async fn where_nobody_could_answer_what_is_written_waits_and_activity_says_why() {
    let stage = hearing_by_sockets(&[WANDA]).await;
    let to = stage.finds(MAX, WANDA).await;
    stage.writes(MAX, to, "chervil first").await;
    until("it waits", async || {
        let rows = stage.asked(&["activity", "--state", "waiting_for_person"]);
        let rows = rows["entries"].as_array()?;
        rows.iter().find(|row| row["reason"] == "not_authorised")?;
        Some(())
    })
    .await;
    assert!(stage.standing(WANDA, "chervil").await.is_empty());
}

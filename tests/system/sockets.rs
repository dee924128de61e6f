//! Webex without a compliance officer: heard by the sockets of everybody whose token is held.

use causeway_sandbox::control_client::Answer;

use crate::{
    preflight::{passed, preflight},
    story::Story,
    support::{BEA, JONAS, MAX, Person, Stage, WANDA, WEBEX, text, until},
};

/// All four platforms, of which Webex is heard by sockets.
async fn hearing_by_sockets() -> Stage {
    let mut stage = Stage::set_everywhere().await;
    let webex = &stage.credentials["credentials"]["webex"];
    let administrator = &webex["administrator_refresh_token"];
    let settings = [
        ("HEAR", "sockets".to_owned()),
        ("API_URL", text(&stage.credentials["webex"])),
        ("CLIENT_ID", text(&webex["client_id"])),
        ("CLIENT_SECRET", text(&webex["client_secret"])),
        ("BOT_TOKEN", text(&webex["bot_token"])),
        ("ADMINISTRATOR_REFRESH_TOKEN", text(administrator)),
    ];
    stage.connects(WEBEX, &settings);
    stage.run().await;
    stage
}

/// Somebody writes to Wanda for the first time, and authorises their Webex account, socket and all.
async fn authorises(stage: &Stage, who: &Person, word: &str) {
    let to = stage.finds(who, WANDA).await;
    stage.writes(who, to, &format!("{word} first")).await;
    stage.arrives(who, "You are asked once").await;
    let answered = stage.control.consent(who.email, Answer::Grant, None).await;
    answered.expect("they were asked");
    let (_, message) = stage.arrives(WANDA, word).await;
    assert_eq!(message.author, who.email);
}

#[tokio::test]
async fn whoever_has_authorised_their_webex_account_is_heard_by_its_socket() {
    let stage = hearing_by_sockets().await;
    authorises(&stage, BEA, "borage").await;
    authorises(&stage, JONAS, "lovage").await;
    let mut story = Story::begin(&stage, &[(BEA, WANDA), (JONAS, WANDA)]).await;
    story.write_all(&stage, 4).await;
    story.ends_well(&stage).await;
    // Those who authorised it before have given less.
    let (report, _) = preflight(&stage, WEBEX);
    for code in ["socket", "live_events"] {
        assert!(passed(&report, code), "{report}");
    }
}

#[tokio::test]
async fn where_nobody_could_answer_what_is_written_waits_and_activity_says_why() {
    let stage = hearing_by_sockets().await;
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

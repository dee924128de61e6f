//! Being asked: by a code or by a link, by a tenant that lets people decide and by one that does
//! not; guests; and who is let into a conversation.

use causeway_sandbox::control_client::{Answer, TenantSwitches, To, With};
use serde_json::Value;

use crate::support::{BOB, DANA, ELI, FAY, MIA, NOOR, Person, SLACK, Stage, TEAMS, VIC, until};

const ASKED: &str = "You are asked once";

/// Somebody answers the prompt that they have been sent.
async fn answers(stage: &Stage, who: &Person, answer: Answer) -> Option<With> {
    stage.arrives(who, ASKED).await;
    let answered = stage.control.consent(who.email, answer, None).await;
    answered.expect("they were asked").with
}

async fn prompts(stage: &Stage, who: &Person) -> usize {
    stage.standing(who, ASKED).await.len()
}

fn notices(stage: &Stage) -> Vec<Value> {
    let notices = stage.asked(&["notices"]);
    notices.as_array().expect("a list").clone()
}

async fn has_notice(stage: &Stage, code: &str) -> Value {
    until(&format!("the notice {code}"), async || {
        let notices = notices(stage);
        notices.into_iter().find(|notice| notice["code"] == code)
    })
    .await
}

#[tokio::test]
async fn with_a_public_address_people_are_asked_by_a_link_and_allow_it_in_a_browser() {
    let stage = Stage::notified().await;
    let to = stage.finds(ELI, BOB).await;
    stage.writes(ELI, to, "cinnamon first").await;
    assert_eq!(answers(&stage, ELI, Answer::Grant).await, Some(With::Link));
    let (_, message) = stage.arrives(BOB, "cinnamon").await;
    assert_eq!(message.author, ELI.email);
    assert_eq!(prompts(&stage, ELI).await, 1);
}

#[tokio::test]
async fn with_a_public_address_people_in_teams_are_asked_for_their_slack_account() {
    let stage = Stage::notified().await;
    let to = stage.finds(DANA, MIA).await;
    stage.writes(DANA, to, "juniper first").await;
    assert_eq!(answers(&stage, DANA, Answer::Grant).await, Some(With::Link));
    let (_, message) = stage.arrives(MIA, "juniper").await;
    assert_eq!(message.author, DANA.email);
    assert_eq!(prompts(&stage, DANA).await, 1);
}

#[tokio::test]
async fn whoever_opens_somebody_elses_link_lets_nobody_speak_as_anyone() {
    let stage = Stage::notified().await;
    let to = stage.finds(ELI, BOB).await;
    stage.writes(ELI, to, "saffron first").await;
    stage.arrives(ELI, ASKED).await;
    let by_other = stage
        .control
        .consent(ELI.email, Answer::Grant, Some(FAY.email));
    by_other.await.expect("the link can be opened");
    stage.arrives(ELI, "Somebody else signed in").await;
    assert!(stage.standing(BOB, "saffron").await.is_empty());
    let answered = stage.control.consent(ELI.email, Answer::Grant, None).await;
    answered.expect("it is still open");
    let (_, message) = stage.arrives(BOB, "saffron").await;
    assert_eq!(message.author, ELI.email);
}

#[tokio::test]
async fn a_tenant_where_only_administrators_consent_is_named_and_opened_by_its_page() {
    let stage = Stage::relaying().await;
    let closed = TenantSwitches {
        user_consent: Some(false),
        ..TenantSwitches::default()
    };
    stage.control.set_tenant(&closed).await.expect("a switch");
    let to = stage.finds(ELI, BOB).await;
    stage.writes(ELI, to, "cardamom first").await;
    answers(&stage, ELI, Answer::Grant).await;
    stage.arrives(ELI, "an administrator must").await;
    let notice = has_notice(&stage, "administrator_consent_needed").await;
    let link = notice["link"].as_str().expect("where to consent");
    let opened = reqwest::get(link).await.expect("the page answers");
    assert!(!opened.status().is_server_error(), "{}", opened.status());
    answers(&stage, ELI, Answer::Grant).await;
    let (_, message) = stage.arrives(BOB, "cardamom").await;
    assert_eq!(message.author, ELI.email);
    assert_eq!(prompts(&stage, ELI).await, 1);
    assert_eq!(notices(&stage), [] as [Value; 0]);
}

#[tokio::test]
async fn a_tenant_that_blocks_device_codes_is_named() {
    let stage = Stage::relaying().await;
    let blocked = TenantSwitches {
        device_code: Some(false),
        ..TenantSwitches::default()
    };
    stage.control.set_tenant(&blocked).await.expect("a switch");
    let to = stage.finds(FAY, BOB).await;
    stage.writes(FAY, to, "vanilla first").await;
    answers(&stage, FAY, Answer::Grant).await;
    let notice = has_notice(&stage, "device_code_blocked").await;
    assert!(notice["action"].is_string(), "{notice}");
    stage.arrives(FAY, "an administrator must").await;
}

#[tokio::test]
async fn who_says_no_by_a_word_in_teams_is_spoken_for_by_the_app() {
    let stage = Stage::notified().await;
    let to = stage.finds(DANA, MIA).await;
    stage.writes(DANA, to, "nutmeg first").await;
    assert_eq!(
        answers(&stage, DANA, Answer::Decline).await,
        Some(With::Word)
    );
    let (_, message) = stage.arrives(MIA, "nutmeg").await;
    assert_eq!(message.shown_as, DANA.name);
    assert_ne!(message.author, DANA.email);
}

#[tokio::test]
async fn a_guest_is_made_without_asking_anyone_and_removed_when_that_is_wanted() {
    let stage = Stage::relaying().await;
    let pair = [
        "people",
        "pair",
        NOOR.email,
        "--primary",
        SLACK,
        "--secondary",
        TEAMS,
        "--mode",
        "guest",
    ];
    stage.asked(&["people", "unpair", NOOR.email]);
    let preview = stage.asked(&[&pair[..], &["--preview"]].concat());
    let words = preview["effects"][0]["words"].as_str().expect("words");
    assert!(words.contains("nobody is asked anything"), "{words}");
    stage.asked(&pair);
    until("the guest exists", async || {
        let people = stage.asked(&["people", "list", NOOR.email]);
        let pairing = &people["people"][0]["pairings"][0];
        (pairing["guest"] == "invited" && pairing["speaks_as"] == "app").then_some(())
    })
    .await;
    let to = stage.finds(NOOR, BOB).await;
    stage.writes(NOOR, to, "ginger first").await;
    stage.arrives(BOB, "ginger").await;
    assert_eq!(prompts(&stage, NOOR).await, 0);
    let report = stage.asked(&["people", "unpair", NOOR.email, "--remove-guest"]);
    assert_eq!(report["guests_removed"], 1, "{report}");
}

#[tokio::test]
async fn whoever_is_let_into_the_apps_conversation_reads_nothing_more() {
    let stage = Stage::relaying().await;
    let to = stage.finds(MIA, VIC).await;
    stage.writes(MIA, to.clone(), "pepper between us").await;
    let (widened, _) = stage.arrives(VIC, "pepper").await;
    let invited = stage
        .control
        .invite_member(VIC.email, TEAMS, &widened, BOB.email);
    invited.await.expect("people may let others in");
    stage
        .arrives(VIC, "Somebody else came into the conversation before")
        .await;
    stage.writes(MIA, to, "clove between us").await;
    let (fresh, _) = stage.arrives(VIC, "clove").await;
    assert_ne!(fresh, widened);
    assert!(stage.standing(BOB, "clove").await.is_empty());
    stage
        .writes(VIC, To::Conversation(fresh), "aniseed between us")
        .await;
    stage.arrives(MIA, "aniseed").await;
    has_notice(&stage, "conversation_widened").await;
    let notices = stage.asked(&["notices"]);
    let id = notices[0]["id"].to_string();
    let left = stage.asked(&["notices", "--dismiss", &id]);
    assert_eq!(left.as_array().map(Vec::len), Some(0));
}

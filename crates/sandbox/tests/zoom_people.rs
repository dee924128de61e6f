//! People in their own Zoom app, through the control API.

mod zoom_support;

use causeway_sandbox::{
    acme,
    control_client::{Deed, Do, To, ZoomSwitches},
};
use serde_json::json;
use zoom_support::{EMI, JONAS, OLOF, PETRA, ZARA, Zoom};

async fn act(zoom: &Zoom, actor: &str, what: Do, to: To, words: &str) -> Result<String, String> {
    let to = Some(to);
    let deed = Deed {
        actor,
        on: "zoom",
        what,
        to,
        text: words,
    };
    let done = zoom.control.act(&deed).await;
    done.map_err(|error| error.to_string())
}

#[tokio::test]
async fn somebody_is_written_to_by_address_name_and_id() {
    let zoom = Zoom::start().await;
    let token = zoom.account_token().await;
    let id = zoom.user(&token, OLOF).await["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    for to in [OLOF, "Olof Dahl", id.as_str()] {
        zoom.types(ZARA, to, to).await;
    }
    let chat = zoom.seen(OLOF, "dm").await;
    assert_eq!(chat.with, ["Zara Quill"]);
    assert_eq!(chat.messages.len(), 3);
    let found = zoom
        .control
        .search(ZARA, "zoom", "olof")
        .await
        .expect("a search");
    assert_eq!(found[0].conversation.as_deref(), Some(chat.id.as_str()));
    for nobody in ["Ann Lee", PETRA] {
        assert!(
            act(&zoom, ZARA, Do::Send, To::Dm(nobody.into()), "hi")
                .await
                .is_err()
        );
    }
    assert!(
        act(&zoom, PETRA, Do::Send, To::Dm(ZARA.into()), "hi")
            .await
            .is_err()
    );
}

#[tokio::test]
async fn what_is_typed_is_read_as_it_was_typed() {
    let zoom = Zoom::start().await;
    let words = "*Hi* @Olof Dahl, see [this](https://a.example/x)\n- _one_\n- two";
    zoom.types(ZARA, OLOF, words).await;
    assert_eq!(zoom.seen(OLOF, "dm").await.messages[0].text, words);
}

#[tokio::test]
async fn a_message_to_the_app_is_one_to_the_service_user() {
    let zoom = Zoom::start().await;
    let deed = Deed {
        actor: OLOF,
        on: "zoom",
        what: Do::AppMessage,
        to: None,
        text: "start",
    };
    zoom.control.act(&deed).await.expect("a message");
    let token = zoom.account_token().await;
    let list = format!(
        "/chat/users/{}/messages?to_contact={OLOF}",
        acme::SERVICE_ACCOUNT
    );
    assert_eq!(
        zoom.get(&token, &list).await.each("messages", "message"),
        ["start"]
    );
    assert_eq!(zoom.seen(OLOF, "app").await.with, ["Causeway"]);
}

#[tokio::test]
async fn people_edit_and_delete_what_is_theirs_and_answer_in_threads() {
    let zoom = Zoom::start().await;
    let root = zoom.types(ZARA, OLOF, "one").await;
    let message = || To::Message(root.clone());
    assert!(act(&zoom, OLOF, Do::Edit, message(), "x").await.is_err());
    assert!(act(&zoom, JONAS, Do::Send, message(), "x").await.is_err());
    act(&zoom, OLOF, Do::Send, message(), "answer")
        .await
        .expect("an answer");
    act(&zoom, ZARA, Do::Edit, message(), "one!")
        .await
        .expect("an edit");
    let shown = zoom.seen(OLOF, "dm").await;
    assert_eq!(
        (shown.messages[0].text.as_str(), shown.messages[0].edited),
        ("one!", true)
    );
    act(&zoom, ZARA, Do::Delete, message(), "")
        .await
        .expect("a deletion");
    assert!(zoom.seen(OLOF, "dm").await.messages[0].deleted);
    assert!(act(&zoom, ZARA, Do::Delete, message(), "").await.is_err());
}

#[tokio::test]
async fn members_let_each_other_into_groups_and_go() {
    let zoom = Zoom::start().await;
    let token = zoom.account_token().await;
    let id = zoom.channel(&token, 4, &[OLOF]).await;
    let group = || To::Conversation(id.clone());
    act(&zoom, OLOF, Do::Invite, group(), EMI)
        .await
        .expect("an invitation");
    assert!(act(&zoom, OLOF, Do::Invite, group(), EMI).await.is_err());
    assert!(act(&zoom, JONAS, Do::Invite, group(), PETRA).await.is_err());
    assert_eq!(
        zoom.seen(EMI, "group_chat").await.with,
        ["Zara Quill", "Olof Dahl"]
    );
    act(&zoom, OLOF, Do::Leave, group(), "")
        .await
        .expect("a farewell");
    assert_eq!(zoom.seen(EMI, "group_chat").await.with, ["Zara Quill"]);
    zoom.types(ZARA, OLOF, "still two").await;
    let direct = To::Conversation(zoom.seen(ZARA, "dm").await.id);
    assert!(act(&zoom, ZARA, Do::Invite, direct, EMI).await.is_err());
}

#[tokio::test]
async fn everyone_is_acted_for_while_the_role_permits_and_else_whoever_authorised() {
    let zoom = Zoom::start().await;
    let authorised = async |email: &str| {
        let people = zoom.control.people().await.expect("people");
        let person = people.into_iter().find(|person| person.email == email);
        person.expect("a person").accounts["zoom"].authorised
    };
    assert!(authorised(OLOF).await && authorised(ZARA).await && !authorised(PETRA).await);
    let closed = ZoomSwitches {
        role_chat_edit: Some(false),
        ..ZoomSwitches::default()
    };
    zoom.control.zoom(&closed).await.expect("switches");
    assert!(!authorised(OLOF).await && authorised(ZARA).await);
}

#[tokio::test]
async fn switches_are_thrown_one_by_one_and_shown_all_together() {
    let zoom = Zoom::start().await;
    let url = format!(
        "{}/zoom",
        zoom.sandbox.description()["control"]
            .as_str()
            .expect("an address")
    );
    let shown = zoom_support::answer(zoom.http.get(&url)).await;
    assert_eq!(
        shown.body,
        json!({
            "plan": "business", "role_chat_edit": true, "role_chat_view": true, "sso": true,
            "managed_domain": "acme.example", "provisioning": true, "user_apps": true,
            "withheld": [], "rotated": [], "subscription": true, "connected": [], "mails": [],
        })
    );
    let changed = zoom
        .http
        .post(&url)
        .json(&json!({"plan": "pro", "managed_domain": ""}));
    let changed = zoom_support::answer(changed).await.body;
    assert_eq!(
        (&changed["plan"], &changed["managed_domain"]),
        (&json!("pro"), &json!(null))
    );
    assert_eq!(changed["sso"], true);
    let unknown = zoom.http.post(&url).json(&json!({"moon": true}));
    assert_eq!(zoom_support::answer(unknown).await.status, 400);
}

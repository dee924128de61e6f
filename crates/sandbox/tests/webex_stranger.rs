//! Webex as somebody uses it who knows only what the sandbox printed, and people beside them in
//! their own apps.

mod common;
mod webex_support;

use anyhow::{Context, Result, ensure};
use causeway_sandbox::{
    acme::OTHER_BOT,
    control_client::{Deed, Do, To, WebexSwitches},
};
use common::Stranger;
use reqwest::Method;
use serde_json::{Value, json};
use webex_support::{FINN, HUGO, Listener, WANDA, answer, text};

const ON: &str = "webex";

struct Webex<'a> {
    stranger: &'a Stranger,
    base: String,
    credentials: Value,
}

impl<'a> Webex<'a> {
    fn of(stranger: &'a Stranger) -> Self {
        let description = stranger.sandbox.description();
        Self {
            stranger,
            base: text(&description["webex"]),
            credentials: description["credentials"]["webex"].clone(),
        }
    }

    fn token(&self, email: &str) -> String {
        text(&self.credentials["access_tokens"][email])
    }

    async fn call(&self, token: &str, method: Method, path: &str, body: Value) -> Result<Value> {
        let http = &self.stranger.http;
        let request = http.request(method, format!("{}{path}", self.base));
        let request = request.bearer_auth(token);
        let answer = answer(match body {
            Value::Null => request,
            body => request.json(&body),
        })
        .await;
        ensure!((200..300).contains(&answer.status), "{}", answer.body);
        Ok(answer.body)
    }
}

#[tokio::test]
async fn a_stranger_makes_a_room_and_talks_there_and_is_told_of_it() -> Result<()> {
    let stranger = Stranger::new().await?;
    let webex = Webex::of(&stranger);
    let mut listener = Listener::start(0).await;
    let wanda = webex.token(WANDA);
    let title = json!({ "title": "Tickets" });
    let room = webex.call(&wanda, Method::POST, "/rooms", title).await?;
    let room = text(&room["id"]);
    let member = json!({ "roomId": room, "personEmail": HUGO });
    webex
        .call(&wanda, Method::POST, "/memberships", member)
        .await?;
    let webhook = json!({
        "name": "w", "targetUrl": listener.url, "resource": "messages", "event": "created",
    });
    webex
        .call(&wanda, Method::POST, "/webhooks", webhook)
        .await?;

    let words = json!({ "roomId": room, "markdown": "Hello **all**" });
    let said = webex.call(&wanda, Method::POST, "/messages", words).await?;
    let told = listener.told().await;
    assert_eq!(told.body["data"]["id"], said["id"]);
    let edit = json!({ "roomId": room, "markdown": "Hello **Hugo**" });
    let path = format!("/messages/{}", text(&said["id"]));
    webex.call(&wanda, Method::PUT, &path, edit).await?;
    let path = format!("/messages?roomId={room}");
    let hugo = webex.token(HUGO);
    let listed = webex.call(&hugo, Method::GET, &path, Value::Null).await?;
    assert_eq!(listed["items"][0]["text"], "Hello Hugo");

    let seen = stranger.control.view(HUGO, ON).await?;
    let seen = seen.iter().find(|found| found.id == room);
    let seen = seen.context("the room in Hugo's app")?;
    assert_eq!(
        (seen.kind.as_str(), seen.topic.as_deref()),
        ("room", Some("Tickets"))
    );
    assert_eq!(seen.messages[0].text, "<p>Hello <strong>Hugo</strong></p>");
    assert_eq!(seen.messages[0].author, WANDA);
    assert!(seen.messages[0].edited);
    Ok(())
}

#[tokio::test]
async fn people_write_answer_edit_and_delete_in_their_own_apps() -> Result<()> {
    let stranger = Stranger::new().await?;
    let control = &stranger.control;
    let found = control.search(WANDA, ON, "hugo").await?;
    assert_eq!(found[0].name, "Hugo Stern");
    let said = control
        .send(WANDA, ON, To::Dm("Hugo Stern".to_owned()), "hi")
        .await?;
    let answered = To::Message(said.clone());
    control.send(HUGO, ON, answered, "**hey**").await?;
    let seen = control.view(WANDA, ON).await?;
    let [dm] = seen.as_slice() else {
        anyhow::bail!("not one conversation");
    };
    assert_eq!(
        (dm.kind.as_str(), dm.with.as_slice()),
        ("dm", ["Hugo Stern".to_owned()].as_slice())
    );
    let texts: Vec<_> = dm.messages.iter().map(|one| one.text.as_str()).collect();
    assert_eq!(texts, ["hi", "<p><strong>hey</strong></p>"]);

    let act = async |actor: &'static str, what, text: &'static str| {
        let to = Some(To::Message(said.clone()));
        control
            .act(&Deed {
                actor,
                on: ON,
                what,
                to,
                text,
            })
            .await
    };
    act(WANDA, Do::Edit, "hello").await?;
    assert!(act(HUGO, Do::Edit, "mine").await.is_err());
    assert!(act(FINN, Do::Delete, "").await.is_err());
    let seen = control.view(HUGO, ON).await?;
    assert_eq!(seen[0].messages[0].text, "hello");
    act(WANDA, Do::Delete, "").await?;
    let seen = control.view(HUGO, ON).await?;
    assert!(seen[0].messages[0].deleted && seen[0].messages[0].text.is_empty());
    Ok(())
}

#[tokio::test]
async fn a_word_to_the_bot_reaches_it_and_a_room_is_joined_and_left() -> Result<()> {
    let stranger = Stranger::new().await?;
    let (control, webex) = (&stranger.control, Webex::of(&stranger));
    let word = Deed {
        actor: FINN,
        on: ON,
        what: Do::AppMessage,
        to: None,
        text: "start",
    };
    control.act(&word).await?;
    let bot = text(&webex.credentials["bot_token"]);
    let path = format!("/messages/direct?personEmail={FINN}");
    let heard = webex.call(&bot, Method::GET, &path, Value::Null).await?;
    assert_eq!(heard["items"][0]["text"], "start");
    assert_eq!(control.view(FINN, ON).await?[0].kind, "app");

    let wanda = webex.token(WANDA);
    let title = json!({ "title": "Tickets" });
    let room = webex.call(&wanda, Method::POST, "/rooms", title).await?;
    let room = text(&room["id"]);
    control.invite_member(WANDA, ON, &room, FINN).await?;
    control.invite_member(WANDA, ON, &room, OTHER_BOT).await?;
    assert!(control.invite_member(WANDA, ON, &room, FINN).await.is_err());
    let to = To::Conversation(room.clone());
    control.send(OTHER_BOT, ON, to, "build 7 failed").await?;
    let seen = control.view(FINN, ON).await?;
    let seen = seen
        .iter()
        .find(|found| found.id == room)
        .context("the room")?;
    assert_eq!(seen.messages[0].author, OTHER_BOT);
    control.leave(FINN, ON, &room).await?;
    assert_eq!(control.view(FINN, ON).await?.len(), 1);
    Ok(())
}

#[tokio::test]
async fn the_control_api_throws_the_organisations_switches() -> Result<()> {
    let stranger = Stranger::new().await?;
    let before = stranger.control.webex(&WebexSwitches::default()).await?;
    assert!(before.guests_allowed && before.compliance && !before.edit_webhooks);
    let after = stranger
        .control
        .webex(&WebexSwitches {
            guests_allowed: Some(false),
            withheld: Some(vec!["spark:messages_write".to_owned()]),
            ..WebexSwitches::default()
        })
        .await?;
    assert!(!after.guests_allowed && after.compliance);
    assert_eq!(after.withheld, ["spark:messages_write"]);
    let webex = Webex::of(&stranger);
    let words = json!({ "toPersonEmail": HUGO, "text": "hi" });
    let wanda = webex.token(WANDA);
    let refused = webex.call(&wanda, Method::POST, "/messages", words);
    assert!(refused.await.is_err());
    Ok(())
}

#[tokio::test]
async fn the_browser_of_the_sandbox_signs_in_at_webexs_page() -> Result<()> {
    let stranger = Stranger::new().await?;
    let webex = Webex::of(&stranger);
    let listener = Listener::start(0).await;
    let client = text(&webex.credentials["client_id"]);
    let query = [
        ("client_id", client.as_str()),
        ("response_type", "code"),
        ("redirect_uri", &listener.url),
        ("scope", "spark:messages_read"),
    ];
    let link = reqwest::Url::parse_with_params(&format!("{}/authorize", webex.base), query)?;
    let ended = stranger.control.browse(link.as_str(), HUGO, true).await?;
    assert_eq!(ended.refused, None);
    Ok(())
}

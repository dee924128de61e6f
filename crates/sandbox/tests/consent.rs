//! A hub's prompt, and the person who answers it in their own app and browser.

mod common;

use std::{collections::HashMap, sync::Arc};

use anyhow::{Context, Result, ensure};
use axum::{
    Router,
    extract::{Query, State},
    http::{HeaderMap, header},
    response::{Html, IntoResponse, Redirect},
    routing::{get, post},
};
use causeway_sandbox::control_client::{Answer, Answered, ControlError, With};
use common::{Socket, Stranger, microsoft::Microsoft};
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::mpsc};
use url::Url;

const SERVICE: &str = "causeway@acme.example";
const FAY: &str = "fay@acme.example";
const PIA: &str = "pia@acme.example";
const BOB: &str = "bob@acme.example";

fn prompt(elements: Value) -> Value {
    json!([
        { "type": "section", "text": { "type": "mrkdwn", "text": "May I write as you in Teams?" } },
        { "type": "actions", "elements": elements },
    ])
}

fn button(action: &str, value: &str) -> Value {
    let text = json!({ "type": "plain_text", "text": "Press" });
    json!({ "type": "button", "action_id": action, "value": value, "text": text })
}

/// Posts a prompt into the app's conversation with somebody on Slack; answers its id.
async fn ask_on_slack(slack: &Stranger, whom: &str, blocks: Value) -> Result<String> {
    let channel = slack.dm(&slack.bot, whom).await?;
    let post = json!({ "channel": channel, "text": "May I?", "blocks": blocks });
    let posted = slack.ok(&slack.bot, "chat.postMessage", post).await?;
    Ok(posted["ts"].as_str().context("a time")?.to_owned())
}

/// Posts into the service account's conversation with somebody on Teams.
async fn ask_on_teams(
    microsoft: &Microsoft,
    token: &str,
    whom: &str,
    html: &str,
) -> Result<String> {
    let members = [SERVICE, whom].map(|who| microsoft.member(who, "owner"));
    let chat = microsoft.chat(token, "oneOnOne", members.into()).await?;
    let said = microsoft.say(token, &chat, html).await?;
    ensure!(said.status == 201, "{}", said.body);
    Ok(chat)
}

fn refused(answer: Result<Answered, ControlError>) -> Option<StatusCode> {
    match answer {
        Err(ControlError::Refused { status, .. }) => Some(status),
        Err(ControlError::Unreachable(_)) | Ok(_) => None,
    }
}

/// The next press, acknowledged.
async fn pressed(socket: &mut Socket) -> Result<Value> {
    loop {
        let frame = socket.frame().await?;
        socket.ack(&frame).await?;
        if frame["type"] == "interactive" {
            return Ok(frame["payload"].clone());
        }
    }
}

#[tokio::test]
async fn a_button_in_slack_is_pressed_and_the_code_that_comes_is_typed() -> Result<()> {
    let slack = Stranger::new().await?;
    let microsoft = Microsoft::of(&slack)?;
    let mut socket = slack.socket().await?;
    let elements = json!([
        button("consent_start", "42"),
        button("consent_decline", "42")
    ]);
    let ts = ask_on_slack(&slack, FAY, prompt(elements)).await?;
    let control = slack.control.clone();
    let person = tokio::spawn(async move { control.consent(FAY, Answer::Grant, None).await });

    let press = pressed(&mut socket).await?;
    assert_eq!(press["type"], "block_actions");
    assert_eq!(press["user"]["id"], slack.id(FAY).await?);
    assert_eq!(press["container"]["message_ts"], ts);
    assert_eq!(press["channel"]["id"], press["container"]["channel_id"]);
    assert_eq!(press["message"]["ts"], ts);
    let action = &press["actions"][0];
    assert_eq!(
        (&action["action_id"], &action["value"]),
        (&json!("consent_start"), &json!("42"))
    );
    let (device_code, user_code) = microsoft.device_code().await?;
    let url = press["response_url"].as_str().context("a response_url")?;
    let text = format!(
        "Go to {}/common/oauth2/deviceauth: *{user_code}*",
        microsoft.entra
    );
    let reply = json!({ "replace_original": false, "text": text });
    assert_eq!(
        slack
            .http
            .post(url)
            .json(&reply)
            .send()
            .await?
            .text()
            .await?,
        "ok"
    );

    let answered = person.await??;
    assert_eq!(
        (answered.answered, answered.with),
        (true, Some(With::DeviceCode))
    );
    let granted = microsoft.poll(&device_code).await?;
    let me = microsoft.get(&granted.text("access_token"), "/me").await?;
    assert_eq!(me.text("mail"), FAY);
    Ok(())
}

#[tokio::test]
async fn a_word_in_teams_brings_a_code_that_somebody_else_may_answer() -> Result<()> {
    let stranger = Stranger::new().await?;
    let microsoft = Microsoft::of(&stranger)?;
    let token = microsoft.token_of(SERVICE).await?;
    let chat = ask_on_teams(&microsoft, &token, PIA, "<p>Answer “Start” to go on.</p>").await?;
    let control = stranger.control.clone();
    let person = tokio::spawn(async move { control.consent(PIA, Answer::Grant, Some(BOB)).await });
    common::eventually(async || {
        let path = format!("/chats/{chat}/messages");
        let listed = microsoft.get(&token, &path).await?.body;
        Ok((listed["value"][0]["body"]["content"] == "start").then_some(()))
    })
    .await?;
    let (device_code, user_code) = microsoft.device_code().await?;
    let html = format!("<p>Your code is <b>{user_code}</b>.</p>");
    microsoft.say(&token, &chat, &html).await?;
    assert_eq!(person.await??.with, Some(With::DeviceCode));
    let granted = microsoft.poll(&device_code).await?;
    let me = microsoft.get(&granted.text("access_token"), "/me").await?;
    assert_eq!(me.text("mail"), BOB);
    Ok(())
}

#[tokio::test]
async fn a_prompt_is_declined_by_its_own_button_or_word_and_ignored_by_nothing() -> Result<()> {
    let slack = Stranger::new().await?;
    let microsoft = Microsoft::of(&slack)?;
    let mut socket = slack.socket().await?;
    assert_eq!(
        refused(slack.control.consent(FAY, Answer::Ignore, None).await),
        Some(StatusCode::NOT_FOUND)
    );
    let elements = json!([button("consent_start", "1"), button("no", "decline:1")]);
    ask_on_slack(&slack, FAY, prompt(elements)).await?;
    let ignored = slack.control.consent(FAY, Answer::Ignore, None).await?;
    assert_eq!((ignored.answered, ignored.with), (false, None));
    let declined = slack.control.consent(FAY, Answer::Decline, None).await?;
    assert_eq!(declined.with, Some(With::Button));
    assert_eq!(pressed(&mut socket).await?["actions"][0]["action_id"], "no");

    let token = microsoft.token_of(SERVICE).await?;
    let words = "Answer “start” to go on, or “decline”.";
    let chat = ask_on_teams(&microsoft, &token, PIA, words).await?;
    let declined = slack.control.consent(PIA, Answer::Decline, None).await?;
    assert_eq!(declined.with, Some(With::Word));
    let view = slack.control.view(PIA, "teams").await?;
    let seen = view.iter().find(|found| found.id == chat).context("it")?;
    assert_eq!(
        seen.messages.last().map(|m| m.text.as_str()),
        Some("decline")
    );
    Ok(())
}

#[tokio::test]
async fn a_code_that_already_stands_there_is_declined_on_the_device_page() -> Result<()> {
    let stranger = Stranger::new().await?;
    let microsoft = Microsoft::of(&stranger)?;
    let token = microsoft.token_of(SERVICE).await?;
    let (device_code, user_code) = microsoft.device_code().await?;
    ask_on_teams(&microsoft, &token, PIA, &format!("Type {user_code}.")).await?;
    let declined = stranger.control.consent(PIA, Answer::Decline, None).await?;
    assert_eq!(declined.with, Some(With::DeviceCode));
    let polled = microsoft.poll(&device_code).await?;
    assert_eq!(polled.text("error"), "authorization_declined");

    let (device_code, user_code) = microsoft.device_code().await?;
    let page = stranger.control.device(&user_code, PIA, true).await?;
    assert!(page.signed_in, "{}", page.page);
    assert_eq!(microsoft.poll(&device_code).await?.status, 200);
    assert!(
        stranger
            .control
            .device(&user_code, PIA, true)
            .await
            .is_err()
    );
    Ok(())
}

/// A hub with a public address: a page with a form, and a callback that wants its cookie back.
struct Hub {
    url: String,
    came_back: mpsc::UnboundedReceiver<HashMap<String, String>>,
}

struct Pages {
    authorize: Url,
    told: mpsc::UnboundedSender<HashMap<String, String>>,
}

impl Hub {
    /// A hub that sends people to the address which it is given with its callback.
    async fn start(authorize: impl FnOnce(&str) -> Result<Url>) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let (told, came_back) = mpsc::unbounded_channel();
        let authorize = authorize(&format!("{url}/hooks/consent/callback"))?;
        let pages = Arc::new(Pages { authorize, told });
        let router = Router::new()
            .route(
                "/c/1",
                get(async || Html("<form method=post action='1/start'><button>Go")),
            )
            .route("/c/1/start", post(start))
            .route("/hooks/consent/callback", get(callback))
            .with_state(pages);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { url, came_back })
    }
}

async fn start(State(pages): State<Arc<Pages>>) -> impl IntoResponse {
    let cookie = [(header::SET_COOKIE, "hub=1; HttpOnly; Path=/")];
    (cookie, Redirect::to(pages.authorize.as_str()))
}

async fn callback(
    State(pages): State<Arc<Pages>>,
    Query(mut query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Html<&'static str> {
    let cookie = headers
        .get(header::COOKIE)
        .and_then(|value| value.to_str().ok());
    query.insert("cookie".to_owned(), cookie.unwrap_or_default().to_owned());
    let _ = pages.told.send(query);
    Html("<p>All set. <a href='https://elsewhere.example/'>On</a>")
}

#[tokio::test]
async fn a_link_is_followed_through_entra_to_the_hubs_callback() -> Result<()> {
    let slack = Stranger::new().await?;
    let microsoft = Microsoft::of(&slack)?;
    let mut hub = Hub::start(|callback| {
        let mut url = microsoft.authorize_url()?;
        let kept: Vec<_> = url.query_pairs().into_owned().collect();
        let kept = kept.into_iter().filter(|(name, _)| name != "redirect_uri");
        let kept: Vec<_> = kept.collect();
        url.query_pairs_mut().clear().extend_pairs(kept);
        url.query_pairs_mut().append_pair("redirect_uri", callback);
        Ok(url)
    })
    .await?;
    let mut link = button("consent_open", "");
    link["url"] = json!(format!("{}/c/1", hub.url));
    ask_on_slack(&slack, FAY, prompt(json!([link]))).await?;
    let view = slack.control.view(FAY, "slack").await?;
    let app = view
        .iter()
        .find(|found| found.kind == "app")
        .context("it")?;
    let shown = &app.messages[0];
    assert_eq!(shown.buttons, ["consent_open"]);
    assert_eq!(shown.links[0].label, "Press");
    assert!(shown.links[0].url.starts_with(&hub.url));

    let mut socket = slack.socket().await?;
    let granted = slack.control.consent(FAY, Answer::Grant, None).await?;
    assert_eq!(granted.with, Some(With::Link));
    assert_eq!(
        pressed(&mut socket).await?["actions"][0]["action_id"],
        "consent_open"
    );
    let told = hub.came_back.recv().await.context("a callback")?;
    assert_eq!(
        (told["cookie"].as_str(), told["state"].as_str()),
        ("hub=1", "s")
    );
    assert!(told.contains_key("code"));
    slack.control.consent(FAY, Answer::Decline, None).await?;
    let told = hub.came_back.recv().await.context("a callback")?;
    assert_eq!(told["error"], "access_denied");
    Ok(())
}

#[tokio::test]
async fn a_link_in_teams_is_followed_through_slacks_page() -> Result<()> {
    let stranger = Stranger::new().await?;
    let microsoft = Microsoft::of(&stranger)?;
    let (id, secret) = (
        stranger.credential("client_id"),
        stranger.credential("client_secret"),
    );
    let page = stranger.slack.replace("/api/", "/oauth/v2/authorize");
    let mut hub = Hub::start(|callback| {
        let query = [
            ("client_id", id.as_str()),
            ("user_scope", "chat:write,im:history"),
            ("redirect_uri", callback),
            ("state", "s"),
        ];
        Ok(Url::parse_with_params(&page, query)?)
    })
    .await?;
    let token = microsoft.token_of(SERVICE).await?;
    let html = format!(
        "<p>Please open <a href=\"{}/c/1\">this page</a>.</p>",
        hub.url
    );
    ask_on_teams(&microsoft, &token, PIA, &html).await?;
    let granted = stranger.control.consent(PIA, Answer::Grant, None).await?;
    assert_eq!((granted.with, granted.refused), (Some(With::Link), None));
    let told = hub.came_back.recv().await.context("a callback")?;
    let redeem = |callback: &str| {
        json!({
            "client_id": id, "client_secret": secret, "code": told["code"],
            "redirect_uri": callback,
        })
    };
    let redeemed = redeem(&format!("{}/hooks/consent/callback", hub.url));
    let redeemed = stranger.ok("", "oauth.v2.access", redeemed).await?;
    assert!(redeemed.get("access_token").is_none());
    assert_eq!(redeemed["authed_user"]["id"], stranger.id(PIA).await?);
    stranger.control.consent(PIA, Answer::Decline, None).await?;
    let told = hub.came_back.recv().await.context("a callback")?;
    assert_eq!(told["error"], "access_denied");
    Ok(())
}

#[tokio::test]
async fn a_link_that_leads_nowhere_is_a_conflict() -> Result<()> {
    let stranger = Stranger::new().await?;
    let microsoft = Microsoft::of(&stranger)?;
    let token = microsoft.token_of(SERVICE).await?;
    let html = format!("Open {}/redeem?invitation=none", microsoft.entra);
    ask_on_teams(&microsoft, &token, PIA, &html).await?;
    assert_eq!(
        refused(stranger.control.consent(PIA, Answer::Grant, None).await),
        Some(StatusCode::CONFLICT)
    );
    Ok(())
}

#[tokio::test]
async fn slacks_codes_hold_for_ten_minutes_for_one_address_and_the_right_secret() -> Result<()> {
    let slack = Stranger::new().await?;
    let (id, secret) = (
        slack.credential("client_id"),
        slack.credential("client_secret"),
    );
    let page = slack.slack.replace("/api/", "/oauth/v2/authorize");
    let browser = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()?;
    let back = "https://hub.example/callback";
    let code = async || -> Result<String> {
        let query = [
            ("client_id", id.as_str()),
            ("user_scope", "chat:write"),
            ("redirect_uri", back),
        ];
        let url = Url::parse_with_params(&page, query)?;
        let allowed = browser.post(url).form(&[("person", FAY)]).send().await?;
        let target = Url::parse(allowed.headers()[header::LOCATION].to_str()?)?;
        let mut pairs = target.query_pairs().filter(|(name, _)| name == "code");
        Ok(pairs.next().context("a code")?.1.into_owned())
    };
    let redeem = async |code: &str, secret: &str, back: &str| {
        let fields = json!({
            "client_id": id, "client_secret": secret, "code": code, "redirect_uri": back,
        });
        slack.error("", "oauth.v2.access", fields).await
    };
    let first = code().await?;
    assert_eq!(redeem(&first, "wrong", back).await?, "bad_client_secret");
    let elsewhere = "https://evil.example/";
    assert_eq!(
        redeem(&first, &secret, elsewhere).await?,
        "bad_redirect_uri"
    );
    let late = code().await?;
    slack.control.advance(600_000).await?;
    assert_eq!(redeem(&late, &secret, back).await?, "code_expired");
    Ok(())
}

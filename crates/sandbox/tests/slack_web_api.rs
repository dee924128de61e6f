//! The Web API of the Slack stand-in, called as a stranger would.

mod common;

use anyhow::{Context, Result};
use causeway_sandbox::control_client::{Deed, Do, To};
use common::Stranger;
use reqwest::{StatusCode, header};
use serde_json::{Value, json};

const ANN: &str = "ann@acme.example";
const BOB: &str = "bob@acme.example";
const CHO: &str = "cho@acme.example";

#[tokio::test]
async fn arguments_may_come_as_a_form_as_json_or_in_the_query() -> Result<()> {
    let slack = Stranger::new().await?;
    let url = |method: &str| format!("{}{method}", slack.slack);
    let by_query = slack
        .http
        .get(url("auth.test"))
        .query(&[("token", &slack.bot)]);
    let by_query = by_query.send().await?;
    let scopes = by_query.headers()["x-oauth-scopes"].to_str()?.to_owned();
    assert!(scopes.contains("chat:write.customize"), "{scopes}");
    let answer: Value = by_query.json().await?;
    assert_eq!(answer["ok"], true);
    assert!(
        answer["bot_id"]
            .as_str()
            .is_some_and(|id| id.starts_with('B'))
    );

    let by_json = slack.http.post(url("api.test")).bearer_auth(&slack.bot);
    let kind = "application/json";
    let by_json = by_json
        .header(header::CONTENT_TYPE, kind)
        .body(r#"{"foo":"bar"}"#);
    let answer: Value = by_json.send().await?.json().await?;
    assert_eq!(answer["args"]["foo"], "bar");
    assert_eq!(answer["warning"], "missing_charset");

    // A token inside JSON does not count.
    let body = json!({ "token": slack.bot }).to_string();
    let in_json = slack
        .http
        .post(url("auth.test"))
        .header(header::CONTENT_TYPE, kind)
        .body(body);
    let answer: Value = in_json.send().await?.json().await?;
    assert_eq!(answer["error"], "not_authed");
    assert_eq!(
        slack.error(&slack.bot, "no.such", json!({})).await?,
        "unknown_method"
    );
    assert_eq!(
        slack.error("xoxb-no", "auth.test", json!({})).await?,
        "invalid_auth"
    );
    Ok(())
}

#[tokio::test]
async fn a_missing_scope_says_what_is_needed_and_what_is_there() -> Result<()> {
    let slack = Stranger::new().await?;
    let token = slack.user_token(ANN);
    let answer = slack
        .call(
            &token,
            "conversations.list",
            json!({ "types": "public_channel" }),
        )
        .await?;
    assert_eq!(answer["error"], "missing_scope");
    assert_eq!(answer["needed"], "channels:read");
    assert!(
        answer["provided"]
            .as_str()
            .is_some_and(|held| held.contains("im:history"))
    );
    assert_eq!(
        slack
            .error(&token, "users.lookupByEmail", json!({ "email": BOB }))
            .await?,
        "missing_scope"
    );
    assert_eq!(
        slack.error(&slack.app, "auth.test", json!({})).await?,
        "not_allowed_token_type"
    );
    assert_eq!(
        slack
            .error(&slack.bot, "apps.connections.open", json!({}))
            .await?,
        "not_allowed_token_type"
    );
    Ok(())
}

#[tokio::test]
async fn users_are_listed_page_by_page_and_addresses_need_their_scope() -> Result<()> {
    let slack = Stranger::new().await?;
    let mut members: Vec<Value> = Vec::new();
    let mut cursor = String::new();
    loop {
        let args = json!({ "limit": 7, "cursor": cursor });
        let page = slack.ok(&slack.bot, "users.list", args).await?;
        let found = page["members"].as_array().context("members")?;
        assert!(found.len() <= 7);
        members.extend(found.iter().cloned());
        cursor = page["response_metadata"]["next_cursor"]
            .as_str()
            .context("a cursor")?
            .to_owned();
        if cursor.is_empty() {
            break;
        }
    }
    let whole = slack.ok(&slack.bot, "users.list", json!({})).await?;
    assert_eq!(json!(members), whole["members"]);
    let of = |id: &str| members.iter().find(|user| user["id"] == id).cloned();
    assert!(of("USLACKBOT").is_some());
    let kai = slack.id("kai.berg@acme.example").await?;
    assert_eq!(
        of(&kai).context("Kai")?["profile"]["email"],
        "Kai.Berg@Acme.example"
    );
    let zed = slack.id("zed@acme.example").await?;
    assert_eq!(of(&zed).context("Zed")?["deleted"], true);

    let args = json!({ "user": kai });
    let by_user = slack.ok(&slack.user_token(ANN), "users.info", args).await?;
    assert_eq!(by_user["user"]["profile"]["email"], Value::Null);
    assert_eq!(
        slack
            .error(&slack.bot, "users.list", json!({ "cursor": "eA==" }))
            .await?,
        "invalid_cursor"
    );
    assert_eq!(
        slack
            .error(&slack.bot, "users.list", json!({ "limit": 1001 }))
            .await?,
        "invalid_limit"
    );

    let found = slack.ok(
        &slack.bot,
        "users.lookupByEmail",
        json!({ "email": "KAI.BERG@acme.example" }),
    );
    assert_eq!(found.await?["user"]["id"], kai);
    let gone = json!({ "email": "zed@acme.example" });
    assert_eq!(
        slack.error(&slack.bot, "users.lookupByEmail", gone).await?,
        "users_not_found"
    );
    Ok(())
}

#[tokio::test]
async fn an_app_sees_only_what_it_or_the_person_behind_the_token_is_in() -> Result<()> {
    let slack = Stranger::new().await?;
    slack.send(ANN, BOB, "between us").await?;
    let dm = slack.control.search(ANN, "slack", "bob").await?;
    let dm = dm[0].conversation.clone().context("the DM is open now")?;
    let args = json!({ "channel": dm });
    assert_eq!(
        slack
            .error(&slack.bot, "conversations.info", args.clone())
            .await?,
        "channel_not_found"
    );
    assert_eq!(
        slack
            .error(&slack.bot, "conversations.history", args.clone())
            .await?,
        "channel_not_found"
    );
    let eli = slack.user_token("eli@acme.example");
    assert_eq!(
        slack
            .error(&eli, "conversations.history", args.clone())
            .await?,
        "channel_not_found"
    );
    for owner in [ANN, BOB] {
        let read = slack
            .ok(
                &slack.user_token(owner),
                "conversations.history",
                args.clone(),
            )
            .await?;
        assert_eq!(read["messages"][0]["text"], "between us");
        assert!(read["messages"][0]["client_msg_id"].is_string());
        assert_eq!(read["messages"][0]["blocks"][0]["type"], "rich_text");
    }
    let listed = json!({ "types": "im,mpim,private_channel" });
    let listed = slack.ok(&slack.bot, "conversations.list", listed).await?;
    assert_eq!(listed["channels"], json!([]));

    let public = slack
        .ok(&slack.bot, "conversations.list", json!({}))
        .await?;
    let general = public["channels"][0]["id"].clone();
    let args = json!({ "channel": general });
    assert_eq!(public["channels"][0]["is_member"], false);
    assert_eq!(
        slack
            .error(&slack.bot, "conversations.history", args.clone())
            .await?,
        "not_in_channel"
    );
    slack
        .ok(&slack.bot, "conversations.join", args.clone())
        .await?;
    slack.ok(&slack.bot, "conversations.history", args).await?;
    Ok(())
}

#[tokio::test]
async fn the_same_people_always_get_the_same_direct_conversation() -> Result<()> {
    let slack = Stranger::new().await?;
    let (ann, bob) = (slack.id(ANN).await?, slack.id(BOB).await?);
    let one = slack.dm(&slack.bot, ANN).await?;
    assert!(one.starts_with('D'));
    let again = json!({ "users": ann, "return_im": true });
    let again = slack.ok(&slack.bot, "conversations.open", again).await?;
    assert_eq!(again["channel"]["id"], one);
    assert_eq!(again["already_open"], true);
    assert_eq!(again["channel"]["user"], ann);
    let group = json!({ "users": format!("{ann},{bob}") });
    let group = slack.ok(&slack.bot, "conversations.open", group).await?["channel"]["id"].clone();
    let turned = json!({ "users": format!("{bob},{ann}") });
    assert_eq!(
        slack.ok(&slack.bot, "conversations.open", turned).await?["channel"]["id"],
        group
    );
    let from_ann = slack.dm(&slack.user_token(ANN), BOB).await?;
    let from_bob = slack.dm(&slack.user_token(BOB), ANN).await?;
    assert_eq!(from_ann, from_bob);

    let cho = slack.id(CHO).await?;
    let more = json!({ "channel": group, "users": cho });
    assert_eq!(
        slack
            .error(&slack.bot, "conversations.invite", more)
            .await?,
        "method_not_supported_for_channel_type"
    );
    let gone = json!({ "users": slack.id("zed@acme.example").await? });
    assert_eq!(
        slack.error(&slack.bot, "conversations.open", gone).await?,
        "user_disabled"
    );
    Ok(())
}

#[tokio::test]
async fn a_channel_of_the_app_is_made_filled_noted_and_closed() -> Result<()> {
    let slack = Stranger::new().await?;
    let bot = slack.bot.clone();
    for (name, error) in [
        ("Upper", "invalid_name_specials"),
        ("with space", "invalid_name_specials"),
        ("---", "invalid_name_punctuation"),
        ("", "invalid_name_required"),
        ("general", "name_taken"),
        (&"x".repeat(81), "invalid_name_maxlength"),
    ] {
        let args = json!({ "name": name });
        assert_eq!(
            slack.error(&bot, "conversations.create", args).await?,
            error,
            "{name:?}"
        );
    }
    let args = json!({ "name": "ann-bob", "is_private": true });
    let made = slack.ok(&bot, "conversations.create", args).await?;
    let channel = made["channel"]["id"].as_str().context("an id")?.to_owned();
    let (ann, cho) = (slack.id(ANN).await?, slack.id(CHO).await?);
    let both = json!({ "channel": channel, "users": format!("{ann},{cho}") });
    slack.ok(&bot, "conversations.invite", both).await?;
    let again = json!({ "channel": channel, "users": ann });
    assert_eq!(
        slack.error(&bot, "conversations.invite", again).await?,
        "already_in_channel"
    );
    slack
        .ok(
            &bot,
            "conversations.setTopic",
            json!({ "channel": channel, "topic": "Bob" }),
        )
        .await?;
    slack
        .ok(
            &bot,
            "conversations.setPurpose",
            json!({ "channel": channel, "purpose": "p" }),
        )
        .await?;
    slack
        .ok(
            &bot,
            "conversations.kick",
            json!({ "channel": channel, "user": cho }),
        )
        .await?;
    let members = slack
        .ok(&bot, "conversations.members", json!({ "channel": channel }))
        .await?;
    assert_eq!(members["members"].as_array().map(Vec::len), Some(2));
    let info = json!({ "channel": channel, "include_num_members": true });
    let info = slack.ok(&bot, "conversations.info", info).await?;
    assert_eq!(info["channel"]["topic"]["value"], "Bob");
    assert_eq!(info["channel"]["num_members"], 2);
    slack
        .ok(&bot, "conversations.archive", json!({ "channel": channel }))
        .await?;
    let late = json!({ "channel": channel, "text": "x" });
    assert_eq!(
        slack.error(&bot, "chat.postMessage", late).await?,
        "is_archived"
    );
    Ok(())
}

#[tokio::test]
async fn only_the_author_edits_and_deletes() -> Result<()> {
    let slack = Stranger::new().await?;
    let bot = slack.bot.clone();
    let dm = slack.dm(&bot, ANN).await?;
    let posted = slack
        .ok(
            &bot,
            "chat.postMessage",
            json!({ "channel": dm, "text": "one" }),
        )
        .await?;
    let args = |text: &str| json!({ "channel": dm, "ts": posted["ts"], "text": text });
    let ann = slack.user_token(ANN);
    assert_eq!(
        slack.error(&ann, "chat.update", args("x")).await?,
        "cant_update_message"
    );
    assert_eq!(
        slack.error(&ann, "chat.delete", args("")).await?,
        "cant_delete_message"
    );
    let updated = slack.ok(&bot, "chat.update", args("two")).await?;
    assert_eq!(updated["text"], "two");
    assert!(updated["message"]["edited"]["ts"].is_string());
    slack.ok(&bot, "chat.delete", args("")).await?;
    assert_eq!(
        slack.error(&bot, "chat.update", args("x")).await?,
        "message_not_found"
    );
    assert_eq!(
        slack.error(&bot, "chat.delete", args("")).await?,
        "message_not_found"
    );
    let view = slack.control.view(ANN, "slack").await?;
    let message = &view
        .iter()
        .find(|found| found.id == dm)
        .context("the DM")?
        .messages[0];
    assert!(message.deleted && message.text.is_empty());

    // A person's own message can be changed with their token, also when typed by hand.
    let typed = slack.send(ANN, BOB, "mine").await?;
    let place = slack.dm(&ann, BOB).await?;
    let change = json!({ "channel": place, "ts": typed, "text": "still mine" });
    slack.ok(&ann, "chat.update", change.clone()).await?;
    assert_eq!(
        slack
            .error(&slack.user_token(BOB), "chat.update", change)
            .await?,
        "cant_update_message"
    );
    Ok(())
}

#[tokio::test]
async fn a_bot_may_borrow_a_name_and_a_person_may_not() -> Result<()> {
    let slack = Stranger::new().await?;
    let dm = slack.dm(&slack.bot, ANN).await?;
    let args = json!({
        "channel": dm, "text": "hi *there* &amp; <https://a.example|you>",
        "username": "Bob Stone", "icon_url": "https://a.example/b.png",
        "metadata": json!({ "event_type": "causeway_relay", "event_payload": { "rid": "r1" } }).to_string(),
    });
    let posted = slack
        .ok(&slack.bot, "chat.postMessage", args.clone())
        .await?;
    let message = &posted["message"];
    assert_eq!(message["subtype"], "bot_message");
    assert_eq!(message["username"], "Bob Stone");
    assert_eq!(message["user"], Value::Null);
    assert_eq!(message["icons"]["image_48"], "https://a.example/b.png");
    let view = slack.control.view(ANN, "slack").await?;
    let seen = &view.last().context("the DM")?.messages[0];
    assert_eq!(view.last().context("the DM")?.kind, "app");
    assert_eq!(
        (seen.shown_as.as_str(), seen.author.as_str()),
        ("Bob Stone", "Causeway")
    );
    assert_eq!(seen.text, "hi *there* &amp; <https://a.example|you>");

    let plain = slack
        .ok(
            &slack.bot,
            "conversations.history",
            json!({ "channel": dm }),
        )
        .await?;
    assert_eq!(plain["messages"][0]["metadata"], Value::Null);
    let all = json!({ "channel": dm, "include_all_metadata": true });
    let all = slack.ok(&slack.bot, "conversations.history", all).await?;
    assert_eq!(all["messages"][0]["metadata"]["event_payload"]["rid"], "r1");

    let person = slack.user_token(BOB);
    let place = slack.dm(&person, ANN).await?;
    let args = json!({ "channel": place, "text": "me", "username": "Ann Lee" });
    let posted = slack.ok(&person, "chat.postMessage", args).await?;
    assert_eq!(posted["message"]["user"], slack.id(BOB).await?);
    assert!(posted["message"]["app_id"].is_string() && posted["message"]["bot_id"].is_string());
    assert_eq!(posted["message"]["username"], Value::Null);
    Ok(())
}

#[tokio::test]
async fn a_body_that_slack_would_refuse_is_refused() -> Result<()> {
    let slack = Stranger::new().await?;
    let dm = slack.dm(&slack.bot, ANN).await?;
    let long = "x".repeat(40_001);
    let section =
        json!([{ "type": "section", "text": { "type": "mrkdwn", "text": "x".repeat(3001) } }]);
    let many = Value::Array(vec![json!({ "type": "divider" }); 51]);
    let heavy = json!({ "event_type": "e", "event_payload": { "x": "y".repeat(9000) } });
    for (args, error) in [
        (json!({}), "no_text"),
        (json!({ "text": long }), "msg_too_long"),
        (json!({ "blocks": section }), "invalid_blocks"),
        (json!({ "blocks": many }), "invalid_blocks"),
        (json!({ "blocks": "{not json" }), "invalid_blocks_format"),
        (
            json!({ "text": "a", "metadata": heavy }),
            "metadata_too_large",
        ),
        (
            json!({ "text": "a", "metadata": "{\"event_type\":\"e\"}" }),
            "invalid_metadata_schema",
        ),
        (
            json!({ "text": "a", "thread_ts": "1.000000" }),
            "thread_not_found",
        ),
    ] {
        let mut args = args;
        args["channel"] = dm.clone().into();
        assert_eq!(
            slack.error(&slack.bot, "chat.postMessage", args).await?,
            error
        );
    }
    let nowhere = json!({ "channel": "C0NOWHERE", "text": "a" });
    assert_eq!(
        slack.error(&slack.bot, "chat.postMessage", nowhere).await?,
        "channel_not_found"
    );
    Ok(())
}

#[tokio::test]
async fn history_is_paged_newest_first_and_keeps_threads_apart() -> Result<()> {
    let slack = Stranger::new().await?;
    let mut sent = Vec::new();
    for n in 0..12 {
        sent.push(slack.send(ANN, BOB, &format!("message {n}")).await?);
    }
    let token = slack.user_token(ANN);
    let dm = slack.dm(&token, BOB).await?;
    let reply = json!({ "channel": dm, "text": "reply", "thread_ts": sent[3] });
    slack.ok(&token, "chat.postMessage", reply).await?;

    let mut read = Vec::new();
    let mut cursor = String::new();
    loop {
        let args = json!({ "channel": dm, "limit": 5, "cursor": cursor });
        let page = slack.ok(&token, "conversations.history", args).await?;
        for message in page["messages"].as_array().context("messages")? {
            read.push(message["ts"].as_str().context("a ts")?.to_owned());
        }
        if page["has_more"] == false {
            break;
        }
        cursor = page["response_metadata"]["next_cursor"]
            .as_str()
            .context("a cursor")?
            .to_owned();
    }
    read.reverse();
    assert_eq!(read, sent);

    let between = json!({ "channel": dm, "oldest": sent[2], "latest": sent[5] });
    let found = slack.ok(&token, "conversations.history", between).await?;
    assert_eq!(found["messages"].as_array().map(Vec::len), Some(2));
    let inclusive =
        json!({ "channel": dm, "oldest": sent[2], "latest": sent[5], "inclusive": true });
    let found = slack.ok(&token, "conversations.history", inclusive).await?;
    assert_eq!(found["messages"].as_array().map(Vec::len), Some(4));
    let thread = json!({ "channel": dm, "ts": sent[3] });
    let thread = slack.ok(&token, "conversations.replies", thread).await?;
    assert_eq!(thread["messages"][0]["reply_count"], 1);
    assert_eq!(thread["messages"][1]["text"], "reply");
    assert_eq!(thread["messages"][1]["thread_ts"], sent[3]);
    Ok(())
}

#[tokio::test]
async fn an_ephemeral_message_is_seen_by_one_person_and_never_in_history() -> Result<()> {
    let slack = Stranger::new().await?;
    let (ann, bob) = (slack.id(ANN).await?, slack.id(BOB).await?);
    let group = json!({ "users": format!("{ann},{bob}") });
    let group = slack.ok(&slack.bot, "conversations.open", group).await?["channel"]["id"].clone();
    let args = json!({ "channel": group, "user": ann, "text": "only you" });
    slack.ok(&slack.bot, "chat.postEphemeral", args).await?;
    let ann_view = slack.control.view(ANN, "slack").await?;
    let bob_view = slack.control.view(BOB, "slack").await?;
    let seen = |view: &[causeway_sandbox::control_client::Conversation]| {
        view.iter()
            .flat_map(|found| found.messages.clone())
            .collect::<Vec<_>>()
    };
    assert!(
        seen(&ann_view)
            .iter()
            .any(|message| message.ephemeral && message.text == "only you")
    );
    assert!(seen(&bob_view).is_empty());
    let history = slack
        .ok(
            &slack.bot,
            "conversations.history",
            json!({ "channel": group }),
        )
        .await?;
    assert_eq!(history["messages"], json!([]));
    let outsider = json!({ "channel": group, "user": slack.id(CHO).await?, "text": "x" });
    assert_eq!(
        slack
            .error(&slack.bot, "chat.postEphemeral", outsider)
            .await?,
        "user_not_in_channel"
    );
    Ok(())
}

#[tokio::test]
async fn reactions_are_counted_once_per_person_and_name() -> Result<()> {
    let slack = Stranger::new().await?;
    let ts = slack.send(ANN, BOB, "react to me").await?;
    let token = slack.user_token(BOB);
    let dm = slack.dm(&token, ANN).await?;
    let args = |name: &str| json!({ "channel": dm, "timestamp": ts, "name": name });
    slack.ok(&token, "reactions.add", args("thumbsup")).await?;
    assert_eq!(
        slack
            .error(&token, "reactions.add", args("thumbsup"))
            .await?,
        "already_reacted"
    );
    assert_eq!(
        slack
            .error(&token, "reactions.add", args("no_such_emoji"))
            .await?,
        "invalid_name"
    );
    slack
        .ok(&token, "reactions.add", args("wave::skin-tone-3"))
        .await?;
    let read = slack
        .ok(&token, "conversations.history", json!({ "channel": dm }))
        .await?;
    assert_eq!(read["messages"][0]["reactions"][0]["count"], 1);
    slack
        .ok(&token, "reactions.remove", args("thumbsup"))
        .await?;
    assert_eq!(
        slack
            .error(&token, "reactions.remove", args("thumbsup"))
            .await?,
        "no_reaction"
    );
    Ok(())
}

#[tokio::test]
async fn limits_hold_in_the_sandboxs_clock_and_say_when_to_come_back() -> Result<()> {
    let slack = Stranger::new().await?;
    let dm = slack.dm(&slack.bot, ANN).await?;
    let post = || json!({ "channel": dm, "text": "again" });
    let mut limited = None;
    for _ in 0..30 {
        let answer = slack.raw(&slack.bot, "chat.postMessage", post()).await?;
        if answer.status() == StatusCode::TOO_MANY_REQUESTS {
            limited = Some(answer);
            break;
        }
    }
    let limited = limited.context("a channel takes about one message a second")?;
    let wait: u64 = limited.headers()[header::RETRY_AFTER].to_str()?.parse()?;
    assert!(wait >= 1);
    assert_eq!(
        limited.json::<Value>().await?,
        json!({ "ok": false, "error": "ratelimited" })
    );
    let elsewhere = slack.dm(&slack.bot, BOB).await?;
    slack
        .ok(
            &slack.bot,
            "chat.postMessage",
            json!({ "channel": elsewhere, "text": "free" }),
        )
        .await?;
    slack.control.advance(wait * 1000).await?;
    slack.ok(&slack.bot, "chat.postMessage", post()).await?;

    let mut calls = 0;
    while slack
        .raw(&slack.bot, "users.conversations", json!({}))
        .await?
        .status()
        == StatusCode::OK
    {
        calls += 1;
    }
    assert!(
        (20..=25).contains(&calls),
        "tier 2 is twenty a minute, not {calls}"
    );
    slack
        .ok(&slack.bot, "users.info", json!({ "user": "USLACKBOT" }))
        .await?;
    Ok(())
}

#[tokio::test]
async fn a_refresh_token_is_used_once_and_a_revoked_token_says_so() -> Result<()> {
    let slack = Stranger::new().await?;
    let (id, secret) = (
        slack.credential("client_id"),
        slack.credential("client_secret"),
    );
    let person = slack.user_token(ANN);
    let exchange = json!({ "client_id": id, "client_secret": secret });
    let rotated = slack.ok(&person, "oauth.v2.exchange", exchange).await?;
    let (access, refresh) = (
        rotated["access_token"].clone(),
        rotated["refresh_token"].clone(),
    );
    let access = access.as_str().context("a token")?;
    assert_eq!(
        slack.error(&person, "auth.test", json!({})).await?,
        "token_revoked"
    );
    slack.ok(access, "auth.test", json!({})).await?;
    slack.control.advance(43_200_000).await?;
    assert_eq!(
        slack.error(access, "auth.test", json!({})).await?,
        "token_expired"
    );
    let renew = json!({
        "client_id": id, "client_secret": secret,
        "grant_type": "refresh_token", "refresh_token": refresh,
    });
    let renewed = slack.ok("", "oauth.v2.access", renew.clone()).await?;
    assert_eq!(renewed["expires_in"], 43_200);
    assert_eq!(renewed["token_type"], "user");
    assert_eq!(
        slack.error("", "oauth.v2.access", renew).await?,
        "invalid_refresh_token"
    );
    let fresh = renewed["access_token"].as_str().context("a token")?;
    slack.ok(fresh, "auth.revoke", json!({})).await?;
    assert_eq!(
        slack.error(fresh, "auth.test", json!({})).await?,
        "token_revoked"
    );
    Ok(())
}

#[tokio::test]
async fn a_person_agrees_in_the_browser_and_the_code_is_redeemed_once() -> Result<()> {
    let slack = Stranger::new().await?;
    let (id, secret) = (
        slack.credential("client_id"),
        slack.credential("client_secret"),
    );
    let root = slack.slack.trim_end_matches("api/");
    let back = "http://127.0.0.1:9/callback";
    let mut page = url::Url::parse(&format!("{root}oauth/v2/authorize"))?;
    page.query_pairs_mut()
        .append_pair("client_id", &id)
        .append_pair("user_scope", "chat:write,im:history")
        .append_pair("redirect_uri", back)
        .append_pair("state", "s&1");
    let shown = slack.http.get(page.clone()).send().await?.text().await?;
    assert!(shown.contains("Hana Sato") && !shown.contains("Zed Adeyemi"));
    let browser = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()?;
    let allowed = browser
        .post(page)
        .form(&[("person", "hana@acme.example")])
        .send()
        .await?;
    let back_to = url::Url::parse(allowed.headers()[header::LOCATION].to_str()?)?;
    let answer: std::collections::HashMap<_, _> = back_to.query_pairs().into_owned().collect();
    assert_eq!(answer["state"], "s&1");
    let redeem = json!({
        "client_id": id, "client_secret": secret, "code": answer["code"], "redirect_uri": back,
    });
    let granted = slack.ok("", "oauth.v2.access", redeem.clone()).await?;
    assert_eq!(granted["access_token"], Value::Null);
    assert_eq!(
        granted["authed_user"]["id"],
        slack.id("hana@acme.example").await?
    );
    let token = granted["authed_user"]["access_token"]
        .as_str()
        .context("a token")?;
    slack.ok(token, "auth.test", json!({})).await?;
    assert_eq!(
        slack.error("", "oauth.v2.access", redeem).await?,
        "code_already_used"
    );
    Ok(())
}

#[tokio::test]
async fn someone_who_was_switched_off_can_neither_write_nor_be_found() -> Result<()> {
    let slack = Stranger::new().await?;
    slack.send(ANN, BOB, "hello").await?;
    let token = slack.user_token(BOB);
    slack.control.set_active(BOB, "slack", false).await?;
    assert_eq!(
        slack.error(&token, "auth.test", json!({})).await?,
        "account_inactive"
    );
    assert!(slack.control.search(ANN, "slack", "bob").await?.is_empty());
    let refused = slack.send(BOB, ANN, "too late").await;
    assert!(refused.is_err());
    let ann = slack.user_token(ANN);
    let deed = Deed {
        actor: ANN,
        on: "slack",
        what: Do::Send,
        to: Some(To::Dm(BOB.to_owned())),
        text: "are you there?",
    };
    assert!(slack.control.act(&deed).await.is_err());
    slack.ok(&ann, "auth.test", json!({})).await?;
    Ok(())
}

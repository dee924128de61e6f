//! Guests: invited, redeemed, dressed, chatting, and gone again.

mod common;

use anyhow::{Context, Result};
use causeway_sandbox::control_client::{Deed, Do, To};
use common::{
    Stranger,
    microsoft::{Answer, Microsoft, ask, text},
};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

const NOOR: &str = "noor@lattice.example";
const BOB: &str = "bob@acme.example";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\nand so on";

async fn acme() -> Result<(Stranger, Microsoft, String)> {
    let stranger = Stranger::new().await?;
    let microsoft = Microsoft::of(&stranger)?;
    let app = microsoft.app_token().await?;
    Ok((stranger, microsoft, app))
}

async fn state_of(microsoft: &Microsoft, app: &str, guest: &str) -> Result<String> {
    let path = format!("/users/{guest}?$select=externalUserState");
    Ok(microsoft.get(app, &path).await?.text("externalUserState"))
}

#[tokio::test]
async fn contractors_work_in_one_place_and_have_no_account_elsewhere() -> Result<()> {
    let (stranger, _microsoft, _app) = acme().await?;
    let people = stranger.control.people().await?;
    let outside: Vec<_> = people
        .iter()
        .filter(|person| !person.email.ends_with("@acme.example"))
        .collect();
    for person in &outside {
        assert_eq!(person.accounts.len(), 1, "{}", person.email);
    }
    let mut in_slack = outside
        .iter()
        .filter(|person| person.accounts.contains_key("slack"))
        .peekable();
    assert!(in_slack.peek().is_some());
    for person in in_slack {
        let found = json!({ "email": person.email });
        let found = stranger
            .ok(&stranger.bot, "users.lookupByEmail", found)
            .await?;
        assert_eq!(found["user"]["is_email_confirmed"], true);
    }
    Ok(())
}

#[tokio::test]
async fn an_invitation_is_redeemed_on_the_page_that_it_names() -> Result<()> {
    let (_stranger, microsoft, app) = acme().await?;
    let invited = microsoft.invite(&app, NOOR).await?;
    let guest = text(&invited.body["invitedUser"]["id"]);
    let again = microsoft.invite(&app, "Noor@LATTICE.example").await?;
    assert_eq!(again.body["invitedUser"]["id"], guest);
    assert_eq!(
        state_of(&microsoft, &app, &guest).await?,
        "PendingAcceptance"
    );

    let link = invited.text("inviteRedeemUrl");
    assert!(link.starts_with(&microsoft.entra));
    let page = ask(microsoft.http.get(&link)).await?.page();
    assert!(page.contains(NOOR) && page.contains("<form"), "{page}");
    let cancel = microsoft.http.post(&link).form(&[("answer", "decline")]);
    assert_eq!(ask(cancel).await?.status, 200);
    assert_eq!(
        state_of(&microsoft, &app, &guest).await?,
        "PendingAcceptance"
    );
    let accept = microsoft.http.post(&link).form(&[("answer", "accept")]);
    let sent_on = ask(accept).await?.location.context("an address")?;
    assert_eq!(sent_on.as_str(), "http://localhost:5000/welcome");
    assert_eq!(state_of(&microsoft, &app, &guest).await?, "Accepted");
    let again = microsoft.invite(&app, NOOR).await?;
    assert_eq!(again.text("status"), "Completed");
    assert_eq!(again.body["invitedUser"]["id"], guest);
    Ok(())
}

#[tokio::test]
async fn signing_in_by_code_or_link_redeems_and_speaks_as_the_guest_of_this_tenant() -> Result<()> {
    let (_stranger, microsoft, app) = acme().await?;
    let guest = microsoft.guest(&app, NOOR).await?;
    // The page asks before it redeems.
    assert_eq!(microsoft.authorize(NOOR, false).await?.status, 200);
    assert_eq!(
        state_of(&microsoft, &app, &guest).await?,
        "PendingAcceptance"
    );
    let by_device = microsoft.by_device(NOOR).await?;
    assert_eq!(state_of(&microsoft, &app, &guest).await?, "Accepted");
    let accepted = microsoft.authorize(NOOR, true).await?;
    let code = accepted.sent_back("code").context("a code")?;
    let by_link = microsoft.redeem_code(&code).await?;
    for granted in [by_device, by_link] {
        let claims = claims(&granted.text("access_token"))?;
        assert_eq!(claims["oid"], guest);
        assert_eq!(claims["tid"], microsoft.credential("tenant"));
        let me = microsoft.get(&granted.text("access_token"), "/me").await?;
        assert_eq!(me.text("id"), guest);
    }
    Ok(())
}

#[tokio::test]
async fn a_guest_is_a_chat_member_only_as_a_guest_and_writes_once_redeemed() -> Result<()> {
    let (stranger, microsoft, app) = acme().await?;
    let guest = microsoft.guest(&app, NOOR).await?;
    let service = microsoft.token_of("causeway@acme.example").await?;
    let me = microsoft.member("causeway@acme.example", "owner");
    let members = |role| {
        json!([
            me,
            microsoft.member(BOB, "owner"),
            microsoft.member(&guest, role)
        ])
    };
    let make = async |role| -> Result<Answer> {
        let body = json!({ "chatType": "group", "members": members(role) });
        microsoft.post(&service, "/chats", body).await
    };
    let refused = make("owner").await?;
    assert_eq!(
        (refused.status, &refused.body["error"]["code"]),
        (403, &json!("AclCheckFailed"))
    );
    let chat = make("guest").await?.text("id");
    let send = |text| Deed {
        actor: NOOR,
        on: "teams",
        what: Do::Send,
        to: Some(To::Conversation(chat.clone())),
        text,
    };
    assert!(stranger.control.act(&send("too early")).await.is_err());

    let token = microsoft.by_device(NOOR).await?.text("access_token");
    let sent = microsoft.say(&token, &chat, "<p>hello</p>").await?;
    assert_eq!(sent.status, 201, "{}", sent.body);
    assert_eq!(sent.body["from"]["user"]["id"], guest);
    stranger.control.act(&send("and by hand")).await?;
    let view = stranger.control.view(BOB, "teams").await?;
    let seen = view.iter().find(|found| found.id == chat).context("it")?;
    let authors: Vec<_> = seen.messages.iter().map(|m| m.author.as_str()).collect();
    assert_eq!(authors, [NOOR, NOOR]);
    let others = microsoft
        .chat(
            &service,
            "oneOnOne",
            vec![me.clone(), microsoft.member(BOB, "owner")],
        )
        .await?;
    assert_eq!(microsoft.say(&token, &others, "x").await?.status, 403);
    Ok(())
}

#[tokio::test]
async fn the_app_gives_a_guest_a_name_and_a_picture() -> Result<()> {
    let (_stranger, microsoft, app) = acme().await?;
    let guest = microsoft.guest(&app, NOOR).await?;
    let path = format!("/users/{guest}");
    let rename = json!({ "displayName": "Noor Haddad (Slack)" });
    let renamed = microsoft.call(&app, Method::PATCH, &path, rename).await?;
    assert_eq!(renamed.status, 204);
    let user = microsoft.get(&app, &path).await?;
    assert_eq!(user.text("displayName"), "Noor Haddad (Slack)");
    let bad = json!({ "displayName": "" });
    let refused = microsoft.call(&app, Method::PATCH, &path, bad).await?;
    assert_eq!(refused.status, 400);
    let person = microsoft.token_of(BOB).await?;
    let stolen = json!({ "displayName": "Bob" });
    let refused = microsoft
        .call(&person, Method::PATCH, &path, stolen)
        .await?;
    assert_eq!(refused.status, 403);

    let photo = format!("{path}/photo/$value");
    assert_eq!(microsoft.get(&app, &photo).await?.status, 404);
    let put = async |bytes: &'static [u8]| -> Result<StatusCode> {
        let url = format!("{}{photo}", microsoft.graph);
        let request = microsoft.http.put(url).bearer_auth(&app);
        let request = request.header("content-type", "image/png").body(bytes);
        Ok(request.send().await?.status())
    };
    assert_eq!(put(b"no image").await?, StatusCode::BAD_REQUEST);
    assert_eq!(put(PNG).await?, StatusCode::OK);
    let shown = microsoft.get(&app, &photo).await?;
    assert_eq!(
        (shown.kind.as_str(), shown.bytes.as_slice()),
        ("image/png", PNG)
    );
    Ok(())
}

#[tokio::test]
async fn a_deleted_guest_is_gone_from_chats_tokens_and_delta_and_comes_back_as_another()
-> Result<()> {
    let (stranger, microsoft, app) = acme().await?;
    let guest = microsoft.guest(&app, NOOR).await?;
    let granted = microsoft.by_device(NOOR).await?;
    let service = microsoft.token_of("causeway@acme.example").await?;
    let members = vec![
        microsoft.member("causeway@acme.example", "owner"),
        microsoft.member(BOB, "owner"),
        microsoft.member(&guest, "guest"),
    ];
    let chat = microsoft.chat(&service, "group", members).await?;
    let latest = "/users/delta?$deltatoken=latest";
    let link = microsoft.get(&app, latest).await?.text("@odata.deltaLink");

    let path = format!("/users/{guest}");
    let deleted = microsoft.call(&app, Method::DELETE, &path, Value::Null);
    assert_eq!(deleted.await?.status, 204);
    assert_eq!(microsoft.get(&app, &path).await?.status, 404);
    let again = microsoft.call(&app, Method::DELETE, &path, Value::Null);
    assert_eq!(again.await?.status, 404);
    let path = format!("/chats/{chat}/members");
    let members = microsoft.get(&service, &path);
    let members = members.await?.body["value"].as_array().cloned();
    assert_eq!(members.context("members")?.len(), 2);
    let me = microsoft.get(&granted.text("access_token"), "/me").await?;
    assert_eq!(me.status, 401);
    let refused = microsoft.refreshed(&granted.text("refresh_token")).await?;
    assert_eq!(refused.text("error"), "invalid_grant");
    let delta = link.strip_prefix(&microsoft.graph).context("our own")?;
    let delta = microsoft.get(&app, delta).await?;
    let gone = json!([{ "id": guest, "@removed": { "reason": "changed" } }]);
    assert_eq!(delta.body["value"], gone);

    let another = microsoft.guest(&app, NOOR).await?;
    assert_ne!(another, guest);
    assert_eq!(
        state_of(&microsoft, &app, &another).await?,
        "PendingAcceptance"
    );
    let told = stranger.control.credentials().await?;
    let passwords = told["credentials"]["entra"]["guest_passwords"].as_object();
    assert_eq!(passwords.context("passwords")?.len(), 1);
    Ok(())
}

fn claims(token: &str) -> Result<Value> {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    let payload = token.split('.').nth(1).context("a JWT")?;
    Ok(serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload)?)?)
}

//! People let each other into groups and channels, and go out again.

mod common;

use anyhow::{Context, Result};
use common::{
    Socket, Stranger,
    microsoft::{Microsoft, text},
};
use serde_json::{Value, json};

const ANN: &str = "ann@acme.example";
const BOB: &str = "bob@acme.example";
const RAJ: &str = "raj@acme.example";

/// The next event of this type.
async fn event(socket: &mut Socket, kind: &str) -> Result<Value> {
    loop {
        let event = socket.event().await?["event"].clone();
        if event["type"] == kind {
            return Ok(event);
        }
    }
}

#[tokio::test]
async fn somebody_let_into_a_private_channel_is_told_to_the_app_and_stands_in_history() -> Result<()>
{
    let slack = Stranger::new().await?;
    let made = json!({ "name": "ann-and-bob", "is_private": true });
    let made = slack.ok(&slack.bot, "conversations.create", made).await?;
    let channel = made["channel"]["id"].as_str().context("an id")?;
    let ann = slack.id(ANN).await?;
    let invite = json!({ "channel": channel, "users": ann });
    slack.ok(&slack.bot, "conversations.invite", invite).await?;
    let mut socket = slack.socket().await?;

    let line = slack
        .control
        .invite_member(ANN, "slack", channel, BOB)
        .await?;
    let bob = slack.id(BOB).await?;
    let joined = event(&mut socket, "member_joined_channel").await?;
    assert_eq!(
        (&joined["user"], &joined["channel"], &joined["inviter"]),
        (&json!(bob), &json!(channel), &json!(ann))
    );
    let history = json!({ "channel": channel });
    let history = slack.ok(&slack.bot, "conversations.history", history);
    let newest = history.await?["messages"][0].clone();
    assert_eq!(
        (&newest["subtype"], &newest["ts"], &newest["inviter"]),
        (&json!("channel_join"), &json!(line), &json!(ann))
    );
    let twice = slack.control.invite_member(ANN, "slack", channel, BOB);
    assert!(twice.await.is_err());
    let stranger = slack.control.invite_member(RAJ, "slack", channel, BOB);
    assert!(stranger.await.is_err());

    slack.control.leave(BOB, "slack", channel).await?;
    let left = event(&mut socket, "member_left_channel").await?;
    assert_eq!(
        (&left["user"], &left["channel"]),
        (&json!(bob), &json!(channel))
    );
    let members = json!({ "channel": channel });
    let members = slack
        .ok(&slack.bot, "conversations.members", members)
        .await?;
    assert!(!members["members"].to_string().contains(&bob));
    Ok(())
}

#[tokio::test]
async fn the_members_of_a_group_dm_never_change() -> Result<()> {
    let slack = Stranger::new().await?;
    let users = format!("{},{}", slack.id(ANN).await?, slack.id(BOB).await?);
    let opened = json!({ "users": users });
    let opened = slack.ok(&slack.bot, "conversations.open", opened).await?;
    let group = opened["channel"]["id"].as_str().context("an id")?;
    let refused = slack.control.invite_member(ANN, "slack", group, RAJ).await;
    let refused = refused.err().context("a refusal")?.to_string();
    assert!(refused.contains("403"), "{refused}");
    assert!(slack.control.leave(ANN, "slack", group).await.is_err());
    Ok(())
}

#[tokio::test]
async fn a_teams_group_says_who_was_let_in_and_who_went_in_lists_and_exports() -> Result<()> {
    let stranger = Stranger::new().await?;
    let microsoft = Microsoft::of(&stranger)?;
    let control = &stranger.control;
    let service = microsoft.token_of("causeway@acme.example").await?;
    let members = ["causeway@acme.example", BOB].map(|who| microsoft.member(who, "owner"));
    let group = microsoft.chat(&service, "group", members.into()).await?;
    let outside = control.invite_member(ANN, "teams", &group, RAJ).await;
    assert!(outside.is_err());

    let id = control.invite_member(BOB, "teams", &group, RAJ).await?;
    let people = control.people().await?;
    let account = |email: &str| {
        let found = people.iter().find(|person| person.email == email);
        found.map(|person| person.accounts["teams"].id.clone())
    };
    let path = format!("/chats/{group}/messages/{id}");
    let said = microsoft.get(&service, &path).await?.body;
    assert_eq!(said["from"], Value::Null);
    let event = &said["eventDetail"];
    assert_eq!(
        event["@odata.type"],
        "#microsoft.graph.membersAddedEventMessageDetail"
    );
    assert_eq!(event["members"][0]["id"], json!(account(RAJ)));
    assert_eq!(event["initiator"]["user"]["id"], json!(account(BOB)));
    let path = format!("/chats/{group}/members");
    let members = microsoft.get(&service, &path);
    assert_eq!(
        members.await?.body["value"].as_array().map(Vec::len),
        Some(3)
    );

    let id = control.leave(RAJ, "teams", &group).await?;
    let app = microsoft.app_token().await?;
    for (token, path) in [
        (&service, format!("/chats/{group}/messages")),
        (&app, format!("/users/{BOB}/chats/getAllMessages")),
    ] {
        let listed = microsoft.get(token, &path).await?.body;
        let listed = listed["value"].as_array().cloned().unwrap_or_default();
        let said = listed.iter().find(|message| text(&message["id"]) == id);
        let event = &said.context("the line")?["eventDetail"];
        assert_eq!(
            event["@odata.type"],
            "#microsoft.graph.membersDeletedEventMessageDetail"
        );
        assert_eq!(event["members"][0]["id"], json!(account(RAJ)));
    }
    assert!(control.leave(RAJ, "teams", &group).await.is_err());
    Ok(())
}

//! People in their own Teams app, as the control API sees them.

mod graph_support;

use causeway_sandbox::stand_in::{Act, Deed, Refusal, StandIn, Target};
use graph_support::{Sandbox, text};
use serde_json::json;

const ANN: &str = "ann@acme.example";
const BOB: &str = "bob@acme.example";

fn act(actor: &str, deed: Deed, to: Option<Target>, words: &str) -> Act {
    Act {
        actor: actor.to_owned(),
        on: "teams".to_owned(),
        deed,
        to,
        text: words.to_owned(),
    }
}

#[tokio::test]
async fn a_direct_message_makes_the_chat_that_both_see_and_graph_lists() {
    let sandbox = Sandbox::start().await;
    let tenant = &sandbox.tenant;
    let found = tenant.search(BOB, "ann").expect("a search");
    assert_eq!(
        (found[0].name.as_str(), &found[0].conversation),
        ("Ann Lee", &None)
    );
    let to = || Some(Target::Dm("Ann Lee".to_owned()));
    let id = tenant
        .act(&act(BOB, Deed::Send, to(), "<p>hi <b>Ann</b></p>"))
        .expect("sent");
    tenant
        .act(&act(BOB, Deed::Send, to(), "plain"))
        .expect("sent");
    let view = tenant.view(ANN).expect("a view");
    assert_eq!(
        (view.len(), view[0].kind, &view[0].with),
        (1, "chat", &vec!["Bob Stone".to_owned()])
    );
    let message = &view[0].messages[0];
    assert_eq!(
        (message.id.as_str(), message.text.as_str()),
        (id.as_str(), "<p>hi <b>Ann</b></p>")
    );
    assert_eq!(
        (message.author.as_str(), message.shown_as.as_str()),
        (BOB, "Bob Stone")
    );
    assert_eq!(
        tenant.search(BOB, "ann@").expect("a search")[0]
            .conversation
            .as_ref(),
        Some(&view[0].id)
    );
    let listed = sandbox.get(&sandbox.token_of(ANN).await, "/me/chats").await;
    assert_eq!(listed.ids(), [view[0].id.clone()]);
}

#[tokio::test]
async fn a_person_edits_and_deletes_their_own_messages_only() {
    let sandbox = Sandbox::start().await;
    let tenant = &sandbox.tenant;
    let to = Some(Target::Dm(ANN.to_owned()));
    let id = tenant
        .act(&act(BOB, Deed::Send, to, "frist"))
        .expect("sent");
    let message = || Some(Target::Message(id.clone()));
    let refused = tenant
        .act(&act(ANN, Deed::Edit, message(), "mine"))
        .expect_err("not Ann's");
    assert!(matches!(refused, Refusal::NotAllowed(_)));
    tenant
        .act(&act(BOB, Deed::Edit, message(), "first"))
        .expect("edited");
    let seen = tenant.view(ANN).expect("a view")[0].messages[0].clone();
    assert!(seen.edited && seen.text == "first");
    tenant
        .act(&act(BOB, Deed::Delete, message(), ""))
        .expect("deleted");
    let seen = tenant.view(ANN).expect("a view")[0].messages[0].clone();
    assert!(seen.deleted && seen.text.is_empty());
}

#[tokio::test]
async fn people_reach_the_service_account_and_see_groups_with_their_topic() {
    let sandbox = Sandbox::start().await;
    let tenant = &sandbox.tenant;
    tenant
        .act(&act(BOB, Deed::AppMessage, None, "start"))
        .expect("sent");
    tenant
        .act(&act(BOB, Deed::Command, None, "help"))
        .expect("sent");
    let view = tenant.view(BOB).expect("a view");
    assert_eq!(
        (view.len(), view[0].with[0].as_str(), view[0].messages.len()),
        (1, "Causeway", 2)
    );
    assert_eq!(tenant.search(BOB, "causeway").expect("a search").len(), 1);

    let service = sandbox.service_token().await;
    let group = sandbox
        .chat(&service, "group", &["causeway@acme.example", BOB])
        .await;
    let path = format!("/chats/{group}");
    let renamed = sandbox
        .call(
            &service,
            reqwest::Method::PATCH,
            &path,
            json!({"topic": "Ann Lee"}),
        )
        .await;
    assert_eq!(text(&renamed.body["topic"]), "Ann Lee");
    let view = tenant.view(BOB).expect("a view");
    let seen = view
        .iter()
        .find(|held| held.id == group)
        .expect("the group");
    assert_eq!(
        (seen.kind, seen.topic.as_deref()),
        ("group_chat", Some("Ann Lee"))
    );
    assert!(seen.messages.is_empty());
    let to = Some(Target::Conversation(group.clone()));
    tenant
        .act(&act("Build Bot", Deed::Send, to, "build 7 failed"))
        .expect("sent");
    let messages = sandbox
        .get(&service, &format!("{path}/messages?$top=1"))
        .await
        .values();
    assert_eq!(
        messages[0]["from"]["application"]["applicationIdentityType"],
        "bot"
    );
    assert!(messages[0]["from"]["user"].is_null());
}

#[tokio::test]
async fn what_cannot_be_done_is_refused_with_a_reason() {
    let sandbox = Sandbox::start().await;
    let tenant = &sandbox.tenant;
    let dm = |whom: &str| Some(Target::Dm(whom.to_owned()));
    let kind = |act: Act| tenant.act(&act).expect_err("a refusal");
    assert!(matches!(
        kind(act("gus@acme.example", Deed::Send, dm(BOB), "x")),
        Refusal::NotFound(_)
    ));
    assert!(matches!(
        kind(act("lea@acme.example", Deed::Send, dm(BOB), "x")),
        Refusal::NotAllowed(_)
    ));
    assert!(matches!(
        kind(act(BOB, Deed::Send, dm("Lea Fontaine"), "x")),
        Refusal::NotFound(_)
    ));
    assert!(matches!(
        kind(act(BOB, Deed::Send, dm("Sam Carter"), "x")),
        Refusal::Invalid(_)
    ));
    assert!(matches!(
        kind(act(BOB, Deed::Send, dm(ANN), "<p> </p>")),
        Refusal::Invalid(_)
    ));
    assert!(matches!(
        kind(act(BOB, Deed::Press, None, "x")),
        Refusal::NotAllowed(_)
    ));
    let account = tenant.account("SUE.KIM@acme.example").expect("Sue");
    assert!(account.active && account.authorised);
    assert!(!tenant.account("lea@acme.example").expect("Lea").active);
}

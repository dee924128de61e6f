//! Webex: webhooks, and the feed of compliance officers.

mod webex_support;

use std::sync::atomic::Ordering;

use aws_lc_rs::hmac;
use causeway_sandbox::{
    faults::{Fault, FaultKind},
    webex::SwitchChanges,
};
use serde_json::{Value, json};
use webex_support::{FINN, HUGO, Listener, Sandbox, Told, WANDA, text};

fn event_fault(fault: FaultKind, ms: Option<u64>) -> Fault {
    Fault {
        on: "webex".to_owned(),
        method: Some("event".to_owned()),
        fault,
        count: 1,
        ms,
    }
}

async fn subscribe(sandbox: &Sandbox, token: &str, listener: &Listener, more: Value) -> String {
    let mut wish = json!({
        "name": "hub",
        "targetUrl": listener.url,
        "resource": "messages",
        "event": "created",
        "secret": "s3cret",
    });
    let fields = more.as_object().cloned().unwrap_or_default();
    wish.as_object_mut().expect("an object").extend(fields);
    let made = sandbox.post(token, "/webhooks", wish).await.ok();
    assert_eq!(made.text("status"), "active");
    made.text("id")
}

fn message_of(told: &Told) -> String {
    text(&told.body["data"]["id"])
}

#[tokio::test]
async fn a_webhook_is_told_without_text_and_with_a_signature() {
    let sandbox = Sandbox::start().await;
    let mut listener = Listener::start(0).await;
    let wanda = sandbox.authorised(WANDA).await;
    let webhook = subscribe(&sandbox, &wanda, &listener, json!({})).await;
    let said = sandbox
        .dm(&sandbox.token(HUGO), WANDA, "secret words")
        .await
        .ok();
    let told = listener.told().await;
    assert_eq!(text(&told.body["id"]), webhook);
    assert_eq!(told.body["resource"], "messages");
    assert_eq!(told.body["event"], "created");
    assert_eq!(text(&told.body["actorId"]), sandbox.person(HUGO));
    assert_eq!(message_of(&told), said.text("id"));
    assert_eq!(told.body["data"]["personEmail"], HUGO);
    assert!(!String::from_utf8_lossy(&told.raw).contains("secret"));
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, b"s3cret");
    let signature = data_encoding::HEXLOWER.encode(hmac::sign(&key, &told.raw).as_ref());
    assert_eq!(told.signature, Some(signature));
}

#[tokio::test]
async fn a_webhook_hears_what_its_owner_sees_and_its_filter_lets_through() {
    let sandbox = Sandbox::start().await;
    let mut listener = Listener::start(0).await;
    let (wanda, hugo) = (sandbox.token(WANDA), sandbox.token(HUGO));
    let room = sandbox.room(&wanda, &[HUGO]).await;
    let filter = json!({ "filter": format!("roomId={room}&personEmail={HUGO}") });
    subscribe(&sandbox, &wanda, &listener, filter).await;
    sandbox.dm(&hugo, FINN, "not for Wanda").await.ok();
    sandbox.dm(&hugo, WANDA, "another room").await.ok();
    sandbox.say(&wanda, &room, "another author").await.ok();
    let meant = sandbox.say(&hugo, &room, "this one").await.ok();
    assert_eq!(message_of(&listener.told().await), meant.text("id"));
}

#[tokio::test]
async fn a_bots_webhook_is_told_only_of_what_the_bot_is_called_with() {
    let sandbox = Sandbox::start().await;
    let mut listener = Listener::start(0).await;
    let (wanda, bot) = (sandbox.token(WANDA), sandbox.bot());
    let email = sandbox.credential("/bot_email");
    let all = json!({ "resource": "all", "event": "all" });
    subscribe(&sandbox, &bot, &listener, all).await;
    let room = sandbox.room(&wanda, &[&email]).await;
    let joined = listener.told().await;
    assert_eq!(joined.body["resource"], "memberships");
    assert_eq!(text(&joined.body["data"]["personEmail"]), email);
    sandbox.say(&wanda, &room, "psst").await.ok();
    let meant = format!("<@personEmail:{email}> hi");
    let meant = sandbox.say(&wanda, &room, &meant).await.ok();
    assert_eq!(message_of(&listener.told().await), meant.text("id"));
}

#[tokio::test]
async fn a_refused_post_comes_again_and_a_dead_webhook_is_switched_off() {
    let sandbox = Sandbox::start().await;
    let mut listener = Listener::start(1).await;
    let wanda = sandbox.token(WANDA);
    let webhook = subscribe(&sandbox, &wanda, &listener, json!({})).await;
    let path = format!("/webhooks/{webhook}");
    let said = sandbox.dm(&wanda, HUGO, "one").await.ok().text("id");
    assert_eq!(message_of(&listener.told().await), said);
    assert_eq!(sandbox.get(&wanda, &path).await.text("status"), "active");

    listener.refusals.store(u32::MAX, Ordering::SeqCst);
    for _ in 0..20 {
        sandbox.dm(&wanda, HUGO, "lost").await.ok();
    }
    let is_off = async {
        while sandbox.get(&wanda, &path).await.text("status") == "active" {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(10), is_off)
        .await
        .expect("an inactive webhook");
    listener.refusals.store(0, Ordering::SeqCst);
    let on = json!({ "name": "hub", "targetUrl": listener.url, "status": "active" });
    assert_eq!(
        sandbox.put(&wanda, &path, on).await.ok().text("status"),
        "active"
    );
    // What was waiting before may still come; the new one does.
    let said = sandbox.dm(&wanda, HUGO, "back").await.ok().text("id");
    while message_of(&listener.told().await) != said {}
}

#[tokio::test]
async fn events_are_lost_doubled_delayed_and_overtaken_on_demand() {
    let sandbox = Sandbox::start().await;
    let mut listener = Listener::start(0).await;
    let wanda = sandbox.token(WANDA);
    subscribe(&sandbox, &wanda, &listener, json!({})).await;
    let say = async |words: &str| sandbox.dm(&wanda, HUGO, words).await.ok().text("id");

    sandbox
        .shared
        .faults
        .arm(event_fault(FaultKind::Throttle, None));
    say("lost").await;
    // The fault is taken when the event is queued: the next is said after that.
    let doubled = {
        let struck = async {
            while sandbox
                .shared
                .faults
                .take_named("webex", "event", &[FaultKind::Throttle])
                .is_some()
            {
                sandbox
                    .shared
                    .faults
                    .arm(event_fault(FaultKind::Throttle, None));
                tokio::task::yield_now().await;
            }
        };
        struck.await;
        sandbox
            .shared
            .faults
            .arm(event_fault(FaultKind::Duplicate, None));
        say("doubled").await
    };
    assert_eq!(message_of(&listener.told().await), doubled);
    assert_eq!(message_of(&listener.told().await), doubled);

    sandbox
        .shared
        .faults
        .arm(event_fault(FaultKind::Reorder, None));
    let overtaken = say("overtaken").await;
    let overtaking = say("overtaking").await;
    assert_eq!(message_of(&listener.told().await), overtaking);
    assert_eq!(message_of(&listener.told().await), overtaken);

    sandbox
        .shared
        .faults
        .arm(event_fault(FaultKind::Delay, Some(60_000)));
    let delayed = say("delayed").await;
    let next = say("next").await;
    assert_eq!(message_of(&listener.told().await), next);
    sandbox.advance(60_000);
    assert_eq!(message_of(&listener.told().await), delayed);
}

#[tokio::test]
async fn an_edit_is_told_to_webhooks_only_where_the_switch_says_so() {
    let sandbox = Sandbox::start().await;
    let mut listener = Listener::start(0).await;
    let wanda = sandbox.token(WANDA);
    let any = json!({ "event": "all" });
    subscribe(&sandbox, &wanda, &listener, any).await;
    let said = sandbox.dm(&wanda, HUGO, "one").await.ok();
    let path = format!("/messages/{}", said.text("id"));
    let words = |text: &str| json!({ "roomId": said.text("roomId"), "text": text });
    sandbox.put(&wanda, &path, words("two")).await.ok();
    sandbox.org.set_switches(SwitchChanges {
        edit_webhooks: Some(true),
        ..SwitchChanges::default()
    });
    sandbox.put(&wanda, &path, words("three")).await.ok();
    sandbox.delete(&wanda, &path).await.ok();
    let mut events = Vec::new();
    for _ in 0..3 {
        events.push(text(&listener.told().await.body["event"]));
    }
    assert_eq!(events, ["created", "updated", "deleted"]);
}

#[tokio::test]
async fn webhooks_belong_to_who_made_them() {
    let sandbox = Sandbox::start().await;
    let listener = Listener::start(0).await;
    let (wanda, hugo) = (sandbox.token(WANDA), sandbox.token(HUGO));
    let webhook = subscribe(&sandbox, &wanda, &listener, json!({})).await;
    let path = format!("/webhooks/{webhook}");
    assert_eq!(sandbox.get(&wanda, "/webhooks").await.ids(), [webhook]);
    assert!(sandbox.get(&hugo, "/webhooks").await.ids().is_empty());
    assert_eq!(sandbox.delete(&hugo, &path).await.status, 404);
    for bad in [
        json!({ "resource": "weather" }),
        json!({ "event": "exploded" }),
        json!({ "targetUrl": "nowhere" }),
        json!({ "name": "" }),
    ] {
        let mut wish = json!({
            "name": "x", "targetUrl": listener.url, "resource": "messages", "event": "created",
        });
        let fields = bad.as_object().cloned().unwrap_or_default();
        wish.as_object_mut().expect("an object").extend(fields);
        assert_eq!(
            sandbox.post(&wanda, "/webhooks", wish).await.status,
            400,
            "{bad}"
        );
    }
    assert_eq!(sandbox.delete(&wanda, &path).await.status, 204);
}

#[tokio::test]
async fn a_compliance_officer_reads_what_was_said_edited_and_deleted_and_through_which_app() {
    let sandbox = Sandbox::start().await;
    let officer = sandbox.administrator().await;
    let app = sandbox.authorised(WANDA).await;
    let by_hand = sandbox.dm(&sandbox.token(HUGO), FINN, "by hand").await.ok();
    let said = sandbox.dm(&app, HUGO, "through the hub").await.ok();
    let path = format!("/messages/{}", said.text("id"));
    let edit = json!({ "roomId": said.text("roomId"), "markdown": "**edited**" });
    sandbox.put(&app, &path, edit).await.ok();
    sandbox.delete(&app, &path).await.ok();

    let events = sandbox
        .get(&officer, "/events?resource=messages")
        .await
        .ok();
    assert_eq!(
        events.all("type"),
        ["deleted", "updated", "created", "created"]
    );
    let [deleted, updated, created, first] = events.items().try_into().expect("four");
    assert_eq!(first["data"]["text"], "by hand");
    assert_eq!(first["appId"], Value::Null);
    assert_eq!(text(&first["data"]["id"]), by_hand.text("id"));
    assert!(created["appId"].is_string());
    assert_eq!(created["data"]["text"], "through the hub");
    assert_eq!(text(&created["actorId"]), sandbox.person(WANDA));
    assert_eq!(updated["data"]["html"], "<p><strong>edited</strong></p>");
    assert_eq!(deleted["data"]["text"], Value::Null);
    assert_eq!(text(&deleted["data"]["id"]), said.text("id"));

    let of_hugo = format!("/events?actorId={}", sandbox.person(HUGO));
    assert_eq!(sandbox.get(&officer, &of_hugo).await.ids().len(), 1);
    let since = format!("/events?type=updated&from={}", text(&updated["created"]));
    assert_eq!(
        sandbox.get(&officer, &since).await.ids(),
        [text(&updated["id"])]
    );
    let one = format!("/events/{}", text(&first["id"]));
    assert_eq!(sandbox.get(&officer, &one).await.ok().body, first);
}

#[tokio::test]
async fn the_feed_tells_who_joined_and_left_page_by_page() {
    let sandbox = Sandbox::start().await;
    let officer = sandbox.administrator().await;
    let wanda = sandbox.token(WANDA);
    let room = sandbox.room(&wanda, &[]).await;
    let held = sandbox.add(&wanda, &room, HUGO).await.ok().text("id");
    sandbox
        .delete(&wanda, &format!("/memberships/{held}"))
        .await
        .ok();
    let mut page = sandbox
        .get(&officer, "/events?resource=memberships&max=1")
        .await
        .ok();
    let mut told = page.items();
    while let Some(next) = page.next() {
        page = sandbox.get(&officer, &next).await.ok();
        told.extend(page.items());
    }
    let told: Vec<_> = told
        .iter()
        .map(|event| (text(&event["type"]), text(&event["data"]["personEmail"])))
        .collect();
    let of = |change: &str, email: &str| (change.to_owned(), email.to_owned());
    assert_eq!(
        told,
        [
            of("deleted", HUGO),
            of("created", HUGO),
            of("created", WANDA)
        ]
    );
}

#[tokio::test]
async fn the_feed_is_for_compliance_officers() {
    let sandbox = Sandbox::start().await;
    let administrator = sandbox.administrator().await;
    assert_eq!(
        sandbox.get(&sandbox.token(WANDA), "/events").await.status,
        403
    );
    sandbox.get(&administrator, "/events").await.ok();
    assert_eq!(
        sandbox.get(&administrator, "/events?type=x").await.status,
        400
    );
    let future = "/events?to=2999-01-01T00:00:00Z";
    assert_eq!(sandbox.get(&administrator, future).await.status, 400);
    sandbox.org.set_compliance(false);
    assert_eq!(sandbox.get(&administrator, "/events").await.status, 403);
}

//! How Zoom's events arrive: over the subscription's socket and at a webhook.

mod zoom_support;

use causeway_sandbox::{
    control_client::{Deed, Do, To, ZoomSwitches, ZoomWebhooks},
    faults::FaultKind,
};
use serde_json::{Value, json};
use zoom_support::{JONAS, Listener, OLOF, ZARA, Zoom, text};

fn said(event: &Value) -> String {
    text(&event["payload"]["object"]["message"])
}

async fn webhook(zoom: &Zoom, listener: &Listener) {
    let urls = ZoomWebhooks {
        url: Some(listener.url.clone()),
        bot_url: None,
    };
    zoom.control
        .zoom_webhook(&urls)
        .await
        .expect("a validated URL");
}

#[tokio::test]
async fn a_direct_message_is_told_once_with_whom_it_is_from_and_to() {
    let zoom = Zoom::start().await;
    let mut socket = zoom.socket().await;
    let id = zoom.types(ZARA, OLOF, "*Hello* you").await;
    let event = socket.event().await;
    assert_eq!(event["event"], "team_chat.dm_message_posted");
    let (payload, object) = (&event["payload"], &event["payload"]["object"]);
    let token = zoom.account_token().await;
    let (zara, olof) = (zoom.user(&token, ZARA).await, zoom.user(&token, OLOF).await);
    assert_eq!(
        (&payload["operator"], &payload["operator_id"]),
        (&json!(ZARA), &zara["id"])
    );
    assert_eq!(
        payload["account_id"],
        zoom.credential("/account_id").as_str()
    );
    assert_eq!(payload["by_external_user"], false);
    assert_eq!(
        (&object["contact_email"], &object["contact_id"]),
        (&json!(OLOF), &olof["id"])
    );
    assert_eq!(
        (&object["message_id"], &object["message"]),
        (&json!(id), &json!("Hello you"))
    );
    assert_eq!(object["rich_text"][0]["format_type"], "Bold");
    assert!(event["event_ts"].is_i64() && object["timestamp"].is_i64());

    zoom.types(OLOF, ZARA, "next").await;
    assert_eq!(said(&socket.event().await), "next");
}

#[tokio::test]
async fn all_that_happens_in_a_channel_is_told_in_its_order() {
    let zoom = Zoom::start().await;
    let mut socket = zoom.socket().await;
    let token = zoom.account_token().await;
    let id = zoom.channel(&token, 1, &[OLOF]).await;
    let root = zoom
        .send(&token, ZARA, json!({"message": "root", "to_channel": id}))
        .await;
    let act = async |actor, what, to: To, words| {
        let deed = Deed {
            actor,
            on: "zoom",
            what,
            to: Some(to),
            text: words,
        };
        zoom.control.act(&deed).await.expect("a deed")
    };
    let reply = act(OLOF, Do::Send, To::Message(root.clone()), "reply").await;
    act(OLOF, Do::Edit, To::Message(reply.clone()), "reply!").await;
    let path = format!("/chat/users/{ZARA}/messages/{reply}/emoji_reactions");
    let body = json!({"action": "add", "emoji": "U+1F44D", "to_channel": id});
    zoom.call(&token, reqwest::Method::PATCH, &path, body).await;
    act(OLOF, Do::Delete, To::Message(reply.clone()), "").await;
    act(ZARA, Do::Invite, To::Conversation(id.clone()), JONAS).await;
    act(JONAS, Do::Leave, To::Conversation(id.clone()), "").await;

    let mut events = Vec::new();
    for _ in 0..9 {
        events.push(socket.event().await);
    }
    let names: Vec<_> = events.iter().map(|event| text(&event["event"])).collect();
    assert_eq!(
        names,
        [
            "chat_channel.created",
            "chat_channel.member_invited",
            "team_chat.channel_message_posted",
            "team_chat.channel_message_posted",
            "team_chat.channel_message_updated",
            "team_chat.channel_reaction_added",
            "team_chat.channel_message_deleted",
            "chat_channel.member_invited",
            "chat_channel.member_left",
        ]
    );
    let object = |index: usize| &events[index]["payload"]["object"];
    assert_eq!(
        (&object(2)["channel_id"], &object(2)["channel_name"]),
        (&json!(id), &json!("Depots"))
    );
    assert_eq!(object(3)["reply_main_message_id"], root.as_str());
    assert_eq!(
        (&object(5)["msg_id"], &object(5)["emoji"]),
        (&json!(reply), &json!("U+1F44D"))
    );
    assert!(object(5)["message_id"].is_null() && object(6)["message"].is_null());
    assert_eq!(object(7)["members"][0]["display_name"], "Jonas Pike");
    assert_eq!(events[8]["payload"]["operator"], JONAS);
}

#[tokio::test]
async fn a_heartbeat_is_answered() {
    let zoom = Zoom::start().await;
    let mut socket = zoom.socket().await;
    socket.send(json!({"module": "heartbeat"})).await;
    assert_eq!(
        socket.frame().await,
        json!({"module": "heartbeat", "success": true})
    );
}

#[tokio::test]
async fn a_newer_connection_closes_the_older() {
    let zoom = Zoom::start().await;
    let (mut older, mut newer) = (zoom.socket().await, zoom.socket().await);
    assert!(older.closed().await.is_some());
    zoom.types(ZARA, OLOF, "hi").await;
    assert_eq!(said(&newer.event().await), "hi");
}

#[tokio::test]
async fn nothing_is_kept_while_nobody_is_connected() {
    let zoom = Zoom::start().await;
    zoom.types(ZARA, OLOF, "before").await;
    let mut socket = zoom.socket().await;
    zoom.types(ZARA, OLOF, "after").await;
    assert_eq!(said(&socket.event().await), "after");
}

#[tokio::test]
async fn a_socket_needs_a_token_with_its_scope_and_ends_with_it() {
    let zoom = Zoom::start().await;
    for token in [
        zoom.robot_token().await,
        zoom.token_of(ZARA).await,
        "x".into(),
    ] {
        let mut socket = zoom.bare_socket(&token).await;
        let built = socket.frame().await;
        assert_eq!(
            (&built["success"], &built["content"]),
            (&json!(false), &json!("invalid token"))
        );
        assert!(socket.closed().await.is_some());
    }
    let granted = zoom
        .token_call("server_to_server", &[("grant_type", "client_credentials")])
        .await;
    let mut socket = zoom.bare_socket(&text(&granted.body["access_token"])).await;
    assert_eq!(socket.frame().await["success"], true);
    zoom.advance(3_600_000).await;
    let end = socket.closed().await.expect("a reason");
    assert_eq!(end.reason.as_str(), "invalid token");
}

#[tokio::test]
async fn a_subscription_that_is_switched_off_closes_and_tells_nothing() {
    let zoom = Zoom::start().await;
    let mut socket = zoom.socket().await;
    let switch = async |on| {
        let switches = ZoomSwitches {
            subscription: Some(on),
            ..ZoomSwitches::default()
        };
        zoom.control.zoom(&switches).await.expect("switches");
    };
    switch(false).await;
    assert!(socket.closed().await.is_some());
    let mut refused = zoom.bare_socket(&zoom.account_token().await).await;
    assert_eq!(refused.frame().await["success"], false);
    switch(true).await;
    zoom.socket().await;
}

#[tokio::test]
async fn a_cut_drops_the_socket_without_a_word_and_an_expiry_says_why() {
    let zoom = Zoom::start().await;
    let mut socket = zoom.socket().await;
    zoom.fault("socket", FaultKind::Cut).await;
    assert!(socket.closed().await.is_none());
    let mut socket = zoom.socket().await;
    zoom.fault("socket", FaultKind::Expire).await;
    assert_eq!(
        socket.closed().await.expect("a reason").reason.as_str(),
        "invalid token"
    );
}

#[tokio::test]
async fn events_are_doubled_reordered_lost_and_late_on_demand() {
    let zoom = Zoom::start().await;
    let mut socket = zoom.socket().await;
    zoom.fault("event", FaultKind::Duplicate).await;
    zoom.types(ZARA, OLOF, "twice").await;
    assert_eq!(said(&socket.event().await), "twice");
    assert_eq!(said(&socket.event().await), "twice");

    zoom.fault("event", FaultKind::Reorder).await;
    zoom.types(ZARA, OLOF, "second").await;
    zoom.types(ZARA, OLOF, "first").await;
    assert_eq!(said(&socket.event().await), "first");
    assert_eq!(said(&socket.event().await), "second");

    zoom.fault("event", FaultKind::Throttle).await;
    zoom.types(ZARA, OLOF, "lost").await;
    zoom.fault_for("event", FaultKind::Delay, Some(60_000))
        .await;
    zoom.types(ZARA, OLOF, "late").await;
    zoom.types(ZARA, OLOF, "in time").await;
    assert_eq!(said(&socket.event().await), "in time");
    zoom.advance(60_000).await;
    assert_eq!(said(&socket.event().await), "late");
}

#[tokio::test]
async fn a_webhook_is_validated_first_and_then_told_beside_the_socket() {
    let zoom = Zoom::start().await;
    let wrong = Listener::new("another secret", 0).await;
    let urls = ZoomWebhooks {
        url: Some(wrong.url.clone()),
        bot_url: None,
    };
    assert!(zoom.control.zoom_webhook(&urls).await.is_err());
    let mut listener = Listener::new(&zoom.credential("/secret_token"), 0).await;
    webhook(&zoom, &listener).await;
    let mut socket = zoom.socket().await;
    zoom.types(ZARA, OLOF, "hi").await;
    assert_eq!(listener.told().await, socket.event().await);
}

#[tokio::test]
async fn a_webhook_that_fails_is_told_again_after_five_twenty_and_sixty_minutes() {
    let zoom = Zoom::start().await;
    let mut listener = Listener::new(&zoom.credential("/secret_token"), 3).await;
    webhook(&zoom, &listener).await;
    zoom.types(ZARA, OLOF, "hi").await;
    let first = listener.told().await;
    for minutes in [5, 20, 60] {
        let failed_at = zoom.now().await;
        // The failure may be noted, and the next try made, a moment after the clock was pushed.
        let again = loop {
            zoom.advance(60_000).await;
            tokio::task::yield_now().await;
            if let Some(told) = listener.heard() {
                break told;
            }
        };
        assert_eq!(again, first);
        let waited = zoom.now().await - failed_at;
        assert!(waited >= minutes * 60_000, "only {waited} ms");
    }
}

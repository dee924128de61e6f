//! Team Chat's messages over the API.

mod zoom_support;

use causeway_sandbox::control_client::ZoomSwitches;
use reqwest::Method;
use serde_json::{Value, json};
use zoom_support::{JONAS, OLOF, PETRA, YARA, ZARA, Zoom, text};

fn messages(who: &str) -> String {
    format!("/chat/users/{who}/messages")
}

#[tokio::test]
async fn the_accounts_app_writes_as_anybody_and_both_see_it_in_their_apps() {
    let zoom = Zoom::start().await;
    let token = zoom.account_token().await;
    let sent = zoom
        .send(
            &token,
            ZARA,
            json!({"message": "Hello Olof", "to_contact": OLOF}),
        )
        .await;
    for person in [ZARA, OLOF] {
        let chat = zoom.seen(person, "dm").await;
        assert_eq!(
            (
                chat.messages[0].id.as_str(),
                chat.messages[0].author.as_str()
            ),
            (sent.as_str(), ZARA)
        );
        assert_eq!(chat.messages[0].text, "Hello Olof");
    }
    let listed = zoom
        .get(&token, &format!("{}?to_contact={ZARA}", messages(OLOF)))
        .await;
    let message = &listed.body["messages"][0];
    assert_eq!(
        (&message["id"], &message["sender"]),
        (&json!(sent), &json!(ZARA))
    );
    assert_eq!(message["sender_display_name"], "Zara Quill");
    assert_eq!(listed.header("x-ratelimit-category"), "Medium");
    let one = zoom
        .get(
            &token,
            &format!("{}/{sent}?to_contact={OLOF}", messages(ZARA)),
        )
        .await;
    assert_eq!(one.body["message"], "Hello Olof");
}

#[tokio::test]
async fn the_role_decides_what_the_accounts_app_may_do_in_chats() {
    let zoom = Zoom::set_up(ZoomSwitches {
        role_chat_edit: Some(false),
        ..ZoomSwitches::default()
    })
    .await;
    let token = zoom.account_token().await;
    let body = json!({"message": "hi", "to_contact": OLOF});
    let path = messages(ZARA);
    assert_eq!(
        zoom.post(&token, &path, body.clone()).await.refusal(),
        (403, 200)
    );
    let list = format!("{path}?to_contact={OLOF}");
    assert_eq!(zoom.get(&token, &list).await.status, 200);
    let own = zoom.token_of(ZARA).await;
    assert_eq!(zoom.post(&own, &messages("me"), body).await.status, 201);
    let blind = ZoomSwitches {
        role_chat_view: Some(false),
        ..ZoomSwitches::default()
    };
    zoom.control.zoom(&blind).await.expect("switches");
    assert_eq!(zoom.get(&token, &list).await.refusal(), (403, 200));
}

#[tokio::test]
async fn a_persons_token_writes_as_me_only_and_the_app_is_nobody_called_me() {
    let zoom = Zoom::start().await;
    let own = zoom.token_of(ZARA).await;
    let body = json!({"message": "hi", "to_contact": OLOF});
    assert_eq!(
        zoom.post(&own, &messages("me"), body.clone()).await.status,
        201
    );
    for who in [ZARA, YARA] {
        let refused = zoom.post(&own, &messages(who), body.clone()).await;
        assert_eq!(refused.refusal(), (400, 4711), "{who}");
    }
    let app = zoom.account_token().await;
    assert_eq!(
        zoom.post(&app, &messages("me"), body.clone())
            .await
            .refusal(),
        (400, 300)
    );
    assert_eq!(
        zoom.post(&app, &messages(PETRA), body).await.refusal(),
        (404, 1001)
    );
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused_by_its_field() {
    let zoom = Zoom::start().await;
    let token = zoom.account_token().await;
    let path = messages(ZARA);
    for (body, field) in [
        (json!({"to_contact": OLOF}), "message"),
        (json!({"message": "", "to_contact": OLOF}), "message"),
        (
            json!({"message": "x".repeat(1025), "to_contact": OLOF}),
            "message",
        ),
        (json!({"message": 5, "to_contact": OLOF}), "message"),
        (json!({"message": "hi"}), "to_contact"),
        (
            json!({"message": "hi", "to_contact": OLOF, "to_channel": "c"}),
            "to_contact",
        ),
        (
            json!({"message": "hi", "to_contact": OLOF, "file_ids": ["f"]}),
            "file_ids",
        ),
        (
            json!({"message": "hi", "to_contact": OLOF, "reply_main_message_id": "X"}),
            "reply_main_message_id",
        ),
    ] {
        let refused = zoom.post(&token, &path, body).await;
        assert_eq!(refused.refusal(), (400, 300), "{field}");
        assert_eq!(refused.body["errors"][0]["field"], field);
    }
    let no_channel = json!({"message": "hi", "to_channel": "c"});
    assert_eq!(
        zoom.post(&token, &path, no_channel).await.refusal(),
        (404, 4130)
    );
    let broken = zoom
        .http
        .post(format!("{}{path}", zoom.base))
        .bearer_auth(&token);
    assert_eq!(
        zoom_support::answer(broken.body("{")).await.refusal(),
        (400, 300)
    );
}

#[tokio::test]
async fn people_outside_the_account_are_reached_once_they_are_connected() {
    let zoom = Zoom::start().await;
    let token = zoom.account_token().await;
    let body = json!({"message": "hi", "to_contact": "kim@other.example"});
    let path = messages(ZARA);
    assert_eq!(
        zoom.post(&token, &path, body.clone()).await.refusal(),
        (400, 5301)
    );
    let invited = zoom
        .post(
            &token,
            &format!("/chat/users/{ZARA}/invitations"),
            json!({"email": "kim@other.example"}),
        )
        .await;
    assert_eq!(invited.status, 201);
    let connected = ZoomSwitches {
        connected: Some(vec!["kim@other.example".to_owned()]),
        ..ZoomSwitches::default()
    };
    zoom.control.zoom(&connected).await.expect("switches");
    assert_eq!(zoom.post(&token, &path, body).await.status, 201);
    let users = zoom.get(&token, "/users").await.each("users", "email");
    assert!(!users.iter().any(|email| email == "kim@other.example"));
    let off = json!({"message": "hi", "to_contact": PETRA});
    assert_eq!(zoom.post(&token, &path, off).await.refusal(), (400, 5301));
}

#[tokio::test]
async fn looks_and_mentions_must_lie_within_the_text() {
    let zoom = Zoom::start().await;
    let token = zoom.account_token().await;
    let send = async |extra: Value| {
        let mut body = json!({"message": "@Olof hi", "to_contact": OLOF});
        body.as_object_mut()
            .expect("an object")
            .extend(extra.as_object().expect("one").clone());
        zoom.post(&token, &messages(ZARA), body).await.refusal()
    };
    let span = |start, end, kind: &str| json!([{"start_position": start, "end_position": end, "format_type": kind}]);
    let at = |start, end, kind| json!([{"start_position": start, "end_position": end, "at_type": kind, "at_contact": OLOF}]);
    assert_eq!(
        send(json!({"rich_text": span(6, 7, "Bold"), "at_items": at(0, 4, 1)})).await,
        (201, 0)
    );
    for bad in [
        json!({"rich_text": span(6, 8, "Bold")}),
        json!({"rich_text": span(3, 2, "Bold")}),
        json!({"rich_text": span(0, 1, "Code")}),
        json!({"rich_text": span(0, 1, "AddLink")}),
        json!({"at_items": at(1, 4, 1)}),
        json!({"at_items": at(0, 8, 1)}),
        json!({"at_items": at(0, 4, 2)}),
        json!({"at_items": [{"start_position": 0, "end_position": 4, "at_type": 1, "at_contact": "x@y"}]}),
    ] {
        assert_eq!(send(bad.clone()).await, (400, 300), "{bad}");
    }
    assert_eq!(zoom.seen(OLOF, "dm").await.messages[0].text, "@Olof *hi*");
}

#[tokio::test]
async fn an_edit_leaves_plain_text_and_only_its_author_edits_or_deletes() {
    let zoom = Zoom::start().await;
    let token = zoom.account_token().await;
    let id = zoom.types(ZARA, OLOF, "*bold* @Olof Dahl").await;
    let path = |who: &str| format!("{}/{id}", messages(who));
    let edit = json!({"message": "plain", "to_contact": OLOF});
    let mine = zoom.call(&token, Method::PUT, &path(ZARA), edit).await;
    assert_eq!(mine.status, 204);
    let list = format!("{}?to_contact={OLOF}", messages(ZARA));
    let shown = zoom.get(&token, &list).await.body["messages"][0].clone();
    assert_eq!(shown["message"], "plain");
    assert!(shown["rich_text"].is_null() && shown["at_items"].is_null());

    let theirs = json!({"message": "no", "to_contact": ZARA});
    let refused = zoom.call(&token, Method::PUT, &path(OLOF), theirs).await;
    assert_eq!(refused.refusal(), (403, 200));
    let delete = |who: &'static str, to: &str| {
        let path = format!("{}?to_contact={to}", path(who));
        let (zoom, token) = (&zoom, &token);
        async move {
            zoom.call(token, Method::DELETE, &path, Value::Null)
                .await
                .refusal()
        }
    };
    assert_eq!(delete(OLOF, ZARA).await, (403, 200));
    assert_eq!(delete(ZARA, JONAS).await, (404, 5301));
    assert_eq!(delete(ZARA, OLOF).await, (204, 0));
    assert_eq!(delete(ZARA, OLOF).await, (404, 5301));
    assert_eq!(zoom.get(&token, &list).await.body["messages"], json!([]));
    let all = zoom
        .get(
            &token,
            &format!("{list}&include_deleted_and_edited_message=true"),
        )
        .await;
    let gone = &all.body["messages"][0];
    assert_eq!(
        (&gone["status"], &gone["message"]),
        (&json!("Deleted"), &json!(""))
    );
}

#[tokio::test]
async fn statuses_tell_what_was_edited() {
    let zoom = Zoom::start().await;
    let token = zoom.account_token().await;
    let to = |text: &str| json!({"message": text, "to_contact": OLOF});
    let first = zoom.send(&token, ZARA, to("one")).await;
    zoom.send(&token, ZARA, to("two")).await;
    let path = format!("{}/{first}", messages(ZARA));
    zoom.call(&token, Method::PUT, &path, to("one!")).await;
    let all = format!(
        "{}?to_contact={OLOF}&include_deleted_and_edited_message=true",
        messages(ZARA)
    );
    let listed = zoom.get(&token, &all).await;
    assert_eq!(listed.each("messages", "message"), ["two", "one!"]);
    assert_eq!(listed.each("messages", "status"), ["Normal", "Edited"]);
}

#[tokio::test]
async fn a_listing_is_of_today_or_of_a_range_newest_first_in_stable_pages() {
    let zoom = Zoom::start().await;
    let token = zoom.account_token().await;
    let start = zoom.control.clock().await.expect("a time").now_ms;
    let to = |text: String| json!({"message": text, "to_contact": OLOF});
    for number in 1..=5 {
        zoom.send(&token, ZARA, to(number.to_string())).await;
    }
    let from = jiff::Timestamp::from_millisecond(start - 1000).expect("a time");
    let list = format!(
        "{}?to_contact={OLOF}&from={}&page_size=2",
        messages(ZARA),
        from.strftime("%Y-%m-%dT%H:%M:%SZ")
    );
    let first = zoom.get(&token, &list).await;
    assert_eq!(first.each("messages", "message"), ["5", "4"]);
    zoom.send(&token, ZARA, to("6".into())).await;
    let next = format!(
        "{list}&next_page_token={}",
        text(&first.body["next_page_token"])
    );
    assert_eq!(
        zoom.get(&token, &next).await.each("messages", "message"),
        ["3", "2"]
    );

    zoom.advance(24 * 60 * 60_000).await;
    let token = zoom.account_token().await;
    let today = format!("{}?to_contact={OLOF}", messages(ZARA));
    assert_eq!(zoom.get(&token, &today).await.body["messages"], json!([]));
    let day = jiff::Timestamp::from_millisecond(start)
        .expect("a time")
        .strftime("%Y-%m-%d")
        .to_string();
    let dated = zoom.get(&token, &format!("{today}&date={day}")).await;
    assert_eq!(dated.body["date"], day.as_str());
    assert!(!dated.each("messages", "message").is_empty());
    let wrong = zoom.get(&token, &format!("{today}&from=soon")).await;
    assert_eq!(wrong.refusal(), (400, 300));
}

#[tokio::test]
async fn a_thread_has_one_level_and_reads_with_its_own_names() {
    let zoom = Zoom::start().await;
    let token = zoom.account_token().await;
    let to = |text: &str, root: &str| json!({"message": text, "to_contact": OLOF, "reply_main_message_id": root});
    let root = zoom.types(ZARA, OLOF, "root").await;
    let reply = zoom.send(&token, ZARA, to("reply", &root)).await;
    let nested = zoom
        .post(&token, &messages(ZARA), to("nested", &reply))
        .await;
    assert_eq!(nested.refusal(), (400, 300));
    let path = format!("{}/{root}/thread?to_contact={OLOF}", messages(ZARA));
    assert_eq!(zoom.get(&token, &path).await.refusal(), (400, 300));
    let thread = zoom
        .get(
            &token,
            &format!("{path}&from=2020-01-01T00:00:00Z&need_main_message=true"),
        )
        .await;
    assert_eq!(
        thread.each("messages", "msg_id"),
        [reply.clone(), root.clone()]
    );
    assert_eq!(thread.body["messages"][0]["is_reply"], true);
    let mains = format!(
        "{}?to_contact={OLOF}&exclude_child_message=true",
        messages(ZARA)
    );
    assert_eq!(
        zoom.get(&token, &mains).await.each("messages", "id"),
        std::slice::from_ref(&root)
    );
    let all = zoom
        .get(&token, &format!("{}?to_contact={OLOF}", messages(ZARA)))
        .await;
    assert_eq!(
        all.body["messages"][0]["reply_main_message_id"],
        root.as_str()
    );
}

#[tokio::test]
async fn a_reaction_is_added_once_and_counted_with_whoever_gave_it() {
    let zoom = Zoom::start().await;
    let token = zoom.account_token().await;
    let id = zoom.types(ZARA, OLOF, "root").await;
    let react = async |action: &str, emoji: &str| {
        let body = json!({"action": action, "emoji": emoji, "to_contact": ZARA});
        let path = format!("{}/{id}/emoji_reactions", messages(OLOF));
        zoom.call(&token, Method::PATCH, &path, body)
            .await
            .refusal()
    };
    assert_eq!(react("add", "U+1F600").await, (204, 0));
    assert_eq!(react("add", "U+1F600").await, (400, 5301));
    assert_eq!(react("add", "smile").await, (400, 300));
    let list = format!("{}?to_contact={OLOF}", messages(ZARA));
    let olof = zoom.user(&token, OLOF).await;
    let shown = zoom.get(&token, &list).await.body["messages"][0]["reactions"].clone();
    assert_eq!(
        (&shown[0]["emoji"], &shown[0]["total_count"]),
        (&json!("U+1F600"), &json!(1))
    );
    assert_eq!(shown[0]["senders"][0]["user_id"], olof["id"]);
    assert_eq!(react("remove", "U+1F600").await, (204, 0));
    assert_eq!(react("remove", "U+1F600").await, (400, 5301));
    let mark = json!({"action": "read", "to_contact": ZARA});
    let path = format!("{}/{id}/status", messages(OLOF));
    assert_eq!(
        zoom.call(&token, Method::PATCH, &path, mark).await.status,
        204
    );
}

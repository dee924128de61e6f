//! Webex: rooms, their members, messages and files.

mod webex_support;

use reqwest::Method;
use serde_json::{Value, json};
use webex_support::{FINN, HUGO, LENA, RUTH, Sandbox, WANDA, answer, text};

#[tokio::test]
async fn a_room_is_there_for_its_members_only() {
    let sandbox = Sandbox::start().await;
    let (wanda, hugo, finn) = (
        sandbox.token(WANDA),
        sandbox.token(HUGO),
        sandbox.token(FINN),
    );
    let room = sandbox.room(&wanda, &[HUGO]).await;
    let shown = sandbox.get(&hugo, &format!("/rooms/{room}")).await.ok();
    assert_eq!(shown.text("title"), "Support");
    assert_eq!(shown.text("type"), "group");
    assert_eq!(shown.text("creatorId"), sandbox.person(WANDA));

    let hidden = sandbox.get(&finn, &format!("/rooms/{room}")).await;
    assert_eq!(hidden.status, 404);
    assert!(!hidden.error().is_empty());
    assert_eq!(sandbox.say(&finn, &room, "hi").await.status, 404);
    let listed = sandbox
        .get(&finn, &format!("/messages?roomId={room}"))
        .await;
    assert_eq!(listed.status, 404);
    assert!(sandbox.get(&finn, "/rooms").await.items().is_empty());
}

#[tokio::test]
async fn somebody_is_added_once_and_leaves_again() {
    let sandbox = Sandbox::start().await;
    let (wanda, hugo) = (sandbox.token(WANDA), sandbox.token(HUGO));
    let room = sandbox.room(&wanda, &[]).await;
    let added = sandbox.add(&wanda, &room, HUGO).await.ok();
    assert_eq!(added.text("personDisplayName"), "Hugo Stern");
    assert_eq!(added.body["isModerator"], false);
    assert_eq!(sandbox.add(&wanda, &room, HUGO).await.status, 409);
    assert_eq!(sandbox.add(&wanda, &room, RUTH).await.status, 404);
    let listed = sandbox
        .get(&hugo, &format!("/memberships?roomId={room}"))
        .await;
    assert_eq!(listed.all("personEmail"), [WANDA, HUGO]);
    let path = format!("/memberships/{}", added.text("id"));
    assert_eq!(sandbox.delete(&hugo, &path).await.status, 204);
    assert_eq!(
        sandbox.get(&hugo, &format!("/rooms/{room}")).await.status,
        404
    );
}

#[tokio::test]
async fn a_locked_room_is_its_moderators() {
    let sandbox = Sandbox::start().await;
    let (wanda, hugo) = (sandbox.token(WANDA), sandbox.token(HUGO));
    let wish = json!({ "title": "News", "isLocked": true, "isAnnouncementOnly": true });
    let room = sandbox.post(&wanda, "/rooms", wish).await.ok().text("id");
    sandbox.add(&wanda, &room, HUGO).await.ok();
    assert_eq!(sandbox.add(&hugo, &room, FINN).await.status, 403);
    assert_eq!(sandbox.say(&hugo, &room, "me too").await.status, 403);
    let renamed = json!({ "title": "Mine" });
    let path = format!("/rooms/{room}");
    assert_eq!(sandbox.put(&hugo, &path, renamed.clone()).await.status, 403);
    let said = sandbox.say(&wanda, &room, "hello").await.ok().text("id");
    assert_eq!(
        sandbox.put(&wanda, &path, renamed).await.ok().text("title"),
        "Mine"
    );
    // Anybody else than a moderator only goes out of it.
    assert_eq!(sandbox.delete(&hugo, &path).await.status, 204);
    assert_eq!(sandbox.get(&hugo, &path).await.status, 404);
    sandbox.get(&wanda, &format!("/messages/{said}")).await.ok();
}

#[tokio::test]
async fn two_people_have_one_direct_room_that_is_named_after_the_other() {
    let sandbox = Sandbox::start().await;
    let (wanda, hugo) = (sandbox.token(WANDA), sandbox.token(HUGO));
    let first = sandbox.dm(&wanda, "Hugo@ACME.example", "hi").await.ok();
    assert_eq!(first.text("roomType"), "direct");
    let body = json!({ "toPersonId": sandbox.person(WANDA), "text": "hey" });
    let second = sandbox.post(&hugo, "/messages", body).await.ok();
    assert_eq!(first.text("roomId"), second.text("roomId"));
    let path = format!("/rooms/{}", first.text("roomId"));
    assert_eq!(sandbox.get(&wanda, &path).await.text("title"), "Hugo Stern");
    assert_eq!(sandbox.get(&hugo, &path).await.text("title"), "Wanda Fisk");
    let direct = format!("/messages/direct?personEmail={HUGO}");
    assert_eq!(
        sandbox.get(&wanda, &direct).await.all("text"),
        ["hey", "hi"]
    );
    assert_eq!(
        sandbox
            .add(&wanda, &first.text("roomId"), FINN)
            .await
            .status,
        403
    );
    let nobody = sandbox.dm(&wanda, "nobody@acme.example", "hi").await;
    assert_eq!(nobody.status, 404);
    assert_eq!(sandbox.dm(&wanda, RUTH, "hi").await.status, 403);
}

#[tokio::test]
async fn markdown_is_rendered_and_a_mention_is_told_by_id() {
    let sandbox = Sandbox::start().await;
    let wanda = sandbox.token(WANDA);
    let room = sandbox.room(&wanda, &[HUGO]).await;
    let written = format!("**Now**, <@personEmail:{HUGO}|Hugo>!");
    let said = sandbox.say(&wanda, &room, &written).await.ok();
    let hugo = sandbox.person(HUGO);
    assert_eq!(said.text("markdown"), written);
    assert_eq!(said.text("text"), "Now, Hugo!");
    assert_eq!(
        said.text("html"),
        format!(
            "<p><strong>Now</strong>, <spark-mention data-object-type=\"person\" \
             data-object-id=\"{hugo}\">Hugo</spark-mention>!</p>"
        )
    );
    assert_eq!(said.body["mentionedPeople"], json!([hugo]));
    let path = format!("/messages?roomId={room}&mentionedPeople=me");
    let mentioned = sandbox.get(&sandbox.token(HUGO), &path).await;
    assert_eq!(mentioned.all("id"), [said.text("id")]);
    assert!(sandbox.get(&wanda, &path).await.items().is_empty());
}

#[tokio::test]
async fn a_text_is_limited_in_bytes_and_must_say_something() {
    let sandbox = Sandbox::start().await;
    let wanda = sandbox.token(WANDA);
    let most = "é".repeat(7439 / 2);
    sandbox.dm(&wanda, HUGO, &most).await.ok();
    let more = sandbox.dm(&wanda, HUGO, &format!("{most}ab")).await;
    assert_eq!(more.status, 400);
    assert!(more.error().contains("7439"));
    assert_eq!(sandbox.dm(&wanda, HUGO, " ").await.status, 400);
    let both = json!({ "roomId": "x", "toPersonEmail": HUGO, "text": "hi" });
    assert_eq!(sandbox.post(&wanda, "/messages", both).await.status, 400);
}

#[tokio::test]
async fn replies_hang_under_a_head_and_never_under_a_reply() {
    let sandbox = Sandbox::start().await;
    let (wanda, hugo) = (sandbox.token(WANDA), sandbox.token(HUGO));
    let room = sandbox.room(&wanda, &[HUGO]).await;
    let head = sandbox.say(&wanda, &room, "head").await.ok().text("id");
    let reply = json!({ "roomId": room, "parentId": head, "text": "reply" });
    let reply = sandbox.post(&hugo, "/messages", reply).await.ok();
    assert_eq!(reply.text("parentId"), head);
    let below = json!({ "roomId": room, "parentId": reply.text("id"), "text": "no" });
    assert_eq!(sandbox.post(&wanda, "/messages", below).await.status, 400);
    let path = format!("/messages?roomId={room}&parentId={head}");
    assert_eq!(sandbox.get(&wanda, &path).await.all("text"), ["reply"]);
}

#[tokio::test]
async fn a_message_is_edited_ten_times_by_its_author_and_no_more() {
    let sandbox = Sandbox::start().await;
    let (wanda, hugo) = (sandbox.token(WANDA), sandbox.token(HUGO));
    let room = sandbox.room(&wanda, &[HUGO]).await;
    let said = sandbox.say(&wanda, &room, "one").await.ok().text("id");
    let path = format!("/messages/{said}");
    let words = |text: &str| json!({ "roomId": room, "text": text });
    assert_eq!(sandbox.put(&hugo, &path, words("mine")).await.status, 403);
    let edited = sandbox.put(&wanda, &path, words("two")).await.ok();
    assert_eq!(edited.text("text"), "two");
    assert_eq!(edited.body["html"], Value::Null);
    assert!(!edited.text("updated").is_empty());
    for _ in 1..10 {
        sandbox.put(&wanda, &path, words("three")).await.ok();
    }
    assert_eq!(sandbox.put(&wanda, &path, words("four")).await.status, 400);
    assert_eq!(
        sandbox
            .put(&wanda, &path, json!({ "text": "x" }))
            .await
            .status,
        400
    );
}

#[tokio::test]
async fn a_message_is_deleted_by_its_author_a_moderator_or_a_compliance_officer() {
    let sandbox = Sandbox::start().await;
    let (wanda, hugo) = (sandbox.token(WANDA), sandbox.token(HUGO));
    let room = sandbox.room(&wanda, &[HUGO]).await;
    let own = sandbox.say(&hugo, &room, "own").await.ok().text("id");
    let path = format!("/messages/{own}");
    assert_eq!(sandbox.delete(&wanda, &path).await.status, 403);
    assert_eq!(sandbox.delete(&hugo, &path).await.status, 204);
    assert_eq!(sandbox.delete(&hugo, &path).await.status, 404);
    assert_eq!(sandbox.get(&wanda, &path).await.status, 404);

    let other = sandbox.say(&hugo, &room, "other").await.ok().text("id");
    let path = format!("/messages/{other}");
    let officer = sandbox.administrator().await;
    assert_eq!(
        sandbox.get(&officer, &path).await.ok().text("text"),
        "other"
    );
    assert_eq!(sandbox.delete(&officer, &path).await.status, 204);
}

#[tokio::test]
async fn pages_follow_each_other_newest_first_and_miss_nothing() {
    let sandbox = Sandbox::start().await;
    let wanda = sandbox.token(WANDA);
    let room = sandbox.room(&wanda, &[]).await;
    let mut said = Vec::new();
    for number in 0..7 {
        let message = sandbox.say(&wanda, &room, &format!("{number}")).await.ok();
        said.push(message.text("id"));
    }
    said.reverse();
    let mut page = sandbox
        .get(&wanda, &format!("/messages?roomId={room}&max=3"))
        .await;
    let mut read = page.ids();
    // What comes between two pages moves none of them.
    sandbox.say(&wanda, &room, "late").await.ok();
    while let Some(next) = page.next() {
        page = sandbox.get(&wanda, &next).await;
        read.extend(page.ids());
    }
    assert_eq!(read, said);
    let older = format!("/messages?roomId={room}&beforeMessage={}", said[4]);
    assert_eq!(sandbox.get(&wanda, &older).await.all("id"), said[5..]);
    for bad in ["max=0", "max=1001", "max=x", "mentionedPeople=me&max=101"] {
        let path = format!("/messages?roomId={room}&{bad}");
        assert_eq!(sandbox.get(&wanda, &path).await.status, 400, "{bad}");
    }
}

#[tokio::test]
async fn a_bot_hears_what_it_is_called_with_and_everything_in_a_direct_room() {
    let sandbox = Sandbox::start().await;
    let (wanda, bot) = (sandbox.token(WANDA), sandbox.bot());
    let email = sandbox.credential("/bot_email");
    let room = sandbox.room(&wanda, &[&email]).await;
    let unheard = sandbox.say(&wanda, &room, "psst").await.ok().text("id");
    let heard = format!("<@personEmail:{email}> hello");
    let heard = sandbox.say(&wanda, &room, &heard).await.ok().text("id");
    let path = format!("/messages?roomId={room}");
    assert_eq!(sandbox.get(&bot, &path).await.status, 403);
    let path = format!("{path}&mentionedPeople=me");
    assert_eq!(
        sandbox.get(&bot, &path).await.all("id"),
        std::slice::from_ref(&heard)
    );
    assert_eq!(
        sandbox
            .get(&bot, &format!("/messages/{unheard}"))
            .await
            .status,
        404
    );
    sandbox.get(&bot, &format!("/messages/{heard}")).await.ok();

    let direct = sandbox.dm(&wanda, &email, "just us").await.ok();
    let path = format!("/messages?roomId={}", direct.text("roomId"));
    assert_eq!(sandbox.get(&bot, &path).await.all("text"), ["just us"]);
    let answered = sandbox.dm(&bot, WANDA, "yes?").await.ok();
    assert_eq!(answered.text("personEmail"), email);
}

#[tokio::test]
async fn a_file_travels_with_a_message_and_is_fetched_by_members() {
    let sandbox = Sandbox::start().await;
    let (wanda, hugo, finn) = (
        sandbox.token(WANDA),
        sandbox.token(HUGO),
        sandbox.token(FINN),
    );
    let body = format!(
        "--b1\r\nContent-Disposition: form-data; name=\"toPersonEmail\"\r\n\r\n{HUGO}\r\n\
         --b1\r\nContent-Disposition: form-data; name=\"files\"; filename=\"plan.txt\"\r\n\
         Content-Type: text/plain\r\n\r\nline one\r\nline two\r\n--b1--\r\n"
    );
    let request = sandbox
        .http
        .post(format!("{}/messages", sandbox.base))
        .bearer_auth(&wanda)
        .header("content-type", "multipart/form-data; boundary=b1")
        .body(body);
    let said = answer(request).await.ok();
    let url = text(&said.body["files"][0]);
    let head = sandbox
        .call(&hugo, Method::HEAD, &url, Value::Null)
        .await
        .ok();
    assert_eq!(head.header("content-length"), "18");
    assert_eq!(
        head.header("content-disposition"),
        "attachment; filename=\"plan.txt\""
    );
    let file = sandbox.get(&hugo, &url).await.ok();
    assert_eq!(file.bytes, b"line one\r\nline two");
    assert_eq!(file.header("content-type"), "text/plain");
    assert_eq!(sandbox.get(&finn, &url).await.status, 404);

    let path = format!("/messages/{}", said.text("id"));
    let edit = json!({ "roomId": said.text("roomId"), "text": "x" });
    assert_eq!(sandbox.put(&wanda, &path, edit).await.status, 400);
    // A file that has an address is fetched by Webex itself, if it is there.
    let again = json!({ "toPersonEmail": HUGO, "files": [format!("{}/nothing", sandbox.base)] });
    assert_eq!(sandbox.post(&wanda, "/messages", again).await.status, 400);
    sandbox.delete(&wanda, &path).await.ok();
    assert_eq!(sandbox.get(&hugo, &url).await.status, 410);
}

#[tokio::test]
async fn a_stranger_from_elsewhere_is_a_member_like_any() {
    let sandbox = Sandbox::start().await;
    let room = sandbox.room(&sandbox.token(WANDA), &[LENA]).await;
    sandbox.say(&sandbox.token(LENA), &room, "hello").await.ok();
}

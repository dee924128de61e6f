//! Webex: people, the organisation, and guests of the Service App.

mod webex_support;

use causeway_sandbox::stand_in::StandIn;
use serde_json::{Value, json};
use webex_support::{HUGO, RUTH, Sandbox, WANDA, text};

#[tokio::test]
async fn only_an_administrator_lists_everybody_and_sees_who_may_log_in() {
    let sandbox = Sandbox::start().await;
    let administrator = sandbox.administrator().await;
    let mut page = sandbox.get(&administrator, "/people?max=4").await.ok();
    let mut people = page.items();
    while let Some(next) = page.next() {
        page = sandbox.get(&administrator, &next).await.ok();
        people.extend(page.items());
    }
    let emails: Vec<_> = people.iter().map(|who| text(&who["emails"][0])).collect();
    for member in causeway_sandbox::acme::MEMBERS {
        let has_account = member.webex != causeway_sandbox::acme::Has::Nothing;
        let listed = emails.iter().filter(|email| *email == member.email).count();
        assert_eq!(listed, usize::from(has_account), "{}", member.email);
    }
    let ruth = people.iter().find(|who| who["emails"][0] == RUTH);
    assert_eq!(ruth.expect("Ruth")["loginEnabled"], false);
    let bots = people.iter().filter(|who| who["type"] == "bot").count();
    assert_eq!(bots, 2);

    let hugo = sandbox.token(HUGO);
    assert_eq!(sandbox.get(&hugo, "/people").await.status, 400);
    let found = sandbox
        .get(&hugo, &format!("/people?email={RUTH}"))
        .await
        .ok();
    assert_eq!(found.all("displayName"), ["Ruth Amadi"]);
    assert_eq!(found.items()[0]["loginEnabled"], Value::Null);
}

#[tokio::test]
async fn people_are_found_by_the_beginning_of_their_name_and_by_id() {
    let sandbox = Sandbox::start().await;
    let token = sandbox.token(WANDA);
    let found = sandbox.get(&token, "/people?displayName=hugo").await.ok();
    assert_eq!(found.all("id"), [sandbox.person(HUGO)]);
    let ids = format!("/people?id={},nobody", sandbox.person(HUGO));
    let found = sandbox.get(&token, &ids).await.ok();
    assert_eq!(found.all("displayName"), ["Hugo Stern"]);
    assert_eq!(found.body["notFoundIds"], json!(["nobody"]));
    let many = vec!["x"; 86].join(",");
    assert_eq!(
        sandbox
            .get(&token, &format!("/people?id={many}"))
            .await
            .status,
        400
    );
    assert_eq!(sandbox.get(&token, "/people/nobody").await.status, 404);
}

#[tokio::test]
async fn the_organisation_is_named_to_who_may_ask() {
    let sandbox = Sandbox::start().await;
    let administrator = sandbox.administrator().await;
    let path = format!("/organizations/{}", sandbox.credential("/org_id"));
    let org = sandbox.get(&administrator, &path).await.ok();
    assert_eq!(org.text("displayName"), "Acme, Inc.");
    assert_eq!(
        sandbox.get(&administrator, "/organizations/x").await.status,
        404
    );
}

#[tokio::test]
async fn the_same_subject_is_the_same_guest_with_another_token() {
    let sandbox = Sandbox::start().await;
    let first = sandbox.guest("bob", "Bob Stone").await.ok();
    assert_eq!(first.body["expiresIn"], 64_799);
    assert!(first.text("email").ends_with("@appid.ciscospark.com"));
    let again = sandbox.guest("bob", "Bob S.").await.ok();
    assert_eq!(again.text("id"), first.text("id"));
    let (old, new) = (first.text("accessToken"), again.text("accessToken"));
    assert_ne!(old, new);
    let me = sandbox.get(&old, "/people/me").await.ok();
    assert_eq!(
        (me.text("displayName"), me.text("type")),
        ("Bob S.".into(), "appuser".into())
    );
    sandbox.advance(18 * 60 * 60 * 1000);
    assert_eq!(sandbox.get(&new, "/people/me").await.status, 401);
}

#[tokio::test]
async fn guests_write_to_members_and_never_meet_each_other() {
    let sandbox = Sandbox::start().await;
    let bob = sandbox.guest("bob", "Bob Stone").await.ok();
    let dana = sandbox.guest("dana", "Dana Ruiz").await.ok();
    let (bob_token, bob_email) = (bob.text("accessToken"), bob.text("email"));
    let (dana_token, dana_email) = (dana.text("accessToken"), dana.text("email"));
    let said = sandbox.dm(&bob_token, WANDA, "hello").await.ok();
    assert_eq!(said.text("personEmail"), bob_email);
    let wanda = sandbox.token(WANDA);
    sandbox.dm(&wanda, &bob_email, "hi Bob").await.ok();

    assert_eq!(
        sandbox.dm(&bob_token, &dana_email, "psst").await.status,
        403
    );
    let room = sandbox.room(&wanda, &[&bob_email]).await;
    sandbox.say(&bob_token, &room, "here").await.ok();
    let met = sandbox.add(&wanda, &room, &dana_email).await;
    assert_eq!(met.status, 403);
    assert!(met.error().contains("guests"));
    assert_eq!(sandbox.say(&dana_token, &room, "me too").await.status, 404);
    assert_eq!(sandbox.get(&bob_token, "/people").await.status, 400);
}

#[tokio::test]
async fn an_organisation_that_forbids_guests_has_none_made_and_none_heard() {
    let sandbox = Sandbox::start().await;
    let bob = sandbox.guest("bob", "Bob Stone").await.ok();
    let (token, email) = (bob.text("accessToken"), bob.text("email"));
    let wanda = sandbox.token(WANDA);
    sandbox.dm(&token, WANDA, "hello").await.ok();
    sandbox.org.set_guests_allowed(false);
    assert_eq!(sandbox.guest("dana", "Dana Ruiz").await.status, 403);
    assert_eq!(sandbox.dm(&token, WANDA, "hello?").await.status, 403);
    assert_eq!(sandbox.dm(&wanda, &email, "hello?").await.status, 403);
    sandbox.org.set_guests_allowed(true);
    sandbox.dm(&token, WANDA, "hello!").await.ok();
}

#[tokio::test]
async fn guests_are_counted_and_made_by_the_service_app_only() {
    let sandbox = Sandbox::start().await;
    sandbox.guest("bob", "Bob Stone").await.ok();
    sandbox.guest("dana", "Dana Ruiz").await.ok();
    let refresh = sandbox.credential("/guest_issuer/refresh_token");
    let issuer = sandbox.refreshed("/guest_issuer", &refresh).await.ok();
    let count = sandbox
        .get(&issuer.text("access_token"), "/guests/count")
        .await
        .ok();
    assert_eq!(count.bytes, b"2");
    let body = json!({ "subject": "x", "displayName": "X" });
    let administrator = sandbox.administrator().await;
    assert_eq!(
        sandbox
            .post(&administrator, "/guests/token", body)
            .await
            .status,
        403
    );
    // The Service App is for the Integration's client as little as the other way round.
    let refresh = sandbox.credential("/administrator_refresh_token");
    assert_eq!(
        sandbox.refreshed("/guest_issuer", &refresh).await.status,
        400
    );
}

#[tokio::test]
async fn a_renamed_account_carries_its_new_name_everywhere() {
    let sandbox = Sandbox::start().await;
    assert!(sandbox.org.rename(WANDA, "Wanda F."));
    let path = format!("/people/{}", sandbox.person(WANDA));
    let shown = sandbox.get(&sandbox.token(HUGO), &path).await.ok();
    assert_eq!(shown.text("displayName"), "Wanda F.");
}

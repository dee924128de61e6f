//! Graph: people, paging, delta, photos and what tokens may see.

mod graph_support;

use graph_support::{Sandbox, text};
use reqwest::{Method, header::HeaderValue};
use serde_json::{Value, json};

#[tokio::test]
async fn people_are_listed_page_by_page_each_once() {
    let sandbox = Sandbox::start().await;
    let token = sandbox.app_token().await;
    let mut seen = Vec::new();
    let mut next = "/users?$top=5&$select=id,mail,accountEnabled,userType".to_owned();
    loop {
        let page = sandbox.get(&token, &next).await;
        assert_eq!(page.status, 200, "{}", page.body);
        assert!(page.values().len() <= 5);
        seen.extend(page.values());
        match page.body["@odata.nextLink"].as_str() {
            Some(link) => next = link.to_owned(),
            None => break,
        }
    }
    let mut mails: Vec<_> = seen.iter().map(|user| text(&user["mail"])).collect();
    assert!(mails.contains(&"Sue.Kim@ACME.example".to_owned()));
    assert!(mails.contains(&"causeway@acme.example".to_owned()));
    mails.sort();
    mails.dedup();
    assert_eq!(mails.len(), seen.len());
    let lea = seen
        .iter()
        .find(|user| text(&user["mail"]) == "lea@acme.example")
        .expect("Lea");
    assert_eq!(
        (&lea["accountEnabled"], &lea["userType"]),
        (&json!(false), &json!("Member"))
    );
    assert!(sandbox.get(&token, "/users?$top=1000").await.status == 400);
}

#[tokio::test]
async fn the_default_selection_leaves_out_what_must_be_asked_for() {
    let sandbox = Sandbox::start().await;
    let token = sandbox.app_token().await;
    let user = sandbox.get(&token, "/users/bob@acme.example").await.body;
    assert_eq!(user["displayName"], "Bob Stone");
    assert!(user.get("accountEnabled").is_none() && user.get("userType").is_none());
    assert!(text(&user["@odata.context"]).ends_with("/$metadata#users/$entity"));
    let plans = sandbox
        .get(&token, "/users/bob@acme.example?$select=assignedPlans")
        .await
        .body;
    assert_eq!(plans["assignedPlans"][0]["service"], "TeamspaceAPI");
    assert_eq!(
        sandbox.get(&token, "/users?$select=kittens").await.code(),
        "BadRequest"
    );
    let missing = sandbox.get(&token, "/users/nobody@acme.example").await;
    assert_eq!(
        (missing.status, missing.code()),
        (404, "Request_ResourceNotFound")
    );
}

#[tokio::test]
async fn people_are_filtered_by_address_whatever_its_case() {
    let sandbox = Sandbox::start().await;
    let token = sandbox.app_token().await;
    let found = sandbox
        .get(&token, "/users?$filter=mail eq 'sue.kim@acme.example'")
        .await;
    assert_eq!(found.ids(), [sandbox.user("sue.kim@acme.example")]);
    let found = sandbox
        .get(&token, "/users?$filter=startswith(displayName,'Sam')")
        .await;
    assert_eq!(found.values().len(), 2);
    assert_eq!(
        sandbox
            .get(&token, "/users?$filter=shoeSize eq '9'")
            .await
            .status,
        400
    );
}

#[tokio::test]
async fn a_delegated_token_sees_the_basics_of_others_and_all_of_oneself() {
    let sandbox = Sandbox::start().await;
    let token = sandbox.token_of("bob@acme.example").await;
    let other = sandbox.get(&token, "/users/ann@acme.example").await.body;
    assert_eq!(
        (&other["displayName"], &other["jobTitle"]),
        (&json!("Ann Lee"), &Value::Null)
    );
    assert_eq!(sandbox.get(&token, "/me").await.body["jobTitle"], "Sales");
    let refused = sandbox.get(&token, "/users/delta").await;
    assert_eq!(
        (refused.status, refused.code()),
        (403, "Authorization_RequestDenied")
    );
    let app = sandbox.app_token().await;
    assert_eq!(sandbox.get(&app, "/me").await.status, 400);
    let refused = sandbox
        .post(
            &app,
            "/users/bob@acme.example/revokeSignInSessions",
            Value::Null,
        )
        .await;
    assert_eq!(
        (refused.status, refused.code()),
        (403, "Authorization_RequestDenied")
    );
}

#[tokio::test]
async fn delta_gives_everyone_then_only_what_changed_even_while_paging() {
    let sandbox = Sandbox::start().await;
    let token = sandbox.app_token().await;
    let first = sandbox
        .get(
            &token,
            "/users/delta?$select=displayName,accountEnabled&$top=10",
        )
        .await;
    let renamed = text(&first.values()[0]["id"]);
    sandbox
        .tenant
        .rename_account("ann@acme.example", "Ann Lee-Moss");
    let mut seen = first.ids();
    let mut link = first.body["@odata.nextLink"].clone();
    let delta = loop {
        let page = sandbox.get(&token, &text(&link)).await;
        seen.extend(page.ids());
        if let Some(delta) = page.body["@odata.deltaLink"].as_str() {
            break delta.to_owned();
        }
        link = page.body["@odata.nextLink"].clone();
    };
    let all = sandbox.get(&token, "/users").await.values().len();
    assert_eq!(
        (seen.len(), &renamed),
        (all, &sandbox.user("ann@acme.example"))
    );

    sandbox
        .tenant
        .set_account_enabled("bob@acme.example", false);
    let gone = sandbox.user("raj@acme.example");
    sandbox.tenant.remove_account("raj@acme.example");
    let changes = sandbox.get(&token, &delta).await;
    let values = changes.values();
    assert_eq!(values.len(), 3);
    assert_eq!(values[0]["displayName"], "Ann Lee-Moss");
    assert_eq!(values[1]["accountEnabled"], false);
    assert_eq!(
        values[2],
        json!({"id": gone, "@removed": {"reason": "changed"}})
    );
    let quiet = sandbox
        .get(&token, &text(&changes.body["@odata.deltaLink"]))
        .await;
    assert!(quiet.values().is_empty() && quiet.body["@odata.deltaLink"].is_string());
}

#[tokio::test]
async fn a_delta_token_that_is_forged_or_a_week_old_must_start_over() {
    let sandbox = Sandbox::start().await;
    let token = sandbox.app_token().await;
    let forged = sandbox
        .get(&token, "/users/delta?$deltatoken=abc.def")
        .await;
    assert_eq!((forged.status, forged.code()), (410, "syncStateNotFound"));
    let latest = sandbox.get(&token, "/users/delta?$deltatoken=latest").await;
    assert!(latest.values().is_empty());
    let link = text(&latest.body["@odata.deltaLink"]);
    sandbox.shared.clock.advance(8 * 24 * 3600 * 1000);
    let token = sandbox.app_token().await;
    assert_eq!(sandbox.get(&token, &link).await.status, 410);
}

#[tokio::test]
async fn some_people_have_a_picture_and_others_answer_image_not_found() {
    let sandbox = Sandbox::start().await;
    let token = sandbox.app_token().await;
    let mut with = 0;
    let mut without = 0;
    for id in sandbox.get(&token, "/users").await.ids() {
        let url = format!("{}/users/{id}/photo/$value", sandbox.graph);
        let answer = sandbox
            .http
            .get(url)
            .bearer_auth(&token)
            .send()
            .await
            .expect("an answer");
        if answer.status() == 200 {
            assert_eq!(answer.headers()["content-type"], "image/png");
            assert!(
                answer
                    .bytes()
                    .await
                    .expect("a picture")
                    .starts_with(b"\x89PNG")
            );
            with += 1;
        } else {
            let body: Value = answer.json().await.expect("an error");
            assert_eq!(body["error"]["code"], "ImageNotFound");
            without += 1;
        }
    }
    assert!(with > 3 && without > 3, "{with} with, {without} without");
}

#[tokio::test]
async fn a_guest_is_invited_once_and_a_member_of_the_tenant_never() {
    let sandbox = Sandbox::start().await;
    let token = sandbox.app_token().await;
    let invite = async |email: &str| {
        let body = json!({
            "invitedUserEmailAddress": email,
            "inviteRedirectUrl": "https://hub.example/",
            "sendInvitationMessage": false,
        });
        sandbox.post(&token, "/invitations", body).await
    };
    let first = invite("lou@partner.example").await;
    assert_eq!(
        (first.status, &first.body["status"]),
        (201, &json!("PendingAcceptance"))
    );
    let again = invite("lou@partner.example").await;
    assert_eq!(
        first.body["invitedUser"]["id"],
        again.body["invitedUser"]["id"]
    );
    let id = text(&first.body["invitedUser"]["id"]);
    let guest = sandbox
        .get(
            &token,
            &format!("/users/{id}?$select=userType,externalUserState,userPrincipalName"),
        )
        .await
        .body;
    assert_eq!(guest["externalUserState"], "PendingAcceptance");
    assert_eq!(
        guest["userPrincipalName"],
        "lou_partner.example#EXT#@acme.example"
    );
    assert_eq!(invite("bob@acme.example").await.status, 400);
}

#[tokio::test]
async fn a_batch_answers_each_request_and_takes_twenty_at_most() {
    let sandbox = Sandbox::start().await;
    let token = sandbox.app_token().await;
    let batch = json!({"requests": [
        {"id": "1", "method": "GET", "url": "/users/bob@acme.example"},
        {"id": "2", "method": "GET", "url": "/users/nobody"},
        {"id": "3", "method": "GET", "url": "/users/ann@acme.example", "dependsOn": ["2"]},
    ]});
    let answer = sandbox.post(&token, "/$batch", batch).await.body;
    let status = |index: usize| answer["responses"][index]["status"].as_u64();
    assert_eq!(
        (status(0), status(1), status(2)),
        (Some(200), Some(404), Some(424))
    );
    assert_eq!(answer["responses"][0]["body"]["displayName"], "Bob Stone");
    let many: Vec<_> = (0..21)
        .map(|id| json!({"id": id.to_string(), "method": "GET", "url": "/users"}))
        .collect();
    assert_eq!(
        sandbox
            .post(&token, "/$batch", json!({"requests": many}))
            .await
            .status,
        400
    );
}

#[tokio::test]
async fn unknown_paths_and_methods_and_bodies_have_graphs_errors_with_request_ids() {
    let sandbox = Sandbox::start().await;
    let token = sandbox.app_token().await;
    let unknown = sandbox.get(&token, "/kittens").await;
    assert_eq!((unknown.status, unknown.code()), (400, "BadRequest"));
    let inner = &unknown.body["error"]["innerError"];
    assert_eq!(
        text(&inner["request-id"]),
        unknown.headers["request-id"].to_str().expect("text")
    );
    assert_eq!(
        sandbox
            .call(&token, Method::DELETE, "/users", Value::Null)
            .await
            .status,
        405
    );
    let url = format!("{}/chats", sandbox.graph);
    let bad = sandbox
        .http
        .post(url)
        .bearer_auth(&token)
        .header("client-request-id", "mine")
        .body("{");
    let bad = graph_support::answer(bad).await;
    assert_eq!(
        (bad.status, &bad.headers["client-request-id"]),
        (400, &HeaderValue::from_static("mine"))
    );
    let nobody = graph_support::answer(sandbox.http.get(format!("{}/me", sandbox.graph))).await;
    assert_eq!(
        (nobody.status, nobody.code()),
        (401, "InvalidAuthenticationToken")
    );
}

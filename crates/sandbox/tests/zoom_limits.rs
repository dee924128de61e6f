//! Zoom's limits, and faults on the wire.

mod zoom_support;

use causeway_sandbox::{control_client::ZoomSwitches, faults::FaultKind};
use serde_json::json;
use zoom_support::{OLOF, ZARA, Zoom};

#[tokio::test]
async fn a_second_of_the_free_plan_is_used_up_and_no_answer_says_until_when() {
    let zoom = Zoom::set_up(ZoomSwitches {
        plan: Some("free".to_owned()),
        ..ZoomSwitches::default()
    })
    .await;
    let token = zoom.account_token().await;
    let path = format!("/users/{ZARA}");
    // Fewer than a second's calls may have fallen into the second before.
    let mut last = zoom.get(&token, &path).await;
    for _ in 0..50 {
        if last.status == 429 {
            break;
        }
        last = zoom.get(&token, &path).await;
    }
    assert_eq!(last.refusal(), (429, 429));
    assert_eq!(last.header("x-ratelimit-type"), "QPS");
    assert_eq!(
        (
            last.header("x-ratelimit-category"),
            last.header("x-ratelimit-limit")
        ),
        ("Light", "4")
    );
    assert!(!last.headers.contains_key("retry-after"));
    zoom.advance(1000).await;
    assert_eq!(zoom.get(&token, &path).await.status, 200);
}

#[tokio::test]
async fn a_day_of_the_free_plan_is_used_up_until_a_date() {
    let zoom = Zoom::set_up(ZoomSwitches {
        plan: Some("free".to_owned()),
        ..ZoomSwitches::default()
    })
    .await;
    let token = zoom.account_token().await;
    // Past midnight first, so that all of it falls into one day.
    let now = zoom.control.clock().await.expect("a time").now_ms;
    let until_midnight = 24 * 60 * 60_000 - now.rem_euclid(24 * 60 * 60_000);
    zoom.advance(u64::try_from(until_midnight).expect("a span"))
        .await;
    let token = if until_midnight > 3_000_000 {
        zoom.account_token().await
    } else {
        token
    };
    let mut answer = zoom.get(&token, "/chat/channels").await;
    for _ in 0..1000 {
        zoom.advance(1000).await;
        answer = zoom.get(&token, "/chat/channels").await;
        assert!(answer.status == 200 || answer.header("x-ratelimit-type") == "Daily-limit");
        if answer.status != 200 {
            break;
        }
    }
    assert_eq!(answer.status, 429);
    let until: Result<jiff::Timestamp, _> = answer.header("retry-after").parse();
    assert!(until.is_ok(), "{}", answer.header("retry-after"));
}

#[tokio::test]
async fn armed_faults_strike_a_call_by_its_documented_name() {
    let zoom = Zoom::start().await;
    let token = zoom.account_token().await;
    let method = "POST /chat/users/{userId}/messages";
    let path = format!("/chat/users/{ZARA}/messages");
    let body = json!({"message": "hi", "to_contact": OLOF});
    zoom.fault(method, FaultKind::Throttle).await;
    let limited = zoom.post(&token, &path, body.clone()).await;
    assert_eq!(limited.refusal(), (429, 429));
    assert!(!limited.headers.contains_key("retry-after"));
    zoom.fault_for(method, FaultKind::Throttle, Some(3_600_000))
        .await;
    let limited = zoom.post(&token, &path, body.clone()).await;
    assert!(limited.headers.contains_key("retry-after"));
    zoom.fault(method, FaultKind::FailBefore).await;
    assert_eq!(zoom.post(&token, &path, body.clone()).await.status, 500);
    zoom.fault(method, FaultKind::FailAfter).await;
    assert_eq!(zoom.post(&token, &path, body.clone()).await.status, 500);
    zoom.fault(method, FaultKind::Cut).await;
    let url = format!("{}{path}", zoom.base);
    let cut = zoom
        .http
        .post(url)
        .bearer_auth(&token)
        .json(&body)
        .send()
        .await;
    assert!(cut.is_err());
    // Sent, but for the first three.
    assert_eq!(zoom.seen(OLOF, "dm").await.messages.len(), 2);
}

//! Sockets that ring for the poll of an organisation's events.

use std::sync::Arc;

use causeway_connectors::Hearing;
use causeway_model::HealthState;
use serde_json::{Value, json};

use crate::{
    mercury::{CATALOG, DEVICES, Mercury, until},
    poll::{Listening, feed},
    support::*,
};

/// An organisation where only a bell makes another poll come in time.
async fn quiet() -> Organisation {
    let mut organisation = Organisation::start().await;
    organisation.settings.poll_every_ms = 600_000;
    feed(&organisation, &[], &[]).await;
    organisation
}

async fn polls(organisation: &Organisation) -> usize {
    organisation.sent("GET", "/v1/events").await.len()
}

#[tokio::test]
async fn a_frame_about_a_message_rings_for_the_poll_and_nothing_of_it_is_believed() {
    let organisation = quiet().await;
    let mercury = Mercury::start(&organisation).await;
    let listening = Listening::begin(organisation.connector(), Arc::default(), &[]);
    let mut line = mercury.line().await;
    assert_eq!(line.token, "bot");
    line.acknowledged("ready").await;
    listening.sink.until(|heard| heard.listening == 1).await;
    for (number, verb) in ["post", "share", "delete", "add", "leave"]
        .iter()
        .enumerate()
    {
        let before = polls(&organisation).await;
        let frame = format!("F{number}");
        let activity = json!({ "id": "A", "verb": verb, "object": { "content": "sealed" } });
        line.tell(&frame, activity).await;
        line.acknowledged(&frame).await;
        until(|| async { polls(&organisation).await > before }).await;
    }
    assert!(listening.sink.heard().keys().is_empty());
    listening.end().await;
}

#[tokio::test]
async fn people_have_a_socket_where_their_token_is_for_it_and_as_long_as_they_are_heard() {
    let organisation = quiet().await;
    let mut all = organisation.vault.get(&owner(ANN)).expect("a token");
    all.scopes = "spark:messages_read spark:all spark:kms".to_owned();
    organisation.vault.put(owner(ANN), all.clone());
    let guest = token_set("guest", None, Some("guest:subject-1:Cy"));
    organisation.vault.put(owner("GUEST"), guest);
    let mercury = Mercury::start(&organisation).await;
    let heard = ["GUEST", ANN, BOB];
    let listening = Listening::begin(organisation.connector(), Arc::default(), &heard);
    let [mut bot, mut ann] = mercury.both("bot", "ann").await;
    bot.acknowledged("ready").await;
    ann.acknowledged("ready").await;
    listening.hearing.send_replace(Hearing {
        accounts: vec![account(BOB)],
    });
    assert_eq!(ann.next().await, None);
    let anns = format!("{DEVICES}/ann");
    until(|| async { organisation.sent("DELETE", &anns).await.len() == 1 }).await;
    let registered = organisation.sent("POST", DEVICES).await;
    assert_eq!(registered.len(), 2, "the bot's and Ann's");
    for device in &registered {
        assert_eq!(device["deviceType"], "DESKTOP");
        assert_eq!(device["name"], "Causeway");
    }
    listening.end().await;
    let bots = format!("{DEVICES}/bot");
    assert_eq!(organisation.sent("DELETE", &bots).await.len(), 1);
}

#[tokio::test]
async fn a_device_of_an_earlier_life_is_used_again() {
    let organisation = quiet().await;
    let mercury = Mercury::without_devices(&organisation).await;
    let mut other = mercury.device(&organisation, "other");
    other["name"] = "Webex Teams".into();
    let devices = [other, mercury.device(&organisation, "earlier")];
    organisation
        .answers("GET", DEVICES, 200, json!({ "devices": devices }))
        .await;
    let listening = Listening::begin(organisation.connector(), Arc::default(), &[]);
    mercury.line().await.acknowledged("ready").await;
    assert_eq!(
        organisation.sent("POST", DEVICES).await,
        Vec::<Value>::new()
    );
    listening.end().await;
    let earlier = format!("{DEVICES}/earlier");
    assert_eq!(organisation.sent("DELETE", &earlier).await.len(), 1);
}

#[tokio::test]
async fn a_device_without_a_socket_is_registered_anew() {
    let organisation = quiet().await;
    let mercury = Mercury::start(&organisation).await;
    let listening = Listening::begin(organisation.connector(), Arc::default(), &[]);
    mercury.refuse(404).await;
    mercury.line().await.acknowledged("ready").await;
    let bots = format!("{DEVICES}/bot");
    assert_eq!(organisation.sent("DELETE", &bots).await.len(), 1);
    assert_eq!(organisation.sent("POST", DEVICES).await.len(), 2);
    listening.end().await;
}

#[tokio::test]
async fn no_token_is_sent_where_webex_is_not() {
    let organisation = quiet().await;
    organisation
        .answers(
            "GET",
            CATALOG,
            200,
            json!({ "serviceLinks": { "wdm": "https://wdm.example/api/v1" } }),
        )
        .await;
    let listening = Listening::begin(organisation.connector(), Arc::default(), &[]);
    let sink = listening.sink.clone();
    sink.until(|heard| {
        heard.said("1 account without a socket, and polled as before (foreign_link)")
    })
    .await;
    listening.end().await;
}

#[tokio::test]
async fn without_sockets_everything_is_polled_as_before() {
    let organisation = quiet().await;
    organisation.answers("GET", CATALOG, 403, json!({})).await;
    let listening = Listening::begin(organisation.connector(), Arc::default(), &[]);
    let sink = listening.sink.clone();
    sink.until(|heard| {
        let last = heard.health.last();
        let remark = "1 account without a socket, and polled as before (http_403)";
        last == Some(&(HealthState::Connected, Some(remark.to_owned())))
    })
    .await;
    assert_eq!(sink.heard().listening, 1);
    listening.end().await;
}

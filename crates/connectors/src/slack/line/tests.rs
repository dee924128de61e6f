use serde_json::{Value, json};
use tokio::io::DuplexStream;
use tokio_tungstenite::tungstenite::protocol::Role;

use super::*;

struct Ends {
    slack: WebSocketStream<DuplexStream>,
    envelopes: mpsc::Receiver<Passed>,
    signals: mpsc::UnboundedReceiver<(LineId, Signal)>,
    stop: CancellationToken,
}

/// A served line over memory, and Slack's end of it.
async fn served(room: usize) -> Ends {
    let (ours, theirs) = tokio::io::duplex(1 << 16);
    let ours = WebSocketStream::from_raw_socket(ours, Role::Client, None).await;
    let slack = WebSocketStream::from_raw_socket(theirs, Role::Server, None).await;
    let (envelopes, delivered) = mpsc::channel(room);
    let (signals, heard) = mpsc::unbounded_channel();
    let stop = CancellationToken::new();
    tokio::spawn(serve(7, ours, Outlets { envelopes, signals }, stop.clone()));
    Ends {
        slack,
        envelopes: delivered,
        signals: heard,
        stop,
    }
}

async fn say(slack: &mut WebSocketStream<DuplexStream>, frame: Value) {
    slack
        .send(Message::Text(frame.to_string().into()))
        .await
        .expect("an open socket");
}

impl Ends {
    /// The next envelope; none where a socket begins or ends.
    async fn envelope(&mut self) -> Option<Delivered> {
        match self.envelopes.recv().await {
            Some(Passed::Envelope(delivered)) => Some(delivered),
            Some(Passed::Turn(_)) | None => None,
        }
    }
}

/// The next frame that is no ping.
async fn hear(slack: &mut WebSocketStream<DuplexStream>) -> Option<Message> {
    loop {
        match slack.next().await {
            Some(Ok(Message::Ping(_))) => {}
            Some(Ok(message)) => return Some(message),
            Some(Err(_)) | None => return None,
        }
    }
}

fn envelope(id: &str) -> Value {
    json!({ "type": "events_api", "envelope_id": id, "payload": {} })
}

#[tokio::test(start_paused = true)]
async fn a_ping_is_answered_and_pings_are_sent() {
    let mut ends = served(8).await;
    ends.slack
        .send(Message::Ping(Bytes::from_static(b"x")))
        .await
        .expect("an open socket");
    let (mut pinged, mut answered) = (false, false);
    while !(pinged && answered) {
        match ends
            .slack
            .next()
            .await
            .expect("an open socket")
            .expect("a frame")
        {
            Message::Ping(_) => pinged = true,
            Message::Pong(body) => answered = body.as_ref() == b"x",
            other => panic!("unexpected: {other:?}"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_silent_line_is_given_up_after_half_a_minute() {
    let mut ends = served(8).await;
    let begun = Instant::now();
    assert_eq!(ends.signals.recv().await, Some((7, Signal::Closed)));
    assert!(begun.elapsed() >= SILENCE);
}

#[tokio::test(start_paused = true)]
async fn an_acknowledgement_waits_for_no_other_envelope() {
    let mut ends = served(8).await;
    say(&mut ends.slack, envelope("a")).await;
    say(&mut ends.slack, envelope("b")).await;
    let first = ends.envelope().await.expect("an envelope");
    let _still_open = ends.envelope().await.expect("an envelope");
    first.acknowledge();
    let acknowledgement = hear(&mut ends.slack).await.expect("an acknowledgement");
    assert_eq!(
        acknowledgement.to_text().ok(),
        Some(r#"{"envelope_id":"a"}"#)
    );
}

#[tokio::test(start_paused = true)]
async fn what_was_committed_is_acknowledged_before_a_line_is_closed() {
    let mut ends = served(8).await;
    say(&mut ends.slack, envelope("a")).await;
    ends.envelope().await.expect("an envelope").acknowledge();
    ends.stop.cancel();
    let acknowledgement = hear(&mut ends.slack).await.expect("an acknowledgement");
    assert_eq!(
        acknowledgement.to_text().ok(),
        Some(r#"{"envelope_id":"a"}"#)
    );
    assert!(matches!(
        hear(&mut ends.slack).await,
        Some(Message::Close(_)) | None
    ));
}

#[tokio::test(start_paused = true)]
async fn what_finds_no_room_is_left_to_slack() {
    let mut ends = served(1).await;
    say(&mut ends.slack, envelope("a")).await;
    say(&mut ends.slack, envelope("b")).await;
    say(&mut ends.slack, json!({ "type": "hello" })).await;
    assert_eq!(ends.signals.recv().await, Some((7, Signal::Hello)));
    assert_eq!(
        ends.envelope().await.map(|one| one.envelope_id),
        Some("a".to_owned())
    );
    // That a socket begins is told however little room there is.
    assert!(matches!(
        ends.envelopes.recv().await,
        Some(Passed::Turn(Turn::Beginning))
    ));
    say(&mut ends.slack, envelope("b")).await;
    assert_eq!(
        ends.envelope().await.map(|one| one.envelope_id),
        Some("b".to_owned())
    );
}

#[tokio::test(start_paused = true)]
async fn reasons_of_an_end_are_told_apart() {
    let mut ends = served(1).await;
    let reasons = [
        ("warning", Disconnect::Refresh),
        ("refresh_requested", Disconnect::Refresh),
        ("too_many_websockets", Disconnect::TooManySockets),
        ("link_disabled", Disconnect::LinkDisabled),
    ];
    for (word, reason) in reasons {
        say(
            &mut ends.slack,
            json!({ "type": "disconnect", "reason": word }),
        )
        .await;
        assert_eq!(
            ends.signals.recv().await,
            Some((7, Signal::Disconnect(reason)))
        );
    }
}

//! Socket Mode: one socket at a time, as fast as it goes.

use std::sync::Arc;

use futures_util::{SinkExt, StreamExt};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::mpsc,
};
use tokio_tungstenite::{accept_async, tungstenite::Message};

use super::{Sink, slack, traffic::Outgoing};

/// Envelopes that go out together when that many wait already.
const AT_ONCE: usize = 64;

pub async fn serve(sink: Arc<Sink>, listener: TcpListener) {
    while let Ok((stream, _)) = listener.accept().await {
        let sink = Arc::clone(&sink);
        tokio::spawn(async move { line(&sink, stream).await });
    }
}

async fn line(sink: &Sink, stream: TcpStream) {
    drop(stream.set_nodelay(true));
    let Ok(socket) = accept_async(stream).await else {
        return;
    };
    let (mut out, mut heard) = socket.split();
    let (outgoing, mut waiting) = mpsc::unbounded_channel::<Outgoing>();
    sink.traffic.set_socket(outgoing);
    if out.send(Message::text(slack::hello())).await.is_err() {
        return;
    }
    let mut batch = Vec::with_capacity(AT_ONCE);
    loop {
        tokio::select! {
            count = waiting.recv_many(&mut batch, AT_ONCE) => {
                // Replaced by a newer socket.
                if count == 0 {
                    break;
                }
                sink.traffic.leave(batch.iter().filter_map(|outgoing| outgoing.number));
                for outgoing in batch.drain(..) {
                    if out.feed(Message::text(outgoing.envelope)).await.is_err() {
                        return;
                    }
                }
                if out.flush().await.is_err() {
                    return;
                }
            }
            // Acknowledgements need no answer; pings are answered with the next flush.
            frame = heard.next() => match frame {
                Some(Ok(Message::Ping(_))) => drop(out.flush().await),
                Some(Ok(Message::Close(_)) | Err(_)) | None => break,
                Some(Ok(_)) => {}
            },
        }
    }
}

//! Whether the hub is reached under its public address: it calls itself there.

use axum::{Router, http::StatusCode, routing::get};
use causeway_model::{Failure, FailureKind};

use crate::{
    http::{Client, transport_failure},
    listener::Listener,
};

/// Where the answer is mounted while the hub waits for its own call.
const MOUNT: &str = "self";
const DOING: &str = "calling the public address";

/// Calls the listener by its public URL, and is content when it hears its own `word` there: a
/// stranger's page answers as well, but does not know it.
///
/// # Errors
/// `no_connection`, `timeout` or `cut` where nobody answers, `somebody_else` where another does.
pub async fn call_itself(listener: &Listener, http: &Client, word: String) -> Result<(), Failure> {
    let answer = word.clone();
    let router = Router::new().route("/here", get(move || async move { answer }));
    let base = listener.mount(MOUNT, router);
    let heard = hear(http, &format!("{base}/here")).await;
    listener.unmount(MOUNT);
    match heard? {
        Some(heard) if heard == word => Ok(()),
        Some(_) | None => Err(Failure::new(FailureKind::Rejected, "somebody_else", DOING)),
    }
}

async fn hear(http: &Client, url: &str) -> Result<Option<String>, Failure> {
    let failure = |error: reqwest::Error| transport_failure(&error, DOING);
    let answer = http.get(url).send().await.map_err(failure)?;
    if answer.status() != StatusCode::OK.as_u16() {
        return Ok(None);
    }
    answer.text().await.map(Some).map_err(failure)
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::http;

    async fn listening(public: Option<String>) -> (Listener, CancellationToken) {
        let stop = CancellationToken::new();
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let listener = Listener::bind(address, public, stop.clone()).await;
        (listener.expect("a free port"), stop)
    }

    #[tokio::test]
    async fn the_hub_hears_itself_and_nobody_else() {
        let http = http::client().expect("a client");
        let (itself, stop) = listening(None).await;
        let called = call_itself(&itself, &http, "one".to_owned()).await;
        assert_eq!(called, Ok(()));

        let (other, stop_other) = listening(None).await;
        let (astray, stop_astray) =
            listening(Some(format!("http://{}", other.local_address()))).await;
        let called = call_itself(&astray, &http, "two".to_owned()).await;
        assert_eq!(called.map_err(|f| f.code), Err("somebody_else".into()));
        stop_other.cancel();
        stop_astray.cancel();
        stop.cancel();
    }
}

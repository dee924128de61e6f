//! Hearing an account: by its socket, or by webhooks where it can be reached and has no socket; by
//! reading beside either, and alone where there is neither.

use std::{sync::Arc, time::Duration};

use causeway_model::{ExternalAccount, Failure};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::{
    api::Api, edits::Edits, health::Board, poll::keep_reading, refusal::may_pass,
    socket::keep_open, source::Source, webhooks::Desk,
};
use crate::{
    EventSink, Hearing,
    backoff::{Backoff, pause_after},
    listener::Listener,
};

/// Nobody mends a refused app within seconds.
const LEAST_WAIT_FOR_PERSON: Duration = Duration::from_secs(30);

/// Hears until stopped.
pub(super) async fn listen(
    api: &Api,
    edits: Arc<Edits>,
    listener: Option<&(Listener, String)>,
    sink: Arc<dyn EventSink>,
    hearing: watch::Receiver<Hearing>,
    stop: CancellationToken,
) -> Result<(), Failure> {
    let asked = tokio::select! {
        () = stop.cancelled() => return Ok(()),
        own = own_account(api, &sink) => own,
    };
    let (catch_up, wanted) = mpsc::channel(4);
    let source = Source::new(api.clone(), edits, sink, hearing, asked, catch_up);
    let source = Arc::new(source);
    let reading = keep_reading(&source, wanted, stop.clone());
    let subscription = api.settings().subscription();
    match (subscription, listener) {
        (Some(subscription), _) => {
            tokio::join!(reading, keep_open(&source, subscription, stop.clone()));
        }
        (None, Some((listener, name))) => {
            let mounted = mount(&source, listener, name).await;
            reading.await;
            if mounted {
                listener.unmount(name);
            }
        }
        (None, None) => reading.await,
    }
    Ok(())
}

/// Who the service user is, asked until it is told.
async fn own_account(api: &Api, sink: &Arc<dyn EventSink>) -> ExternalAccount {
    let board = Board::new(sink.clone());
    let mut backoff = Backoff::default();
    loop {
        let failure = match api.own().await {
            Ok(own) => return own.account.clone(),
            Err(failure) => failure,
        };
        let least = match may_pass(&failure) {
            true => Duration::ZERO,
            false => LEAST_WAIT_FOR_PERSON,
        };
        let pause = pause_after(&failure, backoff.next(api.random()).max(least));
        board.used_up(api.used_up()).await;
        board.shut_out(Some(failure)).await;
        tokio::time::sleep(pause).await;
    }
}

async fn mount(source: &Arc<Source>, listener: &Listener, name: &str) -> bool {
    match Desk::new(source.clone()) {
        Some(desk) => {
            listener.mount(name, desk.router());
            true
        }
        None => {
            let trouble = "no webhooks without the app's secret token: conversations are polled";
            source.board.live(Some(trouble)).await;
            false
        }
    }
}

//! Telling the engine what sockets may have missed: once for all that open together, and before
//! anything that they bring is taken.

use std::time::Duration;

use causeway_model::Timestamp;
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, timeout_at},
};

use crate::EventSink;

/// For so long sockets that open after the first are counted with it.
const TOGETHER: Duration = Duration::from_millis(500);
const MOST_WAITING: usize = 64;

/// Nothing was heard by a socket since then.
pub(super) struct Gap {
    since: Timestamp,
    told: oneshot::Sender<()>,
}

/// Where sockets tell their gaps.
#[derive(Clone)]
pub(super) struct Gaps(mpsc::Sender<Gap>);

pub(super) fn gaps() -> (Gaps, mpsc::Receiver<Gap>) {
    let (gaps, waiting) = mpsc::channel(MOST_WAITING);
    (Gaps(gaps), waiting)
}

impl Gaps {
    /// Returns once the engine knows.
    pub(super) async fn tell(&self, since: Timestamp) {
        let (told, known) = oneshot::channel();
        if self.0.send(Gap { since, told }).await.is_ok() {
            let _ = known.await;
        }
    }
}

/// Tells the first gaps as the beginning, and later ones from the earliest of them on.
pub(super) async fn tell_gaps(sink: &dyn EventSink, mut waiting: mpsc::Receiver<Gap>) {
    let mut begun = false;
    while let Some(first) = waiting.recv().await {
        let mut since = first.since;
        let mut told = vec![first.told];
        let end = Instant::now() + TOGETHER;
        while let Ok(Some(gap)) = timeout_at(end, waiting.recv()).await {
            since = since.min(gap.since);
            told.push(gap.told);
        }
        match std::mem::replace(&mut begun, true) {
            false => sink.listening().await,
            true => sink.missed(since).await,
        }
        for told in told {
            let _ = told.send(());
        }
    }
}

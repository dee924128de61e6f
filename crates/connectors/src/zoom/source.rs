//! What reading, socket and webhooks share: whom they hear for, and where what they hear goes.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use causeway_model::{ExternalAccount, Failure, FailureKind, Incoming, Timestamp};
use tokio::sync::{mpsc, oneshot, watch};

use super::{api::Api, edits::Edits, events, health::Board, poll::CatchUp, wire::Event};
use crate::{EventSink, Hearing};

/// Between two sweeps where nothing else tells of edits and deletions.
const SWEEP_ALONE: Duration = Duration::from_secs(60);
/// Beside webhooks: what Zoom has tried in vain for an hour and a half is told by nobody else. A sweep
/// is a call for each conversation of an account's last day, about as many as the rounds between two
/// sweeps make anyway; a shorter time would spend more of the limits that all apps share.
const SWEEP_BESIDE_WEBHOOKS: Duration = Duration::from_secs(15 * 60);
/// After so long without a webhook some may have been given up: Zoom tries one for 85 minutes.
const SILENT_AFTER: Duration = Duration::from_secs(60 * 60);

pub(super) struct Source {
    pub api: Api,
    pub edits: Arc<Edits>,
    pub sink: Arc<dyn EventSink>,
    pub hearing: watch::Receiver<Hearing>,
    pub board: Board,
    own: ExternalAccount,
    catch_up: mpsc::Sender<CatchUp>,
    live: AtomicBool,
    /// When the last webhook came, by our clock.
    told_at: Mutex<Option<Timestamp>>,
    begun: AtomicBool,
}

impl Source {
    pub(super) fn new(
        api: Api,
        edits: Arc<Edits>,
        sink: Arc<dyn EventSink>,
        hearing: watch::Receiver<Hearing>,
        own: ExternalAccount,
        catch_up: mpsc::Sender<CatchUp>,
    ) -> Self {
        Self {
            api,
            edits,
            board: Board::new(sink.clone()),
            sink,
            hearing,
            own,
            catch_up,
            live: AtomicBool::new(false),
            told_at: Mutex::default(),
            begun: AtomicBool::new(false),
        }
    }

    /// Those who are heard: whoever stands for people here, and the service user.
    pub(super) fn accounts(&self) -> Vec<ExternalAccount> {
        let mut accounts = self.hearing.borrow().accounts.clone();
        accounts.push(self.own.clone());
        accounts.sort();
        accounts.dedup();
        accounts
    }

    /// Whether things are heard as they happen.
    pub(super) fn is_live(&self) -> bool {
        self.live.load(Ordering::SeqCst)
    }

    pub(super) fn set_live(&self, live: bool) {
        self.live.store(live, Ordering::SeqCst);
    }

    pub(super) fn waits_for_socket(&self) -> bool {
        self.api.settings().subscription().is_some()
    }

    /// How long after a sweep another is due; never while a socket stands, which tells of edits and
    /// deletions, and has everything swept that was missed before it stood.
    pub(super) fn sweep_every(&self) -> Option<Duration> {
        match (self.is_live(), self.waits_for_socket()) {
            (false, _) => Some(SWEEP_ALONE),
            (true, true) => None,
            (true, false) => Some(self.api.settings().by_our_clock(SWEEP_BESIDE_WEBHOOKS)),
        }
    }

    /// Tells the sink, once, that something is read.
    pub(super) async fn begun(&self) {
        // A socket says it by itself each time, and reads only where it is not there.
        let by_socket = self.waits_for_socket() && self.is_live();
        if !by_socket && !self.begun.swap(true, Ordering::SeqCst) {
            self.sink.listening().await;
        }
    }

    /// A webhook came: reading is only the safety net from now on. After a silence in which others
    /// may have been given up it is as with a socket that stands again: what they told of is read,
    /// and whoever came in meanwhile is looked for.
    pub(super) async fn told(&self) {
        let now = self.api.clock().now();
        let before = {
            let mut told_at = self.told_at.lock().unwrap_or_else(PoisonError::into_inner);
            told_at.replace(now)
        };
        self.set_live(true);
        self.board.live(None).await;
        match before {
            Some(before) if !self.is_long(now.ms_since(before)) => {}
            Some(_) => {
                self.sink.listening().await;
                self.read_again();
            }
            None => self.sink.listening().await,
        }
    }

    /// Whether a silence is so long that webhooks may have been given up in it.
    fn is_long(&self, silence_ms: i64) -> bool {
        let long = self.api.settings().by_our_clock(SILENT_AFTER);
        u128::from(silence_ms.max(0).unsigned_abs()) > long.as_millis()
    }

    /// Has everything read that was missed, and waits for it.
    pub(super) async fn catch_up(&self) {
        let (done, caught_up) = oneshot::channel();
        if self.catch_up.send(done).await.is_ok() {
            let _ = caught_up.await;
        }
    }

    /// Has it read some time soon: something could not be told as it happened.
    pub(super) fn read_again(&self) {
        let (done, _) = oneshot::channel();
        // Where reading is wanted already, it is the same.
        let _ = self.catch_up.try_send(done);
    }

    pub(super) async fn happening(&self, event: &Event) -> Result<Option<Incoming>, Failure> {
        let hearing = self.accounts();
        events::happening(&self.api, &self.edits, event, &hearing).await
    }

    pub(super) async fn take(
        &self,
        events: Vec<Incoming>,
        cursor: Option<(String, String)>,
    ) -> Result<(), Failure> {
        self.sink
            .take(events, cursor)
            .await
            .map_err(|_| Failure::new(FailureKind::NotSent, "not_kept", "events"))
    }
}

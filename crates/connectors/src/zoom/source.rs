//! What reading, socket and webhooks share: whom they hear for, and where what they hear goes.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use causeway_model::{ExternalAccount, Failure, FailureKind, Incoming};
use tokio::sync::{mpsc, oneshot, watch};

use super::{api::Api, edits::Edits, events, health::Board, poll::CatchUp, wire::Event};
use crate::{EventSink, Hearing};

pub(super) struct Source {
    pub api: Api,
    pub edits: Arc<Edits>,
    pub sink: Arc<dyn EventSink>,
    pub hearing: watch::Receiver<Hearing>,
    pub board: Board,
    own: ExternalAccount,
    catch_up: mpsc::Sender<CatchUp>,
    live: AtomicBool,
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

    /// Tells the sink, once, that something is heard.
    pub(super) async fn begun(&self) {
        // A socket says it by itself each time, and reads only where it is not there.
        if !self.is_live() && !self.begun.swap(true, Ordering::SeqCst) {
            self.sink.listening().await;
        }
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

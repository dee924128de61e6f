//! What polls and notifications share: where events go, and who wants to be polled at once.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use causeway_model::{ExternalAccount, Failure, FailureKind, Incoming};
use tokio::sync::{Notify, Semaphore};

use super::{
    chats::Chats,
    graph::Graph,
    health::Board,
    messages::{Around, Found},
};
use crate::{EventSink, TokenOwner};

/// How many accounts are polled at a time.
const POLLS_AT_ONCE: usize = 4;

pub(super) struct Source {
    pub graph: Graph,
    pub chats: Arc<Chats>,
    pub sink: Arc<dyn EventSink>,
    pub board: Board,
    pub polls: Semaphore,
    wanted: Mutex<HashMap<ExternalAccount, Arc<Notify>>>,
    begun: AtomicBool,
}

impl Source {
    pub(super) fn new(graph: Graph, chats: Arc<Chats>, sink: Arc<dyn EventSink>) -> Self {
        Self {
            graph,
            chats,
            board: Board::new(sink.clone()),
            sink,
            polls: Semaphore::new(POLLS_AT_ONCE),
            wanted: Mutex::default(),
            begun: AtomicBool::new(false),
        }
    }

    /// Tells the sink, once, that something is heard.
    pub(super) async fn begun(&self) {
        if !self.begun.swap(true, Ordering::SeqCst) {
            self.sink.listening().await;
        }
    }

    /// Rings when the account is to be polled without waiting.
    pub(super) fn bell(&self, account: &ExternalAccount) -> Arc<Notify> {
        let mut wanted = self.wanted.lock().unwrap_or_else(PoisonError::into_inner);
        wanted.entry(account.clone()).or_default().clone()
    }

    pub(super) fn poll_soon(&self, account: &ExternalAccount) {
        self.bell(account).notify_one();
    }

    /// What happened to the messages, oldest first.
    pub(super) async fn happenings(
        &self,
        found: &[Found],
        heard_by: &ExternalAccount,
        owner: &TokenOwner,
    ) -> Result<Vec<Incoming>, Failure> {
        let own = self.graph.own().await?.account.clone();
        let mut events = Vec::new();
        for found in found.iter().filter(|found| found.is_of_concern()) {
            let around = Around {
                own: &own,
                heard_by: Some(heard_by),
                kind: self.chats.kind(&found.conversation, owner).await?,
            };
            events.extend(found.happenings(around));
        }
        events.sort_by_key(|event| event.at);
        Ok(events)
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

    /// The owner of the account's own token.
    pub(super) async fn own_token_of(
        &self,
        account: &ExternalAccount,
    ) -> Result<TokenOwner, Failure> {
        let own = &self.graph.own().await?.account;
        Ok(match account == own {
            true => TokenOwner::App,
            false => TokenOwner::Account(account.clone()),
        })
    }
}

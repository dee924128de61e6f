//! A hub of which a test decides how it fares.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use causeway_hub::api::{
    ConnectionView, DeliveryCounts, ErrorCode, HubError, KeyPlace, RelayRole, Reply, Request,
    Severity, StatusReport,
};
use causeway_model::{ConnectionId, Health, HealthState, Platform, Timestamp};
use tokio::sync::watch;

use crate::caller::{Caller, Opener};

pub(crate) fn failure(code: ErrorCode) -> HubError {
    HubError {
        code,
        message: code.word().to_owned(),
        hint: None,
        action: None,
        severity: Severity::Blocking,
        correlation_id: String::new(),
    }
}

pub(crate) fn status() -> StatusReport {
    StatusReport {
        version: "0.1.0".to_owned(),
        home: "/data".to_owned(),
        role: RelayRole::Relaying,
        process: 1,
        since: Timestamp(0),
        paused_since: None,
        key: KeyPlace::KeyFile,
        listener: None,
        connections: Vec::new(),
        deliveries: DeliveryCounts::default(),
        paired_people: 0,
        revision: 0,
    }
}

pub(crate) fn connection(platform: Platform, state: HealthState) -> ConnectionView {
    ConnectionView {
        id: ConnectionId(1),
        platform,
        name: "Acme".to_owned(),
        health: Health {
            state,
            since: Timestamp(0),
            last_success: None,
            detail: None,
        },
        paused_since: None,
        action: None,
        accounts: 0,
        authorised: 0,
    }
}

#[derive(Default)]
pub(crate) struct FakeOpener(Mutex<VecDeque<Result<Arc<FakeCaller>, HubError>>>);

impl FakeOpener {
    pub(crate) fn will_open(&self, caller: Arc<FakeCaller>) {
        self.next(Ok(caller));
    }

    pub(crate) fn will_fail(&self, error: HubError) {
        self.next(Err(error));
    }

    fn next(&self, outcome: Result<Arc<FakeCaller>, HubError>) {
        self.0
            .lock()
            .expect("no test panics with it")
            .push_back(outcome);
    }
}

#[async_trait]
impl Opener for FakeOpener {
    async fn open(&self) -> Result<Arc<dyn Caller>, HubError> {
        let outcome = self.0.lock().expect("no test panics with it").pop_front();
        match outcome {
            Some(Ok(caller)) => Ok(caller),
            Some(Err(error)) => Err(error),
            None => Err(failure(ErrorCode::FolderLocked)),
        }
    }
}

pub(crate) struct FakeCaller {
    revision: watch::Sender<Result<u64, HubError>>,
    closed: AtomicBool,
}

impl FakeCaller {
    pub(crate) fn at_revision(revision: u64) -> Arc<Self> {
        Arc::new(Self {
            revision: watch::Sender::new(Ok(revision)),
            closed: AtomicBool::new(false),
        })
    }

    pub(crate) fn change(&self) {
        self.revision.send_modify(|state| {
            if let Ok(revision) = state {
                *revision += 1;
            }
        });
    }

    pub(crate) fn fail(&self, error: HubError) {
        self.revision.send_modify(|state| *state = Err(error));
    }

    pub(crate) fn recover(&self) {
        self.revision.send_modify(|state| *state = Ok(100));
    }

    pub(crate) fn was_closed(&self) -> bool {
        self.closed.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl Caller for FakeCaller {
    async fn request(&self, request: Request) -> Result<Reply, HubError> {
        match request {
            Request::WaitForChange(wait) => {
                let mut states = self.revision.subscribe();
                let known = states
                    .wait_for(|state| state.as_ref().ok() != Some(&wait.since))
                    .await
                    .expect("the sender is in self");
                known.clone().map(Reply::WaitForChange)
            }
            _ => Ok(Reply::GetStatus(status())),
        }
    }

    async fn close(self: Arc<Self>) {
        self.closed.store(true, Ordering::SeqCst);
    }
}

//! What goes on behind the calls of use cases, and what is known of it.

use std::collections::VecDeque;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use causeway_model::Timestamp;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::{
    Hub,
    api::{ErrorCode, HubError, JobFailure, JobId, JobKind, JobState, JobView},
    error::failed,
};

/// How many of those that have ended are remembered.
const REMEMBERED: usize = 20;
const FAILURES_SHOWN: usize = 500;

pub(crate) struct Jobs {
    list: Mutex<VecDeque<Job>>,
    /// Moves on whenever anything about a job changes; also the last id that was given.
    moved: watch::Sender<u64>,
    tasks: TaskTracker,
}

struct Job {
    view: JobView,
    stop: CancellationToken,
}

impl Jobs {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            list: Mutex::default(),
            moved: watch::channel(0).0,
            tasks: TaskTracker::new(),
        })
    }

    /// Begins `work`, and answers at once with how it stands.
    ///
    /// # Errors
    /// When one of this kind goes on already.
    pub(crate) fn start<F>(
        self: &Arc<Self>,
        hub: &Hub,
        kind: JobKind,
        work: impl FnOnce(Arc<Hub>, Progress) -> F,
    ) -> Result<JobView, HubError>
    where
        F: Future<Output = Result<(), HubError>> + Send + 'static,
    {
        let hub = hub.shared()?;
        let clock = Arc::clone(hub.engine.clock());
        let progress = self.begin(kind, clock.now())?;
        let (jobs, id) = (Arc::clone(self), progress.id);
        let working = self.tasks.spawn(work(hub, progress));
        self.tasks.spawn(async move {
            let outcome = working.await.unwrap_or_else(|_| Err(broken()));
            jobs.end(id, outcome.err(), clock.now());
        });
        self.get(id)
    }

    /// The newest first.
    pub(crate) fn list(&self) -> Vec<JobView> {
        let list = self.held();
        list.iter().rev().map(|job| job.view.clone()).collect()
    }

    pub(crate) fn get(&self, id: JobId) -> Result<JobView, HubError> {
        let list = self.held();
        let found = list.iter().find(|job| job.view.id == id);
        found.map(|job| job.view.clone()).ok_or_else(unknown)
    }

    pub(crate) fn stop(&self, id: JobId) -> Result<JobView, HubError> {
        self.change(id, |job| {
            if job.view.state == JobState::Running {
                job.view.state = JobState::Stopping;
                job.stop.cancel();
            }
        });
        self.get(id)
    }

    /// Stops everything, and waits until it has ended.
    pub(crate) async fn close(&self) {
        for job in self.held().iter() {
            job.stop.cancel();
        }
        self.tasks.close();
        self.tasks.wait().await;
    }

    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.moved.subscribe()
    }

    fn begin(self: &Arc<Self>, kind: JobKind, now: Timestamp) -> Result<Progress, HubError> {
        let mut list = self.held();
        if list
            .iter()
            .any(|job| job.view.kind == kind && job.view.ended_at.is_none())
        {
            return Err(busy(kind));
        }
        while list.len() >= REMEMBERED {
            let Some(ended) = list.iter().position(|job| job.view.ended_at.is_some()) else {
                break;
            };
            list.remove(ended);
        }
        let id = JobId(*self.moved.borrow() + 1);
        let stop = CancellationToken::new();
        list.push_back(Job {
            view: JobView {
                id,
                kind,
                state: JobState::Running,
                started_at: now,
                ended_at: None,
                done: 0,
                total: None,
                failed: 0,
                failures: Vec::new(),
                words: String::new(),
                error: None,
            },
            stop: stop.clone(),
        });
        // While the list is held: two jobs must not get the same id.
        self.moved.send_modify(|moved| *moved += 1);
        drop(list);
        Ok(Progress {
            jobs: Arc::clone(self),
            id,
            stop,
        })
    }

    fn end(&self, id: JobId, error: Option<HubError>, now: Timestamp) {
        self.change(id, |job| {
            job.view.state = match (&error, job.stop.is_cancelled()) {
                (Some(_), _) => JobState::Failed,
                (None, true) => JobState::Stopped,
                (None, false) => JobState::Finished,
            };
            job.view.ended_at = Some(now);
            job.view.error = error;
        });
    }

    fn change(&self, id: JobId, change: impl FnOnce(&mut Job)) {
        if let Some(job) = self.held().iter_mut().find(|job| job.view.id == id) {
            change(job);
        }
        self.moved.send_modify(|moved| *moved += 1);
    }

    fn held(&self) -> MutexGuard<'_, VecDeque<Job>> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How a job tells how far it is, and hears that it is to stop.
pub(crate) struct Progress {
    jobs: Arc<Jobs>,
    id: JobId,
    stop: CancellationToken,
}

impl Progress {
    /// How many there are to go through.
    pub(crate) fn expect(&self, total: usize) {
        self.jobs
            .change(self.id, |job| job.view.total = Some(total as u64));
    }

    /// So many more were gone through, some of them in vain; `words` says what was done so far.
    pub(crate) fn went_through(&self, more: usize, failures: Vec<JobFailure>, words: String) {
        self.jobs.change(self.id, |job| {
            job.view.done += more as u64;
            job.view.failed += failures.len() as u64;
            let room = FAILURES_SHOWN.saturating_sub(job.view.failures.len());
            job.view.failures.extend(failures.into_iter().take(room));
            job.view.words = words;
        });
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.stop.is_cancelled()
    }

    /// What `work` gives, or none when the job is to stop before.
    pub(crate) async fn unless_stopped<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        self.stop.run_until_cancelled(work).await
    }
}

fn unknown() -> HubError {
    failed(ErrorCode::NotFound, "Nothing of this kind goes on here.")
        .action("Look at the list again: it may have ended before the relay was started.")
        .build()
}

fn busy(kind: JobKind) -> HubError {
    let what = match kind {
        JobKind::Import => "People are being imported already.",
        JobKind::Pair => "People are being paired already.",
        JobKind::Unpair => "People are being unpaired already.",
        JobKind::Export => "The ledger is being exported already.",
    };
    failed(ErrorCode::InvalidArgument, what)
        .action("Wait until that has ended, or stop it.")
        .build()
}

fn broken() -> HubError {
    failed(
        ErrorCode::Internal,
        "It broke off because of a fault in Causeway.",
    )
    .action("Begin again: what is done stays done. If it breaks off again, report it.")
    .build()
}

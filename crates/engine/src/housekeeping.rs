//! What is done now and then: forgetting, and emptying the write-ahead log.

use std::{sync::Arc, time::Duration};

use crate::engine::Engine;

const SWEEP_EVERY: Duration = Duration::from_secs(60);
const SWEEP_ROWS: u32 = 5_000;
/// Nothing written for this long counts as quiet.
const QUIET: Duration = Duration::from_millis(400);
/// After this many busy moments the log is emptied all the same.
const QUIET_TRIES: u32 = 12;

impl Engine {
    /// What has been delivered is forgotten in the database at once, but the write-ahead log still
    /// holds it, encrypted, until it is emptied: as soon as nothing was written for a moment, and
    /// now and then while much is written.
    pub(crate) fn empty_log_when_quiet(self: &Arc<Self>) {
        let engine = Arc::clone(self);
        let mut changes = self.store().changes();
        self.tasks().spawn(async move {
            loop {
                tokio::select! {
                    () = engine.stopped() => return,
                    changed = changes.changed() => if changed.is_err() {
                        return;
                    },
                }
                for _ in 0..QUIET_TRIES {
                    changes.mark_unchanged();
                    if engine.pause(QUIET).await.is_err() {
                        return;
                    }
                    if !changes.has_changed().unwrap_or(false) {
                        break;
                    }
                }
                if let Err(error) = engine.store().checkpoint().await {
                    tracing::debug!(error.code = error.code(), "the log is emptied later");
                }
            }
        });
    }

    pub(crate) fn sweep_regularly(self: &Arc<Self>) {
        let engine = Arc::clone(self);
        self.tasks().spawn(async move {
            while engine.pause(SWEEP_EVERY).await.is_ok() {
                engine.sweep().await;
            }
        });
    }

    /// Forgets what retention no longer keeps, and empties the write-ahead log, which otherwise
    /// still holds (encrypted) what has been delivered since.
    pub(crate) async fn sweep(&self) {
        let (policy, now) = (self.world().retention, self.clock().now());
        let swept = self
            .store()
            .write(move |tx| tx.sweep(now, &policy, SWEEP_ROWS))
            .await;
        let emptied = self.store().checkpoint().await;
        for error in swept.err().into_iter().chain(emptied.err()) {
            tracing::warn!(error.code = error.code(), "the sweep was not finished");
        }
    }
}

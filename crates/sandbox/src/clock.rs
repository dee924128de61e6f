//! The sandbox's own clock: it can run faster than ours, and be pushed forward.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use tokio::sync::Notify;

/// Milliseconds since the Unix epoch, in the sandbox's time.
pub type Millis = i64;

/// Time as the stand-ins see it. Rate limits, expiries and message times hold in this clock.
#[derive(Debug)]
pub struct Clock {
    speed: u32,
    started: Instant,
    epoch_ms: Millis,
    advanced_ms: AtomicI64,
    pushed: Notify,
}

impl Clock {
    /// A clock that starts at the machine's time and runs `speed` times as fast (at least once).
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "here the machine's time becomes the sandbox's"
    )]
    pub fn new(speed: u32) -> Self {
        let since_epoch = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or(Duration::ZERO);
        Self {
            speed: speed.max(1),
            started: Instant::now(),
            epoch_ms: millis(since_epoch),
            advanced_ms: AtomicI64::new(0),
            pushed: Notify::new(),
        }
    }

    #[must_use]
    pub fn now(&self) -> Millis {
        let elapsed = millis(self.started.elapsed());
        self.epoch_ms + elapsed * i64::from(self.speed) + self.advanced_ms.load(Ordering::Relaxed)
    }

    /// Seconds since the Unix epoch by the machine's clock, however fast this one runs: for what is
    /// dated for somebody who has no other.
    #[must_use]
    pub fn machine_s(&self) -> i64 {
        (self.epoch_ms + millis(self.started.elapsed())) / 1000
    }

    #[must_use]
    pub fn speed(&self) -> u32 {
        self.speed
    }

    /// Pushes the clock forward; it never goes back.
    pub fn advance(&self, by_ms: u64) {
        let by = i64::try_from(by_ms).unwrap_or(i64::MAX / 4);
        self.advanced_ms.fetch_add(by, Ordering::Relaxed);
        self.pushed.notify_waiters();
    }

    /// Returns once this clock has reached `at`, also when it is pushed there.
    pub async fn sleep_until(&self, at: Millis) {
        loop {
            let pushed = self.pushed.notified();
            let left = at - self.now();
            if left <= 0 {
                return;
            }
            // One millisecond more than is left: `real` rounds down.
            let real = self.real(left) + Duration::from_millis(1);
            tokio::select! {
                () = pushed => {}
                () = tokio::time::sleep(real) => {}
            }
        }
    }

    /// How long a caller must really wait for `span_ms` of the sandbox's time to pass.
    #[must_use]
    pub fn real(&self, span_ms: Millis) -> Duration {
        let span = u64::try_from(span_ms).unwrap_or(0);
        Duration::from_micros(span * 1000 / u64::from(self.speed))
    }
}

fn millis(duration: Duration) -> Millis {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX / 4)
}

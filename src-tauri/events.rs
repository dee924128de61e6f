//! Tells the window when something has changed in the hub, and when the hub was lost or found again.

use std::sync::Arc;
use std::time::Duration;

use causeway_hub::api::{ErrorCode, HubError, Reply, Request, WaitForChange};

use crate::access::HubAccess;
use crate::caller::{Caller, mismatch};

/// Longer waits would only keep a connection busy: the hub answers at once when something changes.
const WAIT_MS: u32 = 50_000;

const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

/// Calls `changed` after every change, for ever. A hub that went away is opened again: another
/// process may have relayed so far, and this one takes over.
pub async fn follow_changes(access: &HubAccess, changed: impl Fn()) {
    let mut pause = FIRST_PAUSE;
    loop {
        let caller = access.opened().await;
        changed();
        let error = follow(&caller, &mut pause, &changed).await;
        tracing::warn!(error.code = error.code.word(), "the hub does not answer");
        if error.code == ErrorCode::HubUnavailable {
            access.lose(&caller, error);
        }
        drop(caller);
        changed();
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
        // A failure is kept by `access` and told to whoever calls; the next round waits or tries.
        while access.open().await.is_err() {
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}

/// Follows one caller until it fails.
async fn follow(caller: &Arc<dyn Caller>, pause: &mut Duration, changed: &impl Fn()) -> HubError {
    let mut since = 0;
    loop {
        let wait = WaitForChange {
            since,
            timeout_ms: WAIT_MS,
        };
        match caller.request(Request::WaitForChange(wait)).await {
            Ok(Reply::WaitForChange(revision)) => {
                *pause = FIRST_PAUSE;
                if revision != since {
                    since = revision;
                    changed();
                }
            }
            Ok(_) => return mismatch(),
            Err(error) => return error,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use causeway_hub::api::ErrorCode;
    use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

    use super::follow_changes;
    use crate::access::HubAccess;
    use crate::fake::{FakeCaller, FakeOpener, failure};

    async fn following(callers: Vec<Arc<FakeCaller>>) -> (Arc<HubAccess>, UnboundedReceiver<()>) {
        let opener = FakeOpener::default();
        for caller in callers {
            opener.will_open(caller);
        }
        let access = Arc::new(HubAccess::new(Box::new(opener)));
        let (told, changes) = unbounded_channel();
        let followed = Arc::clone(&access);
        tokio::spawn(async move {
            follow_changes(&followed, move || told.send(()).expect("the test listens")).await
        });
        access.open().await.expect("the first caller opens");
        (access, changes)
    }

    async fn changes(of: &mut UnboundedReceiver<()>, count: usize) {
        for _ in 0..count {
            of.recv().await.expect("the follower lives");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn every_new_revision_is_told_once() {
        let caller = FakeCaller::at_revision(3);
        let (_access, mut told) = following(vec![Arc::clone(&caller)]).await;
        changes(&mut told, 2).await;
        caller.change();
        changes(&mut told, 1).await;
        tokio::task::yield_now().await;
        assert!(told.try_recv().is_err(), "nothing changed since");
    }

    #[tokio::test(start_paused = true)]
    async fn a_hub_that_went_away_is_opened_again_and_the_window_is_told_of_both() {
        let first = FakeCaller::at_revision(3);
        let second = FakeCaller::at_revision(9);
        let (access, mut told) = following(vec![Arc::clone(&first), Arc::clone(&second)]).await;
        changes(&mut told, 2).await;
        first.fail(failure(ErrorCode::HubUnavailable));
        changes(&mut told, 1).await;
        let refused = access.caller().await.err().map(|error| error.code);
        assert_eq!(refused, Some(ErrorCode::HubUnavailable));
        changes(&mut told, 2).await;
        second.change();
        changes(&mut told, 1).await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_hub_that_stumbles_is_asked_again_and_kept() {
        let caller = FakeCaller::at_revision(3);
        let (access, mut told) = following(vec![Arc::clone(&caller)]).await;
        changes(&mut told, 2).await;
        caller.fail(failure(ErrorCode::DatabaseFailed));
        changes(&mut told, 1).await;
        caller.recover();
        changes(&mut told, 2).await;
        assert!(access.caller().await.is_ok());
    }
}

//! The way to the hub as it is now: being opened, open, or failed. The window opens whichever it is.

use std::sync::Arc;

use causeway_hub::api::{ErrorCode, HubError, Reply, Request};
use tokio::sync::{Mutex, watch};

use crate::caller::{Caller, Opener};

#[derive(Clone)]
enum State {
    Opening,
    Open(Arc<dyn Caller>),
    Failed(HubError),
    Closed,
}

/// Holds the one caller of this process, and gets another when it is lost.
pub struct HubAccess {
    opener: Box<dyn Opener>,
    state: watch::Sender<State>,
    /// Only one opens at a time: the folder's lock would refuse the second.
    opening: Mutex<()>,
}

impl HubAccess {
    /// Nothing is opened yet; calls wait until [`HubAccess::open`] has ended.
    #[must_use]
    pub fn new(opener: Box<dyn Opener>) -> Self {
        Self {
            opener,
            state: watch::Sender::new(State::Opening),
            opening: Mutex::new(()),
        }
    }

    /// Opens the hub; does nothing where it is open.
    ///
    /// # Errors
    /// Why it cannot be opened. Calls fail with the same until it is opened again.
    pub async fn open(&self) -> Result<(), HubError> {
        let _alone = self.opening.lock().await;
        if matches!(&*self.state.borrow(), State::Open(_) | State::Closed) {
            return Ok(());
        }
        match self.opener.open().await {
            Ok(caller) => {
                self.state.send_replace(State::Open(caller));
                Ok(())
            }
            Err(error) => {
                tracing::error!(error.code = error.code.word(), "the hub cannot be opened");
                self.state.send_replace(State::Failed(error.clone()));
                Err(error)
            }
        }
    }

    /// Carries a request out, once it is known whether the hub is open.
    ///
    /// # Errors
    /// Why the hub is not open, or what the use case says.
    pub async fn request(&self, request: Request) -> Result<Reply, HubError> {
        self.caller().await?.request(request).await
    }

    /// The caller, once it is known whether the hub is open.
    ///
    /// # Errors
    /// Why the hub is not open.
    pub async fn caller(&self) -> Result<Arc<dyn Caller>, HubError> {
        let mut states = self.state.subscribe();
        let known = states
            .wait_for(|state| !matches!(state, State::Opening))
            .await;
        // The sender lives in `self`, so there always is a state.
        match known.map(|state| state.clone()) {
            Ok(State::Open(caller)) => Ok(caller),
            Ok(State::Failed(error)) => Err(error),
            Ok(State::Opening | State::Closed) | Err(_) => Err(closing()),
        }
    }

    /// Waits until the hub is open.
    pub async fn opened(&self) -> Arc<dyn Caller> {
        loop {
            let mut states = self.state.subscribe();
            if let Ok(State::Open(caller)) = states
                .wait_for(|state| matches!(state, State::Open(_)))
                .await
                .as_deref()
            {
                return Arc::clone(caller);
            }
        }
    }

    /// Gives up a caller that does not answer any more, so that the hub can be opened again.
    pub fn lose(&self, lost: &Arc<dyn Caller>, why: HubError) {
        self.state.send_if_modified(|state| {
            let same = matches!(state, State::Open(caller) if Arc::ptr_eq(caller, lost));
            if same {
                *state = State::Failed(why);
            }
            same
        });
    }

    /// Ends what runs in this process; afterwards every call fails.
    pub async fn close(&self) {
        let _alone = self.opening.lock().await;
        if let State::Open(caller) = self.state.send_replace(State::Closed) {
            caller.close().await;
        }
    }
}

fn closing() -> HubError {
    HubError::told(
        ErrorCode::HubUnavailable,
        "Causeway is quitting.",
        "Start it again.",
    )
    .blocking()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use causeway_hub::api::{ErrorCode, GetStatus, Request};

    use super::HubAccess;
    use crate::fake::{FakeCaller, FakeOpener, failure};

    fn status() -> Request {
        Request::GetStatus(GetStatus {})
    }

    #[tokio::test]
    async fn a_call_made_while_the_hub_opens_waits_for_it() {
        let opener = FakeOpener::default();
        opener.will_open(FakeCaller::at_revision(1));
        let access = HubAccess::new(Box::new(opener));
        let (reply, opened) = tokio::join!(access.request(status()), access.open());
        assert!(opened.is_ok());
        assert!(reply.is_ok());
    }

    #[tokio::test]
    async fn calls_tell_why_the_folder_did_not_open_until_it_does() {
        let opener = FakeOpener::default();
        opener.will_fail(failure(ErrorCode::WrongKey));
        opener.will_open(FakeCaller::at_revision(1));
        let access = HubAccess::new(Box::new(opener));
        assert_eq!(
            access.open().await.map_err(|e| e.code),
            Err(ErrorCode::WrongKey)
        );
        let refused = access.request(status()).await;
        assert_eq!(refused.err().map(|e| e.code), Some(ErrorCode::WrongKey));
        assert!(access.open().await.is_ok());
        assert!(access.request(status()).await.is_ok());
    }

    #[tokio::test]
    async fn opening_twice_opens_once() {
        let opener = FakeOpener::default();
        opener.will_open(FakeCaller::at_revision(1));
        let access = HubAccess::new(Box::new(opener));
        let (first, second) = tokio::join!(access.open(), access.open());
        assert!(first.is_ok() && second.is_ok());
    }

    #[tokio::test]
    async fn a_caller_that_was_replaced_is_not_lost_again() {
        let opener = FakeOpener::default();
        opener.will_open(FakeCaller::at_revision(1));
        opener.will_open(FakeCaller::at_revision(2));
        let access = HubAccess::new(Box::new(opener));
        access.open().await.expect("the first opens");
        let first = access.caller().await.expect("it is open");
        access.lose(&first, failure(ErrorCode::HubUnavailable));
        access.open().await.expect("the second opens");
        access.lose(&first, failure(ErrorCode::HubUnavailable));
        let second = access.caller().await.expect("the second stays");
        assert!(!Arc::ptr_eq(&first, &second));
    }

    #[tokio::test]
    async fn after_closing_every_call_says_that_it_is_over() {
        let opener = FakeOpener::default();
        let caller = FakeCaller::at_revision(1);
        opener.will_open(Arc::clone(&caller));
        let access = HubAccess::new(Box::new(opener));
        access.open().await.expect("it opens");
        access.close().await;
        assert!(caller.was_closed());
        let refused = access.request(status()).await;
        assert_eq!(
            refused.err().map(|e| e.code),
            Some(ErrorCode::HubUnavailable)
        );
        assert!(
            access.open().await.is_ok(),
            "a click on Try again while quitting does no harm"
        );
        assert!(access.caller().await.is_err());
    }
}

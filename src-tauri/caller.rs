//! What the desktop asks of the hub: that it carries a request out. The window, the tray and the
//! tests know no more of it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use causeway_hub::api::{ErrorCode, HubError, Reply, Request};
use causeway_hub::{Client, KeyChoice, Options, Purpose};

/// Between two looks whether the last call has ended.
const CALL_ENDS_SOON: Duration = Duration::from_millis(10);

/// The hub, in this process or in the one that holds the data folder.
#[async_trait]
pub trait Caller: Send + Sync {
    /// # Errors
    /// What the use case says, or that the hub went away.
    async fn request(&self, request: Request) -> Result<Reply, HubError>;

    /// Ends what runs in this process, once the calls under way have ended.
    async fn close(self: Arc<Self>);
}

/// Gets at the hub.
#[async_trait]
pub trait Opener: Send + Sync {
    /// # Errors
    /// Why the data folder cannot be opened.
    async fn open(&self) -> Result<Arc<dyn Caller>, HubError>;
}

/// Opens a data folder: relays from it, or attaches to the process that already does.
pub struct DataFolder {
    /// None where the system names no place for it.
    pub home: Option<PathBuf>,
    pub key: KeyChoice,
}

#[async_trait]
impl Opener for DataFolder {
    async fn open(&self) -> Result<Arc<dyn Caller>, HubError> {
        let home = self.home.clone().ok_or_else(no_home)?;
        let purpose = Purpose::Relay {
            listen: None,
            public_url: None,
        };
        let options = Options {
            home,
            key: self.key.clone(),
            purpose,
        };
        Ok(Arc::new(causeway_hub::open(options).await?))
    }
}

#[async_trait]
impl Caller for Client {
    async fn request(&self, request: Request) -> Result<Reply, HubError> {
        Client::request(self, request).await
    }

    async fn close(self: Arc<Self>) {
        let mut shared = self;
        let client = loop {
            match Arc::try_unwrap(shared) {
                Ok(client) => break client,
                Err(still_shared) => {
                    shared = still_shared;
                    tokio::time::sleep(CALL_ENDS_SOON).await;
                }
            }
        };
        client.close().await;
    }
}

fn no_home() -> HubError {
    HubError::told(
        ErrorCode::InvalidArgument,
        "This system names no folder for programs' data.",
        "Set CAUSEWAY_HOME to a folder and start Causeway again.",
    )
    .blocking()
}

/// The hub answered something else than it was asked.
pub fn mismatch() -> HubError {
    let told = HubError::told(
        ErrorCode::HubUnavailable,
        "The relay gave another answer than it was asked for.",
        "Stop it, and start it again from this version.",
    );
    HubError {
        hint: Some("It may be another version of Causeway.".to_owned()),
        ..told.blocking()
    }
}

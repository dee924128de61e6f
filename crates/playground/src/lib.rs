//! The playground: Acme, Inc. on a sandbox, with a hub of its own that runs in a process of its own
//! and has nothing to do with anybody's real data. The demo and the desktop's Sandbox page play on it.
//!
//! The hub reaches the sandbox over the platforms' own protocols only. What people do and see in
//! their own apps goes through the sandbox's control API, which the hub never calls.

mod breaking;
mod chats;
mod connect;
mod failure;
mod hub_process;
mod playground;
mod report;

pub use breaking::Breakage;
pub use chats::{
    ChatMessage, Conversation, DeedKind, DeedTarget, FoundPerson, MessageButton, MessageLink,
    PromptAnswer, PromptAnswered, SandboxDeed,
};
pub use connect::{connect, home};
pub use hub_process::{HubProcess, first_line, hears_everything, relay_until_the_parent_ends};
pub use playground::Playground;
pub use report::{SandboxAccount, SandboxHub, SandboxPerson, SandboxReport, SandboxState};

use std::path::PathBuf;

use causeway_hub::{Client, KeyChoice, Options, Purpose, api::HubError};

/// The folder that the playground's hub works in, and the key of its database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub home: PathBuf,
    pub key_file: PathBuf,
}

impl Place {
    /// A place whose key lies in the folder itself, so that nothing is left in anyone's keychain.
    #[must_use]
    pub fn within(home: PathBuf) -> Self {
        let key_file = home.join("key");
        Self { home, key_file }
    }

    /// The hub's use cases there, without relaying.
    ///
    /// # Errors
    /// Why the folder cannot be opened.
    pub async fn manage(&self) -> Result<Client, HubError> {
        self.open(Purpose::Manage).await
    }

    /// The use cases of the hub that runs there.
    ///
    /// # Errors
    /// When none does.
    pub async fn attach(&self) -> Result<Client, HubError> {
        self.open(Purpose::Attach).await
    }

    async fn open(&self, purpose: Purpose) -> Result<Client, HubError> {
        causeway_hub::open(Options {
            home: self.home.clone(),
            key: KeyChoice::File(self.key_file.clone()),
            purpose,
        })
        .await
    }
}

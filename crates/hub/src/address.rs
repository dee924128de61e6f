//! The hub's own address: as the command line gives it, or as it is stored.

use std::net::SocketAddr;

use causeway_connectors::listener::Listener;
use causeway_store::{Reader, Store, StoreError, Tx};
use tokio_util::sync::CancellationToken;

use crate::{
    api::{AddressFrom, ErrorCode, HubError},
    error::{failed, from_store},
    open::Purpose,
};

const LISTEN: &str = "listen";
const PUBLIC_URL: &str = "public_url";

/// What an administrator has settled for the next start.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Stored {
    pub(crate) listen: Option<String>,
    pub(crate) public_url: Option<String>,
}

impl Stored {
    pub(crate) fn read(reader: &Reader<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            listen: reader.meta_get(LISTEN)?,
            public_url: reader.meta_get(PUBLIC_URL)?,
        })
    }

    pub(crate) fn write(&self, tx: &Tx<'_>) -> Result<(), StoreError> {
        for (name, value) in [(LISTEN, &self.listen), (PUBLIC_URL, &self.public_url)] {
            match value {
                Some(value) => tx.meta_set(name, value)?,
                None => tx.meta_remove(name)?,
            }
        }
        Ok(())
    }
}

/// How this process is reached.
#[derive(Clone, Default)]
pub(crate) struct Reached {
    pub(crate) listener: Option<Listener>,
    /// Without a slash at its end.
    pub(crate) public_url: Option<String>,
    pub(crate) from: Option<AddressFrom>,
    /// Why what is stored could not be used.
    pub(crate) problem: Option<String>,
}

impl Reached {
    /// Listens where the command line says, or else where the administrator has settled. What is
    /// settled and does not work keeps nobody from opening the folder: there it is put right.
    pub(crate) async fn begin(
        purpose: &Purpose,
        store: &Store,
        stop: &CancellationToken,
    ) -> Result<Self, HubError> {
        let given = match purpose {
            Purpose::Manage | Purpose::Attach => return Ok(Self::default()),
            Purpose::Relay { listen, public_url } => {
                listen.map(|listen| (listen, public_url.clone()))
            }
        };
        if let Some((listen, public)) = given {
            return bound(listen, public, AddressFrom::CommandLine, stop).await;
        }
        let stored = store
            .read(Stored::read)
            .await
            .map_err(|error| from_store(&error))?;
        let Some(listen) = stored.listen.and_then(|listen| listen.parse().ok()) else {
            return Ok(Self::default());
        };
        let begun = bound(listen, stored.public_url, AddressFrom::Settings, stop).await;
        Ok(begun.unwrap_or_else(|error| {
            tracing::warn!(
                error.code = error.code.word(),
                "the stored address is not used"
            );
            Self {
                problem: Some(error.message),
                ..Self::default()
            }
        }))
    }
}

async fn bound(
    listen: SocketAddr,
    public: Option<String>,
    from: AddressFrom,
    stop: &CancellationToken,
) -> Result<Reached, HubError> {
    let public_url = public.map(|url| url.trim_end_matches('/').to_owned());
    let listener = Listener::bind(listen, public_url.clone(), stop.clone())
        .await
        .map_err(|error| {
            failed(
                ErrorCode::ListenerFailed,
                format!("Nothing can listen on {listen}."),
            )
            .hint(error.to_string())
            .action("Choose another address, or stop the program that uses this one.")
            .build()
        })?;
    Ok(Reached {
        listener: Some(listener),
        public_url,
        from: Some(from),
        problem: None,
    })
}

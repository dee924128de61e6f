//! Opening a data folder: as its holder, or attached to whoever holds it.

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use causeway_connectors::{
    consent_page::{self, ConsentDesk},
    http, install_page,
};
use causeway_engine::{Engine, Parts, Platforms, Policy, SystemClock, SystemRandom};
use causeway_model::{Clock, Random};
use causeway_store::{KeySource, OpenOptions, Store, StoreError, Writer};
use tokio_util::sync::CancellationToken;

use crate::{
    Client, Hub,
    address::Reached,
    api::{ErrorCode, HubError},
    cases,
    error::{failed, from_store},
    socket::{self, Remote},
};

/// How often a folder's holder is looked for while it is still starting, or just ending.
const ATTACH_TRIES: u32 = 25;
const ATTACH_PAUSE: Duration = Duration::from_millis(200);
/// Where the consent page is mounted on the listener.
const CONSENT: &str = "consent";

/// What to open, and what for.
#[derive(Debug, Clone)]
pub struct Options {
    /// The data folder; made when it is missing.
    pub home: PathBuf,
    pub key: KeyChoice,
    pub purpose: Purpose,
}

/// Where the database's key is looked for.
#[derive(Debug, Clone)]
pub enum KeyChoice {
    /// A key file in the folder, else the keychain, else a new key file.
    Automatic,
    File(PathBuf),
}

impl KeyChoice {
    pub(crate) fn source(&self) -> KeySource {
        match self {
            Self::Automatic => KeySource::Automatic,
            Self::File(path) => KeySource::File(path.clone()),
        }
    }
}

#[derive(Debug, Clone)]
pub enum Purpose {
    /// Relay until closed; attach when somebody already does.
    Relay {
        listen: Option<SocketAddr>,
        public_url: Option<String>,
    },
    /// Only use cases: nothing is heard or sent by this process.
    Manage,
    /// Only use cases, and only of the process that holds the folder.
    Attach,
}

/// The system's place for this program's data: `…/causeway` in the user's data folder.
///
/// None when the system names no such place.
#[must_use]
pub fn default_home() -> Option<PathBuf> {
    let from = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let base = if cfg!(windows) {
        from("APPDATA").map(PathBuf::from)
    } else if cfg!(target_os = "macos") {
        from("HOME").map(|home| PathBuf::from(home).join("Library/Application Support"))
    } else {
        from("XDG_DATA_HOME")
            .map(PathBuf::from)
            .or_else(|| from("HOME").map(|home| PathBuf::from(home).join(".local/share")))
    };
    base.map(|base| base.join("causeway"))
}

/// Opens the folder, or attaches to the process that has it open.
///
/// # Errors
/// With the code that says why the folder cannot be used; its files are left as they were.
pub async fn open(options: Options) -> Result<Client, HubError> {
    open_by(options, Arc::new(SystemClock)).await
}

/// The same by another clock than the machine's.
///
/// # Errors
/// As [`open`].
pub async fn open_by(options: Options, clock: Arc<dyn Clock>) -> Result<Client, HubError> {
    let only_attach = matches!(options.purpose, Purpose::Attach);
    for attempt in 0..ATTACH_TRIES {
        if !only_attach {
            match open_store(&options).await {
                Ok(store) => return serve(store, &options, clock).await,
                Err(StoreError::FolderLocked) => {}
                Err(error) => return Err(from_store(&error)),
            }
        }
        if let Ok(remote) = Remote::attach(&options.home).await {
            return Ok(Client::elsewhere(remote));
        }
        if attempt + 1 < ATTACH_TRIES {
            tokio::time::sleep(ATTACH_PAUSE).await;
        }
    }
    if only_attach {
        return Err(HubError::told(
            ErrorCode::HubUnavailable,
            "No relay runs in this folder.",
            "Start it.",
        ));
    }
    Err(from_store(&StoreError::FolderLocked))
}

async fn open_store(options: &Options) -> Result<Store, StoreError> {
    let options = OpenOptions {
        folder: options.home.clone(),
        key: options.key.source(),
        writer: Writer::Thread,
    };
    // A keychain may have to be unlocked by a person: not on a thread that others wait for.
    tokio::task::spawn_blocking(move || Store::open(options))
        .await
        .unwrap_or(Err(StoreError::Closed))
}

async fn serve(store: Store, options: &Options, clock: Arc<dyn Clock>) -> Result<Client, HubError> {
    let random: Arc<dyn Random> = Arc::new(SystemRandom::new());
    let stop = CancellationToken::new();
    let reached = Reached::begin(&options.purpose, &store, &stop).await?;
    let page = consent_page_url(&reached);
    let http = http::client().map_err(|error| {
        failed(ErrorCode::Internal, "The network cannot be used.")
            .hint(error.to_string())
            .build()
    })?;
    let platforms = Platforms {
        http,
        clock: Arc::clone(&clock),
        random: Arc::clone(&random),
        listener: reached.listener.clone(),
    };
    let parts = Parts {
        store,
        clock,
        random,
        platforms: Arc::new(platforms),
        policy: Policy::default(),
        consent_page: page.clone(),
    };
    let engine = Engine::new(parts)
        .await
        .map_err(|error| crate::error::from_engine(&error))?;
    if let (Some(listener), Some(_)) = (&reached.listener, &page) {
        let desk = Arc::clone(&engine) as Arc<dyn ConsentDesk>;
        listener.mount(CONSENT, consent_page::router(desk));
    }
    let relays = matches!(options.purpose, Purpose::Relay { .. });
    let hub = Arc::new_cyclic(|me| {
        Hub::new(
            me.clone(),
            engine,
            options.home.clone(),
            relays,
            reached,
            stop.clone(),
        )
    });
    if let (Some(listener), Some(_)) = (&hub.reached.listener, &hub.reached.public_url) {
        let desk = Arc::new(cases::install::Desk(Arc::downgrade(&hub)));
        listener.mount(cases::install::MOUNT, install_page::router(desk));
    }
    socket::serve(&options.home, Arc::clone(&hub), stop).map_err(|error| {
        failed(
            ErrorCode::FolderUnwritable,
            "The local socket could not be made in the data folder.",
        )
        .hint(error.to_string())
        .action("Check that the folder belongs to you and is not on a read-only disk.")
        .build()
    })?;
    if relays {
        hub.start().await?;
    }
    Ok(Client::here(hub))
}

/// Where browsers find the consent page; none where the hub has no public address.
fn consent_page_url(reached: &Reached) -> Option<String> {
    let public = reached.public_url.as_ref()?;
    reached.listener.as_ref()?;
    Some(format!("{public}/hooks/{CONSENT}"))
}

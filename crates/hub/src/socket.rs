//! The local socket: whoever holds the folder serves the use cases on it, to its owner only.
//!
//! One call a connection: a line of JSON each way. A long wait (`wait_for_change`) then holds up
//! nobody else.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use interprocess::local_socket::{
    GenericFilePath, ListenerOptions, Name, ToFsName,
    tokio::{Listener, Stream, prelude::*},
};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio_util::sync::CancellationToken;

use crate::{
    Hub,
    api::{ErrorCode, HubError, Reply, Request},
    error::failed,
};

/// Both ends must speak the same; a change of any use case's shape moves it on.
const PROTOCOL: u32 = 3;
/// Longer than any call line; credentials and user tokens included.
const LONGEST_LINE: u64 = 8 * 1024 * 1024;
/// How long a caller may take to say what it wants.
const PATIENCE: Duration = Duration::from_secs(10);
/// The system's limit on a socket's path, less what it adds.
const LONGEST_PATH: usize = 100;

#[derive(Serialize, Deserialize)]
struct Call<T> {
    protocol: u32,
    request: T,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Answer {
    Done(Box<Reply>),
    Failed(Box<HubError>),
}

/// Serves `hub` on the folder's socket until `stop`. The caller holds the folder's lock, so a
/// socket that is already there is left over from a process that is gone.
///
/// # Errors
/// When the socket cannot be made.
pub(crate) fn serve(home: &Path, hub: Arc<Hub>, stop: CancellationToken) -> io::Result<()> {
    let path = socket_path(home)?;
    remove_left_over(&path)?;
    let listener = ListenerOptions::new().name(name(&path)?).create_tokio()?;
    owner_only(&path)?;
    tokio::spawn(async move {
        accept(listener, hub, stop).await;
        if let Err(error) = remove_left_over(&path) {
            tracing::debug!(error = %error, "the local socket was not removed");
        }
    });
    Ok(())
}

async fn accept(listener: Listener, hub: Arc<Hub>, stop: CancellationToken) {
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok(stream) => {
                let hub = Arc::clone(&hub);
                tokio::spawn(async move {
                    if let Err(error) = answer(&stream, &hub).await {
                        tracing::debug!(error = %error, "a caller on the local socket went away");
                    }
                });
            }
            Err(error) => {
                tracing::warn!(error = %error, "the local socket did not accept a caller");
                tokio::task::yield_now().await;
            }
        }
    }
}

async fn answer(stream: &Stream, hub: &Hub) -> io::Result<()> {
    let mut line = String::new();
    let mut reader = BufReader::new(stream).take(LONGEST_LINE);
    tokio::time::timeout(PATIENCE, reader.read_line(&mut line)).await??;
    let answer = match read_call(&line) {
        Ok(request) => match hub.request(request).await {
            Ok(reply) => Answer::Done(Box::new(reply)),
            Err(error) => Answer::Failed(Box::new(error)),
        },
        Err(error) => Answer::Failed(Box::new(error)),
    };
    let mut text = serde_json::to_vec(&answer).map_err(io::Error::other)?;
    text.push(b'\n');
    let mut writer = stream;
    writer.write_all(&text).await?;
    writer.flush().await
}

fn read_call(line: &str) -> Result<Request, HubError> {
    let call: Call<serde_json::Value> = serde_json::from_str(line).map_err(|_| other_version())?;
    if call.protocol != PROTOCOL {
        return Err(other_version());
    }
    serde_json::from_value(call.request).map_err(|error| {
        failed(
            ErrorCode::InvalidArgument,
            format!("The call was not understood: {error}."),
        )
        .build()
    })
}

fn other_version() -> HubError {
    failed(
        ErrorCode::HubUnavailable,
        "The relay that holds this folder is another version of Causeway.",
    )
    .action("Stop it, and start it again from this version.")
    .build()
}

/// The other end: a hub in another process.
pub(crate) struct Remote {
    path: PathBuf,
}

impl Remote {
    /// Checks that somebody serves the folder's socket.
    ///
    /// # Errors
    /// When nobody answers there.
    pub(crate) async fn attach(home: &Path) -> io::Result<Self> {
        let path = socket_path(home)?;
        Stream::connect(name(&path)?).await?;
        Ok(Self { path })
    }

    pub(crate) async fn request(&self, request: &Request) -> Result<Reply, HubError> {
        match self.exchange(request).await {
            Ok(Answer::Done(reply)) => Ok(*reply),
            Ok(Answer::Failed(error)) => Err(*error),
            Err(error) => Err(failed(
                ErrorCode::HubUnavailable,
                "The relay that holds this folder does not answer any more.",
            )
            .hint(error.to_string())
            .action("Start it again, or start Causeway here.")
            .build()),
        }
    }

    async fn exchange(&self, request: &Request) -> io::Result<Answer> {
        let stream = Stream::connect(name(&self.path)?).await?;
        let mut text = serde_json::to_vec(&Call {
            protocol: PROTOCOL,
            request,
        })
        .map_err(io::Error::other)?;
        text.push(b'\n');
        let mut writer = &stream;
        writer.write_all(&text).await?;
        writer.flush().await?;
        let mut line = String::new();
        BufReader::new(&stream).read_line(&mut line).await?;
        serde_json::from_str(&line).map_err(io::Error::other)
    }
}

fn name(path: &Path) -> io::Result<Name<'_>> {
    path.to_fs_name::<GenericFilePath>()
}

/// `<home>/hub.sock`, or, where that is longer than the system allows, a name made from it in a
/// folder of the owner's own beside other temporary files.
#[cfg(unix)]
fn socket_path(home: &Path) -> io::Result<PathBuf> {
    use std::os::unix::{
        ffi::OsStrExt,
        fs::{DirBuilderExt, MetadataExt},
    };

    let home = home.canonicalize()?;
    let path = home.join("hub.sock");
    if path.as_os_str().len() <= LONGEST_PATH {
        return Ok(path);
    }
    let owner = std::fs::metadata(&home)?.uid();
    let folder = std::env::temp_dir().join(format!("causeway-{owner}"));
    match std::fs::DirBuilder::new().mode(0o700).create(&folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let found = std::fs::symlink_metadata(&folder)?;
    if !found.is_dir() || found.uid() != owner || found.mode() & 0o077 != 0 {
        return Err(io::Error::other(
            "the folder for the local socket belongs to somebody else",
        ));
    }
    Ok(folder.join(format!("{}.sock", short_hash(home.as_os_str().as_bytes()))))
}

#[cfg(windows)]
fn socket_path(home: &Path) -> io::Result<PathBuf> {
    let home = home.canonicalize()?;
    let hash = short_hash(home.to_string_lossy().as_bytes());
    Ok(PathBuf::from(format!(r"\\.\pipe\causeway-{hash}")))
}

fn short_hash(bytes: &[u8]) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes);
    digest.as_ref()[..12]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(unix)]
fn owner_only(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))
}

#[cfg(windows)]
fn owner_only(_path: &Path) -> io::Result<()> {
    // A named pipe without a security descriptor of its own is its maker's.
    Ok(())
}

fn remove_left_over(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound && cfg!(unix) => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

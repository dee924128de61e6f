//! The sandbox behind the window: its stand-ins live in this process, its hub in another that this
//! program starts of itself. Nothing here touches the organisation's own data.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use causeway_hub::api::HubError;
use causeway_model::Platform;
use causeway_playground::{
    Breakage, Conversation, FoundPerson, Playground, PromptAnswer, PromptAnswered, SandboxDeed,
    SandboxReport,
};
use tauri::{AppHandle, Emitter, State};

use crate::caller::{Caller, Opener};

/// Told to the window when the sandbox's report may have changed.
const SANDBOX: &str = "sandbox";

/// The argument that makes this program a sandbox's hub, without a window; its folder follows.
const HUB: &str = "--sandbox-hub";

/// The playground of this program, with nothing started in it.
///
/// # Errors
/// When the system does not say where this program is.
pub fn playground() -> std::io::Result<Playground> {
    let program = std::env::current_exe()?;
    Ok(Playground::new(program, vec![OsString::from(HUB)]))
}

/// The folder of the hub that this process is to be; none where it is the desktop.
pub fn hub_folder(mut arguments: impl Iterator<Item = OsString>) -> Option<PathBuf> {
    arguments.next();
    (arguments.next()? == HUB)
        .then(|| arguments.next())
        .flatten()
        .map(PathBuf::from)
}

/// Gets at the sandbox's hub, once one runs.
pub struct SandboxDoor(pub Arc<Playground>);

#[async_trait]
impl Opener for SandboxDoor {
    async fn open(&self) -> Result<Arc<dyn Caller>, HubError> {
        let place = self.0.hub_runs().await;
        Ok(Arc::new(place.attach().await?))
    }
}

/// Tells the window of every change, for ever.
pub async fn tell_changes(app: AppHandle, playground: Arc<Playground>) {
    let mut changes = playground.changes();
    while changes.changed().await.is_ok() {
        if let Err(error) = app.emit(SANDBOX, ()) {
            tracing::warn!(%error, "the window cannot be told of the sandbox");
        }
    }
}

type Here<'a> = State<'a, Arc<Playground>>;

#[tauri::command]
pub async fn sandbox_report(playground: Here<'_>) -> Result<SandboxReport, HubError> {
    Ok(playground.report().await)
}

#[tauri::command]
pub async fn sandbox_start(playground: Here<'_>) -> Result<SandboxReport, HubError> {
    playground.start().await
}

#[tauri::command]
pub async fn sandbox_stop(playground: Here<'_>) -> Result<SandboxReport, HubError> {
    Ok(playground.stop().await)
}

#[tauri::command]
pub async fn sandbox_look(
    playground: Here<'_>,
    email: String,
    platform: Platform,
) -> Result<Vec<Conversation>, HubError> {
    playground.look(&email, platform).await
}

#[tauri::command]
pub async fn sandbox_find(
    playground: Here<'_>,
    email: String,
    platform: Platform,
    query: String,
) -> Result<Vec<FoundPerson>, HubError> {
    playground.find(&email, platform, &query).await
}

#[tauri::command]
pub async fn sandbox_act(playground: Here<'_>, deed: SandboxDeed) -> Result<String, HubError> {
    playground.act(&deed).await
}

#[tauri::command]
pub async fn sandbox_answer(
    playground: Here<'_>,
    email: String,
    platform: Platform,
    answer: PromptAnswer,
) -> Result<PromptAnswered, HubError> {
    playground.answer(&email, platform, answer).await
}

#[tauri::command]
pub async fn sandbox_break(
    playground: Here<'_>,
    breakage: Breakage,
) -> Result<SandboxReport, HubError> {
    playground.break_something(breakage).await
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;
    use std::path::PathBuf;

    use super::hub_folder;

    fn folder(arguments: &[&str]) -> Option<PathBuf> {
        hub_folder(arguments.iter().map(OsString::from))
    }

    #[test]
    fn only_the_first_argument_makes_it_a_hub_without_a_window() {
        let program = "causeway-desktop";
        let of_its_own = folder(&[program, "--sandbox-hub", "/tmp/a"]);
        assert_eq!(of_its_own, Some("/tmp/a".into()));
        assert_eq!(folder(&[program]), None);
        assert_eq!(folder(&[program, "--home", "--sandbox-hub"]), None);
        assert_eq!(folder(&[program, "--sandbox-hub"]), None);
    }
}

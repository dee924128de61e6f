//! The desktop face: a thin shell over the hub's use cases. Nothing else knows Tauri.

mod access;
mod caller;
mod commands;
mod deep_link;
mod events;
#[cfg(test)]
mod fake;
mod home;
mod tray;
mod window;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context;
use causeway_hub::KeyChoice;
use causeway_hub::api::{GetStatus, HubError, StatusReport, UseCase};
use tauri::async_runtime::JoinHandle;
use tauri::{App, AppHandle, Emitter, Manager, RunEvent, WindowEvent};
use tracing_subscriber::EnvFilter;

use crate::access::HubAccess;
use crate::caller::DataFolder;
use crate::tray::Tray;

/// Told to the window whenever what it shows may have changed.
const CHANGED: &str = "changed";

/// How long quitting waits for what is being sent.
const CLOSING_TIME: Duration = Duration::from_secs(10);

/// The task that follows the hub's changes.
struct Follower(Mutex<Option<JoinHandle<()>>>);

impl Follower {
    fn take(&self) -> Option<JoinHandle<()>> {
        let mut follower = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        follower.take()
    }
}

/// Runs the desktop until it is quit.
///
/// # Errors
/// When there is no display, or another instance cannot be reached.
pub fn run() -> anyhow::Result<()> {
    log_to_standard_error();
    tauri::Builder::default()
        // First: a second instance has to end before it touches anything.
        .plugin(tauri_plugin_single_instance::init(|app, _, _| {
            window::show(app)
        }))
        .plugin(tauri_plugin_deep_link::init())
        .plugin(window::remembered())
        .manage(window::Warned::default())
        .manage(deep_link::Wanted::default())
        .invoke_handler(tauri::generate_handler![
            commands::call,
            commands::open_hub,
            commands::take_link,
            commands::quit
        ])
        .setup(|app| {
            set_up(app);
            Ok(())
        })
        .on_window_event(|window, event| {
            if let WindowEvent::CloseRequested { api, .. } = event {
                window::close_requested(window.app_handle(), api);
            }
        })
        .build(tauri::generate_context!())
        .context("the desktop cannot start")?
        .run(|app, event| {
            if let RunEvent::Exit = event {
                close_hub(app);
            }
        });
    Ok(())
}

/// The level is that of the command line's `--log`.
fn log_to_standard_error() {
    let level = std::env::var("CAUSEWAY_LOG").unwrap_or_else(|_| "warn".to_owned());
    // Only our own words: what libraries log at level debug may hold what people wrote.
    let filter = EnvFilter::try_new(format!("error,causeway={level}"))
        .unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
}

fn set_up(app: &App) {
    deep_link::register(app);
    let handle = app.handle();
    app.manage(Tray::put_up(handle));
    let access = Arc::new(HubAccess::new(Box::new(DataFolder {
        home: home::home_folder(
            std::env::args_os(),
            std::env::var_os(home::HOME_VARIABLE),
            causeway_hub::default_home(),
        ),
        key: std::env::var_os(home::KEY_VARIABLE)
            .map_or(KeyChoice::Automatic, |path| KeyChoice::File(path.into())),
    })));
    app.manage(Arc::clone(&access));
    let opening = Arc::clone(&access);
    // Calls tell the window why, where it fails.
    tauri::async_runtime::spawn(async move { drop(opening.open().await) });
    let follower = tauri::async_runtime::spawn(follow(handle.clone(), access));
    app.manage(Follower(Mutex::new(Some(follower))));
}

async fn follow(app: AppHandle, access: Arc<HubAccess>) {
    events::follow_changes(&access, || {
        if let Err(error) = app.emit(CHANGED, ()) {
            tracing::warn!(%error, "the window cannot be told of a change");
        }
        tauri::async_runtime::spawn(tell_tray(app.clone(), Arc::clone(&access)));
    })
    .await;
}

async fn tell_tray(app: AppHandle, access: Arc<HubAccess>) {
    app.state::<Tray>().tell(&status(&access).await);
}

async fn status(access: &HubAccess) -> Result<StatusReport, HubError> {
    let reply = access.request(GetStatus {}.into_request()).await?;
    GetStatus::output(reply).ok_or_else(caller::mismatch)
}

fn close_hub(app: &AppHandle) {
    let closing = async {
        // It waits inside the hub, which is closed when nobody does any more.
        if let Some(follower) = app.state::<Follower>().take() {
            follower.abort();
            drop(follower.await);
        }
        app.state::<Arc<HubAccess>>().close().await;
    };
    let closed = async { tokio::time::timeout(CLOSING_TIME, closing).await };
    match tauri::async_runtime::block_on(closed) {
        Ok(()) => tracing::info!("the data folder is closed"),
        Err(_) => tracing::warn!("quit before everything was closed; the next start takes it up"),
    }
}

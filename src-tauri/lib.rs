//! The desktop face: a thin shell over the hub's use cases. Nothing else knows Tauri.

mod access;
mod callback_link;
mod caller;
mod commands;
mod deep_link;
mod desktop_notification;
mod desktop_settings;
mod events;
#[cfg(test)]
mod fake;
mod home;
mod login;
mod notify;
mod sandbox;
mod sign_in_page;
mod tray;
mod window;
mod worlds;

/// For the fuzz target in `fuzz/`, which reaches a private parser through it; not for use.
#[doc(hidden)]
pub mod fuzzing {
    pub use crate::deep_link::try_link as deep_link;
}

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::Context;
use causeway_hub::KeyChoice;
use causeway_hub::api::{GetStatus, HubError, StatusReport, UseCase};
use causeway_playground::Playground;
use tauri::async_runtime::JoinHandle;
use tauri::{App, AppHandle, Emitter, Manager, RunEvent, WindowEvent};
use tracing_subscriber::EnvFilter;

use crate::access::HubAccess;
use crate::caller::DataFolder;
use crate::desktop_settings::DesktopFile;
use crate::notify::Bell;
use crate::sandbox::SandboxDoor;
use crate::tray::Tray;
use crate::worlds::{World, Worlds};

/// Told to the window whenever what it shows may have changed.
const CHANGED: &str = "changed";

/// How long quitting waits for what is being sent.
const CLOSING_TIME: Duration = Duration::from_secs(10);

/// The tasks that follow what changes, and wait inside the hubs.
#[derive(Default)]
struct Followers(Mutex<Vec<JoinHandle<()>>>);

impl Followers {
    fn add(&self, follower: JoinHandle<()>) {
        self.lock().push(follower);
    }

    fn take(&self) -> Vec<JoinHandle<()>> {
        std::mem::take(&mut self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Vec<JoinHandle<()>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs the desktop until it is quit.
///
/// # Errors
/// When there is no display, or another instance cannot be reached.
pub fn run() -> anyhow::Result<()> {
    log_to_standard_error();
    // Before the window, and before a second instance would end: it is no desktop at all.
    if let Some(folder) = sandbox::hub_folder(std::env::args_os()) {
        return run_sandbox_hub(&folder);
    }
    let playground = Arc::new(sandbox::playground().context("where is this program?")?);
    tauri::Builder::default()
        // First: a second instance has to end before it touches anything.
        .plugin(tauri_plugin_single_instance::init(|app, arguments, _| {
            window::started_again(app, &arguments);
        }))
        .plugin(tauri_plugin_deep_link::init())
        .plugin(login::plugin())
        .plugin(window::remembered())
        .manage(window::Warned::default())
        .manage(deep_link::Wanted::default())
        .manage(Followers::default())
        .manage(Bell::default())
        .manage(playground)
        .invoke_handler(tauri::generate_handler![
            commands::call,
            commands::open_hub,
            commands::take_link,
            commands::quit,
            desktop_settings::get_desktop,
            desktop_settings::set_desktop,
            sign_in_page::open_sign_in,
            sandbox::sandbox_report,
            sandbox::sandbox_start,
            sandbox::sandbox_stop,
            sandbox::sandbox_look,
            sandbox::sandbox_find,
            sandbox::sandbox_act,
            sandbox::sandbox_answer,
            sandbox::sandbox_break
        ])
        .setup(|app| {
            set_up(app);
            Ok(window::open(app)?)
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

/// What the desktop's sandbox starts beside it.
fn run_sandbox_hub(folder: &Path) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Runtime::new().context("no threads can be started")?;
    runtime.block_on(causeway_playground::relay_until_the_parent_ends(folder))
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
    app.manage(DesktopFile::open(handle.path().app_config_dir().ok()));
    let access = Arc::new(HubAccess::new(Box::new(DataFolder {
        home: home::home_folder(
            std::env::args_os(),
            std::env::var_os(home::HOME_VARIABLE),
            causeway_hub::default_home(),
        ),
        key: std::env::var_os(home::KEY_VARIABLE)
            .map_or(KeyChoice::Automatic, |path| KeyChoice::File(path.into())),
    })));
    let playground = Arc::clone(&app.state::<Arc<Playground>>());
    let sandbox = Arc::new(HubAccess::new(Box::new(SandboxDoor(Arc::clone(
        &playground,
    )))));
    let followers = app.state::<Followers>();
    for (world, access) in [(World::Own, &access), (World::Sandbox, &sandbox)] {
        let following = follow(handle.clone(), world, Arc::clone(access));
        followers.add(tauri::async_runtime::spawn(following));
    }
    let notifying = notify::watch(handle.clone(), Arc::clone(&access));
    followers.add(tauri::async_runtime::spawn(notifying));
    let telling = sandbox::tell_changes(handle.clone(), playground);
    followers.add(tauri::async_runtime::spawn(telling));
    app.manage(Worlds {
        own: access,
        sandbox,
    });
}

async fn follow(app: AppHandle, world: World, access: Arc<HubAccess>) {
    // Calls tell the window why, where it fails.
    drop(access.open().await);
    events::follow_changes(&access, || {
        if let Err(error) = app.emit(CHANGED, world) {
            tracing::warn!(%error, "the window cannot be told of a change");
        }
        if world == World::Own {
            app.state::<Bell>().ring();
            tauri::async_runtime::spawn(tell_tray(app.clone(), Arc::clone(&access)));
        }
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
        // They wait inside the hub, which is closed when nobody does any more.
        for follower in app.state::<Followers>().take() {
            follower.abort();
            drop(follower.await);
        }
        let (worlds, playground) = (app.state::<Worlds>(), app.state::<Arc<Playground>>());
        tokio::join!(worlds.own.close(), playground.stop());
    };
    let closed = async { tokio::time::timeout(CLOSING_TIME, closing).await };
    match tauri::async_runtime::block_on(closed) {
        Ok(()) => tracing::info!("the data folder is closed"),
        Err(_) => tracing::warn!("quit before everything was closed; the next start takes it up"),
    }
}

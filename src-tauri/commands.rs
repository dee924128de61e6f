//! What the window may call: the hub's use cases as one command, and a few of its own.

use causeway_hub::api::{HubError, Reply, Request};
use tauri::{AppHandle, State};

use crate::deep_link::Wanted;
use crate::worlds::{World, Worlds};

/// Carries one use case out in the hub that is meant.
#[tauri::command]
pub async fn call(
    worlds: State<'_, Worlds>,
    world: World,
    request: Request,
) -> Result<Reply, HubError> {
    worlds.access(world).request(request).await
}

/// Opens a data folder again after that failed.
#[tauri::command]
pub async fn open_hub(worlds: State<'_, Worlds>, world: World) -> Result<(), HubError> {
    worlds.access(world).open().await
}

/// Where a link wants the window to go; none where there is no link, or it was followed before.
#[tauri::command]
pub fn take_link(wanted: State<'_, Wanted>) -> Option<String> {
    wanted.take()
}

/// Ends Causeway: nothing is relayed from here any more.
#[tauri::command]
pub fn quit(app: AppHandle) {
    app.exit(0);
}

//! What the window may call: the hub's use cases as one command, and a few of its own.

use std::sync::Arc;

use causeway_hub::api::{HubError, Reply, Request};
use tauri::{AppHandle, State};

use crate::access::HubAccess;
use crate::deep_link::Wanted;

/// Carries one use case out in the hub.
#[tauri::command]
pub async fn call(access: State<'_, Arc<HubAccess>>, request: Request) -> Result<Reply, HubError> {
    access.request(request).await
}

/// Opens the data folder again after that failed.
#[tauri::command]
pub async fn open_hub(access: State<'_, Arc<HubAccess>>) -> Result<(), HubError> {
    access.open().await
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

//! The device that a socket belongs to: registered once for each token, found again by its name, and
//! taken down when nobody listens any more.
//!
//! Source: <https://github.com/webex/webex-js-sdk>, `packages/@webex/internal-plugin-device` and
//! `webex-core` (services).

use std::collections::HashMap;

use causeway_model::{Failure, FailureKind};
use reqwest::Method;
use serde::Deserialize;
use serde_json::json;
use url::Url;

use super::{
    api::Api,
    refusal::{Effect, unreadable},
};
use crate::TokenOwner;

/// Two hubs with one token must notice each other: they register the same device, and the later
/// socket ends the earlier.
const NAME: &str = "Causeway";
/// The service that registers devices.
const SERVICE: &str = "wdm";
const LIST: &str = "devices.list";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Catalog {
    service_links: HashMap<String, String>,
}

#[derive(Deserialize)]
struct Listed {
    #[serde(default)]
    devices: Vec<Registered>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Registered {
    name: Option<String>,
    url: String,
    web_socket_url: Option<String>,
}

/// Where a token's device is, and its socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Device {
    url: Url,
    pub socket: Url,
}

/// The owner's device, registered where there is none of our name.
pub(super) async fn find_or_register(api: &Api, owner: &TokenOwner) -> Result<Device, Failure> {
    let devices = devices_url(api, owner).await?;
    let listed = list(api, owner, devices.clone()).await?;
    let ours = listed
        .into_iter()
        .find(|device| device.name.as_deref() == Some(NAME) && device.web_socket_url.is_some());
    match ours {
        Some(ours) => read(api, ours, LIST),
        None => register(api, owner, devices).await,
    }
}

/// Whether the owner's token may have a device at all.
pub(super) async fn may_register(api: &Api, owner: &TokenOwner) -> Result<(), Failure> {
    let devices = devices_url(api, owner).await?;
    list(api, owner, devices).await.map(drop)
}

/// One that is gone already is a success.
pub(super) async fn remove(api: &Api, owner: &TokenOwner, device: &Device) -> Result<(), Failure> {
    let doing = "devices.delete";
    let removed = api.write(owner, Method::DELETE, device.url.clone(), None, doing);
    match removed.await {
        Err(failure) if failure.kind == FailureKind::Gone => Ok(()),
        removed => removed.map(drop),
    }
}

async fn devices_url(api: &Api, owner: &TokenOwner) -> Result<Url, Failure> {
    let doing = "services.catalog";
    let catalog: Catalog = api.get(owner, api.settings().catalog(), doing).await?;
    let service = catalog.service_links.get(SERVICE);
    let service = service.ok_or_else(|| unreadable(Effect::Read, doing))?;
    trusted(
        api,
        &format!("{}/devices", service.trim_end_matches('/')),
        doing,
    )
}

/// Webex answers "not found" where there is none.
async fn list(api: &Api, owner: &TokenOwner, devices: Url) -> Result<Vec<Registered>, Failure> {
    let listed: Result<Listed, Failure> = api.get(owner, devices, LIST).await;
    match listed {
        Ok(listed) => Ok(listed.devices),
        Err(failure) if failure.kind == FailureKind::Gone => Ok(Vec::new()),
        Err(failure) => Err(failure),
    }
}

async fn register(api: &Api, owner: &TokenOwner, devices: Url) -> Result<Device, Failure> {
    let doing = "devices.create";
    let body = json!({
        "deviceName": NAME,
        "deviceType": "DESKTOP",
        "localizedModel": NAME,
        "model": NAME,
        "name": NAME,
        "systemName": NAME,
        "systemVersion": env!("CARGO_PKG_VERSION"),
    });
    let made: Registered = api.make(owner, devices, &body, doing).await?;
    read(api, made, doing)
}

fn read(api: &Api, registered: Registered, doing: &str) -> Result<Device, Failure> {
    let socket = registered.web_socket_url;
    let socket = socket.ok_or_else(|| unreadable(Effect::Read, doing))?;
    Ok(Device {
        url: trusted(api, &registered.url, doing)?,
        socket: trusted(api, &socket, doing)?,
    })
}

/// An address that Webex gave. A token goes to Webex alone, whatever is given.
fn trusted(api: &Api, address: &str, doing: &str) -> Result<Url, Failure> {
    Url::parse(address)
        .ok()
        .filter(|url| api.settings().may_have_token(url))
        .ok_or_else(|| Failure::new(FailureKind::Rejected, "foreign_link", doing))
}

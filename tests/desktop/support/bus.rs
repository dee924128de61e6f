//! A desktop's panel on the session bus: a place for tray icons, and one for notifications.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use zbus::message::Header;
use zbus::object_server::SignalEmitter;
use zbus::zvariant::{OwnedObjectPath, OwnedValue, Value};
use zbus::{Connection, Proxy, connection, interface};

const WATCHER: &str = "org.kde.StatusNotifierWatcher";
const WATCHER_PATH: &str = "/StatusNotifierWatcher";
const NOTIFICATIONS: &str = "org.freedesktop.Notifications";
const NOTIFICATIONS_PATH: &str = "/org/freedesktop/Notifications";
const ITEM: &str = "org.kde.StatusNotifierItem";
const MENU: &str = "com.canonical.dbusmenu";

/// Stands on a bus, and shows nothing to anybody.
pub struct Panel {
    bus: Connection,
    seen: Arc<Mutex<Seen>>,
}

/// A notification as it was asked for. Its id is its place in the list, from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    pub title: String,
    pub body: String,
}

/// A line of the tray's menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    id: i32,
    pub label: String,
    pub enabled: bool,
}

#[derive(Default)]
struct Seen {
    /// Whose the tray icon is, and where it is.
    icon: Option<(String, String)>,
    notifications: Vec<Notification>,
}

impl Panel {
    pub async fn on(bus_address: &str) -> Self {
        let seen = Arc::default();
        let bus = async {
            connection::Builder::address(bus_address)?
                .serve_at(WATCHER_PATH, Watcher(Arc::clone(&seen)))?
                .serve_at(NOTIFICATIONS_PATH, Notifications(Arc::clone(&seen)))?
                .name(WATCHER)?
                .name(NOTIFICATIONS)?
                .build()
                .await
        };
        let bus = bus.await.expect("the panel takes its place");
        Self { bus, seen }
    }

    /// The lines of the tray's menu; none before there is one.
    pub async fn lines(&self) -> Option<Vec<Line>> {
        let menu = self.menu().await?;
        let everything: (i32, i32, &[&str]) = (0, -1, &[]);
        let (_revision, (_root, _properties, children)): (u32, Layout) =
            menu.call("GetLayout", &everything).await.ok()?;
        let children = children.into_iter().map(Layout::try_from);
        children.map(|child| Some(line(child.ok()?))).collect()
    }

    /// Chooses a line of the tray's menu, as a click does; none where there is no such line, or it
    /// is disabled.
    pub async fn choose(&self, label: &str) -> Option<()> {
        let lines = self.lines().await?;
        let line = lines
            .iter()
            .find(|line| line.label == label && line.enabled)?;
        let clicked = (line.id, "clicked", Value::from(0_i32), 0_u32);
        let menu = self.menu().await?;
        menu.call("Event", &clicked).await.ok()
    }

    pub fn notifications(&self) -> Vec<Notification> {
        lock(&self.seen).notifications.clone()
    }

    /// Clicks a notification.
    pub async fn click(&self, id: u32) {
        let emitter = SignalEmitter::new(&self.bus, NOTIFICATIONS_PATH).expect("a path");
        let clicked = Notifications::action_invoked(&emitter, id, "default").await;
        clicked.expect("it is told");
    }

    async fn menu(&self) -> Option<Proxy<'static>> {
        let (owner, path) = lock(&self.seen).icon.clone()?;
        let icon = Proxy::new(&self.bus, owner.clone(), path, ITEM)
            .await
            .ok()?;
        let menu: OwnedObjectPath = icon.get_property("Menu").await.ok()?;
        Proxy::new(&self.bus, owner, menu, MENU).await.ok()
    }
}

/// An entry of a menu, what is known of it, and what is under it.
type Layout = (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>);

fn line((id, properties, _): Layout) -> Line {
    let known = |name: &str| properties.get(name);
    let label = known("label").and_then(|label| label.downcast_ref::<&str>().ok());
    let enabled = known("enabled").and_then(|enabled| enabled.downcast_ref::<bool>().ok());
    Line {
        id,
        label: label.unwrap_or_default().to_owned(),
        enabled: enabled.unwrap_or(true),
    }
}

struct Watcher(Arc<Mutex<Seen>>);

#[interface(name = "org.kde.StatusNotifierWatcher")]
impl Watcher {
    fn register_status_notifier_item(&self, path: String, #[zbus(header)] header: Header<'_>) {
        let owner = header.sender().expect("the bus says who calls");
        lock(&self.0).icon = Some((owner.to_string(), path));
    }

    #[zbus(property)]
    fn is_status_notifier_host_registered(&self) -> bool {
        true
    }

    #[zbus(property)]
    fn protocol_version(&self) -> i32 {
        0
    }
}

struct Notifications(Arc<Mutex<Seen>>);

#[interface(name = "org.freedesktop.Notifications")]
impl Notifications {
    #[expect(clippy::too_many_arguments, reason = "the specification has it so")]
    fn notify(
        &self,
        _app_name: String,
        _replaces_id: u32,
        _app_icon: String,
        summary: String,
        body: String,
        _actions: Vec<String>,
        _hints: HashMap<String, OwnedValue>,
        _expire_timeout: i32,
    ) -> u32 {
        let mut seen = lock(&self.0);
        seen.notifications.push(Notification {
            title: summary,
            body,
        });
        u32::try_from(seen.notifications.len()).expect("there are few")
    }

    #[zbus(signal)]
    async fn action_invoked(
        emitter: &SignalEmitter<'_>,
        id: u32,
        action_key: &str,
    ) -> zbus::Result<()>;
}

fn lock(seen: &Mutex<Seen>) -> MutexGuard<'_, Seen> {
    seen.lock().expect("nobody panics with it")
}

//! Shows a notification in the desktop's own way.

const TITLE: &str = "Causeway needs you";

pub use shown::Notifier;

/// Over the session bus, without the plugin: that brings a second bus library and cannot tell of clicks.
/// Source: the Desktop Notifications specification, "D-BUS Protocol".
#[cfg(target_os = "linux")]
mod shown {
    use std::collections::{BTreeSet, HashMap};
    use std::sync::{Arc, Mutex, PoisonError};

    use futures_util::StreamExt;
    use tauri::AppHandle;
    use zbus::proxy::SignalStream;
    use zbus::zvariant::Value;
    use zbus::{Connection, Proxy};

    use super::TITLE;
    use crate::{deep_link, window};

    const SERVER: &str = "org.freedesktop.Notifications";
    const PATH: &str = "/org/freedesktop/Notifications";
    /// As the package names its desktop file and its icon.
    const NAME: &str = "Causeway";
    const ICON: &str = "causeway-desktop";
    /// What a click on the notification itself is called.
    const CLICK: &str = "default";
    /// The server decides how long it stays.
    const ITS_OWN_TIME: i32 = -1;
    const NORMAL_URGENCY: u8 = 1;

    type Ours = Arc<Mutex<BTreeSet<u32>>>;

    /// Shows notifications; a click on one opens the window at Home, where the desktop tells of it.
    pub struct Notifier {
        app: AppHandle,
        /// None until the first is shown, and after the bus was lost.
        server: Option<Proxy<'static>>,
        /// Those that were shown: signals tell of other programs' too.
        ours: Ours,
    }

    impl Notifier {
        pub fn new(app: &AppHandle) -> Self {
            Self {
                app: app.clone(),
                server: None,
                ours: Ours::default(),
            }
        }

        pub async fn show(&mut self, sentence: &str) {
            if let Err(error) = self.try_to_show(sentence).await {
                tracing::warn!(%error, "this desktop takes no notifications");
                self.server = None;
            }
        }

        async fn try_to_show(&mut self, sentence: &str) -> zbus::Result<()> {
            let server = match self.server.take() {
                Some(server) => server,
                None => self.connect().await?,
            };
            let hints = HashMap::from([
                ("desktop-entry", Value::from(NAME)),
                ("urgency", Value::from(NORMAL_URGENCY)),
            ]);
            let (nothing_replaced, icon) = (0_u32, ICON);
            // Not an array: that would be told as a structure of two texts.
            let actions = vec![CLICK, "Open"];
            let notification = (
                NAME,
                nothing_replaced,
                icon,
                TITLE,
                sentence,
                actions,
                hints,
                ITS_OWN_TIME,
            );
            let id = server.call("Notify", &notification).await?;
            let mut ours = self.ours.lock().unwrap_or_else(PoisonError::into_inner);
            ours.insert(id);
            self.server = Some(server);
            Ok(())
        }

        async fn connect(&self) -> zbus::Result<Proxy<'static>> {
            let bus = Connection::session().await?;
            let server = Proxy::new(&bus, SERVER, PATH, SERVER).await?;
            let clicks = server.receive_signal("ActionInvoked").await?;
            let (app, ours) = (self.app.clone(), Arc::clone(&self.ours));
            tauri::async_runtime::spawn(follow_clicks(app, clicks, ours));
            Ok(server)
        }
    }

    /// Ends with the bus.
    async fn follow_clicks(app: AppHandle, mut clicks: SignalStream<'static>, ours: Ours) {
        while let Some(click) = clicks.next().await {
            let Ok((id, action)) = click.body().deserialize::<(u32, String)>() else {
                continue;
            };
            let is_ours = ours
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .contains(&id);
            if is_ours && action == CLICK {
                deep_link::go(&app, deep_link::HOME.to_owned());
                window::show(&app);
            }
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod shown {
    use tauri::AppHandle;
    use tauri_plugin_notification::NotificationExt;

    use super::TITLE;

    /// Shows notifications. The plugin does not tell of clicks.
    pub struct Notifier(AppHandle);

    impl Notifier {
        pub fn new(app: &AppHandle) -> Self {
            if let Err(error) = app.plugin(tauri_plugin_notification::init()) {
                tracing::warn!(%error, "nothing is notified");
            }
            Self(app.clone())
        }

        pub async fn show(&mut self, sentence: &str) {
            let notification = self.0.notification().builder();
            if let Err(error) = notification.title(TITLE).body(sentence).show() {
                tracing::warn!(%error, "this desktop takes no notifications");
            }
        }
    }
}

//! The real desktop on a display, a message bus and a home of its own, driven by WebDriver. Tests
//! run side by side; whatever one starts ends with it.

pub mod acme;
mod program;
mod stage;

use std::path::Path;
use std::time::Duration;

use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;
use tokio::time::Instant;

use stage::Stage;

const BINARY: &str = env!("CARGO_BIN_EXE_causeway-desktop");

/// How long anything that is waited for may take on a slow machine.
const PATIENCE: Duration = Duration::from_secs(30);
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);

/// A running desktop. It is killed when this is dropped, as a crash would.
pub struct Desktop {
    pub client: Client,
    stage: Stage,
}

impl Desktop {
    /// Starts the desktop on the data folder `home`, with further environment variables.
    ///
    /// # Panics
    /// When a program that this needs is missing, or the desktop does not come up.
    pub async fn start(home: &Path, extra_env: &[(&str, &str)]) -> Self {
        let stage = Stage::set(home, extra_env);
        let address = stage.driver_address();
        let client = until("the WebDriver answers", &stage, async || {
            connect(&address).await
        })
        .await;
        Self { client, stage }
    }

    /// Goes to a page by the address in its hash, e.g. `activity?state=dead`.
    pub async fn goto(&self, page: &str) {
        let script = format!("window.location.hash = '#/' + {}", json!(page));
        self.run(&script).await;
    }

    /// Waits until the window shows a text.
    ///
    /// # Panics
    /// When it does not in time, with what it shows instead.
    pub async fn wait_for_text(&self, text: &str) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let shown = self.text().await;
            if shown.contains(text) {
                return;
            }
            assert!(
                Instant::now() < deadline,
                "the window does not show {text:?} but:\n{shown}\n{}",
                self.stage.log()
            );
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
    }

    /// All text that the window shows now.
    pub async fn text(&self) -> String {
        let shown = self.run("return document.body.innerText").await;
        shown.as_str().unwrap_or_default().to_owned()
    }

    /// Ends it as the tray's Quit does. The window may be gone before it can say that it ran this.
    pub async fn quit(&self) {
        let script = "setTimeout(() => window.__TAURI_INTERNALS__.invoke('quit'))";
        let _ = self.client.execute(script, Vec::new()).await;
    }

    /// Starts the program once more on the same desktop, with an argument, and waits until it has
    /// left everything to the one that runs.
    pub fn start_again(&self, argument: &str) {
        let ended = self.stage.run(BINARY, argument);
        assert!(ended.success(), "{ended}\n{}", self.stage.log());
    }

    /// Waits until the desktop has logged something.
    ///
    /// # Panics
    /// When it has not in time.
    pub async fn wait_for_log(&self, line: &str) {
        let found = async || self.stage.log().contains(line).then_some(());
        until(line, &self.stage, found).await;
    }

    /// Writes what the window looks like, as PNG.
    pub async fn screenshot(&self, path: &Path) {
        self.run(KEEP_PAINTING).await;
        let picture = self
            .client
            .screenshot()
            .await
            .expect("the window can be drawn");
        self.run(STOP_PAINTING).await;
        std::fs::write(path, picture).expect("the picture can be written");
    }

    async fn run(&self, script: &str) -> serde_json::Value {
        let outcome = self.client.execute(script, Vec::new()).await;
        outcome.expect("the window runs scripts")
    }
}

/// A picture is taken when the page is next painted, and a page at rest is not painted at all.
const KEEP_PAINTING: &str = "
    let dim = false;
    window.painting = setInterval(() => {
        dim = !dim;
        document.body.style.opacity = dim ? '0.999' : '';
    }, 20);";
const STOP_PAINTING: &str = "
    clearInterval(window.painting);
    document.body.style.opacity = '';";

async fn connect(address: &str) -> Option<Client> {
    let options = json!({ "binary": BINARY, "args": [] });
    let capabilities = [("webkitgtk:browserOptions".to_owned(), options)];
    ClientBuilder::new(HttpConnector::new())
        .capabilities(capabilities.into_iter().collect())
        .connect(address)
        .await
        .ok()
}

async fn until<T>(what: &str, stage: &Stage, look: impl AsyncFn() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(
            Instant::now() < deadline,
            "not in time: {what}\n{}",
            stage.log()
        );
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
}

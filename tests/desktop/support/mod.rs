//! The real desktop on a display, a message bus and a home of its own, driven by WebDriver. Tests
//! run side by side; whatever one starts ends with it.

pub mod acme;
pub mod bus;
pub mod headless;
mod program;
pub mod screen;
pub mod stage;

use std::path::Path;
use std::time::Duration;

use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tokio::time::Instant;

use stage::Stage;

/// The desktop. The headless face lies beside it.
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
        Self::enter(Stage::set(home, extra_env), &[]).await
    }

    /// Starts the desktop on a stage that is set, with arguments.
    ///
    /// # Panics
    /// When the desktop does not come up.
    pub async fn enter(stage: Stage, arguments: &[&str]) -> Self {
        let address = stage.driver_address();
        let client = until("the WebDriver answers", &stage, async || {
            connect(&address, arguments).await
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

    /// Waits until the window does not show a text any more.
    ///
    /// # Panics
    /// When it still does after a while.
    pub async fn wait_until_gone(&self, text: &str) {
        let gone = async || (!self.text().await.contains(text)).then_some(());
        until(&format!("{text:?} gone"), &self.stage, gone).await;
    }

    /// Presses the button or link of this name, once it can be.
    ///
    /// # Panics
    /// When there is none in time.
    pub async fn press(&self, name: &str) {
        self.press_under("", name).await;
    }

    /// The same within the panel beside the page.
    ///
    /// # Panics
    /// When there is none in time.
    pub async fn press_in_the_panel(&self, name: &str) {
        self.press_under("//aside", name).await;
    }

    async fn press_under(&self, place: &str, name: &str) {
        let named = |what: &str| {
            let name = quoted(name);
            format!("{place}//{what}[normalize-space(.)={name} or @aria-label={name}]")
        };
        let anything = ["button", "a", "summary"].map(named).join(" | ");
        self.click(&anything, name).await;
    }

    /// Opens the first row of the list that speaks of this.
    ///
    /// # Panics
    /// When there is none in time.
    pub async fn open_row(&self, text: &str) {
        let row = format!("//*[@role='row'][contains(., {})]", quoted(text));
        self.click(&row, text).await;
    }

    /// Chooses the radio button, checkbox or row that is labelled so.
    ///
    /// # Panics
    /// When there is none in time.
    pub async fn choose(&self, label: &str) {
        let labelled = format!(
            "//input[@aria-label={0}] | //label[contains(normalize-space(.), {0})]//input
             | //*[@role='option'][normalize-space(.)={0}] | //*[@role='checkbox'][@aria-label={0}]",
            quoted(label)
        );
        self.click(&labelled, label).await;
    }

    /// Chooses in the menu of this name, whatever is chosen in it now.
    ///
    /// # Panics
    /// When there is none in time.
    pub async fn choose_in(&self, menu: &str, option: &str) {
        let named = quoted(&format!("{menu}: "));
        let opened = format!("//*[@role='combobox'][starts-with(@aria-label, {named})]");
        self.click(&opened, menu).await;
        self.choose(option).await;
    }

    /// Picks an option, by its value, in the menu of this name.
    ///
    /// # Panics
    /// When there is none in time.
    pub async fn pick(&self, label: &str, value: &str) {
        let menu = format!("//select[@aria-label={}]", quoted(label));
        let picked = async || {
            let menu = self.client.find(Locator::XPath(&menu)).await.ok()?;
            menu.select_by_value(value).await.ok()
        };
        until(label, &self.stage, picked).await;
    }

    /// Types into the field of this name.
    ///
    /// # Panics
    /// When there is none in time.
    pub async fn type_into(&self, label: &str, text: &str) {
        let field = format!(
            "//*[self::input or self::textarea][@aria-label={0} or @placeholder={0}]
             | //label[contains(normalize-space(.), {0})]//*[self::input or self::textarea]",
            quoted(label)
        );
        let typed = async || {
            let field = self.client.find(Locator::XPath(&field)).await.ok()?;
            field.send_keys(text).await.ok()
        };
        until(label, &self.stage, typed).await;
    }

    async fn click(&self, path: &str, name: &str) {
        let pressed = async || {
            let found = self.client.find(Locator::XPath(path)).await.ok()?;
            let possible = found.attr("aria-disabled").await.ok()?.as_deref() != Some("true");
            (possible && found.is_enabled().await.ok()?).then_some(())?;
            found.click().await.ok()
        };
        let deadline = Instant::now() + PATIENCE;
        while pressed().await.is_none() {
            if Instant::now() >= deadline {
                let (shown, log) = (self.text().await, self.stage.log());
                panic!("{name:?} cannot be pressed in:\n{shown}\n{log}");
            }
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
    }

    /// All text that the window shows now.
    pub async fn text(&self) -> String {
        let shown = self.run("return document.body.innerText").await;
        shown.as_str().unwrap_or_default().to_owned()
    }

    /// Calls a command of the shell as the window does.
    ///
    /// # Panics
    /// When the command fails.
    pub async fn invoke(&self, command: &str, arguments: Value) -> Value {
        let script = "
            const [command, given, done] = arguments;
            window.__TAURI_INTERNALS__.invoke(command, given).then(
                (value) => done({ value }),
                (error) => done({ error }),
            );";
        let given = vec![command.into(), arguments];
        let outcome = self.client.execute_async(script, given).await;
        let mut outcome = outcome.expect("the window runs scripts");
        assert!(
            outcome["error"].is_null(),
            "{command}: {}",
            outcome["error"]
        );
        outcome["value"].take()
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

    /// Waits until `look` finds something.
    ///
    /// # Panics
    /// When it does not in time; `what` says what it was.
    pub async fn until<T>(&self, what: &str, look: impl AsyncFn() -> Option<T>) -> T {
        until(what, &self.stage, look).await
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

    async fn run(&self, script: &str) -> Value {
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

/// As a string of XPath, which knows no escapes.
fn quoted(text: &str) -> String {
    if text.contains('\'') {
        format!("\"{text}\"")
    } else {
        format!("'{text}'")
    }
}

async fn connect(address: &str, arguments: &[&str]) -> Option<Client> {
    let options = json!({ "binary": BINARY, "args": arguments });
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

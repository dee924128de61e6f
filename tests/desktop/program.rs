//! The desktop as a program among others: the tray, the notifications, the start at login. A panel
//! that the tests hold stands on the session bus, and the window is closed as window managers do.

use std::path::{Path, PathBuf};

use causeway_sandbox::control_client::To;
use causeway_sandbox::faults::{Fault, FaultKind};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{
    Desktop,
    acme::Acme,
    bus::{Notification, Panel},
    screen::Screen,
    stage::Stage,
};

const ANN: &str = "ann@acme.example";
const BOB: &str = "bob@acme.example";
const JUN: &str = "jun@acme.example";
const NIA: &str = "nia@acme.example";
const VIC: &str = "vic@acme.example";

const TOGGLE: &str = "Show or hide Causeway";
const HIDDEN: &str = "--hidden";
const WRITTEN: &str = "the canary that no notification may show";
const ONE_STUCK: &str = "1 delivery waits until somebody allows it.";

/// The desktop, and what stands around it.
struct Room {
    desktop: Desktop,
    panel: Panel,
    screen: Screen,
    user_home: PathBuf,
}

impl Room {
    /// Starts the desktop where there is a panel.
    async fn enter(home: &Path, arguments: &[&str]) -> Self {
        let stage = Stage::set(home, &[("CAUSEWAY_LOG", "debug")]);
        let panel = Panel::on(&variable(&stage, "DBUS_SESSION_BUS_ADDRESS")).await;
        let screen = Screen::of(&variable(&stage, "DISPLAY"));
        let user_home = variable(&stage, "HOME").into();
        let desktop = Desktop::enter(stage, arguments).await;
        Self {
            desktop,
            panel,
            screen,
            user_home,
        }
    }

    async fn until_shown(&self, shown: bool) {
        let look = async || (self.screen.shows_the_window() == shown).then_some(());
        let what = format!("the window is shown: {shown}");
        self.desktop.until(&what, look).await;
    }

    /// Waits until the first line of the tray's menu says this. The others may still be changing.
    async fn until_the_tray_says(&self, state: &str) {
        let look = async || {
            let lines = self.panel.lines().await?;
            (lines.first()?.label == state).then_some(())
        };
        let what = format!("the tray says {state:?}");
        self.desktop.until(&what, look).await;
    }

    async fn choose(&self, label: &str) {
        let chosen = async || self.panel.choose(label).await;
        self.desktop.until(label, chosen).await;
    }

    async fn until_notified_of(&self, body: &str) {
        let look = async || {
            let shown = self.panel.notifications();
            shown.iter().any(|shown| shown.body == body).then_some(())
        };
        self.desktop.until(body, look).await;
    }

    /// The hub's answer to a use case that takes nothing.
    async fn ask(&self, case: &str) -> Value {
        let request = json!({ "call": case, "args": {} });
        let given = json!({ "world": "own", "request": request });
        self.desktop.invoke("call", given).await["reply"].take()
    }

    async fn set(&self, change: Value) -> Value {
        let change = json!({ "change": change });
        self.desktop.invoke("set_desktop", change).await
    }
}

fn variable(stage: &Stage, name: &str) -> String {
    let variables = &stage.environment;
    let found = variables.iter().find(|(known, _)| known == name);
    let (_, value) = found.expect("it is set");
    value.to_str().expect("it is text").to_owned()
}

/// Acme, and a data folder that is connected to it.
async fn acme() -> (Acme, TempDir) {
    let home = TempDir::new().expect("a folder can be made");
    let acme = Acme::open().await;
    acme.prepare(home.path()).await;
    (acme, home)
}

/// Has the next message that the app posts in Slack refused, as the app is not authorised any more.
async fn lose_the_apps_authorisation(acme: &Acme) {
    let lost = Fault {
        on: "slack".to_owned(),
        method: Some("chat.postMessage".to_owned()),
        fault: FaultKind::Revoke,
        count: 1,
        ms: None,
    };
    acme.control.fault(&lost).await.expect("it is armed");
}

/// Somebody who has no account in Slack writes to somebody there: the app has to speak for them.
async fn write_through_the_app(acme: &Acme, from: &str, to: &str) {
    let to = To::Dm(to.to_owned());
    let written = acme.control.send(from, "teams", to, WRITTEN).await;
    written.expect("they write");
}

async fn teams_shows(acme: &Acme, who: &str, text: &str) -> Option<()> {
    let seen = acme.control.view(who, "teams").await.ok()?;
    let mut messages = seen.iter().flat_map(|place| &place.messages);
    messages
        .any(|message| message.text.contains(text))
        .then_some(())
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_the_window_leaves_it_in_the_tray_and_the_relay_goes_on() {
    let (acme, home) = acme().await;
    let room = Room::enter(home.path(), &[]).await;
    room.until_shown(true).await;
    room.until_the_tray_says("Relaying").await;
    room.screen.close_the_window();
    room.until_shown(false).await;
    acme.writes(ANN, BOB, "while nobody looks").await;
    let arrived = async || teams_shows(&acme, BOB, "while nobody looks").await;
    room.desktop.until("Bob sees it", arrived).await;
    room.choose(TOGGLE).await;
    room.until_shown(true).await;
    room.choose(TOGGLE).await;
    room.until_shown(false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tray_pauses_the_relay_and_resumes_it() {
    let (acme, home) = acme().await;
    let room = Room::enter(home.path(), &[HIDDEN]).await;
    room.until_the_tray_says("Relaying").await;
    room.choose("Pause relaying").await;
    room.until_the_tray_says("Paused").await;
    acme.writes(ANN, BOB, "into a pause").await;
    let held = async || {
        let status = room.ask("get_status").await;
        (status["deliveries"]["queued"].as_u64() > Some(0)).then_some(())
    };
    room.desktop.until("the message waits", held).await;
    assert_eq!(teams_shows(&acme, BOB, "into a pause").await, None);
    room.choose("Resume relaying").await;
    room.until_the_tray_says("Relaying").await;
    let arrived = async || teams_shows(&acme, BOB, "into a pause").await;
    room.desktop.until("Bob sees it", arrived).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nothing_is_connected_nothing_can_be_paused() {
    let home = TempDir::new().expect("a folder can be made");
    let room = Room::enter(home.path(), &[HIDDEN]).await;
    room.until_the_tray_says("Not set up").await;
    let disabled = async || {
        let lines = room.panel.lines().await?;
        let pause = lines.iter().find(|line| line.label == "Pause relaying")?;
        (!pause.enabled).then_some(())
    };
    room.desktop.until("the pause is disabled", disabled).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_at_login_shows_no_window_until_the_tray_is_asked() {
    let home = TempDir::new().expect("a folder can be made");
    let room = Room::enter(home.path(), &[HIDDEN]).await;
    room.until_the_tray_says("Not set up").await;
    assert!(!room.screen.shows_the_window());
    room.desktop.start_again(HIDDEN);
    assert!(!room.screen.shows_the_window());
    room.choose(TOGGLE).await;
    room.until_shown(true).await;
    room.desktop.wait_for_text("Nothing is connected yet").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_at_login_shows_the_window_where_there_is_no_tray() {
    let home = TempDir::new().expect("a folder can be made");
    let stage = Stage::set(home.path(), &[]);
    let screen = Screen::of(&variable(&stage, "DISPLAY"));
    let desktop = Desktop::enter(stage, &[HIDDEN]).await;
    let look = async || screen.shows_the_window().then_some(());
    desktop.until("the window is shown", look).await;
    let settings = desktop.invoke("get_desktop", json!({})).await;
    assert_eq!(settings["tray"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_that_needs_a_person_is_notified_once_and_a_click_opens_home() {
    let (acme, home) = acme().await;
    let room = Room::enter(home.path(), &[HIDDEN]).await;
    room.until_the_tray_says("Relaying").await;
    room.desktop.goto("people").await;
    lose_the_apps_authorisation(&acme).await;
    write_through_the_app(&acme, NIA, ANN).await;
    room.until_notified_of(ONE_STUCK).await;
    write_through_the_app(&acme, VIC, JUN).await;
    room.desktop.wait_for_log("is notified later").await;
    let shown = room.panel.notifications();
    let stuck = |shown: &&Notification| shown.body.contains("until somebody allows");
    assert_eq!(shown.iter().filter(stuck).count(), 1, "{shown:?}");
    for notification in &shown {
        let told = format!("{} {}", notification.title, notification.body);
        for private in [WRITTEN, "canary", "@", "Nia", "Ann"] {
            assert!(!told.contains(private), "{told}");
        }
    }
    room.panel.click(1).await;
    room.until_shown(true).await;
    room.desktop.wait_for_text("What needs you").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_notifications_are_switched_off_there_are_none() {
    let (acme, home) = acme().await;
    let room = Room::enter(home.path(), &[HIDDEN]).await;
    room.until_the_tray_says("Relaying").await;
    room.set(json!({ "notifications": false })).await;
    lose_the_apps_authorisation(&acme).await;
    write_through_the_app(&acme, NIA, ANN).await;
    let stuck = async || (room.ask("get_needs").await["stuck"] == 1).then_some(());
    room.desktop.until("it waits for somebody", stuck).await;
    room.desktop.wait_for_log("is not notified: unwanted").await;
    assert_eq!(room.panel.notifications(), []);
    let settings = room.set(json!({ "notifications": true })).await;
    assert_eq!(settings["notifications"], true);
    write_through_the_app(&acme, VIC, JUN).await;
    // One and not two: what was not wanted is not told later.
    room.until_notified_of(ONE_STUCK).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_at_login_that_cannot_be_written_says_so() {
    let home = TempDir::new().expect("a folder can be made");
    let room = Room::enter(home.path(), &[HIDDEN]).await;
    let in_the_way = room.user_home.join(".config");
    std::fs::write(in_the_way, "a file").expect("it can be written");
    let script = "
        const [change, done] = arguments;
        window.__TAURI_INTERNALS__.invoke('set_desktop', { change }).then(
            () => done(null), done,
        );";
    let change = vec![json!({ "start_at_login": true })];
    let refused = room.desktop.client.execute_async(script, change).await;
    let refused = refused.expect("the window runs scripts");
    assert_eq!(refused["code"], "folder_unwritable", "{refused}");
    let settings = room.desktop.invoke("get_desktop", json!({})).await;
    assert_eq!(settings["start_at_login"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn starting_at_login_is_switched_on_and_off() {
    let home = TempDir::new().expect("a folder can be made");
    let room = Room::enter(home.path(), &[]).await;
    let entry = room.user_home.join(".config/autostart/Causeway.desktop");
    let settings = room.desktop.invoke("get_desktop", json!({})).await;
    let mut settings = settings;
    let process = settings
        .as_object_mut()
        .and_then(|kept| kept.remove("process"));
    assert!(process.is_some_and(|process| process.is_u64()));
    let expected = json!({
        "start_at_login": false,
        "start_at_login_problem": null,
        "notifications": true,
        "tray": true,
    });
    assert_eq!(settings, expected);
    let settings = room.set(json!({ "start_at_login": true })).await;
    assert_eq!(settings["start_at_login"], true);
    let text = std::fs::read_to_string(&entry).expect("there is an entry");
    let starts = text.lines().find_map(|line| line.strip_prefix("Exec="));
    let expected = format!("{} {HIDDEN}", env!("CARGO_BIN_EXE_causeway-desktop"));
    assert_eq!(starts, Some(expected.as_str()));
    for _ in 0..2 {
        let settings = room.set(json!({ "start_at_login": false })).await;
        assert_eq!(settings["start_at_login"], false);
        assert!(!entry.exists());
    }
}

//! The window, the data folder behind it, and what a second start does.

use std::path::Path;

use causeway_hub::api::{GetStatus, RelayRole};
use causeway_sandbox::control_client::To;

use tempfile::TempDir;

use crate::support::{Desktop, acme::Acme, headless, headless::Headless};

/// Pictures of the last run, for whoever wants to look.
pub fn picture(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.png"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_data_folder_shows_what_every_page_is_for() {
    let home = TempDir::new().expect("a folder can be made");
    let desktop = Desktop::start(home.path(), &[]).await;
    desktop.wait_for_text("Nothing is connected yet").await;
    desktop.wait_for_text("Not set up").await;
    desktop.screenshot(&picture("home")).await;
    desktop.goto("platforms").await;
    desktop.wait_for_text("No platform is connected yet").await;
    desktop.goto("people").await;
    desktop.wait_for_text("No people yet").await;
    desktop.goto("activity").await;
    desktop.wait_for_text("No deliveries yet").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn quitting_closes_the_data_folder_and_the_next_start_finds_it() {
    let home = TempDir::new().expect("a folder can be made");
    let desktop = Desktop::start(home.path(), &[]).await;
    desktop.wait_for_text("Nothing is connected yet").await;
    desktop.quit().await;
    desktop.wait_for_log("the data folder is closed").await;
    drop(desktop);
    let again = Desktop::start(home.path(), &[]).await;
    again.wait_for_text("Nothing is connected yet").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_start_leaves_everything_to_the_first_and_its_link_is_followed_there() {
    let home = TempDir::new().expect("a folder can be made");
    let desktop = Desktop::start(home.path(), &[]).await;
    desktop.wait_for_text("Nothing is connected yet").await;
    desktop.start_again("causeway://open?page=people");
    desktop.wait_for_text("No people yet").await;
    desktop.start_again("causeway://open?page=activity&page=people");
    desktop.wait_for_log("a link is not followed").await;
    desktop.start_again("--home");
    desktop.wait_for_text("No people yet").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_already_runs_in_the_folder_is_attached_to_and_taken_over_from() {
    let home = TempDir::new().expect("a folder can be made");
    let acme = Acme::open().await;
    acme.prepare(home.path()).await;
    let relay = acme.relay(home.path()).await;
    let desktop = Desktop::start(home.path(), &[]).await;
    desktop.goto("platforms").await;
    desktop.wait_for_text("Connected").await;
    let status = relay.call(GetStatus {}).await.expect("it answers");
    assert_eq!(status.role, RelayRole::Relaying, "the first still relays");
    relay.close().await;
    desktop.wait_for_log("the hub does not answer").await;

    acme.writes("ann@acme.example", "bob@acme.example", "who carries this?")
        .await;
    desktop.goto("activity").await;
    desktop.wait_for_text("Delivered").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_without_a_desktop_is_attached_to_and_both_see_the_same() {
    let home = TempDir::new().expect("a folder can be made");
    let acme = Acme::open().await;
    acme.prepare(home.path()).await;
    let relay = Headless::relay(home.path());
    let desktop = Desktop::start(home.path(), &[]).await;
    desktop.wait_for_text("37 people are paired").await;
    desktop.goto("settings").await;
    let who = format!("process {}", relay.process());
    desktop.wait_for_text(&who).await;
    acme.writes(
        "ann@acme.example",
        "bob@acme.example",
        "carried without a window",
    )
    .await;
    desktop.goto("activity").await;
    desktop.wait_for_text("Delivered").await;
    drop(desktop);
    let status = headless::says(home.path(), &["status"]);
    assert_eq!(status["role"], "relaying", "the relay outlives the desktop");
    let delivered = status["deliveries"]["delivered"].as_u64();
    assert!(delivered >= Some(1), "{status}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_keychain_the_key_lies_in_a_file_of_its_owner_and_settings_says_so() {
    use std::os::unix::fs::PermissionsExt;
    let home = TempDir::new().expect("a folder can be made");
    let desktop = Desktop::start(home.path(), &[]).await;
    desktop.wait_for_text("Nothing is connected yet").await;
    let key = std::fs::metadata(home.path().join("key")).expect("there is a key file");
    assert_eq!(key.permissions().mode() & 0o777, 0o600);
    desktop.goto("settings").await;
    desktop.wait_for_text("This desktop").await;
    desktop.wait_for_text("In a key file").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_cannot_be_opened_says_why_and_opens_once_it_can() {
    let parent = TempDir::new().expect("a folder can be made");
    let home = parent.path().join("in-the-way");
    std::fs::write(&home, "a file where the folder should be").expect("it can be written");
    let desktop = Desktop::start(&home, &[]).await;
    desktop.wait_for_text("Causeway cannot open its data").await;
    desktop.wait_for_text("folder_unwritable").await;
    desktop.screenshot(&picture("unopened")).await;
    std::fs::remove_file(&home).expect("it can be removed");
    let again = fantoccini::Locator::XPath("//button[contains(., 'Try again')]");
    let button = desktop.client.find(again).await.expect("there is a button");
    button.click().await.expect("it can be clicked");
    desktop.wait_for_text("Nothing is connected yet").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_sent_in_slack_appears_as_delivered_in_activity_while_one_watches() {
    let home = TempDir::new().expect("a folder can be made");
    let acme = Acme::open().await;
    acme.prepare(home.path()).await;
    let desktop = Desktop::start(home.path(), &[]).await;
    desktop.goto("platforms").await;
    desktop.wait_for_text("Acme, Inc.").await;
    desktop.wait_for_text("Connected").await;
    desktop.goto("activity").await;
    desktop.wait_for_text("No deliveries yet").await;

    let dm = |address: &str| To::Dm(address.to_owned());
    let written = "the canary that no screen may show";
    acme.control
        .send("ann@acme.example", "slack", dm("bob@acme.example"), written)
        .await
        .expect("Ann writes to Bob");
    desktop.wait_for_text("Ann Lee").await;
    desktop.wait_for_text("Bob Stone").await;
    desktop.wait_for_text("Delivered").await;
    assert!(
        !desktop.text().await.contains("canary"),
        "Activity never shows a message's text"
    );

    let seen = acme
        .control
        .view("bob@acme.example", "teams")
        .await
        .expect("Bob looks");
    let texts = seen.iter().flat_map(|place| &place.messages);
    let found: Vec<_> = texts
        .filter(|message| message.text.contains(written))
        .collect();
    assert_eq!(found.len(), 1, "Bob sees it once");
    assert_eq!(found[0].author, "ann@acme.example");

    let traffic = [
        ("bob@acme.example", "teams", "ann@acme.example"),
        ("raj@acme.example", "teams", "jun@acme.example"),
        ("jun@acme.example", "slack", "uma@acme.example"),
        ("dana@acme.example", "teams", "cho@acme.example"),
        ("kai.berg@acme.example", "slack", "otto@acme.example"),
        ("sue.kim@acme.example", "teams", "ivo@acme.example"),
    ];
    for (from, on, to) in traffic {
        for words in ["first", "second"] {
            acme.control
                .send(from, on, dm(to), words)
                .await
                .expect("they write");
        }
    }
    for name in ["Uma Iyer", "Cho Park", "Sue Kim", "Otto Weiss"] {
        desktop.wait_for_text(name).await;
    }
    desktop.screenshot(&picture("activity")).await;
    desktop.goto("people").await;
    desktop.wait_for_text("Ann Lee").await;
    desktop.screenshot(&picture("people")).await;
    desktop.goto("platforms").await;
    desktop.wait_for_text("Microsoft Teams").await;
    desktop.screenshot(&picture("platforms")).await;
    desktop.goto("home").await;
    desktop.wait_for_text("Messages are flowing").await;
    desktop.screenshot(&picture("home_live")).await;
}

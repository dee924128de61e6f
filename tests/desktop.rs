//! The desktop as people meet it: the real binary in a real window.

mod support;

use std::path::Path;

use support::Desktop;
use tempfile::TempDir;

/// Pictures of the last run, for whoever wants to look.
fn picture(name: &str) -> std::path::PathBuf {
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

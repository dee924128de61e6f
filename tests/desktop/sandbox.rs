//! What a visitor does in the sandbox, with the real binary: its stand-ins, and its hub in a process
//! of its own.

use serde_json::json;
use tempfile::TempDir;

use crate::{support::Desktop, window::picture};

/// How many at Acme are paired from the beginning.
const PAIRED: u32 = 11;
/// How many others have an address of the organisation's own.
const UNPAIRED: u32 = 34;

/// A desktop on an empty folder, whose sandbox runs.
async fn playing() -> (Desktop, TempDir) {
    let home = TempDir::new().expect("a folder can be made");
    let desktop = Desktop::start(home.path(), &[]).await;
    desktop.wait_for_text("Nothing is connected yet").await;
    let report = desktop.invoke("sandbox_start", json!({})).await;
    assert_eq!(report["state"], "running");
    (desktop, home)
}

/// Somebody writes to somebody in their own app.
async fn writes(desktop: &Desktop, from: &str, on: &str, to: &str, text: &str) {
    let deed = json!({
        "email": from, "platform": on, "what": "send", "to": { "dm": to }, "text": text,
    });
    desktop.invoke("sandbox_act", json!({ "deed": deed })).await;
}

/// Waits until somebody's own app shows a text.
async fn sees(desktop: &Desktop, who: &str, on: &str, text: &str) {
    let looked = async || {
        let seen = json!({ "email": who, "platform": on });
        let seen = desktop.invoke("sandbox_look", seen).await;
        seen.to_string().contains(text).then_some(())
    };
    desktop.until(&format!("{who} sees {text:?}"), looked).await;
}

/// Of four platforms, these two.
async fn from_slack_to_teams(desktop: &Desktop) {
    desktop.choose_in("They work in", "Slack").await;
    desktop
        .choose_in("They are represented in", "Microsoft Teams")
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_run_leads_to_the_sandbox_where_ann_writes_and_bob_reads() {
    let home = TempDir::new().expect("a folder can be made");
    let desktop = Desktop::start(home.path(), &[]).await;
    desktop.wait_for_text("Nothing is connected yet").await;
    desktop.press("Try the sandbox").await;
    desktop.press("Start the sandbox").await;
    desktop.wait_for_text("Break something").await;
    desktop.type_into("Find people in Slack", "Bob").await;
    desktop.press("Bob Stone").await;
    desktop
        .type_into("Message Bob Stone", "from the window")
        .await;
    desktop.press("Send").await;
    sees(&desktop, "bob@acme.example", "teams", "from the window").await;
    desktop.wait_for_text("Confirmed").await;
    desktop.screenshot(&picture("sandbox")).await;
    desktop.press("Leave the sandbox").await;
    desktop.wait_for_text("Nothing is connected yet").await;
    desktop.wait_until_gone("Nothing here is real.").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_hub_loses_nothing_and_the_window_shows_it_dead_and_alive() {
    let (desktop, _home) = playing().await;
    writes(
        &desktop,
        "ann@acme.example",
        "slack",
        "bob@acme.example",
        "before",
    )
    .await;
    sees(&desktop, "bob@acme.example", "teams", "before").await;
    desktop.goto("sandbox").await;
    desktop.press("Kill the hub").await;
    desktop.wait_for_text("Start the hub again").await;
    writes(
        &desktop,
        "ann@acme.example",
        "slack",
        "bob@acme.example",
        "meanwhile",
    )
    .await;
    desktop.press("Start the hub again").await;
    sees(&desktop, "bob@acme.example", "teams", "meanwhile").await;
    desktop.goto("sandbox/activity").await;
    desktop.wait_for_text("Delivered").await;
    assert!(
        !desktop.text().await.contains("meanwhile"),
        "Activity never shows a message's text"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_imported_and_paired_as_full_as_guest_and_all_that_fit() {
    let (desktop, _home) = playing().await;
    desktop.goto("sandbox/people").await;
    desktop.wait_for_text("Ann Lee").await;
    desktop.press("Import").await;
    desktop.wait_for_text("People are imported").await;

    desktop.goto("sandbox/people?search=cho").await;
    desktop.choose("Select Cho Park").await;
    desktop.press("Pair 1 person").await;
    from_slack_to_teams(&desktop).await;
    desktop.choose("Their own account").await;
    desktop.wait_for_text("1 as their own account").await;
    desktop.press_in_the_panel("Pair 1 person").await;
    desktop.wait_for_text("Full").await;

    desktop.goto("sandbox/people?search=lior").await;
    desktop.wait_for_text("Lior Amsel").await;
    desktop.choose("Select Lior Amsel").await;
    desktop.press("Pair 1 person").await;
    from_slack_to_teams(&desktop).await;
    desktop.choose("A guest account").await;
    desktop.wait_for_text("1 as a guest").await;
    desktop.press_in_the_panel("Pair 1 person").await;
    desktop.wait_for_text("Guest").await;
    writes(
        &desktop,
        "lior@lattice.example",
        "slack",
        "bob@acme.example",
        "from a guest",
    )
    .await;
    sees(&desktop, "bob@acme.example", "teams", "from a guest").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everyone_who_fits_is_paired_at_once_after_a_preview() {
    let (desktop, _home) = playing().await;
    desktop
        .goto("sandbox/people?view=unpaired&search=acme.example")
        .await;
    desktop.wait_for_text("Ada Quist").await;
    desktop.choose("Select Ada Quist").await;
    let all = format!("Select all {UNPAIRED} that fit");
    desktop.wait_for_text(&all).await;
    desktop.press(&all).await;
    desktop.press(&format!("Pair {UNPAIRED} people")).await;
    from_slack_to_teams(&desktop).await;
    desktop.wait_for_text("as their own account").await;
    let cannot = async || {
        let text = desktop.text().await;
        let line = |line: &&str| line.contains("cannot be paired like this");
        let line = text.lines().find(line)?;
        line.split_whitespace().next()?.parse::<u32>().ok()
    };
    let cannot = desktop.until("the preview", cannot).await;
    let possible = UNPAIRED - cannot;
    desktop
        .press_in_the_panel(&format!("Pair {possible} people"))
        .await;
    desktop.wait_for_text("Pairing is done").await;
    let status = json!({ "call": "get_status", "args": {} });
    let asked = json!({ "world": "sandbox", "request": status });
    let status = desktop.invoke("call", asked).await;
    assert_eq!(status["reply"]["paired_people"], PAIRED + possible);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answered_prompt_changes_people_while_one_watches() {
    let (desktop, _home) = playing().await;
    let (eli, bob) = ("eli@acme.example", "bob@acme.example");
    desktop.goto("sandbox/people?search=eli").await;
    desktop.wait_for_text("Not asked yet").await;
    writes(&desktop, eli, "slack", bob, "waits for my answer").await;
    desktop.wait_for_text("Asked").await;
    sees(&desktop, eli, "slack", "You are asked once").await;
    let answer = json!({ "email": eli, "platform": "slack", "answer": "grant" });
    let answered = desktop.invoke("sandbox_answer", answer).await;
    assert_eq!(answered["answered"], true, "{answered}");
    desktop.wait_for_text("Authorised").await;
    sees(&desktop, bob, "teams", "waits for my answer").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prompt_is_answered_on_the_page_as_the_person_before_it() {
    let (desktop, _home) = playing().await;
    let (eli, bob) = ("eli@acme.example", "bob@acme.example");
    writes(&desktop, eli, "slack", bob, "held until I agree").await;
    sees(&desktop, eli, "slack", "You are asked once").await;
    desktop.goto("sandbox").await;
    desktop.pick("Who uses Slack", eli).await;
    desktop.press("Causeway app").await;
    desktop.wait_for_text("You are asked once").await;
    desktop.press("Authorise").await;
    sees(&desktop, bob, "teams", "held until I agree").await;
    desktop.goto("sandbox/people?search=eli").await;
    desktop.wait_for_text("Authorised").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_stuck_behind_an_outage_goes_out_when_it_is_retried() {
    let (desktop, _home) = playing().await;
    desktop.goto("sandbox").await;
    desktop.press("Cut Teams").await;
    let (ann, bob) = ("ann@acme.example", "bob@acme.example");
    writes(&desktop, ann, "slack", bob, "into an outage").await;
    desktop.goto("sandbox/activity?state=queued").await;
    desktop.wait_for_text("the platform did not answer").await;
    desktop.open_row("Ann Lee").await;
    desktop.wait_for_text("Try again now").await;
    let mended = json!({ "breakage": { "kind": "mend" } });
    desktop.invoke("sandbox_break", mended).await;
    desktop.press_in_the_panel("Try again now").await;
    sees(&desktop, bob, "teams", "into an outage").await;
    desktop.wait_for_text("Delivered").await;
}

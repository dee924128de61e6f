//! The plan of the house, held: which crate may know which, what only one of them may touch, and
//! where the machine's clock and chance may be asked. `ARCHITECTURE.md` says why.
//!
//! Every rule is a function from facts to complaints, and is tried on a bad fixture too: a rule
//! that cannot fail guards nothing.

mod facts;
mod rules;

use anyhow::{Result, ensure};

use facts::{Dependency, Kind, Source, all_rust, cargo, dependencies, root, sources};
use rules::{
    MAY_ASK, acquainted, below_the_hub, global_sources, misplaced, platform_questions, runtimes,
    unknown_tests, upward,
};

const NONE: [&str; 0] = [];

#[test]
fn no_crate_reaches_upward() -> Result<()> {
    assert_eq!(upward(&dependencies()?), NONE);
    Ok(())
}

#[test]
fn a_crate_that_reaches_upward_or_sideways_is_named() {
    let complaints = upward(&[
        normal("causeway-relay", "causeway-store"),
        normal("causeway-sandbox", "causeway-connectors"),
        normal("causeway-cli", "causeway-engine"),
        dev("causeway-connectors", "causeway-sandbox"),
        normal("causeway-newcomer", "causeway-model"),
    ]);
    assert_eq!(
        complaints,
        [
            "causeway-relay may not depend on causeway-store",
            "causeway-sandbox may not depend on causeway-connectors",
            "causeway-cli may not depend on causeway-engine",
            "causeway-connectors may not depend on causeway-sandbox",
            "causeway-newcomer has no place in the house",
        ]
    );
}

#[test]
fn in_the_command_line_only_the_bench_reaches_below_the_hub() -> Result<()> {
    assert_eq!(below_the_hub(&sources()?), NONE);
    Ok(())
}

#[test]
fn a_command_that_reaches_below_the_hub_is_named() {
    let complaints = below_the_hub(&[
        source("crates/cli/src/people.rs", "use causeway_store::Store;\n"),
        source(
            "crates/cli/src/bench/fill.rs",
            "use causeway_store::Store;\n",
        ),
        source("crates/hub/src/open.rs", "use causeway_store::Store;\n"),
    ]);
    assert_eq!(
        complaints,
        ["crates/cli/src/people.rs:1 reaches causeway_store"]
    );
}

#[test]
fn the_tests_of_engine_hub_and_faces_may_start_the_sandbox() {
    let allowed = upward(&[
        dev("causeway-engine", "causeway-sandbox"),
        dev("causeway-hub", "causeway-sandbox"),
        normal("causeway-cli", "causeway-sandbox"),
        dev("causeway-desktop", "causeway-sandbox"),
    ]);
    assert_eq!(allowed, NONE);
    assert_eq!(
        upward(&[normal("causeway-engine", "causeway-sandbox")]),
        ["causeway-engine may not depend on causeway-sandbox"]
    );
}

#[test]
fn tauri_sqlite_and_http_each_stay_in_their_rooms() -> Result<()> {
    assert_eq!(misplaced(&dependencies()?), NONE);
    Ok(())
}

#[test]
fn tauri_sqlite_or_http_outside_its_room_is_named() {
    let complaints = misplaced(&[
        normal("causeway-hub", "tauri-plugin-opener"),
        normal("causeway-desktop", "tauri"),
        dev("causeway-engine", "rusqlite"),
        dev("causeway-cli", "rusqlite"),
        normal("causeway-cli", "rusqlite"),
        normal("causeway-store", "rusqlite_migration"),
        normal("causeway-engine", "reqwest"),
        normal("causeway-sandbox", "reqwest"),
        dev("causeway-desktop", "hyper-util"),
    ]);
    assert_eq!(
        complaints,
        [
            "causeway-hub may not depend on tauri-plugin-opener: only the desktop knows Tauri",
            "causeway-engine may not depend on rusqlite: only the store knows SQLite",
            "causeway-cli may not depend on rusqlite: only the store knows SQLite",
            "causeway-engine may not depend on reqwest: only connectors and the sandbox call out",
        ]
    );
}

#[test]
fn model_and_relay_have_no_async_runtime_at_any_depth() -> Result<()> {
    for package in ["causeway-model", "causeway-relay"] {
        let tree = cargo(&["tree", "-p", package, "-e", "normal", "--prefix", "none"])?;
        ensure!(
            tree.contains("causeway-model"),
            "not the tree of {package}: {tree}"
        );
        assert_eq!(runtimes(&tree), NONE, "in {package}");
    }
    Ok(())
}

#[test]
fn an_async_runtime_below_another_crate_is_named() {
    let tree = "causeway-relay v0.1.0 (crates/relay)\nserde v1.0.229\ntokio v1.50.0\n";
    assert_eq!(runtimes(tree), ["tokio"]);
}

#[test]
fn no_connector_knows_another() -> Result<()> {
    assert_eq!(acquainted(&sources()?), NONE);
    Ok(())
}

#[test]
fn a_connector_that_names_another_is_named() {
    let complaints = acquainted(&[
        source(
            "crates/connectors/src/slack/post.rs",
            "use crate::{http::Http, teams::html::escape};\n",
        ),
        source(
            "crates/connectors/src/teams/mod.rs",
            "use super::slack;\n// crate::slack is not meant here\nuse crate::teams::graph;\n",
        ),
        source("crates/connectors/src/lib.rs", "pub mod slack;\n"),
    ]);
    assert_eq!(
        complaints,
        [
            "crates/connectors/src/slack/post.rs:1 knows teams",
            "crates/connectors/src/teams/mod.rs:1 knows slack",
        ]
    );
}

#[test]
fn the_relay_never_asks_which_platform_it_is() -> Result<()> {
    assert_eq!(platform_questions(&sources()?), NONE);
    Ok(())
}

#[test]
fn a_relay_that_asks_which_platform_it_is_is_named() {
    let complaints = platform_questions(&[
        source(
            "crates/relay/src/legs.rs",
            "fn legs() {\n    if platform == Platform::Teams {}\n}\n",
        ),
        source(
            "crates/relay/src/route.rs",
            "#[cfg(test)]\nmod tests {\n    const P: Platform = Platform::Slack;\n}\n",
        ),
        source("crates/hub/src/people.rs", "let p = Platform::Slack;\n"),
    ]);
    assert_eq!(
        complaints,
        ["crates/relay/src/legs.rs:2 asks for Platform::Teams"]
    );
}

#[test]
fn the_machines_clock_and_chance_are_asked_only_where_listed() -> Result<()> {
    assert_eq!(global_sources(&sources()?), NONE);
    Ok(())
}

#[test]
fn a_call_to_the_machines_clock_or_chance_is_named() {
    let complaints = global_sources(&[
        source(
            "crates/relay/src/retry.rs",
            "fn due() {\n    let now = SystemTime::now();\n}\n",
        ),
        source(
            "crates/hub/src/people.rs",
            "fn id() -> Uuid {\n    uuid::Uuid::new_v4()\n}\n",
        ),
        source(
            "crates/connectors/src/slack/socket.rs",
            "use tokio::{\n    sync::Mutex,\n    time::Instant,\n};\nlet start = Instant::now();\n",
        ),
        source(
            "crates/connectors/src/slack/line.rs",
            "use std::time::{Duration, Instant};\nuse tokio::time::sleep;\nlet start = Instant::now();\n",
        ),
        source(
            "crates/sandbox/src/clock.rs",
            "let now = SystemTime::now();\n",
        ),
        source(
            "crates/engine/src/lane.rs",
            "#[cfg(test)]\nmod tests {\n    fn t() { Instant::now(); }\n}\nfn late() { Instant::now(); }\n",
        ),
    ]);
    assert_eq!(
        complaints,
        [
            "crates/relay/src/retry.rs:2 calls SystemTime::now",
            "crates/hub/src/people.rs:2 calls Uuid::new_v4",
            "crates/connectors/src/slack/line.rs:3 calls Instant::now",
            "crates/engine/src/lane.rs:5 calls Instant::now",
        ]
    );
}

#[test]
fn every_test_that_the_architecture_names_exists() -> Result<()> {
    let document = std::fs::read_to_string(root().join("ARCHITECTURE.md"))?;
    ensure!(document.contains("I11"), "the invariants are not there");
    assert_eq!(unknown_tests(&document, &all_rust()?), NONE);
    Ok(())
}

#[test]
fn a_test_that_does_not_exist_is_named() {
    let sources = [source("tests/a.rs", "fn a_message_is_kept() {}\n")];
    let document = "I1 `a_message_is_kept`, `a_message_is_never_lost`; see `secure_delete`";
    assert_eq!(
        unknown_tests(document, &sources),
        ["a_message_is_never_lost"]
    );
}

#[test]
fn every_place_that_may_ask_the_machine_exists() {
    let gone: Vec<_> = MAY_ASK
        .iter()
        .map(|(place, _)| *place)
        .filter(|place| !root().join(place).exists())
        .collect();
    assert_eq!(gone, NONE);
}

fn normal(of: &str, on: &str) -> Dependency {
    dependency(of, on, Kind::Normal)
}

fn dev(of: &str, on: &str) -> Dependency {
    dependency(of, on, Kind::Dev)
}

fn dependency(of: &str, on: &str, kind: Kind) -> Dependency {
    Dependency {
        of: of.to_owned(),
        on: on.to_owned(),
        kind,
    }
}

fn source(path: &str, text: &str) -> Source {
    Source {
        path: path.to_owned(),
        text: text.to_owned(),
    }
}

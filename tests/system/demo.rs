//! The demo, and what it is made of, by hand.

use serde_json::Value;

use super::{
    story::Story,
    support::{ANN, BOB, PLATFORMS, SLACK, Stage, program, words_of},
};

#[test]
fn the_demo_is_ok_with_seed_3_and_says_so_in_its_last_line() {
    plays_well(3);
}

#[test]
fn the_demo_is_ok_with_seed_11_and_says_so_in_its_last_line() {
    plays_well(11);
}

fn plays_well(seed: u32) {
    let output = program()
        .args(["demo", "--json", "--seed", &seed.to_string()])
        .output()
        .expect("it runs");
    assert!(output.status.success(), "{}", words_of(&output));
    let words = String::from_utf8(output.stdout).expect("text");
    let last = words.lines().last().expect("a last line");
    let report: Value = serde_json::from_str(last).expect("JSON");
    assert_eq!(report["ok"], true);
    has_numbers(
        &report["messages"],
        &[
            "sent",
            "delivered",
            "lost",
            "duplicated",
            "out_of_order",
            "wrong_author",
            "uncertain",
            "late",
            "dead",
        ],
    );
    has_numbers(&report["prompts"], &["asked", "repeated", "unneeded"]);
    has_numbers(&report["searchable"], &["slack_on_teams", "teams_on_slack"]);
    let pairs = report["pairs"].as_array().expect("pairs");
    assert!(!pairs.is_empty());
    for pair in pairs {
        assert!(pair["from"].is_string() && pair["to"].is_string() && pair["mode"].is_string());
        assert_eq!(pair["sent"], pair["delivered"]);
        has_numbers(&pair["rungs"], &["full", "guest", "app"]);
    }
}

#[test]
fn the_demo_of_all_four_platforms_is_ok_and_reports_each_way_between_them() {
    let output = program()
        .args(["demo", "--story", "matrix", "--json", "--seed", "5"])
        .output()
        .expect("it runs");
    assert!(output.status.success(), "{}", words_of(&output));
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(report["ok"], true);
    assert!(report["kills"].as_u64().is_some_and(|kills| kills >= 1));
    assert_eq!(report["prompts"]["asked"], 3);
    let pairs = report["pairs"].as_array().expect("pairs");
    for (from, to, mode) in every_way() {
        let goes = |pair: &&Value| {
            pair["from_platform"] == from && pair["to_platform"] == to && pair["mode"] == mode
        };
        let way: Vec<_> = pairs.iter().filter(goes).collect();
        assert!(!way.is_empty(), "nobody on {from} is {mode} on {to}");
        for pair in way {
            assert_eq!(pair["sent"], pair["delivered"], "{pair}");
            let rungs = pair["rungs"].as_object().expect("rungs");
            let otherwise = rungs.iter().filter(|(rung, _)| *rung != mode);
            assert!(
                otherwise.map(|(_, count)| count).all(|count| count == 0),
                "{pair}"
            );
            assert_ne!(rungs[mode], 0, "{pair}");
        }
    }
}

/// Every ordered pair of platforms, with each mode that there is on the second.
fn every_way() -> Vec<(&'static str, &'static str, &'static str)> {
    let mut ways = Vec::new();
    for from in PLATFORMS {
        for to in PLATFORMS.into_iter().filter(|to| *to != from) {
            // Slack gives nobody the means to make guests.
            let modes = ["full", "app", "guest"].into_iter();
            let modes = modes.filter(|mode| to != SLACK || *mode != "guest");
            ways.extend(modes.map(|mode| (from, to, mode)));
        }
    }
    ways
}

fn has_numbers(object: &Value, names: &[&str]) {
    let fields = object.as_object().expect("an object");
    let held: Vec<_> = fields.keys().map(String::as_str).collect();
    assert_eq!(held, names);
    assert!(fields.values().all(Value::is_u64));
}

#[tokio::test]
async fn a_folder_that_was_prepared_by_hand_relays_once_it_is_run() {
    let mut stage = Stage::set().await;
    let people = stage.asked(&["people", "list", "--view", "paired"]);
    assert!(people["people"].as_array().expect("a list").len() > 20);
    stage.run().await;
    Story::begin(&stage, &[(ANN, BOB)])
        .await
        .ends_well(&stage)
        .await;
}

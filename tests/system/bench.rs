//! The bench runs to its end and says what it promised; how fast anything was is not judged here.

use serde_json::Value;

use super::support::{program, words_of};

const FIGURES: [&str; 19] = [
    "bare_1",
    "bare_1_p50_ms",
    "bare_16",
    "fsync_ms",
    "store_1_ms",
    "store_16",
    "bare_fsync_p99_ms",
    "throughput_16",
    "latency_one_p50_ms",
    "latency_one_p99_ms",
    "neighbour_slow_p99_ms",
    "neighbour_dead_p99_ms",
    "budget_slack",
    "budget_teams",
    "rss_idle_mb",
    "rss_waiting_mb",
    "cost_at_rows",
    "start_waiting_s",
    "disk_per_message_bytes",
];

#[test]
fn the_bench_measures_every_figure_and_says_so_in_one_line() {
    let home = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder on the disk");
    let output = program()
        .args(["bench", "--tiny", "--json", "--home"])
        .arg(home.path())
        .output()
        .expect("it runs");
    assert!(output.status.success(), "{}", words_of(&output));
    let words = String::from_utf8(output.stdout).expect("text");
    assert_eq!(words.lines().count(), 1);
    let report: Value = serde_json::from_str(&words).expect("JSON");
    assert_eq!(report["ok"], true);
    let figures = report["figures"].as_array().expect("figures");
    let names: Vec<_> = figures
        .iter()
        .filter_map(|figure| figure["name"].as_str())
        .collect();
    assert_eq!(names, FIGURES);
    for figure in figures {
        let held: Vec<_> = figure.as_object().expect("an object").keys().collect();
        let promised = [
            "name", "value", "unit", "n", "baseline", "ratio", "goal", "met",
        ];
        assert_eq!(held, promised, "{figure}");
        assert!(figure["value"].is_f64() && figure["n"].is_u64(), "{figure}");
        // A goal is met or not; a baseline has none.
        assert_eq!(figure["goal"].is_string(), figure["met"].is_boolean());
    }
    let left = std::fs::read_dir(home.path()).expect("the folder").count();
    assert_eq!(left, 0, "something was left behind");
}

//! What the house allows, and the functions that turn facts into complaints.

use crate::facts::{Dependency, Kind, Source};

/// Each crate of ours with those of ours it may depend on. Tests may start the sandbox too.
const HOUSE: [(&str, &[&str]); 10] = [
    ("causeway-model", &[]),
    ("causeway-relay", &["causeway-model"]),
    ("causeway-store", &["causeway-model"]),
    ("causeway-connectors", &["causeway-model"]),
    (
        "causeway-engine",
        &[
            "causeway-model",
            "causeway-relay",
            "causeway-store",
            "causeway-connectors",
        ],
    ),
    (
        "causeway-hub",
        &[
            "causeway-model",
            "causeway-relay",
            "causeway-store",
            "causeway-connectors",
            "causeway-engine",
        ],
    ),
    ("causeway-sandbox", &["causeway-model"]),
    (
        "causeway-playground",
        &["causeway-model", "causeway-hub", "causeway-sandbox"],
    ),
    // Connectors and store are for its bench alone: `below_the_hub`.
    (
        "causeway-cli",
        &[
            "causeway-model",
            "causeway-store",
            "causeway-connectors",
            "causeway-hub",
            "causeway-sandbox",
            "causeway-playground",
        ],
    ),
    (
        "causeway-desktop",
        &[
            "causeway-model",
            "causeway-hub",
            "causeway-sandbox",
            "causeway-playground",
        ],
    ),
];

/// The stand-ins share no type with what is tested against them, so a connector's tests would
/// gain nothing they could not get over the wire; they use wiremock.
const NEVER_WITH_THE_SANDBOX: [&str; 4] = [
    "causeway-model",
    "causeway-relay",
    "causeway-store",
    "causeway-connectors",
];

/// What measures the machine without a relay, for which it takes the relay's own HTTP client, and
/// writes the rows that years of relaying leave.
const BENCH: &str = "crates/cli/src/bench/";

/// The package of the whole-system tests: they open the database with its key, as an auditor
/// would, to see what is left in it. They know its file, not its schema.
const AUDITOR: &str = "causeway-cli";

/// Crates that speak HTTP as a client.
const HTTP_CLIENTS: [&str; 12] = [
    "reqwest",
    "reqwest-middleware",
    "hyper",
    "hyper-util",
    "hyper-rustls",
    "hyper-tls",
    "ureq",
    "isahc",
    "surf",
    "attohttpc",
    "awc",
    "curl",
];

/// Crates that bring a runtime for async code.
const RUNTIMES: [&str; 6] = [
    "tokio",
    "async-std",
    "smol",
    "async-executor",
    "futures-executor",
    "async-global-executor",
];

/// The folders of `crates/connectors/src` that may not know each other.
const PLATFORMS: [&str; 4] = ["slack", "teams", "webex", "zoom"];

/// What asks the machine for the time or for chance.
const GLOBAL_SOURCES: [&str; 8] = [
    "SystemTime::now",
    "Instant::now",
    "Timestamp::now",
    "Zoned::now",
    "rand::rng",
    "rand::random",
    "Uuid::new_v4",
    "Uuid::now_v7",
];

/// Where they may be asked (a file, or a folder when it ends in `/`), and why.
pub const MAY_ASK: [(&str, &str); 4] = [
    (
        "crates/engine/src/system.rs",
        "the system clock and chance, which everything else is given as a parameter",
    ),
    (
        "crates/hub/src/error.rs",
        "a correlation id finds an error in the logs again; nothing is decided by it",
    ),
    (
        "crates/sandbox/src/clock.rs",
        "the sandbox's own clock starts from the machine's",
    ),
    (
        "crates/cli/",
        "the command line prints how long ago something was, and measures",
    ),
];

pub fn upward(dependencies: &[Dependency]) -> Vec<String> {
    dependencies
        .iter()
        .filter_map(|dependency| {
            let Dependency { of, on, kind } = dependency;
            let Some((_, allowed)) = HOUSE.iter().find(|(name, _)| name == of) else {
                return Some(format!("{of} has no place in the house"));
            };
            let ours = on.starts_with("causeway-");
            let for_a_test = *kind == Kind::Dev
                && on == "causeway-sandbox"
                && !NEVER_WITH_THE_SANDBOX.contains(&of.as_str());
            (ours && !allowed.contains(&on.as_str()) && !for_a_test)
                .then(|| format!("{of} may not depend on {on}"))
        })
        .collect()
}

/// Places in the command line that reach below the hub and are not its bench.
pub fn below_the_hub(sources: &[Source]) -> Vec<String> {
    let face = |source: &&Source| {
        source.path.starts_with("crates/cli/src/") && !source.path.starts_with(BENCH)
    };
    let mut complaints = Vec::new();
    for source in sources.iter().filter(face) {
        for (number, line) in source.code() {
            for below in ["causeway_store", "causeway_connectors"] {
                if has_path(line, below) {
                    complaints.push(format!("{}:{number} reaches {below}", source.path));
                }
            }
        }
    }
    complaints
}

pub fn misplaced(dependencies: &[Dependency]) -> Vec<String> {
    dependencies
        .iter()
        .filter_map(|dependency| {
            let rule = broken_rule(dependency)?;
            Some(format!(
                "{} may not depend on {}: {rule}",
                dependency.of, dependency.on
            ))
        })
        .collect()
}

fn broken_rule(Dependency { of, on, kind }: &Dependency) -> Option<&'static str> {
    let calls_out = *kind == Kind::Dev || of == "causeway-connectors" || of == "causeway-sandbox";
    let audits = *kind == Kind::Dev && of == AUDITOR && on == "rusqlite";
    if is_or_starts(on, "tauri") && of != "causeway-desktop" {
        Some("only the desktop knows Tauri")
    } else if is_or_starts(on, "rusqlite") && of != "causeway-store" && !audits {
        Some("only the store knows SQLite")
    } else if HTTP_CLIENTS.contains(&on.as_str()) && !calls_out {
        Some("only connectors and the sandbox call out")
    } else {
        None
    }
}

/// `tauri`, `tauri-build`, `rusqlite_migration`; not `taurine`.
fn is_or_starts(name: &str, family: &str) -> bool {
    name.strip_prefix(family)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '_']))
}

/// `tree` is what `cargo tree --prefix none` prints: a line a package, its name first.
pub fn runtimes(tree: &str) -> Vec<String> {
    tree.lines()
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| RUNTIMES.contains(name))
        .map(str::to_owned)
        .collect()
}

pub fn acquainted(sources: &[Source]) -> Vec<String> {
    let mut complaints = Vec::new();
    for source in sources {
        let Some(own) = platform_of(&source.path) else {
            continue;
        };
        for (number, line) in source.code() {
            let others = PLATFORMS.into_iter().filter(|other| *other != own);
            for other in others.filter(|other| names_module(line, other)) {
                complaints.push(format!("{}:{number} knows {other}", source.path));
            }
        }
    }
    complaints
}

/// The platform whose folder or file this is, if it is part of a connector.
fn platform_of(path: &str) -> Option<&'static str> {
    let inside = path.strip_prefix("crates/connectors/src/")?;
    PLATFORMS.into_iter().find(|platform| {
        inside
            .strip_prefix(platform)
            .is_some_and(|rest| rest.starts_with(['/', '.']))
    })
}

/// `crate::teams`, `super::teams`, or `teams::` within a longer `use`.
fn names_module(line: &str, module: &str) -> bool {
    ["crate::", "super::"]
        .into_iter()
        .any(|parent| has_path(line, &format!("{parent}{module}")))
        || has_path(line, &format!("{module}::"))
}

pub fn platform_questions(sources: &[Source]) -> Vec<String> {
    let relay = |source: &&Source| source.path.starts_with("crates/relay/src/");
    let mut complaints = Vec::new();
    for source in sources.iter().filter(relay) {
        for (number, line) in source.code() {
            for platform in ["Slack", "Teams", "Webex", "Zoom"] {
                let variant = format!("Platform::{platform}");
                if has_path(line, &variant) {
                    complaints.push(format!("{}:{number} asks for {variant}", source.path));
                }
            }
        }
    }
    complaints
}

pub fn global_sources(sources: &[Source]) -> Vec<String> {
    let may_ask = |path: &str| {
        MAY_ASK
            .iter()
            .any(|(place, _)| path == *place || (place.ends_with('/') && path.starts_with(place)))
    };
    let mut complaints = Vec::new();
    for source in sources.iter().filter(|source| !may_ask(&source.path)) {
        let tokio_time = source.takes_instant_from_tokio();
        for (number, line) in source.code() {
            for call in GLOBAL_SOURCES.iter().filter(|call| has_path(line, call)) {
                // Tokio's can be paused by a test; time-outs at the edge are measured with it.
                if *call == "Instant::now" && tokio_time {
                    continue;
                }
                complaints.push(format!("{}:{number} calls {call}", source.path));
            }
        }
    }
    complaints
}

/// The tests that `document` names in backquotes (a sentence: three underscores or more) and that
/// are in none of the sources.
pub fn unknown_tests(document: &str, sources: &[Source]) -> Vec<String> {
    document
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|quoted| quoted.matches('_').count() >= 3)
        .filter(|quoted| {
            quoted
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || c == '_')
        })
        .filter(|name| {
            let declared = format!("fn {name}(");
            !sources.iter().any(|source| source.text.contains(&declared))
        })
        .map(str::to_owned)
        .collect()
}

/// Whether `line` has `path` as whole words: `teams::` is not in `my_teams::`, nor
/// `rand::rng` in `rand::rngs`.
fn has_path(line: &str, path: &str) -> bool {
    let part_of_a_name = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(path).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + path.len()..].chars().next();
        !before.is_some_and(part_of_a_name)
            && (path.ends_with(':') || !after.is_some_and(part_of_a_name))
    })
}

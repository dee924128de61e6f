//! I1, I2: the relay is killed without a warning, and started again.

use std::time::Duration;

use causeway_sandbox::faults::FaultKind;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{
    faults::{SLACK_POST, TEAMS_POST},
    story::Story,
    support::{
        ANN, BOB, DANA, GUS, JUN, MIA, NIA, RAJ, SLACK, Stage, TEAMS, UMA, VIC, free_address,
    },
};

/// How often the relay of each story is killed where `CAUSEWAY_KILLS` says nothing else.
const KILLS: usize = 17;
const MESSAGES_A_LIFE: usize = 16;

#[tokio::test]
async fn nothing_is_lost_doubled_or_misplaced_by_kills_under_traffic() {
    outlives_kills("under_traffic", 1, Ears::Polling).await;
}

#[tokio::test]
async fn nothing_is_lost_doubled_or_misplaced_by_kills_at_other_moments() {
    outlives_kills("at_other_moments", 2, Ears::Polling).await;
}

#[tokio::test]
async fn nothing_is_lost_doubled_or_misplaced_by_kills_of_a_relay_that_is_notified() {
    outlives_kills("notified", 3, Ears::Notified).await;
}

/// How the relay hears Teams.
#[derive(Clone, Copy)]
enum Ears {
    Polling,
    Notified,
}

fn kills() -> usize {
    let given = std::env::var("CAUSEWAY_KILLS").ok();
    given.map_or(KILLS, |text| text.parse().expect("a number of kills"))
}

/// Other moments than those of every test run, where `CAUSEWAY_FIRST_SEED` asks for them.
fn further() -> u64 {
    let given = std::env::var("CAUSEWAY_FIRST_SEED").ok();
    given.map_or(0, |text| text.parse().expect("a seed"))
}

/// People go on writing while the relay is killed at moments that the seed chooses.
async fn outlives_kills(name: &str, seed: u64, ears: Ears) {
    let mut chance = ChaCha8Rng::seed_from_u64(seed + further());
    let mut stage = Stage::set().await;
    let address = match ears {
        Ears::Polling => "127.0.0.1:0".to_owned(),
        Ears::Notified => free_address(),
    };
    let url = format!("http://{address}");
    let mut arguments = vec!["--listen", &address];
    if let Ears::Notified = ears {
        arguments.extend(["--public-url", &url]);
    }
    stage.run_with(&arguments).await;
    // With a public address Dana would be asked for her account in Slack, and her words wait.
    let last = match ears {
        Ears::Polling => DANA,
        Ears::Notified => VIC,
    };
    let pairs = [(ANN, BOB), (GUS, RAJ), (NIA, JUN), (MIA, VIC), (ANN, last)];
    let mut story = Story::begin(&stage, &pairs).await;
    for _ in 0..kills() {
        // Something goes wrong on a platform as well, now and then.
        let struck = [(SLACK, SLACK_POST), (TEAMS, TEAMS_POST)];
        let (on, method) = struck[chance.random_range(0..struck.len())];
        let faults = [
            FaultKind::FailBefore,
            FaultKind::FailAfter,
            FaultKind::Cut,
            FaultKind::Throttle,
        ];
        if chance.random_bool(0.6) {
            let fault = faults[chance.random_range(0..faults.len())];
            let span = Duration::from_millis(200);
            stage.fault(on, Some(method), fault, 1, span).await;
        }
        let lived = chance.random_range(1..MESSAGES_A_LIFE);
        for number in 0..MESSAGES_A_LIFE {
            if number == lived {
                // No condition is waited for: the moment itself is what varies.
                let moment = Duration::from_millis(chance.random_range(0..400));
                tokio::time::sleep(moment).await;
                stage.kill();
            }
            let talk = chance.random_range(0..pairs.len());
            story.write(&stage, talk, chance.random_range(0..2)).await;
        }
        stage.start(&arguments);
    }
    let (mut tally, complaints) = story.ends(&stage).await;
    let ledger = stage.status();
    tally.runs = kills() as u64;
    tally.uncertain = in_state(&ledger, "uncertain");
    tally.dead = in_state(&ledger, "dead");
    tally.leave("kills", name);
    assert!(complaints.is_empty(), "{tally}\n{}", complaints.join("\n"));
    assert_eq!(tally.dead, 0, "{ledger}");
    // The sandbox hides nothing that the relay could ask about.
    assert_eq!(tally.uncertain, 0, "{ledger}");
}

/// How many deliveries the status counts in a state.
fn in_state(status: &serde_json::Value, state: &str) -> u64 {
    let counted = status["deliveries"][state].as_u64();
    counted.unwrap_or_else(|| panic!("no such count in {status}"))
}

#[tokio::test]
async fn a_post_to_slack_whose_answer_the_killed_relay_never_had_stands_once() {
    dies_before_the_answer(SLACK, SLACK_POST, 1).await;
}

#[tokio::test]
async fn a_post_to_teams_whose_answer_the_killed_relay_never_had_stands_once() {
    dies_before_the_answer(TEAMS, TEAMS_POST, 0).await;
}

/// `by` is the index of the author whose message is under way.
async fn dies_before_the_answer(on: &str, method: &str, by: usize) {
    let mut stage = Stage::relaying().await;
    let mut story = Story::begin(&stage, &[(ANN, BOB), (MIA, VIC)]).await;
    for talk in 0..story.talks.len() {
        let long = Duration::from_secs(600);
        stage
            .fault(on, Some(method), FaultKind::Delay, 1, long)
            .await;
        let line = story.write(&stage, talk, by).await;
        let line = story.lines[line].clone();
        stage.arrives(story.reader(&line), &line.tag).await;
        story.write(&stage, talk, by).await;
        stage.kill();
        stage.run().await;
    }
    story.ends_well(&stage).await;
}

#[tokio::test]
async fn what_waits_for_a_failing_platform_survives_kills_and_goes_out_once() {
    let mut stage = Stage::relaying().await;
    let mut story = Story::begin(&stage, &[(ANN, BOB), (NIA, JUN), (UMA, MIA)]).await;
    for on in [SLACK, TEAMS] {
        let none = Duration::ZERO;
        stage
            .fault(on, None, FaultKind::FailBefore, 100_000, none)
            .await;
    }
    for _ in 0..2 {
        story.write_all(&stage, 2).await;
        stage.kill();
        stage.start(&[]);
    }
    stage
        .control
        .clear_faults()
        .await
        .expect("they are taken back");
    story.ends_well(&stage).await;
}

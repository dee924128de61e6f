//! I1, I2: the relay is killed without a warning, and started again.

use std::time::Duration;

use causeway_sandbox::faults::FaultKind;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{
    faults::{POSTS, SLACK_POST, TEAMS_POST, WEBEX_POST, ZOOM_CHATBOT_POST, ZOOM_POST},
    story::Story,
    support::{
        ANN, BOB, DANA, EMI, GIA, GUS, HUGO, INES, JUN, LENA, MAX, MIA, NIA, OLOF, Pair, Person,
        RAJ, RUI, SLACK, Stage, TEAMS, THEO, UMA, VIC, WANDA, WEBEX, YARA, ZARA, ZOOM,
        free_address,
    },
};

/// How often the relay of each story is killed where `CAUSEWAY_KILLS` says nothing else.
const KILLS: usize = 17;
const MESSAGES_A_LIFE: usize = 16;

#[tokio::test]
async fn nothing_is_lost_doubled_or_misplaced_by_kills_under_traffic() {
    outlives_kills("under_traffic", 1, Scene::Polled).await;
}

#[tokio::test]
async fn nothing_is_lost_doubled_or_misplaced_by_kills_at_other_moments() {
    outlives_kills("at_other_moments", 2, Scene::Polled).await;
}

#[tokio::test]
async fn nothing_is_lost_doubled_or_misplaced_by_kills_of_a_relay_that_is_notified() {
    outlives_kills("notified", 3, Scene::Notified).await;
}

#[tokio::test]
async fn nothing_is_lost_doubled_or_misplaced_by_kills_over_all_four_platforms() {
    outlives_kills("four_platforms", 4, Scene::Everywhere(Ears::Polling)).await;
}

#[tokio::test]
async fn nothing_is_lost_doubled_or_misplaced_by_kills_over_four_platforms_that_notify() {
    let scene = Scene::Everywhere(Ears::Notified);
    outlives_kills("four_platforms_notified", 5, scene).await;
}

/// How the relay hears what tells it nothing by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ears {
    Polling,
    Notified,
}

/// What is connected, and who takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scene {
    /// Slack and Teams, the latter being polled.
    Polled,
    /// Slack and Teams, the latter notifying.
    Notified,
    /// All four platforms.
    Everywhere(Ears),
}

impl Scene {
    async fn set(self) -> Stage {
        match self {
            Self::Polled | Self::Notified => Stage::set().await,
            Self::Everywhere(_) => Stage::set_everywhere().await,
        }
    }

    fn ears(self) -> Ears {
        match self {
            Self::Polled => Ears::Polling,
            Self::Notified => Ears::Notified,
            Self::Everywhere(ears) => ears,
        }
    }

    /// Where something goes wrong now and then.
    fn posts(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Polled | Self::Notified => &POSTS[..2],
            Self::Everywhere(_) => &POSTS,
        }
    }

    fn pairs(self) -> Vec<Pair> {
        // With a public address Dana would be asked for her account in Slack, and her words wait.
        let last = match self {
            Self::Polled => DANA,
            Self::Notified => VIC,
            Self::Everywhere(_) => return EVERY_TWO_PLATFORMS.to_vec(),
        };
        vec![(ANN, BOB), (GUS, RAJ), (NIA, JUN), (MIA, VIC), (ANN, last)]
    }

    /// Those who take part by an account that the hub makes for them, and where.
    fn guests(self) -> &'static [(&'static Person, &'static str)] {
        match self {
            Self::Polled | Self::Notified => &[],
            Self::Everywhere(_) => &[(INES, ZOOM), (RUI, WEBEX), (LENA, ZOOM), (EMI, TEAMS)],
        }
    }
}

/// Every two platforms, and every way of being represented on each.
const EVERY_TWO_PLATFORMS: [Pair; 9] = [
    (YARA, THEO),
    (MAX, WANDA),
    (INES, ZARA),
    (GIA, HUGO),
    (RUI, WANDA),
    (THEO, OLOF),
    (EMI, THEO),
    (LENA, ZARA),
    (MAX, OLOF),
];

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
async fn outlives_kills(name: &str, seed: u64, scene: Scene) {
    let mut chance = ChaCha8Rng::seed_from_u64(seed + further());
    let mut stage = scene.set().await;
    let address = match scene.ears() {
        Ears::Polling => "127.0.0.1:0".to_owned(),
        Ears::Notified => free_address(),
    };
    let url = format!("http://{address}");
    let mut arguments = vec!["--listen", &address];
    if let Ears::Notified = scene.ears() {
        arguments.extend(["--public-url", &url]);
    }
    stage.run_with(&arguments).await;
    for (guest, on) in scene.guests() {
        stage.takes_up(guest, on).await;
    }
    let pairs = scene.pairs();
    let mut story = Story::begin(&stage, &pairs).await;
    for _ in 0..kills() {
        // Something goes wrong on a platform as well, now and then.
        let posts = scene.posts();
        let (on, method) = posts[chance.random_range(0..posts.len())];
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
    let posts = [(SLACK_POST, (BOB, ANN)), (SLACK_POST, (VIC, MIA))];
    dies_before_the_answer(Stage::relaying().await, &posts).await;
}

#[tokio::test]
async fn a_post_to_teams_whose_answer_the_killed_relay_never_had_stands_once() {
    let posts = [(TEAMS_POST, (ANN, BOB)), (TEAMS_POST, (MIA, VIC))];
    dies_before_the_answer(Stage::relaying().await, &posts).await;
}

#[tokio::test]
async fn a_post_to_webex_whose_answer_the_killed_relay_never_had_stands_once() {
    let stage = Stage::relaying_everywhere().await;
    stage.takes_up(RUI, WEBEX).await;
    let pairs = [(YARA, WANDA), (OLOF, HUGO), (RUI, WANDA)];
    dies_before_the_answer(stage, &pairs.map(|pair| (WEBEX_POST, pair))).await;
}

#[tokio::test]
async fn a_post_to_zoom_whose_answer_the_killed_relay_never_had_stands_once() {
    let stage = Stage::relaying_everywhere().await;
    stage.takes_up(LENA, ZOOM).await;
    let posts = [
        (ZOOM_POST, (YARA, ZARA)),
        (ZOOM_CHATBOT_POST, (GIA, OLOF)),
        (ZOOM_POST, (LENA, ZARA)),
    ];
    dies_before_the_answer(stage, &posts).await;
}

/// Of each pair the left one's message is under way, by the call that is named.
async fn dies_before_the_answer(mut stage: Stage, posts: &[(&str, Pair)]) {
    let pairs: Vec<_> = posts.iter().map(|(_, pair)| *pair).collect();
    let mut story = Story::begin(&stage, &pairs).await;
    for (talk, (method, (_, reader))) in posts.iter().enumerate() {
        let long = Duration::from_secs(600);
        stage
            .fault(reader.home, Some(method), FaultKind::Delay, 1, long)
            .await;
        let line = story.write(&stage, talk, 0).await;
        stage.arrives(reader, &story.lines[line].tag).await;
        story.write(&stage, talk, 0).await;
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

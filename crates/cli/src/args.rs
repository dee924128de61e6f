//! The command line. Every setting is also an environment variable, so that it can be scripted.

mod connect;

use std::{net::SocketAddr, path::PathBuf};

use causeway_model::{DeliveryState, Platform, Reason, Timestamp};
use clap::{Args, Parser, Subcommand, ValueEnum};

pub use connect::{
    Connect, ConnectSlack, ConnectTeams, ConnectWebex, ConnectZoom, GuestSignIn, SignInWay,
    SlackInstall, WebexHear,
};

use crate::duration;

/// People who work in different chat apps write to each other, each from their own.
#[derive(Debug, Parser)]
#[command(name = "causeway", version, after_help = EXIT_CODES, max_term_width = 100)]
pub struct Cli {
    /// The data folder; the system's own place for application data where absent.
    #[arg(long, env = "CAUSEWAY_HOME", global = true, value_name = "DIR")]
    pub home: Option<PathBuf>,
    /// A file (readable by its owner alone) with the database's key: 64 hexadecimal digits.
    #[arg(long, env = "CAUSEWAY_KEY_FILE", global = true, value_name = "FILE")]
    pub key_file: Option<PathBuf>,
    /// Print JSON instead of words.
    #[arg(long, global = true)]
    pub json: bool,
    /// What is logged to standard error: error, warn, info, debug.
    #[arg(
        long,
        env = "CAUSEWAY_LOG",
        global = true,
        default_value = "warn",
        value_name = "LEVEL"
    )]
    pub log: String,
    #[command(subcommand)]
    pub command: Command,
}

const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  what was asked for failed
  2  the arguments make no sense
  3  the data folder cannot be used: locked, no key, newer, damaged, or the disk is full
  4  a platform refused or could not be reached
  5  the demo's messages did not all arrive as they should";

#[derive(Debug, Subcommand)]
#[expect(clippy::large_enum_variant, reason = "one is made, and once")]
pub enum Command {
    /// Play the main job on a sandbox and count what people see.
    Demo(Demo),
    /// Serve stand-ins for the platforms on loopback, with Acme, Inc. inside.
    Sandbox(Sandbox),
    /// Relay until stopped.
    Run(Run),
    /// Measure the relay on this machine, beside what the machine does without it.
    Bench(Bench),
    /// The bench's far side.
    #[command(hide = true)]
    BenchSink(BenchSink),
    /// Say whether messages flow.
    Status,
    /// Connect a platform, or renew its credentials.
    #[command(subcommand)]
    Connect(Connect),
    /// Say what disconnecting a platform would do; with --yes, do it.
    Disconnect(Disconnect),
    /// Stop sending; what people write meanwhile is heard and kept, and goes out when resumed.
    Pause(Pausing),
    /// Send again, beginning with what has waited.
    Resume(Pausing),
    /// People, their accounts and pairings.
    #[command(subcommand)]
    People(People),
    /// What became of every delivery.
    Activity(Activity),
    /// What you should know of: what a platform's settings keep from working, and the one thing to
    /// do.
    Notices {
        /// Take the notice of this number off the list.
        #[arg(long, value_name = "ID")]
        dismiss: Option<i64>,
    },
    /// What nobody heard and nobody could read back: when, whose, and why.
    Gaps,
    /// Where the hub is reached from outside, as it is stored for its next start.
    Address(Address),
    /// What holds for everyone; changed by what is given.
    Policy(Policy),
    /// Check whether the connections are as the hub needs them: permissions, licences, settings,
    /// reachability, expiry. Nothing is posted or changed. Ends with 1 where something is found
    /// that keeps anything from working.
    Preflight(Preflight),
    /// Print the manifest from which your organisation makes its own Slack app.
    SlackManifest,
    /// Make the certificate with which the app proves itself to Microsoft Entra, and print what is
    /// to be uploaded. The private key stays in the encrypted database.
    Certificate(Certificate),
    /// Make one file of all that the hub knows, under a passphrase.
    Backup(Backup),
    /// Make a hub of a backup in an empty folder; without a file, say what the last restore asks for.
    Restore(Restore),
}

#[derive(Debug, Args)]
pub struct Preflight {
    /// Only this platform.
    #[arg(long, value_parser = platform)]
    pub platform: Option<Platform>,
    /// List what is as it should be, too.
    #[arg(long)]
    pub all: bool,
}

#[derive(Debug, Args)]
pub struct Certificate {
    /// Write the certificate to this file instead of printing it.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(after_help = PASSPHRASE)]
pub struct Backup {
    /// Where it goes.
    pub file: PathBuf,
    /// Replace a file that is there.
    #[arg(long)]
    pub force: bool,
    /// A file whose first line is the passphrase.
    #[arg(long, value_name = "FILE")]
    pub passphrase_file: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(after_help = PASSPHRASE)]
pub struct Restore {
    /// A file that `causeway backup` made.
    pub file: Option<PathBuf>,
    /// A file whose first line is the passphrase.
    #[arg(long, value_name = "FILE", requires = "file")]
    pub passphrase_file: Option<PathBuf>,
}

const PASSPHRASE: &str = "\
The passphrase is the first line of --passphrase-file, else the value of
CAUSEWAY_BACKUP_PASSPHRASE, else it is typed. It has twelve letters or more. Without it nobody can
open the backup, and there is no other way in.";

#[derive(Debug, Args)]
pub struct Demo {
    /// Varies people, texts and order; the same seed plays the same story.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// How much faster than ours the sandbox's clock runs.
    #[arg(long, default_value_t = 20)]
    pub speed: u32,
    /// Which story is played.
    #[arg(long, value_enum, default_value_t = DemoStory::Acme)]
    pub story: DemoStory,
    /// Only connect and pair a fresh folder against a running sandbox, as the story needs it, then
    /// stop.
    #[arg(long, requires = "control")]
    pub prepare: bool,
    /// The control URL of the running sandbox.
    #[arg(long, value_name = "URL", requires = "prepare")]
    pub control: Option<String>,
    /// Open the desktop on a running sandbox instead of playing in the terminal.
    #[arg(long, conflicts_with_all = ["prepare", "story"])]
    pub window: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DemoStory {
    /// Engineers in Slack and sales reps in Teams: consent, guests, kills.
    Acme,
    /// All four platforms, each with each other, in every way of being represented.
    Matrix,
}

#[derive(Debug, Args)]
pub struct Sandbox {
    /// The first of six ports in a row: Slack, Graph, Entra, control, Webex, Zoom. Free ports
    /// where absent.
    #[arg(long)]
    pub port: Option<u16>,
    /// How much faster than ours the sandbox's clock runs.
    #[arg(long, default_value_t = 1)]
    pub speed: u32,
    /// All ids, tokens and secrets follow from it.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Write every call received and its answer to this file, a JSON line each.
    #[arg(long, env = "CAUSEWAY_RECORD", value_name = "FILE")]
    pub record: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct Run {
    /// Serve change notifications here, e.g. 127.0.0.1:8420.
    #[arg(long, env = "CAUSEWAY_LISTEN", value_name = "ADDR")]
    pub listen: Option<SocketAddr>,
    /// The URL under which that listener is reached from outside.
    #[arg(
        long,
        env = "CAUSEWAY_PUBLIC_URL",
        value_name = "URL",
        requires = "listen"
    )]
    pub public_url: Option<String>,
}

#[derive(Debug, Args)]
pub struct Bench {
    /// Take under fifty seconds, with fewer messages.
    #[arg(long)]
    pub quick: bool,
    /// How many rounds the figures are medians of.
    #[arg(long, value_name = "N")]
    pub rounds: Option<u32>,
    /// How many deliveries wait before the start that is timed.
    #[arg(long, value_name = "N")]
    pub waiting: Option<u64>,
    /// How many messages are remembered where the cost of a history is asked.
    #[arg(long, value_name = "N")]
    pub remembered: Option<u64>,
    /// Only see that it runs: with so few messages that its figures say nothing.
    #[arg(long, hide = true)]
    pub tiny: bool,
}

#[derive(Debug, Args)]
pub struct BenchSink {
    /// How many people are on either side.
    #[arg(long)]
    pub pairs: usize,
}

#[derive(Debug, Subcommand)]
pub enum People {
    /// List people, or those who fit a search.
    List {
        /// Part of a name or an address.
        search: Option<String>,
        #[arg(long, value_enum, default_value_t = PeopleView::Any)]
        view: PeopleView,
        /// Only those who are paired as someone who works there.
        #[arg(long, value_parser = platform)]
        primary: Option<Platform>,
        /// Only those whom an account or the app stands for there.
        #[arg(long, value_parser = platform)]
        secondary: Option<Platform>,
        /// Only those who are paired in this mode.
        #[arg(long, value_enum)]
        mode: Option<PairedMode>,
        /// Where the page before ended.
        #[arg(long)]
        after: Option<String>,
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },
    /// Read the directories of all connections.
    Import,
    /// List people who could be paired and are not, and how they could be.
    Suggest {
        /// List those that are set aside instead.
        #[arg(long)]
        aside: bool,
        /// Where the page before ended.
        #[arg(long)]
        after: Option<String>,
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },
    /// Set a suggestion aside for good or for a week, or take it up again.
    Decide {
        /// An id from `people suggest`.
        person: i64,
        #[arg(value_enum)]
        decision: Decision,
    },
    /// Pair people's primary accounts with what stands for them on the other platform.
    Pair {
        /// Addresses, full names, or ids from `people list`.
        #[arg(required = true)]
        people: Vec<String>,
        /// Where they work: slack, teams, webex or zoom.
        #[arg(long, value_parser = platform)]
        primary: Platform,
        /// Where they are to be represented.
        #[arg(long, value_parser = platform)]
        secondary: Platform,
        /// Their own account there, a guest account made by the hub, the app, or the best there is
        /// (their own account, else the app).
        #[arg(long, value_enum, default_value_t = Wish::Best)]
        mode: Wish,
        /// The account there that is theirs, by its id from `people suggest`.
        #[arg(long, value_name = "ID", conflicts_with = "mode")]
        account: Option<i64>,
        /// Only say what would happen, and who would be asked what.
        #[arg(long)]
        preview: bool,
    },
    /// End someone's pairing; what still waits because of it is not sent any more.
    Unpair {
        person: String,
        /// Only from this platform.
        #[arg(long, value_parser = platform)]
        secondary: Option<Platform>,
        /// Also delete the guest account that the hub made for them.
        #[arg(long)]
        remove_guest: bool,
    },
    /// Ask someone once more to authorise their own account.
    Ask(OnePairing),
    /// Forget what someone authorised.
    Revoke(OnePairing),
    /// Sign someone's guest account in: prints an address to open and a code to type there.
    SignIn(OnePairing),
}

/// What is disconnected.
#[derive(Debug, Args)]
pub struct Disconnect {
    #[arg(long, value_parser = platform)]
    pub platform: Platform,
    /// Disconnect it, instead of only saying what that would do.
    #[arg(long)]
    pub yes: bool,
}

/// What is paused or resumed.
#[derive(Debug, Args)]
pub struct Pausing {
    /// Only what is sent to this platform; the whole relay where absent.
    #[arg(long, value_parser = platform)]
    pub platform: Option<Platform>,
}

/// Somebody's pairing.
#[derive(Debug, Args)]
pub struct OnePairing {
    /// An address, a full name, or an id from `people list`.
    pub person: String,
    /// Where they are represented; needed only where that is on several platforms.
    #[arg(long, value_parser = platform)]
    pub secondary: Option<Platform>,
}

#[derive(Debug, Args)]
pub struct Address {
    /// Where the hub listens from its next start on: 127.0.0.1:8420.
    #[arg(long, value_name = "ADDR")]
    pub listen: Option<SocketAddr>,
    /// The URL under which that is reached from outside.
    #[arg(long, value_name = "URL", requires = "listen")]
    pub public_url: Option<String>,
    /// Forget what is stored.
    #[arg(long, conflicts_with = "listen")]
    pub clear: bool,
    /// Call the public address of the running relay, and say whether it answers.
    #[arg(long, conflicts_with_all = ["listen", "clear"])]
    pub check: bool,
}

#[derive(Debug, Args)]
pub struct Policy {
    /// How long messages wait for their author's consent before they go through the app: 2s, 12h,
    /// 3d.
    #[arg(long, value_parser = duration::read, value_name = "DURATION")]
    pub consent_wait: Option<i64>,
    /// How old what was missed may be to be caught up all the same: 12h, 14d.
    #[arg(long, value_parser = duration::read, value_name = "DURATION")]
    pub catch_up: Option<i64>,
    /// Whether someone who is not paired is relayed through the app, with their name, when they
    /// write to a paired person's account: true or false.
    #[arg(long, value_name = "BOOL")]
    pub relay_unpaired: Option<bool>,
    /// How long the record of what was delivered is kept: 30d, 365d.
    #[arg(long, value_parser = duration::read, value_name = "DURATION")]
    pub keep_ledger: Option<i64>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum PeopleView {
    Any,
    Paired,
    Unpaired,
    /// Something of theirs does not go on without you.
    NeedsAttention,
    /// Asked to authorise their own account, and not answered yet.
    WaitingForConsent,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum PairedMode {
    Full,
    Guest,
    App,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Decision {
    Ignore,
    Later,
    Show,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Wish {
    Full,
    Guest,
    App,
    Best,
}

#[derive(Debug, Args)]
pub struct Activity {
    #[command(subcommand)]
    pub act: Option<ActivityAct>,
    /// Only deliveries in this state.
    #[arg(long, value_parser = delivery_state)]
    pub state: Option<DeliveryState>,
    /// Only deliveries for this reason.
    #[arg(long, value_parser = reason)]
    pub reason: Option<Reason>,
    #[arg(long, value_parser = platform)]
    pub platform: Option<Platform>,
    /// Part of the name of someone on either side.
    #[arg(long)]
    pub person: Option<String>,
    /// Where the page before ended.
    #[arg(long)]
    pub before: Option<String>,
    #[arg(long, default_value_t = 50)]
    pub limit: u32,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Resolution {
    /// It stands in the conversation.
    Arrived,
    /// It does not: send it once more.
    SendAgain,
}

#[derive(Debug, Subcommand)]
pub enum ActivityAct {
    /// Try a delivery again that waits, is uncertain or was given up.
    Retry { delivery: i64 },
    /// Give a delivery up, so that those behind it go on.
    Skip { delivery: i64 },
    /// Say what became of a delivery of uncertain outcome, once you have looked.
    Resolve {
        delivery: i64,
        #[arg(value_enum)]
        resolution: Resolution,
    },
    /// Tell what happened to a delivery, in order.
    Show { delivery: i64 },
    /// Print the whole ledger as CSV, or with --json as one JSON object a line: with permalinks,
    /// never with text. --state, --platform and --person narrow it, given before `export`.
    Export,
}

/// The beginning of a day in UTC.
fn date(text: &str) -> Result<Timestamp, String> {
    let day: jiff::civil::Date = text
        .parse()
        .map_err(|_| "a date as 2027-05-31".to_owned())?;
    let midnight = day
        .to_zoned(jiff::tz::TimeZone::UTC)
        .map_err(|error| error.to_string())?;
    Ok(Timestamp(midnight.timestamp().as_millisecond()))
}

fn platform(word: &str) -> Result<Platform, String> {
    Platform::from_word(word).ok_or_else(|| "one of: slack, teams, webex, zoom".to_owned())
}

fn reason(word: &str) -> Result<Reason, String> {
    Reason::from_word(word).ok_or_else(|| {
        let words: Vec<_> = Reason::ALL.iter().map(|reason| reason.word()).collect();
        format!("one of: {}", words.join(", "))
    })
}

fn delivery_state(word: &str) -> Result<DeliveryState, String> {
    DeliveryState::from_word(word).ok_or_else(|| {
        let words: Vec<_> = DeliveryState::ALL
            .iter()
            .map(|state| state.word())
            .collect();
        format!("one of: {}", words.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn parsed(words: &str) -> Result<Command, clap::Error> {
        let words = std::iter::once("causeway").chain(words.split(' '));
        Cli::try_parse_from(words).map(|cli| cli.command)
    }

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn several_people_are_paired_alike() {
        let command = parsed("people pair ann bob --primary slack --secondary teams --mode guest");
        match command {
            Ok(Command::People(People::Pair { people, mode, .. })) => {
                assert_eq!(people, ["ann", "bob"]);
                assert!(matches!(mode, Wish::Guest));
            }
            other => panic!("{other:?}"),
        }
        assert!(parsed("people pair --primary slack --secondary teams").is_err());
    }

    #[test]
    fn a_secret_may_begin_with_a_hyphen() {
        let words = "connect zoom --account-id a --client-id c --client-secret -s --service-user u";
        match parsed(words) {
            Ok(Command::Connect(Connect::Zoom(zoom))) => assert_eq!(zoom.client_secret, "-s"),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_wait_is_given_as_a_duration() {
        let waits = |words: &str| match parsed(words) {
            Ok(Command::Policy(policy)) => policy.consent_wait,
            _ => None,
        };
        assert_eq!(waits("policy --consent-wait 2s"), Some(2_000));
        assert_eq!(waits("policy --consent-wait soon"), None);
    }

    #[test]
    fn what_is_for_the_sandbox_only_is_not_in_the_help() {
        let mut command = Cli::command();
        let connect = command.find_subcommand_mut("connect").expect("connect");
        for platform in ["slack", "teams", "webex", "zoom"] {
            let one = connect.find_subcommand_mut(platform).expect("a platform");
            assert!(!one.render_long_help().to_string().contains("--pace"));
        }
    }
}

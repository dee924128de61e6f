//! What takes a while: it goes on behind the calls, can be looked at and stopped, and says at the
//! end what was done and what was not.

use causeway_model::{ConnectionId, PersonId, Platform, Timestamp};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{ActivityFilter, HubError, PairingEffect, PeopleFilter, PreviewSummary, SecondaryWish};

/// Of this process; a restart forgets what has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(transparent)]
#[ts(type = "number")]
pub struct JobId(pub u64);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum JobKind {
    Import,
    Pair,
    Unpair,
    Export,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    Running,
    /// Asked to stop; what is begun is still ended.
    Stopping,
    Stopped,
    Finished,
    /// It could not go on.
    Failed,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct JobView {
    pub id: JobId,
    pub kind: JobKind,
    pub state: JobState,
    pub started_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    /// How many were gone through, whatever became of them.
    #[ts(type = "number")]
    pub done: u64,
    /// How many there are to go through, where that is known.
    #[ts(type = "number | null")]
    pub total: Option<u64>,
    /// How many of those gone through it did not work for.
    #[ts(type = "number")]
    pub failed: u64,
    /// The first 500 of these.
    pub failures: Vec<JobFailure>,
    /// What was done so far, in a sentence or two.
    pub words: String,
    /// Why it could not go on.
    pub error: Option<HubError>,
}

/// Someone for whom it did not work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct JobFailure {
    pub person: PersonId,
    pub name: String,
    pub error: HubError,
}

/// Whom something is done to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Selection {
    People(Vec<PersonId>),
    /// Everyone who fits when it begins.
    Matching(PeopleFilter),
}

/// Says what [`StartPairing`] with the same arguments would do. Nothing is changed.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct PreviewBulk {
    pub who: Selection,
    pub primary: Platform,
    pub secondary: Platform,
    pub wish: SecondaryWish,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BulkPreview {
    pub people: u32,
    pub summary: PreviewSummary,
    /// The first 200: those with a problem before the others.
    pub effects: Vec<PairingEffect>,
}

/// Pairs people alike, each in a commit of their own.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct StartPairing {
    pub who: Selection,
    pub primary: Platform,
    pub secondary: Platform,
    pub wish: SecondaryWish,
}

/// Says what [`StartUnpairing`] would do. Nothing is changed.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct PreviewUnpairing {
    pub who: Selection,
    /// Only from this platform; from all where absent.
    #[serde(default)]
    pub secondary: Option<Platform>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct UnpairingPreview {
    pub people: u32,
    pub pairings: u32,
    /// Deliveries that have not left and would not be sent any more.
    pub waiting: u32,
    /// Guest accounts that the hub made for them.
    pub guests: u32,
    /// People who are not paired: nothing would happen to them.
    pub not_paired: u32,
}

/// Ends people's pairings, each person's at once.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct StartUnpairing {
    pub who: Selection,
    /// Only from this platform; from all where absent.
    #[serde(default)]
    pub secondary: Option<Platform>,
    /// Whether guest accounts that the hub made for them are deleted too.
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    pub remove_guests: bool,
}

/// Reads the directory of one connection, or of all.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, TS)]
pub struct StartImport {
    #[serde(default)]
    pub connection: Option<ConnectionId>,
}

/// Writes the ledger into a new file that only its owner can read: the newest first, never text.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct StartExport {
    #[serde(default)]
    pub filter: ActivityFilter,
    /// A whole path. A file that is there already is not touched.
    pub path: String,
    pub format: SheetFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SheetFormat {
    Csv,
    /// A JSON object a line.
    JsonLines,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize, TS)]
pub struct GetJob {
    pub job: JobId,
}

/// What goes on, and the last twenty that have ended; the newest first.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, TS)]
pub struct ListJobs {}

/// Begins nothing more; who is done stays done.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, TS)]
pub struct StopJob {
    pub job: JobId,
}

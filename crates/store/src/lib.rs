//! What Causeway remembers: one encrypted SQLite file behind named operations.
//!
//! **One file.** `causeway.db` in the data folder, encrypted by SQLCipher with a raw 32-byte key
//! ([`KeySource`]). `causeway.db.check` beside it is an HMAC of a constant under that key: it tells
//! a wrong key from a damaged file, which to SQLCipher look the same. `lock` is held as long as
//! the store is open, so that one process at a time works there. Opening fails before it changes
//! anything, and keeps `causeway.db.v{N}.bak`, encrypted as it is, before it migrates from
//! version N.
//!
//! **One writer.** [`Store::write`] hands work to a single connection. What already waits goes into
//! one transaction, each piece undone alone when it fails, and is answered when that is committed
//! and on the disk; what it reads again and again of tables that seldom change is kept (`recall`); nothing waits for more to come. [`Writer::Inline`] runs the same code in the
//! caller's place. [`Store::read`] uses a few read-only connections; all it is told is of one
//! moment.
//!
//! **Named operations.** They are methods of [`Reader`] and [`Tx`], by subject under `ops`. No other
//! crate sees SQL, a table, or a `rusqlite` type. Time is always a parameter.
//!
//! **Backups.** [`Store::back_up`] makes one file of a consistent copy and its key under a passphrase,
//! [`restore`] takes it into an empty folder, paused and marked as restored.
//!
//! **Lanes.** A lane is the unsettled deliveries of a leg, in a partial index by source time: its
//! head is found in the same few steps whatever the history. A delivery's content stands in a
//! table of its own and is deleted, and overwritten, in the commit that settles it.

mod backup;
mod error;
mod files;
mod fold;
mod key;
mod open;
mod ops;
mod reader;
mod recall;
pub mod reference;
mod rows;
mod schema;
mod sql;
mod store;
mod writer;

#[cfg(test)]
mod tests;

pub use backup::{BackupTo, Passphrase, RestoreFrom, Revived, restore};
pub use error::{Conflict, StoreError};
pub use key::{KeyHome, KeySource};
pub use open::{OpenOptions, Writer};
pub use ops::awaited::AwaitedRow;
pub use ops::disconnect::Attached;
pub use ops::pauses::Pauses;
pub use ops::restored::{LostTokenRow, Restored};
pub use ops::set_aside::SetAside;
pub use ops::stats::{BucketRow, Buckets, WaitingRow};
pub use ops::suggestions::{SuggestionCursor, SuggestionRow, SuggestionRows};
pub use reader::Reader;
pub use rows::{
    ActivityFilter, Attempt, AttemptRow, ConnectionRow, CopyRow, Counts, EndingSignIns, GapRow,
    ImportCounts, InboxRow, InboxWhy, KnownConversation, Lanes, LedgerEnd, LedgerRow, LegRow,
    LimitRow, LinkRow, MessageRow, NewConnection, NewDelivery, NewLeg, NewPairing, NewPrompt,
    NoticeRow, PeopleCounts, PeopleCursor, PeopleFilter, PeoplePage, PeopleView, PersonRow,
    PromptRow, RetentionPolicy, Role, Settlement, SignInRow, Standing, SweptCounts, TokenRow,
    WantedRow,
};
pub use store::Store;
pub use writer::Tx;

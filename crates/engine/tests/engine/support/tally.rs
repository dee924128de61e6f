//! What became of the messages of many runs, counted as people would complain.

use std::{collections::BTreeMap, fmt, io::Write, ops::AddAssign, path::Path};

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    /// What was written and should be read is not there, or not as it was last.
    Lost,
    /// The hub said something twice.
    Duplicated,
    OutOfOrder,
    /// Under another's name, or what its author never wrote.
    WrongAuthor,
    /// What the hub said came back.
    Echoed,
    /// Somebody was asked again although nobody asked for it.
    PromptedTwice,
    /// Said where others read along, as far as the hub was told.
    SeenByStrangers,
    /// Nobody can tell whether it arrived.
    Uncertain,
    /// Said after a later one, and marked so: it was told too late.
    Late,
    /// Given up.
    Dead,
}

impl Count {
    pub const ALL: [Self; 10] = [
        Self::Lost,
        Self::Duplicated,
        Self::OutOfOrder,
        Self::WrongAuthor,
        Self::Echoed,
        Self::PromptedTwice,
        Self::SeenByStrangers,
        Self::Uncertain,
        Self::Late,
        Self::Dead,
    ];

    pub fn word(self) -> &'static str {
        match self {
            Self::Lost => "lost",
            Self::Duplicated => "duplicated",
            Self::OutOfOrder => "out_of_order",
            Self::WrongAuthor => "wrong_author",
            Self::Echoed => "echoed",
            Self::PromptedTwice => "prompted_twice",
            Self::SeenByStrangers => "seen_by_strangers",
            Self::Uncertain => "uncertain",
            Self::Late => "late",
            Self::Dead => "dead",
        }
    }

    /// Whether it may never happen.
    pub fn is_fault(self) -> bool {
        match self {
            Self::Lost
            | Self::Duplicated
            | Self::OutOfOrder
            | Self::WrongAuthor
            | Self::Echoed
            | Self::PromptedTwice
            | Self::SeenByStrangers => true,
            Self::Uncertain | Self::Late | Self::Dead => false,
        }
    }
}

/// The counts of one run or of many.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    pub runs: u64,
    pub messages: u64,
    /// Lives of the hub that ended in the middle.
    pub crashes: u64,
    counts: [u64; Count::ALL.len()],
    /// Of what is not always a fault: why.
    causes: BTreeMap<String, u64>,
}

impl Tally {
    pub fn count(&mut self, what: Count) {
        self.counts[what as usize] += 1;
    }

    pub fn count_because(&mut self, what: Count, why: &str) {
        self.count(what);
        *self
            .causes
            .entry(format!("{}.{why}", what.word()))
            .or_default() += 1;
    }

    pub fn of(&self, what: Count) -> u64 {
        self.counts[what as usize]
    }

    /// Whether nothing happened that may never happen.
    pub fn is_clean(&self) -> bool {
        let faults = Count::ALL.into_iter().filter(|count| count.is_fault());
        faults.map(|count| self.of(count)).sum::<u64>() == 0
    }

    /// Leaves the counts for whoever sums them up, in the folder that `CAUSEWAY_TALLIES` names.
    pub fn leave(&self, kind: &str, name: &str) {
        println!("{kind}: {self}");
        let Some(folder) = std::env::var_os("CAUSEWAY_TALLIES") else {
            return;
        };
        let path = Path::new(&folder).join(format!("{kind}.{name}"));
        let mut file = std::fs::File::create(path).expect("a place for the tally");
        writeln!(file, "{kind} {self}").expect("a tally that can be left");
    }
}

impl AddAssign<&Self> for Tally {
    fn add_assign(&mut self, other: &Self) {
        self.runs += other.runs;
        self.messages += other.messages;
        self.crashes += other.crashes;
        for (count, more) in self.counts.iter_mut().zip(other.counts) {
            *count += more;
        }
        for (cause, more) in &other.causes {
            *self.causes.entry(cause.clone()).or_default() += more;
        }
    }
}

/// `name=number`, with spaces between them.
impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "runs={} messages={} crashes={}",
            self.runs, self.messages, self.crashes
        )?;
        for count in Count::ALL {
            write!(f, " {}={}", count.word(), self.of(count))?;
        }
        for (cause, number) in &self.causes {
            write!(f, " {cause}={number}")?;
        }
        Ok(())
    }
}

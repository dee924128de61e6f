//! The closing counts of stories under kills, left for whoever sums them up.

use std::{fmt, io::Write, path::Path};

/// What people would complain about; none of it may ever happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    Lost,
    Duplicated,
    OutOfOrder,
    WrongAuthor,
    Echoed,
    PromptedTwice,
    SeenByStrangers,
}

impl Fault {
    const ALL: [(Self, &'static str); 7] = [
        (Self::Lost, "lost"),
        (Self::Duplicated, "duplicated"),
        (Self::OutOfOrder, "out_of_order"),
        (Self::WrongAuthor, "wrong_author"),
        (Self::Echoed, "echoed"),
        (Self::PromptedTwice, "prompted_twice"),
        (Self::SeenByStrangers, "seen_by_strangers"),
    ];
}

/// The counts of one story.
#[derive(Debug, Default)]
pub struct Tally {
    /// How often the relay was killed.
    pub runs: u64,
    pub messages: u64,
    pub faults: [u64; Fault::ALL.len()],
    pub uncertain: u64,
    pub dead: u64,
}

impl Tally {
    pub fn count(&mut self, fault: Fault) {
        self.faults[fault as usize] += 1;
    }

    /// Leaves the counts in the folder that `CAUSEWAY_TALLIES` names.
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

/// `name=number`, with spaces between them.
impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "runs={} messages={}", self.runs, self.messages)?;
        for (fault, word) in Fault::ALL {
            write!(f, " {word}={}", self.faults[fault as usize])?;
        }
        write!(f, " uncertain={} dead={}", self.uncertain, self.dead)
    }
}

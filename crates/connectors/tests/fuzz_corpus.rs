//! What the fuzzers found worth keeping, and a few thousand changes of it, on every run of the
//! tests: nothing panics, and nothing grows out of proportion.

use std::{fs, path::PathBuf};

use causeway_connectors::fuzzing::{PARSERS, run};

/// Changes of each seed.
const CHANGES: u64 = 200;
/// What parsers look for, thrown in where chance has it.
const WORDS: [&str; 26] = [
    "{",
    "}",
    "[",
    "]",
    "\"",
    "\\u0000",
    "\\",
    "<",
    ">",
    "&lt;",
    "&",
    "=",
    "*",
    "_",
    "~",
    "`",
    "```",
    "\n",
    "\u{202e}",
    "\u{1f600}",
    "<@U1>",
    "<at id=\"0\">",
    "<@personId:UA|",
    "<spark-mention>",
    "%ff",
    "9999999999999999999",
];

/// SplitMix64: the same numbers everywhere and for ever.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end.max(1) as u64).unwrap_or(0)
    }
}

fn changed(seed: &[u8], chance: &mut Chance) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..=chance.below(6) {
        let at = chance.below(bytes.len() + 1);
        let to = at + chance.below(bytes.len() - at + 1);
        match chance.below(6) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..to)),
            2 => {
                let word = WORDS[chance.below(WORDS.len())];
                bytes.splice(at..at, word.bytes());
            }
            3 => {
                let part = bytes[at..to].repeat(1 + chance.below(20));
                bytes.splice(at..at, part);
            }
            4 => {
                let word = WORDS[chance.below(WORDS.len())];
                bytes.splice(at..at, word.repeat(1 + chance.below(300)).bytes());
            }
            _ => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = u8::try_from(chance.below(256)).unwrap_or(0);
                }
            }
        }
        bytes.truncate(64 * 1024);
    }
    bytes
}

fn seeds(name: &str) -> Vec<Vec<u8>> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus");
    let mut files: Vec<PathBuf> = fs::read_dir(root.join(name))
        .expect("a corpus")
        .map(|entry| entry.expect("a file").path())
        .collect();
    files.sort();
    let read = |path| fs::read(path).expect("it can be read");
    files.into_iter().map(read).collect()
}

#[test]
fn no_parser_panics_or_loses_its_measure_over_its_corpus_and_changes_of_it() {
    for (name, _) in PARSERS {
        let seeds = seeds(name);
        assert!(seeds.len() >= 3, "{name} has a corpus");
        let mut chance = Chance(7);
        for seed in &seeds {
            run(name, seed);
            for _ in 0..CHANGES {
                run(name, &changed(seed, &mut chance));
            }
        }
    }
}

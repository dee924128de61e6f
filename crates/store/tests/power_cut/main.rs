//! I1: a power cut at any instant loses nothing that was answered as committed, and damages nothing.
//!
//! A process commits, checkpoints and sweeps while a recorder notes every write to its files, every
//! request to have them on the disk, and every answer it prints. For each cut the files are built as
//! a disk may have left them: what was not on the disk yet is there, torn, or missing, by chance and
//! in any order. A store that answers before its commit is on the disk fails here.

#![cfg(target_os = "linux")]

use std::{
    collections::BTreeMap,
    fs,
    io::{Read, Write},
    path::{Path, PathBuf},
    process::Command,
};

use causeway_model::{ConnectionId, EventKey, ExternalConversation, Platform, Timestamp};
use causeway_store::{
    InboxWhy, KeySource, NewConnection, OpenOptions, RetentionPolicy, Store, StoreError, Writer,
};

/// How many cuts are tried where `CAUSEWAY_CUTS` says nothing else.
const CUTS: usize = 200;
const COMMITS: i64 = 120;
/// What a disk writes whole or not at all.
const SECTOR: usize = 512;
const NUMBER: &str = "number";

/// Set in the process whose power is cut: the folder it works in.
const CHILD: &str = "POWER_CUT_CHILD";

fn open(folder: &Path) -> Result<Store, StoreError> {
    Store::open(OpenOptions {
        folder: folder.to_owned(),
        key: KeySource::File(folder.join("key")),
        writer: Writer::Inline,
    })
}

fn in_time<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.expect("a runtime").block_on(work)
}

/// The process whose power is cut: commits, and says so only once it is answered.
fn commit_and_tell(folder: &Path) {
    in_time(async {
        let store = open(folder).expect("it opens");
        let connection = store.write(|tx| tx.add_connection(&connection(), Timestamp(1)));
        let connection = connection.await.expect("committed");
        for number in 1..=COMMITS {
            let committed = store.write(move |tx| {
                let conversation = ExternalConversation::new(format!("D{}", number % 7));
                let text = "what was said ".repeat(usize::try_from(number % 40 + 1).unwrap_or(1));
                let at = Timestamp(number);
                let row = tx.put_inbox(connection, &conversation, &text, InboxWhy::Held, at)?;
                if number % 3 != 0 {
                    tx.take_inbox(row)?;
                }
                tx.note_seen(connection, &EventKey(format!("k{number}")), at)?;
                tx.set_cursor(connection, NUMBER, &number.to_string())
            });
            committed.await.expect("committed");
            // Straight to the recorder, past the buffers of the standard library.
            let told = format!("{number}\n");
            std::io::stdout().write_all(told.as_bytes()).expect("told");
            std::io::stdout().flush().expect("told");
            if number % 11 == 0 {
                store.checkpoint().await.expect("the log is emptied");
            }
            if number % 37 == 0 {
                let swept = store.write(move |tx| tx.sweep(Timestamp(number), &all_old(), 10));
                swept.await.expect("swept");
            }
        }
        // The power is cut before it can close.
        std::process::exit(0);
    });
}

fn connection() -> NewConnection {
    NewConnection {
        platform: Platform::Slack,
        name: "Acme".to_owned(),
        settings: serde_json::json!({}),
    }
}

fn all_old() -> RetentionPolicy {
    RetentionPolicy {
        seen_ms: 5,
        message_ms: 5,
        ledger_ms: 5,
    }
}

#[test]
fn no_power_cut_loses_what_was_answered() {
    if let Some(folder) = std::env::var_os(CHILD) {
        return commit_and_tell(Path::new(&folder));
    }
    let ground = tempfile::tempdir().expect("a folder");
    let Some(recorder) = build_recorder(ground.path()) else {
        println!("not tried: no C compiler on this machine");
        return;
    };
    // The key and an empty database are there from before.
    let begun = ground.path().join("begun");
    in_time(async {
        open(&begun).expect("a new folder").close().await;
    });
    let working = ground.path().join("working");
    copy_folder(&begun, &working);
    let record = record_of(&recorder, &working, &ground.path().join("record"));
    assert!(record.len() > 500, "{} steps were recorded", record.len());
    let cuts = std::env::var("CAUSEWAY_CUTS").ok();
    let cuts: usize = cuts.map_or(CUTS, |text| text.parse().expect("a number of cuts"));
    let mut chance = Chance(7);
    let mut tally = Tally::default();
    for cut in 0..cuts {
        // Spread over the whole life, at instants and with losses by chance.
        let instant =
            (record.len() * cut / cuts.max(1)) + chance.below(record.len() / cuts.max(1) + 1);
        let left = ground.path().join("left");
        drop(fs::remove_dir_all(&left));
        copy_folder(&begun, &left);
        let answered = lay_out(
            &record[..instant.min(record.len())],
            &working,
            &left,
            &mut chance,
        );
        tally.cuts += 1;
        tally.answered += answered;
        tally.lost += judge(cut, &left, answered);
    }
    tally.leave();
    assert_eq!(tally.lost, 0, "{tally}");
}

/// What the cuts came to.
#[derive(Default)]
struct Tally {
    cuts: i64,
    /// Commits that had been answered before their cut.
    answered: i64,
    /// Those of them that were not there afterwards.
    lost: i64,
}

impl Tally {
    /// Leaves the counts in the folder that `CAUSEWAY_TALLIES` names.
    fn leave(&self) {
        println!("power_cuts: {self}");
        if let Some(folder) = std::env::var_os("CAUSEWAY_TALLIES") {
            let line = format!("power_cuts {self}\n");
            fs::write(Path::new(&folder).join("power_cuts.all"), line).expect("a tally");
        }
    }
}

/// `name=number`, with spaces between them.
impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            cuts,
            answered,
            lost,
        } = self;
        write!(f, "runs={cuts} messages={answered} lost={lost}")
    }
}

/// The file is sound; how much that was answered is not there.
fn judge(cut: usize, left: &Path, answered: i64) -> i64 {
    let store = open(left).unwrap_or_else(|error| panic!("cut {cut}: {error} after {answered}"));
    let found = in_time(store.read(|reader| {
        let cursor = reader.cursor(ConnectionId(1), NUMBER)?;
        let number = cursor.and_then(|text| text.parse().ok()).unwrap_or(0);
        let last = EventKey(format!("k{number}"));
        let seen = number == 0 || reader.is_seen(ConnectionId(1), &last)?;
        let kept = (0..7)
            .map(|place| ExternalConversation::new(format!("D{place}")))
            .map(|place| reader.inbox_of_conversation(ConnectionId(1), &place))
            .collect::<Result<Vec<_>, _>>()?;
        Ok((number, seen, kept.iter().map(Vec::len).sum::<usize>()))
    }));
    let (number, seen, kept) = found.unwrap_or_else(|error| panic!("cut {cut}: {error}"));
    if number < answered {
        eprintln!("cut {cut}: {answered} was answered, {number} is there");
    }
    assert!(seen, "cut {cut}: half of commit {number} is there");
    assert_eq!(
        kept as i64,
        number / 3,
        "cut {cut}: rows of {number} commits"
    );
    in_time(store.close());
    (answered - number).max(0)
}

/// One thing that the process did.
enum Step {
    Written {
        path: PathBuf,
        offset: usize,
        bytes: Vec<u8>,
    },
    Cut {
        path: PathBuf,
        length: usize,
    },
    Synced {
        path: PathBuf,
    },
    Printed(String),
}

fn build_recorder(ground: &Path) -> Option<PathBuf> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/power_cut/recorder.c");
    let library = ground.join("recorder.so");
    let built = Command::new("cc")
        .args(["-shared", "-fPIC", "-O1", "-o"])
        .arg(&library)
        .arg(source)
        .args(["-ldl", "-lpthread"])
        .status();
    match built {
        Ok(status) => {
            assert!(status.success(), "the recorder does not compile");
            Some(library)
        }
        Err(_) => None,
    }
}

fn record_of(recorder: &Path, working: &Path, record: &Path) -> Vec<Step> {
    let own = std::env::current_exe().expect("this program");
    let ended = Command::new(own)
        .args(["no_power_cut_loses_what_was_answered", "--exact"])
        .arg("--nocapture")
        .env("LD_PRELOAD", recorder)
        .env("POWER_CUT_RECORD", record)
        .env("POWER_CUT_FOLDER", working)
        .env(CHILD, working)
        .output()
        .expect("it runs");
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{}: {said}", ended.status);
    let mut bytes = Vec::new();
    fs::File::open(record)
        .and_then(|mut file| file.read_to_end(&mut bytes))
        .expect("a record");
    let mut rest = bytes.as_slice();
    let mut steps = Vec::new();
    while !rest.is_empty() {
        steps.push(read_step(&mut rest));
    }
    steps
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> &'a [u8] {
    let (taken, left) = rest.split_at(length);
    *rest = left;
    taken
}

fn read_step(rest: &mut &[u8]) -> Step {
    let kind = take(rest, 1)[0];
    let length = u16::from_ne_bytes(take(rest, 2).try_into().expect("two bytes"));
    let path = PathBuf::from(String::from_utf8_lossy(take(rest, length.into())).into_owned());
    let offset = u64::from_ne_bytes(take(rest, 8).try_into().expect("eight bytes"));
    let offset = usize::try_from(offset).expect("a small file");
    let length = u32::from_ne_bytes(take(rest, 4).try_into().expect("four bytes"));
    let bytes = take(rest, usize::try_from(length).expect("a small write")).to_vec();
    match kind {
        b'w' => Step::Written {
            path,
            offset,
            bytes,
        },
        b't' => Step::Cut {
            path,
            length: offset,
        },
        b's' => Step::Synced { path },
        b'p' => Step::Printed(String::from_utf8_lossy(&bytes).into_owned()),
        other => panic!("a record of an unknown kind {other}"),
    }
}

/// Builds the files as the cut leaves them; the last number that was answered before it.
fn lay_out(steps: &[Step], working: &Path, left: &Path, chance: &mut Chance) -> i64 {
    let mut on_disk: BTreeMap<PathBuf, Vec<u8>> = BTreeMap::new();
    let mut pending: BTreeMap<PathBuf, Vec<&Step>> = BTreeMap::new();
    let mut answered = 0;
    for step in steps {
        match step {
            Step::Written { path, .. } | Step::Cut { path, .. } => {
                pending.entry(path.clone()).or_default().push(step);
            }
            // The folder itself: which files there are is not in question here.
            Step::Synced { path } if path == working => {}
            Step::Synced { path } => {
                let file = on_disk
                    .entry(path.clone())
                    .or_insert_with(|| existing(path, working, left));
                for step in pending.remove(path).unwrap_or_default() {
                    apply(file, step, usize::MAX);
                }
            }
            Step::Printed(told) => {
                answered = told.trim().parse().unwrap_or(answered);
            }
        }
    }
    for (path, steps) in pending {
        let file = on_disk
            .entry(path.clone())
            .or_insert_with(|| existing(&path, working, left));
        for step in steps {
            match chance.below(3) {
                0 => {}
                1 => apply(file, step, usize::MAX),
                _ => apply(file, step, chance.below(8) * SECTOR),
            }
        }
    }
    for (path, bytes) in on_disk {
        fs::write(place(&path, working, left), bytes).expect("a file");
    }
    answered
}

fn place(path: &Path, working: &Path, left: &Path) -> PathBuf {
    left.join(path.strip_prefix(working).expect("a file of the folder"))
}

fn existing(path: &Path, working: &Path, left: &Path) -> Vec<u8> {
    fs::read(place(path, working, left)).unwrap_or_default()
}

/// At most so many bytes of a write: the disk may have been in the middle of it.
fn apply(file: &mut Vec<u8>, step: &Step, at_most: usize) {
    match step {
        Step::Written { offset, bytes, .. } => {
            let bytes = &bytes[..bytes.len().min(at_most)];
            if file.len() < offset + bytes.len() {
                file.resize(offset + bytes.len(), 0);
            }
            file[*offset..offset + bytes.len()].copy_from_slice(bytes);
        }
        Step::Cut { length, .. } => file.resize(*length, 0),
        Step::Synced { .. } | Step::Printed(_) => {}
    }
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        if entry.file_type().expect("a type").is_file() {
            fs::copy(entry.path(), to.join(entry.file_name())).expect("a copy");
        }
    }
}

/// The same numbers each time (SplitMix64).
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let z = z ^ (z >> 31);
        usize::try_from(z % (end.max(1) as u64)).unwrap_or(0)
    }
}

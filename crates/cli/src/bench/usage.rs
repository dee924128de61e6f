//! What a process takes of the machine, as Linux tells.

use std::{collections::BTreeMap, fs};

use anyhow::{Context, Result};

/// Of the clock in which `/proc` counts; the same on every Linux.
const TICKS_PER_SECOND: f64 = 100.0;

/// Memory that a process has in RAM, what of it is pages of files (its program's, above all), and
/// the most it ever had, in MiB.
#[derive(Debug, Clone, Copy)]
pub struct Memory {
    pub now: f64,
    pub of_files: f64,
    pub peak: f64,
}

pub fn memory(pid: u32) -> Result<Memory> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))
        .context("memory can be measured on Linux only")?;
    let field = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        let kib: f64 = line.split_whitespace().next()?.parse().ok()?;
        Some(kib / 1_024.0)
    };
    Ok(Memory {
        now: field("VmRSS:").context("no VmRSS")?,
        of_files: field("RssFile:").context("no RssFile")?,
        peak: field("VmHWM:").context("no VmHWM")?,
    })
}

/// Seconds of processor time by a thread's name; threads of one name together. Empty elsewhere
/// than on Linux.
pub fn processor(pid: u32) -> BTreeMap<String, f64> {
    let mut used = BTreeMap::new();
    let threads = fs::read_dir(format!("/proc/{pid}/task"));
    for thread in threads.into_iter().flatten().flatten() {
        let stat = fs::read_to_string(thread.path().join("stat")).unwrap_or_default();
        if let Some((name, seconds)) = name_and_seconds(&stat) {
            *used.entry(name).or_insert(0.0) += seconds;
        }
    }
    used
}

/// Source: proc_pid_stat(5); the name may hold anything, so its last parenthesis counts.
fn name_and_seconds(stat: &str) -> Option<(String, f64)> {
    let (before, after) = stat.rsplit_once(')')?;
    let name = before.split_once('(')?.1.to_owned();
    let fields: Vec<&str> = after.split_whitespace().collect();
    let ticks = |index: usize| fields.get(index)?.parse::<f64>().ok();
    // Fields 14 and 15: in user mode, and in the kernel.
    Some((name, (ticks(11)? + ticks(12)?) / TICKS_PER_SECOND))
}

#[cfg(test)]
mod tests {
    use super::name_and_seconds;

    #[test]
    fn a_threads_time_is_found_behind_whatever_its_name_is() {
        let stat = "12 (odd) name) S 1 12 12 0 -1 4194560 100 0 0 0 150 50 0 0 20 0";
        assert_eq!(name_and_seconds(stat), Some(("odd) name".to_owned(), 2.0)));
    }
}

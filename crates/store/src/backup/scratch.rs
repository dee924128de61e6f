//! Files that are gone again unless they become something.

use std::fs;
use std::path::{Path, PathBuf};

/// Removes a file when it goes, whatever ended the work on it.
pub(super) struct Scratch(PathBuf);

impl Scratch {
    pub(super) fn new(path: PathBuf) -> Self {
        Self(path)
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        for suffix in ["", "-wal", "-shm", "-journal"] {
            let mut name = self.0.as_os_str().to_owned();
            name.push(suffix);
            // Mostly it has a name of its own by now, or never was.
            drop(fs::remove_file(name));
        }
    }
}

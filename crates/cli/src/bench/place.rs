//! The folder that a bench works in: on a real disk, and gone afterwards.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// File systems that are memory: a commit would cost nothing there.
const MEMORY: [&str; 2] = ["tmpfs", "ramfs"];

/// A folder of the bench's own, below the one that was asked for.
pub struct Place {
    folder: tempfile::TempDir,
    pub file_system: String,
}

impl Place {
    /// Below `home`, else below the system's folder for temporary files or, where that is memory,
    /// below the present one.
    pub fn choose(home: Option<&Path>) -> Result<Self> {
        let present = std::env::current_dir().context("the present folder cannot be named")?;
        let below = match home {
            Some(home) => {
                std::fs::create_dir_all(home)
                    .with_context(|| format!("the folder {} cannot be made", home.display()))?;
                home.to_owned()
            }
            None if is_memory(&std::env::temp_dir()) => present,
            None => std::env::temp_dir(),
        };
        if is_memory(&below) {
            bail!(
                "{} is in memory, where a commit costs nothing: give --home on a disk",
                below.display()
            );
        }
        let folder = tempfile::Builder::new()
            .prefix("causeway-bench-")
            .tempdir_in(&below)
            .with_context(|| format!("no folder can be made in {}", below.display()))?;
        Ok(Self {
            file_system: file_system(folder.path()),
            folder,
        })
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// A folder in it, which is made.
    pub fn folder(&self, name: &str) -> Result<PathBuf> {
        let folder = self.folder.path().join(name);
        std::fs::create_dir_all(&folder).context("a folder cannot be made")?;
        Ok(folder)
    }
}

fn is_memory(path: &Path) -> bool {
    MEMORY.contains(&file_system(path).as_str())
}

/// The type of the file system that holds a path; `unknown` where the system does not say.
fn file_system(path: &Path) -> String {
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let mounts = std::fs::read_to_string("/proc/self/mounts").unwrap_or_default();
    holding(&mounts, &path).unwrap_or("unknown").to_owned()
}

/// The longest mount point above a path; of several in one place, the last is the one seen.
fn holding<'a>(mounts: &'a str, path: &Path) -> Option<&'a str> {
    let mounted = mounts.lines().filter_map(|line| {
        let mut words = line.split(' ').skip(1);
        Some((Path::new(words.next()?), words.next()?))
    });
    mounted
        .filter(|(point, _)| path.starts_with(point))
        .max_by_key(|(point, _)| point.components().count())
        .map(|(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_on_the_file_system_of_its_nearest_mount() {
        let mounts = "/dev/vda / ext4 rw 0 0\ntmpfs /tmp tmpfs rw 0 0\n";
        let kind = |path: &str| holding(mounts, Path::new(path));
        assert_eq!(kind("/tmp/a"), Some("tmpfs"));
        assert_eq!(kind("/tmpfoo"), Some("ext4"));
    }
}

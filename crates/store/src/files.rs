//! Files that only their owner can read, written so that a power cut leaves the old or the new.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Write};
use std::path::Path;

/// Makes the folder for its owner alone. One that exists and is in use keeps its permissions:
/// tightening a folder that holds other things would lock others out of them.
pub(crate) fn private_folder(folder: &Path) -> io::Result<()> {
    let fresh = !folder.exists() || fs::read_dir(folder)?.next().is_none();
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(folder)?.permissions().mode();
        if fresh {
            fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
        } else if mode & 0o077 != 0 {
            tracing::warn!(
                folder.mode = format!("{:o}", mode & 0o777),
                "the data folder can be listed by others"
            );
        }
    }
    Ok(())
}

/// Opens the file for reading and writing, making it for its owner alone where it is missing.
pub(crate) fn private_file(path: &Path) -> io::Result<File> {
    let mut options = fs::OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Puts `bytes` into a file of that name: all of them, for its owner alone, and durably.
pub(crate) fn write_durably(path: &Path, bytes: &[u8]) -> io::Result<()> {
    replace_durably(path, |mut file| file.write_all(bytes))
}

/// Copies a file the same way.
pub(crate) fn copy_durably(from: &Path, to: &Path) -> io::Result<()> {
    replace_durably(to, |mut file| {
        io::copy(&mut File::open(from)?, &mut file).map(drop)
    })
}

fn replace_durably(path: &Path, fill: impl FnOnce(&File) -> io::Result<()>) -> io::Result<()> {
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(".new");
    let unfinished = Path::new(&unfinished);
    let file = private_file(unfinished)?;
    file.set_len(0)?;
    let filled = fill(&file).and_then(|()| file.sync_all());
    if let Err(error) = filled {
        // Half a copy is of no use, and the room it takes may be what is missing.
        drop(fs::remove_file(unfinished));
        return Err(error);
    }
    fs::rename(unfinished, path)?;
    sync_folder_of(path)
}

pub(crate) fn sync_folder_of(path: &Path) -> io::Result<()> {
    match path.parent() {
        #[cfg(unix)]
        Some(folder) if !folder.as_os_str().is_empty() => File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}

//! What is settled for this desktop and not for the hub: whether it notifies, and whether it starts
//! when its user signs in.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use causeway_hub::api::{ErrorCode, HubError};
use serde::{Deserialize, Serialize};
use tauri::{AppHandle, Manager, State};

use crate::login;
use crate::tray::Tray;

const FILE: &str = "desktop.json";
/// Where a file that makes no sense is put, so that whoever wrote it finds it again.
const ASIDE: &str = "desktop.json.broken";

/// As it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Kept {
    notifications: bool,
}

impl Default for Kept {
    fn default() -> Self {
        Self {
            notifications: true,
        }
    }
}

/// The file, and what stands in it.
pub struct DesktopFile {
    /// None where the system names no place for programs' settings.
    folder: Option<PathBuf>,
    kept: Mutex<Kept>,
}

impl DesktopFile {
    /// Reads the file in a folder. Where it is missing or unreadable, the defaults apply.
    pub fn open(folder: Option<PathBuf>) -> Self {
        let kept = folder.as_deref().map(read).unwrap_or_default();
        Self {
            folder,
            kept: Mutex::new(kept),
        }
    }

    pub fn notifications(&self) -> bool {
        self.lock().notifications
    }

    fn set_notifications(&self, wanted: bool) -> std::io::Result<()> {
        let mut kept = self.lock();
        let changed = Kept {
            notifications: wanted,
        };
        let folder = self.folder.as_deref();
        write(folder.ok_or(ErrorKind::NotFound)?, changed)?;
        *kept = changed;
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn read(folder: &Path) -> Kept {
    let path = folder.join(FILE);
    let text = match fs::read(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Kept::default(),
        Err(error) => {
            tracing::warn!(%error, "the desktop's settings cannot be read");
            return Kept::default();
        }
    };
    serde_json::from_slice(&text).unwrap_or_else(|error| {
        tracing::warn!(%error, "the desktop's settings make no sense, and are set aside");
        if let Err(error) = fs::rename(&path, folder.join(ASIDE)) {
            tracing::warn!(%error, "they cannot be set aside either");
        }
        Kept::default()
    })
}

/// Whole or not at all.
fn write(folder: &Path, kept: Kept) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    let beside = folder.join(format!("{FILE}.new"));
    let mut file = fs::File::create(&beside)?;
    file.write_all(&serde_json::to_vec_pretty(&kept)?)?;
    file.sync_all()?;
    fs::rename(beside, folder.join(FILE))
}

/// As the window shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DesktopSettings {
    /// The id that the system gives this process. Where the hub's is another, this one is attached.
    process: u32,
    /// None where this system cannot.
    start_at_login: Option<bool>,
    start_at_login_problem: Option<String>,
    notifications: bool,
    /// Whether closing the window leaves the program in the tray.
    tray: bool,
}

/// What is to be changed; what is absent stays as it is.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DesktopChange {
    start_at_login: Option<bool>,
    notifications: Option<bool>,
}

/// Not on the window's thread, as the disk may be slow.
#[tauri::command(async)]
pub fn get_desktop(app: AppHandle, file: State<'_, DesktopFile>) -> DesktopSettings {
    let (start_at_login, start_at_login_problem) = match login::starts(&app) {
        Ok(starts) => (Some(starts), None),
        Err(why) => (None, Some(why)),
    };
    DesktopSettings {
        process: std::process::id(),
        start_at_login,
        start_at_login_problem,
        notifications: file.notifications(),
        tray: matches!(*app.state::<Tray>(), Tray::Shown(_)),
    }
}

#[tauri::command(async)]
pub fn set_desktop(
    app: AppHandle,
    file: State<'_, DesktopFile>,
    change: DesktopChange,
) -> Result<DesktopSettings, HubError> {
    if let Some(wanted) = change.start_at_login {
        login::set(&app, wanted)?;
    }
    if let Some(wanted) = change.notifications {
        let kept = file.set_notifications(wanted);
        kept.map_err(|error| unwritable(&error.to_string()))?;
    }
    Ok(get_desktop(app, file))
}

pub fn unwritable(why: &str) -> HubError {
    let told = HubError::told(
        ErrorCode::FolderUnwritable,
        "This desktop's settings cannot be written, and stay as they were.",
        "Check that your settings folder belongs to you and that the disk is not full.",
    );
    HubError {
        hint: Some(why.to_owned()),
        ..told
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{ASIDE, DesktopFile, FILE};

    #[test]
    fn what_was_settled_is_there_at_the_next_start() {
        let folder = tempfile::tempdir().expect("a folder");
        let settled = folder.path().join("new");
        let file = DesktopFile::open(Some(settled.clone()));
        assert!(file.notifications(), "on until somebody says otherwise");
        file.set_notifications(false).expect("it is written");
        assert!(!DesktopFile::open(Some(settled)).notifications());
    }

    #[test]
    fn a_file_that_makes_no_sense_is_set_aside_and_the_defaults_apply() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join(FILE), "{not json").expect("it is written");
        let file = DesktopFile::open(Some(folder.path().to_owned()));
        assert!(file.notifications());
        let aside = fs::read_to_string(folder.path().join(ASIDE));
        assert_eq!(aside.expect("it is there"), "{not json");
    }

    #[test]
    fn what_cannot_be_written_stays_as_it_was() {
        let folder = tempfile::tempdir().expect("a folder");
        let in_the_way = folder.path().join("file");
        fs::write(&in_the_way, "").expect("it is written");
        let file = DesktopFile::open(Some(in_the_way));
        assert!(file.set_notifications(false).is_err());
        assert!(file.notifications());
    }
}

//! What a desktop needs around it: display, message bus, home, and the WebDriver that starts it.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use tempfile::TempDir;

use super::program::Program;

/// Fields are dropped in this order: the desktop goes before what it stands on.
pub struct Stage {
    _driver: Program,
    _bus: Program,
    _display: Program,
    pub environment: Vec<(String, OsString)>,
    folder: TempDir,
    port: u16,
}

impl Stage {
    pub fn set(home: &Path, extra_env: &[(&str, &str)]) -> Self {
        let folder = TempDir::with_prefix("causeway-desktop-").expect("a folder can be made");
        let (display, display_name) = display();
        let folders = own_folders(folder.path());
        let (bus, bus_address) = bus(&folders, &display_name);
        let port = free_port();
        let environment = environment(&[
            ("DISPLAY", display_name.as_ref()),
            ("DBUS_SESSION_BUS_ADDRESS", bus_address.as_ref()),
            ("CAUSEWAY_HOME", home.as_os_str()),
        ])
        .chain(folders.map(|(name, folder)| (name.to_owned(), folder.into())))
        .chain(
            extra_env
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value.into())),
        )
        .collect::<Vec<_>>();
        let mut driver = Program::command("WebKitWebDriver", "webkit2gtk-driver");
        driver
            .arg("--host=127.0.0.1")
            .arg(format!("--port={port}"))
            .env_clear()
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .stdout(log_file(folder.path()))
            .stderr(log_file(folder.path()));
        let driver = Program::start(&mut driver);
        Self {
            _driver: driver,
            _bus: bus,
            _display: display,
            environment,
            folder,
            port,
        }
    }

    pub fn driver_address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Runs a program on the same desktop to its end.
    pub fn run(&self, program: &str, argument: &str) -> ExitStatus {
        let mut command = Command::new(program);
        let environment = self.environment.iter().map(|(name, value)| (name, value));
        let ended = command
            .arg(argument)
            .env_clear()
            .envs(environment)
            .stdin(Stdio::null())
            .stdout(log_file(self.folder.path()))
            .stderr(log_file(self.folder.path()))
            .status();
        ended.expect("it can be started")
    }

    /// What the WebDriver and the desktop have said so far.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join(LOG)).unwrap_or_default()
    }
}

const LOG: &str = "log";

/// What programs on the desktop find around them.
fn environment(own: &[(&str, &OsStr)]) -> impl Iterator<Item = (String, OsString)> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let usual: [(&str, &OsStr); 6] = [
        ("PATH", &path),
        ("LANG", "C.UTF-8".as_ref()),
        ("GDK_BACKEND", "x11".as_ref()),
        ("NO_AT_BRIDGE", "1".as_ref()),
        // Otherwise pictures of the window come out white or stale.
        ("WEBKIT_DISABLE_DMABUF_RENDERER", "1".as_ref()),
        ("CAUSEWAY_LOG", "info".as_ref()),
    ];
    let all: Vec<_> = usual
        .iter()
        .chain(own)
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    all.into_iter()
}

fn log_file(folder: &Path) -> File {
    let path = folder.join(LOG);
    let file = File::options().create(true).append(true).open(path);
    file.expect("the log can be written")
}

fn display() -> (Program, String) {
    let mut command = Program::command("Xvfb", "xvfb");
    command
        .args([
            "-displayfd",
            "1",
            "-screen",
            "0",
            "1280x900x24",
            "-nolisten",
            "tcp",
        ])
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut display = Program::start(&mut command);
    let number = display.first_line();
    assert!(!number.is_empty(), "Xvfb ended before it had a display");
    (display, format!(":{number}"))
}

/// The bus starts programs of its own, which have to find the same display and folders.
fn bus(folders: &Folders, display_name: &str) -> (Program, String) {
    let mut command = Program::command("dbus-daemon", "dbus");
    command
        .args(["--session", "--nofork", "--nopidfile", "--print-address=1"])
        .envs(folders.iter().cloned())
        .env("DISPLAY", display_name)
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut bus = Program::start(&mut command);
    let address = bus.first_line();
    assert!(
        !address.is_empty(),
        "dbus-daemon ended before it had an address"
    );
    (bus, address)
}

type Folders = [(&'static str, PathBuf); 6];

/// HOME and the XDG folders, all new.
fn own_folders(folder: &Path) -> Folders {
    let names = [
        ("HOME", "home"),
        ("XDG_CONFIG_HOME", "config"),
        ("XDG_CACHE_HOME", "cache"),
        ("XDG_DATA_HOME", "data"),
        ("XDG_STATE_HOME", "state"),
        ("XDG_RUNTIME_DIR", "runtime"),
    ];
    names.map(|(variable, name)| (variable, made(&folder.join(name))))
}

fn made(folder: &Path) -> PathBuf {
    fs::create_dir(folder).expect("a folder can be made");
    // The runtime folder is refused where others may look into it.
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).expect("it is ours");
    folder.to_owned()
}

/// A port that was free a moment ago; the driver can only be told one.
fn free_port() -> u16 {
    let probe = TcpListener::bind(("127.0.0.1", 0)).expect("there are free ports");
    probe.local_addr().expect("it is bound").port()
}

//! The real keychain on a bus of its own, in a child process: a process's environment cannot be
//! changed for one test alone.

use std::path::Path;
use std::process::{Command, Output};

use crate::{KeyHome, KeySource, OpenOptions, Store, StoreError, Writer};

/// Tells the child which folder to open; its answer is what it prints.
const FOLDER: &str = "CAUSEWAY_TEST_KEYCHAIN_FOLDER";
const SOURCE: &str = "CAUSEWAY_TEST_KEYCHAIN_SOURCE";

#[test]
#[ignore = "run by the other tests, in an environment of their making"]
fn child() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return;
    };
    let source = std::env::var(SOURCE).expect("given with the folder");
    let opened = Store::open(OpenOptions {
        folder: folder.into(),
        key: if source == "keychain" {
            KeySource::Keychain
        } else {
            KeySource::Automatic
        },
        writer: Writer::Inline,
    });
    match opened.as_ref().map(Store::key_home) {
        Ok(KeyHome::Keychain) => println!("home=keychain"),
        Ok(KeyHome::File(_)) => println!("home=file"),
        Err(error) => println!("error={}", error.code()),
    }
}

fn child_command() -> String {
    let program = std::env::current_exe().expect("this test's program");
    format!(
        "{} --exact tests::keychain::child --ignored --nocapture",
        program.display()
    )
}

fn printed(output: &Output) -> Vec<String> {
    let text = String::from_utf8_lossy(&output.stdout);
    let lines = text.lines().map(str::trim);
    let told = lines.filter(|line| line.starts_with("home=") || line.starts_with("error="));
    told.map(str::to_owned).collect()
}

fn without_a_bus(folder: &Path, source: &str) -> Vec<String> {
    let output = Command::new("sh")
        .args(["-c", &child_command()])
        .env(FOLDER, folder)
        .env(SOURCE, source)
        .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")
        .output();
    printed(&output.expect("the child runs"))
}

#[test]
fn without_a_keychain_the_key_goes_into_a_file_of_the_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    assert_eq!(without_a_bus(&data, "automatic"), ["home=file"]);
    assert!(data.join("key").exists());
    assert_eq!(without_a_bus(&data, "automatic"), ["home=file"]);
}

#[test]
fn where_the_keychain_is_wanted_nothing_takes_its_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let told = without_a_bus(&data, "keychain");
    assert_eq!(
        told,
        [format!("error={}", StoreError::KeychainFailed.code())]
    );
    assert!(!data.join("key").exists() && !data.join("causeway.db").exists());
}

#[cfg(target_os = "linux")]
#[test]
fn the_keychain_keeps_the_key_and_finds_it_again() {
    let has = |tool: &str| Command::new(tool).arg("--version").output().is_ok();
    if !has("dbus-run-session") || !has("gnome-keyring-daemon") {
        println!("not tried: no session bus and keyring on this machine");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let with_keychain = |home: &str| {
        let home = folder.path().join(home);
        std::fs::create_dir_all(&home).expect("a home");
        // The daemon goes into the background before it can be asked, and ends with its bus.
        let script = format!(
            "printf test | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1
             gdbus wait --session --timeout 20 org.freedesktop.secrets
             {}",
            child_command()
        );
        let output = Command::new("dbus-run-session")
            .args(["--", "sh", "-c", &script])
            .env(FOLDER, &data)
            .env(SOURCE, "automatic")
            .env("HOME", &home)
            .env("XDG_RUNTIME_DIR", &home)
            .env("XDG_DATA_HOME", home.join("share"))
            .output();
        printed(&output.expect("the session runs"))
    };
    assert_eq!(with_keychain("anns"), ["home=keychain"]);
    assert_eq!(with_keychain("anns"), ["home=keychain"]);
    assert!(!data.join("key").exists());
    // Where the key is not known, or cannot be asked for, no other is made.
    let missing = format!("error={}", StoreError::KeyMissing.code());
    assert_eq!(with_keychain("bobs"), [missing]);
    let failed = format!("error={}", StoreError::KeychainFailed.code());
    assert_eq!(without_a_bus(&data, "automatic"), [failed]);
    assert!(!data.join("key").exists());
}

//! `causeway`, the headless face, as another program on the same data folder.

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::{BINARY, program::Program};

pub struct Headless {
    program: Program,
}

impl Headless {
    /// Relays from a folder until this is dropped, and returns when it does.
    ///
    /// # Panics
    /// When the program was not built, or ends before it is ready.
    pub fn relay(home: &Path) -> Self {
        let mut command = command(home);
        command.arg("run").stdout(Stdio::piped());
        let mut program = Program::start(&mut command);
        let ready = program.first_line();
        assert!(
            ready.contains("\"ready\":true"),
            "it is not ready: {ready:?}"
        );
        Self { program }
    }

    /// Its id, by which the system and the desktop know it.
    pub fn process(&self) -> u32 {
        self.program.id()
    }
}

/// What the command line answers on a folder.
///
/// # Panics
/// When it fails.
pub fn says(home: &Path, arguments: &[&str]) -> Value {
    let said = command(home).args(arguments).output();
    let said = said.expect("it was built: cargo build --workspace");
    assert!(said.status.success(), "{said:?}");
    serde_json::from_slice(&said.stdout).expect("it is JSON")
}

fn command(home: &Path) -> Command {
    let program = Path::new(BINARY).with_file_name("causeway");
    let mut command = Program::ending_with_the_test(&program);
    command.arg("--json").arg("--home").arg(home);
    command.env("CAUSEWAY_KEY_FILE", home.join("key"));
    command
}

//! A program in the background, ended with everything that it has started.

use std::io::{BufRead, BufReader, ErrorKind};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

pub struct Program(Child);

impl Program {
    /// Starts it as the head of a process group of its own.
    ///
    /// # Panics
    /// When it cannot be started; `package` is what to install when it is missing.
    pub fn start(command: &mut Command, package: &str) -> Self {
        let name = command.get_program().to_owned();
        match command.stdin(Stdio::null()).process_group(0).spawn() {
            Ok(child) => Self(child),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                panic!("{name:?} is missing: the desktop's tests need the package {package}")
            }
            Err(error) => panic!("{name:?} cannot be started: {error}"),
        }
    }

    /// The first line of its standard output, which has to be piped.
    pub fn first_line(&mut self) -> String {
        let output = self.0.stdout.take().expect("the output is piped");
        let mut line = String::new();
        BufReader::new(output)
            .read_line(&mut line)
            .expect("the output can be read");
        line.trim().to_owned()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // The group, by the id of the child that heads it: the child has not been waited for, so
        // the id is still its own.
        let group = format!("-{}", self.0.id());
        let killed = Command::new("kill").args(["-KILL", "--", &group]).status();
        if !killed.is_ok_and(|status| status.success()) {
            drop(self.0.kill());
        }
        drop(self.0.wait());
    }
}

//! A program in the background, ended with everything that it has started.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

pub struct Program(Child);

impl Program {
    /// A command for it, which ends when the test does, even if that is killed.
    ///
    /// # Panics
    /// When it is missing; `package` is what to install then.
    pub fn command(name: &str, package: &str) -> Command {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let program = std::env::split_paths(&path)
            .map(|folder| folder.join(name))
            .find(|file| file.is_file());
        let Some(program) = program else {
            panic!("{name} is missing: the desktop's tests need the package {package}");
        };
        Self::ending_with_the_test(&program)
    }

    /// The same for a program that is known to be there.
    pub fn ending_with_the_test(program: &Path) -> Command {
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL", "--"]).arg(program);
        command
    }

    /// The id that the system gives it. `setpriv` becomes the program, so it is the program's own.
    pub fn id(&self) -> u32 {
        self.0.id()
    }

    /// Starts it as the head of a process group of its own.
    pub fn start(command: &mut Command) -> Self {
        let started = command.stdin(Stdio::null()).process_group(0).spawn();
        Self(started.expect("setpriv (package util-linux) starts it"))
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

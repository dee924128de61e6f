//! What the tests stand on: a sandbox, a folder that is connected to it, a relay, and people.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader},
    net::TcpListener,
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
    time::Duration,
};

use causeway_sandbox::{
    ControlClient,
    control_client::{Conversation, Deed, Do, Message, To},
    faults::{Fault, FaultKind},
};
use serde_json::Value;
use tempfile::TempDir;
use tokio::time::Instant;

pub use super::people::*;

/// How much faster than ours the sandbox's clock runs: limits pass soon, and people may write
/// several messages a second.
pub const SPEED: u64 = 20;
/// By then everything has happened that will; only a failing test waits so long.
pub const PATIENCE: Duration = Duration::from_secs(40);
pub const LOOK_EVERY: Duration = Duration::from_millis(40);

/// A sandbox and a data folder, connected and paired.
pub struct Stage {
    pub control: ControlClient,
    pub credentials: Value,
    /// How many platforms are connected.
    connections: usize,
    sandbox: Program,
    hub: Option<Program>,
    folder: TempDir,
}

impl Stage {
    /// Slack and Teams are connected and everyone there paired; nothing relays yet.
    pub async fn set() -> Self {
        Self::prepared("acme", 2).await
    }

    /// All four platforms are connected, and people of each paired everywhere; nothing relays yet.
    pub async fn set_everywhere() -> Self {
        Self::prepared("matrix", 4).await
    }

    async fn prepared(story: &str, connections: usize) -> Self {
        let mut stage = Self::bare().await;
        let control = stage.control_url();
        let prepare = ["demo", "--prepare", "--story", story, "--control", &control];
        stage.asked(&prepare);
        stage.connections = connections;
        stage
    }

    /// The relay runs and hears Slack and Teams.
    pub async fn relaying() -> Self {
        let mut stage = Self::set().await;
        stage.run().await;
        stage
    }

    /// The relay runs and hears all four platforms.
    pub async fn relaying_everywhere() -> Self {
        let mut stage = Self::set_everywhere().await;
        stage.run().await;
        stage
    }

    /// Slack and Teams, with notifications from Teams instead of polling.
    pub async fn notified() -> Self {
        let mut stage = Self::set().await;
        stage.run_in_public().await;
        stage
    }

    /// A sandbox and an empty folder.
    pub async fn bare() -> Self {
        let folder = TempDir::with_prefix("causeway-system-").expect("a folder can be made");
        fs::create_dir(folder.path().join("home")).expect("a folder can be made");
        let mut command = program();
        let speed = SPEED.to_string();
        command.args(["--json", "sandbox", "--speed", &speed]);
        let sandbox = Program::start(&mut command, Stdio::null());
        let url = sandbox.ready["control"].as_str().expect("a control API");
        let control = ControlClient::new(url);
        let credentials = control.credentials().await.expect("it answers");
        Self {
            control,
            credentials,
            connections: 0,
            sandbox,
            hub: None,
            folder,
        }
    }

    pub async fn run(&mut self) {
        self.run_with(&["--listen", "127.0.0.1:0"]).await;
    }

    /// The same with a public address, which is answered: a host and a port.
    pub async fn run_in_public(&mut self) -> String {
        let address = free_address();
        let url = format!("http://{address}");
        self.run_with(&["--listen", &address, "--public-url", &url])
            .await;
        address
    }

    /// Starts the relay and waits until it hears all platforms.
    pub async fn run_with(&mut self, arguments: &[&str]) {
        self.start(arguments);
        until("the relay hears all platforms", async || {
            let status = self.status();
            let connections = status["connections"].as_array()?;
            let hears = |view: &Value| view["health"]["state"] == "connected";
            let all = connections.len() == self.connections;
            (all && connections.iter().all(hears)).then_some(())
        })
        .await;
    }

    /// Starts the relay; what it says of itself when it is ready.
    pub fn start(&mut self, arguments: &[&str]) -> Value {
        assert!(self.hub.is_none(), "one relay a folder");
        let mut command = self.command(&["--json", "--log", "debug", "run"]);
        command.args(arguments);
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.folder.path().join("log"))
            .expect("the log can be written");
        let hub = Program::start(&mut command, log.into());
        let ready = hub.ready.clone();
        self.hub = Some(hub);
        ready
    }

    /// Ends the relay as a power cut would.
    pub fn kill(&mut self) {
        drop(self.hub.take());
    }

    /// Asks the relay to stop, as an administrator would; how it ended.
    pub fn stop(&mut self) -> std::process::ExitStatus {
        let mut hub = self.hub.take().expect("a relay runs");
        let id = hub.child.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &id]).status();
        assert!(asked.is_ok_and(|status| status.success()));
        hub.child.wait().expect("it ends")
    }

    /// An administrator connects a platform anew, with what its command reads from the environment.
    pub fn connects(&self, platform: &str, settings: &[(&str, String)]) {
        let mut command = self.command(&["connect", platform]);
        let name = |name: &str| format!("CAUSEWAY_{}_{name}", platform.to_uppercase());
        command.env(name("PACE"), SPEED.to_string());
        command.envs(settings.iter().map(|(key, value)| (name(key), value)));
        let connected = command.output().expect("it runs");
        assert!(connected.status.success(), "{}", words_of(&connected));
    }

    pub fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    pub fn key_file(&self) -> PathBuf {
        self.home().join("key")
    }

    /// Everything that the relay has logged, at level debug.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    pub fn control_url(&self) -> String {
        let url = self.sandbox.ready["control"].as_str();
        url.expect("a control API").to_owned()
    }

    /// Runs a command in the folder to its end.
    pub fn causeway(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("it runs")
    }

    /// Runs a command that must succeed; the line of JSON that it prints.
    pub fn asked(&self, arguments: &[&str]) -> Value {
        let output = self.command(&["--json"]).args(arguments).output();
        let output = output.expect("it runs");
        assert!(output.status.success(), "{}", words_of(&output));
        serde_json::from_slice(&output.stdout).expect("a line of JSON")
    }

    pub fn status(&self) -> Value {
        self.asked(&["status"])
    }

    /// A command in the folder, with the key that lies in it.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = program();
        command
            .arg("--home")
            .arg(self.home())
            .arg("--key-file")
            .arg(self.key_file())
            .args(arguments);
        command
    }

    /// What somebody's app shows them where they work.
    pub async fn seen(&self, who: &Person) -> Vec<Conversation> {
        self.seen_on(who, who.home).await
    }

    pub async fn seen_on(&self, who: &Person, on: &str) -> Vec<Conversation> {
        self.control.view(who.email, on).await.expect("a view")
    }

    /// Every message with this word in it, with the conversation where it stands.
    pub async fn standing(&self, who: &Person, word: &str) -> Vec<(String, Message)> {
        self.standing_on(who, who.home, word).await
    }

    pub async fn standing_on(&self, who: &Person, on: &str, word: &str) -> Vec<(String, Message)> {
        let places = self.seen_on(who, on).await;
        let messages = places.into_iter().flat_map(|place| {
            let id = place.id;
            place
                .messages
                .into_iter()
                .map(move |message| (id.clone(), message))
        });
        messages
            .filter(|(_, message)| !message.deleted && message.text.contains(word))
            .collect()
    }

    /// Waits until somebody sees a message with this word, and says where and how.
    pub async fn arrives(&self, who: &Person, word: &str) -> (String, Message) {
        until(&format!("{word} reaches {}", who.name), async || {
            self.standing(who, word).await.into_iter().next()
        })
        .await
    }

    /// Somebody writes where they work; the id of the message.
    pub async fn writes(&self, who: &Person, to: To, text: &str) -> String {
        let written = self.control.send(who.email, who.home, to, text).await;
        written.expect("people may write")
    }

    pub async fn does(&self, who: &Person, what: Do, to: Option<To>, text: &str) -> String {
        let deed = Deed {
            actor: who.email,
            on: who.home,
            what,
            to,
            text,
        };
        self.control.act(&deed).await.expect("people may do that")
    }

    /// Arms a fault; spans are real, and become the sandbox's.
    pub async fn fault(
        &self,
        on: &str,
        method: Option<&str>,
        fault: FaultKind,
        count: u32,
        span: Duration,
    ) {
        let span = u64::try_from(span.as_millis()).expect("a short span");
        let fault = Fault {
            on: on.to_owned(),
            method: method.map(str::to_owned),
            fault,
            count,
            ms: Some(span * SPEED),
        };
        self.control.fault(&fault).await.expect("it is armed");
    }

    /// The platform's id of somebody's account.
    pub async fn account_id(&self, who: &Person, on: &str) -> String {
        let people = self.control.people().await.expect("people");
        let person = people.into_iter().find(|person| person.email == who.email);
        let accounts = person.expect("somebody at Acme").accounts;
        accounts.get(on).expect("an account there").id.clone()
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = self.log();
            let lines: Vec<_> = log.lines().collect();
            let last = &lines[lines.len().saturating_sub(60)..];
            eprintln!("The relay's last words:\n{}", last.join("\n"));
        }
    }
}

/// Looks again and again until there is something.
pub async fn until<T>(what: &str, look: impl AsyncFn() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < deadline, "not in time: {what}");
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// What a command printed, for a failing test.
/// A text of the sandbox's description.
pub fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

pub fn words_of(output: &Output) -> String {
    format!(
        "{}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// An address that was free a moment ago: the public one must be known before the relay starts.
pub fn free_address() -> String {
    let probe = TcpListener::bind(("127.0.0.1", 0)).expect("there are free ports");
    probe.local_addr().expect("it is bound").to_string()
}

/// The program under test, with nothing of the tester's own settings.
pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_causeway"));
    let settings = std::env::vars_os().map(|(name, _)| name);
    for name in settings.filter(|name| name.to_string_lossy().starts_with("CAUSEWAY_")) {
        command.env_remove(name);
    }
    command.stdin(Stdio::null());
    command
}

/// A process that prints one line of JSON when it is ready; it is killed when this goes.
struct Program {
    child: Child,
    ready: Value,
}

impl Program {
    fn start(command: &mut Command, errors: Stdio) -> Self {
        let started = command.stdout(Stdio::piped()).stderr(errors).spawn();
        let mut child = started.expect("it starts");
        let output = child.stdout.take().expect("the output is piped");
        let mut line = String::new();
        let read = BufReader::new(output).read_line(&mut line);
        read.expect("the output can be read");
        let ready = serde_json::from_str(&line).expect("a line of JSON when it is ready");
        Self { child, ready }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

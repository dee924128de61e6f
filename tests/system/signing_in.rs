//! The service account signs in while its tenant is connected: nobody handles a token.

use std::{
    io::{BufRead, BufReader, Lines, Read},
    process::{Child, ChildStderr, ChildStdout, Command, Stdio},
};

use serde_json::Value;

use super::support::{SPEED, Stage};

const SERVICE: &str = "causeway@acme.example";

impl Stage {
    /// Begins to connect the sandbox's tenant, with everything but a token.
    fn connecting(&self, before: &[&str], after: &[&str]) -> Connecting {
        let entra = &self.credentials["credentials"]["entra"];
        let mut command = self.command(before);
        command.args(["connect", "teams"]).args(after);
        for (name, value) in [
            ("GRAPH_URL", &self.credentials["graph"]),
            ("LOGIN_URL", &self.credentials["entra"]),
            ("TENANT", &entra["tenant"]),
            ("CLIENT_ID", &entra["client_id"]),
            ("CLIENT_SECRET", &entra["client_secret"]),
        ] {
            let value = value.as_str().expect("a text");
            command.env(format!("CAUSEWAY_TEAMS_{name}"), value);
        }
        command.env("CAUSEWAY_TEAMS_PACE", SPEED.to_string());
        Connecting::begin(&mut command)
    }

    fn connections(&self) -> usize {
        let status = self.status();
        status["connections"].as_array().expect("a list").len()
    }
}

/// The command while it waits.
struct Connecting {
    child: Child,
    said: Lines<BufReader<ChildStdout>>,
    errors: ChildStderr,
}

impl Connecting {
    fn begin(command: &mut Command) -> Self {
        let piped = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = piped.spawn().expect("it starts");
        let said = child.stdout.take().expect("it is piped");
        let errors = child.stderr.take().expect("it is piped");
        Self {
            child,
            said: BufReader::new(said).lines(),
            errors,
        }
    }

    /// The next line; none once it has ended.
    fn line(&mut self) -> Option<String> {
        self.said.next().map(|line| line.expect("it is read"))
    }

    fn json(&mut self) -> Value {
        let line = self.line().expect("a line");
        serde_json::from_str(&line).expect("JSON")
    }

    /// The code it ends with, and what it wrote to standard error.
    fn end(mut self) -> (Option<i32>, String) {
        let mut errors = String::new();
        let read = self.errors.read_to_string(&mut errors);
        read.expect("it is read");
        let ended = self.child.wait().expect("it ends");
        (ended.code(), errors)
    }
}

#[tokio::test]
async fn the_service_account_signs_in_with_a_code_unless_something_else_is_chosen() {
    let stage = Stage::bare().await;
    for (chosen, name) in [(&["--sign-in", "device"][..], Some(SERVICE)), (&[], None)] {
        let named = name.map(|name| ["--service-account", name]);
        let arguments = [chosen, named.as_ref().map_or(&[], |named| &named[..])].concat();
        let mut connecting = stage.connecting(&["--json"], &arguments);
        let waiting = connecting.json();
        assert_eq!(waiting["state"]["kind"], "waiting");
        let code = waiting["state"]["user_code"].as_str().expect("a code");
        let page = stage.control.device(code, SERVICE, true).await;
        assert!(page.expect("a page").signed_in);
        let connected = connecting.json();
        assert_eq!(connected["platform"], "teams");
        assert_eq!(connected["name"], "acme.example");
        assert_eq!(connecting.end(), (Some(0), String::new()));
    }
    assert_eq!(stage.connections(), 1);
    let imported = stage.asked(&["people", "import"]);
    assert!(imported.to_string().contains("teams"), "{imported}");
}

#[tokio::test]
async fn the_service_account_signs_in_in_a_browser_and_nothing_of_it_is_logged() {
    let stage = Stage::bare().await;
    let loud = ["--json", "--log", "debug"];
    let mut connecting = stage.connecting(&loud, &["--sign-in", "browser"]);
    let waiting = connecting.json();
    let link = waiting["state"]["authorize_url"].as_str();
    let link = link.expect("an address");
    let browsed = stage.control.browse(link, SERVICE, true).await;
    assert_eq!(browsed.expect("it is followed").refused, None);
    let connected = connecting.json();
    assert_eq!(connected["platform"], "teams");
    let (code, logged) = connecting.end();
    assert_eq!(code, Some(0));
    assert!(
        logged.contains("the service account has signed in"),
        "{logged}"
    );
    let state = link
        .split("state=")
        .nth(1)
        .and_then(|rest| rest.split('&').next());
    for secret in ["eyJ", SERVICE, "1.AX", "1.AY", state.expect("a state")] {
        assert!(!logged.contains(secret), "{secret} is logged");
    }
    assert_eq!(stage.connections(), 1);
}

#[tokio::test]
async fn who_says_no_or_is_somebody_else_connects_nothing() {
    let stage = Stage::bare().await;
    for (login, grant, word) in [
        (SERVICE, false, "declined"),
        ("ann@acme.example", true, "wrong_account"),
    ] {
        let named = ["--sign-in", "device", "--service-account", SERVICE];
        let mut connecting = stage.connecting(&["--json"], &named);
        let waiting = connecting.json();
        let code = waiting["state"]["user_code"].as_str().expect("a code");
        let page = stage.control.device(code, login, grant).await;
        page.expect("a page");
        assert_eq!(connecting.line(), None);
        let (code, errors) = connecting.end();
        assert_eq!(code, Some(4), "{errors}");
        assert!(errors.contains(word), "{errors}");
    }
    assert_eq!(stage.connections(), 0);
}

#[tokio::test]
async fn whoever_stops_waiting_cancels_the_sign_in() {
    let stage = Stage::bare().await;
    let mut connecting = stage.connecting(&[], &["--sign-in", "browser"]);
    let words = connecting.line().expect("words");
    assert!(
        words.starts_with("Open this address in a browser"),
        "{words}"
    );
    let link = connecting.line().expect("an address");
    let id = connecting.child.id().to_string();
    let asked = Command::new("kill").args(["-INT", &id]).status();
    assert!(asked.is_ok_and(|status| status.success()));
    let (code, errors) = connecting.end();
    assert_eq!(code, Some(1), "{errors}");
    assert!(errors.contains("nothing was connected"), "{errors}");
    let late = stage.control.browse(&link, SERVICE, true).await;
    assert!(late.is_err(), "nobody waits for the browser any more");
    assert_eq!(stage.connections(), 0);
}

#[tokio::test]
async fn a_token_and_a_sign_in_at_once_make_no_sense() {
    let stage = Stage::bare().await;
    let both = [
        "--sign-in",
        "device",
        "--service-account-refresh-token",
        "r",
    ];
    let (code, errors) = stage.connecting(&[], &both).end();
    assert_eq!(code, Some(2), "{errors}");
}

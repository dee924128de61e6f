//! A folder that nothing is connected in, a sandbox, and a person at its sign-in pages.

pub mod outcome;

use std::time::Duration;

use causeway_hub::{
    Client, KeyChoice, Options, Purpose,
    api::{
        BeginServiceSignIn, ConnectTeams, ConnectionView, ErrorCode, GetServiceSignIn, HubError,
        ServiceSignInId, ServiceSignInState, ServiceSignInView, ServiceSignInWay, SignInApp,
    },
};
use causeway_sandbox::{ControlClient, Running, Sandbox};
use serde_json::Value;
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::Instant,
};
use url::Url;

/// How much faster than ours the sandbox's clock runs: polls are soon.
const SPEED: u32 = 40;
const PATIENCE: Duration = Duration::from_secs(20);
const LOOK_EVERY: Duration = Duration::from_millis(20);

pub struct Stage {
    pub client: Client,
    pub control: ControlClient,
    description: Value,
    _folder: TempDir,
    _running: Running,
}

impl Stage {
    pub async fn set() -> Self {
        let options = causeway_sandbox::Options {
            speed: SPEED,
            ..causeway_sandbox::Options::default()
        };
        let running = Sandbox::start(options).await.expect("the sandbox starts");
        let description = running.description();
        let folder = tempfile::tempdir().expect("a folder");
        Self {
            client: open(&folder).await,
            control: ControlClient::new(text(&description["control"])),
            description,
            _folder: folder,
            _running: running,
        }
    }

    pub async fn begin(&self, way: ServiceSignInWay, named: Option<&str>) -> ServiceSignInView {
        let entra = &self.description["credentials"]["entra"];
        let begin = BeginServiceSignIn {
            app: SignInApp::Teams {
                graph_url: Some(text(&self.description["graph"])),
                login_url: Some(text(&self.description["entra"])),
                tenant: text(&entra["tenant"]),
                client_id: text(&entra["client_id"]),
                client_secret: Some(text(&entra["client_secret"])),
                certificate: false,
            },
            service_account: named.map(str::to_owned),
            way,
            pace: Some(SPEED),
        };
        let begun = self.client.call(begin).await.expect("it begins");
        assert!(matches!(begun.state, ServiceSignInState::Waiting { .. }));
        begun
    }

    pub fn teams(&self, begun: &ServiceSignInView) -> ConnectTeams {
        let entra = &self.description["credentials"]["entra"];
        ConnectTeams {
            graph_url: Some(text(&self.description["graph"])),
            login_url: Some(text(&self.description["entra"])),
            tenant: text(&entra["tenant"]),
            client_id: text(&entra["client_id"]),
            client_secret: text(&entra["client_secret"]),
            certificate: false,
            service_sign_in: Some(begun.id.clone()),
            ..ConnectTeams::default()
        }
    }

    pub async fn connect(&self, begun: &ServiceSignInView) -> Result<ConnectionView, HubError> {
        self.client.call(self.teams(begun)).await
    }

    /// Somebody does what they are shown.
    pub async fn sign_in(&self, begun: &ServiceSignInView, login: &str) {
        match begun.way {
            ServiceSignInWay::Device => {
                let page = self.control.device(&code_of(begun), login, true).await;
                assert!(page.expect("a page").signed_in);
            }
            ServiceSignInWay::Browser | ServiceSignInWay::Desktop => {
                let browsed = self.control.browse(&url_of(begun), login, true).await;
                assert_eq!(browsed.expect("it is followed").refused, None);
            }
        }
    }

    pub async fn view(&self, begun: &ServiceSignInView) -> ServiceSignInView {
        let id = begun.id.clone();
        let view = self.client.call(GetServiceSignIn { id }).await;
        view.expect("it is known")
    }

    pub async fn ended(&self, begun: &ServiceSignInView) -> ServiceSignInView {
        ended(&self.client, &begun.id).await
    }

    pub async fn signed_in(&self, begun: &ServiceSignInView) {
        let ended = self.ended(begun).await;
        let signed_in = matches!(ended.state, ServiceSignInState::SignedIn { .. });
        assert!(signed_in, "{ended:?}");
    }

    pub async fn failed(&self, begun: &ServiceSignInView) -> ErrorCode {
        let ended = self.ended(begun).await;
        match ended.state {
            ServiceSignInState::Failed { error } => error.code,
            other => panic!("{other:?}"),
        }
    }
}

/// Looks until nobody is waited for any more.
pub async fn ended(client: &Client, id: &ServiceSignInId) -> ServiceSignInView {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let view = client.call(GetServiceSignIn { id: id.clone() }).await;
        let view = view.expect("it is known");
        if !matches!(view.state, ServiceSignInState::Waiting { .. }) {
            return view;
        }
        assert!(Instant::now() < deadline, "nobody comes");
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Opens a folder for calls alone.
pub async fn open(folder: &TempDir) -> Client {
    causeway_hub::open(Options {
        home: folder.path().to_owned(),
        key: KeyChoice::Automatic,
        purpose: Purpose::Manage,
    })
    .await
    .expect("the folder opens")
}

pub fn code_of(begun: &ServiceSignInView) -> String {
    match &begun.state {
        ServiceSignInState::Waiting {
            user_code: Some(code),
            ..
        } => code.clone(),
        other => panic!("{other:?}"),
    }
}

pub fn url_of(begun: &ServiceSignInView) -> String {
    match &begun.state {
        ServiceSignInState::Waiting {
            authorize_url: Some(url),
            ..
        } => url.clone(),
        other => panic!("{other:?}"),
    }
}

/// Two parameters of an address.
pub fn brought(address: &str, one: &str, other: &str) -> (String, String) {
    let url = Url::parse(address).expect("an address");
    let of = |wanted: &str| {
        let mut pairs = url.query_pairs().into_owned();
        let found = pairs.find(|(name, _)| name == wanted);
        found.expect("it is there").1
    };
    (of(one), of(other))
}

/// Status and page of a place on loopback; none where nobody listens.
pub async fn get(port: u16, path: &str) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.ok()?;
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.ok()?;
    let status = answer.split_whitespace().nth(1)?.parse().ok()?;
    Some((status, answer))
}

pub fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

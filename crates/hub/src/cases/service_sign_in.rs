//! Signing the service account in: a code that is polled for, or a browser that comes back to this
//! machine. Nothing is stored before the platform is connected with it.

use std::{
    collections::BTreeMap,
    sync::{Arc, Weak},
    time::Duration,
};

use async_trait::async_trait;
use causeway_connectors::{
    AuthorizeLink, Connector, DeviceCode, OwnAccount, Secret, SignIn, SignedIn,
    consent_page::{
        CallbackAnswer,
        loopback::{Landing, Loopback, LoopbackDesk},
    },
};
use causeway_engine::{CLIENT_SECRET, Secrets, challenge_of, owner_word, secret_word, token_row};
use causeway_model::Failure;
use serde_json::json;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::{
    connect::{app_proof, find, required},
    device_poll::{passes, pause, poll},
    service_app::{ServiceApp, TeamsApp, WebexApp},
    sign_in_refusal::{expired, from_sign_in, judge, not_renewable, secret_note},
    trial::{self, TrialVault},
    tune::Tuning,
};
use crate::{
    Hub,
    api::{
        BeginServiceSignIn, BroughtBack, CancelServiceSignIn, ErrorCode, FinishServiceSignIn,
        GetServiceSignIn, HubError, ServiceSignInId, ServiceSignInView, ServiceSignInWay,
        SignInApp,
    },
    error::{failed, from_failure},
    sign_ins::{Away, Begun, KEPT_MS, NewSignIn, Offer, Returned, Service, unknown},
};

/// How long a browser may be away.
const AWAY_MS: i64 = 10 * 60_000;
/// Where a browser comes back to the desktop.
const DESKTOP_CALLBACK: &str = "causeway://callback";
/// Stands for the service account before it is known: nothing that signs in asks for it.
const NOBODY: &str = "me";
/// How often whoever has signed in is asked who they are, where the answer is lost.
const TRIES: u32 = 4;
const FIRST_PAUSE: Duration = Duration::from_millis(500);

pub(crate) async fn begin_service_sign_in(
    hub: &Hub,
    args: BeginServiceSignIn,
) -> Result<ServiceSignInView, HubError> {
    let (app, proof) = asked_for(hub, args.app).await?;
    let platform = app.platform();
    let known = find(hub, platform).await?;
    let tuning = Tuning::of(known.as_ref().map(|row| &row.settings)).paced(args.pace);
    let mut settings = json!({ "connector": app.settings(NOBODY) });
    tuning.write(platform, &mut settings);
    let nobody = Arc::new(TrialVault::new(BTreeMap::new()));
    let connector = trial::connector(hub, platform, settings, &proof, &nobody)?;
    let new = New {
        hub: hub.shared()?,
        id: ServiceSignInId(format!("{:032x}", hub.engine.random().bits())),
        way: args.way,
        begun: Begun {
            app,
            proof,
            wanted: args.service_account.and_then(not_blank),
        },
        connector,
    };
    match args.way {
        ServiceSignInWay::Device => new.by_device(tuning.pace()).await,
        ServiceSignInWay::Browser => {
            let loopback = Loopback::bind().await.map_err(|error| no_port(&error))?;
            let callback = loopback.callback().clone();
            new.by_browser(callback, Some(loopback))
        }
        ServiceSignInWay::Desktop => {
            let callback = Url::parse(DESKTOP_CALLBACK).map_err(|_| no_way())?;
            new.by_browser(callback, None)
        }
    }
}

/// The app that somebody is to sign in through, and what it proves itself with.
async fn asked_for(hub: &Hub, app: SignInApp) -> Result<(ServiceApp, Secrets), HubError> {
    match app {
        SignInApp::Teams {
            graph_url,
            login_url,
            tenant,
            client_id,
            client_secret,
            certificate,
        } => {
            let app = TeamsApp::checked(graph_url, login_url, &tenant, &client_id)?;
            let proof = match client_secret.and_then(not_blank) {
                Some(secret) => app_proof(hub, certificate, secret).await?,
                None if certificate => app_proof(hub, true, String::new()).await?,
                None => Secrets::default(),
            };
            Ok((ServiceApp::Teams(app), proof))
        }
        SignInApp::Webex {
            api_url,
            client_id,
            client_secret,
            hear_by_sockets,
        } => {
            let app = WebexApp::checked(api_url, &client_id, hear_by_sockets)?;
            let secret = required(client_secret, "integration's client secret")?;
            let proof = Secrets::of([(CLIENT_SECRET, Some(Secret::new(secret)))]);
            Ok((ServiceApp::Webex(app), proof))
        }
    }
}

pub(crate) fn get_service_sign_in(
    hub: &Hub,
    args: &GetServiceSignIn,
) -> Result<ServiceSignInView, HubError> {
    hub.sign_ins.view(&args.id, hub.engine.clock().now())
}

pub(crate) fn cancel_service_sign_in(
    hub: &Hub,
    args: &CancelServiceSignIn,
) -> Result<ServiceSignInView, HubError> {
    hub.sign_ins.forget(&args.id).ok_or_else(unknown)
}

pub(crate) async fn finish_service_sign_in(
    hub: &Hub,
    args: FinishServiceSignIn,
) -> Result<ServiceSignInView, HubError> {
    let answer = match args.answer {
        BroughtBack::Code(code) => CallbackAnswer::Code(code),
        BroughtBack::Error { error, description } => CallbackAnswer::Error { error, description },
    };
    let returned = hub
        .sign_ins
        .come_back(&args.state, hub.engine.clock().now())
        .ok_or_else(unknown)?;
    let id = returned.id.clone();
    // What came of it is told by the view.
    drop(finish(&hub.shared()?, returned, answer).await);
    hub.sign_ins.view(&id, hub.engine.clock().now())
}

/// Who has signed in and is to be connected, as the administrator names them where they do.
pub(super) fn signed_in_service(
    hub: &Hub,
    id: &ServiceSignInId,
    app: &ServiceApp,
    named: Option<&str>,
) -> Result<Service, HubError> {
    let now = hub.engine.clock().now();
    let service = hub.sign_ins.signed_in(id, app, now)?;
    let named = named.filter(|name| !name.trim().is_empty());
    judge(named, &service.own)?;
    Ok(service)
}

/// One that is about to begin.
struct New {
    hub: Arc<Hub>,
    id: ServiceSignInId,
    way: ServiceSignInWay,
    begun: Begun,
    connector: Arc<dyn Connector>,
}

impl New {
    async fn by_device(self, pace: u64) -> Result<ServiceSignInView, HubError> {
        let sign_in = self.connector.own_sign_in().ok_or_else(no_way)?;
        let code = sign_in
            .begin_device()
            .await
            .map_err(|failure| from_sign_in(&failure, self.way, &self.begun.app))?;
        let offer = Offer {
            user_code: Some(code.user_code.clone()),
            verification_uri: Some(code.verification_uri.clone()),
            authorize_url: None,
            expires_at: code.expires_at,
        };
        let stop = self.keep(offer, None);
        let view = self.view()?;
        let hub = Arc::clone(&self.hub);
        hub.sign_ins
            .tasks
            .spawn(self.wait_for_code(code, pace, stop));
        Ok(view)
    }

    fn by_browser(
        self,
        callback: Url,
        loopback: Option<Loopback>,
    ) -> Result<ServiceSignInView, HubError> {
        let random = self.hub.engine.random().as_ref();
        let (state, verifier) = (secret_word(random), secret_word(random));
        let link = AuthorizeLink {
            callback: &callback,
            state: &state,
            challenge: &challenge_of(&verifier),
        };
        let sign_in = self.connector.own_sign_in().ok_or_else(no_way)?;
        let url = sign_in.authorize_url(&link).ok_or_else(no_way)?;
        let offer = Offer {
            user_code: None,
            verification_uri: None,
            authorize_url: Some(url.into()),
            expires_at: self.hub.engine.clock().now().plus_ms(AWAY_MS),
        };
        let away = Away {
            state,
            verifier: Secret::new(verifier),
            callback,
        };
        let stop = self.keep(offer, Some(away));
        let view = self.view()?;
        let hub = Arc::clone(&self.hub);
        hub.sign_ins
            .tasks
            .spawn(self.wait_for_browser(loopback, stop));
        Ok(view)
    }

    fn keep(&self, offer: Offer, away: Option<Away>) -> CancellationToken {
        let new = NewSignIn {
            id: self.id.clone(),
            way: self.way,
            begun: self.begun.clone(),
            offer,
            away,
        };
        self.hub.sign_ins.add(new, self.hub.engine.clock().now())
    }

    fn view(&self) -> Result<ServiceSignInView, HubError> {
        self.hub
            .sign_ins
            .view(&self.id, self.hub.engine.clock().now())
    }

    async fn wait_for_code(self, code: DeviceCode, pace: u64, stop: CancellationToken) {
        let work = async {
            let sign_in = self.connector.own_sign_in().ok_or_else(no_way)?;
            let clock = self.hub.engine.clock().as_ref();
            let signed_in = poll(sign_in, &code, clock, pace)
                .await
                .map_err(|failure| from_sign_in(&failure, self.way, &self.begun.app))?;
            recognise(&self.hub, &self.begun, self.way, sign_in, signed_in).await
        };
        let Some(outcome) = stop.run_until_cancelled(work).await else {
            return;
        };
        settle(&self.hub, &self.id, outcome);
        self.forget_later(&stop).await;
    }

    async fn wait_for_browser(self, loopback: Option<Loopback>, stop: CancellationToken) {
        let away = Duration::from_millis(AWAY_MS.unsigned_abs());
        let waited = stop.run_until_cancelled(async {
            let Some(loopback) = loopback else {
                return tokio::time::sleep(away).await;
            };
            let desk = Desk(Arc::downgrade(&self.hub));
            let served = loopback.serve(Arc::new(desk), stop.clone());
            // Nobody who came in time is cut short by the end: their page is being answered.
            drop(tokio::time::timeout(away, served).await);
        });
        if waited.await.is_none() {
            return;
        }
        let now = self.hub.engine.clock().now();
        self.hub.sign_ins.give_up(&self.id, expired(self.way), now);
        self.forget_later(&stop).await;
    }

    /// No token stays in memory because nobody came to connect with it.
    async fn forget_later(&self, stop: &CancellationToken) {
        let kept = Duration::from_millis(KEPT_MS.unsigned_abs());
        let over = stop.run_until_cancelled(tokio::time::sleep(kept)).await;
        if over.is_some() {
            self.hub.sign_ins.forget(&self.id);
        }
    }
}

/// The hub, to whom browsers come back.
struct Desk(Weak<Hub>);

#[async_trait]
impl LoopbackDesk for Desk {
    async fn come_back(&self, state: &str, answer: CallbackAnswer) -> Landing {
        let Some(hub) = self.0.upgrade() else {
            return Landing::NotOpen;
        };
        let now = hub.engine.clock().now();
        let Some(returned) = hub.sign_ins.come_back(state, now) else {
            return Landing::NotOpen;
        };
        match finish(&hub, returned, answer).await {
            Ok(()) => Landing::SignedIn,
            Err(error) => Landing::NotSignedIn {
                why: error.message,
                to_do: error.action.unwrap_or_default(),
            },
        }
    }
}

/// Redeems what a browser brought, whether or not it waits for the answer: its code works once.
async fn finish(
    hub: &Arc<Hub>,
    returned: Returned,
    answer: CallbackAnswer,
) -> Result<(), HubError> {
    let (id, stop) = (returned.id.clone(), returned.stop.clone());
    let redeeming = Arc::clone(hub);
    let work = async move {
        let outcome = redeem(&redeeming, &returned, answer).await;
        settle(&redeeming, &returned.id, outcome.clone());
        outcome.map(drop)
    };
    let task = hub
        .sign_ins
        .tasks
        .spawn(async move { stop.run_until_cancelled(work).await });
    match task.await {
        Ok(Some(outcome)) => outcome,
        Ok(None) => Err(unknown()),
        Err(_) => {
            settle(hub, &id, Err(broken()));
            Err(broken())
        }
    }
}

async fn redeem(
    hub: &Hub,
    returned: &Returned,
    answer: CallbackAnswer,
) -> Result<Service, HubError> {
    let Returned { begun, away, .. } = returned;
    let way = match away.callback.as_str() {
        DESKTOP_CALLBACK => ServiceSignInWay::Desktop,
        _ => ServiceSignInWay::Browser,
    };
    let nobody = Arc::new(TrialVault::new(BTreeMap::new()));
    let settings = json!({ "connector": begun.app.settings(NOBODY) });
    let proof = &begun.proof;
    let connector = trial::connector(hub, begun.app.platform(), settings, proof, &nobody)?;
    let sign_in = connector.own_sign_in().ok_or_else(no_way)?;
    let signed_in = match answer {
        CallbackAnswer::Code(code) => {
            sign_in
                .redeem_code(&code, &away.callback, &away.verifier)
                .await
        }
        CallbackAnswer::Error { error, description } => {
            Err(sign_in.read_error(&error, description.as_deref()))
        }
    };
    let signed_in = signed_in.map_err(|failure| from_sign_in(&failure, way, &begun.app))?;
    recognise(hub, begun, way, sign_in, signed_in).await
}

/// Finds out who has signed in, by their own token, and whether the hub may speak as them.
async fn recognise(
    hub: &Hub,
    begun: &Begun,
    way: ServiceSignInWay,
    sign_in: &dyn SignIn,
    signed_in: SignedIn,
) -> Result<Service, HubError> {
    if signed_in.tokens.refresh.is_none() {
        return Err(not_renewable());
    }
    let app_word = owner_word(&begun.app.owner());
    let token = token_row(&signed_in.tokens);
    let vault = Arc::new(TrialVault::new(BTreeMap::from([(app_word.clone(), token)])));
    let settings = json!({ "connector": begun.app.settings(signed_in.account.as_str()) });
    let proof = match begun.app {
        // A public client renews without one.
        ServiceApp::Teams(_) => Secrets::default(),
        ServiceApp::Webex(_) => begun.proof.clone(),
    };
    let connector = trial::connector(hub, begun.app.platform(), settings, &proof, &vault)?;
    let own = ask_who(connector.as_ref())
        .await
        .map_err(|failure| from_failure(&failure, begun.app.teller()))?
        .filter(|own| own.account == signed_in.account)
        .ok_or_else(broken)?;
    judge(begun.wanted.as_deref(), &own)?;
    Ok(Service {
        own,
        token: vault.tokens().remove(&app_word).ok_or_else(not_renewable)?,
        note: sign_in.wanted_secret().then(|| secret_note(way)),
    })
}

/// A code is redeemed once: an answer that is lost may not waste it.
async fn ask_who(connector: &dyn Connector) -> Result<Option<OwnAccount>, Failure> {
    let mut wait = FIRST_PAUSE;
    for _ in 1..TRIES {
        match connector.own_account().await {
            Err(failure) if passes(&failure) => {
                tokio::time::sleep(wait.max(pause(&failure))).await;
                wait *= 2;
            }
            outcome => return outcome,
        }
    }
    connector.own_account().await
}

fn settle(hub: &Hub, id: &ServiceSignInId, outcome: Result<Service, HubError>) {
    match &outcome {
        Ok(_) => tracing::info!("the service account has signed in"),
        Err(error) => tracing::info!(
            error.code = error.code.word(),
            correlation_id = error.correlation_id,
            "the service account was not signed in"
        ),
    }
    hub.sign_ins.settle(id, outcome, hub.engine.clock().now());
}

fn not_blank(text: String) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

fn no_port(error: &std::io::Error) -> HubError {
    let message = "No port of this machine could be opened for the browser to come back to.";
    failed(ErrorCode::ListenerFailed, message)
        .hint(error.kind().to_string())
        .action("Sign in with a code instead.")
        .build()
}

fn no_way() -> HubError {
    failed(
        ErrorCode::Internal,
        "Nobody can be signed in on this platform.",
    )
    .action("Report this with the correlation id.")
    .build()
}

fn broken() -> HubError {
    failed(
        ErrorCode::Internal,
        "The sign-in broke off, or nobody knows who it was.",
    )
    .action("Begin it again; if that ends the same, report this with the correlation id.")
    .build()
}

//! The control API: act as a person in their own app, see what they see, push the clock, arm
//! faults. For tests and demos; the hub never calls it.

use std::sync::Arc;

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Query, State, rejection::QueryRejection},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};
use url::Url;

use crate::{
    acme::MEMBERS,
    consent::{
        self, Answered, Consent,
        browser::{Browser, Decision, Ended},
    },
    entra::switches::{SwitchChanges, Switches},
    faults::Fault,
    graph::Tenant,
    slack::{RequestUrls, Workspace},
    stand_in::{Act, Entered, Refusal, StandIn},
    webex::{self, Org},
    wire::Shared,
    zoom::{self, ZoomAccount},
};

/// The platforms that a fault can strike.
const STRUCK: &[&str] = &["slack", "teams", "entra", "webex", "zoom"];

/// What the control API speaks for.
pub struct Platforms {
    pub slack: Arc<Workspace>,
    pub teams: Arc<Tenant>,
    pub webex: Arc<Org>,
    pub zoom: Arc<ZoomAccount>,
    pub shared: Arc<Shared>,
    /// What the sandbox said of itself when it started.
    pub description: Value,
}

/// `/act`, `/view`, `/search`, `/people`, `/consent`, `/device`, `/browser`, `/tenant`, `/workspace`,
/// `/slack`, `/webex`, `/zoom`, `/clock`, `/faults`, `/credentials`.
pub fn router(platforms: Arc<Platforms>) -> Router {
    Router::new()
        .route("/act", post(act))
        .route("/view", get(view))
        .route("/search", get(search))
        .route("/people", get(people).post(change_account))
        .route("/consent", post(consent))
        .route("/device", post(type_code))
        .route("/browser", post(browse))
        .route("/tenant", get(tenant).post(set_tenant))
        .route("/tenant/certificate", post(upload_certificate))
        .route("/workspace", post(set_workspace))
        .route("/slack", get(request_urls).post(set_request_urls))
        .route("/webex", get(webex).post(set_webex))
        .route("/zoom", get(zoom).post(set_zoom))
        .route("/zoom/webhook", get(zoom_webhook).post(set_zoom_webhook))
        .route("/clock", get(clock).post(advance))
        .route("/faults", post(arm).delete(disarm))
        .route("/credentials", get(credentials))
        .fallback(nothing_here)
        .method_not_allowed_fallback(nothing_here)
        .with_state(platforms)
}

type Shown = Result<Json<Value>, Refused>;
type Here = State<Arc<Platforms>>;

/// A refusal on its way out: 4xx with `{"error"}`.
struct Refused(Refusal);

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self(refusal)
    }
}

impl From<QueryRejection> for Refused {
    fn from(rejection: QueryRejection) -> Self {
        Self(Refusal::Invalid(rejection.body_text()))
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let status = match &self.0 {
            Refusal::NotFound(_) => StatusCode::NOT_FOUND,
            Refusal::NotAllowed(_) => StatusCode::FORBIDDEN,
            Refusal::Invalid(_) => StatusCode::BAD_REQUEST,
            Refusal::Fruitless(_) => StatusCode::CONFLICT,
        };
        (status, Json(json!({ "error": self.0.to_string() }))).into_response()
    }
}

impl Platforms {
    /// The stand-in of this name.
    pub(crate) fn on(&self, platform: &str) -> Result<&dyn StandIn, Refusal> {
        self.all()
            .find(|stand_in| stand_in.platform() == platform)
            .ok_or_else(|| unknown_platform(platform))
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &dyn StandIn> {
        let all: [&dyn StandIn; 4] = [
            self.slack.as_ref(),
            self.teams.as_ref(),
            self.webex.as_ref(),
            self.zoom.as_ref(),
        ];
        all.into_iter()
    }

    /// Types a device code on the page of whichever platform gave it out.
    pub(crate) fn enter_code(&self, code: &str, login: &str, grant: bool) -> Entered {
        self.all()
            .map(|stand_in| stand_in.enter_code(code, login, grant))
            .find(|entered| *entered != Entered::NotOpen)
            .unwrap_or(Entered::NotOpen)
    }
}

fn unknown_platform(name: &str) -> Refusal {
    Refusal::Invalid(format!("there is no platform called {name:?}"))
}

fn read<T: DeserializeOwned>(body: &Bytes) -> Result<T, Refused> {
    serde_json::from_slice(body).map_err(|error| Refused(Refusal::Invalid(error.to_string())))
}

async fn act(State(platforms): Here, body: Bytes) -> Shown {
    let act: Act = read(&body)?;
    let message = platforms.on(&act.on)?.act(&act)?;
    Ok(Json(json!({ "message": message })))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Viewer {
    #[serde(rename = "as")]
    email: String,
    on: String,
}

async fn view(State(platforms): Here, viewer: Result<Query<Viewer>, QueryRejection>) -> Shown {
    let Query(viewer) = viewer?;
    let conversations = platforms.on(&viewer.on)?.view(&viewer.email)?;
    Ok(Json(json!({ "conversations": conversations })))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Searcher {
    #[serde(rename = "as")]
    email: String,
    on: String,
    q: String,
}

async fn search(
    State(platforms): Here,
    searcher: Result<Query<Searcher>, QueryRejection>,
) -> Shown {
    let Query(searcher) = searcher?;
    let people = platforms
        .on(&searcher.on)?
        .search(&searcher.email, &searcher.q)?;
    Ok(Json(json!({ "people": people })))
}

async fn people(State(platforms): Here) -> Json<Value> {
    let people = MEMBERS.iter().map(|member| {
        let accounts: Map<String, Value> = platforms
            .all()
            .filter_map(|stand_in| {
                let account = stand_in.account(member.email)?;
                Some((stand_in.platform().to_owned(), json!(account)))
            })
            .collect();
        json!({ "email": member.email, "name": member.name, "accounts": accounts })
    });
    Json(people.collect())
}

/// `POST /people`: an administrator of the platform changes an account.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AccountChange {
    email: String,
    on: String,
    /// Switches it on or off.
    #[serde(default)]
    active: Option<bool>,
    /// Gives it another display name.
    #[serde(default)]
    name: Option<String>,
    /// Makes the account, with that name. On Slack only.
    #[serde(default)]
    joins: bool,
}

async fn change_account(State(platforms): Here, body: Bytes) -> Shown {
    let change: AccountChange = read(&body)?;
    let stand_in = platforms.on(&change.on)?;
    if change.joins {
        let name = change.name.as_deref().unwrap_or(&change.email);
        stand_in.join(&change.email, name)?;
        return Ok(Json(json!({ "ok": true })));
    }
    let mut found = true;
    if let Some(active) = change.active {
        found &= stand_in.set_active(&change.email, active);
    }
    if let Some(name) = &change.name {
        found &= stand_in.rename(&change.email, name);
    }
    if !found {
        return Err(Refusal::NotFound(format!("{} has no account there", change.email)).into());
    }
    Ok(Json(json!({ "ok": true })))
}

/// Does what a person would do with the consent prompt before them.
async fn consent(State(platforms): Here, body: Bytes) -> Result<Json<Answered>, Refused> {
    let consent: Consent = read(&body)?;
    Ok(Json(consent::answer(&platforms, &consent).await?))
}

/// `POST /device`: somebody types a code on a platform's device page.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TypedCode {
    user_code: String,
    signed_in_as: String,
    answer: CodeAnswer,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum CodeAnswer {
    Grant,
    Decline,
}

async fn type_code(State(platforms): Here, body: Bytes) -> Shown {
    let typed: TypedCode = read(&body)?;
    let grant = typed.answer == CodeAnswer::Grant;
    let (code, login) = (typed.user_code.as_str(), typed.signed_in_as.as_str());
    let (signed_in, page) = match platforms.enter_code(code, login, grant) {
        Entered::SignedIn(page) => (true, page),
        Entered::Declined(page) | Entered::Refused(page) => (false, page),
        Entered::NotOpen => {
            return Err(Refusal::NotFound(format!("the code {code} is not open")).into());
        }
    };
    Ok(Json(json!({ "signed_in": signed_in, "page": page })))
}

/// `POST /browser`: somebody opens a link in their browser.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OpenedLink {
    url: Url,
    signed_in_as: String,
    answer: CodeAnswer,
}

async fn browse(State(platforms): Here, body: Bytes) -> Shown {
    let opened: OpenedLink = read(&body)?;
    let decision = Decision {
        login: opened.signed_in_as,
        grant: opened.answer == CodeAnswer::Grant,
    };
    let ended = Browser::new(&platforms, decision)
        .follow(opened.url)
        .await?;
    Ok(Json(match ended {
        Ended::CameBack => json!({}),
        Ended::Refused(page) => json!({ "refused": page }),
        Ended::Opens(address) => json!({ "opens": address }),
    }))
}

async fn tenant(State(platforms): Here) -> Json<Switches> {
    Json(platforms.teams.switches())
}

async fn set_tenant(State(platforms): Here, body: Bytes) -> Result<Json<Switches>, Refused> {
    let changes: SwitchChanges = read(&body)?;
    Ok(Json(platforms.teams.set_switches(changes)))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Upload {
    /// X.509 in PEM.
    certificate: String,
}

async fn upload_certificate(State(platforms): Here, body: Bytes) -> Shown {
    let Upload { certificate } = read(&body)?;
    let uploaded = platforms.teams.upload_certificate(&certificate);
    uploaded.map_err(|error| Refusal::Invalid(error.to_string()))?;
    Ok(Json(json!({ "ok": true })))
}

/// How the Slack workspace's administrator has set the app up.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Workspaces {
    /// Scopes that the app and people's tokens were not given after all, by their names.
    withheld: Vec<String>,
}

async fn set_workspace(State(platforms): Here, body: Bytes) -> Shown {
    let Workspaces { withheld } = read(&body)?;
    platforms.slack.withhold(withheld.clone());
    Ok(Json(json!({ "withheld": withheld })))
}

async fn request_urls(State(platforms): Here) -> Json<RequestUrls> {
    Json(platforms.slack.request_urls())
}

/// Sets them as the app's settings do; without `request_url`, Socket Mode is on again.
async fn set_request_urls(
    State(platforms): Here,
    body: Bytes,
) -> Result<Json<RequestUrls>, Refused> {
    let urls: RequestUrls = read(&body)?;
    Ok(Json(platforms.slack.set_request_urls(urls).await?))
}

async fn webex(State(platforms): Here) -> Json<webex::Switches> {
    Json(platforms.webex.switches())
}

async fn set_webex(State(platforms): Here, body: Bytes) -> Result<Json<webex::Switches>, Refused> {
    let changes: webex::SwitchChanges = read(&body)?;
    Ok(Json(platforms.webex.set_switches(changes)))
}

/// The switches of the Zoom account, and `mails`: where activation mails went.
async fn zoom(State(platforms): Here) -> Json<Value> {
    let mut shown = json!(platforms.zoom.switches());
    shown["mails"] = json!(platforms.zoom.mails());
    Json(shown)
}

async fn set_zoom(State(platforms): Here, body: Bytes) -> Shown {
    let changes: zoom::SwitchChanges = read(&body)?;
    platforms.zoom.set_switches(changes);
    Ok(zoom(State(platforms)).await)
}

async fn zoom_webhook(State(platforms): Here) -> Json<zoom::Webhooks> {
    Json(platforms.zoom.webhooks())
}

/// Sets them as the apps' settings do; the subscription's URL has to pass the validation.
async fn set_zoom_webhook(
    State(platforms): Here,
    body: Bytes,
) -> Result<Json<zoom::Webhooks>, Refused> {
    let webhooks: zoom::Webhooks = read(&body)?;
    Ok(Json(platforms.zoom.set_webhooks(webhooks).await?))
}

async fn clock(State(platforms): Here) -> Json<Value> {
    let clock = &platforms.shared.clock;
    Json(json!({ "now_ms": clock.now(), "speed": clock.speed() }))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance_ms: u64,
}

async fn advance(State(platforms): Here, body: Bytes) -> Shown {
    let Advance { advance_ms } = read(&body)?;
    platforms.shared.clock.advance(advance_ms);
    Ok(clock(State(platforms)).await)
}

async fn arm(State(platforms): Here, body: Bytes) -> Shown {
    let fault: Fault = read(&body)?;
    if !STRUCK.contains(&fault.on.as_str()) {
        return Err(unknown_platform(&fault.on).into());
    }
    platforms.shared.faults.arm(fault);
    Ok(Json(json!({ "ok": true })))
}

async fn disarm(State(platforms): Here) -> Json<Value> {
    platforms.shared.faults.clear();
    Json(json!({ "ok": true }))
}

/// What the sandbox said when it started, with the guests that there are by now.
async fn credentials(State(platforms): Here) -> Json<Value> {
    let mut description = platforms.description.clone();
    description["credentials"]["entra"] = platforms.teams.credentials();
    Json(description)
}

async fn nothing_here() -> Refused {
    Refused(Refusal::NotFound(
        "the control API has no such call".to_owned(),
    ))
}

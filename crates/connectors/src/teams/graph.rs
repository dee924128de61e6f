//! Calls to Microsoft Graph: the right token, one renewal where it is refused, one classification.

use std::{collections::HashSet, sync::Arc};

use causeway_model::{Clock, ExternalAccount, Failure, FailureKind, Random, Speaker, Timestamp};
use reqwest::{
    Method,
    header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderMap},
};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::sync::OnceCell;
use url::{Url, form_urlencoded};

use super::{
    refusal::{BAD_TOKEN, Effect, cut, refusal, unreadable},
    settings::Settings,
    tokens::Tokens,
    wire::{Page, User},
};
use crate::{
    OwnAccount, Secret, TokenOwner, TokenVault, http::retry_after_ms, preflight::server_time,
};

/// Without it, members that an enumeration got later (`systemEventMessage`) go by the name of none;
/// it does nothing where there are no such members.
/// Source: <https://learn.microsoft.com/graph/best-practices-concept>, "Handling future members in
/// evolvable enumerations".
const PREFER: (&str, &str) = ("prefer", "include-unknown-enum-members");

/// What is asked of the service account.
const OWN: &str = "id,displayName,mail,userPrincipalName,accountEnabled,userType";

/// Graph as all parts of the connection call it.
#[derive(Clone)]
pub(super) struct Graph(Arc<Inner>);

struct Inner {
    settings: Arc<Settings>,
    http: reqwest::Client,
    tokens: Tokens,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    own: OnceCell<Own>,
}

/// The service account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Own {
    pub account: ExternalAccount,
    /// The domain of its user principal name.
    pub domain: String,
}

struct Request<'a> {
    owner: &'a TokenOwner,
    method: Method,
    url: Url,
    body: Body<'a>,
    effect: Effect,
    doing: &'a str,
}

#[derive(Clone, Copy)]
enum Body<'a> {
    Empty,
    Json(&'a Value),
    Bytes {
        content_type: &'a str,
        bytes: &'a [u8],
    },
}

impl Graph {
    pub(super) fn new(
        settings: Settings,
        http: reqwest::Client,
        vault: Arc<dyn TokenVault>,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Result<Self, Failure> {
        settings.check()?;
        let settings = Arc::new(settings);
        Ok(Self(Arc::new(Inner {
            tokens: Tokens::new(
                settings.clone(),
                http.clone(),
                vault,
                clock.clone(),
                random.clone(),
            ),
            settings,
            http,
            clock,
            random,
            own: OnceCell::new(),
        })))
    }

    pub(super) fn settings(&self) -> &Settings {
        &self.0.settings
    }

    pub(super) fn http(&self) -> &reqwest::Client {
        &self.0.http
    }

    pub(super) fn clock(&self) -> &dyn Clock {
        self.0.clock.as_ref()
    }

    pub(super) fn random(&self) -> &dyn Random {
        self.0.random.as_ref()
    }

    /// With whose token reading is done that needs no person: the app's where it can prove itself.
    pub(super) fn reader(&self) -> TokenOwner {
        match self.0.settings.proves_itself() {
            true => TokenOwner::AppLevel,
            false => TokenOwner::App,
        }
    }

    /// Who the service account is; asked once.
    pub(super) async fn own(&self) -> Result<&Own, Failure> {
        self.0.own.get_or_try_init(|| self.fetch_own()).await
    }

    /// The service account as Graph tells it now.
    pub(super) async fn fetch_own(&self) -> Result<Own, Failure> {
        let url = self.url(
            &["users", &self.0.settings.service_account],
            &[("$select", OWN)],
        );
        let user: User = self.get(&self.reader(), url, "users.get").await?;
        let name = user.user_principal_name.unwrap_or_default();
        let domain = name.split_once('@').map(|(_, domain)| domain.to_owned());
        Ok(Own {
            account: ExternalAccount::new(user.id),
            domain: domain.unwrap_or_else(|| self.0.settings.tenant.clone()),
        })
    }

    /// The service account as it is described to its own token: whether the app's secret is good
    /// does not matter to who has signed in.
    pub(super) async fn own_account(&self) -> Result<OwnAccount, Failure> {
        let url = self.url(&["me"], &[("$select", OWN)]);
        let user: User = self.get(&TokenOwner::App, url, "me.get").await?;
        Ok(OwnAccount {
            account: ExternalAccount::new(user.id),
            name: user.display_name.unwrap_or_default(),
            address: user.mail.or_else(|| user.user_principal_name.clone()),
            sign_in_name: user.user_principal_name,
            guest: user.user_type.as_deref() == Some("Guest"),
            active: user.account_enabled.unwrap_or(true),
        })
    }

    /// Whose token a speaker's calls are made with: the service account's own, as an account, is
    /// the app.
    pub(super) async fn owner(&self, speaker: &Speaker) -> Result<TokenOwner, Failure> {
        Ok(match speaker {
            Speaker::App => TokenOwner::App,
            Speaker::Account(account) if self.own().await?.account == *account => TokenOwner::App,
            Speaker::Account(account) => TokenOwner::Account(account.clone()),
        })
    }

    /// An address below Graph's, each part escaped. Values are written with `%20`: not all of Graph
    /// reads `+` as a space.
    pub(super) fn url(&self, path: &[&str], query: &[(&str, &str)]) -> Url {
        let mut url = self.0.settings.graph_url.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        if !query.is_empty() {
            let pairs: Vec<String> = query
                .iter()
                .map(|(name, value)| {
                    let value: String = form_urlencoded::byte_serialize(value.as_bytes()).collect();
                    format!("{name}={}", value.replace('+', "%20"))
                })
                .collect();
            url.set_query(Some(&pairs.join("&")));
        }
        url
    }

    /// A link that Graph gave (a next page). A token goes to Graph alone, whatever a link says.
    pub(super) fn link(&self, link: &str, doing: &str) -> Result<Url, Failure> {
        Url::parse(link)
            .ok()
            .filter(|url| url.origin() == self.0.settings.graph_url.origin())
            .ok_or_else(|| Failure::new(FailureKind::Rejected, "foreign_link", doing))
    }

    pub(super) async fn get<T: DeserializeOwned>(
        &self,
        owner: &TokenOwner,
        url: Url,
        doing: &str,
    ) -> Result<T, Failure> {
        let request = Request {
            owner,
            method: Method::GET,
            url,
            body: Body::Empty,
            effect: Effect::Read,
            doing,
        };
        let body = self.call(request).await?;
        serde_json::from_slice(&body).map_err(|_| unreadable(Effect::Read, doing))
    }

    /// As [`Graph::get`], with the time that the answer tells.
    pub(super) async fn timed<T: DeserializeOwned>(
        &self,
        owner: &TokenOwner,
        url: Url,
        doing: &str,
    ) -> Result<(T, Option<Timestamp>), Failure> {
        let request = Request {
            owner,
            method: Method::GET,
            url,
            body: Body::Empty,
            effect: Effect::Read,
            doing,
        };
        let token = self.0.tokens.access(owner).await?;
        let (body, server_time) = self.exchange(&request, &token).await?;
        let read = serde_json::from_slice(&body).map_err(|_| unreadable(Effect::Read, doing))?;
        Ok((read, server_time))
    }

    /// What the owner's token allows; none where it cannot be read.
    pub(super) async fn permissions(
        &self,
        owner: &TokenOwner,
    ) -> Result<Option<Vec<String>>, Failure> {
        self.0.tokens.permissions(owner).await
    }

    /// The app's own object in the tenant.
    pub(super) async fn service_principal(&self) -> Result<Option<String>, Failure> {
        self.0.tokens.service_principal().await
    }

    /// Whose a token is that no vault keeps yet.
    pub(super) async fn whose(&self, token: &Secret) -> Result<ExternalAccount, Failure> {
        let doing = "me.get";
        let request = Request {
            owner: &TokenOwner::App,
            method: Method::GET,
            url: self.url(&["me"], &[("$select", "id")]),
            body: Body::Empty,
            effect: Effect::Read,
            doing,
        };
        let body = self.attempt(&request, token).await?;
        let user: User =
            serde_json::from_slice(&body).map_err(|_| unreadable(Effect::Read, doing))?;
        Ok(ExternalAccount::new(user.id))
    }

    /// All pages from this one on, at most `limit` items.
    pub(super) async fn pages<T: DeserializeOwned>(
        &self,
        owner: &TokenOwner,
        first: Url,
        limit: usize,
        doing: &str,
    ) -> Result<Vec<T>, Failure> {
        let mut items = Vec::new();
        let mut seen = HashSet::new();
        let mut next = Some(first);
        while let Some(url) = next.take() {
            if !seen.insert(url.clone()) {
                return Err(Failure::new(FailureKind::NotSent, "circular_pages", doing));
            }
            let page: Page<T> = self.get(owner, url, doing).await?;
            items.extend(page.value);
            if items.len() < limit {
                next = page.next.map(|link| self.link(&link, doing)).transpose()?;
            }
        }
        items.truncate(limit);
        Ok(items)
    }

    /// A write whose answer says what it made.
    pub(super) async fn make<T: DeserializeOwned>(
        &self,
        owner: &TokenOwner,
        url: Url,
        body: &Value,
        doing: &str,
    ) -> Result<T, Failure> {
        let answer = self
            .write(owner, Method::POST, url, Some(body), doing)
            .await?;
        serde_json::from_slice(&answer).map_err(|_| unreadable(Effect::Write, doing))
    }

    pub(super) async fn write(
        &self,
        owner: &TokenOwner,
        method: Method,
        url: Url,
        body: Option<&Value>,
        doing: &str,
    ) -> Result<Vec<u8>, Failure> {
        self.call(Request {
            owner,
            method,
            url,
            body: body.map_or(Body::Empty, Body::Json),
            effect: Effect::Write,
            doing,
        })
        .await
    }

    /// Puts what is no JSON.
    pub(super) async fn put(
        &self,
        owner: &TokenOwner,
        url: Url,
        content_type: &str,
        bytes: &[u8],
        doing: &str,
    ) -> Result<(), Failure> {
        let request = Request {
            owner,
            method: Method::PUT,
            url,
            body: Body::Bytes {
                content_type,
                bytes,
            },
            effect: Effect::Write,
            doing,
        };
        self.call(request).await.map(drop)
    }

    /// Graph takes a token or does nothing at all: a write whose token it refuses may be made again.
    async fn call(&self, request: Request<'_>) -> Result<Vec<u8>, Failure> {
        let token = self.0.tokens.access(request.owner).await?;
        match self.attempt(&request, &token).await {
            Err(failure) if failure.code == BAD_TOKEN => {
                let other = self
                    .0
                    .tokens
                    .access_instead_of(request.owner, &token)
                    .await?;
                self.attempt(&request, &other).await
            }
            outcome => outcome,
        }
    }

    async fn attempt(&self, request: &Request<'_>, token: &Secret) -> Result<Vec<u8>, Failure> {
        self.exchange(request, token).await.map(|(body, _)| body)
    }

    async fn exchange(
        &self,
        request: &Request<'_>,
        token: &Secret,
    ) -> Result<(Vec<u8>, Option<Timestamp>), Failure> {
        let (effect, doing) = (request.effect, request.doing);
        let mut builder = self
            .0
            .http
            .request(request.method.clone(), request.url.clone())
            .bearer_auth(token.reveal())
            .header(PREFER.0, PREFER.1);
        builder = match request.body {
            Body::Json(body) => builder.json(body),
            Body::Bytes {
                content_type,
                bytes,
            } => builder
                .header(CONTENT_TYPE, content_type)
                .body(bytes.to_vec()),
            // Graph wants a length on every POST.
            Body::Empty if request.method == Method::POST => builder.header(CONTENT_LENGTH, 0),
            Body::Empty => builder,
        };
        let answer = builder
            .send()
            .await
            .map_err(|error| cut(effect, &error, doing))?;
        let status = answer.status();
        let after_ms = self.pause(answer.headers());
        let told = server_time(answer.headers());
        let body = answer.bytes().await;
        if status.is_success() {
            let body = body.map_err(|error| cut(effect, &error, doing))?;
            return Ok((body.to_vec(), told));
        }
        let body = body.unwrap_or_default();
        Err(refusal(effect, status, &body, after_ms, doing))
    }

    fn pause(&self, headers: &HeaderMap) -> Option<u64> {
        retry_after_ms(headers, self.0.clock.now().0)
    }
}

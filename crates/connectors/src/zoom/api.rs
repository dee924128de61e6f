//! Calls to Zoom: the right token, one new one where it is refused, one classification.

use std::{collections::HashSet, sync::Arc};

use causeway_model::{Clock, ExternalAccount, Failure, FailureKind, Random, Timestamp};
use reqwest::{Method, StatusCode, header::HeaderMap};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::sync::OnceCell;
use url::Url;

use super::{
    people::People,
    refusal::{Effect, MISSING_SCOPE, cut, read, refusal},
    settings::Settings,
    their_clock::TheirClock,
    todays_calls::TodaysCalls,
    token_endpoint::Endpoint,
    tokens::Tokens,
    wire::{Page, User},
};
use crate::{Secret, TokenOwner, TokenVault, preflight::server_time};

/// Zoom as all parts of the connection call it.
#[derive(Clone)]
pub(super) struct Api(Arc<Inner>);

struct Inner {
    settings: Arc<Settings>,
    http: reqwest::Client,
    endpoint: Endpoint,
    tokens: Tokens,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    own: OnceCell<Own>,
    people: People,
    their_clock: TheirClock,
    todays_calls: TodaysCalls,
}

/// The member as whom the hub itself speaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Own {
    pub account: ExternalAccount,
    pub jid: Option<String>,
    /// The domain of its address.
    pub domain: String,
}

pub(super) struct Call<'a> {
    pub method: Method,
    pub url: Url,
    pub body: Option<&'a Value>,
    pub effect: Effect,
    pub doing: &'a str,
}

/// An answer of success, and the time that it tells.
pub(super) struct Answer {
    pub body: Vec<u8>,
    pub server_time: Option<Timestamp>,
}

impl Api {
    pub(super) fn new(
        settings: Settings,
        http: reqwest::Client,
        vault: Arc<dyn TokenVault>,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Result<Self, Failure> {
        settings.check()?;
        let settings = Arc::new(settings);
        let their_clock = TheirClock::new(settings.pace);
        let endpoint = Endpoint::new(settings.clone(), http.clone(), clock.clone());
        Ok(Self(Arc::new(Inner {
            tokens: Tokens::new(endpoint.clone(), vault),
            endpoint,
            settings,
            http,
            clock,
            random,
            own: OnceCell::new(),
            people: People::default(),
            their_clock,
            todays_calls: TodaysCalls::default(),
        })))
    }

    pub(super) fn settings(&self) -> &Settings {
        &self.0.settings
    }

    pub(super) fn endpoint(&self) -> &Endpoint {
        &self.0.endpoint
    }

    pub(super) fn tokens(&self) -> &Tokens {
        &self.0.tokens
    }

    pub(super) fn clock(&self) -> &dyn Clock {
        self.0.clock.as_ref()
    }

    /// What time it is at Zoom, as far as its answers have told: what it is asked for by times is
    /// missed where our clock is behind.
    pub(super) fn time_there(&self) -> Timestamp {
        self.0.their_clock.now(self.clock().now())
    }

    /// Which of the account's calls of today are used up, and until when.
    pub(super) fn used_up(&self) -> Option<String> {
        self.0.todays_calls.used_up(self.time_there())
    }

    fn note_time(&self, headers: &HeaderMap) -> Option<Timestamp> {
        let there = server_time(headers)?;
        self.0.their_clock.note(there, self.clock().now());
        Some(there)
    }

    pub(super) fn random(&self) -> &dyn Random {
        self.0.random.as_ref()
    }

    pub(super) fn people(&self) -> &People {
        &self.0.people
    }

    /// Who the service user is; asked once.
    pub(super) async fn own(&self) -> Result<&Own, Failure> {
        self.0.own.get_or_try_init(|| self.fetch_own()).await
    }

    /// The service user as Zoom tells it now.
    pub(super) async fn fetch_own(&self) -> Result<Own, Failure> {
        let user = self.user(&self.settings().service_user).await?;
        let address = user.email.unwrap_or_default();
        let domain = address.split_once('@').map(|(_, domain)| domain.to_owned());
        Ok(Own {
            account: ExternalAccount::new(user.id),
            jid: user.jid,
            domain: domain.unwrap_or_else(|| self.settings().account_id.clone()),
        })
    }

    /// Every account that is the hub itself: the service user, and the chatbot after it.
    pub(super) async fn own_accounts(&self) -> Result<Vec<ExternalAccount>, Failure> {
        let own = self.own().await?.account.clone();
        let bot = self.settings().chatbot.as_ref();
        let robot = bot.map(|bot| ExternalAccount::new(bot.robot_jid.as_str()));
        Ok([Some(own), robot].into_iter().flatten().collect())
    }

    /// A member of the account, by id or address.
    pub(super) async fn user(&self, who: &str) -> Result<User, Failure> {
        let url = self.settings().api(&["users", who], &[]);
        let user: User = self.get(url, "users.get").await?;
        self.people().remember(&user);
        Ok(user)
    }

    /// A read by the account's app.
    pub(super) async fn get<T: DeserializeOwned>(
        &self,
        url: Url,
        doing: &str,
    ) -> Result<T, Failure> {
        self.get_by(&TokenOwner::AppLevel, url, doing).await
    }

    pub(super) async fn get_by<T: DeserializeOwned>(
        &self,
        owner: &TokenOwner,
        url: Url,
        doing: &str,
    ) -> Result<T, Failure> {
        let call = Call {
            method: Method::GET,
            url,
            body: None,
            effect: Effect::Read,
            doing,
        };
        let answer = self.call(owner, &call).await?;
        read(&answer.body, Effect::Read, doing)
    }

    /// All pages of a list, at most `limit` items.
    pub(super) async fn pages<P: Page + DeserializeOwned>(
        &self,
        owner: &TokenOwner,
        first: Url,
        limit: usize,
        doing: &str,
    ) -> Result<Vec<P::Item>, Failure> {
        let mut items = Vec::new();
        let mut seen = HashSet::new();
        let mut url = first.clone();
        loop {
            let (listed, next) = self.get_by::<P>(owner, url, doing).await?.parts();
            items.extend(listed);
            let Some(token) = next.filter(|_| items.len() < limit) else {
                break;
            };
            url = first.clone();
            url.query_pairs_mut().append_pair("next_page_token", &token);
            if !seen.insert(token) {
                return Err(Failure::new(FailureKind::NotSent, "circular_pages", doing));
            }
        }
        items.truncate(limit);
        Ok(items)
    }

    /// A write by the account's app.
    pub(super) async fn write(
        &self,
        method: Method,
        url: Url,
        body: Option<&Value>,
        doing: &str,
    ) -> Result<Answer, Failure> {
        let owner = &TokenOwner::AppLevel;
        self.write_by(owner, method, url, body, doing).await
    }

    pub(super) async fn write_by(
        &self,
        owner: &TokenOwner,
        method: Method,
        url: Url,
        body: Option<&Value>,
        doing: &str,
    ) -> Result<Answer, Failure> {
        let call = Call {
            method,
            url,
            body,
            effect: Effect::Write,
            doing,
        };
        self.call(owner, &call).await
    }

    /// Zoom takes a token or does nothing at all: a write whose token it refuses may be made again.
    pub(super) async fn call(
        &self,
        owner: &TokenOwner,
        call: &Call<'_>,
    ) -> Result<Answer, Failure> {
        let token = self.0.tokens.access(owner).await?;
        match self.exchange(call, &token).await {
            Err(failure) if may_be_mended(owner, &failure) => {
                let tokens = &self.0.tokens;
                let other = tokens.access_instead_of(owner, &token).await?;
                self.exchange(call, &other).await
            }
            outcome => outcome,
        }
    }

    /// One request with one token.
    pub(super) async fn exchange(
        &self,
        call: &Call<'_>,
        token: &Secret,
    ) -> Result<Answer, Failure> {
        let (effect, doing) = (call.effect, call.doing);
        let mut request = self
            .0
            .http
            .request(call.method.clone(), call.url.clone())
            .bearer_auth(token.reveal());
        if let Some(body) = call.body {
            request = request.json(body);
        }
        let sent = request.send().await;
        let answer = sent.map_err(|error| cut(effect, &error, doing))?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        let server_time = self.note_time(&headers);
        let body = answer.bytes().await;
        if status.is_success() {
            let body = body.map_err(|error| cut(effect, &error, doing))?;
            let body = body.to_vec();
            return Ok(Answer { body, server_time });
        }
        Err(self.refused(call, status, &headers, &body.unwrap_or_default()))
    }

    fn refused(
        &self,
        call: &Call<'_>,
        status: StatusCode,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Failure {
        let there = self.time_there();
        if status == StatusCode::TOO_MANY_REQUESTS {
            self.0.todays_calls.note(headers, there);
        }
        let mut failure = refusal(call.effect, status, headers, body, there, call.doing);
        if let FailureKind::Throttled { after_ms } = &mut failure.kind {
            *after_ms = after_ms.map(|ms| self.settings().ms_by_our_clock(ms));
        }
        failure
    }
}

/// Whether another token may do. A scope that was added since is in an app's next one; in a person's
/// it is only once they authorise the app again.
fn may_be_mended(owner: &TokenOwner, failure: &Failure) -> bool {
    match (owner, failure.code == MISSING_SCOPE) {
        (TokenOwner::Account(_), true) => false,
        (_, lacks_scope) => lacks_scope || failure.kind == FailureKind::NotAuthorised,
    }
}

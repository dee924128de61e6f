//! Calls to Webex's API: the right token, one renewal where it is refused, one classification.

use std::{collections::HashSet, sync::Arc};

use causeway_model::{Clock, ExternalAccount, Failure, FailureKind, Random, Speaker, Timestamp};
use reqwest::{
    Method,
    header::{HeaderMap, LINK},
};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::sync::OnceCell;
use url::Url;

use super::{
    guest_tokens::GuestTokens,
    refusal::{BAD_TOKEN, Effect, cut, refusal, unreadable},
    settings::Settings,
    token_endpoint::Endpoint,
    tokens::Tokens,
    wire::{Page, Person},
};
use crate::{Secret, TokenOwner, TokenVault, http::retry_after_ms, preflight::server_time};

/// The API as all parts of the connection call it.
#[derive(Clone)]
pub(super) struct Api(Arc<Inner>);

struct Inner {
    settings: Arc<Settings>,
    http: reqwest::Client,
    endpoint: Endpoint,
    tokens: Tokens,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    bot: OnceCell<ExternalAccount>,
    organisation: OnceCell<String>,
}

struct Request<'a> {
    owner: &'a TokenOwner,
    method: Method,
    url: Url,
    body: Option<&'a Value>,
    effect: Effect,
    doing: &'a str,
}

/// What an answer of success says beside its body.
struct Answer {
    body: Vec<u8>,
    next: Option<String>,
    told_at: Option<Timestamp>,
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
        let endpoint = Endpoint::new(settings.clone(), http.clone(), clock.clone());
        let guests = GuestTokens::new(endpoint.clone(), http.clone());
        Ok(Self(Arc::new(Inner {
            tokens: Tokens::new(endpoint.clone(), guests, vault),
            endpoint,
            settings,
            http,
            clock,
            random,
            bot: OnceCell::new(),
            organisation: OnceCell::new(),
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

    pub(super) fn random(&self) -> &dyn Random {
        self.0.random.as_ref()
    }

    /// The bot's account; asked once.
    pub(super) async fn bot(&self) -> Result<&ExternalAccount, Failure> {
        let fetch = || async {
            let bot = self.me(&TokenOwner::App).await?;
            Ok(ExternalAccount::new(bot.id))
        };
        self.0.bot.get_or_try_init(fetch).await
    }

    /// The organisation's id, which is the administrator's; asked once.
    pub(super) async fn organisation(&self) -> Result<&str, Failure> {
        let fetch = || async {
            let administrator = self.me(&TokenOwner::AppLevel).await?;
            let unreadable = || unreadable(Effect::Read, "people.me");
            administrator.org_id.ok_or_else(unreadable)
        };
        let known = self.0.organisation.get_or_try_init(fetch).await;
        known.map(String::as_str)
    }

    /// Who the owner of a token is, by its own word.
    pub(super) async fn me(&self, owner: &TokenOwner) -> Result<Person, Failure> {
        self.get(owner, self.url(&["people", "me"], &[]), "people.me")
            .await
    }

    /// Whose a token is that no vault keeps yet.
    pub(super) async fn whose(&self, token: &Secret) -> Result<Person, Failure> {
        let request = Request {
            owner: &TokenOwner::App,
            method: Method::GET,
            url: self.url(&["people", "me"], &[]),
            body: None,
            effect: Effect::Read,
            doing: "people.me",
        };
        let answer = self.exchange(&request, token).await?;
        read(&answer.body, Effect::Read, "people.me")
    }

    /// Whose token a speaker's calls are made with: the bot's own, as an account, is the app.
    pub(super) async fn owner(&self, speaker: &Speaker) -> Result<TokenOwner, Failure> {
        Ok(match speaker {
            Speaker::Account(account) if account != self.bot().await? => {
                TokenOwner::Account(account.clone())
            }
            Speaker::Account(_) | Speaker::App => TokenOwner::App,
        })
    }

    /// The account that a speaker is.
    pub(super) async fn account(&self, speaker: &Speaker) -> Result<ExternalAccount, Failure> {
        match speaker {
            Speaker::App => self.bot().await.cloned(),
            Speaker::Account(account) => Ok(account.clone()),
        }
    }

    pub(super) fn url(&self, path: &[&str], query: &[(&str, &str)]) -> Url {
        let mut url = self.0.settings.url(path);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }

    pub(super) async fn get<T: DeserializeOwned>(
        &self,
        owner: &TokenOwner,
        url: Url,
        doing: &str,
    ) -> Result<T, Failure> {
        let answer = self.read(owner, url, doing).await?;
        read(&answer.body, Effect::Read, doing)
    }

    /// Whether a read is let through, whatever it answers.
    pub(super) async fn status(
        &self,
        owner: &TokenOwner,
        url: Url,
        doing: &str,
    ) -> Result<(), Failure> {
        self.read(owner, url, doing).await.map(drop)
    }

    /// As [`Api::get`], with the time that the answer tells.
    pub(super) async fn timed<T: DeserializeOwned>(
        &self,
        owner: &TokenOwner,
        url: Url,
        doing: &str,
    ) -> Result<(T, Option<Timestamp>), Failure> {
        let answer = self.read(owner, url, doing).await?;
        Ok((read(&answer.body, Effect::Read, doing)?, answer.told_at))
    }

    /// One page, and where the next one is.
    pub(super) async fn page<T: DeserializeOwned>(
        &self,
        owner: &TokenOwner,
        url: Url,
        doing: &str,
    ) -> Result<(Vec<T>, Option<String>), Failure> {
        let answer = self.read(owner, url, doing).await?;
        let page: Page<T> = read(&answer.body, Effect::Read, doing)?;
        Ok((page.items, answer.next))
    }

    /// A link that Webex gave (a next page), to the API's host or another of Webex's. A token goes to
    /// Webex alone, whatever a link says.
    pub(super) fn link(&self, link: &str, doing: &str) -> Result<Url, Failure> {
        Url::parse(link)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https"))
            .filter(|url| self.0.settings.may_have_token(url))
            .ok_or_else(|| Failure::new(FailureKind::Rejected, "foreign_link", doing))
    }

    /// All pages from this one on, until one satisfies `enough`.
    pub(super) async fn pages<T: DeserializeOwned>(
        &self,
        owner: &TokenOwner,
        first: Url,
        doing: &str,
        enough: impl Fn(&[T]) -> bool,
    ) -> Result<Vec<T>, Failure> {
        let mut items = Vec::new();
        let mut seen = HashSet::new();
        let mut next = Some(first);
        while let Some(url) = next.take() {
            if !seen.insert(url.clone()) {
                return Err(Failure::new(FailureKind::NotSent, "circular_pages", doing));
            }
            let (page, link) = self.page(owner, url, doing).await?;
            items.extend(page);
            if !enough(&items) {
                next = link.map(|link| self.link(&link, doing)).transpose()?;
            }
        }
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
        read(&answer, Effect::Write, doing)
    }

    pub(super) async fn write(
        &self,
        owner: &TokenOwner,
        method: Method,
        url: Url,
        body: Option<&Value>,
        doing: &str,
    ) -> Result<Vec<u8>, Failure> {
        let request = Request {
            owner,
            method,
            url,
            body,
            effect: Effect::Write,
            doing,
        };
        self.call(request).await.map(|answer| answer.body)
    }

    async fn read(&self, owner: &TokenOwner, url: Url, doing: &str) -> Result<Answer, Failure> {
        self.call(Request {
            owner,
            method: Method::GET,
            url,
            body: None,
            effect: Effect::Read,
            doing,
        })
        .await
    }

    /// Webex takes a token or does nothing at all: a write whose token it refuses may be made again.
    async fn call(&self, request: Request<'_>) -> Result<Answer, Failure> {
        let tokens = &self.0.tokens;
        let token = tokens.access(request.owner).await?;
        match self.exchange(&request, &token).await {
            Err(failure) if failure.code == BAD_TOKEN => {
                let other = tokens.access_instead_of(request.owner, &token).await?;
                self.exchange(&request, &other).await
            }
            outcome => outcome,
        }
    }

    async fn exchange(&self, request: &Request<'_>, token: &Secret) -> Result<Answer, Failure> {
        let (effect, doing) = (request.effect, request.doing);
        let mut builder = self
            .0
            .http
            .request(request.method.clone(), request.url.clone())
            .bearer_auth(token.reveal());
        if let Some(body) = request.body {
            builder = builder.json(body);
        }
        let sent = builder.send().await;
        let answer = sent.map_err(|error| cut(effect, &error, doing))?;
        let status = answer.status();
        let after_ms = retry_after_ms(answer.headers(), self.0.clock.now().0);
        let told_at = server_time(answer.headers());
        let next = next_page(answer.headers());
        let body = answer.bytes().await;
        if status.is_success() {
            let body = body.map_err(|error| cut(effect, &error, doing))?.to_vec();
            return Ok(Answer {
                body,
                next,
                told_at,
            });
        }
        let body = body.unwrap_or_default();
        Err(refusal(effect, status, &body, after_ms, doing))
    }
}

fn read<T: DeserializeOwned>(body: &[u8], effect: Effect, doing: &str) -> Result<T, Failure> {
    serde_json::from_slice(body).map_err(|_| unreadable(effect, doing))
}

/// `<https://…>; rel="next"`, among others.
/// Source: <https://developer.webex.com/docs/api/basics>, "Pagination"; RFC 8288 section 3.
fn next_page(headers: &HeaderMap) -> Option<String> {
    let values = headers.get_all(LINK).into_iter();
    let links = values.filter_map(|value| value.to_str().ok());
    links.flat_map(|links| links.split(",")).find_map(|link| {
        let (target, parameters) = link.split_once('>')?;
        let is_next = parameters.split(';').any(|parameter| {
            let parameter = parameter.trim().to_ascii_lowercase();
            parameter == "rel=\"next\"" || parameter == "rel=next"
        });
        let target = target.trim().strip_prefix('<')?;
        is_next.then(|| target.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    #[test]
    fn the_next_page_is_found_among_other_links() {
        let next = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(LINK, HeaderValue::from_static(value));
            next_page(&headers)
        };
        let told =
            "<https://x.example/a?b=1>; rel=\"prev\", <https://x.example/a?b=2>; rel=\"next\"";
        assert_eq!(next(told).as_deref(), Some("https://x.example/a?b=2"));
        assert_eq!(next("<https://x.example/a>; rel=\"first\""), None);
        assert_eq!(next("rel=next"), None);
    }
}

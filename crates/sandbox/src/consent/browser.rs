//! A person's browser: it follows a link through the hub's page and the platform's to the hub's
//! callback.

use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder, Response, header, redirect::Policy};
use url::Url;

use super::page::{Form, Next, next};
use crate::{
    control::Platforms,
    stand_in::{AuthorizationPage, Refusal, Takes},
};

/// How long one page may take, in real time.
const PATIENCE: Duration = Duration::from_secs(10);

/// The most pages that are gone through before the person gives up.
const MOST_PAGES: usize = 12;

/// What a person decides on the platform's page.
#[derive(Debug, Clone)]
pub struct Decision {
    /// The address of the account that signs in.
    pub login: String,
    pub grant: bool,
}

/// Where a browser ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// Where the platform sent the person back to.
    CameBack,
    /// On the platform's page, which sent nobody back; what it said.
    Refused(String),
    /// At an address that another program opens.
    Opens(Url),
}

/// A browser without a window.
pub struct Browser {
    client: Client,
    pages: Vec<AuthorizationPage>,
    decision: Decision,
}

/// What is asked for next.
struct Visit {
    method: Method,
    url: Url,
    fields: Vec<(String, String)>,
}

/// A cookie, and the host that set it.
struct Cookie {
    host: String,
    name: String,
    value: String,
}

impl Browser {
    pub fn new(platforms: &Platforms, decision: Decision) -> Self {
        let client = Client::builder()
            .no_proxy()
            .redirect(Policy::none())
            .timeout(PATIENCE)
            .build()
            .expect("a client without settings that can fail");
        Self {
            client,
            pages: platforms
                .all()
                .filter_map(|stand_in| stand_in.authorization_page())
                .collect(),
            decision,
        }
    }

    /// Follows a link until the platform has sent the person back and the page there is shown.
    ///
    /// Errors: `Fruitless` where a page cannot be had, leads nowhere, or no platform is met.
    pub async fn follow(&self, link: Url) -> Result<Ended, Refusal> {
        let mut visit = Visit::get(link);
        let mut cookies = Vec::new();
        let mut decided = false;
        for _ in 0..MOST_PAGES {
            let here = visit.url.clone();
            let at_platform = self.decide(&mut visit);
            decided |= at_platform;
            let response = self.send(visit, &cookies).await?;
            keep(&mut cookies, &here, &response);
            if let Some(target) = redirection(&response) {
                let target = join(&here, &target)?;
                if !matches!(target.scheme(), "http" | "https") {
                    return Ok(Ended::Opens(target));
                }
                visit = Visit::get(target);
                continue;
            }
            let status = response.status();
            let text = response.text().await.unwrap_or_default();
            if decided && !at_platform {
                return Ok(Ended::CameBack);
            }
            if at_platform {
                return Ok(Ended::Refused(format!("{} answered {status}", here.path())));
            }
            if !status.is_success() {
                return Err(Refusal::Fruitless(format!("a page answered {status}")));
            }
            visit = match next(&text) {
                Some(Next::Form(form)) => submission(&here, form)?,
                Some(Next::Link(target)) => Visit::get(join(&here, &target)?),
                None => return Err(Refusal::Fruitless("a page leads nowhere".to_owned())),
            };
        }
        Err(Refusal::Fruitless("the pages do not end".to_owned()))
    }

    /// On a platform's page, fills in who signs in and what they decide.
    fn decide(&self, visit: &mut Visit) -> bool {
        let Decision { login, grant } = &self.decision;
        let Some(page) = self.pages.iter().find(|page| page.is_at(&visit.url)) else {
            return false;
        };
        match page.takes {
            Takes::Query => {
                let others: Vec<(String, String)> = visit
                    .url
                    .query_pairs()
                    .into_owned()
                    .filter(|(name, _)| name != "login_hint")
                    .collect();
                let mut query = visit.url.query_pairs_mut();
                query.clear().extend_pairs(others);
                query.append_pair("login_hint", login);
                query.append_pair(if *grant { "accept" } else { "deny" }, "1");
            }
            Takes::Form => {
                visit.method = Method::POST;
                visit.fields = vec![("person".to_owned(), login.clone())];
                if !grant {
                    visit.fields.push(("denied".to_owned(), "1".to_owned()));
                }
            }
        }
        true
    }

    async fn send(&self, visit: Visit, cookies: &[Cookie]) -> Result<Response, Refusal> {
        let host = visit.url.host_str().unwrap_or_default();
        let own = cookies.iter().filter(|cookie| cookie.host == host);
        let own: Vec<_> = own
            .map(|cookie| format!("{}={}", cookie.name, cookie.value))
            .collect();
        let mut request: RequestBuilder = self.client.request(visit.method.clone(), visit.url);
        if !own.is_empty() {
            request = request.header(header::COOKIE, own.join("; "));
        }
        if visit.method == Method::POST {
            request = request.form(&visit.fields);
        }
        request
            .send()
            .await
            .map_err(|_| Refusal::Fruitless("a page cannot be reached".to_owned()))
    }
}

impl Visit {
    fn get(url: Url) -> Self {
        Self {
            method: Method::GET,
            url,
            fields: Vec::new(),
        }
    }
}

fn submission(here: &Url, form: Form) -> Result<Visit, Refusal> {
    let mut url = join(here, &form.action)?;
    if form.posts {
        return Ok(Visit {
            method: Method::POST,
            url,
            fields: form.fields,
        });
    }
    url.query_pairs_mut().clear().extend_pairs(form.fields);
    Ok(Visit::get(url))
}

fn redirection(response: &Response) -> Option<String> {
    if !response.status().is_redirection() {
        return None;
    }
    let target = response.headers().get(header::LOCATION)?;
    target.to_str().ok().map(str::to_owned)
}

fn join(here: &Url, target: &str) -> Result<Url, Refusal> {
    here.join(target)
        .map_err(|_| Refusal::Fruitless("a page leads to no address".to_owned()))
}

fn keep(cookies: &mut Vec<Cookie>, here: &Url, response: &Response) {
    let host = here.host_str().unwrap_or_default().to_owned();
    for set in response.headers().get_all(header::SET_COOKIE) {
        let pair = set.to_str().ok().and_then(|text| text.split(';').next());
        let Some((name, value)) = pair.and_then(|pair| pair.split_once('=')) else {
            continue;
        };
        let (name, value) = (name.trim().to_owned(), value.trim().to_owned());
        cookies.retain(|held| held.host != host || held.name != name);
        cookies.push(Cookie {
            host: host.clone(),
            name,
            value,
        });
    }
}

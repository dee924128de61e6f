//! One request to Entra's token endpoint, and what its refusals mean.

use std::{
    future::Future,
    sync::{Arc, Mutex, PoisonError},
};

use causeway_model::{Clock, Failure, FailureKind};
use oauth2::{
    HttpRequest, HttpResponse, RequestTokenError,
    basic::{BasicErrorResponse, BasicErrorResponseType, BasicTokenResponse},
};

use crate::http::retry_after_ms;

const DOING: &str = "token";

/// A token that was not given.
#[derive(Debug)]
pub(super) enum Asked {
    /// For now, or because of the app: the sign-in itself may still be good.
    Failed(Failure),
    /// The sign-in is no longer good; the person must sign in again.
    Refused(Failure),
}

/// The request did not get through; what is known of it stands in [`Call::seen`].
#[derive(Debug, thiserror::Error)]
#[error("the token endpoint did not answer")]
pub(super) struct NoAnswer;

type Answer = Result<BasicTokenResponse, RequestTokenError<NoAnswer, BasicErrorResponse>>;

pub(super) struct Endpoint {
    http: reqwest::Client,
    clock: Arc<dyn Clock>,
}

/// One request: the client as `oauth2` wants it, which remembers what that crate does not.
pub(super) struct Call {
    http: reqwest::Client,
    clock: Arc<dyn Clock>,
    seen: Arc<Mutex<Option<Seen>>>,
}

#[derive(Clone)]
enum Seen {
    Status { status: u16, after_ms: Option<u64> },
    Cut(Failure),
}

impl Endpoint {
    pub(super) fn new(http: reqwest::Client, clock: Arc<dyn Clock>) -> Self {
        Self { http, clock }
    }

    pub(super) fn call(&self) -> Call {
        Call {
            http: self.http.clone(),
            clock: self.clock.clone(),
            seen: Arc::default(),
        }
    }

    /// Classifies the outcome. Whatever became of the request, the call that wanted the token was
    /// never made: nothing here is an unknown outcome.
    pub(super) fn read(&self, call: &Call, answer: Answer) -> Result<BasicTokenResponse, Asked> {
        let error = match answer {
            Ok(token) => return Ok(token),
            Err(error) => error,
        };
        if let Some(failure) = call.out_of_order() {
            return Err(Asked::Failed(failure));
        }
        Err(match error {
            RequestTokenError::ServerResponse(refusal) => refused(&refusal),
            RequestTokenError::Request(_)
            | RequestTokenError::Parse(..)
            | RequestTokenError::Other(_) => Asked::Failed(unreadable()),
        })
    }
}

impl Call {
    /// Why Entra could not answer, where it is not that it refused.
    pub(super) fn out_of_order(&self) -> Option<Failure> {
        let seen = self
            .seen
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        match seen? {
            Seen::Cut(failure) => Some(failure),
            Seen::Status { status, after_ms } if status == 429 || status >= 500 => {
                let kind = match (status, after_ms) {
                    (429, _) | (503, Some(_)) => FailureKind::Throttled { after_ms },
                    _ => FailureKind::NotSent,
                };
                Some(Failure::new(kind, format!("http_{status}"), DOING))
            }
            Seen::Status { .. } => None,
        }
    }

    pub(super) fn send(
        &self,
        request: HttpRequest,
    ) -> impl Future<Output = Result<HttpResponse, NoAnswer>> + Send + 'static {
        let (http, clock, seen) = (self.http.clone(), self.clock.clone(), self.seen.clone());
        async move {
            let (outcome, noted) = exchange(&http, clock.as_ref(), request).await;
            *seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(noted);
            outcome
        }
    }
}

async fn exchange(
    http: &reqwest::Client,
    clock: &dyn Clock,
    request: HttpRequest,
) -> (Result<HttpResponse, NoAnswer>, Seen) {
    match try_exchange(http, clock, request).await {
        Ok((response, seen)) => (Ok(response), seen),
        Err(error) => {
            let mut failure = crate::http::transport_failure(&error, DOING);
            if failure.kind == FailureKind::Unknown {
                failure.kind = FailureKind::NotSent;
            }
            (Err(NoAnswer), Seen::Cut(failure))
        }
    }
}

async fn try_exchange(
    http: &reqwest::Client,
    clock: &dyn Clock,
    request: HttpRequest,
) -> Result<(HttpResponse, Seen), reqwest::Error> {
    let answer = http.execute(reqwest::Request::try_from(request)?).await?;
    let status = answer.status();
    let headers = answer.headers().clone();
    let seen = Seen::Status {
        status: status.as_u16(),
        after_ms: retry_after_ms(&headers, clock.now().0),
    };
    let mut response = HttpResponse::new(answer.bytes().await?.to_vec());
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Ok((response, seen))
}

/// Source: <https://learn.microsoft.com/entra/identity-platform/reference-error-codes>.
fn refused(refusal: &BasicErrorResponse) -> Asked {
    let code = refusal
        .error_description()
        .and_then(|text| aadsts(text))
        .unwrap_or_else(|| tidy(refusal.error().as_ref()));
    let again = || Failure::new(FailureKind::NotAuthorised, code.clone(), DOING);
    match refusal.error() {
        BasicErrorResponseType::InvalidGrant => Asked::Refused(again()),
        BasicErrorResponseType::Extension(word) => match word.as_str() {
            "interaction_required" | "consent_required" | "login_required" => {
                Asked::Refused(again())
            }
            "temporarily_unavailable" => failed(FailureKind::NotSent, code),
            _ => failed(FailureKind::Rejected, code),
        },
        BasicErrorResponseType::InvalidClient | BasicErrorResponseType::UnauthorizedClient => {
            Asked::Failed(again())
        }
        BasicErrorResponseType::InvalidRequest
        | BasicErrorResponseType::InvalidScope
        | BasicErrorResponseType::UnsupportedGrantType => failed(FailureKind::Rejected, code),
    }
}

/// An answer that says neither what it gives nor why it gives nothing.
pub(super) fn unreadable() -> Failure {
    Failure::new(FailureKind::NotSent, "unreadable_answer", DOING)
}

fn failed(kind: FailureKind, code: impl Into<String>) -> Asked {
    Asked::Failed(Failure::new(kind, code, DOING))
}

/// `AADSTS` and its number out of the description, which else may hold addresses.
pub(super) fn aadsts(description: &str) -> Option<String> {
    let (_, rest) = description.split_once("AADSTS")?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    (!digits.is_empty()).then(|| format!("AADSTS{digits}"))
}

pub(super) fn tidy(code: &str) -> String {
    code.chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == '_')
        .take(60)
        .collect()
}

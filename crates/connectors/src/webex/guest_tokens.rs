//! Guests' tokens, which the Service App is given for whomever it names.
//!
//! Source: <https://developer.webex.com/docs/api/v1/guest-management/create-a-guest>.

use aws_lc_rs::digest::{SHA256, digest};
use causeway_model::{ExternalAccount, Failure};
use data_encoding::HEXLOWER;
use serde_json::json;

use super::{
    refusal::{Effect, cut, refusal, unreadable},
    token_endpoint::Endpoint,
    wire::GuestToken,
};
use crate::{Secret, TokenSet, http::retry_after_ms};

const DOING: &str = "guests.token";
/// What stands where others have a refresh token: with it a guest's token is asked for again.
const PREFIX: &str = "guest:";

/// Who a guest is to the Service App: the same subject is the same guest, whatever its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct GuestName {
    subject: String,
    name: String,
}

impl GuestName {
    /// The subject follows from the address alone, and does not tell it.
    pub(super) fn of(email: &str, name: &str) -> Self {
        let address = email.trim().to_lowercase();
        let digest = digest(&SHA256, address.as_bytes());
        Self {
            subject: format!("causeway-{}", &HEXLOWER.encode(digest.as_ref())[..32]),
            name: name.trim().to_owned(),
        }
    }

    pub(super) fn called(self, name: &str) -> Self {
        Self {
            name: name.trim().to_owned(),
            ..self
        }
    }

    /// `guest:{subject}` and, since Webex wants one each time, the name.
    pub(super) fn read(refresh: &Secret) -> Option<Self> {
        let rest = refresh.reveal().strip_prefix(PREFIX)?;
        let (subject, name) = rest.split_once(':').unwrap_or((rest, ""));
        Some(Self {
            subject: subject.to_owned(),
            name: name.to_owned(),
        })
    }

    fn written(&self) -> Secret {
        Secret::new(format!("{PREFIX}{}:{}", self.subject, self.name))
    }
}

pub(super) struct GuestTokens {
    endpoint: Endpoint,
    http: reqwest::Client,
}

impl GuestTokens {
    pub(super) fn new(endpoint: Endpoint, http: reqwest::Client) -> Self {
        Self { endpoint, http }
    }

    /// Makes the guest where there is none of this subject, names it, and answers a token for it.
    /// Tokens that were given before stay good.
    pub(super) async fn make(
        &self,
        guest: &GuestName,
        issuer: &Secret,
    ) -> Result<(ExternalAccount, TokenSet), Failure> {
        let body = json!({ "subject": guest.subject, "displayName": guest.name });
        let url = self.endpoint.settings().url(&["guests", "token"]);
        let request = self.http.post(url).bearer_auth(issuer.reveal()).json(&body);
        // Asked again, it answers the same guest: nothing is uncertain after a cut.
        let effect = Effect::Read;
        let away = |error: reqwest::Error| cut(effect, &error, DOING);
        let answer = request.send().await.map_err(away)?;
        let status = answer.status();
        let after_ms = retry_after_ms(answer.headers(), self.endpoint.now().0);
        let body = answer.bytes().await.map_err(away)?;
        if !status.is_success() {
            return Err(refusal(effect, status, &body, after_ms, DOING));
        }
        let token: GuestToken =
            serde_json::from_slice(&body).map_err(|_| unreadable(effect, DOING))?;
        Ok((
            ExternalAccount::new(token.id),
            self.kept(guest, token.access_token, token.expires_in),
        ))
    }

    fn kept(&self, guest: &GuestName, access: String, expires_in: Option<f64>) -> TokenSet {
        TokenSet {
            access: Some(Secret::new(access)),
            expires_at: self.endpoint.ends(expires_in),
            refresh: Some(guest.written()),
            refresh_ends_at: None,
            scopes: String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guest_is_the_same_however_its_address_is_written_and_whatever_it_is_called() {
        let one = GuestName::of("Ann@Acme.example ", "Ann");
        let other = GuestName::of("ann@acme.example", "Ann: Lee");
        assert_eq!(one.subject, other.subject);
        assert_ne!(
            one.subject,
            GuestName::of("bob@acme.example", "Ann").subject
        );
        assert!(!one.subject.contains("acme"));
        assert_eq!(GuestName::read(&other.written()), Some(other));
    }

    #[test]
    fn a_persons_refresh_token_is_no_guest() {
        assert_eq!(GuestName::read(&Secret::new("MjRlN2")), None);
    }
}

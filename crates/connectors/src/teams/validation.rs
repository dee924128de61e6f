//! Whether a notification with content comes from Microsoft: its validation tokens.
//!
//! Source: <https://learn.microsoft.com/graph/change-notifications-with-resource-data>, "Validating
//! the authenticity of notifications".

use std::time::Duration;

use causeway_model::Failure;
use jsonwebtoken::{
    Algorithm, DecodingKey, Validation, decode, decode_header,
    jwk::{Jwk, JwkSet},
};
use serde::Deserialize;
use tokio::{sync::Mutex, time::Instant};

use super::{
    graph::Graph,
    refusal::{Effect, cut, refusal, unreadable},
    tokens::is_guid,
};

/// The app that Microsoft Graph sends change notifications as.
const CHANGE_TRACKING: &str = "0bf30f3b-4a52-48df-9a82-234910c4a086";
const LEEWAY_MS: i64 = 5 * 60 * 1_000;
/// Keys are not fetched more often, whatever key ids are made up.
const REFETCH_AFTER: Duration = Duration::from_secs(60);

/// The tenant's signing keys, fetched when an unknown one is named.
pub(super) struct SigningKeys {
    graph: Graph,
    known: Mutex<Option<(JwkSet, Instant)>>,
}

#[derive(Deserialize)]
struct Claims {
    exp: i64,
    azp: Option<String>,
    appid: Option<String>,
    tid: Option<String>,
}

impl SigningKeys {
    pub(super) fn new(graph: Graph) -> Self {
        Self {
            graph,
            known: Mutex::default(),
        }
    }

    /// Whether all tokens were made by Entra, for our app, on behalf of change tracking. None at
    /// all prove nothing.
    ///
    /// # Errors
    /// When the keys cannot be had for now.
    pub(super) async fn vouch_for(&self, tokens: &[String]) -> Result<bool, Failure> {
        for token in tokens {
            if !self.vouches_for(token).await? {
                return Ok(false);
            }
        }
        Ok(!tokens.is_empty())
    }

    async fn vouches_for(&self, token: &str) -> Result<bool, Failure> {
        let Some(id) = decode_header(token).ok().and_then(|header| header.kid) else {
            return Ok(false);
        };
        let Some(key) = self.key(&id).await? else {
            return Ok(false);
        };
        Ok(self
            .claims(token, &key)
            .is_some_and(|claims| self.is_ours(&claims)))
    }

    fn claims(&self, token: &str, key: &Jwk) -> Option<Claims> {
        let mut validation = Validation::new(Algorithm::RS256);
        validation.set_audience(&[&self.graph.settings().client_id]);
        validation.set_required_spec_claims(&["aud"]);
        // Its end is held against our own clock below.
        validation.validate_exp = false;
        let key = DecodingKey::from_jwk(key).ok()?;
        Some(decode::<Claims>(token, &key, &validation).ok()?.claims)
    }

    fn is_ours(&self, claims: &Claims) -> bool {
        let now = self.graph.clock().now();
        let ends = claims.exp.saturating_mul(1_000).saturating_add(LEEWAY_MS);
        let sender = claims.azp.as_deref().or(claims.appid.as_deref());
        let tenant = self.graph.settings().tenant.as_str();
        let same_tenant = match &claims.tid {
            Some(tid) if is_guid(tenant) => tid.eq_ignore_ascii_case(tenant),
            Some(_) | None => true,
        };
        ends > now.0 && sender == Some(CHANGE_TRACKING) && same_tenant
    }

    async fn key(&self, id: &str) -> Result<Option<Jwk>, Failure> {
        let mut known = self.known.lock().await;
        if let Some((keys, fetched)) = known.as_ref() {
            let found = keys.find(id).cloned();
            if found.is_some() || fetched.elapsed() < REFETCH_AFTER {
                return Ok(found);
            }
        }
        let keys = self.fetch().await?;
        let found = keys.find(id).cloned();
        *known = Some((keys, Instant::now()));
        Ok(found)
    }

    async fn fetch(&self) -> Result<JwkSet, Failure> {
        let doing = "discovery.keys";
        let path = ["discovery", "v2.0", "keys"];
        let url = self.graph.settings().login(&path);
        let answer = self.graph.http().get(url).send().await;
        let answer = answer.map_err(|error| cut(Effect::Read, &error, doing))?;
        let status = answer.status();
        let body = answer.bytes().await;
        let body = body.map_err(|error| cut(Effect::Read, &error, doing))?;
        if !status.is_success() {
            return Err(refusal(Effect::Read, status, &body, None, doing));
        }
        serde_json::from_slice(&body).map_err(|_| unreadable(Effect::Read, doing))
    }
}

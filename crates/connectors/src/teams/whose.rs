//! Whose tokens somebody brought who has just signed in.

use std::sync::Arc;

use causeway_model::{Clock, ExternalAccount, Failure, FailureKind};
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::OnceCell;
use url::Url;

use super::{
    graph::Graph,
    refusal::{Effect, cut, refusal, unreadable},
    tokens::is_guid,
};
use crate::{Secret, SignInFailure, http::retry_after_ms};

/// Reads tokens for one tenant.
pub(super) struct Whose {
    graph: Graph,
    clock: Arc<dyn Clock>,
    tenant_id: OnceCell<String>,
}

/// What a token says about whose it is. It came from the issuer itself, so its signature adds
/// nothing (OpenID Connect Core section 3.1.3.7).
#[derive(Debug, Default, Deserialize)]
struct Claims {
    oid: Option<String>,
    tid: Option<String>,
    aud: Option<Value>,
}

#[derive(Deserialize)]
struct Discovery {
    issuer: String,
}

impl Whose {
    pub(super) fn new(graph: Graph, clock: Arc<dyn Clock>) -> Self {
        Self {
            graph,
            clock,
            tenant_id: OnceCell::new(),
        }
    }

    /// Who has signed in: as the id token says, else the access token, else Graph.
    ///
    /// # Errors
    /// `WrongOrganisation` for somebody of another tenant; `Failed` for an id token that was made
    /// for another app, which vouches for nobody here.
    pub(super) async fn account(
        &self,
        id_token: Option<&str>,
        access: &Secret,
    ) -> Result<ExternalAccount, SignInFailure> {
        let said = id_token.and_then(claims).unwrap_or_default();
        self.check_audience(&said)?;
        // Made for Graph, it may say nothing that we can read.
        let also = claims(access.reveal()).unwrap_or_default();
        if let Some(tid) = said.tid.or(also.tid) {
            self.check_tenant(&tid).await?;
        }
        match said.oid.or(also.oid) {
            Some(oid) => Ok(ExternalAccount::new(oid)),
            None => Ok(self.graph.whose(access).await?),
        }
    }

    fn check_audience(&self, claims: &Claims) -> Result<(), SignInFailure> {
        let own = self.graph.settings().client_id.as_str();
        let ours = match &claims.aud {
            Some(Value::String(aud)) => aud.eq_ignore_ascii_case(own),
            Some(_) => false,
            None => true,
        };
        match ours {
            true => Ok(()),
            false => Err(Failure::new(FailureKind::Rejected, "wrong_audience", "sign_in").into()),
        }
    }

    async fn check_tenant(&self, tid: &str) -> Result<(), SignInFailure> {
        let tenant = self.graph.settings().tenant.as_str();
        let own = match is_guid(tenant) {
            true => tenant,
            false => self
                .tenant_id
                .get_or_try_init(|| self.discover_tenant())
                .await?
                .as_str(),
        };
        match own.eq_ignore_ascii_case(tid) {
            true => Ok(()),
            false => Err(SignInFailure::WrongOrganisation),
        }
    }

    /// The tenant's id, which stands in its issuer's name.
    /// Source: <https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc>.
    async fn discover_tenant(&self) -> Result<String, Failure> {
        let doing = "discovery";
        let path = ["v2.0", ".well-known", "openid-configuration"];
        let url = self.graph.settings().login(&path);
        let sent = self.graph.http().get(url).send().await;
        let answer = sent.map_err(|error| cut(Effect::Read, &error, doing))?;
        let status = answer.status();
        let after_ms = retry_after_ms(answer.headers(), self.clock.now().0);
        let body = answer.bytes().await;
        let body = body.map_err(|error| cut(Effect::Read, &error, doing))?;
        if !status.is_success() {
            return Err(refusal(Effect::Read, status, &body, after_ms, doing));
        }
        let found: Option<Discovery> = serde_json::from_slice(&body).ok();
        let issuer = found.and_then(|found| Url::parse(&found.issuer).ok());
        let id = issuer.and_then(|issuer| {
            let mut parts = issuer.path_segments()?;
            parts.find(|part| is_guid(part)).map(str::to_owned)
        });
        id.ok_or_else(|| unreadable(Effect::Read, doing))
    }
}

fn claims(token: &str) -> Option<Claims> {
    jsonwebtoken::dangerous::insecure_decode_claims(token).ok()
}

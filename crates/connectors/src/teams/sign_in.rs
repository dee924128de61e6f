//! Signing people in at Microsoft Entra, so that the hub may act as their account.
//!
//! Source: <https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code>,
//! `v2-oauth2-auth-code-flow`, `v2-oauth-ropc`, `v2-admin-consent`.

use std::{
    borrow::Cow,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use async_trait::async_trait;
use causeway_model::{Clock, Failure, SignInWay, Timestamp};
use oauth2::{
    AuthType, AuthUrl, AuthorizationCode, Client, ClientId, CsrfToken, DeviceAuthorizationUrl,
    EndpointNotSet, EndpointSet, ExtraTokenFields, HttpRequest, PkceCodeVerifier, RedirectUrl,
    RequestTokenError, ResourceOwnerPassword, ResourceOwnerUsername, Scope,
    StandardDeviceAuthorizationResponse, StandardRevocableToken, StandardTokenResponse,
    TokenResponse, TokenUrl,
    basic::{BasicRevocationErrorResponse, BasicTokenIntrospectionResponse, BasicTokenType},
    http,
};
use serde::{Deserialize, Serialize};
use url::{Url, form_urlencoded};

use super::{
    graph::Graph,
    sign_in_refusal::{EntraRefusal, Flow},
    token_endpoint::{Call, Endpoint, NoAnswer, unreadable},
    whose::Whose,
};
use crate::{
    AuthorizeLink, DeviceCode, DevicePoll, Secret, SignIn, SignInFailure, SignedIn, TokenSet,
};

const WAYS: [SignInWay; 2] = [SignInWay::DeviceCode, SignInWay::Link];
/// Who they are, and a token that can be renewed.
const OPENID: [&str; 3] = ["openid", "profile", "offline_access"];
/// What is done with a person's token: chats made, listed, read and subscribed to, messages
/// written, edited and deleted (`Chat.ReadWrite` holds `Chat.Create`, `Chat.Read` and
/// `ChatMessage.Send`), and asking whose it is.
pub(super) const PERMISSIONS: [&str; 2] = ["Chat.ReadWrite", "User.Read"];
const DEVICE_GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

type Granted = StandardTokenResponse<IdToken, BasicTokenType>;
type Oauth = Client<
    EntraRefusal,
    Granted,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointSet,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

/// The app at the tenant's Entra.
pub(super) struct EntraSignIn {
    graph: Graph,
    endpoint: Endpoint,
    clock: Arc<dyn Clock>,
    /// What is meant for native apps needs this app's secret; told by Entra when it was left out.
    confidential: AtomicBool,
    whose: Whose,
}

#[derive(Serialize, Deserialize)]
struct IdToken {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id_token: Option<String>,
}

impl ExtraTokenFields for IdToken {}

impl std::fmt::Debug for IdToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("IdToken(..)")
    }
}

/// What a token is asked for with.
#[derive(Clone, Copy)]
enum Proof<'a> {
    Device(&'a Secret),
    Code {
        code: &'a str,
        callback: &'a Url,
        verifier: &'a Secret,
    },
    Password {
        name: &'a str,
        password: &'a Secret,
    },
}

impl Proof<'_> {
    fn flow(self) -> Flow {
        match self {
            Self::Device(_) => Flow::Device,
            Self::Code { .. } => Flow::Link,
            Self::Password { .. } => Flow::Password,
        }
    }
}

enum Refused {
    Said(EntraRefusal),
    Failed(Failure),
}

impl Refused {
    fn meaning(&self, flow: Flow) -> SignInFailure {
        match self {
            Self::Said(refusal) => refusal.meaning(flow),
            Self::Failed(failure) => failure.clone().into(),
        }
    }
}

#[async_trait]
impl SignIn for EntraSignIn {
    fn ways(&self) -> &'static [SignInWay] {
        &WAYS
    }

    async fn begin_device(&self) -> Result<DeviceCode, SignInFailure> {
        let mut begun = self.begin_as(self.native_secret()).await;
        if self.must_prove(&begun) {
            begun = self.begin_as(true).await;
        }
        let begun = begun.map_err(|refused| refused.meaning(Flow::Device))?;
        let settings = self.graph.settings();
        let life = settings.by_our_clock(begun.expires_in());
        let life = i64::try_from(life).unwrap_or(i64::MAX);
        Ok(DeviceCode {
            secret: Secret::new(begun.device_code().secret().clone()),
            user_code: begun.user_code().secret().clone(),
            verification_uri: begun.verification_uri().to_string(),
            interval_ms: settings.by_our_clock(begun.interval()),
            expires_at: self.clock.now().plus_ms(life),
        })
    }

    async fn poll_device(&self, code: &Secret) -> Result<DevicePoll, SignInFailure> {
        match self.granted(Proof::Device(code)).await {
            Ok(granted) => Ok(DevicePoll::SignedIn(self.signed_in(granted).await?)),
            Err(Refused::Said(said)) if said.is_pending() => Ok(DevicePoll::Pending),
            Err(Refused::Said(said)) if said.is_slow_down() => Ok(DevicePoll::SlowDown),
            Err(refused) => Err(refused.meaning(Flow::Device)),
        }
    }

    fn authorize_url(&self, link: &AuthorizeLink<'_>) -> Option<Url> {
        let client = self.client();
        let request = client
            .authorize_url(|| CsrfToken::new(link.state.to_owned()))
            .add_scopes(self.scopes())
            .set_redirect_uri(redirect(link.callback))
            .add_extra_param("code_challenge", link.challenge)
            .add_extra_param("code_challenge_method", "S256")
            // Whoever is signed in to their browser already may be somebody else.
            .add_extra_param("prompt", "select_account");
        Some(request.url().0)
    }

    async fn redeem_code(
        &self,
        code: &str,
        callback: &Url,
        verifier: &Secret,
    ) -> Result<SignedIn, SignInFailure> {
        let proof = Proof::Code {
            code,
            callback,
            verifier,
        };
        self.sign_in_by(proof).await
    }

    fn wanted_secret(&self) -> bool {
        self.native_secret()
    }

    fn read_error(&self, error: &str, description: Option<&str>) -> SignInFailure {
        EntraRefusal::from_browser(error, description).meaning(Flow::Link)
    }

    async fn with_password(
        &self,
        name: &str,
        password: &Secret,
    ) -> Result<SignedIn, SignInFailure> {
        self.sign_in_by(Proof::Password { name, password }).await
    }

    fn tenant_consent_url(&self, callback: Option<&Url>, state: &str) -> Option<Url> {
        let settings = self.graph.settings();
        let mut url = settings.login(&["v2.0", "adminconsent"]);
        let scopes: Vec<String> = self.scopes().map(|scope| scope.to_string()).collect();
        let mut query = url.query_pairs_mut();
        query
            .append_pair("client_id", &settings.client_id)
            .append_pair("scope", &scopes.join(" "))
            .append_pair("state", state);
        if let Some(callback) = callback {
            query.append_pair("redirect_uri", callback.as_str());
        }
        drop(query);
        Some(url)
    }
}

impl EntraSignIn {
    pub(super) fn new(graph: Graph, clock: Arc<dyn Clock>) -> Self {
        Self {
            endpoint: Endpoint::new(graph.http().clone(), clock.clone()),
            whose: Whose::new(graph.clone(), clock.clone()),
            graph,
            clock,
            confidential: AtomicBool::new(false),
        }
    }

    async fn sign_in_by(&self, proof: Proof<'_>) -> Result<SignedIn, SignInFailure> {
        let granted = self.granted(proof).await;
        let granted = granted.map_err(|refused| refused.meaning(proof.flow()))?;
        self.signed_in(granted).await
    }

    /// Asks once, and once more where Entra only minds whether the app's secret was sent.
    async fn granted(&self, proof: Proof<'_>) -> Result<Granted, Refused> {
        let with_secret = match proof {
            Proof::Device(_) => self.native_secret(),
            Proof::Code { callback, .. } if is_native(callback) => self.native_secret(),
            Proof::Code { .. } | Proof::Password { .. } => self.has_secret(),
        };
        let asked = self.ask(proof, with_secret).await;
        if self.must_prove(&asked) && !with_secret {
            return self.ask(proof, true).await;
        }
        match asked {
            Err(Refused::Said(said)) if with_secret && said.wants_no_secret() => {
                self.ask(proof, false).await
            }
            asked => asked,
        }
    }

    fn has_secret(&self) -> bool {
        self.graph.settings().proves_itself()
    }

    /// Device codes and the ways back to this machine are for apps without a secret; some are
    /// registered as if they had to prove themselves.
    fn native_secret(&self) -> bool {
        self.confidential.load(Ordering::Relaxed)
    }

    /// Whether the answer asks for a secret that we have; remembered for device codes, whose polls
    /// would else all be made twice.
    fn must_prove<T>(&self, answer: &Result<T, Refused>) -> bool {
        let must = match answer {
            Err(Refused::Said(said)) => said.wants_secret() && self.has_secret(),
            Ok(_) | Err(Refused::Failed(_)) => false,
        };
        if must {
            self.confidential.store(true, Ordering::Relaxed);
        }
        must
    }

    async fn begin_as(
        &self,
        with_secret: bool,
    ) -> Result<StandardDeviceAuthorizationResponse, Refused> {
        let call = self.endpoint.call();
        let client = self.client();
        let mut request = client.exchange_device_code().add_scopes(self.scopes());
        for (name, value) in self.proof(with_secret) {
            request = request.add_extra_param(name, value);
        }
        let begun = request.request_async(&|request| call.send(request)).await;
        outcome(&call, begun)
    }

    async fn ask(&self, proof: Proof<'_>, with_secret: bool) -> Result<Granted, Refused> {
        let client = self.client();
        let app = self.proof(with_secret);
        let call = self.endpoint.call();
        let send = |request| call.send(request);
        let answer = match proof {
            Proof::Device(code) => return self.poll(code, with_secret, &call).await,
            Proof::Code {
                code,
                callback,
                verifier,
            } => {
                let mut request = client
                    .exchange_code(AuthorizationCode::new(code.to_owned()))
                    .set_redirect_uri(redirect(callback))
                    .set_pkce_verifier(PkceCodeVerifier::new(verifier.reveal().to_owned()));
                for (name, value) in app {
                    request = request.add_extra_param(name, value);
                }
                request.request_async(&send).await
            }
            Proof::Password { name, password } => {
                let name = ResourceOwnerUsername::new(name.to_owned());
                let password = ResourceOwnerPassword::new(password.reveal().to_owned());
                let mut request = client
                    .exchange_password(&name, &password)
                    .add_scopes(self.scopes());
                for (name, value) in app {
                    request = request.add_extra_param(name, value);
                }
                request.request_async(&send).await
            }
        };
        outcome(&call, answer)
    }

    /// One poll. `oauth2` has only the whole of polling, with waits of its own, while ours outlive
    /// the program.
    async fn poll(
        &self,
        code: &Secret,
        with_secret: bool,
        call: &Call,
    ) -> Result<Granted, Refused> {
        let unclear = || Refused::Failed(unreadable());
        let request = self.poll_request(code, with_secret);
        let answer = call.send(request.map_err(|_| unclear())?).await;
        if let Some(failure) = call.out_of_order() {
            return Err(Refused::Failed(failure));
        }
        let answer = answer.map_err(|_| unclear())?;
        if answer.status().is_success() {
            return serde_json::from_slice(answer.body()).map_err(|_| unclear());
        }
        let said = serde_json::from_slice(answer.body());
        Err(said.map_or_else(|_| unclear(), Refused::Said))
    }

    fn poll_request(&self, code: &Secret, with_secret: bool) -> Result<HttpRequest, http::Error> {
        let settings = self.graph.settings();
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", DEVICE_GRANT)
            .append_pair("device_code", code.reveal())
            .append_pair("client_id", &settings.client_id);
        form.extend_pairs(self.proof(with_secret));
        http::Request::post(settings.login(&["oauth2", "v2.0", "token"]).as_str())
            .header(http::header::ACCEPT, "application/json")
            .header(
                http::header::CONTENT_TYPE,
                "application/x-www-form-urlencoded",
            )
            .body(form.finish().into_bytes())
    }

    /// What proves the app, where that is wanted.
    fn proof(&self, wanted: bool) -> Vec<(&'static str, String)> {
        match wanted {
            true => {
                let settings = self.graph.settings();
                settings.proof(self.clock.now(), self.graph.random())
            }
            false => Vec::new(),
        }
    }

    fn client(&self) -> Oauth {
        let settings = self.graph.settings();
        let at = |name: &str| settings.login(&["oauth2", "v2.0", name]);
        Client::new(ClientId::new(settings.client_id.clone()))
            .set_auth_uri(AuthUrl::from_url(at("authorize")))
            .set_device_authorization_url(DeviceAuthorizationUrl::from_url(at("devicecode")))
            .set_token_uri(TokenUrl::from_url(at("token")))
            .set_auth_type(AuthType::RequestBody)
    }

    fn scopes(&self) -> impl Iterator<Item = Scope> {
        let settings = self.graph.settings();
        let openid = OPENID.into_iter().map(str::to_owned);
        let permissions = PERMISSIONS.map(|permission| settings.graph_scope(permission));
        openid.chain(permissions).map(Scope::new)
    }

    async fn signed_in(&self, granted: Granted) -> Result<SignedIn, SignInFailure> {
        let access = Secret::new(granted.access_token().secret().clone());
        let id_token = granted.extra_fields().id_token.as_deref();
        let account = self.whose.account(id_token, &access).await?;
        let tokens = self.token_set(&granted, access);
        Ok(SignedIn { account, tokens })
    }

    fn token_set(&self, granted: &Granted, access: Secret) -> TokenSet {
        let now = self.clock.now();
        let expires_at = granted.expires_in().map(|life| {
            let life = i64::try_from(life.as_millis()).unwrap_or(i64::MAX);
            Timestamp(now.0.saturating_add(life))
        });
        let scopes = granted.scopes().map(Vec::as_slice).unwrap_or_default();
        let scopes: Vec<&str> = scopes.iter().map(|scope| scope.as_str()).collect();
        let refresh = granted.refresh_token();
        TokenSet {
            access: Some(access),
            expires_at,
            refresh: refresh.map(|token| Secret::new(token.secret().clone())),
            refresh_ends_at: refresh.and_then(|_| self.graph.settings().refresh_ends(now)),
            scopes: scopes.join(" "),
        }
    }
}

/// Whether a callback leads to this machine, by the name that Entra knows for it or by a scheme of
/// our own: whoever redeems its code is a public client.
/// Source: <https://learn.microsoft.com/entra/identity-platform/reply-url>, RFC 8252 section 8.4.
fn is_native(callback: &Url) -> bool {
    match callback.scheme() {
        "https" => false,
        "http" => callback.host_str() == Some("localhost"),
        _ => true,
    }
}

fn redirect(callback: &Url) -> Cow<'static, RedirectUrl> {
    Cow::Owned(RedirectUrl::from_url(callback.clone()))
}

fn outcome<T>(
    call: &Call,
    answer: Result<T, RequestTokenError<NoAnswer, EntraRefusal>>,
) -> Result<T, Refused> {
    let error = match answer {
        Ok(answer) => return Ok(answer),
        Err(error) => error,
    };
    if let Some(failure) = call.out_of_order() {
        return Err(Refused::Failed(failure));
    }
    Err(match error {
        RequestTokenError::ServerResponse(said) => Refused::Said(said),
        RequestTokenError::Request(_)
        | RequestTokenError::Parse(..)
        | RequestTokenError::Other(_) => Refused::Failed(unreadable()),
    })
}

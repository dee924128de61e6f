//! A tenant where whoever is asked to sign in has done so already, as somebody whom the sandbox
//! does not have.

use causeway_hub::{
    Client,
    api::{BeginServiceSignIn, ServiceSignInView, ServiceSignInWay, SignInApp},
};
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};
use tempfile::TempDir;
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{method, path},
};

use super::open;

const TENANT: &str = "7e7e7e7e-0000-4000-8000-00000000007e";
const ELSEWHERE: &str = "0e0e0e0e-0000-4000-8000-00000000000e";
const CLIENT: &str = "c1c1c1c1-0000-4000-8000-0000000000c1";
const WHO: &str = "5e5e5e5e-0000-4000-8000-00000000005e";

/// What Entra and Graph say of them.
pub struct Person {
    tenant: &'static str,
    renewable: bool,
    me: Value,
}

pub fn of_another_tenant() -> Person {
    Person {
        tenant: ELSEWHERE,
        renewable: true,
        me: member(),
    }
}

pub fn guest() -> Person {
    let mut me = member();
    me["userType"] = "Guest".into();
    of_the_tenant(me)
}

pub fn switched_off() -> Person {
    let mut me = member();
    me["accountEnabled"] = false.into();
    of_the_tenant(me)
}

pub fn without_refresh_token() -> Person {
    Person {
        renewable: false,
        ..of_the_tenant(member())
    }
}

fn of_the_tenant(me: Value) -> Person {
    Person {
        tenant: TENANT,
        renewable: true,
        me,
    }
}

fn member() -> Value {
    json!({ "id": WHO, "displayName": "Causeway", "mail": "causeway@acme.example",
        "userPrincipalName": "causeway@acme.example", "accountEnabled": true, "userType": "Member" })
}

/// A sign-in by code, which this person has answered.
pub struct Begun {
    pub client: Client,
    pub view: ServiceSignInView,
    _server: MockServer,
    _folder: TempDir,
}

pub async fn begun_by(person: Person) -> Begun {
    let server = MockServer::start().await;
    let begun = json!({ "device_code": "d", "user_code": "ABCD", "expires_in": 900, "interval": 5,
        "verification_uri": "https://microsoft.com/devicelogin", "message": "x" });
    let token = |name: &str| format!("/{TENANT}/oauth2/v2.0/{name}");
    answer(&server, "POST", &token("devicecode"), begun).await;
    let claims = json!({ "oid": WHO, "tid": person.tenant, "aud": CLIENT });
    let mut granted = json!({ "token_type": "Bearer", "expires_in": 3600, "access_token": "a",
        "scope": "User.Read", "id_token": jwt(&claims) });
    if person.renewable {
        granted["refresh_token"] = "r".into();
    }
    answer(&server, "POST", &token("token"), granted).await;
    answer(&server, "GET", "/v1.0/me", person.me).await;
    let folder = tempfile::tempdir().expect("a folder");
    let client = open(&folder).await;
    let begin = BeginServiceSignIn {
        app: SignInApp::Teams {
            graph_url: Some(format!("{}/v1.0", server.uri())),
            login_url: Some(server.uri()),
            tenant: TENANT.to_owned(),
            client_id: CLIENT.to_owned(),
            client_secret: None,
            certificate: false,
        },
        service_account: None,
        way: ServiceSignInWay::Device,
        pace: Some(1_000),
    };
    let view = client.call(begin).await.expect("it begins");
    Begun {
        client,
        view,
        _server: server,
        _folder: folder,
    }
}

async fn answer(server: &MockServer, verb: &str, at: &str, body: Value) {
    Mock::given(method(verb))
        .and(path(at))
        .respond_with(ResponseTemplate::new(200).set_body_json(body))
        .mount(server)
        .await;
}

fn jwt(claims: &Value) -> String {
    let part = |text: &str| BASE64URL_NOPAD.encode(text.as_bytes());
    let header = part(r#"{"alg":"RS256","typ":"JWT"}"#);
    format!("{header}.{}.c2ln", part(&claims.to_string()))
}

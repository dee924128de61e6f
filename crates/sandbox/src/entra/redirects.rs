//! Where sign-ins of the app may come back to: what stands in its registration.
//!
//! Source: <https://learn.microsoft.com/entra/identity-platform/reply-url>, "Localhost exceptions".

use url::Url;

use super::refusal::TokenRefusal;

/// Registered for mobile and desktop applications, `localhost` with any port.
const NATIVE_PATH: &str = "/callback";
const NATIVE_SCHEME: &str = "causeway://callback";
/// Registered for web applications: the hub's consent page, under whichever address it has.
const WEB_PATH: &str = "/hooks/consent/callback";

/// As what kind of app whoever comes back there redeems a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Client {
    /// A public one: it must not send the secret.
    Native,
    /// It has to.
    Web,
}

/// What a redirect URI is registered as. To Entra, `127.0.0.1` is not `localhost`.
pub fn registered(text: &str) -> Result<(Url, Client), TokenRefusal> {
    let uri = Url::parse(text).map_err(|_| mismatch())?;
    let plain = uri.query().is_none() && uri.fragment().is_none();
    let loopback = matches!(uri.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    let client = match uri.scheme() {
        _ if text == NATIVE_SCHEME => Some(Client::Native),
        "http" if plain && uri.host_str() == Some("localhost") && uri.path() == NATIVE_PATH => {
            Some(Client::Native)
        }
        "http" if plain && loopback && uri.path() == WEB_PATH => Some(Client::Web),
        "https" => Some(Client::Web),
        _ => None,
    };
    client.map(|client| (uri, client)).ok_or_else(mismatch)
}

fn mismatch() -> TokenRefusal {
    TokenRefusal::new(
        "invalid_request",
        50_011,
        "The redirect URI specified in the request does not match the redirect URIs configured for \
         the application.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_native_app_comes_back_to_localhost_on_any_port_and_to_nothing_like_it() {
        for native in [
            "http://localhost/callback",
            "http://localhost:50123/callback",
            "causeway://callback",
        ] {
            let client = registered(native).map(|(_, client)| client);
            assert_eq!(client, Ok(Client::Native), "{native}");
        }
        for other in [
            "http://127.0.0.1:50123/callback",
            "http://[::1]:50123/callback",
            "http://localhost:50123/",
            "http://localhost:50123/callback/more",
            "http://localhost:50123/callback?x=1",
            "http://localhost.example/callback",
            "http://hub.example/callback",
            "causeway://callback/more",
            "causeway://open",
            "javascript:alert(1)",
            "",
        ] {
            assert!(registered(other).is_err(), "{other}");
        }
    }
}

//! Where sign-ins of the Integration may come back to.

use url::Url;

use super::switches::Switches;

/// What the Integration was registered with: the three addresses that the device grant needs, and
/// one for whoever looks for an example.
pub const REGISTERED: &[&str] = &[
    "https://oauth-helper-a.wbx2.com/helperservice/v1/actions/device/callback",
    "https://oauth-helper-k.wbx2.com/helperservice/v1/actions/device/callback",
    "https://oauth-helper-r.wbx2.com/helperservice/v1/actions/device/callback",
    "http://127.0.0.1:8080/callback",
];

/// Webex compares with the registered texts exactly. Here every page of this machine, and every
/// page under the hub's public address, counts as registered: whoever tries the sandbox cannot
/// know their ports before.
pub fn is_registered(uri: &str, switches: &Switches) -> bool {
    let under = |public: &String| {
        let rest = uri.strip_prefix(public.trim_end_matches('/'));
        rest.is_some_and(|rest| rest.starts_with('/'))
    };
    REGISTERED.contains(&uri) || is_local(uri) || switches.public_url.as_ref().is_some_and(under)
}

fn is_local(uri: &str) -> bool {
    Url::parse(uri).is_ok_and(|uri| {
        uri.scheme() == "http"
            && matches!(uri.host_str(), Some("127.0.0.1" | "localhost"))
            && uri.fragment().is_none()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sign_ins_come_back_to_this_machine_or_the_public_address_and_to_nothing_like_them() {
        let switches = Switches {
            public_url: Some("https://hub.example/".to_owned()),
            ..Switches::default()
        };
        for good in [
            REGISTERED[0],
            "http://localhost:1234/x",
            "https://hub.example/hooks/consent/callback",
        ] {
            assert!(is_registered(good, &switches), "{good}");
        }
        for bad in [
            "http://localhost.example/x",
            "https://127.0.0.1/x",
            "https://hub.example.evil/x",
            "javascript:alert(1)",
            "",
        ] {
            assert!(!is_registered(bad, &switches), "{bad}");
        }
    }
}

//! Links of the form `causeway://callback?code=…&state=…`: a browser comes back from a sign-in that
//! began here. Anybody's web page can hold one, so nothing is taken that Microsoft Entra does not
//! send; whether somebody is waited for, the hub decides by the state.
//!
//! Source: <https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow>.

use causeway_hub::api::{BroughtBack, FinishServiceSignIn, UseCase};
use tauri::{AppHandle, Manager, Url};

use crate::deep_link::{Refusal, SCHEME, is_bare};
use crate::worlds::Worlds;

const HOST: &str = "callback";
/// Entra's codes are long.
const LONGEST: usize = 16_384;
const LONGEST_STATE: usize = 256;
const LONGEST_CODE: usize = 8_192;
const LONGEST_WORDS: usize = 4_096;

/// Whether a link is one of these.
pub fn is_one(url: &Url) -> bool {
    url.scheme() == SCHEME && url.host_str() == Some(HOST)
}

/// Gives what the browser brought to the hub, which alone knows whom it waits for.
pub fn take(app: &AppHandle, url: &Url) -> Result<(), Refusal> {
    let finish = read(url)?;
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        // Where this program has only just been started, nobody is waited for.
        let Some(worlds) = app.try_state::<Worlds>() else {
            return;
        };
        if let Err(error) = worlds.own.request(finish.into_request()).await {
            tracing::warn!(error.code = error.code.word(), "a sign-in is not open");
        }
    });
    Ok(())
}

/// Each parameter once, and none that Entra does not send.
fn read(url: &Url) -> Result<FinishServiceSignIn, Refusal> {
    if url.as_str().len() > LONGEST {
        return Err(Refusal::TooLong);
    }
    if !is_one(url) || !is_bare(url) {
        return Err(Refusal::NotOurs);
    }
    let (mut state, mut code, mut error, mut description) = (None, None, None, None);
    // Of no use here.
    let (mut session, mut client, mut subcode, mut about) = (None, None, None, None);
    for (name, value) in url.query_pairs() {
        let (place, longest) = match name.as_ref() {
            "state" => (&mut state, LONGEST_STATE),
            "code" => (&mut code, LONGEST_CODE),
            "error" => (&mut error, LONGEST_STATE),
            "error_description" => (&mut description, LONGEST_WORDS),
            "session_state" => (&mut session, LONGEST_WORDS),
            "client_info" => (&mut client, LONGEST_WORDS),
            "error_subcode" => (&mut subcode, LONGEST_STATE),
            "error_uri" => (&mut about, LONGEST_WORDS),
            _ => return Err(Refusal::Unknown),
        };
        if value.is_empty() {
            return Err(Refusal::Unknown);
        }
        if value.len() > longest {
            return Err(Refusal::TooLong);
        }
        if place.replace(value.into_owned()).is_some() {
            return Err(Refusal::Repeated);
        }
    }
    let answer = match (code, error, description) {
        (Some(code), None, None) => BroughtBack::Code(code),
        (None, Some(error), description) => BroughtBack::Error { error, description },
        (_, _, _) => return Err(Refusal::Unknown),
    };
    let state = state.ok_or(Refusal::Unknown)?;
    Ok(FinishServiceSignIn { state, answer })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(link: &str) -> Result<(String, String), Refusal> {
        let read = read(&link.parse().expect("a URL"))?;
        let answer = match read.answer {
            BroughtBack::Code(code) => code,
            BroughtBack::Error { error, description } => {
                format!("{error}: {}", description.unwrap_or_default())
            }
        };
        Ok((read.state, answer))
    }

    #[test]
    fn a_code_or_an_error_comes_with_the_state_and_what_entra_adds_is_passed_over() {
        let of = |link| parsed(link).expect("it is read");
        let pair = |state: &str, answer: &str| (state.to_owned(), answer.to_owned());
        let code = "causeway://callback?code=0.Ab%2Fc&state=s1&session_state=x&client_info=y";
        assert_eq!(of(code), pair("s1", "0.Ab/c"));
        assert_eq!(of("causeway://callback/?code=c&state=s"), pair("s", "c"));
        let no = "causeway://callback?error=access_denied&error_subcode=cancel&\
                  error_description=AADSTS65004%3a+No&state=s1";
        assert_eq!(of(no), pair("s1", "access_denied: AADSTS65004: No"));
    }

    #[test]
    fn what_entra_would_not_send_is_refused() {
        for (link, refusal) in [
            ("https://callback?code=c&state=s", Refusal::NotOurs),
            ("causeway://open?code=c&state=s", Refusal::NotOurs),
            ("causeway://callback/more?code=c&state=s", Refusal::NotOurs),
            ("causeway://callback:80?code=c&state=s", Refusal::NotOurs),
            ("causeway://a:b@callback?code=c&state=s", Refusal::NotOurs),
            ("causeway://callback?code=c&state=s#top", Refusal::NotOurs),
            ("causeway://callback", Refusal::Unknown),
            ("causeway://callback?code=c", Refusal::Unknown),
            ("causeway://callback?state=s", Refusal::Unknown),
            ("causeway://callback?code=&state=s", Refusal::Unknown),
            ("causeway://callback?code=c&state=", Refusal::Unknown),
            (
                "causeway://callback?code=c&error=e&state=s",
                Refusal::Unknown,
            ),
            (
                "causeway://callback?error_description=e&state=s",
                Refusal::Unknown,
            ),
            (
                "causeway://callback?code=c&state=s&page=home",
                Refusal::Unknown,
            ),
            (
                "causeway://callback?code=c&code=d&state=s",
                Refusal::Repeated,
            ),
            (
                "causeway://callback?code=c&state=s&state=s",
                Refusal::Repeated,
            ),
            (
                "causeway://callback?code=c&state=s&client_info=a&client_info=a",
                Refusal::Repeated,
            ),
        ] {
            assert_eq!(parsed(link), Err(refusal), "{link}");
        }
        let state = format!("causeway://callback?code=c&state={}", "s".repeat(257));
        assert_eq!(parsed(&state), Err(Refusal::TooLong));
        let code = format!("causeway://callback?state=s&code={}", "c".repeat(LONGEST));
        assert_eq!(parsed(&code), Err(Refusal::TooLong));
    }
}

//! The query of the platform's redirect, read strictly: it comes from anybody's browser.

use url::form_urlencoded;

use super::CallbackAnswer;

const LONGEST_STATE: usize = 256;
/// Entra's codes are long.
const LONGEST_CODE: usize = 8_192;
const LONGEST_ERROR: usize = 128;
const LONGEST_DESCRIPTION: usize = 4_096;

/// What a callback's query says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Callback {
    pub state: String,
    pub answer: CallbackAnswer,
}

/// `None` for a query that no platform makes: a parameter of ours twice, empty or too long, no
/// state, a code and an error at once, or neither. Parameters that are not ours are passed over.
pub(crate) fn read(query: &str) -> Option<Callback> {
    let (mut state, mut code) = (None, None);
    let (mut error, mut description) = (None, None);
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let (place, longest) = match name.as_ref() {
            "state" => (&mut state, LONGEST_STATE),
            "code" => (&mut code, LONGEST_CODE),
            "error" => (&mut error, LONGEST_ERROR),
            "error_description" => (&mut description, LONGEST_DESCRIPTION),
            _ => continue,
        };
        let fits = !value.is_empty() && value.len() <= longest;
        if !fits || place.replace(value.into_owned()).is_some() {
            return None;
        }
    }
    let answer = match (code, error, description) {
        (Some(code), None, None) => CallbackAnswer::Code(code),
        (None, Some(error), description) => CallbackAnswer::Error { error, description },
        (_, _, _) => return None,
    };
    Some(Callback {
        state: state?,
        answer,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_or_an_error_comes_with_exactly_one_state() {
        let callback = read("code=a%2Fb&state=s1&session_state=x").expect("a callback");
        assert_eq!(callback.state, "s1");
        assert_eq!(callback.answer, CallbackAnswer::Code("a/b".to_owned()));
        let callback = read("error=access_denied&error_description=No+way&state=s1");
        let answer = CallbackAnswer::Error {
            error: "access_denied".to_owned(),
            description: Some("No way".to_owned()),
        };
        assert_eq!(callback.expect("a callback").answer, answer);
        assert!(read("error=access_denied&state=s1").is_some());
    }

    #[test]
    fn what_no_platform_would_send_is_not_read() {
        let long_state = format!("code=a&state={}", "s".repeat(LONGEST_STATE + 1));
        let long_code = format!("state=a&code={}", "s".repeat(LONGEST_CODE + 1));
        for query in [
            "",
            "state=s",
            "code=a",
            "error=a",
            "code=a&state=",
            "code=&state=s",
            "code=a&state=s&state=s",
            "code=a&code=b&state=s",
            "code=a&error=b&state=s",
            "code=a&error_description=b&state=s",
            "error_description=b&state=s",
            long_state.as_str(),
            long_code.as_str(),
        ] {
            assert_eq!(read(query), None, "{query}");
        }
    }
}

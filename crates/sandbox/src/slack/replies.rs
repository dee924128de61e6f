//! `response_url`s: where a slash command or a press can be answered up to five times in half an
//! hour (<https://docs.slack.dev/interactivity/handling-user-interaction/>).

use std::collections::HashMap;

use crate::clock::Millis;

use super::ids::{ConversationId, Ts, UserId};

const USES: u8 = 5;
const LIFE_MS: Millis = 1_800_000;

/// Where an answer goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplyPlace {
    pub conversation: ConversationId,
    /// Who gave the command or pressed.
    pub user: UserId,
    /// The message that was pressed, which an answer may replace.
    pub message: Option<Ts>,
}

#[derive(Debug)]
struct ReplyUrl {
    place: ReplyPlace,
    until: Millis,
    left: u8,
}

/// By the secret part of their path.
#[derive(Debug, Default)]
pub struct ReplyUrls(HashMap<String, ReplyUrl>);

impl ReplyUrls {
    pub fn open(&mut self, secret: String, place: ReplyPlace, now: Millis) {
        self.0.retain(|_, url| now < url.until);
        self.0.insert(
            secret,
            ReplyUrl {
                place,
                until: now + LIFE_MS,
                left: USES,
            },
        );
    }

    /// Uses the address once. `Err` is the code that Slack answers with.
    pub fn take(&mut self, secret: &str, now: Millis) -> Result<ReplyPlace, &'static str> {
        let url = self.0.get_mut(secret).ok_or("no_such_url")?;
        if now >= url.until {
            return Err("expired_url");
        }
        url.left = url.left.checked_sub(1).ok_or("used_url")?;
        Ok(url.place.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_answers_five_times_and_for_half_an_hour() {
        let place = ReplyPlace {
            conversation: ConversationId::from("D1"),
            user: UserId::from("U1"),
            message: None,
        };
        let mut urls = ReplyUrls::default();
        urls.open("a".to_owned(), place.clone(), 0);
        for _ in 0..5 {
            assert_eq!(urls.take("a", 1), Ok(place.clone()));
        }
        assert_eq!(urls.take("a", 1), Err("used_url"));
        urls.open("b".to_owned(), place, 2);
        assert_eq!(urls.take("b", 2 + LIFE_MS), Err("expired_url"));
    }
}

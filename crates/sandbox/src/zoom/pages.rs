//! Pages of a listing, and the tokens that lead from one to the next.

use std::collections::HashMap;

use crate::clock::Millis;

use super::{error::ZoomError, ids::Mint};

/// How long a token leads on.
const LIFE_MS: Millis = 15 * 60 * 1000;

/// One page of keys, and the token of the next; empty at the end.
pub struct Page<T> {
    pub keys: Vec<T>,
    pub next: String,
    pub size: usize,
}

/// What is asked of a listing.
#[derive(Debug, Clone)]
pub struct Asked<'a> {
    /// The listing with its filters: a token of another one is refused.
    pub listing: String,
    pub size: usize,
    pub token: Option<&'a str>,
}

/// The rest of listings, by their tokens. What is new since the first page is not on the later ones.
#[derive(Debug, Default)]
pub struct Pages(HashMap<String, Rest>);

#[derive(Debug)]
struct Rest {
    listing: String,
    keys: Vec<String>,
    until: Millis,
}

impl Pages {
    /// Cuts the page that is asked for; `all` is looked at for the first one only.
    pub fn cut(
        &mut self,
        mint: &Mint,
        now: Millis,
        asked: &Asked<'_>,
        all: impl FnOnce() -> Vec<String>,
    ) -> Result<Page<String>, ZoomError> {
        self.0.retain(|_, rest| rest.until > now);
        let mut keys = match asked.token {
            None => all(),
            Some(token) => self.rest(token, &asked.listing)?,
        };
        let rest = keys.split_off(asked.size.min(keys.len()));
        let next = if rest.is_empty() {
            String::new()
        } else {
            self.keep(mint, now, asked, rest)
        };
        Ok(Page {
            keys,
            next,
            size: asked.size,
        })
    }

    fn rest(&self, token: &str, listing: &str) -> Result<Vec<String>, ZoomError> {
        let rest = self.0.get(token).filter(|rest| rest.listing == listing);
        rest.map(|rest| rest.keys.clone())
            .ok_or_else(|| ZoomError::invalid("The next page token is invalid or expired."))
    }

    fn keep(&mut self, mint: &Mint, now: Millis, asked: &Asked<'_>, keys: Vec<String>) -> String {
        let token = mint.opaque(&mint.fresh("page"), 32);
        let rest = Rest {
            listing: asked.listing.clone(),
            keys,
            until: now + LIFE_MS,
        };
        self.0.insert(token.clone(), rest);
        token
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(token: Option<&str>) -> Asked<'_> {
        Asked {
            listing: "users active".to_owned(),
            size: 2,
            token,
        }
    }

    #[test]
    fn a_token_leads_on_within_a_quarter_of_an_hour_and_in_its_own_listing_only() {
        let (mut pages, mint) = (Pages::default(), Mint::new(1));
        let all = || ["a", "b", "c"].map(str::to_owned).to_vec();
        let first = pages.cut(&mint, 0, &asked(None), all).expect("a page");
        assert_eq!(first.keys, ["a", "b"]);
        let other = Asked {
            listing: "users inactive".to_owned(),
            ..asked(Some(&first.next))
        };
        assert!(pages.cut(&mint, 1, &other, Vec::new).is_err());
        let second = asked(Some(&first.next));
        let last = pages.cut(&mint, 1, &second, Vec::new).expect("a page");
        assert_eq!(
            (last.keys, last.next),
            (vec!["c".to_owned()], String::new())
        );
        assert!(pages.cut(&mint, LIFE_MS, &second, Vec::new).is_err());
    }
}

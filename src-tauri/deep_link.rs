//! Links of the form `causeway://open?page=people&open=12`: they bring the window to the front, at a
//! page. Anybody's web page can hold one, so nothing in a link is taken that is not spelled out here,
//! and none of them changes anything. Those that bring a browser back are [`callback_link`]'s.

use std::sync::{Mutex, PoisonError};

use tauri::{App, AppHandle, Emitter, Manager, Url};
use tauri_plugin_deep_link::DeepLinkExt;

use crate::{callback_link, window};

/// Told to the window when there is a link to follow.
const LINK: &str = "link";

/// The window's own address of Home.
pub const HOME: &str = "#/home";

pub const SCHEME: &str = "causeway";
const LONGEST: usize = 200;
const PAGES: [&str; 4] = ["home", "platforms", "people", "activity"];

/// The address of the newest link, until the window has gone there.
#[derive(Default)]
pub struct Wanted(Mutex<Option<String>>);

impl Wanted {
    fn put(&self, address: String) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(address);
    }

    /// Where to go; each link is followed once.
    pub fn take(&self) -> Option<String> {
        let mut wanted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        wanted.take()
    }
}

/// Why a link is not followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("it is not one of ours")]
    NotOurs,
    #[error("it is too long")]
    TooLong,
    #[error("it says the same thing twice")]
    Repeated,
    #[error("it says something that is not understood")]
    Unknown,
}

/// Makes this program the one that opens our links, and follows the one it was started with. Where
/// the desktop has no way to, links are not opened, and everything else works.
pub fn register(app: &App) {
    let links = app.deep_link();
    #[cfg(any(target_os = "linux", all(debug_assertions, windows)))]
    if let Err(error) = links.register_all() {
        tracing::warn!(%error, "the scheme of our links cannot be registered");
    }
    let handle = app.handle().clone();
    if let Ok(Some(urls)) = links.get_current() {
        follow(&handle, &urls);
    }
    links.on_open_url(move |event| {
        follow(&handle, &event.urls());
        window::show(&handle);
    });
}

/// Takes the window to one of its own addresses.
pub fn go(app: &AppHandle, address: String) {
    app.state::<Wanted>().put(address);
    if let Err(error) = app.emit(LINK, ()) {
        tracing::warn!(%error, "the window cannot be told of a link");
    }
}

fn follow(app: &AppHandle, urls: &[Url]) {
    for url in urls {
        let followed = if callback_link::is_one(url) {
            callback_link::take(app, url)
        } else {
            address(url).map(|address| go(app, address))
        };
        match followed {
            Ok(()) => {}
            // What stands in it may be anything, so it is not repeated.
            Err(refusal) => tracing::warn!(%refusal, "a link is not followed"),
        }
    }
}

/// The window's own address for a link, such as `#/people?open=12`.
fn address(url: &Url) -> Result<String, Refusal> {
    if url.as_str().len() > LONGEST {
        return Err(Refusal::TooLong);
    }
    let ours = url.scheme() == SCHEME && url.host_str() == Some("open") && is_bare(url);
    if !ours {
        return Err(Refusal::NotOurs);
    }
    let (mut page, mut open) = (None, None);
    for (name, value) in url.query_pairs() {
        let (place, known) = match name.as_ref() {
            "page" => (&mut page, PAGES.contains(&value.as_ref())),
            "open" => (&mut open, is_row_id(&value)),
            _ => return Err(Refusal::Unknown),
        };
        if !known {
            return Err(Refusal::Unknown);
        }
        if place.replace(value.into_owned()).is_some() {
            return Err(Refusal::Repeated);
        }
    }
    let page = page.ok_or(Refusal::Unknown)?;
    Ok(match open {
        Some(id) => format!("#/{page}?open={id}"),
        None => format!("#/{page}"),
    })
}

/// Whether there is nothing in a link but its scheme, its host and its query.
pub fn is_bare(url: &Url) -> bool {
    matches!(url.path(), "" | "/")
        && url.username().is_empty()
        && url.password().is_none()
        && url.port().is_none()
        && url.fragment().is_none()
}

/// Any bytes as a link, for the fuzzers: where it is followed, the window's own address is one of
/// the few that there are.
///
/// # Panics
/// When it would be another.
pub fn try_link(data: &[u8]) {
    let Ok(url) = String::from_utf8_lossy(data).parse::<Url>() else {
        return;
    };
    if let Ok(address) = address(&url) {
        let page = address
            .strip_prefix("#/")
            .and_then(|rest| rest.split('?').next());
        assert!(page.is_some_and(|page| PAGES.contains(&page)));
        assert!(address.bytes().all(|byte| byte.is_ascii_graphic()) && address.len() <= LONGEST);
    }
}

fn is_row_id(text: &str) -> bool {
    (1..=15).contains(&text.len())
        && !text.starts_with('0')
        && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::{Refusal, Wanted, address};

    fn parsed(link: &str) -> Result<String, Refusal> {
        address(&link.parse().expect("a URL"))
    }

    #[test]
    fn whatever_a_link_is_made_of_it_leads_to_a_page_or_nowhere() {
        let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/corpus/deep_link");
        let seeds = std::fs::read_dir(corpus).expect("a corpus");
        for seed in seeds {
            let seed = std::fs::read(seed.expect("a file").path()).expect("it can be read");
            super::try_link(&seed);
            // Every byte of it in turn becomes every other, and is left out.
            for at in 0..seed.len() {
                let mut changed = seed.clone();
                for byte in 0..=u8::MAX {
                    changed[at] = byte;
                    super::try_link(&changed);
                }
                changed.remove(at);
                super::try_link(&changed);
                super::try_link(&seed[..at]);
            }
        }
    }

    #[test]
    fn a_link_names_a_page_and_what_is_open_there() {
        let of = |link| parsed(link).expect("it is followed");
        assert_eq!(of("causeway://open?page=home"), "#/home");
        assert_eq!(
            of("causeway://open/?page=people&open=12"),
            "#/people?open=12"
        );
        assert_eq!(
            of("causeway://open?open=7&page=activity"),
            "#/activity?open=7"
        );
    }

    #[test]
    fn what_is_not_spelled_out_is_refused() {
        for (link, refusal) in [
            ("https://open?page=home", Refusal::NotOurs),
            ("causeway://elsewhere?page=home", Refusal::NotOurs),
            ("causeway:open?page=home", Refusal::NotOurs),
            ("causeway://open/people", Refusal::NotOurs),
            ("causeway://open:80?page=home", Refusal::NotOurs),
            ("causeway://ann:secret@open?page=home", Refusal::NotOurs),
            ("causeway://open?page=home#top", Refusal::NotOurs),
            ("causeway://open", Refusal::Unknown),
            ("causeway://open?page=../etc", Refusal::Unknown),
            ("causeway://open?page=Home", Refusal::Unknown),
            ("causeway://open?page=home&search=ann", Refusal::Unknown),
            ("causeway://open?page=people&open=0", Refusal::Unknown),
            ("causeway://open?page=people&open=-1", Refusal::Unknown),
            ("causeway://open?page=people&open=1e3", Refusal::Unknown),
            ("causeway://open?page=people&open=", Refusal::Unknown),
            ("causeway://open?page=home&page=people", Refusal::Repeated),
            (
                "causeway://open?page=people&open=1&open=2",
                Refusal::Repeated,
            ),
        ] {
            assert_eq!(parsed(link), Err(refusal), "{link}");
        }
        let long = format!("causeway://open?page=people&open={}", "1".repeat(200));
        assert_eq!(parsed(&long), Err(Refusal::TooLong));
    }

    #[test]
    fn a_link_is_followed_once() {
        let wanted = Wanted::default();
        wanted.put("#/people".to_owned());
        assert_eq!(wanted.take().as_deref(), Some("#/people"));
        assert_eq!(wanted.take(), None);
    }
}

//! People who could be paired and are not, and how they could be.

use causeway_model::{Account, AccountKind, Otherwise, PersonId, Timestamp};
use causeway_store::{Reader, SetAside, StoreError, SuggestionCursor, SuggestionRow};

use super::{
    look::{Look, Side, Sides},
    people::account_view,
};
use crate::{
    Hub,
    api::{
        AccountView, AsideView, DecideSuggestion, DecidedSuggestion, ErrorCode, HubError,
        ListSuggestions, SecondaryWish, Suggestion, SuggestionDecision, SuggestionKind,
        SuggestionPage, WantedView,
    },
    error::failed,
};

const PAGE: u32 = 50;
const LARGEST_PAGE: u32 = 500;
/// A week.
const LATER_MS: i64 = 7 * 24 * 3_600_000;

pub(crate) async fn list_suggestions(
    hub: &Hub,
    args: ListSuggestions,
) -> Result<SuggestionPage, HubError> {
    let after = args.after.as_deref().map(read_cursor).transpose()?;
    let limit = args.limit.unwrap_or(PAGE).clamp(1, LARGEST_PAGE);
    let look = Look::of(hub);
    let now = hub.engine.clock().now();
    hub.read(move |reader| {
        let sides = look.sides(reader)?;
        if sides.all().len() < 2 {
            return Ok(SuggestionPage {
                total: 0,
                suggestions: Vec::new(),
                next: None,
            });
        }
        if args.aside {
            return set_aside(reader, &sides, now);
        }
        let page = reader.suggestions_page(now, after.as_ref(), limit)?;
        let suggestions = page
            .rows
            .into_iter()
            .map(|row| suggestion(reader, &sides, row, None))
            .collect::<Result<_, _>>()?;
        Ok(SuggestionPage {
            total: u64::from(page.total),
            suggestions,
            next: page.next.as_ref().map(write_cursor),
        })
    })
    .await
}

/// Remembers what an administrator decided about a suggestion.
pub(crate) async fn decide_suggestion(
    hub: &Hub,
    args: DecideSuggestion,
) -> Result<DecidedSuggestion, HubError> {
    let (person, now) = (args.person, hub.engine.clock().now());
    let aside = match args.decision {
        SuggestionDecision::Show => None,
        SuggestionDecision::Ignore => Some(AsideView {
            at: now,
            until: None,
        }),
        SuggestionDecision::Later => Some(AsideView {
            at: now,
            until: Some(now.plus_ms(LATER_MS)),
        }),
    };
    let found = hub
        .write(move |tx| {
            let found = tx.person(person)?.ok_or(StoreError::NotFound("person"))?;
            match aside {
                Some(aside) => tx.set_suggestion_aside(person, aside.at, aside.until)?,
                None => tx.take_suggestion_up(person)?,
            }
            Ok(found)
        })
        .await?;
    Ok(DecidedSuggestion {
        person,
        name: found.name,
        aside,
    })
}

fn set_aside(
    reader: &Reader<'_>,
    sides: &Sides,
    now: Timestamp,
) -> Result<SuggestionPage, StoreError> {
    let rows = reader.suggestions_set_aside(now)?;
    let suggestions = rows
        .into_iter()
        .map(|(row, aside)| suggestion(reader, sides, row, Some(aside)))
        .collect::<Result<_, _>>()?;
    Ok(SuggestionPage {
        total: u64::from(reader.count_set_aside(now)?),
        suggestions,
        next: None,
    })
}

fn suggestion(
    reader: &Reader<'_>,
    sides: &Sides,
    row: SuggestionRow,
    aside: Option<SetAside>,
) -> Result<Suggestion, StoreError> {
    let homes = homes(sides, &row.accounts);
    let wanted = row.wanted.first();
    let looked_from = wanted.and_then(|wanted| sides.get(wanted.connection));
    let away = away(sides, &homes, looked_from);
    let candidates = match away {
        Some(side) if homes.len() == 1 => {
            reader.namesakes(&row.person.name, side.connection, row.person.id)?
        }
        Some(_) | None => Vec::new(),
    };
    let verified = match homes.first().and_then(|home| home.usable(&row.accounts)) {
        Some(account) => reader.verified_address(account.id)?.is_some(),
        None => false,
    };
    let found = Found {
        homes,
        away,
        accounts: &row.accounts,
        candidates: candidates.len(),
        verified,
    };
    let kind = found.kind();
    let wish = found.wish(kind);
    let words = found.words(&row.person.name, kind, wish);
    let wanted = wanted.zip(looked_from).map(|(wanted, side)| WantedView {
        platform: side.platform,
        times: wanted.times,
        at: wanted.at,
    });
    Ok(Suggestion {
        person: row.person.id,
        kind: match wanted {
            Some(_) => SuggestionKind::Wanted,
            None => kind,
        },
        primary: found.primary().map(|side| side.platform),
        secondary: found.secondary().map(|side| side.platform),
        wish,
        words: match (wanted, looked_from) {
            (Some(wanted), Some(side)) => {
                let looked_for = looked_for(&row.person.name, wanted.times, side);
                format!("{looked_for} {words}")
            }
            _ => words,
        },
        wanted,
        accounts: views(reader, sides, &row.accounts)?,
        candidates: views(reader, sides, &candidates)?,
        name: row.person.name,
        aside: aside.map(|aside| AsideView {
            at: aside.at,
            until: aside.until,
        }),
    })
}

/// What was found of one person.
struct Found<'a> {
    /// Where they have an active account of their own.
    homes: Vec<&'a Side>,
    /// The other side: where they were looked for, or the first where they have none.
    away: Option<&'a Side>,
    accounts: &'a [Account],
    candidates: usize,
    verified: bool,
}

impl Found<'_> {
    /// Without regard to whether anyone looked for them.
    fn kind(&self) -> SuggestionKind {
        match (self.homes.len(), self.candidates) {
            (0 | 1, 0) => SuggestionKind::Missing,
            (0 | 1, _) => SuggestionKind::Ambiguous,
            _ => SuggestionKind::Match,
        }
    }

    /// Where they work: plain only when there is one place.
    fn primary(&self) -> Option<&Side> {
        match self.homes.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }

    fn secondary(&self) -> Option<&Side> {
        self.away
    }

    fn wish(&self, kind: SuggestionKind) -> Option<SecondaryWish> {
        match kind {
            SuggestionKind::Match => Some(SecondaryWish::Full),
            SuggestionKind::Ambiguous => None,
            SuggestionKind::Missing | SuggestionKind::Wanted => {
                let guest = self
                    .away
                    .is_some_and(|side| side.guests && side.own(self.accounts).is_none());
                let otherwise = self.away.map(|side| side.otherwise);
                match (guest && self.verified, otherwise) {
                    (true, _) => Some(SecondaryWish::Guest),
                    (false, Some(Otherwise::AppSpeaks) | None) => Some(SecondaryWish::App),
                    (false, Some(Otherwise::Waits)) => None,
                }
            }
        }
    }

    fn words(&self, name: &str, kind: SuggestionKind, wish: Option<SecondaryWish>) -> String {
        let homes: Vec<_> = self.homes.iter().map(|side| side.words()).collect();
        let homes = homes.join(" and in ");
        let away = self.away.map_or_else(String::new, Side::words);
        match kind {
            SuggestionKind::Match => {
                format!("{name} has accounts in {homes}. Say where they work.")
            }
            SuggestionKind::Ambiguous => {
                let same = match self.candidates {
                    1 => "An account".to_owned(),
                    many => format!("{many} accounts"),
                };
                let go = if self.candidates == 1 { "goes" } else { "go" };
                format!(
                    "{name} has an account in {homes}. {same} in {away} {go} by the same name, but \
                     no verified address says that it is theirs."
                )
            }
            SuggestionKind::Missing | SuggestionKind::Wanted => {
                let then = match wish {
                    Some(SecondaryWish::Guest) => "they can get a guest account",
                    Some(_) => "the app can speak for them",
                    None => "they need one of their own, since the app cannot speak for them there",
                };
                format!("{name} has an account in {homes} and none to use in {away}: {then}.")
            }
        }
    }
}

fn looked_for(name: &str, times: u32, side: &Side) -> String {
    let times = match times {
        1 => "once".to_owned(),
        many => format!("{many} times"),
    };
    format!(
        "{name} was looked for {times} in {} and could not be reached.",
        side.words()
    )
}

/// Where someone has an active account that is their own; else where they are a guest.
fn homes<'a>(sides: &'a Sides, accounts: &[Account]) -> Vec<&'a Side> {
    let all = sides.all().iter();
    let own: Vec<_> = all
        .clone()
        .filter(|side| side.own(accounts).is_some_and(|account| account.active))
        .collect();
    if own.is_empty() {
        return all
            .filter(|side| {
                side.usable(accounts)
                    .is_some_and(|account| account.kind == AccountKind::Guest)
            })
            .collect();
    }
    own
}

/// The other side of a suggestion; none where somebody must first say where the person works.
fn away<'a>(sides: &'a Sides, homes: &[&Side], looked_from: Option<&'a Side>) -> Option<&'a Side> {
    let is_home = |side: &Side| matches!(homes, [only] if only.connection == side.connection);
    if let Some(side) = looked_from.filter(|side| !is_home(side)) {
        return Some(side);
    }
    match homes {
        [_] => sides.all().iter().find(|side| !is_home(side)),
        _ => None,
    }
}

fn views(
    reader: &Reader<'_>,
    sides: &Sides,
    accounts: &[Account],
) -> Result<Vec<AccountView>, StoreError> {
    accounts
        .iter()
        .filter_map(|account| account_view(reader, sides, account.clone()).transpose())
        .collect()
}

fn write_cursor(cursor: &SuggestionCursor) -> String {
    format!("{}.{}.{}", cursor.times, cursor.person, cursor.name_folded)
}

fn read_cursor(text: &str) -> Result<SuggestionCursor, HubError> {
    let read = || {
        let mut parts = text.splitn(3, '.');
        Some(SuggestionCursor {
            times: parts.next()?.parse().ok()?,
            person: PersonId(parts.next()?.parse().ok()?),
            name_folded: parts.next()?.to_owned(),
        })
    };
    read().ok_or_else(|| failed(ErrorCode::InvalidArgument, "There is no such page.").build())
}

#[cfg(test)]
mod tests {
    use causeway_model::{AccountId, ConnectionId, ExternalAccount, Platform, SpeaksBy};

    use super::*;

    fn sides() -> Sides {
        let side = |id, platform, name: &str| Side {
            connection: ConnectionId(id),
            platform,
            name: name.to_owned(),
            guests: platform == Platform::Teams,
            speaks_by: SpeaksBy::Token,
            otherwise: Otherwise::AppSpeaks,
            way: None,
        };
        Sides::new(vec![
            side(1, Platform::Slack, "Acme"),
            side(2, Platform::Teams, "Acme, Inc."),
        ])
    }

    fn account(connection: i64, kind: AccountKind, active: bool) -> Account {
        Account {
            id: AccountId(connection),
            connection: ConnectionId(connection),
            external: ExternalAccount::new("X"),
            person: Some(PersonId(1)),
            email: None,
            name: "Hana Sato".to_owned(),
            photo: None,
            kind,
            active,
        }
    }

    /// The kind, how they would be represented, and where they work and are represented.
    type Proposal = (
        SuggestionKind,
        Option<SecondaryWish>,
        Option<Platform>,
        Option<Platform>,
    );

    fn proposed(accounts: &[Account], candidates: usize, verified: bool) -> Proposal {
        proposed_among(&sides(), accounts, candidates, verified)
    }

    fn proposed_among(
        sides: &Sides,
        accounts: &[Account],
        candidates: usize,
        verified: bool,
    ) -> Proposal {
        let homes = homes(sides, accounts);
        let found = Found {
            away: away(sides, &homes, None),
            homes,
            accounts,
            candidates,
            verified,
        };
        let kind = found.kind();
        (
            kind,
            found.wish(kind),
            found.primary().map(|side| side.platform),
            found.secondary().map(|side| side.platform),
        )
    }

    const SLACK: Option<Platform> = Some(Platform::Slack);
    const TEAMS: Option<Platform> = Some(Platform::Teams);

    #[test]
    fn someone_on_both_sides_is_a_match_and_the_administrator_says_where_they_work() {
        let both = [
            account(1, AccountKind::Full, true),
            account(2, AccountKind::Full, true),
        ];
        assert_eq!(
            proposed(&both, 0, true),
            (SuggestionKind::Match, Some(SecondaryWish::Full), None, None)
        );
    }

    #[test]
    fn whoever_is_missing_becomes_a_guest_where_there_are_guests_and_the_apps_voice_elsewhere() {
        let on_slack = [account(1, AccountKind::Full, true)];
        let missing =
            |wish, primary, secondary| (SuggestionKind::Missing, Some(wish), primary, secondary);
        assert_eq!(
            proposed(&on_slack, 0, true),
            missing(SecondaryWish::Guest, SLACK, TEAMS)
        );
        assert_eq!(
            proposed(&on_slack, 0, false),
            missing(SecondaryWish::App, SLACK, TEAMS)
        );
        let on_teams = [account(2, AccountKind::Full, true)];
        assert_eq!(
            proposed(&on_teams, 0, true),
            missing(SecondaryWish::App, TEAMS, SLACK)
        );
    }

    #[test]
    fn nobody_is_to_be_represented_by_an_app_that_speaks_for_nobody() {
        let deaf = |side: &Side| Side {
            otherwise: Otherwise::Waits,
            ..side.clone()
        };
        let deaf = Sides::new(sides().all().iter().map(deaf).collect());
        let on_slack = [account(1, AccountKind::Full, true)];
        let wish = |verified| proposed_among(&deaf, &on_slack, 0, verified).1;
        assert_eq!(wish(true), Some(SecondaryWish::Guest));
        assert_eq!(wish(false), None);
    }

    #[test]
    fn whose_account_there_is_switched_off_cannot_be_a_guest() {
        let off = [
            account(1, AccountKind::Full, true),
            account(2, AccountKind::Full, false),
        ];
        assert_eq!(
            proposed(&off, 0, true),
            (
                SuggestionKind::Missing,
                Some(SecondaryWish::App),
                SLACK,
                TEAMS
            )
        );
    }

    #[test]
    fn a_guest_account_left_over_is_no_match() {
        let left = [
            account(1, AccountKind::Full, true),
            account(2, AccountKind::Guest, true),
        ];
        assert_eq!(
            proposed(&left, 0, true),
            (
                SuggestionKind::Missing,
                Some(SecondaryWish::Guest),
                SLACK,
                TEAMS
            )
        );
    }

    #[test]
    fn namesakes_leave_the_choice_to_the_administrator() {
        let on_teams = [account(2, AccountKind::Full, true)];
        assert_eq!(
            proposed(&on_teams, 1, true),
            (SuggestionKind::Ambiguous, None, TEAMS, SLACK)
        );
    }

    #[test]
    fn who_was_looked_for_is_to_be_represented_there() {
        let sides = sides();
        let accounts = [
            account(1, AccountKind::Full, true),
            account(2, AccountKind::Full, true),
        ];
        let homes = homes(&sides, &accounts);
        let slack = sides.get(ConnectionId(1));
        let away = away(&sides, &homes, slack).map(|side| side.platform);
        assert_eq!(away, SLACK);
        let teams = sides.get(ConnectionId(2)).expect("it is connected");
        assert_eq!(
            looked_for("Hana Sato", 1, teams),
            "Hana Sato was looked for once in Acme, Inc. (Microsoft Teams) and could not be \
             reached."
        );
    }

    #[test]
    fn a_cursor_survives_names_with_dots() {
        let cursor = SuggestionCursor {
            times: 0,
            name_folded: "dr. who".to_owned(),
            person: PersonId(7),
        };
        let read = read_cursor(&write_cursor(&cursor)).expect("it is ours");
        assert_eq!(read, cursor);
        assert!(read_cursor("nonsense").is_err());
    }
}

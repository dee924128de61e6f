//! The commands about people, their accounts and pairings.

use std::process::ExitCode;

use causeway_hub::{
    Client, Purpose,
    api::{
        AskAgain, DecideSuggestion, ImportPeople, ListPeople, ListSuggestions, PairPeople,
        PairPerson, PeopleFilter, PeopleView, PersonRef, PreviewPairing, RevokeConsent,
        SecondaryWish, SignInGuest, SuggestionDecision, UnpairPerson,
    },
};
use causeway_model::{AccountId, Mode, PersonId, Platform};

use crate::{
    args::{self, Cli, OnePairing},
    commands::open,
    failure::Failed,
    output, words,
};

pub async fn people(cli: &Cli, args: &args::People) -> Result<ExitCode, Failed> {
    let client = open(cli, Purpose::Manage).await?;
    let done = people_with(cli, &client, args).await;
    client.close().await;
    done
}

async fn people_with(cli: &Cli, client: &Client, args: &args::People) -> Result<ExitCode, Failed> {
    match args {
        args::People::List {
            search,
            view,
            primary,
            secondary,
            mode,
            after,
            limit,
        } => {
            let list = ListPeople {
                filter: PeopleFilter {
                    search: search.clone(),
                    view: people_view(*view),
                    primary: *primary,
                    secondary: *secondary,
                    mode: mode.map(paired_mode),
                },
                after: after.clone(),
                limit: Some(*limit),
            };
            let page = client.call(list).await?;
            output::print(cli.json, &page, words::people);
        }
        args::People::Import => {
            let report = client.call(ImportPeople::default()).await?;
            output::print(cli.json, &report, words::import);
        }
        args::People::Decide { person, decision } => {
            let decide = DecideSuggestion {
                person: PersonId(*person),
                decision: match decision {
                    args::Decision::Ignore => SuggestionDecision::Ignore,
                    args::Decision::Later => SuggestionDecision::Later,
                    args::Decision::Show => SuggestionDecision::Show,
                },
            };
            let decided = client.call(decide).await?;
            output::print(cli.json, &decided, words::decided);
        }
        args::People::Suggest {
            aside,
            after,
            limit,
        } => {
            let list = ListSuggestions {
                limit: Some(*limit),
                after: after.clone(),
                aside: *aside,
            };
            let page = client.call(list).await?;
            output::print(cli.json, &page, words::suggestions);
        }
        args::People::Pair {
            people,
            primary,
            secondary,
            mode,
            account,
            preview,
        } => {
            let wish = match account {
                Some(account) => SecondaryWish::Account(AccountId(*account)),
                None => wish(*mode),
            };
            let pair = PairPeople {
                people: people.iter().map(|person| person_ref(person)).collect(),
                primary: *primary,
                secondary: *secondary,
                wish,
            };
            return pair_with(cli, client, pair, *preview).await;
        }
        args::People::Unpair {
            person,
            secondary,
            remove_guest,
        } => {
            let unpair = UnpairPerson {
                person: person_ref(person),
                secondary: *secondary,
                remove_guest: *remove_guest,
            };
            let report = client.call(unpair).await?;
            output::print(cli.json, &report, |report| report.words.clone());
            if report.guest_error.is_some() {
                return Ok(ExitCode::FAILURE);
            }
        }
        args::People::Ask(one) => {
            let (person, secondary) = named(one);
            let pairing = client.call(AskAgain { person, secondary }).await?;
            output::print(cli.json, &pairing, words::pairing);
        }
        args::People::Revoke(one) => {
            let (person, secondary) = named(one);
            let pairing = client.call(RevokeConsent { person, secondary }).await?;
            output::print(cli.json, &pairing, words::pairing);
        }
        args::People::SignIn(one) => {
            let (person, secondary) = named(one);
            let offer = client.call(SignInGuest { person, secondary }).await?;
            output::print(cli.json, &offer, words::sign_in);
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// One person is answered with their pairing, several with a report.
async fn pair_with(
    cli: &Cli,
    client: &Client,
    pair: PairPeople,
    preview: bool,
) -> Result<ExitCode, Failed> {
    if preview {
        let preview = client.call(as_preview(pair)).await?;
        output::print(cli.json, &preview, words::preview);
        return Ok(ExitCode::SUCCESS);
    }
    if let [person] = pair.people.as_slice() {
        let one = PairPerson {
            person: person.clone(),
            primary: pair.primary,
            secondary: pair.secondary,
            wish: pair.wish,
        };
        let pairing = client.call(one).await?;
        output::print(cli.json, &pairing, words::pairing);
        return Ok(ExitCode::SUCCESS);
    }
    let report = client.call(pair).await?;
    output::print(cli.json, &report, words::bulk);
    Ok(if report.failed.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn as_preview(pair: PairPeople) -> PreviewPairing {
    PreviewPairing {
        people: pair.people,
        primary: pair.primary,
        secondary: pair.secondary,
        wish: pair.wish,
    }
}

fn named(one: &OnePairing) -> (PersonRef, Option<Platform>) {
    (person_ref(&one.person), one.secondary)
}

fn wish(mode: args::Wish) -> SecondaryWish {
    match mode {
        args::Wish::Full => SecondaryWish::Full,
        args::Wish::Guest => SecondaryWish::Guest,
        args::Wish::App => SecondaryWish::App,
        args::Wish::Best => SecondaryWish::Best,
    }
}

fn people_view(view: args::PeopleView) -> PeopleView {
    match view {
        args::PeopleView::Any => PeopleView::Any,
        args::PeopleView::Paired => PeopleView::Paired,
        args::PeopleView::Unpaired => PeopleView::Unpaired,
        args::PeopleView::NeedsAttention => PeopleView::NeedsAttention,
        args::PeopleView::WaitingForConsent => PeopleView::WaitingForConsent,
    }
}

fn paired_mode(mode: args::PairedMode) -> Mode {
    match mode {
        args::PairedMode::Full => Mode::Full,
        args::PairedMode::Guest => Mode::Guest,
        args::PairedMode::App => Mode::App,
    }
}

fn person_ref(text: &str) -> PersonRef {
    match text.parse() {
        Ok(id) => PersonRef::Id(PersonId(id)),
        Err(_) => PersonRef::Named(text.to_owned()),
    }
}

//! `docs/who-speaks.md` is what the code does: every case is put to the functions that decide, and
//! the page must say the same. `CAUSEWAY_WRITE_DOCS=1` writes it anew.

use std::{fmt::Write as _, path::PathBuf};

use causeway_model::{
    Capabilities, ConnectionId, Consent, ConversationKind, ExternalAccount, LegKind, Mode,
    PersonId, Rung, SignInWay, SpeaksBy, Timestamp, capability,
};
use causeway_relay::{
    consent::{ConsentFacts, gate},
    legs::{LegFacts, StandIn, choose_leg},
    route::{Ignored, Member, RoutePolicy, Standing, find_pair},
    voice::{OwnVoice, TokenState, Voice, VoiceFacts, choose_voice},
};

const PLATFORMS: [&Capabilities; 4] = capability::ALL;

/// What stands for Y where X works.
struct Case {
    words: &'static str,
    stand_in: StandIn,
    guest: bool,
    token: TokenState,
}

const CASES: [Case; 6] = [
    Case {
        words: "nothing: mode App, or a guest that nobody has taken up",
        stand_in: StandIn::None,
        guest: false,
        token: TokenState::None,
    },
    Case {
        words: "an account; nobody can be asked, or its owner declined, took it back, or has not \
                answered in time",
        stand_in: StandIn::Account,
        guest: false,
        token: TokenState::None,
    },
    Case {
        words: "an account whose owner has been asked and is still waited for",
        stand_in: StandIn::Awaited,
        guest: false,
        token: TokenState::Awaited,
    },
    Case {
        words: "an account whose token the hub holds",
        stand_in: StandIn::Token,
        guest: false,
        token: TokenState::Held,
    },
    Case {
        words: "a guest that was taken up, without a token",
        stand_in: StandIn::Account,
        guest: true,
        token: TokenState::None,
    },
    Case {
        words: "a guest whose token the hub holds",
        stand_in: StandIn::Token,
        guest: true,
        token: TokenState::Held,
    },
];

fn kind_words(kind: LegKind) -> &'static str {
    match kind {
        LegKind::Native => "their own direct conversation",
        LegKind::Group => "a group of the app, X, and Y's account where there is one",
        LegKind::Private => "a private channel of the app and X",
        LegKind::App => "X's conversation with the app",
    }
}

fn leg_of(platform: &Capabilities, case: &Case) -> LegKind {
    let stand_in = case.stand_in;
    choose_leg(platform, LegFacts { stand_in })
}

/// Guests stand for people only where the hub can make them, and no account is without a token, or
/// asked for one, where the app's own role is enough.
fn cases_on(platform: &Capabilities) -> impl Iterator<Item = &'static Case> {
    let (guests, speaks_by) = (platform.guests, platform.speaks_by);
    CASES.iter().filter(move |case| {
        let by_role = match case.stand_in {
            StandIn::None | StandIn::Token => true,
            StandIn::Account | StandIn::Awaited => false,
        };
        (guests || !case.guest) && (by_role || speaks_by == SpeaksBy::Token)
    })
}

fn voice_of(case: &Case, leg: LegKind) -> Voice {
    let account = match case.stand_in {
        StandIn::None => None,
        StandIn::Account | StandIn::Awaited | StandIn::Token => Some(OwnVoice {
            account: ExternalAccount::new("Y"),
            guest: case.guest,
            token: case.token,
        }),
    };
    choose_voice(&VoiceFacts { leg, account })
}

fn voice_words(voice: &Voice) -> &'static str {
    match voice {
        Voice::Speak { rung, .. } => match rung {
            Rung::Full => "at once, as Y (full)",
            Rung::Guest => "at once, as Y's guest (guest)",
            Rung::App => "at once, by the app under Y's name (app)",
        },
        Voice::Wait => "waits for Y's answer, in order; after the wait, by the app",
        Voice::Silent => "cannot be said here: another conversation is chosen",
    }
}

fn legs(page: &mut String) {
    for platform in PLATFORMS {
        let name = platform.platform.name();
        let _ = writeln!(page, "\n## X works in {name}\n");
        if platform.speaks_by == SpeaksBy::Role {
            page.push_str(
                "The hub's app there acts as members by its own role: every account counts as one \
                 whose token\nthe hub holds, and nobody is asked.\n\n",
            );
        }
        page.push_str(
            "| what stands for Y there | where X reads Y and answers | what Y writes |\n",
        );
        page.push_str("|---|---|---|\n");
        for case in cases_on(platform) {
            let leg = leg_of(platform, case);
            let (kind, voice) = (kind_words(leg), voice_words(&voice_of(case, leg)));
            let _ = writeln!(page, "| {} | {kind} | {voice} |", case.words);
        }
    }
}

fn recorded() -> [Option<Consent>; 5] {
    let at = Timestamp(1);
    [
        None,
        Some(Consent::Asked {
            at,
            how: SignInWay::DeviceCode,
            until: Timestamp(2),
        }),
        Some(Consent::Granted {
            at,
            scopes: String::new(),
        }),
        Some(Consent::Declined { at }),
        Some(Consent::Revoked { at }),
    ]
}

fn asking(page: &mut String) {
    page.push_str(
        "\n## Who is asked, at the first message across that they send or receive\n\n\
         | mode | token held | recorded before | how people there can be asked | asked now |\n\
         |---|---|---|---|---|\n",
    );
    let ways = [None, Some(SignInWay::DeviceCode), Some(SignInWay::Link)];
    for mode in [Mode::Full, Mode::Guest, Mode::App] {
        for token in [false, true] {
            for consent in recorded() {
                let asked: Vec<_> = ways
                    .into_iter()
                    .filter_map(|way| {
                        gate(ConsentFacts {
                            mode,
                            token,
                            recorded: consent.as_ref(),
                            way,
                        })
                    })
                    .map(SignInWay::word)
                    .collect();
                let consent = consent.as_ref().map_or("nothing", Consent::word);
                let token = if token { "yes" } else { "no" };
                let mode = mode.word();
                let _ = if asked.is_empty() {
                    writeln!(page, "| {mode} | {token} | {consent} | any | no |")
                } else {
                    let by = asked.join(" or ");
                    writeln!(
                        page,
                        "| {mode} | {token} | {consent} | {by} | **yes, once** |"
                    )
                };
            }
        }
    }
}

const HERE: ConnectionId = ConnectionId(1);
const THERE: ConnectionId = ConnectionId(2);

fn resident(paired: bool) -> Standing {
    let person = PersonId(1);
    Standing::Resident { person, paired }
}

fn stands_for(person: i64, home: ConnectionId) -> Standing {
    let person = PersonId(person);
    Standing::StandsFor { person, home }
}

fn routes(page: &mut String) {
    page.push_str(
        "\n## Which direct conversations are carried\n\n| one | the other | carried |\n|---|---|---|\n",
    );
    let someone = "someone paired who works here";
    let elsewhere = "an account that stands for someone who works elsewhere";
    let cases = [
        (someone, resident(true), elsewhere, stands_for(2, THERE)),
        (
            "someone who is not paired",
            resident(false),
            elsewhere,
            stands_for(2, THERE),
        ),
        (
            someone,
            resident(true),
            "someone else who works here",
            resident(true),
        ),
        (
            elsewhere,
            stands_for(1, THERE),
            elsewhere,
            stands_for(2, THERE),
        ),
        (
            someone,
            resident(true),
            "an account that stands for someone who works here too",
            stands_for(2, HERE),
        ),
        (
            someone,
            resident(true),
            "the account that stands for themselves",
            stands_for(1, THERE),
        ),
        (
            "a bot, or somebody whom no directory knows",
            Standing::Nobody,
            elsewhere,
            stands_for(2, THERE),
        ),
        (
            "the hub's app",
            Standing::Hub,
            elsewhere,
            stands_for(2, THERE),
        ),
    ];
    for (one, first, other, second) in cases {
        let members = [("one", first), ("other", second)].map(|(name, standing)| Member {
            account: ExternalAccount::new(name),
            standing,
        });
        let carried = |relay_unpaired| {
            let policy = RoutePolicy { relay_unpaired };
            find_pair(HERE, ConversationKind::Direct, &members, policy).map(|_| ())
        };
        let words = match (carried(true), carried(false)) {
            (Ok(()), Ok(())) => "yes",
            (Ok(()), Err(_)) => "yes, by the app under their name, unless the policy says no",
            (Err(Ignored::SameHome), _) => "no: both work on the same platform, or are one person",
            (Err(Ignored::NobodyRepresented), _) => "no: nobody in it stands for anyone elsewhere",
            (Err(Ignored::NotAPerson), _) => "no: not a person",
            (Err(Ignored::NotDirect | Ignored::Unpaired), _) => "no",
        };
        let _ = writeln!(page, "| {one} | {other} | {words} |");
    }
}

fn page() -> String {
    let mut page = String::from(
        "# Who speaks, and where\n\n\
         X writes with Y, who works on another platform. This page is generated from the functions \
         that decide: `cargo test -p causeway-relay --test who_speaks` compares them, and with \
         `CAUSEWAY_WRITE_DOCS=1` writes the page anew.\n\n\
         The highest conversation in which both directions can be heard and written is chosen. When \
         what stands for Y changes, the conversation changes: what waits moves there in order, and \
         a note in the old one points to the new.\n",
    );
    legs(&mut page);
    asking(&mut page);
    routes(&mut page);
    page.push_str(
        "\nWhat someone writes by hand with the account that only stands for them is carried as \
         theirs where the hub holds a token of their own account, else by the app, marked with \
         where it comes from. Where neither can speak, that is recorded, and holds nothing up.\n",
    );
    page
}

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/who-speaks.md")
}

#[test]
fn the_page_about_who_speaks_says_what_the_code_does() {
    let page = page();
    if std::env::var_os("CAUSEWAY_WRITE_DOCS").is_some() {
        std::fs::write(path(), &page).expect("the page can be written");
    }
    let written = std::fs::read_to_string(path()).expect("the page is there");
    assert_eq!(written, page, "write it anew with CAUSEWAY_WRITE_DOCS=1");
}

#[test]
fn whatever_stands_for_someone_is_heard_in_the_conversation_that_is_chosen() {
    for platform in PLATFORMS {
        for case in cases_on(platform) {
            let voice = voice_of(case, leg_of(platform, case));
            assert_ne!(voice, Voice::Silent, "{}", case.words);
        }
    }
}

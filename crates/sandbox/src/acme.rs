//! Acme, Inc.: engineers on Slack, sales reps on Teams, and everything in between.

/// What a person has on one platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Has {
    /// No account there.
    Nothing,
    /// An account, and the hub holds no token of it.
    Account,
    /// An account whose owner has authorised the hub's app.
    Token,
    /// An account that was switched off.
    Deactivated,
}

#[derive(Debug, Clone, Copy)]
pub struct Member {
    /// The address in the people's list; each platform may write it with other letter case.
    pub email: &'static str,
    pub name: &'static str,
    pub title: &'static str,
    pub slack: Has,
    /// As Slack writes the address, where it differs in case.
    pub slack_email: Option<&'static str>,
    pub teams: Has,
    pub teams_email: Option<&'static str>,
}

const fn engineer(name: &'static str, email: &'static str, slack: Has, teams: Has) -> Member {
    Member {
        email,
        name,
        title: "Engineer",
        slack,
        slack_email: None,
        teams,
        teams_email: None,
    }
}

const fn rep(name: &'static str, email: &'static str, teams: Has, slack: Has) -> Member {
    Member {
        email,
        name,
        title: "Sales",
        slack,
        slack_email: None,
        teams,
        teams_email: None,
    }
}

/// Everyone at Acme. Engineers work in Slack, sales reps in Teams; the second account is what
/// may stand for them on the other side.
pub const MEMBERS: &[Member] = &[
    engineer("Ann Lee", "ann@acme.example", Has::Token, Has::Token),
    engineer("Cho Park", "cho@acme.example", Has::Account, Has::Token),
    engineer("Eli Novak", "eli@acme.example", Has::Token, Has::Account),
    engineer("Fay Okafor", "fay@acme.example", Has::Account, Has::Account),
    engineer(
        "Gus Lindqvist",
        "gus@acme.example",
        Has::Token,
        Has::Nothing,
    ),
    engineer("Hana Sato", "hana@acme.example", Has::Account, Has::Nothing),
    engineer("Ivo Marek", "ivo@acme.example", Has::Account, Has::Token),
    engineer("Jun Tanaka", "jun@acme.example", Has::Token, Has::Token),
    engineer("Ada Quist", "ada@acme.example", Has::Account, Has::Account),
    engineer("Ben Osei", "ben@acme.example", Has::Account, Has::Account),
    engineer("Ida Moreau", "ida@acme.example", Has::Token, Has::Account),
    engineer("Noa Levi", "noa@acme.example", Has::Account, Has::Account),
    Member {
        slack_email: Some("Kai.Berg@Acme.example"),
        ..engineer(
            "Kai Berg",
            "kai.berg@acme.example",
            Has::Account,
            Has::Token,
        )
    },
    engineer(
        "Lea Fontaine",
        "lea@acme.example",
        Has::Account,
        Has::Deactivated,
    ),
    engineer(
        "Sam Carter",
        "sam.carter@acme.example",
        Has::Account,
        Has::Token,
    ),
    engineer(
        "Mia O'Brien",
        "mia@acme.example",
        Has::Account,
        Has::Nothing,
    ),
    engineer(
        "Zed Adeyemi",
        "zed@acme.example",
        Has::Deactivated,
        Has::Account,
    ),
    // Contractors: they work in Acme's Slack with an address from elsewhere, so that its Teams can
    // have them as guests.
    engineer(
        "Noor Haddad",
        "noor@lattice.example",
        Has::Account,
        Has::Nothing,
    ),
    engineer(
        "Lior Amsel",
        "lior@lattice.example",
        Has::Account,
        Has::Nothing,
    ),
    rep("Bob Stone", "bob@acme.example", Has::Token, Has::Token),
    rep("Dana Ruiz", "dana@acme.example", Has::Token, Has::Account),
    rep("Nia Bello", "nia@acme.example", Has::Token, Has::Nothing),
    rep("Otto Weiss", "otto@acme.example", Has::Account, Has::Token),
    rep("Pia Rossi", "pia@acme.example", Has::Account, Has::Account),
    rep(
        "Quinn Hale",
        "quinn@acme.example",
        Has::Account,
        Has::Nothing,
    ),
    rep("Raj Patel", "raj@acme.example", Has::Token, Has::Token),
    Member {
        teams_email: Some("Sue.Kim@ACME.example"),
        ..rep("Sue Kim", "sue.kim@acme.example", Has::Token, Has::Account)
    },
    rep(
        "Sam Carter",
        "s.carter@acme.example",
        Has::Token,
        Has::Nothing,
    ),
    rep(
        "Tom Vance",
        "tom@acme.example",
        Has::Token,
        Has::Deactivated,
    ),
    rep("Uma Iyer", "uma@acme.example", Has::Account, Has::Token),
    rep("Vic Duarte", "vic@acme.example", Has::Token, Has::Nothing),
    rep(
        "Wren Castle",
        "wren@acme.example",
        Has::Deactivated,
        Has::Account,
    ),
];

/// The licensed member that the admin names as the hub's service account on Teams.
pub const SERVICE_ACCOUNT: &str = "causeway@acme.example";

/// A bot of somebody else's on both platforms, which nobody may be paired with.
pub const OTHER_BOT: &str = "Build Bot";

//! Acme, Inc.: engineers on Slack, sales reps on Teams, support on Webex, the field on Zoom, and
//! everything in between.

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
    /// The platform they work in: `slack`, `teams`, `webex`, `zoom`.
    pub home: &'static str,
    pub slack: Has,
    /// As Slack writes the address, where it differs in case.
    pub slack_email: Option<&'static str>,
    pub teams: Has,
    pub teams_email: Option<&'static str>,
    pub webex: Has,
    pub zoom: Has,
}

impl Member {
    /// What they have on a platform; nothing on one that there is not.
    #[must_use]
    pub fn has(&self, platform: &str) -> Has {
        match platform {
            "slack" => self.slack,
            "teams" => self.teams,
            "webex" => self.webex,
            "zoom" => self.zoom,
            _ => Has::Nothing,
        }
    }
}

const fn engineer(name: &'static str, email: &'static str, slack: Has, teams: Has) -> Member {
    Member {
        email,
        name,
        title: "Engineer",
        home: "slack",
        slack,
        slack_email: None,
        teams,
        teams_email: None,
        webex: Has::Nothing,
        zoom: Has::Nothing,
    }
}

const fn rep(name: &'static str, email: &'static str, teams: Has, slack: Has) -> Member {
    Member {
        email,
        name,
        title: "Sales",
        home: "teams",
        slack,
        slack_email: None,
        teams,
        teams_email: None,
        webex: Has::Nothing,
        zoom: Has::Nothing,
    }
}

/// Somebody who works in one platform and has nothing on the others.
const fn only_in(
    home: &'static str,
    title: &'static str,
    name: &'static str,
    email: &'static str,
) -> Member {
    let mut member = Member {
        title,
        home,
        slack: Has::Nothing,
        teams: Has::Nothing,
        ..engineer(name, email, Has::Nothing, Has::Nothing)
    };
    match home.as_bytes()[0] {
        b's' => member.slack = Has::Account,
        b't' => member.teams = Has::Account,
        b'w' => member.webex = Has::Account,
        _ => member.zoom = Has::Account,
    }
    member
}

/// Somebody who works in one platform and has authorised the hub on all.
const fn everywhere(
    home: &'static str,
    title: &'static str,
    name: &'static str,
    email: &'static str,
) -> Member {
    Member {
        title,
        home,
        webex: Has::Token,
        zoom: Has::Token,
        ..engineer(name, email, Has::Token, Has::Token)
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
    everywhere("slack", "Engineer", "Yara Holm", "yara@acme.example"),
    only_in("slack", "Engineer", "Max Ferro", "max@acme.example"),
    only_in("slack", "Engineer", "Ines Calder", "ines@lattice.example"),
    Member {
        webex: Has::Account,
        ..only_in("slack", "Engineer", "Bea Nolan", "bea@acme.example")
    },
    everywhere("teams", "Sales", "Theo Brandt", "theo@acme.example"),
    only_in("teams", "Sales", "Gia Moss", "gia@acme.example"),
    only_in("teams", "Sales", "Rui Campos", "rui@lattice.example"),
    everywhere("webex", "Support", "Wanda Fisk", "wanda@acme.example"),
    only_in("webex", "Support", "Hugo Stern", "hugo@acme.example"),
    only_in("webex", "Support", "Lena Dorsey", "lena@lattice.example"),
    Member {
        slack: Has::Account,
        teams: Has::Account,
        ..only_in("webex", "Support", "Finn Aker", "finn@acme.example")
    },
    Member {
        webex: Has::Deactivated,
        slack: Has::Account,
        ..only_in("webex", "Support", "Ruth Amadi", "ruth@acme.example")
    },
    everywhere("zoom", "Field", "Zara Quill", "zara@acme.example"),
    only_in("zoom", "Field", "Olof Dahl", "olof@acme.example"),
    only_in("zoom", "Field", "Emi Carver", "emi@lattice.example"),
    Member {
        webex: Has::Account,
        teams: Has::Account,
        ..only_in("zoom", "Field", "Jonas Pike", "jonas@acme.example")
    },
    Member {
        zoom: Has::Deactivated,
        slack: Has::Account,
        ..only_in("zoom", "Field", "Petra Volk", "petra@acme.example")
    },
];

/// The member that the admin names as the hub's service account on Teams and on Zoom, and who signs in
/// as Webex's administrator and compliance officer.
pub const SERVICE_ACCOUNT: &str = "causeway@acme.example";

/// A bot of somebody else's on every platform, which nobody may be paired with.
pub const OTHER_BOT: &str = "Build Bot";

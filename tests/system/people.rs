//! Who takes part: people at Acme, where they work, and how they are represented elsewhere.

pub const SLACK: &str = "slack";
pub const TEAMS: &str = "teams";
pub const WEBEX: &str = "webex";
pub const ZOOM: &str = "zoom";
pub const PLATFORMS: [&str; 4] = [SLACK, TEAMS, WEBEX, ZOOM];

/// What stands for somebody where they do not work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stands {
    /// Their own account, which the hub may act as.
    Own,
    /// A guest account that the hub makes.
    Guest,
    /// The app alone.
    Nobody,
}

/// Somebody at Acme.
#[derive(Debug, PartialEq, Eq)]
pub struct Person {
    pub name: &'static str,
    pub email: &'static str,
    /// The platform that they work on.
    pub home: &'static str,
    stands: Stands,
}

/// Two who work on different platforms.
pub type Pair = (&'static Person, &'static Person);

const fn person(
    name: &'static str,
    email: &'static str,
    home: &'static str,
    stands: Stands,
) -> Person {
    Person {
        name,
        email,
        home,
        stands,
    }
}

impl Person {
    /// A word that is nobody else's.
    pub fn nick(&self) -> &str {
        self.email.split('@').next().unwrap_or(self.email)
    }

    /// What stands for them on a platform: in Slack no guests are made.
    pub fn on(&self, platform: &str) -> Stands {
        match self.stands {
            Stands::Guest if platform == SLACK => Stands::Nobody,
            stands => stands,
        }
    }
}

use Stands::{Guest, Nobody, Own};

pub const ANN: &Person = &person("Ann Lee", "ann@acme.example", SLACK, Own);
pub const JUN: &Person = &person("Jun Tanaka", "jun@acme.example", SLACK, Own);
pub const IVO: &Person = &person("Ivo Marek", "ivo@acme.example", SLACK, Own);
pub const GUS: &Person = &person("Gus Lindqvist", "gus@acme.example", SLACK, Nobody);
pub const MIA: &Person = &person("Mia O'Brien", "mia@acme.example", SLACK, Nobody);
pub const SAM: &Person = &person("Sam Carter", "sam.carter@acme.example", SLACK, Own);
pub const BOB: &Person = &person("Bob Stone", "bob@acme.example", TEAMS, Own);
pub const RAJ: &Person = &person("Raj Patel", "raj@acme.example", TEAMS, Own);
pub const UMA: &Person = &person("Uma Iyer", "uma@acme.example", TEAMS, Own);
pub const NIA: &Person = &person("Nia Bello", "nia@acme.example", TEAMS, Nobody);
pub const VIC: &Person = &person("Vic Duarte", "vic@acme.example", TEAMS, Nobody);
/// Has a Slack account, and the hub no token of it: a group DM with the app stands for her.
pub const DANA: &Person = &person("Dana Ruiz", "dana@acme.example", TEAMS, Nobody);
/// Has a Teams account, and the hub no token of it: he is asked when he takes part.
pub const ELI: &Person = &person("Eli Novak", "eli@acme.example", SLACK, Own);
/// The same, and so is she.
pub const FAY: &Person = &person("Fay Okafor", "fay@acme.example", SLACK, Own);
/// Works in Acme's Slack for somebody else.
pub const NOOR: &Person = &person("Noor Haddad", "noor@lattice.example", SLACK, Nobody);
pub const OTHER_SAM: &Person = &person("Sam Carter", "s.carter@acme.example", TEAMS, Nobody);

// Those of all four platforms, of each three: with an account everywhere, with one where they work
// alone, and from elsewhere, so that they can be guests.
pub const YARA: &Person = &person("Yara Holm", "yara@acme.example", SLACK, Own);
/// Has a Webex account, and the hub no token of it: she is asked when she takes part.
pub const BEA: &Person = &person("Bea Nolan", "bea@acme.example", SLACK, Own);
pub const MAX: &Person = &person("Max Ferro", "max@acme.example", SLACK, Nobody);
pub const INES: &Person = &person("Ines Calder", "ines@lattice.example", SLACK, Guest);
pub const THEO: &Person = &person("Theo Brandt", "theo@acme.example", TEAMS, Own);
pub const GIA: &Person = &person("Gia Moss", "gia@acme.example", TEAMS, Nobody);
pub const RUI: &Person = &person("Rui Campos", "rui@lattice.example", TEAMS, Guest);
pub const WANDA: &Person = &person("Wanda Fisk", "wanda@acme.example", WEBEX, Own);
pub const HUGO: &Person = &person("Hugo Stern", "hugo@acme.example", WEBEX, Nobody);
pub const LENA: &Person = &person("Lena Dorsey", "lena@lattice.example", WEBEX, Guest);
/// Has a Webex account, and the hub no token of it.
pub const JONAS: &Person = &person("Jonas Pike", "jonas@acme.example", ZOOM, Own);
pub const ZARA: &Person = &person("Zara Quill", "zara@acme.example", ZOOM, Own);
pub const OLOF: &Person = &person("Olof Dahl", "olof@acme.example", ZOOM, Nobody);
pub const EMI: &Person = &person("Emi Carver", "emi@lattice.example", ZOOM, Guest);

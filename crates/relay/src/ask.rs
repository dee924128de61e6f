//! Asking the hub's app for a person: `/causeway Bob`, or a message to the app.

use causeway_model::PersonId;

/// What someone typed, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// Nothing, or a word for help.
    Help,
    /// A name or an address to look for.
    Find(String),
}

/// Someone who fits what was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    pub person: PersonId,
    pub name: String,
    /// Tells namesakes apart.
    pub title: Option<String>,
    pub reach: Reach,
}

/// Whether the asker can write to a candidate through the hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Paired, and works elsewhere.
    Reachable,
    /// Works on the asker's own platform: the platform's own search finds them.
    SamePlatform,
    /// Not paired yet.
    NotYet,
    /// The asker themselves.
    Oneself,
}

/// What becomes of an ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    Open { person: PersonId, name: String },
    Tell(String),
}

/// Reads what was typed, with or without the command's own word, a leading `@`, or quotes.
#[must_use]
pub fn read_ask(text: &str) -> Ask {
    let text = text.trim();
    let text = text.strip_prefix("/causeway").unwrap_or(text);
    let text = text
        .trim()
        .trim_start_matches('@')
        .trim_matches(['"', '\'', '“', '”'])
        .trim();
    if text.is_empty() || text.eq_ignore_ascii_case("help") {
        return Ask::Help;
    }
    Ask::Find(text.to_owned())
}

/// Decides among the candidates. Someone reachable wins over namesakes who are not.
#[must_use]
pub fn settle_ask(asked: &str, candidates: &[Candidate]) -> Answer {
    let with = |reach| {
        candidates
            .iter()
            .filter(move |candidate| candidate.reach == reach)
    };
    let reachable: Vec<_> = with(Reach::Reachable).collect();
    if let [only] = reachable.as_slice() {
        return Answer::Open {
            person: only.person,
            name: only.name.clone(),
        };
    }
    if reachable.len() > 1 {
        return Answer::Tell(ambiguous(&reachable));
    }
    let words = if let Some(same) = with(Reach::SamePlatform).next() {
        format!("{} works here too: write to them directly.", same.name)
    } else if let Some(not_yet) = with(Reach::NotYet).next() {
        cannot_be_reached(&not_yet.name)
    } else if with(Reach::Oneself).next().is_some() {
        "That is you.".to_owned()
    } else {
        format!("Nobody called “{asked}” was found. Try a full name or an e-mail address.")
    };
    Answer::Tell(words)
}

/// What whoever asks for somebody is told while nothing could be carried to and from them.
#[must_use]
pub fn cannot_be_reached(name: &str) -> String {
    format!("{name} cannot be reached from here yet. Your administrator can change that.")
}

/// What the app says when it is asked for nothing.
#[must_use]
pub fn help() -> String {
    "Tell me whom you would like to write to on another platform, by name or e-mail address, \
     and I open a conversation with them here."
        .to_owned()
}

fn ambiguous(reachable: &[&Candidate]) -> String {
    let names: Vec<_> = reachable
        .iter()
        .take(8)
        .map(|candidate| match &candidate.title {
            Some(title) => format!("{} ({title})", candidate.name),
            None => candidate.name.clone(),
        })
        .collect();
    format!(
        "Several people fit: {}. Which one? Try the e-mail address.",
        names.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(id: i64, name: &str, reach: Reach) -> Candidate {
        Candidate {
            person: PersonId(id),
            name: name.into(),
            title: None,
            reach,
        }
    }

    #[test]
    fn what_was_typed_is_read_with_and_without_the_command() {
        assert_eq!(
            read_ask("/causeway Bob Stone"),
            Ask::Find("Bob Stone".into())
        );
        assert_eq!(read_ask("  @bob "), Ask::Find("bob".into()));
        assert_eq!(read_ask("“Bob”"), Ask::Find("Bob".into()));
        assert_eq!(read_ask("/causeway"), Ask::Help);
        assert_eq!(read_ask("HELP"), Ask::Help);
    }

    #[test]
    fn someone_reachable_wins_over_a_namesake_who_is_not() {
        let candidates = [
            candidate(1, "Sam Carter", Reach::SamePlatform),
            candidate(2, "Sam Carter", Reach::Reachable),
        ];
        assert_eq!(
            settle_ask("Sam", &candidates),
            Answer::Open {
                person: PersonId(2),
                name: "Sam Carter".into()
            }
        );
    }

    #[test]
    fn several_people_are_listed_and_none_is_guessed() {
        let candidates = [
            candidate(1, "Bob Stone", Reach::Reachable),
            candidate(2, "Bob Frost", Reach::Reachable),
        ];
        let Answer::Tell(words) = settle_ask("Bob", &candidates) else {
            panic!("expected words");
        };
        assert!(words.contains("Bob Stone") && words.contains("Bob Frost"));
    }

    #[test]
    fn everyone_who_cannot_be_reached_is_told_why() {
        let told = |reach| match settle_ask("Vic", &[candidate(1, "Vic Duarte", reach)]) {
            Answer::Tell(words) => words,
            Answer::Open { .. } => panic!("expected words"),
        };
        assert!(told(Reach::NotYet).contains("administrator"));
        assert!(told(Reach::SamePlatform).contains("directly"));
        assert_eq!(told(Reach::Oneself), "That is you.");
        assert!(matches!(settle_ask("Nob", &[]), Answer::Tell(words) if words.contains("Nob")));
    }
}

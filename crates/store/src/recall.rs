//! What the writer has read of tables that seldom change.
//!
//! Deciding about one message asks some forty times for the same legs, accounts, pairings, consents
//! and tokens. An answer is kept until its table is written to; whatever is undone takes all
//! answers with it. Nobody else writes to an open database, so nothing else can make one stale.

use std::any::Any;
use std::cell::RefCell;
use std::collections::HashMap;

use causeway_model::{
    AccountId, ConnectionId, ExternalAccount, ExternalConversation, LegId, LinkId, PersonId,
};

/// More than a busy hour asks for; then it begins anew.
const MOST: usize = 8_192;

const TABLES: [&str; 8] = [
    "meta", "people", "accounts", "pairings", "links", "legs", "consents", "tokens",
];

/// A question whose answer may be kept.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Question {
    Meta(&'static str),
    Person(PersonId),
    Account(AccountId),
    AccountBy(ConnectionId, ExternalAccount),
    AccountsOf(PersonId),
    Pairing(PersonId, ConnectionId),
    Link(LinkId),
    Leg(LegId),
    LegBy(ConnectionId, ExternalConversation),
    LegsOfSide(LinkId, ConnectionId),
    Consent(AccountId),
    Token(ConnectionId, String),
}

impl Question {
    /// The table that alone decides the answer: one of [`TABLES`].
    fn table(&self) -> &'static str {
        match self {
            Self::Meta(_) => "meta",
            Self::Person(_) => "people",
            Self::Account(_) | Self::AccountBy(..) | Self::AccountsOf(_) => "accounts",
            Self::Pairing(..) => "pairings",
            Self::Link(_) => "links",
            Self::Leg(_) | Self::LegBy(..) | Self::LegsOfSide(..) => "legs",
            Self::Consent(_) => "consents",
            Self::Token(..) => "tokens",
        }
    }
}

/// The answers of one writing connection.
#[derive(Default)]
pub(crate) struct Recall {
    answers: RefCell<HashMap<Question, Box<dyn Any + Send>>>,
}

impl Recall {
    pub(crate) fn answer<T: Clone + 'static>(&self, question: &Question) -> Option<T> {
        let answers = self.answers.borrow();
        answers.get(question)?.downcast_ref().cloned()
    }

    pub(crate) fn keep<T: Send + 'static>(&self, question: Question, answer: T) {
        let mut answers = self.answers.borrow_mut();
        if answers.len() >= MOST {
            answers.clear();
        }
        answers.insert(question, Box::new(answer));
    }

    /// A statement is about to change its table.
    pub(crate) fn changes(&self, statement: &str) {
        let mut answers = self.answers.borrow_mut();
        match table_of(statement) {
            Some(table) if TABLES.contains(&table) => {
                answers.retain(|question, _| question.table() != table);
            }
            Some(_) => {}
            None => answers.clear(),
        }
    }

    pub(crate) fn forget_all(&self) {
        self.answers.borrow_mut().clear();
    }
}

/// The table that a statement writes to; none where the statement is not of a form known here.
fn table_of(statement: &str) -> Option<&str> {
    let mut words = statement.split_ascii_whitespace();
    let before = match words.next()? {
        "UPDATE" => return words.next().filter(|word| *word != "OR"),
        "INSERT" => "INTO",
        "DELETE" => "FROM",
        _ => return None,
    };
    words.next().filter(|word| *word == before)?;
    words.next()
}

#[cfg(test)]
mod tests {
    use super::table_of;

    #[test]
    fn the_table_that_a_statement_writes_to_is_found() {
        assert_eq!(table_of("UPDATE legs SET state = ?2"), Some("legs"));
        assert_eq!(
            table_of("\n INSERT INTO links (a)\n VALUES (1)"),
            Some("links")
        );
        assert_eq!(
            table_of("DELETE FROM tokens WHERE owner = ?1"),
            Some("tokens")
        );
        let others = [
            "INSERT OR IGNORE INTO legs",
            "UPDATE OR FAIL legs",
            "WITH a AS ()",
        ];
        assert_eq!(others.map(table_of), [None; 3]);
    }
}

//! OData query options, as far as the stand-in's endpoints take them.
//!
//! Source: <https://learn.microsoft.com/graph/query-parameters>

use jiff::Timestamp;

use super::error::GraphError;
use crate::clock::Millis;

/// The decoded query of one request, in the order given.
#[derive(Debug, Clone, Default)]
pub struct Query(Vec<(String, String)>);

impl Query {
    pub fn parse(text: &str) -> Self {
        Self(
            url::form_urlencoded::parse(text.as_bytes())
                .into_owned()
                .collect(),
        )
    }

    /// The value of a system option, named without its `$`, which a client may leave out.
    pub fn get(&self, option: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(name, _)| {
                name.strip_prefix('$')
                    .unwrap_or(name)
                    .eq_ignore_ascii_case(option)
            })
            .map(|(_, value)| value.as_str())
    }

    /// Refuses system options other than these.
    pub fn only(&self, allowed: &[&str]) -> Result<(), GraphError> {
        let stranger = self
            .0
            .iter()
            .filter_map(|(name, _)| name.strip_prefix('$'))
            .find(|name| {
                !allowed
                    .iter()
                    .any(|option| option.eq_ignore_ascii_case(name))
            });
        match stranger {
            None => Ok(()),
            Some(name) => Err(GraphError::bad_request(format!(
                "Query option '${name}' is not allowed for this request."
            ))),
        }
    }

    /// `$top`, or `default`; more than `most` is refused.
    pub fn top(&self, default: usize, most: usize) -> Result<usize, GraphError> {
        let Some(text) = self.get("top") else {
            return Ok(default);
        };
        let top: usize = text.parse().map_err(|_| {
            GraphError::bad_request(format!(
                "Invalid value '{text}' for $top query option found."
            ))
        })?;
        if top == 0 || top > most {
            return Err(GraphError::bad_request(format!(
                "The limit of '{most}' for Top query has been exceeded. The value from the \
                 incoming request is '{top}'."
            )));
        }
        Ok(top)
    }

    /// A comma-separated option.
    pub fn list(&self, option: &str) -> Vec<&str> {
        self.get(option)
            .map(|text| {
                text.split(',')
                    .map(str::trim)
                    .filter(|name| !name.is_empty())
                    .collect()
            })
            .unwrap_or_default()
    }

    /// The same query with one option set and others left out, for `@odata.nextLink`.
    pub fn with(&self, option: &str, value: &str) -> String {
        let mut text = url::form_urlencoded::Serializer::new(String::new());
        for (name, held) in &self.0 {
            let bare = name.strip_prefix('$').unwrap_or(name);
            if bare != "skiptoken" && bare != "deltatoken" && bare != option {
                text.append_pair(name, held);
            }
        }
        text.append_pair(&format!("${option}"), value);
        text.finish()
    }
}

/// A `$filter` expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filter {
    Compare {
        field: String,
        comparison: Comparison,
        value: Literal,
    },
    StartsWith {
        field: String,
        start: String,
    },
    And(Box<Filter>, Box<Filter>),
    Or(Box<Filter>, Box<Filter>),
    Not(Box<Filter>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Literal {
    Text(String),
    Bool(bool),
    Time(Millis),
    Null,
}

impl Filter {
    /// Reads an expression; the error is Graph's 400.
    pub fn parse(text: &str) -> Result<Self, GraphError> {
        let mut tokens = Tokens(text);
        let filter = tokens.any_of()?;
        match tokens.0.trim_start() {
            "" => Ok(filter),
            _ => Err(syntax(text)),
        }
    }

    /// Whether an object fits, given how to look up its fields. An unknown field is an error.
    pub fn fits(&self, field: &dyn Fn(&str) -> Option<Literal>) -> Result<bool, GraphError> {
        Ok(match self {
            Filter::And(left, right) => left.fits(field)? && right.fits(field)?,
            Filter::Or(left, right) => left.fits(field)? || right.fits(field)?,
            Filter::Not(inner) => !inner.fits(field)?,
            Filter::StartsWith { field: name, start } => match look_up(field, name)? {
                Literal::Text(held) => held.to_lowercase().starts_with(&start.to_lowercase()),
                Literal::Bool(_) | Literal::Time(_) | Literal::Null => false,
            },
            Filter::Compare {
                field: name,
                comparison,
                value,
            } => compare(&look_up(field, name)?, *comparison, value),
        })
    }

    /// The comparisons of a plain conjunction, or `None` for anything else.
    pub fn conjunction(&self) -> Option<Vec<(&str, Comparison, &Literal)>> {
        match self {
            Filter::Compare {
                field,
                comparison,
                value,
            } => Some(vec![(field.as_str(), *comparison, value)]),
            Filter::And(left, right) => {
                let mut all = left.conjunction()?;
                all.extend(right.conjunction()?);
                Some(all)
            }
            Filter::StartsWith { .. } | Filter::Or(..) | Filter::Not(_) => None,
        }
    }
}

fn look_up(field: &dyn Fn(&str) -> Option<Literal>, name: &str) -> Result<Literal, GraphError> {
    field(name).ok_or_else(|| {
        GraphError::bad_request(format!("Property '{name}' is not supported in $filter."))
    })
}

fn compare(held: &Literal, comparison: Comparison, wanted: &Literal) -> bool {
    use std::cmp::Ordering::{Equal, Greater, Less};
    let order = match (held, wanted) {
        // The directory compares without regard to case.
        (Literal::Text(a), Literal::Text(b)) => a.to_lowercase().cmp(&b.to_lowercase()),
        (Literal::Time(a), Literal::Time(b)) => a.cmp(b),
        (Literal::Bool(a), Literal::Bool(b)) => a.cmp(b),
        (Literal::Null, Literal::Null) => Equal,
        _ => return comparison == Comparison::NotEqual,
    };
    match comparison {
        Comparison::Equal => order == Equal,
        Comparison::NotEqual => order != Equal,
        Comparison::Greater => order == Greater,
        Comparison::GreaterOrEqual => order != Less,
        Comparison::Less => order == Less,
        Comparison::LessOrEqual => order != Greater,
    }
}

struct Tokens<'a>(&'a str);

impl<'a> Tokens<'a> {
    fn any_of(&mut self) -> Result<Filter, GraphError> {
        let mut left = self.all_of()?;
        while self.eat_word("or") {
            left = Filter::Or(Box::new(left), Box::new(self.all_of()?));
        }
        Ok(left)
    }

    fn all_of(&mut self) -> Result<Filter, GraphError> {
        let mut left = self.term()?;
        while self.eat_word("and") {
            left = Filter::And(Box::new(left), Box::new(self.term()?));
        }
        Ok(left)
    }

    fn term(&mut self) -> Result<Filter, GraphError> {
        if self.eat_word("not") {
            return Ok(Filter::Not(Box::new(self.term()?)));
        }
        if self.eat("(") {
            let inner = self.any_of()?;
            return self.expect(")").map(|()| inner);
        }
        let name = self.name()?;
        if name.eq_ignore_ascii_case("startswith") && self.eat("(") {
            return self.starts_with();
        }
        let comparison = self.comparison()?;
        Ok(Filter::Compare {
            field: name.to_owned(),
            comparison,
            value: self.literal()?,
        })
    }

    fn starts_with(&mut self) -> Result<Filter, GraphError> {
        let field = self.name()?.to_owned();
        self.expect(",")?;
        let Literal::Text(start) = self.literal()? else {
            return Err(syntax(self.0));
        };
        self.expect(")")?;
        Ok(Filter::StartsWith { field, start })
    }

    fn comparison(&mut self) -> Result<Comparison, GraphError> {
        Ok(match self.name()? {
            "eq" => Comparison::Equal,
            "ne" => Comparison::NotEqual,
            "gt" => Comparison::Greater,
            "ge" => Comparison::GreaterOrEqual,
            "lt" => Comparison::Less,
            "le" => Comparison::LessOrEqual,
            _ => return Err(syntax(self.0)),
        })
    }

    fn literal(&mut self) -> Result<Literal, GraphError> {
        self.0 = self.0.trim_start();
        if let Some(rest) = self.0.strip_prefix('\'') {
            return self.text(rest);
        }
        let word = self.take(|c| !c.is_whitespace() && c != ')' && c != ',');
        match word {
            "true" => Ok(Literal::Bool(true)),
            "false" => Ok(Literal::Bool(false)),
            "null" => Ok(Literal::Null),
            _ => word
                .parse::<Timestamp>()
                .map(|time| Literal::Time(time.as_millisecond()))
                .map_err(|_| syntax(word)),
        }
    }

    /// A quoted string, in which a quote is written twice.
    fn text(&mut self, mut rest: &'a str) -> Result<Literal, GraphError> {
        let mut text = String::new();
        loop {
            let end = rest.find('\'').ok_or_else(|| syntax(rest))?;
            text.push_str(&rest[..end]);
            rest = &rest[end + 1..];
            match rest.strip_prefix('\'') {
                Some(after) => {
                    text.push('\'');
                    rest = after;
                }
                None => break,
            }
        }
        self.0 = rest;
        Ok(Literal::Text(text))
    }

    fn name(&mut self) -> Result<&'a str, GraphError> {
        self.0 = self.0.trim_start();
        match self.take(|c| c.is_alphanumeric() || c == '/' || c == '_' || c == '.') {
            "" => Err(syntax(self.0)),
            name => Ok(name),
        }
    }

    fn take(&mut self, fits: impl Fn(char) -> bool) -> &'a str {
        let end = self.0.find(|c| !fits(c)).unwrap_or(self.0.len());
        let (word, rest) = self.0.split_at(end);
        self.0 = rest;
        word
    }

    fn eat_word(&mut self, word: &str) -> bool {
        let rest = self.0.trim_start();
        match rest.strip_prefix(word) {
            Some(after) if !after.starts_with(|c: char| c.is_alphanumeric() || c == '/') => {
                self.0 = after;
                true
            }
            _ => false,
        }
    }

    fn eat(&mut self, sign: &str) -> bool {
        match self.0.trim_start().strip_prefix(sign) {
            Some(after) => {
                self.0 = after;
                true
            }
            None => false,
        }
    }

    fn expect(&mut self, sign: &str) -> Result<(), GraphError> {
        if self.eat(sign) {
            Ok(())
        } else {
            Err(syntax(self.0))
        }
    }
}

fn syntax(near: &str) -> GraphError {
    GraphError::bad_request(format!(
        "Invalid filter clause: Syntax error near '{near}'."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(filter: &str) -> bool {
        let fields = |name: &str| match name {
            "mail" => Some(Literal::Text("Mia.O'Brien@acme.example".to_owned())),
            "accountEnabled" => Some(Literal::Bool(true)),
            "at" => Some(Literal::Time(1_000)),
            _ => None,
        };
        Filter::parse(filter)
            .and_then(|filter| filter.fits(&fields))
            .expect("a good filter")
    }

    #[test]
    fn filters_compare_text_without_case_and_times_by_instant() {
        assert!(fits("mail eq 'mia.o''brien@ACME.example'"));
        assert!(fits("startswith(mail,'mia') and accountEnabled eq true"));
        assert!(fits(
            "(mail eq 'x' or at gt 1970-01-01T00:00:00.999Z) and not (at lt 1970-01-01T00:00:01Z)"
        ));
        assert!(!fits("mail ne 'mia.o''brien@acme.example'"));
    }

    #[test]
    fn a_filter_that_is_not_understood_is_a_bad_request() {
        for bad in [
            "mail",
            "mail eq",
            "mail eq 'x",
            "endswith(mail,'x')",
            "mail eq 'x' trailing",
        ] {
            assert_eq!(Filter::parse(bad).expect_err(bad).status, 400);
        }
    }
}

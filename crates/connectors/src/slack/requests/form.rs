//! A form's fields as one JSON object, as Socket Mode would have given them.

use serde_json::{Map, Value};
use url::form_urlencoded;

/// More than any of Slack's forms has.
const MOST_FIELDS: usize = 64;

/// `None` for a form that Slack does not make: with a field twice, or with far too many.
pub(in crate::slack) fn fields(body: &[u8]) -> Option<Value> {
    let mut fields = Map::new();
    for (name, value) in form_urlencoded::parse(body) {
        let before = fields.insert(name.into_owned(), Value::String(value.into_owned()));
        if before.is_some() || fields.len() > MOST_FIELDS {
            return None;
        }
    }
    Some(Value::Object(fields))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_form_becomes_an_object_of_texts() {
        let read = fields(b"text=a+b%26c&team_id=T1&empty=");
        assert_eq!(
            read,
            Some(json!({ "text": "a b&c", "team_id": "T1", "empty": "" }))
        );
        assert_eq!(fields(b""), Some(json!({})));
    }

    #[test]
    fn a_form_with_a_field_twice_or_with_too_many_is_not_read() {
        assert_eq!(fields(b"a=1&b=2&a=1"), None);
        let many: String = (0..=MOST_FIELDS).map(|n| format!("f{n}=1&")).collect();
        assert_eq!(fields(many.as_bytes()), None);
    }
}

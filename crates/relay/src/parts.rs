//! A long message goes out in parts; an edit of it may need more or fewer of them.

/// What is to be done with one part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartStep {
    /// The part stands there and gets new content.
    Change(u16),
    /// The part is new.
    Add(u16),
    /// The part is not needed any more.
    Remove(u16),
}

/// Steps from `before` parts to `after` parts, in the order in which they are to be carried out.
#[must_use]
pub fn plan_edit(before: u16, after: u16) -> Vec<PartStep> {
    let changed = (0..before.min(after)).map(PartStep::Change);
    let added = (before..after).map(PartStep::Add);
    let removed = (after..before).map(PartStep::Remove);
    changed.chain(added).chain(removed).collect()
}

#[cfg(test)]
mod tests {
    use super::{PartStep::*, plan_edit};

    #[test]
    fn an_edit_changes_what_is_there_adds_what_is_missing_and_removes_the_rest() {
        assert_eq!(plan_edit(1, 1), [Change(0)]);
        assert_eq!(plan_edit(1, 3), [Change(0), Add(1), Add(2)]);
        assert_eq!(plan_edit(3, 1), [Change(0), Remove(1), Remove(2)]);
        assert_eq!(plan_edit(0, 0), []);
    }
}

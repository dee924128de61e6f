//! Right eyes: whether those who are in a conversation of the app are those whom its link joins.

use causeway_model::ExternalAccount;

/// Who may be in a conversation that the app made for a pair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected<'a> {
    pub resident: &'a ExternalAccount,
    pub stand_in: Option<&'a ExternalAccount>,
    /// Every account that is the hub itself there.
    pub own: &'a [ExternalAccount],
}

impl Expected<'_> {
    /// Those among `members` who should not see what is said there.
    #[must_use]
    pub fn strangers<'m>(&self, members: &'m [ExternalAccount]) -> Vec<&'m ExternalAccount> {
        members
            .iter()
            .filter(|member| {
                *member != self.resident
                    && Some(*member) != self.stand_in
                    && !self.own.contains(member)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pair_and_the_app_are_no_strangers_and_everyone_else_is() {
        let id = |name: &str| ExternalAccount::new(name);
        let (ann, bob, app) = (id("ann"), id("bob"), id("app"));
        let own = [app.clone()];
        let expected = Expected {
            resident: &ann,
            stand_in: Some(&bob),
            own: &own,
        };
        assert!(
            expected
                .strangers(&[ann.clone(), bob.clone(), app.clone()])
                .is_empty()
        );
        let eve = id("eve");
        assert_eq!(expected.strangers(&[ann.clone(), eve.clone()]), [&eve]);
    }
}

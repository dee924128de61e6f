//! How people find each other, and guest accounts become such as can be found.

use causeway_sandbox::control_client::{Do, Found, Message, To};

use super::support::{Person, SLACK, Stage, Stands, TEAMS, until};

impl Stage {
    /// Asks the app for somebody: with the command on Slack, by a message to it elsewhere.
    pub async fn asks_app(&self, who: &Person, words: &str) {
        if who.home == SLACK {
            let command = format!("/causeway {words}");
            self.does(who, Do::Command, None, &command).await;
        } else {
            self.does(who, Do::AppMessage, None, words).await;
        }
    }

    /// Where somebody writes to somebody elsewhere: who has an account here is found by the
    /// platform's own search, the others by the app.
    pub async fn finds(&self, who: &Person, other: &Person) -> To {
        match other.on(who.home) {
            Stands::Own => {
                let by_address = |one: &Found| bears(one, other.email);
                let found = self.searches(who, other, by_address).await;
                assert!(found.is_some(), "{} is not found", other.name);
                To::Dm(other.email.to_owned())
            }
            // Some guests bear an address that is none of their person's, and some no search finds.
            Stands::Guest => {
                let by_name = |one: &Found| one.name == other.name;
                match self.searches(who, other, by_name).await {
                    Some(found) => To::Dm(found.email.unwrap_or(found.name)),
                    None => self.is_shown(who, other).await,
                }
            }
            Stands::Nobody => {
                self.asks_app(who, other.email).await;
                let words = format!("Write to {} here", other.name);
                let (place, _) = self.arrives(who, &words).await;
                To::Conversation(place)
            }
        }
    }

    async fn searches(
        &self,
        who: &Person,
        other: &Person,
        fits: impl Fn(&Found) -> bool,
    ) -> Option<Found> {
        let found = self.control.search(who.email, who.home, other.name).await;
        found.expect("a search").into_iter().find(fits)
    }

    /// The app mentions somebody's guest account to whoever asks for them.
    async fn is_shown(&self, who: &Person, other: &Person) -> To {
        self.asks_app(who, other.email).await;
        until(
            &format!("{} is shown {}", who.name, other.name),
            async || {
                let shown = self.standing(who, "directly: it reaches them").await;
                let named = |(_, message): &(_, Message)| message.text.contains(other.name);
                shown.iter().any(named).then_some(())
            },
        )
        .await;
        To::Dm(other.name.to_owned())
    }

    /// Waits until somebody's guest account can be used; those of Teams are signed in for that.
    pub async fn takes_up(&self, guest: &Person, on: &str) {
        if on == TEAMS {
            self.guest_is(guest, on, "invited").await;
            let offer = self.asked(&["people", "sign-in", guest.email, "--secondary", on]);
            let code = offer["user_code"].as_str().expect("a code");
            let page = self.control.device(code, guest.email, true).await;
            assert!(page.expect("a page").signed_in);
        }
        self.guest_is(guest, on, "redeemed").await;
    }

    async fn guest_is(&self, guest: &Person, on: &str, state: &str) {
        let what = format!("the guest of {} on {on} is {state}", guest.name);
        until(&what, async || {
            let listed = self.asked(&["people", "list", guest.email]);
            let pairings = listed["people"][0]["pairings"].as_array()?;
            let here = pairings.iter().find(|one| one["secondary"] == on)?;
            (here["guest"] == state).then_some(())
        })
        .await;
    }
}

fn bears(found: &Found, address: &str) -> bool {
    let held = found.email.as_deref();
    held.is_some_and(|held| held.eq_ignore_ascii_case(address))
}

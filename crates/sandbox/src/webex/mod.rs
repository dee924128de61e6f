//! The Webex stand-in: one organisation with the hub's integration, bot and Service App.

use std::sync::Arc;

use axum::Router;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::{
    stand_in::{
        AccountView, Act, AppConversation, ConversationView, FoundPerson, Refusal, StandIn,
    },
    wire::Shared,
};

pub struct Org {
    host: String,
}

impl Org {
    #[must_use]
    pub fn new(_shared: Arc<Shared>, host: String, _stop: CancellationToken) -> Arc<Self> {
        Arc::new(Self { host })
    }

    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.host)
    }

    #[must_use]
    pub fn credentials(&self) -> Value {
        json!({})
    }
}

pub fn router(_here: Arc<Org>) -> Router {
    Router::new()
}

impl StandIn for Org {
    fn platform(&self) -> &'static str {
        "webex"
    }

    fn account(&self, _email: &str) -> Option<AccountView> {
        None
    }

    fn act(&self, _act: &Act) -> Result<String, Refusal> {
        Err(Refusal::NotFound("nobody is here".to_owned()))
    }

    fn view(&self, _email: &str) -> Result<Vec<ConversationView>, Refusal> {
        Ok(Vec::new())
    }

    fn app_conversation(&self, _email: &str) -> Result<Option<AppConversation>, Refusal> {
        Ok(None)
    }

    fn search(&self, _email: &str, _query: &str) -> Result<Vec<FoundPerson>, Refusal> {
        Ok(Vec::new())
    }

    fn set_active(&self, _email: &str, _active: bool) -> bool {
        false
    }

    fn rename(&self, _email: &str, _name: &str) -> bool {
        false
    }
}

//! Telling the engine of what is passed over, so that an administrator sees it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use causeway_model::{ExternalConversation, Timestamp};

use super::api::Api;
use crate::{EventSink, Unreadable};

/// What is passed over so soon after another of the same place and cause is one gap with it: else
/// each message would be one, for as long as nobody mends the cause.
const TOGETHER_MS: i64 = 3_600 * 1_000;

/// Where, if that is known, and why.
type Cause = (Option<ExternalConversation>, String);

pub(super) struct Unread {
    api: Api,
    sink: Arc<dyn EventSink>,
    told: Mutex<HashMap<Cause, Timestamp>>,
}

impl Unread {
    pub(super) fn new(api: Api, sink: Arc<dyn EventSink>) -> Self {
        Self {
            api,
            sink,
            told: Mutex::default(),
        }
    }

    /// Something that happened then is not read, and never will be.
    pub(super) async fn tell(
        &self,
        conversation: Option<ExternalConversation>,
        at: Timestamp,
        code: &str,
    ) {
        let since = self.since((conversation.clone(), code.to_owned()), at);
        let span = Unreadable {
            conversation,
            since,
            code: code.to_owned(),
        };
        self.sink.unreadable(span).await;
    }

    fn since(&self, cause: Cause, at: Timestamp) -> Timestamp {
        let now = self.api.clock().now();
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.retain(|_, last| at.ms_since(*last) < TOGETHER_MS);
        told.insert(cause, now).map_or(at, |last| last.min(at))
    }
}

//! What is on its way to a model platform when the hub ends.

use std::sync::Arc;

use causeway_model::{Failure, Incoming};

use super::platform::ModelPlatform;

/// What is on its way to the platform.
pub struct Request<T, F: FnOnce(&ModelPlatform) -> Result<(T, Option<Incoming>), Failure>> {
    platform: Arc<ModelPlatform>,
    effect: Option<F>,
}

impl<T, F> Request<T, F>
where
    F: FnOnce(&ModelPlatform) -> Result<(T, Option<Incoming>), Failure>,
{
    pub fn new(platform: &Arc<ModelPlatform>, effect: F) -> Self {
        Self {
            platform: Arc::clone(platform),
            effect: Some(effect),
        }
    }

    pub fn arrive(mut self) -> Result<(T, Option<Incoming>), Failure> {
        let effect = self.effect.take().expect("a request arrives once");
        effect(&self.platform)
    }
}

impl<T, F> Drop for Request<T, F>
where
    F: FnOnce(&ModelPlatform) -> Result<(T, Option<Incoming>), Failure>,
{
    fn drop(&mut self) {
        // The hub has ended; what has left it may arrive.
        if let Some(effect) = self.effect.take()
            && self.platform.arrives_all_the_same()
            && let Ok((_, event)) = effect(&self.platform)
        {
            self.platform.tell(event);
        }
    }
}

/// What the platform tells of, whoever hears the answer.
pub struct Told<'a>(pub &'a ModelPlatform, pub Option<Incoming>);

impl Drop for Told<'_> {
    fn drop(&mut self) {
        self.0.tell(self.1.take());
    }
}

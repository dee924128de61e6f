//! Skip and delta tokens: state that travels with the client and cannot be forged.

use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;

use super::tenant::Tenant;

impl Tenant {
    /// An opaque token that carries `content`.
    pub(super) fn seal(&self, content: &Value) -> String {
        let text = content.to_string();
        let tag = hmac::sign(&self.seal_key(), text.as_bytes());
        format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(&text),
            URL_SAFE_NO_PAD.encode(&tag.as_ref()[..12])
        )
    }

    /// What a token of ours carries; `None` for any other text.
    pub(super) fn unseal(&self, token: &str) -> Option<Value> {
        let (text, _) = token.split_once('.')?;
        let content = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
        (self.seal(&content) == token).then_some(content)
    }

    fn seal_key(&self) -> hmac::Key {
        hmac::Key::new(
            hmac::HMAC_SHA256,
            self.mint.opaque("paging key", 40).as_bytes(),
        )
    }
}

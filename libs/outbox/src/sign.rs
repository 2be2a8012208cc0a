//! Signatures of what is sent, as the Standard Webhooks specification has them.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use uuid::Uuid;

/// How secrets begin.
const PREFIX: &str = "whsec_";

/// A key that what is sent is signed with, as it is shown and kept: `whsec_` and Base64. It is kept readable,
/// since who signs needs it; whoever logs it gives it away, so that it has no `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret(pub(crate) String);

impl Secret {
    /// A new one, of 48 bytes of which 366 bits are random.
    pub(crate) fn generate() -> Self {
        // A UUID of version 4 has 122 random bits of the system's source.
        let bytes = [Uuid::new_v4(), Uuid::new_v4(), Uuid::new_v4()]
            .map(Uuid::into_bytes)
            .concat();
        Self(format!("{PREFIX}{}", STANDARD.encode(bytes)))
    }

    /// The signature of a message: `v1,` and Base64. None of a secret that is kept damaged.
    fn sign(&self, message: &[u8]) -> Option<String> {
        let key = STANDARD.decode(self.0.strip_prefix(PREFIX)?).ok()?;
        let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
        let tag = hmac::sign(&key, message);
        Some(format!("v1,{}", STANDARD.encode(tag)))
    }
}

/// The headers of a message that is sent at a time (seconds since 1970), signed with each secret.
pub(crate) fn headers(
    id: Uuid,
    timestamp: i64,
    body: &str,
    secrets: &[Secret],
) -> Vec<(&'static str, String)> {
    let message = format!("{id}.{timestamp}.{body}");
    let signed = secrets.iter().filter_map(|it| it.sign(message.as_bytes()));
    let signatures = Vec::from_iter(signed).join(" ");
    vec![
        ("content-type", "application/cloudevents+json".to_owned()),
        ("webhook-id", id.to_string()),
        ("webhook-timestamp", timestamp.to_string()),
        ("webhook-signature", signatures),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification's libraries.
    #[test]
    fn a_message_is_signed_as_others_sign_it() {
        let secret = Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned());
        let signed = secret.sign(b"msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{\"test\": 2432232314}");
        assert_eq!(
            signed.as_deref(),
            Some("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
        );
    }

    #[test]
    fn secrets_are_long_and_never_the_same() {
        let secret = Secret::generate();
        assert!(secret != Secret::generate());
        let key = STANDARD.decode(secret.0.strip_prefix(PREFIX).unwrap());
        assert!(
            (24..=64).contains(&key.unwrap().len()),
            "as the specification wants it"
        );
    }
}

//! The end of a chain, signed: whoever keeps it can show later what the chain was.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, SecondsFormat, Utc};
use keepworth_access::sign::{Lineage, Signer};

use super::chain::Head;

/// How one begins: another form gets another tag.
const TAG: &str = "keepworth-head-1";

/// A head that is signed under the key which it names. Its text has no blank and no quotation mark, so that it
/// can be found in a log of any form:
///
/// ```text
/// keepworth-head-1/SERVICE/NUMBER:HASH/MOMENT/KEY[.OLD.SIGNATURE…]/SIGNATURE
/// ```
///
/// The signature is of all that is before it and its slash. Whether the key is the service's is for who
/// reads it to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedHead {
    service: String,
    head: Head,
    at: DateTime<Utc>,
    lineage: Lineage,
    signature: Vec<u8>,
}

/// Why a text is no signed head.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HeadError {
    /// It has not its form.
    #[error("`{0}` is no signed head; one begins with {TAG}/, as a service logs it")]
    Form(String),
    /// What it says was signed by nobody.
    #[error(
        "the head of {service} at entry {seq} is not what was signed: it was changed, or another key signed it"
    )]
    Signature {
        /// Whose it says it is.
        service: String,
        /// Of which entry.
        seq: i64,
    },
}

impl SignedHead {
    /// Signs where a service's chain ends at a moment.
    #[must_use]
    pub fn new(service: &str, head: Head, at: DateTime<Utc>, signer: &Signer) -> Self {
        let mut signed = Self {
            service: service.to_owned(),
            head,
            at,
            lineage: signer.lineage().clone(),
            signature: Vec::new(),
        };
        signed.signature = signer.sign(signed.told().as_bytes());
        signed
    }

    /// What is signed.
    fn told(&self) -> String {
        let at = self.at.to_rfc3339_opts(SecondsFormat::Micros, true);
        let (service, head, lineage) = (&self.service, &self.head, &self.lineage);
        format!("{TAG}/{service}/{head}/{at}/{lineage}")
    }

    /// Whose chain it is of.
    #[must_use]
    pub fn service(&self) -> &str {
        &self.service
    }

    /// Where that ended.
    #[must_use]
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// When.
    #[must_use]
    pub fn at(&self) -> DateTime<Utc> {
        self.at
    }

    /// The key that it is signed with, and those before that.
    #[must_use]
    pub fn lineage(&self) -> &Lineage {
        &self.lineage
    }

    /// Every signed head that stands somewhere in a text, such as a piece of a log.
    pub fn find_in(text: &str) -> impl Iterator<Item = Result<Self, HeadError>> {
        text.match_indices(TAG).map(|(start, _)| {
            let rest = &text[start..];
            let end = rest.find(|it: char| !it.is_ascii_alphanumeric() && !"-_.:/".contains(it));
            rest[..end.unwrap_or(rest.len())].parse()
        })
    }
}

impl fmt::Display for SignedHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let signature = URL_SAFE_NO_PAD.encode(&self.signature);
        write!(f, "{}/{signature}", self.told())
    }
}

impl FromStr for SignedHead {
    type Err = HeadError;

    fn from_str(text: &str) -> Result<Self, HeadError> {
        let read = || {
            let text = text.trim();
            let (told, signature) = text.rsplit_once('/')?;
            let mut parts = told.split('/');
            let is_ours = parts.next()? == TAG;
            let read = Self {
                service: parts.next()?.to_owned(),
                head: parts.next()?.parse().ok()?,
                at: DateTime::parse_from_rfc3339(parts.next()?).ok()?.to_utc(),
                lineage: parts.next()?.parse().ok()?,
                signature: URL_SAFE_NO_PAD.decode(signature).ok()?,
            };
            // What would be written otherwise is another text than was signed.
            (is_ours && parts.next().is_none() && read.to_string() == text).then_some(read)
        };
        let read = read().ok_or_else(|| HeadError::Form(text.chars().take(80).collect()))?;
        if read
            .lineage
            .key()
            .has_signed(read.told().as_bytes(), &read.signature)
        {
            return Ok(read);
        }
        Err(HeadError::Signature {
            service: read.service,
            seq: read.head.seq,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed(signer: &Signer) -> SignedHead {
        let head = "17:9f86d081".parse().unwrap();
        SignedHead::new("finance", head, crate::now(), signer)
    }

    #[test]
    fn it_is_found_in_any_log_as_it_was_written() {
        let signer = Signer::generate().unwrap().successor().unwrap();
        let one = signed(&signer);
        for log in [
            format!("2026-01-01 INFO the audit's head head={one}\nother"),
            format!("{{\"head\":\"{one}\",\"message\":\"m\"}}"),
            one.to_string(),
        ] {
            let found: Vec<_> = SignedHead::find_in(&log).collect();
            assert_eq!(found, [Ok(one.clone())], "{log}");
        }
        assert_eq!(SignedHead::find_in("nothing of the kind").count(), 0);
    }

    #[test]
    fn what_was_not_signed_is_refused() {
        let signer = Signer::generate().unwrap();
        let text = signed(&signer).to_string();
        let other = Signer::generate().unwrap().lineage().to_string();
        for (was, is) in [
            ("finance", "customers"),
            ("17:", "16:"),
            ("9f86d081", "9f86d082"),
            (signer.lineage().to_string().as_str(), other.as_str()),
        ] {
            let forged = text.replace(was, is).parse::<SignedHead>();
            assert!(
                matches!(forged, Err(HeadError::Signature { .. })),
                "{was}: {forged:?}"
            );
        }
        for wrong in [
            "",
            "keepworth-head-1/",
            "17:9f86d081",
            &text[..text.len() - 90],
        ] {
            let read = wrong.parse::<SignedHead>();
            assert!(matches!(read, Err(HeadError::Form(_))), "{wrong}: {read:?}");
        }
    }
}

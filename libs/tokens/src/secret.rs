//! The text of a token: what it looks like, and what is kept of it.

use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rand;
use keepworth_intake::Failure;
use sha2::Digest as _;

/// How tokens begin.
pub const PREFIX: &str = "kwp_";
/// Random characters: 43 of 62 are 256 bits.
const RANDOM: usize = 43;
/// Characters of the checksum: 6 of 62 are more than 32 bits.
const CHECKSUM: usize = 6;
const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// SHA-256 of a token: what is kept of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest(pub(crate) [u8; 32]);

/// The text of a token. Whoever logs it gives it away: it has no `Debug`.
pub(crate) struct Secret(String);

/// What has the form of a token and is none: its checksum does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mistyped;

/// Whether a text has the beginning of a token, and so is none of another kind.
#[must_use]
pub fn is_token(text: &str) -> bool {
    text.starts_with(PREFIX)
}

impl Secret {
    /// A new one, of the system's randomness.
    pub(crate) fn generate() -> Result<Self, Failure> {
        let random = random().map_err(|_| Failure::internal("the system gives no random bytes"))?;
        let body = format!("{PREFIX}{random}");
        let checksum = checksum(&body);
        Ok(Self(body + &checksum))
    }

    pub(crate) fn digest(&self) -> Digest {
        Digest(sha2::Sha256::digest(&self.0).into())
    }

    /// Shows it.
    pub(crate) fn reveal(self) -> String {
        self.0
    }
}

impl Digest {
    /// Of a token as it is shown.
    ///
    /// # Errors
    /// [`Mistyped`].
    pub fn of(text: &str) -> Result<Self, Mistyped> {
        let body = text.len().checked_sub(CHECKSUM);
        let parts = body.and_then(|at| text.split_at_checked(at));
        let (body, said) = parts.ok_or(Mistyped)?;
        let is_whole = body.len() == PREFIX.len() + RANDOM && is_token(body);
        if is_whole && checksum(body) == said {
            Ok(Self(sha2::Sha256::digest(text).into()))
        } else {
            Err(Mistyped)
        }
    }

    /// As 64 hexadecimal digits have it.
    pub(crate) fn read(digits: &str) -> Option<Self> {
        let is_plain = digits.len() == 64
            && digits
                .bytes()
                .all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f'));
        let byte = |at: usize| u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).ok();
        let bytes: Option<Vec<u8>> = (0..32).filter(|_| is_plain).map(byte).collect();
        Some(Self(bytes?.try_into().ok()?))
    }
}

fn random() -> Result<String, Unspecified> {
    let mut text = String::with_capacity(RANDOM);
    while text.len() < RANDOM {
        let mut bytes = [0; 64];
        rand::fill(&mut bytes)?;
        // Below 4 × 62 each digit is as likely as another.
        let even = bytes
            .into_iter()
            .filter(|it| usize::from(*it) < 4 * DIGITS.len());
        let digits = even.map(|it| char::from(DIGITS[usize::from(it) % DIGITS.len()]));
        text.extend(digits.take(RANDOM - text.len()));
    }
    Ok(text)
}

/// CRC-32 in base 62, the highest digit first.
fn checksum(body: &str) -> String {
    let mut rest = crc32fast::hash(body.as_bytes()) as usize;
    let mut digits = [b'0'; CHECKSUM];
    for digit in digits.iter_mut().rev() {
        *digit = DIGITS[rest % DIGITS.len()];
        rest /= DIGITS.len();
    }
    digits.map(char::from).iter().collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn each_is_new_whole_and_found_by_its_digest() {
        let all = (0..200).map(|_| Secret::generate().unwrap());
        let mut seen = HashSet::new();
        for secret in all {
            let digest = secret.digest();
            let text = secret.reveal();
            assert_eq!(text.len(), 53);
            assert!(
                text[4..].bytes().all(|it| it.is_ascii_alphanumeric()),
                "{text}"
            );
            assert_eq!(Digest::of(&text), Ok(digest));
            assert!(seen.insert(text));
        }
    }

    #[test]
    fn what_is_mistyped_is_known_without_looking_it_up() {
        let text = Secret::generate().unwrap().reveal();
        for at in 0..text.len() {
            let mut wrong = text.clone().into_bytes();
            wrong[at] = if wrong[at] == b'x' { b'y' } else { b'x' };
            let wrong = String::from_utf8(wrong).unwrap();
            assert_eq!(Digest::of(&wrong), Err(Mistyped), "{wrong}");
        }
        let longer = format!("{text}0");
        for wrong in ["", "kwp_", "ä", "kwp_äääää", &text[..52], &longer] {
            assert_eq!(Digest::of(wrong), Err(Mistyped), "{wrong}");
        }
    }

    /// CRC-32 of `123456789` is known (0xcbf43926), and so is its form in base 62.
    #[test]
    fn the_checksum_is_that_of_others() {
        let mut value = 0_u64;
        for digit in checksum("123456789").bytes() {
            let digit = DIGITS.iter().position(|it| *it == digit).unwrap();
            value = value * 62 + digit as u64;
        }
        assert_eq!(value, 0xcbf4_3926);
    }

    #[test]
    fn digests_are_read_as_they_are_written() {
        let digits = "00ff".repeat(16);
        assert_eq!(Digest::read(&digits).map(|it| it.0[1]), Some(0xff));
        for wrong in [
            "",
            "00",
            &digits.to_uppercase(),
            &"ä0".repeat(22),
            &"g".repeat(64),
        ] {
            assert_eq!(Digest::read(wrong), None, "{wrong}");
        }
    }
}

//! Signatures (Ed25519, RFC 8032) under keys that may be changed: each key vouches for the one after it.
//!
//! ```
//! use keepworth_access::sign::Signer;
//!
//! let first = Signer::generate()?;
//! let second = first.successor()?;
//! let signature = second.sign(b"17");
//! assert!(second.lineage().key().has_signed(b"17", &signature));
//! // Who believes the first key can believe the second.
//! assert!(second.lineage().comes_from(first.lineage().key()));
//! assert!(!first.lineage().comes_from(second.lineage().key()));
//! # Ok::<(), keepworth_access::sign::KeyError>(())
//! ```

use std::fmt;
use std::str::FromStr;

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Of what kind a signature of a key is: it can be taken for nothing else.
const TAG: &str = "keepworth-key-1";
/// How the line of a key file begins that holds the key, and the one with what it comes from.
const KEY: &str = "key ";
const LINEAGE: &str = "lineage ";

/// A key that cannot be made or read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The system makes none.
    #[error("no key can be made: the system gives no random numbers")]
    Unmade,
    /// A text is no public key.
    #[error("`{0}` is no public key; `keepworth audit key` prints one")]
    Public(String),
    /// A text is no signing key. It is not shown.
    #[error("it holds no signing key; `keepworth audit key --new FILE` makes one")]
    Secret,
}

/// What a signature is held against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey([u8; 32]);

impl PublicKey {
    /// Whether this key's owner signed the message so.
    #[must_use]
    pub fn has_signed(&self, message: &[u8], signature: &[u8]) -> bool {
        let key = UnparsedPublicKey::new(&ED25519, &self.0);
        key.verify(message, signature).is_ok()
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl FromStr for PublicKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok();
        let bytes = bytes.and_then(|it| it.try_into().ok());
        bytes
            .map(Self)
            .ok_or_else(|| KeyError::Public(text.to_owned()))
    }
}

/// A key that was in use before, and its signature of the one after it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Before {
    key: PublicKey,
    signature: Vec<u8>,
}

/// A key, and those before it, each of which vouches for the next: as text `KEY.OLD.SIGNATURE…`, oldest last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lineage {
    key: PublicKey,
    before: Vec<Before>,
}

impl Lineage {
    /// The key in use.
    #[must_use]
    pub fn key(&self) -> &PublicKey {
        &self.key
    }

    /// Those before it, the latest first.
    pub fn before(&self) -> impl Iterator<Item = &PublicKey> {
        self.before.iter().map(|it| &it.key)
    }

    /// Whether a key is this one, or vouches for it, itself or through those between.
    #[must_use]
    pub fn comes_from(&self, known: &PublicKey) -> bool {
        let mut next = &self.key;
        for before in &self.before {
            if next == known {
                return true;
            }
            if !before.key.has_signed(&vouching(next), &before.signature) {
                return false;
            }
            next = &before.key;
        }
        next == known
    }
}

/// What a key signs that vouches for the one after it.
fn vouching(next: &PublicKey) -> Vec<u8> {
    format!("{TAG} {next}").into_bytes()
}

impl fmt::Display for Lineage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.key)?;
        self.before.iter().try_for_each(|it| {
            let signature = URL_SAFE_NO_PAD.encode(&it.signature);
            write!(f, ".{}.{signature}", it.key)
        })
    }
}

impl FromStr for Lineage {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let wrong = || KeyError::Public(text.to_owned());
        let mut parts = text.split('.');
        let key = parts.next().unwrap_or_default().parse()?;
        let mut before = Vec::new();
        while let Some(old) = parts.next() {
            let signature = parts
                .next()
                .and_then(|it| URL_SAFE_NO_PAD.decode(it).ok())
                .ok_or_else(wrong)?;
            let key = old.parse()?;
            before.push(Before { key, signature });
        }
        Ok(Self { key, before })
    }
}

/// A key to sign with. It has no `Debug`: whoever logs it gives it away.
pub struct Signer {
    pair: Ed25519KeyPair,
    document: Vec<u8>,
    lineage: Lineage,
}

impl Signer {
    /// A new key, which nobody believes yet.
    ///
    /// # Errors
    /// [`KeyError::Unmade`].
    pub fn generate() -> Result<Self, KeyError> {
        let pair = Ed25519KeyPair::generate().map_err(|_| KeyError::Unmade)?;
        let document = pair.to_pkcs8().map_err(|_| KeyError::Unmade)?;
        Self::of(document.as_ref().to_vec(), Vec::new())
    }

    /// A new key for which this one vouches, to be used in its place.
    ///
    /// # Errors
    /// [`KeyError::Unmade`].
    pub fn successor(&self) -> Result<Self, KeyError> {
        let mut next = Self::generate()?;
        let vouching = Before {
            key: self.lineage.key.clone(),
            signature: self.sign(&vouching(&next.lineage.key)),
        };
        let before = self.lineage.before.iter().cloned();
        next.lineage.before = std::iter::once(vouching).chain(before).collect();
        Ok(next)
    }

    /// The key of a seed, the same each time: for whoever keeps another secret that it is derived from.
    ///
    /// # Errors
    /// [`KeyError::Unmade`].
    pub fn of_seed(seed: &[u8; 32]) -> Result<Self, KeyError> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| KeyError::Unmade)?;
        let document = pair.to_pkcs8().map_err(|_| KeyError::Unmade)?;
        Self::of(document.as_ref().to_vec(), Vec::new())
    }

    fn of(document: Vec<u8>, before: Vec<Before>) -> Result<Self, KeyError> {
        let pair = Ed25519KeyPair::from_pkcs8(&document).map_err(|_| KeyError::Secret)?;
        let key = pair.public_key().as_ref().try_into();
        let key = PublicKey(key.map_err(|_| KeyError::Secret)?);
        Ok(Self {
            pair,
            document,
            lineage: Lineage { key, before },
        })
    }

    /// What others hold its signatures against.
    #[must_use]
    pub fn lineage(&self) -> &Lineage {
        &self.lineage
    }

    /// Signs a message.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.pair.sign(message).as_ref().to_vec()
    }

    /// The text of a file that holds it: a secret.
    #[must_use]
    pub fn to_file(&self) -> String {
        format!(
            "# Keepworth signs the heads of its audit with this key (Ed25519). Whoever reads it can sign as well.\n\
             {KEY}{}\n{LINEAGE}{}\n",
            URL_SAFE_NO_PAD.encode(&self.document),
            self.lineage
        )
    }

    /// Reads the text of such a file.
    ///
    /// # Errors
    /// [`KeyError::Secret`] where it holds no key, or a lineage that is not this key's.
    pub fn from_file(text: &str) -> Result<Self, KeyError> {
        let line = |start| text.lines().find_map(|it| it.strip_prefix(start));
        let document = line(KEY).and_then(|it| URL_SAFE_NO_PAD.decode(it.trim()).ok());
        let lineage: Option<Lineage> = line(LINEAGE).and_then(|it| it.trim().parse().ok());
        let lineage = lineage.ok_or(KeyError::Secret)?;
        let read = Self::of(document.ok_or(KeyError::Secret)?, lineage.before)?;
        if read.lineage.key == lineage.key {
            Ok(read)
        } else {
            Err(KeyError::Secret)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8032, section 7.1, test 2.
    #[test]
    fn signatures_are_those_of_the_standard() {
        let bytes = |digits: &str| -> Vec<u8> {
            let pairs = (0..digits.len()).step_by(2);
            pairs
                .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap())
                .collect()
        };
        let key = bytes("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
        let key = PublicKey(key.try_into().unwrap());
        let signature = bytes(
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da\
             085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        );
        assert!(key.has_signed(&[0x72], &signature));
        assert!(!key.has_signed(&[0x73], &signature));
    }

    #[test]
    fn a_key_is_read_as_it_is_written() {
        let first = Signer::generate().unwrap();
        let second = first.successor().unwrap();
        let read = Signer::from_file(&second.to_file()).unwrap();
        assert_eq!(read.lineage(), second.lineage());
        assert_eq!(read.sign(b"a"), second.sign(b"a"));
        let lineage = second.lineage().to_string();
        assert_eq!(lineage.parse().as_ref(), Ok(second.lineage()));
        let mixed = second
            .to_file()
            .replace(&lineage, &first.lineage().to_string());
        for wrong in ["", "key \nlineage ", &mixed] {
            assert_eq!(Signer::from_file(wrong).err(), Some(KeyError::Secret));
        }
        for wrong in ["", "x", &format!("{lineage}.x")] {
            assert!(wrong.parse::<Lineage>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn nobody_but_a_key_itself_vouches_for_the_next() {
        let first = Signer::generate().unwrap();
        let third = first.successor().unwrap().successor().unwrap();
        assert!(third.lineage().comes_from(first.lineage().key()));
        assert_eq!(third.lineage().before().count(), 2);
        let stranger = Signer::generate().unwrap();
        assert!(!third.lineage().comes_from(stranger.lineage().key()));
        let mut claimed = stranger.lineage().clone();
        claimed.before = third.lineage().before.clone();
        assert!(!claimed.comes_from(first.lineage().key()));
    }
}

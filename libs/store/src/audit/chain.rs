//! The chain itself: hashes, and what does not fit.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

/// Of what kind the hash is: another form gets another tag.
const TAG: &[u8] = b"keepworth-audit-1";

/// The hash of an entry that comes after another.
pub(super) fn hash(seq: i64, before: &[u8], entry: &str) -> Vec<u8> {
    let mut digest = Sha256::new();
    digest.update(TAG);
    digest.update(seq.to_be_bytes());
    digest.update(before);
    digest.update(entry);
    digest.finalize().to_vec()
}

/// Where a chain ends: noted elsewhere, it shows later what was cut or written anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The number of its last entry; 0 of an empty one.
    pub seq: i64,
    /// The hash of its last entry; nothing of an empty one.
    pub hash: Vec<u8>,
}

impl Head {
    /// Its hash in hexadecimal digits.
    #[must_use]
    pub fn digits(&self) -> String {
        self.hash.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.seq, self.digits())
    }
}

impl FromStr for Head {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "`{text}` is no head; one looks like 17:9f86d0…, as `keepworth audit verify` prints it"
            )
        };
        let (seq, digits) = text.trim().split_once(':').ok_or_else(wrong)?;
        let bytes = (0..digits.len()).step_by(2).map(|at| {
            let pair = digits.get(at..at + 2)?;
            u8::from_str_radix(pair, 16).ok()
        });
        Ok(Self {
            seq: seq.parse().map_err(|_| wrong())?,
            hash: bytes.collect::<Option<_>>().ok_or_else(wrong)?,
        })
    }
}

/// A chain that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// How many entries it has.
    pub entries: i64,
    /// Where it ends.
    pub head: Head,
}

/// Where a chain does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// An entry is not what it was.
    #[error("entry {0} is not what was written: it was changed, or an entry before it was")]
    Changed(i64),
    /// An entry is not there.
    #[error("entry {0} is missing")]
    Missing(i64),
    /// Entries after the last one are missing.
    #[error("the chain ends with entry {found}, and had {noted}, as says {by}: its end was cut")]
    Cut {
        /// The last that is there.
        found: i64,
        /// The last that was.
        noted: i64,
        /// Who says so.
        by: String,
    },
    /// An end that was noted is not in it, by whom it says.
    #[error("entry {0} has another hash than it had, as says {1}: the chain was written anew")]
    Rewritten(i64, String),
}

/// Where a chain ended once, and who says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noted {
    /// Where.
    pub head: Head,
    /// Who, as a message has it.
    pub by: String,
}

/// Who says where a chain ends, in its own database.
const ITSELF: &str = "its own table of heads";

/// Goes along a chain, entry by entry.
pub(super) struct Walk<'a> {
    last: Head,
    /// What was noted of entries that are still to come, the nearest last.
    noted: Vec<&'a Noted>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(noted: &'a [Noted]) -> Self {
        let last = Head {
            seq: 0,
            hash: Vec::new(),
        };
        let mut noted: Vec<_> = noted.iter().filter(|it| it.head.seq > 0).collect();
        noted.sort_by_key(|it| std::cmp::Reverse(it.head.seq));
        Self { last, noted }
    }

    pub(super) fn last(&self) -> i64 {
        self.last.seq
    }

    pub(super) fn step(&mut self, seq: i64, entry: &str, kept: &[u8]) -> Result<(), Broken> {
        if seq != self.last.seq + 1 {
            return Err(Broken::Missing(self.last.seq + 1));
        }
        if hash(seq, &self.last.hash, entry) != kept {
            return Err(Broken::Changed(seq));
        }
        while let Some(noted) = self.noted.pop_if(|it| it.head.seq == seq) {
            if noted.head.hash != kept {
                return Err(Broken::Rewritten(seq, noted.by.clone()));
            }
        }
        self.last = Head {
            seq,
            hash: kept.to_vec(),
        };
        Ok(())
    }

    /// At the end: neither what the database says of it, nor what was noted elsewhere, lies beyond.
    pub(super) fn end(self, own: &Head) -> Result<Verified, Broken> {
        let found = self.last.seq;
        // Who signed says more than the table that whoever cut the chain could write as well.
        let beyond = self.noted.first();
        let beyond = beyond.map(|it| (it.head.seq, it.by.clone()));
        let beyond = beyond.or_else(|| (own.seq > found).then(|| (own.seq, ITSELF.to_owned())));
        if let Some((noted, by)) = beyond {
            return Err(Broken::Cut { found, noted, by });
        }
        if *own != self.last {
            return Err(Broken::Rewritten(own.seq, ITSELF.to_owned()));
        }
        Ok(Verified {
            entries: found,
            head: self.last,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain(texts: &[&str]) -> Vec<(i64, String, Vec<u8>)> {
        let mut before = Vec::new();
        let entries = (1..).zip(texts).map(|(seq, text)| {
            before = hash(seq, &before, text);
            (seq, (*text).to_owned(), before.clone())
        });
        entries.collect()
    }

    fn check(
        chain: &[(i64, String, Vec<u8>)],
        own: &Head,
        noted: Option<&Head>,
    ) -> Result<Verified, Broken> {
        let noted = noted.map(|it| Noted {
            head: it.clone(),
            by: "a note".to_owned(),
        });
        let mut walk = Walk::new(noted.as_slice());
        for (seq, entry, kept) in chain {
            walk.step(*seq, entry, kept)?;
        }
        walk.end(own)
    }

    fn head(chain: &[(i64, String, Vec<u8>)]) -> Head {
        let (seq, _, hash) = chain.last().unwrap();
        Head {
            seq: *seq,
            hash: hash.clone(),
        }
    }

    #[test]
    fn what_was_done_to_a_chain_is_named() {
        let whole = chain(&["a", "b", "c", "d"]);
        let own = head(&whole);
        assert_eq!(check(&whole, &own, Some(&own)).unwrap().entries, 4);
        let mut changed = whole.clone();
        changed[1].1 = "B".to_owned();
        assert_eq!(check(&changed, &own, None), Err(Broken::Changed(2)));
        let mut removed = whole.clone();
        removed.remove(2);
        assert_eq!(check(&removed, &own, None), Err(Broken::Missing(3)));
        let cut = &whole[..2];
        let found = |by: &str| Broken::Cut {
            found: 2,
            noted: 4,
            by: by.to_owned(),
        };
        assert_eq!(check(cut, &own, None), Err(found(ITSELF)));
        // Who cuts the end and says so leaves a chain that holds, but for what was noted elsewhere.
        assert!(check(cut, &head(cut), None).is_ok());
        assert_eq!(check(cut, &head(cut), Some(&own)), Err(found("a note")));
        let anew = chain(&["a", "x", "c", "d"]);
        assert!(check(&anew, &head(&anew), None).is_ok());
        assert_eq!(
            check(&anew, &head(&anew), Some(&own)),
            Err(Broken::Rewritten(4, "a note".to_owned()))
        );
        assert_eq!(
            check(
                &[],
                &Head {
                    seq: 0,
                    hash: vec![]
                },
                None
            )
            .unwrap()
            .entries,
            0
        );
    }

    #[test]
    fn a_head_is_read_as_it_is_written() {
        let own = head(&chain(&["a", "b"]));
        assert_eq!(own.to_string().parse(), Ok(own));
        for wrong in ["", "x:00", "1", "1:0", "1:zz", "1:é"] {
            assert!(wrong.parse::<Head>().is_err(), "{wrong}");
        }
    }
}

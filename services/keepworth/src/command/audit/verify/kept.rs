//! Signed heads that are kept by services and in files, and which of them are believed.

use std::path::Path;

use anyhow::{Context, bail, ensure};
use keepworth_access::sign::{Lineage, PublicKey};
use keepworth_platform::audit::KeyFile;
use keepworth_platform::settings::Settings;
use keepworth_store::Db;
use keepworth_store::audit::{HeadError, Noted, SignedHead, kept};

use crate::runtime;

/// Which keys are believed.
#[derive(Clone)]
pub(super) struct Believed {
    keys: Vec<PublicKey>,
    /// That of the signing key which the settings name, with those before it.
    own: Option<Lineage>,
}

impl Believed {
    pub(super) fn new(settings: &Settings, mut keys: Vec<PublicKey>) -> anyhow::Result<Self> {
        keys.extend(settings.audit.believed_keys());
        let own = KeyFile::find(settings)?;
        let own = own.map(|it| it.signer()).transpose()?;
        let own = own.map(|it| it.lineage().clone());
        Ok(Self { keys, own })
    }

    fn is_nothing(&self) -> bool {
        self.keys.is_empty() && self.own.is_none()
    }

    fn believes(&self, head: &SignedHead) -> bool {
        let lineage = head.lineage();
        let of_own = |own: &Lineage| own.comes_from(lineage.key());
        let mut keys = self.keys.iter().chain(self.own.iter().map(Lineage::key));
        self.own.as_ref().is_some_and(of_own) || keys.any(|it| lineage.comes_from(it))
    }
}

/// A head as a service keeps it, and which one.
struct Copy {
    of: String,
    by: &'static str,
    head: Result<SignedHead, HeadError>,
}

/// What all services keep.
pub(super) struct Held(Vec<Copy>);

impl Held {
    pub(super) fn read(databases: &[(&'static str, Db)]) -> anyhow::Result<Self> {
        let mut all = Vec::new();
        for (by, db) in databases {
            let rows = db.read(kept);
            let rows: Vec<(String, String)> = runtime::block_on(async { Ok(rows.await?) })?;
            all.extend(rows.into_iter().map(|(of, text)| Copy {
                of,
                by,
                head: text.parse(),
            }));
        }
        Ok(Self(all))
    }

    fn copies<'a>(&'a self, of: &'a str) -> impl Iterator<Item = &'a Copy> {
        self.0.iter().filter(move |it| it.of == of)
    }

    /// The keys that a service's heads are held against: where nobody named any, the one that others saw first.
    pub(super) fn believed_of(&self, service: &str, believed: &Believed) -> Believed {
        let mut believed = believed.clone();
        if believed.is_nothing() {
            let by_others = self.copies(service).filter(|it| it.by != it.of);
            let heads = by_others.filter_map(|it| it.head.as_ref().ok());
            let first = heads.min_by_key(|it| it.head().seq);
            believed
                .keys
                .extend(first.map(|it| it.lineage().key().clone()));
        }
        believed
    }

    /// What was noted of a service's chain, and which copies are not what was kept.
    pub(super) fn of(&self, service: &str, believed: &Believed) -> (Vec<Noted>, Vec<String>) {
        let believed = self.believed_of(service, believed);
        let (mut noted, mut faults) = (Vec::new(), Vec::new());
        for Copy { of, by, head } in self.copies(service) {
            let place = if of == by {
                "kept by itself".to_owned()
            } else {
                format!("kept by {by}")
            };
            match head {
                Err(error) => faults.push(format!("a head that is {place}: {error}")),
                Ok(head) if head.service() != of => {
                    faults.push(format!("a head that is {place} is of {}", head.service()));
                }
                // Nobody says which key is the service's: what it keeps itself shows that its end was not cut.
                Ok(head) if believed.is_nothing() || believed.believes(head) => {
                    noted.push(head.noted(&place));
                }
                Ok(head) => faults.push(format!("a head that is {place}: {}", foreign(head))),
            }
        }
        (noted, faults)
    }
}

/// The signed heads of a service in a file.
///
/// # Errors
/// Where the file has none at all, or one that was changed or signed with a key that is not believed.
pub(super) fn in_file(
    file: &Path,
    service: &str,
    believed: &Believed,
) -> anyhow::Result<Vec<Noted>> {
    let place = || file.display().to_string();
    let text = std::fs::read_to_string(file).with_context(place)?;
    let found = SignedHead::find_in(&text).collect::<Result<Vec<_>, _>>();
    let found = found.with_context(place)?;
    if found.is_empty() {
        bail!(
            "{} has no signed head; one begins with keepworth-head-1/",
            place()
        );
    }
    let own = found.iter().filter(|it| it.service() == service);
    let noted = own.map(|head| {
        ensure!(believed.believes(head), "{}: {}", place(), foreign(head));
        Ok(head.noted(&format!("stands in {}", place())))
    });
    noted.collect()
}

fn foreign(head: &SignedHead) -> String {
    format!(
        "the head of {} at entry {} is signed with another key than is believed, {}; if it is right, name it with --key",
        head.service(),
        head.head().seq,
        head.lineage().key()
    )
}

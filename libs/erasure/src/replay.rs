//! Erasures that a database no longer knows of, since it is an older copy: they are done again.

use std::collections::{HashMap, HashSet};

use keepworth_access::{Act, Caller, Permission, Role, Via};
use keepworth_contract::subject::SubjectErasure;
use keepworth_intake::Failure;
use keepworth_intake::erased::{self, Tombstone};
use keepworth_store::{Conn, RecordId, now};
use uuid::Uuid;

use crate::Subjects;

/// The note of a service.
pub(crate) fn name(service: &str) -> String {
    format!("{service}.list")
}

/// A line of it: which key, which erasure, both digests, when. It says of nobody who they were.
pub(crate) fn line(key_id: &str, tombstone: &Tombstone) -> String {
    let digits = |bytes: &[u8]| String::from_iter(bytes.iter().map(|byte| format!("{byte:02x}")));
    format!(
        "{key_id} {} {} {} {}",
        tombstone.erasure_id,
        digits(&tombstone.mac),
        digits(&tombstone.id_mac),
        tombstone.recorded_at.and_utc().to_rfc3339()
    )
}

fn read(line: &str) -> Option<(String, Tombstone)> {
    let mut parts = line.split(' ');
    let key_id = parts.next()?.to_owned();
    let tombstone = Tombstone {
        erasure_id: RecordId(Uuid::try_parse(parts.next()?).ok()?),
        mac: from_digits(parts.next()?)?,
        id_mac: from_digits(parts.next()?)?,
        recorded_at: chrono::DateTime::parse_from_rfc3339(parts.next()?)
            .ok()?
            .naive_utc(),
    };
    Some((key_id, tombstone))
}

impl Subjects {
    /// Erases again those whose erasure is noted and not in the database; answers how many were there again.
    ///
    /// # Errors
    /// Notes or a secret that cannot be used, and what the database answers.
    pub async fn replay(&self) -> Result<usize, Failure> {
        let noted = self.db().beside().noted(&name(self.service))?;
        let lines = noted.len();
        let noted: Vec<_> = noted.iter().filter_map(|line| read(line)).collect();
        if noted.len() < lines {
            // That of a process that was killed may be half written: its erasure was not done either.
            let unread = lines - noted.len();
            tracing::warn!(unread, "lines of the note of erasures cannot be read");
        }
        if noted.is_empty() {
            return Ok(0);
        }
        let known = self
            .db()
            .read(|conn| erased::load(conn).map_err(Failure::from))
            .await?;
        let known: HashSet<Vec<u8>> = known.into_iter().map(|it| it.mac).collect();
        let missing: Vec<_> = noted
            .into_iter()
            .filter(|(_, it)| !known.contains(&it.mac))
            .collect();
        if missing.is_empty() {
            return Ok(0);
        }
        let own = self.clone();
        let write = self.db().write(move |conn| own.erase_again(conn, &missing));
        let again = of_the_service(self.service, "erasures after a restore")
            .around(write)
            .await?;
        tracing::warn!(
            service = self.service,
            erased = again,
            "erasures that the database did not know of were done again"
        );
        self.settle().await;
        Ok(again)
    }

    fn erase_again(
        &self,
        conn: &mut Conn,
        missing: &[(String, Tombstone)],
    ) -> Result<usize, Failure> {
        erased::hold_alone(conn)?;
        for (key_id, tombstone) in missing {
            erased::keep(conn, key_id, tombstone)?;
        }
        let by_mac: HashMap<&[u8], &Tombstone> =
            missing.iter().map(|(_, it)| (&it.mac[..], it)).collect();
        let secrets = self.db().beside().secrets()?;
        let (mut again, now) = (0, now().naive_utc());
        for subject in self.holds.everybody(conn)? {
            let macs = secrets
                .iter()
                .map(|key| Tombstone::of(key, &subject, RecordId::default(), now).mac);
            let Some(tombstone) = macs.filter_map(|mac| by_mac.get(&mac[..])).next() else {
                continue;
            };
            let order = SubjectErasure {
                erasure_id: tombstone.erasure_id.0,
                subject,
                dry_run: false,
                known_since: None,
                observed_from: None,
            };
            self.forget(conn, &order)?;
            again += 1;
        }
        Ok(again)
    }
}

/// What a service does of its own accord, as the audit has it.
#[must_use]
pub fn of_the_service(service: &str, what: &str) -> Act {
    let caller = Caller::new("keepworth", service, Via::Nothing, [Role::Service]);
    let act = Act::by(caller, what.to_owned(), None);
    let _ = act.is_allowed(Permission::SubjectServe);
    act
}

fn from_digits(digits: &str) -> Option<Vec<u8>> {
    let places = (0..digits.len()).step_by(2);
    places
        .map(|at| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok())
        .collect()
}

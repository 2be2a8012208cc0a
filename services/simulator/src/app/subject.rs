//! What this service holds of one customer: the arms of pilots that they are in, what people wrote, and sums that
//! have them in.

use keepworth_contract::subject::{Subject, SubjectErasure, TableExport};
use keepworth_erasure::{Holds, Mention, Tally, TextColumn, exported};
use keepworth_intake::Failure;
use keepworth_store::Conn;

use crate::store::{pilot, subject};

/// Where customers are held.
pub(crate) struct Held;

/// Who is in which arm of a pilot.
const MEMBERS: &str = "pilot_customers";

/// Why baselines stay.
const SUMS: &str =
    "sums over customers, which name nobody; those listed may have the customer in them";

/// Why links stay.
const LINK_SUMS: &str = "counts of customer-months, which name nobody";

/// What people write. A run's input hash stays that of the scenario as it was written.
const TEXTS: &[TextColumn] = &[
    TextColumn {
        table: "runs",
        column: "scenario_name",
    },
    TextColumn {
        table: "runs",
        column: "scenario",
    },
    TextColumn {
        table: "runs",
        column: "result",
    },
    TextColumn {
        table: "runs",
        column: "resolved_scenario",
    },
    TextColumn {
        table: "scenario_versions",
        column: "name",
    },
    TextColumn {
        table: "scenario_versions",
        column: "scenario",
    },
    TextColumn {
        table: "scenario_versions",
        column: "reason",
    },
    TextColumn {
        table: "trackings",
        column: "report",
    },
    TextColumn {
        table: "questions",
        column: "question",
    },
    TextColumn {
        table: "questions",
        column: "report",
    },
    TextColumn {
        table: "scenario_versions",
        column: "archived",
    },
    TextColumn {
        table: "approval_transitions",
        column: "reason",
    },
    TextColumn {
        table: "approval_transitions",
        column: "findings",
    },
    TextColumn {
        table: "approval_transitions",
        column: "exceptions",
    },
    TextColumn {
        table: "approval_policies",
        column: "reason",
    },
    TextColumn {
        table: "programme_versions",
        column: "key",
    },
    TextColumn {
        table: "programme_keys",
        column: "key",
    },
    TextColumn {
        table: "programme_keys",
        column: "programme",
    },
    TextColumn {
        table: "programme_versions",
        column: "name",
    },
    TextColumn {
        table: "programme_versions",
        column: "statement",
    },
    TextColumn {
        table: "programme_versions",
        column: "decisions",
    },
    TextColumn {
        table: "programme_versions",
        column: "reason",
    },
    TextColumn {
        table: "assumption_checks",
        column: "input",
    },
    TextColumn {
        table: "assumption_checks",
        column: "owner",
    },
    TextColumn {
        table: "assumption_checks",
        column: "note",
    },
    TextColumn {
        table: "evidence_versions",
        column: "statement",
    },
    TextColumn {
        table: "evidence_versions",
        column: "withdrawn",
    },
    TextColumn {
        table: "pilots",
        column: "design",
    },
];

impl Holds for Held {
    fn erase(
        &self,
        conn: &mut Conn,
        order: &SubjectErasure,
        _: &Mention,
        tally: &mut Tally,
    ) -> Result<(), Failure> {
        if let (Some(since), Some(from)) = (order.known_since, order.observed_from) {
            tally.baselines = subject::baselines_since(conn, since.naive_utc(), from)?;
            tally.kept("baselines", tally.baselines.len() as u64, SUMS);
            let links = subject::links_since(conn, since.naive_utc(), from)?;
            tally.kept("links", u64::try_from(links).unwrap_or(0), LINK_SUMS);
        }
        let erased = pilot::forget_member(conn, &order.subject)?;
        tally.erased(MEMBERS, erased as u64);
        Ok(())
    }

    /// Scenarios that name them, kept or run, programmes that do, and the arms that they are in.
    fn export(&self, conn: &mut Conn, subject: &Subject) -> Result<Vec<TableExport>, Failure> {
        let mention = Mention::of(subject);
        let mut exports = Vec::new();
        for (table, column) in [
            ("runs", "scenario"),
            ("scenario_versions", "scenario"),
            ("programme_versions", "statement"),
        ] {
            let named = TextColumn { table, column }.naming(conn, &mention)?;
            exports.push(exported(table, &Vec::from_iter(named))?);
        }
        let arms = pilot::memberships(conn, subject)?;
        exports.push(exported(MEMBERS, &arms)?);
        Ok(exports)
    }

    fn everybody(&self, conn: &mut Conn) -> Result<Vec<Subject>, Failure> {
        let everybody = pilot::everybody(conn)?.into_iter().map(|it| Subject {
            source: it.source,
            external_id: it.external_id,
        });
        Ok(everybody.collect())
    }

    fn texts(&self) -> &'static [TextColumn] {
        TEXTS
    }
}

//! A scenario on its baseline, ready to be drawn at once: for answers that nobody waits long for.

use std::sync::Arc;

use keepworth_contract::simulator::RunReference;
use keepworth_intake::Failure;
use keepworth_sim::{Flag, Model};
use keepworth_store::Conn;
use keepworth_verdict::{FoundRate, SealedBaseline, prepare_on};

use super::exchange_rates;
use super::written::{Written, failure};
use crate::Simulator;

/// A scenario that was put on its baseline.
pub(crate) struct Ready {
    pub(crate) model: Model,
    pub(crate) on: Arc<SealedBaseline>,
    /// What the scenario refers to, as it is now.
    pub(crate) references: Vec<RunReference>,
    /// What a reader of a result must know of that.
    pub(crate) flags: Vec<Flag>,
}

impl Ready {
    /// Puts a scenario on its baseline.
    pub(crate) async fn find(
        app: &Simulator,
        scenario: &str,
        baseline_hash: &str,
    ) -> Result<Self, Failure> {
        let written = Written {
            scenario,
            baseline_hash,
        };
        let rates = exchange_rates(app, written).await?;
        let opened = app.opened().clone();
        let (scenario, hash) = (scenario.to_owned(), baseline_hash.to_owned());
        let prepare = move |conn: &mut Conn| {
            let written = Written {
                scenario: &scenario,
                baseline_hash: &hash,
            };
            let on = opened.open(conn, &hash)?;
            Self::prepare(conn, written, on, &rates)
        };
        app.db().read(prepare).await
    }

    fn prepare(
        conn: &mut Conn,
        written: Written<'_>,
        on: Arc<SealedBaseline>,
        rates: &[FoundRate],
    ) -> Result<Self, Failure> {
        let referred = written.refer_on(conn, on.baseline(), rates)?;
        Ok(Self {
            model: prepare_on(&referred.scenario, &on).map_err(failure)?,
            references: referred.references,
            flags: referred.flags,
            on,
        })
    }
}

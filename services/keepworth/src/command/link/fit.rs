//! `keepworth link fit`.

use chrono::NaiveDate;
use keepworth_contract::customers::LeavingCause;
use keepworth_contract::simulator::{
    LinkConfounder, LinkDirection, LinkExposure, LinkInput, LinkPrior, SimulatorClient,
};
use keepworth_contract::{Month, Word};
use keepworth_retention::link::ScepticalPrior;

use super::sheets;
use crate::Global;
use crate::command::asking::Asking;
use crate::reading::word::word;
use crate::runtime::waiting;

/// Estimate what an experience has to do with leaving, or learn why the records do not tell.
///
/// Each month of each customer is held against what was recorded before it: a score that somebody gave when they left,
/// or the call in which they said so, never counts.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  keepworth link fit repeat-contacts --as-of 2025-09-30
  keepworth link fit csat --as-of 2025-09-30 --window 6
  keepworth link fit contacts --channel phone --as-of 2025-09-30 --notice 1 --confounders segment,acquisition-channel

The verdict says what may be done with it:
  estimated  the records tell an effect from none; a scenario may go through it
  null       they do not: a scenario that goes through it moves nothing. It does not mean that there is no effect
  warned     there is an estimate, and something speaks against it: read the flags first
  refused    the records forbid an estimate, and the reason says why: mostly the score was written down when it was
             known who would leave

Where customers give notice, --notice keeps what happens after it out. What no record holds, such as price, may stand
behind a link: the E-value says how strong that would have to be.")]
pub(super) struct Fit {
    /// What customers lived through: the last answer (nps, csat, ces, rating), contacts, repeat-contacts (after the
    /// first), unresolved-contacts, or abandoned-contacts.
    #[arg(value_parser = word::<LinkExposure>)]
    exposure: LinkExposure,
    /// The last day whose facts count.
    #[arg(long, value_name = "DATE")]
    as_of: NaiveDate,
    /// Contacts of this channel alone.
    #[arg(long)]
    channel: Option<String>,
    /// How many months before the month at risk are looked at.
    #[arg(long, value_name = "MONTHS", default_value_t = 3)]
    window: u32,
    /// Months between those and the month at risk: as long as notice is given.
    #[arg(long, value_name = "MONTHS", default_value_t = 0)]
    notice: u32,
    /// What else may explain leaving, beside tenure: segment, acquisition-channel, or none.
    #[arg(long, value_delimiter = ',', default_value = "segment", value_parser = confounder)]
    confounders: Vec<Option<LinkConfounder>>,
    /// The first month at risk that counts.
    #[arg(long, value_name = "MONTH")]
    from: Option<Month>,
    /// The last month at risk that counts.
    #[arg(long, value_name = "MONTH")]
    until: Option<Month>,
    /// More of it is worse, as with contacts (default for contacts).
    #[arg(long, conflicts_with = "higher_is_better")]
    higher_is_worse: bool,
    /// More of it is better, as with scores (default for scores).
    #[arg(long)]
    higher_is_better: bool,
    /// Mean of the prior: log hazard ratio of one standard deviation of better experience
    /// [default: -0.10; 0 for NPS].
    #[arg(long, allow_negative_numbers = true)]
    prior_mean: Option<f64>,
    /// Standard deviation of the prior [default: 0.10].
    #[arg(long)]
    prior_sd: Option<f64>,
    #[command(flatten)]
    asking: Asking,
}

/// Reads what else may explain leaving; none for nothing but tenure.
fn confounder(text: &str) -> Result<Option<LinkConfounder>, String> {
    match text {
        "none" => Ok(None),
        text => word(text).map(Some).map_err(|why| format!("{why}, none")),
    }
}

impl Fit {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<()> {
        let order = self.order();
        let fit = async |client: &SimulatorClient| {
            waiting("the link is estimated", client.fit_link(&order)).await
        };
        let link = self.asking.ask(global, fit)?;
        let to = &self.asking.presenting;
        to.show(&link, |link| Ok(sheets(link)))?;
        to.tell(|| sheets(&link));
        Ok(())
    }

    fn order(&self) -> LinkInput {
        let direction = match (self.higher_is_worse, self.higher_is_better) {
            (true, _) => Some(LinkDirection::HigherIsWorse),
            (_, true) => Some(LinkDirection::HigherIsBetter),
            _ => None,
        };
        let usual = ScepticalPrior::of_exposure(self.exposure.name());
        let is_given = self.prior_mean.is_some() || self.prior_sd.is_some();
        LinkInput {
            exposure: self.exposure,
            channel: self.channel.clone(),
            window_months: self.window,
            notice_months: self.notice,
            confounders: self.confounders.iter().copied().flatten().collect(),
            control_causes: vec![LeavingCause::Circumstance],
            from: self.from,
            until: self.until,
            direction,
            prior: is_given.then(|| LinkPrior {
                mean: self.prior_mean.unwrap_or(usual.mean),
                sd: self.prior_sd.unwrap_or(usual.sd),
            }),
            as_of: self.as_of,
        }
    }
}

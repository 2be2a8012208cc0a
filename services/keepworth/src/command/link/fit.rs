//! `keepworth link fit`.

use chrono::NaiveDate;
use clap::ValueEnum;
use keepworth_contract::customers::LeavingCause;
use keepworth_contract::simulator::{
    LinkConfounder, LinkDirection, LinkExposure, LinkInput, LinkPrior,
};
use keepworth_contract::{Month, Word};
use keepworth_retention::link::ScepticalPrior;

use super::{Asking, sheets};
use crate::runtime::waiting;
use crate::{Global, runtime};

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
    /// What customers lived through.
    #[arg(value_enum)]
    exposure: Exposure,
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
    /// What else may explain leaving, beside tenure; none for nothing.
    #[arg(long, value_enum, value_delimiter = ',', default_value = "segment")]
    confounders: Vec<Confounder>,
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

/// What customers lived through.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Exposure {
    /// The last answer to "would you recommend us".
    Nps,
    /// The last answer on satisfaction.
    Csat,
    /// The last answer on ease.
    Ces,
    /// The last stars.
    Rating,
    /// Contacts in the window.
    Contacts,
    /// Contacts after the first.
    RepeatContacts,
    /// Contacts that did not settle the matter.
    UnresolvedContacts,
    /// Contacts that the customer gave up.
    AbandonedContacts,
}

impl From<Exposure> for LinkExposure {
    fn from(exposure: Exposure) -> Self {
        match exposure {
            Exposure::Nps => Self::Nps,
            Exposure::Csat => Self::Csat,
            Exposure::Ces => Self::Ces,
            Exposure::Rating => Self::Rating,
            Exposure::Contacts => Self::Contacts,
            Exposure::RepeatContacts => Self::RepeatContacts,
            Exposure::UnresolvedContacts => Self::UnresolvedContacts,
            Exposure::AbandonedContacts => Self::AbandonedContacts,
        }
    }
}

/// What else may explain leaving.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Confounder {
    /// Nothing but tenure.
    None,
    /// The customer's segment.
    Segment,
    /// How the customer was won.
    AcquisitionChannel,
}

impl Confounder {
    fn of_contract(self) -> Option<LinkConfounder> {
        match self {
            Self::None => None,
            Self::Segment => Some(LinkConfounder::Segment),
            Self::AcquisitionChannel => Some(LinkConfounder::AcquisitionChannel),
        }
    }
}

impl Fit {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<()> {
        let client = self.asking.client(global)?;
        let order = self.order();
        let fitting = waiting("the link is estimated", client.fit_link(&order));
        let link = runtime::block_on(async { Ok(fitting.await?) })?;
        let to = &self.asking.presenting;
        to.show(&link, |link| Ok(sheets(link)))?;
        to.tell(|| sheets(&link));
        Ok(())
    }

    fn order(&self) -> LinkInput {
        let exposure = LinkExposure::from(self.exposure);
        let direction = match (self.higher_is_worse, self.higher_is_better) {
            (true, _) => Some(LinkDirection::HigherIsWorse),
            (_, true) => Some(LinkDirection::HigherIsBetter),
            _ => None,
        };
        let usual = ScepticalPrior::of_exposure(exposure.name());
        let is_given = self.prior_mean.is_some() || self.prior_sd.is_some();
        let confounders = self.confounders.iter();
        LinkInput {
            exposure,
            channel: self.channel.clone(),
            window_months: self.window,
            notice_months: self.notice,
            confounders: confounders.filter_map(|it| it.of_contract()).collect(),
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

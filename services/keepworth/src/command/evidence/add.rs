//! Evidence that somebody puts into the library.

use chrono::NaiveDate;
use clap::ValueEnum;
use keepworth_contract::simulator::{
    ArmSizes, EffectReading, EvidenceInput, EvidenceLever, EvidenceStudy, PilotChecks,
    SimulatorClient, TrendChecks,
};
use keepworth_reading::number::fraction;

use super::size::{Typed, typed};
use super::wording;
use crate::Global;
use crate::command::asking::Asking;
use crate::reading::word::word;

/// Put evidence into the library; its grade is answered, with the reasons.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  keepworth evidence add chat-vendor --title \"Chat: fewer calls, says its vendor\" --on contacts \\
      --kind vendor-statement --size 20% --source brochure --owner \"A. Lovelace\" --review-on 2026-07-01
  keepworth evidence add call-backs --title \"Pilot of call-backs\" --on hazard --kind pilot \\
      --arms 5012,4987 --read always-valid --size \"2% to 15%\" --level 95% \\
      --source \"report CX-2025-07\" --owner \"A. Lovelace\" --review-on 2026-07-01
  keepworth evidence add onboarding --title \"Onboarding calls, two regions\" --on hazard \\
      --kind difference-in-differences --pre-trend-p 0.4 --size \"6% ± 2%\" \\
      --source \"run 7 of the analysts\" --owner \"A. Lovelace\" --review-on 2026-07-01")]
pub(super) struct Args {
    /// Names it in scenarios: small letters and digits in parts that hyphens join.
    key: String,
    /// Names it for people.
    #[arg(long)]
    title: String,
    /// The lever that it speaks of: hazard, contacts, minutes, training-hours, arpu, referrals, cac or
    /// price-premium.
    #[arg(long, value_name = "LEVER", value_parser = word::<EvidenceLever>)]
    on: EvidenceLever,
    /// How it came to be known.
    #[arg(long, value_enum)]
    kind: Kind,
    /// How large the effect is: an interval "4% to 13%", an estimate and its standard error "9% ± 2%", or a number
    /// of which nobody says how uncertain it is, 9%. 9% of hazard are 9% fewer who leave.
    #[arg(long, allow_hyphen_values = true, value_parser = typed)]
    size: Typed,
    /// How often intervals such as --size hold the effect.
    #[arg(long, default_value = "90%", value_parser = fraction)]
    level: f64,
    /// Of a pilot: customers left alone, and treated, such as 5012,4987.
    #[arg(long, value_name = "CONTROL,TREATED", value_parser = arms)]
    arms: Option<[u64; 2]>,
    /// Of a pilot: the share that was to be treated.
    #[arg(long, value_name = "SHARE", default_value = "50%", value_parser = fraction)]
    planned_share: f64,
    /// Of a pilot: how its effect was looked at: always-valid (by an interval that may be looked at at any time),
    /// planned-end (once, at the planned end) or many-looks (again and again, by an interval made for one look).
    #[arg(long, default_value = "many-looks", value_parser = word::<EffectReading>)]
    read: EffectReading,
    /// Of a comparison over time: the p-value of the test that both sides went the same way before.
    #[arg(long, value_name = "P", value_parser = fraction)]
    pre_trend_p: Option<f64>,
    /// Of a comparison over time: the treated were picked for bad scores, the others were not.
    #[arg(long)]
    picked_for_bad_scores: bool,
    /// From how many customers it was learnt.
    #[arg(long)]
    n: Option<u64>,
    /// How the size was estimated.
    #[arg(long)]
    method: Option<String>,
    /// Where it can be looked up; without one it is a statement.
    #[arg(long)]
    source: Option<String>,
    /// The date of the source.
    #[arg(long, value_name = "DATE")]
    source_on: Option<NaiveDate>,
    /// Who answers for it.
    #[arg(long)]
    owner: String,
    /// The day by which it must be looked at again.
    #[arg(long, value_name = "DATE")]
    review_on: NaiveDate,
    /// What else a reader must know.
    #[arg(long)]
    note: Option<String>,
    #[command(flatten)]
    asking: Asking,
}

/// How evidence came to be known.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Kind {
    /// Records of experience joined to what customers did later: an association.
    Link,
    /// Lots decided which of our customers were treated.
    Pilot,
    /// Before and after, beside others over the same time.
    DifferenceInDifferences,
    /// A paper on other companies.
    PublishedStudy,
    /// Who sells something said so.
    VendorStatement,
    /// Who knows the field said so.
    ExpertStatement,
}

fn arms(text: &str) -> Result<[u64; 2], String> {
    let sizes = text.split_once(',').and_then(|(control, treated)| {
        let [control, treated] = [control, treated].map(|it| it.trim().parse().ok());
        Some([control?, treated?])
    });
    sizes.ok_or_else(|| format!("`{text}` are no two arms; write such as 5012,4987"))
}

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<()> {
        let new = EvidenceInput {
            study: self.study(),
            key: self.key,
            title: self.title,
            lever: self.on,
            size: self.size.at(self.level),
            n: self.n,
            method: self.method,
            source: self.source,
            source_on: self.source_on,
            owner: self.owner,
            review_on: self.review_on,
            note: self.note,
        };
        let ask = async |client: &SimulatorClient| client.create_evidence(&new).await;
        self.asking
            .show(global, ask, |evidence| vec![wording::one(&evidence)])
    }

    fn study(&self) -> EvidenceStudy {
        match self.kind {
            Kind::Link => EvidenceStudy::Link,
            Kind::PublishedStudy => EvidenceStudy::PublishedStudy,
            Kind::VendorStatement => EvidenceStudy::VendorStatement,
            Kind::ExpertStatement => EvidenceStudy::ExpertStatement,
            Kind::DifferenceInDifferences => EvidenceStudy::DifferenceInDifferences(TrendChecks {
                pre_trend_p: self.pre_trend_p,
                picked_for_bad_scores: self.picked_for_bad_scores,
                named_late: false,
            }),
            Kind::Pilot => EvidenceStudy::Pilot(PilotChecks {
                arms: self.arms.map(|[control, treated]| ArmSizes {
                    control,
                    treated,
                    planned_treated_share: self.planned_share,
                }),
                reading: self.read,
                named_late: false,
                things_apart: 0,
            }),
        }
    }
}

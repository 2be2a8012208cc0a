//! A link in the words of the contract.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use keepworth_contract::customers::LeavingCause;
use keepworth_contract::finance::Grade;
use keepworth_contract::simulator::baseline::FeedReference;
use keepworth_contract::simulator::{
    Link, LinkCoefficient, LinkControl, LinkDefinition, LinkEstimate, LinkLevel, LinkSegment,
    LinkVerdict, LinkWithout,
};
use keepworth_contract::statistic::{Definition, Interval};
use keepworth_contract::{Flag, FlagCode, Word};
use keepworth_retention::fit::{Estimate, Level, Verdict};
use keepworth_retention::link::{Grade as Earned, LinkEvidence, LinkReport, NegativeControl};
use uuid::Uuid;

use super::cells::{BANDS, LinkCells};
use super::estimate::Estimated;

/// By the curvature of the likelihood.
const WALD: &str = "wald";
/// A normal likelihood under a normal prior.
const POSTERIOR: &str = "normal_posterior";

/// A link with everything that is kept of it.
pub(crate) fn told(
    id: Uuid,
    cells: &LinkCells,
    control_causes: &[LeavingCause],
    estimated: Estimated,
    sources: Vec<FeedReference>,
    created_at: DateTime<Utc>,
) -> Link {
    let segments = segments(cells);
    let customer_months = segments.iter().map(|it| it.customer_months).sum();
    let (mean, sd) = whole(&segments);
    let mut link = Link {
        id,
        definition: definition(cells, control_causes),
        verdict: LinkVerdict::Refused,
        reason: String::new(),
        grade: Grade::D,
        n: 0,
        events: 0,
        customer_months,
        mean,
        sd,
        coefficient: None,
        sensitivity: Vec::new(),
        control: None,
        levels: Vec::new(),
        segments,
        quality_flags: Vec::new(),
        data_hash: String::new(),
        sources,
        created_at,
    };
    match estimated {
        Estimated::Refused(flag) => {
            link.events = cells.left_known;
            link.reason.clone_from(&flag.detail);
            link.quality_flags.push(flag);
        }
        Estimated::Report(report, flags) => fill(&mut link, *report, flags),
    }
    link
}

fn fill(link: &mut Link, report: LinkReport, flags: Vec<Flag>) {
    let LinkReport { fit, evidence } = report;
    let level = fit.level;
    link.verdict = match fit.verdict {
        Verdict::Estimated => LinkVerdict::Estimated,
        Verdict::Null => LinkVerdict::Null,
        Verdict::Warned => LinkVerdict::Warned,
        Verdict::Refused => LinkVerdict::Refused,
    };
    link.reason = fit.reason;
    link.grade = grade(evidence.grade);
    [link.n, link.events] = [fit.n, fit.events].map(|n| n as u64);
    link.coefficient = coefficient(&evidence, fit.data.get("exposure_sd").copied(), level);
    let without = evidence.confounding.iter().map(|it| LinkWithout {
        without: it.without.clone(),
        association_per_sd: estimate(&it.association, level, WALD),
        shift: it.shift,
    });
    link.sensitivity = without.collect();
    link.control = evidence
        .negative_control
        .as_ref()
        .map(|it| control(it, level));
    let levels = evidence.levels.iter().map(|it| LinkLevel {
        low: it.low,
        high: it.high,
        customers: it.n as u64,
        left: it.left as u64,
    });
    link.levels = levels.collect();
    let found = fit.flags.iter().map(|flag| {
        let code = FlagCode::find(&flag.code).unwrap_or(FlagCode::Other);
        Flag::new(code, &flag.detail)
    });
    link.quality_flags = found.chain(flags).collect();
    link.data_hash = fit.input_hash;
}

fn definition(cells: &LinkCells, control_causes: &[LeavingCause]) -> LinkDefinition {
    let plan = cells.plan();
    LinkDefinition {
        formula: Definition {
            id: "experience_link".to_owned(),
            version: 1,
        },
        exposure: plan.exposure,
        channel: plan.channel.clone(),
        window_months: plan.window.unsigned_abs(),
        notice_months: plan.notice.unsigned_abs(),
        confounders: cells.confounders().to_vec(),
        tenure_bands: BANDS.to_vec(),
        control_causes: control_causes.to_vec(),
        from: plan.from,
        until: plan.until,
        direction: plan.direction,
        prior: plan.prior,
        as_of: plan.as_of,
    }
}

fn coefficient(evidence: &LinkEvidence, sd: Option<f64>, level: Level) -> Option<LinkCoefficient> {
    let (association, posterior) = (evidence.association?, evidence.posterior?);
    let (sd, e_value) = (sd?, evidence.e_value?);
    let Estimate {
        value,
        se,
        low,
        high,
    } = posterior;
    let [value, se, low, high] = [value, se, low, high].map(|it| it / sd);
    let per_unit = Estimate {
        value,
        se,
        low,
        high,
    };
    Some(LinkCoefficient {
        association_per_sd: estimate(&association, level, WALD),
        per_sd: estimate(&posterior, level, POSTERIOR),
        per_unit: estimate(&per_unit, level, POSTERIOR),
        overlap: evidence.overlap?,
        moved: evidence.moved?,
        e_value: e_value.estimate,
        e_value_of_limit: e_value.limit,
    })
}

fn estimate(it: &Estimate, level: Level, method: &str) -> LinkEstimate {
    LinkEstimate {
        value: it.value,
        se: it.se,
        interval: interval(it, level, method),
    }
}

fn interval(it: &Estimate, level: Level, method: &str) -> Interval {
    Interval {
        low: it.low,
        high: it.high,
        level: level.share(),
        method: method.to_owned(),
        freedom: None,
    }
}

fn control(it: &NegativeControl, level: Level) -> LinkControl {
    LinkControl {
        customers: it.n as u64,
        worse_than_stayers: it.worse_than_stayers.value,
        interval: interval(&it.worse_than_stayers, level, "hanley_mcneil"),
        reacts: it.reacts(),
    }
}

fn grade(grade: Earned) -> Grade {
    match grade {
        Earned::A => Grade::A,
        Earned::B => Grade::B,
        Earned::C => Grade::C,
        Earned::D => Grade::D,
    }
}

/// Sums over the customer-months of a segment.
#[derive(Default)]
struct Sums {
    months: u64,
    left: u64,
    sum: f64,
    squares: f64,
}

fn segments(cells: &LinkCells) -> Vec<LinkSegment> {
    let mut sums: BTreeMap<&str, Sums> = BTreeMap::new();
    for (key, n) in &cells.counts {
        let name = cells.segments.names[key.segment as usize].as_str();
        let (it, x) = (sums.entry(name).or_default(), key.exposure as f64);
        it.months += n;
        it.left += if key.left { *n } else { 0 };
        it.sum += *n as f64 * x;
        it.squares += *n as f64 * x * x;
    }
    let told = sums.into_iter().map(|(segment, it)| {
        let (mean, sd) = moments(it.months as f64, it.sum, it.squares);
        LinkSegment {
            segment: segment.to_owned(),
            customer_months: it.months,
            left: it.left,
            mean,
            sd,
        }
    });
    told.collect()
}

fn moments(n: f64, sum: f64, squares: f64) -> (f64, f64) {
    let mean = sum / n;
    (mean, (squares / n - mean * mean).max(0.0).sqrt())
}

/// Mean and standard deviation over all segments.
fn whole(segments: &[LinkSegment]) -> (Option<f64>, Option<f64>) {
    let of = |each: &dyn Fn(&LinkSegment) -> f64| {
        let all = segments.iter();
        all.map(|it| it.customer_months as f64 * each(it))
            .sum::<f64>()
    };
    let n = of(&|_| 1.0);
    if n <= 0.0 {
        return (None, None);
    }
    let (mean, sd) = moments(
        n,
        of(&|it| it.mean),
        of(&|it| it.mean.powi(2) + it.sd.powi(2)),
    );
    (Some(mean), Some(sd))
}

//! The gate before an approval: what stands in the way, by the policy and by what was found in the scenario.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate};
use keepworth_contract::simulator::{
    ApprovalPolicyInput, GateCode, GateException, GateFinding, LintCode, LintFinding, LintSeverity,
    LossLimit, OutcomeName, RunResult,
};
use keepworth_contract::{FaultCode, InvalidParam};
use keepworth_intake::fault;

/// The longest name of a finding, and the longest reason for an exception, in characters.
const LONGEST: (usize, usize) = (300, 1_000);

/// What the gate looks at.
pub(crate) struct Looked<'a> {
    /// What was found in the scenario that is probably not meant.
    pub(crate) lint: &'a [LintFinding],
    /// The baseline's day.
    pub(crate) as_of: NaiveDate,
    /// The currency of every amount.
    pub(crate) currency: &'a str,
    pub(crate) today: NaiveDate,
    /// The lowest that the discount rate can be.
    pub(crate) discount_rate: f64,
    /// What came of the run.
    pub(crate) result: &'a RunResult,
}

/// Everything that stands in the way.
pub(crate) fn findings(looked: &Looked<'_>, policy: &ApprovalPolicyInput) -> Vec<GateFinding> {
    let mut found: Vec<GateFinding> = looked.lint.iter().filter_map(of_lint).collect();
    found.extend(baseline(looked, policy));
    found.extend(no_verdict(looked.result));
    found.extend(futures(looked.result, policy));
    found.extend(losses(looked, policy));
    found.extend(discount_rate(looked, policy));
    found
}

/// What in a scenario's text stands in the way; its baseline's age is the policy's.
fn of_lint(it: &LintFinding) -> Option<GateFinding> {
    let code = match it.code {
        LintCode::NoSponsor => GateCode::NoSponsor,
        LintCode::NoProcessOwner => GateCode::NoProcessOwner,
        LintCode::EvidenceOverdue => GateCode::EvidenceOverdue,
        _ if it.severity == LintSeverity::Error => GateCode::LintError,
        _ => return None,
    };
    let name: &str = it.code.into();
    Some(GateFinding {
        name: match it.path.as_str() {
            "" => name.to_owned(),
            path => format!("{name}@{path}"),
        },
        code,
        what: it.what.clone(),
        way_out: it.way_out.clone(),
        figure: None,
        threshold: None,
    })
}

fn of_policy(
    code: GateCode,
    what: String,
    way_out: &str,
    figure: f64,
    threshold: f64,
) -> GateFinding {
    let name: &str = code.into();
    GateFinding {
        name: name.to_owned(),
        code,
        what,
        way_out: way_out.to_owned(),
        figure: Some(figure),
        threshold: Some(threshold),
    }
}

/// Whole months from one day to another.
fn months(from: NaiveDate, to: NaiveDate) -> i32 {
    let months = (to.year() - from.year()) * 12 + to.month() as i32 - from.month() as i32;
    // The last day of a month is a month before that of the next, however long they are.
    let is_whole = to.day() >= from.day() || to.succ_opt().is_some_and(|next| next.day() == 1);
    months - i32::from(!is_whole)
}

fn baseline(looked: &Looked<'_>, policy: &ApprovalPolicyInput) -> Option<GateFinding> {
    let (age, most) = (
        months(looked.as_of, looked.today),
        policy.oldest_baseline_months,
    );
    (i64::from(age) > i64::from(most)).then(|| {
        let what = format!(
            "the baseline is of {}, {age} months ago; the policy allows {most}",
            looked.as_of
        );
        let way_out = "build one of today (keepworth baseline build), put the next version on it, run and submit that";
        of_policy(GateCode::BaselineOld, what, way_out, age.into(), most.into())
    })
}

fn no_verdict(result: &RunResult) -> Option<GateFinding> {
    let idle = result.no_verdict.first()?;
    Some(GateFinding {
        name: "no_verdict".to_owned(),
        code: GateCode::NoVerdict,
        what: format!("nothing can come of \"{}\": {}", idle.initiative, idle.why),
        way_out: "write a version of which something can come, run and submit that".to_owned(),
        figure: None,
        threshold: None,
    })
}

fn futures(result: &RunResult, policy: &ApprovalPolicyInput) -> Option<GateFinding> {
    let (drawn, fewest) = (result.trials, policy.fewest_futures);
    (drawn < fewest).then(|| {
        let what = format!("the run has {drawn} futures; the policy asks for {fewest}");
        let way_out = "run it with more, and submit that run";
        of_policy(
            GateCode::FewFutures,
            what,
            way_out,
            drawn as f64,
            fewest as f64,
        )
    })
}

/// The limit that holds for a programme of a cost: the first that reaches as far.
fn limit(limits: &[LossLimit], cost: f64) -> Option<&LossLimit> {
    let reaches = |it: &&LossLimit| it.cost_up_to.is_none_or(|most| cost <= most as f64);
    limits.iter().find(reaches).or(limits.last())
}

fn losses(looked: &Looked<'_>, policy: &ApprovalPolicyInput) -> Option<GateFinding> {
    let cost = looked.result.outcomes.get(&OutcomeName::PvCosts)?.mean?;
    let limit = limit(&policy.loss_limits, cost)?;
    let (loss, most) = (looked.result.probabilities.npv_negative, limit.most_losses);
    // As shown, so that what is said never contradicts what is done.
    let shown = (1000.0 * loss.value).round() / 1000.0;
    (shown > most).then(|| {
        let of = limit.cost_up_to.map_or_else(
            || "a programme of that cost".to_owned(),
            |it| format!("a programme of up to {} {it}", looked.currency),
        );
        let what = format!(
            "{:.1} of 100 futures lose money (± {:.1}, the simulation's standard error), and the programme costs {} \
             {cost:.0}; the policy allows {:.1} of 100 for {of}",
            100.0 * shown,
            100.0 * loss.mc_error,
            looked.currency,
            100.0 * most
        );
        let way_out = "begin smaller, or with a pilot that can be stopped; then run and submit that version";
        of_policy(GateCode::LossLikely, what, way_out, shown, most)
    })
}

fn discount_rate(looked: &Looked<'_>, policy: &ApprovalPolicyInput) -> Option<GateFinding> {
    let (rate, least) = (looked.discount_rate, policy.least_discount_rate?);
    (rate < least).then(|| {
        let what = format!(
            "the discount rate can be {:.2}% a year; the policy asks for {:.2}%",
            100.0 * rate,
            100.0 * least
        );
        let way_out = "write the rate of the policy into the next version, run and submit that";
        of_policy(GateCode::DiscountRateLow, what, way_out, rate, least)
    })
}

/// What of the findings is not excepted, or of the exceptions no finding: of the field of that name.
pub(crate) fn unsettled(
    field: &str,
    findings: &[GateFinding],
    exceptions: &[GateException],
) -> Vec<InvalidParam> {
    let mut faults = Vec::new();
    let excepted: BTreeSet<&str> = exceptions.iter().map(|it| it.finding.as_str()).collect();
    for it in findings
        .iter()
        .filter(|it| !excepted.contains(it.name.as_str()))
    {
        let reason = format!(
            "{}; {}; or name it under {field} with a reason, which stays in the record ({} '{}=WHY')",
            it.what,
            it.way_out,
            option(field),
            it.name
        );
        faults.push(InvalidParam::new(
            format!("{field}/{}", it.name),
            FaultCode::NotOverridden,
            reason,
        ));
    }
    for (index, it) in exceptions.iter().enumerate() {
        let at = |part: &str| format!("{field}/{index}/{part}");
        faults.extend(fault::text(&at("finding"), &it.finding, LONGEST.0));
        faults.extend(fault::text(&at("reason"), &it.reason, LONGEST.1));
        if !findings.iter().any(|found| found.name == it.finding) {
            let names = Vec::from_iter(findings.iter().map(|it| it.name.as_str()));
            let known = if names.is_empty() {
                "there are none, leave it out".to_owned()
            } else {
                format!("there are {}", names.join(", "))
            };
            let reason = format!(
                "is `{}`, which is no finding of the gate; {known}",
                it.finding
            );
            faults.push(InvalidParam::new(
                at("finding"),
                FaultCode::UnknownFinding,
                reason,
            ));
        }
    }
    faults
}

/// The option of the command line by which a field is said.
fn option(field: &str) -> &'static str {
    match field {
        "exceptions" => "--except",
        _ => "--override",
    }
}

/// What is wrong with a policy.
pub(crate) fn policy_faults(policy: &ApprovalPolicyInput) -> Vec<InvalidParam> {
    let mut faults = Vec::new();
    let mut fault = |name: String, reason: String| {
        faults.push(InvalidParam::new(name, FaultCode::OutOfRange, reason));
    };
    let months = policy.oldest_baseline_months;
    if !(1..=120).contains(&months) {
        fault(
            "oldest_baseline_months".to_owned(),
            format!("is {months}; give 1 to 120"),
        );
    }
    let fewest = policy.fewest_futures;
    if !(1..=1_000_000).contains(&fewest) {
        fault(
            "fewest_futures".to_owned(),
            format!("is {fewest}; give 1 to 1000000"),
        );
    }
    if let Some(rate) = policy
        .least_discount_rate
        .filter(|it| !(0.0..=1.0).contains(it))
    {
        let reason = format!("is {rate}; give a fraction of 0 to 1, such as 0.08 for 8%");
        fault("least_discount_rate".to_owned(), reason);
    }
    let limits = &policy.loss_limits;
    if !(1..=20).contains(&limits.len()) {
        fault(
            "loss_limits".to_owned(),
            format!("are {}; give 1 to 20", limits.len()),
        );
    }
    for (index, it) in limits.iter().enumerate() {
        let share = it.most_losses;
        if !(0.0..=1.0).contains(&share) {
            let reason =
                format!("is {share}; give a fraction of 0 to 1, such as 0.3 for 30 in 100");
            fault(format!("loss_limits/{index}/most_losses"), reason);
        }
        let before = index.checked_sub(1).and_then(|place| limits.get(place));
        let rises = before.is_none_or(|before| {
            before
                .cost_up_to
                .is_some_and(|before| it.cost_up_to.is_none_or(|it| it > before))
        });
        if !rises || it.cost_up_to == Some(0) {
            let reason = "does not rise: begin with the least cost, above 0, and leave it out in the last limit alone";
            fault(format!("loss_limits/{index}/cost_up_to"), reason.to_owned());
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn months_are_whole_ones() {
        let between = |from, to| months(day(from), day(to));
        assert_eq!(between("2025-06-30", "2026-06-29"), 11);
        assert_eq!(between("2025-06-30", "2026-06-30"), 12);
        assert_eq!(
            between("2025-01-31", "2025-02-28"),
            1,
            "the last day of both"
        );
        assert_eq!(between("2025-06-30", "2025-06-30"), 0);
    }

    #[test]
    fn the_first_limit_that_reaches_holds() {
        let limits = ApprovalPolicyInput::default().loss_limits;
        let most = |cost| limit(&limits, cost).unwrap().most_losses;
        assert_eq!([250_000.0, 250_000.5, 1e9].map(most), [0.3, 0.2, 0.2]);
    }

    #[test]
    fn an_exception_is_of_a_finding_and_has_a_reason() {
        let found = of_policy(GateCode::FewFutures, "few".to_owned(), "run more", 1.0, 2.0);
        let exception = |finding: &str, reason: &str| GateException {
            finding: finding.to_owned(),
            reason: reason.to_owned(),
        };
        let of = |exceptions: &[GateException]| {
            let faults = unsettled("overrides", std::slice::from_ref(&found), exceptions);
            Vec::from_iter(faults.into_iter().map(|it| it.code))
        };
        assert_eq!(of(&[]), ["not_overridden"]);
        assert!(of(&[exception("few_futures", "a first look")]).is_empty());
        assert_eq!(of(&[exception("few_futures", " ")]), ["missing"]);
        assert_eq!(
            of(&[exception("no_sponsor", "none yet")]),
            ["not_overridden", "unknown_finding"]
        );
    }

    #[test]
    fn a_policy_rises_and_is_within_its_ranges() {
        assert_eq!(policy_faults(&ApprovalPolicyInput::default()), []);
        let wrong = ApprovalPolicyInput {
            oldest_baseline_months: 0,
            loss_limits: vec![
                LossLimit {
                    cost_up_to: None,
                    most_losses: f64::NAN,
                },
                LossLimit {
                    cost_up_to: Some(5),
                    most_losses: 0.1,
                },
            ],
            fewest_futures: 0,
            least_discount_rate: Some(8.0),
        };
        let names = policy_faults(&wrong).into_iter().map(|it| it.name);
        assert_eq!(
            Vec::from_iter(names),
            [
                "oldest_baseline_months",
                "fewest_futures",
                "least_discount_rate",
                "loss_limits/0/most_losses",
                "loss_limits/1/cost_up_to"
            ]
        );
    }
}

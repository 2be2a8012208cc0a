//! Which figures of a segment are off together: those of the same customers.
//!
//! Who calls more may pay more, and who calls often may call briefly. Sums of products over customers
//! say by how much the errors of such ratios move together. A minute's cost is the service cost over
//! the minutes: where the cost does not follow the minutes that happened to be asked for, it is off in
//! the opposite direction.
//!
//! Segments that have their part of a cost of nobody in particular are off together too, month by month.

use keepworth_contract::simulator::baseline::{
    ChannelBaseline, FigureCorrelation, SegmentCorrelation,
};
use keepworth_contract::simulator::{FigureKey, FigureName};

use crate::rule::cost::{CostLine, SegmentCosts};
use crate::rule::joint::{Joint, Quotient};
use crate::rule::revenue::RevenueMonths;
use crate::rule::segment::{Company, Segment, contacts_per_month, minutes_per_contact};
use keepworth_verdict::figure::is_shared;
use keepworth_verdict::interval::log_error;

/// Correlations below this are left out.
const WEAK: f64 = 0.05;
/// What a correlation is cut to, so that together they remain possible.
const MOST: f64 = 0.98;

/// A figure on its way.
struct Member {
    name: FigureKey,
    /// Covariance with each member before it and with itself.
    covariances: Vec<f64>,
}

/// The correlations of a segment that are worth telling.
pub(crate) fn correlations(
    segment: &Segment<'_>,
    company: &Company<'_>,
    channels: &[ChannelBaseline],
) -> Vec<FigureCorrelation> {
    let tally = segment.tally;
    let revenue = RevenueMonths::of(tally, company).quotient();
    let mut ratios = vec![(FigureKey::from(FigureName::Revenue), revenue)];
    for channel in channels {
        let name = &channel.name;
        let both = contacts_per_month(tally, name).zip(minutes_per_contact(tally, name));
        if let Some((contacts, minutes)) = both {
            ratios.push((FigureName::Contacts.of(name), contacts));
            ratios.push((FigureName::Minutes.of(name), minutes));
        }
    }
    let mut members = of_customers(&tally.joint, ratios);
    for channel in channels {
        let spread = is_shared(&channel.cost_per_minute);
        if let Some(error) = log_error(&channel.cost_per_minute).filter(|_| !spread) {
            members.extend(unit_cost(&members, &channel.name, error));
        }
    }
    // Of few customers, chance makes correlations of its own.
    let weakest = WEAK.max(2.0 / (tally.present as f64).sqrt());
    worth_telling(&members, weakest)
}

fn of_customers(joint: &Joint, ratios: Vec<(FigureKey, Quotient)>) -> Vec<Member> {
    let is_known = |ratio: &Quotient| joint.covariance(ratio, ratio).is_some_and(|it| it > 0.0);
    let known: Vec<(FigureKey, Quotient)> = ratios
        .into_iter()
        .filter(|(_, ratio)| is_known(ratio))
        .collect();
    let covariance = |one: &Quotient, other: &Quotient| joint.covariance(one, other).unwrap_or(0.0);
    let member = |row: usize| Member {
        name: known[row].0.clone(),
        covariances: (0..=row)
            .map(|column| covariance(&known[row].1, &known[column].1))
            .collect(),
    };
    (0..known.len()).map(member).collect()
}

fn covariance(members: &[Member], one: usize, other: usize) -> f64 {
    members[one.max(other)].covariances[one.min(other)]
}

/// The cost of a minute, whose error `e` answers that of the minutes a customer takes, `T`, by
/// `−k·T` with `k = min(1, var e / var T)`: in full where the cost is fixed and its error therefore
/// the larger, hardly where it follows the minutes and its error is small.
fn unit_cost(members: &[Member], channel: &str, error: f64) -> Option<Member> {
    let find = |name: FigureName| {
        let name = name.of(channel);
        members.iter().position(|it| it.name == name)
    };
    let parts = [find(FigureName::Contacts)?, find(FigureName::Minutes)?];
    let with_time = |other: usize| -> f64 {
        parts
            .iter()
            .map(|part| covariance(members, *part, other))
            .sum()
    };
    let time: f64 = parts.iter().map(|part| with_time(*part)).sum();
    let variance = error * error;
    let answer = (variance / time).min(1.0) * MOST;
    let mut covariances: Vec<f64> = (0..members.len())
        .map(|other| -answer * with_time(other))
        .collect();
    covariances.push(variance);
    (time > 0.0 && variance > 0.0).then(|| Member {
        name: FigureName::CostPerMinute.of(channel),
        covariances,
    })
}

fn worth_telling(members: &[Member], weakest: f64) -> Vec<FigureCorrelation> {
    let mut pairs = Vec::new();
    for row in 0..members.len() {
        for column in 0..row {
            let scale = covariance(members, row, row) * covariance(members, column, column);
            let correlation = covariance(members, row, column) / scale.sqrt();
            if correlation.abs() >= weakest {
                pairs.push(FigureCorrelation {
                    a: members[column].name.clone(),
                    b: members[row].name.clone(),
                    correlation: correlation.clamp(-MOST, MOST),
                });
            }
        }
    }
    pairs
}

/// The correlations of segments by the costs that they share.
pub(crate) fn of_shared_costs(costs: &[(&str, SegmentCosts)]) -> Vec<SegmentCorrelation> {
    let mut found = Vec::new();
    for (index, (a, first)) in costs.iter().enumerate() {
        for (b, second) in &costs[..index] {
            for (figure, one) in lines(first) {
                let other = lines(second).find(|(name, _)| *name == figure);
                if let Some(correlation) = other.and_then(|(_, it)| by_month(one, it)) {
                    found.push(SegmentCorrelation {
                        figure,
                        a: (*b).to_owned(),
                        b: (*a).to_owned(),
                        correlation,
                    });
                }
            }
        }
    }
    found
}

/// The costs of a segment by the figure that they make.
fn lines(costs: &SegmentCosts) -> impl Iterator<Item = (FigureKey, &CostLine)> {
    let named = [
        (FigureName::GrossMargin, &costs.cost_of_revenue),
        (FigureName::AcquisitionCost, &costs.acquisition),
        (FigureName::Overhead, &costs.overhead),
    ];
    let channels = costs.channels.iter();
    let channels = channels.map(|(name, line)| (FigureName::CostPerMinute.of(name), line));
    let named = named.into_iter().map(|(name, line)| (name.into(), line));
    named.chain(channels)
}

/// Correlation of what two lines are off in the same months, where both have shared costs and it is
/// no chance.
fn by_month(one: &CostLine, other: &CostLine) -> Option<f64> {
    if one.shared_by.is_empty() || other.shared_by.is_empty() {
        return None;
    }
    let both = one.residuals.iter();
    let both: Vec<(f64, f64)> = both
        .filter_map(|(month, mine)| Some((*mine, *other.residuals.get(month)?)))
        .collect();
    let product: f64 = both.iter().map(|(mine, theirs)| mine * theirs).sum();
    let square = |line: &CostLine| line.residuals.values().map(|it| it * it).sum::<f64>();
    let correlation = product / (square(one) * square(other)).sqrt();
    let is_told = correlation.abs() >= 2.0 / (both.len() as f64).sqrt();
    is_told.then(|| correlation.clamp(-MOST, MOST))
}

#[cfg(test)]
mod tests {
    use keepworth_contract::FlagCode;

    use super::*;

    fn member(name: &str, covariances: &[f64]) -> Member {
        Member {
            name: name.parse().unwrap(),
            covariances: covariances.to_vec(),
        }
    }

    fn between(pairs: &[FigureCorrelation], a: &str, b: &str) -> Option<f64> {
        let pair = pairs
            .iter()
            .find(|it| it.a.to_string() == a && it.b.to_string() == b);
        pair.map(|it| it.correlation)
    }

    #[test]
    fn a_minute_of_fixed_cost_is_dearer_where_fewer_are_asked_for() {
        // Contacts 4%, minutes 3% off, independent: a customer's minutes are 5% off.
        let members = [
            member("revenue", &[0.01]),
            member("contacts.phone", &[0.0, 0.0016]),
            member("minutes.phone", &[0.0, 0.0, 0.0009]),
        ];
        let of = |error: f64| {
            let mut all: Vec<Member> = members
                .iter()
                .map(|it| member(&it.name.to_string(), &it.covariances))
                .collect();
            all.push(unit_cost(&members, "phone", error).unwrap());
            worth_telling(&all, WEAK)
        };
        // Fixed cost: what a customer's contacts cost is off by √(0.1² − 0.05²) only.
        let fixed = of(0.1);
        let contacts = between(&fixed, "contacts.phone", "cost_per_minute.phone").unwrap();
        assert!((contacts + MOST * 0.04 / 0.1).abs() < 1e-12, "{contacts}");
        assert_eq!(between(&fixed, "revenue", "cost_per_minute.phone"), None);
        // A cost that follows the minutes is hardly off at all, and answers little.
        let follows = of(0.005);
        let contacts = between(&follows, "contacts.phone", "cost_per_minute.phone").unwrap();
        assert!(contacts.abs() < 0.1, "{contacts}");
        assert!(unit_cost(&members, "chat", 0.1).is_none());
    }

    #[test]
    fn segments_are_off_together_by_what_they_share() {
        let line = |off: [f64; 6], rule: Option<FlagCode>| {
            let mut line = CostLine::default();
            let months = (1..).map(|month| format!("2025-{month:02}").parse().unwrap());
            line.residuals = months.zip(off).collect();
            line.shared_by = rule.into_iter().collect();
            line
        };
        let costs = |overhead| SegmentCosts {
            overhead,
            ..SegmentCosts::default()
        };
        let (off, rule) = (
            [3.0, -1.0, 2.0, -4.0, 1.0, -1.0],
            Some(FlagCode::SharedCostSpreadByCustomerMonths),
        );
        let double = off.map(|it| 2.0 * it);
        let found = of_shared_costs(&[
            ("a", costs(line(off, rule))),
            ("b", costs(line(double, rule))),
            ("c", costs(line(off, None))),
            ("d", costs(line([1.0, 1.0, 1.0, 1.0, 1.0, 0.5], rule))),
        ]);
        let [pair] = &found[..] else {
            panic!("{found:?}")
        };
        assert_eq!((pair.a.as_str(), pair.b.as_str()), ("a", "b"));
        let overhead = FigureName::Overhead.into();
        assert_eq!((&pair.figure, pair.correlation), (&overhead, MOST));
    }

    #[test]
    fn correlations_of_chance_are_not_told() {
        let members = [
            member("revenue", &[0.04]),
            member("contacts.phone", &[0.002, 0.01]),
        ];
        assert_eq!(
            between(&worth_telling(&members, 0.05), "revenue", "contacts.phone"),
            Some(0.1)
        );
        assert!(worth_telling(&members, 0.2).is_empty());
    }
}

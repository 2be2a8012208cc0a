//! How the months before scattered about their rates, beyond the chance of counts.

use std::collections::BTreeMap;

use keepworth_contract::simulator::{MonthScatter, ScatterSize};
use keepworth_sim::forecast::{CompanyScatter, Scatter, Spread};
use statrs::distribution::{ChiSquared, ContinuousCDF};

use super::count::{History, MonthCount};

/// Fewer months tell nothing of their scatter.
const FEWEST: usize = 3;

/// No scatter beyond the chance of counts.
pub(super) fn none(channels: usize) -> Scatter {
    Scatter {
        contacts: vec![Spread::default(); channels],
        ..Scatter::default()
    }
}

/// The scatter of a segment's months; none of fewer than three.
pub(super) fn scatter(before: &History, channels: &[&str]) -> Option<Scatter> {
    let months: Vec<&MonthCount> = before
        .values()
        .filter(|it| it.customer_months > 0.0)
        .collect();
    if months.len() < FEWEST {
        return None;
    }
    let heads = |it: &MonthCount| it.customer_months;
    let of_counts = |count: &dyn Fn(&MonthCount) -> f64, exposure: &dyn Fn(&MonthCount) -> f64| {
        let pairs = months.iter().map(|it| (count(it), exposure(it)));
        beyond_chance(&pairs.collect::<Vec<_>>())
    };
    let of_rates = |sum: &dyn Fn(&MonthCount) -> Option<f64>| {
        let rates = months.iter().filter_map(|it| Some(sum(it)? / heads(it)));
        plain(&rates.collect::<Vec<_>>())
    };
    let of_channel = |name: &&str| {
        of_counts(
            &|it| it.contacts.get(*name).copied().unwrap_or_default(),
            &heads,
        )
    };
    Some(Scatter {
        leaving: of_counts(&|it| it.leavers, &heads),
        won: of_counts(&|it| it.won, &|_| 1.0),
        revenue: of_rates(&|it| it.revenue),
        contacts: channels.iter().map(of_channel).collect(),
        service_cost: of_rates(&|it| it.service_cost),
        cost: of_rates(&|it| it.cost),
    })
}

/// The scatter of a company's months, contacts of all channels together; none of fewer than three.
#[must_use]
pub fn month_scatter(company: &History) -> Option<MonthScatter> {
    let together = |it: &MonthCount| MonthCount {
        contacts: BTreeMap::from([(String::new(), it.all_contacts())]),
        ..it.clone()
    };
    let company = company.iter().map(|(month, it)| (*month, together(it)));
    let found = scatter(&company.collect(), &[""])?;
    let size = |it: Spread| ScatterSize {
        variation: it.variation,
        freedom: it.freedom,
    };
    Some(MonthScatter {
        leaving: size(found.leaving),
        won: size(found.won),
        revenue: size(found.revenue),
        contacts: size(found.contacts.into_iter().next().unwrap_or_default()),
        service_cost: size(found.service_cost),
        cost: size(found.cost),
    })
}

/// The scatter of a baseline's months as the engine takes it; none beyond the chance of counts where it is not known.
#[must_use]
pub fn company_scatter(found: Option<&MonthScatter>) -> CompanyScatter {
    let Some(found) = found else {
        return CompanyScatter::default();
    };
    let spread = |it: ScatterSize| Spread {
        variation: it.variation,
        freedom: it.freedom,
    };
    CompanyScatter {
        leaving: spread(found.leaving),
        won: spread(found.won),
        revenue: spread(found.revenue),
        contacts: spread(found.contacts),
        service_cost: spread(found.service_cost),
        cost: spread(found.cost),
    }
}

/// Counts over exposures: what Pearson's statistic has over its degrees of freedom is variance that a Poisson
/// count does not explain (McCullagh and Nelder, Generalized Linear Models, 1989, section 6.2). So much as
/// chance alone shows in one of twenty segments is none.
fn beyond_chance(counts: &[(f64, f64)]) -> Spread {
    let (sum, exposure) = counts
        .iter()
        .fold((0.0, 0.0), |it, (n, e)| (it.0 + n, it.1 + e));
    let freedom = counts.len() as f64 - 1.0;
    if sum <= 0.0 {
        return Spread::default();
    }
    let off = |(n, e): &(f64, f64)| {
        let expected = sum / exposure * e;
        (n - expected).powi(2) / expected
    };
    let statistic: f64 = counts.iter().filter(|it| it.1 > 0.0).map(off).sum();
    if !is_beyond_chance(statistic, freedom) {
        return Spread::default();
    }
    let dispersion = statistic / freedom;
    let mean = sum / counts.len() as f64;
    Spread {
        variation: ((dispersion - 1.0) / mean).sqrt(),
        freedom,
    }
}

/// Whether a statistic of so many degrees of freedom is one that chance gives in fewer than one of twenty.
fn is_beyond_chance(statistic: f64, freedom: f64) -> bool {
    ChiSquared::new(freedom).is_ok_and(|it| it.sf(statistic) < 0.05)
}

/// The coefficient of variation of rates.
fn plain(rates: &[f64]) -> Spread {
    let (n, sum) = (rates.len() as f64, rates.iter().sum::<f64>());
    let mean = sum / n;
    if rates.len() < FEWEST || mean <= 0.0 {
        return Spread::default();
    }
    let squares: f64 = rates.iter().map(|it| (it - mean).powi(2)).sum();
    Spread {
        variation: (squares / (n - 1.0)).sqrt() / mean,
        freedom: n - 1.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chance_alone_is_no_scatter() {
        let even = [(9.0, 10.0), (11.0, 10.0), (10.0, 10.0)];
        assert_eq!(beyond_chance(&even).variation, 0.0);
        // Expected 20 each; Pearson's statistic 2 · 400/20 over 2, so that variance is 19 · 20 more.
        let uneven = [(0.0, 1.0), (20.0, 1.0), (40.0, 1.0)];
        assert!((beyond_chance(&uneven).variation - (19.0_f64 / 20.0).sqrt()).abs() < 1e-12);
        assert!((plain(&[8.0, 10.0, 12.0]).variation - 0.2).abs() < 1e-12);
        assert_eq!(plain(&[8.0, 12.0]), Spread::default());
    }
}

//! How customers differ, by the mixture behind a fit.

use std::str::FromStr;

use anyhow::bail;
use keepworth_retention::fit::{Estimate, Level};
use keepworth_retention::mixture::{Mixture, MixtureSummary};
use serde::Serialize;

use crate::present::number::{brief, percent};
use crate::present::{Cell, Sheet};
use keepworth_reading::number::fraction;

/// What is asked of mixtures.
#[derive(clap::Args)]
pub(crate) struct MixtureArgs {
    /// Tell the share of customers above a value of a trait, such as purchase_rate=0.5 or dropout_chance=20%.
    #[arg(long, value_name = "TRAIT=VALUE,…", value_delimiter = ',')]
    above: Vec<Above>,
}

/// A value of a trait.
#[derive(Debug, Clone, PartialEq)]
struct Above {
    name: String,
    value: f64,
}

impl FromStr for Above {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let refused = || format!("`{text}` is no trait with a value, such as purchase_rate=0.5");
        let (name, value) = text.split_once('=').ok_or_else(refused)?;
        let value = match value.trim().parse() {
            Ok(value) => value,
            Err(_) => fraction(value).map_err(|_| refused())?,
        };
        if !(value > 0.0 && f64::is_finite(value)) {
            return Err(format!("{value} is no value of a trait: give one above 0"));
        }
        Ok(Self {
            name: name.trim().to_owned(),
            value,
        })
    }
}

/// A mixture with what is asked of it.
#[derive(Serialize)]
pub(crate) struct Told {
    #[serde(flatten)]
    summary: MixtureSummary,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    shares_above: Vec<ShareAbove>,
}

/// The share of customers above a value.
#[derive(Serialize)]
struct ShareAbove {
    threshold: f64,
    #[serde(flatten)]
    estimate: Estimate,
}

impl MixtureArgs {
    /// Whether nothing is asked.
    pub(crate) fn is_empty(&self) -> bool {
        self.above.is_empty()
    }

    /// What the mixtures tell.
    ///
    /// # Errors
    /// When a value is asked of a trait that none of them has.
    pub(crate) fn told(&self, mixtures: &[Mixture]) -> anyhow::Result<Vec<Told>> {
        for asked in &self.above {
            let names: Vec<_> = mixtures.iter().map(Mixture::name).collect();
            if !names.contains(&asked.name.as_str()) {
                bail!(
                    "--above {}: this model has {}",
                    asked.name,
                    names.join(" and ")
                );
            }
        }
        let told = |mixture: &Mixture| {
            let asked = self.above.iter().filter(|it| it.name == mixture.name());
            let share = |asked: &Above| ShareAbove {
                threshold: asked.value,
                estimate: mixture.share_above(asked.value),
            };
            Told {
                summary: mixture.summary(),
                shares_above: asked.map(share).collect(),
            }
        };
        Ok(mixtures.iter().map(told).collect())
    }
}

/// How customers differ.
pub(crate) fn sheet_of(told: &[Told], level: Level) -> Sheet {
    let columns = "customers differ in | mean | sd | 5% below | 25% below | half below | 75% below | 95% below";
    let mut sheet = Sheet::new("", columns);
    for Told { summary, .. } in told {
        let figure = |it: Estimate| Cell::digits(it.value);
        let mut cells = vec![
            summary.name.into(),
            summary.mean.map(figure).into(),
            summary.sd.map(figure).into(),
        ];
        let quantiles = summary.quantiles.iter();
        cells.extend(quantiles.map(|it| Cell::digits(it.estimate.value)));
        sheet.add(cells);
    }
    for Told {
        summary,
        shares_above,
    } in told
    {
        let MixtureSummary {
            name, about, shape, ..
        } = summary;
        sheet.note(format!("{name}, {about}: {shape}."));
        for ShareAbove {
            threshold,
            estimate,
        } in shares_above
        {
            let [value, low, high] =
                [estimate.value, estimate.low, estimate.high].map(|it| percent(it, 1));
            sheet.note(format!(
                "{value} of the customers ({level} {low} to {high}) have a {name} above {}.",
                brief(*threshold)
            ));
        }
    }
    sheet
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_of_a_trait_is_read() {
        let read = |text: &str| text.parse::<Above>();
        assert_eq!(read("dropout_chance=20%").unwrap().value, 0.2);
        assert_eq!(read("mean_spend = 35.5").unwrap().value, 35.5);
        for text in [
            "0.5",
            "purchase_rate=",
            "purchase_rate=much",
            "purchase_rate=-1",
            "x=NaN",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}

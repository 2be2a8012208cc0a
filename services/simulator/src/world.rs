//! From a baseline's figures to the plain data that the engine starts from.
//!
//! What a segment does not know by itself, the company stands in for, and a flag says so. What
//! nobody knows is an error that names the figure, unless the scenario gives it.

mod avoidable;

use std::collections::BTreeMap;

use avoidable::avoidable;
use chrono::NaiveDate;
use keepworth_contract::baseline::{
    BASELINE_VERSION, Baseline, ChannelBaseline, Figure, HazardBand, SegmentBaseline,
};
use keepworth_sim::scenario::{Band, Channel, Hazard, Quantity, Segment};
use keepworth_sim::{Baseline as World, BaselineSegment, Scenario};

/// Why a baseline cannot be simulated on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WorldError {
    /// The document is of another form.
    #[error(
        "the baseline is of version {found}, this release reads version {BASELINE_VERSION}; build it again"
    )]
    Version {
        /// Its version.
        found: u32,
    },
    /// The document is not what was sealed.
    #[error(
        "the baseline was changed after it was built: it says hash {sealed}, its content has {found}; build it again"
    )]
    Hash {
        /// The hash it carries.
        sealed: String,
        /// The hash of its content.
        found: String,
    },
    /// A figure that neither the baseline nor the scenario gives.
    #[error(
        "neither segment `{segment}` nor the company has a {figure}; {fix}, or give the segment's {figure} in the scenario"
    )]
    Missing {
        /// The segment.
        segment: String,
        /// The figure.
        figure: &'static str,
        /// What to import.
        fix: &'static str,
    },
}

/// The engine's form of a baseline, checked to be as it was sealed. Figures that `scenario` gives
/// itself may be missing.
///
/// # Errors
/// [`WorldError`].
pub fn world(baseline: &Baseline, scenario: &Scenario) -> Result<World, WorldError> {
    if baseline.version != BASELINE_VERSION {
        return Err(WorldError::Version {
            found: baseline.version,
        });
    }
    let found = baseline.compute_hash().unwrap_or_default();
    if found != baseline.hash {
        return Err(WorldError::Hash {
            sealed: baseline.hash.clone(),
            found,
        });
    }
    let segments = baseline.segments.iter().map(|own| {
        let written = scenario.segments.iter().find(|it| it.name == own.name);
        let source = Source {
            own,
            company: &baseline.company,
            as_of: baseline.as_of,
            written,
        };
        source.segment()
    });
    Ok(World {
        as_of: baseline.as_of.to_string(),
        currency: baseline.currency.clone(),
        segments: segments.collect::<Result<_, _>>()?,
        inputs: BTreeMap::new(),
        correlations: Vec::new(),
        training: None,
        quality_flags: baseline.quality_flags.clone(),
    })
}

/// Where a segment's figures come from.
struct Source<'a> {
    own: &'a SegmentBaseline,
    company: &'a SegmentBaseline,
    as_of: NaiveDate,
    written: Option<&'a Segment>,
}

/// What stands in for a figure that is missing in the segment.
enum StandIn {
    /// The company's, else zero.
    Zero,
    /// The company's, else it must be imported.
    Import(&'static str),
}

impl Source<'_> {
    fn segment(&self) -> Result<BaselineSegment, WorldError> {
        let mut flags = self.flags();
        let written = self.written;
        let is_written = |field: fn(&Segment) -> bool| written.is_some_and(field);
        let revenue = StandIn::Import("import revenues");
        let margin = StandIn::Import("import ledger entries of category COST_OF_REVENUE");
        Ok(BaselineSegment {
            name: self.own.name.clone(),
            customers_by_tenure: self
                .own
                .customers_by_tenure
                .iter()
                .map(|n| *n as f64)
                .collect(),
            won_per_month: self.figure("won_per_month", false, &StandIn::Zero, &mut flags)?,
            hazard: self.hazard(is_written(|it| it.hazard.is_some()))?,
            revenue: self.figure(
                "revenue",
                is_written(|it| it.revenue.is_some()),
                &revenue,
                &mut flags,
            )?,
            gross_margin: self.figure(
                "gross_margin",
                is_written(|it| it.gross_margin.is_some()),
                &margin,
                &mut flags,
            )?,
            overhead: self.figure("overhead", false, &StandIn::Zero, &mut flags)?,
            channels: self.channels(&mut flags),
            acquisition_cost: self.figure("acquisition_cost", false, &StandIn::Zero, &mut flags)?,
            overhead_avoidable: avoidable(
                "overhead",
                &self.own.overhead_avoidable,
                self.as_of,
                &mut flags,
            ),
            experience_share: value(self.own, "experience_share").map(Into::into),
            quality_flags: flags,
        })
    }

    /// A figure of the segment's, or what stands in for it.
    fn figure(
        &self,
        name: &'static str,
        is_written: bool,
        stand_in: &StandIn,
        flags: &mut Vec<String>,
    ) -> Result<Quantity, WorldError> {
        if let Some(value) = value(self.own, name) {
            return Ok(value.into());
        }
        if is_written {
            return Ok(0.0.into());
        }
        match (value(self.company, name), stand_in) {
            (Some(value), _) => {
                flags.push(format!("{name}: taken from the company"));
                Ok(value.into())
            }
            (None, StandIn::Zero) => {
                flags.push(format!("{name}: not recorded, taken as 0"));
                Ok(0.0.into())
            }
            (None, StandIn::Import(fix)) => Err(WorldError::Missing {
                segment: self.own.name.clone(),
                figure: name,
                fix,
            }),
        }
    }

    /// The segment's flags, each with the figures that carry it.
    fn flags(&self) -> Vec<String> {
        let mut figures_by_flag: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        let figures = self.own.figures.iter();
        let figures = figures.map(|(name, figure)| (name.clone(), figure));
        let channels = self.own.channels.iter().flat_map(|it| {
            let figures = [
                ("contacts", &it.contacts),
                ("minutes", &it.minutes),
                ("cost_per_minute", &it.cost_per_minute),
            ];
            figures.map(|(name, figure)| (format!("{name} of {}", it.name), figure))
        });
        for (name, figure) in figures.chain(channels) {
            for flag in &figure.quality_flags {
                let names = figures_by_flag.entry(flag).or_default();
                names.push(name.clone());
            }
        }
        figures_by_flag
            .into_iter()
            .map(|(flag, figures)| format!("{}: {flag}", figures.join(", ")))
            .collect()
    }

    fn hazard(&self, is_written: bool) -> Result<Hazard, WorldError> {
        if self.own.hazard_bands.is_empty() && !is_written {
            return Err(WorldError::Missing {
                segment: self.own.name.clone(),
                figure: "hazard",
                fix: "nobody left under observation: import more history",
            });
        }
        Ok(hazard(&self.own.hazard_bands))
    }

    fn channels(&self, flags: &mut Vec<String>) -> Vec<Channel> {
        let of_company = |name: &str| self.company.channels.iter().find(|it| it.name == name);
        let known = |own: &ChannelBaseline, figure: fn(&ChannelBaseline) -> &Figure| {
            let company = of_company(&own.name).and_then(|company| figure(company).value);
            figure(own).value.or(company).unwrap_or_default()
        };
        for own in &self.own.channels {
            if own.contacts.value.is_some_and(|it| it > 0.0) && own.cost_per_minute.value.is_none()
            {
                let company = of_company(&own.name).and_then(|it| it.cost_per_minute.value);
                let stand_in =
                    company.map_or("not recorded, taken as 0", |_| "taken from the company");
                flags.push(format!("cost_per_minute of {}: {stand_in}", own.name));
            }
        }
        self.own
            .channels
            .iter()
            .map(|own| Channel {
                name: own.name.clone(),
                contacts: known(own, |it| &it.contacts).into(),
                minutes: known(own, |it| &it.minutes).into(),
                cost_per_minute: known(own, |it| &it.cost_per_minute).into(),
                avoidable: avoidable(
                    &format!("contacts of channel {}", own.name),
                    &own.avoidable,
                    self.as_of,
                    flags,
                ),
            })
            .collect()
    }
}

fn value(segment: &SegmentBaseline, name: &str) -> Option<f64> {
    segment.figures.get(name)?.value
}

/// The bands with independent normal posteriors of their logarithms.
fn hazard(bands: &[HazardBand]) -> Hazard {
    let diagonal = |row: usize| {
        let variance = |column: usize| {
            let sd = bands[row].log_sd;
            if row == column { sd * sd } else { 0.0 }
        };
        (0..bands.len()).map(variance).collect()
    };
    Hazard::Bands {
        bands: bands
            .iter()
            .map(|band| Band {
                from: band.from_month,
                to: band.to_month.map(|to| to - 1),
                hazard: band.hazard.into(),
            })
            .collect(),
        log_covariance: Some((0..bands.len()).map(diagonal).collect()),
    }
}

#[cfg(test)]
mod tests {
    use keepworth_sim::{Control, RunOptions};

    use super::*;
    use crate::simulation::{SimulationError, simulate};

    const SCENARIO: &str = r#"
        name = "Fewer leave"
        horizon_months = 24
        discount_rate = 0.1
        [[initiatives]]
        name = "Onboarding"
        reach = { home = 1.0 }
        [[initiatives.effects]]
        on = "hazard"
        size = { pert = [0.02, 0.06, 0.12] }
    "#;

    fn baseline() -> Baseline {
        crate::build::sample()
    }

    fn sealed(change: impl FnOnce(&mut Baseline)) -> Baseline {
        let mut baseline = baseline();
        change(&mut baseline);
        baseline.sealed().unwrap()
    }

    fn scenario(more: &str) -> Scenario {
        Scenario::from_toml(&format!("{SCENARIO}\n{more}")).unwrap()
    }

    #[test]
    fn a_result_names_the_baseline_that_people_know() {
        let baseline = baseline();
        let options = RunOptions {
            trials: 200,
            ..RunOptions::default()
        };
        let result = simulate(&scenario(""), &baseline, &options, &Control::default()).unwrap();
        assert_eq!(result.baseline_hash, Some(baseline.hash));
        assert!(result.outcomes.values().all(|it| it.mean.is_finite()));
    }

    #[test]
    fn a_changed_baseline_is_refused() {
        let mut changed = baseline();
        changed.segments[0].customers_by_tenure[0] += 1;
        assert!(matches!(
            world(&changed, &scenario("")),
            Err(WorldError::Hash { .. })
        ));
        let newer = sealed(|it| it.version += 1);
        assert_eq!(
            world(&newer, &scenario("")),
            Err(WorldError::Version {
                found: BASELINE_VERSION + 1
            })
        );
    }

    #[test]
    fn the_company_stands_in_and_a_flag_says_so() {
        let world = world(&baseline(), &scenario("")).unwrap();
        let business = &world.segments[0];
        assert_eq!(business.name, "business");
        assert!(
            business
                .quality_flags
                .contains(&"overhead: taken from the company".to_owned())
        );
        assert_eq!(business.overhead, Quantity::from(1.0));
        let Hazard::Bands {
            bands,
            log_covariance,
        } = &business.hazard
        else {
            panic!("bands")
        };
        assert_eq!((bands.len(), bands[0].from, bands[0].to), (1, 0, None));
        assert!(log_covariance.as_ref().unwrap()[0][0] > 0.0);
    }

    #[test]
    fn what_nobody_knows_must_be_given() {
        let without = sealed(|baseline| {
            for it in baseline.segments.iter_mut().chain([&mut baseline.company]) {
                it.figures.get_mut("gross_margin").unwrap().value = None;
            }
        });
        let error = world(&without, &scenario("")).unwrap_err().to_string();
        assert!(
            error.contains("business") && error.contains("COST_OF_REVENUE"),
            "{error}"
        );
        let margins = "[[segments]]\nname = \"business\"\ngross_margin = 0.5\n\
                       [[segments]]\nname = \"home\"\ngross_margin = 0.4\n";
        assert!(world(&without, &scenario(margins)).is_ok());
    }

    #[test]
    fn a_scenario_that_does_not_fit_names_the_place() {
        let typo = Scenario::from_toml(&SCENARIO.replace("home = 1.0", "hom = 1.0")).unwrap();
        let error = simulate(
            &typo,
            &baseline(),
            &RunOptions::default(),
            &Control::default(),
        );
        assert!(matches!(&error, Err(SimulationError::Scenario(_))));
        let text = error.unwrap_err().to_string();
        assert!(
            text.contains("hom") && text.contains("business, home"),
            "{text}"
        );
    }
}

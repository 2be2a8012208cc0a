//! Segments: overrides laid over the baseline, figures resolved.

use super::builder::{About, Builder, Range};
use super::{Channel, Hazard, Parameters, Segment, Term};
use crate::baseline::Baseline;
use crate::inputs::Posterior;
use crate::scenario::{self, Problem, Quantity, Scenario, ScenarioError};

/// A segment's figures and where in the scenario they are written.
pub(super) struct Source {
    pub(super) figures: scenario::Segment,
    pub(super) path: String,
}

/// Lays the scenario's segments over the baseline's, in the baseline's order.
pub(super) fn overlay(
    scenario: &Scenario,
    baseline: Option<&Baseline>,
) -> Result<Vec<Source>, ScenarioError> {
    let mut sources: Vec<Source> = baseline
        .map(|b| b.segments.as_slice())
        .unwrap_or_default()
        .iter()
        .map(|s| Source {
            figures: s.into(),
            path: format!("segments[\"{}\"]", s.name),
        })
        .collect();
    let mut written = std::collections::BTreeSet::new();
    for (i, segment) in scenario.segments.iter().enumerate() {
        let path = format!("segments[{i}]");
        if !written.insert(&segment.name) {
            let problem = Problem::Duplicate {
                what: "segment",
                name: segment.name.clone(),
            };
            return Err(problem.at(format!("{path}.name")));
        }
        if baseline.is_none() {
            sources.push(Source {
                figures: segment.clone(),
                path,
            });
            continue;
        }
        let Some(source) = sources.iter_mut().find(|s| s.figures.name == segment.name) else {
            let known = sources.iter().map(|s| s.figures.name.clone()).collect();
            let problem = Problem::Unknown {
                what: "segment",
                name: segment.name.clone(),
                known,
            };
            return Err(problem.at(format!("{path}.name")));
        };
        source.path = path;
        lay_over(&mut source.figures, segment);
    }
    if sources.is_empty() {
        let problem = "no segment; give at least one, or run on a baseline".to_owned();
        return Err(Problem::Conflict(problem).at("segments"));
    }
    Ok(sources)
}

fn lay_over(under: &mut scenario::Segment, over: &scenario::Segment) {
    fn replace<T: Clone>(under: &mut Option<T>, over: &Option<T>) {
        if over.is_some() {
            under.clone_from(over);
        }
    }
    replace(&mut under.customers, &over.customers);
    replace(&mut under.customers_by_tenure, &over.customers_by_tenure);
    replace(&mut under.won_per_month, &over.won_per_month);
    replace(&mut under.hazard, &over.hazard);
    replace(&mut under.revenue, &over.revenue);
    replace(&mut under.gross_margin, &over.gross_margin);
    replace(&mut under.overhead, &over.overhead);
    replace(&mut under.channels, &over.channels);
    replace(&mut under.acquisition_cost, &over.acquisition_cost);
    replace(&mut under.experience_share, &over.experience_share);
}

/// Resolves the figures of one segment; its effects come later.
pub(super) fn resolve(source: &Source, builder: &mut Builder) -> Result<Segment, ScenarioError> {
    let figures = &source.figures;
    let name = &figures.name;
    let mut term = |value: &Option<Quantity>, field: &'static str, unit, range| {
        let Some(quantity) = value else {
            let problem = Problem::Missing {
                segment: name.clone(),
                field,
            };
            return Err(problem.at(source.path.clone()));
        };
        let about = About {
            unit,
            ..About::default()
        };
        let path = format!("{}.{field}", source.path);
        builder.term(
            quantity,
            format!("segments.{name}.{field}"),
            about,
            &path,
            range,
        )
    };
    let won = term(
        &figures.won_per_month,
        "won_per_month",
        "customers a month",
        Range::AMOUNT,
    )?;
    let revenue = term(
        &figures.revenue,
        "revenue",
        "money a customer-month",
        Range::AMOUNT,
    )?;
    let margin = term(
        &figures.gross_margin,
        "gross_margin",
        "share of revenue",
        Range::SHARE,
    )?;
    let zero = Some(Quantity::from(0.0));
    let overhead = figures
        .overhead
        .as_ref()
        .map_or(&zero, |_| &figures.overhead);
    let overhead = term(
        overhead,
        "overhead",
        "money a customer-month",
        Range::AMOUNT,
    )?;
    let cac = figures
        .acquisition_cost
        .as_ref()
        .map_or(&zero, |_| &figures.acquisition_cost);
    let acquisition_cost = term(
        cac,
        "acquisition_cost",
        "money a customer won",
        Range::AMOUNT,
    )?;
    if let Some(share) = figures.experience_share {
        Problem::unless_within(share, 0.0, 1.0, Range::SHARE.fix)
            .map_err(|p| p.at(format!("{}.experience_share", source.path)))?;
    }
    Ok(Segment {
        name: name.clone(),
        customers: customers(source)?,
        won,
        hazard: hazard(source, builder)?,
        revenue,
        margin,
        overhead,
        channels: channels(source, builder)?,
        acquisition_cost,
        experience_share: figures.experience_share,
        levers: Vec::new(),
    })
}

/// Customers at month 0 by tenure.
fn customers(source: &Source) -> Result<Vec<f64>, ScenarioError> {
    let figures = &source.figures;
    let missing = || {
        let problem = Problem::Missing {
            segment: figures.name.clone(),
            field: "customers",
        };
        problem.at(source.path.clone())
    };
    let mut profile = match (&figures.customers_by_tenure, figures.customers) {
        (Some(profile), _) => profile.clone(),
        (None, Some(_)) => vec![1.0],
        (None, None) => return Err(missing()),
    };
    for (age, &count) in profile.iter().enumerate() {
        Problem::unless_within(count, 0.0, 1e15, "give a number of customers")
            .map_err(|p| p.at(format!("{}.customers_by_tenure[{age}]", source.path)))?;
    }
    if let Some(total) = figures.customers {
        Problem::unless_within(total, 0.0, 1e15, "give a number of customers")
            .map_err(|p| p.at(format!("{}.customers", source.path)))?;
        let sum: f64 = profile.iter().sum();
        if sum > 0.0 && profile.len() > 1 {
            profile.iter_mut().for_each(|count| *count *= total / sum);
        } else {
            profile = vec![total];
        }
    }
    if profile.is_empty() {
        return Err(missing());
    }
    Ok(profile)
}

fn channels(source: &Source, builder: &mut Builder) -> Result<Vec<Channel>, ScenarioError> {
    let segment = &source.figures.name;
    let mut channels = Vec::new();
    for (i, channel) in source.figures.channels.iter().flatten().enumerate() {
        let path = format!("{}.channels[{i}]", source.path);
        Problem::unless_within(channel.avoidable, 0.0, 1.0, Range::SHARE.fix)
            .map_err(|p| p.at(format!("{path}.avoidable")))?;
        let mut term = |quantity: &Quantity, field: &str, unit| {
            let name = format!("segments.{segment}.{}.{field}", channel.name);
            let about = About {
                unit,
                ..About::default()
            };
            builder.term(
                quantity,
                name,
                about,
                &format!("{path}.{field}"),
                Range::AMOUNT,
            )
        };
        channels.push(Channel {
            name: channel.name.clone(),
            contacts: term(&channel.contacts, "contacts", "contacts a customer-month")?,
            minutes: term(&channel.minutes, "minutes", "minutes a contact")?,
            cost_per_minute: term(
                &channel.cost_per_minute,
                "cost_per_minute",
                "money a minute",
            )?,
            avoidable: channel.avoidable,
            effects: Vec::new(),
        });
    }
    Ok(channels)
}

fn hazard(source: &Source, builder: &mut Builder) -> Result<Hazard, ScenarioError> {
    use scenario::Hazard as Written;
    let Some(written) = &source.figures.hazard else {
        let problem = Problem::Missing {
            segment: source.figures.name.clone(),
            field: "hazard",
        };
        return Err(problem.at(source.path.clone()));
    };
    let path = format!("{}.hazard", source.path);
    let fit = Fit {
        segment: &source.figures.name,
        path: &path,
    };
    match written {
        Written::Constant {
            hazard,
            log_covariance,
        } => {
            let named = [("hazard".to_owned(), hazard, Range::HAZARD)];
            Ok(Hazard::Constant(fit.parameters(
                &named,
                log_covariance.as_ref(),
                builder,
            )?))
        }
        Written::Bands {
            bands,
            log_covariance,
        } => {
            let starts = band_starts(bands, &path)?;
            let named: Vec<_> = bands
                .iter()
                .map(|b| {
                    (
                        format!("hazard from month {}", b.from),
                        &b.hazard,
                        Range::HAZARD,
                    )
                })
                .collect();
            Ok(Hazard::Bands(
                starts,
                fit.parameters(&named, log_covariance.as_ref(), builder)?,
            ))
        }
        Written::Sbg {
            alpha,
            beta,
            log_covariance,
        } => {
            let named = [
                ("alpha".to_owned(), alpha, SHAPE),
                ("beta".to_owned(), beta, SHAPE),
            ];
            let parameters = fit.parameters(&named, log_covariance.as_ref(), builder)?;
            Ok(Hazard::Heterogeneous(parameters))
        }
        Written::Bdw {
            alpha,
            beta,
            shape,
            log_covariance,
        } => {
            let named = [
                ("alpha".to_owned(), alpha, SHAPE),
                ("beta".to_owned(), beta, SHAPE),
                ("shape".to_owned(), shape, SHAPE),
            ];
            let parameters = fit.parameters(&named, log_covariance.as_ref(), builder)?;
            Ok(Hazard::Heterogeneous(parameters))
        }
        Written::Table { hazards, log_sd } => fit.table(hazards, *log_sd, builder),
    }
}

const SHAPE: Range = Range {
    low: 1e-3,
    high: 1e6,
    fix: "give a positive parameter",
};

/// Where a hazard's parameters are written.
struct Fit<'a> {
    segment: &'a str,
    path: &'a str,
}

impl Fit<'_> {
    fn parameters(
        &self,
        named: &[(String, &Quantity, Range)],
        log_covariance: Option<&Vec<Vec<f64>>>,
        builder: &mut Builder,
    ) -> Result<Parameters, ScenarioError> {
        let name = |parameter: &str| format!("segments.{}.{parameter}", self.segment);
        let mut terms = Vec::new();
        for (parameter, quantity, range) in named {
            let about = About {
                unit: "monthly hazard",
                ..About::default()
            };
            terms.push(builder.term(quantity, name(parameter), about, self.path, *range)?);
        }
        let Some(covariance) = log_covariance else {
            return Ok(Parameters::Terms(terms));
        };
        let path = format!("{}.log_covariance", self.path);
        let log_mean: Option<Vec<f64>> = terms
            .iter()
            .map(|t| t.fixed().filter(|v| *v > 0.0).map(crate::math::ln))
            .collect();
        let Some(log_mean) = log_mean else {
            let problem = "a posterior needs every parameter as one positive number".to_owned();
            return Err(Problem::Conflict(problem).at(path));
        };
        let posterior = Posterior::new(log_mean, covariance)
            .map_err(|e| Problem::Correlation(e.to_string()).at(path))?;
        let normals = named
            .iter()
            .map(|(p, ..)| builder.normal(name(&format!("{p} (posterior)")), "fitted"))
            .collect();
        Ok(Parameters::Posterior { posterior, normals })
    }

    fn table(
        &self,
        hazards: &[f64],
        log_sd: f64,
        builder: &mut Builder,
    ) -> Result<Hazard, ScenarioError> {
        if hazards.is_empty() {
            let problem = "no hazard in the table; give at least one".to_owned();
            return Err(Problem::Conflict(problem).at(format!("{}.table.hazards", self.path)));
        }
        for (age, &hazard) in hazards.iter().enumerate() {
            Problem::unless_within(hazard, 0.0, Range::HAZARD.high, Range::HAZARD.fix)
                .map_err(|p| p.at(format!("{}.table.hazards[{age}]", self.path)))?;
        }
        Problem::unless_within(log_sd, 0.0, 5.0, "give a standard deviation from 0 to 5")
            .map_err(|p| p.at(format!("{}.table.log_sd", self.path)))?;
        let starts = (0..hazards.len()).collect();
        if log_sd == 0.0 {
            let terms = hazards.iter().map(|&hazard| Term::Fixed(hazard)).collect();
            return Ok(Hazard::Bands(starts, Parameters::Terms(terms)));
        }
        let normal = builder.normal(format!("segments.{}.hazard level", self.segment), "fitted");
        let hazards = hazards.to_vec();
        Ok(Hazard::Bands(
            starts,
            Parameters::Scaled {
                hazards,
                log_sd,
                normal,
            },
        ))
    }
}

/// First months of bands that start at 0 and leave no gap and no overlap.
fn band_starts(bands: &[scenario::Band], path: &str) -> Result<Vec<usize>, ScenarioError> {
    let at = |i: usize, problem: String| {
        Err(Problem::Conflict(problem).at(format!("{path}.bands.bands[{i}]")))
    };
    let Some(first) = bands.first() else {
        return at(0, "no band; give at least one".to_owned());
    };
    if first.from != 0 {
        return at(
            0,
            format!("the first band starts at {}; start it at 0", first.from),
        );
    }
    for (i, pair) in bands.windows(2).enumerate() {
        let (from, to, next) = (pair[0].from, pair[0].to, pair[1].from);
        if next <= from || to.is_some_and(|to| to >= next) {
            return at(
                i + 1,
                format!("the band from {next} overlaps the one from {from}"),
            );
        }
        if to.is_some_and(|to| to + 1 != next) {
            return at(
                i + 1,
                format!("no band holds month {}; start this one there", next - 1),
            );
        }
    }
    if bands.last().is_some_and(|band| band.from > 1200) {
        return at(
            bands.len() - 1,
            "a band starts after month 1200; pool it".to_owned(),
        );
    }
    Ok(bands.iter().map(|band| band.from as usize).collect())
}

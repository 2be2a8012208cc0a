//! Hazards: their parameters, fixed, uncertain or fitted.

use super::builder::{About, Builder};
use super::range::Range;
use super::source::Source;
use super::{InputId, Term};
use crate::inputs::Posterior;
use crate::scenario::{self, Problem, Quantity, ScenarioError};

#[derive(Debug, Clone)]
pub(crate) enum Hazard {
    Constant(Parameters),
    /// First month of each band, and the hazards.
    Bands(Vec<usize>, Parameters),
    /// α, β and the shape c.
    Heterogeneous(Parameters),
    /// First month of each stretch, and the mean hazards of those left of customers whose own are constant.
    Mixture(Vec<usize>, Parameters),
}

impl Hazard {
    /// What is drawn of it.
    pub(crate) fn parameters(&self) -> &Parameters {
        match self {
            Self::Constant(parameters)
            | Self::Bands(_, parameters)
            | Self::Heterogeneous(parameters)
            | Self::Mixture(_, parameters) => parameters,
        }
    }
}

/// Parameters of a hazard, drawn each trial.
#[derive(Debug, Clone)]
pub(crate) enum Parameters {
    Terms(Vec<Term>),
    /// The posterior of the logarithms, and the standard normal inputs that drive it.
    Posterior {
        posterior: Posterior,
        normals: Vec<InputId>,
    },
    /// Hazards times one common factor.
    Scaled {
        hazards: Vec<f64>,
        log_sd: f64,
        normal: InputId,
    },
    /// Hazards that a few standard normal inputs move, each as far as its loadings say.
    Loaded {
        hazards: Vec<f64>,
        /// Of each hazard, in the order of the inputs.
        loadings: Vec<Vec<f64>>,
        normals: Vec<InputId>,
    },
}

/// Resolves a segment's hazard; a fitted one becomes its posterior.
pub(super) fn hazard(source: &Source, builder: &mut Builder) -> Result<Hazard, ScenarioError> {
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
            let starts = band_starts(bands, &format!("{path}.bands.bands"))?;
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
        Written::Factors {
            stretches,
            mixture,
            causes,
        } => {
            let (starts, parameters) = fit.factors(stretches, causes, builder)?;
            Ok(match mixture {
                true => Hazard::Mixture(starts, parameters),
                false => Hazard::Bands(starts, parameters),
            })
        }
    }
}

/// Mean monthly hazard of customers by age, every parameter at its mean.
pub(super) fn typical_hazard(source: &Source, customers: &[f64], builder: &Builder) -> f64 {
    use scenario::Hazard as Written;
    let mean = |quantity: &Quantity| builder.mean(quantity);
    // −ln of the share of B(α, β + a^c) that is there a month later.
    let survival = |alpha: f64, beta: f64, time: f64| {
        let ln_gamma = crate::math::ln_gamma;
        ln_gamma(beta + time) - ln_gamma(alpha + beta + time)
    };
    let heterogeneous = |alpha: f64, beta: f64, shape: f64, age: usize| {
        let at = |age: usize| survival(alpha, beta, crate::math::pow(age as f64, shape));
        at(age) - at(age + 1)
    };
    let hazard_at = |age: usize| match &source.figures.hazard {
        Some(Written::Constant { hazard, .. }) => mean(hazard),
        Some(Written::Bands { bands, .. }) => {
            let band = bands.iter().rev().find(|band| band.from as usize <= age);
            band.map_or(0.0, |band| mean(&band.hazard))
        }
        Some(Written::Sbg { alpha, beta, .. }) => heterogeneous(mean(alpha), mean(beta), 1.0, age),
        Some(Written::Bdw {
            alpha, beta, shape, ..
        }) => heterogeneous(mean(alpha), mean(beta), mean(shape), age),
        Some(Written::Table { hazards, .. }) => {
            hazards.get(age).or(hazards.last()).copied().unwrap_or(0.0)
        }
        Some(Written::Factors { stretches, .. }) => {
            let within = stretches.iter().rfind(|it| it.from as usize <= age);
            within.map_or(0.0, |it| it.hazard)
        }
        None => 0.0,
    };
    let leavers: f64 = (0..)
        .zip(customers)
        .map(|(age, count)| count * hazard_at(age))
        .sum();
    let count: f64 = customers.iter().sum();
    if count > 0.0 { leavers / count } else { 0.0 }
}

/// Least monthly hazard that customers come to, every parameter at its mean; 0 where it falls for ever.
pub(super) fn lasting_hazard(source: &Source, builder: &Builder) -> f64 {
    use scenario::Hazard as Written;
    let least = |hazards: &mut dyn Iterator<Item = f64>| hazards.reduce(f64::min).unwrap_or(0.0);
    match &source.figures.hazard {
        Some(Written::Constant { hazard, .. }) => builder.mean(hazard),
        Some(Written::Bands { bands, .. }) => {
            least(&mut bands.iter().map(|band| builder.mean(&band.hazard)))
        }
        Some(Written::Table { hazards, .. }) => least(&mut hazards.iter().copied()),
        Some(Written::Factors { stretches, .. }) => {
            least(&mut stretches.iter().map(|it| it.hazard))
        }
        Some(Written::Sbg { .. } | Written::Bdw { .. }) | None => 0.0,
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

    fn factors(
        &self,
        stretches: &[scenario::Stretch],
        named: &[String],
        builder: &mut Builder,
    ) -> Result<(Vec<usize>, Parameters), ScenarioError> {
        let path = format!("{}.factors.stretches", self.path);
        let band = |it: &scenario::Stretch| scenario::Band {
            from: it.from,
            to: None,
            hazard: it.hazard.into(),
        };
        let bands: Vec<scenario::Band> = stretches.iter().map(band).collect();
        let starts = band_starts(&bands, &path)?;
        let causes = stretches.first().map_or(0, |it| it.loadings.len());
        for (i, it) in stretches.iter().enumerate() {
            Problem::unless_within(it.hazard, 0.0, Range::HAZARD.high, Range::HAZARD.fix)
                .map_err(|p| p.at(format!("{path}[{i}].hazard")))?;
            if it.loadings.len() != causes || it.loadings.iter().any(|load| !load.is_finite()) {
                let problem =
                    format!("give {causes} finite loadings, as many as the first stretch has");
                return Err(Problem::Conflict(problem).at(format!("{path}[{i}].loadings")));
            }
        }
        let normals = if named.is_empty() {
            let normal = |cause| {
                let name = format!("segments.{}.hazard factor {cause}", self.segment);
                builder.normal(name, "fitted")
            };
            (1..=causes).map(normal).collect()
        } else {
            self.named_causes(named, causes, builder)?
        };
        let parameters = Parameters::Loaded {
            normals,
            hazards: stretches.iter().map(|it| it.hazard).collect(),
            loadings: stretches.iter().map(|it| it.loadings.clone()).collect(),
        };
        Ok((starts, parameters))
    }

    fn named_causes(
        &self,
        named: &[String],
        causes: usize,
        builder: &Builder,
    ) -> Result<Vec<InputId>, ScenarioError> {
        let path = format!("{}.factors.causes", self.path);
        if named.len() != causes {
            let problem = format!("{} causes for {causes} loadings; name as many", named.len());
            return Err(Problem::Conflict(problem).at(path));
        }
        let cause = |(i, name): (usize, &String)| {
            let path = format!("{path}[{i}]");
            builder.standard_normal(name, &path)
        };
        named.iter().enumerate().map(cause).collect()
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
    let at = |i: usize, problem: String| Err(Problem::Conflict(problem).at(format!("{path}[{i}]")));
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

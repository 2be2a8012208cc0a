//! What a pilot of an effect is worth by its size.

use keepworth_contract::Money;
use keepworth_contract::simulator::{PilotOutcome, PilotQuestion, PilotSizeWorth, PilotWorth};
use keepworth_retention::pilot::{self, PilotError, Target};
use keepworth_sim::explain::{AskedStudy, EffectStudy, StudyError, Trials};
use keepworth_sim::scenario::Lever;
use keepworth_sim::{Estimate, Model};
use rust_decimal::prelude::ToPrimitive;

use crate::number::whole;
use crate::told::told_estimate;

/// Sizes that are tried where none are asked for, by the power of ten.
const STEPS: [u64; 3] = [1, 2, 5];
/// The fewest customers of an arm.
const FEWEST: u64 = 2;
/// The largest size that is tried unasked.
const LARGEST: u64 = 100_000;

/// Why no pilot of an effect can be valued.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum PilotQuestionError {
    /// The initiative, or its effect.
    #[error(transparent)]
    Study(#[from] StudyError),
    /// A score.
    #[error("a score pays nothing by itself; ask for LEAVING, CONTACTS, MINUTES or REVENUE")]
    Score,
    /// More customers than there are.
    #[error(
        "{treated} treated and as many left alone are more than the {} customers where the effect acts; give at most {}",
        whole(*.customers),
        whole((.customers / 2.0).floor())
    )]
    TooLarge {
        /// Place of the size.
        place: usize,
        /// What was asked for.
        treated: u64,
        /// Customers there are.
        customers: f64,
    },
    /// Nobody to be tried on.
    #[error(
        "the effect acts on {} customers, too few for two arms of a pilot",
        whole(*.customers)
    )]
    Nobody {
        /// Customers there are.
        customers: f64,
    },
    /// Money of another currency than the run's.
    #[error("{given} is not in the run's currency, {currency}; convert it")]
    Currency {
        /// The field.
        field: &'static str,
        /// What was given.
        given: Money,
        /// The run's.
        currency: String,
    },
    /// What is expected without treatment.
    #[error(transparent)]
    Expected(#[from] PilotError),
}

/// A pilot whose sizes can be valued.
pub(super) struct Pilot {
    question: PilotQuestion,
    study: EffectStudy,
    sizes: Vec<u64>,
}

impl Pilot {
    pub(super) fn new(model: &Model, question: &PilotQuestion) -> Result<Self, PilotQuestionError> {
        let study = EffectStudy::new(model, &question.initiative, lever(question.outcome)?)?;
        let costs = [
            ("cost_per_customer", question.cost_per_customer),
            ("fixed_cost", question.fixed_cost),
        ];
        for (field, given) in costs {
            let foreign = given.filter(|it| it.currency.code() != model.currency());
            if let Some(given) = foreign {
                let currency = model.currency().to_owned();
                return Err(PilotQuestionError::Currency {
                    field,
                    given,
                    currency,
                });
            }
        }
        let it = Self {
            question: question.clone(),
            sizes: sizes(&question.sizes, study.customers())?,
            study,
        };
        // What is expected without treatment is read at no effect, before a future is drawn.
        it.error(0.0, FEWEST)?;
        Ok(it)
    }

    pub(super) fn ask(&self, trials: &Trials<'_>) -> Result<PilotWorth, PilotQuestionError> {
        let asked = self.study.ask(trials);
        let expected = asked.expected();
        let errors: Vec<f64> = self
            .sizes
            .iter()
            .map(|treated| self.error(expected, *treated))
            .collect::<Result<_, _>>()?;
        let sizes = self.worth(&asked, &errors);
        Ok(PilotWorth {
            initiative: self.question.initiative.clone(),
            outcome: self.question.outcome,
            expected_effect: expected,
            evppi: told_estimate(asked.perfect()),
            best: most(&sizes)
                .filter(|it| it.net.value > 1.96 * it.net.mc_error)
                .map(|it| it.treated),
            sizes,
        })
    }

    fn worth(&self, asked: &AskedStudy<'_, '_>, errors: &[f64]) -> Vec<PilotSizeWorth> {
        let values = asked.read_with(errors);
        let sizes = self.sizes.iter().zip(errors).zip(values);
        sizes
            .map(|((&treated, &standard_error), evsi)| {
                let cost = self.cost(treated);
                let net = Estimate {
                    value: evsi.value - cost,
                    ..evsi
                };
                PilotSizeWorth {
                    treated,
                    standard_error,
                    evsi: told_estimate(evsi),
                    cost,
                    net: told_estimate(net),
                }
            })
            .collect()
    }

    fn cost(&self, treated: u64) -> f64 {
        let amount = |it: Option<Money>| it.and_then(|it| it.amount.to_f64()).unwrap_or(0.0);
        let PilotQuestion {
            cost_per_customer,
            fixed_cost,
            ..
        } = self.question;
        amount(fixed_cost) + amount(cost_per_customer) * treated as f64
    }

    /// Standard error of the effect that two arms of this size read, as a share of what is without treatment: that with which a
    /// pilot of the outcome is planned.
    fn error(&self, effect: f64, treated: u64) -> Result<f64, PilotError> {
        let PilotQuestion {
            expected_per_month: expected,
            expected_sd,
            months,
            ..
        } = self.question;
        let arm = treated as f64;
        match self.question.outcome {
            PilotOutcome::Leaving => {
                let months = arm * f64::from(months);
                Target::error_of_hazard(expected, effect, pilot::Plan::new(months, months)?)
            }
            _ => {
                let sd = expected_sd.unwrap_or(expected);
                Ok(Target::error_of_mean(sd, pilot::Plan::new(arm, arm)?)? / expected)
            }
        }
    }
}

/// The size that leaves most after its cost.
pub(super) fn most(sizes: &[PilotSizeWorth]) -> Option<&PilotSizeWorth> {
    let mut sizes = sizes.iter();
    let first = sizes.next()?;
    // Of sizes that leave the same, the smallest.
    Some(sizes.fold(first, |best, it| {
        if it.net.value > best.net.value {
            it
        } else {
            best
        }
    }))
}

fn lever(outcome: PilotOutcome) -> Result<Lever, PilotQuestionError> {
    match outcome {
        PilotOutcome::Leaving => Ok(Lever::Hazard),
        PilotOutcome::Contacts => Ok(Lever::Contacts),
        PilotOutcome::Minutes => Ok(Lever::Minutes),
        PilotOutcome::Revenue => Ok(Lever::Arpu),
        PilotOutcome::Score => Err(PilotQuestionError::Score),
    }
}

/// The sizes that are asked for, or 100, 200, 500 … as far as there are customers.
fn sizes(asked: &[u64], customers: f64) -> Result<Vec<u64>, PilotQuestionError> {
    let most = customers / 2.0;
    if most < FEWEST as f64 {
        return Err(PilotQuestionError::Nobody { customers });
    }
    let mut given = asked.iter().enumerate();
    if let Some((place, &treated)) = given.find(|(_, it)| **it as f64 > most) {
        return Err(PilotQuestionError::TooLarge {
            place,
            treated,
            customers,
        });
    }
    if !asked.is_empty() {
        return Ok(asked.to_vec());
    }
    let ladder = (2..6).flat_map(|power| STEPS.map(|step| step * 10_u64.pow(power)));
    let ladder = ladder.take_while(|it| *it as f64 <= most && *it <= LARGEST);
    let ladder: Vec<u64> = ladder.collect();
    match ladder.is_empty() {
        true => Ok(vec![most as u64]),
        false => Ok(ladder),
    }
}

//! Which model of purchases a segment is simulated with: BG/NBD, unless another foretold the holdout better.

use std::collections::BTreeMap;

use keepworth_contract::simulator::curve::ChosenBy;
use keepworth_contract::simulator::purchase::{
    ForetoldPurchases, PurchaseCandidate, PurchaseModel,
};
use keepworth_retention::purchase::{Ahead, HoldoutScore, Model, PurchaseFit, fit};

use super::history::Buyers;
use super::{UnusablePurchases, WEEK};
use crate::rule::fit::told;

/// Models that were asked for, by segment.
pub(crate) type Requested = BTreeMap<String, PurchaseModel>;

/// The default first: it wins where none is ahead.
const MODELS: [(PurchaseModel, Model); 3] = [
    (PurchaseModel::BgNbd, Model::BgNbd),
    (PurchaseModel::MbgNbd, Model::MbgNbd),
    (PurchaseModel::ParetoNbd, Model::ParetoNbd),
];
/// Log-likelihood by which a model must be ahead before it takes the default's place: odds of twenty to one.
const ENOUGH: f64 = 3.0;
/// Standard errors by which it must be ahead.
const SURE: f64 = 2.0;

/// A model as it was compared.
pub(super) struct Rival {
    model: PurchaseModel,
    /// Fitted to all records, or why not.
    whole: Result<PurchaseFit, String>,
    /// Fitted to the calibration, with how it foretold the holdout and how far it was ahead of the default.
    foretold: Option<(PurchaseFit, HoldoutScore, Ahead)>,
}

/// What is used, and why.
pub(super) struct Choice {
    pub(super) model: PurchaseModel,
    pub(super) by: ChosenBy,
    pub(super) reason: String,
    /// Fitted to all records.
    pub(super) fit: PurchaseFit,
    /// Fitted to the calibration.
    pub(super) calibrated: Option<PurchaseFit>,
    pub(super) candidates: Vec<PurchaseCandidate>,
}

/// Fits all models and chooses one.
///
/// # Errors
/// None has an estimate, or not the one that was asked for.
pub(super) fn choose(
    buyers: &Buyers,
    requested: Option<PurchaseModel>,
) -> Result<Choice, UnusablePurchases> {
    let mut rivals = rivals(buyers)?;
    let (place, by, reason) = match requested {
        Some(asked) => {
            let place = rivals.iter().position(|it| it.model == asked);
            let reason = "asked for by whoever ordered the baseline".to_owned();
            (place.unwrap_or(0), ChosenBy::Request, reason)
        }
        None => {
            let (place, reason) = by_rule(&rivals);
            (place, ChosenBy::Rule, reason)
        }
    };
    let candidates = rivals.iter().map(Rival::told).collect();
    let Rival {
        model,
        whole,
        foretold,
    } = rivals.swap_remove(place);
    let refused = |why| match requested {
        Some(model) => UnusablePurchases::Asked { model, why },
        None => UnusablePurchases::NoModel { why },
    };
    Ok(Choice {
        model,
        by,
        reason,
        fit: whole.map_err(refused)?,
        calibrated: foretold.map(|(fit, ..)| fit),
        candidates,
    })
}

fn rivals(buyers: &Buyers) -> Result<Vec<Rival>, UnusablePurchases> {
    let before = buyers.held.before()?;
    let mut default: Option<PurchaseFit> = None;
    let mut rivals = Vec::new();
    for (model, form) in MODELS {
        let calibrated = fit(form, &before).ok();
        let foretold = calibrated.and_then(|fitted| {
            let score = fitted.score(&buyers.held).ok()?;
            let default = default.get_or_insert_with(|| fitted.clone());
            let ahead = fitted.ahead_of(default, &buyers.held);
            Some((fitted, score, ahead))
        });
        let whole = fit(form, &buyers.all).map_err(|error| error.to_string());
        rivals.push(Rival {
            model,
            whole,
            foretold,
        });
    }
    Ok(rivals)
}

/// The place of the winner, and why it is: of the models that are surely ahead the one that is furthest.
fn by_rule(rivals: &[Rival]) -> (usize, String) {
    let usable = |it: &(usize, &Rival)| it.1.whole.is_ok();
    let mut each = rivals.iter().enumerate().filter(usable);
    let Some((first, default)) = each.next() else {
        return (0, String::new());
    };
    let others: Vec<(usize, &HoldoutScore, &Ahead)> = each
        .filter_map(|(place, rival)| {
            let (_, score, ahead) = rival.foretold.as_ref()?;
            Some((place, score, ahead))
        })
        .collect();
    let furthest = |sure: bool| {
        let those = others.iter().filter(|it| !sure || is_sure(it.2));
        those.max_by(|a, b| a.2.by.total_cmp(&b.2.by))
    };
    let said = |place: usize, score: &HoldoutScore, ahead: &Ahead| {
        let own = default.foretold.as_ref();
        let own = own.map_or(f64::NAN, |(_, own, _)| own.expected);
        format!(
            "{} by {:.1} of log-likelihood (standard error {:.1}); of {:.0} purchases it expected {:.0}, {} {own:.0}",
            rivals[place].model, ahead.by, ahead.se, score.purchases, score.expected, default.model
        )
    };
    match (furthest(true), furthest(false)) {
        (Some((place, score, ahead)), _) => {
            let said = said(*place, score, ahead);
            let reason = format!(
                "it foretold the holdout better than {}: {said}",
                default.model
            );
            (*place, reason)
        }
        (None, Some((place, score, ahead))) => {
            let said = said(*place, score, ahead);
            let reason =
                format!("no model foretold the holdout surely better; the best other was {said}");
            (first, reason)
        }
        (None, None) => (
            first,
            format!(
                "the records are too short to hold models against a holdout: {} is the default",
                default.model
            ),
        ),
    }
}

fn is_sure(ahead: &Ahead) -> bool {
    ahead.by >= ENOUGH && ahead.by >= SURE * ahead.se
}

impl Rival {
    fn told(&self) -> PurchaseCandidate {
        let foretold = self.foretold.as_ref();
        PurchaseCandidate {
            model: self.model,
            holdout: foretold.map(|(_, score, ahead)| ForetoldPurchases {
                customers: score.customers as u64,
                purchases: score.purchases as u64,
                expected: score.expected,
                mean_absolute_error: score.mean_absolute_error,
                ahead: ahead.by,
                ahead_se: ahead.se,
            }),
            fit: self.whole.as_ref().ok().map(|fitted| {
                let mut fit = told(fitted.hand_over());
                fit.data.insert("days_per_time_unit".to_owned(), WEEK);
                fit
            }),
            refused: self.whole.as_ref().err().cloned(),
        }
    }
}

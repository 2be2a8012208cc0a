//! Fits as baselines keep them.

use keepworth_contract::simulator::fit::{
    FitCovariance, FitEstimate, FitScale, FitVerdict, HazardFit,
};
use keepworth_contract::{Flag, FlagCode, Word};
use keepworth_retention::fit::{Covariance, Estimate, Fit, FitError, Scale, Verdict};

/// An estimate in the words of the contract.
pub(crate) fn estimate(own: &Estimate) -> FitEstimate {
    FitEstimate {
        value: own.value,
        se: own.se,
        low: own.low,
        high: own.high,
    }
}

/// A fit in the words of the contract. (Neither type is of this crate, so that there is no `From`.)
pub(crate) fn told(fit: &Fit) -> HazardFit {
    let estimates = fit.estimates.iter();
    let estimates = estimates.map(|(name, it)| (name.clone(), estimate(it)));
    let flags = fit.flags.iter().map(|flag| {
        let code = FlagCode::find(&flag.code).unwrap_or(FlagCode::Other);
        Flag::new(code, &flag.detail)
    });
    HazardFit {
        model: fit.model.clone(),
        n: fit.n,
        events: fit.events,
        estimates: estimates.collect(),
        covariance: fit.covariance.as_ref().map(covariance),
        loglik: fit.loglik,
        converged: fit.converged,
        flags: flags.collect(),
        verdict: match fit.verdict {
            Verdict::Estimated => FitVerdict::Estimated,
            Verdict::Null => FitVerdict::Null,
            Verdict::Warned => FitVerdict::Warned,
            Verdict::Refused => FitVerdict::Refused,
        },
        reason: fit.reason.clone(),
        data: fit.data.clone(),
        input_hash: fit.input_hash.clone(),
    }
}

fn covariance(own: &Covariance) -> FitCovariance {
    FitCovariance {
        scale: match own.scale {
            Scale::Identity => FitScale::Identity,
            Scale::Log => FitScale::Log,
        },
        names: own.names.clone(),
        mean: own.mean.clone(),
        matrix: own.matrix.clone(),
    }
}

/// What is drawn from, as the library has it.
///
/// # Errors
/// What no fit can be.
pub(crate) fn known(told: &FitCovariance) -> Result<Covariance, FitError> {
    let scale = match told.scale {
        FitScale::Identity => Scale::Identity,
        FitScale::Log => Scale::Log,
    };
    let (mean, matrix) = (told.mean.clone(), told.matrix.clone());
    Covariance::new(scale, &told.names, mean, matrix)
}

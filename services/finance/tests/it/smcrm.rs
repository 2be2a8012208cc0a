//! Real data: 500 firms of V. Kumar and J. A. Petersen, Statistical Methods in Customer
//! Relationship Management (Wiley, 2012), file `customerAcquisition.csv` of the R package SMCRM.
//! Answers of firms to spending on acquisition and on retention, the curve beside a plain
//! regression, and a verdict.

use std::path::Path;

use keepworth_cashflow::Rate;
use keepworth_cashflow::keep_or_acquire::Verdict;
use keepworth_finance::acquire_or_keep::{Keeping, Segment, Winning};
use keepworth_finance::response_fit::{
    Ceiling, Observed, ResponseFit, ResponseFitError, fit_response,
};
use rand::SeedableRng;
use rand::distr::Distribution;
use rand::rngs::ChaCha8Rng;
use rand_distr::StandardNormal;

/// One firm: was it won, is it still a customer, what was spent on it, in dollars.
struct Firm {
    won: bool,
    kept: bool,
    acquisition_spend: f64,
    retention_spend: f64,
}

fn firms() -> Option<Vec<Firm>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/data/smcrm/customerAcquisition.csv");
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("skipped: {} is not there", path.display());
        return None;
    };
    let mut lines = text.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let header = lines.next().expect("the file has a header");
    let column = |name: &str| {
        header
            .iter()
            .position(|found| *found == name)
            .expect("the column exists")
    };
    let [won, kept, acquisition, retention] =
        ["acquisition", "censor", "acq_expense", "ret_expense"].map(column);
    let firms = lines.map(|cells| {
        let number = |column: usize| cells[column].parse::<f64>().expect("a number");
        Firm {
            won: number(won) == 1.0,
            kept: number(kept) == 1.0,
            acquisition_spend: number(acquisition),
            retention_spend: number(retention),
        }
    });
    Some(firms.collect())
}

fn observed(spend: f64, answered: bool) -> Observed {
    Observed {
        spend: (spend * 100.0).round() as u64,
        people: 1,
        answered: answered.into(),
    }
}

fn report(what: &str, fit: &ResponseFit) {
    println!(
        "{what}: ceiling {:.3} (se {:.3?}), k {:.6} per dollar (se {:.6}), n {}, AIC curve {:.1}, logistic {:.1}, constant {:.1}",
        fit.response.ceiling(),
        fit.ceiling_se,
        fit.response.k() * 100.0,
        fit.k_se * 100.0,
        fit.people,
        fit.aic.curve,
        fit.aic.logistic,
        fit.aic.constant,
    );
}

#[test]
fn response_of_500_firms_to_spending() {
    let Some(firms) = firms() else { return };
    assert_eq!(firms.len(), 500);
    let courted: Vec<_> = firms
        .iter()
        .map(|firm| observed(firm.acquisition_spend, firm.won))
        .collect();
    let acquisition = fit_response(&courted, Ceiling::Estimated).unwrap();
    report("acquisition", &acquisition);
    let won = firms.iter().filter(|firm| firm.won);
    let served: Vec<_> = won
        .clone()
        .map(|firm| observed(firm.retention_spend, firm.kept))
        .collect();
    // The share kept still rises at the highest spend, so the ceiling has to be stated.
    let unseen = fit_response(&served, Ceiling::Estimated).unwrap_err();
    assert_eq!(unseen, ResponseFitError::NoCeiling);
    let retention = fit_response(&served, Ceiling::Stated(0.9)).unwrap();
    report("retention", &retention);

    // Nobody is won below 200 dollars and nearly everybody above 600: an S, which the curve
    // cannot follow. The comparison with a plain regression says so instead of hiding it.
    assert!(acquisition.aic.contradicts_curve());
    assert!(!retention.aic.contradicts_curve());

    let mean = |spend: &dyn Fn(&Firm) -> f64, of: &[&Firm]| {
        of.iter().map(|firm| spend(firm)).sum::<f64>() / of.len() as f64 * 100.0
    };
    let (everybody, won): (Vec<&Firm>, Vec<&Firm>) = (firms.iter().collect(), won.collect());
    let segment = Segment {
        winning: Winning::Curve {
            response: (&acquisition).into(),
            spend: mean(&|firm| firm.acquisition_spend, &everybody),
        },
        keeping: Keeping::Curve {
            response: (&retention).into(),
            spend: mean(&|firm| firm.retention_spend, &won),
        },
        // The data have no margin per period: a verdict for customers worth 4,000 dollars in the
        // two years that retention spend and the outcome cover.
        margin: 400_000.0,
        rate: Rate::new(0.21).unwrap(),
    };
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let normals = (0..10_000).map(|_| std::array::from_fn(|_| StandardNormal.sample(&mut rng)));
    let assessment = segment.assess(normals);
    println!("{assessment:#?}\nbest: {:?}", segment.best());
    assert_eq!(assessment.verdict, Verdict::AcquireMore);
    assert!(assessment.draws.unwrap().share(Verdict::AcquireMore) > 0.5);
}

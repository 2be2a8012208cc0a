use super::super::life::simulated;
use super::super::*;
use super::*;

const MONTH: f64 = 4.348;

fn base(model: Model, truth: [f64; 4]) -> (PurchaseFit, Histories) {
    let customers = simulated(model, truth, 4_000, 60.0, 3);
    let mut with_spend = Histories::default();
    for (history, weight) in customers.groups() {
        let mean = 20.0 + history.purchases();
        with_spend.add_with_spend(history, weight, mean).unwrap();
    }
    (fit(model, &with_spend).unwrap(), with_spend)
}

const TRUTHS: [(Model, [f64; 4]); 3] = [
    (Model::BgNbd, [0.6, 5.0, 0.9, 2.5]),
    (Model::MbgNbd, [0.8, 5.0, 0.9, 2.5]),
    (Model::ParetoNbd, [0.9, 8.0, 0.8, 14.0]),
];

/// The rate is the derivative of the expected purchases that are published.
#[test]
fn a_rate_adds_up_to_the_purchases_expected() {
    for (model, truth) in TRUTHS {
        let process = model.with(truth);
        for (x, t_x, age) in [(0.0, 0.0, 0.0), (2.0, 30.0, 39.0), (9.0, 37.0, 39.0)] {
            let history = History::new(x, t_x, age).unwrap();
            let rate =
                |t: f64| process.alive(history) * process.rate_while_active(x, age, t).unwrap();
            let months: Vec<f64> = (0..=12).map(|it| rate(f64::from(it))).collect();
            let found: f64 = simpson(&months);
            let told = process.future_purchases(history, 12.0);
            assert!(
                (found / told - 1.0).abs() < 1e-5,
                "{model:?} {found} {told}"
            );
        }
    }
}

/// Cells, marks and stretches against each customer's own closed form.
#[test]
fn the_base_buys_what_each_customer_is_expected_to() {
    for (model, truth) in TRUTHS {
        let (fitted, customers) = base(model, truth);
        let outlook = fitted
            .outlook(Spending::Mean(30.0), &customers, MONTH)
            .unwrap();
        let each = |t: f64| -> f64 {
            let groups = customers.groups().into_iter();
            let of = |(history, weight): (History, f64)| {
                weight * fitted.future_purchases(&history, t).unwrap().value
            };
            groups.map(of).sum()
        };
        let year = each(12.0 * MONTH);
        let gap = outlook.purchases.value / year - 1.0;
        assert!(gap.abs() < 1e-3, "{model:?} {gap}");
        let alive: f64 = outlook.active_by_month.iter().sum();
        assert!((alive / outlook.active.value - 1.0).abs() < 1e-12);
        assert!(outlook.active.low < alive && alive < outlook.active.high);
        // What all spend is known as well as what all buy, however little is known of how many are there.
        let relative = |it: &Estimate| it.se / it.value;
        let (spend, bought) = (&outlook.spend_per_month, &outlook.purchases);
        assert!(
            relative(spend) < 2.0 * relative(bought),
            "{spend:?} {bought:?}"
        );
        // Where a purchase is worth the same for all, what all spend is told by the same parameters as all else.
        let squares: f64 = outlook.spend_loadings.iter().map(|it| it * it).sum();
        assert!(
            (squares.sqrt() / relative(spend) - 1.0).abs() < 1e-9,
            "{spend:?} {:?}",
            outlook.spend_loadings
        );
        // Carried month by month, the trapezoid of both ends, as the engine does.
        let hazard = |month: u32| {
            let known = outlook.base.iter().rfind(|it| it.from_month <= month);
            known.unwrap().hazard
        };
        let (mut now, mut bought) = (outlook.active.value, [0.0; 36]);
        for month in 0..36_u32 {
            let after = now * (-(hazard(month) + hazard(month + 1)) / 2.0).exp();
            bought[month as usize] = (now + after) / 2.0 * outlook.spend_per_month.value / 30.0;
            now = after;
        }
        let in_a_year: f64 = bought[..12].iter().sum();
        assert!((in_a_year / year - 1.0).abs() < 2e-3, "{model:?}");
        let told = each(36.0 * MONTH) - year;
        let found: f64 = bought[12..].iter().sum();
        assert!(
            (found / told - 1.0).abs() < 1e-2,
            "{model:?} {found} {told}"
        );
    }
}

/// New customers come evenly through a month, as the engine has them.
#[test]
fn new_customers_buy_what_the_model_expects() {
    for (model, truth) in TRUTHS {
        let (fitted, customers) = base(model, truth);
        let outlook = fitted
            .outlook(Spending::Mean(30.0), &customers, MONTH)
            .unwrap();
        let hazard = |month: u32| {
            let known = outlook.new.iter().rfind(|it| it.from_month <= month);
            known.unwrap().hazard
        };
        // One a month for two years: the customers of each month's end, halved with its beginning.
        let rate = outlook.new_customer * outlook.spend_per_month.value / 30.0;
        let (mut ages, mut bought, mut before) = (Vec::<f64>::new(), 0.0, 0.0);
        for _ in 0..24 {
            for (age, there) in ages.iter_mut().enumerate() {
                let age = age as u32;
                *there *= (-(hazard(age) + hazard(age + 1)) / 2.0).exp();
            }
            ages.insert(0, (-hazard(0) / 2.0).exp());
            let now: f64 = ages.iter().sum();
            bought += (before + now) / 2.0 * rate;
            before = now;
        }
        // `∫ E[X(24 − s)] ds` over when they come.
        let each = (0..240).map(|step| {
            let left = 24.0 - (f64::from(step) + 0.5) / 10.0;
            fitted.purchases(left * MONTH).unwrap().value / 10.0
        });
        let told: f64 = each.sum();
        assert!(
            (bought / told - 1.0).abs() < 0.01,
            "{model:?} {bought} {told}"
        );
    }
}

/// Loadings are those of the parameters: a hazard moves as far as the model's own does.
#[test]
fn loadings_are_the_errors_of_the_model() {
    let (fitted, customers) = base(Model::ParetoNbd, TRUTHS[2].1);
    let outlook = fitted
        .outlook(Spending::Mean(30.0), &customers, MONTH)
        .unwrap();
    let level = |parameters: [f64; 4]| {
        let process = Model::ParetoNbd.with(parameters);
        let at = |t: f64| process.rate_while_active(0.0, 0.0, t).unwrap();
        (at(0.0) / at(MONTH)).ln().ln()
    };
    let slope = SVector::<f64, 4>::from_fn(|i, _| {
        let step = |sign: f64| {
            let mut parameters = fitted.parameters;
            parameters[i] *= (sign * 1e-5_f64).exp();
            level(parameters)
        };
        (step(1.0) - step(-1.0)) / 2e-5
    });
    let variance = slope.dot(&(fitted.covariance * slope));
    let loaded: f64 = outlook.new[0].loadings.iter().map(|it| it * it).sum();
    assert!(
        (loaded / variance - 1.0).abs() < 1e-4,
        "{loaded} {variance}"
    );
}

#[test]
fn what_cannot_be_told_is_refused() {
    let (fitted, customers) = base(Model::BgNbd, TRUTHS[0].1);
    let ask = |spending, unit| fitted.outlook(spending, &customers, unit);
    assert!(ask(Spending::Mean(0.0), MONTH).is_err());
    assert!(ask(Spending::Mean(30.0), 0.0).is_err());
    let nobody = fitted.outlook(Spending::Mean(30.0), &Histories::default(), MONTH);
    assert_eq!(nobody, Err(PurchaseError::Empty));
}

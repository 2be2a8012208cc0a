use super::*;
use crate::Scenario;

const SCENARIO: &str = r#"
    name = "As things are"
    currency = "EUR"
    horizon_months = 6
    discount_rate = 0

    [[segments]]
    name = "home"
    customers = 1000
    won_per_month = 20
    hazard = { constant = { hazard = 0.02 } }
    revenue = 50
    gross_margin = 0.6
    overhead = 4
    acquisition_cost = 100

    [[segments.channels]]
    name = "phone"
    contacts = 0.2
    minutes = 5
    cost_per_minute = 1
"#;

fn scatter() -> Scatter {
    Scatter {
        contacts: vec![Spread::default()],
        ..Scatter::default()
    }
}

fn moments(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|it| (it - mean).powi(2)).sum::<f64>() / (n - 1.0);
    (mean, variance)
}

#[test]
fn counts_scatter_as_counts_do() {
    let model = Scenario::from_toml(SCENARIO)
        .unwrap()
        .resolve(None)
        .unwrap();
    let forecast = Forecast::draw(&model, 20_000, 3);
    let found = forecast.segment(0, &scatter(), &Shocks::default());
    let (mean, variance) = moments(&found.leavers[0]);
    let leave = 1.0 - (-0.02_f64).exp();
    assert!((mean - 1000.0 * leave).abs() < 0.15, "{mean}");
    assert!(
        (variance / (1000.0 * leave * (1.0 - leave)) - 1.0).abs() < 0.05,
        "{variance}"
    );
    let (mean, variance) = moments(&found.won[3]);
    assert!((mean - 20.0).abs() < 0.15 && (variance / 20.0 - 1.0).abs() < 0.05);
    let contacts = moments(&found.contacts[0][0]);
    assert!((contacts.0 - 200.0).abs() < 1.5, "{contacts:?}");
    let heads = moments(&found.customer_months[0]).0;
    let per_head = |by_month: &ByMonth| moments(&by_month[0]).0 / heads;
    assert!((per_head(&found.revenue) - 50.0).abs() < 1e-9);
    assert!((per_head(&found.service_cost) - 1.0).abs() < 1e-9);
    // 40% of revenue, overhead, contacts, and 20 won at 100 each.
    let expected = 20.0 + 4.0 + 1.0 + 2000.0 / heads;
    assert!((per_head(&found.cost) - expected).abs() < 1e-6);
    let ends: Vec<f64> = (0..20_000)
        .map(|trial| 1000.0 + found.won[0][trial] - found.leavers[0][trial])
        .collect();
    assert_eq!(ends, found.customers[0]);
}

#[test]
fn the_same_seed_gives_the_same_futures_and_more_of_them_begin_alike() {
    let model = Scenario::from_toml(SCENARIO)
        .unwrap()
        .resolve(None)
        .unwrap();
    let draw = |trials, seed| {
        Forecast::draw(&model, trials, seed).segment(0, &scatter(), &Shocks::default())
    };
    assert_eq!(draw(50, 1), draw(50, 1));
    assert_ne!(draw(50, 1), draw(50, 2));
    assert_eq!(draw(80, 1).revenue[5][..50], draw(50, 1).revenue[5]);
}

#[test]
fn shocks_and_scatter_widen() {
    let model = Scenario::from_toml(SCENARIO)
        .unwrap()
        .resolve(None)
        .unwrap();
    let forecast = Forecast::draw(&model, 4_000, 3);
    let log_sd = |found: Counted| {
        let pairs = found.revenue[5].iter().zip(&found.customer_months[5]);
        let rates: Vec<f64> = pairs.map(|(money, heads)| (money / heads).ln()).collect();
        moments(&rates).1.sqrt()
    };
    let common = Shocks {
        revenue: Shock {
            common: 0.1,
            own: 0.05,
        },
        ..Shocks::default()
    };
    let found = log_sd(forecast.segment(0, &scatter(), &common));
    assert!((found - 0.0125_f64.sqrt()).abs() < 0.005, "{found}");
    let wide = Scatter {
        revenue: Spread {
            variation: 0.2,
            freedom: 1e6,
        },
        ..scatter()
    };
    let found = log_sd(forecast.segment(0, &wide, &Shocks::default()));
    assert!((found - 0.04_f64.ln_1p().sqrt()).abs() < 0.008, "{found}");
}

/// What a backtest saw of a cost is of all that it is made of: drawn again with revenue's and contacts' it would be
/// wider than what was seen.
#[test]
fn no_shock_counts_twice_in_a_cost() {
    let model = Scenario::from_toml(SCENARIO)
        .unwrap()
        .resolve(None)
        .unwrap();
    let forecast = Forecast::draw(&model, 4_000, 3);
    let shock = Shock {
        common: 0.1,
        own: 0.0,
    };
    let shocks = Shocks {
        revenue: shock,
        contacts: shock,
        service_cost: shock,
        cost: shock,
        ..Shocks::default()
    };
    let found = forecast.segment(0, &scatter(), &shocks);
    for money in [&found.revenue, &found.service_cost, &found.cost] {
        let pairs = money[5].iter().zip(&found.customer_months[5]);
        let rates: Vec<f64> = pairs.map(|(money, heads)| (money / heads).ln()).collect();
        let log_sd = moments(&rates).1.sqrt();
        assert!((log_sd - 0.1).abs() < 0.006, "{log_sd}");
    }
}

const PROGRAMME: &str = r#"
    [[initiatives]]
    name = "Answer at once"
    reach = { home = 1.0 }
    effects = [{ on = "hazard", size = 0.5, grade = "A", causal_share = 1 },
               { on = "contacts", channel = "phone", size = 0.25, grade = "A", causal_share = 1 },
               { on = "minutes", channel = "phone", size = 0.2, grade = "A", causal_share = 1 }]
    costs = [{ type = "people", amount = 3000 }, { type = "technology", amount = 100, recurrence = "monthly" }]
"#;

fn treated() -> crate::Model {
    let text = format!("{SCENARIO}{PROGRAMME}");
    Scenario::from_toml(&text).unwrap().resolve(None).unwrap()
}

#[test]
fn with_a_programme_counts_lie_about_what_a_run_expects() {
    let options = crate::RunOptions {
        trials: 5000,
        ..crate::RunOptions::default()
    };
    let found = with_programme(&treated(), &options, &CompanyScatter::default()).unwrap();
    assert_eq!(found.futures, crate::MONTHLY_TRIALS);
    let mean = |figure, month: usize| found.figure(figure)[month].mean;
    // Half of the hazard; who leaves of 1,000 is binomial.
    let leave = 1.0 - (-0.01_f64).exp();
    let leavers = found.figure(Figure::Leavers)[1];
    assert!((leavers.mean - 1000.0 * leave).abs() < 0.3, "{leavers:?}");
    // Of a binomial of 1,000 and 0.00995 the 2.5% are at 4, and of 10% and 90% at 6 and 14.
    let at = |level: usize| leavers.quantiles[level];
    assert_eq!([at(0), at(1), at(5)], [4.0, 6.0, 14.0]);
    let customers = mean(Figure::Customers, 1);
    assert!(
        (customers - (1020.0 - 1000.0 * leave)).abs() < 0.5,
        "{customers}"
    );
    // Contacts are fewer, and minutes fewer and shorter.
    let contacts = mean(Figure::Contacts, 1);
    assert!(
        (contacts / (customers * 0.2 * 0.75) - 1.0).abs() < 0.01,
        "{contacts}"
    );
    let minutes = mean(Figure::Minutes, 1);
    assert!((minutes / contacts - 4.0).abs() < 1e-9, "{minutes}");
    assert!((mean(Figure::Revenue, 1) / (customers * 50.0) - 1.0).abs() < 1e-3);
    assert_eq!(
        [0, 1].map(|month| mean(Figure::ProgrammeCost, month)),
        [3000.0, 100.0]
    );
    assert_eq!(
        (mean(Figure::CumulativeFlow, 0), mean(Figure::Leavers, 0)),
        (-3000.0, 0.0)
    );
}

#[test]
fn its_flows_are_those_of_the_run() {
    let text = format!("{SCENARIO}{PROGRAMME}").replace("size = 0.5,", "size = \"20% to 60%\",");
    let model = Scenario::from_toml(&text).unwrap().resolve(None).unwrap();
    let options = crate::RunOptions {
        trials: 3000,
        ..crate::RunOptions::default()
    };
    let run = crate::run(&model, &options, &crate::Control::default()).unwrap();
    let found = with_programme(&model, &options, &CompanyScatter::default()).unwrap();
    let bands = &run.monthly.cumulative_discounted_flow;
    for (month, levels) in found
        .figure(Figure::CumulativeDiscountedFlow)
        .iter()
        .enumerate()
    {
        for (band, level) in [(&bands.p25, 2), (&bands.p50, 3), (&bands.p75, 4)] {
            let off = (band[month] - levels.quantiles[level]).abs();
            assert!(off < 1e-6, "month {month}: {off}");
        }
    }
    assert_eq!(
        found,
        with_programme(&model, &options, &CompanyScatter::default()).unwrap(),
        "the same seed"
    );
}

#[test]
fn customers_drawn_one_by_one_are_the_runs() {
    let text = format!("demography = \"binomial\"\n{SCENARIO}{PROGRAMME}");
    let model = Scenario::from_toml(&text).unwrap().resolve(None).unwrap();
    let options = crate::RunOptions {
        trials: 1000,
        ..crate::RunOptions::default()
    };
    let run = crate::run(&model, &options, &crate::Control::default()).unwrap();
    let found = with_programme(&model, &options, &CompanyScatter::default()).unwrap();
    let median = found
        .figure(Figure::Customers)
        .iter()
        .map(|it| it.quantiles[3]);
    assert_eq!(Vec::from_iter(median), run.monthly.customers_programme.p50);
}

/// What scatters from month to month beyond the chance of counts is in the bands, each figure with its own.
#[test]
fn months_scatter_as_they_did_before() {
    let options = crate::RunOptions {
        trials: 2000,
        ..crate::RunOptions::default()
    };
    let spread = |variation| Spread {
        variation,
        freedom: 1e6,
    };
    let scatter = CompanyScatter {
        leaving: spread(0.3),
        won: spread(0.4),
        revenue: spread(0.1),
        contacts: spread(0.2),
        service_cost: spread(0.15),
        cost: spread(0.05),
    };
    let found = with_programme(&treated(), &options, &scatter).unwrap();
    let even = with_programme(&treated(), &options, &CompanyScatter::default()).unwrap();
    // Half the width of a band of 80% over 1.2816: the standard deviation, of which the chance of counts is a part.
    let deviation = |of: &WithProgramme, figure| {
        let levels = of.figure(figure)[1];
        (levels.quantiles[5] - levels.quantiles[1]) / 2.0 / 1.281_55
    };
    let leave = 1.0 - (-0.01_f64).exp();
    let expected = [
        (Figure::Leavers, 1000.0 * leave, 1000.0 * leave, 0.3),
        (Figure::Won, 20.0, 20.0, 0.4),
        (Figure::Contacts, 151.0, 151.0, 0.2),
        (Figure::Revenue, 50_250.0, 0.0, 0.1),
        // Nobody said that minutes saved are money saved: five of each of 201 contacts.
        (Figure::ServiceCost, 1005.0, 0.0, 0.15),
    ];
    for (figure, mean, of_chance, variation) in expected {
        let (wide, narrow) = (deviation(&found, figure), deviation(&even, figure));
        let should = (of_chance + (mean * variation).powi(2)).sqrt();
        assert!(
            (wide / should - 1.0).abs() < 0.15,
            "{figure:?}: {wide} is not {should}"
        );
        assert!(wide > 1.1 * narrow, "{figure:?}");
        let means = [&found, &even].map(|it| it.figure(figure)[1].mean);
        assert!(
            (means[0] / means[1] - 1.0).abs() < 0.04,
            "{figure:?}: {means:?}"
        );
    }
    let flows = [&found, &even].map(|it| it.figure(Figure::CumulativeFlow).to_vec());
    assert_eq!(flows[0], flows[1], "records see no flows");
}

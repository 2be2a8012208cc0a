use keepworth_contract::simulator::baseline::FigureCorrelation;
use keepworth_contract::{Flag, FlagCode};

use super::*;
use crate::figure::{Basis, figure};
use crate::interval::interval;

fn of(value: f64, low: f64, high: f64, kind: Kind) -> Option<Distribution> {
    let made = figure(FigureName::Revenue, "EUR", Some(value), 9).within(interval(low, high, "t"));
    distribution(&made, value, kind)
}

fn near(found: f64, expected: f64) {
    assert!(
        (found - expected).abs() < 1e-6 * expected.abs(),
        "{found}, not {expected}"
    );
}

#[test]
fn draws_are_as_wide_as_the_interval() {
    let revenue = of(20.0, 16.0, 25.0, Kind::Positive).unwrap();
    near(revenue.quantile(0.025), 16.0);
    near(revenue.quantile(0.5), 20.0);
    near(revenue.quantile(0.975), 25.0);
    let won = of(5.0, 1.6, 11.7, Kind::Count).unwrap();
    near(won.mean(), 5.0);
    assert!(won.quantile(0.025) > 0.5 && won.quantile(0.975) < 12.0);
    let margin = of(0.6, 0.55, 0.65, Kind::Share).unwrap();
    near(margin.mean(), 0.6);
    near(margin.quantile(0.975), 0.65);
    let thin = of(0.97, 0.9, 1.04, Kind::Share).unwrap();
    near(thin.mean(), 0.97);
    assert!(matches!(thin, Distribution::Beta { .. }) && thin.quantile(0.999_9) < 1.0);
    assert_eq!(
        of(20.0, 20.0, 20.0, Kind::Positive),
        None,
        "everybody pays the same"
    );
    assert_eq!(
        of(1.2, 1.1, 1.3, Kind::Share),
        None,
        "no share: refused further on"
    );
    let rare = of(0.1, 0.0, 0.3, Kind::Positive).unwrap();
    near(rare.mean(), 0.1);
}

#[test]
fn two_customers_tell_little_and_not_everything() {
    let wide = of(20.0, 0.01, 40_000.0, Kind::Positive).unwrap();
    assert!(wide.mean() < 28.0, "{}", wide.mean());
}

#[test]
fn what_comes_from_the_same_costs_is_one_input() {
    let cost = |value: f64, code: FlagCode| {
        figure(FigureName::Overhead, "EUR", Some(value), 12)
            .within(interval(value * 0.9, value * 1.1, "t"))
            .flag_if(true, Flag::new(code, ""))
    };
    let mut inputs = Inputs::default();
    let mut put = |scope, figure: &Figure| {
        let value = figure.value.unwrap();
        match inputs.quantity(
            (scope, FigureName::Overhead.into()),
            (figure, value),
            Kind::Positive,
        ) {
            Quantity::Shared(shared) => shared.input,
            Quantity::Own(own) => panic!("{own:?}"),
        }
    };
    let rule = FlagCode::SharedCostSpreadByCustomerMonths;
    assert_eq!(put("a", &cost(2.0, rule)), "records.(shared).overhead");
    assert_eq!(
        put("b", &cost(2.0 + 1e-13, rule)),
        "records.(shared).overhead"
    );
    assert_eq!(put("c", &cost(2.5, rule)), "records.c.overhead");
    assert_eq!(
        put("d", &cost(2.0, FlagCode::Assumed)),
        "records.d.overhead"
    );
}

#[test]
fn inputs_that_move_together_are_grouped() {
    let mut inputs = Inputs::default();
    for name in ["revenue", "contacts.phone", "minutes.phone", "minutes.chat"] {
        let key: FigureKey = name.parse().unwrap();
        let made = figure(key.name, "EUR", Some(2.0), 9).within(interval(1.5, 2.6, "t"));
        inputs.quantity(("home", key), (&made, 2.0), Kind::Positive);
    }
    let pair = |a: &str, b: &str, correlation| FigureCorrelation {
        a: a.parse().unwrap(),
        b: b.parse().unwrap(),
        correlation,
    };
    let mut baseline = crate::sample();
    baseline.segments[1].correlations = vec![
        pair("revenue", "contacts.phone", 0.3),
        pair("contacts.phone", "minutes.phone", -0.2),
        pair("minutes.chat", "contacts.chat", 0.9),
    ];
    let groups = inputs.groups(&baseline);
    let [group] = &groups[..] else {
        panic!("{groups:?}")
    };
    assert_eq!(
        group.inputs,
        [
            "records.home.contacts.phone",
            "records.home.minutes.phone",
            "records.home.revenue"
        ]
    );
    assert_eq!(group.matrix[0], [1.0, -0.2, 0.3]);
    assert_eq!(group.matrix[1], [-0.2, 1.0, 0.0]);
}

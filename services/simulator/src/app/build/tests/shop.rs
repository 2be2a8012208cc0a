//! A shop whose customers buy when they like and stop without a word. Each is drawn purchase by purchase, by none
//! of the formulas that are fitted, for two years that are recorded and one that is not.

use keepworth_contract::customers::SegmentKind;
use keepworth_contract::finance::{PurchaseDay, PurchaseRow};
use keepworth_contract::simulator::curve::ChosenBy;
use keepworth_contract::simulator::purchase::{PurchaseBaseline, PurchaseModel};
use keepworth_sim::{Control, RunOptions, Scenario};
use keepworth_verdict::simulate;
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, Exp, Gamma};

use super::*;
use crate::app::build::purchases::WithoutContract;
use crate::rule::purchase::Requested;

/// Days of 2024 and 2025, and those of 2026.
const RECORD: f64 = 731.0;
const AHEAD: f64 = 365.0;
const CUSTOMERS: u32 = 3_000;

/// A customer's purchases, day and cents, the first one first; and when the customer stops.
struct Life {
    bought: Vec<(f64, i64)>,
    stops: f64,
}

/// Waits between purchases, and until the customer stops, are exponential; customers differ in both, and in what
/// they spend.
fn lives() -> Vec<Life> {
    let mut rng = ChaCha8Rng::seed_from_u64(14);
    let buys = Gamma::new(0.8, 1.0 / 70.0).unwrap();
    let stops = Gamma::new(0.9, 1.0 / 280.0).unwrap();
    let spends = Gamma::new(6.0, 500.0).unwrap();
    let life = |_| {
        let mut now = rng.random::<f64>() * (RECORD - 60.0);
        let wait = Exp::new(f64::max(1e-9, buys.sample(&mut rng))).unwrap();
        let stops = now
            + Exp::new(f64::max(1e-9, stops.sample(&mut rng)))
                .unwrap()
                .sample(&mut rng);
        let own = Gamma::new(4.0, spends.sample(&mut rng) / 4.0).unwrap();
        let mut bought = Vec::new();
        while bought.is_empty() || now < stops.min(RECORD + AHEAD) {
            bought.push((now, 1 + own.sample(&mut rng) as i64));
            now += wait.sample(&mut rng);
        }
        Life { bought, stops }
    };
    (0..CUSTOMERS).map(life).collect()
}

fn date(day: f64) -> NaiveDate {
    self::day("2024-01-01") + Days::new(day as u64)
}

/// What was bought in the years on record, by day.
fn row(number: u32, life: &Life) -> PurchaseRow {
    let mut purchases: Vec<PurchaseDay> = Vec::new();
    for (at, minor) in life.bought.iter().filter(|(at, _)| *at < RECORD) {
        match purchases.last_mut().filter(|last| last.on == date(*at)) {
            Some(last) => last.minor += minor,
            None => purchases.push(PurchaseDay {
                on: date(*at),
                minor: *minor,
            }),
        }
    }
    PurchaseRow {
        customer: customer(number),
        currency: "EUR".to_owned(),
        purchases,
        undated: 0,
        excess_refund_minor: 0,
    }
}

/// The shop beside the company of all tests, with a change to what one of its customers did.
fn shop(
    lives: &[Life],
    change: impl Fn(u32, &mut EpisodeRow, &mut PurchaseRow),
) -> Result<Records, BuildError> {
    let mut records = records();
    let kinds = ["shop".to_owned()].into_iter();
    records.without_contract = WithoutContract::of(kinds, &Requested::new());
    records.add_cohort(&cohort("shop", 23, 24_000.0, 0, 0, CUSTOMERS.into()));
    records.add_cohort(&cohort("shop", 24, 0.0, 0, CUSTOMERS.into(), 0));
    for (number, life) in (1_000..).zip(lives) {
        let mut row = row(number, life);
        let from = row.purchases[0].on.to_string();
        let mut episode = episode(number, "shop", &from, None);
        change(number, &mut episode, &mut row);
        let mut minor = [0; 12];
        for it in row.purchases.iter().filter(|it| it.on >= day("2025-01-01")) {
            minor[Month::of(it.on).index().rem_euclid(12) as usize] += it.minor;
        }
        let charges = [charged(number, minor)];
        records.tallies.add(&episode, &[], &charges)?;
        records.add_purchases(&episode, Some(&row))?;
    }
    Ok(records)
}

fn plain(_: u32, _: &mut EpisodeRow, _: &mut PurchaseRow) {}

fn told(baseline: &Baseline) -> &PurchaseBaseline {
    let shop = baseline.segments.iter().find(|it| it.name == "shop");
    shop.unwrap().purchases.as_ref().unwrap()
}

#[test]
fn who_is_there_and_what_they_buy_is_what_the_lives_have() {
    let lives = lives();
    let baseline = shop(&lives, plain).unwrap().into_baseline().unwrap();
    let shop = told(&baseline);
    assert_eq!(
        (shop.buyers, shop.by),
        (u64::from(CUSTOMERS), ChosenBy::Rule)
    );
    let there = lives.iter().filter(|it| it.stops > RECORD).count() as f64;
    let error = shop.active.se.hypot(there.sqrt());
    assert!(
        (shop.active.value - there).abs() < 3.0 * error,
        "{there} {:?}",
        shop.active
    );
    let ahead = |it: &Life| it.bought.iter().filter(|(at, _)| *at >= RECORD).count();
    let ahead = lives.iter().map(ahead).sum::<usize>() as f64;
    let found = shop.purchases_ahead.value;
    assert!((found / ahead - 1.0).abs() < 0.06, "{found} of {ahead}");
    // Held against what came after the calibration: the true model is no worse than the others.
    assert_eq!(shop.calibration_end, Some(day("2025-04-30")));
    let of = |model| shop.candidates.iter().find(|it| it.model == model).unwrap();
    let [bg, pareto] =
        [PurchaseModel::BgNbd, PurchaseModel::ParetoNbd].map(|it| of(it).holdout.unwrap());
    assert_eq!((bg.ahead, bg.ahead_se), (0.0, 0.0));
    assert!(pareto.ahead > 0.0, "{pareto:?}");
    assert!(
        (pareto.expected / pareto.purchases as f64 - 1.0).abs() < 0.06,
        "{pareto:?}"
    );
    let last = shop.tracking.last().unwrap();
    assert_eq!(last.until, day("2025-12-31"));
    assert!(
        shop.tracking
            .iter()
            .any(|it| Some(it.until) == shop.calibration_end)
    );
    assert!(
        (last.expected.value / last.actual as f64 - 1.0).abs() < 0.06,
        "{last:?}"
    );
    let correlation = shop.correlation_of_frequency_and_spend.unwrap();
    assert!(correlation.abs() < 0.1, "{correlation}");
}

/// The joint: closed forms per customer, the engine's months, and the lives as they go on.
#[test]
fn what_a_base_is_expected_to_spend_is_what_the_engine_has_it_spend() {
    let lives = lives();
    let baseline = shop(&lives, plain).unwrap().into_baseline().unwrap();
    let scenario = Scenario::from_toml(
        "name = \"Nothing\"\nhorizon_months = 12\ndiscount_rate = 0.1\n\
         [[segments]]\nname = \"shop\"\nwon_per_month = 0\n\
         [[segments]]\nname = \"home\"\ncustomers = 0\nwon_per_month = 0\n\
         [[segments]]\nname = \"business\"\ncustomers = 0\nwon_per_month = 0\n\
         [[initiatives]]\nname = \"None\"\nreach = { shop = 1.0 }\n\
         [[initiatives.costs]]\ntype = \"people\"\namount = 1\n",
    );
    let options = RunOptions {
        trials: 4_000,
        ..RunOptions::default()
    };
    let result = simulate(&scenario.unwrap(), &baseline, &options, &Control::default()).unwrap();
    let bands = &result.monthly.customers_baseline;
    let heads = |of: &[f64]| {
        of.windows(2)
            .map(|pair| (pair[0] + pair[1]) / 2.0)
            .sum::<f64>()
    };
    let shop = told(&baseline);
    assert!((bands.p50[0] - shop.active.value).abs() < 1e-6 * shop.active.value);
    let spent = heads(&bands.p50) * shop.spend_per_month.value;
    let mean: f64 = {
        let bought = lives.iter().flat_map(|it| &it.bought);
        let cents: Vec<f64> = bought.map(|(_, minor)| *minor as f64).collect();
        cents.iter().sum::<f64>() / cents.len() as f64 / 100.0
    };
    let expected = shop.purchases_ahead.value * mean;
    assert!(
        (spent / expected - 1.0).abs() < 0.02,
        "{spent} for {expected}"
    );
    let came = lives
        .iter()
        .flat_map(|it| &it.bought)
        .filter(|(at, _)| *at >= RECORD);
    let came = came.map(|(_, minor)| *minor as f64 / 100.0).sum::<f64>();
    assert!((spent / came - 1.0).abs() < 0.07, "{spent} came to {came}");
    // Without a contract a customer of the records is not one who is there: money goes by those.
    let flags: Vec<&str> = result.flags.iter().map(|it| it.detail.as_str()).collect();
    assert!(
        flags
            .iter()
            .any(|it| it.contains("counted by what they spend")),
        "{flags:?}"
    );
}

#[test]
fn segments_with_contracts_are_what_they_are_without_the_shop() {
    let alone = records().into_baseline().unwrap();
    let beside = shop(&lives(), plain).unwrap().into_baseline().unwrap();
    let of = |baseline: &Baseline, name: &str| {
        let mut segments = baseline.segments.iter();
        segments.find(|it| it.name == name).unwrap().clone()
    };
    for name in ["business", "home"] {
        let (one, other) = (of(&alone, name), of(&beside, name));
        assert_eq!(one.hazard_bands, other.hazard_bands);
        assert_eq!(one.purchases, None);
    }
    assert_eq!(
        alone.company.figures[&FigureName::Hazard],
        beside.company.figures[&FigureName::Hazard]
    );
    assert_eq!(of(&beside, "shop").figures[&FigureName::Hazard].value, None);
    let wire = serde_json::to_string(&beside).unwrap();
    let back: Baseline = serde_json::from_str(&wire).unwrap();
    assert_eq!(
        back.compute_hash().unwrap(),
        beside.hash,
        "figures survive the wire"
    );
    assert!(
        !serde_json::to_string(&alone)
            .unwrap()
            .contains("\"purchases\"")
    );
    assert_eq!(SegmentKind::default(), SegmentKind::Contract);
}

#[test]
fn what_cannot_be_a_history_is_refused_or_told() {
    let lives = lives();
    let late = shop(&lives, |number, episode, row| {
        if number == 1_007 {
            episode.acquired_on = row.purchases[0].on + Days::new(3);
            episode.observed_from = episode.acquired_on;
        }
    });
    let why = late.unwrap().into_baseline().unwrap_err().to_string();
    assert!(
        why.starts_with("segment `shop`: 1 customers bought before"),
        "{why}"
    );
    assert!(why.contains("acquired_on"), "{why}");
    let dollars = shop(&lives, |number, _, row| {
        if number == 1_007 {
            row.currency = "USD".to_owned();
        }
    });
    let why = dollars.err().unwrap().to_string();
    assert!(why.contains("--currency"), "{why}");
    let odd = shop(&lives, |number, episode, row| match number {
        1_001 => row.purchases.clear(),
        1_002 => (episode.left, episode.observed_to) = (true, day("2025-11-30")),
        1_003 => row.excess_refund_minor = 250,
        1_004 => episode.observed_from = episode.acquired_on + Days::new(1),
        1_005 => row.undated = 2,
        _ => {}
    });
    let mut odd = odd.unwrap();
    // As the customers service would tell of who left.
    odd.add_cohort(&cohort("shop", 20, 0.0, 1, 0, 0));
    let baseline = odd.into_baseline().unwrap();
    let shop = told(&baseline);
    assert_eq!(shop.buyers, u64::from(CUSTOMERS) - 2);
    let flags: Vec<&str> = shop
        .quality_flags
        .iter()
        .map(|it| it.detail.as_str())
        .collect();
    for said in [
        "1 customers never bought",
        "1 customers left on a day",
        "given back 2.50 EUR more",
        "1 customers were there before they were observed",
        "2 charges have no day",
    ] {
        assert!(
            flags.iter().any(|it| it.contains(said)),
            "{said}: {flags:?}"
        );
    }
}

#[test]
fn a_model_that_is_asked_for_is_taken_and_a_wrong_segment_named() {
    let lives = lives();
    let asked = |segment: &str| {
        let mut records = shop(&lives, plain).unwrap();
        let model = (segment.to_owned(), PurchaseModel::MbgNbd);
        records.without_contract.requested = Requested::from([model]);
        records.into_baseline()
    };
    let baseline = asked("shop").unwrap();
    let shop = told(&baseline);
    assert_eq!(
        (shop.model, shop.by),
        (PurchaseModel::MbgNbd, ChosenBy::Request)
    );
    let why = asked("home").unwrap_err().to_string();
    assert!(why.contains("`home`") && why.ends_with("shop"), "{why}");
}

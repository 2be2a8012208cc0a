//! Real pilots: a mobile game's gate, drawn by lot, and the organ donors of Kessler & Roth (2014).

use std::collections::BTreeMap;

use keepworth_retention::fit::Level;
use keepworth_retention::link::Grade;
use keepworth_retention::pilot::{
    Always, Arms, Counts, ErrorBasis, Group, Judgement, Panel, Plan, PreTrendVerdict, SampleRatio,
    SampleRatioVerdict, Study, Two,
};

use crate::data::{Table, close};

/// Players of an arm, and those back after so many days.
fn back(table: &Table, arm: &str, column: &str) -> Counts {
    let rows = table.text("version").iter().zip(table.text(column));
    let (mut events, mut n) = (0, 0);
    for (_, back) in rows.filter(|(version, _)| *version == arm) {
        n += 1;
        events += u64::from(back == "TRUE");
    }
    Counts::new(events, n).unwrap()
}

#[test]
fn a_gate_in_a_game() {
    let Some(table) = Table::find("pilots/game_gate.csv") else {
        return;
    };
    let arms = |column| {
        Arms::Rates(Two {
            control: back(&table, "gate_30", column),
            treated: back(&table, "gate_40", column),
        })
    };
    let sizes = arms("retention_7").sizes();
    let ratio =
        SampleRatio::new(&[sizes.control as u64, sizes.treated as u64], &[0.5, 0.5]).unwrap();
    close(ratio.n, 90_189.0, 0.0);
    close(ratio.chi2, 6.90, 0.005);
    close(ratio.p, 0.0086, 5e-5);
    assert_eq!(ratio.verdict, SampleRatioVerdict::Doubtful);
    let judged = Judgement::of(Study::Randomised {
        sample_ratio: Some(&ratio),
        balances: &[],
        read_validly: true,
    });
    assert_eq!(judged.grade, Grade::B);
    let plan = Plan::new(45_000.0, 45_000.0).unwrap();
    for (column, difference, se) in [
        ("retention_7", -0.008_201, 0.002_592),
        ("retention_1", -0.005_905, 0.003_310),
    ] {
        let reading = arms(column).read(plan, Level::USUAL).unwrap();
        let one = reading.single_look;
        close(one.value, difference, 5e-7);
        close((one.high - one.low) / (2.0 * Level::USUAL.z()), se, 2e-6);
        let Always::Told { interval, .. } = reading.always else {
            panic!("{reading:?}")
        };
        close((interval.high - interval.low) / 2.0, 3.0348 * se, 1e-5);
    }
    // After 7 days there is an effect even for those who looked at it every day.
    let week = arms("retention_7").read(plan, Level::USUAL).unwrap();
    assert!(week.excludes_none(), "{week:?}");
    let day = arms("retention_1").read(plan, Level::USUAL).unwrap();
    assert!(!day.excludes_none() && !day.single_look.excludes_none());
}

#[test]
fn organ_donors_of_california() {
    let Some(table) = Table::find("pilots/organ_donation.csv") else {
        return;
    };
    let quarters = ["Q42010", "Q12011", "Q22011", "Q32011", "Q42011", "Q12012"];
    let mut states: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    let rows = table.text("State").iter().zip(table.text("Quarter"));
    for ((state, quarter), rate) in rows.zip(table.numbers("Rate")) {
        let means = states
            .entry(state)
            .or_insert_with(|| vec![f64::NAN; quarters.len()]);
        means[quarters.iter().position(|name| name == quarter).unwrap()] = rate;
    }
    assert_eq!(states.len(), 27);
    let groups = states
        .into_iter()
        .map(|(state, means)| Group::new(state == "California", means));
    let found = Panel::new(groups.collect(), 3)
        .unwrap()
        .effect(Level::USUAL)
        .unwrap();
    println!("{found:#?}");
    close(found.value, -0.022_46, 5e-6);
    // As published, 0.006; one treated state adds nothing to it, and it is far too small.
    close(found.clustered_se, 0.006, 0.001);
    assert_eq!(found.basis, ErrorBasis::OneAgainstMany);
    assert!(found.se > 3.0 * found.clustered_se && found.low < 0.0 && found.high > 0.0);
    assert_eq!(found.pre_trend.verdict, PreTrendVerdict::Held);
    assert_eq!(found.pre_trend.n, 81);
}

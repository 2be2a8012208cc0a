//! Whether a frozen forecast holds what it promises, and whether months tell what a programme does, over companies with a
//! programme whose effect is known: drawn by the generator of [`held`], customer by customer and day by day.
//!
//! Two years make a baseline. In the third a programme takes away a share of leaving and of contacts, which is drawn from what
//! the scenario says of it. The forecast is made as it is frozen with an approval, and knows two years alone.

use keepworth_sim::forecast::{Figure, WithProgramme, with_programme};
use keepworth_sim::{Control, RunOptions, Scenario};
use keepworth_verdict::backtest::{History, MonthCount, company, company_scatter};
use keepworth_verdict::prepare;
use keepworth_verdict::tracking::{Approved, learn};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use super::books::confirmed;
use super::held::{Generator, first, known, mean};
use super::*;

const COMPANIES: u64 = if cfg!(feature = "slow-tests") {
    200
} else {
    10
};

/// What the scenario says of both effects: equally likely from nothing to these.
const MOST: [f64; 2] = [0.4, 0.5];

const SCENARIO: &str = r#"
    name = "Call back"
    horizon_months = 24
    discount_rate = 0.1

    [[initiatives]]
    name = "Call back"
    reach = { a = 1.0, b = 1.0, c = 1.0, d = 1.0 }
    start_month = 0
    effects = [
        { on = "hazard", size = { uniform = [0.0, 0.4] }, grade = "A", causal_share = 1 },
        { on = "contacts", channel = "phone", size = { uniform = [0.0, 0.5] }, grade = "A", causal_share = 1 },
    ]
    costs = [{ type = "people", amount = 20000 }]
"#;

/// What came of one company.
struct Tracked {
    /// Share of the months of all figures within bands of 80%; on an end of one counts half.
    held: f64,
    /// Figures that left the band over all months, and all of them.
    drifted: [f64; 2],
    /// Whether the interval of 80% of what is believed then holds the truth, of both effects.
    learnt: [f64; 2],
}

fn counted(month: &MonthCount, figure: Figure) -> Option<f64> {
    match figure {
        Figure::Customers => Some(month.customers),
        Figure::Won => Some(month.won),
        Figure::Leavers => Some(month.leavers),
        Figure::Contacts => Some(month.contacts.values().sum()),
        Figure::Revenue => month.revenue,
        Figure::ServiceCost => month.service_cost,
        Figure::Cost => month.cost,
        _ => None,
    }
}

fn hold(found: &WithProgramme, came: &History) -> (f64, [f64; 2]) {
    let (mut held, mut drifted) = (Vec::new(), [0.0; 2]);
    for figure in Figure::ALL {
        let months = (1..=12).filter_map(|number| {
            let actual = counted(came.get(&first().plus(23 + number))?, figure)?;
            Some((found.figure(figure)[number as usize], actual))
        });
        let months: Vec<_> = months.collect();
        if months.is_empty() {
            continue;
        }
        let is_off = |(levels, actual): &(keepworth_sim::forecast::Levels, f64)| {
            *actual < levels.alarm[0] || *actual > levels.alarm[1]
        };
        drifted[0] += f64::from(u8::from(months.iter().any(is_off)));
        drifted[1] += 1.0;
        held.extend(months.iter().map(|(levels, actual)| {
            let (low, high) = (levels.quantiles[1], levels.quantiles[5]);
            let inside = f64::from(u8::from(low < *actual && *actual < high));
            inside + 0.5 * f64::from(u8::from(*actual == low || *actual == high))
        }));
    }
    (held.iter().sum::<f64>() / held.len() as f64, drifted)
}

fn track(seed: u64) -> Tracked {
    let mut rng = ChaCha8Rng::seed_from_u64(5_000 + seed);
    let treated = MOST.map(|most| rng.random_range(0.0..most));
    let mut generator = Generator {
        rng,
        is_wild: false,
        treated,
    };
    let lives = generator.company();
    let books = generator.books(&lives);
    let since = known(&lives, &books, 3);
    let mut then = known(&lives, &books, 2);
    // In these books what contacts cost is theirs, each month anew: who knew that would confirm it.
    book(&mut then, [confirmed("CONSUMPTION", "2022-01", 10_000)]);
    let baseline = then.into_baseline().unwrap();
    let came = company(&since.histories().unwrap());
    let model = prepare(&Scenario::from_toml(SCENARIO).unwrap(), &baseline).unwrap();
    let options = RunOptions {
        trials: 2_000,
        ..RunOptions::default()
    };
    let scatter = company_scatter(baseline.month_scatter.as_ref());
    let found = with_programme(&model, &options, &scatter).unwrap();
    let (held, drifted) = hold(&found, &came);
    let approved = Approved {
        baseline: &baseline,
        model: &model,
        options: &options,
    };
    let learnt = learn(&approved, &came, first().plus(35), &Control::default())
        .unwrap()
        .unwrap();
    let names = [
        "initiatives.Call back.hazard",
        "initiatives.Call back.contacts",
    ];
    let learnt = [0, 1].map(|of| {
        let input = learnt
            .inputs
            .iter()
            .find(|it| it.input == names[of])
            .unwrap();
        let belief = input.posterior;
        f64::from(u8::from((belief.p10..=belief.p90).contains(&treated[of])))
    });
    Tracked {
        held,
        drifted,
        learnt,
    }
}

#[test]
fn what_was_approved_comes_true_as_often_as_it_says() {
    let all: Vec<Tracked> = (0..COMPANIES).map(track).collect();
    let of = |value: fn(&Tracked) -> f64| mean(&all.iter().map(value).collect::<Vec<_>>());
    let (held, half) = of(|it| it.held);
    println!(
        "bands of 80%: {held:.3} ± {half:.3} (99%) over {COMPANIES} companies with a programme"
    );
    let drifted = of(|it| it.drifted[0] / it.drifted[1]);
    println!("figures that drift: {:.3} ± {:.3}", drifted.0, drifted.1);
    let learnt = [of(|it| it.learnt[0]), of(|it| it.learnt[1])];
    for (what, (share, half)) in ["leaving", "contacts"].iter().zip(learnt) {
        println!("posterior of 80%, effect on {what}: {share:.3} ± {half:.3}");
    }
    assert!((held - 0.8).abs() < half, "{held} ± {half}");
    assert!(drifted.0 - drifted.1 < 0.05, "{drifted:?}");
    // Of one company an interval holds or does not: 99% of so many that hold 80% lie within this.
    let most = 2.58 * (0.8 * 0.2 / COMPANIES as f64).sqrt();
    for (share, _) in learnt {
        assert!((share - 0.8).abs() < most, "{share}, not 0.8 ± {most}");
    }
}

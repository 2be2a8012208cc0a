//! The reference problem: an ordinary scenario file against an independent program's figures.
//!
//! Source of the figures: the problem's NumPy program, two runs of 1,000,000 trials; eight exact
//! vectors from the same program.

use keepworth_sim::{
    Columns, Control, Evaluator, Level, Model, Outcome, RunOptions, Scenario, run_blocks,
};

pub const SCENARIO: &str = include_str!("../../../examples/reference/scenario.toml");

fn model() -> Model {
    Scenario::from_toml(SCENARIO)
        .unwrap()
        .resolve(None)
        .unwrap()
}

/// The problem numbers its inputs; the engine names them.
pub fn names() -> Vec<String> {
    let hazards = [
        "mass_prepaid",
        "mass_contract",
        "family",
        "premium",
        "youth_digital",
        "soho",
        "sme",
        "enterprise",
    ];
    let mut names: Vec<String> = hazards.iter().map(|s| format!("hazard_{s}")).collect();
    names.extend(
        [
            "acquisition_cost",
            "cost_to_serve",
            "gross_margin",
            "discount_rate",
        ]
        .map(String::from),
    );
    names.extend((1..=6).map(|i| format!("initiatives.initiative {i}.hazard")));
    names.extend((1..=6).map(|i| format!("initiatives.initiative {i}.success")));
    names.push("adoption_midpoint".to_owned());
    names
}

fn evaluate(model: &Model, uniforms: &[f64]) -> Columns {
    let names = names();
    let row: Vec<f64> = model
        .inputs()
        .iter()
        .map(|input| uniforms[names.iter().position(|name| *name == input.name).unwrap()])
        .collect();
    let evaluator = Evaluator::new(model);
    let mut columns = Columns::from_row(&row);
    evaluator.draw(&mut columns);
    evaluator.outcomes(&columns)
}

fn fractions(step: f64) -> Vec<f64> {
    (1..=25).map(|j| (f64::from(j) * step).fract()).collect()
}

/// Uniforms of the problem's inputs, and the first six outcomes there.
pub fn vectors() -> [(Vec<f64>, [f64; 6]); 8] {
    let mut fails = vec![0.5; 25];
    fails[18..24].fill(0.99);
    [
        (
            vec![0.5; 25],
            [
                500353.73794995114,
                0.9033400297798687,
                35.0,
                0.5378372156259432,
                57213.944216468706,
                1.071382417783583,
            ],
        ),
        (
            vec![0.1; 25],
            [
                72583.92659657211,
                0.1256173854711345,
                51.0,
                0.15407807275447905,
                73333.1114609878,
                0.8833307717466679,
            ],
        ),
        (
            vec![0.9; 25],
            [
                -394984.3801556399,
                -0.7516968611904685,
                61.0,
                -1.0,
                33235.89666634017,
                1.2878512626205014,
            ],
        ),
        (
            fractions((5.0_f64.sqrt() - 1.0) / 2.0),
            [
                418931.9594899531,
                0.7512610190462841,
                37.0,
                0.4740331936787465,
                58111.61637564025,
                1.2686639162230346,
            ],
        ),
        (
            fractions(2.0_f64.sqrt()),
            [
                351783.2329381091,
                0.6694447429420579,
                36.0,
                0.49501741860012904,
                59496.91287527399,
                1.3668401941448831,
            ],
        ),
        (
            fractions(3.0_f64.sqrt()),
            [
                209193.2663635678,
                0.3884502777168165,
                41.0,
                0.34879942389494856,
                51161.098183946,
                1.170735067895611,
            ],
        ),
        (
            fractions(std::f64::consts::PI),
            [
                561223.5379904326,
                1.0244635740980057,
                35.0,
                0.5846309189300147,
                62343.95415059632,
                0.9886186992140906,
            ],
        ),
        (
            fails,
            [
                -553893.0208504992,
                -1.0000000000000004,
                61.0,
                -1.0,
                50525.7371371623,
                1.0510618727148484,
            ],
        ),
    ]
}

#[test]
fn eight_exact_vectors() {
    let model = model();
    assert_eq!(model.inputs().len(), 25);
    for (uniforms, expected) in vectors() {
        let outcomes = evaluate(&model, &uniforms);
        for (outcome, expected) in Outcome::ALL.into_iter().zip(expected) {
            let found = outcomes.outcome(outcome)[0];
            let tolerance = match outcome {
                Outcome::IrrAnnual => 1e-6,
                Outcome::PaybackMonth => 0.0,
                _ => 1e-9,
            };
            let error = (found - expected).abs() / expected.abs();
            assert!(error <= tolerance, "{outcome:?}: {found} is not {expected}");
        }
    }
}

/// Mean, sd, p5, p50 and p95, each with its standard error.
type Figures = [(f64, f64); 5];

const PUBLISHED: [(Outcome, Figures); 6] = [
    (
        Outcome::Npv,
        [
            (293590.947, 193.052),
            (272904.9878, 139.0),
            (-120893.3356, 283.0),
            (274563.475, 206.0),
            (773174.4854, 452.0),
        ],
    ),
    (
        Outcome::Roi,
        [
            (0.5295500597, 0.000347254),
            (0.4909006231, 0.000246),
            (-0.2197500554, 0.00054),
            (0.4970657815, 0.00034),
            (1.389605497, 0.00076),
        ],
    ),
    (
        Outcome::PaybackMonth,
        [
            (42.158401, 0.00627185),
            (8.871241481, 0.0037),
            (30.0, 0.0),
            (41.0, 0.0),
            (61.0, 0.0),
        ],
    ),
    (
        Outcome::IrrAnnual,
        [
            (0.363386126, 0.000174246),
            (0.2464571536, 0.000153),
            (-0.03584646689, 0.00037),
            (0.3684643979, 0.00017),
            (0.7522886265, 0.00034),
        ],
    ),
    (
        Outcome::FinalCustomers,
        [
            (55935.77019, 5.098),
            (7209.387831, 3.1),
            (44180.23132, 10.5),
            (55865.97768, 7.1),
            (67925.00609, 11.3),
        ],
    ),
    (
        Outcome::AcquisitionToMaintenance,
        [
            (1.088033238, 0.000153463),
            (0.2169903019, 0.000113),
            (0.7715242758, 0.000195),
            (1.066918524, 0.00018),
            (1.476730498, 0.00037),
        ],
    ),
];

fn assert_near(what: &str, found: f64, error: f64, (expected, known_error): (f64, f64)) {
    let combined = error.hypot(known_error);
    let distance = (found - expected).abs();
    assert!(
        distance <= 4.0 * combined,
        "{what}: {found} is {:.1} errors from {expected}",
        distance / combined
    );
}

fn assert_published(options: &RunOptions) {
    let model = model();
    let partial = run_blocks(&model, options, 0..options.blocks(), &Control::default()).unwrap();
    let result = &partial.clone().finish(&model).unwrap();
    for (outcome, [mean, sd, p5, p50, p95]) in PUBLISHED {
        let found = &result.outcomes[&outcome];
        let near = |what: &str, value, error, known| {
            assert_near(&format!("{outcome:?} {what}"), value, error, known);
        };
        // Paybacks and rates of return have no mean in a result; here it checks the engine.
        let values = partial.values(outcome);
        let n = values.len() as f64;
        let found_mean = values.iter().sum::<f64>() / n;
        let found_sd = (values.iter().map(|v| (v - found_mean).powi(2)).sum::<f64>() / n).sqrt();
        let error = found.mc_error.mean.unwrap_or(found_sd / n.sqrt());
        near("mean", found_mean, error, mean);
        // The standard error of an sd is at most that of the mean here.
        near("sd", found_sd, found_sd / n.sqrt(), sd);
        let level = |what: &str, level: Level, error: Option<f64>, known: (f64, f64)| {
            let never = level == Level::Never;
            let value = level.number().unwrap_or(if never { 61.0 } else { -1.0 });
            near(what, value, error.unwrap_or(0.0), known);
        };
        level("p5", found.p5, found.mc_error.p5, p5);
        level("p50", found.p50, found.mc_error.p50, p50);
        level("p95", found.p95, found.mc_error.p95, p95);
    }
    let shares = &result.probabilities;
    for (what, found, known) in [
        (
            "npv_negative",
            shares.npv_negative,
            (0.136_093_0, 0.000_242),
        ),
        ("no_payback", shares.no_payback, (0.064_277, 0.000_173)),
        ("no_irr", shares.no_irr, (0.001_374, 0.000_026)),
        ("cvar5", result.cvar5, (-205_072.231, 283.0)),
    ] {
        assert_near(what, found.value, found.mc_error, known);
    }
}

#[test]
fn every_statistic_is_within_four_errors_with_random() {
    let options = RunOptions {
        trials: 200_000,
        seed: 7,
        ..RunOptions::default()
    };
    assert_published(&options);
}

#[test]
fn every_statistic_is_within_four_errors_with_sobol() {
    let sampling = keepworth_sim::Sampling::Sobol;
    let options = RunOptions {
        trials: 1 << 16,
        seed: 7,
        sampling,
        ..RunOptions::default()
    };
    assert_published(&options);
}

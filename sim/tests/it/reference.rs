//! The reference problem: an ordinary scenario file against an independent program's figures.
//!
//! Source of the figures: the problem's NumPy program, two runs of 1,000,000 trials; eight exact
//! vectors from the same program.

use keepworth_sim::{
    Columns, Control, Evaluator, Model, Outcome, RunOptions, RunResult, Scenario, run,
};

const SCENARIO: &str = include_str!("../../../examples/reference/scenario.toml");

fn model() -> Model {
    Scenario::from_toml(SCENARIO)
        .unwrap()
        .resolve(None)
        .unwrap()
}

/// The problem numbers its inputs; the engine names them.
fn names() -> Vec<String> {
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

#[test]
fn eight_exact_vectors() {
    let mut fails = vec![0.5; 25];
    fails[18..24].fill(0.99);
    let vectors = [
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
    ];
    let model = model();
    assert_eq!(model.inputs().len(), 25);
    for (uniforms, expected) in vectors {
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

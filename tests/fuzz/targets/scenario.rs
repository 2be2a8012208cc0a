//! Any text is a scenario or a typed error; any valid scenario runs without a panic or a NaN.
#![no_main]

use keepworth_sim::{Control, RunOptions, Scenario, run};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(scenario) = Scenario::from_toml(text) else {
        return;
    };
    let Ok(model) = scenario.resolve(None) else {
        return;
    };
    if scenario.horizon_months > 60 {
        return;
    }
    let options = RunOptions {
        trials: 64,
        threads: Some(1),
        ..RunOptions::default()
    };
    if let Ok(result) = run(&model, &options, &Control::default()) {
        for (name, statistics) in &result.outcomes {
            assert!(statistics.mean.is_none_or(|mean| !mean.is_nan()), "{name:?} is NaN without a cause");
        }
    }
});

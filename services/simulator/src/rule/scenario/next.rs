//! The next cycle's scenario: the text of what was approved, with what months have told of its effects in the place of what
//! was believed before.

use keepworth_contract::simulator::{
    Belief, CarriedInput, Learnt, LeftInput, UpdatedEffect, UpdatedSuccess, WhatIfChange,
};
use keepworth_sim::Scenario;
use keepworth_sim::inputs::{Distribution, Grade, GradePolicy};
use keepworth_sim::scenario::Quantity;
use keepworth_verdict::number::percent;
use keepworth_verdict::place::{Step, places};
use toml::Table;

use super::amend::amend;

/// A text that begins with what was learnt.
#[derive(Debug)]
pub(crate) struct Next {
    pub(crate) text: String,
    pub(crate) carried: Vec<CarriedInput>,
    pub(crate) left: Vec<LeftInput>,
}

/// Why there is no next text.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Untold {
    /// It is no scenario of today's.
    #[error("the approved text is not read any more: {0}")]
    Text(String),
    /// Nothing of it was learnt.
    #[error("none of its effects can be carried over: {0}")]
    Nothing(String),
}

/// What an input becomes, and what was believed of it before and is now.
struct Told<'a> {
    input: &'a str,
    changes: Result<Vec<WhatIfChange>, &'static str>,
    prior: Option<Belief>,
    posterior: Option<Belief>,
}

/// Writes what was learnt into the text that was approved; `source` names where it comes from, for the notes.
pub(crate) fn next(text: &str, learnt: &Learnt, source: &str) -> Result<Next, Untold> {
    let unread = |error: &dyn std::fmt::Display| Untold::Text(error.to_string());
    let scenario = Scenario::from_toml(text).map_err(|error| unread(&error))?;
    let table: Table = text.parse().map_err(|error| unread(&error))?;
    let policy = GradePolicy::with_changes(scenario.grade_changes.clone());
    let approved = Approved {
        policy: policy.map_err(|error| unread(&error))?,
        scenario: &scenario,
        table: &table,
        source,
    };
    let effects = learnt.effects.iter().map(|it| Told {
        input: &it.effect,
        changes: approved.effect(it),
        prior: it.prior,
        posterior: it.posterior,
    });
    let successes = learnt.successes.iter().map(|it| Told {
        input: &it.input,
        changes: approved.success(it),
        prior: None,
        posterior: None,
    });
    written(text, learnt, &Vec::from_iter(effects.chain(successes)))
}

/// Makes all changes at once, and tells each input's and what was left.
fn written(text: &str, learnt: &Learnt, told: &[Told<'_>]) -> Result<Next, Untold> {
    let left = left(learnt, told);
    let changes: Vec<_> = told
        .iter()
        .flat_map(|it| it.changes.iter().flatten().cloned())
        .collect();
    if changes.is_empty() {
        return Err(nothing(told));
    }
    let amended = amend(text, &changes).map_err(|faults| {
        let reasons = faults.into_iter().map(|it| it.reason);
        Untold::Text(Vec::from_iter(reasons).join("; "))
    })?;
    let mut made = amended.changes.into_iter();
    let carried = told.iter().filter_map(|it| {
        let changes = it.changes.as_ref().ok()?;
        Some(CarriedInput {
            input: it.input.to_owned(),
            changes: made.by_ref().take(changes.len()).collect(),
            prior: it.prior,
            posterior: it.posterior,
        })
    });
    let carried = carried.collect();
    Ok(Next {
        text: amended.text,
        carried,
        left,
    })
}

fn nothing(told: &[Told<'_>]) -> Untold {
    if told.is_empty() {
        let why = "they are certain, or were tracked by a release that did not tell what they do; track again";
        return Untold::Nothing(why.to_owned());
    }
    let refused = told
        .iter()
        .filter_map(|it| Some((it.input, it.changes.as_ref().err()?)));
    let whys = refused.map(|(input, why)| format!("{input}: {why}"));
    Untold::Nothing(Vec::from_iter(whys).join("; "))
}

/// What is as it was, with the reason; what makes an effect is told with it.
fn left(learnt: &Learnt, told: &[Told<'_>]) -> Vec<LeftInput> {
    let left = |input: &str, why: &str| LeftInput {
        input: input.to_owned(),
        why: why.to_owned(),
    };
    let refused = told
        .iter()
        .filter_map(|it| Some(left(it.input, it.changes.as_ref().err()?)));
    let is_told = |input: &str| {
        let makes_effect = learnt
            .effects
            .iter()
            .any(|it| it.inputs.iter().any(|of| of == input));
        makes_effect || told.iter().any(|it| it.input == input)
    };
    let others = learnt.inputs.iter().filter(|it| !is_told(&it.input));
    refused
        .chain(others.map(|it| left(&it.input, OTHERS)))
        .collect()
}

/// Why nothing but effects and whether initiatives work is carried over.
const OTHERS: &str = "only what an initiative does is carried over; what it costs is in the books (`keepworth programme money`)";
const NOWHERE: &str = "the approved text does not have it";

/// What was approved.
struct Approved<'a> {
    policy: GradePolicy,
    scenario: &'a Scenario,
    table: &'a Table,
    source: &'a str,
}

impl Approved<'_> {
    /// The changes that let an effect be drawn as it is believed now, or why there are none.
    fn effect(&self, learnt: &UpdatedEffect) -> Result<Vec<WhatIfChange>, &'static str> {
        let posterior = learnt.posterior.ok_or(
            "it is not told alone: its initiative works in too few futures, or another has a say in whether it does",
        )?;
        let initiative = self.place_of(&learnt.initiative)?;
        let place = learnt.place as usize;
        let effects = &self.scenario.initiatives[initiative].effects;
        let written = effects.get(place).ok_or(NOWHERE)?;
        if written.evidence.is_some() || written.through.is_some() {
            return Err("its size is that of the library of evidence or of a link, and follows it");
        }
        let parts = [&written.size, &written.causal_share];
        let is_shared = |it: &Quantity| matches!(it, Quantity::Shared(_));
        if parts.into_iter().flatten().any(is_shared) {
            return Err("it is made of a named input, which others may share; change that");
        }
        let path = self.path(initiative, Some(place))?;
        let factor = self
            .policy
            .rule(written.grade.unwrap_or(Grade::D))
            .sd_factor;
        let low = if learnt.may_harm { -1.0 } else { 0.0 };
        let size =
            drawn(&posterior, low, factor).ok_or("no smooth distribution has its quantiles")?;
        let set = |key: &str, value: String| WhatIfChange {
            path: format!("{path}.{key}"),
            value: Some(value),
        };
        Ok(vec![
            set("size", size),
            set("causal_share", "1.0".to_owned()),
            set(
                "note",
                toml::Value::String(self.note(&posterior, factor)).to_string(),
            ),
        ])
    }

    fn note(&self, posterior: &Belief, factor: f64) -> String {
        let [low, middle, high] =
            [posterior.p10, posterior.p50, posterior.p90].map(|it| percent(it, 1));
        let narrower = if factor > 1.0 {
            "; the size is written narrower by what its grade widens it"
        } else {
            ""
        };
        format!(
            "{}: {low} to {high} in 80 of 100 futures, {middle} in the middle, size and causal share together{narrower}",
            self.source
        )
    }

    /// The change that lets an initiative work as often as is believed now.
    fn success(&self, learnt: &UpdatedSuccess) -> Result<Vec<WhatIfChange>, &'static str> {
        let initiative = self.place_of(&learnt.initiative)?;
        if self.scenario.initiatives[initiative].readiness.is_some() {
            return Err("its readiness has a say in it; score that anew");
        }
        let path = self.path(initiative, None)?;
        // That it fails in none of 2,048 futures does not make it certain.
        let chance = learnt.posterior.clamp(0.001, 0.999);
        Ok(vec![WhatIfChange {
            path: format!("{path}.success_probability"),
            value: Some(format!("{chance:.3}")),
        }])
    }

    fn place_of(&self, initiative: &str) -> Result<usize, &'static str> {
        let mut all = self.scenario.initiatives.iter();
        all.position(|it| it.name == initiative).ok_or(NOWHERE)
    }

    /// The path of an initiative or of its effect, as people read it.
    fn path(&self, initiative: usize, effect: Option<usize>) -> Result<String, &'static str> {
        let mut steps = vec![Step::Key("initiatives".to_owned()), Step::Item(initiative)];
        if let Some(place) = effect {
            steps.extend([Step::Key("effects".to_owned()), Step::Item(place)]);
        }
        let mut all = places(self.table).into_iter();
        all.find(|it| it.steps == steps)
            .map(|it| it.path)
            .ok_or(NOWHERE)
    }
}

/// A size that is drawn with the quantiles of what is believed once its grade has widened it about its mean: both ends of a
/// metalog move with its quantiles, so that narrowed by as much it is the same but for its scale.
fn drawn(belief: &Belief, low: f64, factor: f64) -> Option<String> {
    let through = |quantiles: [[f64; 2]; 3], low, high| Distribution::Metalog {
        quantiles: quantiles.to_vec(),
        low: Some(low),
        high: Some(high),
    };
    let quantiles = [[0.1, belief.p10], [0.5, belief.p50], [0.9, belief.p90]];
    let believed = through(quantiles, low, 1.0);
    believed.validate().ok()?;
    let mean = believed.mean();
    let narrowed = |value: f64| mean + (value - mean) / factor;
    let written = quantiles.map(|[level, value]| [level, narrowed(value)]);
    let written = through(written, narrowed(low), narrowed(1.0));
    written.validate().ok()?;
    toml::Value::try_from(&written)
        .ok()
        .map(|it| it.to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TEXT: &str = r#"
        name = "Call backs"
        horizon_months = 24
        discount_rate = 0.1
        [inputs.shorter]
        distribution = { uniform = [0.1, 0.2] }
        unit = "share"
        [[initiatives]]
        name = "Call back"
        reach = { home = 1.0 }
        success_probability = 0.7
        effects = [
            { on = "hazard", size = "10% to 60%", grade = "D" },
            { on = "contacts", evidence = "pilot-7" },
            { on = "minutes", size = { input = "shorter" } },
        ]
        [[initiatives]]
        name = "Portal"
        reach = { home = 1.0 }
        success_probability = 0.7
        readiness = { people = 3, process = 3, politics = 4, evidence = "an audit" }
        effects = [{ on = "hazard", size = 0.1, grade = "A" }]
    "#;

    fn belief(p10: f64, p50: f64, p90: f64) -> Belief {
        Belief {
            mean: p50,
            p10,
            p50,
            p90,
        }
    }

    fn effect(
        initiative: &str,
        lever: &str,
        place: u32,
        posterior: Option<Belief>,
    ) -> UpdatedEffect {
        let name = format!("initiatives.{initiative}.{lever}");
        UpdatedEffect {
            effect: name.clone(),
            initiative: initiative.to_owned(),
            place,
            inputs: vec![name],
            may_harm: false,
            prior: posterior,
            posterior,
        }
    }

    fn learnt(effects: Vec<UpdatedEffect>) -> Learnt {
        let success = |initiative: &str| json!({"initiative": initiative, "input": format!("initiatives.{initiative}.success"), "prior": 0.7, "posterior": 0.912});
        let nothing = json!({"mean": 0.0, "p10": 0.0, "p50": 0.0, "p90": 0.0});
        let mut learnt: Learnt = serde_json::from_value(json!({
            "futures": 2048, "different_futures": 2048, "inputs": [], "effects": [],
            "successes": [success("Call back"), success("Portal")],
            "npv_prior": nothing, "npv_posterior": nothing, "loss_prior": 0.5, "loss_posterior": 0.5,
        }))
        .unwrap();
        learnt.effects = effects;
        learnt
    }

    /// Grade D draws a size twice as far from its mean as it is written: what is drawn is what is believed.
    #[test]
    fn what_is_drawn_is_what_is_believed() {
        for believed in [
            belief(0.02, 0.09, 0.28),
            belief(0.3, 0.4, 0.5),
            belief(0.001, 0.01, 0.2),
        ] {
            let found = next(
                TEXT,
                &learnt(vec![effect("Call back", "hazard", 0, Some(believed))]),
                "believed",
            )
            .unwrap();
            let scenario = Scenario::from_toml(&found.text).unwrap();
            let written = &scenario.initiatives[0].effects[0];
            assert_eq!(written.grade, Some(Grade::D));
            let size = serde_json::to_value(written.size.as_ref().unwrap()).unwrap();
            let size: Distribution = serde_json::from_value(size).unwrap();
            let mean = size.mean();
            for (level, expected) in [
                (0.1, believed.p10),
                (0.5, believed.p50),
                (0.9, believed.p90),
            ] {
                let drawn = mean + 2.0 * (size.quantile(level) - mean);
                assert!(
                    (drawn - expected).abs() < 1e-6,
                    "{level}: {drawn}, not {expected}"
                );
            }
            let [low, high] =
                [1e-6, 1.0 - 1e-6].map(|level| mean + 2.0 * (size.quantile(level) - mean));
            assert!(low > -1e-9 && high < 1.0 + 1e-9, "{low} to {high}");
            assert_eq!(
                scenario.initiatives[0]
                    .success_probability
                    .as_ref()
                    .map(|it| serde_json::to_value(it).unwrap()),
                Some(json!(0.912))
            );
        }
    }

    #[test]
    fn what_is_left_says_why() {
        let believed = Some(belief(0.02, 0.09, 0.28));
        let effects = vec![
            effect("Call back", "hazard", 0, None),
            effect("Call back", "contacts", 1, believed),
            effect("Call back", "minutes", 2, believed),
        ];
        let found = next(TEXT, &learnt(effects), "believed").unwrap();
        let carried = Vec::from_iter(found.carried.iter().map(|it| it.input.as_str()));
        assert_eq!(carried, ["initiatives.Call back.success"]);
        let whys = Vec::from_iter(found.left.iter().map(|it| it.why.as_str()));
        let expected = [
            "not told alone",
            "library of evidence",
            "others may share",
            "readiness",
        ];
        assert_eq!(whys.len(), expected.len(), "{whys:?}");
        for (why, expected) in whys.iter().zip(expected) {
            assert!(why.contains(expected), "{why}");
        }
        let mut nothing = learnt(vec![effect("Call back", "contacts", 1, believed)]);
        nothing.successes.clear();
        let why = next(TEXT, &nothing, "believed").unwrap_err().to_string();
        assert!(
            why.contains("none of its effects") && why.contains("library"),
            "{why}"
        );
    }
}

//! What the engine believes of an effect's size, by the grade of its evidence.

use super::builder::Builder;
use crate::flag::{Flag, FlagCode};
use crate::inputs::{Distribution, Grade, GradeRule};
use crate::scenario::{self, Quantity};

/// A size as it is believed.
pub(super) struct Believed {
    pub(super) size: Quantity,
    /// What its evidence is.
    grade: Grade,
    /// Mean around which a grade spreads the size, and by how much.
    pub(super) spread: Option<(f64, f64)>,
    pub(super) mean: f64,
    /// Whether a bare number was given a spread of its own.
    pub(super) is_bare: bool,
    /// Share of futures in which it is above 100%, and is cut there.
    pub(super) cut: f64,
    /// Whether it can be negative.
    pub(super) may_harm: bool,
}

impl Believed {
    /// Reads a written size by its grade's rule.
    pub(super) fn new(
        written: &Quantity,
        grade: Grade,
        rule: &GradeRule,
        builder: &Builder,
    ) -> Self {
        let mean = builder.mean(written);
        let certain = builder.certain(written);
        let is_bare = certain.is_some_and(|size| size != 0.0) && rule.bare_sd > 0.0;
        let size = if is_bare {
            let sd = rule.bare_sd * mean.abs();
            Quantity::Own(Distribution::Normal { mean, sd })
        } else {
            written.clone()
        };
        let widened = certain.is_none() && rule.sd_factor != 1.0;
        let spread = widened.then_some((mean, rule.sd_factor));
        let widen =
            |value: f64| spread.map_or(value, |(mean, factor)| mean + factor * (value - mean));
        let [low, high] = builder.support(&size).map(widen);
        let cut = if high > 1.0 {
            share_where(|u| widen(builder.quantile(&size, u)) > 1.0)
        } else {
            0.0
        };
        Self {
            size,
            grade,
            spread,
            mean,
            is_bare,
            cut,
            may_harm: low < 0.0,
        }
    }

    /// Whether its mean is harm, which no causal share makes cheaper.
    pub(super) fn harms(&self) -> bool {
        self.mean < 0.0
    }

    /// What a reader must know of an effect that is believed like this.
    pub(super) fn flags(
        &self,
        initiative: &str,
        lever: &str,
        effect: &scenario::Effect,
        rule: &GradeRule,
    ) -> Vec<Flag> {
        let mut flags = Vec::new();
        let mut add = |code, detail| flags.push(Flag::new(code, initiative, detail));
        if self.grade != Grade::A {
            let detail = format!(
                "{initiative}: {lever} effect of grade {:?}: {}{}",
                self.grade,
                evidence(self.grade),
                self.discount(effect, rule)
            );
            add(FlagCode::WeakEffect, detail);
        }
        if self.is_bare {
            let detail = format!(
                "{initiative}: {lever} effect of {} is a number without an interval: read as 5 in \
                 100 below 0% and 5 in 100 above {}; give it an interval",
                percent(self.mean),
                percent(2.0 * self.mean)
            );
            add(FlagCode::NoInterval, detail);
        }
        if self.cut >= SELDOM {
            let detail = format!(
                "{initiative}: {lever} effect above 100% in {} of futures is cut at 100%",
                percent(self.cut)
            );
            add(FlagCode::CutAtAll, detail);
        }
        flags
    }

    fn discount(&self, effect: &scenario::Effect, rule: &GradeRule) -> &'static str {
        match (&effect.causal_share, self.harms()) {
            (Some(_), true) => "; it harms, so its causal share is not used",
            (None, true) => "; it harms, so that all of it counts",
            (Some(_), false) => "; its causal share is the scenario's",
            (None, false) if rule.causal_share == Distribution::Fixed(1.0) => "",
            (None, false) => "; its causal share is drawn by the grade's rule",
        }
    }
}

/// Share of futures below which a cut moves no figure that is printed.
const SELDOM: f64 = 1e-4;

/// What a grade means.
pub(super) fn evidence(grade: Grade) -> &'static str {
    match grade {
        Grade::A => "randomised pilot",
        Grade::B => "controlled before-after comparison",
        Grade::C => "observational link, not a proven cause",
        Grade::D => "assumption",
    }
}

/// A share in percent, to two figures.
pub(super) fn percent(share: f64) -> String {
    let percent = 100.0 * share;
    if share > 0.0 && percent < 0.05 {
        return "less than 0.1%".to_owned();
    }
    if percent.abs() >= 10.0 || percent == percent.round() {
        format!("{percent:.0}%")
    } else {
        format!("{percent:.1}%")
    }
}

/// Share of the uniforms, from the top, for which something holds; it holds above one of them.
fn share_where(holds: impl Fn(f64) -> bool) -> f64 {
    let (mut below, mut above) = (0.0, 1.0);
    for _ in 0..40 {
        let middle = 0.5 * (below + above);
        if holds(middle) {
            above = middle;
        } else {
            below = middle;
        }
    }
    1.0 - above
}

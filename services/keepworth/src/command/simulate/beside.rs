//! What stands beside a verdict: beyond the horizon, at other horizons, gates, stopping rules.

use std::fmt::Write;

use keepworth_sim::{Beside, Money, RunResult};

use super::wording::{chance, within_error};
use crate::present::number::{Unit, whole};
use crate::present::{Cell, Sheet, row};

/// The section of the report.
pub(super) fn beside(result: &RunResult, unit: Unit, currency: &str) -> String {
    let section = Section {
        beside: &result.beside,
        unit,
        currency,
    };
    let mut text = section.horizons();
    text += &section.beyond();
    for gate in &section.beside.gates {
        let _ = writeln!(
            text,
            "{} follows {} in {} futures (a reading errs by {:.1} points); being able to stop is \
             worth {} on average (± {}).",
            gate.initiative,
            gate.pilot,
            chance(gate.rolled_out.value, section.beside.futures),
            100.0 * gate.reading_sd,
            section.money(gate.option_value.value, gate.option_value.mc_error),
            section.error(gate.option_value.mc_error),
        );
    }
    for stop in &section.beside.stops {
        let _ = writeln!(
            text,
            "{} is given up after month {} in {} futures (a reading errs by {:.1} points); that is worth {} on \
             average (± {}), beside spending to its end.",
            stop.initiative,
            stop.last_month,
            chance(stop.given_up.value, section.beside.futures),
            100.0 * stop.reading_sd,
            section.money(stop.option_value.value, stop.option_value.mc_error),
            section.error(stop.option_value.mc_error),
        );
    }
    text
}

struct Section<'a> {
    beside: &'a Beside,
    unit: Unit,
    currency: &'a str,
}

impl Section<'_> {
    fn money(&self, amount: f64, error: f64) -> String {
        self.unit.money(within_error(amount, error), self.currency)
    }

    fn cell(&self, amount: f64, error: f64) -> Cell {
        Cell::Figure(amount, self.money(amount, error))
    }

    fn error(&self, error: f64) -> String {
        Unit::of(error).money(error, self.currency)
    }

    fn horizons(&self) -> String {
        let columns = "judged after | 5 in 100 below | median | 5 in 100 above | mean | ± error | loses money";
        let title = format!(
            "At other horizons, net present value of the first {} futures",
            whole(self.beside.futures as f64)
        );
        let mut sheet = Sheet::new(title, columns);
        for at in &self.beside.horizons {
            let Money { mean, p5, p50, p95 } = at.npv;
            let shown = |amount: f64| self.cell(amount, mean.mc_error);
            row![sheet => format!("{} months", at.months), shown(p5), shown(p50), shown(p95),
                shown(mean.value), Cell::Figure(mean.mc_error, self.error(mean.mc_error)),
                Cell::Figure(at.loses.value, chance(at.loses.value, self.beside.futures))];
        }
        sheet.to_string()
    }

    fn beyond(&self) -> String {
        let Some(run_off) = &self.beside.run_off else {
            return "Beyond the horizon: not told, because the discount rate can be 0 or less.\n"
                .to_owned();
        };
        let Money { mean, p5, p95, .. } = run_off;
        format!(
            "Beyond the horizon the customers of both worlds live on, nobody enters, and what is paid \
             monthly ends with its effect: worth {} on average (± {}), 90 in 100 between {} and {}. \
             It counts above only where the scenario asks for it (terminal_value).\n",
            self.money(mean.value, mean.mc_error),
            self.error(mean.mc_error),
            self.money(*p5, mean.mc_error),
            self.money(*p95, mean.mc_error),
        )
    }
}

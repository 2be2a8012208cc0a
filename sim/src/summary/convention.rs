//! What the figures of a result mean, in words.

use std::collections::BTreeMap;

use crate::model::{Course, Model, MoneyCalendar, Term};
use crate::scenario::{Demography, Losses, Timing};

pub(super) fn conventions(model: &Model, quantiles: &str) -> BTreeMap<String, String> {
    let timing = match model.timing {
        Timing::End => {
            "flows fall at the month's end; annual rates become monthly ones by (1+r)^(1/12) - 1"
        }
        Timing::Mid => "flows fall in the month's middle; month 0 is not discounted",
        Timing::Tei => "annual columns (TEI): month 0 undiscounted, year k discounted by (1+r)^k",
    };
    let never = model.horizon + 1;
    let mut words = BTreeMap::new();
    let mut say = |key: &str, text: String| words.insert(key.to_owned(), text);
    say("currency", model.currency.clone());
    say(
        "horizon",
        format!("{} months from the decision date", model.horizon),
    );
    say("timing", timing.to_owned());
    say(
        "sign",
        "each figure is the programme's world minus the baseline's, trial by trial".to_owned(),
    );
    say(
        "payback",
        format!(
            "counted from now: the last month in which the cumulative flow, undiscounted or discounted, turns from negative to non-negative, and interpolated within it; never where it is negative at the horizon, nothing to pay back where it never is; where a number is needed these count as {never} and 0"
        ),
    );
    say("irr", "from month-end flows, above -93% a year; none or several are reported as shares; rates of return are never averaged".to_owned());
    say(
        "clv",
        "what a customer won brings as things are, after serving it and before the cost of winning it, within the horizon's months, discounted to when it was won".to_owned(),
    );
    say(
        "roi",
        "NPV over the present value of the programme's cost before tax".to_owned(),
    );
    let losses = match model.losses {
        Losses::RelievedAtOnce => "losses relieved at once",
        Losses::CarriedForward => {
            "losses taken off what the programme earns in later years, and lost at the horizon"
        }
    };
    say(
        "tax",
        format!(
            "rate {} on the difference, capital expenditure depreciated over {} months, {losses}",
            model.tax_rate, model.depreciation_months
        ),
    );
    for it in &model.currencies {
        say(&it.key(), it.to_string());
    }
    if model.receivables.is_some() {
        say(
            "receivables",
            "what customers owe more than as things are is money out, and comes back at the horizon".to_owned(),
        );
    }
    if !model.seats.is_empty() {
        say(
            "seats",
            "channels in pools save whole seats after notice, not minutes; other channels what is confirmed as avoidable"
                .to_owned(),
        );
    }
    if let Some(money) = &model.money {
        say("money", self::money(money).to_owned());
        for (what, course) in [("contacts", &money.contacts), ("revenue", &money.revenue)] {
            if course.moves() {
                say(what, moves(&format!("{what} per customer"), course));
            }
        }
    }
    say("quantiles", quantiles.to_owned());
    say(
        "monthly",
        format!(
            "bands of the first {} trials at most",
            crate::trials::MONTHLY_TRIALS
        ),
    );
    say(
        "demography",
        match model.demography {
            Demography::Expected => "expected customers".to_owned(),
            Demography::Binomial => "losses drawn customer by customer".to_owned(),
        },
    );
    if let Some(outlook) = &model.outlook {
        say("leaving", moves("hazards", &outlook.course()));
    }
    words
}

/// In which money results are.
fn money(money: &MoneyCalendar) -> &'static str {
    match (money.is_real, money.moves_costs()) {
        (true, _) => {
            "real: of month 0, deflated by the prices that the company pays; the discount rate is a real one, and CLV is \
             at the figures of month 0"
        }
        (false, true) => {
            "nominal: of the month in which it flows; the discount rate is a nominal one, and CLV is at the figures of \
             month 0"
        }
        (false, false) => "of the month in which it flows; CLV is at the figures of month 0",
    }
}

/// How something changes with the calendar.
fn moves(what: &str, course: &Course) -> String {
    let level = match course.is_recorded {
        true => "from where the baseline's records end, whose mean they are",
        false => "from the level given",
    };
    let season = match course.is_seasonal() {
        false => "no season",
        true => "a season",
    };
    let trend = match (course.trend, course.damping) {
        (Term::Fixed(0.0), _) => "no trend".to_owned(),
        (_, Term::Fixed(1.0)) => "a trend that goes on".to_owned(),
        (_, Term::Fixed(left)) => {
            format!("a trend of whose growth a share of {left} is left from month to month")
        }
        (_, Term::Input { .. }) => {
            "a trend that flattens out by an uncertain share a month".to_owned()
        }
    };
    format!("{what} change with the calendar in both worlds, {level}: {trend}, {season}")
}

//! Pilots in tables and words.

use keepworth_contract::Word;
use keepworth_contract::simulator::{
    BalancedThing, EvidenceLever, Pilot, PilotReading, PreTrendWord, RegressionCheck,
    SampleRatioWord,
};

use crate::command::finance::add_rates;
use crate::present::number::{percent, places};
use crate::present::{Cell, Sheet, row};

/// The pilots.
pub(super) fn list(pilots: Vec<Pilot>) -> Sheet {
    let header = "key | on | from | to | control | treated | power | title";
    let mut sheet = Sheet::new("Pilots", header)
        .when_empty("No pilot: `keepworth pilot start` hands over the arms of one.");
    for it in pilots {
        row![sheet =>
            it.key, outcome(it.outcome), it.starts_on, it.ends_on, it.control, it.treated,
            Cell::percent(it.power.always_valid, 0), it.title,
        ];
    }
    sheet
}

/// One pilot with its power.
pub(super) fn pilot(it: &Pilot) -> Sheet {
    let title = format!(
        "{}: {} ({} to {})",
        it.key, it.title, it.starts_on, it.ends_on
    );
    let mut sheet = Sheet::new(title, "what | figure");
    if let Some(months) = it.months_before {
        row![sheet => "months before the start that are compared", months];
    }
    if it.waves.is_empty() {
        row![sheet => "customers left alone", it.control];
        row![sheet => "customers treated", it.treated];
    }
    for wave in &it.waves {
        let name = match wave.starts_on {
            Some(day) => format!("customers treated from {day} on"),
            None => "customers never treated".to_owned(),
        };
        row![sheet => name, wave.customers];
    }
    if let Some(rule) = &it.assign {
        sheet.note(format!(
            "Lots drawn by the seed `{}` in {}: `keepworth pilot arms` lists them.",
            rule.seed,
            rule.segments.join(", ")
        ));
    }
    let change = if it.outcome.is_to_rise() {
        "rise"
    } else {
        "fall"
    };
    let size = percent(it.smallest_effect, 1);
    let power = |share| Cell::percent(share, 0);
    row![sheet => format!("finds a {change} of {size}, looked at at any time"), power(it.power.always_valid)];
    row![sheet => "the same by one look at the end", power(it.power.single_look)];
    row![sheet => "false alarms of that interval, looked at every time", power(it.power.false_alarms_of_single_look)];
    let findable = it.power.findable_effect;
    row![sheet => format!("smallest {change} that is found in 80 of 100 cases"), findable.map_or(Cell::Nothing, |fall| Cell::percent(fall, 1))];
    for flag in &it.quality_flags {
        sheet.note(format!("Note: {flag}."));
    }
    sheet
}

/// A look at a pilot: whether it may be read, before what it says.
pub(super) fn reading(it: &PilotReading) -> Vec<Sheet> {
    let question = match it.sample_ratio {
        Some(_) => "were lots drawn as planned?",
        None => "did both sides go the same way before?",
    };
    let title = format!("{} as of {}: {question}", it.pilot_key, it.as_of);
    let mut checks = Sheet::new(title, "check | found | p");
    if let Some(ratio) = it.sample_ratio {
        row![checks => "sizes of the arms", sizes(ratio.verdict), Cell::places(ratio.p, 4)];
    }
    if let Some(trend) = it.pre_trend {
        let p = trend.p.map_or(Cell::Nothing, |p| Cell::places(p, 4));
        row![checks => "ways before the start", ways(trend.verdict), p];
        if let Some(bias) = trend.undetected_bias {
            checks.note(format!(
                "A difference of ways that would put the effect off by {} would be missed in one case of five.",
                places(bias, 4)
            ));
        }
    }
    for balance in &it.balances {
        let thing = match balance.thing {
            BalancedThing::Tenure => "days as customers",
            BalancedThing::ContactsBefore => "contacts in three months before",
        };
        let apart = if balance.apart { "apart" } else { "alike" };
        let found = format!("{apart} ({} sd)", places(balance.difference, 2));
        row![checks => thing, found, Cell::places(balance.p, 4)];
    }
    let unit = unit(it);
    let columns = "arm | named | observed | months | outcomes | before | since";
    let mut arms = Sheet::new(format!("Arms, in {unit}"), columns);
    for (name, arm) in [("control", it.control), ("treated", it.treated)] {
        row![arms =>
            name, arm.named, arm.observed, Cell::places(arm.months, 1), arm.outcomes,
            arm.before.map_or(Cell::Nothing, |it| Cell::places(it, 4)), Cell::places(arm.mean.unwrap_or(arm.per_month), 4),
        ];
    }
    let of_effect = match it.lever_effect.map(|it| it.lever) {
        Some(EvidenceLever::Hazard) => "logarithm of the ratio of both rates",
        _ => &unit,
    };
    let title = format!("Effect, treated less control, in {of_effect}");
    let mut effect = Sheet::new(title, "read by | effect | 95% from | to");
    match &it.always_valid {
        Some(interval) => row![effect =>
            "the interval that may be looked at at any time", Cell::places(it.effect, 4),
            Cell::places(interval.low, 4), Cell::places(interval.high, 4),
        ],
        None => effect.note("Too little is in for an interval that may be looked at at any time."),
    }
    row![effect =>
        "one look at the end, shown beside it", Cell::places(it.effect, 4),
        Cell::places(it.single_look.low, 4), Cell::places(it.single_look.high, 4),
    ];
    effect.note(size(it));
    if let Some(picked) = &it.regression {
        effect.note(regressed(picked));
    }
    for reason in &it.reasons {
        effect.note(format!("  {}", reason.detail));
    }
    add_rates(&mut effect, &it.rates);
    vec![checks, arms, effect]
}

/// What is left of a rise of customers picked for bad scores.
fn regressed(it: &RegressionCheck) -> String {
    let points = |value| places(value, 2);
    let others = match it.unmatched {
        0 => String::new(),
        some => format!(" {some} more treated had nobody of their score to be compared with."),
    };
    format!(
        "{} treated rose by {} points, {} left alone who had scored the same by {}: what is left for the treatment is {} \
         (95% from {} to {}).{others}",
        it.treated,
        points(it.rise_of_treated),
        it.control,
        points(it.rise_of_control),
        points(it.effect),
        points(it.interval.low),
        points(it.interval.high)
    )
}

/// What the arms are compared in.
fn unit(it: &PilotReading) -> String {
    match it.lever_effect.map(|it| it.lever) {
        Some(EvidenceLever::Minutes) => "minutes per contact".to_owned(),
        Some(EvidenceLever::Contacts) => "contacts per customer-month".to_owned(),
        Some(EvidenceLever::Arpu) => {
            let currency = it.currency.map_or("money", |it| it.code());
            format!("{currency} per customer-month")
        }
        Some(_) => "leavers per customer-month".to_owned(),
        None => "points of the mean score".to_owned(),
    }
}

fn sizes(verdict: SampleRatioWord) -> &'static str {
    match verdict {
        SampleRatioWord::Held => "as planned",
        SampleRatioWord::Doubtful => "strange: find out how customers came into the arms first",
        SampleRatioWord::Mismatch => "no lots as planned: the effect below must not be believed",
    }
}

fn ways(verdict: PreTrendWord) -> &'static str {
    match verdict {
        PreTrendWord::Held => "nothing speaks against the same way",
        PreTrendWord::Broken => "different ways: the effect below is not the treatment's",
        PreTrendWord::Untestable => "too little before to tell",
    }
}

/// The effect as a scenario would have it, or as a share.
fn size(it: &PilotReading) -> String {
    let told = |mean, sd| format!("{} ± {} (sd)", percent(mean, 2), percent(sd, 2));
    let fall = it.relative_fall;
    match it.lever_effect {
        Some(effect) if effect.lever == EvidenceLever::Arpu => format!(
            "A relative {} of {}; evidence of grade {:?}.",
            if effect.mean < 0.0 { "fall" } else { "rise" },
            told(effect.mean.abs(), effect.sd),
            it.grade
        ),
        Some(_) => format!(
            "A relative {} of {}; evidence of grade {:?}.",
            if fall.mean < 0.0 { "rise" } else { "fall" },
            told(fall.mean.abs(), fall.sd),
            it.grade
        ),
        None => format!(
            "A relative {} of {}; no evidence, since a score pays nothing by itself.",
            if fall.mean > 0.0 { "fall" } else { "rise" },
            told(fall.mean.abs(), fall.sd)
        ),
    }
}

fn outcome(word: impl Word) -> String {
    word.name().to_lowercase()
}

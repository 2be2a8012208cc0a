//! A programme as the text of a scenario: everything that is on record of it, and nothing that is not.

use std::collections::BTreeSet;
use std::fmt::Write;

use keepworth_contract::finance::{Budget, ProgrammeLine, ProgrammeMoney};
use keepworth_contract::simulator::baseline::{Baseline, SegmentBaseline};
use keepworth_contract::simulator::{
    InitiativeReadiness, Programme, ProgrammeInitiative, ProgrammeMoneyReport,
};

use super::text::{comment, quoted};
use super::{TemplateError, segments};
use crate::budget::{Ahead, Stretch, ahead, month_of};

/// How far a scenario looks where the budget does not look further, in months.
const HORIZON: u32 = 36;

/// The text of a scenario of a programme on a baseline: who carries what, readiness, phases and segments as the programme
/// has them, costs as finance's newest budgets have them, month by month. Effects are for its writer to fill in.
///
/// # Errors
/// A segment that the baseline does not hold, or a baseline without any.
pub fn of_programme(
    programme: &Programme,
    money: &ProgrammeMoneyReport,
    baseline: &Baseline,
) -> Result<String, TemplateError> {
    let mut text = head(programme, money, baseline);
    let mut plans = money.items.iter().map(|it| plan(&it.money, baseline));
    let own = plans.next().unwrap_or_default();
    for (it, plan) in programme.statement.initiatives.iter().zip(plans) {
        text.push_str(&initiative(programme, it, &plan, baseline)?);
    }
    text.push_str(&shared(programme, &own));
    Ok(text)
}

/// What finance plans under a key.
#[derive(Default)]
struct Plan<'a> {
    /// The newest budget, and what of it lies ahead.
    budget: Option<(&'a Budget, Ahead)>,
    /// The budget's currency, where it is not the baseline's.
    currency: Option<String>,
}

impl Plan<'_> {
    fn stretches(&self) -> &[Stretch] {
        self.budget.as_ref().map_or(&[], |(_, it)| &it.stretches)
    }

    /// The month in which its money begins to be spent.
    fn start(&self) -> u32 {
        let firsts = self.stretches().iter().map(|it| it.first);
        firsts.min().unwrap_or(0)
    }
}

fn plan<'a>(money: &'a ProgrammeMoney, baseline: &Baseline) -> Plan<'a> {
    let budget = money.budget.as_ref();
    let currency = budget.map(|it| it.currency.to_string());
    Plan {
        budget: budget.map(|it| (it, ahead(it, baseline.as_of))),
        currency: currency.filter(|it| *it != baseline.currency),
    }
}

fn head(programme: &Programme, money: &ProgrammeMoneyReport, baseline: &Baseline) -> String {
    let statement = &programme.statement;
    let mut text = comment(&format!(
        "{}: the programme `{}`, version {}, on the baseline of {}. Month 0 is the month of that day.",
        statement.name, statement.key, programme.version, baseline.as_of
    ));
    text.push_str("#\n");
    text.push_str(&comment(
        "Costs are those of finance's newest budgets. What the programme changes is on no record: fill in what a pilot, a \
         link or the library of evidence says (keepworth evidence list), take away the # before it, and say the discount \
         rate. Until then the scenario is refused.",
    ));
    let budgets = money.items.iter().filter_map(|it| it.money.budget.as_ref());
    let months = budgets.flat_map(|it| it.lines.iter().map(|it| it.month));
    let last = months.filter_map(|it| month_of(baseline.as_of, it)).max();
    let _ = write!(
        text,
        "
name = {}
horizon_months = {:<13} # how far you look, 1 to 600 months
# discount_rate = RATE         # a year, such as finance uses it for decisions like this one
",
        quoted(&statement.name),
        last.unwrap_or(0).max(HORIZON),
    );
    text
}

fn initiative(
    programme: &Programme,
    it: &ProgrammeInitiative,
    plan: &Plan<'_>,
    baseline: &Baseline,
) -> Result<String, TemplateError> {
    let mut text = format!(
        "\n[[initiatives]]\nname = {}\nkey = {}\n",
        quoted(&it.name),
        quoted(it.key.as_str())
    );
    let sponsor = it.sponsor.as_ref().or(programme.statement.sponsor.as_ref());
    for (field, who) in [
        ("sponsor", sponsor),
        ("process_owner", it.process_owner.as_ref()),
    ] {
        let _ = match who {
            Some(who) => writeln!(text, "{field} = {}", quoted(who)),
            None => writeln!(text, "# {field} = \"NAME\""),
        };
    }
    if !it.phases.is_empty() {
        let phases = Vec::from_iter(it.phases.iter().map(|it| quoted(it)));
        let _ = writeln!(text, "phases = [{}]", phases.join(", "));
    }
    let _ = writeln!(text, "start_month = {}", plan.start());
    text.push_str("# The share of each segment that it reaches:\n");
    let reached = segments(baseline, &it.segments)?;
    let _ = writeln!(text, "reach = {{ {} }}", reach(&reached));
    if let Some(it) = &it.readiness {
        text.push_str(&readiness(it));
    }
    text.push_str(EFFECT);
    text.push_str(&costs(it.key.as_str(), plan));
    Ok(text)
}

const EFFECT: &str = "
# [[initiatives.effects]]
# on = \"LEVER\"                 # hazard, contacts, minutes, arpu, referrals, …
# evidence = \"KEY\"             # what the library says, or in its place:
# size = \"LOW to HIGH\"         # a 90% interval, as a fraction of what there is: \"4% to 13%\" is that much
# grade = \"A\"                  # how it is known, A to D; D, an assumption, when left out
";

fn reach(segments: &[&SegmentBaseline]) -> String {
    let shares = segments
        .iter()
        .map(|it| format!("{} = 1.0", quoted(&it.name)));
    Vec::from_iter(shares).join(", ")
}

fn readiness(it: &InitiativeReadiness) -> String {
    let parts = [
        ("people", &it.people),
        ("process", &it.process),
        ("politics", &it.politics),
    ];
    let scores = parts.map(|(part, it)| format!("{part} = {:?}", it.score));
    let evidence =
        parts.map(|(part, it)| format!("{part}: {} (seen on {})", it.evidence, it.seen_on));
    format!(
        "readiness = {{ {}, evidence = {} }}\n",
        scores.join(", "),
        quoted(&evidence.join("; "))
    )
}

/// What belongs to the programme, and to no initiative alone.
fn shared(programme: &Programme, plan: &Plan<'_>) -> String {
    if plan.stretches().is_empty() {
        return String::new();
    }
    let statement = &programme.statement;
    let names = BTreeSet::from_iter(statement.initiatives.iter().map(|it| it.name.as_str()));
    let mut name = format!("{}: what its initiatives share", statement.name);
    while names.contains(name.as_str()) {
        name.push('.');
    }
    let mut text = comment(
        "What the programme costs beside its initiatives. It changes nothing by itself, and is spent whatever they do.",
    );
    let _ = write!(
        text,
        "[[initiatives]]\nname = {}\nkey = {}\n",
        quoted(&name),
        quoted(statement.key.as_str())
    );
    if let Some(sponsor) = &statement.sponsor {
        let _ = writeln!(text, "sponsor = {}", quoted(sponsor));
    }
    let _ = writeln!(text, "start_month = {}", plan.start());
    text.push_str(&costs(statement.key.as_str(), plan));
    format!("\n{text}")
}

fn costs(key: &str, plan: &Plan<'_>) -> String {
    let Some((budget, ahead)) = &plan.budget else {
        let text = comment(&format!(
            "Finance has no budget under `{key}`. Have one written there (POST /finance/v1/programmes/KEY/budgets), or say \
             here what it costs: until then it costs nothing."
        ));
        return format!("\n{text}");
    };
    let mut text = String::new();
    if !ahead.over.is_zero() {
        let over = comment(&format!(
            "{} {} of budget v{} are of months that are over on the baseline's day: no decision of today changes them.",
            ahead.over, budget.currency, budget.version
        ));
        let _ = write!(text, "\n{over}");
    }
    for it in &ahead.negative {
        let back = comment(&format!(
            "Budget v{} takes back {} in {} ({}), which no cost line says: take it off another.",
            budget.version,
            it.amount,
            it.month,
            kind(it.line)
        ));
        let _ = write!(text, "\n{back}");
    }
    for it in &ahead.stretches {
        text.push_str(&cost(it, plan, budget));
    }
    text
}

fn cost(it: &Stretch, plan: &Plan<'_>, budget: &Budget) -> String {
    let note = format!("budget v{} from {}", budget.version, budget.effective_on);
    let mut text = format!(
        "\n[[initiatives.costs]]\ntype = \"{}\"\nnote = {}\namount = {}\n",
        kind(it.line),
        quoted(&note),
        it.amount
    );
    if let Some(currency) = &plan.currency {
        let _ = writeln!(text, "currency = {}", quoted(currency));
    }
    let recurrence = if it.months > 1 { "monthly" } else { "once" };
    let start = it.first - plan.start();
    let _ = writeln!(text, "recurrence = \"{recurrence}\"\nstart = {start}");
    if it.months > 1 {
        let _ = writeln!(text, "months = {}", it.months);
    }
    text
}

/// A kind of money as scenarios call it.
fn kind(line: ProgrammeLine) -> &'static str {
    match line {
        ProgrammeLine::People => "people",
        ProgrammeLine::Process => "process",
        ProgrammeLine::Politics => "politics",
        ProgrammeLine::Technology => "technology",
        ProgrammeLine::Training => "training",
        ProgrammeLine::Treatment => "treatment",
    }
}

//! What finance has of a programme's money.

use keepworth_contract::finance::{ProgrammeMoney, ProgrammeMoneyQuery};
use keepworth_contract::simulator::{
    InitiativeMoney, ProgrammeMoneyReport, SimulatorClient, UnassignedMoney,
};
use keepworth_contract::{Currency, Money};

use crate::Global;
use crate::command::asking::Asking;
use crate::command::finance::{add_rates, money, worded};
use crate::present::{Sheet, row};

/// Show what a programme may cost by finance's newest budgets, and what it did cost; without a key, what is in finance but
/// in no programme.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  keepworth programme money service-2027
  keepworth programme money                      budgets and costs that no programme names

A budget is written in finance, under the key of the programme or of an initiative, and costs are booked there:
  POST /finance/v1/programmes/KEY/budgets
  keepworth finance budgets KEY                  every version of one")]
pub(super) struct Args {
    /// The programme's key.
    key: Option<String>,
    /// The currency to report in where there is no budget, whose currency it is otherwise.
    #[arg(long)]
    currency: Option<Currency>,
    #[command(flatten)]
    asking: Asking,
}

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<()> {
        let query = ProgrammeMoneyQuery {
            currency: self.currency,
            ..ProgrammeMoneyQuery::default()
        };
        let Some(key) = self.key else {
            let ask = async |client: &SimulatorClient| client.load_unassigned_money(&query).await;
            return self.asking.show(global, ask, |it| vec![unassigned(&it)]);
        };
        let ask = async |client: &SimulatorClient| client.load_programme_money(&key, &query).await;
        self.asking
            .show(global, ask, |it| vec![in_all(&it), by_month(&it)])
    }
}

const HEADER: &str = "key | name | budget | planned | spent | over | currency";

fn in_all(report: &ProgrammeMoneyReport) -> Sheet {
    let title = format!(
        "Money of {}, version {}, as finance has it now",
        report.key, report.version
    );
    let mut sheet = Sheet::new(title, HEADER);
    for it in &report.items {
        add(&mut sheet, &it.name, &it.money);
    }
    let all = |sums: &[Money]| {
        let sums = Vec::from_iter(sums.iter().map(|it| money(*it)));
        if sums.is_empty() {
            "nothing".to_owned()
        } else {
            sums.join(" and ")
        }
    };
    sheet.note(format!(
        "Planned {}, spent {}. Over budget is positive.",
        all(&report.planned),
        all(&report.spent)
    ));
    let is_spent = |it: &InitiativeMoney| it.money.spent.is_some_and(|it| !it.amount.is_zero());
    for (index, it) in report.items.iter().enumerate() {
        // The first is the programme itself, which need have no money of its own.
        if it.money.budget.is_some() || index == 0 && !is_spent(it) {
            continue;
        }
        sheet.note(format!(
            "{} has no budget in finance under its key `{}`.",
            it.name, it.money.programme
        ));
    }
    for it in &report.items {
        without_line(&mut sheet, &it.money);
    }
    if !report.unassigned.is_empty() {
        let keys = Vec::from_iter(report.unassigned.iter().map(|it| format!("`{it}`")));
        sheet.note(format!(
            "In finance, but in no programme: {}; `keepworth programme money` shows how much.",
            keys.join(", ")
        ));
    }
    sheet
}

fn unassigned(all: &UnassignedMoney) -> Sheet {
    let mut sheet = Sheet::new("In finance, but in no programme", HEADER)
        .when_empty("Every budget and cost in finance is some programme's.");
    for it in &all.items {
        add(&mut sheet, "", it);
    }
    for it in &all.items {
        without_line(&mut sheet, it);
        add_rates(&mut sheet, &it.rates);
    }
    sheet
}

fn add(sheet: &mut Sheet, name: &str, it: &ProgrammeMoney) {
    let amount = |it: Option<Money>| it.map(|it| it.amount);
    let over = match (it.planned, it.spent) {
        (Some(planned), Some(spent)) => Some(spent.amount - planned.amount),
        _ => None,
    };
    let budget = it.budget.as_ref();
    let budget = budget.map(|it| format!("v{} from {}", it.version, it.effective_on));
    row![sheet =>
        it.programme.to_string(), name, budget.unwrap_or_default(), amount(it.planned), amount(it.spent), over,
        it.currency.map_or("", Currency::code),
    ];
}

fn without_line(sheet: &mut Sheet, it: &ProgrammeMoney) {
    let some = it.without_line.filter(|it| !it.amount.is_zero());
    if let Some(amount) = some {
        sheet.note(format!(
            "Of what was spent on `{}`, {} names no kind of money, and is in no month below.",
            it.programme,
            money(amount)
        ));
    }
}

fn by_month(report: &ProgrammeMoneyReport) -> Sheet {
    let header = "key | month | line | planned | spent | over | over so far | currency";
    let mut sheet = Sheet::new("By month and kind of money", header)
        .when_empty("Nothing is planned or spent on a kind of money.");
    for of in &report.items {
        for it in &of.money.items {
            row![sheet =>
                of.money.programme.to_string(), it.month, worded(it.line), it.planned.amount, it.spent.amount,
                it.spent.amount - it.planned.amount, it.cumulative_over.amount, it.planned.currency,
            ];
        }
        add_rates(&mut sheet, &of.money.rates);
    }
    sheet
}

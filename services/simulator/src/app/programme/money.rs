//! What finance has under a programme's keys: nothing of it is kept here, so that it is never out of date.

use std::collections::BTreeMap;

use keepworth_contract::finance::{Budget, FinanceClient, ProgrammeMoney, ProgrammeMoneyQuery};
use keepworth_contract::simulator::{
    InitiativeMoney, Programme, ProgrammeMoneyReport, UnassignedMoney,
};
use keepworth_contract::{Money, ProblemCode, ProgrammeKey};
use keepworth_intake::Failure;

use super::{load, owners};
use crate::{BuildError, Simulator};

/// What a programme may cost and did cost: its own, then that of each initiative.
///
/// # Errors
/// An unknown key; what finance answers.
pub async fn money(
    app: &Simulator,
    key: String,
    query: &ProgrammeMoneyQuery,
) -> Result<ProgrammeMoneyReport, Failure> {
    let programme = app.db().read(move |conn| load(conn, &key, None)).await?;
    let finance = FinanceClient::over(app.sources().finance.clone());
    let mut items = Vec::new();
    for (key, name) in named(&programme) {
        let money = ask(&finance, key, query).await?;
        let name = name.to_owned();
        items.push(InitiativeMoney { name, money });
    }
    let all = |of: fn(&ProgrammeMoney) -> Option<Money>| {
        by_currency(items.iter().filter_map(|it| of(&it.money)))
    };
    Ok(ProgrammeMoneyReport {
        planned: all(|it| it.planned)?,
        spent: all(|it| it.spent)?,
        unassigned: unassigned_keys(app, &finance).await?,
        key: programme.statement.key,
        version: programme.version,
        items,
    })
}

/// What is in finance, but in no programme.
///
/// # Errors
/// What finance answers.
pub async fn unassigned(
    app: &Simulator,
    query: &ProgrammeMoneyQuery,
) -> Result<UnassignedMoney, Failure> {
    let finance = FinanceClient::over(app.sources().finance.clone());
    let mut items = Vec::new();
    for key in unassigned_keys(app, &finance).await? {
        items.push(ask(&finance, &key, query).await?);
    }
    Ok(UnassignedMoney { items })
}

/// The keys of a programme, with what each names.
fn named(programme: &Programme) -> impl Iterator<Item = (&ProgrammeKey, &str)> {
    let statement = &programme.statement;
    let initiatives = statement.initiatives.iter();
    let initiatives = initiatives.map(|it| (&it.key, it.name.as_str()));
    [(&statement.key, statement.name.as_str())]
        .into_iter()
        .chain(initiatives)
}

async fn ask(
    finance: &FinanceClient,
    key: &ProgrammeKey,
    query: &ProgrammeMoneyQuery,
) -> Result<ProgrammeMoney, Failure> {
    let answer = finance.load_programme_money(key.as_str(), query).await;
    Ok(answer.map_err(BuildError::from)?)
}

/// Finance's newest budget under a key, if it has one.
///
/// # Errors
/// What finance answers.
pub(crate) async fn find_budget(
    finance: &FinanceClient,
    key: &str,
) -> Result<Option<Budget>, Failure> {
    let query = ProgrammeMoneyQuery {
        budget_only: Some(true),
        ..ProgrammeMoneyQuery::default()
    };
    Ok(ask(finance, &key.into(), &query).await?.budget)
}

async fn unassigned_keys(
    app: &Simulator,
    finance: &FinanceClient,
) -> Result<Vec<ProgrammeKey>, Failure> {
    let owners = app.db().read(owners).await?;
    let all = finance.list_programmes().await.map_err(BuildError::from)?;
    let keys = all.items.into_iter().map(|it| it.programme);
    Ok(keys
        .filter(|key| !owners.contains_key(key.as_str()))
        .collect())
}

/// Sums, each in a currency of its own: nothing is converted that finance has not converted.
fn by_currency(amounts: impl IntoIterator<Item = Money>) -> Result<Vec<Money>, Failure> {
    let mut sums: BTreeMap<&str, Money> = BTreeMap::new();
    for it in amounts {
        let sum = sums.entry(it.currency.code());
        let sum = sum.or_insert(Money {
            amount: Default::default(),
            currency: it.currency,
        });
        let too_large = || {
            let detail = "a sum over the programme's initiatives is too large to be told";
            Failure::conflict(ProblemCode::TooLarge, detail)
        };
        sum.amount = sum.amount.checked_add(it.amount).ok_or_else(too_large)?;
    }
    Ok(sums.into_values().collect())
}

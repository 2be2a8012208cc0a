//! What finance is asked of currencies before a scenario is run or kept.

use keepworth_contract::client::ClientError;
use keepworth_contract::finance::{ExchangeOutlook, ExchangeOutlookQuery, FinanceClient};
use keepworth_contract::{Currency, FaultCode, InvalidParam, MoneyError};
use keepworth_intake::Failure;
use keepworth_verdict::{FoundRate, currencies_to_ask};

use super::written::{Written, load_baseline};
use crate::{BuildError, Simulator};

/// What finance says of the currencies that a scenario's costs are in and of which it tells no rate.
///
/// # Errors
/// Where the scenario is refused anyway, before anybody is asked; where finance knows no such rate, or cannot be asked.
pub(crate) async fn exchange_rates(
    app: &Simulator,
    written: Written<'_>,
) -> Result<Vec<FoundRate>, Failure> {
    let scenario = written.read()?;
    if currencies_to_ask(&scenario, "").is_empty() {
        return Ok(Vec::new());
    }
    let hash = written.baseline_hash.to_owned();
    let load = app.db().read(move |conn| load_baseline(conn, &hash));
    let baseline = load.await?;
    let finance = FinanceClient::over(app.sources().finance.clone());
    let quote: Currency = baseline.currency.parse().map_err(BuildError::from)?;
    let mut found = Vec::new();
    for (code, path) in currencies_to_ask(&scenario, &baseline.currency) {
        let base = code
            .parse()
            .map_err(|error: MoneyError| at(&path, error.to_string()))?;
        let as_of = baseline.as_of;
        let query = ExchangeOutlookQuery { base, quote, as_of };
        let outlook = ask(&finance, &query, &path).await?;
        let hash = outlook.compute_hash().map_err(Failure::internal)?;
        found.push(FoundRate { outlook, hash });
    }
    Ok(found)
}

/// What finance refuses is refused where the scenario has it, not where it was asked for.
async fn ask(
    finance: &FinanceClient,
    query: &ExchangeOutlookQuery,
    path: &str,
) -> Result<ExchangeOutlook, Failure> {
    let answer = finance.load_exchange_outlook(query).await;
    answer.map_err(|error| match &error {
        ClientError::Problem { problem, .. } => match problem.invalid_params.first() {
            Some(fault) => at(path, fault.reason.clone()),
            None => BuildError::from(error).into(),
        },
        _ => BuildError::from(error).into(),
    })
}

fn at(path: &str, reason: String) -> Failure {
    let name = format!("scenario/{path}");
    let fault = InvalidParam::new(name, FaultCode::InvalidScenario, reason);
    Failure::invalid(vec![fault])
}

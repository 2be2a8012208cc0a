//! What finance is asked of currencies before a run is ordered.

use keepworth_contract::client::ClientError;
use keepworth_contract::finance::{ExchangeOutlook, ExchangeOutlookQuery, FinanceClient};
use keepworth_contract::simulator::RunInput;
use keepworth_contract::{Currency, FaultCode, InvalidParam, MoneyError};
use keepworth_intake::Failure;
use keepworth_verdict::{FoundRate, currencies_to_ask};

use super::{load_baseline, options, refuse_oversize, scenario};
use crate::{BuildError, Simulator};

/// What finance says of the currencies that an order's costs are in and of which its scenario tells no rate.
///
/// # Errors
/// Where the order is refused anyway, before anybody is asked; where finance knows no such rate, or cannot be asked.
pub async fn exchange_rates(app: &Simulator, order: &RunInput) -> Result<Vec<FoundRate>, Failure> {
    options(order)?;
    let scenario = scenario(order)?;
    refuse_oversize(&scenario)?;
    if currencies_to_ask(&scenario, "").is_empty() {
        return Ok(Vec::new());
    }
    let hash = order.baseline_hash.clone();
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

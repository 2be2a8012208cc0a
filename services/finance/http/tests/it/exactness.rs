//! Money never passes through a float: the contract is walked for numbers that are not whole.

use keepworth_finance_http::FinanceService;
use serde_json::Value;

/// What may be a number with decimals: statistics, which carry their own uncertainty.
const STATISTICS: [&str; 20] = [
    "value",
    "low",
    "high",
    "level",
    "freedom",
    "share",
    "cost_share",
    "costliest",
    "mc_error",
    "rate",
    "ceiling",
    "volatility",
    "churn_before",
    "churn_after",
    "churn_fall_se",
    "aic_curve",
    "aic_logistic",
    "aic_constant",
    "needed_points",
    "expected_points",
];

/// The path of every property of type `number` in the contract's schemas.
fn floats(node: &Value, path: &mut Vec<String>, found: &mut Vec<String>) {
    let is_float = |node: &Value| match &node["type"] {
        Value::String(kind) => kind == "number",
        Value::Array(kinds) => kinds.iter().any(|kind| kind == "number"),
        _ => false,
    };
    if is_float(node) {
        found.push(path.join("/"));
    }
    let children: Vec<(String, &Value)> = match node {
        Value::Object(map) => map
            .iter()
            .map(|(name, child)| (name.clone(), child))
            .collect(),
        Value::Array(items) => items.iter().map(|child| (String::new(), child)).collect(),
        _ => Vec::new(),
    };
    for (name, child) in children {
        path.push(name);
        floats(child, path, found);
        path.pop();
    }
}

#[test]
fn no_amount_in_the_contract_is_a_float() {
    let contract = serde_json::to_value(keepworth_platform::document::<FinanceService>()).unwrap();
    let mut found = Vec::new();
    floats(&contract, &mut Vec::new(), &mut found);
    let statistic = |path: &&String| {
        let name = path.rsplit('/').find(|part| !part.is_empty());
        name.is_some_and(|name| STATISTICS.contains(&name))
    };
    let amounts: Vec<_> = found.iter().filter(|path| !statistic(path)).collect();
    assert!(amounts.is_empty(), "numbers with decimals: {amounts:#?}");
    // The walk sees floats where there are some, and money is text.
    assert!(!found.is_empty());
    let amount = &contract["components"]["schemas"]["Money"]["properties"]["amount"];
    assert_eq!(amount["type"], "string");
}

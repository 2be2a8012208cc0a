//! What a currency is worth, in place of a scenario's rate, where its costs are in one that it does not tell.

use keepworth_contract::finance::ExchangeOutlook;
use keepworth_contract::simulator::{ReferenceKind, RunReference};
use keepworth_sim::Scenario;
use keepworth_sim::scenario::{ExchangeRate, MOST_VOLATILE, Problem};

use super::evidence::written;
use super::{Library, ReferError, Referred, at};

/// A rate of exchange as finance tells it.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundRate {
    /// What finance says.
    pub outlook: ExchangeOutlook,
    /// Hash of it.
    pub hash: String,
}

/// The currencies that costs are in and of which the scenario tells no rate, each with the place that has it first.
#[must_use]
pub fn currencies_to_ask(scenario: &Scenario, own: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    for (i, initiative) in scenario.initiatives.iter().enumerate() {
        for (j, line) in initiative.costs.iter().enumerate() {
            let Some(code) = &line.currency else { continue };
            let is_told = code == own || scenario.currencies.iter().any(|it| it.code == *code);
            if !is_told && found.iter().all(|(known, _)| known != code) {
                let place = format!("initiatives[{i}].costs[{j}].currency");
                found.push((code.clone(), place));
            }
        }
    }
    found
}

/// Puts what finance says of the currencies that costs are in beside those that the scenario tells.
pub(super) fn refer<L: Library>(
    referred: &mut Referred,
    library: &mut L,
) -> Result<(), ReferError<L::Error>> {
    let asked = referred.scenario.currency.clone();
    let own = asked.unwrap_or_else(|| library.currency().to_owned());
    for (code, path) in currencies_to_ask(&referred.scenario, &own) {
        let refused = |why| {
            let error = at(path.clone(), Problem::Reference(why));
            ReferError::Scenario(referred.scenario.located(error))
        };
        let found = library.exchange(&code).map_err(ReferError::Library)?;
        let found = found.ok_or_else(|| refused(untold(&code)))?;
        let rate = exchange_rate(&code, &found.outlook).map_err(refused)?;
        referred.references.push(RunReference {
            path,
            kind: ReferenceKind::ExchangeRate,
            key: format!("{code}/{own}"),
            version: 1,
            hash: found.hash,
            size: written(&rate),
            grade: None,
            overdue_since: None,
            quality_flags: found.outlook.quality_flags,
        });
        referred.scenario.currencies.push(rate);
    }
    Ok(())
}

fn exchange_rate(code: &str, outlook: &ExchangeOutlook) -> Result<ExchangeRate, String> {
    let rate = outlook.rate.value.parse();
    let rate =
        rate.map_err(|_| format!("finance tells no rate of {code}: {}", outlook.rate.value))?;
    let few = || {
        format!(
            "finance knows {} changes of what {code} is worth from month to month, too few to tell how far it moves; add \
             quotes of earlier months, or list it under [[currencies]] with its rate and volatility",
            outlook.changes
        )
    };
    let volatility = outlook.volatility.ok_or_else(few)?;
    if volatility > MOST_VOLATILE {
        return Err(format!(
            "by finance's quotes what {code} is worth moves by {:.0}% a year, beyond what a plan can stand on; list it under \
             [[currencies]] with its rate and volatility",
            100.0 * volatility
        ));
    }
    Ok(ExchangeRate {
        code: code.to_owned(),
        rate,
        volatility,
    })
}

fn untold(code: &str) -> String {
    format!(
        "nobody says here what {code} is worth; list it under [[currencies]] with its rate and volatility, or send the \
         scenario to POST /simulator/v1/runs, which asks finance"
    )
}

#[cfg(test)]
mod tests {
    use super::super::{Files, refer};
    use super::*;

    /// A plan of its own, with a cost in a currency.
    fn scenario(code: &str) -> Scenario {
        let text = format!(
            "name = \"Licence\"\ncurrency = \"EUR\"\nhorizon_months = 12\ndiscount_rate = 0\n[[initiatives]]\n\
             name = \"it\"\n[[initiatives.costs]]\ntype = \"people\"\namount = 1\ncurrency = \"{code}\"\n"
        );
        Scenario::from_toml(&text).unwrap()
    }

    #[test]
    fn a_plan_without_a_baseline_knows_its_own_currency() {
        let own = refer(&scenario("EUR"), &mut Files::default()).unwrap();
        assert_eq!(own.scenario, scenario("EUR"));
        let error = refer(&scenario("USD"), &mut Files::default()).unwrap_err();
        let text = error.to_string();
        assert!(
            text.contains("costs[0].currency") && text.contains("[[currencies]]"),
            "{text}"
        );
        let mut told = scenario("USD");
        told.currencies = vec![ExchangeRate {
            code: "USD".to_owned(),
            rate: 0.9,
            volatility: 0.1,
        }];
        let referred = refer(&told, &mut Files::default()).unwrap();
        assert_eq!((referred.scenario, referred.references), (told, Vec::new()));
    }
}

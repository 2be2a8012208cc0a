//! IBM's Telco churn sample: 7,043 customers, one quarter. Churn means "left during this quarter".

use keepworth_retention::covariate::Covariates;
use keepworth_retention::cox::{CoxFit, CoxModel};
use keepworth_retention::fit::Verdict;
use keepworth_retention::hazard::TenureGrid;
use keepworth_retention::link::{LinkModel, LinkReport};
use keepworth_retention::survival::{KaplanMeier, Observation};

use crate::data::{Table, close};

struct Telco {
    demographics: Table,
    services: Table,
    status: Table,
    tenure: Vec<f64>,
    left: Vec<bool>,
}

fn telco() -> Option<Telco> {
    let services = Table::find("telco/Telco_customer_churn_services.csv")?;
    let status = Table::find("telco/Telco_customer_churn_status.csv")?;
    let demographics = Table::find("telco/Telco_customer_churn_demographics.csv")?;
    assert_eq!(services.text("Customer ID"), status.text("Customer ID"));
    assert_eq!(
        services.text("Customer ID"),
        demographics.text("Customer ID")
    );
    let tenure = services.numbers("Tenure in Months");
    let left = status
        .numbers("Churn Value")
        .iter()
        .map(|&value| value == 1.0)
        .collect();
    Some(Telco {
        demographics,
        services,
        status,
        tenure,
        left,
    })
}

impl Telco {
    /// Watched for the quarter only: people enter at `tenure − 3`.
    fn quarter(&self) -> Vec<Observation> {
        let rows = self.tenure.iter().zip(&self.left);
        rows.map(|(&t, &left)| Observation::new((t - 3.0).max(0.0), t, left).unwrap())
            .collect()
    }

    /// The naive reading: as if everybody had been watched from their first day.
    fn tenure_as_follow_up(&self) -> Vec<Observation> {
        let rows = self.tenure.iter().zip(&self.left);
        rows.map(|(&t, &left)| Observation::new(0.0, t, left).unwrap())
            .collect()
    }

    /// Price and contract, and what else goes with them.
    fn covariates(&self) -> Covariates {
        let mut covariates = Covariates::new(self.tenure.len());
        let charge = self
            .services
            .numbers("Monthly Charge")
            .iter()
            .map(|c| c / 10.0)
            .collect();
        covariates.push_number("charge per 10", charge).unwrap();
        covariates
            .push_factor("contract", self.services.text("Contract"))
            .unwrap();
        let mut answer = |table: &Table, name: &str, yes: &str| {
            let each = table
                .text(name)
                .iter()
                .map(|field| f64::from(u8::from(field == yes)));
            covariates.push_number(name, each.collect()).unwrap();
        };
        answer(&self.services, "Internet Type", "Fiber Optic");
        answer(&self.services, "Premium Tech Support", "Yes");
        answer(&self.services, "Online Security", "Yes");
        answer(&self.services, "Paperless Billing", "Yes");
        answer(&self.demographics, "Dependents", "Yes");
        covariates
            .push_number("age", self.demographics.numbers("Age"))
            .unwrap();
        let referrals = self.services.numbers("Number of Referrals");
        covariates.push_number("referrals", referrals).unwrap();
        covariates
    }
}

/// `(person-months, departures per person-month, S(12))`.
fn reading(observations: &[Observation]) -> (f64, f64, f64) {
    let curve = KaplanMeier::new(observations).unwrap();
    let table = curve.table();
    (
        table.person_time(),
        table.events() / table.person_time(),
        curve.at(12.0).value,
    )
}

#[test]
fn the_window_decides_the_hazard() {
    let Some(data) = telco() else { return };
    let (months, hazard, s12) = reading(&data.tenure_as_follow_up());
    close(months, 228_100.0, 300.0);
    close(hazard, 0.0082, 5e-5);
    close(s12, 0.843, 5e-4);
    let (months, hazard, s12) = reading(&data.quarter());
    close(months, 19_665.0, 0.5);
    close(hazard, 0.095, 5e-4);
    close(s12, 0.112, 5e-4);
}

fn cox(data: &Telco, observations: &[Observation]) -> CoxFit {
    CoxModel::new(observations, &data.covariates())
        .unwrap()
        .fit()
        .unwrap()
}

#[test]
fn the_window_turns_the_price_effect_round() {
    let Some(data) = telco() else { return };
    let quarter = cox(&data, &data.quarter());
    let price = quarter.find_estimate("charge per 10").unwrap();
    close(price.value, 0.148, 5e-4);
    close(price.se, 0.017, 5e-4);
    close(
        quarter.find_estimate("contract=One Year").unwrap().value,
        -1.05,
        5e-3,
    );
    close(
        quarter.find_estimate("contract=Two Year").unwrap().value,
        -2.41,
        5e-3,
    );
    let naive = cox(&data, &data.tenure_as_follow_up());
    assert!(naive.find_estimate("charge per 10").unwrap().value < 0.0);
}

fn link(data: &Telco, column: &str) -> LinkReport {
    let exposure = data.status.numbers(column);
    let reasons = data.status.text("Churn Reason");
    let control: Vec<bool> = reasons
        .iter()
        .map(|r| r == "Moved" || r == "Deceased")
        .collect();
    let observations = data.quarter();
    let (confounders, grid) = (
        data.covariates(),
        TenureGrid::new(1.0, &[0, 3, 12, 24]).unwrap(),
    );
    let model = LinkModel::new(column, &exposure, &observations, &confounders, &grid).unwrap();
    model
        .with_negative_control(&control)
        .unwrap()
        .fit()
        .unwrap()
}

#[test]
fn satisfaction_is_refused_with_its_reason() {
    let Some(data) = telco() else { return };
    let report = link(&data, "Satisfaction Score");
    assert_eq!(report.fit.verdict, Verdict::Refused);
    assert_eq!(report.fit.flags[0].code, "separation");
    assert!(
        report
            .fit
            .reason
            .contains("all 1440 at 1 to 2 left, none of 2938 at 4 to 5")
    );
    let published = [
        (922.0, 922.0),
        (518.0, 518.0),
        (2665.0, 429.0),
        (1789.0, 0.0),
        (1149.0, 0.0),
    ];
    let levels: Vec<(f64, f64)> = report
        .evidence
        .levels
        .iter()
        .map(|level| (level.n, level.left))
        .collect();
    assert_eq!(levels, published);
    let control = report.evidence.negative_control.unwrap();
    assert_eq!((control.n, control.worse_than_all_stayers), (52.0, 31.0));
    assert!(control.reacts());
}

#[test]
fn another_models_score_is_refused_by_its_name() {
    let Some(data) = telco() else { return };
    let report = link(&data, "Churn Score");
    assert_eq!(report.fit.verdict, Verdict::Refused);
    assert_eq!(report.fit.flags[0].code, "leakage");
}

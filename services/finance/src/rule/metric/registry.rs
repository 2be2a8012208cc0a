//! The table of definitions. A changed formula is a new row with the next version.

use crate::rule::cost::acquisition::Acquisition;
use crate::rule::cost::maintenance::Maintenance;
use crate::rule::metric::definition::{Compute, Definition, Unit};
use crate::rule::metric::ratio::Ratio;
use crate::rule::revenue::movement::Movements;

fn of_opening(movements: &Movements, numerator: i128) -> Ratio {
    Ratio {
        numerator,
        denominator: movements.opening,
    }
}

fn of_opening_at_closing_rate(movements: &Movements, change: i128) -> Ratio {
    let opening = movements.opening + movements.fx;
    Ratio {
        numerator: opening + change,
        denominator: opening,
    }
}

fn of_customers(numerator: i128, denominator: i128) -> Ratio {
    Ratio {
        numerator,
        denominator,
    }
}

const fn share(
    id: &'static str,
    name: &'static str,
    formula: &'static str,
    matches: &'static str,
    compute: fn(&Movements) -> Ratio,
) -> Definition {
    let compute = Compute::Movements(compute);
    Definition {
        id,
        version: 1,
        name,
        formula,
        matches,
        unit: Unit::Share,
        compute,
    }
}

const fn acquisition_cost(
    id: &'static str,
    name: &'static str,
    formula: &'static str,
    compute: fn(&Acquisition) -> Ratio,
) -> Definition {
    let (unit, compute) = (Unit::MinorPerNewCustomer, Compute::Acquisition(compute));
    Definition {
        id,
        version: 1,
        name,
        formula,
        matches: "common usage",
        unit,
        compute,
    }
}

const fn model(
    id: &'static str,
    name: &'static str,
    formula: &'static str,
    unit: Unit,
) -> Definition {
    quotient(id, name, formula, "Blattberg and Deighton 1996", unit)
}

/// What is computed where its parts are at hand.
const fn quotient(
    id: &'static str,
    name: &'static str,
    formula: &'static str,
    matches: &'static str,
    unit: Unit,
) -> Definition {
    Definition {
        id,
        version: 1,
        name,
        formula,
        matches,
        unit,
        compute: Compute::Model,
    }
}

pub(crate) static REGISTRY: &[Definition] = &[
    share(
        "grr",
        "gross revenue retention",
        "(opening - contraction - churn) / opening",
        "cohort (SaaS Metrics Standards Board)",
        |m| of_opening(m, m.opening - m.contraction - m.churn),
    ),
    share(
        "nrr_cohort",
        "net revenue retention",
        "(opening + expansion - contraction - churn) / opening; reactivation and exchange rates left out",
        "cohort (SaaS Metrics Standards Board)",
        |m| of_opening(m, m.opening + m.expansion - m.contraction - m.churn),
    ),
    share(
        "grr_constant_currency",
        "gross revenue retention",
        "(opening + fx - contraction - churn) / (opening + fx): all at the closing rate",
        "cohort at one exchange rate",
        |m| of_opening_at_closing_rate(m, -m.contraction - m.churn),
    ),
    share(
        "nrr_constant_currency",
        "net revenue retention",
        "(opening + fx + expansion - contraction - churn) / (opening + fx): all at the closing rate",
        "cohort at one exchange rate",
        |m| of_opening_at_closing_rate(m, m.expansion - m.contraction - m.churn),
    ),
    share(
        "nrr_netsuite",
        "net revenue retention",
        "(closing - new) / opening; reactivation and exchange rates counted",
        "NetSuite",
        |m| of_opening(m, m.closing() - m.new),
    ),
    share(
        "net_mrr_churn_chartmogul",
        "net MRR churn",
        "(churn + contraction - expansion - reactivation) / opening; negative is growth",
        "ChartMogul",
        |m| of_opening(m, m.churn + m.contraction - m.expansion - m.reactivation),
    ),
    share(
        "gross_mrr_churn_chartmogul",
        "gross MRR churn",
        "(churn + contraction) / opening",
        "ChartMogul",
        |m| of_opening(m, m.churn + m.contraction),
    ),
    share(
        "logo_retention",
        "customer retention",
        "customers paying at the start and the end / customers paying at the start",
        "cohort",
        |m| of_customers(m.logos.opening - m.logos.lost, m.logos.opening),
    ),
    share(
        "logo_churn_cohort",
        "customer churn",
        "customers of the start gone by the end / customers paying at the start",
        "cohort",
        |m| of_customers(m.logos.lost, m.logos.opening),
    ),
    share(
        "logo_churn_opening",
        "customer churn",
        "all who left, won in the period or not / customers paying at the start",
        "common usage",
        |m| of_customers(m.logos.lost + m.logos.won_and_lost, m.logos.opening),
    ),
    share(
        "logo_churn_stripe",
        "customer churn",
        "all who left / (customers paying at the start + won in the period)",
        "Stripe",
        |m| {
            of_customers(
                m.logos.lost + m.logos.won_and_lost,
                m.logos.opening + m.logos.won,
            )
        },
    ),
    acquisition_cost(
        "cac_paid",
        "paid acquisition cost",
        "(media + agency) / new customers from paid channels",
        Acquisition::paid,
    ),
    acquisition_cost(
        "cac_blended",
        "blended acquisition cost",
        "(media + agency) / all new customers",
        Acquisition::blended,
    ),
    acquisition_cost(
        "cac_fully_loaded",
        "fully loaded acquisition cost",
        "all spend on acquisition but onboarding / all new customers",
        Acquisition::fully_loaded,
    ),
    acquisition_cost(
        "cac_fully_loaded_onboarding",
        "fully loaded acquisition cost with onboarding",
        "all spend on acquisition and onboarding / all new customers",
        Acquisition::fully_loaded_with_onboarding,
    ),
    Definition {
        id: "maintenance_cost",
        version: 1,
        name: "maintenance cost",
        formula: "12 * (service overhead + consumption + training + account management \
                  + retention marketing + loyalty + billing + programme) / customer-months",
        matches: "common usage",
        unit: Unit::MinorPerCustomerYear,
        compute: Compute::Maintenance(Maintenance::per_customer_year),
    },
    model(
        "response_ceiling",
        "ceiling of response",
        "C of y(x) = C(1 - e^(-kx)): the share won or kept by unlimited spend per head",
        Unit::Share,
    ),
    model(
        "response_speed",
        "speed of response",
        "k of y(x) = C(1 - e^(-kx)), per unit of the currency spent per head",
        Unit::PerUnitOfSpend,
    ),
    model(
        "marginal_cost_to_keep",
        "marginal cost to keep",
        "1 / r'(R) of the retention curve at today's spend; cost / (customers * fall in churn) of a \
         programme",
        Unit::MinorPerCustomer,
    ),
    model(
        "marginal_cost_to_acquire",
        "marginal cost to acquire",
        "1 / a'(A) of the acquisition curve at today's spend; without a curve the fully loaded \
         acquisition cost",
        Unit::MinorPerCustomer,
    ),
    model(
        "lifetime_value",
        "customer lifetime value",
        "(m(1+d) - R) / (1+d-r): margin m before retention spend R, retention r and discount rate d \
         per period, the first margin now",
        Unit::MinorPerCustomer,
    ),
    quotient(
        "cost_per_minute",
        "cost of a minute of handling",
        "service cost of the channel / minutes of handling through it",
        "common usage",
        Unit::MinorPerMinute,
    ),
    quotient(
        "cost_per_contact",
        "cost of a contact",
        "service cost of the channel / contacts handled through it",
        "common usage",
        Unit::MinorPerContact,
    ),
    quotient(
        "nrr_revenue",
        "net revenue retention of periods",
        "revenue from customers who had some in the period before / revenue of the period before",
        "Reichheld 2021",
        Unit::Share,
    ),
    quotient(
        "earned_new_share",
        "earned new share",
        "revenue from new customers won by referral or reputation / revenue of the period before",
        "Reichheld 2021",
        Unit::Share,
    ),
    quotient(
        "earned_growth_rate",
        "earned growth rate",
        "net revenue retention + earned new share - 1",
        "Reichheld 2021",
        Unit::Share,
    ),
    quotient(
        "earned_growth_ratio",
        "earned growth ratio",
        "earned growth / all growth of revenue over the period before",
        "Reichheld 2021",
        Unit::Share,
    ),
];

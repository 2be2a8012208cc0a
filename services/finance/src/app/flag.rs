//! What a reader of finance's figures must know, in the words of several reports.

use keepworth_contract::finance::CONVERSION_RULE;
use keepworth_contract::{Flag, FlagCode};

pub(crate) fn converted() -> Flag {
    let detail =
        format!("amounts were converted at the rates that are told with them: {CONVERSION_RULE}");
    Flag::new(FlagCode::Converted, detail)
}

pub(crate) fn assumed() -> Flag {
    let detail = "some of the costs are assumptions, not records";
    Flag::new(FlagCode::Assumed, detail)
}

pub(crate) fn nothing_begins() -> Flag {
    let detail = "no charge begins in the month or later: the records may end before it, and who \
                  left may only not be billed yet";
    Flag::new(FlagCode::NothingBegins, detail)
}

pub(crate) fn shared_costs_unallocated() -> Flag {
    let detail = "shared costs without a rule are in the whole company's figure, in no segment's; \
                  GET /v1/allocations shows them";
    Flag::new(FlagCode::SharedCostsUnallocated, detail)
}

/// `what` of other services or of revenue that names customers whom nobody knows.
pub(crate) fn unknown_customers(unknown: u64, what: &str) -> Flag {
    let detail = format!(
        "{unknown} {what} are about customers that the customers service does not know, and are \
         left out"
    );
    Flag::new(FlagCode::UnknownCustomers, detail)
}

pub(crate) fn revenue_currency_assumed() -> Flag {
    let detail = "counted revenue names no currency of its own, and is taken to be in the report's";
    Flag::new(FlagCode::RevenueCurrencyAssumed, detail)
}

pub(crate) fn marginal_costs_tie() -> Flag {
    let detail = "keeping and winning one more cost the same to nine digits; equal costs speak for \
                  keeping";
    Flag::new(FlagCode::MarginalCostsTie, detail)
}

pub(crate) fn average_cost_taken_as_marginal() -> Flag {
    let detail = "one more customer is taken to cost what the average one did; usually it is more";
    Flag::new(FlagCode::AverageCostTakenAsMarginal, detail)
}

pub(crate) fn contradicts_curve() -> Flag {
    let detail = "the data contradict the curve: a plain logistic regression describes them better";
    Flag::new(FlagCode::ContradictsCurve, detail)
}

pub(crate) fn ceiling_not_estimated() -> Flag {
    let detail = "what unlimited spend would reach was judged, not estimated";
    Flag::new(FlagCode::CeilingNotEstimated, detail)
}

pub(crate) fn elicited() -> Flag {
    Flag::new(FlagCode::Elicited, "somebody's judgement, not evidence")
}

pub(crate) fn before_after_without_control() -> Flag {
    let detail = "before is held against after without a control group: other things may have \
                  changed";
    Flag::new(FlagCode::BeforeAfterWithoutControl, detail)
}

pub(crate) fn effect_stated() -> Flag {
    let detail = "what the programme does is somebody's word, not measured";
    Flag::new(FlagCode::EffectStated, detail)
}

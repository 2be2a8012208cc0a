//! Figures that the ledger gives: margin, cost to win, cost to keep, cost of a minute.

use keepworth_contract::finance::CostCategory;
use keepworth_contract::simulator::baseline::Figure;
use keepworth_contract::{Flag, FlagCode, Word};

use super::{Company, Segment};
use crate::rule::cost::CostLine;
use keepworth_verdict::figure::{Basis, ECONOMICS, EPISODES, EXPOSURES, REVENUES, figure};

/// Version of the definitions here; the first divided by the whole window, booked or not.
const VERSION: u32 = 2;

/// A figure that is `scale · rate + offset` of a line.
struct Rate<'a> {
    name: &'a str,
    unit: String,
    scale: f64,
    offset: f64,
}

/// Puts margin, cost to win and costs to keep.
pub(super) fn figures(
    segment: &Segment<'_>,
    company: &Company<'_>,
    put: &mut impl FnMut(&str, Figure) -> Option<Figure>,
) {
    let (tally, costs) = (segment.tally, segment.costs);
    let per = |name, what| Rate {
        name,
        unit: company.per(what),
        scale: 1.0 / company.minor_units(),
        offset: 0.0,
    };
    let share = Rate {
        name: "gross_margin",
        unit: "share of revenue".to_owned(),
        scale: -1.0,
        offset: 1.0,
    };
    let category = CostCategory::CostOfRevenue;
    let margin = company.billed(&share, &costs.cost_of_revenue);
    put(
        "gross_margin",
        company
            .recorded(margin, &costs.cost_of_revenue, category, segment)
            .over(REVENUES, tally.revenue_rows),
    );
    let category = CostCategory::Acquisition;
    let cost = company.billed(&per("acquisition_cost", "customer won"), &costs.acquisition);
    let won = tally.won_since(company.window_from);
    put(
        "acquisition_cost",
        company
            .recorded(cost, &costs.acquisition, category, segment)
            .over(EPISODES, tally.observed)
            .flag_if(
                won == 0,
                Flag::new(FlagCode::NobodyWon, "nobody was won in the window"),
            ),
    );
    let category = CostCategory::Overhead;
    let month = "customer-month";
    let overhead = company.billed(&per("overhead", month), &costs.overhead);
    let channels: Vec<&str> = costs.without_contacts.iter().map(String::as_str).collect();
    let channels = channels.join(", ");
    let detail = format!("service costs name channels without a contact: {channels}");
    let without_contacts = Flag::new(FlagCode::ServiceCostWithoutContacts, detail);
    put(
        "overhead",
        company
            .recorded(overhead, &costs.overhead, category, segment)
            .over(EPISODES, tally.observed)
            .flag_if(!channels.is_empty(), without_contacts.about(channels)),
    );
    let programme = company.billed(&per("programme_cost", month), &costs.programme);
    // A verdict is on a programme to come: what one that runs already costs is in no figure of it.
    let runs = programme.value.is_some_and(|cost| cost > 0.0);
    let detail = "what a programme costs that runs already is left to the scenario";
    let left = Flag::new(FlagCode::LeftToTheScenario, detail);
    let programme = programme.flag_if(runs, left);
    put("programme_cost", programme.over(EPISODES, tally.observed));
    let all = costs.maintenance();
    let maintenance = company.billed(&per("maintenance_cost", month), &all);
    put(
        "maintenance_cost",
        maintenance.over(EPISODES, tally.observed),
    );
    put(
        "acquisition_to_maintenance_cost",
        ratio(&costs.acquisition, &all)
            .over(ECONOMICS, costs.acquisition.rows() + all.rows())
            .over(EPISODES, tally.observed),
    );
}

/// Cost to win over yearly cost to keep, of the records: the engine's outcome of that kind counts
/// what the programme costs, and looks ahead.
fn ratio(win: &CostLine, keep: &CostLine) -> Figure {
    let keep_a_year = keep.rate().map(|rate| 12.0 * rate).filter(|it| *it > 0.0);
    let value = win.rate().zip(keep_a_year).map(|(win, keep)| win / keep);
    figure(
        "acquisition_to_maintenance_cost",
        "years of keeping",
        value,
        win.driver as u64,
    )
    .within(win.interval_over(keep, 12.0))
}

/// The cost of a minute of one channel.
pub(super) fn cost_per_minute(name: &str, segment: &Segment<'_>, company: &Company<'_>) -> Figure {
    let none = CostLine::default();
    let line = segment.costs.channels.get(name).unwrap_or(&none);
    let rate = Rate {
        name: "cost_per_minute",
        unit: company.per("minute"),
        scale: 1.0 / company.minor_units(),
        offset: 0.0,
    };
    let has_minutes = segment.tally.channels.contains_key(name);
    company
        .billed(&rate, line)
        .over(EXPOSURES, segment.tally.exposure_rows)
        .flag_if(
            has_minutes && !line.is_recorded(),
            Flag::new(
                FlagCode::NoServiceCostRecorded,
                format!("no cost of service is recorded for {name}, which has contacts"),
            )
            .about(name),
        )
}

/// How a part of a line's cost came to it.
fn shared(rule: FlagCode) -> Flag {
    let detail = match rule {
        FlagCode::SharedCostSpreadByCustomerMonths => {
            "costs that name no segment are shared by customer-months"
        }
        FlagCode::SharedCostSpreadByCustomersWon => {
            "costs that name no segment are shared by customers won"
        }
        FlagCode::SharedCostSpreadByContactMinutes => {
            "costs that name no segment are shared by minutes of contacts"
        }
        _ => "costs are booked in few months, and spread over the window",
    };
    Flag::new(rule, detail)
}

impl Company<'_> {
    /// A figure that a line of the ledger gives: its value and interval, where it is from, whether
    /// it is assumed, and which months are missing.
    fn billed(&self, rate: &Rate<'_>, line: &CostLine) -> Figure {
        let (entries, assumed) = self.costs.entries(line);
        let value = line.rate().map(|it| rate.scale * it + rate.offset);
        let mut made = figure(rate.name, rate.unit.clone(), value, entries);
        made.definition.version = VERSION;
        let made = made
            .within(line.interval(rate.scale, rate.offset))
            .over(ECONOMICS, line.rows())
            .flag_if(
                assumed > 0,
                Flag::new(
                    FlagCode::Assumed,
                    format!("{assumed} of {entries} ledger entries are assumptions, not records"),
                ),
            );
        let rules = line.shared_by.iter().map(|rule| shared(*rule));
        rules
            .chain(line.gap_flags(&self.calendar))
            .fold(made, |made, flag| made.flag_if(true, flag))
    }

    /// Flags a category that is not booked here: nowhere, or for others only.
    fn recorded(
        &self,
        made: Figure,
        line: &CostLine,
        category: CostCategory,
        segment: &Segment<'_>,
    ) -> Figure {
        let name = category.name();
        let flag = |code, detail: String| Flag::new(code, detail).about(name);
        let unrecorded: Vec<&str> = line.unrecorded.iter().map(String::as_str).collect();
        let has_none = !line.is_recorded();
        let own = segment.own_name();
        let is_shared_only = line.is_recorded()
            && own.is_some_and(|own| {
                self.costs.others_have(category, own) && !self.costs.has_own(category, own)
            });
        made.flag_if(
            has_none && !self.costs.has(category),
            flag(
                FlagCode::NoCostsRecorded,
                format!("nothing of {name} is recorded"),
            ),
        )
        .flag_if(
            has_none && own.is_some() && self.costs.has(category),
            flag(
                FlagCode::NotRecorded,
                format!(
                    "{name} is booked for other segments, and not for this one; where nothing was \
                     spent, book 0 with a note"
                ),
            ),
        )
        .flag_if(
            own.is_none() && line.is_recorded() && !unrecorded.is_empty(),
            flag(
                FlagCode::NotRecorded,
                format!(
                    "{name} is not booked for {}; the figure is that of the others",
                    unrecorded.join(", ")
                ),
            ),
        )
        .flag_if(
            is_shared_only,
            flag(
                FlagCode::SharedOnly,
                format!(
                    "other segments have {name} of their own, this one has its part of what names \
                     no segment only"
                ),
            ),
        )
    }
}

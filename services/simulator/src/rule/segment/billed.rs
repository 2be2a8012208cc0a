//! Figures that the ledger gives: margin, cost to win, cost to keep, cost of a minute.

use keepworth_contract::finance::CostCategory;
use keepworth_contract::simulator::FigureName;
use keepworth_contract::simulator::baseline::Figure;
use keepworth_contract::{Flag, FlagCode, Word};

use super::{Company, Segment};
use crate::rule::cost::CostLine;
use keepworth_verdict::figure::{Basis, ECONOMICS, EPISODES, EXPOSURES, REVENUES};

/// A figure that is `scale · rate + offset` of a line.
struct Rate {
    name: FigureName,
    scale: f64,
    offset: f64,
}

/// Puts margin, cost to win and costs to keep.
pub(super) fn figures(
    segment: &Segment<'_>,
    company: &Company<'_>,
    put: &mut impl FnMut(FigureName, Figure) -> Option<Figure>,
) {
    let (tally, costs) = (segment.tally, segment.costs);
    let share = Rate {
        name: FigureName::GrossMargin,
        scale: -1.0,
        offset: 1.0,
    };
    let category = CostCategory::CostOfRevenue;
    let margin = company.billed(&share, &costs.cost_of_revenue);
    put(
        FigureName::GrossMargin,
        company
            .recorded(margin, &costs.cost_of_revenue, category, segment)
            .over(REVENUES, tally.revenue_rows),
    );
    let category = CostCategory::Acquisition;
    let cost = company.billed(
        &company.in_money(FigureName::AcquisitionCost),
        &costs.acquisition,
    );
    let won = tally.won_since(company.window_from);
    put(
        FigureName::AcquisitionCost,
        company
            .recorded(cost, &costs.acquisition, category, segment)
            .over(EPISODES, tally.observed)
            .flag_if(
                won == 0,
                Flag::new(FlagCode::NobodyWon, "nobody was won in the window"),
            ),
    );
    let category = CostCategory::Overhead;
    let overhead = company.billed(&company.in_money(FigureName::Overhead), &costs.overhead);
    let channels: Vec<&str> = costs.without_contacts.iter().map(String::as_str).collect();
    let channels = channels.join(", ");
    let detail = format!("service costs name channels without a contact: {channels}");
    let without_contacts = Flag::new(FlagCode::ServiceCostWithoutContacts, detail);
    put(
        FigureName::Overhead,
        company
            .recorded(overhead, &costs.overhead, category, segment)
            .over(EPISODES, tally.observed)
            .flag_if(!channels.is_empty(), without_contacts.about(channels)),
    );
    let programme = company.billed(
        &company.in_money(FigureName::ProgrammeCost),
        &costs.programme,
    );
    // A verdict is on a programme to come: what one that runs already costs is in no figure of it.
    let runs = programme.value.is_some_and(|cost| cost > 0.0);
    let detail = "what a programme costs that runs already is left to the scenario";
    let left = Flag::new(FlagCode::LeftToTheScenario, detail);
    let programme = programme.flag_if(runs, left);
    put(
        FigureName::ProgrammeCost,
        programme.over(EPISODES, tally.observed),
    );
    let all = costs.maintenance();
    let maintenance = company.billed(&company.in_money(FigureName::MaintenanceCost), &all);
    put(
        FigureName::MaintenanceCost,
        maintenance.over(EPISODES, tally.observed),
    );
    put(
        FigureName::AcquisitionToMaintenanceCost,
        ratio(company, &costs.acquisition, &all)
            .over(ECONOMICS, costs.acquisition.rows() + all.rows())
            .over(EPISODES, tally.observed),
    );
}

/// Cost to win over yearly cost to keep, of the records: the engine's outcome of that kind counts
/// what the programme costs, and looks ahead.
fn ratio(company: &Company<'_>, win: &CostLine, keep: &CostLine) -> Figure {
    let keep_a_year = keep.rate().map(|rate| 12.0 * rate).filter(|it| *it > 0.0);
    let value = win.rate().zip(keep_a_year).map(|(win, keep)| win / keep);
    let name = FigureName::AcquisitionToMaintenanceCost;
    let made = company.figure(name, value, win.driver as u64);
    made.within(win.interval_over(keep, 12.0))
}

/// The cost of a minute of one channel.
pub(super) fn cost_per_minute(name: &str, segment: &Segment<'_>, company: &Company<'_>) -> Figure {
    let none = CostLine::default();
    let line = segment.costs.channels.get(name).unwrap_or(&none);
    let rate = company.in_money(FigureName::CostPerMinute);
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
    /// A figure in money that is a line's rate.
    fn in_money(&self, name: FigureName) -> Rate {
        Rate {
            name,
            scale: 1.0 / self.minor_units(),
            offset: 0.0,
        }
    }

    /// A figure that a line of the ledger gives: its value and interval, where it is from, whether
    /// it is assumed, and which months are missing.
    fn billed(&self, rate: &Rate, line: &CostLine) -> Figure {
        let (entries, assumed) = self.costs.entries(line);
        let value = line.rate().map(|it| rate.scale * it + rate.offset);
        let made = self
            .figure(rate.name, value, entries)
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

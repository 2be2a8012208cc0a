//! The flows of a batch of trials, segment by segment.

use pulp::Arch;

use super::cost::{CertainCosts, Spending};
use super::courses::Courses;
use super::economics::{self, Economics};
use super::margin::Ledger;
use super::{
    CaseCost, Customers, Flows, Handled, Line, Lines, lifetime, margin, net, seats, terminal,
};
use crate::kernel::Months;
use crate::kernel::{LANES, Lane};
use crate::model::{Calendar, Model, Terminal};
use crate::scenario::Demography;
use crate::world::{
    Batch, Book, Discount, Drawn, Noise, Response, Strengths, Sums, Worlds, adoption, answer_price,
    calendar, own_calendar,
};

/// Which trials a batch holds, for losses drawn customer by customer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DemographyDraws {
    /// Seed of the run.
    pub(crate) seed: u64,
    /// First trial of the batch.
    pub(crate) trial: u64,
}

/// A segment in a batch of trials.
#[derive(Default)]
struct Segment {
    economics: Economics,
    drawn: Drawn,
    sums: Sums,
    /// By how much hazards are less in each month, where a factor of its own makes that the segment's.
    calendar: Option<Months>,
    /// What the programme adds to the lifetime value of one who is won; 0 where nobody asks.
    lifetime_gain: Lane,
}

/// What a customer brings where that is booked line by line.
const NOTHING: Lane = [0.0; LANES];

/// A batch of trials.
struct Trials<'a> {
    arch: Arch,
    model: &'a Model,
    values: &'a [Lane],
    response: &'a Response,
    calendar: Option<&'a [Lane]>,
    courses: Option<&'a Courses>,
    draws: DemographyDraws,
    /// Whether anybody asks what the programme adds to lifetime values.
    follows_lifetime: bool,
}

impl Trials<'_> {
    fn batch<'a>(
        &'a self,
        index: usize,
        economics: &'a Economics,
        calendar: Option<&'a Months>,
    ) -> Batch<'a> {
        Batch {
            arch: self.arch,
            segment: &self.model.segments[index],
            won: &economics.won,
            values: self.values,
            response: self.response,
            last_entry: self.model.last_entry,
            calendar: calendar.map(|it| &**it).or(self.calendar),
            heads: self.model.heads,
            noise: (self.model.demography == Demography::Binomial).then_some(Noise {
                seed: self.draws.seed,
                trial: self.draws.trial,
                segment: index,
            }),
        }
    }

    /// Draws a segment.
    fn draw(&self, index: usize, discount: Discount<'_>, segment: &mut Segment) {
        let Segment {
            economics,
            drawn,
            calendar,
            lifetime_gain,
            ..
        } = segment;
        self.find_calendar(index, calendar);
        economics::draw(
            self.arch,
            &self.model.segments[index],
            self.values,
            economics,
        );
        let batch = self.batch(index, economics, calendar.as_ref());
        drawn.draw(batch, discount);
        if self.follows_lifetime {
            *lifetime_gain = lifetime::gain(batch, drawn, economics, discount);
        }
        // After the lifetime value, which is at the prices of the date.
        for price in &self.model.segments[index].prices {
            if let Some(months) = calendar {
                answer_price(self.arch, price, self.values, months);
            }
        }
    }

    /// The calendar of a segment that has one of its own: a factor that nobody foresees, or nothing but a level.
    fn find_calendar(&self, index: usize, own: &mut Option<Months>) {
        let segment = &self.model.segments[index];
        let unforeseen = &segment.unforeseen.leaving;
        let is_level = matches!(segment.calendar, Calendar::Level);
        if unforeseen.is_one() && !is_level && segment.prices.is_empty() {
            // The room is used in turn: it may hold another segment's.
            *own = None;
            return;
        }
        let months = own.get_or_insert_with(|| Months::new(self.model.horizon));
        let outlook = self.model.outlook.as_ref().filter(|_| is_level);
        let level = outlook.map_or([1.0; LANES], |it| it.level(self.values));
        let factor = unforeseen.times(level, self.values);
        let foreseen = self.calendar.filter(|_| !is_level);
        own_calendar(self.arch, &factor, foreseen, months);
    }

    /// Books a segment that was drawn.
    fn book(&self, index: usize, segment: &mut Segment, worlds: &mut Worlds, flows: &mut Flows) {
        let Segment {
            economics,
            drawn,
            sums,
            calendar,
            lifetime_gain,
        } = segment;
        let of_segment = &self.model.segments[index];
        let wanted = margin::needs_months(of_segment, self.courses, flows);
        let by_line = margin::goes_by_line(self.courses, flows);
        let book = Book {
            unit: if by_line { &NOTHING } else { &economics.unit },
            benefit: &mut flows.benefit,
            sums,
        };
        if let Some(sum) = &mut flows.lifetime_gain {
            let months = self.model.horizon as f64;
            for l in 0..LANES {
                sum[l] += months * economics.won[l] * lifetime_gain[l];
            }
        }
        let batch = self.batch(index, economics, calendar.as_ref());
        worlds.carry(batch, drawn, book, wanted);
        let mut ledger = Ledger {
            arch: self.arch,
            values: self.values,
            response: self.response,
            worlds,
            courses: self.courses,
            last_entry: self.model.last_entry,
            flows,
        };
        ledger.segment(of_segment, economics, sums, &drawn.lifetime);
        ledger.handle(index, of_segment);
    }
}

/// Room for the flows of a batch, used again for the next.
pub(crate) struct Workspace {
    /// The segment that is booked, and the next.
    drawn: [Segment; 2],
    worlds: Worlds,
    response: Response,
    certain: CertainCosts,
    flows: Flows,
    calendar: Option<Months>,
    courses: Option<Courses>,
    /// Room for the continuation beyond the horizon.
    beyond: Option<Box<Workspace>>,
}

impl Workspace {
    /// Room for a model's flows.
    pub(crate) fn new(model: &Model) -> Self {
        let horizon = model.horizon;
        let mut workspace = Self {
            drawn: Default::default(),
            worlds: Worlds::new(horizon, model.heads),
            response: Response {
                adoption: model.curves.iter().map(|_| Months::new(horizon)).collect(),
                strengths: Strengths::default(),
            },
            certain: CertainCosts::new(model),
            flows: Flows::new(model),
            calendar: model.outlook.as_ref().map(|_| Months::new(horizon)),
            courses: model.money.as_ref().map(|it| Courses::new(it, horizon)),
            beyond: match &model.terminal {
                Terminal::RunOff(beyond) => Some(Box::new(Self::new(beyond))),
                _ => None,
            },
        };
        workspace.certain.book(&mut workspace.flows);
        workspace
    }

    /// From now on adds up customers by month, or no longer.
    pub(crate) fn follow_customers(&mut self, wanted: bool) {
        let horizon = self.flows.net.len() - 1;
        self.flows.customers = wanted.then(|| Customers::new(horizon));
    }

    /// From now on keeps the ledger line by line.
    pub(crate) fn keep_lines(&mut self) {
        let horizon = self.flows.net.len() - 1;
        self.flows.lines = Some(Lines::new(horizon));
    }

    /// From now on counts contacts and their minutes.
    pub(crate) fn count_contacts(&mut self, model: &Model) {
        self.flows.handled = Some(Handled::new(model));
    }

    /// From now on finds what the programme adds to lifetime values.
    pub(crate) fn follow_lifetime(&mut self) {
        self.flows.lifetime_gain = Some([0.0; LANES]);
    }

    /// The flows of the last batch.
    pub(crate) fn last(&self) -> &Flows {
        &self.flows
    }

    /// Money of a month that one of month 0 is worth in the last batch; 1 where results are nominal.
    pub(crate) fn price_level(&self, month: usize) -> Lane {
        let courses = self.courses.as_ref().filter(|it| it.is_real);
        courses.map_or([1.0; LANES], |it| it.deflator[month].map(|it| 1.0 / it))
    }

    /// Money of month 0 that one of each month is worth in the first trial of the last batch; none where results are
    /// nominal.
    pub(crate) fn deflator(&self) -> Option<Vec<f64>> {
        let courses = self.courses.as_ref().filter(|it| it.is_real)?;
        Some(courses.deflator.iter().map(|month| month[0]).collect())
    }

    /// What each cost line comes to in the first trial of the last batch, whose input values are given.
    pub(crate) fn costs(&self, arch: Arch, model: &Model, values: &[Lane]) -> Vec<CaseCost> {
        let spending = Spending {
            arch,
            model,
            values,
            strengths: &self.response.strengths,
            courses: self.courses.as_ref(),
        };
        spending.of_first_trial()
    }

    /// The flows of a batch of trials, from the values of their inputs.
    pub(crate) fn flows(
        &mut self,
        arch: Arch,
        model: &Model,
        values: &[Lane],
        draws: DemographyDraws,
    ) -> &Flows {
        let Self {
            drawn,
            worlds,
            response,
            certain,
            flows,
            calendar: by_calendar,
            courses,
            beyond,
        } = self;
        flows.reset();
        let monthly = flows.discount(arch, model, values);
        response.strengths.draw(arch, model, values);
        for (curve, out) in model.curves.iter().zip(&mut response.adoption) {
            adoption(arch, curve, values, out);
        }
        if let (Some(outlook), Some(months)) = (&model.outlook, &mut *by_calendar) {
            calendar(arch, outlook, values, months);
        }
        if let (Some(money), Some(courses)) = (&model.money, &mut *courses) {
            courses.draw(arch, money, values);
        }
        let courses = courses.as_ref();
        let trials = Trials {
            arch,
            model,
            values,
            response,
            calendar: by_calendar.as_deref(),
            courses,
            draws,
            follows_lifetime: flows.lifetime_gain.is_some(),
        };
        // The next segment is drawn before one is booked: drawing is a long chain of operations, and
        // the processor does it beside the booking.
        let [mut now, mut next] = drawn.each_mut();
        let segments = model.segments.len();
        for index in 0..=segments {
            if index < segments {
                trials.draw(index, flows.discounting(&monthly), next);
            }
            if index > 0 {
                trials.book(index - 1, now, worlds, flows);
            }
            std::mem::swap(&mut now, &mut next);
        }
        if let Some(training) = &model.training {
            let mut ledger = Ledger {
                arch,
                values,
                response,
                worlds,
                courses,
                last_entry: model.last_entry,
                flows,
            };
            ledger.training(training);
        }
        seats::book(model, values, courses, flows);
        let spending = Spending {
            arch,
            model,
            values,
            strengths: &response.strengths,
            courses,
        };
        spending.book(certain, flows);
        net(arch, model, values, courses, flows);
        complete_lines(spending, flows);
        flows.beyond = match (&model.terminal, beyond) {
            (Terminal::Perpetuity(growth), _) => terminal::perpetuity(spending, *growth, flows),
            (Terminal::RunOff(continued), Some(room)) => {
                let beyond = room.flows(arch, continued, values, draws);
                terminal::run_off(model, model.horizon, beyond)
            }
            _ => [0.0; LANES],
        };
        flows
    }
}

/// What the ledger has besides benefits: costs of the programme, and tax.
fn complete_lines(spending: Spending<'_>, flows: &mut Flows) {
    let (model, courses) = (spending.model, spending.courses);
    let Some(lines) = &mut flows.lines else {
        return;
    };
    spending.by_type(lines);
    for month in 0..flows.net.len() {
        let mut earned = [0.0; LANES];
        for line in Line::ALL {
            super::line::add(&mut earned, &lines.as_is(line)[month]);
        }
        lines.add_as_is(Line::Tax, month, &earned.map(|it| -model.tax_rate * it));
        lines.add(Line::Tax, month, &flows.tax[month].map(|it| -it));
    }
    if let Some(courses) = courses.filter(|it| it.is_real) {
        lines.scale(&courses.deflator);
    }
}

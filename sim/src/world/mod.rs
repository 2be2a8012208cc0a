//! Customers month by month in two worlds, with the same draws: as things are, and with the
//! programme.

mod adoption;
mod age;
mod binomial;
mod book;
mod calendar;
mod cohort;
mod effect;
mod lifetime;
mod series;
mod survival;
mod win_back;

pub(crate) use adoption::adoption;
pub(crate) use binomial::{Noise, binomial_quantile, poisson_quantile};
pub(crate) use book::{Book, Sums};
pub(crate) use calendar::{answer_price, calendar, own_calendar};
pub(crate) use effect::{Response, Strengths, strength};
pub(crate) use lifetime::Discount;

use pulp::Arch;

use crate::baseline::Heads;
use crate::kernel::{LANES, Lane};
use crate::kernel::{Months, kernel};
use crate::math::exp;
use crate::model::{Calendar, EffectGroup, Hazard, Parameters, Segment};
use crate::scenario::Lever;
use cohort::Clock;
use effect::cap;
use series::Series;
use win_back::{Returns, World};

/// Customers of one segment at the end of every month, in both worlds.
pub(crate) struct Worlds {
    /// As things are.
    pub(crate) baseline: Months,
    /// With the programme.
    pub(crate) programme: Months,
    /// New customers recruited per customer of the month before, when anybody recruits.
    pub(crate) referrals: Option<Vec<Lane>>,
    /// Who comes back, when anybody does.
    returns: Option<Returns>,
    /// Whether the programme changes anything in the segment.
    is_touched: bool,
    /// Customers through each month in both worlds, where money goes by them.
    through: Option<[Months; 2]>,
    reduction: Months,
}

impl Worlds {
    /// Room for months 0 to `horizon`.
    pub(crate) fn new(horizon: usize, heads: Heads) -> Self {
        let through = || [Months::new(horizon), Months::new(horizon)];
        Self {
            baseline: Months::new(horizon),
            programme: Months::new(horizon),
            referrals: None,
            returns: None,
            is_touched: false,
            through: (heads == Heads::ThroughMonth).then(through),
            reduction: Months::new(horizon),
        }
    }

    /// Carries one segment, drawn before, through all months and books the difference. The months
    /// themselves are there afterwards only if they are `wanted`.
    pub(crate) fn carry(
        &mut self,
        batch: Batch<'_>,
        drawn: &Drawn,
        mut book: Book<'_>,
        wanted: bool,
    ) {
        let Batch {
            arch,
            segment,
            won,
            response,
            noise,
            ..
        } = batch;
        let (effects, parameters) = (batch.effects(), &drawn.parameters);
        let recruiting = segment.effects_on(Lever::Referrals);
        self.referrals = (!recruiting.is_empty()).then(|| response.referral_rate(recruiting));
        let last = self.baseline.len() - 1;
        let win_back = segment.win_back.as_ref();
        self.returns = win_back.map(|it| Returns::new(batch, it, last));
        self.baseline[0] = [segment.customers.iter().sum(); LANES];
        self.programme[0] = self.baseline[0];
        let evenly = batch.heads == Heads::ThroughMonth;
        let is_plain =
            batch.calendar.is_none() && !evenly && segment.causes.is_empty() && win_back.is_none();
        // A constant hazard mostly does without.
        let is_constant =
            is_plain && matches!((&segment.hazard, noise), (Hazard::Constant(_), None));
        if !is_constant {
            batch.reduction(&mut self.reduction);
            if let Some(calendar) = batch.calendar {
                calendar::also_reduce(arch, calendar, &mut self.reduction);
            }
        }
        let ages = Ages {
            customers: &segment.customers,
            won,
            last_entry: batch.last_entry,
            calendar: batch.calendar,
            evenly,
            touched: !effects.is_empty()
                || !segment.causes.is_empty()
                || self.referrals.is_some()
                || !segment.effects_on(Lever::WinBack).is_empty(),
            returning: win_back.is_some(),
        };
        self.is_touched = ages.touched;
        let longest = ages.customers.len() + last + 1;
        let mut booked = false;
        match (&segment.hazard, noise) {
            (Hazard::Constant(_), None) if is_plain => {
                let book = (!wanted).then(|| book.reborrow());
                booked = survival::carry_constant(self, batch, drawn, book);
            }
            (Hazard::Constant(_), None) => age::carry_bands(arch, self, ages, &[0], parameters),
            (Hazard::Constant(_), Some(noise)) => {
                binomial::carry_bands(arch, self, ages, &[0], parameters, noise);
            }
            (Hazard::Bands(starts, _), None) => {
                age::carry_bands(arch, self, ages, starts, parameters);
            }
            (Hazard::Bands(starts, _), Some(noise)) => {
                binomial::carry_bands(arch, self, ages, starts, parameters, noise);
            }
            (Hazard::Heterogeneous(_), _) => {
                let clock = Clock::gamma(arch, parameters, longest, evenly);
                cohort::carry(arch, self, ages, &clock, noise);
            }
            (Hazard::Mixture(starts, _), _) => {
                let clock = Clock::mixture(arch, starts, parameters, longest, evenly);
                cohort::carry(arch, self, ages, &clock, noise);
            }
        }
        if let Some(through) = &mut self.through {
            for (through, ends) in through.iter_mut().zip([&self.baseline, &self.programme]) {
                average(arch, ends, through);
            }
        }
        if !booked {
            let ends = [self.baseline[last], self.programme[last]];
            let [without, with] = self.heads();
            book::book(arch, without, with, book.reborrow());
            [book.sums.final_baseline, book.sums.final_programme] = ends;
        }
    }

    /// Customers that money goes by, as things are and with the programme.
    pub(crate) fn heads(&self) -> [&[Lane]; 2] {
        match &self.through {
            Some([without, with]) => [without, with],
            None => [&self.baseline, &self.programme],
        }
    }

    /// Those who enter in a month as things are: won, and come back.
    #[inline(always)]
    fn entering_as_is(&mut self, month: usize, ages: Ages<'_>) -> Lane {
        let won = ages.won_in(month);
        match self.returns.as_mut().filter(|_| ages.enters_in(month)) {
            Some(returns) => returns.enter(World::AsIs, month, &self.baseline[month - 1], &won),
            None => won,
        }
    }

    /// Those who enter the programme's world in a month: won, recruited, and come back.
    #[inline(always)]
    fn entering(&mut self, month: usize, ages: Ages<'_>) -> Lane {
        let mut entering = ages.won_in(month);
        if let Some(referrals) = self.referrals.as_ref().filter(|_| ages.enters_in(month)) {
            for l in 0..LANES {
                entering[l] += referrals[month][l] * self.programme[month - 1][l];
            }
        }
        match self.returns.as_mut().filter(|_| ages.enters_in(month)) {
            Some(returns) => {
                let before = &self.programme[month - 1];
                returns.enter(World::Programme, month, before, &entering)
            }
            None => entering,
        }
    }

    /// Who comes back by month, as things are and with the programme; nobody ever where there is nothing.
    pub(crate) fn returned(&self) -> Option<[&[Lane]; 2]> {
        let returns = self.returns.as_ref()?;
        let as_is = returns.returned(World::AsIs);
        // Where nothing is done the worlds are one.
        let with = if self.is_touched {
            returns.returned(World::Programme)
        } else {
            as_is
        };
        Some([as_is, with])
    }
}

/// One segment in a batch of trials.
#[derive(Clone, Copy)]
pub(crate) struct Batch<'a> {
    pub(crate) arch: Arch,
    pub(crate) segment: &'a Segment,
    /// New customers a month.
    pub(crate) won: &'a Lane,
    /// Values of all inputs.
    pub(crate) values: &'a [Lane],
    pub(crate) response: &'a Response,
    /// Last month in which anybody enters.
    pub(crate) last_entry: usize,
    /// Share by which hazards are less in each month than they were, in both worlds; none where they
    /// stay as they are.
    pub(crate) calendar: Option<&'a [Lane]>,
    /// Which customers of a month its money goes by.
    pub(crate) heads: Heads,
    /// Where losses are drawn from, if they are.
    pub(crate) noise: Option<Noise>,
}

impl<'a> Batch<'a> {
    /// What acts on the hazard.
    fn effects(&self) -> &'a [EffectGroup] {
        self.segment.effects_on(Lever::Hazard)
    }

    /// The share by which the programme reduces hazards, by month.
    fn reduction(self, out: &mut [Lane]) {
        let Batch {
            arch,
            segment,
            values,
            response,
            ..
        } = self;
        let ceiling = self.ceiling();
        response.reduction(arch, self.effects(), out);
        response.also_reduce_parts(arch, &segment.causes, ceiling.as_ref(), values, out);
        if let Some(ceiling) = ceiling {
            cap(arch, &ceiling, out);
        }
    }

    /// Most that the hazard can be reduced by, a share; none without a limit.
    fn ceiling(&self) -> Option<Lane> {
        let share = self.segment.experience_share?;
        Some(at_least_zero(share.lane(self.values)))
    }
}

/// A segment's hazard in a batch of trials.
#[derive(Default)]
pub(crate) struct Drawn {
    parameters: Vec<Lane>,
    /// Whether survival with the programme is that simple.
    in_series: bool,
    series: Series,
    /// Discounted months of a customer won at month 0, as things are.
    pub(crate) lifetime: Lane,
}

impl Drawn {
    pub(crate) fn draw(&mut self, batch: Batch<'_>, discount: Discount<'_>) {
        let parameters = batch.segment.hazard.parameters();
        draw(batch.arch, parameters, batch.values, &mut self.parameters);
        if let Calendar::Recorded(record) = &batch.segment.calendar {
            record.bring_to_date(batch.values, &mut self.parameters);
        }
        self.in_series = self.series.expand(batch, &self.parameters);
        self.find_lifetime(batch, discount);
    }
}

/// A segment whose customers are followed by age.
#[derive(Clone, Copy)]
struct Ages<'a> {
    /// Customers at month 0 by age.
    customers: &'a [f64],
    /// New customers a month.
    won: &'a Lane,
    /// Last month in which anybody enters.
    last_entry: usize,
    /// Share by which hazards are less in each month, in both worlds.
    calendar: Option<&'a [Lane]>,
    /// Whether customers come evenly through months, else at their ends.
    evenly: bool,
    /// Whether the programme changes anything here.
    touched: bool,
    /// Whether anybody comes back.
    returning: bool,
}

impl Ages<'_> {
    /// Whether anybody enters in a month.
    fn enters_in(&self, month: usize) -> bool {
        month <= self.last_entry
    }

    /// New customers of a month.
    #[inline(always)]
    fn won_in(&self, month: usize) -> Lane {
        if self.enters_in(month) {
            *self.won
        } else {
            [0.0; LANES]
        }
    }
}

kernel! {
    /// The parameters in each trial.
    fn draw<'a>(parameters: &'a Parameters, values: &'a [Lane], out: &'a mut Vec<Lane>) {
        out.clear();
        match parameters {
            Parameters::Terms(terms) => {
                for term in terms {
                    out.push(at_least_zero(term.lane(values)));
                }
            }
            Parameters::Posterior { posterior, normals } => {
                out.extend(normals.iter().map(|&index| values[index]));
                posterior.transform(out);
                for value in out.as_flattened_mut() {
                    *value = exp(*value);
                }
            }
            Parameters::Scaled {
                hazards,
                log_sd,
                normal,
            } => {
                let mut factor = values[*normal];
                for factor in &mut factor {
                    *factor = exp(log_sd * *factor);
                }
                out.extend(hazards.iter().map(|hazard| factor.map(|f| hazard * f)));
            }
            Parameters::Loaded {
                hazards,
                loadings,
                normals,
            } => {
                for (hazard, loadings) in hazards.iter().zip(loadings) {
                    let mut moved = [0.0; LANES];
                    for (loading, normal) in loadings.iter().zip(normals) {
                        let normal = &values[*normal];
                        for l in 0..LANES {
                            moved[l] += loading * normal[l];
                        }
                    }
                    out.push(moved.map(|log| hazard * exp(log)));
                }
            }
        }
    }
}

kernel! {
    /// Customers through a month: the mean of those at its two ends.
    fn average<'a>(ends: &'a [Lane], through: &'a mut [Lane]) {
        through[0] = ends[0];
        for (pair, through) in ends.windows(2).zip(&mut through[1..]) {
            for l in 0..LANES {
                through[l] = 0.5 * (pair[0][l] + pair[1][l]);
            }
        }
    }
}

#[inline(always)]
fn at_least_zero(mut lane: Lane) -> Lane {
    for value in &mut lane {
        *value = value.max(0.0);
    }
    lane
}

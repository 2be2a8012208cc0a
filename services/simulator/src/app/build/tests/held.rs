//! Whether bands hold what they promise, over companies whose future is known: drawn by a generator of
//! its own, customer by customer and day by day.
//!
//! Three years: the first makes a baseline whose forecast of the second tells the widening; the first
//! two make the one whose forecast of the third is held against it, with that widening and without.

use keepworth_contract::simulator::{BacktestReport, CountedFigure};
use keepworth_sim::forecast::Shocks;
use keepworth_verdict::backtest::{Question, backtest, shocks};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, LogNormal, Normal, Poisson};

use super::*;

const COMPANIES: u64 = if cfg!(feature = "slow-tests") {
    200
} else {
    20
};
const SEGMENTS: [&str; 4] = ["a", "b", "c", "d"];
const MONTHS: usize = 36;
/// Customers of a segment when records begin.
const STOCK: u32 = 250;

pub(super) fn first() -> Month {
    "2022-01".parse().unwrap()
}

/// Log factors by month on hazard, customers won, revenue and contacts.
type Factors = [[f64; MONTHS]; 4];

pub(super) struct Life {
    key: u32,
    segment: usize,
    acquired_on: NaiveDate,
    observed_from: NaiveDate,
    left_on: Option<NaiveDate>,
    /// Minor units and contacts by month.
    minor: [i64; MONTHS],
    contacts: [u64; MONTHS],
}

pub(super) struct Generator {
    pub(super) rng: ChaCha8Rng,
    /// Whether rates drift, have seasons, and are shaken.
    pub(super) is_wild: bool,
    /// What a programme takes away from hazard and contacts in the third year: shares of them.
    pub(super) treated: [f64; 2],
}

impl Generator {
    fn normal(&mut self, sd: f64) -> f64 {
        Normal::new(0.0, sd).unwrap().sample(&mut self.rng)
    }

    fn poisson(&mut self, mean: f64) -> u32 {
        if mean > 0.0 {
            Poisson::new(mean).unwrap().sample(&mut self.rng) as u32
        } else {
            0
        }
    }

    /// Drift, season, a level of each year, and months that hang together.
    fn common(&mut self) -> Factors {
        let (is_wild, mut factors) = (self.is_wild, [[0.0; MONTHS]; 4]);
        for by_month in factors.iter_mut().filter(|_| is_wild) {
            let (drift, phase) = (
                self.normal(0.04),
                self.rng.random_range(0.0..std::f64::consts::TAU),
            );
            let (mut level, mut shaken) = (0.0, 0.0);
            for (month, factor) in by_month.iter_mut().enumerate() {
                if month % 12 == 0 {
                    level += self.normal(0.05);
                }
                shaken = 0.6 * shaken + self.normal(0.04);
                let season = 0.08 * (phase + month as f64 * std::f64::consts::TAU / 12.0).sin();
                *factor = level + shaken + season + drift * month as f64 / 12.0;
            }
        }
        factors
    }

    /// Those of a segment: the common ones, and a level of its own for each year.
    fn own(&mut self, common: &Factors) -> Factors {
        let (is_wild, mut factors) = (self.is_wild, *common);
        for (place, share) in [(0, self.treated[0]), (3, self.treated[1])] {
            let third_year = factors[place][24..].iter_mut();
            third_year.for_each(|factor| *factor += (1.0 - share).ln());
        }
        for by_month in factors.iter_mut().filter(|_| is_wild) {
            for year in by_month.chunks_mut(12) {
                let level = self.normal(0.04);
                year.iter_mut().for_each(|factor| *factor += level);
            }
        }
        factors
    }

    pub(super) fn company(&mut self) -> Vec<Life> {
        let common = self.common();
        let mut lives = Vec::new();
        for segment in 0..SEGMENTS.len() {
            let factors = self.own(&common);
            for _ in 0..STOCK {
                let days = self.rng.random_range(1..700);
                let acquired_on = first().first_day() - Days::new(days);
                let key = lives.len() as u32;
                lives.push(self.live(key, segment, acquired_on, &factors));
            }
            for month in 0..MONTHS {
                let won = self.poisson(8.0 * factors[1][month].exp());
                for _ in 0..won {
                    let start = first().plus(month as i32);
                    let days = (start.last_day() - start.first_day()).num_days();
                    let day = self.rng.random_range(0..=days);
                    let acquired_on = start.first_day() + Days::new(day.cast_unsigned());
                    let key = lives.len() as u32;
                    lives.push(self.live(key, segment, acquired_on, &factors));
                }
            }
        }
        lives
    }

    fn live(
        &mut self,
        key: u32,
        segment: usize,
        acquired_on: NaiveDate,
        factors: &Factors,
    ) -> Life {
        let observed_from = acquired_on.max(first().first_day());
        let mut life = Life {
            key,
            segment,
            acquired_on,
            observed_from,
            left_on: None,
            minor: [0; MONTHS],
            contacts: [0; MONTHS],
        };
        let amounts = LogNormal::new(3.0, 0.5).unwrap();
        for (month, leaving) in factors[0].iter().enumerate() {
            let calendar = first().plus(month as i32);
            let (start, end) = (observed_from.max(calendar.first_day()), calendar.last_day());
            if start > end {
                continue;
            }
            let length = (end - calendar.first_day()).num_days() as f64 + 1.0;
            let days = (end - start).num_days() as f64 + 1.0;
            let hazard = (0.02 + 0.01 * segment as f64) * leaving.exp() / length;
            let until = -self.rng.random::<f64>().ln() / hazard;
            let there = days.min(until.floor() + 1.0);
            let bought = self.poisson(2.0 * there / length);
            for _ in 0..bought {
                let amount = amounts.sample(&mut self.rng) * factors[2][month].exp();
                life.minor[month] += (100.0 * amount) as i64;
            }
            let contacts = self.poisson(0.4 * factors[3][month].exp() * there / length);
            life.contacts[month] = contacts.into();
            if until < days {
                life.left_on = Some(start + Days::new(there as u64 - 1));
                break;
            }
        }
        life
    }

    /// What is booked: shares of revenue, rates of customers and contacts, each off by some percent.
    pub(super) fn books(&mut self, lives: &[Life]) -> Vec<CostRow> {
        let mut rows = Vec::new();
        for (segment, name) in SEGMENTS.iter().enumerate() {
            let own = lives.iter().filter(|it| it.segment == segment);
            let own: Vec<&Life> = own.collect();
            for month in 0..MONTHS {
                let calendar = first().plus(month as i32);
                let sum = |of: &dyn Fn(&Life) -> f64| own.iter().map(|it| of(it)).sum::<f64>();
                let won = sum(&|it| f64::from(Month::of(it.acquired_on) == calendar));
                let is_there = |it: &Life| {
                    it.observed_from <= calendar.last_day()
                        && it.left_on.is_none_or(|day| day >= calendar.first_day())
                };
                let booked = [
                    (
                        "COST_OF_REVENUE",
                        None,
                        0.4 * sum(&|it| it.minor[month] as f64),
                    ),
                    ("OVERHEAD", None, 500.0 * sum(&|it| f64::from(is_there(it)))),
                    (
                        "SERVICE",
                        Some("phone"),
                        500.0 * sum(&|it| it.contacts[month] as f64),
                    ),
                    ("ACQUISITION", None, 3_000.0 * won),
                ];
                for (category, channel, minor) in booked {
                    rows.push(CostRow {
                        segment: Some((*name).to_owned()),
                        category: category.to_owned(),
                        component: None,
                        channel: channel.map(str::to_owned),
                        month: calendar.to_string(),
                        minor: (minor * self.normal(0.04).exp()) as i64,
                        currency: "EUR".to_owned(),
                        entries: 1,
                        assumed_entries: 0,
                    });
                }
            }
        }
        rows
    }
}

/// The last day of a year from 1.
fn end(year: i32) -> NaiveDate {
    first().plus(12 * year - 1).last_day()
}

/// What the feeds say of it at the end of a year.
pub(super) fn known(lives: &[Life], books: &[CostRow], year: i32) -> Records {
    let as_of = end(year);
    let mut records = Records::new(as_of);
    let from = 12 * (year as usize - 1);
    let mut cohorts: BTreeMap<(usize, u32, u32), CohortRow> = BTreeMap::new();
    for life in lives.iter().filter(|it| it.observed_from <= as_of) {
        let left_on = life.left_on.filter(|day| *day <= as_of);
        let mut row = episode(life.key, SEGMENTS[life.segment], "2022-01-01", None);
        (row.acquired_on, row.observed_from) = (life.acquired_on, life.observed_from);
        (row.observed_to, row.left) = (left_on.unwrap_or(as_of), left_on.is_some());
        let minor: [i64; 12] = life.minor[from..from + 12].try_into().unwrap();
        let exposures = (from..from + 12).filter(|month| life.contacts[*month] > 0);
        let exposures = exposures.map(|month| {
            let contacts = life.contacts[month];
            let calendar = first().plus(month as i32).to_string();
            exposure(life.key, &calendar, contacts, 300 * contacts.cast_signed())
        });
        let exposures: Vec<ExposureRow> = exposures.collect();
        let revenues = [charged(life.key, minor)];
        records.tallies.add(&row, &exposures, &revenues).unwrap();
        put_cohorts(&mut cohorts, &row, life.segment, as_of);
    }
    for row in cohorts.values() {
        records.add_cohort(row);
    }
    for row in books {
        let month: Month = row.month.parse().unwrap();
        if month <= Month::of(as_of) {
            let row = EconomicsRow::Cost(row.clone());
            records.costs.push(row, first().plus(from as i32)).unwrap();
        }
    }
    records
}

/// Counts a customer into months of tenure.
fn put_cohorts(
    cohorts: &mut BTreeMap<(usize, u32, u32), CohortRow>,
    row: &EpisodeRow,
    segment: usize,
    as_of: NaiveDate,
) {
    let begin = |tenure: u32| row.acquired_on + chrono::Months::new(tenure);
    for tenure in 0.. {
        let (from, next) = (begin(tenure), begin(tenure + 1));
        if from > row.observed_to {
            break;
        }
        if next <= row.observed_from {
            continue;
        }
        let after = (row.observed_to + Days::new(1)).min(next);
        let here = row.observed_from.max(from);
        let years_ago =
            (Month::of(as_of).index() - Month::of(after.pred_opt().unwrap()).index()) / 12;
        let cell = cohorts
            .entry((segment, tenure, years_ago.cast_unsigned()))
            .or_insert_with(|| CohortRow {
                years_ago: years_ago.cast_unsigned(),
                ..cohort(SEGMENTS[segment], tenure, 0.0, 0, 0, 0)
            });
        let is_last = row.observed_to < next;
        cell.entered += u64::from(here == row.observed_from);
        cell.at_risk += 1;
        cell.exposure_months += months_between(here, after);
        cell.left_unknown += u64::from(is_last && row.left);
        cell.active += u64::from(is_last && !row.left);
    }
}

/// What the end of a year forecast of the next.
fn held(lives: &[Life], books: &[CostRow], year: i32, shocks: Shocks) -> BacktestReport {
    let (then, since) = (known(lives, books, year), known(lives, books, year + 1));
    let (before, after) = (then.histories().unwrap(), since.histories().unwrap());
    let months: Vec<Month> = (0..12).map(|it| first().plus(12 * year + it)).collect();
    let baseline = then.into_baseline().unwrap();
    let question = Question {
        baseline: &baseline,
        before: &before,
        after: &after,
        months: &months,
        trials: 600,
        seed: 1,
        shocks,
    };
    backtest(&question).unwrap()
}

/// Mean share within bands of 80% by company, and half of its interval of 99%, by Student's t of the next smaller of 10, 20
/// and 200 companies.
pub(super) fn mean(shares: &[f64]) -> (f64, f64) {
    let n = shares.len() as f64;
    let mean = shares.iter().sum::<f64>() / n;
    let squares: f64 = shares.iter().map(|it| (it - mean).powi(2)).sum();
    let t = match shares.len() {
        ..=10 => 3.25,
        11..=20 => 2.86,
        _ => 2.60,
    };
    (mean, t * (squares / (n - 1.0) / n).sqrt())
}

/// Share of actuals within bands of 80%, of one figure or of all. An actual on the end of a band counts half: the
/// bands of counts end on whole numbers, which many futures share, and hold more than they promise with both ends.
fn eighty(report: &BacktestReport, figure: Option<CountedFigure>) -> f64 {
    let cells = report.cells.iter().filter(|it| it.channel.is_none());
    let cells = cells.filter(|it| figure.is_none_or(|figure| it.figure == figure));
    let held = cells.map(|it| {
        let (band, actual) = (&it.bands[1], it.actual);
        let inside = f64::from(u8::from(band.low < actual && actual < band.high));
        let on_an_end = f64::from(u8::from(actual == band.low || actual == band.high));
        inside + 0.5 * on_an_end
    });
    let held: Vec<f64> = held.collect();
    held.iter().sum::<f64>() / held.len() as f64
}

fn tell(what: &str, reports: &[BacktestReport]) -> (f64, f64) {
    let of = |figure: Option<CountedFigure>| {
        let shares: Vec<f64> = reports.iter().map(|it| eighty(it, figure)).collect();
        mean(&shares)
    };
    let found = of(None);
    println!(
        "{what}: {:.3} ± {:.3} (99%) over {} companies",
        found.0,
        found.1,
        reports.len()
    );
    for figure in reports[0].figures.iter().filter(|it| it.channel.is_none()) {
        let (share, half) = of(Some(figure.figure));
        println!("    {}: {share:.3} ± {half:.3}", figure.figure);
    }
    found
}

#[test]
fn bands_hold_where_the_model_is_right() {
    let reports = (0..COMPANIES).map(|seed| {
        let rng = ChaCha8Rng::seed_from_u64(1_000 + seed);
        let mut generator = Generator {
            rng,
            is_wild: false,
            treated: [0.0; 2],
        };
        let lives = generator.company();
        let books = generator.books(&lives);
        held(&lives, &books, 2, Shocks::default())
    });
    let (share, half) = tell("as the model has it", &reports.collect::<Vec<_>>());
    assert!((share - 0.8).abs() < half, "{share} ± {half}");
}

#[test]
fn bands_hold_with_the_widening_that_a_backtest_found() {
    let (mut narrow, mut wide) = (Vec::new(), Vec::new());
    for seed in 0..COMPANIES {
        let rng = ChaCha8Rng::seed_from_u64(seed);
        let mut generator = Generator {
            rng,
            is_wild: true,
            treated: [0.0; 2],
        };
        let lives = generator.company();
        let books = generator.books(&lives);
        let past = held(&lives, &books, 1, Shocks::default());
        narrow.push(held(&lives, &books, 2, Shocks::default()));
        wide.push(held(&lives, &books, 2, shocks(&past.model_error)));
    }
    tell("drift, seasons and shocks, without widening", &narrow);
    let (share, half) = tell("the same with it", &wide);
    assert!((share - 0.8).abs() < half, "{share} ± {half}");
}

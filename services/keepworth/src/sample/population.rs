//! Where companies come from: the sample company, and the population that others are drawn from.
//!
//! | of a company | drawn |
//! |---|---|
//! | export | a day of 2025, in half of the companies the last one of a month |
//! | records of customers | begin 9 to 37 months before, in half of the companies on the first day of a month |
//! | first customer | won 6 to 60 months before the records begin, evenly since (a Poisson process) |
//! | books | the last twelve calendar months, or since the month in which the records begin |
//! | late books | in half of the companies one category of cost lacks its last one or two months |
//! | segments | 2 to 5; customers in the records in ratios of up to 50 to 1, uniform in the logarithm, but 15 at least |
//! | hazard | 0.03 to 0.09 a month in the first band, uniform in the logarithm, falling from band to band to 45–80%, 50–90%, 50–100%; segments about it with Laplace's distribution, log-sd 0.1 to 0.6, and each band by 0.1 more |
//! | revenue | 20 to 500 a month, uniform in the logarithm, by segment; customers about it with a cv of 0.3 to 1 |
//! | cost of revenue, overhead | 20 to 60%, 3 to 12% of revenue |
//! | cost of winning a customer | 2 to 8 months of revenue |
//! | contacts | 0.2 to 1.2 a month, customers about it with a cv of 0.4 to 1.2; three channels |
//! | minutes, cost of a minute | median 2 to 12, log-sd 0.3 to 0.8; 0.3 to 1.2 |
//! | cost of a month, line by line | lognormal about what it should be, log-sd 0.02 to 0.12 |
//! | reasons of experience | 30 to 60% of leaving |
//! | programme | takes 5 to 20% of every hazard; costs 1 to 5% of a year's revenue |
//! | drift | ×0.6 to ×1.7 a year, uniform in the logarithm |
//! | season | 20 to 50% above and below the year's mean |
//! | shock | log-sd 0.2 to 0.5 a month |

use chrono::{Days, Months, NaiveDate};
use keepworth_contract::Month;
use rand::{Rng, RngExt};

use super::calendar::Calendar;
use super::truth::{BOOKED_MONTHS, Channel, Kind, Late, Programme, Segment, Truth};

/// Fewest customers in the records of a segment, on average.
const FEWEST: f64 = 15.0;

const NAMES: [&str; 5] = ["business", "enterprise", "home", "public", "starter"];
const CHANNELS: [&str; 3] = ["phone", "chat", "email"];
const COSTS: [&str; 4] = ["COST_OF_REVENUE", "OVERHEAD", "SERVICE", "ACQUISITION"];

impl Truth {
    /// A company with about so many customers in its records (exactly so many of the sample).
    pub(crate) fn new(kind: Kind, customers: u64, rng: &mut impl Rng) -> Self {
        let mut truth = match kind {
            Kind::Sample => Self::sample(),
            _ => Self::drawn(kind, rng),
        };
        // Until here `won_per_month` is a weight: of the won in the sample, of the known otherwise.
        let known: Vec<f64> = truth
            .segments
            .iter()
            .map(|it| truth.known_per_won(it))
            .collect();
        if kind != Kind::Sample {
            let parts = truth.segments.iter_mut().zip(&known);
            parts.for_each(|(segment, known)| segment.won_per_month /= known);
        }
        let parts = truth.segments.iter().zip(&known);
        let total: f64 = parts
            .map(|(segment, known)| segment.won_per_month * known)
            .sum();
        for (segment, known) in truth.segments.iter_mut().zip(&known) {
            segment.won_per_month *= customers as f64 / total;
            if kind != Kind::Sample {
                segment.won_per_month = segment.won_per_month.max(FEWEST / known);
            }
        }
        let revenue = |(it, known): (&Segment, &f64)| it.won_per_month * known * it.revenue;
        truth.programme.cost *= 12.0 * truth.segments.iter().zip(&known).map(revenue).sum::<f64>();
        truth.programme.cost = truth.programme.cost.round();
        truth
    }

    fn sample() -> Self {
        let as_of = sample_as_of();
        let end = as_of + Days::new(1);
        let segment =
            |name,
             share,
             hazard,
             [revenue, cost_of_revenue, overhead, acquisition, contacts]: [f64; 5]| {
                Segment {
                    name,
                    won_per_month: share,
                    hazard,
                    revenue,
                    revenue_cv: 0.25,
                    cost_of_revenue,
                    overhead,
                    acquisition,
                    contacts,
                    contacts_cv: 0.0,
                    experience_share: 0.15,
                }
            };
        let channel = |name, share, median_minutes, cost_per_minute| Channel {
            name,
            share,
            median_minutes,
            cost_per_minute,
        };
        Self {
            kind: Kind::Sample,
            as_of,
            records_from: end - Months::new(36),
            won_from: end - Months::new(60),
            books_from: Month::of(as_of).plus(1 - BOOKED_MONTHS.cast_signed()),
            late: None,
            segments: vec![
                segment(
                    "starter",
                    0.60,
                    [0.060, 0.035, 0.022, 0.015],
                    [79.0, 0.35, 6.0, 180.0, 0.40],
                ),
                segment(
                    "business",
                    0.30,
                    [0.035, 0.020, 0.014, 0.010],
                    [290.0, 0.30, 20.0, 900.0, 0.60],
                ),
                segment(
                    "enterprise",
                    0.10,
                    [0.012, 0.009, 0.007, 0.005],
                    [1_900.0, 0.25, 110.0, 11_000.0, 1.20],
                ),
            ],
            channels: vec![
                channel("phone", 0.55, 8.0, 0.90),
                channel("chat", 0.30, 6.0, 0.55),
                channel("email", 0.15, 4.0, 0.40),
            ],
            experience_hazard_ratio: 1.35,
            minutes_log_sd: 0.5,
            cost_log_sd: 0.0,
            calendar: Calendar::still(Month::of(as_of)),
            programme: programme(0.10, 0.02),
        }
    }

    fn drawn(kind: Kind, rng: &mut impl Rng) -> Self {
        let as_of = NaiveDate::from_yo_opt(2025, rng.random_range(1..=365)).unwrap_or_default();
        let as_of = if rng.random_bool(0.5) {
            Month::of(as_of).plus(1).first_day() - Days::new(1)
        } else {
            as_of
        };
        let records_from = as_of + Days::new(1)
            - Months::new(rng.random_range(9..=36))
            - Days::new(rng.random_range(0..28));
        let records_from = if rng.random_bool(0.5) {
            Month::of(records_from).first_day()
        } else {
            records_from
        };
        let won_from = records_from - Months::new(rng.random_range(6..=60));
        let year = Month::of(as_of).plus(1 - BOOKED_MONTHS.cast_signed());
        let late = rng.random_bool(0.5).then(|| Late {
            category: COSTS[rng.random_range(0..COSTS.len())],
            months: rng.random_range(1..=2),
        });
        let count = rng.random_range(2..=NAMES.len());
        let segments = segments(rng, count);
        let channels = channels(rng);
        let (minutes_log_sd, cost_log_sd) =
            (rng.random_range(0.3..0.8), rng.random_range(0.02..0.12));
        let programme = programme(rng.random_range(0.05..0.20), rng.random_range(0.01..0.05));
        Self {
            kind,
            as_of,
            records_from,
            won_from,
            books_from: year.max(Month::of(records_from)),
            late,
            segments,
            channels,
            experience_hazard_ratio: 1.0,
            minutes_log_sd,
            cost_log_sd,
            calendar: calendar(kind, rng, Month::of(won_from), Month::of(as_of)),
            programme,
        }
    }
}

/// The day of the sample company's export.
pub(crate) fn sample_as_of() -> NaiveDate {
    NaiveDate::from_ymd_opt(2025, 12, 31).unwrap_or_default()
}

/// `cost` is a share of a year's revenue until that is known.
fn programme(hazard_reduction: f64, cost: f64) -> Programme {
    Programme {
        hazard_reduction,
        cost,
        horizon_months: 24,
        discount_rate: 0.10,
    }
}

fn segments(rng: &mut impl Rng, count: usize) -> Vec<Segment> {
    let falls = [(0.45, 0.80), (0.50, 0.90), (0.50, 1.00)];
    let mut company = [log_uniform(rng, 0.03, 0.09); 4];
    for (band, (low, high)) in falls.into_iter().enumerate() {
        company[band + 1] = company[band] * rng.random_range(low..high);
    }
    let log_sd = rng.random_range(0.1..0.6);
    let segment = |name| {
        let revenue = log_uniform(rng, 20.0, 500.0);
        let level = laplace(rng, log_sd);
        Segment {
            name,
            won_per_month: log_uniform(rng, 1.0, 50.0),
            hazard: company
                .map(|hazard| (hazard * (level + laplace(rng, 0.1)).exp()).clamp(0.001, 0.25)),
            revenue,
            revenue_cv: rng.random_range(0.3..1.0),
            cost_of_revenue: rng.random_range(0.2..0.6),
            overhead: revenue * rng.random_range(0.03..0.12),
            acquisition: revenue * rng.random_range(2.0..8.0),
            contacts: rng.random_range(0.2..1.2),
            contacts_cv: rng.random_range(0.4..1.2),
            experience_share: rng.random_range(0.3..0.6),
        }
    };
    NAMES[..count].iter().copied().map(segment).collect()
}

fn channels(rng: &mut impl Rng) -> Vec<Channel> {
    let weights = CHANNELS.map(|_| rng.random_range(0.2..1.0));
    let total: f64 = weights.iter().sum();
    let channel = |(name, weight): (&'static str, f64)| Channel {
        name,
        share: weight / total,
        median_minutes: rng.random_range(2.0..12.0),
        cost_per_minute: rng.random_range(0.3..1.2),
    };
    CHANNELS.into_iter().zip(weights).map(channel).collect()
}

fn calendar(kind: Kind, rng: &mut impl Rng, first: Month, now: Month) -> Calendar {
    let is = |other| kind == other || kind == Kind::Mixed;
    let mut calendar = Calendar::still(now);
    if is(Kind::Drift) {
        calendar.log_drift_a_year = log_uniform(rng, 0.6, 1.7).ln();
    }
    if is(Kind::Season) {
        calendar.season = rng.random_range(0.2..0.5);
        calendar.season_peak = rng.random_range(0..12);
    }
    if is(Kind::Shock) {
        calendar.shock_log_sd = rng.random_range(0.2..0.5);
        calendar.draw_shocks(rng, first);
    }
    calendar
}

fn log_uniform(rng: &mut impl Rng, low: f64, high: f64) -> f64 {
    rng.random_range(f64::ln(low)..f64::ln(high)).exp()
}

/// Laplace's distribution about 0.
fn laplace(rng: &mut impl Rng, sd: f64) -> f64 {
    let u: f64 = rng.random_range(-0.5..0.5);
    -sd / std::f64::consts::SQRT_2 * u.signum() * (1.0 - 2.0 * u.abs()).ln()
}

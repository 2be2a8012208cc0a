//! Acquire or keep: what the next unit of money should be spent on, per segment.

use crate::app::conversion::reporting;
use crate::app::lever_basis::{Facts, KnownHistory, StatedFigures, keeping, winning};
use crate::app::period::Period;
use crate::app::segment_verdict::{Inputs, answer};
use crate::app::unit_cost::{Gathered, gather};
use crate::rule::response::segment_economics::SegmentEconomics;
use crate::store::response_history;
use keepworth_cashflow::Rate;
use keepworth_contract::finance::{
    AcquireOrKeep, AcquireOrKeepQuery, AcquireOrKeepReport, Lever, ResponseHistory,
};
use keepworth_contract::{Currency, Money};
use keepworth_intake::Failure;
use keepworth_store::Conn;
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use std::collections::BTreeMap;

/// A query that was checked.
pub struct Asked {
    query: AcquireOrKeepQuery,
    period: Period,
    rate: Rate,
    draws: usize,
    seed: u32,
}

/// The largest discount rate a year.
pub const MOST_RATE: i64 = 10;

/// The most draws of one request, over all segments: some seconds of work.
pub const MOST_DRAWS: usize = 20_000_000;

impl Asked {
    /// What is asked, its defaults filled in, unless something is wrong with it.
    pub fn of(query: AcquireOrKeepQuery) -> Result<Self, Failure> {
        keepworth_intake::page::check_text("segment", query.segment.as_deref())?;
        let months = query.months.unwrap_or(12);
        if !(1..=60).contains(&months) {
            return Err(Failure::malformed(format!(
                "months is {months}; give 1 to 60"
            )));
        }
        let draws = query.draws.unwrap_or(10_000);
        if !(1..=100_000).contains(&draws) {
            return Err(Failure::malformed(format!(
                "draws is {draws}; give 1 to 100000"
            )));
        }
        let rate = query.annual_rate;
        let in_range = rate > Decimal::ZERO && rate <= Decimal::from(MOST_RATE);
        let rate = rate
            .to_f64()
            .filter(|_| in_range)
            .and_then(|it| Rate::new(it).ok());
        let rate = rate.ok_or_else(|| {
            Failure::malformed(format!(
                "annual_rate is {}; give a fraction above 0 and at most {MOST_RATE}, such as 0.10 for ten percent",
                query.annual_rate
            ))
        })?;
        let stated = [
            ("margin", query.margin),
            ("acquisition_cost", query.acquisition_cost),
            ("acquisition_spend", query.acquisition_spend),
            ("retention_spend", query.retention_spend),
        ];
        for (name, value) in stated
            .into_iter()
            .filter_map(|(name, it)| Some((name, it?)))
        {
            if query.segment.is_none() {
                return Err(Failure::malformed(format!(
                    "{name} is given for every segment; name one with segment=…"
                )));
            }
            if name != "margin" && value <= Decimal::ZERO {
                return Err(Failure::malformed(format!(
                    "{name} is {value}; give an amount above 0"
                )));
            }
        }
        Ok(Self {
            period: Period {
                first: query.month.plus(1 - months),
                last: query.month,
                lag: 0,
                known_at: None,
            },
            rate,
            draws,
            seed: query.seed.unwrap_or(1),
            query,
        })
    }

    /// The query's figures in minor units of a currency.
    pub fn stated(&self, currency: Currency) -> Result<StatedFigures, Failure> {
        let minor = |name: &str, amount: Option<Decimal>| {
            let money = amount.map(|amount| Money { amount, currency });
            let minor = money.map(Money::minor_units).transpose();
            let minor = minor.map_err(|error| Failure::malformed(format!("{name}: {error}")))?;
            Ok::<_, Failure>(minor.map(|it| it as f64))
        };
        let query = &self.query;
        Ok(StatedFigures {
            margin: minor("margin", query.margin)?,
            acquisition_cost: minor("acquisition_cost", query.acquisition_cost)?,
            acquisition_spend: minor("acquisition_spend", query.acquisition_spend)?,
            retention_spend: minor("retention_spend", query.retention_spend)?,
        })
    }

    pub(crate) fn normals(&self) -> impl Iterator<Item = [f64; 4]> {
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed.into());
        (0..self.draws).map(move |_| std::array::from_fn(|_| StandardNormal.sample(&mut rng)))
    }
}

/// The histories of one segment, by lever.
#[derive(Default)]
pub struct Histories {
    acquisition: Option<KnownHistory>,
    retention: Option<KnownHistory>,
}

/// Where the next unit of money is spent best, in each segment and currency.
pub fn report(conn: &mut Conn, asked: &Asked) -> Result<AcquireOrKeepReport, Failure> {
    let histories = load_histories(conn, asked)?;
    let currency = reporting(asked.query.currency, &currencies(&histories))?;
    let currency = currency.ok_or_else(|| {
        Failure::not_found("no response history; give one with POST /v1/response-histories")
    })?;
    let stated = asked.stated(currency)?;
    let gathered = gather(conn, asked.period, Some(currency), |_| true)?;
    let items = histories.iter().map(|(segment, histories)| {
        let total = gathered.totals.get(&Some(segment.clone()));
        let facts = Facts {
            segment,
            first: asked.period.first,
            last: asked.period.last,
            currency,
            economics: total.map_or_else(SegmentEconomics::default, |(total, counts)| {
                SegmentEconomics::of(total, *counts)
            }),
            stated,
        };
        item(asked, &facts, histories, &gathered)
    });
    Ok(AcquireOrKeepReport {
        first_month: asked.period.first,
        last_month: asked.period.last,
        annual_rate: asked.query.annual_rate.to_string(),
        currency,
        items: items.collect(),
        rates: gathered.converter.told(),
        draws: asked.draws as u32,
        seed: asked.seed,
    })
}

pub(crate) fn load_histories(
    conn: &mut Conn,
    asked: &Asked,
) -> Result<BTreeMap<String, Histories>, Failure> {
    let mut histories: BTreeMap<String, Histories> = BTreeMap::new();
    for row in response_history::load_last(conn, asked.query.segment.as_deref())? {
        let history = ResponseHistory::try_from(row)?;
        let of_segment = histories.entry(history.segment.clone()).or_default();
        let of_lever = match history.lever {
            Lever::Acquisition => &mut of_segment.acquisition,
            Lever::Retention => &mut of_segment.retention,
        };
        *of_lever = Some(KnownHistory {
            known: crate::app::response_history::known(&history)?,
            currency: crate::app::response_history::currency(&history)?,
            history,
        });
    }
    let (segments, draws) = (histories.len(), asked.draws);
    if segments * draws > MOST_DRAWS {
        return Err(Failure::malformed(format!(
            "{segments} segments with {draws} draws each are more than {MOST_DRAWS} draws; ask for fewer draws, or by segment"
        )));
    }
    Ok(histories)
}

pub(crate) fn currencies(histories: &BTreeMap<String, Histories>) -> Vec<Currency> {
    let all = histories
        .values()
        .flat_map(|it| [&it.acquisition, &it.retention]);
    let by_code: BTreeMap<_, _> = all
        .flatten()
        .map(|known| (known.currency.code(), known.currency))
        .collect();
    by_code.into_values().collect()
}

pub(crate) fn item(
    asked: &Asked,
    facts: &Facts<'_>,
    histories: &Histories,
    gathered: &Gathered,
) -> AcquireOrKeep {
    let retention = histories.retention.as_ref();
    let period_months = retention
        .and_then(|it| it.history.period_months)
        .unwrap_or(12);
    let months = f64::from(period_months);
    let recorded = facts.economics.monthly_margin.map(|it| it * months);
    let margin = facts.figure("margin", facts.stated.margin, recorded);
    let keeping = keeping(retention, facts, months);
    let winning = winning(histories.acquisition.as_ref(), facts);
    let (missing, answer) = match (margin, keeping, winning) {
        (Ok(margin), Ok(keeping), Ok(winning)) => {
            let inputs = Inputs {
                margin,
                keeping,
                winning,
                period_months,
                annual_rate: asked.rate,
                record_flags: gathered.segment_flags(),
            };
            (Vec::new(), Some(answer(facts, inputs, asked.normals())))
        }
        (margin, keeping, winning) => {
            let missing = [margin.err(), keeping.err(), winning.err()];
            (missing.into_iter().flatten().collect(), None)
        }
    };
    AcquireOrKeep {
        segment: facts.segment.to_owned(),
        missing,
        answer,
    }
}

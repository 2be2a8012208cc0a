//! Worlds whose truth is known: do the bands of what we say hold it as often as they should?
//!
//! Companies are drawn by `keepworth sample --company …`, apart from everything that estimates. The
//! records of each go through the services into a baseline, the baseline into the engine with a
//! programme whose effect is known, and what the engine draws is held against the truth: of every
//! figure of the baseline, and of the company's own future.
//!
//! What is compared with the future is its **expectation** under the true figures for the customers of
//! the day: bands of a run with expected demography are of what is not known of the figures, not of
//! chance in the lives to come.
//!
//! `make slow` draws enough companies that coverage is known to 4 points and writes the table to
//! `tests/coverage.md`; the usual run draws few, which only finds what is far off.

mod company;
mod draw;
mod figure;
mod measure;
mod observe;
mod table;

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use figure::Observation;
use table::Table;

/// Companies of each kind, by seed from 1.
struct Plan {
    companies: Vec<(&'static str, u64)>,
    /// No company is begun after so long.
    at_most: Duration,
}

/// In-class companies of the slow run: the 99% interval of a share of a half is then 4 points wide
/// on either side.
const SLOW: u64 = 1_060;
/// Out-of-class companies of each kind in the slow run.
const SLOW_OUTSIDE: u64 = 60;
/// Kinds of companies whose truth is not what the estimators assume.
const OUTSIDE: [&str; 4] = ["drift", "season", "shock", "mixed"];

impl Plan {
    fn new() -> Self {
        let asked = |name| std::env::var(name).ok().and_then(|it| it.parse().ok());
        let slow = cfg!(feature = "slow-tests");
        let inside = asked("KEEPWORTH_TEST_COMPANIES").unwrap_or(if slow { SLOW } else { 40 });
        let outside =
            asked("KEEPWORTH_TEST_OUTSIDE").unwrap_or(if slow { SLOW_OUTSIDE } else { 0 });
        let mut companies: Vec<_> = (1..=inside).map(|seed| ("in-class", seed)).collect();
        for kind in OUTSIDE {
            companies.extend((1..=outside).map(|seed| (kind, seed)));
        }
        Self {
            companies,
            at_most: Duration::from_secs(asked("KEEPWORTH_TEST_MINUTES").unwrap_or(40) * 60),
        }
    }

    /// Measures the companies, as many at a time as there are cores.
    fn measure(&self) -> Table {
        let (next, start) = (AtomicU64::new(0), Instant::now());
        let found: Mutex<Vec<(usize, Vec<Observation>)>> = Mutex::new(Vec::new());
        let failed: Mutex<Vec<String>> = Mutex::new(Vec::new());
        let work = || {
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed) as usize;
                let Some(&(kind, seed)) = self.companies.get(index) else {
                    return;
                };
                if start.elapsed() > self.at_most {
                    return;
                }
                match company::measure(kind, seed) {
                    Ok(observations) => found.lock().unwrap().push((index, observations)),
                    Err(why) => failed.lock().unwrap().push(format!("{kind} {seed}: {why}")),
                }
            }
        };
        std::thread::scope(|scope| {
            for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
                scope.spawn(work);
            }
        });
        let mut found = found.into_inner().unwrap();
        found.sort_by_key(|(index, _)| *index);
        let observations = found.into_iter().flat_map(|(_, it)| it).collect();
        Table::new(observations, failed.into_inner().unwrap(), start.elapsed())
    }
}

#[test]
fn bands_hold_the_truth_as_often_as_they_say() {
    let table = Plan::new().measure();
    let text = table.to_string();
    match std::env::var("KEEPWORTH_TEST_TABLE") {
        Ok(path) => std::fs::write(&path, &text).unwrap(),
        Err(_) => println!("{text}"),
    }
    let broken = table.broken();
    assert!(broken.is_empty(), "{}\n{text}", broken.join("\n"));
}

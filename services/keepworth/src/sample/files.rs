//! The files that the sample company's systems would export, with mappings and a scenario.

use keepworth_contract::Word;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::Context;
use chrono::NaiveDate;
use indicatif::ProgressBar;
use keepworth_contract::Month;
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use rand_distr::{Distribution, Poisson};

use super::customer::{Life, pick};
use super::document::{Observed, document};
use super::ledger::{Ledger, Line};
use super::truth::{Kind, MONTHS_A_DAY, Programme, Truth, days_between};

/// A file of records and what imports it: kind, file, mapping; in the order of import.
pub(crate) const IMPORTS: [(&str, &str, &str); 6] = [
    (
        "customers",
        "customers.csv",
        include_str!("mappings/customers.toml"),
    ),
    (
        "lifecycle-events",
        "departures.csv",
        include_str!("mappings/departures.toml"),
    ),
    (
        "interactions",
        "contacts.csv",
        include_str!("mappings/contacts.toml"),
    ),
    (
        "feedback",
        "survey.csv",
        include_str!("mappings/survey.toml"),
    ),
    (
        "revenues",
        "invoices.csv",
        include_str!("mappings/invoices.toml"),
    ),
    (
        "ledger-entries",
        "ledger.csv",
        include_str!("mappings/ledger.toml"),
    ),
];

/// What the sample company could do.
const SCENARIO: &str = include_str!("scenario.toml");
/// What any other could do, its effect known exactly.
const PROGRAMME: &str = include_str!("programme.toml");

/// Where the mapping of a file is.
pub(crate) fn mapping_path(folder: &Path, file: &str) -> PathBuf {
    folder.join("mappings").join(file).with_extension("toml")
}

/// Where the scenario is.
pub(crate) fn scenario_path(folder: &Path) -> PathBuf {
    folder.join("scenario.toml")
}

/// A company to write.
pub(crate) struct Order<'a> {
    pub(crate) kind: Kind,
    /// Customers in the records: exactly so many of the sample company, about so many of others.
    pub(crate) customers: u64,
    pub(crate) seed: u64,
    /// Where the records go.
    pub(crate) folder: &'a Path,
    /// Where the truth goes.
    pub(crate) truth: &'a Path,
}

impl Order<'_> {
    /// Writes the company; answers how many customers its records have.
    pub(crate) fn write(&self, progress: &ProgressBar) -> anyhow::Result<u64> {
        let folder = self.folder;
        fs::create_dir_all(folder.join("mappings"))
            .with_context(|| format!("cannot make {}", folder.display()))?;
        for (_, file, mapping) in IMPORTS {
            fs::write(mapping_path(folder, file), mapping)?;
        }
        let truth = Truth::new(self.kind, self.customers, &mut self.random(POPULATION));
        fs::write(scenario_path(folder), scenario(&truth))?;
        let mut files = Files::create(folder, &truth)?;
        let mut ledger = Ledger::default();
        let mut observed: BTreeMap<&str, Observed> = BTreeMap::new();
        let mut number = 0;
        self.draw(&truth, |life| {
            let revenue = ledger.book(&truth, life);
            if life.is_known() {
                number += 1;
                files.customer(number, life, &revenue)?;
                let seen = observed.entry(life.segment.name).or_default();
                seen.add(&truth, life);
                progress.inc(1);
            }
            Ok(number)
        })?;
        files.finish(&truth, &ledger.close(&truth, &mut self.random(COSTS)))?;
        let document = serde_json::to_string_pretty(&document(&truth, &observed))? + "\n";
        fs::write(self.truth, document)
            .with_context(|| format!("cannot write {}", self.truth.display()))?;
        Ok(number)
    }

    /// Random numbers of their own for each purpose.
    fn random(&self, purpose: u64) -> ChaCha8Rng {
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        rng.set_stream(purpose);
        rng
    }

    /// Draws everybody who ever was a customer; `take` answers how many the records have by then.
    fn draw(
        &self,
        truth: &Truth,
        mut take: impl FnMut(&Life<'_>) -> anyhow::Result<u64>,
    ) -> anyhow::Result<()> {
        let mut rng = self.random(LIVES);
        if self.kind == Kind::Sample {
            let weights = || truth.segments.iter().map(|it| it.won_per_month);
            let mut known = 0;
            while known < self.customers {
                let segment = &truth.segments[pick(&mut rng, weights())];
                known = take(&Life::draw(&mut rng, truth, segment))?;
            }
            return Ok(());
        }
        let months = days_between(truth.won_from, truth.end()) * MONTHS_A_DAY;
        for segment in &truth.segments {
            let won = Poisson::new(segment.won_per_month * months)?.sample(&mut rng) as u64;
            for _ in 0..won {
                take(&Life::draw(&mut rng, truth, segment))?;
            }
        }
        Ok(())
    }
}

/// Streams of random numbers.
const POPULATION: u64 = 1;
const LIVES: u64 = 2;
const COSTS: u64 = 3;

fn scenario(truth: &Truth) -> String {
    if truth.kind == Kind::Sample {
        return SCENARIO.to_owned();
    }
    let Programme {
        hazard_reduction,
        cost,
        horizon_months,
        discount_rate,
    } = &truth.programme;
    let reach: Vec<String> = truth
        .segments
        .iter()
        .map(|it| format!("{} = 1.0", it.name))
        .collect();
    format!(
        "{PROGRAMME}horizon_months = {horizon_months}\ndiscount_rate = {discount_rate:?}\n\n\
         [[initiatives]]\nname = \"Fewer leave\"\nreach = {{ {} }}\n\
         effects = [{{ on = \"hazard\", size = {hazard_reduction:?}, grade = \"A\" }}]\n\
         costs = [{{ type = \"process\", amount = {cost:?} }}]\n",
        reach.join(", ")
    )
}

type Writer = csv::Writer<File>;

struct Files {
    channels: Vec<&'static str>,
    customers: Writer,
    departures: Writer,
    contacts: Writer,
    survey: Writer,
    invoices: Writer,
    ledger: Writer,
}

impl Files {
    fn create(folder: &Path, truth: &Truth) -> anyhow::Result<Self> {
        let open = |name: &str, header: &[&str]| -> anyhow::Result<Writer> {
            let path = folder.join(name);
            let mut writer = csv::Writer::from_path(&path)
                .with_context(|| format!("cannot write {}", path.display()))?;
            writer.write_record(header)?;
            Ok(writer)
        };
        Ok(Self {
            channels: truth.channels.iter().map(|it| it.name).collect(),
            customers: open(
                "customers.csv",
                &["customer", "plan", "since", "won_through", "recorded_since"],
            )?,
            departures: open("departures.csv", &["customer", "last_day", "reason"])?,
            contacts: open(
                "contacts.csv",
                &[
                    "contact", "customer", "date", "channel", "seconds", "resolved",
                ],
            )?,
            survey: open("survey.csv", &["answer", "customer", "date", "recommend"])?,
            invoices: open(
                "invoices.csv",
                &["invoice", "customer", "month", "amount_eur"],
            )?,
            ledger: open(
                "ledger.csv",
                &[
                    "entry",
                    "posted",
                    "category",
                    "component",
                    "plan",
                    "channel",
                    "amount_eur",
                ],
            )?,
        })
    }

    fn customer(
        &mut self,
        number: u64,
        life: &Life<'_>,
        revenue: &[(Month, i64)],
    ) -> anyhow::Result<()> {
        let id = format!("C{number:07}");
        let (since, recorded) = (life.acquired_on.to_string(), life.observed_from.to_string());
        self.customers.write_record([
            &id,
            life.segment.name,
            &since,
            life.acquisition_channel,
            &recorded,
        ])?;
        if let Some((left_on, cause)) = life.left {
            self.departures
                .write_record([&id, &left_on.to_string(), cause.name()])?;
        }
        let is_seen = |on: NaiveDate| on >= life.observed_from;
        let contacts = life.contacts.iter().filter(|it| is_seen(it.on));
        for (index, contact) in contacts.enumerate() {
            let (number, on) = (format!("{id}-{index}"), contact.on.to_string());
            let channel = self.channels[contact.channel];
            let seconds = contact.handle_seconds.to_string();
            let resolved = if contact.resolved { "yes" } else { "no" };
            self.contacts
                .write_record([&number, &id, &on, channel, &seconds, resolved])?;
        }
        let answers = life.answers.iter().filter(|it| is_seen(it.on));
        for (index, answer) in answers.enumerate() {
            let (number, on, score) = (
                format!("{id}-{index}"),
                answer.on.to_string(),
                answer.score.to_string(),
            );
            self.survey.write_record([&number, &id, &on, &score])?;
        }
        for (month, cents) in revenue {
            let (number, amount) = (format!("{id}-{month}"), euros(*cents));
            self.invoices
                .write_record([&number, &id, &month.to_string(), &amount])?;
        }
        Ok(())
    }

    fn finish(mut self, truth: &Truth, lines: &[(Line, i64)]) -> anyhow::Result<()> {
        for (index, (line, cents)) in lines.iter().enumerate() {
            self.ledger.write_record([
                &format!("J{:05}", index + 1),
                &last_day(line.month).min(truth.as_of).to_string(),
                line.category,
                line.component,
                line.segment,
                line.channel,
                &euros(*cents),
            ])?;
        }
        for mut writer in [
            self.customers,
            self.departures,
            self.contacts,
            self.survey,
            self.invoices,
            self.ledger,
        ] {
            writer.flush()?;
        }
        Ok(())
    }
}

fn euros(cents: i64) -> String {
    rust_decimal::Decimal::new(cents, 2).to_string()
}

fn last_day(month: Month) -> NaiveDate {
    let next = month.plus(1).first_day();
    next.pred_opt().unwrap_or(next)
}

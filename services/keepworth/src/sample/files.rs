//! The files that the sample company's systems would export, with mappings and a scenario.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::Context;
use chrono::NaiveDate;
use indicatif::ProgressBar;
use keepworth_contract::Month;
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

use super::customer::Life;
use super::ledger::Ledger;
use super::truth;

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

const SCENARIO: &str = include_str!("scenario.toml");

/// Where the mapping of a file is.
pub(crate) fn mapping_path(folder: &Path, file: &str) -> PathBuf {
    folder.join("mappings").join(file).with_extension("toml")
}

/// Where the scenario is.
pub(crate) fn scenario_path(folder: &Path) -> PathBuf {
    folder.join("scenario.toml")
}

/// Writes the company: `customers` of them, drawn with `seed`.
pub(crate) fn write(
    folder: &Path,
    customers: u64,
    seed: u64,
    progress: &ProgressBar,
) -> anyhow::Result<()> {
    fs::create_dir_all(folder.join("mappings"))
        .with_context(|| format!("cannot make {}", folder.display()))?;
    for (_, file, mapping) in IMPORTS {
        fs::write(mapping_path(folder, file), mapping)?;
    }
    fs::write(scenario_path(folder), SCENARIO)?;
    fs::write(
        folder.join("truth.json"),
        serde_json::to_string_pretty(&truth::document())? + "\n",
    )?;
    let mut files = Files::create(folder)?;
    let mut ledger = Ledger::default();
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut number = 0;
    while number < customers {
        if let Some(life) = Life::draw(&mut rng) {
            number += 1;
            files.customer(number, &life, &mut ledger)?;
            progress.inc(1);
        }
    }
    files.ledger(&ledger)
}

type Writer = csv::Writer<File>;

struct Files {
    customers: Writer,
    departures: Writer,
    contacts: Writer,
    survey: Writer,
    invoices: Writer,
    ledger: Writer,
}

impl Files {
    fn create(folder: &Path) -> anyhow::Result<Self> {
        let open = |name: &str, header: &[&str]| -> anyhow::Result<Writer> {
            let path = folder.join(name);
            let mut writer = csv::Writer::from_path(&path)
                .with_context(|| format!("cannot write {}", path.display()))?;
            writer.write_record(header)?;
            Ok(writer)
        };
        Ok(Self {
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

    fn customer(&mut self, number: u64, life: &Life, ledger: &mut Ledger) -> anyhow::Result<()> {
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
        for (index, contact) in life.contacts.iter().enumerate() {
            let (number, on) = (format!("{id}-{index}"), contact.on.to_string());
            let (channel, seconds) = (
                truth::CHANNELS[contact.channel].name,
                contact.handle_seconds.to_string(),
            );
            let resolved = if contact.resolved { "yes" } else { "no" };
            self.contacts
                .write_record([&number, &id, &on, channel, &seconds, resolved])?;
        }
        for (index, answer) in life.answers.iter().enumerate() {
            let (number, on, score) = (
                format!("{id}-{index}"),
                answer.on.to_string(),
                answer.score.to_string(),
            );
            self.survey.write_record([&number, &id, &on, &score])?;
        }
        for (month, cents) in ledger.book(life) {
            let (number, amount) = (format!("{id}-{month}"), euros(cents));
            self.invoices
                .write_record([&number, &id, &month.to_string(), &amount])?;
        }
        Ok(())
    }

    fn ledger(mut self, ledger: &Ledger) -> anyhow::Result<()> {
        for (index, (line, cents)) in ledger.cents.iter().enumerate() {
            self.ledger.write_record([
                &format!("J{:05}", index + 1),
                &last_day(line.month).to_string(),
                line.category,
                line.component,
                line.segment,
                line.channel,
                &euros(cents.round() as i64),
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

//! The sample company, written once per test that asks for it.

use std::path::PathBuf;

use super::{Keepworth, run};

/// A folder with the sample company's files.
pub struct Company {
    folder: tempfile::TempDir,
}

/// Files in the order of import: kind and name.
pub const FILES: [(&str, &str); 6] = [
    ("customers", "customers"),
    ("lifecycle-events", "departures"),
    ("interactions", "contacts"),
    ("feedback", "survey"),
    ("revenues", "invoices"),
    ("ledger-entries", "ledger"),
];

impl Company {
    pub fn new(customers: u32, seed: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (customers, seed) = (customers.to_string(), seed.to_string());
        let path = folder.path().to_str().unwrap();
        run(&[
            "sample",
            "--customers",
            &customers,
            "--seed",
            &seed,
            "-o",
            path,
        ])
        .done();
        Self { folder }
    }

    /// A file of it.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The mapping of one of its tables.
    pub fn mapping(&self, name: &str) -> PathBuf {
        self.file("mappings").join(name).with_extension("toml")
    }

    /// Imports all of it.
    pub fn load_into(&self, keepworth: &Keepworth) {
        for (kind, name) in FILES {
            let file = self.file(name).with_extension("csv");
            let answer = keepworth.import(kind, &file, &self.mapping(name), &[]);
            assert_eq!(answer.code, 0, "{kind}: {answer:?}");
        }
    }
}

//! Real data beside the project, where present.

use std::collections::HashMap;
use std::path::PathBuf;

/// The columns of a CSV file by name.
pub struct Table {
    columns: HashMap<String, Vec<String>>,
}

impl Table {
    /// Reads `../shared/data/PATH` relative to the workspace; says so and gives `None` when absent.
    pub fn find(path: &str) -> Option<Self> {
        let file = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
            .join("../../../shared/data")
            .join(path);
        let Ok(mut reader) = csv::Reader::from_path(&file) else {
            eprintln!("skipped: no file {path} in ../shared/data");
            return None;
        };
        let names: Vec<String> = reader.headers().unwrap().iter().map(String::from).collect();
        let mut columns: HashMap<String, Vec<String>> = HashMap::new();
        for record in reader.records() {
            for (name, field) in names.iter().zip(record.unwrap().iter()) {
                columns
                    .entry(name.clone())
                    .or_default()
                    .push(field.to_owned());
            }
        }
        Some(Self { columns })
    }

    /// A column of words.
    pub fn text(&self, name: &str) -> &[String] {
        &self.columns[name]
    }

    /// A column of numbers.
    pub fn numbers(&self, name: &str) -> Vec<f64> {
        self.text(name)
            .iter()
            .map(|field| field.parse().unwrap())
            .collect()
    }
}

/// Asserts agreement with a published figure.
pub fn close(found: f64, published: f64, tolerance: f64) {
    assert!(
        (found - published).abs() <= tolerance,
        "{found} is not {published}"
    );
}

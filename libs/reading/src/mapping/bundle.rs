//! Mappings of exports that are known, so that nobody writes them by hand.

use std::collections::BTreeSet;

use csv::StringRecord;

use super::file::MappingFile;
use super::join::has_column;
use crate::Refusal;
use crate::refusal::{Within, refuse};

/// The mapping of a vendor's export.
pub struct Bundle {
    /// Whose export it is.
    pub vendor: &'static str,
    /// Which of the vendor's exports.
    pub export: &'static str,
    /// Its mapping, as TOML.
    pub text: &'static str,
}

/// A mapping in the folder `mappings`.
macro_rules! bundle {
    ($vendor:literal, $export:literal) => {
        Bundle {
            vendor: $vendor,
            export: $export,
            text: include_str!(concat!("../../mappings/", $vendor, "/", $export, ".toml")),
        }
    };
}

/// Every export that is known.
pub const BUNDLES: [Bundle; 6] = [
    bundle!("stripe", "customers"),
    bundle!("stripe", "invoices"),
    bundle!("stripe", "invoice-lines"),
    bundle!("chartmogul", "line-items"),
    bundle!("lago", "invoice-fees"),
    bundle!("lago", "credit-notes"),
];

impl Bundle {
    /// What a file is called that is one of it.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}'s {}", self.vendor, self.export)
    }

    /// Its mapping.
    ///
    /// # Errors
    /// None, while the test of all of them passes.
    pub fn mapping(&self) -> Result<MappingFile, Refusal> {
        MappingFile::parse(self.text).within(format_args!(
            "bundled mapping {}/{}",
            self.vendor, self.export
        ))
    }

    /// The columns that its file cannot be without.
    fn columns(&self) -> Result<BTreeSet<String>, Refusal> {
        let mapping = self.mapping()?;
        let mut columns = mapping.needed_columns();
        columns.retain(|column| !mapping.is_joined(column));
        Ok(columns)
    }

    /// Who exports files with this header: of each vendor's exports whose columns are all there the one
    /// with most.
    pub(super) fn fitting(header: &StringRecord) -> Result<Vec<&'static Self>, Refusal> {
        let mut best: Vec<(usize, &Self)> = Vec::new();
        for bundle in &BUNDLES {
            let columns = bundle.columns()?;
            if !columns.iter().all(|name| has_column(header, name)) {
                continue;
            }
            match best.iter_mut().find(|(_, it)| it.vendor == bundle.vendor) {
                Some((most, _)) if *most >= columns.len() => {}
                Some(place) => *place = (columns.len(), bundle),
                None => best.push((columns.len(), bundle)),
            }
        }
        Ok(best.into_iter().map(|(_, bundle)| bundle).collect())
    }

    /// The vendor's export that has this header: of those whose columns are all there, the one
    /// with most.
    ///
    /// # Errors
    /// A vendor that is not known, or a file that is no export of theirs.
    pub fn choose(vendor: &str, header: &StringRecord) -> Result<&'static Self, Refusal> {
        let mut known = Vec::new();
        for bundle in BUNDLES.iter().filter(|bundle| bundle.vendor == vendor) {
            let columns = Vec::from_iter(bundle.columns()?).join(", ");
            known.push(format!("\n  {}: {columns}", bundle.export));
        }
        if known.is_empty() {
            let mut vendors: Vec<&str> = BUNDLES.iter().map(|bundle| bundle.vendor).collect();
            vendors.dedup();
            refuse!(
                "no export of `{vendor}` is known; there are {}",
                vendors.join(", ")
            );
        }
        let fitting = Self::fitting(header)?;
        match fitting.into_iter().find(|it| it.vendor == vendor) {
            Some(bundle) => Ok(bundle),
            None => refuse!(
                "the file is no export of {vendor} that is known; these are, with the columns that \
                 they need:{}\nWrite a mapping for any other: `keepworth import --help`",
                known.concat()
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::kind::Kind;

    #[test]
    fn every_bundled_mapping_is_sound() {
        for bundle in &BUNDLES {
            let mapping = bundle.mapping().unwrap();
            let kind = Kind::find(mapping.kind.as_deref().unwrap()).unwrap();
            let header: StringRecord = mapping.needed_columns().iter().collect();
            // Joined columns stand in the header like the others here.
            mapping.prepare(kind, &header, None).unwrap();
        }
    }

    #[test]
    fn an_export_is_known_by_its_columns() {
        let choose = |vendor, header: &[&str]| {
            Bundle::choose(vendor, &header.iter().collect()).map(|it| it.export)
        };
        let customers = [
            "id",
            "Description",
            "Email",
            "Name",
            "Created (UTC)",
            "Plan",
            "Status",
        ];
        assert_eq!(choose("stripe", &customers).unwrap(), "customers");
        let sheet = [
            "External ID",
            "Invoice external ID",
            "Type",
            "Amount in cents",
            "Service period start",
            "Service period end",
        ];
        assert_eq!(choose("chartmogul", &sheet).unwrap(), "line-items");
        let unknown = choose("lago", &["a", "b"]).unwrap_err().to_string();
        assert!(
            unknown.contains("invoice-fees: fee_amount_currency"),
            "{unknown}"
        );
        let nobody = choose("paddle", &["a"]).unwrap_err().to_string();
        assert_eq!(
            nobody,
            "no export of `paddle` is known; there are stripe, chartmogul, lago"
        );
    }
}

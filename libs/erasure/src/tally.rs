//! What became of rows, table by table.

use keepworth_contract::subject::TableReceipt;

/// Counts of rows as they are erased.
#[derive(Debug, Default)]
pub struct Tally {
    tables: Vec<TableReceipt>,
    /// Hashes of baselines whose sums may have the customer in them.
    pub baselines: Vec<String>,
}

impl Tally {
    fn table(&mut self, name: &str) -> &mut TableReceipt {
        let at = self.tables.iter().position(|it| it.table == name);
        let at = at.unwrap_or_else(|| {
            self.tables.push(TableReceipt {
                table: name.to_owned(),
                erased: 0,
                pseudonymised: 0,
                kept: 0,
                basis: None,
            });
            self.tables.len() - 1
        });
        &mut self.tables[at]
    }

    /// So many rows are gone.
    pub fn erased(&mut self, table: &str, rows: u64) {
        if rows > 0 {
            self.table(table).erased += rows;
        }
    }

    /// So many rows stay without whom they were of.
    pub fn pseudonymised(&mut self, table: &str, rows: u64, basis: &str) {
        if rows > 0 {
            let it = self.table(table);
            it.pseudonymised += rows;
            it.basis = Some(basis.to_owned());
        }
    }

    /// So many rows stay as they are.
    pub fn kept(&mut self, table: &str, rows: u64, basis: &str) {
        if rows > 0 {
            let it = self.table(table);
            it.kept += rows;
            it.basis = Some(basis.to_owned());
        }
    }

    /// The tables that had any.
    pub(crate) fn into_tables(self) -> Vec<TableReceipt> {
        self.tables
    }
}

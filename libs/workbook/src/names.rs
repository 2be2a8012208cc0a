//! Names of cells.

use rust_xlsxwriter::utility::{cell_range_absolute, row_col_to_cell_absolute};

/// What formulas call cells, and where these are. Names are ours: no text of a user is in one, but for the letters and
/// digits of an input's.
#[derive(Default)]
pub(crate) struct Names {
    places: Vec<(String, String)>,
}

impl Names {
    /// Names a cell.
    pub(crate) fn cell(&mut self, name: impl Into<String>, sheet: &str, row: u32, column: u16) {
        let place = format!("='{sheet}'!{}", row_col_to_cell_absolute(row, column));
        self.places.push((name.into(), place));
    }

    /// Names the cells of a column from one row to another.
    pub(crate) fn column(&mut self, name: &str, sheet: &str, rows: [u32; 2], column: u16) {
        let cells = cell_range_absolute(rows[0], column, rows[1], column);
        let place = format!("='{sheet}'!{cells}");
        self.places.push((name.to_owned(), place));
    }

    /// Every name with its place.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        let places = self.places.iter();
        places.map(|(name, place)| (name.as_str(), place.as_str()))
    }
}

/// The name of the cell of an uncertain input: its number makes it unique, its letters and digits readable.
pub(crate) fn of_input(index: usize, name: &str) -> String {
    const LONGEST: usize = 80;
    let plain = name.chars().map(|it| match it {
        it if it.is_ascii_alphanumeric() => it.to_ascii_lowercase(),
        _ => '_',
    });
    let plain: String = plain.take(LONGEST).collect();
    format!("input_{}_{plain}", index + 1)
}

#[cfg(test)]
mod tests {
    use rust_xlsxwriter::utility::check_name;

    use super::*;

    #[test]
    fn names_of_inputs_are_legal_and_apart() {
        let written = ["A1", "=HYPERLINK(1)", "a b", "a-b", "Öl", &"x".repeat(400)];
        let names: Vec<String> = (0..)
            .zip(written)
            .map(|(index, name)| of_input(index, name))
            .collect();
        for name in &names {
            check_name(name).unwrap();
            assert!(name.len() < 255, "{name}");
        }
        assert_eq!(names[2], "input_3_a_b");
        assert_eq!(names[3], "input_4_a_b");
    }
}

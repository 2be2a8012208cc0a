//! A sheet that is being written, with its print set-up.

use rust_xlsxwriter::{ExcelDateTime, Formula, Worksheet, XlsxError};

use crate::figure::Figure;
use crate::style::{Look, Style};

/// Longest text of a cell, a little below what a spreadsheet takes.
const LONGEST: usize = 32_000;

/// The height of a line.
const LINE: f64 = 15.0;

/// The height of a row of two lines.
const TWO_LINES: f64 = 2.0 * LINE;

/// Most lines of a row, a little below what a spreadsheet takes.
const MOST_LINES: usize = 27;

/// A4.
const PAPER: u8 = 9;

/// A sheet, from its title down.
pub(crate) struct Page<'a> {
    pub(crate) sheet: Worksheet,
    style: &'a Style,
}

impl<'a> Page<'a> {
    /// A sheet that prints across one page, landscape.
    pub(crate) fn new(name: &str, style: &'a Style) -> Result<Self, XlsxError> {
        let mut sheet = Worksheet::new();
        sheet.set_name(name)?;
        sheet
            .set_landscape()
            .set_paper_size(PAPER)
            .set_print_fit_to_pages(1, 0)
            .set_margins(0.5, 0.5, 0.6, 0.6, 0.3, 0.3)
            .set_footer("&L&A&RPage &P of &N")
            .set_screen_gridlines(false);
        Ok(Self { sheet, style })
    }

    /// Its title, and below what a reader must know of it.
    pub(crate) fn title(&mut self, title: &str, notes: &[&str]) -> Result<(), XlsxError> {
        self.text(0, 0, title, Look::Title)?;
        for (row, note) in (1..).zip(notes) {
            self.text(row, 0, note, Look::Note)?;
        }
        Ok(())
    }

    /// Widths of columns from the first.
    pub(crate) fn widths(&mut self, widths: &[f64]) -> Result<(), XlsxError> {
        for (column, width) in (0..).zip(widths) {
            self.sheet.set_column_width(column, *width)?;
        }
        Ok(())
    }

    /// Heads of columns of numbers; all above the row below stays on the screen and is repeated on every page.
    pub(crate) fn fixed_heads(&mut self, row: u32, heads: &[&str]) -> Result<(), XlsxError> {
        self.heads(row, heads, Look::NumberHead)?;
        self.keep_above(row)
    }

    /// Heads of columns, the first over texts, the others as they look.
    pub(crate) fn heads(
        &mut self,
        row: u32,
        heads: &[&str],
        others: Look,
    ) -> Result<(), XlsxError> {
        for (column, head) in (0..).zip(heads) {
            let look = if column == 0 { Look::Head } else { others };
            self.text(row, column, head, look)?;
        }
        self.sheet.set_row_height(row, TWO_LINES)?;
        Ok(())
    }

    /// Repeats rows to this one on every page, and keeps them and the first column on the screen.
    pub(crate) fn keep_above(&mut self, row: u32) -> Result<(), XlsxError> {
        self.sheet.set_repeat_rows(0, row)?;
        self.sheet.set_freeze_panes(row + 1, 1)?;
        Ok(())
    }

    /// A text, which is never taken for a formula.
    pub(crate) fn text(
        &mut self,
        row: u32,
        column: u16,
        text: &str,
        look: Look,
    ) -> Result<(), XlsxError> {
        let text: String = text.chars().take(LONGEST).collect();
        let format = self.style.of(look);
        self.sheet
            .write_string_with_format(row, column, text, &format)?;
        Ok(())
    }

    /// A text over several columns, which is never taken for a formula.
    pub(crate) fn text_across(
        &mut self,
        row: u32,
        [first, last]: [u16; 2],
        text: &str,
        look: Look,
    ) -> Result<(), XlsxError> {
        let format = self.style.of(look);
        self.sheet.merge_range(row, first, row, last, "", &format)?;
        self.text(row, first, text, look)
    }

    /// A number.
    pub(crate) fn number(
        &mut self,
        row: u32,
        column: u16,
        number: f64,
        look: Look,
    ) -> Result<(), XlsxError> {
        let format = self.style.of(look);
        self.sheet
            .write_number_with_format(row, column, number, &format)?;
        Ok(())
    }

    /// Gives a row the height for texts in columns of these widths: not every program finds that out itself.
    pub(crate) fn fit(&mut self, row: u32, texts: &[(&str, f64)]) -> Result<(), XlsxError> {
        let lines = texts.iter().map(|(text, width)| lines(text, *width)).max();
        let lines = lines.unwrap_or(1).clamp(1, MOST_LINES);
        self.sheet.set_row_height(row, LINE * lines as f64)?;
        Ok(())
    }

    /// A day, written as ISO 8601 has it.
    pub(crate) fn day(&mut self, row: u32, column: u16, day: &str) -> Result<(), XlsxError> {
        let format = self.style.of(Look::Day);
        let day = ExcelDateTime::parse_from_str(day)?;
        self.sheet
            .write_datetime_with_format(row, column, day, &format)?;
        Ok(())
    }

    /// A number, or the word that stands for it.
    pub(crate) fn figure(
        &mut self,
        row: u32,
        column: u16,
        figure: Figure,
        look: Look,
    ) -> Result<(), XlsxError> {
        match figure {
            Figure::Number(number) => self.number(row, column, number, look),
            Figure::Word(word) => self.text(row, column, word, Look::Word),
        }
    }

    /// A formula with what it comes to, for readers that do not calculate.
    pub(crate) fn formula(
        &mut self,
        row: u32,
        column: u16,
        formula: &str,
        comes_to: Figure,
        look: Look,
    ) -> Result<(), XlsxError> {
        let formula = Formula::new(formula).set_result(comes_to.to_string());
        let format = self.style.of(look);
        self.sheet
            .write_formula_with_format(row, column, formula, &format)?;
        Ok(())
    }
}

/// Lines that a text breaks into, at spaces where it has them, in a column of so many digits' width.
fn lines(text: &str, width: f64) -> usize {
    // Letters are as wide as digits by and large; a few are kept free for those that are wider.
    let room = (0.9 * width).max(1.0) as usize;
    let (mut lines, mut used) = (1, 0);
    for word in text.split_whitespace().map(|it| it.chars().count()) {
        if used > 0 && used + 1 + word > room {
            (lines, used) = (lines + 1, 0);
        }
        used += word + usize::from(used > 0);
        lines += used.saturating_sub(1) / room;
        used = match used % room {
            0 if used > 0 => room,
            used => used,
        };
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::lines;

    #[test]
    fn a_text_breaks_at_spaces_and_within_words_that_are_too_long() {
        for (text, expected) in [
            ("", 1),
            ("nine char", 1),
            ("nine chars", 2),
            ("one two three four", 3),
            ("123456789", 1),
            ("1234567890", 2),
            ("123456789012345678 1", 3),
        ] {
            assert_eq!(lines(text, 10.0), expected, "{text}");
        }
    }
}

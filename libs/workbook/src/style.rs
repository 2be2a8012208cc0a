//! How cells look.

use keepworth_contract::Currency;
use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder};

/// Blue on cream: what a reader may change.
const BLUE: Color = Color::RGB(0x1F4E9C);
const CREAM: Color = Color::RGB(0xFFF7DF);
const INK: Color = Color::RGB(0x1B1F24);
/// What is said beside.
pub(crate) const GREY: Color = Color::RGB(0x5A626B);
const PALE: Color = Color::RGB(0xEEF1F4);
/// Lines of charts' grids.
pub(crate) const GRID: Color = Color::RGB(0xD5DAE0);
/// What is worse, and what is better.
pub(crate) const LOW: Color = Color::RGB(0xB45F06);
pub(crate) const HIGH: Color = Color::RGB(0x1F4E9C);

/// What a cell holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    /// Title of a sheet.
    Title,
    /// Title of a part of a sheet.
    Section,
    /// A remark.
    Note,
    /// Head of a column of texts.
    Head,
    /// Head of a column of texts right of numbers.
    BesideHead,
    /// Head of a column of numbers.
    NumberHead,
    /// A text.
    Text,
    /// A text that breaks into lines.
    Prose,
    /// The same right of a number, a little apart.
    Beside,
    /// A word in place of a number.
    Word,
    /// Money in whole units.
    Money,
    /// Money to its minor unit, with the currency.
    Cents,
    /// A share or a rate.
    Percent,
    /// A whole number.
    Whole,
    /// How many, or how many times, to a tenth.
    Count,
    /// A number of any size.
    Number,
    /// A number to nine decimals.
    Fine,
    /// A number with six decimals.
    Factor,
    /// A day.
    Day,
    /// A figure that decides, of money.
    MainMoney,
    /// A figure that decides, of any kind.
    MainWord,
    /// Money that may be changed.
    LiveMoney,
    /// A rate that may be changed.
    LivePercent,
    /// A whole number that may be changed.
    LiveWhole,
    /// A number of any size that may be changed.
    LiveNumber,
    /// A word that may be chosen.
    LiveWord,
}

/// The formats of a workbook, whose amounts are in one currency.
pub(crate) struct Style {
    /// Money to the minor unit, with the code.
    cents: String,
    /// Money on the axis of a chart, in thousands or millions where it is large.
    axis: String,
}

impl Style {
    /// Of amounts in a currency by its ISO 4217 code, of which charts show up to a largest one; of a currency that nobody
    /// knows amounts have no code.
    pub(crate) fn new(currency: &str, largest: f64) -> Self {
        let known = currency.parse::<Currency>().ok();
        let code = known.map_or(String::new(), |it| format!("[${}] ", it.code()));
        let decimals = known.map_or(2, |it| it.decimals() as usize);
        let point = if decimals > 0 { "." } else { "" };
        let cents = format!("#,##0{point}{:0<decimals$}", "");
        Self {
            cents: signed(&code, &cents),
            axis: format!("{code}{}", of_axis(largest)),
        }
    }

    /// Money on the axis of a chart.
    pub(crate) fn of_axis(&self) -> &str {
        &self.axis
    }

    /// The format of a cell.
    pub(crate) fn of(&self, look: Look) -> Format {
        let free = Format::new().set_font_color(INK);
        // Beside a text that breaks into lines, all else of a table stands at its first.
        let plain = free.clone().set_align(FormatAlign::Top);
        // A formula may come to a word, such as "never": it stands where the numbers around it stand.
        let of_numbers = plain.clone().set_align(FormatAlign::Right);
        let number = |form: &str| of_numbers.clone().set_num_format(form);
        match look {
            Look::Title => free.set_bold().set_font_size(16),
            Look::Section => free.set_bold().set_font_size(12),
            Look::Note => free.set_font_color(GREY),
            Look::Head => head(plain),
            Look::BesideHead => beside(head(plain)),
            Look::NumberHead => head(plain).set_align(FormatAlign::Right),
            Look::Text => plain,
            Look::Prose => plain.set_text_wrap(),
            Look::Beside => beside(plain).set_text_wrap(),
            Look::Word => plain.set_align(FormatAlign::Right),
            Look::Money => number(&signed("", "#,##0")),
            Look::Cents => number(&self.cents),
            Look::Percent => number("0.0%"),
            Look::Whole => number("0"),
            Look::Count => number("#,##0.0"),
            Look::Number => number("#,##0.######"),
            Look::Fine => number("0.#########"),
            Look::Factor => number("0.000000"),
            Look::Day => number("yyyy-mm-dd"),
            Look::MainMoney => number(&self.cents).set_bold(),
            Look::MainWord => plain.set_bold().set_align(FormatAlign::Right),
            Look::LiveMoney => live(number(&signed("", "#,##0.00"))),
            Look::LivePercent => live(number("0.0%")),
            Look::LiveWhole => live(number("0")),
            Look::LiveNumber => live(number("#,##0.######")),
            Look::LiveWord => live(plain),
        }
    }
}

/// Whole units, thousands or millions.
fn of_axis(largest: f64) -> &'static str {
    match largest {
        it if it >= 1e7 => "#,##0.0,,\"m\"",
        it if it >= 1e4 => "#,##0,\"k\"",
        _ => "#,##0",
    }
}

/// What is below 0 in brackets, nothing as a dash.
fn signed(code: &str, form: &str) -> String {
    format!("{code}{form};({code}{form});\"\u{2013}\"")
}

fn head(format: Format) -> Format {
    format
        .set_bold()
        .set_text_wrap()
        .set_background_color(PALE)
        .set_border_bottom(FormatBorder::Thin)
}

fn beside(format: Format) -> Format {
    format.set_align(FormatAlign::Left).set_indent(1)
}

fn live(format: Format) -> Format {
    format
        .set_font_color(BLUE)
        .set_background_color(CREAM)
        .set_unlocked()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_stands_where_the_numbers_around_it_stand() {
        let style = Style::new("EUR", 1e6);
        for look in [Look::Whole, Look::Percent, Look::Cents, Look::MainMoney] {
            let right = style.of(look).set_align(FormatAlign::Right);
            assert!(style.of(look) == right);
            let left = style.of(look).set_align(FormatAlign::Left);
            assert!(style.of(look) != left);
        }
    }
}

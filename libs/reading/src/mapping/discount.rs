//! What an invoice gives off, spread over its lines.
//!
//! Exports write a coupon at the invoice, not at its lines. Each line that it is given on bears its
//! share of it, to the unit that amounts are written in, so that the lines come to the invoice.

use std::collections::HashMap;

use rust_decimal::Decimal;
use serde::Deserialize;

use super::rule::RowFault;
use super::template::Template;

/// What a mapping file says of discounts.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DiscountRule {
    /// What the lines of the invoice come to after it.
    #[serde(default)]
    pub(super) total: String,
    /// What is no part of the lines in that total, such as taxes.
    #[serde(default)]
    pub(super) less: String,
    /// The discount itself, where the invoice says it.
    #[serde(default)]
    pub(super) amount: String,
    /// Says `false` of lines that it is not given on.
    #[serde(default)]
    pub(super) on: String,
}

impl DiscountRule {
    /// Its templates.
    pub(super) fn templates(&self) -> impl Iterator<Item = &str> {
        let all = [&self.total, &self.less, &self.amount, &self.on];
        all.into_iter().map(String::as_str)
    }
}

/// The rule, tied to columns.
pub(super) struct ReadyDiscount {
    pub(super) total: Template,
    pub(super) less: Template,
    pub(super) amount: Template,
    pub(super) on: Template,
}

impl ReadyDiscount {
    /// Whether the table says anything of discounts.
    pub(super) fn is_known(&self) -> bool {
        !self.total.is_empty() || !self.amount.is_empty()
    }
}

/// What an invoice says of its discount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stated {
    /// What its lines come to after it.
    Total(Decimal),
    /// The discount.
    Amount(Decimal),
}

/// A line of an invoice.
#[derive(Debug, Clone, Copy)]
pub(super) struct InvoiceLine {
    /// Its line in the file.
    pub(super) line: u64,
    /// What it is before the discount; below zero what is given back.
    pub(super) amount: Decimal,
    /// Whether the discount is given on it.
    pub(super) is_discountable: bool,
}

/// Invoices by id, while their lines are gathered.
#[derive(Default)]
pub(super) struct Invoices(HashMap<String, (Stated, Vec<InvoiceLine>)>);

/// What is taken off each line, or why that is not known; by the line in the file.
#[derive(Default)]
pub(super) struct Discounts(HashMap<u64, Result<Decimal, String>>);

impl Invoices {
    /// Counts a line in.
    pub(super) fn add(&mut self, invoice: &str, stated: Stated, line: InvoiceLine) {
        match self.0.get_mut(invoice) {
            Some((_, lines)) => lines.push(line),
            None => {
                self.0.insert(invoice.to_owned(), (stated, vec![line]));
            }
        }
    }

    /// Spreads the discount of each over its lines.
    pub(super) fn spread(self) -> Discounts {
        let mut found = HashMap::new();
        for (invoice, (stated, lines)) in self.0 {
            match shares(&invoice, stated, &lines) {
                Ok(shares) => {
                    let given = shares.into_iter().filter(|(_, share)| !share.is_zero());
                    found.extend(given.map(|(line, share)| (line, Ok(share))));
                }
                Err(reason) => {
                    found.extend(lines.iter().map(|it| (it.line, Err(reason.clone()))));
                }
            }
        }
        Discounts(found)
    }
}

impl Discounts {
    /// What is taken off a line.
    pub(super) fn of(&self, line: u64) -> Result<Decimal, RowFault> {
        let found = self.0.get(&line).cloned().unwrap_or(Ok(Decimal::ZERO));
        found.map_err(|detail| RowFault {
            code: "invoice_does_not_add_up".to_owned(),
            detail,
        })
    }
}

/// What is taken off each line that the discount is given on.
fn shares(
    invoice: &str,
    stated: Stated,
    lines: &[InvoiceLine],
) -> Result<Vec<(u64, Decimal)>, String> {
    let sum: Decimal = lines.iter().map(|it| it.amount).sum();
    let discount = match stated {
        Stated::Total(total) => sum - total,
        Stated::Amount(amount) => amount,
    };
    if discount.is_zero() {
        return Ok(Vec::new());
    }
    let over = |pick: &dyn Fn(&InvoiceLine) -> bool| -> Vec<InvoiceLine> {
        let charged = lines.iter().filter(|it| it.amount > Decimal::ZERO);
        charged.filter(|it| pick(it)).copied().collect()
    };
    let worth = |lines: &[InvoiceLine]| lines.iter().map(|it| it.amount).sum::<Decimal>();
    let mut bearing = over(&|it| it.is_discountable);
    if worth(&bearing) < discount {
        bearing = over(&|_| true);
    }
    if discount < Decimal::ZERO || worth(&bearing) < discount {
        let stated = match stated {
            Stated::Total(total) => format!("comes to {total}"),
            Stated::Amount(amount) => format!("takes {amount} off them"),
        };
        return Err(format!(
            "the lines of invoice `{invoice}` come to {sum} here, and the invoice {stated}; export every \
             line of it, and with the invoices their taxes, where totals contain them"
        ));
    }
    split(discount, &bearing).ok_or_else(|| "a discount is too large".to_owned())
}

/// A discount in proportion to the lines, each share rounded so that they add up.
fn split(discount: Decimal, lines: &[InvoiceLine]) -> Option<Vec<(u64, Decimal)>> {
    let scales = lines.iter().map(|it| it.amount.scale());
    let scale = scales.max().unwrap_or(0).max(discount.scale());
    let worth: Decimal = lines.iter().map(|it| it.amount).sum();
    let (mut up_to, mut given) = (Decimal::ZERO, Decimal::ZERO);
    let share = |line: &InvoiceLine| {
        up_to += line.amount;
        let all = discount
            .checked_mul(up_to)?
            .checked_div(worth)?
            .round_dp(scale);
        let share = all - given;
        given = all;
        Some((line.line, share))
    };
    lines.iter().map(share).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(line: u64, amount: i64) -> InvoiceLine {
        InvoiceLine {
            line,
            amount: amount.into(),
            is_discountable: true,
        }
    }

    #[test]
    fn lines_come_to_the_invoice() {
        let lines = [
            line(2, 1_000),
            line(3, 1_000),
            line(4, 1_000),
            line(5, -500),
        ];
        let shares = shares("in", Stated::Total(2_400.into()), &lines).unwrap();
        let off: Vec<i64> = shares.iter().map(|it| it.1.try_into().unwrap()).collect();
        assert_eq!(
            off,
            [33, 34, 33],
            "100 over three, nothing off what is given back"
        );
    }

    #[test]
    fn a_discount_is_given_on_some_lines_only() {
        let mut setup = line(3, 500);
        setup.is_discountable = false;
        let given = |stated| shares("in", stated, &[line(2, 1_000), setup]).unwrap();
        assert_eq!(given(Stated::Total(1_400.into())), [(2, 100.into())]);
        assert_eq!(given(Stated::Amount(0.into())), []);
        let all = given(Stated::Amount(1_500.into()));
        assert_eq!(all, [(2, 1_000.into()), (3, 500.into())]);
    }

    #[test]
    fn an_invoice_that_does_not_add_up_is_refused() {
        for stated in [Stated::Total(1_190.into()), Stated::Amount(2_000.into())] {
            let mut invoices = Invoices::default();
            invoices.add("in_1", stated, line(2, 1_000));
            let fault = invoices.spread().of(2).unwrap_err();
            assert!(
                fault.detail.contains("`in_1` come to 1000 here"),
                "{}",
                fault.detail
            );
        }
    }
}

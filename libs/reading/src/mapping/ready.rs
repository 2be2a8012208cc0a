//! A mapping tied to a table: rows become records.

use std::collections::BTreeSet;

use csv::StringRecord;
use serde_json::{Map, Value};

use super::discount::{DiscountRule, Discounts, Invoices, ReadyDiscount};
use super::file::MappingFile;
use super::join::{Joined, column, has_column};
use super::kind::{Field, Kind};
use super::rule::{Reading, ReadyField, ReadyRule, RowFault, Rule};
use super::template::{ColumnName, Template};
use super::told::{LAST_MONTH, ReadyTell, TellRule, Told, covered_up_to};
use crate::Refusal;
use crate::Written;
use crate::refusal::{Within, refuse};
use crate::table::{Row, Table};

/// A mapping made ready for one table.
pub struct Mapping {
    filter: Vec<(usize, Vec<String>)>,
    fields: Vec<ReadyField>,
    columns: usize,
    /// The column that names a row of the other file, and that file.
    join: Option<(usize, Joined)>,
    /// What is told of rows.
    tell: Vec<ReadyTell>,
    /// How cells are written.
    written: Written,
    /// What invoices take off their rows.
    discounts: Discounts,
    /// Whether a plain month says which months a revenue of several is for.
    names_last_month: bool,
    /// Columns that no field uses.
    pub unused_columns: Vec<String>,
}

/// What became of a row.
pub struct Made {
    /// Its record; `None` when the row is not wanted at all.
    pub record: Option<Map<String, Value>>,
    /// What is told of it.
    pub told: Told,
}

/// A table's columns, and which of them are used.
struct Columns<'a> {
    header: &'a StringRecord,
    used: BTreeSet<usize>,
}

impl Columns<'_> {
    fn find(&mut self, column: &ColumnName) -> Result<Option<usize>, Refusal> {
        if column.is_optional && !has_column(self.header, &column.name) {
            return Ok(None);
        }
        self.need(&column.name).map(Some)
    }

    fn need(&mut self, name: &str) -> Result<usize, Refusal> {
        let index = column(self.header, name)?;
        self.used.insert(index);
        Ok(index)
    }

    fn template(&mut self, text: &str) -> Result<Template, Refusal> {
        Template::parse(text, &mut |name| self.find(name))
    }

    fn discount(&mut self, rule: &DiscountRule) -> Result<ReadyDiscount, Refusal> {
        Ok(ReadyDiscount {
            total: self.template(&rule.total)?,
            less: self.template(&rule.less)?,
            amount: self.template(&rule.amount)?,
            on: self.template(&rule.on)?,
        })
    }

    fn tell(&mut self, rule: TellRule) -> Result<ReadyTell, Refusal> {
        Ok(ReadyTell {
            from: self.template(&rule.from).within("[[tell]]")?,
            what: rule.what,
            is: rule.is.map(Vec::from).unwrap_or_default(),
            leave_out: rule.leave_out,
        })
    }

    fn ready(&mut self, rule: Rule, reading: &Reading) -> Result<ReadyRule, Refusal> {
        Ok(ReadyRule {
            reading: reading.clone(),
            from: self.template(&rule.from)?,
            until: rule
                .until
                .as_deref()
                .map(|it| self.template(it))
                .transpose()?,
            less: rule
                .less
                .as_deref()
                .map(|it| self.template(it))
                .transpose()?,
            discount: rule
                .discount
                .as_ref()
                .map(|it| self.discount(it))
                .transpose()?
                .filter(ReadyDiscount::is_known),
            rule,
        })
    }
}

impl MappingFile {
    /// Ties the mapping to a kind of record, a table's columns and the file it joins.
    ///
    /// # Errors
    /// A field or a column that is not there, and a field that every record needs and nothing is said of.
    pub fn prepare(
        self,
        kind: &Kind,
        header: &StringRecord,
        joined: Option<Joined>,
    ) -> Result<Mapping, Refusal> {
        let whole = joined
            .as_ref()
            .map_or_else(|| header.clone(), |it| it.header(header));
        let mut columns = Columns {
            header: &whole,
            used: BTreeSet::new(),
        };
        let reading = Reading {
            written: self.written(),
            zone: self.time_zone,
        };
        let mut fields = Vec::new();
        for (name, rule) in self.fields {
            let field = known(kind, &name)?;
            let rules = rule
                .rules()
                .into_iter()
                .map(|rule| columns.ready(rule, &reading));
            let rules = rules.collect::<Result<_, Refusal>>();
            let rules = rules.within(format_args!("field `{name}`"))?;
            fields.push(ReadyField { field, rules });
        }
        add_source(kind, &mut fields, &self.source);
        check_complete(kind, &fields)?;
        let mut filter = Vec::new();
        for (name, values) in self.filter {
            filter.push((columns.need(&name).within("[where]")?, values.into()));
        }
        let mut tell = Vec::new();
        for rule in self.tell {
            tell.push(columns.tell(rule)?);
        }
        let is_plain = |it: &ReadyField| it.field.name == "month" && it.is_plain();
        let names_last_month = kind.name == "revenues" && fields.iter().any(is_plain);
        let join = match (self.join, joined) {
            (Some(rule), Some(joined)) => Some((columns.need(&rule.on).within("[join]")?, joined)),
            _ => None,
        };
        let unused = (0..header.len()).filter(|index| !columns.used.contains(index));
        Ok(Mapping {
            filter,
            fields,
            columns: header.len(),
            join,
            tell,
            written: reading.written,
            discounts: Discounts::default(),
            names_last_month,
            unused_columns: unused.map(|index| header[index].to_owned()).collect(),
        })
    }
}

fn known(kind: &Kind, name: &str) -> Result<&'static Field, Refusal> {
    kind.field(name).ok_or_else(|| {
        let known: Vec<&str> = kind.fields.iter().map(|field| field.name).collect();
        Refusal::new(format!(
            "{} have no field `{name}`; their fields are: {}",
            kind.name,
            known.join(", ")
        ))
    })
}

fn add_source(kind: &Kind, fields: &mut Vec<ReadyField>, source: &str) {
    let is_there = fields.iter().any(|it| it.field.name == "source");
    if let Some(field) = kind.field("source").filter(|_| !is_there) {
        let rule = ReadyRule {
            rule: Rule::default(),
            reading: Reading::default(),
            from: Template::literal(source),
            until: None,
            less: None,
            discount: None,
        };
        fields.push(ReadyField {
            field,
            rules: vec![rule],
        });
    }
}

fn check_complete(kind: &Kind, fields: &[ReadyField]) -> Result<(), Refusal> {
    for field in kind.fields.iter().filter(|field| field.required) {
        if !fields.iter().any(|it| it.field.name == field.name) {
            refuse!(
                "[fields] says nothing of `{}`, which every record of {} needs",
                field.name,
                kind.name
            );
        }
    }
    Ok(())
}

impl Mapping {
    /// How many columns a whole row has.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Whether rows have shares of what their invoices take off, and all rows must be read for them.
    pub fn has_discounts(&self) -> bool {
        self.join.is_some() && self.discounted().is_some()
    }

    fn discounted(&self) -> Option<&ReadyRule> {
        let rules = self.fields.iter().flat_map(|field| &field.rules);
        rules.into_iter().find(|rule| rule.discount.is_some())
    }

    /// Reads all rows for what their invoices take off them.
    ///
    /// # Errors
    /// A file that cannot be read on.
    pub fn read_discounts(&mut self, mut table: Table) -> Result<(), Refusal> {
        let mut invoices = Invoices::default();
        while let Some(row) = table.read_row()? {
            let (Some(rule), Some((on, joined))) = (self.discounted(), &self.join) else {
                break;
            };
            // Rows at fault are told when they are taken.
            let whole = joined.row(*on, &row.cells).ok();
            let line = whole.and_then(|whole| rule.invoice_line(&whole, row.line));
            if let Some((stated, line)) = line {
                let invoice = row.cells.get(*on).unwrap_or_default().trim();
                invoices.add(invoice, stated, line);
            }
        }
        self.discounts = invoices.spread();
        Ok(())
    }

    /// What becomes of a row.
    ///
    /// # Errors
    /// What is wrong with the row, and the fix.
    pub fn make(&self, row: &Row) -> Result<Made, RowFault> {
        match &self.join {
            Some((on, joined)) => self.make_of(&joined.row(*on, &row.cells)?, row.line),
            None => self.make_of(&row.cells, row.line),
        }
    }

    fn make_of(&self, row: &StringRecord, line: u64) -> Result<Made, RowFault> {
        let mut told = Told::default();
        let has = |(column, values): &(usize, Vec<String>)| {
            row.get(*column)
                .is_some_and(|cell| values.iter().any(|value| value == cell.trim()))
        };
        if !self.filter.iter().all(has) {
            return Ok(Made { record: None, told });
        }
        for tell in self.tell.iter().filter(|it| it.is_so(row, &self.written)) {
            told.add(&tell.what, || format!("line {line}"));
            if tell.leave_out {
                return Ok(Made { record: None, told });
            }
        }
        let record = self.record_of(row, line)?;
        if let Some(covered) = covered_up_to(&record).filter(|_| self.names_last_month) {
            told.add(LAST_MONTH, || format!("line {line}: {covered}"));
        }
        Ok(Made {
            record: Some(record),
            told,
        })
    }

    fn record_of(&self, row: &StringRecord, line: u64) -> Result<Map<String, Value>, RowFault> {
        let off = self.discounts.of(line)?;
        let mut record = Map::with_capacity(self.fields.len());
        for ready in &self.fields {
            match ready.value(row, off)? {
                Some(value) => {
                    record.insert(ready.field.name.to_owned(), value);
                }
                None if ready.field.required => {
                    return Err(RowFault {
                        code: "missing".to_owned(),
                        detail: format!("{} is empty; every record needs one", ready.field.name),
                    });
                }
                None => {}
            }
        }
        Ok(record)
    }
}

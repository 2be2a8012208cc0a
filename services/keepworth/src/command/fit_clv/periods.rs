//! Histories of customers who can buy once a period.

use anyhow::{Context, bail, ensure};
use keepworth_retention::purchase::{History, RepeatPurchases};

use super::Columns;
use super::records::{AGE, T_X, X};
use crate::reading::column::Column;
use crate::reading::table::{Row, Table};

/// Where a row tells its history.
pub(super) enum Source {
    /// `x`, `t_x` and `T`.
    Summary(Box<[Column; 3]>),
    /// A column a period, oldest first.
    Periods(Vec<Column>),
}

impl Source {
    pub(super) fn of(table: &Table, columns: &Columns) -> anyhow::Result<Self> {
        if columns.periods.is_empty() {
            return Ok(Self::Summary(Box::new([
                Column::need(table, columns.x.as_deref(), X, "--x")?,
                Column::need(table, columns.t_x.as_deref(), T_X, "--t-x")?,
                Column::need(table, columns.age.as_deref(), AGE, "--age")?,
            ])));
        }
        if let Some(twice) = find_twice(&columns.periods) {
            bail!("--periods names the column {twice} twice; each period has its own");
        }
        let named = (columns.periods.iter())
            .map(|name| Column::need(table, Some(name.trim()), &[], "--periods"));
        Ok(Self::Periods(named.collect::<Result<_, _>>()?))
    }

    pub(super) fn history(&self, row: &Row) -> anyhow::Result<History> {
        let line = || format!("line {}", row.line);
        let [x, t_x, age] = match self {
            Self::Summary(columns) => {
                let [x, t_x, age] = columns.as_ref();
                [x.number(row)?, t_x.number(row)?, age.number(row)?]
            }
            Self::Periods(columns) => counted(columns, row).with_context(line)?,
        };
        History::new(x, t_x, age).with_context(line)
    }
}

/// Repeat purchases by period, where the file has a column for each.
#[derive(Default)]
pub(super) struct ByPeriod {
    purchases: Vec<f64>,
    rows: usize,
    /// Rows whose first period has a purchase.
    bought_at_once: usize,
}

/// So many customers do not all happen to buy in the first period after their first purchase.
const NO_CHANCE: usize = 10;

impl ByPeriod {
    pub(super) fn add(&mut self, source: &Source, row: &Row, weight: f64) {
        let Source::Periods(columns) = source else {
            return;
        };
        self.purchases.resize(columns.len(), 0.0);
        let mut cells = columns.iter().map(|column| column.text(row));
        let first = cells.find(|text| !text.is_empty());
        self.rows += 1;
        self.bought_at_once += usize::from(first == Some("1"));
        for (column, count) in columns.iter().zip(&mut self.purchases) {
            if column.text(row) == "1" {
                *count += weight;
            }
        }
    }

    /// Refuses periods that seem to have the first purchases in them.
    pub(super) fn check(&self) -> anyhow::Result<()> {
        ensure!(
            self.rows < NO_CHANCE || self.bought_at_once < self.rows,
            "all of {} customers buy in the first of their periods, which seems to be that of their first \
             purchase; leave it empty, it is not counted",
            self.rows
        );
        Ok(())
    }

    /// Those of the last so many periods: from the first purchase of the earliest customer on.
    pub(super) fn since(&self, longest_age: f64) -> Vec<RepeatPurchases> {
        let unused = self.purchases.len().saturating_sub(longest_age as usize);
        let periods = self.purchases.iter().skip(unused).enumerate();
        let period = |(before, purchases): (usize, &f64)| RepeatPurchases {
            t: before as f64 + 1.0,
            repeat_purchases: *purchases,
        };
        periods.map(period).collect()
    }
}

fn find_twice(names: &[String]) -> Option<&String> {
    let mut rest = names.iter().enumerate();
    let twice = rest.find(|(place, name)| names[..*place].contains(name));
    twice.map(|(_, name)| name)
}

/// `x`, `t_x` and `n` from the cells of the periods.
fn counted(columns: &[Column], row: &Row) -> anyhow::Result<[f64; 3]> {
    let (mut x, mut t_x, mut n) = (0.0, 0.0, 0.0);
    for column in columns {
        match column.text(row) {
            "" if n == 0.0 => continue,
            "0" => n += 1.0,
            "1" => {
                n += 1.0;
                x += 1.0;
                t_x = n;
            }
            "" => bail!(
                "a period is empty after another that is not: write 0 where the customer did not buy; only \
                 periods up to the first purchase are empty"
            ),
            other => bail!(
                "a period is `{other}`: write 1 where the customer bought, however often, and 0 where not"
            ),
        }
    }
    Ok([x, t_x, n])
}

#[cfg(test)]
mod tests {
    use super::super::tests::answer;

    /// Three donors over four years, in years and summed up.
    const YEARS: &str = "\
y1,y2,y3,y4,n
1,0,1,0,40
0,0,0,0,70
,1,0,0,30
,0,1,1,20
1,1,1,1,50
";
    const SUMS: &str = "\
x,t_x,T,n
2,3,4,40
0,0,4,70
1,1,3,30
2,3,3,20
4,4,4,50
";

    fn of_years(content: &str) -> anyhow::Result<serde_json::Value> {
        let options = [
            "--model",
            "bg-bb",
            "--periods",
            "y1,y2,y3,y4",
            "--weights",
            "n",
        ];
        answer(content, &options)
    }

    #[test]
    fn periods_are_summed_up_and_tracked() {
        let years = of_years(YEARS).unwrap();
        let sums = answer(SUMS, &["--model", "bg-bb", "--weights", "n"]).unwrap();
        assert_eq!(years["input_hash"], sums["input_hash"]);
        assert!(sums["tracking"].is_null());
        let tracked = years["tracking"]["periods"].as_array().unwrap();
        let actual: Vec<_> = tracked.iter().map(|it| it["actual"].as_f64()).collect();
        assert_eq!(actual, [90.0, 170.0, 280.0, 350.0].map(Some));
        let told = |figure: &serde_json::Value| figure.as_f64().unwrap();
        let expected = told(&tracked[3]["expected"]["value"]);
        assert!((expected / told(&years["data"]["expected_repeat_purchases"]) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn what_has_two_readings_is_refused() {
        let fault = |content: &str| format!("{:#}", of_years(content).unwrap_err());
        let head = "y1,y2,y3,y4,n\n1,0,1,0,9\n";
        assert!(fault(&format!("{head}1,,0,0,1\n")).contains("line 3: a period is empty after"));
        assert!(fault(&format!("{head}1,2,0,0,1\n")).contains("a period is `2`"));
        let firsts = "1,0,1,0,9\n".repeat(11);
        let told = fault(&format!("y1,y2,y3,y4,n\n{firsts}"));
        assert!(
            told.contains("all of 11 customers buy in the first"),
            "{told}"
        );
        let twice = ["--model", "bg-bb", "--periods", "y1,y1"];
        let told = answer(YEARS, &twice).unwrap_err().to_string();
        assert!(told.contains("names the column y1 twice"), "{told}");
        let other = ["--model", "bg-nbd", "--periods", "y1,y2"];
        let told = answer(YEARS, &other).unwrap_err().to_string();
        assert!(told.contains("--periods goes with --model bg-bb"), "{told}");
        let fraction = answer("x,t_x,T\n1,1.5,3\n", &["--model", "bg-bb"]).unwrap_err();
        assert!(
            fraction
                .to_string()
                .contains("counts periods in whole numbers")
        );
    }

    #[test]
    fn outlook_and_shares_are_told_by_history_and_trait() {
        let options = [
            "--model",
            "bg-bb",
            "--weights",
            "n",
            "--next",
            "3",
            "--rate",
            "10%",
        ];
        let asked = ["--above", "purchase_chance=50%", "--level", "0.8"];
        let json = answer(SUMS, &[&options[..], &asked].concat()).unwrap();
        let histories = json["outlook"]["histories"].as_array().unwrap();
        assert_eq!(histories.len(), 5);
        assert!(histories.iter().all(|it| it["residual"]["value"].is_f64()));
        assert_eq!(
            (&json["level"], &json["outlook"]["rate"]),
            (&0.8.into(), &0.1.into())
        );
        let [buying, leaving] = json["mixtures"].as_array().unwrap().as_slice() else {
            panic!("{json}")
        };
        assert_eq!(buying["shares_above"][0]["threshold"], 0.5);
        assert!(leaving["shares_above"].is_null() && leaving["mean"]["value"].is_f64());
        let other = [
            "--model",
            "bg-bb",
            "--weights",
            "n",
            "--above",
            "mean_spend=5",
        ];
        let told = answer(SUMS, &other).unwrap_err().to_string();
        assert!(
            told.contains("this model has purchase_chance and dropout_chance"),
            "{told}"
        );
    }
}

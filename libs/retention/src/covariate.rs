//! Covariates as columns: numbers as they are, words as indicators against a reference level.

use std::collections::BTreeMap;

use nalgebra::DMatrix;

/// Why covariates cannot enter a model.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CovariateError {
    /// A missing value, or one beyond all measure.
    #[error("covariate {name} is {value} in row {row}: it must be a number below 1e100 in size")]
    NotFinite {
        /// The column.
        name: String,
        /// Its row, from 0.
        row: usize,
        /// The value found.
        value: f64,
    },
    /// Columns of different length.
    #[error("covariate {name} has {found} rows where {expected} are expected")]
    Length {
        /// The column.
        name: String,
        /// Its rows.
        found: usize,
        /// Rows of the data.
        expected: usize,
    },
    /// Two columns of one name.
    #[error("covariate {0} is given twice")]
    Duplicate(String),
    /// A name that no column has.
    #[error("there is no covariate {0}")]
    Unknown(String),
    /// A factor with a single level, or a number that never varies.
    #[error("covariate {name} has the one value {value} in all rows: leave it out")]
    Constant {
        /// The column.
        name: String,
        /// Its only value.
        value: String,
    },
    /// A column that others already determine.
    #[error("covariate {name} is a linear combination of {}: leave one out", others.join(", "))]
    Collinear {
        /// The redundant column.
        name: String,
        /// Those before it that determine it.
        others: Vec<String>,
    },
}

/// Squares of larger values would overflow.
pub(crate) fn is_measured(value: f64) -> bool {
    value.abs() < 1e100
}

/// A column about its mean, of length 1.
fn standardised(column: &[f64]) -> Vec<f64> {
    let mean = column.iter().sum::<f64>() / column.len() as f64;
    let length = column
        .iter()
        .map(|x| (x - mean).powi(2))
        .sum::<f64>()
        .sqrt();
    column.iter().map(|x| (x - mean) / length).collect()
}

/// Named columns of equal length.
#[derive(Debug, Clone, PartialEq)]
pub struct Covariates {
    names: Vec<String>,
    columns: Vec<Vec<f64>>,
    rows: usize,
}

impl Covariates {
    /// No columns yet, for data of `rows` rows.
    pub fn new(rows: usize) -> Self {
        Self {
            names: Vec::new(),
            columns: Vec::new(),
            rows,
        }
    }

    /// Adds a numeric column.
    ///
    /// # Errors
    /// Wrong length, a name used before, a value that is not finite, or the same value throughout.
    pub fn push_number(&mut self, name: &str, values: Vec<f64>) -> Result<(), CovariateError> {
        if let Some(row) = values.iter().position(|value| !is_measured(*value)) {
            return Err(CovariateError::NotFinite {
                name: name.into(),
                row,
                value: values[row],
            });
        }
        if !values.is_empty() && values.iter().all(|value| *value == values[0]) {
            let value = values[0].to_string();
            return Err(CovariateError::Constant {
                name: name.into(),
                value,
            });
        }
        self.push(name.to_owned(), values)
    }

    /// Adds a column of words as indicators `name=level`, one for each level but the most
    /// frequent (the first in order among equals), which is the reference; returns it.
    ///
    /// # Errors
    /// As [`Covariates::push_number`].
    pub fn push_factor(
        &mut self,
        name: &str,
        levels: &[impl AsRef<str>],
    ) -> Result<String, CovariateError> {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for level in levels {
            *counts.entry(level.as_ref()).or_default() += 1;
        }
        let most = counts.values().copied().max().unwrap_or(0);
        let reference = counts.iter().find(|(_, count)| **count == most);
        let reference = reference.map_or("", |(level, _)| *level).to_owned();
        if counts.len() < 2 {
            return Err(CovariateError::Constant {
                name: name.into(),
                value: reference,
            });
        }
        for level in counts.keys().filter(|level| **level != reference) {
            let each = levels
                .iter()
                .map(|l| f64::from(u8::from(l.as_ref() == *level)));
            self.push(format!("{name}={level}"), each.collect())?;
        }
        Ok(reference)
    }

    fn push(&mut self, name: String, values: Vec<f64>) -> Result<(), CovariateError> {
        if values.len() != self.rows {
            let (found, expected) = (values.len(), self.rows);
            return Err(CovariateError::Length {
                name,
                found,
                expected,
            });
        }
        if self.names.contains(&name) {
            return Err(CovariateError::Duplicate(name));
        }
        self.names.push(name);
        self.columns.push(values);
        Ok(())
    }

    /// Column names in order.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// A column by name.
    pub fn find_column(&self, name: &str) -> Option<&[f64]> {
        let index = self.names.iter().position(|n| n == name)?;
        Some(&self.columns[index])
    }

    /// Copies row `index` into `row`, replacing what was there; nothing without columns.
    ///
    /// # Panics
    /// When there are columns and `index` is not below [`Covariates::rows`].
    pub fn copy_row(&self, index: usize, row: &mut Vec<f64>) {
        row.clear();
        row.extend(self.columns.iter().map(|column| column[index]));
    }

    /// The same without columns that those before them determine, such as indicators of a second
    /// column of words that says the same as a first; with what was left out.
    #[must_use]
    pub fn without_aliased(mut self) -> (Self, Vec<CovariateError>) {
        let aliased = aliased(&self.correlations());
        let told = aliased.iter().map(|it| it.named(&self.names)).collect();
        for Aliased { column, .. } in aliased.iter().rev() {
            self.names.remove(*column);
            self.columns.remove(*column);
        }
        (self, told)
    }

    fn correlations(&self) -> DMatrix<f64> {
        let standardised: Vec<Vec<f64>> = self.columns.iter().map(|x| standardised(x)).collect();
        let p = self.names.len();
        let dot = |i: usize, j: usize| -> f64 {
            let pairs = standardised[i].iter().zip(&standardised[j]);
            pairs.map(|(a, b)| a * b).sum()
        };
        let mut cross = DMatrix::from_fn(p, p, |i, j| if i <= j { dot(i, j) } else { 0.0 });
        cross.fill_lower_triangle_with_upper_triangle();
        cross
    }

    /// The same rows with the named columns only, in the order given.
    ///
    /// # Errors
    /// [`CovariateError::Unknown`] for a name that no column has.
    pub fn select(&self, names: &[impl AsRef<str>]) -> Result<Self, CovariateError> {
        let mut selected = Self::new(self.rows);
        for name in names {
            let name = name.as_ref();
            let column = self
                .find_column(name)
                .ok_or(CovariateError::Unknown(name.into()))?;
            selected.push(name.to_owned(), column.to_vec())?;
        }
        Ok(selected)
    }
}

/// The first column that earlier ones determine, from the matrix of (weighted) cross products.
pub(crate) fn find_collinear(names: &[String], cross: &DMatrix<f64>) -> Option<CovariateError> {
    let aliased = aliased(cross).into_iter().next()?;
    Some(aliased.named(names))
}

/// A column and those before it that determine it.
struct Aliased {
    column: usize,
    others: Vec<usize>,
}

impl Aliased {
    fn named(&self, names: &[String]) -> CovariateError {
        CovariateError::Collinear {
            name: names[self.column].clone(),
            others: self.others.iter().map(|&i| names[i].clone()).collect(),
        }
    }
}

/// Columns that those before them determine, from the matrix of (weighted) cross products.
///
/// Columns are taken in order through a Cholesky factor without pivoting: a diagonal that keeps
/// less than 1e-10 of its length is no direction of its own.
fn aliased(cross: &DMatrix<f64>) -> Vec<Aliased> {
    let p = cross.nrows();
    let mut factor = DMatrix::<f64>::zeros(p, p);
    let (mut kept, mut found) = (Vec::new(), Vec::new());
    for j in 0..p {
        for (n, &k) in kept.iter().enumerate() {
            let dot: f64 = kept[..n]
                .iter()
                .map(|&i: &usize| factor[(i, j)] * factor[(i, k)])
                .sum();
            factor[(k, j)] = (cross[(k, j)] - dot) / factor[(k, k)];
        }
        let known: f64 = kept.iter().map(|&i| factor[(i, j)].powi(2)).sum();
        let left = cross[(j, j)] - known;
        if left.is_nan() || left <= 1e-10 * cross[(j, j)] {
            let weights = combination(&factor, &kept, j);
            let others = kept.iter().zip(weights);
            let weighs = |(i, w): &(&usize, f64)| w * w * cross[(**i, **i)] > 1e-6 * cross[(j, j)];
            let others = others.filter(weighs).map(|(i, _)| *i).collect();
            found.push(Aliased { column: j, others });
            continue;
        }
        factor[(j, j)] = left.sqrt();
        kept.push(j);
    }
    found
}

/// What column `j` is made of: its weights on the `kept` ones, by back substitution.
fn combination(factor: &DMatrix<f64>, kept: &[usize], j: usize) -> Vec<f64> {
    let mut weights = vec![0.0; kept.len()];
    for (n, &k) in kept.iter().enumerate().rev() {
        let later = kept.iter().zip(&weights).skip(n + 1);
        let known: f64 = later.map(|(&i, weight)| factor[(k, i)] * weight).sum();
        weights[n] = (factor[(k, j)] - known) / factor[(k, k)];
    }
    weights
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factors_become_indicators_against_the_commonest_level() {
        let mut covariates = Covariates::new(4);
        let reference = covariates
            .push_factor("plan", &["b", "a", "b", "c"])
            .unwrap();
        assert_eq!(reference, "b");
        assert_eq!(covariates.names(), ["plan=a", "plan=c"]);
        let mut row = Vec::new();
        covariates.copy_row(1, &mut row);
        assert_eq!(row, [1.0, 0.0]);
        assert_eq!(
            covariates
                .select(&["plan=c"])
                .unwrap()
                .find_column("plan=a"),
            None
        );
    }

    #[test]
    fn useless_columns_are_refused() {
        let mut covariates = Covariates::new(2);
        let constant = covariates.push_number("price", vec![3.0, 3.0]).unwrap_err();
        assert!(matches!(constant, CovariateError::Constant { .. }));
        let one_level = covariates.push_factor("plan", &["a", "a"]).unwrap_err();
        assert!(matches!(one_level, CovariateError::Constant { .. }));
        let missing = covariates
            .push_number("price", vec![1.0, f64::NAN])
            .unwrap_err();
        assert!(matches!(missing, CovariateError::NotFinite { row: 1, .. }));
        let short = covariates
            .push_number("price", vec![1.0, 2.0, 3.0])
            .unwrap_err();
        assert!(matches!(
            short,
            CovariateError::Length {
                found: 3,
                expected: 2,
                ..
            }
        ));
        covariates.push_number("price", vec![1.0, 2.0]).unwrap();
        let twice = covariates.push_number("price", vec![1.0, 2.0]).unwrap_err();
        assert_eq!(twice, CovariateError::Duplicate("price".into()));
        assert!(covariates.select(&["age"]).is_err());
    }

    #[test]
    fn collinear_column_is_named_with_its_cause() {
        // c = a + b, over the rows (1, 0), (0, 1), (1, 2).
        let x = DMatrix::from_row_slice(3, 3, &[1., 0., 1., 0., 1., 1., 1., 2., 3.]);
        let names: Vec<String> = ["a", "b", "c"].map(String::from).to_vec();
        let cross = x.transpose() * &x;
        let found = find_collinear(&names, &cross).unwrap();
        let others = vec!["a".to_owned(), "b".to_owned()];
        assert_eq!(
            found,
            CovariateError::Collinear {
                name: "c".into(),
                others
            }
        );
        let fine = cross.view((0, 0), (2, 2)).into_owned();
        assert_eq!(find_collinear(&names[..2], &fine), None);
    }

    /// As R's `lm` does: what an earlier column says already has no coefficient of its own.
    #[test]
    fn aliased_columns_are_left_out_and_told() {
        let mut covariates = Covariates::new(6);
        covariates
            .push_factor("plan", &["a", "b", "c", "a", "b", "a"])
            .unwrap();
        let places = ["north", "south", "west", "north", "south", "north"];
        covariates.push_factor("place", &places).unwrap();
        covariates
            .push_number("price", vec![3.0, 1.0, 4.0, 1.0, 5.0, 9.0])
            .unwrap();
        let prices = vec![7.0, 3.0, 9.0, 3.0, 11.0, 19.0];
        covariates.push_number("twice", prices).unwrap();
        let (rest, aliased) = covariates.without_aliased();
        assert_eq!(rest.names(), ["plan=b", "plan=c", "price"]);
        let told: Vec<String> = aliased.iter().map(ToString::to_string).collect();
        assert_eq!(told.len(), 3);
        assert!(told[0].starts_with("covariate place=south is a linear combination of plan=b"));
        assert!(told[2].starts_with("covariate twice is a linear combination of price"));
    }
}

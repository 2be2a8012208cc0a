//! Words of closed sets in columns of texts.

use std::cmp::Ordering;
use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use diesel::backend::Backend;
use diesel::deserialize::{FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::Pg;
use diesel::serialize::{IsNull, Output, ToSql};
use diesel::sql_types::Text;
use diesel::sqlite::Sqlite;
use diesel::{deserialize, serialize};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::io::Write;

/// A value that has a name, stored by it in the table `P`; in the order of the names, as databases have
/// it.
///
/// A name that is none of the values is an error of the query that reads it, so that whoever reads has a
/// value: [`StoreError::UnknownWord`](crate::StoreError::UnknownWord).
#[derive(AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub struct Named<T, P>(pub T, PhantomData<fn() -> P>);

impl<T, P> Named<T, P> {
    /// The value, to be stored.
    pub fn new(value: T) -> Self {
        Self(value, PhantomData)
    }
}

impl<T: Copy + Into<&'static str>, P> Named<T, P> {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.0.into()
    }
}

impl<T, P> From<T> for Named<T, P> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl<T: Copy, P> Clone for Named<T, P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Copy, P> Copy for Named<T, P> {}

impl<T: fmt::Debug, P> fmt::Debug for Named<T, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<T: Copy + Into<&'static str>, P> PartialEq for Named<T, P> {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl<T: Copy + Into<&'static str>, P> Eq for Named<T, P> {}

impl<T: Copy + Into<&'static str>, P> PartialOrd for Named<T, P> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T: Copy + Into<&'static str>, P> Ord for Named<T, P> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.name().cmp(other.name())
    }
}

impl<T, P> ToSql<Text, Sqlite> for Named<T, P>
where
    T: Copy + Into<&'static str> + fmt::Debug,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.name());
        Ok(IsNull::No)
    }
}

impl<T, P> ToSql<Text, Pg> for Named<T, P>
where
    T: Copy + Into<&'static str> + fmt::Debug,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(self.name().as_bytes())?;
        Ok(IsNull::No)
    }
}

impl<T: FromStr, P, DB: Backend> FromSql<Text, DB> for Named<T, P>
where
    String: FromSql<Text, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        let name = String::from_sql(bytes)?;
        match name.parse() {
            Ok(value) => Ok(Self::new(value)),
            Err(_) => Err(Box::new(UnknownWord {
                table: table::<P>(),
                word: name,
            })),
        }
    }
}

/// As it is stored: by its name.
impl<T: Copy + Into<&'static str>, P> Serialize for Named<T, P> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de, T: FromStr, P> Deserialize<'de> for Named<T, P> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        let table = table::<P>();
        let value = word.parse().map(Self::new);
        value.map_err(|_| de::Error::custom(UnknownWord { table, word }))
    }
}

/// What a table is called: its type is `table` in a module of its name.
fn table<P>() -> &'static str {
    let path = std::any::type_name::<P>();
    path.rsplit("::").nth(1).unwrap_or(path)
}

/// A stored name that is none of its set.
#[derive(Debug, thiserror::Error)]
#[error("`{word}` in `{table}` is no word that this release knows")]
pub(crate) struct UnknownWord {
    pub(crate) table: &'static str,
    pub(crate) word: String,
}

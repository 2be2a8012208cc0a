//! Names of a baseline's figures, each with its unit and its definition.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Word;
use crate::statistic::Definition;

/// A figure of a segment, or of a channel in it. In the order of their names.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    ToSchema,
    strum::Display,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum FigureName {
    /// Cost of winning a customer.
    AcquisitionCost,
    /// Cost of winning a customer over the yearly cost of keeping one.
    AcquisitionToMaintenanceCost,
    /// Customer effort score.
    Ces,
    /// Contacts per customer-month, of a channel.
    Contacts,
    /// Cost of a minute of contact, of a channel.
    CostPerMinute,
    /// Customer satisfaction.
    Csat,
    /// Customer-months in the window.
    CustomerMonths,
    /// Customers on the day.
    Customers,
    /// Share of leaving that a better experience could remove.
    ExperienceShare,
    /// Share of revenue left after the cost of what was sold.
    GrossMargin,
    /// Cumulative hazard of leaving over a month.
    Hazard,
    /// Who left under observation.
    Left,
    /// Cost of keeping a customer for a month.
    MaintenanceCost,
    /// Recurring charge of who pays one.
    MeanRecurringCharge,
    /// Minutes of an employee per contact, of a channel.
    Minutes,
    /// Net promoter score.
    Nps,
    /// Cost to serve that does not come from contacts.
    Overhead,
    /// Customer-months under observation.
    PersonMonths,
    /// Cost of programmes that run already.
    ProgrammeCost,
    /// Share of the customers of a single quarter who left.
    QuarterlyChurn,
    /// Rating.
    Rating,
    /// Revenue per customer-month.
    Revenue,
    /// New customers a month.
    WonPerMonth,
}

impl FigureName {
    /// Its unit, where amounts are in `currency`.
    #[must_use]
    pub fn unit(self, currency: &str) -> String {
        let per = |what: &str| format!("{currency} per {what}");
        let unit = match self {
            Self::AcquisitionCost => return per("customer won"),
            Self::CostPerMinute => return per("minute"),
            Self::MaintenanceCost
            | Self::MeanRecurringCharge
            | Self::Overhead
            | Self::ProgrammeCost
            | Self::Revenue => return per("customer-month"),
            Self::AcquisitionToMaintenanceCost => "years of keeping",
            Self::Ces => "1 to 7",
            Self::Contacts => "contacts per customer-month",
            Self::Csat | Self::ExperienceShare | Self::QuarterlyChurn => "share",
            Self::CustomerMonths | Self::PersonMonths => "customer-months",
            Self::Customers | Self::Left => "customers",
            Self::GrossMargin => "share of revenue",
            Self::Hazard => "per month",
            Self::Minutes => "minutes per contact",
            Self::Nps => "points",
            Self::Rating => "1 to 5",
            Self::WonPerMonth => "customers per month",
        };
        unit.to_owned()
    }

    /// What it is called by, and the version of its formula: a change is a new one.
    ///
    /// Version 1 of costs divided by the whole window, booked or not; that of revenue was the mean over
    /// customers who paid; that of the hazard took the whole record, whether or not churn had changed; that
    /// of the share of experience counted leavers of unknown cause.
    #[must_use]
    pub fn definition(self) -> Definition {
        let id = match self {
            Self::Nps | Self::Csat | Self::Ces | Self::Rating => format!("{self}_last_answer"),
            _ => self.name().to_owned(),
        };
        let version = match self {
            Self::AcquisitionCost
            | Self::CostPerMinute
            | Self::ExperienceShare
            | Self::GrossMargin
            | Self::Hazard
            | Self::MaintenanceCost
            | Self::Overhead
            | Self::ProgrammeCost
            | Self::Revenue => 2,
            _ => 1,
        };
        Definition { id, version }
    }

    /// The same of one channel.
    #[must_use]
    pub fn of(self, channel: &str) -> FigureKey {
        FigureKey {
            name: self,
            channel: Some(channel.to_owned()),
        }
    }
}

/// A figure of a segment: its name, or that of a channel's as `cost_per_minute.phone`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct FigureKey {
    /// Which figure.
    pub name: FigureName,
    /// The channel, of a channel's figure.
    pub channel: Option<String>,
}

impl From<FigureName> for FigureKey {
    fn from(name: FigureName) -> Self {
        Self {
            name,
            channel: None,
        }
    }
}

impl fmt::Display for FigureKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.channel {
            Some(channel) => write!(f, "{}.{channel}", self.name),
            None => self.name.fmt(f),
        }
    }
}

impl From<FigureKey> for String {
    fn from(key: FigureKey) -> Self {
        key.to_string()
    }
}

/// A text that is no figure.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no figure; write its name, or NAME.CHANNEL for that of a channel")]
pub struct UnknownFigure(String);

impl FromStr for FigureKey {
    type Err = UnknownFigure;

    fn from_str(text: &str) -> Result<Self, UnknownFigure> {
        let (name, channel) = match text.split_once('.') {
            Some((name, channel)) => (name, Some(channel.to_owned())),
            None => (text, None),
        };
        let name = FigureName::find(name).ok_or_else(|| UnknownFigure(text.to_owned()))?;
        Ok(Self { name, channel })
    }
}

impl TryFrom<String> for FigureKey {
    type Error = UnknownFigure;

    fn try_from(text: String) -> Result<Self, UnknownFigure> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Documents have their figures in the order of their names.
    #[test]
    fn the_order_is_that_of_the_names() {
        let names: Vec<&str> = FigureName::all().map(Word::name).collect();
        assert!(names.is_sorted(), "{names:?}");
        assert!(FigureName::all().is_sorted());
    }

    #[test]
    fn a_channel_may_have_any_name() {
        for (text, key) in [
            ("revenue", FigureName::Revenue.into()),
            ("minutes.e-mail 2.0", FigureName::Minutes.of("e-mail 2.0")),
        ] {
            assert_eq!(text.parse(), Ok(key));
            let json = format!("\"{text}\"");
            let read: FigureKey = serde_json::from_str(&json).unwrap();
            assert_eq!(serde_json::to_string(&read).unwrap(), json);
        }
        let error = "moon.phone".parse::<FigureKey>().unwrap_err().to_string();
        assert!(error.contains("moon.phone"), "{error}");
    }
}

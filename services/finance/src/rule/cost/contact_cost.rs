//! What contacts cost: which channel and segment bears which service cost.
//!
//! What names a segment is that segment's; what names a channel is that channel's. The rest is
//! split by seconds of handling, among the segments, channels, or both. Cost that no second
//! explains stays with the channel that it names, or with none.

use std::collections::BTreeMap;

use keepworth_contract::finance::avoidable::Place;

use crate::rule::cost::avoidable::ConfirmedShares;
use crate::rule::ledger::allocation::Splitter;
use crate::rule::ledger::month_allocation::Overflow;
use crate::rule::ledger::share::Shares;
use keepworth_contract::finance::MaintenanceComponent;

/// Contacts and seconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Use {
    /// Contacts handled.
    pub contacts: i64,
    /// Seconds of handling.
    pub seconds: i64,
}

impl Use {
    /// More of it.
    ///
    /// # Errors
    /// [`Overflow`].
    pub fn plus(self, more: Self) -> Result<Self, Overflow> {
        Ok(Self {
            contacts: self.contacts.checked_add(more.contacts).ok_or(Overflow)?,
            seconds: self.seconds.checked_add(more.seconds).ok_or(Overflow)?,
        })
    }
}

/// What every segment used of each channel.
pub type Uses = BTreeMap<String, BTreeMap<String, Use>>;

/// Service cost as it was booked: by segment and channel, where it names them; minor units.
pub type Lines = BTreeMap<(Option<String>, Option<String>), i64>;

/// A segment's part of a channel.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SegmentPart {
    /// What it used.
    pub used: Use,
    /// What it costs, minor units.
    pub minor: i64,
}

/// What contacts through one channel cost.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChannelCost {
    /// By segment.
    pub segments: BTreeMap<String, SegmentPart>,
    /// Cost that names the channel, and that no second of anybody explains.
    pub unexplained: i64,
}

/// What contacts cost, by channel.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContactCosts {
    /// By channel.
    pub channels: BTreeMap<String, ChannelCost>,
    /// Cost that names no channel, and that no second explains.
    pub unexplained: i64,
}

impl ChannelCost {
    /// All that the channel costs, minor units.
    #[must_use]
    pub fn minor(&self) -> Option<i64> {
        let parts = self.segments.values().map(|part| part.minor);
        parts
            .into_iter()
            .try_fold(self.unexplained, i64::checked_add)
    }
}

impl ContactCosts {
    /// Splits the lines by use.
    ///
    /// # Errors
    /// [`Overflow`].
    pub fn split(lines: &Lines, uses: &Uses) -> Result<Self, Overflow> {
        let mut costs = Self::default();
        for (channel, segments) in uses {
            let parts = &mut costs.channels.entry(channel.clone()).or_default().segments;
            for (segment, used) in segments {
                parts.entry(segment.clone()).or_default().used = *used;
            }
        }
        for ((segment, channel), minor) in lines {
            let is_named =
                |own: &Option<String>, it: &String| own.as_ref().is_none_or(|own| own == it);
            let cells = uses.iter().filter(|(it, _)| is_named(channel, it));
            let cells = cells.flat_map(|(channel, of_channel)| {
                let of_channel = of_channel.iter().filter(|(it, _)| is_named(segment, it));
                of_channel
                    .map(|(segment, used)| (Cell(channel.clone(), segment.clone()), used.seconds))
            });
            match Shares::weighted("handle_seconds", cells) {
                Ok(shares) => {
                    for (cell, part) in Splitter::new(&shares).split(*minor) {
                        costs.add(&cell.0, Some(&cell.1), part)?;
                    }
                }
                Err(_) => match channel {
                    Some(channel) => costs.add(channel, segment.as_ref(), *minor)?,
                    None => {
                        let sum = costs.unexplained.checked_add(*minor);
                        costs.unexplained = sum.ok_or(Overflow)?;
                    }
                },
            }
        }
        Ok(costs)
    }

    fn add(&mut self, channel: &str, segment: Option<&String>, minor: i64) -> Result<(), Overflow> {
        let of_channel = self.channels.entry(channel.to_owned()).or_default();
        let sum = match segment {
            Some(segment) => {
                &mut of_channel
                    .segments
                    .entry(segment.clone())
                    .or_default()
                    .minor
            }
            None => &mut of_channel.unexplained,
        };
        *sum = sum.checked_add(minor).ok_or(Overflow)?;
        Ok(())
    }

    /// What of all contacts could be avoided, by segment; none is what no segment bears.
    ///
    /// # Errors
    /// [`Overflow`].
    pub fn avoidable(
        &self,
        shares: &ConfirmedShares,
    ) -> Result<BTreeMap<Option<String>, i64>, Overflow> {
        let mut sums: BTreeMap<Option<String>, i64> = BTreeMap::new();
        let mut add = |segment: Option<&String>, minor: i64| {
            let sum = sums.entry(segment.cloned()).or_default();
            *sum = sum.checked_add(minor).ok_or(Overflow)?;
            Ok::<_, Overflow>(())
        };
        for (channel, cost) in &self.channels {
            for (segment, part) in &cost.segments {
                add(Some(segment), part.avoidable(shares, segment, channel)?)?;
            }
            add(None, cost.unexplained_avoidable(shares, channel)?)?;
        }
        let component = MaintenanceComponent::Consumption;
        let rest = shares.part(component, Place::default(), self.unexplained);
        add(None, rest.ok_or(Overflow)?)?;
        Ok(sums)
    }
}

impl SegmentPart {
    /// What of it could be avoided, minor units.
    ///
    /// # Errors
    /// [`Overflow`].
    pub fn avoidable(
        &self,
        shares: &ConfirmedShares,
        segment: &str,
        channel: &str,
    ) -> Result<i64, Overflow> {
        let place = Place {
            segment: Some(segment),
            channel: Some(channel),
        };
        let part = shares.part(MaintenanceComponent::Consumption, place, self.minor);
        part.ok_or(Overflow)
    }
}

impl ChannelCost {
    /// What could be avoided of the cost that no second explains.
    ///
    /// # Errors
    /// [`Overflow`].
    pub fn unexplained_avoidable(
        &self,
        shares: &ConfirmedShares,
        channel: &str,
    ) -> Result<i64, Overflow> {
        let place = Place {
            segment: None,
            channel: Some(channel),
        };
        let part = shares.part(MaintenanceComponent::Consumption, place, self.unexplained);
        part.ok_or(Overflow)
    }
}

/// A channel and a segment, as a target of shares.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Cell(String, String);

impl std::fmt::Display for Cell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} through {}", self.1, self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uses() -> Uses {
        let of = |contacts, seconds| Use { contacts, seconds };
        let phone = [("home", of(6, 1_800)), ("office", of(2, 600))];
        let chat = [("home", of(2, 600))];
        let named = |all: &[(&str, Use)]| {
            let named = all.iter().map(|(segment, it)| ((*segment).to_owned(), *it));
            named.collect::<BTreeMap<_, _>>()
        };
        [
            ("phone".to_owned(), named(&phone)),
            ("chat".to_owned(), named(&chat)),
        ]
        .into()
    }

    fn lines(lines: &[(Option<&str>, Option<&str>, i64)]) -> Lines {
        let owned = |it: Option<&str>| it.map(str::to_owned);
        let lines = lines.iter();
        lines
            .map(|(segment, channel, minor)| ((owned(*segment), owned(*channel)), *minor))
            .collect()
    }

    #[test]
    fn cost_without_a_channel_follows_the_seconds() {
        let costs = ContactCosts::split(&lines(&[(None, None, 3_000)]), &uses()).unwrap();
        let minor = |channel: &str| costs.channels[channel].minor().unwrap();
        assert_eq!((minor("phone"), minor("chat")), (2_400, 600));
        assert_eq!(costs.channels["phone"].segments["office"].minor, 600);
        assert_eq!(costs.unexplained, 0);
    }

    #[test]
    fn what_names_a_segment_stays_there() {
        let booked = lines(&[
            (Some("office"), Some("phone"), 1_000),
            (None, Some("phone"), 400),
            (None, Some("letter"), 70),
        ]);
        let costs = ContactCosts::split(&booked, &uses()).unwrap();
        let phone = &costs.channels["phone"].segments;
        assert_eq!((phone["home"].minor, phone["office"].minor), (300, 1_100));
        assert_eq!(costs.channels["letter"].unexplained, 70);
        let alone = ContactCosts::split(&lines(&[(None, None, 5)]), &Uses::new()).unwrap();
        assert_eq!(alone.unexplained, 5);
    }
}

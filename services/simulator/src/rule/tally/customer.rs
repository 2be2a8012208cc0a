//! A customer on the way into a tally.

use keepworth_contract::Month;
use keepworth_contract::customers::{EpisodeRow, Stay};

use crate::rule::window::{ByMonth, Window};

/// A customer on the way into the tally of a segment that they stayed in.
#[derive(Clone, Copy)]
pub(crate) struct Customer<'a> {
    pub(crate) window: Window,
    pub(crate) episode: &'a EpisodeRow,
    /// Months under observation, in whatever segment.
    pub(crate) exposure: &'a ByMonth<f64>,
    pub(crate) stay: Stay<'a>,
    /// How many customers came before.
    pub(crate) number: usize,
}

impl Customer<'_> {
    /// Whether they left from this segment.
    pub(super) fn has_left(&self) -> bool {
        self.stay.is_last && self.episode.left
    }

    /// Whether they are a customer in this segment on the day.
    pub(super) fn is_active(&self) -> bool {
        self.stay.is_last && !self.episode.left && self.stay.to == self.window.as_of()
    }

    /// Whether what is known of a month as a whole counts in this segment.
    pub(super) fn counts(&self, place: usize) -> bool {
        self.counts_in(self.window.month(place))
    }

    /// The same of a month that may lie before the window.
    pub(crate) fn counts_in(&self, month: Month) -> bool {
        let is_only = self.stay.is_last && self.episode.earlier_segments.is_empty();
        is_only || self.episode.stay_of(month).from == self.stay.from
    }
}

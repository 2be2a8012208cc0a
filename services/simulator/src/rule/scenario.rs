//! A scenario as a text: what two versions say differently, and what it says with something in it otherwise.

mod amend;
mod bridge;
mod diff;
mod near;
mod next;

pub(crate) use amend::amend;
pub(crate) use bridge::steps;
pub(crate) use diff::differences;
pub(crate) use near::nearest;
pub(crate) use next::next;

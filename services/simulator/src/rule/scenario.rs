//! A scenario as a text: what two versions say differently, and what it says with something in it otherwise.

mod amend;
mod bridge;
mod diff;
mod place;

pub(crate) use amend::amend;
pub(crate) use bridge::steps;
pub(crate) use diff::differences;
pub(crate) use place::{nearest, places_of_input};

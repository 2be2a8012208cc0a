//! Pictures: curves of survival, futures as dots, the way to payback as a strip.

pub(crate) mod futures;
pub(crate) mod plot;
pub(crate) mod survival;

//! What spending brings in: curves fitted to histories, and which of acquiring and keeping deserves more.

pub mod acquire_or_keep;
pub mod evidence_grade;
pub(crate) mod response_data;
pub mod response_fit;
pub(crate) mod scoring;
pub mod segment_economics;
pub mod uncertain_response;

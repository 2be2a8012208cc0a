//! A run as a memo (PDF) of two pages that is read, signed and filed: the question and its answer, how sure it is, what
//! decides it, what would change our mind.
//!
//! The same run has the same bytes: nothing in it is of the day on which it was written. It is tagged for who listens
//! to it, and its fonts are embedded.
//!
//! **For:** how a result is laid out on paper. **Must not know:** the engine, files, HTTP.

mod axis;
mod color;
mod dots;
mod fan;
mod figures;
mod first;
mod font;
mod inputs;
mod pen;
mod second;
#[cfg(test)]
mod tests;
mod tornado;
mod words;
mod wrap;

use chrono::NaiveDate;
use keepworth_contract::simulator::{Case, RunResult};
use keepworth_verdict::number::Unit;
use keepworth_verdict::{Finding, Reasons};
use krilla::Document;
use krilla::SerializeSettings;
use krilla::configure::{Accessibility, Configuration, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::geom::Point;
use krilla::metadata::Metadata;
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::tagging::TagTree;

use font::Fonts;
use pen::Pen;

/// What a memo tells.
#[derive(Debug, Clone, Copy)]
pub struct Contents<'a> {
    /// What came of the run.
    pub result: &'a RunResult,
    /// What was asked, and the verdict.
    pub finding: &'a Finding,
    /// The unit of its amounts.
    pub unit: Unit,
    /// The future in which every uncertain input lies at its median: of it the inputs, rate and currency are told.
    pub case: &'a Case,
    /// Why the result is what it is; none where the futures are too few to tell.
    pub reasons: Option<&'a Reasons>,
    /// The day that the baseline is of; none where the scenario has its own segments.
    pub as_of: Option<NaiveDate>,
    /// Which run it is; none of one that is not kept.
    pub run: Option<&'a str>,
}

/// Why there is no memo.
#[derive(Debug, thiserror::Error)]
pub enum MemoError {
    /// A font that came along is none.
    #[error("the memo's font cannot be read; this is a fault of ours")]
    Font,
    /// What was drawn makes no valid document.
    #[error("the memo cannot be written: {0}")]
    Write(String),
}

/// Width and height of A4, in points.
pub(crate) const PAPER: [f32; 2] = [595.0, 842.0];
/// Where text begins and ends.
pub(crate) const LEFT: f32 = 56.0;
/// Where text ends.
pub(crate) const RIGHT: f32 = PAPER[0] - LEFT;
/// How much of the page text is wide.
pub(crate) const WIDTH: f32 = RIGHT - LEFT;

/// A run as a memo: the bytes of a PDF, the same for the same contents.
///
/// # Errors
/// A fault of ours: no contents are refused.
pub fn memo(contents: Contents<'_>) -> Result<Vec<u8>, MemoError> {
    let fonts = Fonts::load().ok_or(MemoError::Font)?;
    let mut document = Document::new_with(SerializeSettings {
        configuration: accessible()?,
        ..SerializeSettings::default()
    });
    let mut tags = TagTree::new().with_lang(Some("en".to_owned()));
    for draw in [first::page, second::page] {
        let size = PageSettings::from_wh(PAPER[0], PAPER[1]);
        let size = size.ok_or_else(|| MemoError::Write("no such paper".to_owned()))?;
        let mut page = document.start_page_with(size);
        let mut surface = page.surface();
        let mut pen = Pen::new(&mut surface, &fonts);
        draw(&mut pen, contents);
        for group in pen.tags() {
            tags.push(group);
        }
        surface.finish();
        page.finish();
    }
    document.set_tag_tree(tags);
    document.set_metadata(metadata(contents));
    document.set_outline(outline(contents));
    let bytes = document.finish();
    bytes.map_err(|error| MemoError::Write(format!("{error:?}")))
}

/// A document that can be listened to (PDF/UA-1): what is not is refused here.
fn accessible() -> Result<Configuration, MemoError> {
    let builder = ConfigurationBuilder::new();
    let builder = builder.with_accessibility_validator(Accessibility::UA1);
    let made = builder.finish();
    made.map_err(|error| MemoError::Write(format!("{error:?}")))
}

/// What a reader's list of contents shows: a line for each page.
fn outline(contents: Contents<'_>) -> Outline {
    let mut outline = Outline::new();
    let pages = [contents.finding.question.as_str(), "What decides it?"];
    for (page, title) in pages.into_iter().enumerate() {
        let top = XyzDestination::new(page, Point::from_xy(0.0, 0.0));
        outline.push_child(OutlineNode::new(title.to_owned(), top));
    }
    outline
}

/// Without a time of writing, so that the same run has the same bytes.
fn metadata(contents: Contents<'_>) -> Metadata {
    Metadata::new()
        .title(contents.finding.question.clone())
        .language("en".to_owned())
        .creator("Keepworth".to_owned())
        .document_id(format!(
            "{} {} {}",
            contents.result.input_hash, contents.result.seed, contents.result.trials
        ))
}

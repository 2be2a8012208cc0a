//! The memo's two fonts: which glyphs a text has, and how wide it is.

use krilla::text::{Font, GlyphId, KrillaGlyph};
use rustybuzz::{Direction, Face, UnicodeBuffer};

/// Stands for a character that the fonts do not have.
pub(crate) const UNKNOWN: char = '\u{25a1}';

/// Characters of a text that are looked at: far more than a line has room for. A source may be a book.
const MOST: usize = 1_000;

/// How heavy a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weight {
    /// Of running text.
    Regular,
    /// Of what is read first.
    Strong,
}

/// A font that can be measured and drawn.
struct Cut {
    face: Face<'static>,
    font: Font,
}

impl Cut {
    fn load(bytes: &'static [u8]) -> Option<Self> {
        Some(Self {
            face: Face::from_slice(bytes, 0)?,
            font: Font::new(bytes.into(), 0)?,
        })
    }
}

/// Both weights.
pub(crate) struct Fonts {
    regular: Cut,
    strong: Cut,
}

/// A text in its glyphs; widths are in ems.
pub(crate) struct Shaped {
    pub(crate) text: String,
    pub(crate) glyphs: Vec<KrillaGlyph>,
    pub(crate) width: f32,
    pub(crate) font: Font,
}

impl Fonts {
    /// The fonts that came along; none where one is no font.
    pub(crate) fn load() -> Option<Self> {
        Some(Self {
            regular: Cut::load(include_bytes!("../fonts/Inter-Regular.otf"))?,
            strong: Cut::load(include_bytes!("../fonts/Inter-SemiBold.otf"))?,
        })
    }

    fn cut(&self, weight: Weight) -> &Cut {
        match weight {
            Weight::Regular => &self.regular,
            Weight::Strong => &self.strong,
        }
    }

    /// Whether a character can be drawn; both weights have the same ones.
    pub(crate) fn has(&self, character: char) -> bool {
        self.regular.face.glyph_index(character).is_some()
    }

    /// A text on one line, with a mark in place of each character that cannot be drawn.
    pub(crate) fn shape(&self, weight: Weight, text: &str) -> Shaped {
        let cut = self.cut(weight);
        let drawn = text.chars().filter_map(|it| self.drawable(it));
        let text: String = drawn.take(MOST).collect();
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(&text);
        buffer.guess_segment_properties();
        // The fonts have no letters that are written from the right.
        buffer.set_direction(Direction::LeftToRight);
        let shaped = rustybuzz::shape(&cut.face, &[], buffer);
        let em = cut.font.units_per_em();
        let starts: Vec<usize> = shaped
            .glyph_infos()
            .iter()
            .map(|it| it.cluster as usize)
            .collect();
        let end = |start: usize| starts.iter().copied().find(|it| *it > start);
        let placed = shaped.glyph_infos().iter().zip(shaped.glyph_positions());
        let glyphs: Vec<KrillaGlyph> = placed
            .zip(&starts)
            .map(|((info, place), start)| {
                KrillaGlyph::new(
                    GlyphId::new(info.glyph_id),
                    place.x_advance as f32 / em,
                    place.x_offset as f32 / em,
                    place.y_offset as f32 / em,
                    0.0,
                    *start..end(*start).unwrap_or(text.len()),
                    None,
                )
            })
            .collect();
        Shaped {
            width: glyphs.iter().map(|it| it.x_advance).sum(),
            font: cut.font.clone(),
            glyphs,
            text,
        }
    }

    /// What is drawn of a character: a space for breaks, nothing for what only steers, a mark for what is unknown.
    fn drawable(&self, character: char) -> Option<char> {
        match character {
            _ if character.is_whitespace() && !self.has(character) => Some(' '),
            '\t' | '\n' | '\r' => Some(' '),
            _ if steers(character) => None,
            _ if self.has(character) => Some(character),
            _ => Some(UNKNOWN),
        }
    }

    /// Whether a character is drawn as a mark.
    pub(crate) fn is_unknown(&self, character: char) -> bool {
        self.drawable(character) == Some(UNKNOWN) && character != UNKNOWN
    }
}

/// Controls, joiners, direction and byte order marks, variation selectors: they have no look of their own.
fn steers(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_without_an_end_is_longer_than_any_line() {
        let fonts = Fonts::load().unwrap();
        let shaped = fonts.shape(Weight::Regular, &"i".repeat(1_000_000));
        assert_eq!(shaped.glyphs.len(), MOST);
        assert!(6.0 * shaped.width > crate::WIDTH, "{}", shaped.width);
    }

    #[test]
    fn what_has_no_look_is_left_out_and_what_has_no_glyph_is_marked() {
        let fonts = Fonts::load().unwrap();
        let shaped = fonts.shape(Weight::Strong, "a\u{202e}b\nc\u{5b57}");
        assert_eq!(shaped.text, "ab c\u{25a1}");
        assert!(fonts.is_unknown('\u{5b57}') && !fonts.is_unknown('\u{202e}'));
    }
}

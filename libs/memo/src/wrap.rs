//! Texts that fit: broken into lines, and cut where they are too long.

use crate::pen::{Pen, Type};

impl Pen<'_, '_> {
    /// A text that is no wider than so much: cut where it is.
    pub(crate) fn fitted(&self, look: Type, text: &str, width: f32) -> String {
        if self.width(look, text) <= width {
            return text.to_owned();
        }
        let characters: Vec<char> = text.chars().collect();
        let cut = |count: usize| {
            let kept: String = characters[..count].iter().collect();
            kept.trim_end().to_owned() + "\u{2026}"
        };
        // The longest beginning that fits: widths grow with characters.
        let (mut fits, mut beyond) = (0, characters.len());
        while fits + 1 < beyond {
            let middle = fits.midpoint(beyond);
            if self.width(look, &cut(middle)) <= width {
                fits = middle;
            } else {
                beyond = middle;
            }
        }
        cut(fits)
    }

    /// A text in at most so many lines, each no wider than so much; what does not fit is cut.
    pub(crate) fn lines(&self, look: Type, text: &str, width: f32, most: usize) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        let mut rest: Vec<&str> = text.split_ascii_whitespace().collect();
        rest.reverse();
        while !rest.is_empty() {
            if lines.len() + 1 == most {
                rest.reverse();
                lines.push(self.fitted(look, &rest.join(" "), width));
                break;
            }
            lines.push(self.line(look, &mut rest, width));
        }
        lines
    }

    /// As many of the words that are left, the next one last, as fit on a line; a word that does not is split.
    fn line(&self, look: Type, rest: &mut Vec<&str>, width: f32) -> String {
        let mut line = String::new();
        while let Some(word) = rest.pop() {
            let longer = if line.is_empty() {
                word.to_owned()
            } else {
                format!("{line} {word}")
            };
            if self.width(look, &longer) <= width {
                line = longer;
            } else if line.is_empty() {
                let end = self.split(look, word, width);
                let (first, last) = word.split_at(end);
                if !last.is_empty() {
                    rest.push(last);
                }
                return first.to_owned();
            } else {
                rest.push(word);
                return line;
            }
        }
        line
    }

    /// Where a word that is wider than a line is split.
    fn split(&self, look: Type, word: &str, width: f32) -> usize {
        let ends = word.char_indices().map(|(start, it)| start + it.len_utf8());
        let mut end = 0;
        for next in ends {
            if end > 0 && self.width(look, &word[..next]) > width {
                break;
            }
            end = next;
        }
        end
    }
}

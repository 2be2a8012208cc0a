//! Where a text names somebody.

use keepworth_contract::subject::Subject;
use uuid::Uuid;

/// From so many characters on an id is known wherever it stands as a word; a shorter one, such as `7`, is a word of
/// too many texts, and is known where it is all of a value, or stands in quotation marks.
const DISTINCT: usize = 4;
/// What values stand in where a sentence names them.
const QUOTES: [char; 4] = ['"', '\'', '`', '\\'];

/// Whom to look for.
pub struct Mention {
    id: String,
    /// As JSON has it within a text.
    in_json: String,
    pseudonym: String,
}

impl Mention {
    /// Looks for a customer by their id.
    #[must_use]
    pub fn of(subject: &Subject) -> Self {
        let id = subject.external_id.clone();
        let quoted = serde_json::Value::from(id.as_str()).to_string();
        let in_json = quoted.trim_matches('"').to_owned();
        // Of the same length for everybody, and never the same twice.
        let pseudonym = format!("erased-{}", Uuid::new_v4());
        Self {
            id,
            in_json,
            pseudonym,
        }
    }

    /// What stands in their place: random, and the same in everything that one erasure leaves.
    #[must_use]
    pub fn pseudonym(&self) -> &str {
        &self.pseudonym
    }

    /// The forms that a text can have it in.
    pub fn forms(&self) -> impl Iterator<Item = &str> {
        let other = Some(self.in_json.as_str()).filter(|it| *it != self.id);
        std::iter::once(self.id.as_str()).chain(other)
    }

    /// Whether a text names them.
    #[must_use]
    pub fn is_in(&self, text: &str) -> bool {
        self.forms().any(|form| places(text, form).next().is_some())
    }

    /// The text with the pseudonym in the place of their id.
    #[must_use]
    pub fn replaced(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for form in self.forms() {
            let mut rest = 0;
            let mut replaced = String::with_capacity(text.len());
            for place in places(&text, form) {
                replaced.push_str(&text[rest..place]);
                replaced.push_str(&self.pseudonym);
                rest = place + form.len();
            }
            replaced.push_str(&text[rest..]);
            text = replaced;
        }
        text
    }

    /// Whether a file may name them, in whichever encoding it is.
    #[must_use]
    pub fn may_be_in(&self, bytes: &[u8]) -> bool {
        let wide = |order: fn(u16) -> [u8; 2]| self.id.encode_utf16().flat_map(order).collect();
        let latin = self
            .id
            .chars()
            .map(|it| u8::try_from(u32::from(it)).ok())
            .collect();
        let encoded: [Option<Vec<u8>>; 4] = [
            Some(self.id.as_bytes().to_vec()),
            Some(wide(u16::to_le_bytes)),
            Some(wide(u16::to_be_bytes)),
            latin,
        ];
        let mut encoded = encoded.into_iter().flatten();
        encoded.any(|needle| bytes.windows(needle.len()).any(|it| it == needle))
    }
}

/// Where a text has a form of an id as a value or a word of its own, without overlaps.
fn places<'a>(text: &'a str, form: &'a str) -> impl Iterator<Item = usize> + 'a {
    let is_distinct = form.chars().count() >= DISTINCT;
    let is_end = move |it: Option<char>| match it {
        None => true,
        Some(it) if is_distinct => !it.is_alphanumeric(),
        Some(it) => QUOTES.contains(&it),
    };
    text.match_indices(form)
        .map(|(place, _)| place)
        .filter(move |place| {
            let before = text[..*place].chars().next_back();
            let after = text[place + form.len()..].chars().next();
            is_end(before) && is_end(after)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mention(id: &str) -> Mention {
        Mention::of(&Subject {
            source: "crm".to_owned(),
            external_id: id.to_owned(),
        })
    }

    #[test]
    fn a_word_is_found_and_a_part_of_one_is_not() {
        let it = mention("C-1001");
        for named in [
            "C-1001",
            "of C-1001.",
            "`C-1001` of `crm`",
            "[\"C-1001\"]",
            "C-1001/2025",
        ] {
            assert!(it.is_in(named), "{named}");
        }
        for other in ["C-10010", "XC-1001", "c-1001", "", "C-1002"] {
            assert!(!it.is_in(other), "{other}");
        }
        let by = it.pseudonym();
        assert_eq!(
            it.replaced("C-1001, C-10010 and C-1001"),
            format!("{by}, C-10010 and {by}")
        );
    }

    #[test]
    fn a_short_id_is_a_value_alone() {
        let it = mention("7");
        assert!(it.is_in("7") && it.is_in("`7` of `crm`") && it.is_in("[\"7\"]"));
        assert!(!it.is_in("7 rows") && !it.is_in("{\"n\":7}") && !it.is_in("trials = 7"));
    }

    #[test]
    fn an_id_is_known_as_json_has_it() {
        let it = mention("a\"b\\c");
        let kept = serde_json::json!({ "detail": "`a\"b\\c` is twice" }).to_string();
        assert!(it.is_in(&kept));
        assert!(!it.replaced(&kept).contains("b\\"));
        assert!(serde_json::from_str::<serde_json::Value>(&it.replaced(&kept)).is_ok());
    }

    #[test]
    fn a_file_of_any_encoding_may_name_somebody() {
        let it = mention("Ü-17");
        let wide: Vec<u8> = "id\nÜ-17\n"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        for file in ["id\nÜ-17\n".as_bytes(), b"id\n\xdc-17\n", &wide] {
            assert!(it.may_be_in(file));
        }
        assert!(!it.may_be_in(b"id\nU-17\n"));
    }
}

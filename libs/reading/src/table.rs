//! Bytes to rows: encodings, byte order marks, delimiters.

use std::io::{BufRead, BufReader, Cursor, Read};

use csv::StringRecord;
use encoding_rs_io::DecodeReaderBytesBuilder;

use super::Written;
use crate::Refusal;
use crate::refusal::{Within, refuse};

/// Bytes of the line of names that are looked at, at the most.
const LONGEST_HEADER: u64 = 1 << 20;

/// Rows of a CSV, read one at a time.
pub struct Table {
    reader: csv::Reader<Box<dyn Read + Send>>,
    /// The columns' names.
    pub header: StringRecord,
    /// How its cells are written.
    pub written: Written,
    /// Lines that the reader does not count: one before the names, and where lines end in CR LF the line
    /// feed, which it leaves to the next record and counts there.
    uncounted: u64,
}

/// A row with its place.
#[derive(Debug)]
pub struct Row {
    /// The line it begins on, from 1.
    pub line: u64,
    /// Its cells.
    pub cells: StringRecord,
}

impl Table {
    /// Opens a table. The delimiter is `auto`, `tab` or a character, and what a line `sep=;` before the
    /// names says; the encoding is a label of the WHATWG Encoding Standard; a byte order mark wins over it.
    ///
    /// # Errors
    /// An empty file, an encoding or delimiter that nobody knows, names with control characters.
    pub fn open(bytes: impl Read + Send + 'static, written: &Written) -> Result<Self, Refusal> {
        let encoding = encoding_rs_io_label(&written.encoding)?;
        let decoded = DecodeReaderBytesBuilder::new()
            .encoding(Some(encoding))
            .bom_override(true)
            .build(bytes);
        let mut text = BufReader::with_capacity(1 << 16, decoded);
        let mut first = read_line(&mut text)?;
        let stated = separator(&first);
        if stated.is_some() {
            first = read_line(&mut text)?;
        }
        if first.is_empty() {
            refuse!("the file is empty; it needs a line with the names of the columns");
        }
        let uncounted = u64::from(stated.is_some()) + u64::from(first.ends_with(b"\r\n"));
        let delimiter = match written.delimiter.as_str() {
            "auto" => stated.unwrap_or_else(|| detect(&first)),
            "tab" | "\t" => b'\t',
            other if other.len() == 1 => other.as_bytes()[0],
            other => {
                refuse!("delimiter `{other}` is not one character; write auto, tab or a character")
            }
        };
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .flexible(true)
            .from_reader(Box::new(Cursor::new(first).chain(text)) as Box<dyn Read + Send>);
        let header = reader
            .headers()
            .within("the line with the columns' names cannot be read")?;
        let header: StringRecord = header.iter().map(str::trim).collect();
        if let Some(place) = header.iter().position(has_control) {
            refuse!(
                "the name of column {} has control characters ({:?}); rename it",
                place + 1,
                &header[place]
            );
        }
        Ok(Self {
            reader,
            header,
            written: written.clone(),
            uncounted,
        })
    }

    /// The next row; `None` after the last.
    ///
    /// # Errors
    /// A file that cannot be read on.
    pub fn read_row(&mut self) -> Result<Option<Row>, Refusal> {
        let mut cells = StringRecord::new();
        let more = self
            .reader
            .read_record(&mut cells)
            .within("the file cannot be read on")?;
        let line = cells.position().map_or(0, csv::Position::line) + self.uncounted;
        Ok(more.then_some(Row { line, cells }))
    }
}

impl Row {
    /// What is wrong with the row as a row: code and detail.
    pub fn fault(&self, columns: usize) -> Option<(&'static str, String)> {
        if self.cells.len() != columns {
            return Some((
                "malformed_row",
                format!(
                    "line {} has {} cells, the header has {columns}; is the file cut short, a quote not closed, or a delimiter in a cell that is not quoted?",
                    self.line,
                    self.cells.len()
                ),
            ));
        }
        if self.cells.iter().any(|cell| cell.contains('\u{fffd}')) {
            let reason = format!(
                "line {} has bytes that are no text in this encoding; set encoding in the mapping, such as windows-1252",
                self.line
            );
            return Some(("wrong_encoding", reason));
        }
        let place = self.cells.iter().position(has_control)?;
        let reason = format!(
            "line {} has control characters in cell {}; remove them",
            self.line,
            place + 1
        );
        Some(("control_character", reason))
    }
}

/// The place of the one column of which something holds; `name` is what it is asked for by.
///
/// # Errors
/// That there are several: nobody can tell which is meant.
pub fn only(
    header: &StringRecord,
    name: &str,
    is_it: impl Fn(&str) -> bool,
) -> Result<Option<usize>, Refusal> {
    let mut places = (0..header.len()).filter(|index| is_it(&header[*index]));
    match (places.next(), places.next()) {
        (Some(first), Some(second)) => refuse!(
            "the file has two columns `{name}`, number {} and number {}; rename one of them",
            first + 1,
            second + 1
        ),
        (found, _) => Ok(found),
    }
}

/// Whether a text could steer the terminal that it is printed to. Lines and tabs cannot.
fn has_control(text: &str) -> bool {
    text.chars()
        .any(|it| it.is_control() && !matches!(it, '\n' | '\r' | '\t'))
}

/// A whole line: one read may end after a few bytes.
fn read_line(text: &mut impl BufRead) -> Result<Vec<u8>, Refusal> {
    let mut line = Vec::new();
    text.take(LONGEST_HEADER)
        .read_until(b'\n', &mut line)
        .within("the file cannot be read")?;
    Ok(line)
}

/// The delimiter that a line such as `sep=;` states, as Excel writes and reads it.
fn separator(line: &[u8]) -> Option<u8> {
    let line = line.trim_ascii_end();
    let (word, rest) = line.split_at_checked(4)?;
    match rest {
        [delimiter] if word.eq_ignore_ascii_case(b"sep=") => Some(*delimiter),
        // The delimiter is a tab, which was trimmed.
        [] if word.eq_ignore_ascii_case(b"sep=") => Some(b'\t'),
        _ => None,
    }
}

fn encoding_rs_io_label(label: &str) -> Result<&'static encoding_rs::Encoding, Refusal> {
    encoding_rs::Encoding::for_label(label.as_bytes()).ok_or_else(|| {
        Refusal::new(format!(
            "encoding `{label}` is not known; write utf-8, windows-1252, utf-16le …"
        ))
    })
}

/// The delimiter that occurs most in the first line, outside quotes.
fn detect(text: &[u8]) -> u8 {
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0)];
    let mut quoted = false;
    for byte in text {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' if !quoted => break,
            _ if quoted => {}
            _ => {
                if let Some((_, count)) = counts.iter_mut().find(|(delimiter, _)| delimiter == byte)
                {
                    *count += 1;
                }
            }
        }
    }
    // The first of equals: a comma when there is only one column.
    counts
        .iter()
        .rev()
        .max_by_key(|(_, count)| *count)
        .map_or(b',', |(delimiter, _)| *delimiter)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(bytes: &'static [u8], encoding: &str) -> Vec<Vec<String>> {
        let written = Written {
            encoding: encoding.to_owned(),
            ..Written::default()
        };
        let mut table = Table::open(bytes, &written).unwrap();
        let mut rows = vec![table.header.iter().map(str::to_owned).collect()];
        while let Some(row) = table.read_row().unwrap() {
            rows.push(row.cells.iter().map(str::to_owned).collect());
        }
        rows
    }

    #[test]
    fn delimiters_marks_and_quotes_are_understood() {
        let expected = vec![vec!["a", "b"], vec!["1", "two\nlines"]];
        assert_eq!(
            rows(b"\xef\xbb\xbfa;b\r\n1;\"two\nlines\"\r\n", "utf-8"),
            expected
        );
        assert_eq!(rows(b"a\tb\n1\t\"two\nlines\"\n", "utf-8"), expected);
        assert_eq!(rows(b"\"a\", b\n1,\"two\nlines\"", "utf-8"), expected);
    }

    #[test]
    fn a_semicolon_file_without_a_mark_is_understood() {
        let expected = vec![
            vec!["customer", "date", "amount"],
            vec!["1", "2025-01-01", "2,50"],
        ];
        assert_eq!(
            rows(b"customer;date;amount\n1;2025-01-01;2,50\n", "utf-8"),
            expected
        );
    }

    #[test]
    fn a_line_that_states_the_delimiter_is_no_header() {
        let expected = vec![vec!["a,b", "c"], vec!["1,5", "2"]];
        for text in [
            &b"sep=;\na,b;c\n1,5;2\n"[..],
            b"\xef\xbb\xbfSEP=;\r\na,b;c\r\n1,5;2\r\n",
        ] {
            assert_eq!(rows(text, "utf-8"), expected);
            let mut table = Table::open(text, &Written::default()).unwrap();
            assert_eq!(table.read_row().unwrap().unwrap().line, 3);
        }
        assert_eq!(rows(b"sep=\t\na\tb\n1\t2\n", "utf-8")[1], ["1", "2"]);
        assert_eq!(
            rows(b"sep=x\n1\n", "utf-8"),
            [["1"]],
            "no row below the names"
        );
    }

    #[test]
    fn rows_know_the_line_that_they_begin_on() {
        for end in ["\n", "\r\n"] {
            let text = ["a,b", "1,\"two", "lines\"", "3,4", ""].join(end);
            let text: &'static [u8] = text.leak().as_bytes();
            let mut table = Table::open(text, &Written::default()).unwrap();
            let mut line = || table.read_row().unwrap().map(|row| row.line);
            assert_eq!(
                [line(), line(), line()],
                [Some(2), Some(4), None],
                "{end:?}"
            );
        }
    }

    #[test]
    fn encodings_are_decoded() {
        assert_eq!(rows(b"name\nZo\xeb\n", "windows-1252")[1], ["Zoë"]);
        assert_eq!(
            rows(b"\xff\xfen\0\n\0\xeb\0\n\0", "utf-8")[1],
            ["ë"],
            "the mark wins"
        );
    }

    #[test]
    fn a_row_cut_short_or_garbled_has_a_fault() {
        let mut table = Table::open(&b"a,b\n1,\"2\n"[..], &Written::default()).unwrap();
        assert!(
            table.read_row().unwrap().unwrap().fault(2).is_none(),
            "an open quote runs to the end"
        );
        let mut table = Table::open(&b"a,b\n1\n\xff,2\n"[..], &Written::default()).unwrap();
        assert_eq!(
            table.read_row().unwrap().unwrap().fault(2).unwrap().0,
            "malformed_row"
        );
        assert_eq!(
            table.read_row().unwrap().unwrap().fault(2).unwrap().0,
            "wrong_encoding"
        );
    }
}

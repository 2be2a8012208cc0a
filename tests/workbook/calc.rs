//! Workbooks, and LibreOffice that recalculates them.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::io::{Cursor, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use calamine::{Data, Range, Reader, Xlsx};
use regex::Regex;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// By default LibreOffice takes another program's results as they are; this has it calculate.
const RECALCULATE: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop>
</item>
</oor:items>
"#;

/// The program that recalculates, which `make test` installs.
pub fn soffice() -> Option<PathBuf> {
    let path = std::env::var_os("KEEPWORTH_TEST_SOFFICE");
    if path.is_none() {
        eprintln!("skipped: KEEPWORTH_TEST_SOFFICE does not name soffice; `make test` installs it");
    }
    path.map(PathBuf::from)
}

/// An input that somebody types over.
pub struct Edit {
    name: &'static str,
    content: String,
}

impl Edit {
    pub fn number(name: &'static str, value: f64) -> Self {
        let content = format!("><v>{value}</v>");
        Self { name, content }
    }

    pub fn word(name: &'static str, word: &str) -> Self {
        let content = format!(r#" t="inlineStr"><is><t>{word}</t></is>"#);
        Self { name, content }
    }
}

/// A workbook: its parts, the places of its names, and the cells of its first sheet, where the verdict is.
pub struct Book {
    bytes: Vec<u8>,
    parts: BTreeMap<String, Vec<u8>>,
    names: BTreeMap<String, (String, u32, u32)>,
    order: Vec<String>,
    summary: OnceCell<Range<Data>>,
}

impl PartialEq for Book {
    fn eq(&self, other: &Self) -> bool {
        self.parts == other.parts
    }
}

impl Book {
    pub fn read(path: &Path) -> Self {
        Self::new(std::fs::read(path).unwrap())
    }

    fn new(bytes: Vec<u8>) -> Self {
        let mut archive = ZipArchive::new(Cursor::new(&bytes)).unwrap();
        let mut parts = BTreeMap::new();
        for index in 0..archive.len() {
            let mut part = archive.by_index(index).unwrap();
            let mut content = Vec::new();
            part.read_to_end(&mut content).unwrap();
            parts.insert(part.name().unwrap().into_owned(), content);
        }
        let book: Xlsx<_> = Xlsx::new(Cursor::new(&bytes)).unwrap();
        let names = book.defined_names().iter();
        let names = names.filter_map(|(name, place)| Some((name.clone(), cell_of(place)?)));
        Self {
            parts,
            names: names.collect(),
            order: book.sheet_names(),
            summary: OnceCell::new(),
            bytes,
        }
    }

    /// The cells of the first sheet.
    fn summary(&self) -> &Range<Data> {
        self.summary.get_or_init(|| {
            let mut book: Xlsx<_> = Xlsx::new(Cursor::new(&self.bytes)).unwrap();
            book.worksheet_range("Summary").unwrap()
        })
    }

    fn named(&self, name: &str) -> Data {
        let (sheet, row, column) = &self.names[name];
        if sheet == "Summary" {
            return self.summary().get_value((*row, *column)).unwrap().clone();
        }
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(&self.bytes)).unwrap();
        let cells = book.worksheet_range(sheet).unwrap();
        cells.get_value((*row, *column)).unwrap().clone()
    }

    pub fn number(&self, name: &str) -> f64 {
        match self.named(name) {
            Data::Float(number) => number,
            Data::Int(number) => number as f64,
            other => panic!("{name} is {other:?}"),
        }
    }

    pub fn text(&self, name: &str) -> String {
        self.named(name).to_string()
    }

    /// What stands above all.
    pub fn title(&self) -> String {
        self.summary().get_value((0, 0)).unwrap().to_string()
    }

    /// Every formula.
    pub fn formulas(&self) -> Vec<String> {
        let formula = Regex::new("<f>([^<]*)</f>").unwrap();
        let sheets = self.sheets();
        let all = sheets.iter().flat_map(|sheet| formula.captures_iter(sheet));
        all.map(|it| it[1].to_owned()).collect()
    }

    /// The sheets as they are written.
    pub fn sheets(&self) -> Vec<String> {
        let sheets = self.parts.iter().filter(|(name, _)| is_sheet(name));
        sheets
            .map(|(_, content)| String::from_utf8(content.clone()).unwrap())
            .collect()
    }

    /// The same workbook with cells typed over.
    pub fn with(&self, edits: &[Edit]) -> Self {
        let mut parts = self.parts.clone();
        for Edit { name, content } in edits {
            let (sheet, row, column) = &self.names[*name];
            let number = 1 + self.order.iter().position(|it| it == sheet).unwrap();
            let part = parts
                .get_mut(&format!("xl/worksheets/sheet{number}.xml"))
                .unwrap();
            let text = String::from_utf8(part.clone()).unwrap();
            let cell = format!("{}{}", letters(*column), row + 1);
            let cell = Regex::new(&format!(r#"<c r="{cell}"( s="\d+")[^>]*>.*?</c>"#)).unwrap();
            assert!(cell.is_match(&text), "{name}");
            let written = cell.replace(&text, |found: &regex::Captures<'_>| {
                let place = format!("{}{}", letters(*column), row + 1);
                format!("<c r=\"{place}\"{}{content}</c>", &found[1])
            });
            *part = written.into_owned().into_bytes();
        }
        Self::new(zipped(&parts))
    }

    /// The workbook without what formulas came to when it was written.
    fn without_results(&self) -> Vec<u8> {
        let result = Regex::new("</f><v>[^<]*</v>").unwrap();
        let mut parts = self.parts.clone();
        let mut wiped = 0;
        for (_, content) in parts.iter_mut().filter(|(name, _)| is_sheet(name)) {
            let text = String::from_utf8(content.clone()).unwrap();
            wiped += result.find_iter(&text).count();
            *content = result.replace_all(&text, "</f>").into_owned().into_bytes();
        }
        assert!(wiped > 100, "{wiped} formulas");
        zipped(&parts)
    }

    /// Nothing that a formula came to is an error.
    fn assert_no_errors(&self) {
        for sheet in self.sheets() {
            let error = sheet.find(" t=\"e\"");
            assert!(
                error.is_none(),
                "{:?}",
                error.map(|at| &sheet[at - 20..at + 90])
            );
        }
    }
}

fn is_sheet(part: &str) -> bool {
    part.starts_with("xl/worksheets/sheet")
}

fn zipped(parts: &BTreeMap<String, Vec<u8>>) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        archive.start_file(name, options).unwrap();
        archive.write_all(content).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// Sheet, row and column of the place of a name; none of several cells.
fn cell_of(place: &str) -> Option<(String, u32, u32)> {
    let cell = Regex::new(r"^'?([^'!]+)'?!\$([A-Z]+)\$(\d+)$").unwrap();
    let found = cell.captures(place)?;
    let column = found[2]
        .bytes()
        .fold(0, |sum, letter| 26 * sum + u32::from(letter - b'A') + 1);
    let row: u32 = found[3].parse().unwrap();
    Some((found[1].to_owned(), row - 1, column - 1))
}

/// The letters of a column.
fn letters(column: u32) -> String {
    let last = char::from(b'A' + (column % 26) as u8);
    match column / 26 {
        0 => last.to_string(),
        more => format!("{}{last}", letters(more - 1)),
    }
}

/// What LibreOffice makes of workbooks from their formulas alone.
pub fn recalculated(soffice: &Path, books: &[&Book]) -> Vec<Book> {
    let folder = tempfile::tempdir().unwrap();
    let [profile, done] = ["profile", "done"].map(|it| folder.path().join(it));
    std::fs::create_dir_all(profile.join("user")).unwrap();
    let settings = profile.join("user/registrymodifications.xcu");
    std::fs::write(settings, RECALCULATE).unwrap();
    let files: Vec<PathBuf> = (0..books.len())
        .map(|index| folder.path().join(format!("{index}.xlsx")))
        .collect();
    for (file, book) in files.iter().zip(books) {
        std::fs::write(file, book.without_results()).unwrap();
    }
    let status = Command::new(soffice)
        .args(["--headless", "--convert-to", "xlsx"])
        .arg(format!(
            "-env:UserInstallation=file://{}",
            profile.display()
        ))
        .arg("--outdir")
        .arg(&done)
        .args(&files)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success(), "{status}");
    let found = files.iter().zip(books).map(|(file, book)| {
        let recalculated = Book::read(&done.join(file.file_name().unwrap()));
        recalculated.assert_no_errors();
        // Places are those of the workbook as we wrote it.
        Book {
            names: book.names.clone(),
            ..recalculated
        }
    });
    found.collect()
}

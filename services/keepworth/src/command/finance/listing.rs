//! Lists that come in pages.

use keepworth_contract::Page;
use keepworth_contract::client::Client;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Asking, path};
use crate::sheet::{RowFormat, Sheet};
use crate::{Global, runtime};

/// Rows of a page, as the service allows at the most.
const PAGE: usize = 1_000;

/// How much of a list to show.
#[derive(clap::Args)]
pub(super) struct Listing {
    /// Show at most this many rows; 0 shows all. CSV has all unless told otherwise.
    #[arg(
        long,
        value_name = "ROWS",
        default_value_t = 50,
        default_value_if("format", "csv", "0")
    )]
    limit: usize,
    #[command(flatten)]
    asking: Asking,
}

/// A list while it is read.
struct Pages<'a> {
    client: Client,
    resource: &'a str,
    query: &'a [(&'a str, Option<String>)],
    /// Rows still wanted.
    wanted: usize,
    /// Continues the list; `None` at its end.
    cursor: Option<String>,
    is_begun: bool,
}

impl Pages<'_> {
    /// The next rows; none when all that are wanted were read.
    async fn next(&mut self) -> anyhow::Result<Vec<Value>> {
        if self.wanted == 0 || (self.is_begun && self.cursor.is_none()) {
            return Ok(Vec::new());
        }
        let size = self.wanted.min(PAGE).to_string();
        let place = [("page_size", Some(size)), ("cursor", self.cursor.take())];
        let path = path(&[self.resource], &[self.query, &place].concat())?;
        let page: Page<Value> = self.client.fetch(&path).await?;
        self.wanted -= page.items.len().min(self.wanted);
        (self.cursor, self.is_begun) = (page.next_cursor, true);
        Ok(page.items)
    }
}

impl Listing {
    /// Shows the rows of `resource` that `query` asks for.
    pub(super) fn show<T: DeserializeOwned>(
        &self,
        global: &Global,
        resource: &str,
        query: &[(&str, Option<String>)],
        sheet: impl Fn(Vec<T>) -> Sheet,
    ) -> anyhow::Result<()> {
        let mut pages = Pages {
            client: self.asking.client(global)?,
            resource,
            query,
            wanted: if self.limit == 0 {
                usize::MAX
            } else {
                self.limit
            },
            cursor: None,
            is_begun: false,
        };
        runtime::block_on(async {
            if self.asking.format == RowFormat::Csv {
                return stream(&mut pages, sheet).await;
            }
            let mut items = Vec::new();
            loop {
                let more = pages.next().await?;
                if more.is_empty() {
                    break;
                }
                items.extend(more);
            }
            let answer = serde_json::to_value(Page {
                items,
                next_cursor: pages.cursor,
            })?;
            self.asking.print(&answer, |list: Page<T>| {
                let mut sheet = sheet(list.items);
                if list.next_cursor.is_some() {
                    sheet.note(format!("The first {}; --limit 0 shows all.", self.limit));
                }
                Ok(vec![sheet])
            })
        })
    }
}

/// Writes page after page, in constant memory.
async fn stream<T: DeserializeOwned>(
    pages: &mut Pages<'_>,
    sheet: impl Fn(Vec<T>) -> Sheet,
) -> anyhow::Result<()> {
    let mut csv = csv::Writer::from_writer(std::io::stdout().lock());
    sheet(Vec::new()).write_header(&mut csv)?;
    loop {
        let items = pages.next().await?;
        if items.is_empty() {
            return Ok(csv.flush()?);
        }
        let items = items.into_iter().map(serde_json::from_value);
        sheet(items.collect::<Result<_, _>>()?).write_rows(&mut csv)?;
    }
}

//! Lists that come in pages.

use keepworth_contract::client::ClientError;
use keepworth_contract::finance::FinanceClient;
use keepworth_contract::{MAX_PAGE_SIZE, Page, PageQuery};
use serde::Serialize;

use super::{Asking, answered};
use crate::Global;
use crate::present::{Format, Sheet};

/// How much of a list to show.
#[derive(clap::Args)]
pub(super) struct Listing {
    /// Show at most this many rows; 0 shows all [default: 50; of CSV and Parquet all].
    #[arg(long, value_name = "ROWS")]
    limit: Option<u32>,
    #[command(flatten)]
    asking: Asking,
}

/// A list while it is read.
struct Pages<Fetch> {
    client: FinanceClient,
    fetch: Fetch,
    /// Rows still wanted.
    wanted: i64,
    /// Continues the list; `None` at its end.
    cursor: Option<String>,
    is_begun: bool,
}

impl<T, Fetch> Pages<Fetch>
where
    Fetch: AsyncFn(&FinanceClient, PageQuery) -> Result<Page<T>, ClientError>,
{
    /// The next rows; none when all that are wanted were read.
    async fn next(&mut self) -> anyhow::Result<Vec<T>> {
        if self.wanted == 0 || (self.is_begun && self.cursor.is_none()) {
            return Ok(Vec::new());
        }
        let place = PageQuery {
            page_size: Some(self.wanted.min(MAX_PAGE_SIZE)),
            cursor: self.cursor.take(),
            ..PageQuery::default()
        };
        let page = (self.fetch)(&self.client, place).await?;
        self.wanted -= (page.items.len() as i64).min(self.wanted);
        (self.cursor, self.is_begun) = (page.next_cursor, true);
        Ok(page.items)
    }
}

impl Listing {
    /// Shows the rows of the pages that `fetch` asks for.
    pub(super) fn show<T: Serialize>(
        &self,
        global: &Global,
        fetch: impl AsyncFn(&FinanceClient, PageQuery) -> Result<Page<T>, ClientError>,
        sheet: impl Fn(Vec<T>) -> Sheet,
    ) -> anyhow::Result<()> {
        let to = &self.asking.presenting;
        let limit = self.limit.unwrap_or(if to.is_of_rows() { 0 } else { 50 });
        let mut pages = Pages {
            client: self.asking.client(global)?,
            fetch,
            wanted: match limit {
                0 => i64::MAX,
                limit => i64::from(limit),
            },
            cursor: None,
            is_begun: false,
        };
        if to.form() == Format::Csv {
            // Page after page, in constant memory.
            return to.sink()?.write(|out| {
                let mut csv = csv::Writer::from_writer(out);
                sheet(Vec::new()).write_header(&mut csv)?;
                loop {
                    let items = answered(pages.next())?;
                    if items.is_empty() {
                        return Ok(csv.flush()?);
                    }
                    sheet(items).write_rows(&mut csv)?;
                }
            });
        }
        let items = answered(async {
            let mut items = Vec::new();
            loop {
                let more = pages.next().await?;
                if more.is_empty() {
                    return Ok(items);
                }
                items.extend(more);
            }
        })?;
        let next_cursor = pages.cursor;
        let total = None;
        to.show(
            Page {
                items,
                next_cursor,
                total,
            },
            |list| {
                let mut sheet = sheet(list.items);
                if list.next_cursor.is_some() {
                    sheet.note(format!("The first {limit}; --limit 0 shows all."));
                }
                Ok(vec![sheet])
            },
        )
    }
}

//! Feeds page by page, for clients that read no stream.

use std::io::{BufRead, BufReader, Seek};

use actix_web::web::Json;
use keepworth_contract::feed::{FeedHeader, FeedPage, FeedPageQuery, FeedTrailer};
use keepworth_intake::Failure;
use keepworth_intake::feed::{FeedSink, no_room};
use keepworth_store::{Conn, Db};
use serde_json::value::RawValue;
use tempfile::SpooledTempFile;

use super::{gather_whole, read_whole};
use crate::{ApiError, ApiResult};

/// What a handler answers with a page of a feed.
pub type FeedPageResult = ApiResult<FeedPage<Box<RawValue>>>;

/// Answers a page of a feed: `rows` reads one unchanging picture of the database and pushes into the sink.
///
/// The feed is read anew for every page. A page that continues another carries its digest: where records
/// changed in between, rows would be lost or come twice.
///
/// # Errors
/// A day that has not come yet, a cursor of another feed or of one that has changed since, and what `rows`
/// answers.
pub async fn page(
    db: &Db,
    feed: &'static str,
    version: u32,
    query: FeedPageQuery,
    rows: impl FnOnce(&mut Conn, &mut FeedSink) -> Result<(), Failure> + Send + 'static,
) -> FeedPageResult {
    let header = FeedHeader {
        feed: feed.to_owned(),
        version,
        as_of: query.as_of,
    };
    let start = query.cursor.as_deref().map(Cursor::parse).transpose()?;
    let spool = read_whole(db, header.clone(), rows).await?;
    cut_apart(spool, header, start, query.limit()).await
}

/// Answers a page of a feed whose rows are of no one database, as [`page`] does of others: `rows` pushes them into the
/// sink that it is handed, and hands it back.
///
/// # Errors
/// A cursor of another feed or of one that has changed since, and what `rows` answers.
pub async fn page_from<F: Future<Output = Result<FeedSink, Failure>>>(
    header: FeedHeader,
    query: FeedPageQuery,
    rows: impl FnOnce(FeedSink) -> F,
) -> FeedPageResult {
    let start = query.cursor.as_deref().map(Cursor::parse).transpose()?;
    let spool = gather_whole(&header, rows).await?;
    cut_apart(spool, header, start, query.limit()).await
}

/// Cuts a page off the threads that requests share.
async fn cut_apart(
    spool: SpooledTempFile,
    header: FeedHeader,
    start: Option<Cursor>,
    limit: usize,
) -> FeedPageResult {
    let cut = move || cut(spool, header, start, limit);
    let page = tokio::task::spawn_blocking(cut).await;
    Ok(Json(page.map_err(Failure::internal)??))
}

/// Where a page begins.
#[derive(Debug, PartialEq, Eq)]
struct Cursor {
    row: usize,
    /// Of the feed's rows.
    digest: String,
}

impl Cursor {
    fn parse(text: &str) -> Result<Self, ApiError> {
        let parts = text.split_once('-');
        let cursor = parts.and_then(|(row, digest)| {
            let (row, digest) = (row.parse().ok()?, digest.to_owned());
            Some(Self { row, digest })
        });
        let wrong = || Failure::malformed("cursor: it is none of this list; leave it out to begin");
        Ok(cursor.ok_or_else(wrong)?)
    }
}

/// Cuts a page from a feed between its header and its trailer.
fn cut(
    mut spool: SpooledTempFile,
    header: FeedHeader,
    start: Option<Cursor>,
    limit: usize,
) -> Result<FeedPage<Box<RawValue>>, Failure> {
    spool.rewind().map_err(no_room)?;
    let first = start.as_ref().map_or(0, |cursor| cursor.row);
    let (mut items, mut last) = (Vec::new(), String::new());
    for (index, line) in BufReader::new(spool).lines().skip(1).enumerate() {
        last = line.map_err(no_room)?;
        if index >= first && items.len() <= limit {
            items.push(last.clone());
        }
    }
    let trailer: FeedTrailer = serde_json::from_str(&last).map_err(Failure::internal)?;
    let rows = usize::try_from(trailer.rows).map_err(Failure::internal)?;
    if start.is_some_and(|cursor| cursor.digest != trailer.sha256) {
        return Err(Failure::conflict(
            keepworth_contract::ProblemCode::RecordsChanged,
            "the feed has changed since its first page; begin again without a cursor",
        ));
    }
    let end = rows.min(first.saturating_add(limit));
    items.truncate(end.saturating_sub(first));
    let items = items.into_iter().map(RawValue::from_string);
    Ok(FeedPage {
        header,
        items: items.collect::<Result<_, _>>().map_err(Failure::internal)?,
        next_cursor: (end < rows).then(|| format!("{end}-{}", trailer.sha256)),
        trailer,
    })
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn header() -> FeedHeader {
        FeedHeader {
            feed: "cohorts".to_owned(),
            version: 1,
            as_of: "2025-09-30".parse().unwrap(),
        }
    }

    fn page_at(start: Option<Cursor>, limit: usize) -> Result<FeedPage<Box<RawValue>>, Failure> {
        let mut spool = SpooledTempFile::new(1024);
        let lines = ["{}", "1", "2", "3", r#"{"rows":3,"sha256":"ab"}"#];
        spool
            .write_all((lines.join("\n") + "\n").as_bytes())
            .unwrap();
        cut(spool, header(), start, limit)
    }

    #[test]
    fn pages_have_every_row_once() {
        for limit in 1..5 {
            let (mut seen, mut start) = (Vec::new(), None);
            loop {
                let page = page_at(start, limit).unwrap();
                assert!(page.items.len() <= limit && page.trailer.rows == 3);
                seen.extend(page.items.iter().map(|it| it.get().to_owned()));
                let Some(next) = page.next_cursor else { break };
                start = Some(Cursor::parse(&next).unwrap());
            }
            assert_eq!(seen, ["1", "2", "3"], "{limit}");
        }
    }

    #[test]
    fn a_feed_that_changed_is_not_continued() {
        assert!(page_at(Some(Cursor::parse("1-cd").unwrap()), 2).is_err());
        assert!(
            page_at(Some(Cursor::parse("9-ab").unwrap()), 2)
                .unwrap()
                .items
                .is_empty()
        );
        assert!(Cursor::parse("x-ab").is_err() && Cursor::parse("1").is_err());
    }
}

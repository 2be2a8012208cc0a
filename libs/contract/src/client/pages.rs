//! Lists that are read whole.

use crate::Page;
use crate::client::ClientError;

/// Every item of a list, page after page: `page` asks for the one that a cursor continues with, the first without one.
///
/// # Errors
/// What a page answers.
pub async fn all_pages<T>(
    mut page: impl AsyncFnMut(Option<String>) -> Result<Page<T>, ClientError>,
) -> Result<Vec<T>, ClientError> {
    let (mut items, mut cursor) = (Vec::new(), None);
    loop {
        let next = page(cursor).await?;
        items.extend(next.items);
        cursor = next.next_cursor;
        if cursor.is_none() {
            return Ok(items);
        }
    }
}

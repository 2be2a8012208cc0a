//! Files to take away: with a name for the disk, and a tag that says whether the caller has it already.

use actix_web::body::SizedStream;
use actix_web::http::header::{ETag, EntityTag};
use actix_web::{HttpRequest, HttpResponse};
use keepworth_intake::Failure;
use keepworth_intake::feed::no_room;
use tempfile::SpooledTempFile;

use crate::ApiError;
use crate::feed::pieces;
use crate::precondition::is_known;

/// A file.
#[derive(Debug)]
pub struct Download {
    /// What is in it, written to its end.
    pub content: SpooledTempFile,
    /// What kind it is.
    pub media_type: &'static str,
    /// What it should be called: letters, digits, hyphens and dots.
    pub name: String,
    /// Which version it is.
    pub tag: String,
}

/// Answers a file, or 304 to whoever has that version already.
///
/// # Errors
/// When it cannot be read back.
pub fn answer(request: &HttpRequest, file: Download) -> Result<HttpResponse, ApiError> {
    let tag = EntityTag::new_strong(file.tag);
    if is_known(request, &tag) {
        let mut known = HttpResponse::NotModified();
        return Ok(known.insert_header(ETag(tag)).finish());
    }
    let (length, pieces) = pieces(file.content).map_err(no_room)?;
    Ok(HttpResponse::Ok()
        .insert_header(ETag(tag))
        .insert_header((
            "content-disposition",
            format!("attachment; filename=\"{}\"", file.name),
        ))
        .content_type(file.media_type)
        .body(SizedStream::new(length, pieces)))
}

/// Which of the kinds that there are the caller would have, by `Accept` (RFC 9110, 12.5.1), and what stands for it: the
/// first where they do not say or do not mind.
///
/// # Errors
/// 406 where they would have none of them, naming those that there are.
pub fn accepted<T: Copy>(
    request: &HttpRequest,
    there: &[(&'static str, T)],
) -> Result<(&'static str, T), ApiError> {
    let headers = request.headers().get_all("accept");
    let asked: Vec<&str> = headers.filter_map(|it| it.to_str().ok()).collect();
    let asked = match asked.join(",") {
        it if it.trim().is_empty() => "*/*".to_owned(),
        it => it,
    };
    let mut best = None;
    for it in there {
        let weight = weight(&asked, it.0);
        if weight > best.map_or(0.0, |(weight, _)| weight) {
            best = Some((weight, *it));
        }
    }
    best.map(|(_, it)| it).ok_or_else(|| {
        let kinds = Vec::from_iter(there.iter().map(|(kind, _)| *kind)).join(" or ");
        Failure::not_acceptable(format!("of this there is {kinds}; say so in Accept")).into()
    })
}

/// How much a caller would have a kind: by the range that says most of it.
fn weight(asked: &str, kind: &str) -> f32 {
    let whole = kind.split_once('/').map_or(kind, |(whole, _)| whole);
    let mut best = (0, 0.0);
    for range in asked.split(',') {
        let mut parts = range.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default().to_ascii_lowercase();
        let says = match name.as_str() {
            it if it == kind => 3,
            it if it.strip_suffix("/*") == Some(whole) => 2,
            "*/*" => 1,
            _ => continue,
        };
        let quality = parts.find_map(|it| it.strip_prefix("q=")?.parse().ok());
        if says > best.0 {
            best = (says, quality.unwrap_or(1.0));
        }
    }
    best.1
}

#[cfg(test)]
mod tests {
    use super::*;

    use actix_web::test::TestRequest;

    const CSV: &str = "text/csv";
    const PARQUET: &str = "application/vnd.apache.parquet";

    fn chosen(accept: &str) -> Option<&'static str> {
        let request = TestRequest::default().insert_header(("accept", accept));
        let there = [(CSV, ()), (PARQUET, ())];
        accepted(&request.to_http_request(), &there)
            .ok()
            .map(|it| it.0)
    }

    #[test]
    fn a_caller_has_what_they_would_have() {
        let nothing = TestRequest::default().to_http_request();
        let there = [(CSV, 1), (PARQUET, 2)];
        assert_eq!(accepted(&nothing, &there).unwrap(), (CSV, 1));
        for (accept, kind) in [
            ("*/*", Some(CSV)),
            ("text/*", Some(CSV)),
            (PARQUET, Some(PARQUET)),
            ("text/csv;q=0.5, application/*", Some(PARQUET)),
            ("*/*, text/csv;q=0", Some(PARQUET)),
            ("Text/CSV; header=present", Some(CSV)),
            ("application/json", None),
            ("text/csv;q=0", None),
        ] {
            assert_eq!(chosen(accept), kind, "{accept}");
        }
    }
}

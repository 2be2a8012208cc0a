//! On how many threads work is done.

use super::RunError;

/// Does work on so many threads, or on those of the caller's pool. Never changes a result.
///
/// # Errors
/// If `threads` is 0, or they cannot be started.
pub fn on_threads<T: Send>(
    threads: Option<usize>,
    work: impl FnOnce() -> T + Send,
) -> Result<T, RunError> {
    let Some(threads) = threads else {
        return Ok(work());
    };
    if threads == 0 {
        return Err(RunError::NoThreads);
    }
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let pool = pool.map_err(|e| RunError::Threads {
        threads,
        reason: e.to_string(),
    })?;
    Ok(pool.install(work))
}

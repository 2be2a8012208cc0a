//! Long work with somebody watching: a progress bar on standard error, and Ctrl-C.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, bail};
use indicatif::{ProgressBar, ProgressStyle};
use keepworth_sim::Control;
use tokio::sync::oneshot;

use crate::runtime;

/// How long work that is told to stop may take to clean up.
const PATIENCE: Duration = Duration::from_secs(2);

/// Shows how far work has come, and knows whether it should stop.
#[derive(Clone)]
pub(super) struct Watch {
    bar: ProgressBar,
    cancel: Arc<AtomicBool>,
}

impl Watch {
    fn new() -> Self {
        Self {
            bar: ProgressBar::no_length(),
            cancel: Arc::default(),
        }
    }

    /// Work of a length that nobody knows.
    pub(super) fn stage(&self, what: &str) {
        self.show("{spinner} {msg}, {elapsed}", what);
    }

    /// Work that tells how many futures it has evaluated.
    pub(super) fn futures<T>(&self, what: &str, work: impl FnOnce(&Control<'_>) -> T) -> T {
        self.show(
            "{bar:30} {msg}: {human_pos} of {human_len} futures, {eta} left",
            what,
        );
        let progress = |done, all| {
            self.bar.set_length(all);
            self.bar.set_position(done);
        };
        work(&Control {
            progress: Some(&progress),
            cancel: Some(&self.cancel),
        })
    }

    fn show(&self, template: &str, what: &str) {
        self.bar.reset();
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.bar.set_style(style);
        }
        self.bar.set_message(what.to_owned());
        self.bar.enable_steady_tick(Duration::from_millis(100));
    }
}

/// Works in a thread of its own; Ctrl-C stops it.
///
/// Work that does not look whether it should stop is left alone after a while, to end with the
/// process.
pub(super) fn watched<T: Send + 'static>(
    work: impl FnOnce(&Watch) -> anyhow::Result<T> + Send + 'static,
) -> anyhow::Result<T> {
    let watch = Watch::new();
    let (tell, mut told) = oneshot::channel();
    let worker = watch.clone();
    std::thread::spawn(move || tell.send(work(&worker)));
    let result = runtime::block_on(async {
        tokio::select! {
            result = &mut told => result.context("the simulation broke off")?,
            _ = tokio::signal::ctrl_c() => {
                watch.cancel.store(true, Ordering::Relaxed);
                match tokio::time::timeout(PATIENCE, told).await {
                    Ok(Ok(result)) => result,
                    _ => bail!("cancelled"),
                }
            }
        }
    });
    watch.bar.finish_and_clear();
    result
}

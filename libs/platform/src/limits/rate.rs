//! So many in so long.

use std::fmt::Display;
use std::hash::Hash;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use governor::clock::{Clock, MonotonicClock};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};
use keepworth_intake::{Failure, seconds};

type Buckets<K> =
    RateLimiter<K, HashMapStateStore<K>, MonotonicClock, NoOpMiddleware<std::time::Instant>>;

/// After so many counts those are forgotten who have asked for nothing lately.
const SWEEP: u32 = 65_536;

/// Counts by a key, such as a caller: each may have so many in so long, and so many together after a pause.
pub(crate) struct Rate<K: Hash + Eq + Clone> {
    buckets: Buckets<K>,
    clock: MonotonicClock,
    counted: AtomicU32,
    figure: String,
    setting: &'static str,
}

impl<K: Hash + Eq + Clone> Rate<K> {
    /// So many in a second, of which so many may come together.
    pub(crate) fn per_second(rate: NonZeroU32, burst: NonZeroU32, setting: &'static str) -> Self {
        let quota = Quota::per_second(rate).allow_burst(burst);
        Self::new(quota, format!("{rate} requests in a second"), setting)
    }

    /// So many in a minute, and so many together.
    pub(crate) fn per_minute(rate: NonZeroU32, what: impl Display, setting: &'static str) -> Self {
        Self::new(
            Quota::per_minute(rate),
            format!("{rate} {what} in a minute"),
            setting,
        )
    }

    fn new(quota: Quota, figure: String, setting: &'static str) -> Self {
        Self {
            buckets: RateLimiter::new(quota, HashMapStateStore::default(), MonotonicClock),
            clock: MonotonicClock,
            counted: AtomicU32::new(0),
            figure,
            setting,
        }
    }

    /// Counts one.
    ///
    /// # Errors
    /// That there were too many, and after how long there will not be.
    pub(crate) fn count(&self, key: &K) -> Result<(), Failure> {
        self.wait(key)
            .map_or(Ok(()), |pause| Err(self.refusal(pause)))
    }

    /// Counts one, or answers how long to wait for it.
    pub(crate) fn wait(&self, key: &K) -> Option<Duration> {
        if self.counted.fetch_add(1, Ordering::Relaxed) % SWEEP == SWEEP - 1 {
            self.buckets.retain_recent();
            self.buckets.shrink_to_fit();
        }
        let refused = self.buckets.check_key(key).err()?;
        Some(refused.wait_time_from(self.clock.now()))
    }

    /// Tells that there were too many.
    pub(crate) fn refusal(&self, pause: Duration) -> Failure {
        let seconds = seconds(pause);
        Failure::too_many(format!(
            "more than {}, which is what one caller may have ({}); come again in {seconds} s",
            self.figure, self.setting
        ))
        .after(seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_its_own_and_the_pause_is_long_enough() {
        let few = |it| NonZeroU32::new(it).unwrap();
        let rate = Rate::per_second(few(20), few(3), "limits.x");
        for _ in 0..3 {
            rate.count(&"a").unwrap();
        }
        let pause = rate.wait(&"a").unwrap();
        assert!(pause <= Duration::from_millis(50), "{pause:?}");
        let refused = rate.count(&"a").unwrap_err();
        assert_eq!(refused.retry_after(), Some(1));
        let said = refused.to_string();
        assert!(
            said.contains("20 requests") && said.contains("limits.x"),
            "{said}"
        );
        rate.count(&"b").unwrap();
        std::thread::sleep(pause);
        rate.count(&"a").unwrap();
    }

    #[test]
    fn who_is_away_is_forgotten() {
        let rate = Rate::per_second(NonZeroU32::MAX, NonZeroU32::MAX, "limits.x");
        for key in 0..SWEEP {
            rate.count(&key).unwrap();
        }
        assert!(rate.buckets.len() < 100, "{}", rate.buckets.len());
    }
}

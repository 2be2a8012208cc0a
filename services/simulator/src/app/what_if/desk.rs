//! Where questions wait for their turn: how many, whose, and which of them nobody needs any more.
//!
//! One is computed at a time, on all cores: two at once would both take as long as one after the other.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use keepworth_access::Caller;
use keepworth_contract::ProblemCode;
use keepworth_intake::Failure;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

/// How many times as many questions of all callers may be open as of one.
const CALLERS: usize = 4;

/// Where questions wait.
#[derive(Debug)]
pub(crate) struct Desk {
    of_caller: usize,
    open: Mutex<Vec<Open>>,
    next: AtomicU64,
    turn: Arc<Semaphore>,
}

/// A question that is answered or waits.
#[derive(Debug)]
struct Open {
    number: u64,
    caller: [String; 2],
    slider: Option<String>,
    fate: Arc<Fate>,
}

/// Whether an answer is still needed.
#[derive(Debug, Default)]
struct Fate {
    is_taken_back: AtomicBool,
    told: Notify,
}

impl Fate {
    fn take_back(&self) {
        self.is_taken_back.store(true, Ordering::Relaxed);
        self.told.notify_waiters();
        self.told.notify_one();
    }

    fn is_taken_back(&self) -> bool {
        self.is_taken_back.load(Ordering::Relaxed)
    }
}

impl Desk {
    /// A desk at which one caller may have so many questions open, and all callers four times as many.
    pub(crate) fn new(of_caller: u32) -> Self {
        Self {
            of_caller: of_caller as usize,
            open: Mutex::default(),
            next: AtomicU64::new(0),
            turn: Arc::new(Semaphore::new(1)),
        }
    }

    /// Takes a question in. What the same caller asked before of the same slider is taken back.
    ///
    /// # Errors
    /// Where as many are open as may be.
    pub(crate) fn enter(
        self: &Arc<Self>,
        caller: &Caller,
        slider: Option<&str>,
    ) -> Result<Ticket, Failure> {
        let caller = [caller.issuer.clone(), caller.subject.clone()];
        let mut open = self.open();
        for it in open.iter() {
            if slider.is_some() && it.slider.as_deref() == slider && it.caller == caller {
                it.fate.take_back();
            }
        }
        let needed = || open.iter().filter(|it| !it.fate.is_taken_back());
        let of_caller = needed().filter(|it| it.caller == caller).count();
        if of_caller >= self.of_caller {
            return Err(full(of_caller, " of yours", "one caller"));
        }
        let in_all = needed().count();
        if in_all >= CALLERS * self.of_caller {
            return Err(full(in_all, "", "all callers"));
        }
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let fate = Arc::<Fate>::default();
        open.push(Open {
            number,
            caller,
            slider: slider.map(str::to_owned),
            fate: fate.clone(),
        });
        Ok(Ticket {
            desk: self.clone(),
            number,
            fate,
        })
    }

    fn open(&self) -> MutexGuard<'_, Vec<Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn full(open: usize, whose: &str, many: &str) -> Failure {
    let detail = format!(
        "{open} questions{whose} are being answered or wait, as many as {many} may have (limits.what_ifs); come \
         again in a second, and name what is dragged in `slider`: then what is asked of it before is dropped"
    );
    Failure::too_many(detail).after(1)
}

/// A question that was taken in. When it is dropped, its answer is no more needed.
#[derive(Debug)]
pub(crate) struct Ticket {
    desk: Arc<Desk>,
    number: u64,
    fate: Arc<Fate>,
}

impl Ticket {
    /// Waits for what a question needs, for as long as its answer is needed.
    pub(crate) async fn unless_taken_back<T>(
        &self,
        work: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        tokio::select! {
            biased;
            () = self.fate.told.notified() => Err(superseded()),
            done = work => done,
        }
    }

    /// Its turn to be computed.
    pub(crate) async fn turn(&self) -> Result<Turn, Failure> {
        let turn = self.desk.turn.clone().acquire_owned();
        let turn = async { turn.await.map_err(Failure::internal) };
        Ok(Turn {
            _held: self.unless_taken_back(turn).await?,
            fate: self.fate.clone(),
        })
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.fate.take_back();
        self.desk.open().retain(|it| it.number != self.number);
    }
}

/// The right to compute, given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Turn {
    _held: OwnedSemaphorePermit,
    fate: Arc<Fate>,
}

impl Turn {
    /// Set when the answer is no more needed.
    pub(crate) fn stop_flag(&self) -> &AtomicBool {
        &self.fate.is_taken_back
    }
}

/// What a question is answered that was taken back.
pub(crate) fn superseded() -> Failure {
    let detail =
        "the same caller has asked again with the same `slider`; the newer question is answered";
    Failure::conflict(ProblemCode::Superseded, detail)
}

#[cfg(test)]
mod tests {
    use keepworth_access::{Role, Via};

    use super::*;

    fn caller(name: &str) -> Caller {
        Caller::new("local", name, Via::Token, [Role::Analyst])
    }

    fn refused(desk: &Arc<Desk>, name: &str) -> String {
        let error = desk.enter(&caller(name), None).unwrap_err();
        format!("{error:?}")
    }

    #[test]
    fn one_caller_leaves_room_for_others() {
        let desk = Arc::new(Desk::new(2));
        let tickets = Vec::from_iter((0..2).map(|_| desk.enter(&caller("a"), None).unwrap()));
        assert!(refused(&desk, "a").contains("2 questions of yours"));
        let mut others = Vec::new();
        for name in ["b", "b", "c", "c", "d", "d"] {
            others.push(desk.enter(&caller(name), None).unwrap());
        }
        assert!(refused(&desk, "e").contains("8 questions are"));
        drop(tickets);
        desk.enter(&caller("e"), None).unwrap();
    }

    /// Only what the same caller drags is taken back, and it takes no room from then on.
    #[tokio::test]
    async fn who_asks_again_needs_the_answer_before_no_more() {
        let desk = Arc::new(Desk::new(1));
        let first = desk.enter(&caller("a"), Some("reach")).unwrap();
        let other = desk.enter(&caller("b"), Some("reach")).unwrap();
        let second = desk.enter(&caller("a"), Some("reach")).unwrap();
        let error = first.turn().await.unwrap_err();
        assert!(format!("{error:?}").contains("superseded"), "{error:?}");
        let turn = second.turn().await.unwrap();
        assert!(!turn.stop_flag().load(Ordering::Relaxed));
        drop(second);
        assert!(turn.stop_flag().load(Ordering::Relaxed), "nobody waits");
        drop(turn);
        other.turn().await.unwrap();
    }
}

//! So many at once.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use actix_web::body::{BodySize, MessageBody};
use actix_web::web::Bytes;
use keepworth_intake::Failure;

use super::Who;

/// After how long there may be a place again. Nobody knows when what is in work ends.
const PAUSE: u64 = 2;

/// Counts what is in work for each caller.
pub(crate) struct AtOnce {
    open: Arc<Mutex<HashMap<Who, u32>>>,
    what: &'static str,
    most: u32,
    setting: &'static str,
}

/// A place, given back with the value.
#[derive(Debug)]
pub(crate) struct Place {
    who: Who,
    open: Arc<Mutex<HashMap<Who, u32>>>,
}

impl AtOnce {
    pub(super) fn new(what: &'static str, most: u32, setting: &'static str) -> Self {
        Self {
            open: Arc::default(),
            what,
            most,
            setting,
        }
    }

    /// Takes a place.
    ///
    /// # Errors
    /// That the caller has all of theirs.
    pub(super) fn place(&self, who: Who) -> Result<Place, Failure> {
        let mut all = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = all.entry(who.clone()).or_default();
        if *count >= self.most {
            let detail = format!(
                "{} {} of yours are in work, as many as one caller may have ({}); come again when \
                 one is done, or in {PAUSE} s",
                self.most, self.what, self.setting
            );
            return Err(Failure::too_many(detail).after(PAUSE));
        }
        *count += 1;
        let open = Arc::clone(&self.open);
        Ok(Place { who, open })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut all = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = all.get_mut(&self.who) {
            *count -= 1;
            if *count == 0 {
                all.remove(&self.who);
            }
        }
    }
}

/// An answer that has a place until it is sent to its end, or nobody takes it any more.
pub(crate) struct Held<B> {
    body: Pin<Box<B>>,
    _place: Option<Place>,
}

impl<B> Held<B> {
    pub(super) fn new(body: B, place: Option<Place>) -> Self {
        Self {
            body: Box::pin(body),
            _place: place,
        }
    }
}

impl<B: MessageBody> MessageBody for Held<B> {
    type Error = B::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        self.body.as_mut().poll_next(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_comes_back_and_is_of_its_caller() {
        let most = AtOnce::new("feeds", 2, "limits.feeds");
        let address = |last| Who::Address([127, 0, 0, last].into());
        let first = most.place(address(1)).unwrap();
        let _second = most.place(address(1)).unwrap();
        let refused = most.place(address(1)).unwrap_err().to_string();
        assert!(
            refused.contains("2 feeds") && refused.contains("limits.feeds"),
            "{refused}"
        );
        let other = most.place(address(2)).unwrap();
        drop((first, other));
        most.place(address(1)).unwrap();
        assert_eq!(
            most.open.lock().unwrap().len(),
            1,
            "who has none is forgotten"
        );
    }
}

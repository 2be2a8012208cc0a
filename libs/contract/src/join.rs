//! Joins streams in key order, each row read once and none kept: a merge join.
//!
//! Customers lead. What the other services know of a customer follows; a row about somebody whom
//! no customer record names is counted as a stranger's, never silently dropped.

use std::cmp::Ordering;

use crate::client::ClientError;
use crate::feed::CustomerKey;
use crate::rows::{AboutCustomer, Rows};

/// Why streams cannot be joined.
#[derive(Debug, thiserror::Error)]
pub enum JoinError {
    /// Another service is missing, or refuses.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// A feed that is not in key order.
    #[error(
        "feed {feed} is out of order at customer `{}` of `{}`; it cannot be joined", .customer.external_id, .customer.source
    )]
    OutOfOrder {
        /// The feed.
        feed: &'static str,
        /// Where.
        customer: CustomerKey,
    },
}

/// A stream whose keys ascend.
pub struct Ordered<S> {
    feed: &'static str,
    source: S,
    last: Option<CustomerKey>,
    /// Whether one customer may have several rows.
    repeats: bool,
}

impl<S: Rows<Row: AboutCustomer>> Ordered<S> {
    /// At most one row of each customer.
    #[must_use]
    pub fn single(feed: &'static str, source: S) -> Self {
        Self {
            feed,
            source,
            last: None,
            repeats: false,
        }
    }

    /// Any number of rows of each customer.
    #[must_use]
    pub fn repeated(feed: &'static str, source: S) -> Self {
        Self {
            repeats: true,
            ..Self::single(feed, source)
        }
    }

    /// The next row.
    ///
    /// # Errors
    /// [`JoinError::OutOfOrder`] when its key does not follow on the last.
    pub async fn next(&mut self) -> Result<Option<S::Row>, JoinError> {
        let Some(row) = self.source.next().await? else {
            return Ok(None);
        };
        let key = row.customer();
        let follows = match self.last.as_ref().map(|last| last.cmp(key)) {
            None | Some(Ordering::Less) => true,
            Some(Ordering::Equal) => self.repeats,
            Some(Ordering::Greater) => false,
        };
        if !follows {
            return Err(JoinError::OutOfOrder {
                feed: self.feed,
                customer: key.clone(),
            });
        }
        match &mut self.last {
            Some(last) => last.clone_from(key),
            last => *last = Some(key.clone()),
        }
        Ok(Some(row))
    }

    /// The stream itself again.
    #[must_use]
    pub fn into_source(self) -> S {
        self.source
    }
}

/// A stream that follows the customers.
pub struct Follower<S: Rows> {
    stream: Ordered<S>,
    ahead: Option<S::Row>,
    strangers: u64,
}

impl<S: Rows<Row: AboutCustomer>> Follower<S> {
    /// A stream before its first row.
    ///
    /// # Errors
    /// Those of the stream.
    pub async fn start(mut stream: Ordered<S>) -> Result<Self, JoinError> {
        Ok(Self {
            ahead: stream.next().await?,
            stream,
            strangers: 0,
        })
    }

    /// Moves the rows of `customer` into `rows`, which is emptied first. Customers are to be asked
    /// for in key order.
    ///
    /// # Errors
    /// Those of the stream.
    pub async fn rows_of(
        &mut self,
        customer: &CustomerKey,
        rows: &mut Vec<S::Row>,
    ) -> Result<(), JoinError> {
        rows.clear();
        while let Some(row) = self.ahead.take_if(|row| row.customer() <= customer) {
            if row.customer() == customer {
                rows.push(row);
            } else {
                self.strangers += 1;
            }
            self.ahead = self.stream.next().await?;
        }
        Ok(())
    }

    /// Reads to the end; answers the stream and how many rows were about strangers.
    ///
    /// # Errors
    /// Those of the stream.
    pub async fn finish(mut self) -> Result<(S, u64), JoinError> {
        while self.ahead.is_some() {
            self.strangers += 1;
            self.ahead = self.stream.next().await?;
        }
        Ok((self.stream.into_source(), self.strangers))
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;
    use proptest::prelude::*;

    /// Runs what never waits.
    fn block_on<T>(future: impl Future<Output = T>) -> T {
        let mut context = Context::from_waker(Waker::noop());
        match pin!(future).poll(&mut context) {
            Poll::Ready(value) => value,
            Poll::Pending => panic!("it waits"),
        }
    }

    /// A row and where it is from.
    #[derive(Debug, Clone)]
    struct Note(CustomerKey, u32);

    impl AboutCustomer for Note {
        fn customer(&self) -> &CustomerKey {
            &self.0
        }
    }

    struct List(std::vec::IntoIter<Note>);

    impl Rows for List {
        type Row = Note;

        async fn next(&mut self) -> Result<Option<Note>, ClientError> {
            Ok(self.0.next())
        }
    }

    fn key((source, id): (u8, u8)) -> CustomerKey {
        CustomerKey {
            source: format!("s{source}"),
            external_id: format!("{id}"),
        }
    }

    fn list(keys: &[(u8, u8)], sort: bool) -> List {
        let mut notes: Vec<Note> = keys
            .iter()
            .zip(0..)
            .map(|(k, number)| Note(key(*k), number))
            .collect();
        if sort {
            notes.sort_by(|a, b| a.0.cmp(&b.0));
        }
        List(notes.into_iter())
    }

    /// Each customer with the numbers of their rows, and how many rows were strangers'.
    type Joined = (Vec<(CustomerKey, Vec<u32>)>, u64);

    fn joined(customers: &[(u8, u8)], rows: &[(u8, u8)]) -> Result<Joined, JoinError> {
        block_on(async {
            let mut leaders = Ordered::single("episodes", list(customers, true));
            let mut follower =
                Follower::start(Ordered::repeated("exposures", list(rows, true))).await?;
            let (mut found, mut theirs) = (Vec::new(), Vec::new());
            while let Some(leader) = leaders.next().await? {
                follower.rows_of(&leader.0, &mut theirs).await?;
                found.push((leader.0, theirs.iter().map(|note| note.1).collect()));
            }
            Ok((found, follower.finish().await?.1))
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn joins_what_a_plain_search_finds(
            customers in proptest::collection::btree_set((0u8..3, 0u8..15), 0..30),
            rows in proptest::collection::vec((0u8..3, 0u8..15), 0..60),
        ) {
            let customers: Vec<_> = customers.into_iter().collect();
            let (found, strangers) = joined(&customers, &rows).unwrap();
            prop_assert_eq!(found.len(), customers.len());
            for (customer, theirs) in &found {
                let expected: Vec<u32> = rows.iter().zip(0..)
                    .filter(|(k, _)| key(**k) == *customer)
                    .map(|(_, number)| number)
                    .collect();
                prop_assert_eq!(theirs, &expected);
            }
            let unknown = rows.iter().filter(|k| !customers.contains(k)).count();
            prop_assert_eq!(strangers, unknown as u64);
        }
    }

    #[test]
    fn a_stream_out_of_order_is_an_error_that_names_it() {
        let next = |stream: Ordered<List>| {
            block_on(async move {
                let mut stream = stream;
                stream.next().await.unwrap();
                stream
                    .next()
                    .await
                    .map(|_| ())
                    .map_err(|error| error.to_string())
            })
        };
        let error = next(Ordered::repeated(
            "exposures",
            list(&[(0, 2), (0, 1)], false),
        ));
        assert!(error.is_err_and(|text| text.contains("exposures") && text.contains("s0")));
        assert!(next(Ordered::single("episodes", list(&[(0, 1), (0, 1)], false))).is_err());
        assert!(
            next(Ordered::repeated(
                "exposures",
                list(&[(0, 1), (0, 1)], false)
            ))
            .is_ok()
        );
    }
}

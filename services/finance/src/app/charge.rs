//! Charges as a stream, for joins with the feeds of the other services.

use crate::app::census::{CHARGES_AHEAD, CensusError, Charges};
use crate::app::internal;
use crate::rule::revenue::segment_count::CustomerCharge;
use crate::store::charge;
use keepworth_contract::Month;
use keepworth_contract::ProblemCode;
use keepworth_intake::Failure;
use keepworth_store::{Conn, Db};
use tokio::sync::mpsc;

/// Does `work` with every charge that begins until `last`, which the database hands over in key
/// order while it goes on.
pub async fn with_charges<T, F: Future<Output = Result<T, CensusError>>>(
    db: &Db,
    last: Month,
    work: impl FnOnce(Charges) -> F,
) -> Result<T, Failure> {
    let (sender, receiver) = mpsc::channel(CHARGES_AHEAD);
    let sending = db.read(move |conn| send(conn, last, &sender));
    let (sent, done) = tokio::join!(sending, work(Charges(receiver)));
    // When the work breaks off, so does the sending: the work says why.
    let done = done?;
    sent.map(|()| done)
}

pub fn send(
    conn: &mut Conn,
    last: Month,
    sender: &mpsc::Sender<CustomerCharge>,
) -> Result<(), Failure> {
    conn.snapshot(|conn| {
        charge::for_each_in_key_order(conn, last, |row| {
            let sent = sender.blocking_send(row.customer_charge());
            sent.map_err(|_| internal("nobody reads the charges any more"))
        })
    })
}

impl From<CensusError> for Failure {
    fn from(error: CensusError) -> Self {
        match &error {
            CensusError::Join(_) | CensusError::Month(_) => Self::upstream(error.to_string()),
            CensusError::NotOver(_) => Self::malformed(error.to_string()),
            CensusError::NoCustomers(_) => {
                Self::conflict(ProblemCode::NoCustomers, error.to_string())
            }
        }
    }
}

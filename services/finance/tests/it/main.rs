//! The finance service's rules on real data.

mod smcrm;

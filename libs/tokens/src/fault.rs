//! What of a token cannot be.

use std::collections::BTreeSet;

use chrono::{DateTime, Days, Utc};
use keepworth_access::{Caller, Permission};
use keepworth_contract::{FaultCode, InvalidParam};

use crate::secret::Digest;

/// The longest that a token holds, in days.
const LONGEST: u32 = 366;

/// The permissions of their names, which the caller has.
pub(crate) fn permissions(
    names: &[String],
    caller: &Caller,
) -> Result<BTreeSet<Permission>, Vec<InvalidParam>> {
    if names.is_empty() {
        let reason = "is empty; name what the token is for, such as records:import";
        let fault = InvalidParam::new("permissions", FaultCode::TooFew, reason);
        return Err(vec![fault]);
    }
    let (mut good, mut faults) = (BTreeSet::new(), Vec::new());
    for (index, name) in names.iter().enumerate() {
        match permission(name, caller) {
            Ok(it) => {
                good.insert(it);
            }
            Err((code, reason)) => {
                let place = format!("permissions/{index}");
                faults.push(InvalidParam::new(place, code, reason));
            }
        }
    }
    if faults.is_empty() {
        Ok(good)
    } else {
        Err(faults)
    }
}

fn permission(name: &str, caller: &Caller) -> Result<Permission, (FaultCode, String)> {
    let found: Permission = name.parse().map_err(|_| {
        let reason = format!("`{name}` is no permission; one looks like records:import");
        (FaultCode::UnknownValue, reason)
    })?;
    if !found.is_for_tokens() {
        let reason = format!("no token has `{name}`: people alone make and withdraw tokens");
        return Err((FaultCode::InvalidValue, reason));
    }
    if !caller.may(found) {
        let reason =
            format!("you do not have `{name}`, and no token of yours can have more than you");
        return Err((FaultCode::InvalidValue, reason));
    }
    Ok(found)
}

/// When so many days are over.
pub(crate) fn expiry(days: u32, now: DateTime<Utc>) -> Result<DateTime<Utc>, InvalidParam> {
    let end = now.checked_add_days(Days::new(days.into()));
    let end = end.filter(|_| (1..=LONGEST).contains(&days));
    end.ok_or_else(|| {
        let reason = format!(
            "is {days}; a token holds for 1 to {LONGEST} days, and can be changed for a new one"
        );
        InvalidParam::new("days", FaultCode::OutOfRange, reason)
    })
}

/// The digest of a token that was made elsewhere.
pub(crate) fn digest(digits: &str) -> Result<Digest, InvalidParam> {
    Digest::read(digits).ok_or_else(|| {
        let reason = "is no SHA-256: 64 digits of 0-9 and a-f";
        InvalidParam::new("sha256", FaultCode::InvalidValue, reason)
    })
}

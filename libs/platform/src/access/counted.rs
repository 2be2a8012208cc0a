//! Callers, counted: nobody asks for more than their part, and who guesses is told to wait.

use std::net::IpAddr;

use actix_web::dev::ServiceRequest;
use keepworth_access::Caller;
use keepworth_intake::{Failure, Kind};

use super::Gate;
use super::gate::{Shown, shown};
use crate::limits::{Limits, Refusals, Who};

/// The caller of a request, who has not asked for too much.
pub(super) async fn counted(
    gate: &Gate,
    limits: &Limits,
    request: &ServiceRequest,
) -> Result<Option<Caller>, Failure> {
    let address = request.peer_addr().map(|it| it.ip());
    let caller = match (shown(request)?, address) {
        (Shown::Token(token), Some(address)) => {
            guessed(gate, limits, token, (address, request.path())).await?
        }
        (shown, _) => gate.caller(shown, request.path()).await?,
    };
    limits.count(&Who::of(caller.as_ref(), address))?;
    Ok(caller)
}

/// Whose a token from an address is, unless too many wrong ones came from there.
async fn guessed(
    gate: &Gate,
    limits: &Limits,
    token: &str,
    (address, path): (IpAddr, &str),
) -> Result<Option<Caller>, Failure> {
    let (refusals, mark) = (limits.refusals(), Refusals::mark(token));
    refusals.admit(address, &mark)?;
    let caller = gate.caller(Shown::Token(token), path).await;
    match &caller {
        Ok(_) => refusals.was_right(mark),
        Err(failure) if failure.kind() == Kind::Unauthenticated => {
            refusals.was_wrong(address, mark);
            limits.count(&Who::of(None, Some(address)))?;
        }
        Err(_) => {}
    }
    caller
}

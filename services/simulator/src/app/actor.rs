//! Who does what is being done, and why.

use keepworth_access::{Act, Via};
use keepworth_contract::simulator::Actor;
use keepworth_intake::Failure;

/// Who vouches for callers on one machine, whose user is the only one there is.
const LOCAL: &str = "local";

/// What is being done, by whom and why.
pub(crate) struct Deed {
    pub(crate) by: Actor,
    pub(crate) reason: Option<String>,
    /// Whether a program does it for somebody who has a name of their own.
    pub(crate) is_program: bool,
}

impl Deed {
    /// What is being done where this is called; nothing where nobody called.
    pub(crate) fn find() -> Option<Self> {
        let act = Act::current()?;
        let caller = act.caller();
        let is_local = caller.issuer == LOCAL;
        Some(Self {
            by: Actor {
                issuer: caller.issuer.clone(),
                subject: caller.subject.clone(),
                // One machine has one user: a token is how it knows a second person.
                token: caller.token().filter(|_| is_local),
            },
            reason: act.reason().map(str::to_owned),
            is_program: caller.via == Via::MachineToken && !is_local,
        })
    }

    /// The same where somebody must have called.
    pub(crate) fn current() -> Result<Self, Failure> {
        Self::find().ok_or_else(|| Failure::internal("nobody is known to have called"))
    }
}

/// Somebody as columns have them.
pub(crate) fn write(actor: &Actor) -> Result<String, Failure> {
    serde_json::to_string(actor).map_err(Failure::internal)
}

/// Somebody from a column.
pub(crate) fn read(text: &str) -> Result<Actor, Failure> {
    serde_json::from_str(text).map_err(Failure::internal)
}

/// Whether somebody is known as the user of a machine, or not at all, and has no name of their own.
pub(crate) fn is_nameless(actor: &Actor) -> bool {
    actor.issuer == LOCAL || actor.issuer == "anybody"
}

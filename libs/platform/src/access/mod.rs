//! Who is let in, and to what.
//!
//! Every request comes through the [gate](Gate), which recognises its caller or refuses it. What a service
//! holds is reached through [`Allowed`] alone, which names the permission that it takes: a handler that asks
//! for none has no service to work with.

mod allowed;
mod counted;
mod gate;
mod keys;
mod local;
mod sessions;
mod verifier;

pub(crate) use allowed::PERMISSION;
pub use allowed::ReasonHeader;
pub use allowed::{Allowed, Sealed};
pub use gate::Gate;
pub(crate) use gate::{Peer, recognise};
pub use local::{Local, LocalPlace, write_private};

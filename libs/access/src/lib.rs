//! Who may do what.
//!
//! **For:** the [permissions](Permission) and which [roles](Role) have them, in one [list](permission); who
//! [calls](Caller); what is being [done](Act) for whom, and the [ids](RequestIds) it is known by; [signatures](sign) of what
//! shall be believed later. **Must not know:** tokens, sockets, HTTP, SQL: how a
//! caller is recognised is the platform's business.
//!
//! ```
//! use keepworth_access::{Caller, Permission, Role, Via};
//!
//! let caller = Caller::new("https://id.example", "u-17", Via::Token, [Role::Reader]);
//! assert!(caller.may(Permission::FiguresRead));
//! assert!(!caller.may(Permission::PersonsRead));
//! ```

mod act;
mod caller;
mod ids;
pub mod permission;
pub mod sign;

pub use act::{Act, Change, Errand, Surroundings};
pub use caller::{Caller, Via};
pub use ids::RequestIds;
pub use permission::{Needed, Permission, Role};

//! What the tests stand on: databases, a running Keepworth, its command line.

mod authority;
pub mod board;
mod company;
mod database;
mod frozen;
mod issuer;
mod keepworth;
mod luck;
mod provider;
pub mod receiver;

pub use authority::Authority;
pub use company::{Company, FILES};
pub use database::{Database, Kind, private_folder};
pub use frozen::Frozen;
pub use issuer::{Issuer, Signer};
pub use keepworth::{Answer, Keepworth, run, run_in};
pub use luck::Luck;
pub use provider::Provider;

/// Makes of each function one test per database.
macro_rules! on_both_databases {
    ($($test:ident),+ $(,)?) => {
        mod sqlite {
            $(#[test] fn $test() { super::$test($crate::support::Kind::Sqlite); })+
        }
        mod postgres {
            $(#[test] fn $test() {
                if $crate::support::Kind::postgres_is_there(stringify!($test)) {
                    super::$test($crate::support::Kind::Postgres);
                }
            })+
        }
    };
}
pub(crate) use on_both_databases;

/// A folder of the workspace.
pub fn workspace(path: &str) -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(path)
}

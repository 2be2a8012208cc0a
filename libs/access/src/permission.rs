//! The permissions, and which roles have them: one list.

use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};

/// What a person or a program is there for.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    Display,
    EnumString,
    EnumIter,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Role {
    /// Reads results.
    Reader,
    /// Builds baselines and runs, and looks at the records below them.
    Analyst,
    /// Keeps the books: accounts, rules, rates, budgets, closed months.
    Controller,
    /// Sends records, as a person or from another system.
    Importer,
    /// Reads what was done by whom.
    Auditor,
    /// A service of Keepworth, which reads what others feed it with.
    Service,
    /// Runs the installation.
    Admin,
}

/// A permission that a handler needs, as a type.
pub trait Needed: 'static {
    /// Which.
    const PERMISSION: Permission;
}

macro_rules! permissions {
    ($($(#[doc = $doc:literal])+ $name:ident = $text:literal : $($role:ident)|+;)+) => {
        /// What may be done.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Display, EnumString, EnumIter)]
        pub enum Permission {
            $($(#[doc = $doc])+ #[serde(rename = $text)] #[strum(serialize = $text)] $name,)+
        }

        impl Permission {
            /// As it is written, such as `figures:read`.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }

            /// Who may, in a sentence's part.
            #[must_use]
            pub fn about(self) -> &'static str {
                match self { $(Self::$name => concat!($($doc),+).trim_ascii(),)+ }
            }

            /// The roles that have it.
            #[must_use]
            pub fn roles(self) -> &'static [Role] {
                match self { $(Self::$name => &[$(Role::$role),+],)+ }
            }
        }

        $(
            $(#[doc = $doc])+
            #[derive(Debug, Clone, Copy)]
            pub struct $name;

            impl Needed for $name {
                const PERMISSION: Permission = Permission::$name;
            }
        )+
    };
}

permissions! {
    /// Read results: reports, metrics, baselines, runs, and how long work stands.
    FiguresRead = "figures:read" : Reader | Analyst | Controller | Importer | Service | Admin;
    /// Read records of single customers: who they are, what they answered, what they were charged.
    PersonsRead = "persons:read" : Analyst | Admin;
    /// Read the books line by line: vouchers, accounts, rules, rates, budgets.
    BooksRead = "books:read" : Analyst | Controller | Admin;
    /// Read feeds, which hold a line for each customer.
    FeedsRead = "feeds:read" : Service | Admin;
    /// Send records of customers, of what they lived through, and of money.
    RecordsImport = "records:import" : Importer | Admin;
    /// Change how the books are kept: accounts, rules, rates, budgets, evidence, closed months.
    BooksWrite = "books:write" : Controller | Admin;
    /// Read who did what, when and why.
    AuditRead = "audit:read" : Auditor | Admin;
    /// Ask for the signed head of the record of who did what, and leave another service's there.
    HeadsExchange = "heads:exchange" : Service | Auditor | Admin;
    /// Build baselines, run scenarios, cancel long work.
    ScenarioWrite = "scenario:write" : Analyst | Admin;
    /// Say where events are sent, and with which secret they are signed.
    WebhooksManage = "webhooks:manage" : Admin;
}

#[cfg(test)]
mod tests {
    use strum::IntoEnumIterator;

    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        for it in Permission::iter() {
            assert_eq!(it.name().parse(), Ok(it));
            assert_eq!(serde_json::to_value(it).unwrap(), it.name());
            assert_eq!(it.to_string(), it.name());
        }
        for role in Role::iter() {
            assert_eq!(role.to_string().parse(), Ok(role));
        }
    }

    #[test]
    fn every_role_may_something_and_none_but_the_administrator_everything() {
        for role in Role::iter() {
            let may = Permission::iter()
                .filter(|it| it.roles().contains(&role))
                .count();
            assert!(may > 0, "{role}");
            assert_eq!(
                may == Permission::iter().count(),
                role == Role::Admin,
                "{role}"
            );
        }
    }
}

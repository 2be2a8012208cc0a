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
    /// Decides on scenarios that others wrote.
    Approver,
    /// Keeps the books: accounts, rules, rates, budgets, closed months.
    Controller,
    /// Sends records, as a person or from another system.
    Importer,
    /// Answers people who ask what is held of them, or want it erased.
    Privacy,
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

            /// Whether what is sent names one person: then not even its digest is noted, from which a guess could
            /// be confirmed.
            #[must_use]
            pub fn is_of_one_person(self) -> bool {
                matches!(self, Self::SubjectErase | Self::SubjectExport | Self::SubjectServe)
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
    FiguresRead = "figures:read" : Reader | Analyst | Approver | Controller | Importer | Service | Admin;
    /// Read records of single customers: who they are, what they answered, what they were charged, what is expected of them.
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
    /// Have a customer erased in every service, and confirm what somebody else asked for.
    SubjectErase = "subject:erase" : Privacy | Admin;
    /// Read everything that every service holds of one customer.
    SubjectExport = "subject:export" : Privacy | Admin;
    /// Erase or hand out what this service holds of one customer, for the customers service.
    SubjectServe = "subject:serve" : Service | Admin;
    /// Ask for the signed head of the record of who did what, and leave another service's there.
    HeadsExchange = "heads:exchange" : Service | Auditor | Admin;
    /// Build baselines, keep programmes, run scenarios, keep the evidence that they refer to, ask for approval.
    ScenarioWrite = "scenario:write" : Analyst | Admin;
    /// Approve scenarios that somebody else wrote, or send them back.
    ScenarioApprove = "scenario:approve" : Approver;
    /// Say what may be approved without an exception.
    PolicyWrite = "policy:write" : Controller | Admin;
    /// Cancel long work, whoever ordered it.
    JobsCancel = "jobs:cancel" : Analyst | Controller | Importer | Admin;
    /// Say where events are sent, and with which secret they are signed.
    WebhooksManage = "webhooks:manage" : Admin;
    /// Make tokens for programs of one's own, see them, change them for new ones, and withdraw them.
    TokensOwn = "tokens:own" : Reader | Analyst | Approver | Controller | Importer | Auditor | Admin;
    /// See and withdraw the tokens of everybody.
    TokensManage = "tokens:manage" : Admin;
}

impl Permission {
    /// Whether a token for programs can have it: none makes or withdraws tokens.
    #[must_use]
    pub fn is_for_tokens(self) -> bool {
        !matches!(self, Self::TokensOwn | Self::TokensManage)
    }
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
    fn every_role_may_something_and_who_runs_it_does_not_decide() {
        for role in Role::iter() {
            let may = |it: &Permission| it.roles().contains(&role);
            assert!(Permission::iter().any(|it| may(&it)), "{role}");
            let not = Vec::from_iter(Permission::iter().filter(|it| !may(it)));
            match role {
                // Who runs the installation may all but decide on a scenario, which is for people who answer for it.
                Role::Admin => assert_eq!(not, [Permission::ScenarioApprove]),
                _ => assert!(not.len() > 1, "{role}"),
            }
        }
    }
}

//! What may be approved without an exception: read, and written in versions.

use keepworth_contract::simulator::{ApprovalPolicy, ApprovalPolicyInput};
use keepworth_intake::{Failure, Precondition, version};
use keepworth_store::Conn;

use crate::app::actor::{self, Deed};
use crate::rule::gate::policy_faults;
use crate::store::policy::{self, PolicyRow};

/// A version of the policy, or the one that holds. Version 0 holds until somebody writes one.
pub fn load(conn: &mut Conn, version: Option<u32>) -> Result<ApprovalPolicy, Failure> {
    let number = version.map(i32::try_from).transpose();
    let row = match number {
        Ok(number) => policy::find_policy(conn, number)?,
        Err(_) => None,
    };
    match (row, version) {
        (Some(row), _) => row.try_into(),
        (None, None | Some(0)) => Ok(ApprovalPolicy {
            version: 0,
            policy: ApprovalPolicyInput::default(),
            reason: None,
            by: None,
            recorded_at: None,
        }),
        (None, Some(version)) => Err(Failure::not_found(format!(
            "the policy has no version {version}; GET /v1/policy gives the one that holds"
        ))),
    }
}

/// Writes the next version, in the caller's transaction, if the one that holds is still what the caller has read.
pub fn put(
    conn: &mut Conn,
    precondition: &Precondition,
    new: &ApprovalPolicyInput,
) -> Result<ApprovalPolicy, Failure> {
    let faults = policy_faults(new);
    if !faults.is_empty() {
        return Err(Failure::invalid(faults));
    }
    conn.lock_source("policy", "")?;
    let before = load(conn, None)?;
    let changes = before.version == 0 || before.policy != *new;
    precondition.check(Some(&before), changes)?;
    if !changes {
        // Sent again, it is one version.
        return Ok(before);
    }
    let deed = Deed::current()?;
    let row = PolicyRow {
        version: i32::try_from(before.version + 1).map_err(Failure::internal)?,
        statement: serde_json::to_string(new).map_err(Failure::internal)?,
        reason: deed.reason.unwrap_or_default(),
        by_whom: actor::write(&deed.by)?,
        recorded_at: keepworth_store::now().naive_utc(),
    };
    policy::insert_policy(conn, &row)?;
    let put = row.try_into()?;
    version::note_change(Some(&before), Some(&put))?;
    Ok(put)
}

impl TryFrom<PolicyRow> for ApprovalPolicy {
    type Error = Failure;

    fn try_from(row: PolicyRow) -> Result<Self, Failure> {
        Ok(Self {
            version: u32::try_from(row.version).map_err(Failure::internal)?,
            policy: serde_json::from_str(&row.statement).map_err(Failure::internal)?,
            reason: Some(row.reason),
            by: Some(actor::read(&row.by_whom)?),
            recorded_at: Some(row.recorded_at.and_utc()),
        })
    }
}

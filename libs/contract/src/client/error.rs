//! Why a call failed.

use std::path::PathBuf;

use crate::Problem;

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// Nothing answers at the address.
    #[error(
        "the {service} service does not answer at {url}: {reason}; is it running? start it with `keepworth up` or `keepworth serve {service}`"
    )]
    Unreachable {
        /// The service's name.
        service: String,
        /// The address tried.
        url: String,
        /// The network's reason.
        reason: String,
    },
    /// It answered with a problem.
    #[error("{service}: {}", describe(.problem))]
    Problem {
        /// The service's name.
        service: String,
        /// The problem.
        problem: Box<Problem>,
    },
    /// The file with the token cannot be read.
    #[error("the token in {} cannot be read: {reason}", .path.display())]
    Token {
        /// The file.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// The contract has no address for it.
    #[error("`{segment}` cannot be part of an address; nothing has such a name")]
    Address {
        /// What cannot be said.
        segment: String,
    },
    /// It answered something else than promised.
    #[error("{service} answered something unexpected: {reason}")]
    Protocol {
        /// The service's name.
        service: String,
        /// What was unexpected.
        reason: String,
    },
}

fn describe(problem: &Problem) -> String {
    let mut text = problem
        .detail
        .clone()
        .unwrap_or_else(|| problem.title.clone());
    for param in &problem.invalid_params {
        text.push_str("; ");
        text.push_str(&param.name);
        text.push_str(": ");
        text.push_str(&param.reason);
    }
    text
}

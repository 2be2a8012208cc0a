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
    /// What answers there is not believed to be the service.
    #[error(
        "what answers at {url} is not believed to be the {service} service: {reason}; set services.ca_file to the certificates of who signed the service's, and reach it by a name that its certificate has"
    )]
    Untrusted {
        /// The service's name.
        service: String,
        /// The address tried.
        url: String,
        /// What is wrong with its certificate.
        reason: String,
    },
    /// The file of authorities cannot be used.
    #[error(
        "services.ca_file: `{}`: {reason}; name a PEM file with the certificates of who signed those of the services",
        file.display()
    )]
    Authorities {
        /// The file.
        file: std::path::PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// No request can be made at all.
    #[error("no HTTP client can be set up: {reason}")]
    Setup {
        /// The library's reason.
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

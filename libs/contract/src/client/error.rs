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

/// More faults than these have a line each.
const ON_ONE_LINE: usize = 3;
/// So many faults are told; of the others, how many they are.
const MOST_TOLD: usize = 20;

fn describe(problem: &Problem) -> String {
    let detail = problem.detail.as_ref();
    let mut text = detail.unwrap_or(&problem.title).clone();
    let faults = &problem.invalid_params;
    let between = if faults.len() > ON_ONE_LINE {
        "\n  "
    } else {
        "; "
    };
    for fault in faults.iter().take(MOST_TOLD) {
        text.extend([between, &fault.name, ": ", &fault.reason]);
    }
    if faults.len() > MOST_TOLD {
        let more = format!("{between}and {} more", faults.len() - MOST_TOLD);
        text.push_str(&more);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{FaultCode, InvalidParam};

    #[test]
    fn many_faults_have_a_line_each_and_are_counted() {
        let told = |faults: usize| {
            let fault = |it| {
                InvalidParam::new(
                    format!("arms/{it}"),
                    FaultCode::UnknownCustomer,
                    "is unknown",
                )
            };
            describe(&Problem {
                invalid_params: (0..faults).map(fault).collect(),
                ..serde_json::from_value(serde_json::json!({"type": "/problems/validation_failed",
                    "title": "Some fields cannot be taken", "status": 422, "code": "validation_failed"}))
                .unwrap()
            })
        };
        assert_eq!(told(1), "Some fields cannot be taken; arms/0: is unknown");
        let many = told(97);
        assert_eq!(many.lines().count(), 22);
        assert!(many.ends_with("\n  and 77 more"), "{many}");
    }
}

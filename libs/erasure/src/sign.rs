//! Signatures of receipts (Ed25519, RFC 8032).
//!
//! The key is derived from the service's secret, so that there is one file to keep: whoever has it can sign as the
//! service, and nobody else; whoever noted the public key can check.

use aws_lc_rs::hmac;
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use keepworth_contract::subject::{Receipt, SignedReceipt};
use keepworth_intake::Failure;
use keepworth_store::SecretKey;

/// What is signed begins with it: another form gets another tag.
const TAG: &str = "keepworth-receipt-1\n";

fn message(receipt: &Receipt) -> Result<Vec<u8>, Failure> {
    let json = serde_json::to_string(receipt).map_err(Failure::internal)?;
    Ok(format!("{TAG}{json}").into_bytes())
}

/// Signs a receipt.
///
/// # Errors
/// That our side is broken.
pub fn sign(secret: &SecretKey, receipt: Receipt) -> Result<SignedReceipt, Failure> {
    let secret = hmac::Key::new(hmac::HMAC_SHA256, secret.bytes());
    let seed = hmac::sign(&secret, b"keepworth-receipt-key-1");
    let pair = Ed25519KeyPair::from_seed_unchecked(seed.as_ref()).map_err(Failure::internal)?;
    let signature = pair.sign(&message(&receipt)?);
    Ok(SignedReceipt {
        public_key: in_digits(pair.public_key().as_ref()),
        signature: in_digits(signature.as_ref()),
        receipt,
    })
}

/// Whether a receipt is what the owner of its public key signed.
#[must_use]
pub fn is_genuine(signed: &SignedReceipt) -> bool {
    let parts = (
        from_digits(&signed.public_key),
        from_digits(&signed.signature),
        message(&signed.receipt),
    );
    let (Some(key), Some(signature), Ok(message)) = parts else {
        return false;
    };
    UnparsedPublicKey::new(&ED25519, key)
        .verify(&message, &signature)
        .is_ok()
}

fn in_digits(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) fn from_digits(digits: &str) -> Option<Vec<u8>> {
    let places = (0..digits.len()).step_by(2);
    places
        .map(|at| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use keepworth_store::Beside;

    use super::*;

    #[test]
    fn what_was_signed_is_known_from_what_was_not() {
        let folder = tempfile::tempdir().unwrap();
        let secret = Beside::in_folder(folder.path())
            .secrets_or_new()
            .unwrap()
            .remove(0);
        let receipt = Receipt {
            erasure_id: uuid::Uuid::nil(),
            service: "finance".to_owned(),
            dry_run: false,
            tables: Vec::new(),
            baselines: Vec::new(),
            at: keepworth_store::now(),
        };
        let signed = sign(&secret, receipt).unwrap();
        assert!(is_genuine(&signed));
        // As it comes over the wire.
        let sent = serde_json::to_string(&signed).unwrap();
        assert!(is_genuine(&serde_json::from_str(&sent).unwrap()));
        let mut forged = signed.clone();
        forged.receipt.service = "experience".to_owned();
        assert!(!is_genuine(&forged));
        let mut forged = signed;
        forged.signature = forged.signature.replace(['a', '1'], "b");
        assert!(!is_genuine(&forged));
    }
}

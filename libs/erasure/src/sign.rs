//! Signatures of receipts, by what signs everything else.
//!
//! The key is derived from the service's secret, so that there is one file to keep: whoever has it can sign as the
//! service, and nobody else. A receipt shows its public key: it tells later receipts of the same service from those
//! of somebody else to whoever noted it.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use keepworth_access::sign::{PublicKey, Signer};
use keepworth_contract::subject::{Receipt, SignedReceipt};
use keepworth_intake::Failure;
use keepworth_store::SecretKey;

/// What is signed begins with it: another form gets another tag.
const TAG: &str = "keepworth-receipt-1\n";

fn message(receipt: &Receipt) -> Result<Vec<u8>, Failure> {
    let json = serde_json::to_string(receipt).map_err(Failure::internal)?;
    Ok(format!("{TAG}{json}").into_bytes())
}

fn signer(secret: &SecretKey) -> Result<Signer, Failure> {
    let secret = hmac::Key::new(hmac::HMAC_SHA256, secret.bytes());
    let seed = hmac::sign(&secret, b"keepworth-receipt-key-1");
    let seed = seed.as_ref().try_into().map_err(Failure::internal)?;
    Signer::of_seed(seed).map_err(Failure::internal)
}

/// Signs a receipt.
///
/// # Errors
/// That our side is broken.
pub fn sign(secret: &SecretKey, receipt: Receipt) -> Result<SignedReceipt, Failure> {
    let signer = signer(secret)?;
    Ok(SignedReceipt {
        public_key: signer.lineage().key().to_string(),
        signature: URL_SAFE_NO_PAD.encode(signer.sign(&message(&receipt)?)),
        receipt,
    })
}

/// Whether a receipt is, to the letter, what the owner of the public key that it shows signed.
#[must_use]
pub fn is_whole(signed: &SignedReceipt) -> bool {
    let key = signed.public_key.parse::<PublicKey>();
    let signature = URL_SAFE_NO_PAD.decode(&signed.signature);
    match (key, signature, message(&signed.receipt)) {
        (Ok(key), Ok(signature), Ok(message)) => key.has_signed(&message, &signature),
        _ => false,
    }
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
        assert!(is_whole(&signed));
        // As it comes over the wire.
        let sent = serde_json::to_string(&signed).unwrap();
        assert!(is_whole(&serde_json::from_str(&sent).unwrap()));
        let mut forged = signed.clone();
        forged.receipt.service = "experience".to_owned();
        assert!(!is_whole(&forged));
        let mut forged = signed;
        let first = if forged.signature.starts_with('A') {
            "B"
        } else {
            "A"
        };
        forged.signature.replace_range(..1, first);
        assert!(!is_whole(&forged));
    }
}

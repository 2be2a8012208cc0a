//! Tokens that an issuer signed: JSON Web Tokens (RFC 7519) by the rules of RFC 8725 and RFC 9068.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Validation, decode, decode_header};
use keepworth_access::{Caller, Role, Via};
use keepworth_intake::Failure;
use serde::Deserialize;
use serde_json::Value;

use super::keys::Keys;
use crate::settings::{Grant, Issuer};

/// The longest token that is looked at, in bytes.
const LONGEST: usize = 16 * 1024;
/// How far clocks may be apart, in seconds.
const LEEWAY: u64 = 30;
/// What only tokens hold that say to a client who signed in: they are for no service.
const OF_ID_TOKENS: [&str; 3] = ["nonce", "at_hash", "c_hash"];

/// Knows the issuers that are believed.
#[derive(Clone, Default)]
pub(super) struct Verifier(Arc<BTreeMap<String, Believed>>);

struct Believed {
    audience: String,
    grants: Vec<Grant>,
    keys: Keys,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    #[serde(flatten)]
    more: BTreeMap<String, Value>,
}

impl Verifier {
    pub(super) fn new(issuers: &[Issuer]) -> io::Result<Self> {
        let believed = issuers.iter().map(|it| {
            let believed = Believed {
                audience: it.audience.clone(),
                grants: it.grants.clone(),
                keys: Keys::new(it.clone())?,
            };
            Ok((it.issuer.clone(), believed))
        });
        Ok(Self(Arc::new(believed.collect::<io::Result<_>>()?)))
    }

    /// Whether a text has the form of such a token.
    pub(super) fn is_for(token: &str) -> bool {
        token.split('.').count() == 3
    }

    /// Whether a role can be had from an issuer: it is believed, and some claim gives the role.
    pub(super) fn may_grant(&self, issuer: &str, role: Role) -> bool {
        let believed = self.0.get(issuer);
        believed.is_some_and(|it| it.grants.iter().any(|grant| grant.role == role))
    }

    /// Who a token speaks for.
    pub(super) async fn caller(&self, token: &str) -> Result<Caller, Failure> {
        if token.len() > LONGEST {
            return Err(refused(format!("it is longer than {LONGEST} bytes")));
        }
        let header = decode_header(token).map_err(|_| refused("it cannot be read"))?;
        if header.crit.is_some() {
            return Err(refused("it asks for rules of its own (crit)"));
        }
        let name = header
            .kid
            .ok_or_else(|| refused("it does not name its key (kid)"))?;
        let unread =
            jsonwebtoken::dangerous::insecure_decode_claims::<BTreeMap<String, Value>>(token);
        let unread = unread.map_err(|_| refused("it cannot be read"))?;
        // Who it says it is of chooses only which keys it is held against.
        let issuer = unread
            .get("iss")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let believed = self
            .0
            .get(issuer)
            .ok_or_else(|| refused("nobody here believes its issuer (iss)"))?;
        let key = believed.keys.find(&name).await?;
        if header.alg != key.algorithm {
            return Err(refused("its algorithm (alg) is not that of its key"));
        }
        let mut rules = Validation::new(key.algorithm);
        rules.set_required_spec_claims(&["iss", "aud", "exp", "sub"]);
        rules.set_issuer(&[issuer]);
        rules.set_audience(&[&believed.audience]);
        rules.validate_nbf = true;
        rules.leeway = LEEWAY;
        let claims = decode::<Claims>(token, &key.key, &rules);
        let claims = claims
            .map_err(|error| refused(reason(error.kind())))?
            .claims;
        if let Some(mark) = OF_ID_TOKENS
            .iter()
            .find(|it| claims.more.contains_key(**it))
        {
            return Err(refused(format!(
                "it tells a client who signed in ({mark}), and is for no service; send the access token"
            )));
        }
        let roles = believed
            .grants
            .iter()
            .filter(|it| is_granted(it, &claims))
            .map(|it| it.role);
        let roles: Vec<Role> = roles.collect();
        Ok(Caller::new(&claims.iss, &claims.sub, Via::Token, roles))
    }
}

fn is_granted(grant: &Grant, claims: &Claims) -> bool {
    if grant.claim == "sub" {
        return grant.value == claims.sub;
    }
    match claims.more.get(&grant.claim) {
        Some(Value::String(text)) => *text == grant.value,
        Some(Value::Array(items)) => items.iter().any(|it| it.as_str() == Some(&*grant.value)),
        _ => false,
    }
}

fn refused(why: impl Into<String>) -> Failure {
    Failure::unauthenticated(format!("the token is not believed: {}", why.into()))
}

fn reason(kind: &ErrorKind) -> String {
    match kind {
        ErrorKind::ExpiredSignature => "it has expired (exp)".to_owned(),
        ErrorKind::ImmatureSignature => "it is not valid yet (nbf)".to_owned(),
        ErrorKind::InvalidAudience => "it is for another audience (aud)".to_owned(),
        ErrorKind::InvalidIssuer => "it is of another issuer (iss)".to_owned(),
        ErrorKind::MissingRequiredClaim(claim) => format!("it has no {claim}"),
        _ => "its signature is not that of its key".to_owned(),
    }
}

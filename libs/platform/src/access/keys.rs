//! The keys of an issuer, fetched where it publishes them.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, RwLock};
use std::time::{Duration, Instant};

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet};
use jsonwebtoken::{Algorithm, DecodingKey};
use keepworth_contract::ProblemCode;
use keepworth_contract::client::{Fetcher, Token};
use keepworth_intake::Failure;
use serde::Deserialize;
use tokio::sync::Mutex;

use crate::settings::Issuer;

/// After how long keys are fetched again, so that one that was withdrawn does not live on.
const FRESH: Duration = Duration::from_secs(600);
/// How long keys are believed that cannot be fetched again.
const BELIEVED: Duration = Duration::from_secs(3600);
/// The least time between two attempts to fetch them: whoever invents names of keys sets nothing in motion.
const PAUSE: Duration = Duration::from_secs(10);

/// A key, and the one algorithm that it is for.
#[derive(Clone)]
pub(super) struct Key {
    pub(super) key: DecodingKey,
    pub(super) algorithm: Algorithm,
}

/// What was fetched last.
#[derive(Clone, Default)]
struct Fetched {
    keys: Arc<HashMap<String, Key>>,
    at: Option<Instant>,
}

/// The keys of an issuer.
pub(super) struct Keys {
    issuer: Issuer,
    fetcher: Fetcher,
    fetched: RwLock<Fetched>,
    /// When they were last asked for: one at a time asks.
    asked: Mutex<Option<Instant>>,
}

impl Keys {
    pub(super) fn new(issuer: Issuer) -> std::io::Result<Self> {
        let file = |path: &Path| (!path.as_os_str().is_empty()).then(|| path.to_owned());
        let token = file(&issuer.token_file).map(Token::File);
        let fetcher = Fetcher::new(file(&issuer.ca_file).as_deref(), token);
        Ok(Self {
            fetcher: fetcher.map_err(std::io::Error::other)?,
            issuer,
            fetched: RwLock::default(),
            asked: Mutex::default(),
        })
    }

    /// The key of that name.
    pub(super) async fn find(&self, name: &str) -> Result<Key, Failure> {
        let fetched = self.fetched();
        let found = fetched.keys.get(name).cloned();
        let is_fresh = fetched.at.is_some_and(|at| at.elapsed() < FRESH);
        match found {
            Some(key) if is_fresh => return Ok(key),
            // One asks; the others go on with what is there.
            Some(_) => {
                if let Ok(asked) = self.asked.try_lock() {
                    self.fetch(asked).await;
                }
            }
            None => self.fetch(self.asked.lock().await).await,
        }
        let fetched = self.fetched();
        if fetched.at.is_none_or(|at| at.elapsed() >= BELIEVED) {
            let detail = format!(
                "the keys of {} cannot be had at the moment, so that its tokens cannot be held against them",
                self.issuer.issuer
            );
            return Err(Failure::unavailable(ProblemCode::IssuerUnavailable, detail));
        }
        let unknown = || {
            Failure::unauthenticated("the token is signed with a key that its issuer does not name")
        };
        fetched.keys.get(name).cloned().ok_or_else(unknown)
    }

    fn fetched(&self) -> Fetched {
        let fetched = self.fetched.read();
        fetched
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .clone()
    }

    async fn fetch(&self, mut asked: tokio::sync::MutexGuard<'_, Option<Instant>>) {
        if asked.is_some_and(|at| at.elapsed() < PAUSE) {
            return;
        }
        *asked = Some(Instant::now());
        match self.ask().await {
            Ok(set) => {
                let keys = set.keys.iter().filter_map(named).collect();
                let mut fetched = self
                    .fetched
                    .write()
                    .unwrap_or_else(std::sync::PoisonError::into_inner);
                *fetched = Fetched {
                    keys: Arc::new(keys),
                    at: Some(Instant::now()),
                };
            }
            Err(reason) => {
                tracing::warn!(
                    issuer = self.issuer.issuer,
                    reason,
                    "its keys cannot be fetched"
                );
            }
        }
    }

    async fn ask(&self) -> Result<JwkSet, String> {
        let url = match self.issuer.jwks_url.as_str() {
            "" => self.discover().await?,
            url => url.to_owned(),
        };
        self.fetcher.json(&url).await
    }

    /// Where the issuer says that its keys are (OpenID Connect Discovery 1.0, section 4).
    async fn discover(&self) -> Result<String, String> {
        let root = self.issuer.issuer.trim_end_matches('/');
        let url = format!("{root}/.well-known/openid-configuration");
        let said: Discovered = self.fetcher.json(&url).await?;
        if said.issuer != self.issuer.issuer {
            return Err(format!("{url} speaks for another issuer, {}", said.issuer));
        }
        Ok(said.jwks_uri)
    }
}

#[derive(Deserialize)]
struct Discovered {
    issuer: String,
    jwks_uri: String,
}

/// A key that can be used, by its name.
fn named(jwk: &Jwk) -> Option<(String, Key)> {
    let name = jwk.common.key_id.clone()?;
    let algorithm = algorithm(jwk)?;
    let key = DecodingKey::from_jwk(jwk).ok()?;
    Some((name, Key { key, algorithm }))
}

/// What a key is for: what it says, else what its kind is for. Nothing that signs with a shared secret.
fn algorithm(jwk: &Jwk) -> Option<Algorithm> {
    let said = jwk.common.key_algorithm.map(Algorithm::try_from);
    let kinds: &[Algorithm] = match &jwk.algorithm {
        AlgorithmParameters::RSA(_) => &[
            Algorithm::RS256,
            Algorithm::RS384,
            Algorithm::RS512,
            Algorithm::PS256,
            Algorithm::PS384,
            Algorithm::PS512,
        ],
        AlgorithmParameters::EllipticCurve(it) => match it.curve {
            EllipticCurve::P256 => &[Algorithm::ES256],
            EllipticCurve::P384 => &[Algorithm::ES384],
            _ => &[],
        },
        AlgorithmParameters::OctetKeyPair(it) if it.curve == EllipticCurve::Ed25519 => {
            &[Algorithm::EdDSA]
        }
        _ => &[],
    };
    match said {
        None => kinds.first().copied(),
        Some(said) => said.ok().filter(|it| kinds.contains(it)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(json: &str) -> Option<Algorithm> {
        algorithm(&serde_json::from_str(json).unwrap())
    }

    #[test]
    fn a_key_is_for_one_algorithm_and_never_a_shared_secret() {
        let rsa = r#""kty": "RSA", "n": "AQAB", "e": "AQAB""#;
        assert_eq!(of(&format!("{{{rsa}}}")), Some(Algorithm::RS256));
        assert_eq!(
            of(&format!("{{{rsa}, \"alg\": \"PS512\"}}")),
            Some(Algorithm::PS512)
        );
        assert_eq!(of(&format!("{{{rsa}, \"alg\": \"HS256\"}}")), None);
        assert_eq!(of(&format!("{{{rsa}, \"alg\": \"ES256\"}}")), None);
        assert_eq!(of(r#"{"kty": "oct", "k": "c2VjcmV0"}"#), None);
        assert_eq!(
            of(r#"{"kty": "oct", "k": "c2VjcmV0", "alg": "HS256"}"#),
            None
        );
        let ec = r#""kty": "EC", "crv": "P-256", "x": "AQAB", "y": "AQAB""#;
        assert_eq!(of(&format!("{{{ec}}}")), Some(Algorithm::ES256));
    }
}

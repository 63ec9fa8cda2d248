//! The public keys of a provider (RFC 7517), from a file or an address: kept for a while, fetched again when a token names a
//! key that is not known, but not more often than every few seconds, whatever tokens say.

use std::{
    path::PathBuf,
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};

use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::{Request, body::Bytes, header};
use jsonwebtoken::{
    Algorithm, AlgorithmFamily, DecodingKey,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, PublicKeyUse},
};
use serde_json::Value;
use tokio::sync::Mutex;

use super::Refused;
use crate::peer::{Failed, Peer};

/// How long keys are used before they are fetched again.
const FRESH: Duration = Duration::from_secs(300);
/// How long they are used although they cannot be fetched.
const STALE_MAX: Duration = Duration::from_secs(3_600);
/// The shortest time between two fetches.
const PAUSE: Duration = Duration::from_secs(2);
/// How long a fetch may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// The longest document, in bytes.
const BYTES_MAX: usize = 262_144;

/// Where the keys stand.
#[derive(Debug, Clone)]
pub(super) enum Source {
    File(PathBuf),
    Address(Peer),
}

impl Source {
    /// An address: over TLS, or on this machine.
    pub(super) fn address(text: &str) -> Result<Self, Refused> {
        let peer = Peer::of(text).map_err(Refused::Unavailable)?;
        match peer.is_private() {
            true => Ok(Self::Address(peer)),
            false => Err(Refused::Unavailable(format!(
                "{text}: keys are fetched over https, or from this machine"
            ))),
        }
    }

    async fn read(&self) -> Result<Vec<u8>, String> {
        match self {
            Self::File(path) => {
                let read = tokio::fs::read(path).await;
                read.map_err(|e| format!("{}: {e}", path.display()))
            }
            Self::Address(peer) => {
                let at = format!("{}{}", peer.authority(), peer.path());
                match tokio::time::timeout(PATIENCE, fetch(peer)).await {
                    Ok(fetched) => fetched.map_err(|e| format!("{at}: {e}")),
                    Err(_) => Err(format!("{at}: no answer in {PATIENCE:?}")),
                }
            }
        }
    }
}

async fn fetch(peer: &Peer) -> Result<Vec<u8>, Failed> {
    let mut connection = peer.connect(None).await?;
    let request = Request::get(peer.path())
        .header(header::HOST, peer.authority())
        .header(header::ACCEPT, "application/json")
        .body(Empty::<Bytes>::new())?;
    let response = connection.sender.send_request(request).await?;
    if response.status() != hyper::StatusCode::OK {
        return Err(format!("it answers {}", response.status()).into());
    }
    let body = Limited::new(response.into_body(), BYTES_MAX)
        .collect()
        .await?;
    Ok(body.to_bytes().to_vec())
}

/// One public key, and the only algorithms that it may be used with.
#[derive(Clone)]
struct Key {
    id: Option<String>,
    takes: Vec<Algorithm>,
    key: DecodingKey,
}

impl Key {
    /// A key that signs, with a public half; none for every other.
    fn of(jwk: &Jwk) -> Option<Self> {
        if matches!(&jwk.common.public_key_use, Some(of) if *of != PublicKeyUse::Signature) {
            return None;
        }
        let family: &[Algorithm] = match &jwk.algorithm {
            AlgorithmParameters::RSA(_) => &[
                Algorithm::RS256,
                Algorithm::RS384,
                Algorithm::RS512,
                Algorithm::PS256,
                Algorithm::PS384,
                Algorithm::PS512,
            ],
            AlgorithmParameters::EllipticCurve(of) if of.curve == EllipticCurve::P256 => {
                &[Algorithm::ES256]
            }
            AlgorithmParameters::EllipticCurve(of) if of.curve == EllipticCurve::P384 => {
                &[Algorithm::ES384]
            }
            AlgorithmParameters::OctetKeyPair(of) if of.curve == EllipticCurve::Ed25519 => {
                &[Algorithm::EdDSA]
            }
            _ => return None,
        };
        let named = jwk.common.key_algorithm.map(|named| named.to_string());
        let takes: Vec<Algorithm> = family
            .iter()
            .copied()
            .filter(|algorithm| {
                let name = format!("{algorithm:?}");
                named.as_ref().is_none_or(|named| *named == name)
            })
            .collect();
        let key = DecodingKey::from_jwk(jwk).ok()?;
        debug_assert_ne!(key.family(), AlgorithmFamily::Hmac);
        Some(Self {
            id: jwk.common.key_id.clone(),
            takes,
            key,
        })
    }
}

struct Known {
    keys: Vec<Key>,
    fetched: Instant,
}

/// The keys of one provider.
pub(super) struct Jwks {
    source: Source,
    known: RwLock<Arc<Known>>,
    /// When they were last asked for. Whoever holds it fetches.
    tried: Mutex<Instant>,
}

impl Jwks {
    /// Fetches them for the first time: a server that could verify nobody does not start.
    pub(super) async fn start(source: Source) -> Result<Self, Refused> {
        let keys = read(&source).await.map_err(Refused::Unavailable)?;
        let now = Instant::now();
        let known = Arc::new(Known { keys, fetched: now });
        Ok(Self {
            source,
            known: RwLock::new(known),
            tried: Mutex::new(now),
        })
    }

    fn known(&self) -> Arc<Known> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&known)
    }

    /// The key that a token names, for its algorithm. A token that names none is taken where only one key fits.
    pub(super) async fn find(
        &self,
        id: Option<&str>,
        algorithm: Algorithm,
    ) -> Result<DecodingKey, Refused> {
        let known = self.known();
        let fits = fitting(&known.keys, id, algorithm).is_some();
        if !fits || known.fetched.elapsed() > FRESH {
            // Only whoever needs another key waits for one that is being fetched.
            let tried = match fits {
                true => self.tried.try_lock().ok(),
                false => Some(self.tried.lock().await),
            };
            if let Some(mut tried) = tried.filter(|tried| tried.elapsed() > PAUSE) {
                *tried = Instant::now();
                self.fetch().await;
            }
        }
        let known = self.known();
        if known.fetched.elapsed() > STALE_MAX {
            let why = "the provider's keys could not be fetched for too long".to_owned();
            return Err(Refused::Unavailable(why));
        }
        fitting(&known.keys, id, algorithm)
            .ok_or_else(|| Refused::Credential("no key of the provider fits it".to_owned()))
    }

    async fn fetch(&self) {
        match read(&self.source).await {
            Ok(keys) => {
                let fetched = Instant::now();
                let known = Arc::new(Known { keys, fetched });
                *self.known.write().unwrap_or_else(PoisonError::into_inner) = known;
            }
            Err(error) => tracing::warn!(%error, "the provider's keys could not be fetched"),
        }
    }
}

fn fitting(keys: &[Key], id: Option<&str>, algorithm: Algorithm) -> Option<DecodingKey> {
    let mut fitting = keys
        .iter()
        .filter(|key| key.takes.contains(&algorithm))
        .filter(|key| id.is_none() || key.id.as_deref() == id);
    let (first, second) = (fitting.next()?, fitting.next());
    second.is_none().then(|| first.key.clone())
}

async fn read(source: &Source) -> Result<Vec<Key>, String> {
    let bytes = source.read().await?;
    let document: Value = serde_json::from_slice(&bytes).map_err(|e| e.to_string())?;
    let listed = document["keys"]
        .as_array()
        .ok_or("the document has no list `keys`")?;
    // A key that cannot be read is left out: a provider may have others for others.
    let keys = listed
        .iter()
        .filter_map(|key| Key::of(&serde_json::from_value::<Jwk>(key.clone()).ok()?));
    Ok(keys.collect())
}

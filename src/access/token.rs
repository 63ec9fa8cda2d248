//! Bearer tokens of an OpenID provider: JWTs, verified with the provider's public keys. The algorithms are pinned by the
//! settings and by the family of the key; what the token's header says about where its key is to be found is not read.

use std::{
    collections::BTreeSet,
    num::NonZeroUsize,
    path::PathBuf,
    str::FromStr as _,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use jsonwebtoken::{Algorithm, AlgorithmFamily, Validation, decode, decode_header};
use lru::LruCache;
use qonys_events::{digest::Sha256Hex, id::Ref, scalar::Slug};
use serde_json::Value;

use super::{
    Means, Principal, Refused,
    jwks::{Jwks, Source},
    policy::Role,
    store::Store,
};

/// The longest token that is looked at, in bytes.
const TOKEN_BYTES_MAX: usize = 8_192;
/// How long a token that was verified is believed without verifying it again.
const BELIEVED: Duration = Duration::from_secs(60);
/// Verified tokens that are remembered.
const REMEMBERED_MAX: usize = 4_096;
/// The algorithms that are accepted where none are named.
pub const USUAL_ALGORITHMS: [&str; 3] = ["EdDSA", "ES256", "RS256"];
/// How far the provider's clock may be from ours where nothing is said.
pub const USUAL_SKEW: Duration = Duration::from_secs(30);

/// A provider of tokens, and what of its tokens is read. Claims are named by JSON pointers.
#[derive(Debug, Clone)]
pub struct Provider {
    /// `iss`, exactly.
    pub issuer: String,
    /// `aud`: what this register is called there.
    pub audience: String,
    /// Where its public keys stand: a file, or an address.
    pub keys: String,
    /// Signature algorithms that are accepted.
    pub algorithms: Vec<String>,
    /// How far its clock may be from ours.
    pub skew: Duration,
    /// Where the roles stand: a list, or a text with blanks between.
    pub roles: String,
    /// Where the office stands, if anywhere.
    pub office: String,
    /// Where the reference of the caller as a person in the register stands, if anywhere.
    pub person: String,
}

impl Provider {
    fn algorithms(&self) -> Result<Vec<Algorithm>, Refused> {
        let read = self.algorithms.iter().map(|name| {
            let known = Algorithm::from_str(name).ok();
            known
                .filter(|algorithm| algorithm.family() != AlgorithmFamily::Hmac)
                .ok_or_else(|| {
                    Refused::Credential(format!(
                        "{name} is no signature algorithm with a public key"
                    ))
                })
        });
        let read: Vec<Algorithm> = read.collect::<Result<_, _>>()?;
        if read.is_empty() {
            let why = "no signature algorithm is accepted: name one".to_owned();
            return Err(Refused::Credential(why));
        }
        Ok(read)
    }
}

/// The tokens of one provider.
pub(super) struct Tokens {
    provider: Provider,
    algorithms: Vec<Algorithm>,
    keys: Jwks,
    store: Store,
    believed: Mutex<LruCache<Sha256Hex, (Principal, Instant)>>,
}

impl Tokens {
    pub(super) async fn start(provider: Provider, store: Store) -> Result<Self, Refused> {
        let algorithms = provider.algorithms()?;
        let source = match provider.keys.split_once("://") {
            Some(_) => Source::address(&provider.keys)?,
            None => Source::File(PathBuf::from(&provider.keys)),
        };
        let remembered = NonZeroUsize::new(REMEMBERED_MAX).unwrap_or(NonZeroUsize::MIN);
        Ok(Self {
            keys: Jwks::start(source).await?,
            provider,
            algorithms,
            store,
            believed: Mutex::new(LruCache::new(remembered)),
        })
    }

    /// Who bears this token.
    pub(super) async fn identify(&self, token: &str) -> Result<Principal, Refused> {
        if token.len() > TOKEN_BYTES_MAX {
            return Err(refused("the token is too long"));
        }
        let digest = Sha256Hex::of(token.as_bytes());
        {
            let mut believed = self.believed.lock().unwrap_or_else(PoisonError::into_inner);
            match believed.get(&digest) {
                Some((principal, until)) if Instant::now() < *until => {
                    return Ok(principal.clone());
                }
                Some(_) => drop(believed.pop(&digest)),
                None => {}
            }
        }
        let claims = self.verified(token).await?;
        let principal = self.principal(&claims).await?;
        let left = claims["exp"]
            .as_u64()
            .unwrap_or(0)
            .saturating_sub(jsonwebtoken::get_current_timestamp());
        let until = Instant::now() + BELIEVED.min(Duration::from_secs(left));
        self.believed
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .put(digest, (principal.clone(), until));
        Ok(principal)
    }

    /// The claims of a token whose signature, issuer, audience and times are right.
    async fn verified(&self, token: &str) -> Result<Value, Refused> {
        let header = decode_header(token).map_err(|e| refused(e.to_string()))?;
        if header.crit.is_some() {
            return Err(refused("its header asks for what is not known here"));
        }
        if !self.algorithms.contains(&header.alg) {
            return Err(refused("its algorithm is not accepted"));
        }
        let key = self.keys.find(header.kid.as_deref(), header.alg).await?;
        let mut validation = Validation::new(header.alg);
        validation.leeway = self.provider.skew.as_secs();
        validation.validate_nbf = true;
        validation.set_audience(&[&self.provider.audience]);
        validation.set_issuer(&[&self.provider.issuer]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        let claims = decode::<Value>(token, &key, &validation)
            .map_err(|e| refused(e.to_string()))?
            .claims;
        let now = jsonwebtoken::get_current_timestamp();
        let issued = claims["iat"].as_u64().unwrap_or(0);
        if issued > now + validation.leeway {
            return Err(refused("it was issued in the future"));
        }
        Ok(claims)
    }

    async fn principal(&self, claims: &Value) -> Result<Principal, Refused> {
        let at = |pointer: &str| claims.pointer(pointer).filter(|_| !pointer.is_empty());
        let roles: BTreeSet<Role> = match at(&self.provider.roles) {
            Some(Value::Array(names)) => names
                .iter()
                .filter_map(|name| name.as_str()?.parse().ok())
                .collect(),
            Some(Value::String(names)) => names
                .split(' ')
                .filter_map(|name| name.parse().ok())
                .collect(),
            _ => BTreeSet::new(),
        };
        let text = |pointer: &str| at(pointer).and_then(Value::as_str);
        let office: Option<Slug> = text(&self.provider.office).and_then(|t| t.parse().ok());
        let person: Option<Ref> = text(&self.provider.person).and_then(|t| t.parse().ok());
        let subject = claims["sub"].as_str().unwrap_or_default();
        if subject.is_empty() {
            return Err(refused("it names nobody"));
        }
        // Who has a role is an official and gets a reference of his own; the provider's name for him stays here.
        let official = if roles.iter().any(|role| *role != Role::Public) {
            Some(self.store.official(&self.provider.issuer, subject).await?)
        } else {
            None
        };
        Ok(Principal {
            means: Means::Token,
            official,
            roles,
            office,
            person,
            scopes: None,
        })
    }
}

fn refused(why: impl Into<String>) -> Refused {
    Refused::Credential(why.into())
}

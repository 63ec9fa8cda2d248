//! API keys for machines: `qonys_<id>_<secret>`, 256 random bits, of which only the SHA-256 is kept. A key is made for an
//! official's reference and roles, may be narrowed to actions, and expires.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
    time::{Duration, Instant},
};

use qonys_events::{digest::Sha256Hex, id::Ref, scalar::Slug};
use subtle::ConstantTimeEq as _;
use tokio::sync::Mutex;
use zeroize::Zeroizing;

use super::{KEY_PREFIX, Means, Principal, Refused, policy::Role, store::Store};
use crate::clock::{Clock, Entropy};

/// How old what is known of the keys may be: a key that is revoked is refused after this time at the latest.
const FRESH: Duration = Duration::from_secs(1);
const ID_BYTES: usize = 8;
const SECRET_BYTES: usize = 32;

/// What is known of a key; the secret is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRecord {
    /// Its public half.
    pub id: String,
    /// SHA-256 of its secret half.
    pub(super) hash: [u8; 32],
    /// For whom it acts.
    pub official: Ref,
    /// In which roles.
    pub roles: BTreeSet<Role>,
    /// For which office, if one alone.
    pub office: Option<Slug>,
    /// For which actions alone; every one of its roles where none are named.
    pub scopes: Option<BTreeSet<String>>,
    /// What it is for.
    pub label: String,
    /// Seconds since 1970.
    pub expires: i64,
    /// Seconds since 1970, once it is revoked.
    pub revoked: Option<i64>,
}

/// What a new key is to be.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// For whom it acts; a new reference where nobody is named.
    pub official: Option<Ref>,
    /// In which roles.
    pub roles: BTreeSet<Role>,
    /// For which office.
    pub office: Option<Slug>,
    /// For which actions alone.
    pub scopes: Option<BTreeSet<String>>,
    /// What it is for.
    pub label: String,
    /// How long it is good.
    pub lives: Duration,
}

fn now() -> i64 {
    Clock::System.now().micros() / 1_000_000
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Keys as they were read, by the digest of each, and when.
type Known = (Instant, Arc<HashMap<String, KeyRecord>>);

/// The keys of one directory.
pub struct Keys {
    store: Store,
    known: Mutex<Option<Known>>,
}

impl Keys {
    pub(super) fn new(store: Store) -> Self {
        Self {
            store,
            known: Mutex::new(None),
        }
    }

    /// The keys of a directory, to keep them.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub async fn open(directory: &std::path::Path) -> Result<Self, Refused> {
        Ok(Self::new(Store::open(directory).await?))
    }

    /// Makes a key. What is returned is shown once and kept nowhere.
    ///
    /// # Errors
    /// Where it cannot be stored.
    pub async fn make(&self, new: NewKey) -> Result<(KeyRecord, Zeroizing<String>), Refused> {
        let entropy = Entropy::System;
        let id = hex(&entropy.bytes::<ID_BYTES>());
        let secret = Zeroizing::new(hex(&*Zeroizing::new(entropy.bytes::<SECRET_BYTES>())));
        let lives = i64::try_from(new.lives.as_secs()).unwrap_or(i64::MAX);
        let record = KeyRecord {
            hash: Sha256Hex::of(secret.as_bytes()).0,
            official: new.official.unwrap_or_else(|| entropy.reference()),
            roles: new.roles,
            office: new.office,
            scopes: new.scopes,
            label: new.label,
            expires: now().saturating_add(lives),
            revoked: None,
            id,
        };
        self.store.add_key(&record).await?;
        let shown = Zeroizing::new(format!("{KEY_PREFIX}{}_{}", record.id, *secret));
        Ok((record, shown))
    }

    /// Every key, by id.
    ///
    /// # Errors
    /// Where they cannot be read.
    pub async fn list(&self) -> Result<Vec<KeyRecord>, Refused> {
        self.store.keys().await
    }

    /// Revokes a key; tells whether there was one to revoke.
    ///
    /// # Errors
    /// Where it cannot be stored.
    pub async fn revoke(&self, id: &str) -> Result<bool, Refused> {
        *self.known.lock().await = None;
        self.store.revoke_key(id, now()).await
    }

    async fn known(&self) -> Result<Arc<HashMap<String, KeyRecord>>, Refused> {
        let mut known = self.known.lock().await;
        if let Some((read, keys)) = &*known
            && read.elapsed() < FRESH
        {
            return Ok(keys.clone());
        }
        let read = self.store.keys().await?;
        let keys: HashMap<_, _> = read.into_iter().map(|key| (key.id.clone(), key)).collect();
        let keys = Arc::new(keys);
        *known = Some((Instant::now(), keys.clone()));
        Ok(keys)
    }

    /// Who bears this key.
    pub(super) async fn identify(&self, bearer: &str) -> Result<Principal, Refused> {
        let wrong = || Refused::Credential("the key is not known, or not good any more".to_owned());
        let (id, secret) = bearer
            .strip_prefix(KEY_PREFIX)
            .and_then(|rest| rest.split_once('_'))
            .ok_or_else(wrong)?;
        let keys = self.known().await?;
        let key = keys.get(id);
        // A key that is not known is compared with something too, so that it takes the same time.
        let hash = key.map_or([0; 32], |key| key.hash);
        let same = Sha256Hex::of(secret.as_bytes()).0.ct_eq(&hash);
        match key {
            Some(key) if bool::from(same) && key.revoked.is_none() && now() < key.expires => {
                Ok(Principal {
                    means: Means::Key,
                    official: Some(key.official),
                    roles: key.roles.clone(),
                    office: key.office.clone(),
                    person: None,
                    scopes: key.scopes.clone(),
                })
            }
            _ => Err(wrong()),
        }
    }
}

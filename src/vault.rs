//! The vault: personal values sealed under keys that can be destroyed.
//!
//! Each subject has a random data key per category. Data keys lie in a file of their own
//! (`vault.sqlite`), wrapped by a key-encryption key (`vault.key`), and are durable before a sealed
//! value leaves this module: an entry never stands in the log without its key. The sealed bytes
//! themselves go into the log's transaction. Plaintext and keys are wiped from memory when dropped.

use std::{
    collections::{HashMap, HashSet},
    fmt,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use qonys_events::{
    digest::Sha256Hex,
    id::{Origin, Ref},
    scalar::Slug,
    slot::Slot,
    term::SlotCategory,
};
use zeroize::Zeroizing;

use crate::clock::{Clock, Entropy};

mod envelope;
mod error;
mod keys;
mod opening;
mod provider;
mod seal;
mod spare;

pub use error::VaultError;
pub use keys::{Minting, Owner};
pub use spare::SWEEP_AGE;

use envelope::Secret;
use keys::{Candidate, KeyStore, Wrapped, WrappedKeys};
use opening::{Fresh, Opened};
use provider::{Epoch, Provider, Wrapping};
use seal::{Binding, Chance, PLAINTEXT_MAX, SCHEME};
use spare::{MADE_AT_ONCE, Spares};

/// A personal value on its way into a slot. Its `Debug` leaves the value out.
pub struct Plain {
    /// The command whose entry will show the slot.
    pub commandid: Ref,
    /// What the value is: `name`, `iin`, `address` …
    pub name: Slug,
    /// Whose value it is.
    pub subject: Ref,
    /// Which of the subject's keys seals it.
    pub category: SlotCategory,
    /// The value: at most 65,532 bytes.
    pub plaintext: Zeroizing<String>,
}

impl fmt::Debug for Plain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plain")
            .field("commandid", &self.commandid)
            .field("name", &self.name)
            .field("subject", &self.subject)
            .field("category", &self.category)
            .finish_non_exhaustive()
    }
}

/// A sealed value: what the entry shows, and what is stored beside the log. It has no `Debug`: sealed
/// bytes can be deleted where they are stored, and not where they were printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed {
    /// The slot for the entry's data.
    pub slot: Slot,
    /// SHA-256 of `bytes`, as in the slot.
    pub hash: Sha256Hex,
    /// The sealed bytes: a header, the nonce and the ciphertext. Their number shows in which bucket
    /// of 64, 128, 256 … bytes the value lies, and no more.
    pub bytes: Vec<u8>,
}

/// The vault of one data directory. Cheap to clone; several processes of one host may hold it.
#[derive(Clone)]
pub struct Vault(Arc<Inner>);

struct Inner {
    origin: Origin,
    entropy: Entropy,
    scheme: Slug,
    store: KeyStore,
    provider: Provider,
    epoch: Epoch,
    spares: Spares,
}

/// A data key that was drawn for an owner who may have one already.
struct Drawn {
    owner: Owner,
    key: Secret,
    nonce: [u8; 12],
}

impl Vault {
    /// Opens the vault in `dir`, or makes it: directory, key file and key store, closed to others than
    /// the owner and durable. A key file that is already there is used. It runs on the current runtime.
    ///
    /// What is drawn from `entropy`, here and in [`Vault::seal`], depends on what it is for alone, and
    /// not on what was drawn before: a seeded source that is run again over a vault that has seen part
    /// of it seals the same bytes.
    ///
    /// # Errors
    /// [`VaultError::KeyFile`], [`VaultError::Foreign`], [`VaultError::Unavailable`].
    pub async fn open(dir: &Path, origin: &Origin, entropy: Entropy) -> Result<Self, VaultError> {
        let first = entropy.derived("vault", origin);
        let fresh = Fresh {
            key: Secret::new(first.bytes()),
            nonce: first.bytes(),
        };
        let Opened {
            store,
            provider,
            epoch,
        } = opening::open(dir, origin, fresh).await?;
        let scheme = SCHEME.parse().expect("the scheme is a name");
        let origin = origin.clone();
        Ok(Self(Arc::new(Inner {
            origin,
            entropy,
            scheme,
            store,
            provider,
            epoch,
            spares: Spares::default(),
        })))
    }

    /// A reference for a new subject whose key of this category is durable already, if one is at hand; others are made
    /// meanwhile. A seeded source has none: what it draws depends on what it is for.
    pub fn spare(&self, category: SlotCategory) -> Option<Ref> {
        let Entropy::System = self.0.entropy else {
            return None;
        };
        let (reference, wanted) = self.0.spares.take(category);
        if wanted > 0 {
            let vault = self.clone();
            tokio::spawn(async move { vault.fill(category, wanted).await });
        }
        reference
    }

    /// Makes so many spares, some at a time.
    async fn fill(&self, category: SlotCategory, mut wanted: usize) {
        while wanted > 0 {
            let part = wanted.min(MADE_AT_ONCE);
            if let Err(error) = self.make_spares(category, part).await {
                // Nobody waits for these: who needs a key asks for one, and is told then.
                tracing::warn!(%error, "no spare keys could be made");
                break;
            }
            wanted -= part;
        }
        self.0.spares.filled(category);
    }

    async fn make_spares(&self, category: SlotCategory, count: usize) -> Result<(), VaultError> {
        let began = Instant::now();
        let (entropy, now) = (&self.0.entropy, Clock::System.now());
        let drawn: Vec<Drawn> = (0..count)
            .map(|_| Drawn {
                owner: (entropy.id_at(now), category),
                key: Secret::new(entropy.bytes()),
                nonce: entropy.bytes(),
            })
            .collect();
        let candidates = drawn.iter().map(|drawn| self.candidate(drawn)).collect();
        let drew = began.elapsed();
        self.0.store.mint(candidates).await?;
        let (stored, drew) = ((began.elapsed() - drew).as_micros(), drew.as_micros());
        tracing::trace!(count, drew, stored, "spare keys made, in microseconds");
        let made = drawn.into_iter().map(|drawn| (drawn.owner.0, drawn.key));
        self.0.spares.put(category, made.collect());
        Ok(())
    }

    /// Keys that were made together at least so long ago, of which nobody has looked yet whether they are used.
    ///
    /// # Errors
    /// [`VaultError::Unavailable`].
    pub async fn mintings(&self, older_than: Duration) -> Result<Vec<Minting>, VaultError> {
        self.0.store.mintings(older_than).await
    }

    /// Deletes the keys of a minting that nobody came to use, and forgets the minting.
    ///
    /// # Errors
    /// [`VaultError::Unavailable`].
    pub async fn swept(&self, minting: &Minting, unused: &[Owner]) -> Result<(), VaultError> {
        self.0.store.swept(minting, unused).await
    }

    /// Brings every key into the one file of the vault, so that nothing waits beside it for the next start.
    ///
    /// # Errors
    /// [`VaultError::Unavailable`].
    pub async fn write_back(&self) -> Result<(), VaultError> {
        self.0.store.write_back().await
    }

    /// Seals values, in their order. Keys that are missing are made and durable on return, all of a
    /// call in one transaction; calls at the same time share one.
    ///
    /// # Errors
    /// [`VaultError::TooLong`], [`VaultError::Unwrap`], [`VaultError::Unavailable`].
    pub async fn seal(&self, items: &[Plain]) -> Result<Vec<Sealed>, VaultError> {
        let too_long = items
            .iter()
            .find(|item| item.plaintext.len() > PLAINTEXT_MAX);
        if let Some(Plain {
            name, plaintext, ..
        }) = too_long
        {
            return Err(VaultError::TooLong {
                name: name.clone(),
                bytes: plaintext.len(),
            });
        }
        if items.is_empty() {
            return Ok(Vec::new());
        }
        let chances: Vec<Chance> = items.iter().map(|item| self.chance(item)).collect();
        let keys = self.keys(self.draw(items)).await?;
        let sealed = items.iter().zip(&chances).map(|(item, chance)| {
            let binding = self.binding(item.commandid, &item.name, item.subject);
            let (subject, category) = (item.subject, item.category);
            let key = keys.get(&(subject, category));
            let key = key.ok_or(VaultError::KeyMissing { subject, category })?;
            let (commitment, bytes) = seal::seal(&binding, key, chance, &item.plaintext);
            let hash = Sha256Hex::of(&bytes);
            let slot = Slot {
                name: item.name.clone(),
                subject,
                category,
                scheme: self.0.scheme.clone(),
                commitment,
                sealed: hash,
            };
            Ok(Sealed { slot, hash, bytes })
        });
        sealed.collect()
    }

    /// Opens the sealed bytes of a slot that an entry of this command shows.
    ///
    /// # Errors
    /// [`VaultError::Sealed`] for other bytes than the slot's, whatever made them others;
    /// [`VaultError::KeyMissing`] once the key is destroyed; [`VaultError::Commitment`];
    /// [`VaultError::Unwrap`], [`VaultError::Unavailable`].
    pub async fn unseal(
        &self,
        slot: &Slot,
        commandid: Ref,
        bytes: &[u8],
    ) -> Result<Zeroizing<String>, VaultError> {
        if slot.scheme != self.0.scheme {
            return Err(VaultError::Sealed("their scheme is not known here"));
        }
        if Sha256Hex::of(bytes) != slot.sealed {
            return Err(VaultError::Sealed("their hash is another one"));
        }
        let (subject, category) = (slot.subject, slot.category);
        let found = self.0.store.read(&[(subject, category)]).await?;
        let wrapped = found.get(&(subject, category));
        let wrapped = wrapped.ok_or(VaultError::KeyMissing { subject, category })?;
        let key = self.unwrapped((subject, category), wrapped)?;
        let binding = self.binding(commandid, &slot.name, subject);
        seal::open(&binding, &key, slot.commitment, bytes)
    }

    fn chance(&self, item: &Plain) -> Chance {
        let about = format!("{}/{}", item.commandid, item.name);
        let entropy = self.0.entropy.derived("slot", about);
        Chance {
            salt: Zeroizing::new(entropy.bytes()),
            nonce: entropy.bytes(),
        }
    }

    /// A key for each owner among these values, in the order of their first appearance.
    fn draw(&self, items: &[Plain]) -> Vec<Drawn> {
        let mut seen = HashSet::new();
        let first = items
            .iter()
            .filter(|item| seen.insert((item.subject, item.category)));
        let drawn = first.map(|item| {
            let about = format!("{}/{}", item.subject, item.category);
            let entropy = self.0.entropy.derived("key", about);
            Drawn {
                owner: (item.subject, item.category),
                key: Secret::new(entropy.bytes()),
                nonce: entropy.bytes(),
            }
        });
        drawn.collect()
    }

    /// The key of each owner: the one in the store, or else the one drawn, which is in the store then.
    async fn keys(&self, drawn: Vec<Drawn>) -> Result<HashMap<Owner, Secret>, VaultError> {
        let mut keys = HashMap::new();
        let mut owners = Vec::new();
        for drawn in &drawn {
            match self.0.spares.key(drawn.owner) {
                Some(key) => drop(keys.insert(drawn.owner, key)),
                None => owners.push(drawn.owner),
            }
        }
        if owners.is_empty() {
            return Ok(keys);
        }
        keys.extend(self.all_unwrapped(&owners, &self.0.store.read(&owners).await?)?);
        let missing = drawn
            .iter()
            .filter(|drawn| !keys.contains_key(&drawn.owner));
        let candidates: Vec<Candidate> = missing.map(|drawn| self.candidate(drawn)).collect();
        if !candidates.is_empty() {
            let owners: Vec<Owner> = candidates.iter().map(|candidate| candidate.owner).collect();
            let minted = self.0.store.mint(candidates).await?;
            keys.extend(self.all_unwrapped(&owners, &minted)?);
        }
        Ok(keys)
    }

    fn candidate(&self, drawn: &Drawn) -> Candidate {
        let wrapping = self.wrapping(drawn.owner, self.0.epoch);
        let bytes = self.0.provider.wrap(&wrapping, drawn.nonce, &drawn.key);
        let wrapped = Wrapped {
            epoch: self.0.epoch,
            bytes,
        };
        Candidate {
            owner: drawn.owner,
            wrapped,
        }
    }

    /// The keys of those owners who have one.
    fn all_unwrapped(
        &self,
        owners: &[Owner],
        found: &WrappedKeys,
    ) -> Result<HashMap<Owner, Secret>, VaultError> {
        let having = owners
            .iter()
            .filter_map(|owner| Some((*owner, found.get(owner)?)));
        having
            .map(|(owner, wrapped)| Ok((owner, self.unwrapped(owner, wrapped)?)))
            .collect()
    }

    fn unwrapped(&self, owner: Owner, wrapped: &Wrapped) -> Result<Secret, VaultError> {
        let wrapping = self.wrapping(owner, wrapped.epoch);
        let (subject, category) = owner;
        let epoch = wrapped.epoch;
        let key = self.0.provider.unwrap(&wrapping, &wrapped.bytes);
        key.ok_or(VaultError::Unwrap {
            subject,
            category,
            epoch,
        })
    }

    fn wrapping(&self, (subject, category): Owner, epoch: Epoch) -> Wrapping<'_> {
        Wrapping::DataKey {
            origin: &self.0.origin,
            epoch,
            subject,
            category,
        }
    }

    fn binding<'a>(&'a self, commandid: Ref, name: &'a Slug, subject: Ref) -> Binding<'a> {
        Binding {
            origin: &self.0.origin,
            commandid,
            name,
            subject,
        }
    }
}

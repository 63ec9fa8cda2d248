//! The vault: personal values sealed under keys that can be destroyed.
//!
//! Each subject has a random data key per category. Data keys lie in a file of their own
//! (`vault.sqlite`), wrapped by a key-encryption key (`vault.key`), and are durable before a sealed
//! value leaves this module: an entry never stands in the log without its key. The sealed bytes
//! themselves go into the log's transaction. Plaintext and keys are wiped from memory when dropped.

use std::{
    collections::HashSet,
    fmt,
    path::{Path, PathBuf},
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU32, Ordering},
    },
    time::Instant,
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

mod blind;
mod envelope;
mod error;
mod index;
mod keys;
mod opening;
mod provider;
mod rolling;
mod seal;
mod spare;
mod store;
mod upkeep;

pub use blind::{Claimed, Number};
pub use error::VaultError;
pub use index::Ask;
pub use provider::token::TokenPlace;
pub use rolling::Rolled;
pub use spare::SWEEP_AGE;
pub use store::{Minting, Owner};

use blind::Pepper;
use envelope::Secret;
use opening::{Fresh, Opened};
use provider::{Epoch, Provider, Wrapping};
use seal::{Binding, Chance, PLAINTEXT_MAX, SCHEME};
use spare::{MADE_AT_ONCE, Spares};
use store::Store;

/// Where a vault lies, and who holds its key-encryption keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VaultPlace {
    /// The directory of its files.
    pub directory: PathBuf,
    /// The database of its keys; a file in the directory where there is none.
    pub database: Option<String>,
    /// Who holds the key-encryption keys.
    pub keeper: Keeper,
}

impl VaultPlace {
    /// A vault whose keys and key-encryption keys are files of a directory.
    pub fn files(directory: &Path) -> Self {
        Self {
            directory: directory.to_owned(),
            database: None,
            keeper: Keeper::File,
        }
    }
}

/// Who holds the key-encryption keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Keeper {
    /// The file `vault.key` of the directory.
    File,
    /// A token that speaks PKCS#11; keys never leave it.
    Token(TokenPlace),
}

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
    /// Of the register that the vault was made for: its keys and its index are bound to it.
    origin: Origin,
    /// The incarnations of the log since then, the present one last: what is sealed is bound to one of them.
    incarnations: Vec<Origin>,
    entropy: Entropy,
    scheme: Slug,
    store: Store,
    provider: Arc<dyn Provider>,
    epoch: AtomicU32,
    peppers: RwLock<Arc<Vec<Pepper>>>,
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
    /// # Errors
    /// As [`Vault::open_at`].
    pub async fn open(dir: &Path, origin: &Origin, entropy: Entropy) -> Result<Self, VaultError> {
        Self::open_at(&VaultPlace::files(dir), origin, entropy).await
    }

    /// Opens the vault of a place, or makes it; in a database its tables stand there already ([`Vault::init`]).
    ///
    /// What is drawn from `entropy`, here and in [`Vault::seal`], depends on what it is for alone, and
    /// not on what was drawn before: a seeded source that is run again over a vault that has seen part
    /// of it seals the same bytes.
    ///
    /// # Errors
    /// [`VaultError::KeyFile`], [`VaultError::Foreign`], [`VaultError::Unavailable`].
    pub async fn open_at(
        place: &VaultPlace,
        origin: &Origin,
        entropy: Entropy,
    ) -> Result<Self, VaultError> {
        Self::open_among(place, (origin, &[]), entropy).await
    }

    /// As [`Vault::open_at`], for a log that goes on from closed incarnations: the vault is that of the first one, and `later`
    /// are those after it, the present one last. One person stays one reference, and one order destroys everywhere.
    ///
    /// # Errors
    /// As [`Vault::open_at`].
    pub async fn open_among(
        place: &VaultPlace,
        (origin, later): (&Origin, &[Origin]),
        entropy: Entropy,
    ) -> Result<Self, VaultError> {
        let fresh = fresh(&entropy.derived("vault", origin));
        let Opened {
            tables,
            provider,
            epoch,
        } = opening::open(place, origin, &fresh).await?;
        let vault = Self(Arc::new(Inner {
            origin: origin.clone(),
            incarnations: std::iter::once(origin).chain(later).cloned().collect(),
            entropy,
            scheme: SCHEME.parse().expect("the scheme is a name"),
            store: Store::start(tables),
            provider,
            epoch: AtomicU32::new(epoch),
            peppers: RwLock::default(),
            spares: Spares::default(),
        }));
        vault.refresh().await?;
        Ok(vault)
    }

    /// Makes the tables of a vault in a database, with the rights of its owner. May be repeated.
    ///
    /// # Errors
    /// [`VaultError::Unavailable`].
    pub async fn init(url: &str) -> Result<(), VaultError> {
        opening::init(url).await
    }

    /// The epoch in which keys are wrapped.
    fn epoch(&self) -> Epoch {
        self.0.epoch.load(Ordering::Acquire)
    }

    /// Looks which epoch it is, and unwraps the keys of the blind index that live.
    async fn refresh(&self) -> Result<(), VaultError> {
        let tables = self.0.store.tables();
        let last = tables.last_epoch().await?;
        let last = last.ok_or_else(|| error::unavailable("it has lost its epochs"))?;
        let mut peppers = Vec::new();
        for (epoch, wrapped) in tables.peppers().await? {
            let wrapping = Wrapping::Pepper {
                origin: &self.0.origin,
                epoch,
            };
            let key = self.0.provider.unwrap_one(&wrapping, &wrapped).await?;
            match key {
                Some(key) => peppers.push(Pepper { epoch, key }),
                // The roll that destroyed its key has forgotten it since we looked, or is about to.
                None if epoch < last.epoch => {}
                None => return Err(self.0.provider.without(epoch)),
            }
        }
        *self
            .0
            .peppers
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Arc::new(peppers);
        self.0.epoch.store(last.epoch, Ordering::Release);
        Ok(())
    }

    /// The keys of the blind index that live, the newest first.
    fn peppers(&self) -> Arc<Vec<Pepper>> {
        let peppers = self.0.peppers.read();
        peppers.unwrap_or_else(PoisonError::into_inner).clone()
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
        let drew = began.elapsed();
        self.write(&drawn, Vec::new).await?;
        let (stored, drew) = ((began.elapsed() - drew).as_micros(), drew.as_micros());
        tracing::trace!(count, drew, stored, "spare keys made, in microseconds");
        let made = drawn.into_iter().map(|drawn| (drawn.owner.0, drawn.key));
        self.0.spares.put(category, made.collect());
        Ok(())
    }

    /// Seals values, in their order. Keys that are missing are made and durable on return, all of a
    /// call in one transaction; calls at the same time share one.
    ///
    /// # Errors
    /// [`VaultError::TooLong`], [`VaultError::Destroyed`], [`VaultError::Unwrap`], [`VaultError::Unavailable`].
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
            let now = self.0.incarnations.last().unwrap_or(&self.0.origin);
            let binding = Binding::of(now, item.commandid, &item.name, item.subject);
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
        let (_, text) = self.disclose(slot, commandid, bytes).await?;
        Ok(text)
    }

    /// As [`Vault::unseal`], with the salt of the commitment: for somebody who is to see for himself that the entry
    /// commits to this text.
    ///
    /// # Errors
    /// As [`Vault::unseal`].
    pub async fn disclose(
        &self,
        slot: &Slot,
        commandid: Ref,
        bytes: &[u8],
    ) -> Result<(Zeroizing<Vec<u8>>, Zeroizing<String>), VaultError> {
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
        let key = self.unwrapped((subject, category), wrapped).await?;
        // The entry's incarnation is the one under which they open: no other one fits.
        let mut opened = Err(VaultError::Sealed("no incarnation is known"));
        for origin in self.0.incarnations.iter().rev() {
            let binding = Binding::of(origin, commandid, &slot.name, subject);
            opened = seal::open(&binding, &key, slot.commitment, bytes);
            if !matches!(opened, Err(VaultError::Sealed(_))) {
                break;
            }
        }
        opened
    }

    fn chance(&self, item: &Plain) -> Chance {
        let about = format!("{}/{}", item.commandid, item.name);
        let entropy = self.0.entropy.derived("slot", about);
        Chance {
            salt: Zeroizing::new(entropy.bytes()),
            nonce: entropy.bytes(),
        }
    }

    /// A key that becomes its owner's if there is none.
    fn drawn(&self, owner: Owner) -> Drawn {
        let (subject, category) = owner;
        let about = format!("{subject}/{category}");
        let entropy = self.0.entropy.derived("key", about);
        Drawn {
            owner,
            key: Secret::new(entropy.bytes()),
            nonce: entropy.bytes(),
        }
    }

    /// A key for each owner among these values, in the order of their first appearance.
    fn draw(&self, items: &[Plain]) -> Vec<Drawn> {
        let mut seen = HashSet::new();
        let first = items
            .iter()
            .filter(|item| seen.insert((item.subject, item.category)));
        let drawn = first.map(|item| self.drawn((item.subject, item.category)));
        drawn.collect()
    }
}

/// What an epoch begins with, drawn from this source.
fn fresh(entropy: &Entropy) -> Fresh {
    let (key, nonce) = (Secret::new(entropy.bytes()), entropy.bytes());
    Fresh {
        key,
        pepper: Secret::new(entropy.bytes()),
        nonces: [nonce, entropy.bytes()],
    }
}

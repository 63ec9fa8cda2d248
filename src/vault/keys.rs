//! Data keys: read, drawn, wrapped, made an owner's. Nobody else's transaction comes between a key and its owner.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use super::{
    Claimed, Drawn, Vault, VaultError,
    blind::Claim,
    envelope::Secret,
    error::unavailable,
    provider::{self, Enclosed, Epoch, Wrapping},
    store::{Candidate, Owner, Wrapped, WrappedKeys, Writing, Written},
};

/// How often keys are wrapped again because the epoch was rolled meanwhile.
const ROLLS_MET_MAX: u32 = 8;

impl Vault {
    /// The key of each owner: the one in the store, or else the one drawn, which is in the store then.
    pub(super) async fn keys(
        &self,
        drawn: Vec<Drawn>,
    ) -> Result<HashMap<Owner, Secret>, VaultError> {
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
        keys.extend(
            self.all_unwrapped(&owners, &self.0.store.read(&owners).await?)
                .await?,
        );
        let missing: Vec<Drawn> = drawn
            .into_iter()
            .filter(|drawn| !keys.contains_key(&drawn.owner))
            .collect();
        if !missing.is_empty() {
            let owners: Vec<Owner> = missing.iter().map(|drawn| drawn.owner).collect();
            let (minted, _) = self.write(&missing, Vec::new).await?;
            keys.extend(self.all_unwrapped(&owners, &minted).await?);
        }
        Ok(keys)
    }

    /// Makes each drawn key its owner's, unless the owner has one, and each claim its subject's; wraps again where the epoch
    /// was rolled meanwhile. What stands then.
    pub(super) async fn write(
        &self,
        drawn: &[Drawn],
        claims: impl Fn() -> Vec<Claim>,
    ) -> Result<(Arc<WrappedKeys>, Vec<Claimed>), VaultError> {
        for _ in 0..ROLLS_MET_MAX {
            let epoch = self.epoch();
            let wrapped = self.wrap(drawn, epoch).await?;
            let candidates = drawn.iter().zip(wrapped).map(|(drawn, bytes)| Candidate {
                owner: drawn.owner,
                bytes,
            });
            let writing = Writing {
                epoch,
                candidates: candidates.collect(),
                claims: claims(),
            };
            match self.0.store.write(writing).await? {
                Written::Moved => self.refresh().await?,
                Written::Done {
                    keys,
                    claimed,
                    fenced,
                } => {
                    let mut subjects = drawn.iter().map(|drawn| drawn.owner.0);
                    return match subjects.find(|subject| fenced.contains(subject)) {
                        Some(subject) => Err(VaultError::Destroyed { subject }),
                        None => Ok((keys, claimed)),
                    };
                }
            }
        }
        Err(unavailable("its epoch keeps being rolled"))
    }

    /// Keys wrapped in an epoch, in their order.
    pub(super) async fn wrap(
        &self,
        drawn: &[Drawn],
        epoch: Epoch,
    ) -> Result<Vec<Vec<u8>>, VaultError> {
        if drawn.is_empty() {
            return Ok(Vec::new());
        }
        let bare = drawn.iter().map(|drawn| provider::Bare {
            bound: provider::bound(&self.wrapping(drawn.owner, epoch)),
            nonce: drawn.nonce,
            key: &drawn.key,
        });
        self.0.provider.wrap(epoch, bare.collect()).await
    }

    /// The keys of those owners who have one.
    pub(super) async fn all_unwrapped(
        &self,
        owners: &[Owner],
        found: &WrappedKeys,
    ) -> Result<HashMap<Owner, Secret>, VaultError> {
        let having: HashSet<Owner> = owners
            .iter()
            .filter(|owner| found.contains_key(owner))
            .copied()
            .collect();
        let mut by_epoch: HashMap<Epoch, Vec<(Owner, &Wrapped)>> = HashMap::new();
        for owner in having {
            let wrapped = &found[&owner];
            by_epoch
                .entry(wrapped.epoch)
                .or_default()
                .push((owner, wrapped));
        }
        let mut keys = HashMap::new();
        for (epoch, of) in by_epoch {
            let enclosed = of.iter().map(|(owner, wrapped)| Enclosed {
                bound: provider::bound(&self.wrapping(*owner, epoch)),
                wrapped: &wrapped.bytes,
            });
            let opened = self.0.provider.unwrap(epoch, enclosed.collect()).await?;
            for ((owner, _), key) in of.iter().zip(opened) {
                let (subject, category) = *owner;
                let key = key.ok_or(VaultError::Unwrap {
                    subject,
                    category,
                    epoch,
                })?;
                keys.insert(*owner, key);
            }
        }
        Ok(keys)
    }

    pub(super) async fn unwrapped(
        &self,
        owner: Owner,
        wrapped: &Wrapped,
    ) -> Result<Secret, VaultError> {
        let (subject, category) = owner;
        let epoch = wrapped.epoch;
        let wrapping = self.wrapping(owner, epoch);
        let key = self
            .0
            .provider
            .unwrap_one(&wrapping, &wrapped.bytes)
            .await?;
        key.ok_or(VaultError::Unwrap {
            subject,
            category,
            epoch,
        })
    }

    pub(super) fn wrapping(&self, (subject, category): Owner, epoch: Epoch) -> Wrapping<'_> {
        Wrapping::DataKey {
            origin: &self.0.origin,
            epoch,
            subject,
            category,
        }
    }
}

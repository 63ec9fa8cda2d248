//! What keeps a vault in order, and what destroys: keys that nobody came to use, the fence, the file on disk.

use std::{collections::HashSet, time::Duration};

use qonys_events::{fault::Fault, id::Ref, scalar::Position};

use super::{Minting, Owner, Vault, VaultError};

impl Vault {
    /// Keys that were made together at least so long ago, of which nobody has looked yet whether they are used.
    ///
    /// # Errors
    /// [`VaultError::Unavailable`].
    pub async fn mintings(&self, older_than: Duration) -> Result<Vec<Minting>, VaultError> {
        self.0.store.mintings(older_than).await
    }

    /// Deletes the keys of a minting that nobody came to use, with what the blind index says of their subjects, and forgets
    /// the minting. A subject that was claimed more recently keeps both.
    ///
    /// # Errors
    /// [`VaultError::Unavailable`].
    pub async fn swept(
        &self,
        minting: &Minting,
        unused: &[Owner],
        older_than: Duration,
    ) -> Result<(), VaultError> {
        self.0.store.swept(minting, unused, older_than).await
    }

    /// Those of these owners who have no key, or whose data are destroyed.
    ///
    /// # Errors
    /// [`VaultError::Unavailable`].
    pub async fn without_key(&self, owners: &[Owner]) -> Result<HashSet<Owner>, VaultError> {
        if owners.is_empty() {
            return Ok(HashSet::new());
        }
        let found = self.0.store.read(owners).await?;
        let without = owners.iter().filter(|owner| !found.contains_key(owner));
        Ok(without.copied().collect())
    }

    /// Destroys every key of these subjects and what the blind index says of them, and fences them off: none of them gets a
    /// key again. Durable; may be repeated. Each with the position of the entry that orders it. Gives how many keys there
    /// were.
    ///
    /// # Errors
    /// [`VaultError::Unavailable`].
    pub async fn destroy(&self, subjects: &[(Ref, Position)]) -> Result<u64, VaultError> {
        if subjects.is_empty() || Fault::P7.planted() {
            return Ok(0);
        }
        for (subject, _) in subjects {
            self.0.spares.forget(*subject);
        }
        self.0.store.destroy(subjects).await
    }

    /// Every subject whose data are destroyed, as far as the vault knows.
    ///
    /// # Errors
    /// [`VaultError::Unavailable`].
    pub async fn fence(&self) -> Result<Vec<(Ref, Position)>, VaultError> {
        self.0.store.fence().await
    }

    /// Brings every key into the one file of the vault, so that nothing waits beside it for the next start.
    ///
    /// # Errors
    /// [`VaultError::Unavailable`].
    pub async fn write_back(&self) -> Result<(), VaultError> {
        self.0.store.write_back().await
    }
}

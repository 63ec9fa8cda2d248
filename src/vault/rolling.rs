//! Rolling the epoch: a new key-encryption key and a new pepper, everything that lives wrapped and hashed again, the old ones
//! destroyed. Whatever was destroyed before stays so in every copy of the vault that is older: nobody holds the key that
//! opens it. It goes on where it was interrupted, and beside a register that is running.

use qonys_events::term::SlotCategory;

use super::{Vault, VaultError, blind, fresh, opening, provider::Epoch, store::Owner};

/// Keys and rows that one step takes.
const STEP: i64 = 1_000;
/// How often what others wrote meanwhile is taken in before the old key is destroyed.
const ROUNDS_MAX: u32 = 100;

/// What a roll did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rolled {
    /// The epoch that it is now.
    pub epoch: u32,
    /// Data keys that were wrapped again.
    pub keys: u64,
    /// Rows of the blind index that were hashed again.
    pub numbers: u64,
}

impl Vault {
    /// Rolls the epoch, or brings one that was interrupted to its end. `told` hears how many keys are done.
    ///
    /// # Errors
    /// [`VaultError::Unwrap`] for a key that does not open: nothing is destroyed then. [`VaultError::KeyFile`],
    /// [`VaultError::Unavailable`].
    pub async fn roll(&self, told: impl Fn(u64)) -> Result<Rolled, VaultError> {
        self.refresh().await?;
        let tables = self.0.store.tables();
        let last = self.epoch();
        if tables.peppers().await?.len() < 2 {
            let entropy = self.0.entropy.derived("epoch", last + 1);
            let (provider, origin) = (&*self.0.provider, &self.0.origin);
            let fresh = fresh(&entropy);
            // Where another process was faster, its roll is brought to its end.
            tables
                .advance(Some(last), async || {
                    opening::begin(provider, origin, last + 1, &fresh).await
                })
                .await?;
        }
        self.refresh().await?;
        let epoch = self.epoch();
        let mut rolled = Rolled {
            epoch,
            keys: 0,
            numbers: 0,
        };
        for _ in 0..ROUNDS_MAX {
            rolled.keys += self.rewrap(epoch, |keys| told(rolled.keys + keys)).await?;
            rolled.numbers += self.rename(epoch).await?;
            let provider = &self.0.provider;
            let finished = tables
                .finish(epoch, async || provider.end_before(epoch).await)
                .await?;
            if finished {
                self.refresh().await?;
                self.write_back().await?;
                return Ok(rolled);
            }
        }
        Err(super::error::unavailable(
            "keys keep coming that are wrapped in an older epoch",
        ))
    }

    /// Wraps every key of an older epoch in this one.
    async fn rewrap(&self, epoch: Epoch, told: impl Fn(u64)) -> Result<u64, VaultError> {
        let tables = self.0.store.tables();
        let mut after = (String::new(), String::new());
        let mut done = 0;
        loop {
            let page = tables.older_keys(after.clone(), epoch, STEP).await?;
            let Some((last, _)) = page.last() else {
                return Ok(done);
            };
            after = (last.0.to_string(), last.1.to_string());
            let owners: Vec<Owner> = page.iter().map(|(owner, _)| *owner).collect();
            let found = page.into_iter().collect();
            let mut keys = self.all_unwrapped(&owners, &found).await?;
            let drawn = owners.iter().filter_map(|owner| {
                Some(super::Drawn {
                    owner: *owner,
                    key: keys.remove(owner)?,
                    nonce: self.0.entropy.bytes(),
                })
            });
            let drawn: Vec<super::Drawn> = drawn.collect();
            let wrapped = self.wrap(&drawn, epoch).await?;
            let rows: Vec<(Owner, Vec<u8>)> =
                drawn.iter().map(|drawn| drawn.owner).zip(wrapped).collect();
            tables.rewrap(&rows, epoch).await?;
            done += rows.len() as u64;
            told(done);
        }
    }

    /// Hashes every number under the pepper of this epoch. A row whose subject has no key any more goes.
    async fn rename(&self, epoch: Epoch) -> Result<u64, VaultError> {
        let tables = self.0.store.tables();
        let origin = &self.0.origin;
        let peppers = self.peppers();
        let pepper = peppers
            .iter()
            .find(|pepper| pepper.epoch == epoch)
            .ok_or_else(|| self.0.provider.without(epoch))?;
        let mut done = 0;
        loop {
            let page = tables.older_blind(epoch, STEP).await?;
            if page.is_empty() {
                return Ok(done);
            }
            let owners: Vec<Owner> = page
                .iter()
                .map(|row| (row.subject, SlotCategory::Identity))
                .collect();
            let keys = self
                .all_unwrapped(&owners, &self.0.store.read(&owners).await?)
                .await?;
            let (mut renamed, mut dropped) = (Vec::new(), Vec::new());
            for row in page {
                let key = keys.get(&(row.subject, SlotCategory::Identity));
                let number = key.and_then(|key| {
                    blind::open(origin, key, (&row.name, row.subject), &row.sealed)
                });
                match number {
                    Some(number) => {
                        let value = pepper.value(origin, &row.name, &number);
                        renamed.push((row, value));
                    }
                    None => dropped.push(row),
                }
            }
            tables.rename(&renamed, &dropped, epoch).await?;
            done += renamed.len() as u64;
        }
    }
}

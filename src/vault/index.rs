//! Asking the blind index: who stands for a number, and whose reference a person who is recorded gets.

use std::collections::{HashMap, hash_map::Entry};

use qonys_events::{id::Ref, term::SlotCategory};

use super::{
    Claimed, Drawn, Number, Secret, Vault, VaultError,
    blind::{self, Claim, Row},
    error::unavailable,
    store::Owner,
};

/// The numbers that a command names for a subject.
pub struct Ask {
    /// The subject: a reference that may be a new person's, or a known one.
    pub subject: Ref,
    /// The command.
    pub command: Ref,
    /// Its numbers, the strongest first.
    pub numbers: Vec<Number>,
}

/// How often a claim is sealed again because somebody else made the subject's key meanwhile.
const ATTEMPTS_MAX: u32 = 3;

impl Vault {
    /// Who stands for the numbers of each of these: whoever stood for one before, or else the subject itself, which stands for
    /// them from now on. Durable on return, all of a call in one transaction with the keys that it needs: the same person who
    /// is recorded twice at once, by two processes, has one reference.
    ///
    /// # Errors
    /// [`VaultError::Destroyed`], [`VaultError::Unwrap`], [`VaultError::Unavailable`].
    pub async fn claim(&self, asks: &[Ask]) -> Result<Vec<Claimed>, VaultError> {
        for _ in 0..ATTEMPTS_MAX {
            let (keys, drawn) = self.keys_of(asks).await?;
            let claims = || asks.iter().map(|ask| self.claim_of(ask, &keys)).collect();
            let (written, claimed) = self.write(&drawn, claims).await?;
            let owners: Vec<Owner> = drawn.iter().map(|drawn| drawn.owner).collect();
            let stand = self.all_unwrapped(&owners, &written).await?;
            let ours = drawn.iter().all(|drawn| {
                let stands = stand.get(&drawn.owner);
                stands.is_some_and(|key| key.bytes() == drawn.key.bytes())
            });
            if ours {
                for (ask, claimed) in asks.iter().zip(&claimed) {
                    if claimed.subject != ask.subject {
                        self.0.spares.forget(ask.subject);
                    }
                }
                return Ok(claimed);
            }
        }
        Err(unavailable("the keys of a subject keep changing"))
    }

    /// The keys of the subjects, and those of them that are drawn now and not written yet.
    async fn keys_of(
        &self,
        asks: &[Ask],
    ) -> Result<(HashMap<Owner, Secret>, Vec<Drawn>), VaultError> {
        let mut keys = HashMap::new();
        let mut unknown: Vec<Owner> = Vec::new();
        for ask in asks {
            let owner = (ask.subject, SlotCategory::Identity);
            match self.0.spares.peek(owner) {
                Some(key) => drop(keys.insert(owner, key)),
                None if unknown.contains(&owner) => {}
                None => unknown.push(owner),
            }
        }
        let mut drawn = Vec::new();
        if !unknown.is_empty() {
            let found = self.0.store.read(&unknown).await?;
            keys.extend(self.all_unwrapped(&unknown, &found).await?);
            for owner in unknown {
                if let Entry::Vacant(place) = keys.entry(owner) {
                    let one = self.drawn(owner);
                    place.insert(one.key.copy());
                    drawn.push(one);
                }
            }
        }
        Ok((keys, drawn))
    }

    fn claim_of(&self, ask: &Ask, keys: &HashMap<Owner, Secret>) -> Claim {
        let (peppers, origin) = (self.peppers(), &self.0.origin);
        let mut claim = Claim {
            subject: ask.subject,
            command: ask.command,
            rows: Vec::new(),
            known: Vec::new(),
        };
        let Some(key) = keys.get(&(ask.subject, SlotCategory::Identity)) else {
            return claim;
        };
        for number in &ask.numbers {
            let hashes = peppers
                .iter()
                .map(|pepper| pepper.value(origin, number.name, &number.value));
            let hashes: Vec<Vec<u8>> = hashes.collect();
            if number.sole {
                let known = hashes
                    .iter()
                    .map(|hash| (number.name.to_owned(), hash.clone()));
                claim.known.extend(known);
            }
            let of = (number.name, ask.subject);
            let entropy = self
                .0
                .entropy
                .derived("number", format!("{}/{}", ask.command, number.name));
            claim
                .rows
                .extend(hashes.into_iter().next().map(|value| Row {
                    name: number.name.to_owned(),
                    value,
                    place: if number.sole {
                        String::new()
                    } else {
                        ask.subject.to_string()
                    },
                    subject: ask.subject,
                    sealed: blind::seal(origin, key, entropy.bytes(), of, &number.value),
                }));
        }
        claim
    }

    /// What the command says about its subject replaces what the blind index said; the entry stands. What others are about
    /// to say is left.
    ///
    /// # Errors
    /// [`VaultError::KeyMissing`] once the key is destroyed; [`VaultError::Unwrap`], [`VaultError::Unavailable`].
    pub async fn replace_numbers(&self, ask: &Ask) -> Result<(), VaultError> {
        let owner = (ask.subject, SlotCategory::Identity);
        let found = self.0.store.read(&[owner]).await?;
        let keys = self.all_unwrapped(&[owner], &found).await?;
        if keys.is_empty() {
            let (subject, category) = owner;
            return Err(VaultError::KeyMissing { subject, category });
        }
        self.refresh().await?;
        let claim = self.claim_of(ask, &keys);
        self.0
            .store
            .replace(ask.subject, ask.command, claim, self.epoch())
            .await
    }

    /// The subjects that stand for a number. Nothing is written.
    ///
    /// # Errors
    /// [`VaultError::Unavailable`].
    pub async fn find(&self, numbers: &[Number]) -> Result<Vec<Ref>, VaultError> {
        self.refresh().await?;
        let peppers = self.peppers();
        let values: Vec<(String, Vec<u8>)> = numbers
            .iter()
            .flat_map(|number| {
                peppers.iter().map(|pepper| {
                    let value = pepper.value(&self.0.origin, number.name, &number.value);
                    (number.name.to_owned(), value)
                })
            })
            .collect();
        let mut found: Vec<Ref> = self
            .0
            .store
            .find(&values)
            .await?
            .iter()
            .map(|row| row.subject)
            .collect();
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }

    /// Commands that brought numbers at least so long ago, each with its subject, of which it is not known whether they stand
    /// in the log.
    ///
    /// # Errors
    /// [`VaultError::Unavailable`].
    pub async fn unsettled(
        &self,
        older_than: std::time::Duration,
        at_most: u32,
    ) -> Result<Vec<(Ref, Ref)>, VaultError> {
        self.0.store.unsettled(older_than, i64::from(at_most)).await
    }

    /// These commands stand in the log, about these subjects.
    ///
    /// # Errors
    /// [`VaultError::Unavailable`].
    pub async fn settle(&self, brought: &[(Ref, Ref)]) -> Result<(), VaultError> {
        self.0.store.settle(brought).await
    }

    /// What was claimed for subjects that nobody recorded is given up.
    ///
    /// # Errors
    /// [`VaultError::Unavailable`].
    pub async fn abandon(
        &self,
        subjects: &[Ref],
        older_than: std::time::Duration,
    ) -> Result<(), VaultError> {
        self.0.store.abandon(subjects, older_than).await
    }
}

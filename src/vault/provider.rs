//! Who holds the key-encryption keys and wraps data keys with them.
//!
//! One key per epoch. Rolling the epoch makes a new one, wraps everything that lives with it and destroys the old one: a copy
//! of the vault that was made before opens nothing any more. A file holds the keys ([`file`]), or a token that speaks
//! PKCS#11 ([`token`]); the trait asks for many keys at once and waits for the answer, so that a service elsewhere fits it too.

use std::pin::Pin;

use qonys_events::{
    id::{Origin, Ref},
    term::SlotCategory,
};

use super::{
    VaultError,
    envelope::{Secret, framed},
};

pub(super) mod file;
pub(super) mod token;

/// The lifetime of one key-encryption key: 1, 2, 3 …
pub(super) type Epoch = u32;
/// The epoch that a new vault begins with.
pub(super) const FIRST_EPOCH: Epoch = 1;

/// What a wrapped key is bound to.
pub(super) enum Wrapping<'a> {
    /// The data key of a subject and category.
    DataKey {
        origin: &'a Origin,
        epoch: Epoch,
        subject: Ref,
        category: SlotCategory,
    },
    /// No key at all: 32 zeros, which show at the next start that the provider holds the right key.
    Probe { origin: &'a Origin, epoch: Epoch },
    /// The key of the blind index in an epoch.
    Pepper { origin: &'a Origin, epoch: Epoch },
}

impl Wrapping<'_> {
    fn bound(&self) -> Vec<u8> {
        let of_epoch = |tag, origin: &Origin, epoch: &Epoch| {
            let parts = [origin.as_str(), &epoch.to_string()];
            framed(tag, &parts.map(str::as_bytes))
        };
        match self {
            Self::DataKey {
                origin,
                epoch,
                subject,
                category,
            } => {
                let (epoch, subject) = (epoch.to_string(), subject.to_string());
                let parts = [origin.as_str(), &epoch, &subject, category.as_str()];
                framed("qonys/data-key/1", &parts.map(str::as_bytes))
            }
            Self::Probe { origin, epoch } => of_epoch("qonys/epoch/1", origin, epoch),
            Self::Pepper { origin, epoch } => of_epoch("qonys/pepper/1", origin, epoch),
        }
    }

    fn epoch(&self) -> Epoch {
        match self {
            Self::DataKey { epoch, .. }
            | Self::Probe { epoch, .. }
            | Self::Pepper { epoch, .. } => *epoch,
        }
    }
}

/// A key on its way to its provider.
pub(super) struct Bare<'a> {
    pub(super) bound: Vec<u8>,
    /// Random bytes that a provider without chance of its own may use.
    pub(super) nonce: [u8; 12],
    pub(super) key: &'a Secret,
}

/// A wrapped key on its way to its provider.
pub(super) struct Enclosed<'a> {
    pub(super) bound: Vec<u8>,
    pub(super) wrapped: &'a [u8],
}

/// The answer of a provider, which may be far away.
pub(super) type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, VaultError>> + Send + 'a>>;

/// A holder of key-encryption keys.
pub(super) trait Provider: Send + Sync {
    /// The name that the vault remembers for an epoch.
    fn name(&self) -> &'static str;

    /// Makes the key of an epoch, durable on return; one that exists is left. `fresh` is for providers that draw no keys
    /// themselves. Called with the vault's write lock held.
    fn begin(&self, epoch: Epoch, fresh: Secret) -> Answer<'_, ()>;

    /// Whether it holds the key of an epoch.
    fn holds(&self, epoch: Epoch) -> Answer<'_, bool>;

    /// Wraps keys, in their order.
    fn wrap<'a>(&'a self, epoch: Epoch, keys: Vec<Bare<'a>>) -> Answer<'a, Vec<Vec<u8>>>;

    /// Unwraps keys, in their order; none for what is not wrapped in this epoch, or for something else.
    fn unwrap<'a>(
        &'a self,
        epoch: Epoch,
        wrapped: Vec<Enclosed<'a>>,
    ) -> Answer<'a, Vec<Option<Secret>>>;

    /// Destroys the keys of every epoch before this one, for good. Called with the vault's write lock held.
    fn end_before(&self, epoch: Epoch) -> Answer<'_, ()>;

    /// What is said of a provider that does not hold the key that the vault needs.
    fn without(&self, epoch: Epoch) -> VaultError;
}

impl dyn Provider + '_ {
    /// Wraps one key.
    pub(super) async fn wrap_one(
        &self,
        wrapping: &Wrapping<'_>,
        nonce: [u8; 12],
        key: &Secret,
    ) -> Result<Vec<u8>, VaultError> {
        let bound = wrapping.bound();
        let mut wrapped = self
            .wrap(wrapping.epoch(), vec![Bare { bound, nonce, key }])
            .await?;
        wrapped.pop().ok_or_else(|| no_answer(self.name()))
    }

    /// Unwraps one key.
    pub(super) async fn unwrap_one(
        &self,
        wrapping: &Wrapping<'_>,
        wrapped: &[u8],
    ) -> Result<Option<Secret>, VaultError> {
        let bound = wrapping.bound();
        let asked = vec![Enclosed { bound, wrapped }];
        let mut keys = self.unwrap(wrapping.epoch(), asked).await?;
        keys.pop().ok_or_else(|| no_answer(self.name()))
    }

    /// The probe of an epoch.
    pub(super) async fn probe(
        &self,
        origin: &Origin,
        epoch: Epoch,
        nonce: [u8; 12],
    ) -> Result<Vec<u8>, VaultError> {
        let zeros = Secret::new([0; 32]);
        self.wrap_one(&Wrapping::Probe { origin, epoch }, nonce, &zeros)
            .await
    }

    /// Checks that the provider holds the key of the epoch that the probe was made in.
    pub(super) async fn check(
        &self,
        origin: &Origin,
        epoch: Epoch,
        probe: &[u8],
    ) -> Result<(), VaultError> {
        let opened = self
            .unwrap_one(&Wrapping::Probe { origin, epoch }, probe)
            .await?;
        opened.map(drop).ok_or_else(|| self.without(epoch))
    }
}

/// What a wrapped key is bound to, for many at once.
pub(super) fn bound(wrapping: &Wrapping<'_>) -> Vec<u8> {
    wrapping.bound()
}

fn no_answer(name: &str) -> VaultError {
    VaultError::Unavailable(format!("the provider {name} gave no answer"))
}

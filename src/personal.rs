//! Personal values at the moment of reading: found by a number, opened for whoever may see them. Whether somebody may, and the
//! record of it, is the business of whoever calls; nothing that is opened here is kept. Blocked data are shown to nobody, and
//! of destroyed ones there is nothing to show: the log itself says so, not a view that may be behind.

use qonys_events::{
    entry::Entry,
    event::Event,
    fact::Fact,
    id::{Ref, StreamId, StreamKind},
    scalar::{Position, Slug, StreamSeq},
    slot::Slot,
    term::SlotCategory,
};
use zeroize::Zeroizing;

use crate::{
    dispatch::searched,
    log::{Log, LogError},
    vault::{Vault, VaultError},
};

/// Entries of a stream that are read at a time.
const PAGE: u32 = 1_000;

/// A personal value that was opened. Its `Debug` leaves the value out.
pub struct Opened {
    /// The entry that shows its slot.
    pub position: Position,
    /// What it is.
    pub name: Slug,
    /// Its category.
    pub category: SlotCategory,
    /// The value: wiped when dropped.
    pub value: Zeroizing<String>,
}

impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Opened")
            .field("position", &self.position)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// A person who is known by a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// Who.
    pub person: Ref,
    /// Whether the reference may be told: not while the data are blocked.
    pub told: bool,
}

/// Why nothing is opened.
#[derive(Debug, thiserror::Error)]
pub enum Closed {
    /// Nobody and nothing is recorded under this reference.
    #[error("nothing is recorded under this reference")]
    NotFound,
    /// The data are blocked.
    #[error("the data are blocked")]
    Blocked,
    /// The data are destroyed.
    #[error("the data are destroyed")]
    Destroyed,
    /// The log cannot be read.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The vault cannot be read, or something in it is not what it was.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// The door to personal values. Cheap to clone.
#[derive(Clone)]
pub struct Personal {
    log: Log,
    vault: Vault,
}

/// What a stream says of its subject's data: the last values of each name, and whether they may be shown.
#[derive(Default)]
struct Shown {
    exists: bool,
    blocked: bool,
    destroyed: bool,
    slots: Vec<(Position, Ref, Slot)>,
}

impl Shown {
    fn apply(&mut self, position: Position, command: Ref, event: &Event) {
        self.exists = true;
        let slots = match &event.fact {
            Fact::DataBlocked(_) => return self.blocked = true,
            Fact::DataUnblocked(_) => return self.blocked = false,
            Fact::DataDestroyed(_) | Fact::DwellingDataDestroyed(_) => {
                return self.destroyed = true;
            }
            Fact::PersonRecorded(fact) => &fact.slots,
            Fact::DwellingRecorded(fact) => &fact.slots,
            Fact::NationalityDetermined(fact) => &fact.slots,
            _ => return,
        };
        // A correction is a full new fact: of each kind of fact the last one speaks.
        let kind = event.fact.type_name();
        if kind == "kz.qonys.person.recorded.v1" || kind == "kz.qonys.dwelling.recorded.v1" {
            self.slots.clear();
        }
        for slot in slots {
            self.slots.retain(|(_, _, kept)| kept.name != slot.name);
            self.slots.push((position, command, slot.clone()));
        }
    }
}

impl Personal {
    /// The values that log and vault hold.
    pub fn new(log: Log, vault: Vault) -> Self {
        Self { log, vault }
    }

    /// The persons who are known by an IIN or a document number: references alone, of whom the log says that they are
    /// recorded. A number is a value too: whose data are blocked is told to nobody by it either.
    ///
    /// # Errors
    /// [`Closed::Vault`], [`Closed::Log`].
    pub async fn search(
        &self,
        iin: Option<&str>,
        document: Option<&str>,
    ) -> Result<Vec<Ref>, Closed> {
        let known = self.known_by(iin, document).await?;
        let told = known.into_iter().filter(|found| found.told);
        Ok(told.map(|found| found.person).collect())
    }

    /// As [`Personal::search`], with those who are not told: that somebody looked for them is recorded all the same.
    ///
    /// # Errors
    /// As [`Personal::search`].
    pub async fn known_by(
        &self,
        iin: Option<&str>,
        document: Option<&str>,
    ) -> Result<Vec<Found>, Closed> {
        let mut found = Vec::new();
        for person in self.vault.find(&searched(iin, document)).await? {
            let stream = StreamId::of(StreamKind::Person, person);
            let shown = self.shown(&stream).await?;
            // Whoever is on the way into the log is nobody yet.
            if shown.exists && !shown.destroyed {
                let told = !shown.blocked;
                found.push(Found { person, told });
            }
        }
        Ok(found)
    }

    /// Opens what is recorded of a person now: every value, or those of these names.
    ///
    /// # Errors
    /// [`Closed`] says why not.
    pub async fn person(&self, person: Ref, names: Option<&[Slug]>) -> Result<Vec<Opened>, Closed> {
        self.open(&StreamId::of(StreamKind::Person, person), names)
            .await
    }

    /// Opens what is recorded of a dwelling now.
    ///
    /// # Errors
    /// [`Closed`] says why not.
    pub async fn dwelling(
        &self,
        dwelling: Ref,
        names: Option<&[Slug]>,
    ) -> Result<Vec<Opened>, Closed> {
        self.open(&StreamId::of(StreamKind::Dwelling, dwelling), names)
            .await
    }

    async fn open(&self, stream: &StreamId, names: Option<&[Slug]>) -> Result<Vec<Opened>, Closed> {
        let shown = self.shown(stream).await?;
        match shown {
            Shown { exists: false, .. } => return Err(Closed::NotFound),
            Shown {
                destroyed: true, ..
            } => return Err(Closed::Destroyed),
            Shown { blocked: true, .. } => return Err(Closed::Blocked),
            _ => {}
        }
        let mut opened = Vec::new();
        let wanted = |name: &Slug| names.is_none_or(|names| names.contains(name));
        for (position, command, slot) in &shown.slots {
            if !wanted(&slot.name) {
                continue;
            }
            let sealed = self.log.sealed(*command, &slot.name, slot.subject).await?;
            let sealed = sealed.ok_or(VaultError::Sealed("they are not there any more"))?;
            let value = self.vault.unseal(slot, *command, &sealed.bytes).await?;
            opened.push(Opened {
                position: *position,
                name: slot.name.clone(),
                category: slot.category,
                value,
            });
        }
        // Somebody may have blocked or destroyed them while they were opened.
        match self.shown(stream).await? {
            Shown {
                destroyed: true, ..
            } => Err(Closed::Destroyed),
            Shown { blocked: true, .. } => Err(Closed::Blocked),
            _ => Ok(opened),
        }
    }

    /// Opens one slot that an entry of a command shows, of whosever it is.
    ///
    /// # Errors
    /// [`Closed`] says why not.
    pub async fn slot(&self, slot: &Slot, command: Ref) -> Result<Zeroizing<String>, Closed> {
        self.check(slot.subject).await?;
        let sealed = self.log.sealed(command, &slot.name, slot.subject).await?;
        let sealed = sealed.ok_or(Closed::Destroyed)?;
        let opened = self.vault.unseal(slot, command, &sealed.bytes).await;
        let value = match opened {
            Err(VaultError::KeyMissing { .. }) => return Err(Closed::Destroyed),
            opened => opened?,
        };
        // Somebody may have blocked or destroyed it while it was opened.
        self.check(slot.subject).await?;
        Ok(value)
    }

    /// Whether the data of a person or a dwelling may be shown.
    async fn check(&self, subject: Ref) -> Result<(), Closed> {
        for kind in [StreamKind::Person, StreamKind::Dwelling] {
            match self.shown(&StreamId::of(kind, subject)).await? {
                Shown {
                    destroyed: true, ..
                } => return Err(Closed::Destroyed),
                Shown { blocked: true, .. } => return Err(Closed::Blocked),
                _ => {}
            }
        }
        Ok(())
    }

    async fn shown(&self, stream: &StreamId) -> Result<Shown, LogError> {
        let (mut shown, mut after) = (Shown::default(), StreamSeq(0));
        loop {
            let page = self.log.read_stream(stream, after, PAGE).await?;
            let Some(last) = page.last() else {
                return Ok(shown);
            };
            after = last.streamseq;
            for recorded in &page {
                let entry = Entry::parse(&recorded.text).map_err(|error| {
                    LogError::Unavailable(format!(
                        "entry {} cannot be read: {error}",
                        recorded.position
                    ))
                })?;
                shown.apply(recorded.position, entry.command.commandid, &entry.event);
            }
        }
    }
}

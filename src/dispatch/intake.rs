//! What precedes a decision: first answers, references, seals. Done once for a batch; it survives a second decision.

use std::collections::HashMap;

use qonys_domain::{
    blocked::{Blocked, Code},
    command::Command,
    decide::{recorded, records, slot_subject},
};
use qonys_events::{
    crash::CrashPoint,
    entry::{Entry, command_hash},
    fault::Fault,
    id::Ref,
    slot::Slot,
};

use super::{
    Outcome, Stored,
    batch::Item,
    cache::Reads,
    decider::{Again, Decider},
    dry_run::stand_ins,
    request::Invalid,
};
use crate::{
    log::{Log, Recorded, SealedSlot},
    vault::{Plain, Vault, VaultError},
};

impl Decider {
    /// What precedes every decision: references and seals. Only commands that may well be stored already are looked up
    /// first: of all others the log itself says so when they are appended, and is asked before anything else is told.
    pub(super) async fn prepare(&mut self, items: &mut [Item], look_up: bool) -> Result<(), Again> {
        if self.doubtful {
            let head = self.log.head().await?;
            self.cache.reset(head);
            self.doubtful = false;
        }
        let suspects: Vec<usize> = (0..items.len())
            .filter(|&n| items[n].outcome.is_none())
            .filter(|&n| look_up || self.cache.knows(items[n].request.id))
            .collect();
        let answered = if suspects.is_empty() {
            HashMap::new()
        } else {
            let ids: Vec<Ref> = suspects.iter().map(|&n| items[n].request.id).collect();
            self.first_answers(&ids, &mut Reads::Free(&self.log.clone()))
                .await?
        };
        self.mint(items, &answered).await?;
        self.resolve(items, &answered).await?;
        self.claim_corrected(items).await?;
        self.seal(items).await
    }

    /// Settles the reference under which each command would record somebody or something new.
    async fn mint(
        &mut self,
        items: &mut [Item],
        answered: &HashMap<Ref, Vec<Recorded>>,
    ) -> Result<(), Again> {
        let fresh = |item: &&mut Item| !answered.contains_key(&item.request.id);
        let mut fresh: Vec<&mut Item> = items
            .iter_mut()
            .filter(|item| item.outcome.is_none())
            .filter(fresh)
            .collect();
        for item in &mut fresh {
            self.spare(item);
        }
        self.claim_new(&mut fresh).await
    }

    /// The entries of those commands that are stored already. What they recorded is what may be referred to.
    pub(super) async fn first_answers(
        &mut self,
        ids: &[Ref],
        reads: &mut Reads<'_>,
    ) -> Result<HashMap<Ref, Vec<Recorded>>, Again> {
        let found = reads.commands(ids).await?;
        for (id, entries) in &found {
            if let Some(subject) = subject_of(entries) {
                self.cache.remember_subject(*id, subject);
            }
        }
        Ok(found)
    }

    /// Reads again the commands that refer to one of which it is known by now that it was stored long ago, with another
    /// subject than was thought; what was sealed for that subject is sealed again.
    pub(super) async fn resolve_again(&mut self, items: &mut [Item]) -> Result<(), Again> {
        let open =
            |item: &&mut Item| item.outcome.is_none() && !item.request.refers_to().is_empty();
        for item in items.iter_mut().filter(open) {
            match item.request.command(|id| self.cache.subject(id)) {
                Ok(command) if item.command.as_ref() != Some(&command) => {
                    item.command = Some(command);
                    item.slots.clear();
                    item.sealed.clear();
                    self.seal(std::slice::from_mut(item)).await?;
                }
                // What could be read once is still known, or was forgotten since: then the first reading stands.
                _ => {}
            }
        }
        Ok(())
    }

    /// Reads the commands, with references to the subjects of earlier ones replaced.
    async fn resolve(
        &mut self,
        items: &mut [Item],
        answered: &HashMap<Ref, Vec<Recorded>>,
    ) -> Result<(), Again> {
        for item in items.iter_mut() {
            let unknown: Vec<Ref> = item
                .request
                .refers_to()
                .into_iter()
                .filter(|id| self.cache.subject(*id).is_none())
                .collect();
            if !unknown.is_empty() {
                for (id, entries) in self.log.commands(&unknown).await? {
                    if let Some(subject) = subject_of(&entries) {
                        self.cache.remember_subject(id, subject);
                    }
                }
            }
            match item.request.command(|id| self.cache.subject(id)) {
                Ok(command) => {
                    if let Some(subject) = records(&command, item.minted)
                        .filter(|_| !item.request.dry_run)
                        .filter(|_| !answered.contains_key(&item.request.id))
                    {
                        self.cache.remember_subject(item.request.id, subject);
                    }
                    item.command = Some(command);
                }
                Err(invalid) => item.outcome = Some(Outcome::Invalid(invalid)),
            }
            if let Some(entries) = answered.get(&item.request.id) {
                item.outcome = Some(first_answer(item, entries));
                compare(&self.log, self.vault.as_ref(), item, entries).await;
            }
        }
        Ok(())
    }

    /// Gives a command that records a person or a dwelling with personal values a reference whose key is durable already.
    fn spare(&self, item: &mut Item) {
        let new = matches!(
            item.request.type_name.as_str(),
            "record-person" | "record-dwelling"
        );
        let category = Command::personal_values(&item.request.type_name).first();
        let (Some(vault), Some((_, category))) = (&self.vault, category) else {
            return;
        };
        if new && !item.request.dry_run && !item.request.personal.is_empty() {
            item.minted = vault.spare(*category).unwrap_or(item.minted);
        }
    }

    /// Seals the personal values of the whole batch: their keys are durable before anything is appended.
    async fn seal(&mut self, items: &mut [Item]) -> Result<(), Again> {
        let mut plain = Vec::new();
        for item in items.iter_mut().filter(|i| i.outcome.is_none()) {
            let Some(command) = &item.command else {
                continue;
            };
            if item.request.dry_run {
                item.slots = stand_ins(command, &item.request, item.minted);
                continue;
            }
            for (name, value) in &item.request.personal {
                let category = Command::personal_values(&item.request.type_name)
                    .iter()
                    .find(|(known, _)| *known == name.as_str())
                    .map(|(_, category)| *category)
                    .expect("names of personal values were checked when the line was read");
                plain.push(Plain {
                    commandid: item.request.id,
                    name: name.clone(),
                    subject: slot_subject(command, item.minted),
                    category,
                    plaintext: value.clone(),
                });
            }
        }
        if plain.is_empty() {
            return Ok(());
        }
        let vault = self
            .vault
            .as_ref()
            .ok_or_else(|| Again::Failed("no vault is open".into()))?;
        let sealed = loop {
            match vault.seal(&plain).await {
                Ok(sealed) => break sealed,
                // The data of one subject are destroyed: that harms no neighbour.
                Err(VaultError::Destroyed { subject }) => {
                    refuse_destroyed(items, subject);
                    plain.retain(|plain| plain.subject != subject);
                }
                Err(error) => return Err(Again::Failed(format!("the vault: {error}"))),
            }
        };
        CrashPoint::KeysAppend.reach();
        let mut by_command: HashMap<Ref, Vec<_>> = HashMap::new();
        for (plain, sealed) in plain.iter().zip(sealed) {
            by_command.entry(plain.commandid).or_default().push(sealed);
        }
        for item in items.iter_mut() {
            for sealed in by_command.remove(&item.request.id).unwrap_or_default() {
                item.sealed.push(SealedSlot {
                    commandid: item.request.id,
                    name: sealed.slot.name.clone(),
                    subject: sealed.slot.subject,
                    hash: sealed.hash,
                    bytes: sealed.bytes,
                });
                item.slots.push(sealed.slot);
            }
        }
        Ok(())
    }
}

/// Whoever would seal something for a subject whose data are destroyed is told so.
fn refuse_destroyed(items: &mut [Item], subject: Ref) {
    for item in items.iter_mut().filter(|item| item.outcome.is_none()) {
        let about = item
            .command
            .as_ref()
            .map(|command| slot_subject(command, item.minted));
        if about == Some(subject) && !item.request.personal.is_empty() {
            let blocked = Blocked::control(Code::DataDestroyed).with("person", subject);
            item.outcome = Some(Outcome::Blocked(Box::new(blocked)));
        }
    }
}

/// What a stored command recorded.
fn subject_of(entries: &[Recorded]) -> Option<Ref> {
    entries
        .iter()
        .find_map(|entry| recorded(&Entry::parse(&entry.text).ok()?.event))
}

/// Whether the personal values of a command that is stored are those that were sent now: the command's hash covers none of
/// them. Where they are destroyed nobody can tell, and the answer says so.
pub(super) async fn compare(
    log: &Log,
    vault: Option<&Vault>,
    item: &mut Item,
    entries: &[Recorded],
) {
    let (Some(Outcome::Duplicate(stored)), Some(vault)) = (&item.outcome, vault) else {
        return;
    };
    let mut stored = stored.clone();
    for slot in entries.iter().flat_map(slots_of) {
        let Some(sent) = item.request.personal.get(&slot.name) else {
            continue;
        };
        let sealed = match log.sealed(item.request.id, &slot.name, slot.subject).await {
            Ok(Some(sealed)) => sealed,
            // What cannot be read now is not held against the sender.
            Err(_) => continue,
            Ok(None) => {
                stored.not_comparable = true;
                continue;
            }
        };
        match vault.unseal(&slot, item.request.id, &sealed.bytes).await {
            Ok(value) if value.as_str() == sent.as_str() => {}
            Ok(_) => {
                item.outcome = Some(reused());
                return;
            }
            Err(VaultError::KeyMissing { .. }) => stored.not_comparable = true,
            Err(_) => {}
        }
    }
    item.outcome = Some(Outcome::Duplicate(stored));
}

/// The slots that an entry shows.
fn slots_of(recorded: &Recorded) -> Vec<Slot> {
    #[derive(serde::Deserialize)]
    struct Data {
        #[serde(default)]
        slots: Vec<Slot>,
    }
    #[derive(serde::Deserialize)]
    struct Shown {
        data: Data,
    }
    let shown = serde_json::from_str::<Shown>(&recorded.text);
    shown.map(|shown| shown.data.slots).unwrap_or_default()
}

fn reused() -> Outcome {
    Outcome::Invalid(Invalid::new(
        "command-id-reused",
        "/id",
        "this id stands for another command",
    ))
}

/// The first answer again; or, when the stored command is another one, the word that its id is taken.
pub(super) fn first_answer(item: &Item, entries: &[Recorded]) -> Outcome {
    let first = entries.first();
    let read = first.and_then(|first| Entry::parse(&first.text).ok());
    let stored = Stored {
        source: first
            .filter(|first| first.kept)
            .and(read.as_ref())
            .map(|entry| entry.command.source.clone()),
        positions: entries.iter().map(|e| e.position).collect(),
        streams: entries
            .iter()
            .map(|e| (e.stream.to_string(), e.streamseq))
            .collect(),
        not_comparable: false,
    };
    match read.zip(item.command.as_ref()) {
        Some((entry, command)) => {
            let hash = command_hash(entry.command.nonce, &item.request.hashed_bytes(command));
            if Fault::P3.planted() {
                Outcome::Accepted(stored)
            } else if hash == entry.command.commandhash {
                Outcome::Duplicate(stored)
            } else {
                reused()
            }
        }
        None => Outcome::Invalid(Invalid::new(
            "command-id-reused",
            "/id",
            "this id stands for a command that could be read",
        )),
    }
}

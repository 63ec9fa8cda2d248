//! What precedes a decision: first answers, references, seals. Done once for a batch; it survives a second decision.

use std::collections::HashMap;

use qonys_domain::{
    command::Command,
    decide::{recorded, records, slot_subject},
};
use qonys_events::{
    entry::{Entry, command_hash},
    fault::Fault,
    id::Ref,
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
    log::{Recorded, SealedSlot},
    vault::Plain,
};

impl Decider {
    /// What precedes every decision: first answers, references, seals.
    pub(super) async fn prepare(&mut self, items: &mut [Item]) -> Result<(), Again> {
        if self.doubtful {
            let head = self.log.head().await?;
            self.cache.reset(head);
            self.doubtful = false;
        }
        let answered = self
            .first_answers(items, &mut Reads::Free(&self.log.clone()))
            .await?;
        self.resolve(items, &answered).await?;
        self.seal(items).await
    }

    /// Answers the commands that are stored already.
    pub(super) async fn first_answers(
        &mut self,
        items: &mut [Item],
        reads: &mut Reads<'_>,
    ) -> Result<HashMap<Ref, Vec<Recorded>>, Again> {
        let ids: Vec<Ref> = items
            .iter()
            .filter(|i| i.outcome.is_none())
            .map(|i| i.request.id)
            .collect();
        let found = reads.commands(&ids).await?;
        for item in items.iter_mut().filter(|i| i.outcome.is_none()) {
            let Some(entries) = found.get(&item.request.id) else {
                continue;
            };
            if let Some(subject) = subject_of(entries) {
                self.cache.remember_subject(item.request.id, subject);
            }
        }
        Ok(found)
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
            if let Some(entries) = answered.get(&item.request.id)
                && !Fault::P3.planted()
            {
                item.outcome = Some(first_answer(item, entries));
            }
        }
        Ok(())
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
        let sealed = vault
            .seal(&plain)
            .await
            .map_err(|e| Again::Failed(format!("the vault: {e}")))?;
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

/// What a stored command recorded.
fn subject_of(entries: &[Recorded]) -> Option<Ref> {
    entries
        .iter()
        .find_map(|entry| recorded(&Entry::parse(&entry.text).ok()?.event))
}

/// The first answer again; or, when the stored command is another one, the word that its id is taken.
pub(super) fn first_answer(item: &Item, entries: &[Recorded]) -> Outcome {
    let stored = Stored {
        positions: entries.iter().map(|e| e.position).collect(),
        streams: entries
            .iter()
            .map(|e| (e.stream.to_string(), e.streamseq))
            .collect(),
    };
    let same = entries
        .first()
        .and_then(|first| Entry::parse(&first.text).ok())
        .zip(item.command.as_ref());
    match same {
        Some((entry, command)) => {
            let hash = command_hash(entry.command.nonce, &item.request.hashed_bytes(command));
            if hash == entry.command.commandhash {
                Outcome::Duplicate(stored)
            } else {
                Outcome::Invalid(Invalid::new(
                    "command-id-reused",
                    "/id",
                    "this id stands for another command",
                ))
            }
        }
        None => Outcome::Invalid(Invalid::new(
            "command-id-reused",
            "/id",
            "this id stands for a command that could be read",
        )),
    }
}

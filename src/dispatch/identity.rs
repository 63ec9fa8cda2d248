//! Who a number stands for. A person who is recorded gets the reference that the vault's blind index keeps for his number,
//! or a new one that it keeps from then on; a number that is corrected must not be another's. The domain gets references.

use std::collections::BTreeMap;

use qonys_domain::command::Command;
use qonys_events::{
    entry::Entry,
    fact::Fact,
    id::{Ref, StreamId, StreamKind},
    scalar::{Slug, StreamSeq},
    term::{DocumentKind, IinFinding},
};
use zeroize::Zeroizing;

use super::{
    SweepError,
    batch::Item,
    decider::{Again, Decider},
    findings::findings,
};
use crate::{
    log::Log,
    vault::{Ask, Number, Vault, VaultError},
};

/// Entries of a person's stream that are read at a time.
const PAGE: u32 = 1_000;
/// Claims that are looked through at a time.
const LOOKED_THROUGH: u32 = 500;

/// The numbers by which a person is found. An IIN whose control digit is right stands for one person; without one, a document
/// does, together with the birth date or the name, since two states may give the same number. Everything else is for search.
pub fn numbers(
    personal: &BTreeMap<Slug, Zeroizing<String>>,
    kind: Option<DocumentKind>,
) -> Vec<Number> {
    let value = |name: &str| {
        let found = personal.iter().find(|(known, _)| known.as_str() == name);
        found.map(|(_, value)| value.as_str())
    };
    let mut numbers = Vec::new();
    if let Some(iin) = value("iin") {
        let valid = findings(personal).iin == IinFinding::Valid;
        let name = if valid { "iin" } else { "iin-as-written" };
        numbers.push(Number {
            name,
            value: compared(iin),
            sole: valid,
        });
    }
    if let Some(document) = value("document") {
        let sole = numbers.iter().all(|number| !number.sole);
        if let (true, Some(kind), Some(apart)) = (sole, kind, value("born-on").or(value("name"))) {
            let value = [kind.as_str(), &compared(document), &compared(apart)].join("|");
            numbers.push(Number {
                name: "document-of-a-person",
                value: Zeroizing::new(value),
                sole: true,
            });
        }
        numbers.push(Number {
            name: "document",
            value: compared(document),
            sole: false,
        });
    }
    numbers
}

/// The numbers that a search by IIN or by document number looks for.
pub fn searched(iin: Option<&str>, document: Option<&str>) -> Vec<Number> {
    let number = |name, value: &str| Number {
        name,
        value: compared(value),
        sole: false,
    };
    let iin = iin.map(|iin| [number("iin", iin), number("iin-as-written", iin)]);
    let document = document.map(|document| number("document", document));
    iin.into_iter().flatten().chain(document).collect()
}

/// A number as it is compared: letters large, without what only parts it.
fn compared(value: &str) -> Zeroizing<String> {
    let mut compared = Zeroizing::new(String::with_capacity(2 * value.len()));
    for letter in value.chars().filter(|c| c.is_alphanumeric()) {
        compared.extend(letter.to_uppercase());
    }
    compared
}

impl Decider {
    /// Gives those who record a person the reference of their number, before anything refers to it.
    pub(super) async fn claim_new(&self, items: &mut [&mut Item]) -> Result<(), Again> {
        let Some(vault) = &self.vault else {
            return Ok(());
        };
        let mut asks = Vec::new();
        let mut asked = Vec::new();
        for (n, item) in items.iter_mut().enumerate() {
            let named = |name: &str| item.request.personal.keys().any(|key| key.as_str() == name);
            if item.request.type_name != "record-person" || !(named("iin") || named("document")) {
                continue;
            }
            let Ok(Command::RecordPerson(c)) = item.request.command(|_| None) else {
                continue;
            };
            let numbers = numbers(&item.request.personal, c.document);
            if item.request.dry_run {
                let sole: Vec<Number> = numbers.into_iter().filter(|one| one.sole).collect();
                if let Some(subject) = vault.find(&sole).await.map_err(failed)?.first() {
                    (item.minted, item.known) = (*subject, true);
                }
                continue;
            }
            asks.push(Ask {
                subject: item.minted,
                command: item.request.id,
                numbers,
            });
            asked.push(n);
        }
        while !asks.is_empty() {
            match vault.claim(&asks).await {
                Ok(claimed) => {
                    for (n, claimed) in asked.into_iter().zip(claimed) {
                        items[n].minted = claimed.subject;
                        // Also who stands for it first may come second to the log: another process finds the reference at once.
                        items[n].known = true;
                        items[n].fresh = claimed.fresh;
                    }
                    return Ok(());
                }
                // A simulated source gives a command that is sent again the reference that it had: that harms no neighbour.
                Err(VaultError::Destroyed { subject }) => {
                    let keeps: Vec<bool> = asks.iter().map(|ask| ask.subject != subject).collect();
                    let mut keep = keeps.iter();
                    asks.retain(|_| *keep.next().unwrap_or(&true));
                    let mut keep = keeps.iter();
                    asked.retain(|_| *keep.next().unwrap_or(&true));
                }
                Err(error) => return Err(failed(error)),
            }
        }
        Ok(())
    }

    /// Asks for those who correct a person whether the number is another's.
    pub(super) async fn claim_corrected(&self, items: &mut [Item]) -> Result<(), Again> {
        let Some(vault) = &self.vault else {
            return Ok(());
        };
        for item in items
            .iter_mut()
            .filter(|item| item.outcome.is_none() && !item.request.dry_run)
        {
            let Some(Command::CorrectPerson(c)) = &item.command else {
                continue;
            };
            let numbers = numbers(&item.request.personal, c.document);
            let sole: Vec<Number> = numbers.into_iter().filter(|one| one.sole).collect();
            if sole.is_empty() || item.known_as.is_some() {
                continue;
            }
            let ask = Ask {
                subject: c.person,
                command: item.request.id,
                numbers: sole,
            };
            match vault.claim(&[ask]).await {
                Ok(claimed) => item.known_as = claimed.first().map(|claimed| claimed.subject),
                // The rules say so of this command alone.
                Err(VaultError::Destroyed { .. }) => {}
                Err(error) => return Err(failed(error)),
            }
        }
        Ok(())
    }
}

/// What has to be made good in the index once it is known what became of a command: the rows of a person whose reference was
/// there before, and of one who was corrected, or was not.
pub(super) fn index_again(log: &Log, vault: Option<&Vault>, items: &[Item]) {
    let Some(vault) = vault else {
        return;
    };
    for item in items.iter().filter(|item| !item.request.dry_run) {
        let subject = match &item.command {
            Some(Command::CorrectPerson(c)) => c.person,
            Some(Command::RecordPerson(_)) if item.known && !item.fresh && item.written() > 0 => {
                item.minted
            }
            _ => continue,
        };
        let (log, vault, command) = (log.clone(), vault.clone(), item.request.id);
        tokio::spawn(async move {
            if let Err(error) = index(&log, &vault, subject, command).await {
                tracing::warn!(%error, "the blind index is made good by the next sweep");
            }
        });
    }
}

fn failed(error: VaultError) -> Again {
    Again::Failed(format!("the vault: {error}"))
}

/// Makes what the index says of a person, and what this command brought, what the log says. Somebody else may do the same for a
/// later entry: what was read may be old when it comes to be written, and is then written again.
async fn index(log: &Log, vault: &Vault, person: Ref, command: Ref) -> Result<(), SweepError> {
    let stream = StreamId::of(StreamKind::Person, person);
    loop {
        let seen = index_once(log, vault, &stream, (person, command)).await?;
        if log.read_stream(&stream, seen, 1).await?.is_empty() {
            return Ok(());
        }
    }
}

/// As [`index`], by the stream as it stands now; gives how far that was.
async fn index_once(
    log: &Log,
    vault: &Vault,
    stream: &StreamId,
    (person, command): (Ref, Ref),
) -> Result<StreamSeq, SweepError> {
    let (mut last, mut after) = (None, StreamSeq(0));
    let mut stand = Vec::new();
    loop {
        let page = log.read_stream(stream, after, PAGE).await?;
        let Some(end) = page.last() else { break };
        after = end.streamseq;
        for recorded in &page {
            let Ok(entry) = Entry::parse(&recorded.text) else {
                continue;
            };
            if let Fact::PersonRecorded(fact) = entry.event.fact {
                stand.push((person, entry.command.commandid));
                last = Some((entry.command.commandid, fact));
            }
        }
    }
    let Some((recorded_by, fact)) = last else {
        vault.abandon(&[person], std::time::Duration::ZERO).await?;
        return Ok(after);
    };
    // What earlier entries brought is replaced too.
    vault.settle(&stand).await?;
    let mut personal = BTreeMap::new();
    for slot in &fact.slots {
        let sealed = log.sealed(recorded_by, &slot.name, slot.subject).await?;
        let Some(sealed) = sealed else { continue };
        let opened = vault.unseal(slot, recorded_by, &sealed.bytes).await?;
        personal.insert(slot.name.clone(), opened);
    }
    let ask = Ask {
        subject: person,
        command,
        numbers: numbers(&personal, fact.document),
    };
    vault.replace_numbers(&ask).await?;
    Ok(after)
}

/// Looks through claims of which it is not known whether they came to anything: a process may have died in between.
pub(super) async fn settle(
    log: &Log,
    vault: &Vault,
    older_than: std::time::Duration,
) -> Result<(), SweepError> {
    loop {
        let claims = vault.unsettled(older_than, LOOKED_THROUGH).await?;
        if claims.is_empty() {
            return Ok(());
        }
        let commands: Vec<Ref> = claims.iter().map(|(_, command)| *command).collect();
        let stored = log.commands(&commands).await?;
        let mut stand = Vec::new();
        for (subject, command) in &claims {
            let about = StreamId::of(StreamKind::Person, *subject);
            // Of a correction more is to be done than to let it stand.
            let first = StreamSeq(1);
            let stands = stored.get(command).is_some_and(|entries| {
                entries
                    .iter()
                    .any(|entry| entry.stream == about && entry.streamseq == first)
            });
            if stands {
                stand.push((*subject, *command));
            } else {
                index(log, vault, *subject, *command).await?;
            }
        }
        vault.settle(&stand).await?;
    }
}

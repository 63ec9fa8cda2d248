//! Who sent a document, or was sent one, and is recorded by nothing else: a journal seals him under a reference of his own, and
//! his data are destroyed by it.

use qonys_domain::context::Correspondence;
use qonys_events::{
    entry::Entry,
    fact::Fact,
    id::{Ref, StreamId, StreamKind},
    scalar::StreamSeq,
    slot::Slot,
};

use crate::log::{Log, LogError};

/// The document that seals somebody under this reference; none where it does not, or where he is recorded himself.
pub(super) async fn of(log: &Log, subject: Ref) -> Result<Option<Correspondence>, LogError> {
    let stream = StreamId::of(StreamKind::Person, subject);
    let first = log.read_stream(&stream, StreamSeq(0), 1).await?;
    let first = first
        .first()
        .and_then(|first| Entry::parse(&first.text).ok());
    if first.is_some_and(|first| matches!(first.event.fact, Fact::PersonRecorded(_))) {
        return Ok(None);
    }
    let sealed = log.sealed_among(&[subject]).await?;
    let commands: Vec<Ref> = sealed.into_iter().map(|(_, command)| command).collect();
    let entries = log.commands(&commands).await?;
    let entries = entries.into_values().flatten();
    let mut found = entries.filter_map(|recorded| document(&recorded.text, subject));
    Ok(found.next())
}

fn document(text: &str, subject: Ref) -> Option<Correspondence> {
    let event = Entry::parse(text).ok()?.event;
    let (slots, application): (&[Slot], _) = match &event.fact {
        Fact::IncomingRegistered(fact) => (&fact.slots, fact.application),
        Fact::OutgoingRegistered(fact) => (&fact.slots, fact.application),
        _ => return None,
    };
    let his = slots.iter().any(|slot| slot.subject == subject);
    let registered_on = event.decidedon.filter(|_| his)?;
    Some(Correspondence {
        registered_on,
        application,
    })
}

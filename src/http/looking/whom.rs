//! About whom a question is: by its address, by what a list is narrowed to, by the entry that it names.

use qonys_events::{entry::Entry, id::StreamId, scalar::Position};

use super::Question;
use crate::{
    audit,
    http::{api::Api, listing, problem::Problem},
    log::Recorded,
    proof::receipt::Named,
};

/// Whom a question is about: persons, dwellings, applications. Empty where it is about nobody alone.
#[derive(Debug, Default)]
pub(super) struct Whom {
    /// Each once.
    pub(super) about: Vec<StreamId>,
    /// Whether a list of many is narrowed to them.
    pub(super) narrowed: bool,
}

impl Whom {
    fn add(&mut self, found: impl IntoIterator<Item = StreamId>) {
        for subject in found {
            if !self.about.contains(&subject) {
                self.about.push(subject);
            }
        }
    }

    /// Of a question.
    pub(super) async fn of(api: &Api, question: &Question<'_>) -> Result<Self, Problem> {
        let mut whom = Self::default();
        let part = |name: &str| {
            let mut parts = question.path.iter();
            let found = parts.find(|(known, _)| known == name);
            found.map(|(_, value)| value.as_str())
        };
        for (name, value) in &question.path {
            whom.add(listing::names(name, value));
        }
        if let (Some(kind), Some(key)) = (part("kind"), part("key")) {
            let stream = StreamId::from_parts(kind, key).ok();
            whom.add(stream.iter().flat_map(|of| audit::subjects(of, None)));
        }
        if let Some(listing) = listing::of(question.operation) {
            for (name, value) in &question.query {
                if listing.filters.iter().any(|filter| filter.name == name) {
                    whom.add(listing::names(name, value));
                }
            }
            whom.narrowed = !whom.about.is_empty();
        }
        whom.add(match question.operation {
            "getEntry" => entry(api, part("position")).await?,
            "getReceipt" => entry(api, part("id")).await?,
            "getDecision" | "getOfficePage" => decision(api, part("position")).await?,
            _ => Vec::new(),
        });
        Ok(whom)
    }
}

/// Whom an entry is about that somebody names; nobody where it does not stand.
fn told(recorded: Option<Recorded>) -> Vec<StreamId> {
    let Some(recorded) = recorded else {
        return Vec::new();
    };
    let case = Entry::parse(&recorded.text).ok();
    let case = case.and_then(|entry| entry.event.caseref);
    audit::subjects(&recorded.stream, case)
}

/// By its position, its id or that of its command.
async fn entry(api: &Api, named: Option<&str>) -> Result<Vec<StreamId>, Problem> {
    match named.and_then(|named| named.parse::<Named>().ok()) {
        Some(named) => Ok(told(named.find(api.log()).await?)),
        None => Ok(Vec::new()),
    }
}

/// By the position of a decision, in whichever incarnation it was taken. The views may not have come to it yet and be waited
/// for: the log is asked.
async fn decision(api: &Api, position: Option<&str>) -> Result<Vec<StreamId>, Problem> {
    let position = position.and_then(|position| position.parse::<Position>().ok());
    match position.and_then(|position| position.0.checked_sub(1)) {
        Some(before) => {
            let (_, mut found) = api.log().read_history(Position(before), 1).await?;
            Ok(told(found.pop()))
        }
        None => Ok(Vec::new()),
    }
}

//! Whom a list tells about: which of its parameters name a person, a dwelling or an application.

use qonys_events::id::{StreamId, StreamKind};

use super::{Listing, every};
use crate::audit;

/// What a parameter says whom it names by.
enum Names {
    /// A reference of one of this kind.
    Of(StreamKind),
    /// A stream.
    Stream,
}

fn kind(parameter: &str) -> Option<Names> {
    match parameter {
        "person" | "applicant" => Some(Names::Of(StreamKind::Person)),
        "dwelling" => Some(Names::Of(StreamKind::Dwelling)),
        "application" | "case" => Some(Names::Of(StreamKind::Application)),
        "stream" | "representative" => Some(Names::Stream),
        _ => None,
    }
}

/// Whom a parameter with this value names: of an address as of a list.
pub(crate) fn names(parameter: &str, value: &str) -> Option<StreamId> {
    match kind(parameter)? {
        Names::Of(kind) => StreamId::from_parts(kind.name(), value).ok(),
        Names::Stream => {
            let stream: StreamId = value.parse().ok()?;
            audit::subjects(&stream, None).pop()
        }
    }
}

/// The list of an operation.
pub(crate) fn of(operation: &str) -> Option<&'static Listing> {
    every().find(|listing| listing.id == operation)
}

impl Listing {
    /// Whether its rows are about persons, dwellings or applications: whoever sees it is told about somebody.
    pub(crate) fn tells_about_somebody(&self) -> bool {
        let mut filters = self.filters.iter();
        filters.any(|filter| kind(filter.name).is_some())
    }
}

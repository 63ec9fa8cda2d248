//! Commands of point 11: offices, who acts for them, and their powers.

use qonys_events::{
    digest::Sha256Hex,
    fact::{law::Titles, office::Order},
    id::Ref,
    scalar::{Day, Slug, StreamSeq, Text},
    term::Certainty,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Declares payloads: all of them derive the same and refuse members that they do not know.
macro_rules! payloads {
    ($($(#[doc = $doc:literal])+ $name:ident { $($(#[$field_doc:meta])+ $field:ident: $type:ty,)* })+) => {
        $(
            $(#[doc = $doc])+
            #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
            #[serde(deny_unknown_fields)]
            pub struct $name { $($(#[$field_doc])+ pub $field: $type,)* }
        )+
    };
}

payloads! {
    /// Data of `register-office`. It works from the effective day on.
    RegisterOffice {
        /// Its name, such as `akimat.almaty`.
        office: Slug,
        /// What it is called.
        titles: Titles,
        /// The territories that it works for; at least one, none twice.
        territories: Vec<Slug>,
        /// First day after, if it ends.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Day>,
        /// The order that set it up.
        order: Order,
    }
    /// Data of `close-office`.
    CloseOffice {
        /// The office.
        office: Slug,
        /// The order.
        order: Order,
    }
    /// Data of `vest-powers`.
    VestPowers {
        /// The office.
        office: Slug,
        /// The powers, by their names in the catalogue: types of decision, or other powers; at least one, none twice.
        powers: Vec<Slug>,
        /// The document of the catalogue that gives them.
        document: Slug,
        /// Article and point.
        point: Text,
        /// First day after, if it ends.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Day>,
        /// How sure it is that the article gives them to this office.
        certainty: Certainty,
        /// Where we know it from.
        source: Text,
    }
    /// Data of `appoint-official`.
    AppointOfficial {
        /// The office.
        office: Slug,
        /// The official: a random reference.
        official: Ref,
        /// In which role.
        role: Slug,
        /// The powers of the office that he may exercise; none twice, none for who only records.
        #[serde(default)]
        powers: Vec<Slug>,
        /// First day after, if it ends.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Day>,
        /// The order.
        order: Order,
    }
    /// Data of `appoint-acting`.
    AppointActing {
        /// The office.
        office: Slug,
        /// Who acts.
        official: Ref,
        /// Who is absent.
        absent: Ref,
        /// First day after, if it is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Day>,
        /// The order.
        order: Order,
    }
    /// Data of `delegate-powers`.
    DelegatePowers {
        /// The office.
        office: Slug,
        /// Who delegates.
        by: Ref,
        /// To whom.
        official: Ref,
        /// Which powers; at least one, none twice.
        powers: Vec<Slug>,
        /// First day after, if it ends.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Day>,
        /// The order.
        order: Order,
    }
    /// Data of `end-assignment`.
    EndAssignment {
        /// The office.
        office: Slug,
        /// The entry that began it, by its place in the office's stream.
        assignment: StreamSeq,
        /// The order.
        order: Order,
    }
    /// Data of `exercise-power`. The office is that of the sender.
    ExercisePower {
        /// The power, by its name in the catalogue.
        power: Slug,
        /// The recorded person that it is about, where it is about one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        subject: Option<Ref>,
        /// SHA-256 of the act of the office.
        document: Sha256Hex,
    }
}

//! Determination of Kazakh nationality (points 2 and 6): a power of its own, with its own role. Ethnicity is forbidden to every
//! other decision; here the law makes it a condition, and what is found is sealed.

use qonys_events::{
    citation::Facts,
    fact::{Fact, family::NationalityDetermined},
    term::DecisionType,
};

use super::{living, sealed, stream};
use crate::{
    blocked::{Blocked, Code},
    command::DetermineKazakhNationality,
    context::Context,
    decide::{Decided, Undecided},
    streams::Known,
};

/// The role that has the power, and no other.
pub const ROLE: &str = "nationality-officer";

/// Determines whether a person is of Kazakh nationality. The finding is in the sealed slot `nationality`; it may be determined
/// anew when other documents are found.
pub fn determine(
    c: &DetermineKazakhNationality,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Decided, Undecided> {
    let person = living(known, c.person, cx.decided_on)?;
    if cx.actor.role.as_str() != ROLE {
        return Err(Blocked::control(Code::NotTheRole)
            .with("role", &cx.actor.role)
            .with("needed-role", ROLE)
            .into());
    }
    let basis = known
        .law()?
        .basis(DecisionType::KazakhNationality, cx.decided_on)?;
    sealed(&cx.slots, "nationality", c.person)?;
    let again = person.nationality_determined_on.is_some();
    let facts = Facts::new()
        .with("act-certainty", basis.certainty)
        .with("documents", c.document)
        .with("determined-before", if again { "yes" } else { "no" });
    let fact = NationalityDetermined {
        document: c.document,
        facts,
        slots: cx.slots.clone(),
    };
    let event = cx.event(Fact::NationalityDetermined(fact)).citing(basis);
    Ok(vec![(stream(c.person), event)])
}

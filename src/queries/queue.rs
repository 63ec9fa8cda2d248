//! The place of an application in the queue of its line (point 6): how many that wait for the same places were filed before it.
//! The law names no order within a day, so those of one day are counted beside it and not ranked. A figure of the case
//! itself: whose the others are is not told.

use qonys_events::{
    id::Ref,
    scalar::{Count, Day, Position, Slug, Year},
    term::Category,
};
use qonys_projections::{
    applications::{APPLICATION, ApplicationRow, ApplicationState},
    cell::TableRow as _,
    table::Value,
};
use schemars::JsonSchema;
use serde::Serialize;

use super::{Queries, Rows, Unanswered, every};

/// The place of an application among those that wait for the same places on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct QueuePlace {
    /// The application.
    pub application: Ref,
    /// Where it stands: only what is filed and not decided waits.
    pub state: ApplicationState,
    /// In which category.
    pub category: Category,
    /// For which territory; absent for an application about the status, which takes no place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub territory: Option<Slug>,
    /// For which year.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quota_year: Option<Year>,
    /// The day of filing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filed_on: Option<Day>,
    /// How many that wait were filed on an earlier day; absent where it waits for no place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ahead: Option<Count>,
    /// How many others that wait were filed on the same day; absent where it waits for no place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub same_day: Option<Count>,
    /// How many wait for these places in all; absent where it waits for no place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiting: Option<Count>,
}

fn read(row: &qonys_projections::table::Row) -> Result<ApplicationRow, Unanswered> {
    ApplicationRow::read(row).map_err(|error| Unanswered::Unavailable(error.to_string()))
}

/// Finds the place of an application on a day, as known at a position; none where no such application is known then.
pub async fn place(
    queries: &dyn Queries,
    (at, day): (Position, Day),
    application: Ref,
) -> Result<Option<QueuePlace>, Unanswered> {
    let of_day = || Rows::of(&APPLICATION, at).on(Some(day));
    let own = of_day().with("application", Value::text(application));
    let Some(own) = queries.rows(own).await?.first().map(read).transpose()? else {
        return Ok(None);
    };
    let mut place = QueuePlace {
        application,
        state: own.state,
        category: own.category,
        territory: own.territory.clone(),
        quota_year: own.quota_year,
        filed_on: own.filed_on,
        ahead: None,
        same_day: None,
        waiting: None,
    };
    let (ApplicationState::Filed, Some(territory), Some(filed_on)) =
        (own.state, &own.territory, own.filed_on)
    else {
        return Ok(Some(place));
    };
    let filed = of_day()
        .with("state", Value::text(ApplicationState::Filed.as_str()))
        .with("territory", Value::text(territory));
    let mut counts = [0_u64; 3];
    for row in every(queries, filed).await? {
        let other = read(&row)?;
        if (other.category, other.quota_year) != (own.category, own.quota_year) {
            continue;
        }
        counts[2] += 1;
        if other.filed_on.is_some_and(|on| on < filed_on) {
            counts[0] += 1;
        } else if other.filed_on == Some(filed_on) && other.application != application {
            counts[1] += 1;
        }
    }
    let [ahead, same_day, waiting] = counts.map(|count| Some(Count(count)));
    (place.ahead, place.same_day, place.waiting) = (ahead, same_day, waiting);
    Ok(Some(place))
}

//! `qonys queue`: the place of an application among those that wait for the same places (point 6).

use clap::Args;
use qonys_events::{
    id::{Ref, StreamId, StreamKind},
    scalar::Day,
};
use serde::Serialize;

use super::{
    Failure,
    ask::{Ask, OnDay, computed_at, open_about, or_dash},
    output,
    told::Why,
};
use crate::{
    clock::Clock,
    queries::queue::{self, QueuePlace},
    views::queries::Point,
};

/// Options of `qonys queue`.
#[derive(Args)]
pub(super) struct Queue {
    /// The reference of the application.
    application: Ref,
    #[command(flatten)]
    day: OnDay,
    #[command(flatten)]
    why: Why,
    #[command(flatten)]
    ask: Ask,
}

/// The place with the point that it was computed at.
#[derive(Serialize)]
struct Answer {
    #[serde(flatten)]
    at: Point,
    day: Day,
    #[serde(flatten)]
    place: QueuePlace,
}

/// Prints how many that wait for the same places were filed before an application.
pub(super) async fn run(asked: Queue) -> Result<(), Failure> {
    let about = StreamId::of(StreamKind::Application, asked.application);
    let views = open_about(&asked.ask.at, &asked.why, (about, "queue")).await?;
    let as_of = asked.ask.as_of.point();
    let at = views.point(as_of).await?;
    let day = asked
        .day
        .effective
        .unwrap_or_else(|| views.default_day(as_of, at, &Clock::System));
    let found = queue::place(&views, (at.position, day), asked.application).await?;
    let Some(place) = found else {
        return Err(Failure::error(format!(
            "no application {} is known on {day} at position {}",
            asked.application, at.position
        )));
    };
    let answer = Answer { at, day, place };
    asked
        .ask
        .write(&answer, std::slice::from_ref(&answer), || {
            let place = &answer.place;
            let filed = or_dash(place.filed_on);
            match (place.ahead, place.same_day, place.waiting) {
                (Some(ahead), Some(same), Some(waiting)) => output::line(&format!(
                    "filed on {filed}: {ahead} were filed before it, {same} others on that day, {waiting} wait in all"
                ))?,
                _ => output::line(&format!(
                    "filed on {filed}, {}: it waits for no place",
                    place.state.as_str()
                ))?,
            }
            computed_at(answer.at, Some(answer.day))
        })
}

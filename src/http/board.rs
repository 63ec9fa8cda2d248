//! What is computed of acts and quota lines for an effective day: the board, one line, amendments, acts and wordings.

use axum::{
    Json,
    extract::{Path, State},
};
use qonys_events::{
    id::{Line, Origin},
    scalar::{Day, Instant, Position, Slug, Year},
    term::Category,
};
use qonys_projections::{
    acts::{
        ActRow,
        on_day::ActOnDay,
        register::{LATEST, Register, Wording},
    },
    quota::{
        amendment::Amendment,
        board::{BoardLine, QuotaBoard},
        total::Total,
    },
};
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    api::Api,
    params::{Params, When},
    problem::Problem,
};

/// An answer with the point that it was computed at.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct At<T> {
    /// The origin of the log with its incarnation.
    origin: Origin,
    /// The position that the answer was computed at: the last of a command.
    position: Position,
    /// The time of the entry there; absent at position 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<Instant>,
    /// The effective day that the answer is about; absent when it is about every day.
    #[serde(skip_serializing_if = "Option::is_none")]
    day: Option<Day>,
    /// The answer.
    #[serde(flatten)]
    answer: T,
}

impl<T> At<T> {
    /// Says at which point an answer was computed.
    pub(super) fn new(api: &Api, when: When, answer: T) -> Json<Self> {
        Json(Self {
            origin: api.origin().clone(),
            position: when.at.position,
            time: when.at.time,
            day: when.day,
            answer,
        })
    }
}

/// The point and the day of a question that is about one day: today, where none was given.
pub(super) async fn on_a_day(api: &Api, params: &mut Params) -> Result<(When, Day), Problem> {
    let mut when = params.when(api).await?;
    let day = when.day_or_usual(api);
    Ok((when, day))
}

/// The board of a day.
#[derive(Serialize, JsonSchema)]
pub(super) struct Board {
    /// Its lines, by category, territory, year and rule.
    lines: Vec<BoardLine>,
    /// Its totals, by category, year and rule.
    totals: Vec<Total>,
    /// What each amendment did, derived from the limits before and after it.
    amendments: Vec<Amendment>,
}

/// `GET /v1/board`.
pub(super) async fn board(
    State(api): State<Api>,
    mut params: Params,
) -> Result<Json<At<Board>>, Problem> {
    let (when, day) = on_a_day(&api, &mut params).await?;
    let category = params.read::<Category>("category")?;
    let territory = params.read::<Slug>("territory")?;
    let year = params.read::<Year>("year")?;
    params.finish()?;
    let quota = api.queries().board(when.at.position, day).await?;
    let (mut board, mut amendments) = (quota.as_of(day), quota.amendments());
    let fits = |c: Category, y: Year| {
        category.is_none_or(|category| category == c) && year.is_none_or(|year| year == y)
    };
    board.lines.retain(|found| {
        fits(found.line.category, found.line.year)
            && territory
                .as_ref()
                .is_none_or(|territory| *territory == found.line.territory)
    });
    board
        .totals
        .retain(|total| fits(total.category, total.year));
    amendments.retain(|amendment| year.is_none_or(|year| year == amendment.year));
    let answer = Board {
        lines: board.lines,
        totals: board.totals,
        amendments,
    };
    Ok(At::new(&api, when, answer))
}

/// One line.
#[derive(Serialize, JsonSchema)]
pub(super) struct OneLine {
    /// The line on the day.
    item: BoardLine,
}

/// `GET /v1/lines/{line}`.
pub(super) async fn line(
    State(api): State<Api>,
    Path(line): Path<String>,
    mut params: Params,
) -> Result<Json<At<OneLine>>, Problem> {
    let (when, day) = on_a_day(&api, &mut params).await?;
    params.finish()?;
    let line: Line = line.parse().map_err(|_| Problem::of("not-found"))?;
    let board = api.queries().board(when.at.position, day).await?.as_of(day);
    let item = board.line(&line).cloned();
    let item = item.ok_or_else(|| Problem::of("not-found"))?;
    Ok(At::new(&api, when, OneLine { item }))
}

/// An act of the register as it stands on a day.
fn act_on(register: &Register, act: &ActRow, day: Day) -> Result<ActOnDay, Problem> {
    register.on_day(act, day, LATEST).map_err(|error| {
        tracing::error!(act = %act.act, %error, "an act cannot be read");
        Problem::of("internal")
    })
}

/// Acts.
#[derive(Serialize, JsonSchema)]
pub(super) struct Acts {
    /// The acts, by name.
    items: Vec<ActOnDay>,
}

/// `GET /v1/acts`.
pub(super) async fn acts(
    State(api): State<Api>,
    mut params: Params,
) -> Result<Json<At<Acts>>, Problem> {
    let (when, day) = on_a_day(&api, &mut params).await?;
    let document = params.read::<Slug>("document")?;
    params.finish()?;
    let board: QuotaBoard = api.queries().board(when.at.position, day).await?;
    let register = board.register();
    let acts = register
        .acts(LATEST)
        .filter(|act| document.as_ref().is_none_or(|d| *d == act.document));
    let items = acts
        .map(|act| act_on(register, act, day))
        .collect::<Result<_, _>>()?;
    Ok(At::new(&api, when, Acts { items }))
}

/// One act.
#[derive(Serialize, JsonSchema)]
pub(super) struct OneAct {
    /// The act on the day.
    item: ActOnDay,
}

/// `GET /v1/acts/{act}`.
pub(super) async fn act(
    State(api): State<Api>,
    Path(act): Path<String>,
    mut params: Params,
) -> Result<Json<At<OneAct>>, Problem> {
    let (when, day) = on_a_day(&api, &mut params).await?;
    params.finish()?;
    let act: Slug = act.parse().map_err(|_| Problem::of("not-found"))?;
    let board = api.queries().board(when.at.position, day).await?;
    let register = board.register();
    let item = register
        .act(&act, LATEST)
        .map(|act| act_on(register, act, day));
    let item = item.ok_or_else(|| Problem::of("not-found"))??;
    Ok(At::new(&api, when, OneAct { item }))
}

/// The wording of a document.
#[derive(Serialize, JsonSchema)]
pub(super) struct OneWording {
    /// The wording on the day.
    item: Wording,
}

/// `GET /v1/documents/{document}/wording`.
pub(super) async fn wording(
    State(api): State<Api>,
    Path(document): Path<String>,
    mut params: Params,
) -> Result<Json<At<OneWording>>, Problem> {
    let (when, day) = on_a_day(&api, &mut params).await?;
    params.finish()?;
    let document: Slug = document.parse().map_err(|_| Problem::of("not-found"))?;
    let board = api.queries().board(when.at.position, day).await?;
    let register = board.register();
    if !register.acts(LATEST).any(|act| act.document == document) {
        return Err(Problem::of("not-found"));
    }
    let item = register.wording(&document, day, LATEST);
    Ok(At::new(&api, when, OneWording { item }))
}

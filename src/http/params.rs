//! Parameters of a query string: each at most once, none that is not known, every value read strictly.

use std::{fmt::Display, str::FromStr};

use axum::{
    extract::{FromRequestParts, Query},
    http::request::Parts,
};
use qonys_events::scalar::{Day, Instant, Position};
use qonys_projections::as_of::AsOf;

use super::{api::Api, problem::Problem};
use crate::queries::Point;

/// The parameters of a request that nobody has taken yet.
#[derive(Debug)]
pub(super) struct Params(Vec<(String, String)>);

impl<S: Send + Sync> FromRequestParts<S> for Params {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri)
            .map_err(|e| Problem::of("bad-parameter").saying(e.body_text()))?;
        Ok(Self(pairs))
    }
}

impl Params {
    /// Takes a parameter as it stands.
    pub(super) fn text(&mut self, name: &str) -> Result<Option<String>, Problem> {
        let mut found = None;
        while let Some(at) = self.0.iter().position(|(known, _)| known == name) {
            if found.is_some() {
                return Err(Problem::of("bad-parameter").saying(format!("`{name}` stands twice")));
            }
            found = Some(self.0.swap_remove(at).1);
        }
        Ok(found)
    }

    /// Takes and reads a parameter.
    pub(super) fn read<T: FromStr<Err: Display>>(
        &mut self,
        name: &str,
    ) -> Result<Option<T>, Problem> {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        let wrong = |e: T::Err| Problem::of("bad-parameter").saying(format!("`{name}`: {e}"));
        text.parse().map(Some).map_err(wrong)
    }

    /// Takes `limit`: from 1 to `most`, or `usual` where it is absent.
    pub(super) fn limit(&mut self, usual: u32, most: u32) -> Result<u32, Problem> {
        match self.read::<u32>("limit")? {
            None => Ok(usual),
            Some(limit) if (1..=most).contains(&limit) => Ok(limit),
            Some(_) => {
                let message = format!("`limit`: a number from 1 to {most}");
                Err(Problem::of("bad-parameter").saying(message))
            }
        }
    }

    /// Takes `position`, `recorded`, `min_position` and `effective`, and finds the point that the question is about.
    pub(super) async fn when(&mut self, api: &Api) -> Result<When, Problem> {
        let position = self.read::<Position>("position")?;
        let recorded = self.read::<Instant>("recorded")?;
        let as_of = match (position, recorded) {
            (None, None) => AsOf::Latest,
            (Some(position), None) => AsOf::Position(position),
            (None, Some(recorded)) => AsOf::Time(recorded),
            (Some(_), Some(_)) => {
                return Err(Problem::of("bad-parameter")
                    .saying("`position` and `recorded` say the same thing twice: give one"));
            }
        };
        let least = self.read::<Position>("min_position")?;
        let effective = self.read::<Day>("effective")?;
        let at = api.point(as_of, least).await?;
        Ok(When {
            at,
            as_of,
            day: effective,
        })
    }

    /// Refuses what nobody has taken.
    pub(super) fn finish(self) -> Result<(), Problem> {
        match self.0.first() {
            None => Ok(()),
            Some((name, _)) => Err(Problem::of("bad-parameter")
                .saying(format!("`{name}` is no parameter of this address"))),
        }
    }
}

/// What a question is about.
#[derive(Debug, Clone, Copy)]
pub(super) struct When {
    /// The point, on a command boundary.
    pub(super) at: Point,
    as_of: AsOf,
    /// The effective day; where there is none, every day.
    pub(super) day: Option<Day>,
}

impl When {
    /// The day of a question that is about one day.
    pub(super) fn day_or_usual(&mut self, api: &Api) -> Day {
        let (as_of, at) = (self.as_of, self.at);
        *self.day.get_or_insert_with(|| api.usual_day(as_of, at))
    }
}

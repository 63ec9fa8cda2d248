//! Facts of the status of kandas after its grant (point 6; migration law, art. 25).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    citation::{Citation, Facts},
    scalar::Day,
    term::StatusEndGround,
};

/// The status was extended from its end to another day: the effective interval of the entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StatusExtended {
    /// The day on which it would have ended.
    pub would_have_ended: Day,
    /// Everything the verdict read.
    pub facts: Facts,
}

/// The status ended before the day on which it would have, from the effective day of the entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StatusEnded {
    /// Why.
    pub ground: StatusEndGround,
    /// Everything the verdict read.
    pub facts: Facts,
    /// The norm that names the ground.
    pub bases: Vec<Citation>,
}

//! The lines of a proposal (point 5): what was asked, of which for compatriots, what was granted, and the difference.

use qonys_events::{
    fact::proposal::{LabourLine, QuotaAsk},
    scalar::{Count, Slug},
};
use serde::{Deserialize, Serialize};

use super::{ProposalKind, ProposalRow};
use crate::{cell::Json, projection::FoldError};

/// One line as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProposalLine {
    /// The category: of the regional quotas, or of foreign labour.
    pub line: Slug,
    /// What was asked.
    pub asked: Count,
    /// Of which ethnic Kazakhs and former compatriots; only for foreign labour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_compatriots: Option<Count>,
    /// What was granted; absent until the answer, and nothing where the line was left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub granted: Option<Count>,
    /// Of which compatriots.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub granted_compatriots: Option<Count>,
    /// What was granted less what was asked, in digits with sign.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub difference: Option<String>,
}

/// A line in the form that both kinds share: category, places, of which compatriots.
type Plain = (Slug, Count, Option<Count>);

fn plain(kind: ProposalKind, lines: &Json) -> Result<Vec<Plain>, FoldError> {
    Ok(match kind {
        ProposalKind::ForeignLabour => {
            let lines: Vec<LabourLine> = lines.parse()?;
            let plain = |l: LabourLine| (l.category, l.asked, Some(l.of_which_compatriots));
            lines.into_iter().map(plain).collect()
        }
        ProposalKind::RegionalQuota | ProposalKind::Territory => {
            let lines: Vec<QuotaAsk> = lines.parse()?;
            let slug = |l: &QuotaAsk| l.category.as_str().parse().expect("a category is a slug");
            lines.iter().map(|l| (slug(l), l.asked, None)).collect()
        }
    })
}

/// The lines of a proposal as it stands; none for a territory.
pub(super) fn told(row: &ProposalRow) -> Result<Option<Json>, FoldError> {
    let Some(asked) = &row.asked else {
        return Ok(None);
    };
    // An answer for good grants what it names; a rejection grants nothing.
    let answered = row
        .answer
        .is_some_and(|answer| answer != qonys_events::term::Answer::Returned);
    let granted = match &row.granted {
        Some(granted) => plain(row.kind, granted)?,
        None => Vec::new(),
    };
    let line = |(line, asked, asked_compatriots): Plain| {
        let found = granted.iter().find(|(other, ..)| *other == line);
        let nothing = (Count(0), asked_compatriots.map(|_| Count(0)));
        let given = found.map_or(nothing, |(_, places, compatriots)| (*places, *compatriots));
        let (places, compatriots) = given;
        let difference = i128::from(places.0) - i128::from(asked.0);
        ProposalLine {
            line,
            asked,
            asked_compatriots,
            granted: answered.then_some(places),
            granted_compatriots: compatriots.filter(|_| answered),
            difference: answered.then(|| difference.to_string()),
        }
    };
    let lines: Vec<_> = plain(row.kind, asked)?.into_iter().map(line).collect();
    Ok(Some(Json::of(&lines)?))
}

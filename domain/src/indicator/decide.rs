//! Defining indicators, recording and revising published figures, computing and reconciling (point 4).
//!
//! A published figure is a fact of others and needs no power. What the akimat computes from figures is its monitoring,
//! under the power that is in force on the decision date.

use std::collections::{BTreeMap, BTreeSet};

use qonys_events::{
    citation::{Citation, Facts},
    event::Event,
    fact::{
        Fact,
        indicator::{
            CitedFigure, FigureDerived, FigureReleased, FiguresReconciled, IndicatorDefined,
        },
    },
    figure::{Figure, Period},
    id::{StreamId, StreamKind},
    scalar::{Count, Day, PartialDay, Slug},
    term::{DecisionType, Feature, Nature, SourceKind},
};

use super::{
    Figures, Found, Indicator,
    derive::{check, derive, inputs, undecided},
    figures::figure,
};
use crate::{
    blocked::{Blocked, Code},
    command::{ComputeFigure, DefineIndicators, ReconcileFigures, RecordRelease, ReviseFigure},
    context::Context,
    decide::{Decided, Undecided},
    population_departure::{Evaluation, decide::reevaluate},
    streams::Known,
};

fn on(indicator: &Slug, event: Event) -> Decided {
    vec![(StreamId::named(StreamKind::Indicator, indicator), event)]
}

/// The indicator and its definition, if it is defined.
fn defined<'a>(
    known: &Known<'a>,
    indicator: &Slug,
) -> Result<(&'a Indicator, &'a IndicatorDefined), Undecided> {
    let found = known.indicator(indicator)?;
    let definition = found
        .definition()
        .ok_or_else(|| Blocked::control(Code::IndicatorNotFound).with("indicator", indicator))?;
    Ok((found, definition))
}

/// The power of monitoring on the decision date, with what was read.
fn power(cx: &Context, known: &Known<'_>) -> Result<(Citation, Facts), Undecided> {
    let decision = DecisionType::MigrationMonitoring;
    let basis = known.law()?.basis(decision, cx.decided_on)?;
    let facts = Facts::new().with("act-certainty", basis.certainty);
    Ok((basis, facts))
}

/// An event about the period of a figure.
fn about(cx: &Context, period: Period, fact: Fact) -> Event {
    cx.record(fact)
        .effective(period.from(), Some(period.until()))
}

/// Defines indicators (point 4); later ones may be computed from earlier ones.
pub fn define(c: &DefineIndicators, cx: &Context, known: &Known<'_>) -> Result<Decided, Undecided> {
    let mut natures: BTreeMap<&Slug, Option<Nature>> = BTreeMap::new();
    let mut decided = Decided::new();
    for new in &c.indicators {
        let twice = natures.contains_key(&new.indicator) && defines(&decided, &new.indicator);
        if twice || known.indicator(&new.indicator)?.definition().is_some() {
            return Err(Blocked::control(Code::IndicatorExists)
                .with("indicator", &new.indicator)
                .into());
        }
        for name in new.formula.iter().flat_map(inputs) {
            if !natures.contains_key(name) {
                natures.insert(name, known.indicator(name)?.nature());
            }
        }
        check(new, |name| natures.get(name).copied().flatten())?;
        natures.insert(&new.indicator, Some(new.nature));
        decided.extend(on(
            &new.indicator,
            cx.record(Fact::IndicatorDefined(new.clone())),
        ));
    }
    if decided.is_empty() {
        return Err(Blocked::control(Code::LinesMalformed)
            .with("indicators", 0)
            .into());
    }
    Ok(decided)
}

fn defines(decided: &Decided, indicator: &Slug) -> bool {
    let of = |event: &Event| matches!(&event.fact, Fact::IndicatorDefined(new) if new.indicator == *indicator);
    decided.iter().any(|(_, event)| of(event))
}

/// What every recorded figure must be, first or revised.
struct Recording<'c> {
    indicator: &'c Slug,
    territory: &'c Slug,
    period: Period,
    value: Figure,
    published_on: Option<PartialDay>,
    source_kind: SourceKind,
    act: Option<&'c Slug>,
}

impl Recording<'_> {
    /// Blocks what cannot be a figure of this indicator; gives the day from which it was known.
    fn check(&self, cx: &Context, known: &Known<'_>) -> Result<Day, Undecided> {
        let (indicator, definition) = defined(known, self.indicator)?;
        let blocked = |code| {
            Blocked::control(code)
                .with("indicator", self.indicator)
                .with("period", self.period)
        };
        if definition.formula.is_some() {
            return Err(blocked(Code::FigureIsDerived).into());
        }
        if !self.period.is(definition.period) {
            let kind = definition.period.as_str();
            return Err(blocked(Code::PeriodDoesNotFit).with("wanted", kind).into());
        }
        if self.value.0 < 0 && definition.nature != Nature::Balance {
            return Err(blocked(Code::NegativeFigure)
                .with("value", self.value)
                .into());
        }
        let sensitive = matches!(
            definition.feature,
            Some(Feature::ReligiousSituation | Feature::EthnicComposition)
        );
        if sensitive && self.source_kind != SourceKind::PublishedStatistics {
            return Err(blocked(Code::PublishedStatisticsOnly)
                .with("source-kind", self.source_kind)
                .into());
        }
        let known_from = self.published_on.map_or(cx.decided_on, PartialDay::latest);
        let published = self
            .published_on
            .map_or(cx.decided_on, PartialDay::earliest);
        if published > cx.decided_on || known_from < self.period.from() {
            return Err(blocked(Code::FigureBeforeItsTime)
                .with("published-on", published)
                .with("decided-on", cx.decided_on)
                .into());
        }
        if definition.nature == Nature::Area {
            self.check_area(indicator, known)?;
        }
        Ok(known_from)
    }

    /// An area that differs from the one before it needs the act that changed it.
    fn check_area(&self, indicator: &Indicator, known: &Known<'_>) -> Result<(), Undecided> {
        if let Some(act) = self.act {
            known.law()?.act(act)?;
            return Ok(());
        }
        let before = indicator.standing(self.territory, self.period.from().plus_days(-1));
        match before {
            Some(before) if before.figure.value != self.value => {
                Err(Blocked::control(Code::AreaWithoutAct)
                    .with("territory", self.territory)
                    .with("before", before.figure.value)
                    .with("value", self.value)
                    .into())
            }
            _ => Ok(()),
        }
    }
}

/// Figures that are recorded together, by territory.
type ByTerritory<'c> = BTreeMap<&'c Slug, Vec<Found>>;

/// Records what a source published (point 4): facts of others, which need no power. What could not say anything without
/// these figures, or read others in their place, is evaluated again at once (point 7).
pub fn record(c: &RecordRelease, cx: &Context, known: &Known<'_>) -> Result<Decided, Undecided> {
    let mut decided = Decided::new();
    let mut seen = BTreeSet::new();
    let mut made: BTreeMap<&Slug, u64> = BTreeMap::new();
    let mut by_territory = ByTerritory::new();
    for new in &c.figures {
        let recording = Recording {
            indicator: &new.indicator,
            territory: &new.territory,
            period: new.period,
            value: new.value,
            published_on: c.published_on,
            source_kind: c.source_kind,
            act: new.act.as_ref(),
        };
        let known_from = recording.check(cx, known)?;
        let indicator = known.indicator(&new.indicator)?;
        let twice = !seen.insert((&new.indicator, &new.territory, new.period));
        let kept = indicator.current(&new.territory, new.period);
        if let Some(kept) = kept.filter(|_| !twice) {
            return Err(Blocked::control(Code::FigureRecorded)
                .with("indicator", &new.indicator)
                .with("period", new.period)
                .with("release", kept.figure.release)
                .with("value", kept.figure.value)
                .into());
        }
        if twice {
            return Err(Blocked::control(Code::LinesMalformed)
                .with("indicator", &new.indicator)
                .with("period", new.period)
                .with("why", "twice")
                .into());
        }
        let number = made.entry(&new.indicator).or_insert(indicator.made());
        *number += 1;
        by_territory.entry(&new.territory).or_default().push(Found {
            figure: CitedFigure {
                indicator: new.indicator.clone(),
                release: Count(*number),
                period: new.period,
                value: new.value,
            },
            series: new.series.clone(),
        });
        let fact = FigureReleased {
            release: Count(*number),
            indicator: new.indicator.clone(),
            territory: new.territory.clone(),
            period: new.period,
            value: new.value,
            published_on: c.published_on,
            source: c.source.clone(),
            source_kind: c.source_kind,
            series: new.series.clone(),
            act: new.act.clone(),
            supersedes: None,
            reason: None,
            note: new.note.clone(),
            facts: Facts::new().with("known-from", known_from),
        };
        let event = about(cx, new.period, Fact::FigureReleased(fact));
        decided.extend(on(&new.indicator, event));
    }
    if decided.is_empty() {
        return Err(Blocked::control(Code::LinesMalformed)
            .with("figures", 0)
            .into());
    }
    for (territory, new) in &by_territory {
        let (evaluated, found) = reevaluate(territory, new, cx, known)?;
        let population_departure = known.population_departure(territory)?;
        for (_, event) in &mut decided {
            let Fact::FigureReleased(released) = &mut event.fact else {
                continue;
            };
            let looks = |e: &Evaluation| e.looks_at(&released.indicator, released.period);
            if released.territory == **territory && population_departure.standing().any(looks) {
                released.facts.0.extend(found.0.clone());
            }
        }
        decided.extend(evaluated);
    }
    Ok(decided)
}

/// Records a revision (point 4): a full new release in place of one that stays readable. What leaned on the old figure is
/// found by the view; the trigger of point 7 is evaluated again at once.
pub fn revise(c: &ReviseFigure, cx: &Context, known: &Known<'_>) -> Result<Decided, Undecided> {
    let (indicator, _) = defined(known, &c.indicator)?;
    let old = indicator
        .release(c.supersedes)
        .ok_or_else(|| Blocked::control(Code::ReleaseNotFound).with("release", c.supersedes))?;
    if old.superseded {
        return Err(Blocked::control(Code::ReleaseSuperseded)
            .with("release", c.supersedes)
            .into());
    }
    let recording = Recording {
        indicator: &c.indicator,
        territory: &old.territory,
        period: old.period,
        value: c.value,
        published_on: c.published_on,
        source_kind: c.source_kind,
        act: c.act.as_ref(),
    };
    let known_from = recording.check(cx, known)?;
    let release = Count(indicator.made() + 1);
    let new = Found {
        figure: CitedFigure {
            indicator: c.indicator.clone(),
            release,
            period: old.period,
            value: c.value,
        },
        series: c.series.clone(),
    };
    let news = [new.clone()];
    let (evaluated, facts) = reevaluate(&old.territory, &news, cx, known)?;
    let facts = facts
        .with("known-from", known_from)
        .with("superseded-value", old.value);
    let fact = FigureReleased {
        release,
        indicator: c.indicator.clone(),
        territory: old.territory,
        period: old.period,
        value: c.value,
        published_on: c.published_on,
        source: c.source.clone(),
        source_kind: c.source_kind,
        series: new.series,
        act: c.act.clone(),
        supersedes: Some(c.supersedes),
        reason: Some(c.reason.clone()),
        note: c.note.clone(),
        facts,
    };
    let event = about(cx, old.period, Fact::FigureReleased(fact));
    let mut decided = on(&c.indicator, event);
    decided.extend(evaluated);
    Ok(decided)
}

/// Computes a figure from cited ones (point 4), anew where its inputs were revised.
pub fn compute(c: &ComputeFigure, cx: &Context, known: &Known<'_>) -> Result<Decided, Undecided> {
    let (indicator, definition) = defined(known, &c.indicator)?;
    let blocked = |code| {
        Blocked::control(code)
            .with("indicator", &c.indicator)
            .with("period", c.period)
    };
    let Some(formula) = &definition.formula else {
        return Err(blocked(Code::FigureIsNotDerived).into());
    };
    if !c.period.is(definition.period) {
        let kind = definition.period.as_str();
        return Err(blocked(Code::PeriodDoesNotFit).with("wanted", kind).into());
    }
    let derived = derive(formula, &Figures::of(known, &c.territory), c.period)?;
    let kept = indicator.current(&c.territory, c.period);
    if let Some(kept) = &kept
        && kept.figure.value == derived.value
        && indicator.leans_on(kept.figure.release) == Some(&derived.inputs)
    {
        return Err(blocked(Code::NoChange).with("value", derived.value).into());
    }
    let (basis, facts) = power(cx, known)?;
    let new = [Found {
        figure: CitedFigure {
            indicator: c.indicator.clone(),
            release: Count(indicator.made() + 1),
            period: c.period,
            value: derived.value,
        },
        series: derived.series.clone(),
    }];
    let (evaluated, found) = reevaluate(&c.territory, &new, cx, known)?;
    let mut facts = facts;
    facts.0.extend(found.0);
    let fact = FigureDerived {
        release: Count(indicator.made() + 1),
        indicator: c.indicator.clone(),
        territory: c.territory.clone(),
        period: c.period,
        value: derived.value,
        formula: formula.clone(),
        inputs: derived.inputs,
        series: derived.series,
        supersedes: kept.map(|kept| kept.figure.release),
        facts,
    };
    let event = about(cx, c.period, Fact::FigureDerived(fact)).citing(basis);
    let mut decided = on(&c.indicator, event);
    decided.extend(evaluated);
    Ok(decided)
}

/// Holds a stock against the reported changes of a period (point 4) and records the difference, whatever it is.
pub fn reconcile(
    c: &ReconcileFigures,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Decided, Undecided> {
    let (_, definition) = defined(known, &c.stock)?;
    if definition.nature != Nature::Stock || c.period.months() == 0 {
        return Err(Blocked::control(Code::PeriodDoesNotFit)
            .with("indicator", &c.stock)
            .with("period", c.period)
            .into());
    }
    if c.parts.is_empty() {
        return Err(Blocked::control(Code::InputMissing)
            .with("missing", "parts")
            .into());
    }
    let figures = Figures::of(known, &c.territory);
    let ends = figures.ends(&c.stock, c.period)?.map_err(undecided)?;
    let mut parts = Vec::new();
    for part in &c.parts {
        defined(known, part)?;
        match figures.at(part, c.period)? {
            Some(found) => parts.push(found.figure),
            None => {
                let missing = super::Missing {
                    indicator: part.clone(),
                    period: c.period,
                };
                return Err(Blocked::control(Code::InputMissing)
                    .with("missing", missing)
                    .into());
            }
        }
    }
    let changed: i128 = parts.iter().map(|part| i128::from(part.value.0)).sum();
    let implied = figure(i128::from(ends.end.value.0) - changed);
    let discrepancy = figure(i128::from(ends.change()) - changed);
    let (Some(implied_start), Some(discrepancy)) = (implied, discrepancy) else {
        return Err(Blocked::control(Code::FigureTooLarge).into());
    };
    let (basis, facts) = power(cx, known)?;
    let fact = FiguresReconciled {
        territory: c.territory.clone(),
        period: c.period,
        start: ends.start,
        end: ends.end,
        parts,
        implied_start,
        discrepancy,
        facts,
    };
    let event = about(cx, c.period, Fact::FiguresReconciled(fact)).citing(basis);
    Ok(on(&c.stock, event))
}

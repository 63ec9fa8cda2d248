//! The words of points 4, 7 and 8: features, figures and their sources, the trigger, measures, services.

use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::scalar::Malformed;

terms!(
    /// One of the ten features of migration in Almaty that point 4 names.
    Feature {
        /// Density of the population.
        PopulationDensity = "population-density",
        /// Immigration.
        Immigration = "immigration",
        /// Emigration.
        Emigration = "emigration",
        /// Labour migration.
        LabourMigration = "labour-migration",
        /// Flows of internal migration.
        InternalFlows = "internal-flows",
        /// Urbanisation.
        Urbanisation = "urbanisation",
        /// The ecological situation.
        EcologicalSituation = "ecological-situation",
        /// The religious situation.
        ReligiousSituation = "religious-situation",
        /// Ethnic composition of the population.
        EthnicComposition = "ethnic-composition",
        /// Balance of the labour market.
        LabourMarketBalance = "labour-market-balance",
    }
);
terms!(
    /// What a figure of an indicator is.
    Nature {
        /// A number that stands on a day; never negative.
        Stock = "stock",
        /// A number of events in a period; never negative.
        Flow = "flow",
        /// A difference over a period; may be negative.
        Balance = "balance",
        /// An area that stands from a day and changes only by an act.
        Area = "area",
    }
);
terms!(
    /// What an indicator's figures are about.
    PeriodKind {
        /// One day.
        Day = "day",
        /// A calendar month.
        Month = "month",
        /// A quarter of a year.
        Quarter = "quarter",
        /// A calendar year.
        Year = "year",
        /// Any run of whole months.
        Months = "months",
    }
);
terms!(
    /// What kind of source a figure was taken from.
    SourceKind {
        /// Statistics as their producer published them.
        PublishedStatistics = "published-statistics",
        /// A statement of an official body: a briefing, an answer, a report.
        OfficialStatement = "official-statement",
        /// The press, which repeats others.
        Press = "press",
        /// An encyclopaedia or another work of reference.
        ReferenceWork = "reference-work",
        /// Records of the city's own bodies, as a number without persons.
        OwnRecords = "own-records",
    }
);
terms!(
    /// A reading of "the departure of population exceeds the pace of its growth" (point 7).
    Reading {
        /// Departures exceed arrivals and natural increase together: the population falls.
        A = "a",
        /// Departures exceed natural increase.
        B = "b",
        /// Departures exceed total growth.
        C = "c",
    }
);
terms!(
    /// What a reading of the trigger says (point 7).
    TriggerOutcome {
        /// Departures exceed.
        Fired = "fired",
        /// They do not.
        NotFired = "not-fired",
        /// Figures that the reading needs are not recorded.
        CannotEvaluate = "cannot-evaluate",
    }
);
terms!(
    /// The kinds of measures of point 7, and any other.
    MeasureKind {
        /// Attracting skilled labour.
        SkilledLabour = "skilled-labour",
        /// Assisting its rapid social adaptation.
        Adaptation = "adaptation",
        /// Vocational training of kandas, especially the young.
        Training = "training",
        /// Retraining of kandas, especially the young.
        Retraining = "retraining",
        /// Another measure.
        Other = "other",
    }
);
terms!(
    /// How a measure stands by a report of its owner (point 7).
    MeasureOutcome {
        /// It is under way.
        UnderWay = "under-way",
        /// It is done.
        Done = "done",
        /// It was done in part and ends so.
        InPart = "in-part",
        /// It was given up.
        Dropped = "dropped",
    }
);
terms!(
    /// What is needed for a population (point 8).
    ServiceKind {
        /// Jobs.
        Jobs = "jobs",
        /// Places in schools.
        School = "school",
        /// Places in kindergartens.
        Kindergarten = "kindergarten",
        /// Capacity of medical institutions.
        Clinic = "clinic",
    }
);

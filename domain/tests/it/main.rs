//! The rules on whole streams: given what happened, when a command comes, then events or a block.

#![allow(unreachable_pub, reason = "modules of one test binary")]

mod after_review;
mod amended;
mod application;
mod blocked;
mod case;
mod citizen;
mod corrected_case;
mod destruction;
mod earlier;
mod fallen;
mod forecast;
mod hands;
mod journal;
mod labour;
mod law;
mod monitoring;
mod never;
mod norms;
mod office;
mod personal;
mod population_departure;
mod proposals;
mod quota;
mod quota_property;
mod read_list;
mod recount;
mod registration;
mod repayment;
mod report;
mod review;
mod rules_property;
mod splits;
mod term;
mod world;

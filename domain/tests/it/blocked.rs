//! Every blocked reason of the catalogue is produced by a test: given, when, then. Each row names a test and the codes that it
//! makes come; the test is run, and what came is what the domain answered, not what somebody wrote down.

use std::{cell::RefCell, collections::BTreeSet};

use qonys_domain::blocked::{Basis, Blocked, Code, Rests};

pub mod applications;
pub mod proposals;
pub mod registration;

thread_local! {
    /// What blocked on this thread, and whether by the law.
    static CAME: RefCell<BTreeSet<(Code, bool)>> = const { RefCell::new(BTreeSet::new()) };
}

/// Notes that a command was blocked. Its basis is of the kind that the catalogue tells.
pub fn note(blocked: &Blocked) {
    let by_law = matches!(blocked.basis, Basis::Law { .. });
    match blocked.code.rests() {
        Rests::Control => assert!(!by_law, "{blocked} rests on the law"),
        Rests::Law(_) => assert!(by_law, "{blocked} rests on no law"),
        Rests::Either(_) => {}
    }
    CAME.with_borrow_mut(|came| came.insert((blocked.code, by_law)));
}

/// What the rules do not say: it is the sender's own precondition, tested where it is compared.
const BESIDE_THE_RULES: [Code; 1] = [Code::VersionMoved];

/// Tests, and the codes that each makes come.
const PRODUCED: &[(fn(), &str)] = &[
    (
        crate::population_departure::plans::every_reason_that_blocks_point_7,
        "no-basis before-its-cause evaluation-not-found trigger-not-fired plan-not-found due-date-passed share-above-whole",
    ),
    (
        crate::quota::acts_of_the_setter_are_blocked_only_where_they_cannot_be_recorded_without_ambiguity,
        "basis-unknown line-established line-not-established",
    ),
    (
        crate::case::a_spouse_who_is_no_kandas_joins_by_family_tie,
        "norm-missing nothing-to-join arrived-in-another-year",
    ),
    (
        crate::law::a_future_decision_date_is_blocked,
        "decision-in-future",
    ),
    (
        crate::law::what_cannot_be_recorded_without_ambiguity_is_blocked,
        "log-state act-exists dates-out-of-order date-recorded before-earliest-possible evidence-recorded validity-overlaps interval-empty no-change",
    ),
    (
        crate::monitoring::blocked::every_reason_that_blocks_monitoring,
        "act-not-found lines-malformed indicator-exists indicator-not-found indicator-malformed period-does-not-fit negative-figure figure-too-large published-statistics-only area-without-act figure-before-its-time figure-recorded figure-is-derived figure-is-not-derived input-missing",
    ),
    (
        crate::recount::an_act_that_changes_the_counting_rule_is_recorded_and_rules_never_mix,
        "counting-rule-mixed",
    ),
    (
        crate::term::a_term_is_extended_while_it_runs_within_the_norm_and_with_a_reason,
        "extension-too-long term-ran-out",
    ),
    (
        crate::quota::regional_lines_above_the_reported_total_are_recorded_only_when_confirmed,
        "regional-lines-exceed-total",
    ),
    (
        crate::quota::source_gap_lines_are_for_tests_only,
        "source-gap-outside-tests",
    ),
    (
        crate::quota::an_application_consumes_exactly_the_line_of_its_territory_decided_by_its_office,
        "national-line-is-total no-quota-line limit-reached territory-not-determined not-the-deciding-office",
    ),
    (
        crate::quota::case_2024,
        "quota-not-in-force over-committed",
    ),
    (
        crate::quota::a_kandas_needs_the_status_and_a_decision_a_day_in_the_year,
        "outside-quota-year person-not-found status-missing",
    ),
    (
        applications::a_reference_stands_for_one_application,
        "application-exists",
    ),
    (
        applications::an_adverse_act_needs_the_facts_of_its_ground,
        "facts-missing",
    ),
    (
        crate::quota::holds_end_by_commitment_or_release_and_never_before_they_began,
        "application-not-found application-decided not-held nothing-to-release adopts-other-bytes",
    ),
    (
        crate::earlier::what_was_not_adopted_earlier_or_by_another_is_decided_the_usual_way,
        "not-adopted-earlier",
    ),
    (
        crate::hands::whoever_holds_places_does_not_commit_them,
        "same-hands",
    ),
    (
        crate::quota::the_year_is_closed_by_an_official_when_it_is_over_and_nothing_is_held,
        "year-not-over year-closed places-still-held",
    ),
    (
        registration::a_residence_has_one_place_and_one_beginning,
        "ground-does-not-fit dwelling-not-found already-resident no-residence registration-overlaps",
    ),
    (
        registration::whoever_holds_the_dwelling_consents,
        "no-consent not-a-holder not-a-living-place dwelling-destroyed",
    ),
    (
        registration::a_status_is_granted_once_and_to_no_citizen,
        "status-granted citizen-is-no-kandas not-a-representative not-the-role",
    ),
    (
        registration::a_stay_has_an_end_and_another_place,
        "stay-at-residence stay-without-end no-stay not-an-immigrant",
    ),
    (
        crate::registration::nobody_is_registered_after_death,
        "person-died",
    ),
    (
        crate::personal::blocked_data_are_neither_changed_nor_destroyed,
        "data-blocked",
    ),
    (
        crate::personal::nothing_is_said_about_a_destroyed_person,
        "data-destroyed",
    ),
    (
        crate::personal::each_live_duty_is_named,
        "duty-to-keep",
    ),
    (
        crate::destruction::two_people_destroy,
        "not-proposed",
    ),
    (
        crate::personal::a_number_of_somebody_else_corrects_nobody,
        "another-person",
    ),
    (
        registration::the_fourth_has_no_room_under_the_norm_of_point_10,
        "over-norm guardianship-not-recorded",
    ),
    (
        registration::a_child_is_registered_with_somebody_and_a_family_names_everybody_once,
        "guardian-not-resident child-without-guardian members-malformed",
    ),
    (
        registration::a_kandas_stays_in_an_adaptation_centre_for_the_term_in_force,
        "adaptation-term",
    ),
    (
        registration::a_correction_names_an_entry_that_stands,
        "entry-not-found already-superseded not-a-move",
    ),
    (
        crate::proposals::a_warning_is_confirmed_with_a_reason_or_blocks,
        "warning-not-confirmed warning-not-given",
    ),
    (
        crate::proposals::a_closed_body_is_no_addressee,
        "addressee-not-competent",
    ),
    (
        proposals::a_proposal_looks_ahead_and_goes_step_by_step,
        "proposal-not-found proposal-step horizon-malformed already-linked",
    ),
    (
        crate::case::where_no_special_term_is_known_the_default_counts_and_without_a_calendar_nothing_does,
        "calendar-missing term-runs",
    ),
    (
        crate::review::a_clerical_error_is_put_right_within_three_working_days,
        "not-the-applicant term-over",
    ),
    (
        crate::case::the_hearing_of_the_2025_term,
        "no-preliminary-decision hearing-due notice-too-short",
    ),
    (
        crate::case::an_opinion_of_the_commission_fits_its_members_and_votes,
        "opinion-malformed",
    ),
    (
        crate::review::notice_runs_the_term_of_complaint_and_a_late_complaint_is_marked,
        "no-such-decision complaint-open no-such-complaint",
    ),
    (
        crate::review::nobody_reviews_his_own_act_and_each_instance_decides_in_its_turn,
        "complaint-decided own-act not-for-this-instance effect-malformed",
    ),
    (
        crate::review::a_complaint_of_the_applicant_never_makes_it_worse,
        "no-worsening",
    ),
    (
        crate::repayment::who_refuses_the_citizenship_repays_and_an_unknown_norm_is_said,
        "not-included",
    ),
    (
        crate::repayment::a_kandas_who_moves_from_pavlodar_to_kostanay_repays,
        "no-finding claim-too-high",
    ),
    (
        crate::repayment::what_is_paid_back_or_withdrawn_is_owed_no_more,
        "more-than-owed",
    ),
    (
        crate::monitoring::a_revision_is_a_full_new_release_and_is_revised_in_its_turn,
        "release-not-found release-superseded",
    ),
    (
        crate::monitoring::a_census_is_no_growth,
        "series-break",
    ),
    (
        crate::population_departure::the_recorded_choice_of_the_reading_decides,
        "reading-not-chosen",
    ),
    (
        crate::population_departure::a_revised_figure_evaluates_again_and_shows_the_change,
        "evaluation-superseded",
    ),
    (
        crate::population_departure::plans::a_plan_has_measures_of_five_kinds_with_owners_days_and_results,
        "plan-closed plan-without-measures measure-not-found measure-ended measures-open kandas-measure-missing",
    ),
    (
        crate::forecast::blocked::the_records_serve_the_purposes_of_point_8_and_no_other,
        "purpose-not-permitted",
    ),
    (
        crate::forecast::blocked::every_reason_that_blocks_point_8,
        "inputs-malformed inputs-recorded base-recorded norm-set-missing rates-missing ages-not-separable forecast-horizon",
    ),
    (
        crate::forecast::an_institution_that_is_changed_serves_as_it_is_on_each_day,
        "facility-not-found",
    ),
    (
        crate::forecast::blocked::a_forecast_needs_a_base_a_history_and_rates_of_its_groups,
        "base-missing rates-do-not-fit series-too-short",
    ),
    (
        crate::forecast::blocked::a_projection_does_not_pretend_to_know_ages,
        "ages-too-coarse",
    ),
    (
        crate::forecast::blocked::a_corrected_base_takes_the_place_of_the_one_before_it,
        "base-not-standing",
    ),
    (
        crate::office::whoever_is_not_appointed_on_the_decision_date_is_blocked,
        "office-not-valid not-appointed",
    ),
    (
        crate::office::an_official_acts_within_the_territory_of_his_office,
        "outside-territory",
    ),
    (
        crate::office::unregistered::a_name_is_no_way_around_a_registered_office,
        "office-not-registered",
    ),
    (
        crate::office::a_power_is_held_by_the_office_and_by_the_official,
        "power-not-vested power-not-held",
    ),
    (
        crate::office::an_appointment_ends_on_its_day_and_what_was_done_before_stands,
        "assignment-not-found",
    ),
    (
        crate::office::the_catalogue_of_powers_has_no_catch_all,
        "office-not-found power-not-catalogued power-has-its-command",
    ),
    (
        crate::journal::a_paper_number_is_the_next_one_on_a_day_that_is_not_before_the_last,
        "number-taken number-gap",
    ),
    (
        crate::journal::the_decision_goes_out_in_the_language_of_the_case,
        "not-the-language-of-the-case",
    ),
    (
        crate::journal::a_case_goes_on_in_the_office_of_another_territory_and_its_filing_stays,
        "already-held",
    ),
    (
        crate::labour::a_share_that_nobody_recorded_is_unknown_and_nothing_is_granted_inside_it,
        "share-not-recorded",
    ),
    (
        crate::labour::a_permit_is_suspended_resumed_and_withdrawn_on_its_days,
        "permit-not-found permit-step",
    ),
    (
        crate::report::a_report_is_signed_as_it_was_frozen_and_once,
        "report-not-found",
    ),
    (
        crate::corrected_case::one_person_takes_one_place_of_a_year,
        "already-included",
    ),
    (
        crate::after_review::nothing_is_paid_while_a_complaint_of_another_suspends_the_inclusion,
        "execution-suspended",
    ),
];

#[test]
fn every_reason_is_produced_by_a_test() {
    let mut told = BTreeSet::new();
    let mut all = BTreeSet::new();
    for (test, codes) in PRODUCED {
        CAME.take();
        test();
        let came = CAME.take();
        for name in codes.split(' ') {
            let code = Code::ALL.iter().find(|code| code.as_str() == name);
            let code = *code.unwrap_or_else(|| panic!("{name} is no code"));
            assert!(told.insert(code), "{name} stands twice");
            assert!(
                came.iter().any(|(other, _)| *other == code),
                "{name} did not come: {came:?}"
            );
        }
        all.extend(came);
    }
    told.extend(BESIDE_THE_RULES);
    let missing: Vec<_> = Code::ALL
        .iter()
        .filter(|code| !told.contains(code))
        .collect();
    assert!(missing.is_empty(), "no test produces {missing:?}");
    // Whatever rests on the law sometimes does so in a test, and whatever rests on it only sometimes does both.
    for code in Code::ALL {
        let (law, control) = (all.contains(&(*code, true)), all.contains(&(*code, false)));
        match code.rests() {
            Rests::Either(_) => assert!(law && control, "{code:?}: law {law}, control {control}"),
            Rests::Law(_) => assert!(law, "{code:?}"),
            Rests::Control => {}
        }
    }
}

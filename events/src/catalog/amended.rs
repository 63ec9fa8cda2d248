//! Examples of what becomes of an entry that stands: an end, a correction, an annulment.

/// Type, stream and data of one example entry each, in the order of the vocabulary.
pub(super) const EXAMPLES: &[(&str, &str, &str)] = &[
    (
        "kz.qonys.law.corrected.v1",
        "law/main",
        r#"{"entry":"4","reason":"the first day was mistyped","record":{"of":"norm","says":{"norm":"housing-provision.useful-area","document":"almaty-maslikhat-152-2017","point":"10","value":"1500","unit":"square-decimetres-per-person","from":"2021-03-12","certainty":"known","source":"point 10"}}}"#,
    ),
    (
        "kz.qonys.norm.ended.v1",
        "law/main",
        r#"{"norm":"housing-provision.useful-area","from":"2021-03-12","until":"2024-04-09","source":"the act lost force"}"#,
    ),
    (
        "kz.qonys.power.ended.v1",
        "law/main",
        r#"{"power":"medium-term-quota-proposal","document":"almaty-maslikhat-152-2017","point":"5","from":"2017-10-30","until":"2024-04-09","source":"the act lost force"}"#,
    ),
    (
        "kz.qonys.quota.corrected.v1",
        "law/main",
        r#"{"entry":"7","reason":"a digit was mistyped","set":{"act":"order-2024-08","action":"amend","year":"2024","rule":"principals-and-members","rule_certainty":"assumed","lines":[{"category":"kandas","territory":"kazakhstan","limit":"3033"},{"category":"resettlers","territory":"kazakhstan","limit":"6405"}]}}"#,
    ),
    (
        "kz.qonys.person.inclusion-asked.v1",
        "person/5f1c1d8a-0e0b-4f39-8a55-6f0f6f9d0a02",
        r#"{"application":"0d6f3d0e-7a44-4c2e-9f3a-2b1f1f6f0c01"}"#,
    ),
    (
        "kz.qonys.person.kandas-status-annulled.v1",
        "person/5f1c1d8a-0e0b-4f39-8a55-6f0f6f9d0a02",
        r#"{"application":"0d6f3d0e-7a44-4c2e-9f3a-2b1f1f6f0c01","complaint":"7c0de3aa-5b9f-4f0e-8a4f-3d6c1b2a9e05","status_from":"2024-08-24","facts":{"effect-from":"adoption"}}"#,
    ),
    (
        "kz.qonys.application.corrected.v1",
        "application/0d6f3d0e-7a44-4c2e-9f3a-2b1f1f6f0c01",
        r#"{"corrects":{"entry":"1","reason":"clerical"},"record":{"of":"filing","says":{"application":"0d6f3d0e-7a44-4c2e-9f3a-2b1f1f6f0c01","applicant":"5f1c1d8a-0e0b-4f39-8a55-6f0f6f9d0a02","category":"kandas","territory":"pavlodar","year":"2024","members":"2"}}}"#,
    ),
    (
        "kz.qonys.proposals.entered.v1",
        "proposals/almaty",
        r#"{"proposal":"1b8f6c3a-9d10-4b59-b6a5-5a7f1f0e2d04"}"#,
    ),
    (
        "kz.qonys.offices.entered.v1",
        "offices/almaty",
        r#"{"office":"akimat.almaty"}"#,
    ),
    (
        "kz.qonys.application.term-extended.v1",
        "application/0d6f3d0e-7a44-4c2e-9f3a-2b1f1f6f0c01",
        r#"{"until":"2024-10-01","was":"2024-09-05","working_days":"33","document":"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328","facts":{"act-certainty":"known","deadline":"2024-09-05"},"bases":[{"act":"administrative-procedure-code","point":"76","wording":"first","language":"ru","certainty":"assumed"}],"slots":[{"name":"reason","subject":"5f1c1d8a-0e0b-4f39-8a55-6f0f6f9d0a02","category":"case","scheme":"aes-256-gcm-siv.1","commitment":"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328","sealed":"6dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"}]}"#,
    ),
    (
        "kz.qonys.quota-line.limit-withdrawn.v1",
        "quota-line/kandas.pavlodar.2024.principals-and-members",
        r#"{"line":{"category":"kandas","territory":"pavlodar","year":"2024","rule":"principals-and-members"},"act":"order-2024-08"}"#,
    ),
    (
        "kz.qonys.quota-line.places-recounted.v1",
        "quota-line/kandas.pavlodar.2024.families",
        r#"{"application":"0d6f3d0e-7a44-4c2e-9f3a-2b1f1f6f0c01","places":"1","before":{"category":"kandas","territory":"pavlodar","year":"2024","rule":"principals-and-members"}}"#,
    ),
    (
        "kz.qonys.application.inclusion-recounted.v1",
        "application/0d6f3d0e-7a44-4c2e-9f3a-2b1f1f6f0c01",
        r#"{"line":{"category":"kandas","territory":"pavlodar","year":"2024","rule":"families"},"places":"1","facts":{"act-certainty":"known","counting-rule":"families"},"bases":[]}"#,
    ),
];

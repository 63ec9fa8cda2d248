//! Examples of a decision that was proved to have been adopted earlier (point 6).

/// Type, stream and data of one example entry each.
pub(super) const EXAMPLES: &[(&str, &str, &str)] = &[
    (
        "kz.qonys.quota-line.places-proved.v1",
        "quota-line/kandas.pavlodar.2024.families",
        r#"{"application":"0d6f3d0e-7a44-4c2e-9f3a-2b1f1f6f0c01","places":"1"}"#,
    ),
    (
        "kz.qonys.application.inclusion-proved.v1",
        "application/0d6f3d0e-7a44-4c2e-9f3a-2b1f1f6f0c01",
        r#"{"line":{"category":"kandas","territory":"pavlodar","year":"2024","rule":"families"},"places":"1","official":"a0b1c2d3-0000-4000-8000-000000000002","document":"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328","proved_by":"register-of-decisions","proof":"6dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604329","facts":{"act-certainty":"known","counting-rule":"families","over-committed-by":"1"},"bases":[]}"#,
    ),
];

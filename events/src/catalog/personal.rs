//! Examples of the duties about personal data.

/// Type, stream and data of one example entry each.
pub(super) const EXAMPLES: &[(&str, &str, &str)] = &[
    (
        "kz.qonys.person.data-blocked.v1",
        "person/5f1c1d8a-0e0b-4f39-8a55-6f0f6f9d0a02",
        r#"{"person":"5f1c1d8a-0e0b-4f39-8a55-6f0f6f9d0a02","reason":"accuracy-disputed","document":"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328","requested_on":"2024-08-23","in_time_until":"2024-08-26","late":false,"facts":{"act-certainty":"known","working-days":"1"}}"#,
    ),
    (
        "kz.qonys.person.data-unblocked.v1",
        "person/5f1c1d8a-0e0b-4f39-8a55-6f0f6f9d0a02",
        r#"{"person":"5f1c1d8a-0e0b-4f39-8a55-6f0f6f9d0a02","document":"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328","requested_on":"2024-08-23","in_time_until":"2024-08-26","late":false,"facts":{"act-certainty":"known","working-days":"1"}}"#,
    ),
    (
        "kz.qonys.person.data-destroyed.v1",
        "person/5f1c1d8a-0e0b-4f39-8a55-6f0f6f9d0a02",
        r#"{"person":"5f1c1d8a-0e0b-4f39-8a55-6f0f6f9d0a02","ground":"term-over","document":"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328","requested_on":"2024-08-23","in_time_until":"2024-08-26","late":false,"facts":{"act-certainty":"known","cases":"1","archive-until":"2024-08-20"},"bases":[{"act":"law-94-2013","point":"25","wording":"first","language":"ru","certainty":"known"}]}"#,
    ),
];

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
        "kz.qonys.person.destruction-proposed.v1",
        "person/5f1c1d8a-0e0b-4f39-8a55-6f0f6f9d0a02",
        r#"{"subject":"5f1c1d8a-0e0b-4f39-8a55-6f0f6f9d0a02","ground":"term-over","document":"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328","requested_on":"2024-08-23","facts":{"act-certainty":"known","cases":"1","archive-until":"2024-08-20"},"bases":[{"act":"law-94-2013","point":"25","wording":"first","language":"ru","certainty":"known"}]}"#,
    ),
    (
        "kz.qonys.person.data-destroyed.v1",
        "person/5f1c1d8a-0e0b-4f39-8a55-6f0f6f9d0a02",
        r#"{"subject":"5f1c1d8a-0e0b-4f39-8a55-6f0f6f9d0a02","ground":"term-over","document":"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328","requested_on":"2024-08-23","in_time_until":"2024-08-26","late":false,"adopts":{"streamseq":"7","leaf":"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"},"facts":{"act-certainty":"known","cases":"1","archive-until":"2024-08-20"},"bases":[{"act":"law-94-2013","point":"25","wording":"first","language":"ru","certainty":"known"}]}"#,
    ),
    (
        "kz.qonys.dwelling.destruction-proposed.v1",
        "dwelling/77aa3c5e-55d1-4b3c-8f1c-0c6b8d2c1e03",
        r#"{"subject":"77aa3c5e-55d1-4b3c-8f1c-0c6b8d2c1e03","ground":"relation-ended","document":"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328","requested_on":"2024-08-23","facts":{"act-certainty":"known","destroyed-on":"2023-02-01","archive-until":"2024-08-20"},"bases":[{"act":"law-94-2013","point":"25","wording":"first","language":"ru","certainty":"known"}]}"#,
    ),
    (
        "kz.qonys.dwelling.data-destroyed.v1",
        "dwelling/77aa3c5e-55d1-4b3c-8f1c-0c6b8d2c1e03",
        r#"{"subject":"77aa3c5e-55d1-4b3c-8f1c-0c6b8d2c1e03","ground":"relation-ended","document":"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328","requested_on":"2024-08-23","in_time_until":"2024-08-26","late":false,"adopts":{"streamseq":"7","leaf":"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"},"facts":{"act-certainty":"known","destroyed-on":"2023-02-01","archive-until":"2024-08-20"},"bases":[{"act":"law-94-2013","point":"25","wording":"first","language":"ru","certainty":"known"}]}"#,
    ),
];

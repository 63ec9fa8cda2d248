//! Examples of the facts of the second log.

pub(super) const EXAMPLES: &[(&str, &str, &str)] = &[
    (
        "kz.qonys.access.data-read.v1",
        "person/5f1c1d8a-0e0b-4f39-8a55-6f0f6f9d0a02",
        r#"{"kind":"read","operation":"open-entry","parameters":["position"],"position":"4711","found":["5f1c1d8a-0e0b-4f39-8a55-6f0f6f9d0a02"],"opened":["name"],"shown_from":"2025-01-01"}"#,
    ),
    (
        "kz.qonys.access.command-blocked.v1",
        "office/akimat.almaty",
        r#"{"command":"0d6f3d0e-7a44-4c2e-9f3a-2b1f1f6f0c01","command_type":"hold-places","code":"limit-reached","blocking_act":"order-2024-08","blocking_point":"1","facts":{"headroom":"0","limit":"932"},"repeated":"0"}"#,
    ),
];

//! Examples of points 4, 7 and 8.

/// Type, stream and data of one example entry each.
pub(super) const EXAMPLES: &[(&str, &str, &str)] = &[
    (
        "kz.qonys.indicator.defined.v1",
        "indicator/population-density",
        r#"{"indicator":"population-density","titles":{"kk":"Халықтың тығыздығы","en":"Density of the population"},"feature":"population-density","nature":"stock","unit":"persons-per-square-kilometre","period":"day","formula":{"formula":"density","population":"population","area":"area"}}"#,
    ),
    (
        "kz.qonys.indicator.figure-released.v1",
        "indicator/population",
        r#"{"release":"5","indicator":"population","territory":"almaty","period":"2023-06-01","value":"2185596","published_on":"2023-06","source":"tengrinews.kz","source_kind":"press","series":"after-2021-census","supersedes":"2","reason":"a misprint","facts":{"known-from":"2023-06-30"}}"#,
    ),
    (
        "kz.qonys.indicator.figure-derived.v1",
        "indicator/population-density",
        r#"{"release":"1","indicator":"population-density","territory":"almaty","period":"2020-01-01","value":"2811","formula":{"formula":"density","population":"population","area":"area"},"inputs":[{"indicator":"population","release":"1","period":"2020-01-01","value":"1916822"},{"indicator":"area","release":"1","period":"2020-01-01","value":"68200"}],"facts":{"act-certainty":"known"}}"#,
    ),
    (
        "kz.qonys.indicator.figures-reconciled.v1",
        "indicator/population",
        r#"{"territory":"almaty","period":"2023-01/2023-05","start":{"indicator":"population","release":"3","period":"2023-01-01","value":"2161695"},"end":{"indicator":"population","release":"5","period":"2023-06-01","value":"2185596"},"parts":[{"indicator":"population-growth","release":"1","period":"2023-01/2023-05","value":"23694"}],"implied_start":"2161902","discrepancy":"207","facts":{"act-certainty":"known"}}"#,
    ),
];

//! Examples of offices and of what they keep.

/// Type, stream and data of one example entry each.
pub(super) const EXAMPLES: &[(&str, &str, &str)] = &[
    (
        "kz.qonys.power.other-recorded.v1",
        "law/main",
        r#"{"power":"school-places","titles":{"ru":"места в школах для детей переселенцев","en":"school places for children of migrants"},"document":"law-477-2011","point":"15(9)","from":"2011-07-22","certainty":"assumed","source":"migration law"}"#,
    ),
    (
        "kz.qonys.office.registered.v1",
        "office/akimat.almaty",
        r#"{"office":"akimat.almaty","titles":{"kk":"Алматы қаласының әкімдігі","en":"akimat of the city of Almaty"},"territories":["almaty"],"order":{"number":"12-k","dated":"2024-08-20"}}"#,
    ),
    (
        "kz.qonys.office.powers-vested.v1",
        "office/akimat.almaty",
        r#"{"powers":["school-places","kandas-inclusion"],"document":"law-477-2011","point":"15(9)","certainty":"assumed","source":"migration law"}"#,
    ),
    (
        "kz.qonys.office.official-appointed.v1",
        "office/akimat.almaty",
        r#"{"official":"a0b1c2d3-0000-4000-8000-000000000004","role":"head-of-department","powers":["school-places"],"order":{"number":"12-k","dated":"2024-08-20"}}"#,
    ),
    (
        "kz.qonys.office.acting-appointed.v1",
        "office/akimat.almaty",
        r#"{"official":"a0b1c2d3-0000-4000-8000-000000000005","absent":"a0b1c2d3-0000-4000-8000-000000000004","order":{"number":"12-k","dated":"2024-08-20"}}"#,
    ),
    (
        "kz.qonys.office.powers-delegated.v1",
        "office/akimat.almaty",
        r#"{"by":"a0b1c2d3-0000-4000-8000-000000000004","official":"a0b1c2d3-0000-4000-8000-000000000006","powers":["school-places"],"order":{"number":"12-k","dated":"2024-08-20"}}"#,
    ),
    (
        "kz.qonys.office.assignment-ended.v1",
        "office/akimat.almaty",
        r#"{"assignment":"5","order":{"number":"12-k","dated":"2024-08-20"}}"#,
    ),
    (
        "kz.qonys.office.power-exercised.v1",
        "office/akimat.almaty",
        r#"{"power":"school-places","document":"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328","facts":{"act-certainty":"known","power":"school-places"}}"#,
    ),
    (
        "kz.qonys.office.closed.v1",
        "office/akimat.almaty",
        r#"{"order":{"number":"12-k","dated":"2024-08-20"}}"#,
    ),
];

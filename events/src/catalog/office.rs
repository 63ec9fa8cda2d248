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
    (
        "kz.qonys.journal.incoming-registered.v1",
        "journal/akimat.almaty.2024",
        r#"{"number":"1","kind":"application","language":"kk","translations":[{"language":"ru","notarised":true,"sha256":"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"}],"sha256":"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328","application":"0d6f3d0e-7a44-4c2e-9f3a-2b1f1f6f0c01","represented":{"person":"5f1c1d8a-0e0b-4f39-8a55-6f0f6f9d0a02","representative":{"holder":"organisation","organisation":"aid"}},"slots":[{"name":"sender","subject":"5f1c1d8a-0e0b-4f39-8a55-6f0f6f9d0a02","category":"case","scheme":"aes-256-gcm-siv.1","commitment":"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328","sealed":"6dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"}]}"#,
    ),
    (
        "kz.qonys.journal.outgoing-registered.v1",
        "journal/akimat.almaty.2024",
        r#"{"number":"1","kind":"answer","way":"post","language":"kk","sha256":"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328","application":"0d6f3d0e-7a44-4c2e-9f3a-2b1f1f6f0c01","answers":{"year":"2024","number":"1"},"slots":[{"name":"addressee","subject":"5f1c1d8a-0e0b-4f39-8a55-6f0f6f9d0a02","category":"case","scheme":"aes-256-gcm-siv.1","commitment":"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328","sealed":"6dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"}]}"#,
    ),
    (
        "kz.qonys.application.language-chosen.v1",
        "application/0d6f3d0e-7a44-4c2e-9f3a-2b1f1f6f0c01",
        r#"{"language":"kk","interpreter":true,"slots":[{"name":"own-language","subject":"5f1c1d8a-0e0b-4f39-8a55-6f0f6f9d0a02","category":"case","scheme":"aes-256-gcm-siv.1","commitment":"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328","sealed":"6dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"},{"name":"interpreter","subject":"5f1c1d8a-0e0b-4f39-8a55-6f0f6f9d0a02","category":"case","scheme":"aes-256-gcm-siv.1","commitment":"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328","sealed":"6dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"}]}"#,
    ),
    (
        "kz.qonys.application.transferred.v1",
        "application/0d6f3d0e-7a44-4c2e-9f3a-2b1f1f6f0c01",
        r#"{"from":"pavlodar","to":"kostanay","by":"akimat.pavlodar","document":"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"}"#,
    ),
];

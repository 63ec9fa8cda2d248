//! Every event type with an example: the golden entries, the printed schemas and the documents are made from this list.

mod access;
mod amended;
mod monitoring;
mod office;
mod personal;
mod proved;

use crate::{
    digest::{Nonce, Sha256Hex},
    entry::{Actor, Command, Entry, Place, command_hash},
    event::Event,
    fact::Fact,
    id::{Ref, StreamId},
    scalar::{Count, Day, Instant, Position, StreamSeq},
    term::Language,
};

/// Type, stream and data of one example entry each; with those of offices, of points 4, 7 and 8 and of corrections behind them in the order of
/// [`Fact::TYPES`].
const EXAMPLES: &[(&str, &str, &str)] = &[
    (
        "kz.qonys.log.opened.v1",
        "log/main",
        r#"{"zone":"Asia/Almaty","kind":"demo","clock":"simulated"}"#,
    ),
    (
        "kz.qonys.act.recorded.v1",
        "law/main",
        r#"{"act":"almaty-maslikhat-22-2021","kind":"decision","number":"22","body":"Almaty maslikhat","titles":{"kk":"Алматы қаласындағы көші-қон процестерін реттеу қағидалары","en":"Rules for regulating migration processes in Almaty"},"language":"kk","adopted_on":"2021-02-19","registered_on":"2021-03-01","registration_number":"1691","entry_into_force":{"rule":"days-after-publication","days":"10"},"document":"almaty-maslikhat-152-2017","wording":"2021","parents":["law-477-2011"],"synthetic":false,"source":"header of the act"}"#,
    ),
    (
        "kz.qonys.act.date-recorded.v1",
        "law/main",
        r#"{"act":"order-2025-08","date":"in-force","on":"2025-08","source":"a newspaper"}"#,
    ),
    (
        "kz.qonys.act.determined.v1",
        "law/main",
        r#"{"act":"almaty-maslikhat-22-2021","from":"2021-03-12","basis":"registered on 01.03.2021, so the earliest possible day"}"#,
    ),
    (
        "kz.qonys.norm.recorded.v1",
        "law/main",
        r#"{"norm":"housing-provision.useful-area","document":"almaty-maslikhat-152-2017","point":"10","value":"1500","unit":"square-decimetres-per-person","from":"2017-10-30","certainty":"known","source":"point 10"}"#,
    ),
    (
        "kz.qonys.power.recorded.v1",
        "law/main",
        r#"{"decision":"medium-term-quota-proposal","document":"almaty-maslikhat-152-2017","point":"5","from":"2017-10-30","certainty":"known","source":"point 5"}"#,
    ),
    (
        "kz.qonys.territory.changed.v1",
        "law/main",
        r#"{"category":"kandas","territory":"almaty","change":"determined","act":"synthetic-determination"}"#,
    ),
    (
        "kz.qonys.quota.set.v1",
        "law/main",
        r#"{"act":"order-2024-08","action":"amend","year":"2024","rule":"principals-and-members","rule_certainty":"assumed","lines":[{"category":"kandas","territory":"kazakhstan","limit":"3033"},{"category":"resettlers","territory":"kazakhstan","limit":"6450"}]}"#,
    ),
    (
        "kz.qonys.quota-line.limit-set.v1",
        "quota-line/kandas.kazakhstan.2024.principals-and-members",
        r#"{"line":{"category":"kandas","territory":"kazakhstan","year":"2024","rule":"principals-and-members"},"act":"order-2024-08","action":"amend","limit":"3033"}"#,
    ),
    (
        "kz.qonys.quota-line.places-held.v1",
        "quota-line/kandas.pavlodar.2024.principals-and-members",
        r#"{"application":"0d6f3d0e-7a44-4c2e-9f3a-2b1f1f6f0c01","places":"4","facts":{"headroom":"12","limit":"932"},"bases":[{"act":"order-2022-12-30","point":"1","wording":"2022-12-30","language":"ru","certainty":"assumed"}]}"#,
    ),
    (
        "kz.qonys.quota-line.places-committed.v1",
        "quota-line/kandas.pavlodar.2024.principals-and-members",
        r#"{"application":"0d6f3d0e-7a44-4c2e-9f3a-2b1f1f6f0c01","places":"4","adopts":{"streamseq":"2","leaf":"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"},"facts":{"over-committed":"0"},"bases":[]}"#,
    ),
    (
        "kz.qonys.quota-line.places-released.v1",
        "quota-line/kandas.pavlodar.2024.principals-and-members",
        r#"{"application":"0d6f3d0e-7a44-4c2e-9f3a-2b1f1f6f0c01","places":"4","was":"held","reason":"withdrawn"}"#,
    ),
    (
        "kz.qonys.quota-line.year-closed.v1",
        "quota-line/kandas.pavlodar.2024.principals-and-members",
        r#"{"limit":"932","committed":"930","lapsed":"2","facts":{"last-day":"2024-12-31","limit":"932","limit-act":"order-568-2023","committed":"930","held":"0"},"bases":[]}"#,
    ),
    (
        "kz.qonys.application.filed.v1",
        "application/0d6f3d0e-7a44-4c2e-9f3a-2b1f1f6f0c01",
        r#"{"application":"0d6f3d0e-7a44-4c2e-9f3a-2b1f1f6f0c01","applicant":"5f1c1d8a-0e0b-4f39-8a55-6f0f6f9d0a02","category":"kandas","territory":"pavlodar","year":"2024","members":"3"}"#,
    ),
    (
        "kz.qonys.application.included.v1",
        "application/0d6f3d0e-7a44-4c2e-9f3a-2b1f1f6f0c01",
        r#"{"line":{"category":"kandas","territory":"pavlodar","year":"2024","rule":"principals-and-members"},"places":"4","official":"a0b1c2d3-0000-4000-8000-000000000004"}"#,
    ),
    (
        "kz.qonys.application.refusal-act-adopted.v1",
        "application/0d6f3d0e-7a44-4c2e-9f3a-2b1f1f6f0c01",
        r#"{"ground":"refusal-ground.kandas.no-regional-quota","official":"a0b1c2d3-0000-4000-8000-000000000004","hearing":{"choice":"held","on":"2024-02-01"},"appeal":"to the authorised body through the akimat within three months, then to the court","facts":{"lines":"0"},"bases":[{"act":"law-477-2011","point":"20(5)","wording":"2023-04-19","language":"ru","certainty":"known"}],"slots":[{"name":"individual-facts","subject":"5f1c1d8a-0e0b-4f39-8a55-6f0f6f9d0a02","category":"case","scheme":"aes-256-gcm-siv.1","commitment":"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328","sealed":"6dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"}]}"#,
    ),
    (
        "kz.qonys.application.inclusion-ended.v1",
        "application/0d6f3d0e-7a44-4c2e-9f3a-2b1f1f6f0c01",
        r#"{"reason":"annulled"}"#,
    ),
    (
        "kz.qonys.person.recorded.v1",
        "person/5f1c1d8a-0e0b-4f39-8a55-6f0f6f9d0a02",
        r#"{"person":"5f1c1d8a-0e0b-4f39-8a55-6f0f6f9d0a02","kind":"foreigner","iin":"absent","birth_date":"not-compared","document":"foreign-passport","slots":[{"name":"name","subject":"5f1c1d8a-0e0b-4f39-8a55-6f0f6f9d0a02","category":"identity","scheme":"aes-256-gcm-siv.1","commitment":"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328","sealed":"6dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"}]}"#,
    ),
    (
        "kz.qonys.person.kandas-status-granted.v1",
        "person/5f1c1d8a-0e0b-4f39-8a55-6f0f6f9d0a02",
        r#"{"facts":{"person-kind":"foreigner"}}"#,
    ),
    (
        "kz.qonys.person.residence-registered.v1",
        "person/5f1c1d8a-0e0b-4f39-8a55-6f0f6f9d0a02",
        r#"{"dwelling":"77aa3c5e-55d1-4b3c-8f1c-0c6b8d2c1e03","district":"medeu","body":"police","consent":"owners","age":"from-14","norm":{"check":"over","ground":"court-order"},"late":false,"facts":{"residents":"3","useful-area":"4500"},"bases":[]}"#,
    ),
    (
        "kz.qonys.person.residence-ended.v1",
        "person/5f1c1d8a-0e0b-4f39-8a55-6f0f6f9d0a02",
        r#"{"dwelling":"77aa3c5e-55d1-4b3c-8f1c-0c6b8d2c1e03","reason":"moved","facts":{"act-certainty":"known"}}"#,
    ),
    (
        "kz.qonys.person.stay-registered.v1",
        "person/5f1c1d8a-0e0b-4f39-8a55-6f0f6f9d0a02",
        r#"{"dwelling":"77aa3c5e-55d1-4b3c-8f1c-0c6b8d2c1e03","district":"not-stated","body":"state-corporation","consent":"owner-himself","limit":"within","late":false,"facts":{"rolling-days":"12"},"bases":[]}"#,
    ),
    (
        "kz.qonys.dwelling.recorded.v1",
        "dwelling/77aa3c5e-55d1-4b3c-8f1c-0c6b8d2c1e03",
        r#"{"dwelling":"77aa3c5e-55d1-4b3c-8f1c-0c6b8d2c1e03","fund":"state","useful_area":"4500","district":"medeu","premises":"living","slots":[{"name":"address","subject":"77aa3c5e-55d1-4b3c-8f1c-0c6b8d2c1e03","category":"residence","scheme":"aes-256-gcm-siv.1","commitment":"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328","sealed":"6dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"}]}"#,
    ),
    (
        "kz.qonys.dwelling.resident-entered.v1",
        "dwelling/77aa3c5e-55d1-4b3c-8f1c-0c6b8d2c1e03",
        r#"{"person":"5f1c1d8a-0e0b-4f39-8a55-6f0f6f9d0a02"}"#,
    ),
    (
        "kz.qonys.dwelling.resident-left.v1",
        "dwelling/77aa3c5e-55d1-4b3c-8f1c-0c6b8d2c1e03",
        r#"{"person":"5f1c1d8a-0e0b-4f39-8a55-6f0f6f9d0a02"}"#,
    ),
    (
        "kz.qonys.proposal.drafted.v1",
        "proposal/1b8f6c3a-9d10-4b59-b6a5-5a7f1f0e2d04",
        r#"{"subject":{"kind":"regional-quota","direction":"increase","horizon":{"horizon":"coming-year","year":"2025"},"lines":[{"category":"kandas","asked":"300"}]},"territory":"almaty","justification":"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328","indicators":["population"],"facts":{"horizon":"coming-year"}}"#,
    ),
    (
        "kz.qonys.proposal.signed.v1",
        "proposal/1b8f6c3a-9d10-4b59-b6a5-5a7f1f0e2d04",
        r#"{"document":"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328","confirmed":[{"warning":"below-use","reason":"the year ends"}],"facts":{"act-certainty":"known"}}"#,
    ),
    (
        "kz.qonys.proposal.sent.v1",
        "proposal/1b8f6c3a-9d10-4b59-b6a5-5a7f1f0e2d04",
        r#"{"addressee":"Ministry of Labour and Social Protection of the Population","authority":"ministry-of-labour","facts":{"act-certainty":"known"},"bases":[]}"#,
    ),
    (
        "kz.qonys.proposal.received.v1",
        "proposal/1b8f6c3a-9d10-4b59-b6a5-5a7f1f0e2d04",
        r#"{"number":"4711"}"#,
    ),
    (
        "kz.qonys.proposal.answered.v1",
        "proposal/1b8f6c3a-9d10-4b59-b6a5-5a7f1f0e2d04",
        r#"{"answer":"in-part","number":"4711-1","granted":[{"category":"kandas","asked":"200"}]}"#,
    ),
    (
        "kz.qonys.proposal.withdrawn.v1",
        "proposal/1b8f6c3a-9d10-4b59-b6a5-5a7f1f0e2d04",
        "{}",
    ),
    (
        "kz.qonys.proposal.linked-to-act.v1",
        "proposal/1b8f6c3a-9d10-4b59-b6a5-5a7f1f0e2d04",
        r#"{"act":"order-2024-08"}"#,
    ),
    (
        "kz.qonys.calendar.recorded.v1",
        "law/main",
        r#"{"year":"2024","weekly_rest":["saturday","sunday"],"days_off":["2024-01-01","2024-01-02"],"worked":["2024-05-04"],"synthetic":true,"source":"invented for an example"}"#,
    ),
    (
        "kz.qonys.territory.succeeded.v1",
        "law/main",
        r#"{"territory":"abai","out_of":"east-kazakhstan","certainty":"known","source":"the oblast was formed in 2022"}"#,
    ),
    (
        "kz.qonys.quota-line.places-ordered.v1",
        "quota-line/kandas.pavlodar.2024.principals-and-members",
        r#"{"application":"0d6f3d0e-7a44-4c2e-9f3a-2b1f1f6f0c01","places":"4","complaint":"7c0de3aa-5b9f-4f0e-8a4f-3d6c1b2a9e05","instance":"court","line":{"category":"kandas","territory":"pavlodar","year":"2024","rule":"principals-and-members"},"facts":{"limit":"932"}}"#,
    ),
    (
        "kz.qonys.application.status-asked.v1",
        "application/0d6f3d0e-7a44-4c2e-9f3a-2b1f1f6f0c01",
        r#"{"application":"0d6f3d0e-7a44-4c2e-9f3a-2b1f1f6f0c01","applicant":"5f1c1d8a-0e0b-4f39-8a55-6f0f6f9d0a02","asks":"grant"}"#,
    ),
    (
        "kz.qonys.application.status-allowed.v1",
        "application/0d6f3d0e-7a44-4c2e-9f3a-2b1f1f6f0c01",
        r#"{"official":"a0b1c2d3-0000-4000-8000-000000000004","until":"2025-08-24"}"#,
    ),
    (
        "kz.qonys.application.withdrawn.v1",
        "application/0d6f3d0e-7a44-4c2e-9f3a-2b1f1f6f0c01",
        "{}",
    ),
    (
        "kz.qonys.application.document-received.v1",
        "application/0d6f3d0e-7a44-4c2e-9f3a-2b1f1f6f0c01",
        r#"{"kind":"identity-document","issuer":"ministry of internal affairs of Mongolia","sha256":"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328","translated":true,"slots":[{"name":"number","subject":"5f1c1d8a-0e0b-4f39-8a55-6f0f6f9d0a02","category":"identity","scheme":"aes-256-gcm-siv.1","commitment":"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328","sealed":"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"}]}"#,
    ),
    (
        "kz.qonys.application.preliminary-decision-told.v1",
        "application/0d6f3d0e-7a44-4c2e-9f3a-2b1f1f6f0c01",
        r#"{"verdict":"adverse","way":"electronic","hearing_on":"2024-08-23","document":"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"}"#,
    ),
    (
        "kz.qonys.application.objection-recorded.v1",
        "application/0d6f3d0e-7a44-4c2e-9f3a-2b1f1f6f0c01",
        r#"{"document":"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328","in_time_until":"2024-08-26","late":false,"facts":{"norm":"hearing.objection.working-days"},"bases":[{"act":"administrative-procedure-code","point":"76","wording":"first","language":"ru","certainty":"known"}]}"#,
    ),
    (
        "kz.qonys.application.opinion-given.v1",
        "application/0d6f3d0e-7a44-4c2e-9f3a-2b1f1f6f0c01",
        r#"{"members":["a0b1c2d3-0000-4000-8000-000000000004","a0b1c2d3-0000-4000-8000-000000000008"],"recused":["a0b1c2d3-0000-4000-8000-000000000009"],"in_favour":"2","against":"0","opinion":"favourable","minutes":"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"}"#,
    ),
    (
        "kz.qonys.application.deemed-refusal-found.v1",
        "application/0d6f3d0e-7a44-4c2e-9f3a-2b1f1f6f0c01",
        r#"{"deadline":"2024-08-23","facts":{"working-days":"15"},"bases":[{"act":"administrative-procedure-code","point":"76","wording":"first","language":"ru","certainty":"known"}]}"#,
    ),
    (
        "kz.qonys.application.act-notified.v1",
        "application/0d6f3d0e-7a44-4c2e-9f3a-2b1f1f6f0c01",
        r#"{"decision":"3","way":"post"}"#,
    ),
    (
        "kz.qonys.application.clerical-error-corrected.v1",
        "application/0d6f3d0e-7a44-4c2e-9f3a-2b1f1f6f0c01",
        r#"{"decision":"3","document":"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328","facts":{"in-time-until":"2024-08-27"},"bases":[{"act":"administrative-procedure-code","point":"76","wording":"first","language":"ru","certainty":"known"}]}"#,
    ),
    (
        "kz.qonys.application.complaint-filed.v1",
        "application/0d6f3d0e-7a44-4c2e-9f3a-2b1f1f6f0c01",
        r#"{"complaint":"7c0de3aa-5b9f-4f0e-8a4f-3d6c1b2a9e05","decision":"3","by":"applicant","document":"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328","in_time_until":"2024-11-25","late":false,"suspends":true,"facts":{"notified-on":"2024-08-24"},"bases":[{"act":"administrative-procedure-code","point":"76","wording":"first","language":"ru","certainty":"known"}]}"#,
    ),
    (
        "kz.qonys.application.complaint-forwarded.v1",
        "application/0d6f3d0e-7a44-4c2e-9f3a-2b1f1f6f0c01",
        r#"{"complaint":"7c0de3aa-5b9f-4f0e-8a4f-3d6c1b2a9e05","in_time_until":"2024-08-28","late":false,"facts":{"filed-on":"2024-08-24"},"bases":[{"act":"administrative-procedure-code","point":"76","wording":"first","language":"ru","certainty":"known"}]}"#,
    ),
    (
        "kz.qonys.application.review-decided.v1",
        "application/0d6f3d0e-7a44-4c2e-9f3a-2b1f1f6f0c01",
        r#"{"complaint":"7c0de3aa-5b9f-4f0e-8a4f-3d6c1b2a9e05","decision":"3","instance":"higher-body","outcome":"annulled","effect_from":"adoption","document":"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328","facts":{"decided-by":"a0b1c2d3-0000-4000-8000-000000000004"}}"#,
    ),
    (
        "kz.qonys.application.support-paid.v1",
        "application/0d6f3d0e-7a44-4c2e-9f3a-2b1f1f6f0c01",
        r#"{"kind":"one-off-70-mci","amount":"1033760"}"#,
    ),
    (
        "kz.qonys.application.move-recorded.v1",
        "application/0d6f3d0e-7a44-4c2e-9f3a-2b1f1f6f0c01",
        r#"{"to":"kostanay","own_will":true,"permanent":true,"facts":{"settled-in":"pavlodar","repayment":"left-settlement-region"}}"#,
    ),
    (
        "kz.qonys.application.citizenship-refused.v1",
        "application/0d6f3d0e-7a44-4c2e-9f3a-2b1f1f6f0c01",
        r#"{"facts":{"repayment":"no","why":"no support was received"}}"#,
    ),
    (
        "kz.qonys.application.repayment-found.v1",
        "application/0d6f3d0e-7a44-4c2e-9f3a-2b1f1f6f0c01",
        r#"{"rule":"left-settlement-region","amount":"1033760","until":"2029-01-15","facts":{"settled-in":"pavlodar","moved-to":"kostanay"},"bases":[{"act":"administrative-procedure-code","point":"76","wording":"first","language":"ru","certainty":"known"}]}"#,
    ),
    (
        "kz.qonys.application.repayment-claimed.v1",
        "application/0d6f3d0e-7a44-4c2e-9f3a-2b1f1f6f0c01",
        r#"{"finding":"21","amount":"1033760","persons":"4","facts":{"rule":"left-settlement-region"}}"#,
    ),
    (
        "kz.qonys.application.repayment-recorded.v1",
        "application/0d6f3d0e-7a44-4c2e-9f3a-2b1f1f6f0c01",
        r#"{"finding":"21","amount":"500000","left":"533760","document":"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"}"#,
    ),
    (
        "kz.qonys.application.repayment-claim-withdrawn.v1",
        "application/0d6f3d0e-7a44-4c2e-9f3a-2b1f1f6f0c01",
        r#"{"finding":"21","document":"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328","facts":{"act-certainty":"known","rule":"left-settlement-region","claimed":"yes","owed":"533760"}}"#,
    ),
    (
        "kz.qonys.person.kandas-status-extended.v1",
        "person/5f1c1d8a-0e0b-4f39-8a55-6f0f6f9d0a02",
        r#"{"would_have_ended":"2024-08-24","facts":{"act-certainty":"known"}}"#,
    ),
    (
        "kz.qonys.person.kandas-status-ended.v1",
        "person/5f1c1d8a-0e0b-4f39-8a55-6f0f6f9d0a02",
        r#"{"ground":"citizenship-obtained","facts":{"act-certainty":"known"},"bases":[{"act":"administrative-procedure-code","point":"76","wording":"first","language":"ru","certainty":"known"}]}"#,
    ),
    (
        "kz.qonys.log.key-announced.v1",
        "log/main",
        r#"{"key":"qonys/almaty/example/1+a955c0a1+AdQTR/ixhYpsWCnJYaDNZ4eWuvFzxYLkEl9nOrTqSkDJ"}"#,
    ),
    (
        "kz.qonys.log.continued.v1",
        "log/main",
        r#"{"origin":"qonys/almaty/example/1","kept":"40","root":"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328","signed":"42","signed_root":"6dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328","statement":"7dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328","zone":"Asia/Almaty","kind":"demo","clock":"simulated"}"#,
    ),
    (
        "kz.qonys.person.stay-extended.v1",
        "person/5f1c1d8a-0e0b-4f39-8a55-6f0f6f9d0a02",
        r#"{"dwelling":"77aa3c5e-55d1-4b3c-8f1c-0c6b8d2c1e03","limit":"over-in-window","facts":{"rolling-days":"91"},"bases":[]}"#,
    ),
    (
        "kz.qonys.person.stay-ended.v1",
        "person/5f1c1d8a-0e0b-4f39-8a55-6f0f6f9d0a02",
        r#"{"dwelling":"77aa3c5e-55d1-4b3c-8f1c-0c6b8d2c1e03","reason":"departed","facts":{"act-certainty":"known"}}"#,
    ),
    (
        "kz.qonys.person.arrival-reported.v1",
        "person/5f1c1d8a-0e0b-4f39-8a55-6f0f6f9d0a02",
        r#"{"dwelling":"77aa3c5e-55d1-4b3c-8f1c-0c6b8d2c1e03","timeliness":"unknown","facts":{"calendar":"not-recorded"},"bases":[]}"#,
    ),
    (
        "kz.qonys.person.died.v1",
        "person/5f1c1d8a-0e0b-4f39-8a55-6f0f6f9d0a02",
        r#"{"document":"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"}"#,
    ),
    (
        "kz.qonys.dwelling.changed.v1",
        "dwelling/77aa3c5e-55d1-4b3c-8f1c-0c6b8d2c1e03",
        r#"{"fund":"state","useful_area":"4400","district":"medeu","premises":"living","reason":"measured","document":"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"}"#,
    ),
    (
        "kz.qonys.dwelling.destroyed.v1",
        "dwelling/77aa3c5e-55d1-4b3c-8f1c-0c6b8d2c1e03",
        r#"{"document":"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328","residents":"0"}"#,
    ),
    (
        "kz.qonys.dwelling.holders-recorded.v1",
        "dwelling/77aa3c5e-55d1-4b3c-8f1c-0c6b8d2c1e03",
        r#"{"title":"tenancy","holders":[{"holder":"person","person":"5f1c1d8a-0e0b-4f39-8a55-6f0f6f9d0a02"}],"document":"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"}"#,
    ),
    (
        "kz.qonys.dwelling.consent-given.v1",
        "dwelling/77aa3c5e-55d1-4b3c-8f1c-0c6b8d2c1e03",
        r#"{"holder":{"holder":"person","person":"5f1c1d8a-0e0b-4f39-8a55-6f0f6f9d0a02"},"person":"5f1c1d8a-0e0b-4f39-8a55-6f0f6f9d0a02","scope":"residence","document":"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"}"#,
    ),
    (
        "kz.qonys.dwelling.consent-withdrawn.v1",
        "dwelling/77aa3c5e-55d1-4b3c-8f1c-0c6b8d2c1e03",
        r#"{"holder":{"holder":"person","person":"5f1c1d8a-0e0b-4f39-8a55-6f0f6f9d0a02"},"person":"5f1c1d8a-0e0b-4f39-8a55-6f0f6f9d0a02"}"#,
    ),
    (
        "kz.qonys.dwelling.over-norm-found.v1",
        "dwelling/77aa3c5e-55d1-4b3c-8f1c-0c6b8d2c1e03",
        r#"{"residents":"3","capacity":"2","facts":{"useful-area":"4400"},"bases":[]}"#,
    ),
    (
        "kz.qonys.person.family-changed.v1",
        "person/5f1c1d8a-0e0b-4f39-8a55-6f0f6f9d0a02",
        r#"{"change":"marriage","document":"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328","review":["kandas-status"],"slots":[{"name":"other-person","subject":"5f1c1d8a-0e0b-4f39-8a55-6f0f6f9d0a02","category":"identity","scheme":"aes-256-gcm-siv.1","commitment":"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328","sealed":"6dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"}]}"#,
    ),
    (
        "kz.qonys.person.representative-appointed.v1",
        "person/5f1c1d8a-0e0b-4f39-8a55-6f0f6f9d0a02",
        r#"{"representative":{"holder":"organisation","organisation":"legal-aid"},"basis":"power-of-attorney","scope":"all","document":"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"}"#,
    ),
    (
        "kz.qonys.person.representation-ended.v1",
        "person/5f1c1d8a-0e0b-4f39-8a55-6f0f6f9d0a02",
        r#"{"representative":{"holder":"organisation","organisation":"legal-aid"}}"#,
    ),
    (
        "kz.qonys.person.kazakh-nationality-determined.v1",
        "person/5f1c1d8a-0e0b-4f39-8a55-6f0f6f9d0a02",
        r#"{"document":"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328","facts":{"act-certainty":"known"},"slots":[{"name":"nationality","subject":"5f1c1d8a-0e0b-4f39-8a55-6f0f6f9d0a02","category":"identity","scheme":"aes-256-gcm-siv.1","commitment":"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328","sealed":"6dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"}]}"#,
    ),
];

/// One example entry per event type, in the order of [`Fact::TYPES`]: together they form a small log of one command
/// each, at positions 1, 2, 3 …
pub fn example_entries() -> Vec<Entry> {
    let mut last_in_stream = std::collections::HashMap::new();
    EXAMPLES
        .iter()
        .chain(office::EXAMPLES)
        .chain(monitoring::EXAMPLES)
        .chain(amended::EXAMPLES)
        .chain(personal::EXAMPLES)
        .chain(access::EXAMPLES)
        .chain(proved::EXAMPLES)
        .zip(1..)
        .map(|((name, subject, data), n)| example(name, subject, data, n, &mut last_in_stream))
        .collect()
}

fn example(
    name: &str,
    subject: &str,
    data: &str,
    n: u64,
    last_in_stream: &mut std::collections::HashMap<String, u64>,
) -> Entry {
    let fixed = |kind: u8| {
        Ref(format!("0192f0c0-0000-7000-8000-0{kind:x}{n:010x}")
            .parse()
            .expect("a UUID"))
    };
    let nonce = Nonce(
        Sha256Hex::of(&n.to_be_bytes()).0[..16]
            .try_into()
            .expect("16 bytes"),
    );
    let seq = last_in_stream
        .entry(subject.to_owned())
        .and_modify(|s| *s += 1)
        .or_insert(1);
    let day = Day::new(2024, 8, 24);
    let fact = Fact::read(name, data)
        .expect("a known type")
        .expect("an example of its type");
    let mut event = Event::new(fact).decided_on(day).effective(day, None);
    // A stay is extended behind its last day and ended before it.
    let days = match name {
        "kz.qonys.foreign-labour.permit-granted.v1" => Some((day, Some(Day::new(2024, 12, 24)))),
        "kz.qonys.foreign-labour.permit-extended.v1" => {
            Some((Day::new(2024, 12, 24), Some(Day::new(2025, 12, 24))))
        }
        "kz.qonys.person.stay-registered.v1" => Some((day, Some(Day::new(2024, 9, 24)))),
        "kz.qonys.person.stay-extended.v1" => {
            Some((Day::new(2024, 9, 24), Some(Day::new(2024, 10, 24))))
        }
        _ => None,
    };
    if let Some((from, until)) = days {
        event = event.effective(from, until);
    }
    if name.contains("proposal.") {
        event.act = Some("law-477-2011".parse().expect("a slug"));
        event.point = Some("15(3-1)".parse().expect("a text"));
        event.wording = Some("2023-04-19".parse().expect("a slug"));
        event.actnumber = Some("477-IV".parse().expect("a text"));
        event.actlanguage = Some(Language::Ru);
    }
    Entry {
        place: Place {
            id: fixed(1),
            subject: subject.parse::<StreamId>().expect("a stream"),
            time: Instant::from_micros(1_724_500_000_000_000 + n as i64),
            position: Position(n),
            streamseq: StreamSeq(*seq),
            commandindex: Count(1),
        },
        command: Command {
            source: "qonys/almaty/example/1".parse().expect("an origin"),
            commandid: fixed(2),
            commandhash: command_hash(nonce, data.as_bytes()),
            commandcount: Count(1),
            actor: Actor {
                actor: "a0b1c2d3-0000-4000-8000-000000000001"
                    .parse()
                    .expect("a reference"),
                role: "quota-officer".parse().expect("a slug"),
                office: "akimat.pavlodar".parse().expect("a slug"),
                onbehalfof: None,
            },
            purpose: None,
            policy: "declared".parse().expect("a slug"),
            correlation: None,
            causation: None,
            causationsource: None,
            traceparent: None,
            nonce,
        },
        event,
    }
}

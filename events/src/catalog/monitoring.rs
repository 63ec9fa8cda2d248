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
    (
        "kz.qonys.population-departure.reading-chosen.v1",
        "population-departure/synthetic-town",
        r#"{"territory":"synthetic-town","reading":"a","reason":"under b every growing town with migrants would fire","facts":{"act-certainty":"assumed"}}"#,
    ),
    (
        "kz.qonys.population-departure.evaluated.v1",
        "population-departure/synthetic-town",
        r#"{"evaluation":"2","territory":"synthetic-town","period":"2023","indicators":{"arrivals":"arrivals","departures":"departures","natural_increase":"natural-increase","population":"population"},"inputs":[{"indicator":"arrivals","release":"2","period":"2023","value":"100"},{"indicator":"departures","release":"1","period":"2023","value":"170"},{"indicator":"natural-increase","release":"1","period":"2023","value":"60"}],"readings":[{"reading":"a","outcome":"fired","against":"160","excess":"10"},{"reading":"b","outcome":"fired","against":"60","excess":"110"},{"reading":"c","outcome":"cannot-evaluate","missing":[{"indicator":"population","period":"2024-01-01"}]}],"default_reading":"a","outcome":"fired","reevaluates":"1","outcome_before":"not-fired","facts":{"growth-by":"flows"}}"#,
    ),
    (
        "kz.qonys.measure-plan.opened.v1",
        "measure-plan/3d8f6c3a-9d10-4b59-b6a5-5a7f1f0e2d0c",
        r#"{"territory":"synthetic-town","cause":{"cause":"trigger-fired","evaluation":"2"},"kandas":{"indicator":"kandas-status-granted","release":"1","period":"2023","value":"1407"},"facts":{"act-certainty":"assumed","outcome":"fired"}}"#,
    ),
    (
        "kz.qonys.measure-plan.measure-added.v1",
        "measure-plan/3d8f6c3a-9d10-4b59-b6a5-5a7f1f0e2d0c",
        r#"{"measure":"1","kind":"training","what":"Courses for welders","owner":"akimat.synthetic-town","due":"2024-12-31","indicator":"kandas-status-granted","target":"200","youth_percent":"60","facts":{"act-certainty":"assumed"}}"#,
    ),
    (
        "kz.qonys.measure-plan.measure-reported.v1",
        "measure-plan/3d8f6c3a-9d10-4b59-b6a5-5a7f1f0e2d0c",
        r#"{"measure":"1","outcome":"in-part","reached":"150","report":"Two of three courses were held","late":true,"facts":{"due":"2024-12-31"}}"#,
    ),
    (
        "kz.qonys.measure-plan.closed.v1",
        "measure-plan/3d8f6c3a-9d10-4b59-b6a5-5a7f1f0e2d0c",
        r#"{"result":"Departures fell below natural increase","done":"1","dropped":"0","facts":{"kandas":"true","measures":"1"}}"#,
    ),
    (
        "kz.qonys.population-records.used.v1",
        "forecast/synthetic-town",
        r#"{"territory":"synthetic-town","purpose":"schools","recipient":"department of education","extract":"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328","facts":{"act-certainty":"assumed","purpose":"schools"}}"#,
    ),
    (
        "kz.qonys.forecast.base-recorded.v1",
        "forecast/synthetic-town",
        r#"{"base":"2","territory":"synthetic-town","as_of":"2024-01-01","position":"4711","purpose":"migration-forecast","bands":["0","6"],"districts":[{"district":"medeu","persons":["11000","80000"]},{"district":"not-stated","persons":["0","8000"]}],"source":"the records of this register","supersedes":"1","reason":"a district was counted twice","facts":{"purpose":"migration-forecast"}}"#,
    ),
    (
        "kz.qonys.forecast.rates-recorded.v1",
        "forecast/synthetic-town",
        r#"{"rates":"synthetic-2024","territory":"synthetic-town","years":"5","survival":["980000000","999000000","700000000"],"fertility":["0","90000000"],"migration":["10000000","-20000000"],"sex_ratio_at_birth":"1050000000","source":"invented","certainty":"assumed"}"#,
    ),
    (
        "kz.qonys.forecast.norm-set-recorded.v1",
        "forecast/synthetic-town",
        r#"{"norm_set":"synthetic","territory":"synthetic-town","norms":[{"service":"kindergarten","from_age":"0","to_age":"6","needed":"1","per_persons":"1","places_per_institution":"286"}],"act":"synthetic-order-of-the-examples","source":"invented","certainty":"assumed"}"#,
    ),
    (
        "kz.qonys.forecast.facility-recorded.v1",
        "forecast/synthetic-town",
        r#"{"facility":"4d8f6c3a-9d10-4b59-b6a5-5a7f1f0e2d0d","territory":"synthetic-town","district":"medeu","service":"kindergarten","capacity":"11000","opens":"2020-09-01","closes":"2040-09-01","source":"invented"}"#,
    ),
    (
        "kz.qonys.forecast.produced.v1",
        "forecast/synthetic-town",
        r#"{"forecast":"1","territory":"synthetic-town","method":{"method":"cohort-component","rates":"synthetic-2024"},"method_version":"cohort-component.1","bases":["1"],"bands":["0","6"],"norm_set":"synthetic","inputs":"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328","steps":[{"on":"2029-01-01","persons":["12000","88000"],"total":"100000","low":"98000","high":"102000","naive":"99000","without_migration":"99500","needs":[{"service":"kindergarten","persons":"12000","need":"12000","have":"11000","gap":"1000","institutions":"4"}]}],"facts":{"act-certainty":"assumed"}}"#,
    ),
    (
        "kz.qonys.forecast.district-produced.v1",
        "forecast/synthetic-town",
        r#"{"forecast":"1","territory":"synthetic-town","district":"medeu","chosen":{"method":"ses","alpha":"500000000"},"backtest":[{"method":{"method":"naive"},"forecasts":"4","mean_absolute_error":"900","root_mean_square_error":"1000","intervals":"2","within":"2"}],"projection_test":{"steps":"1","mean_absolute_error":"700","naive_mean_absolute_error":"900"},"steps":[{"on":"2029-01-01","persons":["12000","88000"],"total":"100000","low":"98000","high":"102000","naive":"99000","without_migration":"99500","needs":[{"service":"kindergarten","persons":"12000","need":"12000","have":"11000","gap":"1000","institutions":"4"}]}]}"#,
    ),
    (
        "kz.qonys.forecast.facility-changed.v1",
        "forecast/synthetic-town",
        r#"{"facility":"4d8f6c3a-9d10-4b59-b6a5-5a7f1f0e2d0d","territory":"synthetic-town","district":"medeu","service":"kindergarten","capacity":"9000","closes":"2035-09-01","source":"invented"}"#,
    ),
];

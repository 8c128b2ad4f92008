//! The local day decides what "this week" is, and days off have names.

use chrono::Duration;
use domain::intake;
use reqwest::Method;
use serde_json::{Value, json};
use support::app::App;
use support::both;
use support::school::{PASSWORD, School, day};

use super::Family;

both!(the_week_turns_at_midnight_where_the_school_is, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    school.guardian(&app.state.db, "g1");
    // Sunday, one minute to midnight in Almaty: five hours east of Greenwich.
    app.state.clock.advance("2026-11-22T18:59:00".parse::<chrono::NaiveDateTime>().unwrap() - app.state.clock.now());
    let token = app.sign_in("bir-g1", PASSWORD).await["accessToken"].as_str().unwrap().to_owned();
    let family = Family { app, school, token };
    let views = ["diary", "schedule", "homework", "attendance", "assessments", "subjects", "teachers"];
    let mut tags = Vec::new();
    for view in views {
        tags.push(family.tag_of(&family.path(view)).await);
    }
    let week = family.see("diary").await.body;
    assert_eq!((&week["from"], &week["to"]), (&json!("2026-11-16"), &json!("2026-11-22")));

    family.app.state.clock.advance(Duration::seconds(59));
    for (view, tag) in views.iter().zip(&tags) {
        assert_eq!(family.again(&family.path(view), tag).await.status, 304, "{view}: still Sunday");
    }
    family.app.state.clock.advance(Duration::seconds(1));
    for (view, tag) in views.iter().zip(&tags) {
        assert_eq!(family.again(&family.path(view), tag).await.status, 200, "{view}: Monday");
    }
    let week = family.see("diary").await.body;
    assert_eq!((&week["from"], &week["to"]), (&json!("2026-11-23"), &json!("2026-11-29")));
    assert_eq!(week["days"].as_array().unwrap().len(), 7);
});

both!(a_day_off_has_a_name_in_every_language, async |app: App| {
    let family = Family::at(app);
    let path = family.path("diary?from=2026-12-14");
    for (language, name) in [("kk", "Тәуелсіздік күні"), ("ru", "День независимости"), ("en", "Independence Day")]
    {
        let request = family.app.request(Method::GET, &path, &family.token).header("accept-language", language);
        let days = request.send().await.unwrap().json::<Value>().await.unwrap()["days"].clone();
        let named: Vec<&Value> = days.as_array().unwrap().iter().map(|day| &day["dayOff"]).collect();
        let none = Value::Null;
        assert_eq!(named, [&none, &none, &json!(name), &none, &none, &none, &none]);
    }
});

both!(lessons_of_a_course_are_the_childs_while_it_belongs_to_it, async |app: App| {
    let family = Family::at(app);
    let left = intake::CourseMember {
        external_id: "alg7-p1".to_owned(),
        course: "alg7".to_owned(),
        student: "p1".to_owned(),
        starts_on: day("2026-09-01"),
        ends_on: Some(day("2026-11-16")),
    };
    family.school.put(family.db(), &[left]);
    let days = family.see("schedule").await.body["days"].clone();
    let lessons: Vec<usize> =
        days.as_array().unwrap().iter().map(|day| day["lessons"].as_array().unwrap().len()).collect();
    assert_eq!(lessons, [2, 0, 0, 0, 0, 0, 0]);
    // Her sister stays.
    let days = family.see_at(&family.path_of_sibling("schedule")).await.body["days"].clone();
    assert_eq!(days[2]["lessons"].as_array().unwrap().len(), 1);
});

both!(a_child_without_a_period_today_has_none, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    school.guardian(&app.state.db, "g1");
    // Between the first and the second quarter.
    app.state.clock.advance("2026-10-28T07:00:00".parse::<chrono::NaiveDateTime>().unwrap() - app.state.clock.now());
    let token = app.sign_in("bir-g1", PASSWORD).await["accessToken"].as_str().unwrap().to_owned();
    let family = Family { app, school, token };
    let children = family.see_at("/v1/children").await.body;
    assert_eq!(children["items"][0]["currentPeriod"], Value::Null);
    // Standings are of the quarter begun last.
    let subjects = family.see("subjects").await.body;
    assert_eq!(subjects["items"][0]["periodGrade"], "5");
});

//! What a family reads before a period ends, and what it may wonder about.

use domain::types::GradeKind;
use reqwest::Method;
use reqwest::header::ACCEPT_LANGUAGE;
use serde_json::{Value, json};
use support::app::{Answer, App};
use support::both;
use support::school::School;

use super::{choose, close, period, set, work};
use crate::storage::number;
use domain::invitations::Invited;
use domain::types::PeriodGradeKind;

/// A school, and the mother of its first child signed in.
pub struct Home {
    pub app: App,
    pub school: School,
    pub token: String,
}

impl Home {
    pub fn at(app: App) -> Self {
        let school = School::make(&app.state.db, "bir");
        let token = school.guardian(&app.state.db, "g1").token;
        Self { app, school, token }
    }

    pub fn put(&self, grades: &[domain::intake::Grade]) {
        self.school.put(&self.app.state.db, grades);
    }

    pub async fn see(&self, view: &str, language: &str) -> Value {
        let path = format!("/v1/children/{}/{view}", self.school.children[0].0);
        let request = self.app.request(Method::GET, &path, &self.token).header(ACCEPT_LANGUAGE, language);
        let answer = Answer::of(request.send().await.unwrap()).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        answer.body
    }

    /// How the child stands in algebra, in the second quarter.
    pub async fn algebra(&self) -> Value {
        self.see("subjects", "en").await["items"][0].clone()
    }

    pub fn period(&self, number: &str) -> i64 {
        period(&self.app.state.db, &self.school, number).0
    }

    pub async fn what_if(&self, form: &Value) -> Answer {
        let subject = number(
            &self.app.state.db,
            &format!(
                "SELECT id AS number FROM subjects WHERE school_id = {} AND external_id = 'alg'",
                self.school.id.0
            ),
        );
        let path = format!("/v1/children/{}/subjects/{subject}/what-if", self.school.children[0].0);
        self.app.post(&path, &self.token, form).await
    }

    pub async fn wonder(&self, grades: Value) -> Answer {
        self.what_if(&json!({"periodId": self.period("2"), "grades": grades})).await
    }
}

both!(a_forecast_follows_the_grades_and_says_how_it_comes_about, async |app: App| {
    let home = Home::at(app);
    let alone = home.algebra().await["forecast"].clone();
    assert_eq!((&alone["percent"], &alone["value"], &alone["final"]), (&json!(80), &json!("4"), &json!(false)));
    home.put(&[
        home.school.grade("f2", "p1", "6"),
        work(&home.school, "s1", GradeKind::Section, 13, 20),
        work(&home.school, "t1", GradeKind::Term, 20, 25),
    ]);
    let forecast = home.algebra().await["forecast"].clone();
    assert_eq!(
        forecast,
        json!({
            "percent": 73.75, "mean": null, "value": "4", "scheme": "kz-2020", "schemeVersion": 1, "final": false,
            "components": [
                {"kind": "formative", "kinds": ["formative", "classwork", "homework", "test"], "weight": 25, "percent": 70, "mean": null, "count": 2},
                {"kind": "section", "kinds": ["section"], "weight": 25, "percent": 65, "mean": null, "count": 1},
                {"kind": "term", "kinds": ["term"], "weight": 50, "percent": 80, "mean": null, "count": 1},
            ],
            "explanation": "If the period ended today, the grade would be “4”: 73.75%. It is made of: formative work 70% \
                (2\u{a0}grades, weight 25%); section work 65% (1\u{a0}grade, weight 25%); term work 80% (1\u{a0}grade, weight 50%). \
                Rounded it is 74%; “4” begins at 65%.",
        })
    );
    for (language, begins) in [
        ("kk", "Кезең бүгін аяқталса, баға «4» болар еді: 73,75"),
        ("ru", "Если бы период закончился сегодня, оценка была бы «4»"),
    ] {
        let said = home.see("subjects", language).await["items"][0]["forecast"]["explanation"].clone();
        assert!(said.as_str().unwrap().starts_with(begins), "{said}");
    }
    assert_eq!(home.see("subjects", "en").await["items"][1]["forecast"], json!(null), "no grades in Kazakh");
});

both!(where_the_journal_set_its_own_grade_there_is_no_forecast_beside_it, async |app: App| {
    let home = Home::at(app);
    home.school.put(&home.app.state.db, &[set("q9", "p1", "2", PeriodGradeKind::Period, "5")]);
    let algebra = home.algebra().await;
    assert_eq!((&algebra["forecast"], &algebra["periodGrade"]), (&json!(null), &json!("5")));
});

both!(other_grades_are_answered_by_the_same_engine_and_nothing_is_kept, async |app: App| {
    let home = Home::at(app);
    home.put(&[work(&home.school, "s1", GradeKind::Section, 13, 20)]);
    let before = home.see("subjects", "en").await;
    let imagined =
        json!([{"kind": "formative", "points": 6, "maxPoints": 10}, {"kind": "term", "points": 20, "maxPoints": 25}]);
    let asked = home.wonder(imagined).await;
    assert_eq!(asked.status, 200, "{}", asked.body);
    assert!(asked.headers.get("etag").is_none());
    assert_eq!(home.see("subjects", "en").await, before, "nothing is kept");
    // The same grades for real come to the same.
    home.put(&[home.school.grade("f2", "p1", "6"), work(&home.school, "t1", GradeKind::Term, 20, 25)]);
    let (mut real, mut imagined) = (home.algebra().await["forecast"].clone(), asked.body["forecast"].clone());
    let said = |one: &mut Value| one.as_object_mut().unwrap().remove("explanation").unwrap();
    let (_, imagined_words) = (said(&mut real), said(&mut imagined));
    assert_eq!(real, imagined);
    assert_eq!(real["percent"], 73.75);
    assert!(
        imagined_words.as_str().unwrap().starts_with("Осындай бағалармен «4» болар еді: 73,75"),
        "{imagined_words}"
    );
    let decimals = home.wonder(json!([{"kind": "term", "points": 12.25, "maxPoints": 24.5}])).await;
    assert_eq!(decimals.body["forecast"]["percent"], 66.25, "25 * 0.7 + 25 * 0.65 + 50 * (0.8 + 0.5) / 2");
});

both!(a_student_wonders_too, async |app: App| {
    let home = Home::at(app);
    let student = home.school.account(&home.app.state.db, &Invited::Student("p1".to_owned())).token;
    let home = Home { token: student, ..home };
    let asked = home.wonder(json!([{"kind": "term", "points": 1, "maxPoints": 10}])).await;
    assert_eq!((asked.status, &asked.body["forecast"]["value"]), (200, &json!("2")));
});

both!(what_cannot_be_a_grade_is_a_422_that_names_it, async |app: App| {
    let home = Home::at(app);
    let told = async |grade: Value| {
        let answer = home.wonder(json!([{"kind": "term", "points": 5, "maxPoints": 10}, grade])).await;
        assert_eq!((answer.status, answer.problem()), (422, "validation-failed"), "{}", answer.body);
        (
            answer.body["errors"][0]["pointer"].as_str().unwrap().to_owned(),
            answer.body["errors"][0]["code"].as_str().unwrap().to_owned(),
        )
    };
    for (grade, pointer, code) in [
        (json!({"kind": "exam", "points": 5, "maxPoints": 10}), "/grades/1/kind", "not-counted"),
        (json!({"kind": "term", "points": 11, "maxPoints": 10}), "/grades/1/points", "range"),
        (json!({"kind": "term", "points": 11}), "/grades/1/maxPoints", "required"),
        (json!({"kind": "term", "points": 0, "maxPoints": 0}), "/grades/1/maxPoints", "range"),
        (json!({"kind": "formative", "points": 10.01}), "/grades/1/points", "range"),
        (json!({"kind": "term", "points": -1, "maxPoints": 10}), "", "shape"),
        (json!({"kind": "term", "points": 1.005, "maxPoints": 10}), "", "shape"),
        (json!({"kind": "term", "points": "1", "maxPoints": 10}), "", "shape"),
        (json!({"kind": "sport", "points": 1, "maxPoints": 10}), "", "shape"),
        (json!(["term", 1, 10]), "", "shape"),
    ] {
        assert_eq!(told(grade.clone()).await, (pointer.to_owned(), code.to_owned()), "{grade}");
    }
    for grades in [json!([]), json!(vec![json!({"kind": "term", "points": 1, "maxPoints": 2}); 51])] {
        assert_eq!(home.wonder(grades).await.body["errors"][0]["pointer"], "/grades");
    }
    let year = home
        .what_if(&json!({"periodId": home.period("y"), "grades": [{"kind": "term", "points": 1, "maxPoints": 2}]}))
        .await;
    assert_eq!((year.status, &year.body["errors"][0]["code"]), (422, &json!("not-graded")));
    close(&home.app.state.db, &home.school, "2");
    let closed = home.wonder(json!([{"kind": "term", "points": 1, "maxPoints": 2}])).await;
    assert_eq!((closed.status, &closed.body["errors"][0]["code"]), (422, &json!("period-closed")));
});

both!(a_school_that_averages_grades_is_answered_in_grades, async |app: App| {
    let home = Home::at(app);
    choose(&home.app.state.db, &home.school, None, None, "mean-1-10");
    let forecast = home.algebra().await["forecast"].clone();
    assert_eq!((&forecast["mean"], &forecast["percent"], &forecast["value"]), (&json!(8), &json!(null), &json!("8")));
    let asked = home.wonder(json!([{"kind": "test", "points": 9}])).await.body;
    assert_eq!((&asked["forecast"]["mean"], &asked["forecast"]["value"]), (&json!(8.5), &json!("9")));
    let wrong = home.wonder(json!([{"kind": "test", "points": 11}])).await;
    assert_eq!((wrong.status, &wrong.body["errors"][0]["detail"]), (422, &json!("11 is no grade of this subject.")));
});

//! The operations of the API document, and how a test calls each of them.

use std::collections::BTreeSet;

use domain::db::Db;
use domain::types::ChildId;
use reqwest::header::CONTENT_TYPE;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use support::app::{Answer, App};
use support::school::PASSWORD;

use super::world::World;
use crate::school::deliveries;

/// One operation, as the document has it.
#[derive(Debug, Clone)]
pub struct Operation {
    pub id: String,
    pub method: Method,
    /// With `{placeholders}`.
    pub path: String,
    pub secured: bool,
    pub takes_body: bool,
    /// Name and schema of each query parameter.
    pub query: Vec<(String, Value)>,
    pub takes_key: bool,
}

/// An installation of the app, of whoever registers it.
pub const INSTALLATION: &str = "7c9e6679-7425-40de-944b-e07fc1f90ae7";

/// Whose things an operation is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// A child's diary: of the family alone.
    Child,
    /// The account behind the token.
    Account,
    /// A school: of its journal and its staff.
    School,
    /// Nobody's: it asks for no token.
    Nobody,
}

/// A request ready to be sent; `body` is JSON, or a form where it is a text.
#[derive(Debug, Clone)]
pub struct Call {
    pub method: Method,
    pub path: String,
    pub body: Option<Value>,
}

impl Call {
    pub async fn send(&self, app: &App, token: &str) -> Answer {
        let request = app.request(self.method.clone(), &self.path, token);
        let with = |request: RequestBuilder, body: &Value| match body.as_str() {
            Some(form) => request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(form.to_owned()),
            None => request.json(body),
        };
        let request = self.body.iter().fold(request, with);
        Answer::of(request.send().await.unwrap()).await
    }
}

/// Every operation of the document.
pub fn all() -> Vec<Operation> {
    let document = serde_json::to_value(api::document::openapi()).unwrap();
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in ["get", "put", "post", "patch", "delete"] {
            if let Some(operation) = item.get(method) {
                all.push(read(path, method, operation));
            }
        }
    }
    all
}

fn read(path: &str, method: &str, operation: &Value) -> Operation {
    let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
    let place = |place: &'static str| move |one: &&Value| one["in"] == place;
    let named = |one: &Value| (one["name"].as_str().unwrap().to_owned(), one["schema"].clone());
    Operation {
        id: operation["operationId"].as_str().unwrap().to_owned(),
        method: method.to_uppercase().parse().unwrap(),
        path: path.to_owned(),
        secured: operation["security"].as_array().is_some_and(|any| any.iter().any(|one| one.get("bearer").is_some())),
        takes_body: operation["requestBody"]["content"].get("application/json").is_some(),
        query: parameters.iter().filter(place("query")).map(named).collect(),
        takes_key: parameters.iter().filter(place("header")).any(|one| one["name"] == "Idempotency-Key"),
    }
}

/// The operations that are called by their path alone.
const PLAIN: [&str; 23] = [
    "diary_of_child",
    "schedule_of_child",
    "homework_of_child",
    "grades_of_child",
    "subjects_of_child",
    "report_card_of_child",
    "attendance_of_child",
    "assessments_of_child",
    "teachers_of_child",
    "periods_of_child",
    "live",
    "ready",
    "me",
    "list_sessions",
    "list_children",
    "list_changes",
    "list_notifications",
    "notification_preferences",
    "news_of_family",
    "open_calendar_feed",
    "close_calendar_feed",
    "file_of_homework",
    "sign_out",
];

impl Operation {
    pub fn about(&self) -> About {
        match self.path.as_str() {
            _ if !self.secured => About::Nobody,
            path if path.starts_with("/v1/children/{id}") => About::Child,
            path if path.starts_with("/v1/schools/{id}") => About::School,
            _ => About::Account,
        }
    }

    /// Whether it is a view: it has an `ETag`.
    pub fn is_view(&self) -> bool {
        self.about() == About::Child && self.method == Method::GET
    }

    /// The call for a child that is right in everything but, perhaps, who makes it. An operation that is not known here
    /// fails the test: say how it is called, and `is_there` what of it must be there.
    pub fn call(&self, db: &Db, world: &World, child: ChildId) -> Call {
        if self.about() == About::School {
            return self.of_school(world.bir.id.0);
        }
        let mut path = self.path.clone();
        let mut body = None;
        match self.id.as_str() {
            plain if PLAIN.contains(&plain) => {}
            "history_of_grade" => path = path.replace("{gradeId}", &world.grade_of(db, child).to_string()),
            "set_homework_done" => {
                path = path.replace("{homeworkId}", &world.homework_of(db, child).to_string());
                body = Some(json!({"done": true}));
            }
            "what_if" => {
                let (subject, period) = world.subject_and_period_of(db, child);
                path = path.replace("{subjectId}", &subject.to_string());
                let grades = json!([{"kind": "term", "points": 18, "maxPoints": 25}]);
                body = Some(json!({"periodId": period, "grades": grades}));
            }
            "register_device" => {
                path = path.replace("{installationId}", INSTALLATION);
                let token = format!("token-{}", child.0);
                body = Some(json!({"platform": "android", "pushToken": token, "appVersion": "1.0", "language": "kk"}));
            }
            "remove_device" | "test_device" => {
                path = path.replace("{installationId}", "00000000-0000-4000-8000-000000000000");
            }
            "change_notification_preferences" => body = Some(json!({"privacy": "generic", "letters": true})),
            "sign_out_device" => path = path.replace("{id}", "123456"),
            "read_notifications" => body = Some(json!({"upTo": 0})),
            "ask_unsubscribe" | "unsubscribe" => path = path.replace("{token}", "no-such-word"),
            "calendar_of_family" => path = path.replace("{token}", "no-such-token"),
            "link_invitation" => path = path.replace("{code}", "no-such-code"),
            "change_me" => body = Some(json!({"language": "kk"})),
            "change_password" => body = Some(json!({"currentPassword": "not it", "password": PASSWORD})),
            "sign_in" => {
                let device = json!({"name": "phone", "platform": "ios"});
                body = Some(json!({"login": "nobody", "password": "no such one", "device": device}));
            }
            "journal_token" => body = Some(json!("grant_type=client_credentials&client_id=nobody&client_secret=none")),
            "refresh" => body = Some(json!({"refreshToken": "no.such"})),
            "accept_invitation" => {
                path = path.replace("{code}", "no-such-code");
                body = Some(newcomer("newcomer"));
            }
            "ask_reset" => body = Some(json!({"login": "nobody"})),
            "confirm_reset" => body = Some(json!({"token": "no-such-token", "password": PASSWORD})),
            other => panic!("the matrix does not know how to call {other}: {} {}", self.method, self.path),
        }
        let path = path.replace("{id}", &child.0.to_string());
        assert!(!path.contains('{'), "{path} has a placeholder the matrix does not fill");
        assert_eq!(self.takes_body, body.as_ref().is_some_and(|body| !body.is_string()), "{}", self.id);
        Call { method: self.method.clone(), path, body }
    }

    /// The call for a school that is right in everything but, perhaps, who makes it: it says again what the fixture says.
    pub fn of_school(&self, school: i64) -> Call {
        // The world has one import a school, of the school's own number.
        let path = self.path.replace("{id}", &school.to_string()).replace("{importId}", &school.to_string());
        let path = path.replace("{period}", "2");
        let scheme = || domain::assessment::preset("kz-2016").unwrap();
        let collection = path.rsplit('/').next().unwrap();
        let body = match collection {
            "grading-schemes" if self.takes_body => json!({"name": "Own", "scheme": scheme()}),
            "settle-windows" if self.takes_body => json!({"kinds": {"report-card": 600}}),
            "choices" => json!({"level": 7, "scheme": "kz-2020"}),
            "invitations" | "reset-codes" => json!({"items": [{"role": "student", "externalId": "p2"}]}),
            _ if !self.takes_body => Value::Null,
            collection => json!({"items": [deliveries::again(collection)]}),
        };
        let year = self.query.iter().any(|(name, _)| name == "schoolYear");
        let path = if year { format!("{path}?schoolYear=2026") } else { path };
        Call { method: self.method.clone(), body: self.takes_body.then_some(body), path }
    }

    /// The status of the right call by anybody signed in, where it is about the account.
    pub fn account_status(&self) -> u16 {
        match self.id.as_str() {
            "me"
            | "list_sessions"
            | "list_children"
            | "list_changes"
            | "news_of_family"
            | "open_calendar_feed"
            | "change_me"
            | "register_device"
            | "notification_preferences"
            | "list_notifications"
            | "change_notification_preferences" => 200,
            "sign_out_device" | "link_invitation" | "file_of_homework" | "remove_device" | "test_device" => 404,
            "change_password" => 401,
            "sign_out" | "close_calendar_feed" | "read_notifications" => 204,
            other => panic!("the matrix does not know what {other} answers"),
        }
    }

    /// Asserts that an allowed answer holds what the fixture put there.
    pub fn is_there(&self, body: &Value) {
        let some = |pointer: &str| match body.pointer(pointer) {
            Some(Value::Array(list)) => assert!(!list.is_empty(), "{}: {pointer} is empty in {body}", self.id),
            Some(Value::Null) | None => panic!("{}: no {pointer} in {body}", self.id),
            Some(_) => {}
        };
        match self.id.as_str() {
            "diary_of_child" => {
                some("/days/0/lessons/0/grades/0/value");
                some("/days/0/lessons/1/attendance/status");
                some("/days/2/lessons/0/homework/0/text");
            }
            "schedule_of_child" => some("/days/0/lessons/0/subject/name"),
            "report_card_of_child" => some("/rows/0/cells/0/value"),
            "set_homework_done" => assert_eq!(body["done"], true),
            "what_if" => some("/forecast/components/2/percent"),
            "grades_of_child" => some("/items/0/value"),
            "teachers_of_child" => some("/items/0/subjects/0/name"),
            _ => some("/items/0"),
        }
    }
}

/// What a newcomer sends to accept an invitation.
pub fn newcomer(login: &str) -> Value {
    json!({
        "login": login, "password": PASSWORD, "firstName": "Айгүл", "lastName": "Омарова",
        "birthDate": "1985-01-01", "sex": "female", "device": {"name": "phone", "platform": "ios"},
    })
}

/// An answer without what names its request, for telling whether two answers are the same.
pub fn masked(answer: &Answer) -> (u16, Value, BTreeSet<(String, String)>) {
    let mut body = answer.body.clone();
    let instance = body["instance"].as_str().map_or(0, str::len);
    for key in ["instance", "requestId"] {
        if let Some(value) = body.get_mut(key) {
            *value = Value::Null;
        }
    }
    let header = |(name, value): (&reqwest::header::HeaderName, &reqwest::header::HeaderValue)| {
        let value = value.to_str().unwrap();
        let value = match name.as_str() {
            // A connection closes behind a body that was not read; each worker lists the headers in its own order.
            "date" | "x-request-id" | "connection" | "access-control-expose-headers" => return None,
            "content-length" => (value.parse::<usize>().unwrap() - instance).to_string(),
            _ => value.to_owned(),
        };
        Some((name.as_str().to_owned(), value))
    };
    (answer.status, body, answer.headers.iter().filter_map(header).collect())
}

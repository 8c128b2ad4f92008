//! Items as a journal sends them, for the small school of the fixture.

use serde_json::{Value, json};

/// The collections, in the order in which they refer to each other.
pub const COLLECTIONS: [&str; 15] = [
    "periods",
    "subjects",
    "staff",
    "class-groups",
    "students",
    "guardians",
    "courses",
    "enrolments",
    "lessons",
    "assessments",
    "homework",
    "grades",
    "attendance",
    "period-grades",
    "news",
];

/// An item of the collection that says what the fixture has written already.
pub fn again(collection: &str) -> Value {
    match collection {
        "periods" => json!({"externalId": "2", "kind": "quarter", "schoolYear": 2026, "startsOn": "2026-11-02",
            "endsOn": "2026-12-27", "names": {"kk": "2 тоқсан", "ru": "2 четверть", "en": "Quarter 2"}}),
        "subjects" => json!({"externalId": "alg", "names": {"kk": "Алгебра", "ru": "Алгебра", "en": "Algebra"}}),
        "class-groups" => json!({"externalId": "7a", "schoolYear": 2026, "level": 7, "name": "7 Ә", "language": "kk",
            "homeroomTeacherExternalId": "t1"}),
        "staff" => json!({"externalId": "t1", "firstName": "Гүлнәр", "lastName": "Ахметова"}),
        "students" => json!({"externalId": "p1", "firstName": "Әсел", "lastName": "Омарова", "birthDate": "2013-05-04",
            "sex": "female", "startsOn": "2026-09-01"}),
        "guardians" => json!({"externalId": "g2", "firstName": "Айгүл", "lastName": "Омарова",
            "children": [{"studentExternalId": "p2", "relation": "mother"}]}),
        "courses" => json!({"externalId": "alg7", "schoolYear": 2026, "subjectExternalId": "alg",
            "classGroupExternalId": "7a", "teacherExternalId": "t1", "name": "alg 7 Ә"}),
        "enrolments" => json!({"externalId": "alg7-p1", "studentExternalId": "p1", "courseExternalId": "alg7",
            "startsOn": "2026-09-01"}),
        "lessons" => json!({"externalId": "l1", "courseExternalId": "alg7", "date": "2026-11-16", "number": 1,
            "startsAt": "08:00", "endsAt": "08:45", "teacherExternalId": "t1", "room": "204",
            "topic": "Квадрат теңдеулер", "status": "held"}),
        "assessments" => json!({"externalId": "w1", "courseExternalId": "alg7", "lessonExternalId": "l3",
            "periodExternalId": "2", "kind": "section", "title": "БЖБ 1", "date": "2026-11-18", "maxPoints": 20}),
        "homework" => json!({"externalId": "h2", "courseExternalId": "alg7", "assignedOn": "2026-11-12",
            "dueOn": "2026-11-20", "text": "№ 214, 215"}),
        "grades" => grade("e1", "p1", "8"),
        "attendance" => json!({"externalId": "n1", "studentExternalId": "p1", "lessonExternalId": "l2",
            "status": "late", "minutesLate": 7}),
        "period-grades" => json!({"externalId": "q1", "studentExternalId": "p1", "subjectExternalId": "alg",
            "periodExternalId": "1", "kind": "period", "value": "5", "percent": 86.5}),
        "news" => {
            json!({"externalId": "m1", "classGroupExternalId": "7a", "text": {"kk": "18:30, 204", "ru": "18:30, 204",
            "en": "18:30, 204"}, "title": {"kk": "Ата-аналар жиналысы", "ru": "Родительское собрание",
            "en": "Parents' evening"}})
        }
        other => panic!("say here what an item of {other} looks like"),
    }
}

/// A formative grade of lesson `l1`, out of 10.
pub fn grade(number: &str, student: &str, value: &str) -> Value {
    json!({"externalId": number, "studentExternalId": student, "courseExternalId": "alg7", "lessonExternalId": "l1",
        "kind": "formative", "value": value, "points": value.parse::<f64>().ok(), "maxPoints": 10,
        "gradedOn": "2026-11-16"})
}

/// The item with one field changed.
pub fn with(mut item: Value, field: &str, value: impl Into<Value>) -> Value {
    item[field] = value.into();
    item
}

/// The order to take an item back.
pub fn gone(number: &str) -> Value {
    json!({"externalId": number, "deleted": true})
}

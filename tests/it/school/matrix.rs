//! Who may act for a school: every operation of the school side, by everybody, for each school.

use domain::types::{Collection, Word};
use support::both;
use support::database::Kind;

use super::{outcomes, put};
use crate::access::operations::{About, Operation, all, masked};
use crate::access::unlimited;
use crate::access::world::World;
use crate::school::deliveries::{COLLECTIONS, again, with};

/// A school that does not exist.
const NOWHERE: i64 = 4711;

/// Who of the school's own people may make the right call of an operation.
fn may(operation: &Operation, who: &str) -> bool {
    let collection = Collection::parse(operation.path.rsplit('/').next().unwrap());
    let is_list = operation.method == reqwest::Method::GET;
    match who {
        // It holds no `reopen`.
        "journal" => operation.id != "reopen_period",
        // What a journal wrote itself is nobody else's to list.
        "school admin" => {
            let shared = ["import_of_school", "closing_of_period", "schemes_of_school", "settle_windows"];
            !is_list || shared.contains(&operation.id.as_str())
        }
        "teacher" => operation.id == "send_file" || !is_list && collection.is_some_and(Collection::is_of_courses),
        _ => false,
    }
}

both!(a_school_is_there_for_its_own_journal_and_staff_and_nobody_else, async |kind: Kind| {
    let app = unlimited(kind);
    let world = World::make(&app);
    let mut everybody: Vec<(&str, &str)> =
        world.principals.iter().map(|one| (one.name, one.who.token.as_str())).collect();
    everybody.push(("journal", &world.journal));
    everybody.push(("another school's journal", &world.other_journal));
    let own = ["teacher", "school admin", "journal"];
    let (mut allowed, mut refused, mut absent) = (0, 0, 0);
    for operation in all().iter().filter(|one| one.about() == About::School) {
        let nowhere = operation.of_school(NOWHERE);
        for (who, token) in &everybody {
            let reference = nowhere.send(&app, token).await;
            assert_eq!((reference.status, reference.problem()), (404, "not-found"), "{}: {who}", operation.id);
            for (name, school) in [("bir", world.bir.id.0), ("eki", world.eki.id.0)] {
                let cell = format!("{}: {who} at {name}", operation.id);
                let answer = operation.of_school(school).send(&app, token).await;
                let is_own = if name == "bir" { own.contains(who) } else { *who == "another school's journal" };
                if !is_own {
                    assert_eq!(masked(&answer), masked(&reference), "{cell}");
                    absent += 1;
                } else if may(operation, if name == "eki" { "journal" } else { who }) {
                    // Files are sent in by a test of their own; here there is none.
                    let right = if ["start_import", "send_file"].contains(&operation.id.as_str()) { 415 } else { 200 };
                    assert_eq!(answer.status, right, "{cell}: {}", answer.body);
                    if answer.body.get("results").is_some() && operation.method == reqwest::Method::PUT {
                        assert_eq!(outcomes(&answer), ["unchanged"], "{cell}: {}", answer.body);
                    }
                    allowed += 1;
                } else {
                    assert_eq!((answer.status, answer.problem()), (403, "insufficient-scope"), "{cell}");
                    refused += 1;
                }
            }
        }
    }
    assert!(allowed > 70 && refused > 25 && absent > 500, "{allowed} {refused} {absent}");
});

both!(a_reference_to_another_schools_thing_is_a_reference_to_nothing, async |kind: Kind| {
    let app = unlimited(kind);
    let world = World::make(&app);
    // The same thing under a number that only the other school has.
    for (collection, number) in [("students", "foreign"), ("courses", "foreign"), ("lessons", "foreign")] {
        let item = with(again(collection), "externalId", number);
        assert_eq!(put(&app, &world.other_journal, world.eki.id, collection, &[item]).await.status, 200);
    }
    for collection in COLLECTIONS {
        let item = again(collection);
        let references = item
            .as_object()
            .unwrap()
            .keys()
            .filter(|key| ["studentExternalId", "courseExternalId", "lessonExternalId"].contains(&key.as_str()));
        for field in references {
            let asked = |value: &str| with(with(again(collection), "externalId", "new"), field, value);
            let foreign = put(&app, &world.journal, world.bir.id, collection, &[asked("foreign")]).await;
            let nothing = put(&app, &world.journal, world.bir.id, collection, &[asked("nowhere")]).await;
            let problem = |answer: &support::app::Answer| {
                let problem = answer.body["results"][0]["problem"].to_string();
                problem.replace("foreign", "X").replace("nowhere", "X")
            };
            assert!(problem(&nothing).contains("unknown-reference"), "{collection} {field}: {}", nothing.body);
            assert_eq!(problem(&foreign), problem(&nothing), "{collection} {field}");
        }
    }
});

both!(who_left_the_school_acts_for_it_no_more, async |kind: Kind| {
    let app = unlimited(kind);
    let world = World::make(&app);
    let token = |name: &str| world.principals.iter().find(|one| one.name == name).unwrap().who.token.clone();
    let grade = [again("grades")];
    for (who, number) in [("teacher", "t1"), ("school admin", "a1")] {
        assert_eq!(put(&app, &token(who), world.bir.id, "grades", &grade).await.status, 200, "{who}");
        let gone = [super::deliveries::gone(number)];
        assert_eq!(super::deliver(&app, &world.journal, world.bir.id, "staff", &gone).await, ["deleted"]);
        assert_eq!(put(&app, &token(who), world.bir.id, "grades", &grade).await.status, 404, "{who} has left");
    }
    // Who is written again has come back.
    assert_eq!(super::deliver(&app, &world.journal, world.bir.id, "staff", &[again("staff")]).await, ["updated"]);
    assert_eq!(put(&app, &token("teacher"), world.bir.id, "grades", &grade).await.status, 200);
});

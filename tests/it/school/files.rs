//! Files for homework: sent in by a journal or a teacher, read by the families it is for and by nobody else.

use std::io::Write;

use domain::types::SchoolId;
use reqwest::header::{CONTENT_DISPOSITION, CONTENT_RANGE, ETAG, IF_NONE_MATCH, IF_RANGE, RANGE};
use reqwest::multipart::{Form, Part};
use reqwest::{Method, Response};
use serde_json::{Value, json};
use support::app::{Answer, App};
use support::both;

use super::{deliver, outcomes, put, refusal};
use crate::access::world::World;
use crate::school::deliveries::{again, gone, with};
use crate::storage::execute;

/// A picture of one point.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89";

/// A PDF of so many bytes, none of them where another would do.
fn pdf(size: usize) -> Vec<u8> {
    let mut bytes = b"%PDF-1.7\n".to_vec();
    bytes.extend((0..).map(|place: u32| place.wrapping_mul(2_654_435_761).to_le_bytes()[3]).take(size - bytes.len()));
    bytes
}

async fn send(app: &App, token: &str, school: SchoolId, name: &str, bytes: &[u8]) -> Answer {
    let part = Part::bytes(bytes.to_vec()).file_name(name.to_owned());
    let path = format!("/v1/schools/{}/files", school.0);
    let request = app.request(Method::POST, &path, token).multipart(Form::new().part("file", part));
    Answer::of(request.send().await.unwrap()).await
}

/// The id of a file that the journal sends in.
async fn sent(app: &App, world: &World, name: &str, bytes: &[u8]) -> i64 {
    let answer = send(app, &world.journal, world.bir.id, name, bytes).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer.body["id"].as_i64().unwrap()
}

async fn read(app: &App, token: &str, id: i64, headers: &[(reqwest::header::HeaderName, &str)]) -> Response {
    let request = app.request(Method::GET, &format!("/v1/files/{id}"), token);
    let with = |request: reqwest::RequestBuilder, (name, value): &(reqwest::header::HeaderName, &str)| {
        request.header(name.clone(), *value)
    };
    headers.iter().fold(request, with).send().await.unwrap()
}

fn of(world: &World, who: &str) -> String {
    world.principals.iter().find(|one| one.name == who).unwrap().who.token.clone()
}

async fn homework_with(app: &App, world: &World, files: &[i64]) -> Answer {
    let item = with(again("homework"), "attachments", files.to_vec());
    put(app, &world.journal, world.bir.id, "homework", &[item]).await
}

both!(a_family_reads_the_files_of_its_homework_byte_for_byte_and_in_ranges, async |app: App| {
    let world = World::make(&app);
    let bytes = pdf(700_000);
    let id = sent(&app, &world, "Тапсырма № 5 \"үй\".pdf", &bytes).await;
    assert_eq!(outcomes(&homework_with(&app, &world, &[id]).await), ["updated"]);
    let mother = of(&world, "guardian");
    let list = app.get(&format!("/v1/children/{}/homework?from=2026-11-16", world.bir.children[0].0), &mother).await;
    let attachment =
        json!([{"id": id, "name": "Тапсырма № 5 \"үй\".pdf", "mediaType": "application/pdf", "size": 700_000}]);
    let items = list.body["items"].as_array().unwrap();
    assert!(items.iter().any(|item| item["attachments"] == attachment), "{}", list.body);

    let whole = read(&app, &mother, id, &[]).await;
    assert_eq!(whole.status(), 200);
    assert_eq!(whole.headers()["content-type"], "application/pdf");
    assert_eq!(whole.headers()["x-content-type-options"], "nosniff");
    let told = whole.headers()[CONTENT_DISPOSITION].to_str().unwrap().to_owned();
    assert!(told.starts_with("attachment; filename=") && told.contains("filename*=UTF-8''%D0%A2"), "{told}");
    let tag = whole.headers()[ETAG].to_str().unwrap().to_owned();
    assert_eq!(whole.bytes().await.unwrap(), bytes);

    // Across the border of two pieces.
    let part = read(&app, &mother, id, &[(RANGE, "bytes=262100-262200")]).await;
    assert_eq!(
        (part.status().as_u16(), &part.headers()[CONTENT_RANGE]),
        (206, &"bytes 262100-262200/700000".parse().unwrap())
    );
    assert_eq!(part.bytes().await.unwrap(), bytes[262_100..=262_200]);
    let rest = read(&app, &mother, id, &[(RANGE, "bytes=699990-"), (IF_RANGE, &tag)]).await;
    assert_eq!(rest.bytes().await.unwrap(), bytes[699_990..]);
    let other = read(&app, &mother, id, &[(RANGE, "bytes=0-9"), (IF_RANGE, "\"another\"")]).await;
    assert_eq!(other.status(), 200);
    assert_eq!(read(&app, &mother, id, &[(IF_NONE_MATCH, &tag)]).await.status(), 304);
    let none = Answer::of(read(&app, &mother, id, &[(RANGE, "bytes=700000-")]).await).await;
    assert_eq!((none.status, none.problem()), (416, "range-not-satisfiable"));
});

both!(a_file_is_there_for_the_families_of_its_homework_alone_and_as_long_as_it_hangs_there, async |app: App| {
    let world = World::make(&app);
    let id = sent(&app, &world, "a.png", PNG).await;
    let status = async |token: &str| read(&app, token, id, &[]).await.status().as_u16();
    let mother = of(&world, "guardian");
    assert_eq!(status(&mother).await, 404, "it hangs on nothing yet");
    homework_with(&app, &world, &[id]).await;
    for one in &world.principals {
        // All three pupils of the class are in the course, «p4» is not.
        let theirs = one
            .sees
            .iter()
            .any(|child| [world.bir.children[0], world.bir.children[1], world.classmate].contains(child));
        assert_eq!(status(&one.who.token).await, if theirs { 200 } else { 404 }, "{}", one.name);
    }
    assert_eq!(status(&world.journal).await, 401, "a journal is nobody's family");
    // An item that says nothing of files leaves them; an empty list takes them off.
    assert_eq!(deliver(&app, &world.journal, world.bir.id, "homework", &[again("homework")]).await, ["unchanged"]);
    assert_eq!(status(&mother).await, 200);
    assert_eq!(outcomes(&homework_with(&app, &world, &[]).await), ["updated"]);
    assert_eq!(status(&mother).await, 404);
    homework_with(&app, &world, &[id]).await;
    assert_eq!(deliver(&app, &world.journal, world.bir.id, "homework", &[gone("h2")]).await, ["deleted"]);
    assert_eq!(status(&mother).await, 404);
});

both!(nobody_attaches_what_somebody_else_sent_in, async |app: App| {
    let world = World::make(&app);
    let id = sent(&app, &world, "a.png", PNG).await;
    let item = [with(again("homework"), "attachments", vec![id])];
    for token in [of(&world, "teacher"), of(&world, "school admin")] {
        let answer = put(&app, &token, world.bir.id, "homework", &item).await;
        assert_eq!(refusal(&answer), ("/items/0/attachments", "unknown-file"));
    }
    // What hangs there may stay, whoever sends the item.
    homework_with(&app, &world, &[id]).await;
    assert_eq!(outcomes(&put(&app, &of(&world, "teacher"), world.bir.id, "homework", &item).await), ["unchanged"]);
    // A teacher attaches her own.
    let own = send(&app, &of(&world, "teacher"), world.bir.id, "b.png", PNG).await.body["id"].as_i64().unwrap();
    let item = [with(again("homework"), "attachments", vec![own, id])];
    assert_eq!(outcomes(&put(&app, &of(&world, "teacher"), world.bir.id, "homework", &item).await), ["updated"]);
    let twice = [with(again("homework"), "attachments", vec![id, id])];
    assert_eq!(outcomes(&put(&app, &world.journal, world.bir.id, "homework", &twice).await), ["rejected"]);
});

both!(what_is_no_file_for_families_is_refused_with_a_sentence, async |app: App| {
    let world = World::make(&app);
    let refused = async |name: &str, bytes: &[u8]| {
        let answer = send(&app, &world.journal, world.bir.id, name, bytes).await;
        (answer.status, answer.problem().to_owned())
    };
    let kind = (415, "unsupported-media-type".to_owned());
    assert_eq!(refused("a.pdf", b"MZ\x90\0 a program by its bytes").await, kind);
    assert_eq!(
        refused("a.png", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>").await,
        kind
    );
    assert_eq!(refused("a.html", b"<!doctype html><p>").await, kind);
    assert_eq!(refused("a.zip", b"PK\x03\x04\x14\0\0\0\0\0").await, kind);
    let invalid = (422, "validation-failed".to_owned());
    assert_eq!(refused("a.png", b"").await, invalid);
    assert_eq!(refused(&"a".repeat(201), PNG).await, invalid);
    let large = (413, "payload-too-large".to_owned());
    assert_eq!(refused("a.pdf", &pdf(20 * 1024 * 1024 + 1)).await, large);
    assert_eq!(send(&app, &world.journal, world.bir.id, "a.pdf", &pdf(20 * 1024 * 1024)).await.status, 201);
    let path = format!("/v1/schools/{}/files", world.bir.id.0);
    let plain = app.request(Method::POST, &path, &world.journal).json(&Value::Null).send().await.unwrap();
    assert_eq!(plain.status(), 415);
    let other = app.request(Method::POST, &path, &world.journal).multipart(Form::new().text("note", "x"));
    assert_eq!(Answer::of(other.send().await.unwrap()).await.problem(), "validation-failed");
});

both!(what_phones_open_is_taken_whoever_wrote_it, async |app: App| {
    let world = World::make(&app);
    let kind = async |bytes: &[u8]| {
        let answer = send(&app, &world.journal, world.bir.id, "x", bytes).await;
        answer.body["mediaType"].as_str().unwrap_or(answer.problem()).rsplit(['.', '/']).next().unwrap().to_owned()
    };
    for (folder, media) in [("word", "document"), ("xl", "sheet"), ("ppt", "presentation")] {
        // Programs put the parts of a document into any order.
        for names in [["[Content_Types].xml", "docProps/app.xml", "x"], ["x", "_rels/.rels", "[Content_Types].xml"]] {
            let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
            for name in names {
                let name = if name == "x" { format!("{folder}/document.xml") } else { name.to_owned() };
                zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
                zip.write_all(b"<x/>").unwrap();
            }
            assert_eq!(kind(&zip.finish().unwrap().into_inner()).await, media, "{names:?}");
        }
    }
    assert_eq!(kind(b"\xff\xd8\xff\xe0\0\x10JFIF\0").await, "jpeg");
    assert_eq!(kind(b"GIF89a\x01\0\x01\0").await, "gif");
    assert_eq!(kind(b"RIFF\x1a\0\0\0WEBPVP8 ").await, "webp");
    assert_eq!(kind(b"ID3\x03\0\0\0\0\0\0").await, "mpeg");
    assert_eq!(kind(b"\0\0\0\x20ftypM4A \0\0\0\0").await, "m4a");
    assert_eq!(kind(b"\0\0\0\x20ftypmp42\0\0\0\0").await, "mp4");
});

both!(a_file_that_hangs_on_nothing_is_forgotten_after_a_day_and_one_that_hangs_is_not, async |app: App| {
    let world = World::make(&app);
    let (loose, tied) = (sent(&app, &world, "a.png", PNG).await, sent(&app, &world, "b.png", PNG).await);
    homework_with(&app, &world, &[tied]).await;
    let now = app.state.clock.now();
    let prune = async |hours: i64| {
        domain::files::prune(&app.state.db, now + chrono::Duration::hours(hours) - domain::files::PATIENCE)
            .await
            .unwrap();
    };
    prune(23).await;
    assert_eq!(outcomes(&homework_with(&app, &world, &[loose, tied]).await), ["updated"]);
    homework_with(&app, &world, &[tied]).await;
    prune(25).await;
    assert_eq!(outcomes(&homework_with(&app, &world, &[loose]).await), ["rejected"]);
    assert_eq!(read(&app, &of(&world, "guardian"), tied, &[]).await.status(), 200);
});

both!(a_school_that_sends_in_much_and_attaches_nothing_is_stopped, async |app: App| {
    let world = World::make(&app);
    sent(&app, &world, "a.png", PNG).await;
    // As if it had sent in 512 MiB.
    execute(&app.state.db, "UPDATE files SET size = 536870912");
    assert_eq!(send(&app, &world.journal, world.bir.id, "a.png", PNG).await.status, 201);
    let answer = send(&app, &world.journal, world.bir.id, "a.png", PNG).await;
    assert_eq!((answer.status, answer.problem()), (409, "too-many-files"));
    assert_eq!(send(&app, &world.other_journal, world.eki.id, "a.png", PNG).await.status, 201, "another school is not");
});

//! Writes the committed API documents, or with `--check` fails where one drifted or lacks something.

use std::path::Path;
use std::process::ExitCode;

use api::document::json;
use serde_json::{Map, Value};

fn main() -> ExitCode {
    let only_check = std::env::args().any(|argument| argument == "--check");
    let mut flaws = settle("diary.json", &json(api::document::openapi()), only_check);
    flaws.extend(settle("rating.json", &json(api::rating::document::openapi()), only_check));
    for flaw in &flaws {
        eprintln!("openapi: {flaw}");
    }
    if flaws.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Checks a document, and writes it or compares it with the committed one; what is wrong with it.
fn settle(name: &str, fresh: &str, only_check: bool) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    let mut flaws = match serde_json::from_str(fresh) {
        Ok(document) => check(&document),
        Err(error) => vec![format!("the document is not JSON: {error}")],
    };
    if name == "diary.json" && fresh.contains("rating") {
        flaws.push("the diary's document speaks of the rating".to_owned());
    }
    if only_check {
        if std::fs::read_to_string(&path).is_ok_and(|committed| committed == fresh) {
            return flaws;
        }
        let advice = "run `cargo run -p openapi` and look at the difference";
        flaws.push(format!("openapi/{name} is not what the router says; {advice}"));
    } else if let Err(error) = std::fs::write(&path, fresh) {
        flaws.push(format!("cannot write {}: {error}", path.display()));
    }
    flaws
}

/// Everything a mobile developer would miss.
fn check(document: &Value) -> Vec<String> {
    let mut flaws = Vec::new();
    let mut ids = Vec::new();
    for (path, item) in object(&document["paths"]) {
        for (method, operation) in object(item).iter().filter(|(method, _)| method.as_str() != "parameters") {
            let place = format!("{method} {path}");
            flaws.extend(lacking(&place, path, operation));
            ids.push(operation["operationId"].as_str().unwrap_or_default().to_owned());
        }
    }
    ids.sort_unstable();
    flaws.extend(
        ids.windows(2)
            .filter(|pair| pair.first() == pair.last())
            .map(|pair| format!("the operation id {pair:?} repeats")),
    );
    for (name, schema) in document.pointer("/components/schemas").into_iter().flat_map(object) {
        for (field, property) in object(&schema["properties"]) {
            if !described(property) {
                flaws.push(format!("{name}.{field} has no description"));
            }
        }
    }
    flaws
}

fn lacking(place: &str, path: &str, operation: &Value) -> Vec<String> {
    let mut flaws = Vec::new();
    for field in ["summary", "operationId", "description"] {
        if operation[field].as_str().is_none_or(str::is_empty) {
            flaws.push(format!("{place} has no {field}"));
        }
    }
    for field in ["tags", "security"] {
        if operation[field].as_array().is_none_or(Vec::is_empty) {
            flaws.push(format!("{place} has no {field}"));
        }
    }
    let named: Vec<&str> =
        operation["parameters"].as_array().into_iter().flatten().filter_map(|p| p["name"].as_str()).collect();
    for parameter in path.split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}')) {
        if !named.contains(&parameter) {
            flaws.push(format!("{place} does not describe {{{parameter}}}"));
        }
    }
    for (status, response) in object(&operation["responses"]) {
        if response["description"].as_str().is_none_or(str::is_empty) {
            flaws.push(format!("{place} does not describe its answer {status}"));
        }
    }
    flaws
}

/// A nullable reference carries its description inside.
fn described(property: &Value) -> bool {
    let has = |value: &Value| value["description"].as_str().is_some_and(|text| !text.is_empty());
    has(property) || property["oneOf"].as_array().into_iter().flatten().any(has)
}

fn object(value: &Value) -> &Map<String, Value> {
    static EMPTY: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
    value.as_object().unwrap_or(&EMPTY)
}

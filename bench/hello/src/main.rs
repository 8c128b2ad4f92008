//! A static 304, a small JSON answer and the JSON of a week on actix, with nothing behind them.

use actix_web::{App, HttpResponse, HttpServer, get, web};
use serde::Serialize;
use serde_json::Value;

#[derive(Serialize)]
struct Hello {
    id: u64,
    name: &'static str,
    languages: [&'static str; 3],
}

#[get("/json")]
async fn json() -> HttpResponse {
    HttpResponse::Ok().json(Hello { id: 1, name: "Apta", languages: ["kk", "ru", "en"] })
}

#[get("/static")]
async fn unchanged() -> HttpResponse {
    HttpResponse::NotModified().insert_header(("etag", "\"static\"")).finish()
}

/// What serde alone costs: the body of a real week, in memory, written out for every request.
#[get("/week")]
async fn week(body: web::Data<Value>) -> HttpResponse {
    HttpResponse::Ok().json(&**body)
}

/// Takes the file that holds the week's JSON.
#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let file = std::env::args_os().nth(1).unwrap_or_default();
    let body = web::Data::new(serde_json::from_slice::<Value>(&std::fs::read(file)?)?);
    let app = move || App::new().app_data(body.clone()).service(json).service(week).service(unchanged);
    let server = HttpServer::new(app).workers(2).bind(("127.0.0.1", 0))?;
    for address in server.addrs() {
        println!("http://{address}");
    }
    server.run().await
}

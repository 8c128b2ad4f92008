//! A static 304 and a small JSON answer on actix, with nothing behind them.

use actix_web::{App, HttpResponse, HttpServer, get};
use serde::Serialize;

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

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let server = HttpServer::new(|| App::new().service(json).service(unchanged)).workers(2).bind(("127.0.0.1", 0))?;
    for address in server.addrs() {
        println!("http://{address}");
    }
    server.run().await
}

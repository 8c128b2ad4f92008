//! A push provider that takes everything at once and remembers when: what alerts are measured against.

use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use actix_web::{App, HttpResponse, HttpServer, get, post, web};
use serde_json::{Value, json};

/// The number of each alert, and when it came, in microseconds since 1970.
type Taken = Mutex<Vec<(i64, u128)>>;

#[expect(clippy::disallowed_methods, reason = "this is another house than the diary's, with a clock of its own")]
fn now() -> u128 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_micros()
}

#[post("/token")]
async fn token() -> HttpResponse {
    HttpResponse::Ok().json(json!({"access_token": "bench", "token_type": "Bearer", "expires_in": 3600}))
}

#[post("/v1/projects/bench/messages:send")]
async fn send(taken: web::Data<Taken>, body: web::Json<Value>) -> HttpResponse {
    let alert = body.pointer("/message/data/alertId").and_then(Value::as_str);
    let alert = alert.and_then(|id| id.parse().ok()).unwrap_or_default();
    taken.lock().unwrap_or_else(PoisonError::into_inner).push((alert, now()));
    HttpResponse::Ok().json(json!({"name": format!("projects/bench/messages/{alert}")}))
}

/// Everything taken since the last look.
#[get("/taken")]
async fn take(taken: web::Data<Taken>) -> HttpResponse {
    HttpResponse::Ok().json(std::mem::take(&mut *taken.lock().unwrap_or_else(PoisonError::into_inner)))
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let taken = web::Data::new(Taken::default());
    let app = move || App::new().app_data(taken.clone()).service(token).service(send).service(take);
    let server = HttpServer::new(app).workers(1).bind(("127.0.0.1", 0))?;
    for address in server.addrs() {
        println!("http://{address}");
    }
    server.run().await
}

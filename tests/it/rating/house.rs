//! A server with a class that can have a line, two guardians of children in it, and three stores.

use std::ops::Range;

use domain::intake;
use domain::secrets;
use domain::types::{AccountId, ChildId, SchoolId};
use rating::{Rating, subscriptions};
use serde_json::{Value, json};
use support::app::{Answer, App, noon};
use support::app_store::{Forge, Marks};
use support::app_store_api::AppStoreApi;
use support::database::{Kind, On};
use support::play::{self, Play};
use support::school::{School, SignedIn};

use super::{Class, Desk, answer, later, spread};
use crate::assessment::close;

pub struct House {
    pub app: App,
    pub school: School,
    pub children: Vec<ChildId>,
    pub mother: SignedIn,
    pub neighbour: SignedIn,
    /// A guardian of every child, who answers for all.
    pub everybody: SignedIn,
    pub play: Play,
    pub app_store: Forge,
    pub app_store_api: AppStoreApi,
}

impl On for House {
    async fn on(kind: Kind) -> Self {
        Self::with_limits(kind, 0)
    }
}

impl House {
    /// With the limits of a server (1), or none (0).
    pub fn with_limits(kind: Kind, limits: u32) -> Self {
        let (play, app_store, app_store_api) = (Play::start(), Forge::new(&Marks::default()), AppStoreApi::start());
        let app = App::start(kind, |config| {
            config.rating.google = play.settings(&config.data);
            config.rating.apple = app_store.settings(&config.data);
            app_store_api.settings(&config.data, &mut config.rating.apple);
            config.http.cache_megabytes = 0;
            config.security.limits = limits;
        });
        let db = &app.state.db;
        let school = School::make(db, "bir");
        let children = Desk { db, school: &school }.class(&Class { number: "7b", results: &spread(22) }, "1");
        let ward = |place: usize| intake::Ward { student: format!("7b-{place}"), relation: "mother".to_owned() };
        let guardian = |number: &str, places: Range<usize>| intake::Guardian {
            external_id: number.to_owned(),
            name: support::school::name("Айгүл", "Сейтова"),
            email: None,
            wards: places.map(ward).collect(),
        };
        school.put(db, &[guardian("m1", 21..22), guardian("m2", 0..1), guardian("m3", 0..22)]);
        let [mother, neighbour, everybody] = ["m1", "m2", "m3"].map(|number| school.guardian(db, number));
        close(db, &school, "1");
        Self { app, school, children, mother, neighbour, everybody, play, app_store, app_store_api }
    }
}

impl House {
    /// Opens the rating, counts everybody and releases.
    pub fn open(&self) {
        let rating = self.app.state.rating.open().unwrap();
        self.answer(&self.children, true);
        assert_eq!(rating.release(later()).unwrap(), 1);
    }

    pub fn answer(&self, children: &[ChildId], counted: bool) {
        let rating = self.app.state.rating.open().unwrap();
        answer(rating, &self.app.state.db, &self.everybody, children, counted);
    }

    pub fn child(&self) -> i64 {
        self.children.last().unwrap().0
    }

    pub fn path(&self, rest: &str) -> String {
        format!("/v1/children/{}/rating{rest}", self.child())
    }

    pub fn voucher(&self, months: u32, school: Option<SchoolId>) -> String {
        let (code, rating) = (secrets::code(), self.app.state.rating.open().unwrap());
        let hash = secrets::code_hash(&code);
        rating.own().write_here(|conn| subscriptions::issue(conn, &hash, months, school, noon())).unwrap();
        code
    }

    pub async fn redeem(&self, who: &SignedIn, code: &str) -> Answer {
        self.app.post("/v1/subscriptions/voucher", &who.token, &json!({"code": code})).await
    }
    pub fn rating(&self) -> &Rating {
        self.app.state.rating.open().unwrap()
    }

    /// The name the mother buys under.
    pub async fn account_token(&self) -> String {
        let mine = self.app.get("/v1/subscriptions", &self.mother.token).await;
        mine.body["accountToken"].as_str().unwrap().to_owned()
    }

    /// State and end of the mother's one subscription, and whether the comparison is open.
    pub async fn stands(&self) -> (String, String, bool) {
        let mine = self.app.get("/v1/subscriptions", &self.mother.token).await.body;
        let items = mine["items"].as_array().unwrap();
        assert!(items.len() <= 1, "{mine}");
        let word = |name: &str| items.first().map_or("", |item| item[name].as_str().unwrap_or_default()).to_owned();
        (word("state"), word("expiresAt"), mine["entitled"] == true)
    }

    /// The mother's phone brings a purchase of Google Play.
    pub async fn bring(&self, who: &SignedIn, purchase: &str) -> Answer {
        let form = json!({"purchaseToken": purchase, "productId": play::PRODUCT});
        self.app.post("/v1/subscriptions/google", &who.token, &form).await
    }

    /// A push of Google Play arrives.
    pub async fn push(&self, push: &Value) -> u16 {
        self.push_with(push, &play::bearer(|_, _| ())).await.status
    }

    pub async fn push_with(&self, push: &Value, bearer: &str) -> Answer {
        self.app.post("/v1/webhooks/google", bearer, push).await
    }

    /// The worker reads its letters.
    pub async fn read_letters(&self) -> usize {
        self.rating().read_letters(noon()).await.unwrap()
    }
    pub async fn mother_account(&self) -> AccountId {
        AccountId(self.app.get("/v1/me", &self.mother.token).await.body["id"].as_i64().unwrap())
    }
}

//! The wall: whatever becomes of the rating, the diary answers the same.

use reqwest::Method;
use support::both;
use support::database::Kind;

use super::house::House;
use crate::access::operations::About;
use crate::storage::execute;

/// An answer of the diary: path, tag, bytes.
type Said = (String, String, Vec<u8>);

/// All that the diary answers the mother.
async fn recording(house: &House) -> Vec<Said> {
    let mut all = Vec::new();
    for operation in crate::access::operations::all() {
        let reads = operation.method == Method::GET && matches!(operation.about(), About::Child | About::Account);
        let path = operation.path.replace("/v1/children/{id}", &format!("/v1/children/{}", house.child()));
        if reads && !path.contains('{') {
            let answer = house.app.get(&path, &house.mother.token).await;
            assert_eq!(answer.status, 200, "{path}");
            all.push((path, answer.header("etag").to_owned(), answer.bytes));
        }
    }
    assert!(all.len() >= 12, "only {} operations", all.len());
    all
}

/// The paths that answer otherwise.
fn changed(one: &[Said], other: &[Said]) -> Vec<String> {
    assert_eq!(one.len(), other.len());
    one.iter().zip(other).filter(|(one, other)| one != other).map(|(one, _)| one.0.clone()).collect()
}

both!(the_diary_answers_byte_for_byte_the_same_whatever_becomes_of_the_rating, async |house: House| {
    // Before the rating was ever opened: as with its database down since the start.
    let away = house.app.get(&house.path(""), &house.mother.token).await;
    assert_eq!((away.status, away.header("retry-after")), (503, "60"));
    let bare = recording(&house).await;
    house.open();
    assert_eq!(changed(&recording(&house).await, &bare), [""; 0], "with a line released");
    house.redeem(&house.mother, &house.voucher(1, None)).await;
    assert_eq!(changed(&recording(&house).await, &bare), [""; 0], "with a subscription");
    let rating = house.app.state.rating.open().unwrap();
    for table in ["releases", "settled", "rounds", "counting", "subscriptions", "subscribers", "vouchers"] {
        // On PostgreSQL its role owns nothing.
        match house.app.database.kind() {
            Kind::Sqlite => execute(rating.own(), &format!("DROP TABLE {table}")),
            Kind::Postgres => execute(&house.app.state.db, &format!("DROP TABLE rating.{table}")),
        }
    }
    assert_eq!(house.app.get(&house.path(""), &house.mother.token).await.status, 500);
    assert_eq!(changed(&recording(&house).await, &bare), [""; 0], "with its tables dropped");
});

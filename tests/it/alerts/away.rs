//! A phone that is away: Google keeps the last word on four things for it, and the list in the app has all.

use support::both;

use super::wired::House;
use crate::providers::phone;

/// As many as come one by one in an hour.
const THINGS: usize = 5;

both!(a_phone_that_was_away_shows_four_things_and_the_list_has_all, async |house: House| {
    house.google.set_away(&phone(1), true);
    for n in 0..THINGS {
        house.grade(&format!("e1{n}"), "4");
    }
    house.pass(61).await;
    // Hours later a correction takes the place of what waits, not that of another thing.
    house.pass(2 * 3600).await;
    house.grade("e14", "5");
    house.pass(61).await;
    assert_eq!((house.screen().len(), house.deliveries("channel = 'push' AND state = 'accepted'")), (0, 6));
    let sent = house.google.calls();
    house.google.set_away(&phone(1), false);
    let came = house.google.phone(&phone(1)).came;
    let last: Vec<String> = sent[1..].iter().map(|call| call.alert.clone()).collect();
    assert_eq!((came.len(), house.screen().len()), (4, 4), "one is shown nowhere but in the app");
    assert!(came.iter().all(|alert| last.contains(alert)) && came.contains(&sent[5].alert), "{came:?} of {last:?}");
    let list = house.app.get("/v1/notifications", &house.mother.token).await;
    let grades = list.body["items"].as_array().unwrap().iter().filter(|item| item["kind"] == "grade").count();
    assert_eq!(grades, THINGS + 1, "{}", list.body);
});

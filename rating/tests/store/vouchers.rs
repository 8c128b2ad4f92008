//! Vouchers, and that subscribers change nothing that is released.

use domain::db::Conn;
use domain::types::{AccountId, SchoolId};
use rating::subscriptions::{self, Redeemed};

use crate::both;
use crate::scene::{Scene, budget, forget, later, noon, spread};

fn redeem(scene: &Scene, account: i64, school: i64, code: &str) -> Redeemed {
    let work = |conn: &mut Conn| subscriptions::redeem(conn, AccountId(account), &[SchoolId(school)], code, noon());
    scene.rating.own().write_here(work).unwrap()
}

fn issue(scene: &Scene, code: &str, months: u32, school: Option<SchoolId>) {
    let work = |conn: &mut Conn| subscriptions::issue(conn, code, months, school, noon());
    scene.rating.own().write_here(work).unwrap();
}

both!(a_voucher_is_good_once_for_one_family_of_its_school, async |scene: Scene| {
    issue(&scene, "one", 2, Some(SchoolId(1)));
    issue(&scene, "more", 1, None);
    let until = |text: &str| Redeemed::Until(text.parse().unwrap());
    assert_eq!(redeem(&scene, 7, 2, "one"), Redeemed::Unknown, "another school's");
    assert_eq!(redeem(&scene, 7, 1, "none"), Redeemed::Unknown);
    assert_eq!(redeem(&scene, 7, 1, "one"), until("2027-01-18T07:00:00"));
    assert_eq!(redeem(&scene, 7, 1, "one"), until("2027-01-18T07:00:00"), "twice is once");
    assert_eq!(redeem(&scene, 8, 1, "one"), Redeemed::Spent);
    assert_eq!(redeem(&scene, 7, 2, "more"), until("2027-02-18T07:00:00"), "it begins where the first one ends");
    let entitled = |account: i64, at: &str| {
        let at = at.parse().unwrap();
        scene.rating.own().read_here(|conn| subscriptions::is_entitled(conn, AccountId(account), at)).unwrap()
    };
    assert!(
        entitled(7, "2027-02-18T07:04:59")
            && !entitled(7, "2027-02-18T07:05:00")
            && !entitled(8, "2026-12-01T00:00:00")
    );
    let status = scene.rating.own().read_here(|conn| subscriptions::status(conn, noon())).unwrap();
    assert_eq!((status.vouchers, status.subscriptions[0].2), ((2, 2), 2));
});

both!(any_subscribers_or_none_the_line_is_the_same, async |scene: Scene| {
    let children = scene.class(1, &spread(22));
    scene.answer(&children, true, noon());
    scene.close(1);
    scene.rating.release(later()).unwrap();
    let first = budget(&scene.rating);
    for account in 0..22 {
        issue(&scene, &format!("code {account}"), 1, None);
        redeem(&scene, account, 1, &format!("code {account}"));
        forget(&scene.rating);
        scene.rating.release(later()).unwrap();
        assert_eq!(budget(&scene.rating), first);
    }
});

both!(the_name_for_stores_is_made_once, async |scene: Scene| {
    let link = |fresh: &str| {
        scene.rating.own().write_here(|conn| subscriptions::link(conn, AccountId(7), fresh, noon())).unwrap()
    };
    assert_eq!((link("a"), link("b")), ("a".to_owned(), "a".to_owned()));
});

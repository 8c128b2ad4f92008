//! Units, cohorts, and the one line each of them gets.

use chrono::TimeDelta;
use rating::Position;

use crate::both;
use crate::scene::{Scene, budget, execute, later, noon, spread};

both!(a_class_with_enough_counted_children_gets_a_line_and_a_small_one_nothing, async |scene: Scene| {
    let (large, small) = (scene.class(1, &spread(22)), scene.class(2, &spread(10)));
    scene.answer(&large, true, noon());
    scene.answer(&small, true, noon());
    scene.close(1);
    assert_eq!(scene.rating.release(later()).unwrap(), 1);
    let best = scene.standing(*large.last().unwrap(), 1).await;
    let line = best.line.unwrap();
    assert_eq!(best.position().unwrap(), Position::of(8800, line));
    assert_eq!((best.own, best.trend.len()), (8800, 1));
    assert_eq!(budget(&scene.rating), [("class 1 subject 1 period 1".to_owned(), line.percent())]);
    let alone = scene.standing(small[0], 1).await;
    assert_eq!((alone.line, alone.position(), alone.own), (None, None, 5000));
});

both!(small_classes_of_a_level_pool_into_their_parallel, async |scene: Scene| {
    let children = [scene.class(1, &spread(11)), scene.class(2, &spread(11))];
    scene.answer(&children.concat(), true, noon());
    scene.close(1);
    assert_eq!(scene.rating.release(later()).unwrap(), 1);
    assert_eq!(budget(&scene.rating)[0].0, "school 1 year 2026 level 7 subject 1 period 1");
    let [one, other] = [scene.standing(children[0][0], 1).await, scene.standing(children[1][0], 1).await];
    assert!(one.line.is_some() && one.line == other.line);
});

both!(nothing_is_released_before_the_grace_is_over_and_nothing_twice, async |scene: Scene| {
    let children = scene.class(1, &spread(22));
    scene.answer(&children, true, noon());
    scene.close(1);
    assert_eq!(scene.rating.release(noon() + TimeDelta::days(3) - TimeDelta::seconds(1)).unwrap(), 0);
    let before = scene.standing(children[0], 1).await;
    assert_eq!(scene.rating.release(noon() + TimeDelta::days(3)).unwrap(), 1);
    let after = scene.standing(children[0], 1).await;
    assert_eq!((before.line, before.own), (None, after.own));
    let released = budget(&scene.rating);
    assert_eq!(scene.rating.release(later()).unwrap(), 0);
    assert_eq!(budget(&scene.rating), released);
});

both!(whatever_the_reason_a_subject_without_a_line_looks_the_same, async |scene: Scene| {
    let children = scene.class(1, &spread(22));
    scene.answer(&children[..19], true, noon());
    scene.close(1);
    let not_yet = scene.standing(children[0], 1).await;
    let looks = async |why: &str, at: i64| {
        assert_eq!(scene.rating.release(later() + TimeDelta::days(at)).unwrap(), 0, "{why}");
        assert_eq!(scene.standing(children[0], 1).await, not_yet, "{why}");
    };
    looks("too few counted", 0).await;
    let again = |seconds| scene.close_at(1, noon() + TimeDelta::seconds(seconds));
    scene.answer(&children[19..], true, noon());
    children[1..4].iter().for_each(|child| scene.ungrade(*child, 2));
    again(1);
    looks("too few with three grades", 1).await;
    scene.ungrade(children[0], 2);
    again(2);
    looks("too few grades of its own", 2).await;
    children[..4].iter().for_each(|child| scene.ungrade(*child, 3));
    for number in 1..=4 {
        let row = format!("'other {number}', 1, 2026, 1, -{number}, 70, 100, 'm', 'v', '2026-11-18 07:00:00'");
        execute(scene.rating.own(), &format!("INSERT INTO releases VALUES ({row})"));
    }
    again(3);
    looks("the budget is spent", 3).await;
    assert!(!scene.rating.available(&scene.right(children[0])).await.unwrap()[0].2);
});

both!(cohorts_are_kept_for_the_year_and_one_that_shrinks_has_no_line, async |scene: Scene| {
    let (large, small) = (scene.class(1, &spread(22)), scene.class(2, &spread(21)));
    for children in [&large, &small] {
        scene.answer(children, true, noon());
        scene.grade(children, &spread(21), 2);
    }
    scene.close(1);
    assert_eq!(scene.rating.release(later()).unwrap(), 2);
    // Together they would be enough for a parallel, which they must not become.
    scene.answer(&large[..10], false, noon());
    scene.answer(&small[..8], false, noon());
    scene.close(2);
    assert_eq!(scene.rating.release(later()).unwrap(), 0);
    assert_eq!(scene.standing(large[0], 2).await.line, None);
    let first = scene.rating.standings(&scene.right(large[0]), None).await.unwrap().unwrap();
    assert_eq!((first.0.0, first.1[0].trend.len()), (1, 2), "the last period that has a line");
    assert!(scene.rating.available(&scene.right(large[0])).await.unwrap()[0].2);
});

both!(a_class_that_is_new_since_the_first_release_joins_its_parallel, async |scene: Scene| {
    let first = scene.class(1, &spread(22));
    scene.answer(&first, true, noon());
    scene.close(1);
    assert_eq!(scene.rating.release(later()).unwrap(), 1);
    let new = scene.class(3, &spread(22));
    scene.grade(&new, &spread(22), 2);
    scene.answer(&new, true, noon());
    scene.close(2);
    assert_eq!(scene.rating.release(later()).unwrap(), 1);
    let units: Vec<String> = budget(&scene.rating).into_iter().map(|(unit, _)| unit).collect();
    assert_eq!(units, ["class 1 subject 1 period 1", "school 1 year 2026 level 7 subject 1 period 2"]);
});

both!(a_year_has_four_releases_of_a_subject_at_most, async |scene: Scene| {
    let children = scene.class(1, &spread(22));
    scene.answer(&children, true, noon());
    scene.close(1);
    let spend = |number: i64| {
        let row = format!("'other {number}', 1, 2026, 1, -{number}, 70, 100, 'm', 'v', '2026-11-18 07:00:00'");
        execute(scene.rating.own(), &format!("INSERT INTO releases VALUES ({row})"));
    };
    (1..=4).for_each(spend);
    assert_eq!(scene.rating.release(later()).unwrap(), 0);
});

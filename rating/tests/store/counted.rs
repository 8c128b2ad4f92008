//! Who is counted, and what that changes.

use chrono::TimeDelta;
use domain::Error;
use domain::error::Rule;

use crate::both;
use crate::scene::{Scene, budget, execute, forget, later, noon, open, spread};

/// What twenty keys draw for what is frozen now.
fn draws(scene: &Scene) -> Vec<Vec<(String, i64)>> {
    let draw = |key| {
        forget(&scene.rating);
        let rating = open(&scene.database, key);
        assert_eq!(rating.release(later()).unwrap(), 1);
        budget(&rating)
    };
    (1..=20).map(draw).collect()
}

both!(the_results_of_who_is_not_counted_have_no_effect_at_all, async |scene: Scene| {
    let mut results = spread(24);
    let children = scene.class(1, &results);
    scene.answer(&children[..20], true, noon());
    scene.close(1);
    let before = draws(&scene);
    results[20..].fill(100);
    scene.grade(&children, &results, 1);
    scene.close_at(1, noon() + TimeDelta::seconds(1));
    assert_eq!(scene.standing(children[20], 1).await.own, 10_000, "the results did change");
    assert_eq!(draws(&scene), before);
    // And those of who is counted do have one, else this would show nothing.
    results[..20].fill(42);
    scene.grade(&children, &results, 1);
    scene.close_at(1, noon() + TimeDelta::seconds(2));
    assert_ne!(draws(&scene), before);
});

both!(an_answer_counts_from_the_next_release_on, async |scene: Scene| {
    let children = scene.class(1, &spread(22));
    scene.grade(&children, &spread(22), 2);
    scene.answer(&children[..20], true, noon());
    scene.close(1);
    // After the grace of the first quarter is over, but before anybody released it.
    scene.answer(&children[..2], false, noon() + TimeDelta::days(4));
    assert_eq!(scene.rating.release(later()).unwrap(), 1, "twenty were counted when it was due");
    scene.answer(&children[20..21], true, noon() + TimeDelta::days(5));
    scene.close_at(2, noon() + TimeDelta::days(6));
    scene.answer(&children[21..], true, noon() + TimeDelta::hours(9 * 24 + 1));
    assert_eq!(scene.rating.release(later()).unwrap(), 0, "nineteen were counted when it was due");
});

both!(a_child_with_fewer_than_three_grades_is_not_counted, async |scene: Scene| {
    let children = scene.class(1, &spread(20));
    scene.answer(&children, true, noon());
    scene.ungrade(children[0], 2);
    scene.close(1);
    assert_eq!(scene.rating.release(later()).unwrap(), 0);
    scene.ungrade(children[0], 3);
    scene.close_at(1, noon() + TimeDelta::seconds(1));
    assert_eq!(scene.rating.release(later()).unwrap(), 1);
});

both!(after_the_freeze_no_change_to_another_childs_grades_changes_anything, async |scene: Scene| {
    let children = scene.class(1, &spread(22));
    scene.answer(&children, true, noon());
    scene.close(1);
    let frozen = scene.standing(children[0], 1).await;
    // What files write into a closed period is in the diary's grades, not in what was frozen.
    scene.grade(&children[1..], &[100; 21], 1);
    execute(&scene.db, "DELETE FROM grades");
    assert_eq!(scene.standing(children[0], 1).await, frozen, "before the release");
    scene.rating.release(later()).unwrap();
    let released = scene.standing(children[0], 1).await;
    assert!(released.line.is_some());
    // Even a new closing of the same period releases nothing anew.
    scene.close_at(1, noon() + TimeDelta::seconds(1));
    assert_eq!(scene.rating.release(later()).unwrap(), 0);
    assert_eq!(scene.standing(children[0], 1).await, released, "after the release");
});

both!(a_child_that_changed_its_class_is_counted_once, async |scene: Scene| {
    let (children, other) = (scene.class(1, &spread(21)), scene.class(2, &spread(20)));
    // Both memberships run; the one entered last counts.
    scene.seat(children[0], 2, "2026-10-01");
    scene.answer(&[children.clone(), other.clone()].concat(), true, noon());
    scene.close(1);
    assert_eq!(scene.rating.release(later()).unwrap(), 2, "twenty in the one, twenty-one in the other");
    let (moved, stayed) = (scene.standing(children[0], 1).await, scene.standing(other[0], 1).await);
    assert_eq!(moved.line, stayed.line);
    assert_eq!(moved.trend.len(), 1);
});

both!(somebody_who_was_never_asked_is_not_counted, async |scene: Scene| {
    scene.class(1, &spread(25));
    scene.close(1);
    assert_eq!(scene.rating.release(later()).unwrap(), 0);
});

both!(a_pupil_does_not_answer_for_itself, async |scene: Scene| {
    let children = scene.class(1, &spread(20));
    scene.answer(&children[1..], true, noon());
    let refused = scene.answer_of_pupil(children[0]);
    assert!(matches!(refused, Err(Error::Denied(Rule::WrongRole))), "{refused:?}");
    scene.close(1);
    assert_eq!(scene.rating.release(later()).unwrap(), 0, "nineteen are counted");
});

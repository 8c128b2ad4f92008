//! Any number of workers, and backups.

use std::sync::Barrier;
use std::thread;

use chrono::TimeDelta;
use domain::Error;

use crate::both;
use crate::scene::{Scene, budget, forget, later, noon, open, spread};

both!(fifty_workers_at_once_make_one_line_for_each_unit, async |scene: Scene| {
    let children = [scene.class(1, &spread(21)), scene.class(2, &spread(21))];
    scene.answer(&children.concat(), true, noon());
    scene.close(1);
    let start = Barrier::new(50);
    let released: usize = thread::scope(|scope| {
        let work = || {
            let rating = open(&scene.database, 1);
            start.wait();
            // Who finds the database busy comes again, as the worker of a server does.
            loop {
                match rating.release(later()) {
                    Err(Error::Busy) => {}
                    done => return done.unwrap(),
                }
            }
        };
        let workers: Vec<_> = (0..50).map(|_| scope.spawn(work)).collect();
        workers.into_iter().map(|worker| worker.join().unwrap()).sum()
    });
    assert_eq!(released, 2);
    assert_eq!(budget(&scene.rating).len(), 2);
});

both!(workers_whose_clocks_are_an_hour_apart_agree, async |scene: Scene| {
    let children = scene.class(1, &spread(21));
    scene.answer(&children, true, noon());
    scene.close(1);
    let due = noon() + TimeDelta::days(3);
    // An answer in the hour they differ in is after the moment that counts, whoever releases.
    scene.answer(&children[..5], false, due + TimeDelta::minutes(1));
    let clocks = [-1, 1, 0, -1, 1].map(|hours| due + TimeDelta::hours(hours));
    let released: Vec<usize> = clocks.map(|now| scene.rating.release(now).unwrap()).into();
    assert_eq!(released, [0, 1, 0, 0, 0]);
    let (line, standing) = (budget(&scene.rating), scene.standing(children[0], 1).await);
    forget(&scene.rating);
    assert_eq!(scene.rating.release(due).unwrap(), 1);
    assert_eq!((budget(&scene.rating), scene.standing(children[0], 1).await), (line, standing));
});

both!(a_restored_backup_is_drawn_the_same_line_again, async |scene: Scene| {
    let children = [scene.class(1, &spread(21)), scene.class(2, &spread(21))];
    scene.answer(&children.concat(), true, noon());
    scene.close(1);
    scene.rating.release(later()).unwrap();
    let first = budget(&scene.rating);
    forget(&scene.rating);
    open(&scene.database, 1).release(later()).unwrap();
    assert_eq!(budget(&scene.rating), first);
});

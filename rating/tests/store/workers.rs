//! Any number of workers, and backups.

use std::sync::Barrier;
use std::thread;

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

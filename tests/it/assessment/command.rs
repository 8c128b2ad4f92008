//! `apta period` and `apta scheme`, as an operator runs them.

use domain::db::{Db, Settings};
use domain::types::PeriodGradeKind;
use support::app::DIARY;
use support::both;
use support::database::{Database, Kind};
use support::process::{Ended, Process};
use support::school::School;

use super::set;

fn apta(database: &Database, arguments: &[&str]) -> Ended {
    Process::start(arguments, &[("DATABASE__URL", database.url())]).ended()
}

both!(an_operator_closes_a_period_and_hears_of_differences, async |kind: Kind| {
    let database = Database::new(kind, &DIARY);
    let db = Db::open(&Settings { url: database.url().to_owned(), connections: 2, patience_ms: 5000 }).unwrap();
    let school = School::make(&db, "bir");
    school.put(&db, &[set("a1", "p1", "2", PeriodGradeKind::Period, "5")]);
    let run =
        |arguments: &[&str]| apta(&database, &[&["period", "close", "--school", "bir мектебі"], arguments].concat());
    let first = run(&["2"]);
    assert_eq!(first.code(), Some(0), "{first:?}");
    assert_eq!(
        first.stdout,
        "Quarter 2 is closed; results frozen: 3.\nThe journal and the scheme differ here; families read what the journal had at the \
         closing:\n  p1  Algebra  period: journal 5, scheme 4 (80%)\n"
    );
    assert!(run(&["2"]).stdout.starts_with("Quarter 2 was closed already; nothing changed.\n"));
    assert_eq!(run(&["2", "--reopen"]).stdout, "Quarter 2 is open again.\n");
    assert_eq!(run(&["2", "--reopen"]).stdout, "Quarter 2 was not closed.\n");
    let year = run(&["y"]);
    assert_eq!(year.code(), Some(1));
    assert!(year.stderr.contains("Close these first: Quarter 1, Quarter 2."), "{}", year.stderr);
    assert!(run(&["9"]).stderr.contains("the school has no period \"9\""));
});

both!(an_operator_writes_and_chooses_a_scheme, async |kind: Kind| {
    let database = Database::new(kind, &DIARY);
    let db = Db::open(&Settings { url: database.url().to_owned(), connections: 2, patience_ms: 5000 }).unwrap();
    School::make(&db, "bir");
    let run = |arguments: &[&str]| apta(&database, &[&["scheme"], arguments].concat());
    let shown = apta(&database, &["scheme", "show", "kz-2016"]);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("own.json");
    std::fs::write(&file, &shown.stdout).unwrap();
    let path = file.to_str().unwrap();
    let put = ["put", "Own", path, "--school", "bir мектебі"];
    assert_eq!((run(&put).stdout.as_str(), run(&put).stdout.as_str()), ("Own, version 1\n", "Own, version 1\n"));
    std::fs::write(&file, shown.stdout.replace("\"weight\": 50", "\"weight\": 40")).unwrap();
    let wrong = run(&put);
    assert_eq!(wrong.code(), Some(1));
    assert!(
        wrong.stderr.contains("/components The weights add up to 80; they must add up to 100."),
        "{}",
        wrong.stderr
    );
    let choose = ["choose", "Own", "--school", "bir мектебі", "--year", "2026", "--subject", "alg", "--level", "7"];
    assert_eq!(run(&choose).stdout, "chosen: 2026, alg, level 7: Own\n");
    let list = run(&["list", "--school", "bir мектебі", "--year", "2026"]).stdout;
    assert!(list.contains("own: Own, version 1") && list.contains("chosen: 2026, alg, level 7: Own"), "{list}");
    assert_eq!(run(&[&choose[..], &["--forget"]].concat()).stdout, "forgotten: 2026, alg, level 7: Own\n");
    assert_eq!(run(&[&choose[..], &["--forget"]].concat()).code(), Some(1));
});

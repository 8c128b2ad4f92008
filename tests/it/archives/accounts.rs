//! Accounts in an archive, for those who ask for them.

use domain::invitations::Invited;
use domain::types::Role;

use super::*;

both!(people_keep_their_log_ins_and_their_rights, async |app: App| {
    let db = &app.state.db;
    let school = eventful(db, "bir");
    let mother = school.guardian(db, "g1");
    let pupil = school.account(db, &Invited::Student("p2".to_owned()));
    let teacher = school.account(db, &Invited::Staff("t1".to_owned(), Role::Teacher));
    execute(db, "UPDATE accounts SET phone = '+77010000000', display_name = 'Әже' WHERE login_key = 'bir-g1'");
    let shelf = Shelf::new();
    let path = shelf.export(db, school.id, "one.zip", true);
    assert!(texts(&path)["accounts.csv"].contains("'+77010000000"), "a number runs in no spreadsheet");
    let there = App::start(other(app.database.kind()), |_| ());
    let report = restore(&there.state.db, &path, None).unwrap();
    assert_eq!(report.exit_code(), 0, "{report:?}");
    for (one, role) in [(&mother, "guardian"), (&pupil, "student"), (&teacher, "teacher")] {
        let token = there.sign_in(&one.login, PASSWORD).await["accessToken"].as_str().unwrap().to_owned();
        let me = there.get("/v1/me", &token).await.body;
        assert_eq!(me["role"], role, "{me}");
    }
    let number_of = |sql: &str| (number(db, sql), number(&there.state.db, sql));
    let (before, after) = number_of("SELECT count(*) AS number FROM guardianships WHERE account_id IS NOT NULL");
    assert_eq!((before, after), (2, 2));
    let (before, after) = number_of("SELECT count(*) AS number FROM staff WHERE account_id IS NOT NULL");
    assert_eq!((before, after), (1, 1));
    assert_eq!(number(&there.state.db, "SELECT count(*) AS number FROM invitations"), 0);
    let again = shelf.export(&there.state.db, named(&there.state.db, "bir мектебі"), "two.zip", true);
    assert_same(&path, &again);
});

both!(a_log_in_that_exists_already_is_not_linked, async |app: App| {
    let (from, shelf) = (Home::new(other(app.database.kind())), Shelf::new());
    let school = School::make(&from.db, "bir");
    school.guardian(&from.db, "g1");
    school.guardian(&from.db, "g2");
    let path = shelf.export(&from.db, school.id, "one.zip", true);

    let stranger = School::make(&app.state.db, "bir");
    let own = stranger.guardian(&app.state.db, "g1");
    let before = app.get("/v1/children", &own.token).await.body;
    let report = restore(&app.state.db, &path, Some("Жаңа")).unwrap();
    assert_eq!(report.exit_code(), 2);
    let [rejected] = &report.rejections[..] else { panic!("{report:?}") };
    assert_eq!((rejected.file.as_str(), rejected.line, rejected.column.as_str()), ("accounts.csv", 2, "login"));
    assert_eq!(rejected.value, "bir-g1");
    assert_eq!(rejected.mend, "Give a new code: apta invite \"g1\" --as guardian --school \"Жаңа\"");
    let count = report.files.iter().find(|file| file.name == "accounts.csv").unwrap();
    assert_eq!((count.read, count.created, count.rejected), (2, 1, 1));
    assert_eq!(app.get("/v1/children", &own.token).await.body, before, "she sees no child of the other school");
    // Whoever is new here reads the restored diary.
    let token = app.sign_in("bir-g2", PASSWORD).await["accessToken"].as_str().unwrap().to_owned();
    let children = app.get("/v1/children", &token).await.body;
    assert_eq!(children["items"][0]["school"]["name"], "Жаңа");

    // The code that the report asks for brings the children to the account that is there.
    let copy = named(&app.state.db, "Жаңа");
    let code = domain::secrets::code();
    let who = Invited::Guardian("g1".to_owned());
    app.state.db.write_here(|conn| domain::invitations::open(conn, copy, &who, &code, noon())).unwrap();
    let linked = app.post(&format!("/v1/invitations/{code}/link"), &own.token, &json!({})).await;
    assert!(linked.status < 300, "{linked:?}");
    assert_eq!(app.get("/v1/children", &own.token).await.body["items"].as_array().unwrap().len(), 4);
});

both!(an_account_that_is_not_of_a_school_is_refused, async |kind: Kind| {
    let (from, to, shelf) = (Home::new(kind), Home::new(kind), Shelf::new());
    let school = School::make(&from.db, "bir");
    school.guardian(&from.db, "g1");
    execute(&from.db, "UPDATE accounts SET role = 'operator'");
    let path = shelf.export(&from.db, school.id, "one.zip", true);
    assert_eq!(texts(&path)["accounts.csv"].lines().count(), 1, "an operator's account stays where it is");
    execute(&from.db, "UPDATE accounts SET role = 'guardian', password_hash = 'secret'");
    let path = shelf.export(&from.db, school.id, "two.zip", true);
    let sentence = restore(&to.db, &path, None).unwrap_err();
    assert!(sentence.contains("accounts.csv, line 2, passwordHash: only argon2"), "{sentence}");
});

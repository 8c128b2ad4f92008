//! What a school's next workbook no longer holds: rights of guardians first of all, then pupils, lessons, works and grades.

use domain::types::Language::Ru;
use interchange::Options;
use serde_json::{Value, json};
use support::app::App;
use support::both;

use super::sheets::Sheets;
use super::workbook::{assert_still, import, import_with};
use super::{accept, counts, items};

const SHRINK: Options = Options { allow_shrink: true, progress: None };
const MOTHER: &str = "1001:mother:Омарова Сауле";

/// Timur's row with another guardian, or with nobody.
fn timur(guardian: &str) -> Vec<&str> {
    let mut cells = vec!["", "1002", "Омаров Тимур", "7 А", "2012-02-03", "муж", "", "", "", "мать", guardian];
    cells.resize(18, "");
    cells
}

fn with_timur(guardian: &str) -> Sheets {
    Sheets::small(Ru).without("Ученики", "1002").with("Ученики", &timur(guardian))
}

/// Imports and tells how much of a sheet was taken back.
fn removed(app: &App, sheets: &Sheets, sheet: &str) -> u64 {
    let (_, report) = import_with(app, sheets.workbook(Ru).path(), SHRINK).unwrap();
    let all: u64 = report.files.iter().map(|file| file.removed).sum();
    let here = counts(&report, sheet)["removed"].as_u64().unwrap_or(0);
    assert_eq!(all, here, "nothing else leaves: {report:?}");
    here
}

async fn diaries(app: &App, children: &Value, token: &str) -> Vec<u16> {
    let mut statuses = Vec::new();
    for child in children.as_array().unwrap() {
        statuses.push(app.get(&format!("/v1/children/{}/diary", child["id"]), token).await.status);
    }
    statuses
}

both!(a_guardian_whom_a_childs_row_no_longer_names_reads_no_more_of_this_child, async |app: App| {
    let (school, _) = import(&app, Sheets::small(Ru).workbook(Ru).path()).unwrap();
    let token = accept(&app, school, MOTHER).await;
    let children = items(&app, "/v1/children", &token).await;
    assert_eq!(diaries(&app, &children, &token).await, [200, 200]);

    let parted = with_timur("Ким Анна");
    let refused = import(&app, parted.workbook(Ru).path()).unwrap_err();
    assert!(refused.contains("1 of 3 rights of guardians") && refused.contains("--allow-shrink"), "{refused}");
    assert_eq!(diaries(&app, &children, &token).await, [200, 200], "a refused workbook changes nothing");

    assert_eq!(removed(&app, &parted, "Ученики"), 1);
    assert_eq!(diaries(&app, &children, &token).await, [200, 404]);
    assert_still(&app, parted.workbook(Ru).path());
    let nobody = with_timur("");
    assert_eq!(removed(&app, &nobody, "Ученики"), 1, "the other guardian, too");
});

both!(a_guardian_who_could_not_be_read_keeps_her_right, async |app: App| {
    let (school, _) = import(&app, Sheets::small(Ru).workbook(Ru).path()).unwrap();
    let token = accept(&app, school, MOTHER).await;
    let children = items(&app, "/v1/children", &token).await;
    // A guardian without a surname, a child without a class, and no guardian anywhere.
    let unread = with_timur("Сауле");
    let rejected = Sheets::small(Ru).edited("Ученики", "7 а", "9 Я").edited("Ученики", "87011234567", "");
    let silent = Sheets::small(Ru).edited("Ученики", "Омарова Сауле", "").edited("Ученики", "Омаров Ержан", "");
    let silent = silent.edited("Ученики", "+7 701 123-45-67", "").edited("Ученики", "87011234567", "");
    let silent = silent.edited("Ученики", "saule@example.kz", "");
    for sheets in [unread, rejected, silent] {
        let (_, report) = import_with(&app, sheets.workbook(Ru).path(), SHRINK).unwrap();
        assert_eq!(counts(&report, "Ученики").get("removed"), None, "{report:?}");
        assert_eq!(diaries(&app, &children, &token).await, [200, 200]);
    }
});

both!(a_child_that_leaves_the_sheet_leaves_the_school_and_keeps_its_mother_who_keeps_her_id, async |app: App| {
    let small = Sheets::small(Ru);
    let (school, _) = import(&app, small.workbook(Ru).path()).unwrap();
    let token = accept(&app, school, MOTHER).await;
    let children = items(&app, "/v1/children", &token).await;
    let mut next = small.clone();
    for sheet in ["Ученики", "Оценки", "Посещаемость", "Итоговые оценки"] {
        next = next.without(sheet, "1001");
    }
    let (_, report) = import_with(&app, next.workbook(Ru).path(), SHRINK).unwrap();
    let expected = json!({"read": 2, "updated": 1, "skipped": 1, "removed": 1});
    assert_eq!(counts(&report, "Ученики"), expected, "no second mother is made: {report:?}");
    assert_eq!(diaries(&app, &children, &token).await, [200, 200]);
    assert_still(&app, next.workbook(Ru).path());

    let (_, back) = import(&app, small.workbook(Ru).path()).unwrap();
    assert_eq!(counts(&back, "Ученики")["updated"], 1, "who is named again has come back: {back:?}");
    assert_eq!(diaries(&app, &children, &token).await, [200, 200]);
});

both!(a_grade_that_is_gone_from_the_sheet_counts_no_more_and_its_history_stays, async |app: App| {
    let small = Sheets::small(Ru);
    let (school, _) = import(&app, small.workbook(Ru).path()).unwrap();
    let token = accept(&app, school, MOTHER).await;
    let child = items(&app, "/v1/children", &token).await[0]["id"].clone();
    let grade = items(&app, &format!("/v1/children/{child}/grades"), &token).await[0]["id"].clone();
    let next = small.clone().without("Оценки", "9,5");
    let refused = import(&app, next.workbook(Ru).path()).unwrap_err();
    assert!(refused.contains("1 of 3 grades"), "{refused}");
    assert_eq!(removed(&app, &next, "Оценки"), 1);
    let left = items(&app, &format!("/v1/children/{child}/grades"), &token).await;
    assert_eq!((left.as_array().unwrap().len(), &left[0]["value"]), (1, &json!("17")));
    let history = items(&app, &format!("/v1/children/{child}/grades/{grade}/history"), &token).await;
    assert_eq!(history.as_array().unwrap().len(), 2, "{history}");
    assert_still(&app, next.workbook(Ru).path());
});

both!(a_workbook_of_the_next_quarter_or_of_another_class_takes_nothing_of_this_one, async |app: App| {
    let small = Sheets::small(Ru);
    import(&app, small.workbook(Ru).path()).unwrap();
    let grade = ["", "1001", "Алгебра", "", "20.01.2027", "", "", "", "8", "", "", ""];
    let mut later = small.clone();
    for row in ["9,5", "17", "2026-11-18"] {
        later = later.without("Оценки", row);
    }
    assert_eq!(removed(&app, &later, "Оценки"), 0, "a sheet without rows is no whole truth");
    assert_eq!(removed(&app, &later.with("Оценки", &grade), "Оценки"), 0);

    let mut cells = vec!["", "2001", "Ким Анна", "8 Ә", "", "", "", "", "", "мать", "Ким Вера"];
    cells.resize(18, "");
    let mut other = small.clone().edited("Классы", "7 А", "8 Ә");
    for sheet in ["Предметы", "Расписание", "Работы", "Оценки", "Посещаемость", "Итоговые оценки", "Ученики"]
    {
        other = other.emptied(sheet);
    }
    let (_, report) = import(&app, other.with("Ученики", &cells).workbook(Ru).path()).unwrap();
    assert!(report.files.iter().all(|file| file.removed == 0), "{report:?}");
    assert_still(&app, small.workbook(Ru).path());
});

both!(lessons_works_and_memberships_leave_and_what_something_hangs_on_is_history, async |app: App| {
    let spare = ["", "7 А", "Алгебра", "", "СОР 2", "СОР", "23.11.2026", "#20", ""];
    let small = Sheets::small(Ru).with("Работы", &spare);
    let (school, report) = import(&app, small.workbook(Ru).path()).unwrap();
    let token = accept(&app, school, MOTHER).await;
    let child = items(&app, "/v1/children", &token).await[1]["id"].clone();
    assert_eq!(report.exit_code(), 0, "{report:?}");
    assert_eq!(removed(&app, &small.clone().without("Работы", "СОР 2"), "Работы"), 1);

    let next = small.clone().without("Работы", "СОР 2").without("Расписание", "Физика").without("Посещаемость", "1002");
    assert!(removed(&app, &next, "Расписание") > 20, "every Wednesday of the year but one");
    for (day, lessons) in [("2026-11-25", 1), ("2026-11-18", 2)] {
        let at = format!("/v1/children/{child}/schedule?from={day}&to={day}");
        let seen = app.get(&at, &token).await.body["days"][0]["lessons"].as_array().unwrap().len();
        assert_eq!(seen, lessons, "{day}: the lesson he was late for was held");
    }
    assert_eq!(removed(&app, &next.clone().without("Предметы", "Физика"), "Предметы"), 1);
    assert_still(&app, next.without("Предметы", "Физика").workbook(Ru).path());
});

both!(a_sheet_with_a_row_that_was_left_out_takes_nothing_back_and_the_report_says_so, async |app: App| {
    let small = Sheets::small(Ru);
    import(&app, small.workbook(Ru).path()).unwrap();
    let next = small.without("Оценки", "9,5").edited("Оценки", "#17", "21");
    let (_, report) = import_with(&app, next.workbook(Ru).path(), SHRINK).unwrap();
    assert!(report.files.iter().all(|file| file.removed == 0), "{report:?}");
    assert!(report.notes.iter().any(|note| note.contains("«Оценки»") && note.contains("nothing was taken back")));
});

//! A school's workbook, from the template to a parent's phone.

use std::path::Path;

use domain::clock::local_day;
use domain::schools;
use domain::types::{Language, SchoolId};
use encoding_rs::WINDOWS_1251;
use interchange::report::Report;
use interchange::{Options, workbook};
use serde_json::{Value, json};
use support::app::App;
use support::both;

use super::sheets::{FIRST_ROW, Sheets};
use super::{accept, counters, counts, items, make, spots};

const NAME: &str = "№ 12";

/// What `apta import workbook PATH --school NAME` does, or the one sentence it says instead.
pub fn import(app: &App, path: &Path) -> Result<(SchoolId, Report), String> {
    import_with(app, path, Options::default())
}

pub fn import_with(app: &App, path: &Path, options: Options) -> Result<(SchoolId, Report), String> {
    let (db, now) = (&app.state.db, app.state.clock.now());
    let today = local_day(now, "Asia/Almaty".parse().unwrap());
    let book = workbook::read(path, today).map_err(|refusal| refusal.sentence)?;
    let known = db.read_here(|conn| schools::named(conn, NAME)).unwrap();
    let school = known.first().map_or_else(|| make(app, NAME), |school| school.id);
    let report = workbook::load(db, school, &book, now, options).map_err(|error| error.to_string())?;
    Ok((school, report))
}

pub fn assert_still(app: &App, path: &Path) {
    let before = counters(app);
    let (_, report) = import(app, path).unwrap();
    for file in &report.files {
        assert_eq!((file.created, file.updated, file.removed), (0, 0, 0), "{file:?}");
        assert_eq!(file.read, file.unchanged + file.skipped + file.rejected, "{file:?}");
    }
    assert_eq!(counters(app), before);
}

/// The mother of both children reads what [`Sheets::small`] says.
async fn assert_diary(app: &App, school: SchoolId) {
    let token = accept(app, school, "1001:mother:Омарова Сауле").await;
    let children = items(app, "/v1/children", &token).await;
    let seen: Vec<_> =
        children.as_array().unwrap().iter().map(|child| (&child["firstName"], &child["relation"])).collect();
    assert_eq!(seen, [(&json!("Алия"), &json!("mother")), (&json!("Тимур"), &json!("mother"))]);
    let child = &children[0];
    assert_eq!((&child["lastName"], &child["middleName"]), (&json!("Омарова"), &json!("Ержановна")));
    assert_eq!((&child["classGroup"]["name"], &child["classGroup"]["level"]), (&json!("7 А"), &json!(7)));
    let at = |child: usize| format!("/v1/children/{}", children[child]["id"]);

    let grades = items(app, &format!("{}/grades", at(0)), &token).await;
    let seen: Vec<_> = grades
        .as_array()
        .unwrap()
        .iter()
        .map(|grade| {
            json!([
                grade["value"],
                grade["points"],
                grade["maxPoints"],
                grade["kind"],
                grade["gradedOn"],
                grade["assessment"]["title"],
                grade["comment"]
            ])
        })
        .collect();
    let expected = [
        json!(["9.5", null, null, "formative", "2026-11-18", null, "Молодец; хорошо, \"да\""]),
        json!(["17", 17, 20, "section", "2026-11-16", "СОР 1", null]),
    ];
    assert_eq!(seen, expected);
    let others = items(app, &format!("{}/grades", at(1)), &token).await;
    assert_eq!((&others[0]["status"], &others[0]["value"]), (&json!("exempt"), &Value::Null));

    let schedule = app.get(&format!("{}/diary?from=2026-11-18&to=2026-11-18", at(1)), &token).await.body;
    let lessons = schedule["days"][0]["lessons"].as_array().unwrap_or_else(|| panic!("{schedule}"));
    let seen: Vec<_> = lessons
        .iter()
        .map(|lesson| {
            json!([
                lesson["number"],
                lesson["subject"]["name"],
                lesson["startsAt"],
                lesson["endsAt"],
                lesson["room"],
                lesson["teacher"]["name"],
                lesson["attendance"]["status"]
            ])
        })
        .collect();
    let expected = [
        json!([2, "Алгебра", "08:50", "09:35", "205", "Ким Ирина Сергеевна", null]),
        json!([3, "Физика", "09:50", "10:35", null, "Ким Ирина Сергеевна", "late"]),
    ];
    assert_eq!(seen, expected);
    assert_rest(app, &at(0), &token).await;
}

/// What the first child missed, what it has for the quarter, and a Wednesday without school.
async fn assert_rest(app: &App, at: &str, token: &str) {
    let absent = items(app, &format!("{at}/attendance"), token).await;
    assert_eq!((&absent[0]["attendance"]["status"], &absent[0]["number"]), (&json!("ill"), &json!(2)));
    assert_eq!(absent.as_array().unwrap().len(), 1, "the first child has one lesson on that day");
    let card = app.get(&format!("{at}/report-card"), token).await.body;
    let row = card["rows"].as_array().unwrap().iter().find(|row| row["subject"]["name"] == "Алгебра").unwrap();
    assert_eq!((&row["cells"][0]["value"], &row["cells"][0]["percent"]), (&json!("5"), &json!(87)));
    let holiday = app.get(&format!("{at}/schedule?from=2026-12-16&to=2026-12-16"), token).await.body;
    assert_eq!(holiday["days"][0]["lessons"], json!([]), "no lesson on a day off, Wednesday or not");
}

async fn a_template_imports_whole(app: App, language: Language) {
    let file = Sheets::small(language).workbook(language);
    let (school, report) = import(&app, file.path()).unwrap();
    assert_eq!((report.exit_code(), spots(&report), &report.notes), (0, vec![], &vec![]));
    let titles = workbook::Sheet::Students.titles();
    let name = titles[match language {
        Language::Kk => 0,
        Language::Ru => 1,
        Language::En => 2,
    }];
    assert_eq!(counts(&report, name), json!({"read": 3, "created": 2, "skipped": 1}));
    assert_diary(&app, school).await;
    assert_still(&app, file.path());
}

both!(a_kazakh_template_that_a_school_filled_in_is_read_by_a_mother, async |app: App| {
    a_template_imports_whole(app, Language::Kk).await;
});

both!(a_russian_template_that_a_school_filled_in_is_read_by_a_mother, async |app: App| {
    a_template_imports_whole(app, Language::Ru).await;
});

both!(an_english_template_that_a_school_filled_in_is_read_by_a_mother, async |app: App| {
    a_template_imports_whole(app, Language::En).await;
});

both!(the_same_rows_as_csv_in_an_old_code_page_are_the_same_diary, async |app: App| {
    let sheets = Sheets::small(Language::Ru);
    let folder = sheets.folder(';', |text| WINDOWS_1251.encode(text).0.into_owned());
    let (school, report) = import(&app, folder.path()).unwrap();
    assert_eq!((report.exit_code(), spots(&report)), (0, vec![]));
    assert!(
        report.notes.iter().all(|note| note.contains("Windows-1251")) && report.notes.len() == 9,
        "{:?}",
        report.notes
    );
    assert_diary(&app, school).await;
    assert_still(&app, folder.path());
    let commas = sheets.folder(',', |text| format!("\u{feff}{text}").into_bytes());
    assert_still(&app, commas.path());
    assert_still(&app, sheets.workbook(Language::Ru).path());
});

both!(an_edited_workbook_changes_what_is_there, async |app: App| {
    let sheets = Sheets::small(Language::Ru)
        .with("Классы", &["", "8 Ә", "2026/27", "", "", ""])
        .with("Предметы", &["", "Химия", "8 Ә", "", "", ""]);
    let (school, _) = import(&app, sheets.workbook(Language::Ru).path()).unwrap();
    let token = accept(&app, school, "1001:mother:Омарова Сауле").await;
    let edited = sheets.edited("Оценки", "9,5", "8").edited("Ученики", "7 а", "8 Ə").edited("Предметы", "1002", "1001");
    // Of a school of two, one in another class is half.
    let shrink = Options { allow_shrink: true, progress: None };
    let (_, report) = import_with(&app, edited.workbook(Language::Ru).path(), shrink).unwrap();
    assert_eq!(counts(&report, "Классы"), json!({"read": 3, "unchanged": 2, "skipped": 1}));
    assert_eq!(counts(&report, "Ученики"), json!({"read": 3, "updated": 1, "unchanged": 1, "skipped": 1}));
    assert_eq!(counts(&report, "Оценки")["updated"], 1, "{report:?}");
    let children = items(&app, "/v1/children", &token).await;
    let classes: Vec<_> = children.as_array().unwrap().iter().map(|child| &child["classGroup"]["name"]).collect();
    assert_eq!(classes, ["7 А", "8 Ә"]);
    let grades = items(&app, &format!("/v1/children/{}/grades", children[0]["id"]), &token).await;
    assert_eq!((&grades[0]["value"], grades.as_array().unwrap().len()), (&json!("8"), 2));
    let history = format!("/v1/children/{}/grades/{}/history", children[0]["id"], grades[0]["id"]);
    let history = items(&app, &history, &token).await;
    assert_eq!((&history[0]["value"], &history[1]["value"]), (&json!("9.5"), &json!("8")));
});

both!(a_merged_cell_counts_for_every_row_it_spans, async |app: App| {
    let sheets = Sheets::small(Language::Ru)
        .with("Расписание", &["", "пятница", "1", "7 А", "Алгебра", "", "", "", "08:00", "08:45", "", ""])
        .with("Расписание", &["", "", "2", "", "Алгебра", "", "", "", "08:50", "09:35", "", ""])
        .with("Расписание", &["", "", "", "", "", "", "", "", "", "", "", ""])
        .with("Расписание", &["", "", "3", "", "Физика", "1", "", "", "09:50", "10:35", "", ""])
        .merged("Расписание", 'B', 2, 5)
        .merged("Расписание", 'D', 2, 5);
    let (school, report) = import(&app, sheets.workbook(Language::Ru).path()).unwrap();
    assert_eq!(spots(&report), vec![]);
    assert_eq!(counts(&report, "Расписание"), json!({"read": 6, "created": 5, "skipped": 1}));
    let token = accept(&app, school, "1001:mother:Омарова Сауле").await;
    let children = items(&app, "/v1/children", &token).await;
    let friday = format!("/v1/children/{}/schedule?from=2026-11-20&to=2026-11-20", children[1]["id"]);
    let friday = app.get(&friday, &token).await.body;
    let numbers: Vec<_> = friday["days"][0]["lessons"].as_array().unwrap().iter().map(|one| &one["number"]).collect();
    assert_eq!(numbers, [1, 2, 3]);
});

both!(bad_rows_of_a_workbook_are_reported_by_sheet_row_and_heading_and_the_rest_is_taken, async |app: App| {
    let student = |number: &'static str, class: &'static str, born: &'static str, mother: &'static str| {
        let mut cells = vec!["", number, "Ким Анна", class, born, "", "", "", "", "мать", mother, "", ""];
        cells.resize(18, "");
        cells
    };
    let sheets = Sheets::small(Language::Ru)
        .with("Ученики", &student("1003", "9 Я", "", ""))
        .with("Ученики", &student("1004", "7 А", "31.02.2013", ""))
        .with("Ученики", &student("1001", "7 А", "", ""))
        .with("Ученики", &student("1005", "7 А", "", "Анна"))
        .with("Предметы", &["", "Химия", "7 А", "", "Нет Такого", ""])
        .with("Расписание", &["", "среда", "9", "7 А", "Алгебра", "", "", "", "", "", "", ""])
        .with("Расписание", &["", "среда", "2", "7 А", "Алгебра", "", "", "", "08:50", "09:35", "", ""])
        .with("Оценки", &["", "1003", "Алгебра", "", "18.11.2026", "", "", "", "5", "", "", ""])
        .with("Оценки", &["", "1001", "Алгебра", "", "16.11.2026", "", "СОР 2", "", "5", "", "", ""])
        .with("Оценки", &["", "1002", "Алгебра", "", "16.11.2026", "", "СОР 1", "", "21", "", "", ""])
        .with("Посещаемость", &["", "1001", "19.11.2026", "", "", "болел", "", ""])
        .with("Итоговые оценки", &["", "1001", "Алгебра", "1 полугодие", "5", "", ""])
        .with("Итоговые оценки", &["пример", "1002", "Алгебра", "1 четверть", "4", "", ""]);
    let (_, report) = import(&app, sheets.workbook(Language::Ru).path()).unwrap();
    assert_eq!(report.exit_code(), 2);
    let row = |added: u64| FIRST_ROW as u64 + added - 1;
    let expected = [
        ("Ученики", row(4), "Класс *", "9 Я"),
        ("Ученики", row(5), "Дата рождения", "31.02.2013"),
        ("Ученики", row(6), "Номер ученика *", "1001"),
        ("Ученики", row(7), "Родитель 1: ФИО", "Анна"),
        ("Предметы", row(3), "Учитель", "Нет Такого"),
        ("Расписание", row(3), "Начало", ""),
        ("Расписание", row(4), "Урок № *", "2"),
        ("Оценки", row(4), "Номер ученика *", "1003"),
        ("Оценки", row(5), "Работа", "СОР 2"),
        ("Оценки", row(6), "Оценка *", "21"),
        ("Посещаемость", row(3), "Дата *", "19.11.2026"),
        ("Итоговые оценки", row(2), "Период *", ""),
        ("Итоговые оценки", row(3), "Пример", "пример"),
    ];
    assert_eq!(spots(&report), expected);
    assert!(report.rejections.iter().all(|r| !r.reason.is_empty() && !r.mend.is_empty()), "{report:?}");
    assert_eq!(counts(&report, "Ученики"), json!({"read": 7, "created": 3, "skipped": 1, "rejected": 3}));
    assert_eq!(counts(&report, "Предметы"), json!({"read": 5, "created": 3, "skipped": 2}));
    assert_eq!(counts(&report, "Оценки"), json!({"read": 8, "created": 3, "skipped": 2, "rejected": 3}));
    assert_still(&app, sheets.workbook(Language::Ru).path());
});

both!(a_workbook_that_cannot_be_read_changes_nothing_and_one_sentence_says_why, async |app: App| {
    import(&app, Sheets::small(Language::Ru).workbook(Language::Ru).path()).unwrap();
    let before = counters(&app);
    let folder = Sheets::small(Language::Ru).folder(',', |text| text.as_bytes().to_vec());
    std::fs::remove_file(folder.path().join("Ученики.csv")).unwrap();
    let lacking = Sheets::small(Language::Ru).folder(',', |text| text.replace("Класс", "Группа").into_bytes());
    let pdf = tempfile::Builder::new().suffix(".xlsx").tempfile().unwrap();
    std::fs::write(pdf.path(), b"%PDF-1.7").unwrap();
    let examples = tempfile::Builder::new().suffix(".xlsx").tempfile().unwrap();
    std::fs::write(examples.path(), workbook::template(Language::Kk).unwrap()).unwrap();
    let cases = [
        (folder.path(), "The sheet of students is missing"),
        (lacking.path(), "lacks the column"),
        (pdf.path(), "is a PDF file"),
        (examples.path(), "holds no classes but examples"),
    ];
    for (path, part) in cases {
        let sentence = import(&app, path).unwrap_err();
        assert!(sentence.contains(part) && sentence.ends_with('.'), "{sentence}");
    }
    assert_eq!(counters(&app), before);
});

//! The workbook a school fills in: headings, a line of instructions, examples, drop-down lists.

use domain::types::Language;
use rust_xlsxwriter::{
    Color, DataValidation, DataValidationErrorStyle, DocProperties, ExcelDateTime, Format, FormatAlign, Formula,
    Workbook, Worksheet, XlsxError,
};

use super::columns::{Column, Field, Look};
use super::examples::{self, Sample};
use super::instructions;
use super::sheets::{Sheet, lists_title};
use super::words::List;

/// The row of the headings, counted from 0; the instructions stand above it.
const HEADINGS: u32 = 1;
/// The last row with drop-down lists and formats: Excel slows down long before its end.
const LAST_ROW: u32 = 20_000;
/// How many of them are short lists of a school: classes, subjects, staff.
const LAST_OF_SCHOOL: u32 = 1000;
/// The height of the instructions in points.
const INSTRUCTIONS_HEIGHT: f64 = 48.0;
const WORD_LISTS: [List; 9] = [
    List::Languages,
    List::Sexes,
    List::Relations,
    List::Weekdays,
    List::Shifts,
    List::Kinds,
    List::GradeStatuses,
    List::Presences,
    List::Periods,
];

/// The template in one language, as the bytes of an `.xlsx` file; the same bytes every time.
pub fn template(language: Language) -> Result<Vec<u8>, XlsxError> {
    let language = match language {
        Language::Kk => 0,
        Language::Ru => 1,
        Language::En => 2,
    };
    let mut book = Workbook::new();
    book.set_properties(&DocProperties::new().set_creation_datetime(&ExcelDateTime::from_ymd(2026, 1, 1)?));
    for sheet in Sheet::SHOWN {
        let page = book.add_worksheet();
        page.set_name(title(sheet.titles(), language))?;
        fill(page, sheet, language)?;
    }
    lists(book.add_worksheet(), language)?;
    book.save_to_buffer()
}

fn title(titles: [&'static str; 3], language: usize) -> &'static str {
    titles.get(language).copied().unwrap_or_default()
}

/// The columns the template shows, with their places.
fn shown(sheet: Sheet) -> impl Iterator<Item = (u16, &'static Column)> {
    (0..).zip(sheet.columns().iter().filter(|column| column.width > 0))
}

fn fill(page: &mut Worksheet, sheet: Sheet, language: usize) -> Result<(), XlsxError> {
    let last = shown(sheet).map(|(at, _)| at).max().unwrap_or_default();
    let note = Format::new().set_text_wrap().set_align(FormatAlign::Top).set_font_color(Color::RGB(0x40_40_40));
    page.merge_range(0, 0, 0, last, title(instructions::of(sheet), language), &note)?;
    page.set_row_height(0, INSTRUCTIONS_HEIGHT)?;
    page.set_freeze_panes(HEADINGS + 1, 0)?;
    let heading = Format::new().set_bold().set_text_wrap().set_background_color(Color::RGB(0xDD_EB_F7));
    for (at, column) in shown(sheet) {
        let needed = if column.needed || column.field == Field::FullName { " *" } else { "" };
        let text = format!("{}{needed}", title(column.titles, language));
        page.write_string_with_format(HEADINGS, at, text, &heading)?;
        page.set_column_width(at, column.width)?;
        page.set_column_format(at, &format(column.look))?;
        if let Look::List(list) = column.look {
            let last = if matches!(sheet, Sheet::Classes | Sheet::Courses) { LAST_OF_SCHOOL } else { LAST_ROW };
            page.add_data_validation(HEADINGS + 1, at, last, at, &drop_down(list, language))?;
        }
    }
    for (row, example) in (HEADINGS + 1..).zip(examples::of(sheet)) {
        mark(page, row, title(examples::MARK, language))?;
        for (at, column) in shown(sheet) {
            if let Some((_, sample)) = example.iter().find(|(field, _)| *field == column.field) {
                write(page, (row, at), *sample, language, &format(column.look))?;
            }
        }
    }
    Ok(())
}

fn grey(format: &Format) -> Format {
    format.clone().set_italic().set_font_color(Color::RGB(0x80_80_80))
}

fn mark(page: &mut Worksheet, row: u32, word: &str) -> Result<(), XlsxError> {
    page.write_string_with_format(row, 0, word, &grey(&Format::new())).map(drop)
}

fn write(
    page: &mut Worksheet,
    (row, at): (u32, u16),
    sample: Sample,
    language: usize,
    format: &Format,
) -> Result<(), XlsxError> {
    let format = grey(format);
    if let Sample::Number(number) = sample {
        page.write_number_with_format(row, at, number, &format)?;
    }
    if let Some(text) = sample.text(language) {
        page.write_string_with_format(row, at, text, &format)?;
    }
    if let Sample::Day(year, month, day) = sample {
        let small = |number: u32| u8::try_from(number).unwrap_or(1);
        let day = ExcelDateTime::from_ymd(u16::try_from(year).unwrap_or(2026), small(month), small(day))?;
        page.write_datetime_with_format(row, at, &day, &format)?;
    }
    if let Sample::Time(hour, minute) = sample {
        let time = ExcelDateTime::from_hms(u16::try_from(hour).unwrap_or(8), u8::try_from(minute).unwrap_or(0), 0)?;
        page.write_datetime_with_format(row, at, &time, &format)?;
    }
    Ok(())
}

fn format(look: Look) -> Format {
    match look {
        Look::Digits => Format::new().set_num_format("@"),
        Look::Date => Format::new().set_num_format("dd.mm.yyyy"),
        Look::Time => Format::new().set_num_format("hh:mm"),
        Look::Text | Look::Number | Look::List(_) => Format::new(),
    }
}

/// A list of words, or of what stands on another sheet. What is not in it is let in after a question: the import knows more
/// words than the list offers.
fn drop_down(list: List, language: usize) -> DataValidation {
    let range = match list {
        List::Classes => column_of(Sheet::Classes, Field::Class, language),
        List::Subjects => column_of(Sheet::Courses, Field::Subject, language),
        List::Staff => column_of(Sheet::Staff, Field::FullName, language),
        own => {
            let at = WORD_LISTS.iter().position(|known| *known == own).unwrap_or_default();
            let end = own.words(language).map_or(1, |words| words.len());
            format!("'{0}'!${1}$1:${1}${end}", lists_title(language), letter(at))
        }
    };
    let validation = DataValidation::new().allow_list_formula(Formula::new(format!("={range}")));
    validation.set_error_style(DataValidationErrorStyle::Warning)
}

fn column_of(sheet: Sheet, field: Field, language: usize) -> String {
    let at = shown(sheet).find(|(_, column)| column.field == field).map_or(0, |(at, _)| usize::from(at));
    let sheet = title(sheet.titles(), language);
    let (column, first) = (letter(at), HEADINGS + 2);
    format!("'{sheet}'!${column}${first}:${column}${LAST_OF_SCHOOL}")
}

/// The letter of a column; no sheet of the template has more than 26.
fn letter(at: usize) -> char {
    (b'A'..=b'Z').nth(at).map_or('A', char::from)
}

/// The words of the drop-down lists, on a sheet nobody needs to see.
fn lists(page: &mut Worksheet, language: usize) -> Result<(), XlsxError> {
    page.set_name(lists_title(language))?.set_hidden(true);
    for (at, list) in (0..).zip(WORD_LISTS) {
        for (row, word) in (0..).zip(list.words(language).unwrap_or_default()) {
            page.write_string(row, at, word)?;
        }
    }
    Ok(())
}

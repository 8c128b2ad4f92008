//! People's names: one cell «Тегі Аты Әкесінің аты», or three.

use domain::types::FullName;

use super::cells::Cells;
use super::columns::Field;
use super::words::key;
use crate::report::Flaw;

/// The name of the person a row is about.
pub(crate) fn of_row(cells: &Cells<'_>) -> Result<FullName, Flaw> {
    if !cells.has(Field::FullName) && (cells.has(Field::Last) || cells.has(Field::First)) {
        let (last, first) = (cells.text(Field::Last)?, cells.text(Field::First)?);
        return Ok(FullName { first, last, middle: cells.maybe_text(Field::Middle)? });
    }
    in_one(cells, Field::FullName)
}

/// A name in one cell: last, first, and whatever follows.
pub(crate) fn in_one(cells: &Cells<'_>, field: Field) -> Result<FullName, Flaw> {
    let text = cells.text(field)?;
    let mut words = text.split([' ', ',']).filter(|word| !word.is_empty());
    let (Some(last), Some(first)) = (words.next(), words.next()) else {
        return Err(cells.flaw(
            field,
            "the name is only one word",
            "Write the last name, the first name and the middle name",
        ));
    };
    let middle = words.collect::<Vec<_>>().join(" ");
    Ok(FullName {
        first: first.to_owned(),
        last: last.to_owned(),
        middle: Some(middle).filter(|name| !name.is_empty()),
    })
}

/// The ways one person is named in another row: in full, without the middle name, by initials.
pub(crate) fn keys(name: &FullName) -> Vec<String> {
    let initial = |name: &str| name.chars().next().map(String::from).unwrap_or_default();
    let (first, middle) = (initial(&name.first), name.middle.as_deref().map(initial).unwrap_or_default());
    let mut keys = vec![
        key(&name.formal()),
        key(&format!("{} {}", name.last, name.first)),
        key(&format!("{} {}", name.first, name.last)),
        key(&format!("{} {first}{middle}", name.last)),
        key(&format!("{} {first}", name.last)),
    ];
    keys.sort();
    keys.dedup();
    keys
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workbook::Sheet;
    use crate::workbook::cells::Heading;
    use crate::workbook::values::Value;

    fn read(titles: &[&str], cells: &[&str]) -> Result<String, String> {
        let values = |texts: &[&str]| texts.iter().map(|text| Value::Text((*text).to_owned())).collect::<Vec<_>>();
        let heading = Heading::bind(Sheet::Staff, &values(titles)).unwrap();
        let cells = Cells { heading: &heading, values: &values(cells), line: 3 };
        of_row(&cells)
            .map(|name| format!("{}|{}|{}", name.last, name.first, name.middle.unwrap_or_default()))
            .map_err(|flaw| flaw.reason.into_owned())
    }

    #[test]
    fn a_name_stands_in_one_cell_or_in_three() {
        assert_eq!(read(&["ФИО"], &["  Ким  Ирина Сергеевна"]).unwrap(), "Ким|Ирина|Сергеевна");
        assert_eq!(read(&["ФИО"], &["Омаров Тимур Ержан ұлы"]).unwrap(), "Омаров|Тимур|Ержан ұлы");
        assert_eq!(read(&["ФИО"], &["Craig, Jean"]).unwrap(), "Craig|Jean|");
        assert_eq!(read(&["Тегі", "Аты", "Әкесінің аты"], &["Қара Мерген", "Әсем", ""]).unwrap(), "Қара Мерген|Әсем|");
        assert_eq!(read(&["ФИО"], &["Ирина"]).unwrap_err(), "the name is only one word");
        assert_eq!(read(&["ФИО"], &[" "]).unwrap_err(), "the cell is empty");
    }

    #[test]
    fn a_teacher_is_found_by_full_name_or_initials() {
        let name =
            FullName { last: "Ким".into(), first: "Ирина".into(), middle: Some("Сергеевна".into()) };
        let keys = keys(&name);
        for text in ["Ким Ирина Сергеевна", "КИМ И.С.", "Ким И. С.", "ким и", "Ким Ирина", "Ирина Ким"]
        {
            assert!(keys.contains(&key(text)), "{text}");
        }
        assert!(!keys.contains(&key("Ким А.С.")));
    }
}

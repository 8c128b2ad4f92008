//! What stands in the cells of an archive: texts that no spreadsheet runs, references by the school's own ids, lists.

use std::borrow::Borrow;

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::{BigInt, Text};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A text of the diary. In a cell it has an apostrophe in front if it is empty or begins with an apostrophe or with what a
/// spreadsheet takes for a formula, so that an empty cell can only mean "nothing".
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub struct Cell(pub String);

impl Cell {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Cell {
    fn borrow(&self) -> &str {
        &self.0
    }
}

fn needs_apostrophe(text: &str) -> bool {
    text.is_empty() || text.starts_with(['\'', '=', '+', '-', '@', '\t', '\r'])
}

impl Serialize for Cell {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if needs_apostrophe(&self.0) {
            serializer.collect_str(&format_args!("'{}", self.0))
        } else {
            serializer.serialize_str(&self.0)
        }
    }
}

impl<'de> Deserialize<'de> for Cell {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut text = String::deserialize(deserializer)?;
        if text.is_empty() {
            return Err(D::Error::custom("the cell is empty"));
        }
        // PostgreSQL has no place for it.
        if text.contains('\0') {
            return Err(D::Error::custom("the cell holds a NUL character"));
        }
        if text.starts_with('\'') {
            text.remove(0);
        }
        Ok(Self(text))
    }
}

impl<DB: Backend> ToSql<Text, DB> for Cell
where
    str: ToSql<Text, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.0.as_str().to_sql(out)
    }
}

impl<DB: Backend> FromSql<Text, DB> for Cell
where
    String: FromSql<Text, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        String::from_sql(bytes).map(Self)
    }
}

/// A reference to another row: the database's number on this side, the school's own id in the archive.
#[derive(Debug, Clone, PartialEq, Eq, Default, AsExpression, FromSqlRow)]
#[diesel(sql_type = BigInt)]
pub struct Ref {
    pub(super) id: i64,
    /// The school's own id of the row referred to.
    pub key: Cell,
}

impl Serialize for Ref {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.key.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Ref {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self { id: 0, key: Cell::deserialize(deserializer)? })
    }
}

impl<DB: Backend> ToSql<BigInt, DB> for Ref
where
    i64: ToSql<BigInt, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.id.to_sql(out)
    }
}

impl<DB: Backend> FromSql<BigInt, DB> for Ref
where
    i64: FromSql<BigInt, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Self { id: i64::from_sql(bytes)?, key: Cell::default() })
    }
}

/// A column that may hold a reference.
pub(super) trait Points {
    fn point(&mut self) -> Option<&mut Ref>;
}

impl Points for Ref {
    fn point(&mut self) -> Option<&mut Ref> {
        Some(self)
    }
}

impl Points for Option<Ref> {
    fn point(&mut self) -> Option<&mut Ref> {
        self.as_mut()
    }
}

/// References of one cell, a JSON list of texts; `[]` if there are none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Refs(pub(super) Vec<Ref>);

impl Serialize for Refs {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let keys: Vec<&str> = self.0.iter().map(|one| one.key.as_str()).collect();
        serializer.collect_str(&serde_json::json!(keys))
    }
}

impl<'de> Deserialize<'de> for Refs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let keys: Vec<String> = serde_json::from_str(&text).map_err(|_| D::Error::custom("this is no list of ids"))?;
        if keys.iter().any(|key| key.contains('\0')) {
            return Err(D::Error::custom("the cell holds a NUL character"));
        }
        Ok(Self(keys.into_iter().map(|key| Ref { id: 0, key: Cell(key) }).collect()))
    }
}

#[cfg(test)]
mod tests {
    use serde::de::IntoDeserializer;
    use serde::de::value::{Error, StringDeserializer};

    use super::*;

    fn read(cell: &str) -> Result<Cell, Error> {
        let deserializer: StringDeserializer<Error> = cell.to_owned().into_deserializer();
        Cell::deserialize(deserializer)
    }

    #[test]
    fn every_text_comes_back_and_none_runs_in_a_spreadsheet() {
        let texts = ["", "'", "''", "=1+1", "+7", "-5", "@x", "\tx", "\rx", "Ә", " =1", "\"a\",\nb", "'=1"];
        for text in texts {
            let written = serde_json::to_value(Cell(text.to_owned())).unwrap();
            let cell = written.as_str().unwrap();
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && !cell.is_empty(), "{cell:?}");
            assert_eq!(read(cell).unwrap().0, text);
        }
    }

    #[test]
    fn an_empty_cell_and_a_nul_are_no_text() {
        assert!(read("").is_err());
        assert!(read("a\0b").is_err());
    }
}

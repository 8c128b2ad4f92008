//! `column IN (…)` in one text, however many values: PostgreSQL takes them as one array, SQLite as one JSON array. So both
//! prepare a statement once for all its uses; a list of marks is prepared anew on SQLite every time.

use diesel::QueryResult;
use diesel::expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping};
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::serialize::ToSql;
use diesel::sql_types::{Array, Bool, SingleValue, Text};
use diesel::sqlite::Sqlite;
use serde::Serialize;

/// What [`IsAmong::among`] makes.
#[derive(Debug, Clone)]
pub struct Among<C, T> {
    column: C,
    values: Vec<T>,
    json: String,
}

/// For columns that hold no nulls.
pub trait IsAmong: Expression + Sized {
    /// Whether the column holds one of these values.
    fn among<T: Serialize>(self, values: impl IntoIterator<Item = T>) -> Among<Self, T> {
        let values: Vec<T> = values.into_iter().collect();
        // Numbers and texts alone are written: this cannot fail.
        let json = serde_json::to_string(&values).unwrap_or_default();
        Among { column: self, values, json }
    }
}

impl<C: Expression> IsAmong for C {}

impl<C: Expression, T> Expression for Among<C, T> {
    type SqlType = Bool;
}

impl<C: AppearsOnTable<QS>, T, QS> AppearsOnTable<QS> for Among<C, T> {}

impl<C: SelectableExpression<QS>, T, QS> SelectableExpression<QS> for Among<C, T> {}

impl<C: ValidGrouping<G>, T, G> ValidGrouping<G> for Among<C, T> {
    type IsAggregate = C::IsAggregate;
}

impl<C: QueryId, T> QueryId for Among<C, T> {
    type QueryId = Among<C::QueryId, ()>;
    const HAS_STATIC_QUERY_ID: bool = C::HAS_STATIC_QUERY_ID;
}

impl<C, T> QueryFragment<Pg> for Among<C, T>
where
    C: Expression + QueryFragment<Pg>,
    C::SqlType: SingleValue,
    Vec<T>: ToSql<Array<C::SqlType>, Pg>,
    Pg: diesel::sql_types::HasSqlType<C::SqlType>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.column.walk_ast(out.reborrow())?;
        out.push_sql(" = ANY(");
        out.push_bind_param::<Array<C::SqlType>, Vec<T>>(&self.values)?;
        out.push_sql(")");
        Ok(())
    }
}

impl<C, T> QueryFragment<Sqlite> for Among<C, T>
where
    C: QueryFragment<Sqlite>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        self.column.walk_ast(out.reborrow())?;
        out.push_sql(" IN (SELECT value FROM json_each(");
        out.push_bind_param::<Text, String>(&self.json)?;
        out.push_sql("))");
        Ok(())
    }
}

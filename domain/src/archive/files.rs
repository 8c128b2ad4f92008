//! The macros that make a file of the archive from a table.

use crate::types::SchoolId;

/// How many rows are read at once.
pub(super) const PAGE: i64 = 2000;

/// Before a row is placed it belongs to no school.
pub(super) fn nowhere() -> SchoolId {
    SchoolId(0)
}

/// A row as its table and its file have it. The columns stand in the order of the file; `=> Table` marks a reference.
macro_rules! row {
    (
        $(#[$doc:meta])*
        $name:ident of $table:ident $(in $school:ident)? {
            $($field:ident $column:literal : $type:ty $(=> $target:ident)?),* $(,)?
        }
    ) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, serde::Serialize, serde::Deserialize, diesel::Queryable, diesel::Selectable, diesel::Insertable,
        )]
        #[diesel(table_name = $table, treat_none_as_default_value = false)]
        pub struct $name {
            $(#[serde(skip, default = "crate::archive::files::nowhere")] $school: crate::types::SchoolId,)?
            $(#[serde(rename = $column)] $field: $type),*
        }

        impl $name {
            const OWN_COLUMNS: &'static [&'static str] = &[$($column),*];

            fn own_refs(
                &mut self,
                see: &mut dyn FnMut(&'static str, crate::archive::Table, &mut crate::archive::Ref),
            ) {
                let _ = &see;
                $($(
                    if let Some(one) = crate::archive::cells::Points::point(&mut self.$field) {
                        see($column, crate::archive::Table::$target, one);
                    }
                )?)*
            }
        }
    };
}

/// What is the same in every file made by [`row`].
macro_rules! shape {
    ($file:literal, $kind:expr) => {
        const FILE: &'static str = $file;
        const COLUMNS: &'static [&'static str] = Self::OWN_COLUMNS;
        const TABLE: Option<crate::archive::Table> = $kind;

        fn refs(&mut self, see: &mut dyn FnMut(&'static str, crate::archive::Table, &mut crate::archive::Ref)) {
            self.own_refs(see);
        }
    };
}

/// The rows of a school by the numbers of the database. The school is compared in a way no index serves: SQLite would
/// otherwise sort all its rows for every page.
macro_rules! page_of {
    ($conn:ident, $table:ident, $school:ident, $after:ident) => {{
        let found: Vec<(i64, Self)> = crate::db::on_backend!($conn => $table::table
            .filter(($table::school_id + 0).eq($school))
            .filter($table::id.gt($after))
            .order($table::id)
            .limit(crate::archive::files::PAGE)
            .select(($table::id, Self::as_select()))
            .load($conn))?;
        let full = i64::try_from(found.len()).unwrap_or(i64::MAX) == crate::archive::files::PAGE;
        let next = found.last().map(|(id, _)| *id).filter(|_| full);
        Ok(crate::archive::Page { rows: found.into_iter().map(|(_, row)| row).collect(), next })
    }};
}

/// Inserts the rows that are not there yet, in their order. The database itself tells which those are, by the unique keys
/// of the table: a question beforehand would depend on what its planner makes of a table that grows so fast.
macro_rules! insert_new {
    ($conn:ident, $table:ident, $rows:ident) => {{
        if $rows.is_empty() {
            return Ok(crate::archive::Written::default());
        }
        let created = crate::db::on_backend!($conn => diesel::insert_into($table::table)
            .values(&$rows)
            .on_conflict_do_nothing()
            .execute($conn))?;
        Ok(crate::archive::Written { created, taken: Vec::new() })
    }};
}

/// A whole file whose rows have ids of the school's own.
macro_rules! kept_by_id {
    (
        $name:ident of $table:ident, $file:literal $(as $kind:ident)? $(, since $since:ident)? $(, checked by $check:path)?
        $(, also unique by $unique:path)? $(, readied by $ready:path)?
    ) => {
        impl crate::archive::Row for $name {
            shape!($file, kept_by_id!(@kind $($kind)?));
            $(const SINCE: u32 = $since;)?

            fn unique(&self, take: &mut dyn FnMut(&[&str])) {
                take(&["id", self.external_id.as_str()]);
                $($unique(self, take);)?
            }

            $(fn check(&self) -> Result<(), crate::archive::Fault> {
                $check(self)
            })?

            fn page(
                conn: &mut crate::db::Conn,
                school: crate::types::SchoolId,
                after: i64,
            ) -> crate::Result<crate::archive::Page<Self>> {
                page_of!(conn, $table, school, after)
            }

            fn write(
                conn: &mut crate::db::Conn,
                target: crate::archive::Target,
                mut rows: Vec<Self>,
            ) -> crate::Result<crate::archive::Written> {
                for row in &mut rows {
                    row.school_id = target.school;
                    $($ready(row);)?
                }
                insert_new!(conn, $table, rows)
            }
        }
    };
    (@kind) => { None };
    (@kind $kind:ident) => { Some(crate::archive::Table::$kind) };
}

pub(super) use {insert_new, kept_by_id, page_of, row, shape};

//! The two migration trees make the same tables, and they are the tables Diesel knows.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Integer, Nullable, Text};
use support::app::DIARY;
use support::database::{Database, Kind};

#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    of: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Bool)]
    nullable: bool,
    /// The database numbers it, and never gives a number twice.
    #[diesel(sql_type = Bool)]
    identity: bool,
    #[diesel(sql_type = Nullable<Text>)]
    initial: Option<String>,
    /// Its place in the primary key, from 1; 0 if it is not in it.
    #[diesel(sql_type = Integer)]
    key: i32,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, QueryableByName)]
struct Index {
    #[diesel(sql_type = Text)]
    of: String,
    /// None if a constraint made it.
    #[diesel(sql_type = Nullable<Text>)]
    name: Option<String>,
    #[diesel(sql_type = Text)]
    columns: String,
    #[diesel(sql_type = Bool)]
    distinct: bool,
    #[diesel(sql_type = Nullable<Text>)]
    predicate: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, QueryableByName)]
struct Reference {
    #[diesel(sql_type = Text)]
    of: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    target: String,
}

#[derive(QueryableByName)]
struct Check {
    #[diesel(sql_type = Text)]
    of: String,
    #[diesel(sql_type = Text)]
    text: String,
}

/// What a database is made of.
#[derive(Debug)]
struct Schema {
    columns: Vec<Column>,
    indexes: BTreeSet<Index>,
    references: BTreeSet<Reference>,
    /// The words each constraint of a table allows.
    words: BTreeSet<(String, Vec<String>)>,
}

const SQLITE_TABLES: &str = "(SELECT name AS of, sql FROM sqlite_master WHERE type = 'table' \
    AND name NOT LIKE 'sqlite%' AND name <> '__diesel_schema_migrations')";

/// Whose tables: those of the diary, or the rating's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tree {
    Diary,
    Rating,
}

/// A database with the tables of both.
fn both_trees(kind: Kind) -> Database {
    let database = Database::new(kind, &DIARY);
    let settings = domain::db::Settings { url: database.url().to_owned(), connections: 1, patience_ms: 5000 };
    rating::migrate(&rating::Settings::default(), &settings).unwrap();
    database
}

fn sqlite(tree: Tree) -> Schema {
    let database = both_trees(Kind::Sqlite);
    let file = database.url().trim_start_matches("sqlite://");
    let file = if tree == Tree::Rating { file.replace("apta.db", "rating.db") } else { file.to_owned() };
    let mut conn = SqliteConnection::establish(&file).unwrap();
    let columns: Vec<Column> = diesel::sql_query(format!(
        "SELECT of, name, type AS kind, \"notnull\" = 0 AND NOT (pk = 1 AND type = 'INTEGER') AS nullable, \
         pk = 1 AND type = 'INTEGER' AND instr(sql, name || ' INTEGER PRIMARY KEY AUTOINCREMENT') > 0 AS identity, \
         dflt_value AS initial, pk AS \"key\" FROM {SQLITE_TABLES}, pragma_table_info(of) ORDER BY of, cid"
    ))
    .load(&mut conn)
    .unwrap();
    let indexes: Vec<Index> = diesel::sql_query(format!(
        "SELECT of, CASE origin WHEN 'c' THEN list.name END AS name, list.\"unique\" AS \"distinct\", \
         (SELECT group_concat(info.name || CASE info.desc WHEN 1 THEN ' desc' ELSE '' END, ',') \
          FROM pragma_index_xinfo(list.name) AS info WHERE info.key = 1) AS columns, \
         (SELECT substr(sql, instr(sql, ' WHERE ') + 7) FROM sqlite_master AS made \
          WHERE made.name = list.name AND list.partial = 1) AS predicate \
         FROM {SQLITE_TABLES}, pragma_index_list(of) AS list WHERE origin <> 'pk'"
    ))
    .load(&mut conn)
    .unwrap();
    let references: Vec<Reference> = diesel::sql_query(format!(
        "SELECT of, \"from\" AS name, \"table\" || '.' || \"to\" || ' ' || lower(on_delete) AS target \
         FROM {SQLITE_TABLES}, pragma_foreign_key_list(of)"
    ))
    .load(&mut conn)
    .unwrap();
    let tables: Vec<Check> =
        diesel::sql_query(format!("SELECT of, sql AS text FROM {SQLITE_TABLES}")).load(&mut conn).unwrap();
    let checks = tables.into_iter().flat_map(|table| {
        let texts: Vec<String> = table.text.split("CHECK (").skip(1).map(balanced).collect();
        texts.into_iter().map(move |text| Check { of: table.of.clone(), text })
    });
    Schema::new(columns, indexes, references, checks)
}

/// The text up to the parenthesis that closes what was opened before it.
fn balanced(text: &str) -> String {
    let mut depth = 1;
    let inside = text.chars().take_while(|c| {
        depth += match c {
            '(' => 1,
            ')' => -1,
            _ => 0,
        };
        depth > 0
    });
    inside.collect()
}

fn postgres(tree: Tree) -> Schema {
    let database = both_trees(Kind::Postgres);
    let mut conn = PgConnection::establish(database.url()).unwrap();
    let of_tree = |sql: &str| if tree == Tree::Rating { sql.replace("public", "rating") } else { sql.to_owned() };
    // Names of tables are then told without their schema.
    conn.batch_execute(&of_tree("SET search_path = public")).unwrap();
    let columns: Vec<Column> = diesel::sql_query(of_tree(
        "SELECT table_name::text AS of, column_name::text AS name, data_type::text AS kind, \
         is_nullable = 'YES' AS nullable, is_identity = 'YES' AND identity_generation = 'BY DEFAULT' AS identity, \
         column_default::text AS initial, coalesce((SELECT place::int4 FROM pg_index, \
           unnest(indkey) WITH ORDINALITY AS part(number, place) \
           JOIN pg_attribute ON attnum = number WHERE indisprimary AND attname = column_name \
           AND indrelid = attrelid AND indrelid = format('public.%I', table_name)::regclass), 0) AS key \
         FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name) \
         WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND table_name <> '__diesel_schema_migrations' \
         ORDER BY table_name COLLATE \"C\", ordinal_position",
    ))
    .load(&mut conn)
    .unwrap();
    let indexes: Vec<Index> = diesel::sql_query(of_tree(
        "SELECT owner.relname::text AS of, CASE WHEN conindid IS NULL THEN made.relname::text END AS name, \
         (SELECT string_agg(attname || CASE indoption[place - 1] & 1 WHEN 1 THEN ' desc' ELSE '' END, ',' ORDER BY place) \
          FROM unnest(indkey) WITH ORDINALITY AS part(number, place) \
          JOIN pg_attribute ON attnum = number AND attrelid = owner.oid) AS columns, \
         indisunique AS distinct, pg_get_expr(indpred, indrelid) AS predicate \
         FROM pg_index JOIN pg_class AS owner ON owner.oid = indrelid JOIN pg_class AS made ON made.oid = indexrelid \
         LEFT JOIN pg_constraint ON conindid = indexrelid AND contype = 'u' \
         WHERE owner.relnamespace = 'public'::regnamespace AND NOT indisprimary",
    ))
    .load(&mut conn)
    .unwrap();
    let references: Vec<Reference> = diesel::sql_query(of_tree(
        "SELECT conrelid::regclass::text AS of, own.attname::text AS name, \
         confrelid::regclass::text || '.' || far.attname || ' ' || CASE confdeltype WHEN 'a' THEN 'no action' \
         WHEN 'r' THEN 'restrict' WHEN 'c' THEN 'cascade' WHEN 'n' THEN 'set null' ELSE 'set default' END AS target \
         FROM pg_constraint JOIN pg_attribute AS own ON own.attrelid = conrelid AND own.attnum = conkey[1] \
         JOIN pg_attribute AS far ON far.attrelid = confrelid AND far.attnum = confkey[1] WHERE contype = 'f' \
         AND connamespace = 'public'::regnamespace",
    ))
    .load(&mut conn)
    .unwrap();
    let checks: Vec<Check> = diesel::sql_query(of_tree(
        "SELECT conrelid::regclass::text AS of, pg_get_constraintdef(oid) AS text FROM pg_constraint \
         WHERE contype = 'c' AND connamespace = 'public'::regnamespace",
    ))
    .load(&mut conn)
    .unwrap();
    Schema::new(columns, indexes, references, checks)
}

impl Schema {
    fn new(
        mut columns: Vec<Column>,
        indexes: Vec<Index>,
        references: Vec<Reference>,
        checks: impl IntoIterator<Item = Check>,
    ) -> Self {
        for column in &mut columns {
            column.kind = diesel_type(column).to_owned();
            let plain = |text: String| text.split("::").next().unwrap_or_default().to_lowercase();
            column.initial = column.initial.take().map(plain);
        }
        let plain = |mut index: Index| {
            index.predicate =
                index.predicate.map(|text| text.replace(['(', ')'], "").replace("::text", "").to_lowercase());
            index
        };
        let words = |check: Check| {
            let mut words: Vec<String> = check.text.split('\'').skip(1).step_by(2).map(str::to_owned).collect();
            words.sort_unstable();
            (check.of, words)
        };
        Self {
            columns,
            indexes: indexes.into_iter().map(plain).collect(),
            references: references.into_iter().collect(),
            words: checks.into_iter().map(words).collect(),
        }
    }

    /// The tables as `domain/src/schema` writes them: primary key, columns with their types, in order.
    fn tables(&self) -> BTreeMap<String, Table> {
        let mut tables: BTreeMap<String, Table> = BTreeMap::new();
        for column in &self.columns {
            let table = tables.entry(column.of.clone()).or_default();
            let kind = if column.nullable { format!("Nullable<{}>", column.kind) } else { column.kind.clone() };
            table.columns.push((column.name.clone(), kind));
            if column.key > 0 {
                table.key.insert(column.key, column.name.clone());
            }
        }
        tables
    }
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Table {
    key: BTreeMap<i32, String>,
    columns: Vec<(String, String)>,
}

/// What Diesel calls the type of a column; both databases have a word for each and for no other.
fn diesel_type(column: &Column) -> &'static str {
    match column.kind.as_str() {
        "INTEGER" if column.identity => "BigInt",
        "BIGINT" | "bigint" => "BigInt",
        "INTEGER" | "integer" => "Integer",
        "TEXT" | "text" => "Text",
        "BOOLEAN" | "boolean" => "Bool",
        "DATE" | "date" => "Date",
        "TIME" | "time without time zone" => "Time",
        "TIMESTAMP" | "timestamp without time zone" => "Timestamp",
        "BLOB" | "bytea" => "Binary",
        other => panic!("{}.{} is {other}, which has no twin in the other database", column.of, column.name),
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// The `table!` blocks of a tree's crate, without those of views.
fn declared(tree: Tree) -> BTreeMap<String, Table> {
    let text = if tree == Tree::Rating {
        fs::read_to_string(root().join("rating/src/schema.rs")).unwrap()
    } else {
        let files = fs::read_dir(root().join("domain/src/schema")).unwrap();
        files.map(|file| fs::read_to_string(file.unwrap().path()).unwrap()).collect()
    };
    let text = text.split("mod views").next().unwrap();
    let blocks = text.split("diesel::table! {").skip(1);
    blocks
        .map(|block| {
            let (head, rest) = block.trim_start().split_once(") {").unwrap();
            let (name, key) = head.split_once(" (").unwrap();
            let key = (1..).zip(key.split(", ").map(str::to_owned)).collect();
            let lines = rest.split('}').next().unwrap().lines().filter_map(|line| line.trim().split_once(" -> "));
            let columns = lines.map(|(name, kind)| (name.to_owned(), kind.trim_end_matches(',').to_owned())).collect();
            (name.to_owned(), Table { key, columns })
        })
        .collect()
}

#[test]
fn both_trees_make_the_tables_diesel_knows() {
    for (tree, least) in [(Tree::Diary, 27), (Tree::Rating, 9)] {
        let declared = declared(tree);
        assert!(declared.len() >= least, "only {} tables are declared", declared.len());
        for (database, schema) in [("SQLite", sqlite(tree)), ("PostgreSQL", postgres(tree))] {
            let tables = schema.tables();
            let names = |tables: &BTreeMap<String, Table>| tables.keys().cloned().collect::<Vec<_>>();
            assert_eq!(names(&tables), names(&declared), "{database}");
            for (name, table) in &declared {
                assert_eq!(&tables[name], table, "{database}, {name}");
            }
        }
    }
}

#[test]
fn both_trees_make_the_same_columns_keys_and_defaults() {
    for tree in [Tree::Diary, Tree::Rating] {
        let (sqlite, postgres) = (sqlite(tree), postgres(tree));
        for (one, other) in sqlite.columns.iter().zip(&postgres.columns) {
            assert_eq!(one, other);
        }
        assert_eq!(sqlite.columns.len(), postgres.columns.len());
        assert!(sqlite.columns.iter().any(|column| column.identity));
    }
}

#[test]
fn both_trees_make_the_same_indexes_references_and_closed_sets_of_words() {
    for (tree, least) in [(Tree::Diary, 20), (Tree::Rating, 0)] {
        let (sqlite, postgres) = (sqlite(tree), postgres(tree));
        assert_eq!(sqlite.indexes, postgres.indexes);
        assert_eq!(sqlite.references, postgres.references);
        assert_eq!(sqlite.words, postgres.words);
        assert!(sqlite.indexes.len() > least && sqlite.references.len() >= least && sqlite.words.len() > least / 2);
    }
}

#[test]
fn every_reference_and_key_column_named_school_id_points_to_a_school() {
    let schema = sqlite(Tree::Diary);
    for column in schema.columns.iter().filter(|column| column.name == "school_id") {
        let points = |one: &&Reference| one.of == column.of && one.name == "school_id";
        let target = schema.references.iter().find(points).map(|one| one.target.as_str());
        assert_eq!(target, Some("schools.id no action"), "{}", column.of);
    }
}

fn folders(tree: &str) -> Vec<String> {
    let root: PathBuf = root().join("migrations").join(tree);
    let mut names: Vec<String> = fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .inspect(|path| assert!(path.join("up.sql").is_file(), "{} has no up.sql", path.display()))
        .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    names.sort_unstable();
    names
}

#[test]
fn both_trees_have_the_same_folders() {
    for tree in ["diary", "rating"] {
        let names = folders(&format!("{tree}/sqlite"));
        assert_eq!(names, folders(&format!("{tree}/postgres")));
        assert!(!names.is_empty());
    }
}

//! A school's data as an Excel workbook: the template a school fills in, and the way back into the diary.
//!
//! What a row is called stays the same from import to import, so that an edited workbook changes what is there: a student by
//! the school's number; a guardian by number, else by the smallest number of her children, relation and name; staff by number
//! or name; a class by year and name; a subject by name; a course by class, subject and subgroup; a lesson by course, day and
//! number; a work by course, title and day; a grade by student and work, or by student, course, day, lesson and kind;
//! attendance by student and lesson; a line of the report card by student, subject and period.

mod book;
mod cells;
mod columns;
mod csvs;
mod dates;
mod examples;
mod families;
mod field;
mod grid;
mod instructions;
mod load;
mod log;
mod marks;
mod names;
mod package;
mod parts;
mod people;
mod read;
mod sheets;
mod source;
mod teaching;
mod template;
mod values;
mod words;
mod xlsx;
mod xml;

pub use self::book::Book;
pub use self::load::load;
pub use self::read::read;
pub use self::sheets::Sheet;
pub use self::template::template;

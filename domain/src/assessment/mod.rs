//! How grades become the grade of a period, of a year and the final one: exact, pure, by rules that are data.
//!
//! A [`Scheme`] says which kinds of work count and how much, how they are put together and rounded, and on which [`Scale`] the
//! result stands. [`assess`] applies it to a child's grades and keeps what the result is made of; [`explain`] says it in words.
//! No binary floats: they move borders.

mod assess;
mod exact;
pub mod explain;
mod presets;
mod scale;
mod scheme;
mod year;

pub use assess::{Assessed, Border, Mark, Part, Settled, assess, settle};
pub use exact::{Decimal, Exact, cut, decimal};
pub use presets::{DEFAULT, PRESETS, preset};
pub use scale::{Band, Direction, Reading, Rounding, Scale, Symbol};
pub use scheme::{Aggregation, Basis, Component, ExamRule, ExtraWork, Rhythm, Scheme};
pub use year::{Entry, Final, Year, final_grade, year};

//! The diary: its rules, its SQL, who may see what. Knows nothing of HTTP, phones or mail.

pub mod access;
pub mod accounts;
pub mod archive;
pub mod assessment;
pub mod assessments;
pub mod attendance;
pub mod calendar;
pub mod changes;
pub mod clients;
pub mod clock;
pub mod closing;
pub mod db;
pub mod diary;
pub mod error;
pub mod events;
pub mod forecasts;
pub mod grades;
pub mod homework;
pub mod idempotency;
pub mod imports;
pub mod intake;
pub mod invitations;
pub mod letters;
pub mod people;
pub mod periods;
pub mod presets;
pub mod report_card;
mod schema;
pub mod schemes;
pub mod schools;
pub mod secrets;
pub mod sessions;
pub mod subjects;
pub mod timetable;
pub mod types;

pub use error::{Error, Result};

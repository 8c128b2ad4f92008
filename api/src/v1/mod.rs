//! The API, one file a resource: views and forms first, then the handlers, then the routes.

mod agenda;
pub mod assessments;
pub mod attendance;
pub mod calendar_feed;
pub mod changes;
pub mod children;
pub mod devices;
pub mod diary;
pub mod files;
pub mod forecasts;
pub mod grades;
pub mod homework;
pub mod invitations;
pub mod me;
pub mod news;
pub mod notification_preferences;
pub mod notifications;
pub mod parts;
pub mod password_resets;
pub mod periods;
mod places;
pub mod report_card;
pub mod sessions;
pub mod subjects;
pub mod unsubscribe;

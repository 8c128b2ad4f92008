//! What somebody wants to be alerted of, and how.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, get, patch, web};
use chrono::NaiveTime;
use domain::access::{self, ChildAccess};
use domain::alerts::preferences::{self, Choice, Preferences, Quiet};
use domain::db::Conn;
use domain::error::{Flaw, Noun};
use domain::types::{AlertKind, ChildId, Threshold, Word as _};
use domain::{Error, Result};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::parts::Hundredths;
use crate::problem::{Problem, Problems, WriteProblems};
use crate::request::{Body, Token, Whole, objects};
use crate::state::State;
use crate::words::{self, Word};

/// What to be alerted of, and how.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NotificationPreferences {
    /// The language of alerts; null: the app's, else the account's.
    pub language: Option<words::Language>,
    /// What a push or the subject of a letter may say: that there is news, of which subject, or everything.
    pub privacy: words::Privacy,
    /// When nothing may ring; what comes then waits. Null: never.
    pub quiet_hours: Option<QuietHours>,
    /// Whether alerts come one by one, or together once a day or a week. What happens to the account comes at once.
    pub digest: words::Digest,
    /// Whether alerts may come as letters; one click in a letter sets it to false.
    pub letters: bool,
    /// The choices about each child.
    pub children: Vec<ChildChoices>,
}

/// A time without alarms, in the local time of the child's school; over midnight where it ends before it begins.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuietHours {
    /// When it begins.
    #[serde(with = "clock")]
    #[schema(value_type = String, example = "22:00", pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    from: NaiveTime,
    /// When it ends.
    #[serde(with = "clock")]
    #[schema(value_type = String, example = "07:00", pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    to: NaiveTime,
}

/// The choices about one child.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChildChoices {
    /// The child.
    pub child_id: i64,
    /// By kind: grade, homework, schedule, attendance, assessment, report-card, news, message.
    #[schema(value_type = BTreeMap<String, KindChoice>)]
    pub kinds: BTreeMap<&'static str, KindChoice>,
}

/// How alerts of one kind about one child come.
#[derive(Debug, Serialize, ToSchema)]
pub struct KindChoice {
    /// Whether they come as pushes.
    pub push: bool,
    /// When they come as letters: never, where there is no phone to tell them, or always.
    pub email: words::Letters,
    /// Whether they are in the list of notifications.
    pub inbox: bool,
    /// Of grades: which. A grade without a number (exempt, not submitted) is always told.
    pub only: words::Threshold,
    /// The points a threshold compares with.
    pub than: Option<Hundredths>,
}

/// What to change; what is left out stays.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct NotificationPreferencesForm {
    /// The language of alerts; null: the app's, else the account's.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<words::Language>)]
    language: Option<Option<words::Language>>,
    /// What a push or the subject of a letter may say.
    privacy: Option<words::Privacy>,
    /// When nothing may ring; null: never.
    #[serde(default, deserialize_with = "given_object")]
    #[schema(value_type = Option<QuietHours>)]
    quiet_hours: Option<Option<QuietHours>>,
    /// Whether alerts come one by one or together.
    digest: Option<words::Digest>,
    /// Whether alerts may come as letters.
    letters: Option<bool>,
    /// The choices that change, at most 50 children.
    #[serde(default, deserialize_with = "objects")]
    #[schema(max_items = 50)]
    children: Vec<ChildChoicesForm>,
}

/// The choices about one child that change.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ChildChoicesForm {
    /// The child.
    child_id: i64,
    /// By kind; what is left out stays.
    #[serde(deserialize_with = "choices")]
    #[schema(value_type = BTreeMap<String, KindChoiceForm>)]
    kinds: BTreeMap<AlertKind, KindChoiceForm>,
}

/// How alerts of one kind come from now on; what is left out stays.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KindChoiceForm {
    /// Whether they come as pushes.
    push: Option<bool>,
    /// When they come as letters.
    email: Option<words::Letters>,
    /// Whether they are in the list of notifications.
    inbox: Option<bool>,
    /// Of grades: which.
    only: Option<words::Threshold>,
    /// The points a threshold compares with.
    than: Option<Hundredths>,
}

/// Tells `null` from a missing key.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(deserializer).map(Some)
}

fn given_object<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    crate::request::object_or_null(deserializer).map(Some)
}

fn choices<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<AlertKind, KindChoiceForm>, D::Error> {
    let read = BTreeMap::<Word<AlertKind>, Whole<KindChoiceForm>>::deserialize(deserializer)?;
    Ok(read.into_iter().map(|(kind, form)| (kind.0, form.0)).collect())
}

mod clock {
    //! Local times as the API writes them: `HH:MM`.

    use chrono::{NaiveTime, Timelike};
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
    pub fn serialize<S: Serializer>(time: &NaiveTime, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{:02}:{:02}", time.hour(), time.minute()))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<NaiveTime, D::Error> {
        let text = String::deserialize(deserializer)?;
        let time = NaiveTime::parse_from_str(&text, "%H:%M").ok().filter(|_| text.len() == 5);
        time.ok_or_else(|| D::Error::custom("expected a time as 22:00"))
    }
}

impl NotificationPreferences {
    fn of(wanted: &Preferences, rights: &[ChildAccess]) -> Self {
        let choices = |right: &ChildAccess| ChildChoices {
            child_id: right.child().0,
            kinds: preferences::kinds()
                .map(|kind| (kind.as_str(), KindChoice::of(wanted.choice(right.child(), kind))))
                .collect(),
        };
        Self {
            language: wanted.language.map(Word),
            privacy: Word(wanted.privacy),
            quiet_hours: wanted.quiet.map(|quiet| QuietHours { from: quiet.from, to: quiet.to }),
            digest: Word(wanted.digest),
            letters: wanted.letters,
            children: rights.iter().map(choices).collect(),
        }
    }
}

impl KindChoice {
    fn of(choice: Choice) -> Self {
        Self {
            push: choice.push,
            email: Word(choice.email),
            inbox: choice.inbox,
            only: Word(choice.only),
            than: choice.than.map(Hundredths),
        }
    }
}

/// What is chosen of one kind about one child.
type Chosen = (ChildId, AlertKind, Choice);

impl NotificationPreferencesForm {
    /// What is wanted from now on, and the choices that change.
    fn over(&self, old: &Preferences) -> Result<(Preferences, Vec<Chosen>)> {
        if let Some(Some(quiet)) = self.quiet_hours
            && quiet.from == quiet.to
        {
            let detail = "Quiet hours end at another time than they begin; null switches them off.";
            return Err(Error::flaw("/quietHours", "range", detail));
        }
        if self.children.len() > 50 {
            return Err(Error::flaw("/children", "length", "At most 50 children."));
        }
        let mut wanted = old.clone();
        wanted.language = self.language.map_or(old.language, |language| language.map(|word| word.0));
        wanted.privacy = self.privacy.map_or(old.privacy, |word| word.0);
        let quiet = |hours: QuietHours| Quiet { from: hours.from, to: hours.to };
        wanted.quiet = self.quiet_hours.map_or(old.quiet, |hours| hours.map(quiet));
        wanted.digest = self.digest.map_or(old.digest, |word| word.0);
        wanted.letters = self.letters.unwrap_or(old.letters);
        let mut chosen = Vec::new();
        for (place, child) in self.children.iter().enumerate() {
            for (kind, form) in &child.kinds {
                let pointer = format!("/children/{place}/kinds/{}", kind.as_str());
                let id = ChildId(child.child_id);
                chosen.push((id, *kind, form.over(old.choice(id, *kind), *kind, pointer)?));
            }
        }
        Ok((wanted, chosen))
    }
}

impl KindChoiceForm {
    fn over(&self, old: Choice, kind: AlertKind, pointer: String) -> Result<Choice> {
        let only = self.only.map_or(old.only, |word| word.0);
        let than = self.than.map(|points| points.0).or(old.than).filter(|_| only != Threshold::All);
        let refused = |code, detail: &'static str| Err(Error::Invalid(vec![Flaw::new(pointer, code, detail)]));
        if kind == AlertKind::Account {
            return refused("account", "What happens to the account is always told.");
        }
        if kind != AlertKind::Grade && only != Threshold::All {
            return refused("threshold", "Only grades have a threshold.");
        }
        if only != Threshold::All && than.is_none() {
            return refused("threshold", "A threshold compares with points: say `than`.");
        }
        Ok(Choice {
            push: self.push.unwrap_or(old.push),
            email: self.email.map_or(old.email, |word| word.0),
            inbox: self.inbox.unwrap_or(old.inbox),
            only,
            than,
        })
    }
}

/// What I am alerted of
///
/// Everything is filled in: whoever never chose anything sees the defaults.
#[utoipa::path(tag = "alerts", security(("bearer" = [])),
    responses((status = 200, description = "The preferences.", body = NotificationPreferences), Problems))]
#[get("/notification-preferences")]
async fn notification_preferences(token: Token, state: web::Data<State>) -> Result<HttpResponse, Problem> {
    let work = move |conn: &mut Conn| {
        let (viewer, rights) = access::children(conn, &token.0)?;
        Ok(NotificationPreferences::of(&preferences::own(conn, &viewer)?, &rights))
    };
    Ok(HttpResponse::Ok().json(state.db.read(work).await?))
}

/// Choose what I am alerted of
///
/// A merge patch: what is left out stays. It is in force for everything sent from then on.
#[utoipa::path(tag = "alerts", security(("bearer" = [])), request_body = NotificationPreferencesForm,
    responses((status = 200, description = "The preferences as they are now.", body = NotificationPreferences), Problems, WriteProblems))]
#[patch("/notification-preferences")]
async fn change_notification_preferences(
    token: Token,
    state: web::Data<State>,
    form: Body<NotificationPreferencesForm>,
) -> Result<HttpResponse, Problem> {
    let form = form.0;
    let work = move |conn: &mut Conn| {
        let (viewer, rights) = access::children(conn, &token.0)?;
        if form.children.iter().any(|child| !rights.iter().any(|right| right.child().0 == child.child_id)) {
            return Err(Error::NotFound(Noun::Child));
        }
        let (wanted, chosen) = form.over(&preferences::own(conn, &viewer)?)?;
        preferences::keep(conn, &viewer, &rights, &wanted, &chosen)?;
        Ok(NotificationPreferences::of(&preferences::own(conn, &viewer)?, &rights))
    };
    Ok(HttpResponse::Ok().json(state.db.write(work).await?))
}

pub fn routes(config: &mut ServiceConfig) {
    config.service(notification_preferences).service(change_notification_preferences);
}

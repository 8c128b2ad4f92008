//! The sheet of a run: what was to be told, what the books say became of it, and what reached provider and mail server.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use support::fcm::Call;

use super::calls::Again;
use super::scene::Scene;
use super::{Cell, GRADES, MARKS};
use crate::storage::number;

/// Every end there is.
const ENDS: [&str; 6] = ["accepted", "token-dead", "expired", "superseded", "suppressed", "dead-letter"];

/// How many deliveries of one channel are in one state.
#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = Text)]
    channel: String,
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = BigInt)]
    number: i64,
}

/// One delivery to a phone that is still there, or to a mailbox, whose token is the word `mailbox` then.
#[derive(Debug, QueryableByName)]
pub struct Row {
    #[diesel(sql_type = Text)]
    token: String,
    #[diesel(sql_type = Text)]
    alert: String,
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = BigInt)]
    attempts: i64,
}

/// An alert in somebody's list.
#[derive(QueryableByName)]
struct Listed {
    #[diesel(sql_type = Text)]
    alert: String,
}

impl Row {
    /// Whether somebody who died may have sent it before something else made it stale.
    fn may_have_left(&self) -> bool {
        self.state == "superseded" && self.attempts > 0
    }
}

/// How many deliveries of a channel came to each end.
type Ends = BTreeMap<String, i64>;

impl Scene {
    /// Prints the sheet, and fails on whatever does not balance. All workers have ended.
    pub fn balance(&self, cell: &Cell) {
        assert!(self.processes.is_empty(), "a worker could still send");
        let calls = self.google.calls();
        let again = self.judged(cell, &calls);
        let (pushes, letters) = (self.ends("push"), self.ends("email"));
        self.print(cell, &calls, &again, (&pushes, &letters));
        self.ended(cell, &pushes, &letters);
        self.inboxes();
        let rows = self.rows();
        self.reconcile_calls(&calls, &rows);
        self.reconcile_letters(&rows);
        self.screens(cell, &calls);
        for log in &self.logs {
            let found = MARKS.iter().find(|mark| log.contains(**mark));
            assert_eq!(found, None, "a log tells of somebody: {log}");
            assert!(!log.contains("panicked"), "something broke down: {log}");
        }
    }

    fn print(&self, cell: &Cell, calls: &[Call], again: &[Again<'_>], (pushes, letters): (&Ends, &Ends)) {
        let mut drawn: BTreeMap<&str, usize> = BTreeMap::new();
        let mut causes: BTreeMap<String, usize> = BTreeMap::new();
        for word in calls.iter().filter_map(|call| call.drawn.as_deref()) {
            *drawn.entry(word).or_default() += 1;
        }
        for one in again {
            *causes.entry(format!("{:?}", one.cause.unwrap())).or_default() += 1;
        }
        let asleep = self.deaths.iter().filter(|death| death.asleep).count();
        let events = "SELECT count(*) AS number FROM events WHERE kind LIKE 'grade.%' AND NOT baseline";
        println!(
            "{} on {:?}: {} deaths, {asleep} sleepers, {} events\n  pushes {pushes:?}, {} calls on {} secure connections, again {causes:?}, \
             drawn {drawn:?}, {} visible\n  letters {letters:?}, {} arrived",
            cell.name,
            self.database.kind(),
            self.deaths.len() - asleep,
            number(&self.db, events),
            calls.len(),
            self.google.connections(),
            self.visible(),
            self.smtp.mails().len(),
        );
    }

    /// The states of a channel's deliveries. There is none but the six ends.
    fn ends(&self, channel: &str) -> Ends {
        let sql = "SELECT channel, state, count(*) AS number FROM alert_deliveries GROUP BY channel, state";
        let counts = self.db.read_here(|conn| Ok(diesel::sql_query(sql).load::<Count>(conn)?)).unwrap();
        assert!(counts.iter().all(|one| ENDS.contains(&one.state.as_str())), "something came to no end");
        let own = counts.into_iter().filter(|one| one.channel == channel);
        own.map(|one| (one.state, one.number)).collect()
    }

    /// Each alert has one delivery for each phone, or one for the mailbox, and none ended badly.
    fn ended(&self, cell: &Cell, pushes: &Ends, letters: &Ends) {
        let of = |ends: &Ends, state: &str| ends.get(state).copied().unwrap_or_default();
        let grades = i64::try_from(cell.believed * GRADES).unwrap();
        assert_eq!(of(pushes, "token-dead"), grades, "{pushes:?}");
        for state in ["dead-letter", "expired", "suppressed"] {
            assert_eq!((of(pushes, state), of(letters, state)), (0, 0), "{state}");
        }
        if cell.believed > 0 {
            return;
        }
        let account = |login: &str| format!("(SELECT id FROM accounts WHERE login_key = '{login}')");
        let count = |what: &str| number(&self.db, &format!("SELECT count(*) AS number FROM {what}"));
        let (mut phones, mut mailboxes) = (0, 0);
        for (login, of_mother) in [(&self.mother, true), (&self.father, false)] {
            let alerts = count(&format!("alerts WHERE kind = 'grade' AND account_id = {}", account(login)));
            let own = self.phones.iter().filter(|holder| holder.of_mother == of_mother).count();
            phones += alerts * i64::try_from(own).unwrap();
            mailboxes += if own == 0 { alerts } else { 0 };
        }
        let found = (pushes.values().sum::<i64>(), letters.values().sum::<i64>());
        assert_eq!(found, (phones, mailboxes), "each alert goes once to each target");
    }

    /// The last word on each grade is once in the list of each who may know it.
    fn inboxes(&self) {
        for (login, of_mother) in [(&self.mother, true), (&self.father, false)] {
            let last = self.last_words(login);
            assert_eq!(last.len(), self.things(of_mother), "the list of {login} has each grade once");
        }
        let twice = "SELECT count(*) AS number FROM (SELECT 1 FROM alerts WHERE last_event IS NOT NULL \
            GROUP BY account_id, child_id, last_event HAVING count(*) > 1) AS twice";
        assert_eq!(number(&self.db, twice), 0, "a change is planned twice");
    }

    /// Every alert about a grade.
    pub fn of_grades(&self) -> BTreeSet<String> {
        self.listed("kind = 'grade'")
    }

    /// The alerts in somebody's list that tell the last change of a grade.
    pub fn last_words(&self, login: &str) -> BTreeSet<String> {
        let last = "SELECT max(id) FROM events WHERE kind LIKE 'grade.%' AND NOT baseline GROUP BY entity_id";
        let account = format!("account_id = (SELECT id FROM accounts WHERE login_key = '{login}')");
        self.listed(&format!("inbox AND NOT superseded AND last_event IN ({last}) AND {account}"))
    }

    fn listed(&self, of: &str) -> BTreeSet<String> {
        let sql = format!("SELECT CAST(id AS TEXT) AS alert FROM alerts WHERE {of}");
        let listed = self.db.read_here(|conn| Ok(diesel::sql_query(&sql).load::<Listed>(conn)?)).unwrap();
        listed.into_iter().map(|one| one.alert).collect()
    }

    fn rows(&self) -> Vec<Row> {
        let sql = "SELECT coalesce(push_token, 'mailbox') AS token, CAST(alert_id AS TEXT) AS alert, state, \
            CAST(attempts AS BIGINT) AS attempts FROM alert_deliveries \
            LEFT JOIN devices ON devices.id = target_id AND channel = 'push' \
            WHERE channel = 'email' OR push_token IS NOT NULL";
        self.db.read_here(|conn| Ok(diesel::sql_query(sql).load::<Row>(conn)?)).unwrap()
    }

    /// What is accepted has been sent, what was sent is accepted, and nothing was sent without an attempt in the books.
    fn reconcile_calls(&self, calls: &[Call], rows: &[Row]) {
        let rows: BTreeMap<(&str, &str), &Row> =
            rows.iter().map(|row| ((row.token.as_str(), row.alert.as_str()), row)).collect();
        let gone: BTreeSet<&str> =
            calls.iter().filter(|call| call.status == Some(404)).map(|call| call.token.as_str()).collect();
        let mut taken = BTreeSet::new();
        let mut sent: BTreeMap<(&str, &str), i64> = BTreeMap::new();
        for call in calls {
            let key = (call.token.as_str(), call.alert.as_str());
            let Some(row) = rows.get(&key) else {
                assert!(gone.contains(call.token.as_str()), "nobody planned {call:?}");
                continue;
            };
            // With a new access token the same attempt begins anew.
            *sent.entry(key).or_default() += i64::from(call.status != Some(401));
            if call.is_taken() {
                taken.insert(key);
                let lost = row.may_have_left() && self.deaths.iter().any(|death| death.access.contains(&call.access));
                let known = row.state == "accepted" || lost || super::calls::went_down(calls, call);
                assert!(known, "taken and not in the books: {row:?} {call:?}");
            }
        }
        for (key, row) in rows.iter().filter(|(key, _)| key.0 != "mailbox") {
            assert!(row.state != "accepted" || taken.contains(key), "in the books and not taken: {row:?}");
            assert!(sent.get(key).is_none_or(|sent| *sent <= row.attempts), "sent without an attempt: {row:?}");
        }
    }

    /// The same for letters. Whoever died between the letter and the books makes one more, which a mailbox knows again.
    fn reconcile_letters(&self, rows: &[Row]) {
        let mut arrived: BTreeMap<String, usize> = BTreeMap::new();
        for mail in self.smtp.mails() {
            let id = mail.header("Message-ID").unwrap();
            let alert = id.strip_prefix("<alert-").and_then(|rest| rest.split('@').next()).unwrap().to_owned();
            *arrived.entry(alert).or_default() += 1;
            let said = mail.words("Subject").unwrap() + &mail.texts().concat();
            assert!(!MARKS.iter().any(|mark| said.contains(mark)), "a letter tells of somebody: {said}");
        }
        let mut more = 0;
        for row in rows.iter().filter(|row| row.token == "mailbox") {
            let came = arrived.remove(&row.alert).unwrap_or_default();
            let left = row.state == "accepted" || row.may_have_left();
            assert!(came == 0 || left, "a letter that is not in the books: {row:?}");
            assert!(came > 0 || row.state != "accepted", "in the books and not in the mailbox: {row:?}");
            more += came.saturating_sub(1);
        }
        assert_eq!(arrived, BTreeMap::new(), "letters nobody planned");
        let deaths = self.deaths.iter().filter(|death| !death.asleep).count();
        assert!(more <= deaths, "{more} letters came again after {deaths} deaths");
    }
}

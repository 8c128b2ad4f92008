//! What the phones show at the end of a run, and to whom nothing personal was said.

use std::collections::BTreeSet;

use support::fcm::{Call, Shown};

use super::scene::{Holder, Scene};
use super::{Cell, GRADES, MARKS};
use crate::providers::phone;

impl Scene {
    /// How many alerts of grades all phones show.
    pub fn visible(&self) -> usize {
        self.phones.iter().map(|holder| self.screen(holder.phone).len()).sum()
    }

    /// What a phone shows of grades.
    pub fn screen(&self, n: u32) -> Vec<Shown> {
        let grades = self.of_grades();
        let screen = self.google.phone(&phone(n)).screen();
        screen.into_iter().filter(|shown| grades.contains(&shown.alert)).collect()
    }

    /// Each phone shows each thing once, with its last value; those that are believed to be gone show nothing.
    pub fn screens(&self, cell: &Cell, calls: &[Call]) {
        let dark = self.phones.iter().filter(|holder| self.screen(holder.phone).is_empty()).count();
        assert_eq!(dark, cell.believed, "phones that show nothing");
        for holder in self.phones.iter().copied() {
            let screen = self.screen(holder.phone);
            if screen.is_empty() {
                continue;
            }
            let login = if holder.of_mother { &self.mother } else { &self.father };
            let shown: BTreeSet<String> = screen.iter().map(|shown| shown.alert.clone()).collect();
            assert_eq!(screen.len(), self.things(holder.of_mother), "phone {} shows each once", holder.phone);
            assert_eq!(shown, self.last_words(login), "phone {} shows the last word on each", holder.phone);
            if holder.of_mother {
                self.says_all(cell, holder, &screen);
            } else {
                says_nothing(holder, calls);
            }
        }
    }

    fn says_all(&self, cell: &Cell, holder: Holder, screen: &[Shown]) {
        let count = |is: &dyn Fn(&str) -> bool| screen.iter().filter(|shown| is(&shown.body)).count();
        let told = (count(&|body| body.ends_with('5')), count(&|body| body.ends_with('3')));
        assert_eq!(told, (cell.corrected(), cell.thirds()), "phone {} shows the last value: {screen:?}", holder.phone);
        let others = count(&|body| body.starts_with("Әсел"));
        assert_eq!((others, count(&|body| body.starts_with("Дана"))), (self.own, GRADES), "{screen:?}");
    }
}

/// No byte of what went to this phone is about anybody.
fn says_nothing(holder: Holder, calls: &[Call]) {
    let token = phone(holder.phone);
    for call in calls.iter().filter(|call| call.token == token) {
        let found = MARKS.iter().find(|mark| call.bytes.contains(**mark));
        assert_eq!(found, None, "{}", call.bytes);
    }
}

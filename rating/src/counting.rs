//! Who is counted: the agreement of a guardian, asked once, plainly, and withdrawn any time. Nobody is counted without it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDateTime;
use diesel::prelude::*;
use domain::access::ChildAccess;
use domain::db::{Conn, on_backend};
use domain::error::Rule;
use domain::types::{ChildId, Language, Role, Word};
use domain::{Error, Result};

use crate::schema::counting;

/// The version of the text below. A new text gets a new version; agreements keep the one that was read.
pub const TEXT_VERSION: &str = "2026-11-30";

/// What a guardian agrees to.
pub fn text(language: Language) -> &'static str {
    match language {
        Language::Kk => {
            "Балаңыздың тоқсан бойынша нәтижесі сынып ортасын есептеуге қосылсын ба? Есептен тек бір сан шығады: пән бойынша сыныптың \
             орта сызығы, 40-тан 90-ға дейін. Ол сан әдейі сәл кездейсоқ етіледі, сондықтан одан балаңыздың бағасын ешкім біле алмайды. \
             Балаңыздың аты, бағалары мен орны ешкімге көрсетілмейді. Келіспесеңіз де, күнделік сол қалпы тегін жұмыс істейді, өз \
             балаңызды салыстыруға да болады. Келісімді кез келген уақытта қайтарып ала аласыз: ол келесі есептен бастап күшіне енеді, \
             бұл туралы ешкімге хабарланбайды."
        }
        Language::Ru => {
            "Учитывать результаты вашего ребёнка за четверть при расчёте середины класса? Из расчёта выходит одно число: средняя \
             линия класса по предмету, от 40 до 90. Оно намеренно немного случайно, поэтому узнать по нему оценки вашего ребёнка \
             нельзя. Имя, оценки и место ребёнка не показываются никому. Без согласия дневник работает так же и бесплатно, и \
             сравнение для своего ребёнка остаётся доступным. Согласие можно отозвать в любое время: это подействует со следующего \
             расчёта, и об этом никому не сообщается."
        }
        Language::En => {
            "May your child's results of a quarter be counted towards the middle of the class? One number comes of it: the middle \
             line of the class in a subject, from 40 to 90. It is made slightly random on purpose, so that nobody can learn your \
             child's grades from it. Your child's name, grades and place are shown to nobody. Without your agreement the diary \
             works the same and free of charge, and you can still compare your own child. You can withdraw any time: it takes \
             effect with the next count, and nobody is told."
        }
    }
}

/// What was answered, and in which language the text was read.
#[derive(Debug, Clone, Copy)]
pub struct Answer {
    pub language: Language,
    pub counted: bool,
}

/// Writes down a guardian's answer. The last one given for a child counts, whichever of its guardians gave it. A pupil does not
/// answer for itself: [`Rule::WrongRole`].
pub fn answer(conn: &mut Conn, access: &ChildAccess, answer: Answer, now: NaiveDateTime) -> Result<()> {
    if access.viewer().role() != Role::Guardian {
        return Err(Error::Denied(Rule::WrongRole));
    }
    if is_counted(conn, access)? == Some(answer.counted) {
        return Ok(());
    }
    let row = (
        counting::child_id.eq(access.child()),
        counting::account_id.eq(access.viewer().account()),
        counting::counted.eq(answer.counted),
        counting::text_version.eq(TEXT_VERSION),
        counting::language.eq(answer.language.as_str()),
        counting::at.eq(now),
    );
    on_backend!(conn => diesel::insert_into(counting::table).values(row).execute(conn))?;
    Ok(())
}

/// The answer in force; `None` if nobody was asked yet.
pub fn is_counted(conn: &mut Conn, access: &ChildAccess) -> Result<Option<bool>> {
    let query = counting::table
        .filter(counting::child_id.eq(access.child()))
        .order((counting::at.desc(), counting::id.desc()))
        .select(counting::counted);
    Ok(on_backend!(conn => query.first(conn).optional())?)
}

/// The children who were counted at a moment: the same set whenever it is asked for, so a release that comes late or again
/// counts the same children.
pub(crate) fn at(conn: &mut Conn, moment: NaiveDateTime) -> Result<BTreeSet<ChildId>> {
    let query = counting::table
        .filter(counting::at.le(moment))
        .order((counting::at, counting::id))
        .select((counting::child_id, counting::counted));
    let answers: BTreeMap<ChildId, bool> =
        on_backend!(conn => query.load::<(ChildId, bool)>(conn))?.into_iter().collect();
    Ok(answers.into_iter().filter(|(_, counted)| *counted).map(|(child, _)| child).collect())
}

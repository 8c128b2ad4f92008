//! The collections, each with its two operations: a delivery, and the list of what was delivered.

use actix_web::{HttpResponse, get, put, web};
use domain::types::Collection;
use utoipa_actix_web::service_config::ServiceConfig;

use super::delivery::{Delivery, DeliveryQuery, ItemsForm, RawItems, collection, take};
use super::journal::{AssessmentForm, AttendanceForm, GradeForm, HomeworkForm, LessonForm, PeriodGradeForm};
use super::news::NewsForm;
use super::reconcile::{self, Records, Since};
use super::roster::{
    ClassGroupForm, CourseForm, EnrolmentForm, GuardianForm, PeriodForm, StaffForm, StudentForm, SubjectForm,
};
use crate::problem::{Problem, Problems, WriteProblems};
use crate::request::{Body, Once, Token};
use crate::state::State;

collection!(
    put_periods,
    list_periods,
    "/periods",
    Periods,
    PeriodForm,
    "Deliver periods",
    "Scope `roster`. What works and period grades refer to cannot be taken back.",
    "List delivered periods"
);
collection!(
    put_subjects,
    list_subjects,
    "/subjects",
    Subjects,
    SubjectForm,
    "Deliver subjects",
    "Scope `roster`. What courses and period grades refer to cannot be taken back.",
    "List delivered subjects"
);
collection!(
    put_class_groups,
    list_class_groups,
    "/class-groups",
    ClassGroups,
    ClassGroupForm,
    "Deliver class groups",
    "Scope `roster`. What courses and enrolments refer to cannot be taken back.",
    "List delivered class groups"
);
collection!(
    put_staff,
    list_staff,
    "/staff",
    Staff,
    StaffForm,
    "Deliver staff",
    "Scope `roster`.",
    "List delivered staff"
);
collection!(
    put_students,
    list_students,
    "/students",
    Students,
    StudentForm,
    "Deliver students",
    "Scope `roster`. Codes for them come from `/invitations`.",
    "List delivered students"
);
collection!(
    put_guardians,
    list_guardians,
    "/guardians",
    Guardians,
    GuardianForm,
    "Deliver guardians",
    "Scope `roster`. The answer carries an invitation code for each guardian just made.",
    "List delivered guardians"
);
collection!(
    put_courses,
    list_courses,
    "/courses",
    Courses,
    CourseForm,
    "Deliver courses",
    "Scope `roster`. What anything refers to cannot be taken back.",
    "List delivered courses"
);
collection!(
    put_enrolments,
    list_enrolments,
    "/enrolments",
    Enrolments,
    EnrolmentForm,
    "Deliver enrolments",
    "Scope `roster`. A pupil in a class group, or in a course.",
    "List delivered enrolments"
);
collection!(
    put_lessons,
    list_lessons,
    "/lessons",
    Lessons,
    LessonForm,
    "Deliver lessons",
    "Scope `journal`, or the teacher of the course.",
    "List delivered lessons"
);
collection!(
    put_assessments,
    list_assessments,
    "/assessments",
    Assessments,
    AssessmentForm,
    "Deliver assessments",
    "Scope `journal`, or the teacher of the course.",
    "List delivered assessments"
);
collection!(
    put_homework,
    list_homework,
    "/homework",
    Homework,
    HomeworkForm,
    "Deliver homework",
    "Scope `journal`, or the teacher of the course.",
    "List delivered homework"
);
collection!(
    put_grades,
    list_grades,
    "/grades",
    Grades,
    GradeForm,
    "Deliver grades",
    "Scope `journal`, or the teacher of the course.",
    "List delivered grades"
);
collection!(
    put_attendance,
    list_attendance,
    "/attendance",
    Attendance,
    AttendanceForm,
    "Deliver attendance",
    "Scope `journal`, or the teacher of the course.",
    "List delivered attendance"
);
collection!(
    put_period_grades,
    list_period_grades,
    "/period-grades",
    PeriodGrades,
    PeriodGradeForm,
    "Deliver period grades",
    "Scope `journal`.",
    "List delivered period grades"
);
collection!(
    put_news,
    list_news,
    "/news",
    News,
    NewsForm,
    "Deliver news",
    "Scope `news`. Families read it with `GET /v1/news`.",
    "List delivered news"
);

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(put_periods)
        .service(list_periods)
        .service(put_subjects)
        .service(list_subjects)
        .service(put_class_groups)
        .service(list_class_groups)
        .service(put_staff)
        .service(list_staff)
        .service(put_students)
        .service(list_students)
        .service(put_guardians)
        .service(list_guardians)
        .service(put_courses)
        .service(list_courses)
        .service(put_enrolments)
        .service(list_enrolments)
        .service(put_lessons)
        .service(list_lessons)
        .service(put_assessments)
        .service(list_assessments)
        .service(put_homework)
        .service(list_homework)
        .service(put_grades)
        .service(list_grades)
        .service(put_attendance)
        .service(list_attendance)
        .service(put_period_grades)
        .service(list_period_grades)
        .service(put_news)
        .service(list_news);
}

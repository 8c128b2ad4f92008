### English texts. The headline of a message; .detail: what the full level alone says; .was: and what it was before.

## The generic level: nothing about anybody.

generic = There is news in the diary
    .detail = Open the app to read it.
more = More in the app.
of-child = { $child }: { $text }

## Grades

grade-created = New grade: { $subject }
    .detail = { $value }
    .was = { $before } → { $value }
grade-changed = Grade changed: { $subject }
    .detail = { $value }
    .was = { $before } → { $value }
grade-removed = Grade removed: { $subject }
    .detail = it was { $value }
status-graded = given
status-exempt = exempt
status-not-submitted = not handed in
status-not-assessed = not assessed

## Homework

homework-created = Homework: { $subject }
    .detail = due { $date }: { $text }
homework-changed = Homework changed: { $subject }
    .detail = due { $date }: { $text }
homework-removed = Homework cancelled: { $subject }
    .detail = it was due { $date }: { $text }

## Timetable

schedule-created = New lesson in the timetable: { $subject }
    .detail = { $when }
schedule-changed = Timetable change: { $subject }
    .detail = { $when }
schedule-removed = Lesson taken out of the timetable: { $subject }
    .detail = { $when }
lesson-substituted = Another teacher takes the lesson: { $subject }
    .detail = { $when }. { $teacher }
lesson-cancelled = Lesson cancelled: { $subject }
    .detail = { $when }
lesson-moved = Lesson moved: { $subject }
    .detail = now { $when }
    .was = now { $when } (it was { $before })
room = room { $room }

## Attendance

attendance-created = Attendance: { $subject }
    .detail = { $date }, lesson { $number }: { $presence }
attendance-changed = Attendance corrected: { $subject }
    .detail = { $date }, lesson { $number }: { $presence }
attendance-removed = Attendance mark removed: { $subject }
    .detail = { $date }, lesson { $number } (it was: { $presence })
presence-present = present
presence-absent = absent
presence-ill = absent, ill
presence-excused = absent with good reason
presence-late = late
presence-late-by = { $count ->
    [one] { $count } minute late
   *[other] { $count } minutes late
}

## Coming works

assessment-created = { $work ->
    [section] Unit assessment coming: { $subject }
    [term] Term assessment coming: { $subject }
    [exam] Exam coming: { $subject }
   *[other] Graded work coming: { $subject }
}
    .detail = { $date }. { $title }
    .was = { $date } (it was { $before }). { $title }
assessment-changed = { $work ->
    [section] Unit assessment changed: { $subject }
    [term] Term assessment changed: { $subject }
    [exam] Exam changed: { $subject }
   *[other] Graded work changed: { $subject }
}
    .detail = { $date }. { $title }
    .was = { $date } (it was { $before }). { $title }
assessment-removed = { $work ->
    [section] Unit assessment cancelled: { $subject }
    [term] Term assessment cancelled: { $subject }
    [exam] Exam cancelled: { $subject }
   *[other] Graded work cancelled: { $subject }
}
    .detail = { $date }. { $title }

## Report card

report-card-created = Report card: { $subject }
    .detail = { $what }: { $value }
    .was = { $what }: { $before } → { $value }
report-card-changed = Report card changed: { $subject }
    .detail = { $what }: { $value }
    .was = { $what }: { $before } → { $value }
report-card-removed = Grade taken off the report card: { $subject }
    .detail = { $what }, it was { $value }
report-card-period = grade for the period
report-card-year = grade for the year
report-card-exam = exam grade
report-card-final = final grade

## From school

news-created = School news
    .detail = { $title }
news-changed = School news changed
news-removed = School news withdrawn
message-created = Message from a teacher
message-changed = A teacher changed a message
message-removed = A teacher withdrew a message

## Account

account-signed-in = Sign-in to your account on a new device
    .detail = If it was not you, change your password at once.
account-token-reused = You were signed out for your security
    .detail = Somebody else may have used the sign-in of one of your devices; it was signed out. Sign in again and change your password.
account-child-added = A child was added to your diary
    .detail = You can read the child's diary now.
account-child-removed = You can no longer see a child's diary
    .detail = If this is a mistake, get in touch with the school.
account-guardian-added = Another parent or guardian can now read your child's diary
    .detail = If you do not know of it, get in touch with the school.
account-data-exported = A copy of all the school's data was made
    .detail = The diary you read is in it too. A school makes one when it moves to another system, for example. If nobody told you why, ask the school.

## One message in place of many

bundle-grades = { $count ->
    [one] { $count } new grade
   *[other] { $count } new grades
}
bundle-hour = { $count ->
    [one] { $count } update in the diary
   *[other] { $count } updates in the diary
}
bundle-day = { $count ->
    [one] The day in the diary: { $count } update
   *[other] The day in the diary: { $count } updates
}
bundle-week = { $count ->
    [one] The week in the diary: { $count } update
   *[other] The week in the diary: { $count } updates
}
count-grade = { $count ->
    [one] { $count } grade
   *[other] { $count } grades
}
count-homework = { $count ->
    [one] { $count } piece of homework
   *[other] { $count } pieces of homework
}
count-schedule = { $count ->
    [one] { $count } timetable change
   *[other] { $count } timetable changes
}
count-attendance = { $count ->
    [one] { $count } attendance mark
   *[other] { $count } attendance marks
}
count-assessment = { $count ->
    [one] { $count } notice of coming work
   *[other] { $count } notices of coming work
}
count-report-card = { $count ->
    [one] { $count } entry in the report card
   *[other] { $count } entries in the report card
}
count-news = { $count ->
    [one] { $count } piece of school news
   *[other] { $count } pieces of school news
}
count-message = { $count ->
    [one] { $count } message from teachers
   *[other] { $count } messages from teachers
}
count-account = { $count ->
    [one] { $count } notice about the account
   *[other] { $count } notices about the account
}

## Test

test = Alerts work
    .detail = Alerts from the diary arrive here.

## Letter

mail-hello = Hello!
mail-open = Open the diary
mail-why = You are receiving this e-mail because Apta diary notifications are on.
mail-unsubscribe = Unsubscribe from these e-mails

## Date

date = { $weekday ->
    [1] Mon
    [2] Tue
    [3] Wed
    [4] Thu
    [5] Fri
    [6] Sat
   *[7] Sun
}, { $day } { $month ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[12] December
}

"""Makes a OneRoster 1.1 bundle of one school: years of classes, courses, works and scores; the same bytes every time."""

import random
from datetime import date, timedelta

PUPILS_OF_CLASS = 28
SUBJECTS = ["Algebra", "Kazakh", "Russian", "English", "Physics", "Chemistry", "Biology", "History", "Geography", "Informatics"]
LAST_YEAR = 2026
GUARDIAN = "g-0"

HEADERS = {
    "orgs.csv": "sourcedId,name,type",
    "academicSessions.csv": "sourcedId,title,type,startDate,endDate,parentSourcedId,schoolYear",
    "courses.csv": "sourcedId,schoolYearSourcedId,title,courseCode,grades,orgSourcedId,subjects,subjectCodes",
    "classes.csv": "sourcedId,title,grades,courseSourcedId,classCode,classType,location,schoolSourcedId,termSourcedIds",
    "users.csv": "sourcedId,enabledUser,orgSourcedIds,role,username,givenName,familyName,agentSourcedIds",
    "enrollments.csv": "sourcedId,classSourcedId,schoolSourcedId,userSourcedId,role,primary,beginDate,endDate",
    "categories.csv": "sourcedId,title",
    "lineItems.csv": "sourcedId,title,description,assignDate,dueDate,classSourcedId,categorySourcedId,gradingPeriodSourcedId,resultValueMin,resultValueMax",
    "results.csv": "sourcedId,lineItemSourcedId,studentSourcedId,scoreStatus,score,scoreDate,comment",
}


class Bundle:
    """A folder that is being filled."""

    def __init__(self, folder):
        folder.mkdir(parents=True)
        self.files = {name: open(folder / name, "w", encoding="utf-8") for name in HEADERS}
        for name, header in HEADERS.items():
            self.files[name].write(header + "\n")

    def add(self, name, *cells):
        self.files[name].write(",".join(map(str, cells)) + "\n")

    def close(self):
        for file in self.files.values():
            file.close()


def write(folder, pupils, years, results):
    """Writes the bundle; without results it is the school as it stands before its history comes."""
    bundle = Bundle(folder)
    bundle.add("orgs.csv", "o-1", "School", "school")
    bundle.add("categories.csv", "c-f", "Formative")
    bundle.add("users.csv", GUARDIAN, "true", "o-1", "guardian", "g0", "Guardian", "One", "p-0")
    for subject in range(len(SUBJECTS)):
        bundle.add("users.csv", f"t-{subject}", "true", "o-1", "teacher", f"t{subject}", "Teacher", f"No{subject}", "")
    for pupil in range(pupils):
        agent = GUARDIAN if pupil == 0 else ""
        bundle.add("users.csv", f"p-{pupil}", "true", "o-1", "student", f"p{pupil}", f"Name{pupil}", f"Family{pupil % 97}", agent)
    for year in range(LAST_YEAR - years + 1, LAST_YEAR + 1):
        school_year(bundle, year, pupils)
    scores(bundle, pupils, years, results)
    bundle.close()


def school_year(bundle, year, pupils):
    bundle.add("academicSessions.csv", f"y-{year}", f"{year}/{year + 1}", "schoolYear", f"{year}-09-01", f"{year + 1}-05-25", "", year + 1)
    bundle.add("academicSessions.csv", f"q-{year}", "I", "gradingPeriod", f"{year}-09-01", f"{year}-12-30", f"y-{year}", year + 1)
    for place, subject in enumerate(SUBJECTS):
        bundle.add("courses.csv", f"{year}-{place}", f"y-{year}", subject, f"S{place}", 7, "o-1", "", "")
    for group in range(groups(pupils)):
        bundle.add("classes.csv", f"h-{year}-{group}", f"7 {group}", 7, "", "", "homeroom", "", "o-1", f"y-{year}")
        members = range(group * PUPILS_OF_CLASS, min((group + 1) * PUPILS_OF_CLASS, pupils))
        for pupil in members:
            bundle.add("enrollments.csv", f"e-{year}-{pupil}", f"h-{year}-{group}", "o-1", f"p-{pupil}", "student", "", "", "")
        for place, subject in enumerate(SUBJECTS):
            course = f"k-{year}-{group}-{place}"
            bundle.add("classes.csv", course, f"{subject} {group}", 7, f"{year}-{place}", "", "scheduled", "", "o-1", f"y-{year}")
            bundle.add("enrollments.csv", f"{course}-t", course, "o-1", f"t-{place}", "teacher", "true", "", "")
            for pupil in members:
                bundle.add("enrollments.csv", f"{course}-{pupil}", course, "o-1", f"p-{pupil}", "student", "", "", "")


def groups(pupils):
    return -(-pupils // PUPILS_OF_CLASS)


def scores(bundle, pupils, years, results):
    """Work after work until there are enough, as a journal writes them: a class at a time."""
    dice, left, round_of = random.Random(20081), results, 0
    while left > 0:
        for year in range(LAST_YEAR - years + 1, LAST_YEAR + 1):
            day = date(year, 9, 1) + timedelta(days=3 * round_of % 100)
            for group in range(groups(pupils)):
                for place in range(len(SUBJECTS)):
                    if left <= 0:
                        return
                    left -= work(bundle, dice, (year, group, place), round_of, day, pupils)
        round_of += 1


def work(bundle, dice, course, number, day, pupils):
    year, group, place = course
    name = f"k-{year}-{group}-{place}"
    item = f"w-{year}-{group}-{place}-{number}"
    bundle.add("lineItems.csv", item, f"Work {number}", "", day, day, name, "c-f", f"q-{year}", 0, 10)
    members = range(group * PUPILS_OF_CLASS, min((group + 1) * PUPILS_OF_CLASS, pupils))
    for pupil in members:
        bundle.add("results.csv", f"r-{year}-{place}-{number}-{pupil}", item, f"p-{pupil}", "fully graded", dice.randint(1, 10), day, "")
    return len(members)

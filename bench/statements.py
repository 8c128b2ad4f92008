"""The statements of one delivery of new grades, as the server sends them, for pgbench and for Python's `sqlite3`."""

GRADE = "school_id, external_id, child_id, course_id, lesson_id, assessment_id, kind, status, value, points, max_points, weight, comment, graded_on, recorded_at, revision, removed"
REVISION = "grade_id, revision, status, value, points, max_points, weight, comment, removed, recorded_at, staff_id, client_id"
EVENT = "school_id, kind, entity_id, entity, previous, account_id, baseline, at, planned"
DELIVERY = "school_id, client_id, collection, external_id, item_id, hash, updated_at"
UPSERT = "ON CONFLICT (school_id, client_id, collection, external_id) DO UPDATE SET item_id = excluded.item_id, hash = excluded.hash, updated_at = excluded.updated_at"
HASH = "bnV0aGluZyB0aGF0IGFueWJvZHkgcmVhZHMsIGJ1dCBsb25n"

SCOPE = """SELECT clients.id, client_tokens.scopes, schools.time_zone FROM ((client_tokens INNER JOIN clients ON client_tokens.client_id = clients.id)
  LEFT OUTER JOIN client_schools ON (client_schools.client_id = clients.id AND client_schools.school_id = {school}))
  LEFT OUTER JOIN schools ON schools.id = client_schools.school_id
  WHERE client_tokens.token_hash = {token} AND client_tokens.expires_at > {now} AND clients.disabled_at IS NULL LIMIT 1"""
ENROLLED = "SELECT external_id, child_id FROM enrolments WHERE school_id = {school} AND external_id {pupils}"
COURSES = "SELECT external_id, id FROM courses WHERE school_id = {school} AND external_id {courses}"
PERIODS = "SELECT id, starts_on, ends_on, closed_at FROM periods WHERE school_id = {school} AND starts_on <= {day} AND ends_on >= {day} ORDER BY id"
REVISIONS = "SELECT id, revision FROM children WHERE id {children} ORDER BY id"
MEMBERS = "SELECT child_id, course_id, starts_on, ends_on FROM course_members WHERE child_id {children} AND course_id {course_ids}"
KNOWN = f"SELECT id, {GRADE} FROM grades WHERE school_id = {{school}} AND external_id {{names}}"
SHOWN = """SELECT grades.id, grades.lesson_id, grades.kind, grades.status, grades.value, grades.points, grades.max_points, grades.weight, grades.comment, grades.graded_on,
  grades.recorded_at, grades.revision, subjects.id, subjects.names, assessments.id, assessments.title, assessments.kind
  FROM (grades INNER JOIN (courses INNER JOIN subjects ON courses.subject_id = subjects.id) ON grades.course_id = courses.id)
  LEFT OUTER JOIN assessments ON grades.assessment_id = assessments.id WHERE grades.id {grades} AND grades.removed = FALSE"""
DELIVERED = "SELECT external_id, hash FROM deliveries WHERE school_id = {school} AND client_id = 1 AND collection = 'grades' AND external_id {names}"
COUNT = "UPDATE children SET revision = revision + {more} WHERE id {children}"


def any_of(values, kind):
    return f"= ANY(ARRAY[{','.join(dict.fromkeys(values))}]::{kind}[])"


def postgres(rows, scene, school, single=False):
    """One transaction for pgbench, of one school. `rows` hold SQL expressions; a single one learns its numbers from the answers."""
    now = "now()::timestamp"
    names = lambda key: any_of([row[key] for row in rows], "text")
    numbers = lambda key: any_of([row[key] for row in rows], "bigint")
    keep = lambda prefix: f" \\gset {prefix}" if single else ";"
    scope = SCOPE.format(token=f"'{scene['token']}'", now=now, school=school) + ";"
    enrolled, courses = ENROLLED.format(school=school, pupils=names("pupil")), COURSES.format(school=school, courses=names("course"))
    known, day = KNOWN.format(school=school, names=names("name")) + ";", f"DATE '{scene['day']}'"
    own = lambda key: "" if single else f"{key}, "
    id_of = lambda row, key: "" if single else f"{row[key]}, "
    values = lambda make: ",\n  ".join(f"({make(row)})" for row in rows)
    grade = lambda r: f"{id_of(r, 'grade')}{school}, {r['name']}, {r['child']}, {r['course_id']}, NULL, NULL, 'formative', 'graded', NULL, 800, 1000, 100, NULL, {day}, {now}, 1, FALSE"
    event = lambda r: f"{id_of(r, 'event')}{school}, 'grade.created', {r['grade']}, '{scene['entity']}', NULL, NULL, FALSE, {now}, FALSE"
    return [
        "BEGIN;", scope, enrolled + keep("e_"), f"SELECT graded_on FROM grades WHERE school_id = {school} AND external_id {names('name')};",
        PERIODS.format(school=school, day=day) + " FOR SHARE;", REVISIONS.format(children=numbers("child")) + " FOR UPDATE" + keep("r_"),
        scope, courses + keep("c_"), f"SELECT external_id, course_id FROM grades WHERE school_id = {school} AND external_id {names('name')};", enrolled + ";",
        MEMBERS.format(children=numbers("child"), course_ids=numbers("course_id")) + ";", enrolled + ";", courses + ";",
        known,
        f"INSERT INTO grades ({own('id')}{GRADE}) VALUES {values(grade)} RETURNING external_id, id" + keep("g_"),
        f"INSERT INTO grade_revisions ({REVISION}) VALUES " + values(lambda r: f"{r['grade']}, 1, 'graded', NULL, 800, 1000, 100, NULL, FALSE, {now}, NULL, 1") + ";",
        SHOWN.format(grades=numbers("grade")) + ";",
        f"INSERT INTO events ({own('id')}{EVENT}) VALUES {values(event)} RETURNING kind, entity_id, id" + keep("v_"),
        "INSERT INTO child_events (child_id, revision, event_id) VALUES " + values(lambda r: f"{r['child']}, {r['revision']}, {r['event']}") + ";",
        DELIVERED.format(school=school, names=names("name")) + ";",
        f"INSERT INTO deliveries ({DELIVERY}) VALUES " + values(lambda r: f"{school}, 1, 'grades', {r['name']}, {r['grade']}, '{HASH}', {now}") + f" {UPSERT};",
        COUNT.format(more=1, children=numbers("child")) + ";", "COMMIT;",
    ]


SHAPES = {
    "grades": "INSERT INTO grades (" + GRADE + ") VALUES (:school, :name, :child, :course_id, NULL, NULL, 'formative', 'graded', NULL, 800, 1000, 100, NULL, :day, :now, 1, 0) RETURNING external_id, id",
    "revisions": "INSERT INTO grade_revisions (" + REVISION + ") VALUES (:grade, 1, 'graded', NULL, 800, 1000, 100, NULL, 0, :now, NULL, 1)",
    "events": "INSERT INTO events (" + EVENT + ") VALUES (:school, 'grade.created', :grade, :entity, NULL, NULL, 0, :now, 0) RETURNING kind, entity_id, id",
    "told": "INSERT INTO child_events (child_id, revision, event_id) VALUES (:child, :revision, :event)",
    "deliveries": "INSERT INTO deliveries (" + DELIVERY + ") VALUES (:school, 1, 'grades', :name, :grade, '" + HASH + "', :now) " + UPSERT,
}


def sqlite(connection, rows, scene, school):
    """The same in one transaction on one connection, every insert a prepared one."""
    run = lambda text, *values: connection.execute(text, values).fetchall()
    among = lambda values: f"IN ({','.join('?' * len(values))})"
    distinct = lambda key: list(dict.fromkeys(row[key] for row in rows))
    look = lambda text, where, values: run(text.format(**{where: among(values), "school": school}), *values)
    scope = SCOPE.format(token="?", now="?", school=school)
    pupils, courses, names, children = (distinct(key) for key in ("pupil", "course", "name", "child"))
    begin = lambda: run(scope, scene["token"], scene["now"])
    run("BEGIN IMMEDIATE")
    begin(), look(ENROLLED, "pupils", pupils), look(f"SELECT graded_on FROM grades WHERE school_id = {school} AND external_id {{names}}", "names", names)
    run(PERIODS.format(school=school, day="?"), scene["day"], scene["day"])
    revisions = dict(look(REVISIONS, "children", children))
    begin(), look(COURSES, "courses", courses), look("SELECT external_id, course_id FROM grades WHERE school_id = {school} AND external_id {names}", "names", names)
    look(ENROLLED, "pupils", pupils)
    course_ids = distinct("course_id")
    run(MEMBERS.format(children=among(children), course_ids=among(course_ids)), *children, *course_ids)
    look(ENROLLED, "pupils", pupils), look(COURSES, "courses", courses), look(KNOWN, "names", names)
    bound = [{**row, **scene, "school": school, "revision": revisions[row["child"]] + 1} for row in rows]
    for row in bound:
        ((_, row["grade"]),) = connection.execute(SHAPES["grades"], row).fetchall()
    connection.executemany(SHAPES["revisions"], bound)
    look(SHOWN, "grades", [row["grade"] for row in bound])
    for row in bound:
        ((_, _, row["event"]),) = connection.execute(SHAPES["events"], row).fetchall()
    connection.executemany(SHAPES["told"], bound)
    look(DELIVERED, "names", names)
    connection.executemany(SHAPES["deliveries"], bound)
    run(COUNT.format(more="?", children=among(children)), 1, *children)
    run("COMMIT")

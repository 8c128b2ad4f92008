"""A parent with a phone for every pupil of a school made by `bench/gradebook.py`, written straight into its database."""

import base64
import hashlib
import sqlite3
import subprocess

from machine import find

# Numbers of their own, far above those the database gives.
FIRST = 1_000_000
LATER = "2099-01-01 00:00:00"
NOW = "2026-11-01 00:00:00"


def token(pupil):
    """What the parent of a pupil signs requests with."""
    return f"parent-of-{pupil}".ljust(43, "-")


def hashed(text):
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")


def join(url, pupils):
    """Writes the parents, who are alerted at any hour, of every grade by itself."""
    rows = {name: [] for name in ("accounts", "guardians", "guardianships", "sessions", "devices", "alert_preferences")}
    for pupil in range(pupils):
        number = FIRST + pupil
        child = f"(SELECT child_id FROM enrolments WHERE external_id = 'p-{pupil}')"
        rows["accounts"].append(f"({number}, 'family-{pupil}', 'x', 'guardian', 'A', 'B', 'kk', '{NOW}')")
        rows["guardians"].append(f"({number}, 1, 'family-{pupil}', 'A', 'B', {number})")
        rows["guardianships"].append(f"({number}, 1, {number}, {child}, {number}, 'mother', '{NOW}')")
        hashes = ", ".join(f"'{hashed(text)}'" for text in (token(pupil), f"family {pupil}", f"refresh {pupil}"))
        rows["sessions"].append(f"({number}, {number}, 'phone', 'android', {hashes}, '{LATER}', '{LATER}', '{NOW}', '{NOW}')")
        rows["devices"].append(f"({number}, {number}, {number}, 'phone', 'android', 'push-{pupil}', '1.0', 'kk', 0, '{NOW}', '{NOW}')")
        rows["alert_preferences"].append(f"({number}, 'generic', 'none', FALSE)")
    statements = [f"INSERT INTO {table} ({COLUMNS[table]}) VALUES {', '.join(values)};" for table, values in rows.items()]
    execute(url, "\n".join(["BEGIN;", *statements, "COMMIT;"]))


COLUMNS = {
    "accounts": "id, login_key, password_hash, role, first_name, last_name, language, created_at",
    "guardians": "id, school_id, external_id, first_name, last_name, account_id",
    "guardianships": "id, school_id, guardian_id, child_id, account_id, relation, starts_at",
    "sessions": "id, account_id, device_name, platform, access_hash, family_hash, refresh_hash, access_expires_at, refresh_expires_at, created_at, last_used_at",
    "devices": "id, account_id, session_id, installation_id, platform, push_token, app_version, language, strikes, seen_at, created_at",
    "alert_preferences": "account_id, privacy, digest, letters",
}


def execute(url, script):
    if url.startswith("sqlite:"):
        connection = sqlite3.connect(url.removeprefix("sqlite:"), timeout=30)
        connection.executescript(script)
        connection.close()
    else:
        subprocess.run([find("psql"), url, "-qX", "-v", "ON_ERROR_STOP=1"], input=script, check=True, text=True)


def query(url, text):
    """Rows as lists of texts."""
    if url.startswith("sqlite:"):
        connection = sqlite3.connect(url.removeprefix("sqlite:"), timeout=30)
        try:
            return [[str(cell) for cell in row] for row in connection.execute(text)]
        finally:
            connection.close()
    found = subprocess.run([find("psql"), url, "-qtAX", "-c", text], check=True, capture_output=True, text=True).stdout
    return [line.split("|") for line in found.splitlines()]

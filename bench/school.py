"""A school made by `bench/gradebook.py`, served by `apta serve` from a fresh database, with a parent signed in."""

import json
import os
import subprocess
import time
import urllib.parse
import urllib.request

import gradebook
from machine import call, free_port, peak, wait

NAME = "School"


class School:
    """The school's people are there from the start; `bring` imports more."""

    def __init__(self, binary, url, roster, folder, settings=None, flags=()):
        self.binary, self.folder, self.url = binary, folder, url
        self.environment = {**os.environ, "APTA__DATABASE__URL": url, "APTA__LOG__FILTER": "error", "APTA__DATA": str(folder)}
        self.server = None
        self.bring(roster)
        code = self.run("invite", gradebook.GUARDIAN, "--school", NAME).strip()
        self.serve(settings, flags)
        try:
            self.admit(code)
        except BaseException:
            self.stop()
            raise

    def serve(self, settings=None, flags=()):
        """Starts the server; it can be stopped and started again with other settings."""
        port = free_port()
        self.base = f"http://127.0.0.1:{port}"
        serving = {**self.environment, "APTA__HTTP__LISTEN": f"127.0.0.1:{port}", "APTA__DATABASE__PATIENCE_MS": "2000", **(settings or {})}
        self.server = subprocess.Popen([self.binary, "serve", *flags], env=serving, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait(self.is_ready)

    def admit(self, code):
        form = {"login": "parent", "password": "correct horse battery", "firstName": "A", "lastName": "B", "birthDate": "1980-01-01", "sex": "female"}
        session, _ = call(f"{self.base}/v1/invitations/{code}/accept", body=form)
        self.headers = {"Authorization": f"Bearer {session['accessToken']}"}
        children, _ = call(f"{self.base}/v1/children", self.headers)
        self.child = children["items"][0]["id"]
        self.week = f"/v1/children/{self.child}/diary"

    def is_ready(self):
        try:
            call(f"{self.base}/health/ready")
        except OSError:
            return False
        return True

    def run(self, *command):
        return subprocess.run([self.binary, *command], env=self.environment, cwd=self.folder, check=True, capture_output=True, text=True).stdout

    def bring(self, bundle, school=NAME):
        """Imports a bundle; seconds and the most memory the importer had."""
        command = [self.binary, "import", "oneroster", bundle, "--school", school, "--json"]
        begin, most = time.perf_counter(), 0
        process = subprocess.Popen(command, env=self.environment, cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            while process.poll() is None:
                most = max(most, peak(process.pid) or 0)
                time.sleep(0.02)
        finally:
            process.kill()
        seconds = time.perf_counter() - begin
        report, log = process.communicate()
        if process.returncode != 0:
            raise SystemExit(f"bench: the import ended with {process.returncode}: {report[:2000]} {log[:2000]}")
        return seconds, most

    def journal(self, schools=(NAME,)):
        """The headers of a journal that may write for these schools."""
        flags = [flag for school in schools for flag in ("--school", school)]
        words = self.run("client", "add", *flags, "Journal").split()
        form = {"grant_type": "client_credentials", "client_id": words[2], "client_secret": words[5]}
        with urllib.request.urlopen(f"{self.base}/v1/oauth/token", urllib.parse.urlencode(form).encode()) as answer:
            return {"Authorization": f"Bearer {json.load(answer)['access_token']}"}

    def stop(self):
        self.server.terminate()
        self.server.wait()

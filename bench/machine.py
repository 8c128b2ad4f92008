"""What the measurements share: servers of their own, the CPU and memory of processes, figures as text."""

import json
import os
import platform
import re
import shutil
import signal
import statistics
import subprocess
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BENCH = ROOT / "bench"
TICK = os.sysconf("SC_CLK_TCK")

# A kill ends a measurement as Ctrl+C does: what it started is stopped first.
signal.signal(signal.SIGTERM, signal.default_int_handler)


def find(program):
    known = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"))
    found = shutil.which(program) or (str(known[-1]) if known else None)
    if not found:
        raise SystemExit(f"bench: {program} is missing; install wrk and postgresql")
    return found


def cpu_of(pids):
    """Seconds of CPU the processes have used so far."""
    total = 0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            total += int(fields[11]) + int(fields[12])
        except (FileNotFoundError, ProcessLookupError):
            pass
    return total / TICK


def children_of(parent):
    found = [parent]
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, rest = stat.read_text().rsplit(")", 1)
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(rest.split()[1]) == parent:
            found.append(int(name.split()[0]))
    return found


def peak(pid):
    """The most memory a running process ever had, in MiB; none once it is gone."""
    return memory_of(pid, "VmHWM")


def resident(pid):
    """The memory a running process has now, in MiB; none once it is gone."""
    return memory_of(pid, "VmRSS")


def memory_of(pid, line):
    try:
        found = re.search(line + r":\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    except (FileNotFoundError, ProcessLookupError):
        return None
    return int(found[1]) / 1024 if found else None


def build(profile, packages):
    """Builds programs and gives the folder they lie in."""
    flags = [flag for package in packages for flag in ("-p", package)]
    subprocess.run(["cargo", "build", "--locked", "--profile", profile, *flags], check=True, cwd=ROOT)
    metadata = json.loads(subprocess.run(["cargo", "metadata", "--no-deps", "--format-version", "1"], check=True, cwd=ROOT, capture_output=True).stdout)
    return Path(metadata["target_directory"]) / ("debug" if profile == "dev" else profile)


def about_machine(profile):
    """The machine and the programs, as a sentence begins."""
    versions = [subprocess.run(command, capture_output=True, text=True).stdout.strip() for command in (["rustc", "--version"], [find("postgres"), "--version"])]
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    return f"{time.strftime('%Y-%m-%d')}: {os.cpu_count()} cores ({model[1] if model else platform.machine()}), {versions[0]}, {versions[1]}, profile `{profile}`."


class Postgres:
    """A private PostgreSQL with fsync on, as a school would run it."""

    def __init__(self, folder):
        self.folder = folder / "postgres"
        self.folder.mkdir()
        self.prefix = []
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres")
            os.chmod(folder, 0o755)
            self.prefix = ["runuser", "-u", "postgres", "--"]
        data = self.folder / "data"
        quiet = {"stdout": subprocess.DEVNULL, "cwd": "/"}
        subprocess.run([*self.prefix, find("initdb"), "-D", data, "-U", "postgres", "-A", "trust", "--locale=C.UTF-8", "-E", "UTF8"], check=True, **quiet)
        self.port = free_port()
        settings = {"shared_buffers": "512MB", "max_connections": "100", "listen_addresses": "127.0.0.1", "unix_socket_directories": str(self.folder), "log_min_messages": "fatal"}
        flags = [flag for key, value in settings.items() for flag in ("-c", f"{key}={value}")]
        self.process = subprocess.Popen([*self.prefix, find("postgres"), "-D", data, "-p", str(self.port), *flags], stderr=subprocess.DEVNULL, **quiet)
        self.url = f"postgres://postgres@127.0.0.1:{self.port}/postgres"
        wait(lambda: subprocess.run([find("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]).returncode == 0)

    def leader(self):
        return int((self.folder / "data" / "postmaster.pid").read_text().split()[0])

    def cpu(self):
        """Seconds of CPU so far: of the backends alive, and through their leader of those that are gone."""
        fields = Path(f"/proc/{self.leader()}/stat").read_text().rsplit(")", 1)[1].split()
        return cpu_of(children_of(self.leader())) + (int(fields[13]) + int(fields[14])) / TICK

    def sql(self, text):
        run = subprocess.run([find("psql"), self.url, "-qtAX", "-c", text], check=True, capture_output=True, text=True)
        return run.stdout.strip()

    def bench(self, script, connections, seconds, variables):
        flags = [flag for key, value in variables.items() for flag in ("-D", f"{key}={value}")]
        return self.pgbench(["-M", "prepared", "-f", BENCH / script, "-c", str(connections), *flags], seconds)

    def pgbench(self, flags, seconds):
        command = [find("pgbench"), "-n", "-j", "2", "-T", str(seconds), *flags, self.url]
        before = self.cpu()
        text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        count = int(re.search(r"actually processed: (\d+)", text)[1])
        micros = (self.cpu() - before) * 1e6 / max(count, 1)
        return {"rps": float(re.search(r"tps = ([\d.]+)", text)[1]), "p99": None, "server_us": None, "database_us": micros}

    def stop(self):
        os.kill(self.leader(), 2)
        self.process.wait()


def free_port():
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait(ready, seconds=60):
    end = time.time() + seconds
    while not ready():
        if time.time() > end:
            raise SystemExit("bench: a server did not come up")
        time.sleep(0.1)


def loaded(flags):
    """wrk with a script that ends in `report.lua`'s line; what it found."""
    text = subprocess.run(["wrk", *flags], check=True, cwd=ROOT, capture_output=True, text=True).stdout
    return json.loads(text[text.rindex("{"):])


class Server:
    """A process that prints its address on its first line."""

    def __init__(self, command, environment=None):
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env={**os.environ, **(environment or {})})
        line = self.process.stdout.readline().strip()
        self.about = json.loads(line) if line.startswith("{") else {"url": line}
        if not self.about["url"]:
            raise SystemExit(f"bench: {command[0]} did not start")

    def load(self, path, headers, connections, seconds, database=None):
        """wrk on one path; CPU per request of the server and of the database."""
        script = ["-s", str(BENCH / "report.lua")]
        flags = [flag for key, value in headers.items() for flag in ("-H", f"{key}: {value}")]
        command = ["-t2", f"-c{connections}", f"-d{seconds}s", *script, *flags, self.about["url"] + path]
        used = lambda: (cpu_of([self.process.pid]), database.cpu() if database else 0)
        before = used()
        found = loaded(command)
        after = used()
        # A closed-loop load may be told to come again (503) now and then; more than that is no measurement.
        if found["errors"] > found["count"] / 1000:
            raise SystemExit(f"bench: {path} answered {found['errors']} errors")
        micros = [(b - a) * 1e6 / max(found["count"], 1) for a, b in zip(before, after)]
        return {"rps": found["rps"], "p99": found["p99"], "server_us": micros[0], "database_us": micros[1] if database else None}

    def memory(self):
        return peak(self.process.pid)

    def stop(self):
        self.process.terminate()
        self.process.wait()


def call(url, headers=None, body=None):
    data = json.dumps(body).encode() if body else None
    request = urllib.request.Request(url, data, {"Content-Type": "application/json", **(headers or {})})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer), answer.headers


def spread(values, digits=0):
    known = [value for value in values if value is not None]
    if not known:
        return "-"
    return f"{statistics.median(known):,.{digits}f} ({min(known):,.{digits}f}-{max(known):,.{digits}f})"

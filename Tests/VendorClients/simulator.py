"""`fleetplan simulate` as a process, and what it says when it listens."""

import json
import os
import select
import shlex
import signal
import subprocess
import tempfile
import time

START_LIMIT = 30.0
STOP_LIMIT = 10.0


class SimulatorFailed(Exception):
    """The simulator has not started, or not ended as it should."""


class Simulator:
    """A context: the process is there within it, and only there."""

    def __init__(self, program, *arguments, environment=None):
        """The environment is all that the process gets, but for PATH and HOME: nothing must leak in."""
        self._command = [program, "simulate", "--port", "0", *arguments]
        own = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        self._environment = own | (environment or {})

    def __enter__(self):
        self._errors = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            self._command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self._errors, env=self._environment
        )
        try:
            announcement = json.loads(self._first_line())
            self.endpoint = announcement["endpoint"]
            self.projects = announcement["projects"]
            self.groups = announcement["groups"]
        except BaseException:
            self._process.kill()
            self._process.wait()
            raise
        return self

    def _first_line(self):
        line = b""
        end = time.monotonic() + START_LIMIT
        output = self._process.stdout.fileno()
        while not line.endswith(b"\n"):
            ready, _, _ = select.select([output], [], [], max(0.0, end - time.monotonic()))
            chunk = os.read(output, 65536) if ready else b""
            if not chunk:
                what = "has ended" if ready else f"has taken longer than {START_LIMIT} s"
                raise SimulatorFailed(
                    f"{shlex.join(self._command)} {what} before it said where it listens:\n{self.errors}"
                )
            line += chunk
        return line

    def __exit__(self, kind, error, trace):
        self._process.send_signal(signal.SIGINT)
        try:
            status = self._process.wait(STOP_LIMIT)
        except subprocess.TimeoutExpired:
            self._process.kill()
            status = self._process.wait()
        self._process.stdout.close()
        errors = self.errors
        self._errors.close()
        if kind is None and status != 0:
            raise SimulatorFailed(f"{shlex.join(self._command)} ended with {status} instead of 0:\n{errors}")

    @property
    def errors(self):
        """What it has written to standard error up to now."""
        self._errors.seek(0)
        return self._errors.read().decode()

    @property
    def exports(self):
        """The variables of the line that is to be pasted, as a shell reads it."""
        lines = [line for line in self.errors.splitlines() if line.startswith("export ")]
        if len(lines) != 1:
            raise SimulatorFailed(f"expected one line to paste, found {len(lines)}:\n{self.errors}")
        return dict(word.split("=", 1) for word in shlex.split(lines[0])[1:])

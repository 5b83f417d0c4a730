"""The HTML report in a real browser: run.py FLEETPLAN CHROMIUM FOLDER

Makes runs with the executable on its own simulator, opens their pages at two widths and in both colour schemes, and
fails on anything in the console, anything loaded besides the file, and what checks.js finds. Pictures stay in FOLDER.
"""

import csv
import json
import os
import signal
import subprocess
import sys
import tempfile

from browser import Browser

PROGRAM, CHROMIUM, FOLDER = sys.argv[1:]
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)> \"'& \u202egnp.exe\u202c"
FAULTS = ["409=3%", "503=2%", "reset=1%", "lost-answer=1%", "throttle=150"]
QUICK = ["--yes", "--backoff", "20ms:500ms", "--busy-poll", "100ms:500ms", "--wait-scaling", "2s",
         "--request-timeout", "2s", "--max-failures", "100%"]


def fleetplan(*arguments, expected=(0,)):
    result = subprocess.run([PROGRAM, *arguments], cwd=FOLDER, capture_output=True, text=True, timeout=60)
    if result.returncode not in expected:
        raise SystemExit(f"fleetplan {' '.join(arguments)} ended with {result.returncode}:\n{result.stderr}")
    return result.stdout


def write_plans():
    """The simulator's own plan, a tenth of it made to fail, to conflict or to be blocked; and its first ten changes."""
    with open(os.path.join(FOLDER, "random.csv"), newline="") as file:
        rows = list(csv.DictReader(file))
    columns = list(rows[0]) + ["expect:cool_down_time"]
    for number, row in enumerate(rows):
        only = {"scaling_group_id": row["scaling_group_id"], "project_id": row["project_id"], "comment": HOSTILE}
        if number % 40 == 11:
            rows[number] = only | {"scaling_group_id": f"gone-{number}", "cool_down_time": "60"}
        elif number % 40 == 21:
            rows[number] = only | {"cool_down_time": "61", "expect:cool_down_time": "77777"}
        elif number % 40 == 31:
            rows[number] = only | {"desire_instance_number": "290"}
    for name, part in [("<b>&'plan.csv", rows), ("ten.csv", rows[:10])]:
        with open(os.path.join(FOLDER, name), "w", newline="") as file:
            writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows(part)


def make_pages():
    simulator = subprocess.Popen(
        [PROGRAM, "simulate", "--groups", "400", "--projects", "2", "--seed", "7", "--latency", "2ms..30ms",
         "--scaling-time", "200ms..900ms", "--plan", "random.csv"]
        + [word for fault in FAULTS for word in ("--fault", fault)],
        cwd=FOLDER, stdout=subprocess.PIPE, text=True)
    try:
        endpoint = ["--endpoint", json.loads(simulator.stdout.readline())["endpoint"]]
        write_plans()
        fleetplan("run", "ten.csv", *endpoint, *QUICK, "--rate", "50", "--reason", "ten")
        fleetplan("run", "<b>&'plan.csv", *endpoint, *QUICK, "--rate", "200", "--stop-after", "2s", "--reason", HOSTILE + "\a",
                  expected=(75,))
        fleetplan("report", "2", "--format", "html", "--output", "stopped.html")
        fleetplan("resume", "2", *endpoint, *QUICK, expected=(0, 1))
        fleetplan("rollback", "1", *endpoint, *QUICK, expected=(0, 1))
    finally:
        simulator.kill()
        simulator.wait()
    for run, name in [(1, "ten"), (2, "troubled"), (3, "rollback")]:
        fleetplan("report", str(run), "--format", "html", "--output", name + ".html")
    return ["ten", "stopped", "troubled", "rollback"]


def check(browser, name):
    browser.look(1280, 900, "light")
    browser.open(os.path.join(FOLDER, name + ".html"))
    wrong = []
    for event in browser.events:
        method, parameters = event.get("method"), event.get("params", {})
        if method in ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded"):
            wrong.append(f"{method}: {json.dumps(parameters)[:400]}")
        elif method == "Network.requestWillBeSent" and parameters["documentURL"] != parameters["request"]["url"]:
            wrong.append("loaded: " + parameters["request"]["url"])
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "checks.js")) as file:
        checks = file.read()
    backgrounds = set()
    for scheme in ["light", "dark"]:
        for width in [1280, 390]:
            browser.look(width, 900, scheme)
            wrong += [f"{scheme}, {width}: {text}" for text in browser.evaluate(checks)]
            browser.screenshot(width, os.path.join(FOLDER, f"{name}-{scheme}-{width}.png"))
        backgrounds.add(browser.evaluate("getComputedStyle(document.body).backgroundColor"))
    if len(backgrounds) != 2:
        wrong.append("light and dark look the same")
    browser.look(800, 900, "dark", media="print")
    paper = browser.evaluate("getComputedStyle(document.body).backgroundColor")
    if paper != "rgb(255, 255, 255)":
        wrong.append(f"paper is {paper}")
    if browser.evaluate("document.body.textContent.length") < 500:
        wrong.append("hardly anything is on the page")
    return wrong


def main():
    # As an exception does, so that what was started is ended.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit("stopped by SIGTERM"))
    if os.listdir(FOLDER):
        sys.exit(f"{FOLDER} is not empty")
    names = make_pages()
    profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)  # the browser may still write as it ends
    browser = Browser(CHROMIUM, profile.name)
    try:
        found = {name: check(browser, name) for name in names}
        # The checks must be able to fail.
        with open(os.path.join(FOLDER, "bad.html"), "w") as file:
            file.write("<!DOCTYPE html><h3 style='color:#aaa'>bad</h3><img src='http://127.0.0.1:9/x.png'><table><tr>"
                       "<td>x</table><div style='width:5000px'>x</div><script>console.log(1); nothing()</script>")
        caught = check(browser, "bad")
        for sign in ["loaded: http", "Runtime.consoleAPICalled", "Runtime.exceptionThrown", "contrast", "h3 after",
                     "no caption", "wide", "a img", "the same"]:
            if not any(sign in text for text in caught):
                found.setdefault("bad", []).append(f"not noticed: {sign}")
    finally:
        browser.close()
        profile.cleanup()
    for name, wrong in found.items():
        print(f"{name}.html: {'good' if not wrong else ''}")
        for text in wrong:
            print("  " + text)
    sys.exit(any(found.values()))


main()

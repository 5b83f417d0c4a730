"""Requests as the reference says that clients send them, byte by byte; signed by the vendor's own signer."""

import datetime
import email.utils
import http.client
import json
import time

from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.sdk_request import SdkRequest
from huaweicloudsdkcore.signer.signer import Signer

from checks import Checks
from simulator import Simulator

TIME_LIMIT = 20
SIGNING_DATE = "%Y%m%dT%H%M%SZ"


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.text = response.read().decode()

    @property
    def json(self):
        return json.loads(self.text)

    @property
    def code(self):
        """In the form of the service or in that of the gateway; `None` where there is none."""
        return self.json.get("error_code") or self.json.get("error", {}).get("code")

    @property
    def message(self):
        return self.json.get("error_msg") or self.json.get("error", {}).get("message")


def send(simulator, method, target, headers, body=None):
    connection = http.client.HTTPConnection(simulator.endpoint.removeprefix("http://"), timeout=TIME_LIMIT)
    try:
        connection.request(method, target, body, headers)
        return Answer(connection.getresponse())
    finally:
        connection.close()


def token_request(simulator, method, target, token, body=None):
    headers = {"Content-Type": "application/json"} | ({"X-Auth-Token": token} if token else {})
    return send(simulator, method, target, headers, body)


def log_in(simulator, variables, scope=None):
    """Keystone's request for a token, with the variables that the simulator gives."""
    user = {
        "name": variables["OS_USERNAME"],
        "password": variables["OS_PASSWORD"],
        "domain": {"name": variables["OS_USER_DOMAIN_NAME"]},
    }
    auth = {"identity": {"methods": ["password"], "password": {"user": user}}}
    if scope:
        auth["scope"] = scope
    return token_request(simulator, "POST", "/v3/auth/tokens?nocatalog=true", None, json.dumps({"auth": auth}))


class SignedRequest:
    """A request for a project, signed in the "Access" form; each header can be signed or added afterwards."""

    def __init__(self, simulator, signed=None, unsigned=None, age=0):
        """`age` is how many seconds ago it is signed."""
        self._simulator = simulator
        self._signed = signed or {}
        self._unsigned = unsigned or {}
        date = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=age)
        self.date = date.strftime(SIGNING_DATE)

    def send(self, method, target, body=None):
        exports = self._simulator.exports
        headers = {
            "Host": self._simulator.endpoint.removeprefix("http://"),
            "X-Sdk-Date": self.date,
        }
        request = SdkRequest(
            method=method, resource_path=target, query_params=[], header_params=headers | self._signed, body=body or ""
        )
        Signer(BasicCredentials(exports["OS_ACCESS_KEY"], exports["OS_SECRET_KEY"])).sign(request)
        return send(self._simulator, method, request.uri, request.header_params | self._unsigned, request.body)


def run(program):
    checks = Checks("raw requests")
    with Simulator(program, "--groups", "45", "--projects", "2", "--auth", "aksk") as simulator:
        signed(checks, simulator)
        late(checks, simulator)
    with Simulator(program, "--groups", "45", "--projects", "2", "--auth", "token") as simulator:
        tokens(checks, simulator)
        lock_out(checks, simulator)
    return checks.count


def signed(checks, simulator):
    project = simulator.projects[0]
    base = f"/autoscaling-api/v1/{project}/scaling_group"
    named = {"X-Project-Id": project}
    listed = SignedRequest(simulator, named).send("GET", base)
    checks.equal("AK/SK: Host is signed with its port", 200, listed.status)
    group = f"{base}/{listed.json['scaling_groups'][0]['scaling_group_id']}"
    for value, what, headers, unsigned in [
        (
            61,
            "Content-Type application/json;charset=utf-8",
            named | {"Content-Type": "application/json;charset=utf-8"},
            {},
        ),
        (
            62,
            "a signed User-Agent",
            named | {"User-Agent": "vendor/3.0 (test)", "Content-Type": "application/json"},
            {},
        ),
        (63, "X-Project-Id added after signing", {"Content-Type": "application/json"}, named),
    ]:
        # The Go client ends its bodies with a line break.
        answer = SignedRequest(simulator, headers, unsigned).send(
            "PUT", group, json.dumps({"cool_down_time": value}) + "\n"
        )
        checks.equal(
            f"AK/SK: {what}, and a line break after the body",
            (200, group.rsplit("/", 1)[1]),
            (answer.status, answer.json.get("scaling_group_id")),
        )
        shown = SignedRequest(simulator, named).send("GET", group)
        checks.equal(f"AK/SK: {what}: the value is set", value, shown.json["scaling_group"]["cool_down_time"])

    body = {"scaling_group_id": group.rsplit("/", 1)[1], "cool_down_time": 64}
    answer = SignedRequest(simulator, named).send("PUT", group, json.dumps(body))
    checks.equal("AK/SK: the unknown key scaling_group_id is passed over", 200, answer.status)
    answer = SignedRequest(simulator, named).send("PUT", group, json.dumps({"cooldown": 64}))
    checks.equal("AK/SK: another unknown key is 400 AS.0022", (400, "AS.0022"), (answer.status, answer.code))
    answer = SignedRequest(simulator).send("GET", base)
    checks.equal("AK/SK: of two projects one has to be named", (400, "AS.0008"), (answer.status, answer.code))
    answer = SignedRequest(simulator, {"X-Project-Id": simulator.projects[1]}).send("GET", base)
    checks.equal("AK/SK: and the right one", (400, "AS.0008"), (answer.status, answer.code))
    answer = SignedRequest(simulator, {"User-Agent": "one"}, named | {"User-Agent": "another"}).send("GET", base)
    checks.equal(
        "AK/SK: a signed header that was changed on the way is 401",
        (401, "APIGW.0301", "Incorrect IAM authentication information: verify aksk signature fail"),
        (answer.status, answer.code, answer.message),
    )
    for kind in ["asv1", "as"]:
        answer = SignedRequest(simulator, named).send("GET", "/v3/auth/catalog")
        urls = [entry["endpoints"][0]["url"] for entry in answer.json["catalog"] if entry["type"] == kind]
        suffix = f"/{project}" if kind == "asv1" else ""
        checks.equal(f"AK/SK: the catalogue has {kind}", [f"{simulator.endpoint}/autoscaling-api/v1{suffix}"], urls)


def late(checks, simulator):
    path = f"/autoscaling-api/v1/{simulator.projects[0]}/scaling_group"
    named = {"X-Project-Id": simulator.projects[0]}
    checks.equal(
        "AK/SK: signed 14 minutes ago is taken", 200, SignedRequest(simulator, named, age=840).send("GET", path).status
    )
    for age, what in [(960, "16 minutes ago"), (-960, "16 minutes ahead")]:
        request = SignedRequest(simulator, named, age=age)
        answer = request.send("GET", path)
        checks.equal(f"AK/SK: signed {what} is 401 APIGW.0301", (401, "APIGW.0301"), (answer.status, answer.code))
        text, _, server_time = answer.message.partition(",server time:")
        checks.equal(
            f"AK/SK: signed {what}: the refusal names that time",
            f"Incorrect IAM authentication information: signature expired, signature time:{request.date}",
            text,
        )
        header = answer.headers["Date"]
        named_time = datetime.datetime.strptime(server_time, SIGNING_DATE).replace(tzinfo=datetime.timezone.utc)
        for source, found in [("text", named_time), ("Date header", email.utils.parsedate_to_datetime(header))]:
            checks.true(
                f"AK/SK: signed {what}: the server's time is in the {source}",
                abs(found.timestamp() - time.time()) < TIME_LIMIT,
                found.isoformat(),
            )


def tokens(checks, simulator):
    variables = simulator.exports
    first, second = simulator.projects
    path = f"/autoscaling-api/v1/{first}/scaling_group"
    for what, token, expected in [
        ("no token", None, (401, "AS.0005")),
        ("an unknown token", "SIM0", (401, "AS.0006")),
    ]:
        answer = token_request(simulator, "GET", path, token)
        checks.equal(f"token: {what}", expected, (answer.status, answer.code))
    for what, scope in [
        ("another project's token", {"project": {"id": second}}),
        ("a token of the domain", {"domain": {"name": variables["OS_USER_DOMAIN_NAME"]}}),
    ]:
        issued = log_in(simulator, variables, scope)
        checks.equal(f"token: {what} is issued", 201, issued.status)
        answer = token_request(simulator, "GET", path, issued.headers["X-Subject-Token"])
        checks.equal(f"token: {what} is 400 AS.0008", (400, "AS.0008"), (answer.status, answer.code))
    version = token_request(simulator, "GET", "/v3", None)
    checks.equal(
        "token: GET /v3 tells the version without one", (200, "v3.6"), (version.status, version.json["version"]["id"])
    )


def lock_out(checks, simulator):
    variables = simulator.exports
    scope = {"project": {"id": simulator.projects[0]}}
    wrong = {"error": {"code": 401, "message": "The username or password is wrong.", "title": "Unauthorized"}}
    for number in range(1, 6):
        answer = log_in(simulator, variables | {"OS_PASSWORD": "wrong"}, scope)
        checks.equal(
            f"token: wrong password {number} of 5 is Keystone's 401", (401, wrong), (answer.status, answer.json)
        )
    answer = log_in(simulator, variables, scope)
    locked = {"error": {"code": 401, "message": "Account locked.", "title": "Unauthorized"}}
    checks.equal("token: then the user is locked out", (401, locked), (answer.status, answer.json))

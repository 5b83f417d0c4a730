"""Open Telekom Cloud's extensions of the OpenStack SDK, unchanged: a token by Keystone password."""

import os
import time
import warnings

import openstack
from openstack.exceptions import BadRequestException, HttpException, SDKException

from checks import Checks
from raw_requests import token_request
from simulator import Simulator

EXPIRY_LIMIT = 15.0


def connect(variables):
    """What the SDK makes of a shell with these variables and no other `OS_*`."""
    for name in [name for name in os.environ if name.startswith("OS_")]:
        del os.environ[name]
    os.environ.update(variables)
    return openstack.connect(load_yaml_config=False, vendor_hook="otcextensions.sdk:load")


def run(program):
    # The two packages warn of each other's coming versions.
    warnings.simplefilter("ignore")
    checks = Checks("otcextensions")
    with Simulator(program, "--groups", "45", "--projects", "2", "--auth", "token") as simulator:
        connection = connect(simulator.exports)
        look(checks, connection)
        change(checks, connection.auto_scaling)
        switch(checks, connection.auto_scaling)
        be_refused(checks, simulator)
    with Simulator(program, "--auth", "token", "--token-lifetime", "2s") as simulator:
        outlive(checks, simulator)
    with Simulator(program, "--auth", "token", "--read-only") as simulator:
        read_only(checks, simulator)
    own_user(checks, program)
    return checks.count


def look(checks, connection):
    scaling = connection.auto_scaling
    checks.equal(
        "the pasted line is enough: a token for its project", os.environ["OS_PROJECT_ID"], connection.current_project_id
    )
    checks.equal(
        "the catalogue names the endpoint",
        os.environ["OS_AUTH_URL"].removesuffix("/v3") + "/autoscaling-api/v1",
        connection.session.get_endpoint(service_type="as"),
    )
    groups = list(scaling.groups())
    checks.equal("list: all 23 groups of the project", 23, len(groups))
    checks.equal(
        "page: the same groups by tens",
        [group.id for group in groups],
        [group.id for group in scaling.groups(limit=10)],
    )
    paused = [group.id for group in groups if group.status == "PAUSED"]
    checks.equal("list: by status", paused, [group.id for group in scaling.groups(status="PAUSED")])
    shown = scaling.get_group(groups[3].id)
    checks.equal("show: what the list shows", comparable(groups[3]), comparable(shown))
    checks.equal("find: by name", groups[3].id, scaling.find_group(groups[3].name, ignore_missing=False).id)
    checks.equal(
        "quotas: of a group", ["scaling_Policy", "scaling_Instance"], [quota.type for quota in scaling.quotas(shown)]
    )


def comparable(group):
    """Without where the SDK has it from."""
    return {name: value for name, value in group.to_dict().items() if name != "location"}


def change(checks, scaling):
    group = next(iter(scaling.groups(status="INSERVICE")))
    before = comparable(scaling.get_group(group.id))
    fields = {
        "name": "renamed_by-the-SDK",
        "min_instance_number": 0,
        "desire_instance_number": group.desire_instance_number + 2,
        "max_instance_number": group.max_instance_number + 20,
        "cool_down_time": 0,
        "availability_zones": ["eu-de-03", "eu-de-01"],
        "delete_volume": not group.delete_volume,
    }
    scaling.update_group(scaling.get_group(group.id), **fields)
    after = comparable(scaling.get_group(group.id))
    checks.equal("update: of a group that was read", fields, {name: after[name] for name in fields})
    # The scaling action that the new number starts takes no time here.
    scaled = {"current_instance_number": fields["desire_instance_number"]}
    checks.equal("update: and nothing else is set", before | fields | scaled, after)

    # By its id: the SDK then puts "scaling_group_id" into the body.
    scaling.update_group(group.id, cool_down_time=77)
    checks.equal("update: by id alone", 77, scaling.get_group(group.id).cool_down_time)

    balanced = next(group for group in scaling.groups() if group.lbaas_listeners)
    listeners = [listener | {"weight": listener["weight"] % 100 + 1} for listener in balanced.lbaas_listeners]
    sent = [listener | {"listener_id": ""} for listener in listeners]
    scaling.update_group(balanced.id, lbaas_listeners=sent)
    checks.equal(
        "update: listeners that name their listener_id",
        [listener["weight"] for listener in listeners],
        [listener["weight"] for listener in scaling.get_group(balanced.id).lbaas_listeners],
    )


def switch(checks, scaling):
    group = next(iter(scaling.groups(status="INSERVICE")))
    scaling.pause_group(group)
    checks.equal("disable: the group is PAUSED", "PAUSED", scaling.get_group(group.id).status)
    scaling.resume_group(group.id)
    checks.equal("enable: by id, the group is INSERVICE", "INSERVICE", scaling.get_group(group.id).status)


def be_refused(checks, simulator):
    variables = simulator.exports
    scaling = connect(variables).auto_scaling
    checks.refused(
        "show: an unknown group is 400",
        BadRequestException,
        lambda: scaling.get_group("a8327883-6b07-4497-9c61-68d03ee193a1"),
        (400, True),
        lambda error: (error.status_code, "The AS group does not exist." in str(error)),
    )
    for what, change in [
        ("a wrong password", {"OS_PASSWORD": "wrong"}),
        ("another user", {"OS_USERNAME": "nobody"}),
        ("another domain", {"OS_USER_DOMAIN_NAME": "OTC-EU-DE-00000000001000000002"}),
    ]:
        checks.refused(
            f"{what} is 401",
            SDKException,
            lambda: connect(variables | change),
            "The username or password is wrong. (HTTP 401)",
            str,
        )
    checks.refused(
        "an unknown project is 401",
        SDKException,
        lambda: connect(variables | {"OS_PROJECT_ID": "0" * 32}),
        "The request you have made requires authentication. (HTTP 401)",
        str,
    )
    by_name = {name: value for name, value in variables.items() if name != "OS_PROJECT_ID"} | {
        "OS_PROJECT_NAME": "eu-de_team2",
        "OS_PROJECT_DOMAIN_NAME": variables["OS_USER_DOMAIN_NAME"],
    }
    checks.equal("a project by its name and domain", simulator.projects[1], connect(by_name).current_project_id)


def outlive(checks, simulator):
    connection = connect(simulator.exports)
    # The SDK would renew long before the end; here the service's 401 has to make it.
    connection.session.auth.MIN_TOKEN_LIFE_SECONDS = -3600
    scaling = connection.auto_scaling
    group = next(iter(scaling.groups()))
    token = connection.session.get_token()
    path = f"/autoscaling-api/v1/{simulator.projects[0]}/scaling_group/{group.id}"
    end = time.monotonic() + EXPIRY_LIMIT
    answer = token_request(simulator, "GET", path, token)
    while answer.status == 200 and time.monotonic() < end:
        # Nothing tells when a token expires.
        time.sleep(0.1)
        answer = token_request(simulator, "GET", path, token)
    checks.equal("a token whose time is over is 401 AS.0006", (401, "AS.0006"), (answer.status, answer.code))
    checks.equal("the SDK then gets another one and goes on", group.id, scaling.get_group(group.id).id)
    checks.true("and that is a new one", connection.session.get_token() != token, token)


def read_only(checks, simulator):
    scaling = connect(simulator.exports).auto_scaling
    group = next(iter(scaling.groups(status="INSERVICE")))
    checks.refused(
        "update: who may only look is told 403",
        HttpException,
        lambda: scaling.update_group(group.id, cool_down_time=1),
        (403, True),
        lambda error: (error.status_code, "You do not have the rights to perform the operation." in str(error)),
    )
    checks.equal("and has changed nothing", comparable(group), comparable(scaling.get_group(group.id)))


def own_user(checks, program):
    """The user of the shell in which the simulator was started."""
    user = {"OS_USERNAME": "Grace O'Hopper", "OS_PASSWORD": "MARKED-password", "OS_USER_DOMAIN_NAME": "ACCOUNT"}
    with Simulator(program, "--auth", "token", environment=user) as simulator:
        checks.equal(
            "the line to paste has the shell's user, not the password",
            {name: value for name, value in user.items() if name != "OS_PASSWORD"},
            {name: value for name, value in simulator.exports.items() if name in user},
        )
        connection = connect(simulator.exports | {"OS_PASSWORD": user["OS_PASSWORD"]})
        checks.equal("the shell's user gets a token", simulator.projects[0], connection.current_project_id)
        checks.true("the shell's password is not shown", "MARKED" not in simulator.errors, simulator.errors)

"""Huawei Cloud's Python SDK, unchanged: AK/SK, the signature that is called "Access" there."""

from huaweicloudsdkas.v1 import (
    AsClient,
    LbaasListeners,
    ListScalingGroupsRequest,
    PauseScalingGroupOption,
    PauseScalingGroupRequest,
    ResumeScalingGroupOption,
    ResumeScalingGroupRequest,
    ShowScalingGroupRequest,
    UpdateScalingGroupOption,
    UpdateScalingGroupRequest,
)
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException
from huaweicloudsdkcore.region.region import Region

from checks import Checks
from simulator import Simulator

SIGNATURE_WRONG = (401, "APIGW.0301", "Incorrect IAM authentication information: verify aksk signature fail")


class Account:
    """The SDK's client with a key and a project, and its calls in short."""

    def __init__(self, simulator, key, secret, project, security_token=None):
        credentials = BasicCredentials(key, secret, project)
        if security_token:
            credentials.with_security_token(security_token)
        self.client = AsClient.new_builder().with_credentials(credentials).with_endpoint(simulator.endpoint).build()

    def page(self, **query):
        return self.client.list_scaling_groups(ListScalingGroupsRequest(**query))

    def pages(self, size):
        """All groups, as the SDK's documentation has it: offset by offset."""
        groups = []
        while True:
            page = self.page(start_number=len(groups), limit=size)
            groups += page.scaling_groups
            if not page.scaling_groups or len(groups) >= page.total_number:
                return groups

    def show(self, group):
        return self.client.show_scaling_group(ShowScalingGroupRequest(scaling_group_id=group)).scaling_group

    def update(self, group, **fields):
        body = UpdateScalingGroupOption(**fields)
        return self.client.update_scaling_group(UpdateScalingGroupRequest(scaling_group_id=group, body=body))

    def pause(self, group):
        body = PauseScalingGroupOption(action="pause")
        return self.client.pause_scaling_group(PauseScalingGroupRequest(scaling_group_id=group, body=body))

    def resume(self, group):
        body = ResumeScalingGroupOption(action="resume")
        return self.client.resume_scaling_group(ResumeScalingGroupRequest(scaling_group_id=group, body=body))


def refusal(error):
    return (error.status_code, error.error_code, error.error_msg)


def run(program):
    checks = Checks("huaweicloudsdkas")
    with Simulator(program, "--groups", "45", "--projects", "2", "--auth", "aksk") as simulator:
        key, secret = simulator.exports["OS_ACCESS_KEY"], simulator.exports["OS_SECRET_KEY"]
        account = Account(simulator, key, secret, simulator.exports["OS_PROJECT_ID"])
        look(checks, account)
        change(checks, account)
        switch(checks, account)
        be_refused(checks, simulator, account, key, secret)
        discover(checks, simulator, key, secret)
        lock(checks, simulator, account, key)
    with Simulator(program, "--auth", "aksk", "--read-only") as simulator:
        read_only(checks, simulator)
    temporary_key(checks, program)
    return checks.count


def look(checks, account):
    first = account.page()
    checks.equal(
        "list: 20 of the project's 23 groups on the first page",
        (23, 0, 20, 20),
        (first.total_number, first.start_number, first.limit, len(first.scaling_groups)),
    )
    groups = account.pages(10)
    checks.equal("page: 23 groups by tens", 23, len(groups))
    checks.equal("page: each group once", 23, len({group.scaling_group_id for group in groups}))
    paused = account.page(limit=100, scaling_group_status="PAUSED").scaling_groups
    checks.equal(
        "list: by status, as the pages have it",
        [group.scaling_group_id for group in groups if group.scaling_group_status == "PAUSED"],
        [group.scaling_group_id for group in paused],
    )
    name = groups[3].scaling_group_name
    checks.true(
        "list: by a part of the name",
        groups[3].scaling_group_id
        in {group.scaling_group_id for group in account.page(scaling_group_name=name[1:]).scaling_groups},
        name,
    )
    odd = account.page(scaling_group_name="no/such name~+ä")
    checks.equal("list: a name that needs encoding is signed right", 0, odd.total_number)
    checks.equal("show: what the list shows", groups[3].to_dict(), account.show(groups[3].scaling_group_id).to_dict())


def change(checks, account):
    group = account.page(scaling_group_status="INSERVICE").scaling_groups[0]
    identifier = group.scaling_group_id
    fields = {
        "scaling_group_name": "renamed_by-the-SDK",
        "min_instance_number": 0,
        "desire_instance_number": group.desire_instance_number + 2,
        "max_instance_number": group.max_instance_number + 20,
        "cool_down_time": 0,
        "available_zones": ["eu-de-03", "eu-de-01"],
        "health_periodic_audit_time": 0,
        "notifications": ["EMAIL"],
        "delete_volume": not group.delete_volume,
        "description": "changed by huaweicloudsdkas",
    }
    before = account.show(identifier).to_dict()
    checks.equal(
        "update: answered with the group's id", identifier, account.update(identifier, **fields).scaling_group_id
    )
    after = account.show(identifier).to_dict()
    checks.equal(
        "update: integers, zeros, texts, lists and booleans are set", fields, {name: after[name] for name in fields}
    )
    # The scaling action that the new number starts takes no time here.
    scaled = {"current_instance_number": fields["desire_instance_number"]}
    checks.equal("update: and nothing else is", before | fields | scaled, after)

    balanced = next(group for group in account.pages(100) if group.lbaas_listeners)
    listeners = [
        LbaasListeners(pool_id=listener.pool_id, protocol_port=listener.protocol_port, weight=listener.weight % 100 + 1)
        for listener in balanced.lbaas_listeners
    ]
    account.update(balanced.scaling_group_id, lbaas_listeners=listeners)
    checks.equal(
        "update: the weights of listeners",
        [(listener.pool_id, listener.protocol_port, listener.weight) for listener in listeners],
        [
            (listener.pool_id, listener.protocol_port, listener.weight)
            for listener in account.show(balanced.scaling_group_id).lbaas_listeners
        ],
    )


def switch(checks, account):
    identifier = account.page(scaling_group_status="INSERVICE").scaling_groups[0].scaling_group_id
    account.pause(identifier)
    checks.equal("disable: the group is PAUSED", "PAUSED", account.show(identifier).scaling_group_status)
    checks.refused(
        "disable: not twice",
        ClientRequestException,
        lambda: account.pause(identifier),
        (400, "AS.2033"),
        lambda error: refusal(error)[:2],
    )
    account.resume(identifier)
    checks.equal("enable: the group is INSERVICE", "INSERVICE", account.show(identifier).scaling_group_status)


def be_refused(checks, simulator, account, key, secret):
    checks.refused(
        "show: an unknown group is 400 AS.2007",
        ClientRequestException,
        lambda: account.show("a8327883-6b07-4497-9c61-68d03ee193a1"),
        (400, "AS.2007", "The AS group does not exist."),
        refusal,
    )
    identifier = account.page(limit=1).scaling_groups[0].scaling_group_id
    checks.refused(
        "update: a wrong value is refused with its code",
        ClientRequestException,
        lambda: account.update(identifier, cool_down_time=86401),
        (400, "AS.2006"),
        lambda error: refusal(error)[:2],
    )
    project = simulator.projects[0]
    checks.refused(
        "a wrong secret key is 401 APIGW.0301",
        ClientRequestException,
        Account(simulator, key, "wrong", project).page,
        SIGNATURE_WRONG,
        refusal,
    )
    checks.refused(
        "an unknown access key is 401 APIGW.0301",
        ClientRequestException,
        Account(simulator, "NOBODY", secret, project).page,
        (401, "APIGW.0301", "Incorrect IAM authentication information: ak NOBODY not exist"),
        refusal,
    )
    checks.refused(
        "a refusal has the id of its request",
        ClientRequestException,
        Account(simulator, key, "wrong", project).page,
        32,
        lambda error: len(error.request_id),
    )
    checks.equal(
        "the second project has the other groups",
        22,
        Account(simulator, key, secret, simulator.projects[1]).page().total_number,
    )


def discover(checks, simulator, key, secret):
    credentials = BasicCredentials(key, secret).with_iam_endpoint(simulator.endpoint)
    client = (
        AsClient.new_builder().with_credentials(credentials).with_region(Region("eu-de", simulator.endpoint)).build()
    )
    checks.equal(
        "without a project id it finds the region's project by IAM",
        23,
        client.list_scaling_groups(ListScalingGroupsRequest()).total_number,
    )


def lock(checks, simulator, account, key):
    wrong = Account(simulator, key, "wrong", simulator.projects[0])
    for number in range(1, 7):
        checks.refused(
            f"wrong signature {number} of 6 in a row", ClientRequestException, wrong.page, SIGNATURE_WRONG, refusal
        )
    checks.refused(
        "and then the key is locked, also for who has it right",
        ClientRequestException,
        account.page,
        (401, "APIGW.0301", "Incorrect IAM authentication information: AK access failed to reach the limit,forbidden"),
        refusal,
    )


def read_only(checks, simulator):
    exports = simulator.exports
    account = Account(simulator, exports["OS_ACCESS_KEY"], exports["OS_SECRET_KEY"], exports["OS_PROJECT_ID"])
    group = account.page(scaling_group_status="INSERVICE").scaling_groups[0]
    no_rights = (403, "AS.0011", "You do not have the rights to perform the operation.")
    for what, call in [
        ("update", lambda: account.update(group.scaling_group_id, cool_down_time=1)),
        ("disable", lambda: account.pause(group.scaling_group_id)),
    ]:
        checks.refused(
            f"{what}: who may only look is told 403 AS.0011", ClientRequestException, call, no_rights, refusal
        )
    checks.equal("and has changed nothing", group.to_dict(), account.show(group.scaling_group_id).to_dict())


def temporary_key(checks, program):
    key = {"OS_ACCESS_KEY": "TEMPORARYKEY", "OS_SECRET_KEY": "MARKED-secret", "OS_SECURITY_TOKEN": "MARKED-token"}
    with Simulator(program, "--auth", "aksk", environment=key) as simulator:
        account = Account(
            simulator, key["OS_ACCESS_KEY"], key["OS_SECRET_KEY"], simulator.projects[0], key["OS_SECURITY_TOKEN"]
        )
        checks.equal("a temporary key with its security token is taken", 25, account.page().total_number)
        checks.refused(
            "and without it is not",
            ClientRequestException,
            Account(simulator, key["OS_ACCESS_KEY"], key["OS_SECRET_KEY"], simulator.projects[0]).page,
            (401, "APIGW.0301", "Incorrect IAM authentication information: verify security token fail"),
            refusal,
        )
        checks.true("the shell's secrets are not shown", "MARKED" not in simulator.errors, simulator.errors)

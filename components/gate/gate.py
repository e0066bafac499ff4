"""Proves that a path serves users: what answers is healthy, and the path itself answers requests.

The event names a path: "name" for messages, what must be healthy ("targets", "service", "distribution"), and the
"request" that users will send. A path whose public name answers "readiness" with 200 today must answer it, too.
A call that is not the "last" returns {"passed": false} when its seconds are over; the last one fails.
"""

import http.client
import logging
import socket
import ssl
import time

import boto3

PAUSE = 10  # seconds between two attempts
TIMEOUT = 10  # seconds for one request
MARGIN = 15000  # milliseconds that the function needs to return


class NotServing(Exception):
    """The path does not serve in time."""


class Never(Exception):
    """The path cannot serve, however long the update waits."""


def handler(event, context):
    deadline = time.monotonic() + event["seconds"]
    ready_today = False
    while True:
        ready_today = ready_today or answers_today(event)
        reason = obstacle(event, ready_today)
        if reason is None:
            return {"passed": True}
        logging.getLogger().warning("%s: %s", event["name"], reason)
        if time.monotonic() + PAUSE > deadline or context.get_remaining_time_in_millis() < MARGIN + PAUSE * 1000:
            break
        time.sleep(PAUSE)
    if event["last"]:
        raise NotServing(
            f"{event['name']}: {reason}. Nothing that depends on it was changed. "
            "Repair it, or set back what you changed, and update again."
        )
    return {"passed": False, "reason": reason}


def answers_today(event):
    """Reports whether any of the addresses that users have today answers the readiness path with 200.

    One failed request does not count: the demand on the new path must not depend on a lost packet.
    """
    for address in event.get("today", []):
        for attempt in range(3):
            if attempt:
                time.sleep(1)
            if status({**address, "path": event["readinessPath"]}) == 200:
                return True
    return False


def obstacle(event, ready_today):
    """Returns the first reason why the path does not serve, or None.

    A call of AWS that fails is one: the role's permissions take some seconds to apply, and AWS throttles.
    """
    for check in (service_obstacle, targets_obstacle, distribution_obstacle, request_obstacle):
        try:
            reason = check(event, ready_today)
        except Never:
            raise
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"
        if reason is not None:
            return reason
    return None


def targets_obstacle(event, _):
    wanted = event.get("targets")
    if wanted is None:
        return None
    client = boto3.client("elbv2")
    described = client.describe_target_health(TargetGroupArn=wanted["group"])["TargetHealthDescriptions"]
    states = {target["Target"]["Id"]: target["TargetHealth"] for target in described}
    ids = wanted.get("ids")
    if "scalingGroup" in wanted:
        groups = boto3.client("autoscaling").describe_auto_scaling_groups(
            AutoScalingGroupNames=[wanted["scalingGroup"]]
        )["AutoScalingGroups"]
        ids = [instance["InstanceId"] for group in groups for instance in group["Instances"]]
    if ids is None:
        ids = list(states)
    healthy = [target for target in ids if states.get(target, {}).get("State") == "healthy"]
    if len(healthy) >= wanted["least"]:
        return None
    reasons = [
        f"{target} is {health.get('State', 'not registered')} {health.get('Description', '')}".strip()
        for target, health in ((target, states.get(target, {})) for target in ids)
        if target not in healthy
    ]
    found = "; ".join(reasons) or "it has no targets"
    return f"{len(healthy)} of {wanted['least']} targets are healthy: {found}"


def service_obstacle(event, ready_today):
    wanted = event.get("service")
    if wanted is None:
        return None
    client = boto3.client("ecs")
    services = client.describe_services(cluster=wanted["cluster"], services=[wanted["name"]])["services"]
    if not services:
        return f"the service {wanted['name']} does not exist"
    deployments = services[0]["deployments"]
    primary = next(deployment for deployment in deployments if deployment["status"] == "PRIMARY")
    definition = primary["taskDefinition"]
    if wanted.get("taskDefinition") not in (None, definition):
        raise Never(
            f"{event['name']}: the service runs {definition}, not {wanted['taskDefinition']}: ECS rolled the deployment "
            f"back. The service's events in ECS say why. Set back what you changed, or repair it, and update again."
        )
    if ready_today and wanted.get("placeholder") in images(client, definition):
        raise Never(
            f"{event['name']}: nothing was released to the service, and users are served today. Run the pipeline while "
            f"the web servers still serve (keepStage), or name an image, and update again."
        )
    if primary.get("rolloutState") != "COMPLETED":
        return f"the deployment of {definition} is {primary.get('rolloutState')}: {primary.get('rolloutStateReason', '')}"
    return None


def images(client, definition):
    described = client.describe_task_definition(taskDefinition=definition)["taskDefinition"]
    return [container["image"] for container in described["containerDefinitions"]]


def distribution_obstacle(event, _):
    identifier = event.get("distribution")
    if identifier is None:
        return None
    state = boto3.client("cloudfront").get_distribution(Id=identifier)["Distribution"]["Status"]
    return None if state == "Deployed" else f"the distribution {identifier} is {state}"


def request_obstacle(event, ready_today):
    request = event.get("request")
    if request is None:
        return None
    paths = [request["path"]] + ([event["readinessPath"]] if ready_today else [])
    for path in paths:
        result = status({**request, "path": path})
        if result != 200:
            today = ", which users are answered with 200 today" if path != request["path"] else ""
            return f"{request['scheme']}://{request['host']}{path} at {request['connect']}{today}: {result}"
    return None


def status(request):
    """Returns the status of the answer to a request, or why there is none. It follows no redirect."""
    try:
        connection = http.client.HTTPConnection(request["host"], timeout=TIMEOUT)
        connection.sock = socket.create_connection((request["connect"], request["port"]), timeout=TIMEOUT)
        try:
            if request["scheme"] == "https":
                tls = ssl.create_default_context()
                connection.sock = tls.wrap_socket(connection.sock, server_hostname=request["host"])
            # The firewall rejects requests without a user agent.
            connection.request("GET", request["path"], headers={"User-Agent": "deployment-gate"})
            return connection.getresponse().status
        finally:
            connection.close()
    except (OSError, http.client.HTTPException) as error:
        return f"no answer: {error}"

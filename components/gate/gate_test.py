"""Tests of gate.py, with clients that answer like AWS, and with servers that answer requests."""

import http.server
import sys
import threading
import types
import unittest
from unittest import mock

sys.modules["boto3"] = types.ModuleType("boto3")
import gate  # noqa: E402


class Server:
    """An HTTP server that answers each path with a status, and else with 404."""

    def __init__(self, **statuses):
        statuses = {f"/{path}": status for path, status in statuses.items()}
        asked = self.asked = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                asked.append((self.headers["Host"], self.path, self.headers["User-Agent"]))
                self.send_response(statuses.get(self.path, 404))
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def address(self):
        return {"scheme": "http", "host": "www.example.com", "connect": "127.0.0.1", "port": self.server.server_port}

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class AWS:
    """The calls that the gate makes, in each service."""

    def __init__(self):
        self.health, self.instances = {}, []
        self.deployment = {"status": "PRIMARY", "taskDefinition": "shop:2", "rolloutState": "COMPLETED"}
        self.image, self.state, self.services = "shop:1", "Deployed", True

    def describe_target_health(self, TargetGroupArn):
        assert TargetGroupArn == "arn:group"
        return {"TargetHealthDescriptions": [
            {"Target": {"Id": target}, "TargetHealth": {"State": state, "Description": "Health checks failed"}}
            for target, state in self.health.items()
        ]}

    def describe_auto_scaling_groups(self, AutoScalingGroupNames):
        assert AutoScalingGroupNames == ["web"]
        return {"AutoScalingGroups": [{"Instances": [{"InstanceId": one} for one in self.instances]}]}

    def describe_services(self, cluster, services):
        assert (cluster, services) == ("main", ["shop"])
        old = {"status": "ACTIVE", "taskDefinition": "shop:1", "rolloutState": "COMPLETED"}
        return {"services": [{"deployments": [old, self.deployment]}] if self.services else []}

    def describe_task_definition(self, taskDefinition):
        return {"taskDefinition": {"containerDefinitions": [{"image": "setup"}, {"image": self.image}]}}

    def get_distribution(self, Id):
        assert Id == "E1"
        return {"Distribution": {"Status": self.state}}


class GateTest(unittest.TestCase):
    def setUp(self):
        self.aws, self.slept, self.clock = AWS(), [], 0
        gate.boto3.client = lambda _: self.aws
        for patch in (
            mock.patch("time.sleep", self.sleep), mock.patch("time.monotonic", lambda: self.clock),
        ):
            patch.start()
            self.addCleanup(patch.stop)

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.clock += seconds

    def serve(self, **statuses):
        server = Server(**statuses)
        self.addCleanup(server.close)
        return server

    def call(self, last=True, seconds=240, left=300, **path):
        start = self.clock
        context = types.SimpleNamespace(
            get_remaining_time_in_millis=lambda: (left - (self.clock - start)) * 1000,
        )
        return gate.handler({"name": "the path", "last": last, "seconds": seconds, **path}, context)

    def targets(self, **more):
        return {"group": "arn:group", "least": 2, **more}

    def test_healthy_targets_pass_at_once(self):
        self.aws.health = {"i-1": "healthy", "i-2": "healthy", "i-3": "draining"}
        for targets in (self.targets(), self.targets(ids=["i-1", "i-2"])):
            self.assertEqual(self.call(targets=targets), {"passed": True})
        self.aws.instances = ["i-1", "i-2"]
        self.assertEqual(self.call(targets=self.targets(scalingGroup="web")), {"passed": True})
        self.assertEqual(self.slept, [])

    def test_too_few_healthy_targets_fail(self):
        self.aws.health = {"i-1": "healthy", "i-2": "unhealthy", "i-3": "healthy"}
        self.aws.instances = ["i-1", "i-4"]
        for targets, reason in (
            (self.targets(ids=["i-1", "i-2"]), "1 of 2 targets are healthy: i-2 is unhealthy Health checks failed"),
            (self.targets(scalingGroup="web"), "1 of 2 targets are healthy: i-4 is not registered"),
            (self.targets(least=3), "2 of 3 targets are healthy: i-2 is unhealthy"),
        ):
            with self.assertRaisesRegex(gate.NotServing, "the path: " + reason + ".*Nothing that depends on it was changed"):
                self.call(targets=targets)
        self.aws.health = {}
        with self.assertRaisesRegex(gate.NotServing, "0 of 2 targets are healthy: it has no targets"):
            self.call(targets=self.targets())

    def test_only_the_last_call_fails(self):
        self.aws.health = {"i-1": "initial"}
        result = self.call(last=False, targets=self.targets())
        self.assertFalse(result["passed"])
        self.assertIn("i-1 is initial", result["reason"])
        self.assertEqual(self.slept, [10] * 24)

    def test_the_function_returns_before_its_timeout(self):
        with self.assertRaises(gate.NotServing):
            self.call(targets=self.targets(), left=60)
        self.assertEqual(self.slept, [10] * 4)

    def test_what_becomes_healthy_passes(self):
        self.aws.health = {"i-1": "initial", "i-2": "healthy"}

        def boot(seconds):
            self.sleep(seconds)
            if len(self.slept) == 3:
                self.aws.health["i-1"] = "healthy"

        with mock.patch("time.sleep", boot):
            self.assertEqual(self.call(targets=self.targets()), {"passed": True})
        self.assertEqual(self.slept, [10, 10, 10])

    def test_a_call_of_aws_that_fails_is_made_again(self):
        self.aws.health = {"i-1": "healthy", "i-2": "healthy"}
        answer, failures = self.aws.describe_target_health, [PermissionError("AccessDenied")] * 2

        def describe(**arguments):
            if failures:
                raise failures.pop()
            return answer(**arguments)

        self.aws.describe_target_health = describe
        self.assertEqual(self.call(targets=self.targets()), {"passed": True})
        self.assertEqual(self.slept, [10, 10])
        failures.extend([PermissionError("AccessDenied")] * 100)
        with self.assertRaisesRegex(gate.NotServing, "PermissionError: AccessDenied"):
            self.call(targets=self.targets())

    def service(self, **more):
        return {"cluster": "main", "name": "shop", "placeholder": "nginx", **more}

    def test_a_completed_deployment_passes(self):
        self.assertEqual(self.call(service=self.service()), {"passed": True})
        self.assertEqual(self.call(service=self.service(taskDefinition="shop:2")), {"passed": True})

    def test_a_deployment_is_waited_for(self):
        self.aws.deployment |= {"rolloutState": "IN_PROGRESS", "rolloutStateReason": "tasks start"}
        with self.assertRaisesRegex(gate.NotServing, "the deployment of shop:2 is IN_PROGRESS: tasks start"):
            self.call(service=self.service())
        self.aws.services = False
        with self.assertRaisesRegex(gate.NotServing, "the service shop does not exist"):
            self.call(service=self.service())

    def test_a_deployment_that_was_rolled_back_fails_at_once(self):
        with self.assertRaisesRegex(gate.Never, "the service runs shop:2, not shop:3: ECS rolled the deployment back"):
            self.call(last=False, service=self.service(taskDefinition="shop:3"))
        self.assertEqual(self.slept, [])

    def test_a_placeholder_replaces_no_service_that_serves_today(self):
        self.aws.image = "nginx"
        today = self.serve(**{"api/ready": 200})
        path = {"service": self.service(), "today": [today.address], "readinessPath": "/api/ready"}
        with self.assertRaisesRegex(gate.Never, "nothing was released to the service"):
            self.call(last=False, **path)
        self.assertEqual(self.call(service=self.service()), {"passed": True})
        path["today"] = [self.serve(**{"api/ready": 503}).address]
        self.assertEqual(self.call(**path), {"passed": True})
        self.assertEqual(self.slept, [1, 1])

    def test_a_distribution_is_waited_for(self):
        self.assertEqual(self.call(distribution="E1"), {"passed": True})
        self.aws.state = "InProgress"
        with self.assertRaisesRegex(gate.NotServing, "the distribution E1 is InProgress"):
            self.call(distribution="E1")

    def test_the_path_answers_as_users_ask(self):
        server = self.serve(health=200)
        self.assertEqual(self.call(request={**server.address, "path": "/health"}), {"passed": True})
        self.assertEqual(server.asked, [("www.example.com", "/health", "deployment-gate")])

    def test_any_other_status_fails(self):
        server = self.serve(health=301)
        with self.assertRaisesRegex(gate.NotServing, "http://www.example.com/health at 127.0.0.1: 301"):
            self.call(request={**server.address, "path": "/health"})

    def test_no_answer_fails(self):
        server = Server()
        server.close()
        with self.assertRaisesRegex(gate.NotServing, "no answer: .*refused"):
            self.call(request={**server.address, "path": "/health"})

    def test_plain_http_on_the_port_of_https_fails(self):
        server = self.serve(health=200)
        with self.assertRaisesRegex(gate.NotServing, "no answer: .*SSL"):
            self.call(request={**server.address, "scheme": "https", "path": "/health"})

    def test_the_path_is_at_least_as_good_as_today(self):
        path = {"request": {**self.serve(health=200).address, "path": "/health"}, "readinessPath": "/api/ready"}
        ready, starting = self.serve(**{"api/ready": 200}), self.serve(**{"api/ready": 503})
        self.assertEqual(self.call(**path, today=[starting.address]), {"passed": True})
        with self.assertRaisesRegex(gate.NotServing, "/api/ready at .*, which users are answered with 200 today: 404"):
            self.call(**path, today=[starting.address, ready.address])

    def test_what_was_ready_once_is_demanded_until_the_end(self):
        server = self.serve(health=200)
        path = {"request": {**server.address, "path": "/health"}, "readinessPath": "/api/ready"}
        with mock.patch("gate.answers_today", side_effect=[True] + [False] * 30):
            with self.assertRaises(gate.NotServing):
                self.call(**path, today=[server.address])


if __name__ == "__main__":
    unittest.main()

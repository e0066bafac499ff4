"""Tests of rotate.py, with clients that behave like Secrets Manager and RDS."""

import json
import sys
import types
import unittest
from unittest import mock

sys.modules["boto3"] = types.ModuleType("boto3")
import rotate  # noqa: E402

OLD, NEW = "old-version", "new-version"


class NotFound(Exception):
    pass


class Secrets:
    exceptions = types.SimpleNamespace(ResourceNotFoundException=NotFound)

    def __init__(self):
        self.stages = {OLD: ["AWSCURRENT", "initial"], NEW: ["AWSPENDING"]}
        self.values = {OLD: json.dumps({"username": "admin", "password": "old"})}
        self.made = 0

    def describe_secret(self, SecretId):
        return {"VersionIdsToStages": self.stages}

    def get_secret_value(self, SecretId, VersionStage, VersionId=None):
        for version, value in self.values.items():
            if VersionStage in self.stages[version] and VersionId in (None, version):
                return {"SecretString": value}
        raise NotFound

    def get_random_password(self, PasswordLength, ExcludePunctuation):
        assert PasswordLength == 32 and ExcludePunctuation
        self.made += 1
        return {"RandomPassword": f"random-{self.made}"}

    def put_secret_value(self, SecretId, ClientRequestToken, SecretString, VersionStages):
        assert VersionStages == ["AWSPENDING"]
        self.values[ClientRequestToken] = SecretString

    def update_secret_version_stage(self, SecretId, VersionStage, MoveToVersionId, RemoveFromVersionId):
        self.stages[RemoveFromVersionId].remove(VersionStage)
        self.stages[MoveToVersionId].append(VersionStage)


class RDS:
    def __init__(self, *statuses):
        self.statuses, self.changes, self.asked = list(statuses), [], 0

    def describe_db_instances(self, DBInstanceIdentifier):
        self.asked += 1
        status = self.statuses.pop(0) if self.statuses else "available"
        instance = {"DBInstanceStatus": status, "PendingModifiedValues": {}}
        if status == "pending":
            instance = {
                "DBInstanceStatus": "available",
                "PendingModifiedValues": {"MasterUserPassword": "****"},
            }
        return {"DBInstances": [instance]}

    def modify_db_instance(self, **change):
        self.changes.append(change)


class RotateTest(unittest.TestCase):
    def setUp(self):
        self.secrets, self.rds, self.left = Secrets(), RDS(), 900000
        sleep = mock.patch("time.sleep")
        self.sleep = sleep.start()
        self.addCleanup(sleep.stop)

    def step(self, name, token=NEW):
        clients = {"secretsmanager": self.secrets, "rds": self.rds}
        rotate.boto3.client = clients.__getitem__
        context = types.SimpleNamespace(get_remaining_time_in_millis=lambda: self.left)
        event = {"SecretId": "arn:secret", "ClientRequestToken": token, "Step": name}
        with mock.patch.dict("os.environ", {"INSTANCE": "app"}):
            rotate.handler(event, context)

    def test_each_step_may_be_repeated(self):
        for name in ("createSecret", "setSecret", "testSecret", "finishSecret"):
            self.step(name)
            self.step(name)
        self.assertEqual(self.secrets.made, 1)
        self.assertEqual(json.loads(self.secrets.values[NEW]), {"username": "admin", "password": "random-1"})
        change = {"DBInstanceIdentifier": "app", "MasterUserPassword": "random-1"}
        self.assertEqual(self.rds.changes, [change, change])
        self.assertEqual(self.secrets.stages, {OLD: ["initial"], NEW: ["AWSPENDING", "AWSCURRENT"]})

    def test_nothing_is_done_to_a_version_that_is_current(self):
        self.secrets.stages[NEW].append("AWSCURRENT")
        self.step("setSecret")
        self.assertEqual(self.rds.changes, [])

    def test_an_instance_is_waited_for(self):
        self.step("createSecret")
        self.rds = RDS("creating", "storage-optimization")
        self.step("setSecret")
        self.assertEqual((self.rds.asked, len(self.rds.changes)), (2, 1))

    def test_a_password_is_waited_for(self):
        self.rds = RDS("pending", "resetting-master-credentials", "available")
        self.step("testSecret")
        self.assertEqual((self.rds.asked, self.sleep.call_count), (3, 2))

    def test_waiting_ends_before_the_function_does(self):
        self.step("createSecret")
        self.rds, self.left = RDS("modifying"), 14999
        with self.assertRaisesRegex(TimeoutError, "app is still modifying"):
            self.step("setSecret")
        self.assertEqual(self.rds.changes, [])

    def test_versions_of_nothing_are_refused(self):
        with self.assertRaisesRegex(ValueError, "none of secret"):
            self.step("createSecret", token="another")
        self.secrets.stages[NEW] = []
        with self.assertRaisesRegex(ValueError, "is not AWSPENDING"):
            self.step("createSecret")


if __name__ == "__main__":
    unittest.main()

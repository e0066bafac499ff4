"""Gives an Amazon RDS instance a new master password, and keeps it in Secrets Manager.

Secrets Manager calls it once for each of four steps, and may repeat a step at any time (AWS
Secrets Manager User Guide, "Lambda rotation functions"). The password is set through the RDS
API, so that the function needs no way into the network.
"""

import json
import os
import time

import boto3

CURRENT, PENDING = "AWSCURRENT", "AWSPENDING"
# An instance whose storage is optimized after it grew takes changes like one that is available.
READY = ("available", "storage-optimization")
POLL_SECONDS = 5
# Time that is left for an error to be logged before Lambda ends the function.
RESERVE_MILLISECONDS = 15000


def handler(event, context):
    """Runs one step of a rotation."""
    rotation = Rotation(
        boto3.client("secretsmanager"), boto3.client("rds"), os.environ["INSTANCE"], event, context
    )
    rotation.run(event["Step"])


class Rotation:
    """One rotation of one secret, which adds the version that is named by its token."""

    def __init__(self, secrets, rds, instance, event, context):
        self.secrets, self.rds, self.instance, self.context = secrets, rds, instance, context
        self.secret, self.token = event["SecretId"], event["ClientRequestToken"]

    def run(self, step):
        stages = self._versions().get(self.token)
        if stages is None:
            raise ValueError(f"Version {self.token} is none of secret {self.secret}")
        if CURRENT in stages:
            print(f"{step}: version {self.token} is current already")
            return
        if PENDING not in stages:
            raise ValueError(f"Version {self.token} of secret {self.secret} is not {PENDING}")
        steps = {
            "createSecret": self.create,
            "setSecret": self.set,
            "testSecret": self.test,
            "finishSecret": self.finish,
        }
        steps[step]()
        print(f"{step}: done for version {self.token}")

    def create(self):
        """Makes the new password, unless an earlier attempt did."""
        try:
            self._login(VersionId=self.token, VersionStage=PENDING)
            return
        except self.secrets.exceptions.ResourceNotFoundException:
            pass
        login = self._login(VersionStage=CURRENT)
        random = self.secrets.get_random_password(PasswordLength=32, ExcludePunctuation=True)
        login["password"] = random["RandomPassword"]
        self.secrets.put_secret_value(
            SecretId=self.secret,
            ClientRequestToken=self.token,
            SecretString=json.dumps(login),
            VersionStages=[PENDING],
        )

    def set(self):
        """Gives the instance the new password.

        RDS changes a password at once in any case; ApplyImmediately would bring forward other
        changes that wait for the maintenance window.
        """
        self._wait()
        self.rds.modify_db_instance(
            DBInstanceIdentifier=self.instance,
            MasterUserPassword=self._login(VersionId=self.token, VersionStage=PENDING)["password"],
        )

    def test(self):
        """Waits until the new password is the instance's."""
        self._wait()

    def finish(self):
        """Makes the new version the one that clients read."""
        versions = self._versions()
        current = next(version for version, stages in versions.items() if CURRENT in stages)
        self.secrets.update_secret_version_stage(
            SecretId=self.secret,
            VersionStage=CURRENT,
            MoveToVersionId=self.token,
            RemoveFromVersionId=current,
        )

    def _versions(self):
        return self.secrets.describe_secret(SecretId=self.secret)["VersionIdsToStages"]

    def _login(self, **version):
        return json.loads(self.secrets.get_secret_value(SecretId=self.secret, **version)["SecretString"])

    def _wait(self):
        """Waits for an instance that takes changes and has no password to come."""
        while True:
            found = self.rds.describe_db_instances(DBInstanceIdentifier=self.instance)
            instance = found["DBInstances"][0]
            status = instance["DBInstanceStatus"]
            if status in READY and "MasterUserPassword" not in instance.get("PendingModifiedValues", {}):
                return
            if self.context.get_remaining_time_in_millis() < RESERVE_MILLISECONDS:
                raise TimeoutError(f"Instance {self.instance} is still {status}")
            time.sleep(POLL_SECONDS)

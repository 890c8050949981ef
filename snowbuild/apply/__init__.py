"""Plan → deployment."""

from snowbuild.apply.canary import CanaryError, Trial
from snowbuild.apply.deploy import Deployer, Deployment
from snowbuild.apply.outcome import DeploymentStoppedError, Outcome, Status
from snowbuild.apply.port import Artifacts, Target

__all__ = [
    "Artifacts",
    "CanaryError",
    "Deployer",
    "Deployment",
    "DeploymentStoppedError",
    "Outcome",
    "Status",
    "Target",
    "Trial",
]

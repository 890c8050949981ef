"""Plan → deployment."""

from snowbuild.apply.deploy import Deployment, DeploymentStoppedError, Outcome, Status, deploy
from snowbuild.apply.port import Artifacts, Target

__all__ = ["Artifacts", "Deployment", "DeploymentStoppedError", "Outcome", "Status", "Target", "deploy"]

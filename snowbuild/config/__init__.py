"""snowbuild.toml → Config; every problem is reported at once, with its key path."""

from snowbuild.config.load import load
from snowbuild.config.values import (
    Argument,
    Config,
    Dependencies,
    Framework,
    FunctionConfig,
    FunctionTest,
    Grant,
    InputForm,
    Json,
    ModelConfig,
    NativeWheels,
    Packages,
    Service,
    TargetConfig,
)

__all__ = [
    "Argument",
    "Config",
    "Dependencies",
    "Framework",
    "FunctionConfig",
    "FunctionTest",
    "Grant",
    "InputForm",
    "Json",
    "ModelConfig",
    "NativeWheels",
    "Packages",
    "Service",
    "TargetConfig",
    "load",
]

"""snowbuild.toml → Config; every problem is reported at once, with its key path."""

from snowbuild.config.load import load, load_text, read_text
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
    Output,
    Packages,
    Service,
    TargetConfig,
    lock_path_of,
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
    "Output",
    "Packages",
    "Service",
    "TargetConfig",
    "load",
    "load_text",
    "lock_path_of",
    "read_text",
]

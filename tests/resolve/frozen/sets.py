"""Requirements whose resolutions are compared with uv's."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

SETS: Mapping[str, tuple[str, ...]] = {
    "autogluon 1.5": ("autogluon.tabular==1.5.0", "typing-extensions"),
    "autogluon 1.6": ("autogluon.tabular==1.6.3",),
    "autogluon with boosters": ("autogluon.tabular[lightgbm,xgboost]==1.5.0",),
    "older scikit-learn": ("scikit-learn<1.6", "pandas<2.3", "scipy"),
    "a web service": ("fastapi", "uvicorn[standard]", "pydantic>=2,<2.12"),
    "flask and a database": ("flask<4", "sqlalchemy>=2", "alembic", "psycopg2-binary"),
    "plots": ("seaborn", "matplotlib<3.11", "statsmodels"),
    "cloud": ("boto3", "s3transfer<1", "botocore<2", "aiohttp"),
    "snowpark": ("snowflake-snowpark-python[pandas]<2",),
    "data frames": ("dask[dataframe]", "pyarrow", "polars"),
    "text": ("tokenizers", "huggingface-hub", "sentencepiece"),
    "shap": ("shap", "numpy<2.4"),
    "testing": ("pytest", "hypothesis", "coverage[toml]", "tox; python_version < '3.13'"),
    "a conflict": ("urllib3<2", "requests>=2.32", "numpy<2", "pandas>=2.2"),
}

PYTHONS = ("3.10", "3.11", "3.12", "3.13", "3.14")

UV_IS_LAXER = {("autogluon 1.6", "3.14")}
"""Where uv finds a solution because it passes over upper bounds in Requires-Python, which pip does not."""

"""The JSON around every answer, as Snowflake's clients read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response

if TYPE_CHECKING:
    from snowbuild.local.values.results import Refused


def success(data: dict[str, Any] | None) -> Response:
    """A successful answer."""
    return JSONResponse({"success": True, "code": None, "message": None, "data": data})


def failure(refused: Refused) -> Response:
    """A refusal. Never an HTTP error, after which clients retry for minutes."""
    code = f"{refused.errno:06d}"
    return JSONResponse(
        {
            "success": False,
            "code": code,
            "message": refused.message,
            "data": {"errorCode": code, "sqlState": refused.sqlstate},
        }
    )


def gone() -> Response:
    """The session has ended, or never existed."""
    body = {"success": False, "code": "390104", "message": "User must login again to access the service.", "data": None}
    return JSONResponse(body, status_code=401)

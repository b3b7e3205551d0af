"""Input files, uploaded once and named by checksum from then on."""

from __future__ import annotations

import asyncio
import hashlib
from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from hosted_ce.api.bodies.reading import BodyTooLarge, read_body
from hosted_ce.api.bodies.submission import file_too_large
from hosted_ce.api.callers.access import Submitter
from hosted_ce.api.given import ServicesDep
from hosted_ce.api.openapi import BYTES_BODY
from hosted_ce.api.parameters import FileChecksum
from hosted_ce.api.problems import kinds
from hosted_ce.api.problems.docs import guarded_problems
from hosted_ce.api.problems.problem import Problem
from hosted_ce.api.services import Services

router = APIRouter(prefix="/api/v1/files", tags=["files"])


class FileOut(BaseModel):
    """A file that pilots can name in their inputs."""

    sha256: str
    bytes: int = Field(description="Its size.")


@router.put(
    "/{sha256}",
    status_code=HTTPStatus.CREATED,
    response_model=FileOut,
    openapi_extra=BYTES_BODY,
    responses={
        200: {"model": FileOut, "description": "The file was here already."},
        201: {"description": "The file is kept."},
        **guarded_problems(
            kinds.FILE_TOO_LARGE,
            kinds.UNSUPPORTED_MEDIA_TYPE,
            kinds.INVALID_REQUEST,
            kinds.CHECKSUM_MISMATCH,
            kinds.DISK_FULL,
        ),
    },
)
async def put_file(
    request: Request, response: Response, services: ServicesDep, _: Submitter, sha256: FileChecksum
) -> FileOut:
    """Uploads a file: the body is its content, the path its SHA-256."""
    data = await _body(request, services, sha256)
    found = await asyncio.to_thread(_digest, data)
    if found != sha256:
        raise Problem(
            kinds.CHECKSUM_MISMATCH,
            f"the body of {len(data)} bytes has SHA-256 {found}, the path says {sha256}",
        )
    known = await services.contents.has(sha256)
    await services.contents.put(data)
    response.status_code = HTTPStatus.OK if known else HTTPStatus.CREATED
    return FileOut(sha256=sha256, bytes=len(data))


@router.head(
    "/{sha256}",
    response_class=Response,
    responses={
        200: {"description": "The file is here."},
        **guarded_problems(kinds.NO_SUCH_FILE, kinds.INVALID_REQUEST),
    },
)
async def has_file(services: ServicesDep, _: Submitter, sha256: FileChecksum) -> Response:
    """Tells whether a file is here: 200 or 404, without a body."""
    if not await services.contents.has(sha256):
        detail = "no file with this SHA-256 is here; upload it with PUT to the same path"
        raise Problem(kinds.NO_SUCH_FILE, detail)
    return Response()


async def _body(request: Request, services: Services, sha256: str) -> bytes:
    limit = min(services.max_input_file, services.max_request)
    try:
        return await read_body(request, limit)
    except BodyTooLarge as error:
        size = f"has {error.size} bytes" if error.size is not None else "goes on"
        raise file_too_large(sha256, size, limit) from error


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()

"""Settings of the process: from the environment (HOSTED_CE_*), or the command line. All have defaults."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from hosted_ce.listening.proxies import proxies_of


def _public_url(text: str) -> str:
    url = urlsplit(text.rstrip("/"))
    bare = (url.path, url.query, url.fragment, url.username) == ("", "", "", None)
    named = url.hostname and url.port != 0  # a port that is none raises ValueError
    if url.scheme not in ("http", "https") or not named or not bare or not text.isascii():
        raise ValueError("must be a scheme and a host, such as https://ce.example.edu or http://host:8080")
    return url.geturl()


def _proxies(text: str) -> str:
    proxies_of(text)
    return text


PublicUrl = Annotated[str, AfterValidator(_public_url)]
Proxies = Annotated[str, AfterValidator(_proxies)]


class Settings(BaseSettings):
    """What is not about the site but about this process."""

    model_config = SettingsConfigDict(env_prefix="HOSTED_CE_", extra="ignore", frozen=True)

    state: Path = Field(default=Path("state"), description="Folder for the database, files, outputs, token.")
    site: Path | None = Field(default=None, description="The site file.")
    user: str | None = Field(
        default=None, description="Account that the CE runs as when it is started as root, for good."
    )
    root: bool = Field(default=False, description="Whether the CE may run as root.")
    database_url: str | None = Field(
        default=None,
        description="URL of the database, such as postgresql://ce@db.example.edu/ce?sslmode=verify-full; the "
        "default is SQLite in the state folder.",
    )
    host: str = Field(default="127.0.0.1", description="Address that the API listens on.")
    port: int = Field(
        default=8080, ge=0, le=65535, description="Port that the API listens on; 0: any free one."
    )
    public_url: PublicUrl | None = Field(
        default=None,
        description="Under which address people reach the CE, such as https://ce.example.edu: links that "
        "sign somebody in begin with it, and with https their cookies are for https alone. The default is "
        "http://127.0.0.1 and the port.",
    )
    tls_certificate: Path | None = Field(
        default=None,
        description="The API's own certificate with its chain (PEM), with which it speaks https alone; read "
        "again when it changes. HOSTED_CE_TLS_KEY goes with it.",
    )
    tls_key: Path | None = Field(
        default=None, description="The certificate's key (PEM, without a password); not for others to read."
    )
    trusted_proxies: Proxies = Field(
        default="",
        description="Addresses or networks of proxies before the API, with commas between them, such as "
        "127.0.0.1,10.1.0.0/16: who asks, and whether by https, is what their X-Forwarded-For and "
        "X-Forwarded-Proto say. Nobody else's are looked at.",
    )
    plain_http: bool = Field(
        default=False,
        description="Whether the API may listen for others than this machine without a certificate and "
        "without a trusted proxy, so that tokens go to it in the clear.",
    )
    max_connections: int = Field(
        default=1000,
        ge=1,
        description="How many connections to the API there may be; one address may have a quarter of them.",
    )
    rate_per_address: float = Field(
        default=50.0,
        ge=0,
        description="Requests a second that one address may make in the long run, and ten times as many at "
        "once; 0: any number. Those of this machine are not counted, unless they are a trusted proxy's.",
    )
    rate_per_caller: float = Field(
        default=50.0,
        ge=0,
        description="The same for one token, wherever it is used, but for the one of the state folder. "
        "Twenty pilots that are submitted with one request count as a request.",
    )
    public_status: bool = Field(default=True, description="Whether status pages can be read without a token.")
    public_metrics: bool | None = Field(
        default=None,
        description="Whether /metrics can be read without a token; the default is what "
        "HOSTED_CE_PUBLIC_STATUS says.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Least severe log messages that are written."
    )
    log_format: Literal["auto", "json", "console"] = Field(
        default="auto", description="Form of log lines; auto: console on a terminal, otherwise JSON."
    )
    log_file_size: int = Field(
        default=16 * 1024 * 1024,
        ge=0,
        description="Largest size of the log file in the state folder, in bytes; 0: none is written. What is "
        "written to standard error is not affected.",
    )
    log_files: int = Field(
        default=4, ge=1, le=99, description="How many log files are kept, the one in use and older ones."
    )
    audit_file_size: int = Field(
        default=16 * 1024 * 1024,
        ge=0,
        description="Largest size of a file of the audit log in the state folder, in bytes; 0: none is kept.",
    )
    audit_files: int = Field(
        default=20, ge=1, le=999, description="How many files of the audit log are kept."
    )
    audit_reads: bool = Field(
        default=False,
        description="Whether what was only read, with a token, is in the audit log as well; what was changed "
        "or refused always is.",
    )
    condor_bin: Path | None = Field(
        default=None,
        description="Folder of HTCondor's programs; the default is the PATH and /usr/sbin.",
    )
    condor_config: Path | None = Field(
        default=None,
        description="HTCondor configuration of the front door; the default is front-door/condor_config in "
        "the state folder.",
    )
    max_input_file: int = Field(
        default=10 * 1024 * 1024, ge=1024, description="Largest input file that is taken, in bytes."
    )
    max_request: int = Field(
        default=32 * 1024 * 1024, ge=1024, description="Largest HTTP request body that is taken, in bytes."
    )
    max_batch: int = Field(
        default=1000,
        ge=100,
        le=10_000,
        description="Most pilots that one request may submit. As they are stored, one by one, they must not "
        "be above HOSTED_CE_MAX_REQUEST either.",
    )
    max_output: int = Field(
        default=16 * 1024 * 1024, ge=1024, description="How much of a pilot's output is kept, in bytes."
    )
    keep_folders: float = Field(
        default=600.0,
        ge=0,
        description="Seconds that a finished pilot's folder stays at the site, at least the cluster's "
        "`command_timeout`.",
    )

    incident_after: float = Field(
        default=120.0,
        gt=0,
        description="Seconds that an outage lasts before it is told, and that all is well before it is over; "
        "some causes take a multiple of it.",
    )

    @property
    def database(self) -> str:
        """The database's URL."""
        return self.database_url or f"sqlite:///{self.state.absolute() / 'hosted-ce.sqlite'}"

    @property
    def front_door_config(self) -> Path:
        """The HTCondor configuration that finds the front door's schedd."""
        return self.condor_config or self.state.absolute() / "front-door" / "condor_config"

    @property
    def log_file(self) -> Path:
        """The log as JSON lines, for the command line; older ones are beside it, with numbers."""
        return self.state / "log" / "hosted-ce.jsonl"

    @property
    def audit_file(self) -> Path:
        """The audit log as JSON lines; older ones are beside it, with numbers."""
        return self.state / "audit" / "audit.jsonl"

    @property
    def token_file(self) -> Path:
        """Where the API's token is kept."""
        return self.state / "token"

    @property
    def certificate_file(self) -> Path:
        """Where a running CE with a certificate of its own writes that one, for the command line."""
        return self.state / "certificate"

    @property
    def endpoint_file(self) -> Path:
        """Where a running CE writes the address of its API, for the command line."""
        return self.state / "endpoint"

"""The platform for tasks and notebooks of one's own: Airflow's HttpHook with the signature of the protocol.

Our own DAGs use `platform_client.client` instead, which knows the contract, paces itself and tells outcomes apart.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from airflow.providers.http.hooks.http import HttpHook
from requests import Session
from requests.auth import AuthBase

from hotline_bridge.cities import ONLY, acting_for
from hotline_bridge.errors import HotlineError, StopRun
from hotline_bridge.hooks.platform import call_harmlessly, platform_settings
from hotline_bridge.platform_client.request import sign
from hotline_bridge.platform_client.settings import CONNECTION

if TYPE_CHECKING:
    from requests import PreparedRequest, Response

    from hotline_bridge.platform_client.settings import PlatformSettings


class SignedRequest(AuthBase):
    """Signs the bytes that are sent (4.8.2.1.3.2).

    Args:
        settings: AppId, Token and the header's name.
    """

    def __init__(self, settings: PlatformSettings) -> None:
        self._settings = settings

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """The request with its header.

        Raises:
            StopRun: Its body is a stream.
        """
        body = request.body or b""
        if isinstance(body, str):
            body = body.encode()
        if not isinstance(body, bytes):
            raise StopRun("a stream cannot be signed", remedy="give the hook its data as text or bytes")
        signature = sign(self._settings.app_id, self._settings.token, body, datetime.now(UTC))
        request.headers[self._settings.auth_header] = signature
        return request


class PlatformHook(HttpHook):  # type: ignore[misc]  # Airflow's types are not followed
    """HttpHook whose requests are signed and whose extras are read by name; none becomes a header.

    Args:
        method: HTTP method.
        http_conn_id: Connection of type `hotline_platform` or `http`; login = AppId, password = Token.
        **more: Arguments of HttpHook.
    """

    default_conn_name = CONNECTION
    conn_type = "hotline_platform"
    hook_name = "12315 平台 (hotline-bridge)"

    def __init__(self, method: str = "POST", http_conn_id: str = CONNECTION, **more: Any) -> None:  # noqa: ANN401
        super().__init__(method, http_conn_id, **more)

    def get_conn(self, headers: dict[Any, Any] | None = None, extra_options: dict[str, Any] | None = None) -> Session:
        """A session that signs; it follows no redirect, which would carry the Token elsewhere.

        Raises:
            StopRun: The connection is missing or a value cannot be used; says what to set.
        """
        settings = self._settings()
        self.base_url, self._base_url_initialized = settings.base_url, True
        self.merged_extra = {"timeout": settings.timeout_s, **(extra_options or {}), "allow_redirects": False}
        session = Session()
        session.auth = SignedRequest(settings)
        session.verify = settings.ca_file or True
        session.headers.update(headers or {})
        self._configure_session_from_mount_adapters(session)
        return session

    def _settings(self) -> PlatformSettings:
        with acting_for(ONLY):  # the name is whole as it was given
            return platform_settings(self.http_conn_id)

    def check_response(self, response: Response) -> None:
        """Raises requests.HTTPError for a status of 400 and more; logs nothing of what came, which may be personal."""
        response.raise_for_status()

    def test_connection(self) -> tuple[bool, str]:
        """One harmless call, for the button in Airflow's connection form: the count of the last minute (4.8.2.1.7)."""
        try:
            call_harmlessly(self._settings())
        except HotlineError as error:
            return False, str(error)
        return True, "the platform answers, and knows AppId and Token"

"""How people sign in to the UI: by accounts of its own, or at the city's directory where secret `ui_sign_on` names one.

FAB reads it (AIRFLOW__FAB__CONFIG_FILE). What can be set: https://flask-appbuilder.readthedocs.io/en/latest/config.html
"""

import json
import os

from flask_appbuilder.const import AUTH_DB, AUTH_OAUTH

AUTH_RATE_LIMITED = True
AUTH_RATE_LIMIT = "10 per minute"
FAB_PASSWORD_COMPLEXITY_ENABLED = True

_sign_on = json.loads(os.environ.get("HOTLINE_UI_SIGN_ON", "null"))
if _sign_on is None:
    AUTH_TYPE = AUTH_DB
else:
    AUTH_TYPE = AUTH_OAUTH
    AUTH_USER_REGISTRATION = True
    AUTH_USER_REGISTRATION_ROLE = "Public"  # who is in no group that is named may do nothing
    AUTH_ROLES_MAPPING = _sign_on["roles"]
    AUTH_ROLES_SYNC_AT_LOGIN = True  # who leaves a group loses its role
    OAUTH_PROVIDERS = [
        {
            "name": "sign-on",
            "icon": "fa-key",
            "token_key": "access_token",
            "remote_app": {
                "client_id": _sign_on["client_id"],
                "client_secret": _sign_on["client_secret"],
                "server_metadata_url": _sign_on["metadata"],
                "client_kwargs": {"scope": _sign_on.get("scope", "openid email profile")},
            },
        }
    ]

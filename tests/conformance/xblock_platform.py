"""Runs inside the environment of lti-consumer-xblock: answers JSON lines in the block's words.

Started by test_xblock.py with the interpreter of that environment; nothing here is imported by the
tool. Operations: `login` gives the tool's login address, `launch` the id_token for the tool's
redirect, `keys` the public key set.
"""

from __future__ import annotations

import contextlib
import json
import sys
from typing import Any


def build(settings: dict[str, str]) -> Any:
    """Make a consumer, the block's word for a platform's side of one registration."""
    import django
    from django.conf import settings as django_settings

    django_settings.configure(
        PLATFORM_NAME="Campus",
        CACHES={"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
        SECRET_KEY="x" * 50,
        USE_TZ=True,
        INSTALLED_APPS=[],
    )
    django.setup()
    from lti_consumer.lti_1p3.consumer import LtiAdvantageConsumer

    return LtiAdvantageConsumer(
        settings["iss"],
        settings["login_url"],
        settings["launch_url"],
        settings["client_id"],
        settings["deployment_id"],
        rsa_key=settings["key"],
        rsa_key_id=settings["kid"],
        redirect_uris=[settings["launch_url"]],
        tool_key=None,
    )


def launch_data(role: str, deep_linking: bool) -> Any:
    """What the block knows about one launch."""
    from lti_consumer.data import Lti1p3LaunchData

    return Lti1p3LaunchData(
        user_id="6",
        user_role=role,
        config_id="1",
        resource_link_id="block-1",
        message_type="LtiDeepLinkingRequest" if deep_linking else "LtiResourceLinkRequest",
        context_id="course-v1:bot+1+2026",
        context_title="Back on Track",
    )


def launch(consumer: Any, settings: dict[str, str], call: dict[str, Any]) -> dict[str, Any]:
    """Sign a launch for the tool's redirect."""
    issuer = settings["iss"]
    consumer.set_user_data(user_id="6", role=call["role"])
    consumer.set_context_claim("course-v1:bot+1+2026", context_title="Back on Track")
    consumer.set_custom_parameters({"module": "interests"})
    consumer.enable_ags(f"{issuer}/lineitems", f"{issuer}/lineitems/1", True)
    consumer.enable_nrps(f"{issuer}/memberships")
    if call["deep_linking"]:
        consumer.enable_deep_linking(settings["launch_url"], f"{issuer}/dl")
    else:
        consumer.set_resource_link_claim("block-1", title="What do I like doing?")
    made = consumer.generate_launch_request(call["query"])
    return {"id_token": made["id_token"], "state": made["state"]}


def main() -> None:
    """Serve one JSON line after the other."""
    replies = sys.stdout
    with contextlib.redirect_stdout(sys.stderr):
        settings = json.loads(sys.stdin.readline())
        consumer = build(settings)
        for line in sys.stdin:
            call = json.loads(line)
            if call["op"] == "keys":
                keys = consumer.get_public_keyset()
                answer = json.loads(keys) if isinstance(keys, str) else keys
            elif call["op"] == "login":
                data = launch_data(call["role"], call["deep_linking"])
                answer = {"url": consumer.prepare_preflight_url(data)}
            else:
                answer = launch(consumer, settings, call)
            print(json.dumps(answer), file=replies, flush=True)


if __name__ == "__main__":
    main()

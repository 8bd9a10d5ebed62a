"""The attacks L1–L9 and L11 as cases; the ones that need more than one answer are in the tests."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import update
from werkzeug.test import TestResponse

from config.clock import utcnow
from lti_tool.lti.cookies import login_cookie
from lti_tool.lti.models import Platform as PlatformRow
from tests.conformance.extra import LAUNCHED, age_keys, first_launch, forget, play
from tests.conformance.stage import Case, Stage, token
from tests.lti_tool.lti.platform import Platform, http_answer, public_jwk, rsa_key, unreachable

NEIGHBOUR = {"tenant", "platform", "deployment"}


def neighbour(stage: Stage, **changes: Any) -> Platform:
    """Another organisation's platform, with keys of its own."""
    values = {
        "issuer": "https://neighbour.example.org",
        "client_id": "client-n",
        "key_name": "neighbour",
        "kid": "kid-n",
        **changes,
    }
    made = Platform(**values)
    return made.register(stage.services.database, tenant="neighbour").serve_keys(stage.keys)


# L2: login CSRF and fixed states.


@play(
    "L2 attacker's state and token in a browser with a session of its own",
    "browser_unproven",
    writes=LAUNCHED,
)
def csrf_with_session(stage: Stage) -> TestResponse:
    """The victim is in already; the attacker's launch must not take over."""
    victim = stage.other_browser()
    assert stage.platform.launch(victim).status_code == 303
    query = stage.platform.login(stage.browser)
    signed = stage.platform.sign(stage.platform.claims(query["nonce"], sub="666"))
    return stage.platform.post(victim, signed, query["state"])


@play("L2 planted login cookie", "browser_unknown")
def planted_cookie(stage: Stage) -> TestResponse:
    """A cookie of the right name with a value of the attacker's."""
    query = stage.platform.login(stage.browser)
    payload = stage.services.state_signer.read(query["state"], utcnow().timestamp(), 300)
    victim = stage.other_browser()
    victim.set_cookie(login_cookie(payload["i"]), "planted", secure=True)
    signed = stage.platform.sign(stage.platform.claims(query["nonce"]))
    return stage.platform.post(victim, signed, query["state"])


@play("L2 state with a changed letter", "state_invalid")
def changed_state(stage: Stage) -> TestResponse:
    """The signature covers every letter."""
    query = stage.platform.login(stage.browser)
    head = query["state"][:20]
    changed = head[:-1] + ("A" if head[-1] != "A" else "B") + query["state"][20:]
    signed = stage.platform.sign(stage.platform.claims(query["nonce"]))
    return stage.platform.post(stage.browser, signed, changed)


@play("L2 browser proof posted by another site", "browser_unproven")
def posted_proof(stage: Stage) -> TestResponse:
    """The attacker knows the proof of the attacker's own login, and posts it through the victim."""
    query = stage.platform.login(stage.browser)
    proof = next(iter(stage.browser._cookies.values())).value
    signed = stage.platform.sign(stage.platform.claims(query["nonce"], sub="666"))
    form = {"id_token": signed, "state": query["state"], "browser": proof}
    return stage.other_browser().post(
        "/lti/launch", data=form, headers={"Origin": stage.platform.issuer}
    )


@play("L2 browser proof from our own page", None)
def own_proof(stage: Stage) -> TestResponse:
    """What platform storage gave back to our page is as good as the cookie."""
    query = stage.platform.login(stage.browser)
    proof = next(iter(stage.browser._cookies.values())).value
    signed = stage.platform.sign(stage.platform.claims(query["nonce"]))
    form = {"id_token": signed, "state": query["state"], "browser": proof}
    frame = stage.other_browser()
    answer = frame.post("/lti/launch", data=form, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 200
    fields = hidden_fields(answer)
    return frame.post("/lti/continue", data=fields, headers={"Sec-Fetch-Site": "same-origin"})


@play("L2 wrong browser proof from our own page", "browser_unknown")
def wrong_proof(stage: Stage) -> TestResponse:
    """The proof has to be the right one."""
    query = stage.platform.login(stage.browser)
    signed = stage.platform.sign(stage.platform.claims(query["nonce"]))
    form = {"id_token": signed, "state": query["state"], "browser": "guess"}
    return stage.other_browser().post(
        "/lti/launch", data=form, headers={"Sec-Fetch-Site": "same-origin"}
    )


def hidden_fields(answer: TestResponse) -> dict[str, str]:
    """The hidden fields of a page's form."""
    from bs4 import BeautifulSoup

    page = BeautifulSoup(answer.get_data(as_text=True), "html.parser")
    return {str(box["name"]): str(box["value"]) for box in page.select("input[type=hidden]")}


# L3: replay.


@play("L3 replay in another browser that stole the cookie", "nonce_used", writes=LAUNCHED)
def replay_elsewhere(stage: Stage) -> TestResponse:
    """Even with everything in hand the launch works once."""
    query, signed = first_launch(stage)
    thief = stage.other_browser()
    for cookie in stage.browser._cookies.values():
        thief.set_cookie(cookie.key, cookie.value, secure=True)
    return stage.platform.post(thief, signed, query["state"])


# L5: key ids.


@play("L5 kid of another organisation's platform", "key_unknown", writes=NEIGHBOUR)
def foreign_kid(stage: Stage) -> TestResponse:
    """Their key is known here, for their launches."""
    other = neighbour(stage)
    query = stage.platform.login(stage.browser)
    signed = stage.platform.sign(
        stage.platform.claims(query["nonce"]), {"kid": other.kid}, other.key
    )
    return stage.platform.post(stage.browser, signed, query["state"])


@play("L5 the same kid on two different keys", "key_refused")
def duplicate_kid(stage: Stage) -> TestResponse:
    """Which of them signs is not for us to guess."""
    stage.platform.keys.append(public_jwk(rsa_key("evil"), stage.platform.kid))
    forget(stage)
    return stage.platform.launch(stage.browser)


@play("L5 the same key twice", None)
def repeated_key(stage: Stage) -> TestResponse:
    """The same key listed twice is one key."""
    stage.platform.keys.append(dict(stage.platform.keys[0]))
    forget(stage)
    return stage.platform.launch(stage.browser)


@play("L5 a key for encryption", "key_refused")
def encryption_key(stage: Stage) -> TestResponse:
    """`use` says what a key is for."""
    stage.platform.keys = [public_jwk(stage.platform.key, stage.platform.kid, use="enc")]
    forget(stage)
    return stage.platform.launch(stage.browser)


@play("L5 a key that may only sign", "key_refused")
def signing_only_key(stage: Stage) -> TestResponse:
    """`key_ops` says it as well."""
    stage.platform.keys[0].pop("use", None)
    stage.platform.keys[0]["key_ops"] = ["sign"]
    forget(stage)
    return stage.platform.launch(stage.browser)


# L7: the key set changes or goes away.


@play("L7 key set down, keys known for two hours", None)
def keys_down(stage: Stage) -> TestResponse:
    """Known keys stay good for a day."""
    age_keys(stage, 2 * 3600)
    stage.keys.answers[stage.platform.jwks_url] = unreachable()
    return stage.platform.launch(stage.browser)


@play("L7 key set down, keys known for 25 hours", "keys_unavailable")
def keys_down_too_long(stage: Stage) -> TestResponse:
    """Not longer."""
    age_keys(stage, 25 * 3600)
    stage.keys.answers[stage.platform.jwks_url] = unreachable()
    return stage.platform.launch(stage.browser)


@play("L7 key set becomes HTML, keys known for two hours", None)
def keys_become_html(stage: Stage) -> TestResponse:
    """What is no key set does not replace one."""
    age_keys(stage, 2 * 3600)
    stage.keys.answers[stage.platform.jwks_url] = lambda: http_answer("<html>")
    return stage.platform.launch(stage.browser)


@play("L7 key withdrawn by the platform", "key_unknown")
def withdrawn_key(stage: Stage) -> TestResponse:
    """A key that the platform took back signs nothing after the next fetch."""
    age_keys(stage, 3700)
    stage.platform.keys = [public_jwk(rsa_key("second"), "kid-2")]
    return stage.platform.launch(stage.browser)


@play("L7 key set of a thousand keys", "keys_unavailable")
def endless_key_set(stage: Stage) -> TestResponse:
    """Nobody has so many."""
    many = {"keys": [{**stage.platform.keys[0], "kid": str(n)} for n in range(1000)]}
    stage.keys.answers[stage.platform.jwks_url] = lambda: http_answer(json.dumps(many))
    forget(stage)
    return stage.platform.launch(stage.browser)


# L8: mix-up.


@play(
    "L8 the evil platform relays an honest token with its own state",
    "nonce_mismatch",
    writes=NEIGHBOUR,
)
def relayed_token(stage: Stage) -> TestResponse:
    """The victim began at the evil platform; the token is of the honest one."""
    evil = neighbour(stage, key_name=stage.platform.key_name, kid=stage.platform.kid)
    honest = stage.platform.login(stage.other_browser())
    query = evil.login(stage.browser)
    signed = stage.platform.sign(
        stage.platform.claims(
            honest["nonce"], iss=evil.issuer, aud=evil.client_id, azp=evil.client_id
        )
    )
    return stage.platform.post(stage.browser, signed, query["state"])


@play("L8 an honest token for the evil platform's nonce", "issuer_mismatch", writes=NEIGHBOUR)
def relayed_nonce(stage: Stage) -> TestResponse:
    """The evil platform had its nonce signed by the honest one."""
    evil = neighbour(stage, key_name=stage.platform.key_name, kid=stage.platform.kid)
    query = evil.login(stage.browser)
    signed = stage.platform.sign(stage.platform.claims(query["nonce"]))
    return stage.platform.post(stage.browser, signed, query["state"])


@play("L8 the evil platform signs for the honest one", "key_unknown", writes=NEIGHBOUR)
def forged_for_the_honest(stage: Stage) -> TestResponse:
    """Only the platform's own key set counts."""
    evil = neighbour(stage)
    query = stage.platform.login(stage.browser)
    signed = evil.sign(stage.platform.claims(query["nonce"]))
    return stage.platform.post(stage.browser, signed, query["state"])


# L9: clients of one issuer.


@play("L9 the other client of the same issuer", "audience_mismatch", writes=NEIGHBOUR)
def other_client(stage: Stage) -> TestResponse:
    """Every customer of a cloud may have the same issuer and even the same keys."""
    neighbour(
        stage,
        issuer=stage.platform.issuer,
        key_name=stage.platform.key_name,
        kid=stage.platform.kid,
    )
    query = stage.platform.login(stage.browser)
    signed = stage.platform.sign(stage.platform.claims(query["nonce"], aud="client-n"))
    return stage.platform.post(stage.browser, signed, query["state"])


@play("L9 no client id, one registration", None)
def lone_client(stage: Stage) -> TestResponse:
    """client_id is optional in a login initiation."""
    query = stage.platform.login(stage.browser, client_id=None)
    signed = stage.platform.sign(stage.platform.claims(query["nonce"]))
    return stage.platform.post(stage.browser, signed, query["state"])


@play("L9 no client id, two registrations", "platform_ambiguous", writes=NEIGHBOUR)
def ambiguous_client(stage: Stage) -> TestResponse:
    """Then the issuer does not say who is meant."""
    neighbour(stage, issuer=stage.platform.issuer)
    return stage.browser.post("/lti/login", data=stage.platform.login_params(client_id=None))


@play("L9 registration moved to another client between login and launch", "platform_mismatch")
def changed_client(stage: Stage) -> TestResponse:
    """The state names the client that it was made for."""
    query = stage.platform.login(stage.browser)
    with stage.services.database.write_connection() as connection:
        connection.execute(update(PlatformRow).values(client_id="moved"))
    forget(stage)
    signed = stage.platform.sign(stage.platform.claims(query["nonce"]))
    return stage.platform.post(stage.browser, signed, query["state"])


ATTACKS: tuple[Case, ...] = (
    csrf_with_session,
    planted_cookie,
    changed_state,
    posted_proof,
    own_proof,
    wrong_proof,
    replay_elsewhere,
    token("L5 kid of 3 kB", "kid_missing", header={"kid": "k" * 2900}),
    token("L5 kid with NUL", "key_unknown", header={"kid": "kid\x001"}),
    token("L5 kid empty", "kid_missing", header={"kid": ""}),
    token("L5 kid with a newline", "key_unknown", header={"kid": "kid-1\n"}),
    foreign_kid,
    duplicate_kid,
    repeated_key,
    encryption_key,
    signing_only_key,
    keys_down,
    keys_down_too_long,
    keys_become_html,
    withdrawn_key,
    endless_key_set,
    relayed_token,
    relayed_nonce,
    forged_for_the_honest,
    other_client,
    lone_client,
    ambiguous_client,
    changed_client,
)

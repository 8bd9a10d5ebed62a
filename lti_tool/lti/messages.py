"""The seam to PyLTI1p3: its message validators and its vocabulary of claims.

They decide whether a message has the claims that its type needs (LTI 1.3 core §5.3, Deep Linking
2.0 §3.4, Submission Review §3). Everything before that, PyLTI1p3's state, nonce, keys and token
check among it, is ours: see verify.py. The shapes of the claims are checked before the validators
see them, because they raise AttributeError where a claim is of another type.
"""

from __future__ import annotations

from typing import Any

from pylti1p3.exception import LtiException
from pylti1p3.message_validators.abstract import MessageValidatorAbstract
from pylti1p3.message_validators.deep_link import DeepLinkMessageValidator
from pylti1p3.message_validators.resource_message import ResourceMessageValidator
from pylti1p3.message_validators.submission_review import SubmissionReviewLaunchValidator

RESOURCE_LINK = "LtiResourceLinkRequest"
DEEP_LINKING = "LtiDeepLinkingRequest"
SUBMISSION_REVIEW = "LtiSubmissionReviewRequest"

_VALIDATORS: dict[str, MessageValidatorAbstract] = {
    RESOURCE_LINK: ResourceMessageValidator(),
    DEEP_LINKING: DeepLinkMessageValidator(),
    SUBMISSION_REVIEW: SubmissionReviewLaunchValidator(),
}
MESSAGE_TYPES = frozenset(_VALIDATORS)
_ANONYMOUS = "anonymous"


def is_complete(message_type: str, claims: dict[str, Any]) -> bool:
    """Whether a message of a type in `MESSAGE_TYPES` has the claims that it needs.

    A missing `sub` is judged elsewhere (a registration may allow it), so it is no reason here.
    """
    judged = claims if claims.get("sub") else {**claims, "sub": _ANONYMOUS}
    try:
        return bool(_VALIDATORS[message_type].validate(judged))
    except LtiException:
        return False

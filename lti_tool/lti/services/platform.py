"""The little that a service call has to know of a platform."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from lti_tool.lti.models import Platform


@dataclass(frozen=True, slots=True)
class PlatformRef:
    """A registration as service calls see it; plain data, so it outlives its transaction.

    `product` is the platform's `product_family_code` and selects the file of quirks.
    """

    tenant_id: str
    platform_id: str
    client_id: str
    token_url: str
    product: str


_REF = select(
    Platform.tenant_id, Platform.id, Platform.client_id, Platform.token_url, Platform.product
)


def find_platform_ref(
    connection: Connection, tenant_id: str, platform_id: str
) -> PlatformRef | None:
    """Return the platform of this tenant, None where it has no such active platform."""
    row = connection.execute(
        _REF.where(
            Platform.tenant_id == tenant_id,
            Platform.id == platform_id,
            Platform.status == "active",
        )
    ).one_or_none()
    return PlatformRef(*row) if row else None

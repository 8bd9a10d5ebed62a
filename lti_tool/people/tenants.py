"""The partner organisations."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.people.models import Tenant

_COUNTRY = re.compile("[A-Za-z]{2}")
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")


class TenantError(Exception):
    """No such organisation, or one that cannot be made; the message says which and the mend."""


def add_tenant(
    session: Session,
    slug: str,
    name: str,
    *,
    country: str | None = None,
    locale: str | None = None,
    wants_names: bool = False,
) -> Tenant:
    """Add an organisation.

    Raises:
        TenantError: the short name is taken or not of lower-case letters, digits and hyphens; the
            country is not two letters.
    """
    if not _SLUG.fullmatch(slug):
        raise TenantError(f"{slug!r}: a short name has lower-case letters, digits and hyphens only")
    if session.scalar(select(Tenant.id).where(Tenant.slug == slug)):
        raise TenantError(f"{slug!r} exists already; choose another short name")
    if country is not None and not _COUNTRY.fullmatch(country):
        raise TenantError(f"{country!r}: write the country as two letters, such as HU")
    tenant = Tenant(
        slug=slug,
        name=name,
        country=country and country.upper(),
        default_locale=locale,
        wants_names=wants_names,
    )
    session.add(tenant)
    session.flush()
    return tenant


def find_tenant(session: Session, slug: str | None) -> Tenant:
    """Return the organisation with a short name; without one, the only organisation there is.

    Raises:
        TenantError: there is none, or there are several to choose from.
    """
    tenants = list_tenants(session)
    known = ", ".join(tenant.slug for tenant in tenants) or "none yet"
    if slug is None:
        if len(tenants) == 1:
            return tenants[0]
        raise TenantError(f"name the organisation with --tenant; there are: {known}")
    for tenant in tenants:
        if tenant.slug == slug:
            return tenant
    raise TenantError(f"no organisation {slug!r}; there are: {known}")


def list_tenants(session: Session) -> Sequence[Tenant]:
    """Return all organisations by short name."""
    return session.scalars(select(Tenant).order_by(Tenant.slug)).all()

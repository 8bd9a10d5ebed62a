"""Tenants, users, roles, and what is due to a person: consent, export, erasure, retention."""

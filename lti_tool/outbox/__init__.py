"""What must reach a platform and may not be lost: rows, leases, delivery."""

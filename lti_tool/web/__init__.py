"""What every page shares: layout, macros, static files, locale, errors, security headers."""

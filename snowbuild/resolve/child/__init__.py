"""The resolver's own process: only this package touches pip and pip-tools, and nobody else imports it."""

"""What a gate says to machines and to people elsewhere: JUnit, Markdown, Prometheus, webhooks, Slack."""

from driftcore.alerts.signing import signed_headers, verify

__all__ = ["signed_headers", "verify"]

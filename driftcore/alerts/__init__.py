"""What a gate says to machines and to people elsewhere: JUnit, Markdown, Prometheus, webhooks, Slack."""

from driftcore.alerts.delivery import check_address, send_slack, send_webhook
from driftcore.alerts.junit import junit
from driftcore.alerts.markdown import markdown
from driftcore.alerts.prometheus import prometheus
from driftcore.alerts.slack import slack

__all__ = [
    "check_address",
    "junit",
    "markdown",
    "prometheus",
    "send_slack",
    "send_webhook",
    "slack",
]

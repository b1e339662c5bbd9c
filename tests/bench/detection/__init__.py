"""Who sees a drift, says where it is, and keeps quiet when nothing happened: `python -m tests.bench.detection`."""

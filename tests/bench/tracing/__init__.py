"""Training rows behind a drift, found: ours beside random, plain label-noise detection and neighbours' disagreement."""

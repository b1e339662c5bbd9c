"""Known sources of drift, and the cause that `compare` names for each: a confusion matrix."""

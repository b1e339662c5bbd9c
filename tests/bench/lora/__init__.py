"""Banking77 with real weights: a week of wrong labels is trained by LoRA, found, and trained away."""

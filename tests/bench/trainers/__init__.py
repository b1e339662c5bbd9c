"""What the trainers repair, and what it costs everywhere else."""

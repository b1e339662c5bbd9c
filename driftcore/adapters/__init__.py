"""Trainers: what makes the next checkpoint out of the current one, from a rotation to a team's own script.

Each module is imported by the name of its trainer, through `driftcore.workflows.trainers`.
"""

"""Pure functions, arrays in and numbers out: no function here decides whether a number is good or bad."""

from driftcore.stats.alignment import Alignment, cosine_shift, fit_alignment, fit_trimmed_alignment, residual_norms
from driftcore.stats.displacement import centroid_displacement, heading, migration, movement_share
from driftcore.stats.gaps import (
    ConceptResamples,
    centroid_distances,
    gap_closure_pvalues,
    gap_closures,
    mean_gap,
    percentile_interval,
    relative_scale,
    resample_concept,
    resampled_gap_closures,
)
from driftcore.stats.localization import leading_directions, leave_one_concept_out, robust_z
from driftcore.stats.moments import Centroids, PairedMoments, concept_centroids, concept_means, paired_moments
from driftcore.stats.multiplicity import benjamini_hochberg
from driftcore.stats.neighbors import nearest_neighbors, neighbor_overlap, stratified_queries
from driftcore.stats.outcomes import auroc, churned, mcnemar_pvalues
from driftcore.stats.similarity import debiased_cka, procrustes_distance

__all__ = [
    "Alignment",
    "Centroids",
    "ConceptResamples",
    "PairedMoments",
    "auroc",
    "benjamini_hochberg",
    "centroid_displacement",
    "centroid_distances",
    "churned",
    "concept_centroids",
    "concept_means",
    "cosine_shift",
    "debiased_cka",
    "fit_alignment",
    "fit_trimmed_alignment",
    "gap_closure_pvalues",
    "gap_closures",
    "heading",
    "leading_directions",
    "leave_one_concept_out",
    "mcnemar_pvalues",
    "mean_gap",
    "migration",
    "movement_share",
    "nearest_neighbors",
    "neighbor_overlap",
    "paired_moments",
    "percentile_interval",
    "procrustes_distance",
    "relative_scale",
    "resample_concept",
    "resampled_gap_closures",
    "residual_norms",
    "robust_z",
    "stratified_queries",
]

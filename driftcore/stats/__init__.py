"""Pure functions, arrays in and numbers out: no function here decides whether a number is good or bad."""

from driftcore.stats.alignment import (
    Alignment,
    cosine_shift,
    fit_alignment,
    fit_trimmed_alignment,
    principal_axes,
    principal_coordinates,
    residual_norms,
)
from driftcore.stats.anchored import ModelChange, concept_mmds_beside_anchors, fit_model_change
from driftcore.stats.composition import g_test, share_change_pvalues
from driftcore.stats.content import ConceptContents, concept_mmds, mmd, mmd_witness
from driftcore.stats.corridor import corridor_positions
from driftcore.stats.cuts import Cuts, cut_pvalues, two_group_cuts
from driftcore.stats.displacement import (
    centroid_displacement,
    directed_displacement,
    displacement_errors,
    heading,
    migration,
    movement_share,
    without_common_growth,
)
from driftcore.stats.divergence import jensen_shannon, kmeans_jsd, sense_jsd
from driftcore.stats.error_shape import (
    WithinConcepts,
    auroc_within,
    common_share,
    effective_dims,
    spread_over_concepts,
)
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
    separation,
)
from driftcore.stats.infrastructure import (
    SignedPermutation,
    largest_change,
    lattice_steps,
    neighbor_recall,
    norm_ratios,
    signed_permutation,
    significand_bits,
)
from driftcore.stats.leavers import Leavers, leavers
from driftcore.stats.localization import Population, leading_directions, leave_one_concept_out
from driftcore.stats.margins import closeness_to_border, concept_quantiles, margins
from driftcore.stats.moments import Centroids, PairedMoments, concept_centroids, concept_means, paired_moments
from driftcore.stats.multiplicity import benjamini_hochberg, look_alphas
from driftcore.stats.neighbors import cohesion, nearest_among, nearest_neighbors, neighbor_overlap, stratified_queries
from driftcore.stats.novelty import Novel, novel_beside_anchors, novel_samples
from driftcore.stats.odds import OddsRatio, highest_within, mantel_haenszel
from driftcore.stats.outcomes import churned, flip_counts, flip_pvalues, mcnemar_pvalues
from driftcore.stats.ranking import auroc, auroc_interval, mean_percentiles
from driftcore.stats.resampling import WindowTest, permutation_pvalue
from driftcore.stats.sampling import (
    ShareEstimate,
    blended_scores,
    hajek,
    horvitz_thompson,
    inclusion_probabilities,
    pivotal_sample,
    spread_order,
    weighted_interval,
)
from driftcore.stats.semantic_change import average_pairwise_distance, prototype_distance
from driftcore.stats.similarity import debiased_cka, procrustes_distance
from driftcore.stats.subgroups import Parts, heading_parts, torn_parts
from driftcore.stats.tracing import Suspects, closeness, known_labels, noise_rates, pulls, suspects
from driftcore.stats.trend import Slope, mann_kendall, smallest_trend_pvalue, theil_sen

__all__ = [
    "Alignment",
    "Centroids",
    "ConceptContents",
    "ConceptResamples",
    "Cuts",
    "Leavers",
    "ModelChange",
    "Novel",
    "OddsRatio",
    "PairedMoments",
    "Parts",
    "Population",
    "ShareEstimate",
    "SignedPermutation",
    "Slope",
    "Suspects",
    "WindowTest",
    "WithinConcepts",
    "auroc",
    "auroc_interval",
    "auroc_within",
    "average_pairwise_distance",
    "benjamini_hochberg",
    "blended_scores",
    "centroid_displacement",
    "centroid_distances",
    "churned",
    "closeness",
    "closeness_to_border",
    "cohesion",
    "common_share",
    "concept_centroids",
    "concept_means",
    "concept_mmds",
    "concept_mmds_beside_anchors",
    "concept_quantiles",
    "corridor_positions",
    "cosine_shift",
    "cut_pvalues",
    "debiased_cka",
    "directed_displacement",
    "displacement_errors",
    "effective_dims",
    "fit_alignment",
    "fit_model_change",
    "fit_trimmed_alignment",
    "flip_counts",
    "flip_pvalues",
    "g_test",
    "gap_closure_pvalues",
    "gap_closures",
    "hajek",
    "heading",
    "heading_parts",
    "highest_within",
    "horvitz_thompson",
    "inclusion_probabilities",
    "jensen_shannon",
    "kmeans_jsd",
    "known_labels",
    "largest_change",
    "lattice_steps",
    "leading_directions",
    "leave_one_concept_out",
    "leavers",
    "look_alphas",
    "mann_kendall",
    "mantel_haenszel",
    "margins",
    "mcnemar_pvalues",
    "mean_gap",
    "mean_percentiles",
    "migration",
    "mmd",
    "mmd_witness",
    "movement_share",
    "nearest_among",
    "nearest_neighbors",
    "neighbor_overlap",
    "neighbor_recall",
    "noise_rates",
    "norm_ratios",
    "novel_beside_anchors",
    "novel_samples",
    "paired_moments",
    "percentile_interval",
    "permutation_pvalue",
    "pivotal_sample",
    "principal_axes",
    "principal_coordinates",
    "procrustes_distance",
    "prototype_distance",
    "pulls",
    "relative_scale",
    "resample_concept",
    "resampled_gap_closures",
    "residual_norms",
    "sense_jsd",
    "separation",
    "share_change_pvalues",
    "signed_permutation",
    "significand_bits",
    "smallest_trend_pvalue",
    "spread_order",
    "spread_over_concepts",
    "stratified_queries",
    "suspects",
    "theil_sen",
    "torn_parts",
    "two_group_cuts",
    "weighted_interval",
    "without_common_growth",
]

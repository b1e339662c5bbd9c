"""From which number on a test of the cause fires, and why there: nothing else decides what a cause is."""

from __future__ import annotations

from typing import Final

# the same float32 sums in another order (another batch size or machine) differ by about 1e-6 of a row's largest value
ARITHMETIC: Final = 2.0**-20
# storage in up to so many significant bits is read off the values; float32 has 24, float16 11, bfloat16 8
SHORT_FLOAT: Final = 16

# share of dimensions or samples that must stand on a lattice: a constant dimension stands on none
LATTICE_GROUPS: Final = 0.95
# mean square error in units of Δ²/12 up to which a lattice explains it; int8 of Banking77 and small worlds: 0.95 to 1.1
LATTICE_ERROR: Final = 2.0

# how far the 5th and the 95th percentile of the lengths may stand from 1 (or from each other) to be "the same length"
SAME_LENGTH: Final = 0.02
# cosine distance up to which a vector kept its direction; int8 storage: 2e-5, a week of training: 1e-2
SAME_DIRECTION: Final = 1e-5
# from this median cosine distance on it is worth asking whether the columns come in another order
OTHER_DIRECTION: Final = 0.01
# what reordered columns may leave: in units of what a free rotation leaves (reordered weeks of training: up to 3), and
# as a share of what was there before (training swaps a few columns that are alike, and nothing is gained by it)
COLUMNS_LEFT: Final = 5.0
COLUMNS_SHARE: Final = 0.5

# share of samples exactly where they were from which on "some were touched, the rest not" is what happened
UNTOUCHED: Final = 0.05
# touched samples spread over so much of the concepts they could reach are not about a concept; by chance they reach 0.6
TOUCHED_SPREAD: Final = 0.5
# over less, they are not where each went its own way: really cut texts and other tokenizers have at most 0.18 of their
# movement in common with their concept, a concept or a part of it that moved has nearly all
TOUCHED_FEW: Final = 0.2
TOUCHED_TOGETHER: Final = 0.25
# of a concept that moved as a whole, a sample in twenty may stand where it was by chance
WHOLE: Final = 0.95
# a trait (length, rare characters, a prefix) that tells touched from untouched samples of the same concept
TRAIT_AUROC: Final = 0.75
TRAIT_Z: Final = 4.0
# texts read at most, touched and untouched each
TRAIT_SAMPLES: Final = 2000

# directions of the error in units of the cloud's own: clean training of Banking77 and of the demo 0.5 to 1.0,
# quantised weights of both 3.4 to 6.1. No power where the cloud fills its space: the ratio cannot exceed dims / cloud
NOISE_DIMS: Final = 2.0
# share of the error that members of a concept have in common: independent noise 0.00; the least of any training on
# which it was set 0.18, but 0.08 on an encoder of another kind that was looked at afterwards: a narrow margin
NOISE_COMMON: Final = 0.05

# predictions that changed over vectors that did not: float rounding flips a few in ten thousand
FLIPPED: Final = 0.01
# samples whose label differs between the snapshots, as a share of all
RELABELED: Final = 0.01
# total variation between the concept shares of two windows, beside a sure test: large windows make everything sure
COMPOSITION: Final = 0.05

# samples looked at by the tests of structure
STRUCTURE_SAMPLES: Final = 4000
# neighbours and samples by which harm is told
HARM_NEIGHBORS: Final = 10
HARM_SAMPLES: Final = 500

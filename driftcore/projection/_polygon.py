"""What a drawn polygon encloses."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def inside_polygon(points: NDArray[np.float32], polygon: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which points a drawn polygon encloses, by the non-zero winding rule.

    A lasso that crosses itself encloses what it goes round, as a person drawing it means, and not only what an
    odd number of its loops go round.

    Parameters
    ----------
    points : float32 array of shape (n_points, 2)
    polygon : float64 array of shape (n_corners, 2)
        Closed from the last corner to the first.

    Returns
    -------
    bool array of shape (n_points,)

    Notes
    -----
    Sunday, Inclusion of a point in a polygon: count edges that cross the ray to the right, up as +1, down as −1.

    Examples
    --------
    >>> square = np.array([[0.0, 0], [2, 0], [2, 2], [0, 2]])
    >>> inside_polygon(np.array([[1, 1], [3, 1]], dtype=np.float32), square).tolist()
    [True, False]
    """
    x, y = points[:, 0].astype(np.float64), points[:, 1].astype(np.float64)
    winding = np.zeros(len(points), dtype=np.int64)
    for (x0, y0), (x1, y1) in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
        left = (x1 - x0) * (y - y0) - (x - x0) * (y1 - y0)
        winding += (y0 <= y) & (y < y1) & (left > 0)
        winding -= (y1 <= y) & (y < y0) & (left < 0)
    return winding != 0

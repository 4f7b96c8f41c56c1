"""The ways in which a solid breaks most easily (Sellan et al. 2023, "Breaking Good").

A mode is one displacement per tetrahedron. It may jump at every face; its energy is the sum over
the faces of area times jump, so that it jumps at few and small ones. Displacements are scalars
here, which is enough to tell the components that it breaks the solid into.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from anomalies.fracturing.tetrahedra import Tetrahedra, tetrahedra_of
from anomalies.surgery.scalar_grid import Grid
from datagen.geometry.shape import Bools, Floats, Ints

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

MODES = 12
ROUNDS = 4
ENOUGH = 0.02  # relative gain of a round after which there is no other
WELDS = 4  # attempts at a mode that breaks off more than crumbs
WELD = 30.0  # how much firmer a crumb is held that a mode was about
DEPENDENT = 0.05  # a start with less than this outside the span of earlier modes is skipped
SAME_COMPONENT = 1e-3  # jump over the mode's range
SPREAD = 1 / 30  # diagonals^2: how far the shock of an impact travels

TETRAHEDRA = [field.name for field in fields(Tetrahedra)]


@dataclass(frozen=True, eq=False)
class FractureModes:
    """The K modes of a solid's T tetrahedra.

    modes: (T, K) displacement of every tetrahedron, weakest mode first; energies: (K,). With
    m = volumes / sum(volumes): the sum of m u v is 1 for a mode with itself, 0 with another one,
    and 0 with a constant.
    """

    tetrahedra: Tetrahedra
    modes: Floats
    energies: Floats

    @property
    def volumes(self) -> Floats:
        """(T,) cubic metres of material."""
        return self.tetrahedra.volumes

    @property
    def centres(self) -> Floats:
        """(T, 3) metres."""
        return self.tetrahedra.centres

    @property
    def pairs(self) -> Ints:
        """(E, 2) neighbouring tetrahedra."""
        return self.tetrahedra.pairs

    @property
    def areas(self) -> Floats:
        """(E,) square metres of material between the neighbours."""
        return self.tetrahedra.areas

    def share(self, chosen: Bools) -> float:
        """Share of the volume, 0 to 1, in the chosen tetrahedra (T,) bool."""
        return float(self.volumes[chosen].sum() / self.volumes.sum())

    def cut_area(self, chosen: Bools) -> float:
        """Square metres between the chosen tetrahedra (T,) bool and the others."""
        return float(self.areas[chosen[self.pairs[:, 0]] != chosen[self.pairs[:, 1]]].sum())

    def components(self, together: Bools) -> Ints:
        """(T,) components of the tetrahedra that the chosen pairs (E,) bool link, largest 0."""
        return self.tetrahedra.components(together)

    def components_of(self, mode: int) -> Ints:
        """(T,) the components that a mode breaks the solid into, the largest one 0."""
        return self.tetrahedra.without_crumbs(self.components(~self._jumps[:, mode]))

    @cached_property
    def atoms(self) -> Ints:
        """(T,) the components that all modes together break the solid into, the largest one 0."""
        return self.tetrahedra.without_crumbs(self.components(~self._jumps.any(axis=1)))

    def impact(self, contact: Floats, threshold: float) -> Ints:
        """(T,) the components after a blow at a point (3,) metres, the largest one 0.

        Neighbouring atoms come apart where the shock differs by more than `threshold`, 0 to 1, of
        the largest difference: the lower, the more components.
        """
        hit = np.argmin(np.linalg.norm(self.centres - contact, axis=1))
        struck = np.zeros(len(self.volumes))
        struck[hit] = self.volumes[hit]
        shock = self._shock.solve(struck)
        mass = np.bincount(self.atoms, self.volumes)
        mean = np.bincount(self.atoms, self.volumes * shock) / mass
        jump = np.abs(np.diff(mean[self.atoms[self.pairs]], axis=1))[:, 0]
        return self.components(jump <= threshold * jump.max(initial=0))

    @cached_property
    def _jumps(self) -> Bools:
        """(E, K) pairs that each mode separates."""
        return _separated(self.tetrahedra, self.modes)

    @cached_property
    def _shock(self) -> Any:
        """Factors of M + h L: how an impulse spreads in a short time."""
        from scipy.sparse import diags
        from scipy.sparse.linalg import splu

        centres = self.centres
        gap = np.linalg.norm(centres[self.pairs[:, 0]] - centres[self.pairs[:, 1]], axis=1)
        step = SPREAD * float(np.sum(np.ptp(self.tetrahedra.points, axis=0) ** 2))
        jumps = _differences(self.tetrahedra)
        stiffness = jumps.T @ diags(step * self.areas / gap) @ jumps
        return splu((diags(self.volumes) + stiffness).tocsc())


def fracture_modes(solid: Grid, rng: np.random.Generator, count: int = MODES) -> FractureModes:
    """The first `count` modes of a solid: signed distance, metres, negative inside."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        tetrahedra = tetrahedra_of(solid, rng)
        return FractureModes(tetrahedra, *_solve(tetrahedra, count))


def to_bytes(modes: FractureModes) -> bytes:
    """A small file, numbers in single precision."""
    arrays = {name: np.asarray(getattr(modes.tetrahedra, name)) for name in TETRAHEDRA}
    arrays |= {"modes": modes.modes, "energies": modes.energies}
    single = {
        name: values.astype(np.float32 if values.dtype == np.float64 else np.int16)
        for name, values in arrays.items()
    }
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **single)
    return buffer.getvalue()


def from_bytes(content: bytes) -> FractureModes:
    """The modes that `to_bytes` stored."""
    with np.load(io.BytesIO(content)) as stored:
        arrays = {
            name: values.astype(np.float64 if values.dtype == np.float32 else np.int64)
            for name, values in stored.items()
        }
    tetrahedra = Tetrahedra(*(arrays[name] for name in TETRAHEDRA))
    return FractureModes(tetrahedra, arrays["modes"], arrays["energies"])


def _solve(tetrahedra: Tetrahedra, count: int) -> tuple[Floats, Floats]:
    """(T, K) modes and (K,) energies, by iterated convex problems (ICCM).

    Where a mode breaks off nothing but crumbs, they are welded on and it is sought again.
    """
    mass = tetrahedra.volumes / tetrahedra.volumes.sum()
    area = tetrahedra.areas / tetrahedra.areas.mean()
    jumps = _differences(tetrahedra)
    found = [np.ones(len(mass))]
    energies = []
    for start in _starts(jumps, area, mass, count):
        direction = start - np.stack(found, axis=1) @ (np.stack(found) @ (mass * start))
        if np.sqrt(mass @ direction**2) < DEPENDENT:
            continue
        for _ in range(WELDS):
            mode = _iterate(direction, jumps, area, mass, np.stack(found))
            if mode is None:
                break
            separated = _separated(tetrahedra, mode)
            if tetrahedra.without_crumbs(tetrahedra.components(~separated)).any():
                found.append(mode)
                energies.append(float(area @ np.abs(jumps @ mode)))
                break
            area = np.where(separated, WELD * area, area)
    order = np.argsort(energies, kind="stable")
    return np.stack(found, axis=1)[:, 1:][:, order], np.array(energies)[order]


def _separated(tetrahedra: Tetrahedra, modes: Floats) -> Bools:
    """(E,) or (E, K) pairs that a mode (T,), or each of (T, K), separates."""
    jump = np.abs(modes[tetrahedra.pairs[:, 0]] - modes[tetrahedra.pairs[:, 1]])
    separated: Bools = jump > SAME_COMPONENT * np.ptp(modes, axis=0)
    return separated


def _differences(tetrahedra: Tetrahedra) -> csr_matrix:
    """(E, T) what takes values of tetrahedra to their differences across faces."""
    from scipy.sparse import csr_matrix

    pairs, count = tetrahedra.pairs, len(tetrahedra.volumes)
    row = np.tile(np.arange(len(pairs)), 2)
    sign = np.repeat([1.0, -1.0], len(pairs))
    return csr_matrix((sign, (row, pairs.T.ravel())), (len(pairs), count))


def _starts(jumps: csr_matrix, area: Floats, mass: Floats, count: int) -> Floats:
    """(K, T) the smoothest displacements, eigenvectors of the Laplacian, of unit mass."""
    from scipy.sparse import diags
    from scipy.sparse.linalg import eigsh

    count = min(count, len(mass) - 3)
    if count < 1:
        return np.zeros((0, len(mass)))
    scale = diags(mass**-0.5)
    laplacian = (scale @ jumps.T @ diags(area) @ jumps @ scale).tocsc()
    shift = -1e-6 * laplacian.diagonal().mean()
    _, vectors = eigsh(laplacian, count + 1, sigma=shift, v0=np.sqrt(mass))
    starts = (scale @ vectors[:, 1:]).T
    strongest = np.take_along_axis(starts, np.abs(starts).argmax(axis=1)[:, None], axis=1)
    turned: Floats = starts * np.sign(strongest)
    return turned


def _iterate(
    direction: Floats, jumps: csr_matrix, area: Floats, mass: Floats, earlier: Floats
) -> Floats | None:
    """(T,) a mode of unit mass, orthogonal to the earlier ones (K, T); None where none is found."""
    mode, energy = None, np.inf
    for _ in range(ROUNDS):
        solved = _cheapest(direction, jumps, area, mass, earlier)
        if solved is None:
            break
        direction = solved / np.sqrt(mass @ solved**2)
        gained = 1 - float(area @ np.abs(jumps @ direction)) / energy
        if gained <= 0:
            break
        mode, energy = direction, float(area @ np.abs(jumps @ direction))
        if gained < ENOUGH:
            break
    return mode


def _cheapest(
    direction: Floats, jumps: csr_matrix, area: Floats, mass: Floats, earlier: Floats
) -> Floats | None:
    """(T,) u of the least sum of area |jump u| with <direction, u> = 1 and <earlier, u> = 0.

    As a linear programme in u and in slacks s >= |jump u|.
    """
    import clarabel
    from scipy.sparse import bmat, csc_matrix, csr_matrix, identity

    edges, count = jumps.shape
    fixed = csr_matrix(np.vstack([direction, earlier]) * mass)
    slack = identity(edges)
    rows = bmat([[fixed, None], [jumps, -slack], [-jumps, -slack]], format="csc")
    right = np.r_[1.0, np.zeros(len(earlier) + 2 * edges)]
    cost = np.r_[np.zeros(count), area]
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    settings.max_threads = 1
    settings.direct_solve_method = "qdldl"
    cones = [clarabel.ZeroConeT(1 + len(earlier)), clarabel.NonnegativeConeT(2 * edges)]
    nothing = csc_matrix((len(cost), len(cost)))
    solution = clarabel.DefaultSolver(nothing, cost, rows, right, cones, settings).solve()
    if str(solution.status) not in ("Solved", "AlmostSolved"):
        return None
    return np.array(solution.x)[:count]

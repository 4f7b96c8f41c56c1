"""What a pretrained encoder saw at objects' voxels: read where they are, where they can be seen."""

from __future__ import annotations

from dataclasses import replace

import torch

from model.backprojection import project
from model.config import EncoderConfig
from model.detector import OddOneOutNetwork
from model.looks import read_looks
from model.roi import cell_centres
from tests.support.detectors import BOXES, TINY, some_views


def test_it_is_the_map_at_the_pixel_of_the_cell_with_length_one() -> None:
    """A map that tells its own pixel, (x, y, 1) times anything."""
    views, cells = some_views(1, 1, 64), 2
    y, x = torch.meshgrid(torch.arange(64) + 0.5, torch.arange(64) + 0.5, indexing="ij")
    level = 7 * torch.stack([x, y, torch.full_like(x, 32.0)])[None, None]
    solid = torch.ones((1, 3, 1, cells, cells, cells), dtype=torch.bool)
    read = read_looks((level,), views, BOXES[None], solid, cells)[0].flatten(2)
    pixels, _ = project(cell_centres(BOXES[None], cells).flatten(1, 2), views)
    wanted = pixels[0, 0].unflatten(0, (3, cells**3)).transpose(1, 2)
    assert torch.allclose(32 * read[:, :2] / read[:, 2:], wanted, atol=0.5)
    assert torch.allclose(read.norm(dim=1), torch.ones(3, cells**3), atol=0.01)


def test_only_views_count_that_have_the_cell_in_front() -> None:
    """Every view's map is of one direction: a cell shows which views it was read from."""
    count, cells = 4, 2
    views = some_views(1, count, 64)
    level = torch.eye(count).view(1, count, count, 1, 1).expand(1, count, count, 4, 4)
    solid = torch.ones((1, 3, 1, cells, cells, cells), dtype=torch.bool)
    read = read_looks((level,), views, BOXES[None], solid, cells)[0].flatten(2)
    _, depth = project(cell_centres(BOXES[None], cells).flatten(1, 2), views)
    depth = depth[0].unflatten(1, (3, cells**3))
    for number in range(3):
        front = depth[:, number] <= depth[:, number].median(dim=1, keepdim=True).values
        for cell in range(cells**3):
            seen = front[:, cell] if front[:, cell].any() else torch.ones(count, dtype=torch.bool)
            assert torch.allclose(read[number, :, cell], seen / seen.sum(), atol=1e-5)


def test_a_detector_that_reads_looks_needs_them_for_its_answer() -> None:
    torch.manual_seed(0)
    config = replace(
        TINY,
        image=64,
        encoder=EncoderConfig("efficientnet_lite0", width=8),
        matching=replace(TINY.matching, looks=True, siblings=True),
    )
    model, views = OddOneOutNetwork(config).eval(), some_views(1, 2, 64)
    scene = model.reconstruct(views)
    objects = model.objects(scene, BOXES[None])
    assert objects.looks.shape == (1, 3, 24 + 40 + 112, 4, 4, 4)
    present = torch.ones((1, 3), dtype=torch.bool)
    scores = model.matching(objects, present)
    blind = model.matching(replace(objects, looks=objects.looks.flip(1)), present)
    assert not torch.allclose(scores, blind, atol=1e-4)
    with torch.autocast("cpu", torch.bfloat16):
        low = model.classify(model.reconstruct(views), BOXES[None], present)
    assert torch.allclose(low.float(), scores, atol=0.05)
    order = [2, 0, 1]
    turned = model.classify(scene, BOXES[None, order], present)
    assert torch.allclose(turned, scores[:, order], atol=1e-4)

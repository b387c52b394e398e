"""Convolution and pooling of pictures by PyTorch, with gradients of Σ y·dy; generate.py calls it."""

import numpy as np
import torch
import torch.nn.functional as F

# Shapes of x and of the weights, whether there is a bias, options.
CONVOLUTIONS = [
    ((1, 1, 1, 1), (1, 1, 1, 1), True, {}), ((2, 3, 5, 7), (4, 3, 3, 3), True, {"padding": 1}), ((1, 2, 6, 6), (5, 2, 2, 3), False, {}),
    ((2, 2, 9, 8), (7, 2, 3, 3), True, {"stride": 2, "padding": 1}), ((1, 3, 7, 12), (6, 3, 3, 5), True, {"stride": [1, 3], "padding": [0, 2]}),
    ((1, 2, 9, 9), (3, 2, 3, 2), True, {"dilation": [2, 3], "padding": 2}), ((2, 4, 5, 6), (6, 2, 3, 3), True, {"groups": 2, "padding": 1}),
    ((2, 3, 5, 5), (3, 1, 3, 3), False, {"groups": 3, "stride": 2}), ((1, 1, 3, 4), (2, 1, 1, 1), True, {"padding": 3}),
    ((1, 2, 4, 11), (9, 2, 4, 1), True, {"stride": [3, 2]}),
]
# Name, shape of x, options.
POOLS = [
    ("maxPool2d", (2, 3, 6, 8), {"kernelSize": 2}), ("maxPool2d", (1, 2, 7, 5), {"kernelSize": 3, "stride": 2, "padding": 1}),
    ("maxPool2d", (1, 2, 5, 9), {"kernelSize": [2, 4], "stride": [1, 2], "padding": [1, 2]}), ("avgPool2d", (2, 3, 6, 8), {"kernelSize": 2}),
    ("avgPool2d", (1, 2, 7, 5), {"kernelSize": 3, "stride": 2, "padding": 1}), ("avgPool2d", (1, 1, 5, 9), {"kernelSize": [5, 3], "stride": [2, 1]}),
]


def ops_pictures(draw, flat, seed):
    rng = np.random.RandomState(seed)
    data = lambda tensor: {"shape": list(tensor.shape), "data": flat(tensor)}

    def case(name, options, xs, compute):
        y = compute(*xs)
        dy = draw(rng, tuple(y.shape))
        (y * dy).sum().backward()
        return {
            "name": name, "options": options, "inputs": [data(x) for x in xs], "output": data(y),
            "dOutput": flat(dy), "dInputs": [flat(x.grad) for x in xs],
        }

    cases = []
    for x, weight, bias, options in CONVOLUTIONS:
        shapes = [x, weight, (weight[0],)] if bias else [x, weight]
        xs = [draw(rng, shape).requires_grad_() for shape in shapes]
        cases.append(case("conv2d", options, xs, lambda *xs: F.conv2d(*xs, **options)))
    for name, shape, options in POOLS:
        pool = F.max_pool2d if name == "maxPool2d" else F.avg_pool2d
        given = {"kernel_size": options["kernelSize"], **{key: options[key] for key in ("stride", "padding") if key in options}}
        cases.append(case(name, options, [draw(rng, shape).requires_grad_()], lambda x: pool(x, **given)))
    return {"cases": cases}

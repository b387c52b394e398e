"""Operators over axes of PyTorch, with gradients of Σ y·dy; generate.py calls it."""

import torch

SHAPES = [
    ((1,), [None, 0]), ((7,), [None]), ((37,), [0]), ((3, 5), [None, 0, 1, [0, 1]]), ((2, 21), [1, 0]), ((5, 19), [0]), ((2, 3, 4), [1, [0, 2], [-1, 1], [1, 2], None]),
    ((2, 3, 2, 3), [[0, 2], [1, 2]]), ((5, 1, 3), [[0, 2], 1]),
]


def apply(name, x, axes, keep):
    every = tuple(range(x.dim()))
    dims = every if axes is None else (axes,) if isinstance(axes, int) else tuple(axes)
    if name == "variance0":
        return x.var(dims, unbiased=False, keepdim=keep)
    if name == "variance":
        return x.var(dims, unbiased=True, keepdim=keep)
    return {"sum": torch.sum, "mean": torch.mean, "max": torch.amax, "logSumExp": torch.logsumexp}[name](x, dims, keepdim=keep)


def along(name, x, axis):
    return {"softmax": torch.softmax, "logSoftmax": torch.log_softmax, "cumulativeSum": torch.cumsum}[name](x, axis)


def case(name, x, axes, keep, y, draw, rng, flat):
    y = y.reshape(1) if y.dim() == 0 else y
    record = {"name": name, "shape": list(x.shape), "axes": axes, "keepDims": keep, "x": flat(x), "yShape": list(y.shape), "y": flat(y)}
    if name == "argMax":
        return record
    dy = draw(rng, tuple(y.shape))
    (y * dy).sum().backward()
    return {**record, "dy": flat(dy), "dx": flat(x.grad)}


def ops_reduce(draw, flat, rng):
    cases = []
    for shape, list_of_axes in SHAPES:
        for axes in list_of_axes:
            for i, name in enumerate(["sum", "mean", "max", "variance", "variance0", "logSumExp"]):
                if name == "variance" and axes in (0, 1, None) and (axes == 1 and shape == (5, 1, 3) or shape == (1,)):
                    continue  # NaN: of one element
                x = draw(rng, shape, 2.0)
                if name == "max":
                    x = x.round()  # equal ones
                x.requires_grad_()
                keep = i % 2 == len(shape) % 2
                cases.append(case(name, x, axes, keep, apply(name, x, axes, keep), draw, rng, flat))
            if isinstance(axes, int):
                for name in ["softmax", "logSoftmax", "cumulativeSum"]:
                    x = draw(rng, shape, 2.0).requires_grad_()
                    cases.append(case(name, x, axes, False, along(name, x, axes), draw, rng, flat))
                x = draw(rng, shape).round()
                cases.append(case("argMax", x, axes, True, x.argmax(axes, keepdim=True), draw, rng, flat))
    return {"cases": cases}

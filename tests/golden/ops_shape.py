"""Products, movement and gathering of PyTorch, with gradients of Σ output·dy; generate.py calls it."""

import numpy as np
import torch

MATMULS = [
    ((1, 1), (1, 1), {}), ((5, 7), (7, 3), {}), ((7, 5), (7, 3), {"transposeA": True}), ((5, 7), (3, 7), {"transposeB": True}),
    ((7, 5), (3, 7), {"transposeA": True, "transposeB": True}), ((2, 3, 4, 5), (5, 6), {}), ((2, 5, 4), (5, 9), {"transposeA": True}),
    ((4, 5), (2, 5, 3), {}), ((3, 1, 2, 5), (4, 5, 2), {}), ((3, 1, 5, 2), (4, 2, 5), {"transposeA": True, "transposeB": True}),
    ((2, 3, 4, 8), (2, 3, 4, 8), {"transposeB": True}), ((2, 1, 4, 5), (1, 3, 5, 2), {}), ((2, 3, 1, 5), (2, 1, 5, 9), {}),
]
MOVES = [
    ("reshape", [(2, 3, 4)], [[6, -1]]), ("squeeze", [(1, 3, 1, 2)], []), ("squeeze", [(1, 3, 1, 2)], [2]), ("unsqueeze", [(3, 2)], [-2]),
    ("expand", [(3, 1, 2)], [[2, 3, 4, 2]]), ("expand", [(1,)], [[3, 5]]), ("permute", [(2, 3, 4)], [[2, 0, 1]]),
    ("permute", [(5, 9)], [[1, 0]]), ("permute", [(2, 3, 4, 5)], [[0, 2, 1, 3]]), ("permute", [(2, 3, 4, 5)], [[-1, 1, 2, 0]]),
    ("flip", [(3, 7)], [[1]]), ("flip", [(3, 4, 2)], [[0, -1]]), ("concat", [(2, 3), (2, 1), (2, 5)], [1]),
    ("concat", [(2, 3), (4, 3)], [0]), ("stack", [(2, 3), (2, 3), (2, 3)], [-1]), ("stack", [(2, 3), (2, 3)], [0]),
    ("split", [(2, 9)], [[2, 3, 4], 1]), ("split", [(6, 2)], [3, 0]), ("slice", [(7, 3)], [[2], [5], [1]]),
    ("slice", [(4, 9)], [[0, 8], [4, 1], [3, -2]]), ("slice", [(5, 6)], [[-3, -2], [-1, 6], [1, 1]]),
    ("pad", [(2, 3)], [[[0, 0], [2, 1]], 1.5]), ("pad", [(2, 2, 2)], [[[1, 0], [0, 2], [1, 1]], -1]),
]
GATHERS = [((4, 5), 0, (3, 5)), ((4, 5), 1, (2, 7)), ((3, 4, 2), 1, (2, 6, 1)), ((6,), -1, (9,))]


def apply(name, xs, args):
    """The operator by our name and arguments, in PyTorch's words."""
    x = xs[0]
    if name == "reshape":
        return [x.reshape(args[0])]
    if name == "squeeze":
        return [x.squeeze(*args)]
    if name == "unsqueeze":
        return [x.unsqueeze(*args)]
    if name == "expand":
        return [x.expand(args[0])]
    if name == "permute":
        return [x.permute(args[0])]
    if name == "flip":
        return [x.flip(args[0])]
    if name == "concat":
        return [torch.cat(xs, args[0])]
    if name == "stack":
        return [torch.stack(xs, args[0])]
    if name == "split":
        sizes, axis = args
        return list(torch.split(x, sizes, axis) if isinstance(sizes, list) else torch.chunk(x, sizes, axis))
    if name == "slice":  # PyTorch knows no negative steps: by index
        for axis, (start, stop, step) in enumerate(zip(*args)):
            x = x.index_select(axis, torch.tensor(range(x.shape[axis])[slice(start, stop, step)]))
        return [x]
    assert name == "pad"
    before_after = [n for pair in reversed(args[0]) for n in pair]
    return [torch.nn.functional.pad(x, before_after, value=args[1])]


def ops_shape(draw, flat, seed):
    rng = np.random.RandomState(seed)
    data = lambda tensor: {"shape": list(tensor.shape), "data": flat(tensor)}

    def case(name, args, shapes, compute, **more):
        xs = [draw(rng, shape).requires_grad_() for shape in shapes]
        ys = compute(xs)
        dys = [draw(rng, tuple(y.shape)) for y in ys]
        sum((y * dy).sum() for y, dy in zip(ys, dys)).backward()
        return {
            "name": name, "args": args, "inputs": [data(x) for x in xs], "outputs": [data(y) for y in ys],
            "dOutputs": [flat(dy) for dy in dys], "dInputs": [flat(x.grad) for x in xs], **more,
        }

    def product(options):
        turn = lambda x, name: x.transpose(-1, -2) if options.get(name) else x
        return lambda xs: [turn(xs[0], "transposeA") @ turn(xs[1], "transposeB")]

    cases = [case("matmul", [options], [a, b], product(options)) for a, b, options in MATMULS]
    cases += [case(name, args, shapes, lambda xs, name=name, args=args: apply(name, xs, args)) for name, shapes, args in MOVES]
    for shape, axis, picked in GATHERS:
        index = torch.tensor(rng.randint(0, shape[axis], picked))
        more = {"index": data(index)}
        cases.append(case("gather", [axis], [shape], lambda xs: [torch.gather(xs[0], axis, index)], **more))
        source = tuple(n + 1 for n in picked)  # of which the index takes a part; PyTorch's own backward pass wants it cut
        part = tuple(slice(n) for n in picked)
        cases.append(case("scatterAdd", [axis], [shape, source], lambda xs: [xs[0].scatter_add(axis, index, xs[1][part])], **more))
    return {"cases": cases}

"""Operators element by element of PyTorch, with gradients of Σ output·dy, in f32 and f64; generate.py calls it."""

import math

import numpy as np
import torch

UNARY = {
    "neg": torch.neg, "exp": torch.exp, "log": torch.log, "sqrt": torch.sqrt, "square": torch.square, "abs": torch.abs,
    "sigmoid": torch.sigmoid, "tanh": torch.tanh, "relu": torch.relu, "gelu": torch.nn.functional.gelu,
    "geluTanh": lambda x: torch.nn.functional.gelu(x, approximate="tanh"), "silu": torch.nn.functional.silu,
    "softplus": torch.nn.functional.softplus, "clip": lambda x: torch.clamp(x, -0.75, 1.5),
}
BINARY = {
    "add": torch.add, "sub": torch.sub, "mul": torch.mul, "div": torch.div, "maximum": torch.maximum, "minimum": torch.minimum,
}
COMPARISONS = {
    "equal": torch.eq, "notEqual": torch.ne, "less": torch.lt, "lessEqual": torch.le, "greater": torch.gt, "greaterEqual": torch.ge,
}
SHAPES = [
    ((5,), (5,)), ((3, 4), (1,)), ((1,), (2, 3)), ((3, 4), (4,)), ((3, 1), (4,)), ((2, 1, 3), (4, 1)), ((2, 3, 4), (2, 1, 4)), ((2, 1, 3, 1), (5, 1, 2)),
    ((2, 3, 37), (37,)), ((6, 33), (6, 1)),
]
#: NaN, infinities and zeros of both signs, as text: JSON knows none of them.
SPECIAL = [math.nan, math.inf, -math.inf, 0.0, -0.0, 1.0, -1.0]


def texts(tensor):
    return [repr(float(value)) for value in tensor.detach().flatten()]


def ops_elementwise(flat, seed):
    rng = np.random.RandomState(seed)
    draw = lambda shape: torch.tensor(rng.randn(*shape).astype(np.float32).astype(np.float64))
    unary, special, binary, where = [], [], [], []
    for name, f in UNARY.items():
        x = torch.cat([draw((23,)) * 2, torch.tensor([0.25, -0.75, 1.5, 8.0, -8.0, 25.0, -25.0, 1e-6])])
        x = x.abs() + 0.125 if name in ("log", "sqrt") else x
        x = x.float().double().requires_grad_()
        y = f(x)
        dy = draw(tuple(y.shape))
        y.backward(dy)
        unary.append({"name": name, "x": flat(x), "y": flat(y), "dy": flat(dy), "dx": flat(x.grad)})
        s = torch.tensor(SPECIAL, dtype=torch.float64, requires_grad=True)
        t = f(s)
        t.backward(torch.ones_like(t))
        special.append({"name": name, "y": texts(t), "dx": texts(s.grad)})
    for name, f in {**BINARY, **COMPARISONS}.items():
        for left, right in SHAPES:
            a, b = draw(left), draw(right)
            if name == "div":
                b = b.sign() * (b.abs() + 0.25)
            if name in COMPARISONS or name in ("maximum", "minimum"):
                a, b = a.round(), b.round()  # ties
            a, b = (each.float().double().requires_grad_() for each in (a, b))
            y = f(a, b)
            case = {"name": name, "aShape": left, "bShape": right, "yShape": list(y.shape), "a": flat(a), "b": flat(b), "y": [float(v) for v in y.flatten()]}
            if name in BINARY:
                dy = draw(tuple(y.shape))
                y.backward(dy)
                case = {**case, "y": flat(y), "dy": flat(dy), "da": flat(a.grad), "db": flat(b.grad)}
            binary.append(case)
        pairs = [(p, q) for p in SPECIAL for q in SPECIAL]
        a, b = (torch.tensor([pair[i] for pair in pairs], dtype=torch.float64, requires_grad=True) for i in (0, 1))
        y = f(a, b)
        case = {"name": name, "a": texts(a), "b": texts(b), "y": texts(y)}
        if name in BINARY:
            y.backward(torch.ones_like(y))
            case = {**case, "da": texts(a.grad), "db": texts(b.grad)}
        special.append(case)
    for c_shape, left, right in [((3, 4), (3, 4), (3, 4)), ((3, 1), (4,), (1,)), ((4,), (2, 3, 4), (3, 1)), ((2, 1, 1), (1, 3, 1), (5,))]:
        c = torch.tensor(rng.randint(0, 2, c_shape))
        a, b = (draw(each).requires_grad_() for each in (left, right))
        y = torch.where(c.bool(), a, b)
        dy = draw(tuple(y.shape))
        y.backward(dy)
        where.append({"cShape": c_shape, "aShape": left, "bShape": right, "yShape": list(y.shape), "c": [int(v) for v in c.flatten()],
                      "a": flat(a), "b": flat(b), "y": flat(y), "dy": flat(dy), "da": flat(a.grad), "db": flat(b.grad)})
    return {"unary": unary, "binary": binary, "where": where, "special": special}

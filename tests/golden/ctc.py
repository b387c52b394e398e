"""CTC of PyTorch behind log_softmax: loss and gradient by the logits; generate.py calls it."""

import numpy as np
import torch
from torch.nn import functional as F

# T, N, C, S, input lengths, target lengths, blank, reduction, size of the logits
CASES = [
    (1, 1, 2, 1, None, None, 0, "mean", 1),
    (1, 2, 3, 1, None, [1, 0], 0, "sum", 1),
    (5, 1, 4, 2, None, None, 0, "mean", 2),
    (6, 3, 5, 3, [6, 4, 5], [3, 1, 0], 0, "mean", 2),
    (6, 3, 5, 3, [6, 4, 5], [3, 1, 0], 4, "sum", 2),
    (9, 2, 3, 4, None, None, 1, "mean", 4),
    (12, 4, 7, 5, [12, 12, 7, 5], [5, 3, 2, 4], 3, "mean", 1),
    (30, 2, 9, 11, [30, 22], [11, 9], 0, "mean", 12),
]


def case(T, N, C, S, lengths, target_lengths, blank, reduction, size, zero, draw, rng, flat):
    z = draw(rng, (T, N, C), float(size)).requires_grad_()
    y = rng.randint(0, C - 1, (N, S))
    y = y + (y >= blank)
    il, tl = torch.tensor(lengths or [T] * N), torch.tensor(target_lengths or [S] * N)
    loss = F.ctc_loss(F.log_softmax(z, -1), torch.tensor(y), il, tl, blank=blank, reduction=reduction, zero_infinity=zero)
    loss.backward()
    number = lambda v: v if np.isfinite(v) else str(v)
    return {
        "shape": [T, N, C], "S": S, "lengths": lengths, "targetLengths": target_lengths, "blank": blank, "reduction": reduction, "zeroInfinity": zero,
        "logits": flat(z), "targets": y.reshape(-1).tolist(), "loss": number(loss.item()), "gradient": [number(v) for v in flat(z.grad)],
    }


def ctc(draw, flat, seed):
    rng = np.random.RandomState(seed)
    cases = [case(*row, False, draw, rng, flat) for row in CASES]
    # Five steps cannot hold 1 1 1 1; the first of the two can hold 3.
    for zero in (False, True):
        cases.append(case(5, 2, 3, 4, None, [2, 4], 0, "sum", 1, zero, draw, np.random.RandomState(3), flat))
    return {"cases": cases}

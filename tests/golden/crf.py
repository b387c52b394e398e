"""The forward algorithm of a CRF in PyTorch's operators, differentiated by autograd; generate.py calls it."""

import numpy as np
import torch

# K, lengths, whether some transitions are forbidden
CASES = [(1, [3, 1], False), (2, [1], False), (3, [4, 2, 4], False), (5, [6, 6], True), (9, [7, 3, 5], True), (17, [4], False)]


def log_likelihood(e, tags, start, end, transitions):
    alpha = start + e[0]
    score = start[tags[0]] + e[0, tags[0]]
    for t in range(1, len(tags)):
        alpha = torch.logsumexp(alpha[:, None] + transitions, 0) + e[t]
        score = score + transitions[tags[t - 1], tags[t]] + e[t, tags[t]]
    return score + end[tags[-1]] - torch.logsumexp(alpha + end, 0)


def crf(draw, flat, seed):
    rng = np.random.RandomState(seed)
    cases = []
    for K, lengths, constrained in CASES:
        T, N = max(lengths), len(lengths)
        leaves = [draw(rng, shape, 2.0).requires_grad_() for shape in ((T, N, K), (K,), (K,), (K, K))]
        e, start, end, transitions = leaves
        tags = rng.randint(0, K, (T, N))
        used = {(int(a), int(b)) for n, L in enumerate(lengths) for a, b in zip(tags[: L - 1, n], tags[1:L, n])}
        forbidden = [(i, j) for i in range(K) for j in range(K) if constrained and (i * 7 + j * 3) % 5 < 2 and (i, j) not in used]
        mask = torch.zeros(K, K, dtype=torch.float64)
        for i, j in forbidden:
            mask[i, j] = -1e300
        total = -sum(log_likelihood(e[:L, n], tags[:L, n], start, end, transitions + mask) for n, L in enumerate(lengths))
        total.backward()
        cases.append({
            "K": K, "T": T, "N": N, "lengths": lengths, "forbidden": forbidden, "targets": tags.reshape(-1).tolist(),
            "emissions": flat(e), "parameters": flat(start) + flat(end) + flat(transitions), "loss": total.item(),
            "dEmissions": flat(e.grad), "dParameters": [x for leaf in (start, end, transitions) for x in (leaf.grad.reshape(-1).tolist() if leaf.grad is not None else [0.0] * leaf.numel())],
        })
    return cases

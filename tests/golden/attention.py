"""Attention in PyTorch: torch.nn.MultiheadAttention, and the scores of Luong and Bahdanau written out; generate.py calls it."""

import numpy as np
import torch
from torch import nn


def attention(draw, flat, seed):
    rng = np.random.RandomState(seed)
    data = lambda tensor: {"shape": list(tensor.shape), "data": flat(tensor)}

    def mask_of(T, S, N, lengths, causal):
        """[N,T,S]: what is not seen."""
        steps = torch.arange(S)
        hidden = torch.zeros(N, T, S, dtype=torch.bool)
        if lengths:
            hidden |= (steps[None, :] >= torch.tensor(lengths)[:, None])[:, None, :]
        if causal:
            hidden |= (steps[None, :] > torch.arange(T)[:, None])[None]
        return hidden

    def case(layer, options, inputs, parameters, compute, **more):
        """compute: output and weights. Gradients are those of Σ output·dOutput + Σ weights·dWeights."""
        output, weights = compute()
        dOutput, dWeights = draw(rng, tuple(output.shape)), draw(rng, tuple(weights.shape))
        ((output * dOutput).sum() + (weights * dWeights).sum()).backward()
        return {
            "layer": layer, "options": options, **more, "inputs": {name: data(x) for name, x in inputs.items()},
            "parameters": {name: data(p) for name, p in parameters.items()}, "output": data(output), "weights": data(weights),
            "dOutput": flat(dOutput), "dWeights": flat(dWeights), "dInputs": {name: flat(x.grad) for name, x in inputs.items()},
            "gradients": {name: flat(p.grad) for name, p in parameters.items()},
        }

    cases = []
    for E, H, T, S, N, bias, lengths, causal, own in [
        (6, 2, 3, 5, 2, True, None, False, False), (8, 4, 4, 4, 3, True, [4, 1, 3], False, True), (8, 1, 5, 5, 2, False, None, True, True),
        (12, 3, 4, 6, 2, True, [6, 2], False, False), (4, 4, 3, 3, 2, True, [2, 3], True, True), (10, 2, 1, 7, 3, False, [7, 1, 4], False, False),
    ]:
        module = nn.MultiheadAttention(E, H, bias=bias)
        names = ["in_proj_weight"] + (["in_proj_bias"] if bias else []) + ["out_proj.weight"] + (["out_proj.bias"] if bias else [])
        parameters = {name: dict(module.named_parameters())[name] for name in names}
        with torch.no_grad():
            for parameter in parameters.values():
                parameter.copy_(draw(rng, tuple(parameter.shape), 0.6))
        query = draw(rng, (T, N, E)).requires_grad_()
        inputs = {"query": query} if own else {"query": query, "key": draw(rng, (S, N, E)).requires_grad_()}
        key = inputs.get("key", query)
        hidden = mask_of(T, S, N, lengths, causal).repeat_interleave(H, 0)
        compute = lambda: module(query, key, key, attn_mask=hidden, average_attn_weights=False)
        options = {"embedDim": E, "numHeads": H, "bias": bias}
        cases.append(case("MultiHeadAttention", options, inputs, parameters, compute, lengths=lengths, causal=causal))

    for score, Dq, Dk, A, T, S, N, lengths, causal in [
        ("dot", 5, 5, 0, 3, 4, 2, None, False), ("dot", 9, 9, 0, 2, 6, 3, [6, 1, 4], False), ("general", 4, 7, 0, 3, 5, 2, [5, 2], False),
        ("general", 6, 3, 0, 4, 4, 2, None, True), ("additive", 5, 6, 7, 3, 5, 2, [3, 5], False), ("additive", 3, 9, 13, 1, 6, 3, None, False),
    ]:
        query, key = draw(rng, (T, N, Dq)).requires_grad_(), draw(rng, (S, N, Dk)).requires_grad_()
        shapes = {"dot": {}, "general": {"key.weight": (Dq, Dk)}}.get(
            score, {"query.weight": (A, Dq), "key.weight": (A, Dk), "key.bias": (A,), "score": (A,)}
        )
        p = {name: draw(rng, shape, 0.6).requires_grad_() for name, shape in shapes.items()}

        def compute():
            keys = key if score == "dot" else nn.functional.linear(key, p["key.weight"], p.get("key.bias"))
            if score == "additive":
                queries = nn.functional.linear(query, p["query.weight"])
                scores = torch.tanh(queries[:, None] + keys[None]) @ p["score"]  # [T,S,N]
            else:
                scores = torch.einsum("tnd,snd->tsn", query, keys)
            scores = scores.permute(2, 0, 1).masked_fill(mask_of(T, S, N, lengths, causal), -float("inf"))
            weights = scores.softmax(-1)
            return torch.einsum("nts,snd->tnd", weights, key), weights

        options = {"querySize": Dq, "keySize": Dk, "score": score, **({"hiddenSize": A} if A else {})}
        cases.append(case("Attention", options, {"query": query, "key": key}, p, compute, lengths=lengths, causal=causal))
    return {"cases": cases}

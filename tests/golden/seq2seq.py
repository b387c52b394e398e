"""Encoders and decoders with attention in PyTorch, written out: first logits and the losses of steps of SGD; generate.py calls it."""

import numpy as np
import torch
from torch import nn

STEPS = 8
RATE = 0.2
BOS, EOS, IGNORED = 5, 6, -100
SOURCES = [[3, 1, 4, 1], [2], [0, 4]]
TARGETS = [[1, 4, 0], [3, 3, 2, 0], [2]]


def seq2seq(draw, flat, seed):
    rng = np.random.RandomState(seed)
    E, H, V, U = 3, 4, 5, 7  # embedding, hidden units, vocabularies of source and target

    def variant(options):
        lstm, layers, style = options["cell"] == "lstm", options["numLayers"], options["style"]
        score, feeding = options["attention"], options["inputFeeding"]
        gates, parts = (4, 2) if lstm else (3, 1)
        beside = H if feeding else 2 * H if style == "bahdanau" else 0
        shapes = {"encoder.embedding.weight": (V, E)}
        for layer in range(layers):
            for way in ("", "_reverse"):
                inputs = E if layer == 0 else 2 * H
                for name, shape in (("weight_ih", (gates * H, inputs)), ("weight_hh", (gates * H, H)), ("bias_ih", (gates * H,)), ("bias_hh", (gates * H,))):
                    shapes[f"encoder.rnn.{name}_l{layer}{way}"] = shape
        shapes.update({"bridge.weight": (layers * H * parts, layers * 2 * H * parts), "bridge.bias": (layers * H * parts,), "embedding.weight": (U, E)})
        for layer in range(layers):
            inputs = E + beside if layer == 0 else H
            for name, shape in (("weight_ih", (gates * H, inputs)), ("weight_hh", (gates * H, H)), ("bias_ih", (gates * H,)), ("bias_hh", (gates * H,))):
                shapes[f"decoder.{name}_l{layer}"] = shape
        if score == "general":
            shapes["attention.key.weight"] = (H, 2 * H)
        if score == "additive":
            shapes.update({"attention.query.weight": (H, H), "attention.key.weight": (H, 2 * H), "attention.key.bias": (H,), "attention.score": (H,)})
        if score != "none":
            shapes["combine.weight"] = (H, 3 * H)
        shapes.update({"head.weight": (U, H), "head.bias": (U,)})
        w = {name: draw(rng, shape, 0.5).requires_grad_() for name, shape in shapes.items()}
        begin = {name: flat(value) for name, value in w.items()}
        function = torch._VF.lstm if lstm else torch._VF.gru
        encoder = [w[name] for name in shapes if name.startswith("encoder.rnn.")]
        decoder = [w[name] for name in shapes if name.startswith("decoder.")]

        def logits_of(source, target):
            """One pair at a time: no padding. [T,U]"""
            x = w["encoder.embedding.weight"][torch.tensor(source)][:, None]
            zeros = x.new_zeros(2 * layers, 1, H)
            memory, *ends = function(x, (zeros, zeros) if lstm else zeros, encoder, True, layers, 0.0, True, True, False)
            bridged = nn.functional.linear(torch.cat(ends).reshape(-1), w["bridge.weight"], w["bridge.bias"]).reshape(parts * layers, 1, H)
            state = (torch.tanh(bridged[:layers]), bridged[layers:]) if lstm else torch.tanh(bridged)
            memory = memory[:, 0]
            feed = x.new_zeros(H)

            def attend(query):
                if score == "general":
                    scores = memory @ w["attention.key.weight"].T @ query
                else:
                    keys = nn.functional.linear(memory, w["attention.key.weight"], w["attention.key.bias"])
                    scores = torch.tanh(w["attention.query.weight"] @ query + keys) @ w["attention.score"]
                return scores.softmax(0) @ memory

            rows = []
            for token in [BOS] + target:
                y = w["embedding.weight"][token]
                context = None
                if style == "bahdanau":
                    context = attend((state[0] if lstm else state)[-1, 0])
                    y = torch.cat([y, context])
                elif feeding:
                    y = torch.cat([y, feed])
                output, *state = function(y[None, None], state, decoder, True, layers, 0.0, True, False, False)
                state = tuple(state) if lstm else state[0]
                top = output[0, 0]
                if score == "none":
                    feed = top
                else:
                    context = attend(top) if context is None else context
                    feed = torch.tanh(w["combine.weight"] @ torch.cat([context, top]))
                rows.append(nn.functional.linear(feed, w["head.weight"], w["head.bias"]))
            return torch.stack(rows)

        losses, first = [], None
        for _ in range(STEPS):
            logits = [logits_of(source, target) for source, target in zip(SOURCES, TARGETS)]
            first = first or [flat(each) for each in logits]
            wanted = torch.tensor([token for target in TARGETS for token in target + [EOS]])
            value = nn.functional.cross_entropy(torch.cat(logits), wanted)
            losses.append(float(value))
            grads = torch.autograd.grad(value, list(w.values()))
            with torch.no_grad():
                for weight, grad in zip(w.values(), grads):
                    weight -= RATE * grad
        return {"options": options, "weights": begin, "first": first, "losses": losses}

    options = lambda cell, numLayers, attention, style, inputFeeding: {
        "cell": cell, "numLayers": numLayers, "attention": attention, "style": style, "inputFeeding": inputFeeding,
    }
    variants = [
        options("gru", 1, "general", "luong", True), options("lstm", 2, "general", "luong", False), options("lstm", 1, "additive", "bahdanau", False),
        options("gru", 2, "none", "luong", False),
    ]
    sizes = {"embeddingDim": E, "hiddenSize": H, "sourceVocabularySize": V, "targetVocabularySize": U, "bos": BOS, "eos": EOS}
    return {"sizes": sizes, "sources": SOURCES, "targets": TARGETS, "rate": RATE, "variants": [variant(each) for each in variants]}

"""Floats in two bytes: NumPy's float16 of f64, PyTorch's bfloat16 of f32, bit for bit. Writes halves.json.

Run: python3 tests/golden/halves.py
"""

import json
from pathlib import Path

import numpy as np
import torch

generator = np.random.default_rng(7)


def values_of(least, most, width):
    """Numbers of every size, those half way between two neighbours and beside them, subnormals, the ends."""
    powers = np.ldexp(1.0, generator.integers(least - width - 3, most + 1, 120))
    wide = generator.standard_normal(120) * powers
    steps = generator.integers(2**width, 2 ** (width + 1), 60) + 0.5
    ties = np.ldexp(steps, generator.integers(least - width, most - width, 60))
    low = np.ldexp(generator.integers(0, 2**width, 30) + 0.5, least - width)
    beside = [np.nextafter(np.float32(tie), np.float32(towards), dtype=np.float32) for tie in ties[:20] for towards in (0, np.inf)]
    largest = (2 - 2.0**-width) * 2.0**most
    ends = [0.0, -0.0, 2.0 ** (least - width), 2.0 ** (least - width - 1), 2.0**least, largest, -largest, np.inf, -np.inf]
    return np.concatenate([wide, ties, -low, beside, ends])


f16 = values_of(-14, 15, 10)
with np.errstate(over="ignore"):
    f16 = f16[np.isfinite(f16.astype(np.float16)) | np.isinf(f16)]
bf16 = values_of(-126, 127, 7).astype(np.float32)
bits = torch.tensor(bf16).to(torch.bfloat16).view(torch.int16).numpy().astype(np.uint16)
finite = (bits & 0x7FFF) != 0x7F80
kept = finite | np.isinf(bf16)


def listed(values):
    return [str(value) if np.isinf(value) or (value == 0 and np.signbit(value)) else float(value) for value in values]


golden = {
    "F16": {"values": listed(f16), "bits": f16.astype(np.float16).view(np.uint16).tolist()},
    "BF16": {"values": listed(bf16[kept]), "bits": bits[kept].tolist()},
}
Path(__file__).with_name("halves.json").write_text(json.dumps(golden) + "\n")

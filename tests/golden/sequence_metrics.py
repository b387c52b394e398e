"""BLEU, chrF and edit distances of NLTK, on translations that are right, wrong, short, empty, and in several scripts."""

import random
import warnings
from fractions import Fraction

from nltk.metrics.distance import edit_distance
from nltk.translate.bleu_score import SmoothingFunction, brevity_penalty, closest_ref_length, corpus_bleu, modified_precision, sentence_bleu
from nltk.translate.chrf_score import corpus_chrf, sentence_chrf
from nltk.util import ngrams

SMOOTHINGS = {"none": "method0", "epsilon": "method1", "add-one": "method2", "halving": "method3"}

WRITTEN = [
    (["the cat is on the mat", "there is a cat on the mat"], "the the the the the the the"),
    (["the cat is on the mat", "there is a cat on the mat"], "the cat sat on the mat"),
    (["It is a guide to action that ensures that the military will forever heed Party commands",
      "It is the guiding principle which guarantees the military forces always being under the command of the Party",
      "It is the practical guide for the army always to heed the directions of the party"],
     "It is a guide to action which ensures that the military always obeys the commands of the party"),
    (["It is a guide to action that ensures that the military will forever heed Party commands",
      "It is the guiding principle which guarantees the military forces always being under the command of the Party",
      "It is the practical guide for the army always to heed the directions of the party"],
     "It is to insure the troops forever hearing the activity guidebook that party direct"),
    (["a b c d e f", "a b c d"], "a b c d e"),  # as near in length: the shorter counts
    (["a a a a", "a a b b"], "a a a b b b"),  # clipped by the reference that has most
    (["to be or not to be"], ""),
    (["", "to be"], "to be"),
    ([""], ""),
    ([""], "something"),
    (["yes"], "yes"),
    (["yes"], "no"),
    (["oh yes"], "oh yes"),
    (["oh yes indeed"], "oh yes"),
    (["one two three"], "one two three"),
    (["the same words in the same order"], "the same words in the same order"),
    (["order the in words same same the"], "the same words in the same order"),
    (["le chat est déjà là", "le chat y est"], "le chat est deja là"),
    (["猫 は マット の 上 に いる"], "猫 は マット の 上 です"),
    (["emoji 👩‍👩‍👧 and 𝔘𝔫𝔦𝔠𝔬𝔡𝔢 beyond the plane"], "emoji 👩‍👧 and 𝔘𝔫𝔦𝔠𝔬𝔡𝔢 before the plane"),
    (["Straße und Weg"], "STRASSE und Weg"),
    (["  spaces   here\tand there\n"], "spaces here and  there"),
]


def translations():
    """The written ones, and sentences with random edits."""
    draw = random.Random(17)
    words = "a the cat dog sat ran on under mat house old new and or it was red".split()
    pairs = list(WRITTEN)
    for length in (5, 8, 8, 12, 15, 20, 25, 30, 40, 60):
        truth = [draw.choice(words) for _ in range(length)]

        def edited(rate):
            said = []
            for word in truth:
                kind = draw.random()
                if kind < rate / 3:
                    continue
                said.append(draw.choice(words) if kind < 2 * rate / 3 else word)
                if kind > 1 - rate / 3:
                    said.append(draw.choice(words))
            return " ".join(said)

        pairs.append(([" ".join(truth)] + [edited(0.3) for _ in range(length % 3)], edited(0.4)))
    return pairs


def smoothed(name):
    return getattr(SmoothingFunction(), SMOOTHINGS[name])


def bleu_of_papineni(pairs, name):
    """corpus_bleu of NLTK's parts, where a hypothesis shorter than n adds no n-gram: NLTK adds one, which Papineni et al. do not."""
    numerators, denominators = [0] * 4, [0] * 4
    c = r = 0
    for references, hypothesis in pairs:
        for n in range(1, 5):
            numerators[n - 1] += modified_precision(references, hypothesis, n).numerator
            denominators[n - 1] += len(list(ngrams(hypothesis, n)))
        c += len(hypothesis)
        r += closest_ref_length(references, len(hypothesis))
    p = smoothed(name)([Fraction(a, b, _normalize=False) for a, b in zip(numerators, denominators)], references=None, hypothesis=None)
    product = 1.0
    for each in p:
        product *= float(each)
    return brevity_penalty(r, c) * product**0.25


def sequence_metrics():
    warnings.simplefilter("ignore")  # of no overlap
    cases = []
    split = []
    for references, hypothesis in translations():
        truths, said = [text.split() for text in references], hypothesis.split()
        split.append((truths, said))
        bleu = {name: sentence_bleu(truths, said, smoothing_function=smoothed(name)) for name in SMOOTHINGS}
        cases.append({
            "references": references,
            "hypothesis": hypothesis,
            "bleu": bleu,
            "bleu2": sentence_bleu(truths, said, weights=(0.5, 0.5)),
            "chrf": sentence_chrf(references[0], hypothesis),
            "chrf2": sentence_chrf(references[0], hypothesis, beta=2.0),
            "chrf4": sentence_chrf(references[0], hypothesis, max_len=4),
            "words": edit_distance(truths[0], said),
            "characters": edit_distance(references[0], hypothesis),
        })
    long = [(truths, said) for truths, said in split if len(said) >= 4]
    references, hypotheses = zip(*long)
    texts = translations()
    return {
        "cases": cases,
        "long": {name: corpus_bleu(references, hypotheses, smoothing_function=smoothed(name)) for name in SMOOTHINGS},
        "all": {name: bleu_of_papineni(split, name) for name in SMOOTHINGS},
        "chrf": corpus_chrf([references[0] for references, _ in texts], [hypothesis for _, hypothesis in texts]),
    }

"""Trains the spam model, writes it, and says how it does on texts that it has not seen.

Usage: python -m tests.spam_corpus [--check] [--errors]; --check writes nothing, and --errors lists
what was judged wrongly."""

import random
import sys
from collections import Counter
from math import exp

from contact.intake import spam, spam_model
from contact.intake.spam_model import BUCKETS, FILE, features, length_of, pack, unpack
from tests.spam_corpus import GROUP_OF, WRITERS, corpus_hash, messages, signals_of, starting_corpus

FOLDS, EPOCHS, RATE, DECAY, SEED = 10, 15, 5, 0.0015, 1
SHARE = 0.5  # of a word's uses, from which it tells a kind of spam


def train(rows):
    """Return the bias and the weights of a logistic model for (features, kind) rows."""
    weights, bias = [0.0] * BUCKETS, 0.0
    order, chance = list(rows), random.Random(SEED)
    for epoch in range(EPOCHS):
        chance.shuffle(order)
        rate = RATE / (1 + 0.3 * epoch)
        for found, kind in order:
            length = length_of(found)
            lean = bias + sum(weights[bucket] for bucket in found) / length
            error = 1 / (1 + exp(-max(-30, min(30, lean)))) - bool(kind)
            bias -= 0.01 * rate * error
            step, keep = rate * error / length, 1 - DECAY * rate / RATE
            for bucket in found:
                weights[bucket] = weights[bucket] * keep - step
    return bias, weights


def kinds_of(rows, names):
    """Return, for each bucket, the number of the kind of spam that uses it most.

    A word of a single text, or of many kinds, tells none; its number is one too many.
    """
    counts, sizes = {}, Counter(kind for _, kind in rows)
    for found, kind in rows:
        for bucket in found if kind else ():
            counts.setdefault(bucket, Counter())[kind] += 1
    numbers = [len(names)] * BUCKETS
    for bucket, kinds in counts.items():
        shares = {kind: count / sizes[kind] for kind, count in kinds.items()}
        best = max(shares, key=shares.get)
        if kinds[best] > 1 and shares[best] > SHARE * sum(shares.values()):
            numbers[bucket] = names.index(best)
    return numbers


def build(pairs, words):
    """Return the bytes of a model made from (row, kind) pairs of messages and (text, kind) pairs.

    Messages whose kind the model does not know are found by other signs.
    """
    texts = [(f"{row['message']}\n{row.get('times', '')}", kind) for row, kind in pairs]
    texts = [pair for pair in texts if not pair[1] or pair[1] in GROUP_OF]
    rows = [(sorted(features(text)), GROUP_OF.get(kind, "")) for text, kind in texts + words]
    names = sorted({kind for _, kind in rows if kind})
    bias, weights = train(rows)
    return pack(bias, weights, kinds_of(rows, names), names, corpus_hash())


def use(content):
    """Judge by this model from now on."""
    model = unpack(content)
    spam_model.shipped_model = lambda: model


def judged(pairs):
    """Return (message, kind, Assessment) of (row, kind) pairs, with how each was sent."""
    return [(row["message"], kind, spam.assess(row, signals_of(row))) for row, kind in pairs]


def in_folds(pairs, words):
    """Yield what `judged` returns, each message judged by a model that did not see it."""
    for fold in range(FOLDS):
        use(build([pair for at, pair in enumerate(pairs) if at % FOLDS != fold], words))
        yield from judged(pairs[fold::FOLDS])


def report(title, results, shows_errors):
    results = list(results)
    for kind, word in ((False, "genuine"), (True, "spam")):
        found = [row for row in results if bool(row[1]) == kind]
        caught = sum(row[2].is_quarantined for row in found)
        share = 100 * caught / len(found)
        sys.stdout.write(f"{title}: {caught} of {len(found)} {word} quarantined ({share:.1f} %)\n")
    for text, kind, found in results if shows_errors else ():
        if found.is_quarantined != bool(kind):
            line = f"  {found.score} {kind or 'genuine'}: {text[:110]!r} {found.reasons}\n"
            sys.stdout.write(line)


def main():
    lists, words = starting_corpus()
    pairs = sum(lists, [])
    content = build(pairs, words)
    if "--check" not in sys.argv:
        FILE.write_bytes(content)
    shows_errors = "--errors" in sys.argv
    sys.stdout.write(f"{len(pairs)} messages, {len(words)} lists, {len(content):,} bytes\n")
    use(content)
    blind = [(row, "") for row in messages("blind_genuine")]
    blind += [(row, "spam") for row in messages("blind_spam")]
    report("Blind files", judged(blind), shows_errors)
    for names, own in zip(WRITERS, lists, strict=True):
        use(build([pair for rows in lists if rows is not own for pair in rows], words))
        report(f"{' and '.join(names)}, by the other writers", judged(own), shows_errors)
    report("Ten parts, each by the others", in_folds(pairs, words), shows_errors)


if __name__ == "__main__":
    main()

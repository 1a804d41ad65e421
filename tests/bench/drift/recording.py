"""A small recording: a model that changes its words for one variant and its quality for another."""

import json
import random

PROMPTS, RECORDED, NEW = 6, 40, 20
WORDS = {"base": ["thirty days", "within thirty days", "it takes a month"]}
WORDS |= {"same": WORDS["base"], "worse": WORDS["base"], "other": ["no idea", "ask the team"]}
RIGHT = {"base": 0.9, "same": 0.9, "worse": 0.3, "other": 0.9}


def lines():
    draw = random.Random(2)
    for variant, words in WORDS.items():
        for prompt in range(PROMPTS):
            for sample in range(-1, RECORDED if variant == "base" else NEW):
                entry = {
                    "v": variant,
                    "p": f"p{prompt}",
                    "i": sample,
                    "c": draw.choice(words) if sample >= 0 else "the greedy answer",
                    "t": [1, 2],
                }
                if prompt:  # of the first one nobody can tell whether it is right
                    entry["ok"] = int(draw.random() < RIGHT[variant])
                yield json.dumps(entry)


def write(file):
    file.write_text("\n".join(lines()) + "\n")
    return file

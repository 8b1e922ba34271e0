"""Builds pairs.jsonl from the hand-written items-zh.json and items-en.json: python scripts/build_mutations.py

Shares no code with the verifier that the pairs test. Deterministic: the same items and corpus give the same bytes.
"""

import hashlib
import json
import math
import re
import sys
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parents[1] / "eval" / "mutations"
DOCUMENTS = HERE.parents[1] / "corpus" / "documents"
LANGUAGES = ("zh", "en")
HAND_FAULTS = (
    "number",
    "unit",
    "date",
    "region",
    "name",
    "negation",
    "modality",
    "scope",
    "quantifier",
    "cause",
)
FAULTS = ("none", *HAND_FAULTS, "stitch", "citation")
# A third of the items carries a second, irrelevant context sentence.
DISTRACTOR_EVERY = 3
# A wrong passage less like the right one than this would be too easy.
LEAST_LIKE = 0.14

# Not the digits of 5G, B2B, NIS2.
FIGURE = re.compile(r"(?<![A-Za-z\d.,])(\d[\d,]*(?:\.\d+)?)(?![\d.]*[A-Z])(万|亿| million\b| billion\b)?")
SCALE = {"万": 1e4, "亿": 1e8, "million": 1e6, "billion": 1e9}
# Values that can be exchanged between two documents: a figure and what it counts.
VALUE = {
    "zh": re.compile(
        r"(\d[\d,]*(?:\.\d+)?)\s*((?:万|亿)?(?:元|欧元|韩元|英镑|新元|令吉|林吉特)|%|个月|小时|年(?!\d|\d月)|家|人|个|名|台|天|周)"
    ),
    "en": re.compile(
        r"((?:EUR|GBP|KRW|SGD|JPY|RM) )?(\d[\d,]*(?:\.\d+)?)((?: (?:million|billion))? yuan| %| (?:million|billion)"
        r"| (?:months|hours|days|years|staff|firms|projects|plants|trades))?"
    ),
}


def split_documents():
    """The part of the corpus the pairs are drawn from."""
    names = sorted(path.name for path in DOCUMENTS.iterdir() if path.is_dir())
    return [name for name in names if int(hashlib.sha256(name.encode()).hexdigest(), 16) % 5 < 2]


def sentences(document, language):
    found = []
    for line in (DOCUMENTS / document / f"{language}.md").read_text(encoding="utf-8").splitlines():
        line = re.sub(r"^(?:[-*]|\d+\.) ", "", line.strip())
        if not line or line.startswith("#"):
            continue
        if language == "zh":
            found += re.findall(r"[^。！？]+[。！？]?", line)
        else:
            found += re.split(r"(?<=[.!?]) (?=[A-Z0-9\"“])", line)
    return [sentence.strip() for sentence in found if sentence.strip()]


def grams(text, language):
    """What two sentences are compared by: character pairs in Chinese, words and pairs of words in English."""
    if language == "zh":
        text = re.sub(r"[\s，。、；：“”（）《》]", "", text)
        return {text[i : i + 2] for i in range(len(text) - 1)}
    words = re.findall(r"[a-z]+|\d[\d,.]*\d|\d", text.lower())
    words = [word for word in words if word not in {"the", "a", "of", "and", "in", "to", "for", "at", "is", "by"}]
    return set(words) | set(zip(words, words[1:], strict=False))


class Likeness:
    """Cosine of two sets of grams, rare grams weighing more."""

    def __init__(self, sets):
        count = Counter(gram for grams_ in sets for gram in grams_)
        self.weight = {gram: math.log((1 + len(sets)) / (1 + times)) for gram, times in count.items()}
        self.most = math.log(1 + len(sets))

    def size(self, grams_):
        return math.fsum(sorted(self.weight.get(gram, self.most) for gram in grams_))

    def __call__(self, one, other):
        return self.size(one & other) / (math.sqrt(self.size(one) * self.size(other)) or 1)


def figures(text):
    """The figures of a text as plain numbers: 8.8万 and 88,000 are the same, and so are 5 million and 5,000,000."""
    found = set()
    for figure, scale in FIGURE.findall(text):
        found.add(f"{round(float(figure.replace(',', '')) * SCALE.get(scale.strip(), 1), 4)}")
    return found


def amount(written):
    return float(re.search(r"\d[\d,]*(?:\.\d+)?", written)[0].replace(",", ""))


def changed(response, edit):
    if response.count(edit["from"]) != 1:
        sys.exit(f"not there exactly once: {edit['from']!r} in {response!r}")
    text = response.replace(edit["from"], edit["to"])
    text = re.sub(r" {2,}", " ", text).strip()
    return text[0].upper() + text[1:]


def values(text, language):
    """(kind, figure as written with its unit) of every value in a text that has a unit."""
    found = []
    for match in VALUE[language].finditer(text):
        if language == "zh":
            kind = match.group(2)
        else:
            kind = (match.group(1) or "") + (match.group(3) or "")
            if not kind.strip():
                continue
        found.append((kind, match.group(0)))
    return found


def place_kind(text):
    if re.fullmatch(r"[一-鿿]{2,10}", text):
        return (
            "zh-foreign"
            if re.search(r"国|欧|西班牙|葡萄牙|意大利|波兰|爱尔兰|新加坡|马来西亚|日本", text)
            else "zh-place"
        )
    countries = "China|Germany|France|Spain|Portugal|Ireland|Malaysia|Singapore|Korea|Japan|Bavaria|Emilia-Romagna"
    if re.fullmatch("UK|EU|US", text):  # with "the"
        return "en-the"
    if re.fullmatch(countries, text):
        return "en-foreign"
    return "en-place" if re.fullmatch("[A-Z][a-z]+", text) and text not in ("German", "French", "Spanish") else None


def stitched(item, items, language, likeness):
    """The paraphrase with a value, or the place, of another item's sentence; both sentences are the context."""
    choices = []
    for other in items:
        if other["document"] == item["document"]:
            continue
        near = likeness(item["grams"], other["grams"])
        for edit in item["faults"].get("number", []):
            for kind, written in values(item["response"], language):
                if edit["from"] not in written or item["response"].count(written) != 1:
                    continue
                for other_kind, other_written in values(other["context"], language):
                    if other_kind != kind or figures(other_written) & figures(item["context"] + item["response"]):
                        continue
                    if 1 / 20 <= amount(other_written) / amount(written) <= 20 and (
                        kind.strip() != "%" or amount(other_written) <= 100
                    ):
                        choices.append((near + 0.05, "value", written, other_written, other))
        for edit in item["faults"].get("region", []):
            for other_edit in other["faults"].get("region", []):
                place, other_place = edit["from"], other_edit["from"]
                if (
                    place in item["context"]
                    and other_place in other["context"]
                    and place_kind(place)
                    and place_kind(place) == place_kind(other_place)
                    and place != other_place
                    and other_place not in item["context"]
                    and place not in other["context"]
                    and f"{place} district" not in item["response"]
                    and (figures(item["response"]) - figures(other["context"]) or near < 0.15)
                    and place[-1] == other_place[-1] * (language == "zh") + place[-1] * (language == "en")
                ):
                    choices.append((near, "place", place, other_place, other))
    # The nearest sentences first; a value and a place where both can be had.
    choices.sort(key=lambda choice: (-choice[0], choice[2], choice[3], choice[4]["document"]))
    kinds, rows = set(), []
    for _, kind, old, new, other in choices:
        if kind not in kinds:
            kinds.add(kind)
            rows.append((changed(item["response"], {"from": old, "to": new}), other["context"]))
    return rows


def wrong_passages(item, pool, likeness):
    """The most similar sentence of another document, and of the same document, that cannot carry the paraphrase."""
    own = figures(item["response"])
    best = {}
    for document, sentence, parts in pool:
        if sentence == item["context"] or sentence in item.get("said_also", []):
            continue
        # Something that the paraphrase says must be missing: a figure, or much of its wording.
        if own:
            if own <= figures(sentence):
                continue
        elif likeness(item["grams"], parts) > 0.55:
            continue
        where = "same" if document == item["document"] else "other"
        near = likeness(item["grams"], parts)
        if near > best.get(where, (LEAST_LIKE, ""))[0]:
            best[where] = (near, sentence)
    return {where: sentence for where, (_, sentence) in best.items()}


def distractor(item, pool, likeness):
    """A similar sentence of another document that holds nothing a fault puts in."""
    put_in = {edit["to"] for edits in item["faults"].values() for edit in edits if len(edit["to"]) > 1}
    best = None
    for document, sentence, parts in pool:
        if document == item["document"] or any(text in sentence for text in put_in):
            continue
        near = likeness(item["grams"], parts)
        if near < 0.5 and (best is None or near > best[0]):
            best = (near, sentence)
    return best[1]


def rows_of(language):
    items = json.loads((HERE / f"items-{language}.json").read_text(encoding="utf-8"))
    allowed = split_documents()
    pool = [(name, text, grams(text, language)) for name in allowed for text in sentences(name, language)]
    likeness = Likeness([parts for _, _, parts in pool])
    for item in items:
        if item["document"] not in allowed:
            sys.exit(f"{item['document']} is not in this part of the corpus")
        if item["context"] not in (DOCUMENTS / item["document"] / f"{language}.md").read_text(encoding="utf-8"):
            sys.exit(f"{item['document']}: no longer in the corpus: {item['context']}")
        item["grams"] = grams(item["context"], language)
    for number, item in enumerate(items):
        contexts = [item["context"]]
        if number % DISTRACTOR_EVERY == 0:
            contexts.insert(number // DISTRACTOR_EVERY % 2, distractor(item, pool, likeness))
        made = [("none", contexts, item["response"])]
        for fault in HAND_FAULTS:
            for edit in item["faults"].get(fault, []):
                made.append((fault, contexts, changed(item["response"], edit)))
        for text, other in stitched(item, items, language, likeness):
            pair = [item["context"], other]
            made.append(("stitch", pair if number % 2 else pair[::-1], text))
        wrong = wrong_passages(item, pool, likeness)
        for where in ("other", "same"):
            if where in wrong:
                made.append(("citation", [wrong[where]], item["response"]))
        counts = {}
        for fault, context, response in made:
            counts[fault] = counts.get(fault, 0) + 1
            yield {
                "id": f"{language}-{number + 1:03d}-{fault}-{counts[fault]}",
                "language": language,
                "fault": fault,
                "contexts": context,
                "response": response,
                "label": int(fault != "none"),  # as `python -m eval support` reads it: 1 holds something unsupported
                "document": item["document"],
            }


def check(rows):
    """What a row must fulfil whoever wrote it."""
    texts = {
        language: "\n".join(
            (DOCUMENTS / name / f"{language}.md").read_text(encoding="utf-8") for name in split_documents()
        )
        for language in LANGUAGES
    }
    faithful = {row["id"].rsplit("-", 2)[0]: row for row in rows if row["fault"] == "none"}
    seen = set()
    for row in rows:
        base = faithful[row["id"].rsplit("-", 2)[0]]
        key = (tuple(row["contexts"]), row["response"])
        problem = None
        if any(context not in texts[row["language"]] for context in row["contexts"]):
            problem = "a context is not verbatim in the corpus"
        elif row["fault"] == "citation" and base["contexts"][0] in row["contexts"] and len(base["contexts"]) == 1:
            problem = "the wrong passage is the right one"
        elif row["fault"] not in ("none", "citation") and row["response"] == base["response"]:
            problem = "the fault changes nothing"
        elif row["response"] in row["contexts"]:
            problem = "not a paraphrase"
        elif key in seen:
            problem = "twice"
        if problem:
            sys.exit(f"{row['id']}: {problem}: {row['response']}")
        seen.add(key)


def main():
    rows = [row for language in LANGUAGES for row in rows_of(language)]
    check(rows)
    with open(HERE / "pairs.jsonl", "w", encoding="utf-8") as out:
        for row in rows:
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
    print(f"{'fault':12}" + "".join(f"{language:>7}" for language in LANGUAGES))
    for fault in FAULTS:
        per = [sum(row["fault"] == fault and row["language"] == language for row in rows) for language in LANGUAGES]
        print(f"{fault:12}" + "".join(f"{count:7}" for count in per))
    print(f"{'all':12}" + "".join(f"{sum(row['language'] == language for row in rows):7}" for language in LANGUAGES))


if __name__ == "__main__":
    main()

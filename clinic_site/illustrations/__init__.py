"""The clinic's own pictures as SVG text: joints, the motion study, article plates, the mark.

Pure Python: numbers become outlines, and each outline can be printed as SVG or painted as
pixels (see images). Every picture is hidden from screen readers unless it is given a label.
"""

from functools import lru_cache

from clinic_site.illustrations import article, brand, figure, joints
from clinic_site.illustrations.svg import drawing

JOINTS = tuple(joints.RANGES)

# A picture is the same each time: drawn once in a process, and read from memory after that.
kept = lru_cache(maxsize=500)
monogram = kept(brand.monogram_svg)

__all__ = ["JOINTS", "article_plate", "hero", "joint_plate", "mark", "monogram"]


@kept
def joint_plate(joint: str, label: str = "") -> str:
    """Return the goniometer plate of a joint, one of JOINTS. Raises KeyError for any other."""
    return drawing("joint", joints.SIZE, joints.joint_shapes(joint), label)


@kept
def hero(label: str = "") -> str:
    """Return the motion study: one figure in six phases from a deep squat to reaching up."""
    return drawing("hero", figure.SIZE, figure.hero_shapes(), label)


@kept
def article_plate(slug: str, label: str = "") -> str:
    """Return an abstract plate drawn from an article's slug; the same slug, the same plate."""
    return drawing("article", article.SIZE, article.article_shapes(slug), label)


@kept
def mark(label: str = "") -> str:
    """Return the logo mark."""
    return drawing("mark", brand.MARK, brand.mark_shapes(), label)

"""What every page is checked for: axe's rules in both themes, and text that is cut off."""

from axe_playwright_python.sync_playwright import Axe

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
CONTRAST = ["color-contrast"]
ENHANCED = [*CONTRAST, "color-contrast-enhanced"]  # WCAG AAA, for what patients read
# 1280 × 1024 at 400 %, WCAG 1.4.10, and a small phone.
NARROW = [{"width": 320, "height": 256}, {"width": 320, "height": 640}]
# WCAG 1.4.12, Text Spacing: what a reader may set without losing anything.
TEXT_SPACING = """
* {
  letter-spacing: 0.12em !important;
  line-height: 1.5 !important;
  word-spacing: 0.16em !important;
}
p { margin-block-end: 2em !important; }
"""
# What makes the page scroll sideways, and text that is cut off where it cannot be scrolled to.
LOST = """() => {
  const page = document.documentElement;
  const lost = page.scrollWidth > innerWidth ? [`page ${page.scrollWidth} px wide`] : [];
  const cuts = (overflow) => ["hidden", "clip"].includes(overflow);
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const parent = texts.currentNode.parentElement;
    const words = texts.currentNode.textContent.trim();
    // What nobody is meant to see, like the field that only programs fill in, is not lost.
    if (!words || parent.closest("svg, .visually-hidden, [aria-hidden=true]")) continue;
    if (!parent.checkVisibility()) continue;
    const range = new Range();
    range.selectNodeContents(texts.currentNode);
    const text = range.getBoundingClientRect();
    for (let around = parent; around !== page; around = around.parentElement) {
      const { overflowX, overflowY } = getComputedStyle(around);
      const box = around.getBoundingClientRect();
      if ((cuts(overflowX) && (text.left < box.left - 1 || text.right > box.right + 1)) ||
          (cuts(overflowY) && (text.top < box.top - 1 || text.bottom > box.bottom + 1)))
        lost.push(words.slice(0, 80));
    }
  }
  return lost;
}"""


# Words that are broken inside, texts beside their box, and texts upon each other.
CROWDED = """() => {
  const faults = [];
  const lines = [];
  const hidden = "svg, .visually-hidden, [aria-hidden=true], select, textarea";
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const node = texts.currentNode;
    const parent = node.parentElement;
    const words = node.textContent.trim();
    if (!words || parent.closest(hidden) || !parent.checkVisibility()) continue;
    const range = new Range();
    range.selectNodeContents(node);
    const text = range.getBoundingClientRect();
    let block = parent;
    while (getComputedStyle(block).display === "inline") block = block.parentElement;
    const box = block.getBoundingClientRect();
    if (text.left < box.left - 1 || text.right > box.right + 1)
      faults.push(`beside its box: ${words.slice(0, 60)}`);
    const rects = [...range.getClientRects()];
    if (rects.length > 1) {
      for (const { index, 0: word } of node.textContent.matchAll(/[\\p{L}\\p{N}’']{3,}/gu)) {
        if (/\\p{Script=Han}/u.test(word)) continue;
        range.setStart(node, index);
        range.setEnd(node, index + word.length);
        const tops = [...range.getClientRects()].map(({ top }) => Math.round(top));
        if (new Set(tops).size > 1) faults.push(`broken: ${word}`);
      }
    }
    if (parent.closest(".action-bar")) continue; // it lies over the page
    for (const rect of rects) lines.push({ rect, node, words });
  }
  lines.sort((one, other) => one.rect.top - other.rect.top);
  for (const [number, { rect, node, words }] of lines.entries()) {
    for (const below of lines.slice(number + 1)) {
      if (below.rect.top >= rect.bottom) break;
      const width = Math.min(rect.right, below.rect.right) - Math.max(rect.left, below.rect.left);
      const height = Math.min(rect.bottom, below.rect.bottom) - below.rect.top;
      // A line may be lower than its letters' boxes, which then touch.
      const isOver = width > 1 && height > 0.4 * Math.min(rect.height, below.rect.height);
      if (below.node !== node && isOver) faults.push(`${words} | ${below.words}`);
    }
  }
  return [...new Set(faults)];
}"""


def violations(page, rules):
    """Return what axe finds, each as the rule and the elements that break it."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    options = {"resultTypes": ["violations"]} | rules
    found = page.evaluate("options => axe.run(document, options)", options)["violations"]
    return [f"{one['id']} {[node['html'][:150] for node in one['nodes']]}" for one in found]


def look(page, name, size, *others, contrast=CONTRAST):
    """Return what axe finds: by every rule once, then by those that theme and size can change.

    Args:
        name: what to call the page in a fault.
        size: the window in which every rule is checked, in light.
        others: (theme, size) of each further look.
        contrast: the rules for the contrast of texts.
    """
    every_rule = {
        "runOnly": {"type": "tag", "values": TAGS},
        "rules": {rule: {"enabled": True} for rule in contrast},
    }
    some_rules = {"runOnly": {"type": "rule", "values": [*contrast, "target-size"]}}
    faults = []
    for theme, window in (("light", size), *others):
        page.set_viewport_size(window)
        page.emulate_media(color_scheme=theme)
        where = f"{name}, {window['width']} px, {theme}"
        faults += [f"{where}: {fault}" for fault in violations(page, every_rule or some_rules)]
        every_rule = None
    return faults

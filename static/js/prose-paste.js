/* What is pasted into the text editor: it keeps what the editor would drop, such as Word's lists,
   captions and quotation marks; pictures become a word where they were. */
import { Extension, Plugin } from "django-prose-editor/editor";

const LEVEL = /mso-list:\s*l\d+\s+level(\d)/;
const NOT_BOLD = /(?<![\w-])font-weight:\s*(normal|400)/;
const STYLES = [
  [/(?<![\w-])font-weight:\s*(bold|[6-9]00)/, "strong"],
  [/(?<![\w-])font-style:\s*italic/, "em"],
  [/(?<![\w-])text-decoration(-line)?:[^;]*line-through/, "s"],
  [/(?<![\w-])vertical-align:\s*sub/, "sub"],
  [/(?<![\w-])vertical-align:\s*super/, "sup"],
];
const SAME = {
  h1: "h2",
  "h4, h5, h6": "h3",
  mark: "strong",
  "cite, var, dfn": "em",
  "dt, dd, caption": "p",
};
const EMOJI = /^(?=.*[^\0-\xa8])(?:\p{Emoji}|\p{Emoji_Component}|[\s\u200d\ufe0f])+$/u;
const EMOJI_CLASS = /emoji|smiley|emoticon/i;
const ROMAN = ["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii"];
const VIDEO = /^https?:\/\/(\w+\.)?(youtube(-nocookie)?|vimeo)\.com\//;
const OWN_IMAGE = "img[data-file][src^='/']:not([src^='//'])";

const rename = (element, name) => {
  const other = element.ownerDocument.createElement(name);
  if (element.id) other.id = element.id;
  other.append(...element.childNodes);
  element.replaceWith(other);
};

const wrapContent = (element, name) => {
  const inner = element.ownerDocument.createElement(name);
  inner.append(...element.childNodes);
  element.append(inner);
};

// Bold and the like by style become tags. Google Docs puts a <b> around all it copies: not bold.
const markByStyle = (page) => {
  for (const element of page.querySelectorAll("span[data-style], b[data-style]")) {
    const { style } = element.dataset;
    if (element.localName === "b") {
      if (NOT_BOLD.test(style)) rename(element, "div");
      continue;
    }
    for (const [pattern, name] of STYLES) if (pattern.test(style)) wrapContent(element, name);
  }
};

// The number that a list starts with and its type, from the sign of its first item.
const numbersOf = (sign, next) => {
  const [words] = sign.match(/\w+/);
  if (/\d/.test(words)) return { start: words };
  const small = words.toLowerCase();
  const follows = ROMAN[ROMAN.indexOf(small) + 1];
  const isRoman = ROMAN.includes(small) && (small.length > 1 || follows === (next ?? "ii"));
  const start = isRoman ? ROMAN.indexOf(small) + 1 : small.charCodeAt(0) - 96;
  const type = isRoman ? "i" : "a";
  return { start, type: words === small ? type : type.toUpperCase() };
};

// Word writes a list as paragraphs with a sign and spaces; only their style tells what they are.
// Word for Mac and Outlook write a list, whose items have that style too.
const makeLists = (page) => {
  const lines = [...page.querySelectorAll("[data-style*='mso-list']")].filter(
    (line) => LEVEL.test(line.dataset.style) && !line.closest("li"),
  );
  const signs = new Map();
  for (const line of lines) {
    const sign = line.querySelector("[data-style*='mso-list:Ignore']");
    signs.set(line, sign?.textContent ?? "");
    sign?.remove();
  }
  let open = []; // the lists one stands in, outermost first
  for (const [number, line] of lines.entries()) {
    const sign = signs.get(line);
    const kind = /^\s*\w+[.)]/.test(sign) ? "ol" : "ul";
    if (open[0] !== line.previousElementSibling) open = [];
    const depth = Math.min(Number(LEVEL.exec(line.dataset.style)[1]), open.length + 1);
    if (open[depth - 1]?.localName !== kind) open.length = depth - 1;
    open.length = Math.min(open.length, depth);
    if (open.length < depth) {
      const list = page.createElement(kind);
      if (kind === "ol") {
        const next = signs.get(lines[number + 1])?.match(/\w+/)?.[0].toLowerCase();
        for (const [name, value] of Object.entries(numbersOf(sign, next))) {
          list.setAttribute(name, value);
        }
      }
      if (open.length) open.at(-1).lastElementChild.append(list);
      else line.before(list);
      open.push(list);
    }
    const item = page.createElement("li");
    item.append(...line.childNodes);
    open.at(-1).append(item);
    line.remove();
  }
};

// The editor knows no reversed lists, and counts on from the first item.
const keepNumbers = (page) => {
  for (const list of page.querySelectorAll("ol")) {
    const items = [...list.children].filter(({ localName }) => localName === "li");
    const first = items[0]?.getAttribute("value");
    if (first && !list.hasAttribute("start")) list.setAttribute("start", first);
    if (!list.reversed) continue;
    const start = Number(list.getAttribute("start")) || items.length;
    for (const [place, item] of items.entries()) item.prepend(`${start - place}. `);
    rename(list, "ul");
  }
};

// Puts into words what tags say that the editor has no tags for.
const keepMeaning = (page) => {
  for (const heading of page.querySelectorAll("h1, h2, h3, h4, h5, h6")) {
    const anchor = heading.querySelector("[id], a[name]"); // links lead to it
    if (anchor && !heading.id) heading.id = anchor.id || anchor.name;
  }
  for (const quote of page.querySelectorAll("q")) {
    const [opening, closing] = quote.parentElement.closest("q") ? "‘’" : "“”";
    quote.prepend(opening);
    quote.append(closing);
  }
  for (const short of page.querySelectorAll("abbr[title], acronym[title]")) {
    if (short.title && !short.textContent.includes(short.title)) short.append(` (${short.title})`);
  }
  for (const term of page.querySelectorAll("dt")) wrapContent(term, "strong");
  for (const caption of page.querySelectorAll("table > caption")) {
    caption.parentElement.before(caption);
  }
  for (const lines of page.querySelectorAll("pre")) {
    const texts = page.createTreeWalker(lines, NodeFilter.SHOW_TEXT);
    const found = [];
    while (texts.nextNode()) found.push(texts.currentNode);
    for (const text of found) {
      const parts = text.data.split("\n").flatMap((part) => [page.createElement("br"), part]);
      text.replaceWith(...parts.slice(1));
    }
    rename(lines, "p");
  }
  for (const media of page.querySelectorAll("iframe, video, audio")) {
    const { src } = media.querySelector("source") ?? media;
    const isVideo = media.localName === "iframe" ? VIDEO : /^https?:/; // other frames are mostly ads
    if (!isVideo.test(src)) continue;
    const link = page.createElement("a");
    link.href = src;
    link.append(media.title || src);
    media.replaceWith(link);
  }
  for (const power of page.querySelectorAll("msup, msub")) {
    const name = power.localName === "msup" ? "sup" : "sub";
    if (power.children[1]) wrapContent(power.children[1], name);
  }
};

const wordFor = (picture) => {
  const words = (picture.alt || picture.dataset.emoji || "").trim();
  if (words && (EMOJI.test(words) || EMOJI_CLASS.test(picture.className))) return words;
  const isPixel = picture.width && picture.width < 3;
  return isPixel ? "" : `[Image${words && `: ${words}`}]`;
};

// A figure without an image of our library would stand there as one that nobody can see.
const replacePictures = (page) => {
  for (const picture of page.querySelectorAll(`img:not(${OWN_IMAGE})`)) {
    picture.replaceWith(wordFor(picture));
  }
  for (const figure of [...page.querySelectorAll("figure")].reverse()) {
    const picture = figure.querySelector(OWN_IMAGE);
    const caption = figure.querySelector("figcaption");
    if (picture) {
      figure.replaceChildren(...[picture, caption].filter(Boolean));
      continue;
    }
    for (const words of figure.querySelectorAll("figcaption")) rename(words, "p");
    rename(figure, "div");
  }
};

const LOST = `img:not(${OWN_IMAGE}), figure:not(:has(${OWN_IMAGE}))`;

const readable = (html) => {
  // The content policy would report each style and handler, though none of them ever applies.
  const quiet = html
    .replace(/<style\b[^]*?<\/style>/gi, "")
    .replace(/<[^<>]+>/g, (tag) => tag.replace(/\s(style|on\w+)\s*=/gi, " data-$1="));
  const page = new DOMParser().parseFromString(quiet, "text/html");
  // From an editor like ours: a part of a table, say, which a page cannot hold.
  if (html.includes("data-pm-slice") && !page.querySelector(LOST)) return html;
  replacePictures(page);
  for (const element of page.querySelectorAll("noscript, button, [hidden], [aria-hidden=true]")) {
    element.remove();
  }
  makeLists(page);
  keepNumbers(page);
  keepMeaning(page);
  markByStyle(page);
  for (const link of page.querySelectorAll("a[rel]")) link.removeAttribute("rel");
  for (const [tags, name] of Object.entries(SAME)) {
    for (const element of page.querySelectorAll(tags)) rename(element, name);
  }
  for (const gap of page.querySelectorAll(":is(p, ul, ol, table) + br, p, h2, h3")) {
    if (!gap.textContent.trim() && !gap.querySelector("img")) gap.remove();
  }
  return page.body.innerHTML;
};

// A picture's file alone, like a screenshot: it belongs into the library first.
const hasOnlyFiles = ({ files, types }) => files.length > 0 && !types.includes("text/html");

export const Paste = Extension.create({
  name: "pastedText",

  addProseMirrorPlugins() {
    const leaveWord = (view, transfer) => {
      const leave = hasOnlyFiles(transfer);
      if (leave) view.dispatch(view.state.tr.insertText("[Image]"));
      return leave;
    };
    const props = {
      transformPastedHTML: readable,
      handlePaste: (view, event) => leaveWord(view, event.clipboardData),
      handleDrop: (view, event) => leaveWord(view, event.dataTransfer),
    };
    return [new Plugin({ props })];
  },
});

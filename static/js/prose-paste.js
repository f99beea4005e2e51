/* What is pasted into the text editor: Word's lists become lists, pictures a word where they were. */
import { Extension, Plugin } from "django-prose-editor/editor";

const LEVEL = /mso-list:\s*l\d+\s+level(\d)/;

const BOLD = /(?<![\w-])font-weight:\s*(bold|[6-9]00)/;
const NOT_BOLD = /(?<![\w-])font-weight:\s*(normal|400)/;
const ITALIC = /(?<![\w-])font-style:\s*italic/;

const rename = (element, name) => {
  const other = element.ownerDocument.createElement(name);
  other.append(...element.childNodes);
  element.replaceWith(other);
};

// Bold and italic by style become tags; the <b> around all that Google Docs copies is none.
const markByStyle = (page) => {
  for (const element of page.querySelectorAll("span[data-style], b[data-style]")) {
    const { style } = element.dataset;
    if (element.localName === "b") {
      if (NOT_BOLD.test(style)) rename(element, "div");
      continue;
    }
    for (const [pattern, name] of [[BOLD, "strong"], [ITALIC, "em"]]) {
      if (!pattern.test(style)) continue;
      const mark = page.createElement(name);
      mark.append(...element.childNodes);
      element.append(mark);
    }
  }
};

// Word writes a list as paragraphs with a sign and spaces; only their style tells what they are.
const makeLists = (page) => {
  let open = []; // the lists one stands in, outermost first
  for (const line of page.querySelectorAll("[data-style*='mso-list']")) {
    const level = LEVEL.exec(line.dataset.style);
    if (!level) continue;
    const sign = line.querySelector("[data-style*='mso-list:Ignore']");
    const kind = /^\s*\w+[.)]/.test(sign?.textContent) ? "ol" : "ul";
    sign?.remove();
    if (open[0] !== line.previousElementSibling) open = [];
    const depth = Math.min(Number(level[1]), open.length + 1);
    if (open[depth - 1]?.localName !== kind) open.length = depth - 1;
    open.length = Math.min(open.length, depth);
    if (open.length < depth) {
      const list = page.createElement(kind);
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

const readable = (html) => {
  if (html.includes("data-pm-slice")) return html; // from an editor of ours
  // The content policy would report each style and handler, though none of them ever applies.
  const quiet = html
    .replace(/<style\b[^]*?<\/style>/gi, "")
    .replace(/<[^<>]+>/g, (tag) => tag.replace(/\s(style|on\w+)\s*=/gi, " data-$1="));
  const page = new DOMParser().parseFromString(quiet, "text/html");
  for (const element of page.querySelectorAll("noscript, button, [hidden], [aria-hidden=true]")) {
    element.remove();
  }
  makeLists(page);
  markByStyle(page);
  for (const link of page.querySelectorAll("a[rel]")) link.removeAttribute("rel");
  for (const large of page.querySelectorAll("h1")) rename(large, "h2");
  for (const small of page.querySelectorAll("h4, h5, h6")) rename(small, "h3");
  for (const picture of page.querySelectorAll("img:not([data-file])")) {
    const isPixel = picture.width && picture.width < 3;
    picture.replaceWith(isPixel ? "" : `[Image${picture.alt && `: ${picture.alt}`}]`);
  }
  for (const gap of page.querySelectorAll(":is(p, ul, ol, table) + br, p")) {
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

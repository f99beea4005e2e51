// Shows the unsaved form as its page, beside it: opens the pane, keeps it fresh, fits the width.

const FRESH_AFTER = 1200; // milliseconds without a key
const pane = document.querySelector("[data-preview]");
const opener = document.querySelector("[data-preview-open]");
const frame = pane.querySelector("iframe");
const form = opener.form;
let waiting = 0;
let place = 0; // how far the page in the frame was scrolled

function fit() {
  const width = Number(pane.querySelector("[name=_preview_width]:checked").value);
  const stage = frame.parentElement;
  const scale = Math.min(1, stage.clientWidth / width);
  frame.style.inlineSize = `${width}px`;
  frame.style.blockSize = `${stage.clientHeight / scale}px`;
  frame.style.transform = `scale(${scale})`;
}

function show(isShown) {
  pane.hidden = !isShown;
  opener.setAttribute("aria-expanded", isShown);
  document.body.classList.toggle("previewing", isShown);
  if (isShown) fit();
}

opener.addEventListener("click", () => show(true));
pane.querySelector("[data-preview-close]").addEventListener("click", () => {
  show(false);
  opener.focus();
});
pane.addEventListener("change", fit);
addEventListener("resize", () => pane.hidden || fit());
addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !pane.hidden && pane.contains(event.target)) show(false);
});

form.addEventListener("input", (event) => {
  if (pane.hidden || pane.contains(event.target)) return;
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    place = frame.contentWindow.scrollY;
    form.requestSubmit(opener);
  }, FRESH_AFTER);
});

frame.addEventListener("load", () => {
  frame.contentWindow.scrollTo(0, place);
  // Other pages do not let themselves be framed; links to a place on this one work.
  frame.contentDocument.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (link && !link.getAttribute("href")?.startsWith("#")) event.preventDefault();
  });
});

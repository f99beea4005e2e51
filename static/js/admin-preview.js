// Fits a page in its frame to a phone's or a desktop's width; beside a form it also opens the pane
// and shows what is typed there, fresh.

const FRESH_AFTER = 1200; // milliseconds without a key
const pane = document.querySelector("[data-preview]");
const frame = pane.querySelector("iframe");
let place = 0; // how far the page in the frame was scrolled

function fit() {
  const width = Number(pane.querySelector("[name=_preview_width]:checked").value);
  const stage = frame.parentElement;
  const scale = Math.min(1, stage.clientWidth / width);
  frame.style.inlineSize = `${width}px`;
  frame.style.blockSize = `${stage.clientHeight / scale}px`;
  frame.style.transform = `scale(${scale})`;
  frame.style.marginInlineStart = `${Math.max(0, (stage.clientWidth - width) / 2)}px`;
}

function ready() {
  frame.contentWindow.scrollTo(0, place);
  // Other pages do not let themselves be framed; links to a place on this one work.
  frame.contentDocument.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (link && !link.getAttribute("href")?.startsWith("#")) event.preventDefault();
  });
}

function besideForm(opener) {
  const form = opener.form;
  let waiting = 0;

  function show(isShown) {
    pane.hidden = !isShown;
    opener.setAttribute("aria-expanded", isShown);
    document.body.classList.toggle("previewing", isShown);
    if (isShown) fit();
  }

  function close() {
    show(false);
    opener.focus();
  }

  opener.addEventListener("click", () => {
    const isOpened = pane.hidden;
    show(true);
    // On a phone the pane lies over the button. Not at each fresh page: somebody is typing.
    if (isOpened) pane.querySelector("[name=_preview_width]:checked").focus();
  });
  pane.querySelector("[data-preview-close]").addEventListener("click", close);
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !pane.hidden && pane.contains(event.target)) close();
  });
  form.addEventListener("input", (event) => {
    if (pane.hidden || pane.contains(event.target)) return;
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      place = frame.contentWindow.scrollY;
      form.requestSubmit(opener);
    }, FRESH_AFTER);
  });
}

pane.addEventListener("change", fit);
frame.addEventListener("load", ready);
if (frame.contentDocument?.readyState === "complete") ready();
addEventListener("resize", () => pane.hidden || fit());
const opener = document.querySelector("[data-preview-open]");
if (opener) besideForm(opener);
else fit();

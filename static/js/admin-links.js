/* Adds to the text editor's link window a search for our own pages; any address can still be typed. */
(() => {
  const WAIT = 250; // milliseconds without a key
  let count = 0;

  const make = (name, properties, ...children) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  };

  const addPicker = (form, url, selected) => {
    const address = form.elements.href;
    const id = `page-picker-${(count += 1)}`;
    const search = make("input", { id, type: "search", autocomplete: "off" });
    const status = make("p", { className: "page-picker__status", id: `${id}-status` });
    const list = make("ul", { className: "page-picker__list" });
    const label = make("label", { htmlFor: id, textContent: "Find a page on this site" });
    const className = "prose-editor-dialog-field page-picker";
    status.setAttribute("role", "status");
    search.setAttribute("aria-describedby", status.id);
    address
      .closest(".prose-editor-dialog-field")
      .before(make("div", { className }, label, search, status, list));
    let waiting = 0;
    let asked = 0;

    const choose = (page) => {
      address.value = page.address;
      list.replaceChildren();
      status.textContent = `This link goes to “${page.title}”.`;
      form.querySelector("[type=submit]").focus();
    };

    const row = (page) => {
      const kind = make("span", { className: "page-picker__kind", textContent: page.kind });
      const button = make("button", { type: "button" }, `${page.title} `, kind);
      button.addEventListener("click", () => choose(page));
      return make("li", {}, button);
    };

    const find = async () => {
      const number = (asked += 1);
      const response = await fetch(`${url}?q=${encodeURIComponent(search.value)}`);
      if (!response.ok || response.redirected) throw new Error(response.status);
      const { pages } = await response.json();
      if (number !== asked) return;
      list.replaceChildren(...pages.map(row));
      const found = `${pages.length} ${pages.length === 1 ? "page" : "pages"} found`;
      status.textContent = pages.length ? found : "No page title has these words.";
    };

    const findSoon = (wait) => {
      clearTimeout(waiting);
      waiting = setTimeout(() => {
        find().catch(() => {
          status.textContent = "Search isn’t working. Enter the address below.";
        });
      }, wait);
    };

    // Enter and the arrow down lead into the list, the arrows through it.
    search.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== "ArrowDown") return;
      event.preventDefault();
      list.querySelector("button")?.focus();
    });
    list.addEventListener("keydown", (event) => {
      const side = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
      if (!side) return;
      event.preventDefault();
      (event.target.closest("li")[side]?.firstElementChild ?? search).focus();
    });
    search.addEventListener("input", () => findSoon(WAIT));
    if (address.value) return;
    search.value = selected;
    search.focus();
    findSoon(0);
  };

  document.addEventListener("prose-editor:ready", ({ detail: { editor, textarea } }) => {
    const open = (records) => {
      for (const { addedNodes } of records) {
        for (const node of addedNodes) {
          const { from, to } = editor.state.selection;
          const form = node.querySelector?.("dialog [name=href]")?.form;
          if (form) {
            addPicker(form, textarea.dataset.ownPages, editor.state.doc.textBetween(from, to, " "));
          }
        }
      }
    };
    new MutationObserver(open).observe(editor.view.dom.parentElement, { childList: true });
  });
})();

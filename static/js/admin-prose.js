/* Prepares the text editor: its style passes the content policy, its parts have names in words. */
(() => {
  // Tiptap adds its rules in a <style> without a nonce, unless one is there; admin.css has them.
  const style = document.createElement("style");
  style.setAttribute("data-tiptap-style", "");
  style.nonce = document.currentScript.nonce;
  document.head.append(style);

  const words = {
    "Image URL": "Image",
    "Browse...": "Choose from the library",
    "Alternative Text": "Alt text: what the image shows",
    "Insert Figure": "Insert an image",
    "Edit Figure": "Change the image",
    "Edit Image": "Change the image",
    "Edit Link": "Link",
    URL: "Web address (URL)",
    Title: "Tooltip (optional)",
  };
  const catalogue = window.gettext || ((text) => text);
  window.gettext = (text) => words[text] ?? catalogue(text);

  const buttonNames = {
    "insert link": "Link (select words first)",
    "unordered list": "Bulleted list",
    "ordered list": "Numbered list",
    blockquote: "Quote",
    strike: "Strikethrough",
    "horizontal rule": "Line across the text",
    figure: "Image",
  };
  const switches =
    "[data-name^=heading],[data-name=bold],[data-name=italic],[data-name=blockquote]," +
    "[data-name=strike],[data-name=superscript],[data-name=subscript]," +
    "[data-name=orderedList],[data-name=link],[data-name^=callout],[data-name=question]";

  const nameButtons = (menu) => {
    menu.setAttribute("role", "toolbar");
    menu.setAttribute("aria-label", "Formatting");
    for (const button of menu.querySelectorAll("button")) {
      const name = buttonNames[button.title] ?? button.title;
      button.title = name.charAt(0).toUpperCase() + name.slice(1);
      button.setAttribute("aria-label", button.title);
    }
  };

  // One stop for Tab, as in any toolbar; the arrow keys go from button to button.
  const stopAt = (menu, button) => {
    for (const one of menu.querySelectorAll("button")) one.tabIndex = one === button ? 0 : -1;
  };
  const goByArrows = (menu) => {
    menu.addEventListener("focusin", ({ target }) => stopAt(menu, target));
    menu.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const buttons = [...menu.querySelectorAll("button:not(.hidden)")];
      buttons.at((buttons.indexOf(event.target) + step) % buttons.length).focus();
      event.preventDefault();
    });
  };

  // The menu tells a state by colour alone; say it too.
  const tellStates = (menu) => {
    if (!menu.querySelector("[tabindex='0']:not(.hidden)")) stopAt(menu, menu.querySelector("button"));
    for (const button of menu.querySelectorAll("button")) {
      button.setAttribute("aria-disabled", button.classList.contains("disabled"));
      if (button.matches(switches)) {
        button.setAttribute("aria-pressed", button.classList.contains("active"));
      }
    }
  };

  document.addEventListener("prose-editor:ready", ({ detail: { editor, textarea } }) => {
    const label = document.querySelector(`label[for="${textarea.id}"]`);
    const help = document.getElementById(`${textarea.id}_helptext`);
    const attributes = { "aria-multiline": "true", role: "textbox", spellcheck: "true" };
    if (label) {
      attributes["aria-label"] = label.textContent.replace(/:\s*$/, "");
      label.addEventListener("click", (event) => {
        event.preventDefault();
        editor.view.focus();
      });
    }
    if (help) attributes["aria-describedby"] = help.id;
    editor.setOptions({ editorProps: { attributes } });

    // The menu is made by the editor's own "create", a moment from now.
    editor.on("create", () => {
      const menu = editor.view.dom.parentElement.querySelector(".prose-menubar");
      nameButtons(menu);
      goByArrows(menu);
      tellStates(menu);
      editor.on("transaction", () => tellStates(menu));
    });
  });
})();

// Keeps what is typed and not saved in this browser, and offers it back: after a crash, an ended
// session, an error. For content alone: only forms that say so (data-kept-draft) are kept.

const KEEP_AFTER = 400; // milliseconds after a key, at the latest
const KEPT_DAYS = 30;
const REPLACE = "Replace what you have typed since you opened this page?";
const note = document.querySelector("[data-kept-draft]");
const saved = document.querySelector("[data-saved-drafts]")?.dataset.savedDrafts.split(" ") ?? [];

// IndexedDB, not localStorage: what it has taken survives a killed browser at once.
const store = new Promise((resolve, reject) => {
  const opening = indexedDB.open("drafts", 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore("drafts", { keyPath: "id" });
  opening.onsuccess = () => resolve(opening.result);
  opening.onerror = () => reject(opening.error);
});
store.catch(() => {}); // a browser that keeps nothing has nothing to offer

async function ask(mode, act) {
  const drafts = (await store).transaction("drafts", mode, { durability: "strict" });
  return new Promise((resolve, reject) => {
    const asked = act(drafts.objectStore("drafts"));
    drafts.oncomplete = () => resolve(asked.result);
    drafts.onerror = drafts.onabort = () => reject(drafts.error);
  });
}

// Not randomUUID(), which a browser has only over https or on localhost.
const newId = () => crypto.getRandomValues(new Uint32Array(3)).join("-");
const forget = (id) => ask("readwrite", (drafts) => drafts.delete(id));

// Deletes what the server says it has saved and what is too old; returns the others, newest first.
async function tidied() {
  const oldest = Date.now() - KEPT_DAYS * 86_400_000;
  const [kept, gone] = [[], []];
  for (const draft of await ask("readonly", (drafts) => drafts.getAll())) {
    (saved.includes(draft.id) || draft.at < oldest ? gone : kept).push(draft);
  }
  await Promise.all(gone.map(({ id }) => forget(id)));
  return kept.sort((one, other) => other.at - one.at);
}

function clockOf(moment) {
  const isToday = new Date(moment).toDateString() === new Date().toDateString();
  const day = isToday ? {} : { month: "long", day: "numeric" };
  const form = { ...day, hour: "numeric", minute: "2-digit" };
  return new Date(moment).toLocaleString("en-CA", form).replaceAll(".", ""); // am, as everywhere
}

// What the form's page makes by itself, and nobody types.
const own = /^(csrfmiddlewaretoken|_version|_draft|_preview_width)$|__prefix__|-(INITIAL|MIN_NUM|MAX_NUM)_FORMS$/;

const typed = (form) =>
  [...new FormData(form)].filter(([name, value]) => !own.test(name) && typeof value === "string");
const written = (form) => JSON.stringify(typed(form));

const editors = new Map(); // by the field they write into
document.addEventListener("prose-editor:ready", ({ detail: { editor, textarea } }) => {
  editors.set(textarea, editor);
});

function keepForm(form, owner, drafts, here) {
  const version = form.elements._version;
  const theirs = ({ user, path }) => user === owner && path === location.pathname;
  // A form that came back is not saved, however it looks, and holds newer words than any draft.
  const isBack = Boolean(form.querySelector(".errornote, .conflict"));
  const unchanged = isBack ? null : here;
  // The page of such a form names the draft that it was sent as.
  const stamp = form.elements._draft ?? document.createElement("input");
  const id = stamp.value || newId();
  Object.assign(stamp, { type: "hidden", name: "_draft", value: id });
  form.append(stamp);
  const isOther = (draft) => draft.id !== id && JSON.stringify(draft.fields) !== here;
  const offered = isBack ? null : drafts.find((draft) => theirs(draft) && isOther(draft));
  let waiting = 0;
  let isLeaving = false;

  function keep() {
    clearTimeout(waiting);
    waiting = 0;
    const fields = typed(form);
    if (JSON.stringify(fields) === unchanged) return forget(id).catch(() => {});
    const draft = { id, user: owner, path: location.pathname, at: Date.now(), fields };
    draft.version = version?.value;
    return ask("readwrite", (kept) => kept.put(draft)).catch(() => {});
  }

  function put(element, values) {
    if (element.type === "file") return;
    if (/^(checkbox|radio)$/.test(element.type)) element.checked = values.includes(element.value);
    else if (element.type === "select-multiple") {
      for (const option of element.options) option.selected = values.includes(option.value);
    } else if (values.length) element.value = values.shift();
    else return;
    editors.get(element)?.commands.setContent(element.value);
    element.dispatchEvent(new Event("input", { bubbles: true }));
    element.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function restore(draft) {
    const values = new Map();
    for (const [name, value] of draft.fields) values.set(name, [...(values.get(name) ?? []), value]);
    for (const [name, [count]] of values) {
      if (!name.endsWith("-TOTAL_FORMS") || !form.elements[name]) continue;
      const group = document.getElementById(name.replace("-TOTAL_FORMS", "-group"));
      const more = count - form.elements[name].value;
      for (let row = 0; row < more; row += 1) group.querySelector(".add-row a")?.click();
    }
    // The editors of new rows come a moment later.
    setTimeout(() => {
      for (const element of form.elements) {
        if (element.name && !own.test(element.name) && !element.name.endsWith("_FORMS")) {
          put(element, values.get(element.name) ?? []);
        }
      }
      // Whoever saved meanwhile is met at the save, as if this page had never been closed.
      if (version && draft.version) version.value = draft.version;
      keep().then(() => forget(draft.id));
    }, 150);
  }

  if (offered) {
    note.querySelector("[data-when]").textContent = clockOf(offered.at);
    note.hidden = false;
    note.querySelector("[data-restore]").addEventListener("click", () => {
      if (written(form) !== here && !confirm(REPLACE)) return;
      note.hidden = true;
      restore(offered);
    });
    note.querySelector("[data-discard]").addEventListener("click", () => {
      note.hidden = true;
      forget(offered.id);
    });
  }

  for (const kind of ["input", "change"]) {
    form.addEventListener(kind, () => {
      waiting ||= setTimeout(keep, KEEP_AFTER);
    });
  }
  document.addEventListener("visibilitychange", () => document.hidden && waiting && keep());
  form.querySelector("[data-drop-draft]")?.addEventListener("click", async (event) => {
    event.preventDefault();
    isLeaving = true;
    await forget(id).catch(() => {});
    location.assign(location.pathname);
  });
  // After the listener of admin-session.js, which stops a form that nobody could receive.
  addEventListener("submit", (event) => {
    if (event.target !== form || event.submitter?.formTarget) return;
    keep();
    isLeaving = !event.defaultPrevented;
  });
  addEventListener("pageshow", () => {
    isLeaving = false;
  });
  addEventListener("beforeunload", (event) => {
    if (!isLeaving && written(form) !== unchanged) event.preventDefault();
  });
}

const form = note?.closest("form");
const here = form && written(form); // before anything can be typed
tidied()
  .catch(() => [])
  .then((drafts) => form && keepForm(form, note.dataset.keptDraft, drafts, here));

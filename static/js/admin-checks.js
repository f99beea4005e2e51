// Has what is typed checked on the server while somebody writes, and shows what there is to look at.

const FRESH_AFTER = 1500; // milliseconds without a key
const panel = document.querySelector("[data-checks]");
const list = panel.querySelector("[data-checks-list]");
const status = panel.querySelector("[data-checks-status]");
const form = panel.closest("form");
const link = form.querySelector("[data-checks-link]"); // beside Save, always in reach
let waiting = 0;
let asked = 0;

async function check() {
  const number = ++asked;
  const data = new FormData(form);
  // Pictures stay here: only words are looked at.
  for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
  const response = await fetch(panel.dataset.checks, { method: "POST", body: data });
  if (!response.ok || response.redirected || number !== asked) return;
  const before = list.querySelector("[data-checks-number]").dataset.checksNumber;
  list.innerHTML = await response.text();
  const now = list.querySelector("[data-checks-number]").dataset.checksNumber;
  if (now === before) return;
  status.textContent = `Checks: ${now} to look at`;
  link.textContent = `Checks: ${now}`;
}

form.addEventListener("input", (event) => {
  if (panel.contains(event.target)) return;
  clearTimeout(waiting);
  waiting = setTimeout(() => check().catch(() => {}), FRESH_AFTER);
});

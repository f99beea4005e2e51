// Keeps who writes signed in, and sends no form that would only come back as a sign-in page.

const note = document.querySelector("[data-session-note]");
const ASK_EVERY = 5 * 60_000; // milliseconds of writing
let askedAt = Date.now();

// Returns a fresh token for forms, or null when nobody is signed in any more.
async function stillHere() {
  askedAt = Date.now();
  const response = await fetch(note.dataset.here, { cache: "no-store" });
  if (!response.ok) throw new Error(response.status);
  return (await response.json()).token;
}

function tell(form, words) {
  for (const part of note.children) part.hidden = !part.matches(words);
  (form.querySelector(".submit-row") ?? form.lastElementChild).before(note);
  note.hidden = false;
  note.scrollIntoView({ block: "center" });
}

addEventListener("input", () => {
  if (Date.now() - askedAt > ASK_EVERY) stillHere().catch(() => {});
});

addEventListener("submit", async (event) => {
  const { target: form, submitter } = event;
  const field = form.querySelector("[name=csrfmiddlewaretoken]");
  if (event.defaultPrevented || form.method !== "post" || !field || form.isChecked) return;
  event.preventDefault();
  if (form.isAsking) return;
  form.isAsking = true;
  try {
    const token = await stillHere();
    if (!token) return tell(form, "[data-signed-out]");
    field.value = token; // signing in in another tab made the one before worthless
    form.isChecked = true;
    form.requestSubmit(submitter);
  } catch {
    tell(form, "[data-unreachable]");
  } finally {
    form.isAsking = form.isChecked = false;
  }
});

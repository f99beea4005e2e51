// All of the site works without this.

const find = (selector) => document.querySelectorAll(selector);
const { zone: timeZone } = find("[data-zone]")[0]?.dataset ?? {};
const part = (at, options) => new Date(at).toLocaleString("en-US", { timeZone, ...options });
const clock = (at) =>
  part(at, { hour: "numeric", minute: "2-digit" }).toLowerCase().replace("\u202f", " ");
const dayOf = (at) => new Date(at).toLocaleDateString("en-CA", { timeZone });

// A kept page must not lie about the hours.
function tellTime() {
  const now = Date.now();
  const today = dayOf(now);
  for (const line of find("[data-openings]")) {
    const moments = line.dataset.openings.split(",");
    const next = moments.findIndex((seconds) => seconds * 1000 > now);
    const at = moments[next] * 1000;
    const isOpen = next % 2 === 1;
    if (isOpen) {
      line.textContent = at - now > 864e5 ? "Open now" : `Open now until ${clock(at)}`;
    } else {
      const day = dayOf(at) === today ? "today" : part(at, { weekday: "long" });
      const near = `Opens ${day} at ${clock(at)}`;
      line.textContent = at - now < 5184e5 ? near : line.dataset.far;
    }
    line.classList.toggle("status--open", isOpen);
  }
  for (const row of find(".hours [data-day]")) {
    const isToday = row.dataset.day === today;
    row.classList.toggle("hours__today", isToday);
    row.querySelector(".hours__mark").hidden = !isToday;
  }
}
(window.requestIdleCallback ?? setTimeout)(tellTime); // after the first paint
setInterval(tellTime, 60_000);

for (const menu of find("[data-menu]")) {
  addEventListener("click", ({ target }) => menu.contains(target) || (menu.open = false));
  addEventListener("keyup", ({ key }) => {
    if (key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.firstElementChild.focus();
  });
}

// Some questions are asked only when they matter.
for (const form of find("[data-enquiry]")) {
  const ask = () => {
    const [phone, email] = ["phone", "email"].map((name) => form.elements[name].value.trim());
    form.querySelector("[data-field=may_leave_message]").hidden = !phone;
    form.querySelector("[data-field=preferred_way]").hidden = !phone || !email;
  };
  form.addEventListener("input", ask);
  addEventListener("pageshow", ask);
  ask();
}
for (const summary of find("[data-error-summary]")) summary.focus();

// The contents list is open where there is room, and marks where one reads.
const { matches } = matchMedia("(min-width: 62rem)"); // innerWidth lays out
for (const list of find("[data-contents] details")) list.open = matches;
const links = find("[data-contents] a");
const mark = (entries) => {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting) continue;
    for (const link of links) link.ariaCurrent = link.hash === `#${target.id}` || null;
  }
};
const watcher = new IntersectionObserver(mark, { rootMargin: "0px 0px -70%" });
for (const link of links) watcher.observe(document.getElementById(link.hash.slice(1)));

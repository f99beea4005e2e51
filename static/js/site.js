// All of the site works without this.

const find = (selector) => document.querySelectorAll(selector);
const part = (moment, timeZone, options) =>
  new Intl.DateTimeFormat("en-US", { timeZone, ...options }).format(moment);
const clock = (moment, zone) =>
  part(moment, zone, { hour: "numeric", minute: "2-digit" }).toLowerCase().replace("\u202f", " ");
// en-CA writes days as the server does.
const dayOf = (moment, timeZone) => new Intl.DateTimeFormat("en-CA", { timeZone }).format(moment);

// A kept page must not lie about the hours.
function tellTime() {
  const now = Date.now();
  for (const line of find("[data-openings]")) {
    const { openings, zone } = line.dataset;
    const moments = openings.split(",").map((seconds) => seconds * 1000);
    const next = moments.findIndex((moment) => moment > now);
    const at = moments[next];
    const isOpen = next % 2 === 1;
    const isToday = dayOf(at, zone) === dayOf(now, zone);
    const day = isToday ? "today" : part(at, zone, { weekday: "long" });
    if (isOpen) {
      line.textContent = at - now > 864e5 ? "Open now" : `Open now until ${clock(at, zone)}`;
    } else if (at - now < 5184e5) line.textContent = `Opens ${day} at ${clock(at, zone)}`;
    line.classList.toggle("status--open", isOpen);
  }
  for (const row of find(".hours [data-day]")) {
    const isToday = row.dataset.day === dayOf(now, row.closest("table").dataset.zone);
    row.classList.toggle("hours__today", isToday);
    row.querySelector(".hours__mark").hidden = !isToday;
  }
}
tellTime();
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
for (const list of find("[data-contents] details")) list.open = innerWidth > 991;
const links = find("[data-contents] a");
const watcher = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      for (const link of links) link.ariaCurrent = link.hash === `#${target.id}` || null;
    }
  },
  { rootMargin: "0px 0px -70%" },
);
for (const link of links) watcher.observe(document.getElementById(link.hash.slice(1)));

// All of the site works without this.

const find = (selector) => document.querySelectorAll(selector);
const { zone: timeZone } = find("[data-zone]")[0]?.dataset ?? {};
// Browsers write dates differently.
const format = new Intl.DateTimeFormat("en-US", {
  ...{ timeZone, hour12: true, hour: "numeric", minute: "2-digit" },
  ...{ weekday: "long", year: "numeric", month: "2-digit", day: "2-digit" },
});
function read(at) {
  const part = {};
  for (const { type, value } of format.formatToParts(at)) part[type] = value;
  part.date = `${part.year}-${part.month}-${part.day}`;
  part.clock = `${part.hour}:${part.minute} ${part.dayPeriod.toLowerCase()}`;
  return part;
}

// What each line said last: a browser may translate what it shows.
const told = new Map([...find("[data-openings]")].map((line) => [line, line.textContent]));

// A kept page must not lie about the hours.
function tellTime() {
  const now = Date.now();
  const today = read(now).date;
  for (const [line, before] of told) {
    const moments = line.dataset.openings.split(",");
    const next = moments.findIndex((time) => time * 1000 > now);
    const at = moments[next] * 1000;
    const then = next < 0 || read(at);
    const isOpen = next % 2 > 0;
    let words = line.dataset.far || before;
    if (isOpen) {
      words = at - now > 864e5 ? "Open now" : `Open now until ${then.clock}`;
    } else if (at - now < 5184e5) {
      words = `Opens ${then.date === today ? "today" : then.weekday} at ${then.clock}`;
    }
    line.classList.toggle("status--open", isOpen);
    if (words !== before) told.set(line, (line.textContent = words));
  }
  for (const row of find(".hours [data-day]")) {
    const isToday = row.dataset.day === today;
    if (row.classList.contains("hours__today") === isToday) continue;
    row.classList.toggle("hours__today");
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

for (const summary of find("[data-error-summary]")) summary.focus();

// The contents list is open where there is room, and marks where one reads.
const { matches } = matchMedia("(min-width: 62rem)");
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

// Starts the page in its shadow tree, so that several of them can stand in one document.
const start = (host, rules, shown) => {
  host.setAttribute("data-on", "");
  const root = host.attachShadow({ mode: "open" });
  root.append(host.querySelector("template").content.cloneNode(true));
  const data = JSON.parse(host.querySelector("script").textContent), live = model(data, rules);
  const page = {
    host, root, data, live, actions: {}, show: [],
    find: (query) => root.querySelector(query),
    make: (tag, properties) => Object.assign(document.createElement(tag), properties),
    on: (element, kind, action) => element.addEventListener(kind, action),
  };
  const d = (name) => /^[\p{L}_][\p{L}\p{M}\p{N}_]*$/u.test(name) ? "d" + name : `d(${name})`;
  page.quotient = (above, below) => d(above) + "/" + d(below);
  page.refresh = (then) => {
    live.recompute();
    if (then) then();
    page.paint();
    page.show.forEach((part) => part());
  };
  picture(page);
  if (live.leaves.length) {
    inputs(page);
    curves(page);
  } else page.find(".side").hidden = true;
  shown(page);
  page.on(root, "click", (event) => {
    const button = event.target.closest("[data-do]");
    if (button) page.actions[button.dataset.do]();
  });
  page.refresh();
  host.page = page;
  if (page.begin) page.begin();
};

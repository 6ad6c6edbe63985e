// What the panel shows: one function for each view, from an answer of session.py to elements. Texts are set as texts; a
// picture is an image, and a page of the library stands in a frame without an origin: neither can reach this page.
const make = (tag, properties = {}, ...inside) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...inside);
  return element;
};

export const table = (caption, head, rows, className = "") => make("table", { className },
  make("caption", { textContent: caption }),
  make("thead", {}, make("tr", {}, ...head.map((text) => make("th", { textContent: text, scope: "col" })))),
  make("tbody", {}, ...rows.map(([first, ...others]) => make("tr", {},
    make("th", { textContent: first, scope: "row" }), ...others.map((text) => make("td", { textContent: text }))))));

const block = (title, text) => make("section", {}, make("h2", { textContent: title }), make("pre", { textContent: text, tabIndex: 0, ariaLabel: title }));

const frame = (page, title) => {
  const element = make("iframe", { src: "frame.html", title, className: "page" });
  element.setAttribute("sandbox", "allow-scripts");
  element.addEventListener("load", () => element.contentWindow.postMessage(page, "*"), { once: true });
  return element;
};

// The last picture stays until the next one can be painted.
export const picture = async (panel, { svg, tree, root }) => {
  const address = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" })), image = new Image();
  image.src = address;
  image.alt = `The graph of ${root}; as text below`;
  await image.decode().catch(() => {});
  URL.revokeObjectURL(address);
  image.style.setProperty("--natural", `${image.naturalWidth}px`);
  if (!panel.querySelector(".picture")) {
    const place = make("div", { className: "picture", tabIndex: 0, role: "region", ariaLabel: "Graph" });
    const larger = make("button", { textContent: "Larger", ariaPressed: "false", className: "larger" });
    larger.addEventListener("click", () => { larger.ariaPressed = String(place.classList.toggle("large")); });
    panel.replaceChildren(place, make("div", {}, larger), make("details", { className: "tree" },
      make("summary", { textContent: "The graph as text" }), make("pre", { tabIndex: 0, ariaLabel: "The graph as text" })));
  }
  panel.querySelector(".picture").replaceChildren(image);
  panel.querySelector("details.tree pre").textContent = tree;
};

const VERDICTS = {
  agrees: "Every derivative agrees with the number that was found in another way.",
  disagrees: "A derivative disagrees with the number that was found in another way.",
  inconclusive: "The bars are too wide to tell.",
};
const check = ({ rows, outcome, text }) => [
  make("p", { className: `verdict ${outcome}`, textContent: VERDICTS[outcome] || "" }),
  table("A bar says how far the number may be off and still be right.", ["derivative", "backward pass", "found otherwise", "bar", "by", "verdict"],
    rows.map((row) => [...row.slice(0, 3), `± ${row[3]}`, ...row.slice(4)]), "numbers"),
  make("details", {}, make("summary", { textContent: "The verdict in words" }), make("pre", { textContent: text, tabIndex: 0, ariaLabel: "The verdict in words" })),
];
const hessian = ({ names, rows }) => [table("Second derivatives: the slope of each slope", ["", ...names], rows.map((row, i) => [names[i], ...row]), "numbers")];
const source = ({ script, passes, program }) => [
  program ? block("As a program of arrays: forward and backward, for many samples at once", program)
    : make("p", { className: "soft", textContent: "The program of arrays is not shown: it needs NumPy, which this copy of Pyodide has not. docs/playground.md says how to add it." }),
  block("Both passes, line by line", passes),
  block("As a script for your own Python", script),
];
const shown = ({ shown: pages }) => pages.length ? pages.map((page, i) => frame(page, `Shown ${i + 1}`))
  : [make("p", { className: "soft", textContent: "Nothing yet: show(...) in a sketch shows a film, a page of steps, a table, anything that a notebook shows." })];

export const views = { steps: ({ page }) => [frame(page, "Step player")], check, hessian, source, shown };

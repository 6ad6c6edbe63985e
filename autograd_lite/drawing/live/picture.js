// The picture: boxes and edges from the table, the numbers in them, its size.
// The same marks as in drawing/svg.py: #n7 for a value, #e7_0 for an edge, and all colours by class.
const picture = (page) => {
  const { data, live, find } = page, { nodes, top } = live;
  const element = (tag, attributes, text) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const name in attributes) made.setAttribute(name, attributes[name]);
    if (text !== undefined) made.textContent = text;
    return made;
  };
  page.element = element;
  page.number = (x) => {
    if (x === undefined) return "";
    if (x !== x) return "nan";
    if (x === 0) return "0";
    const size = Math.abs(x);
    if (size === Infinity) return x < 0 ? "-inf" : "inf";
    if (data.digits) return whole.number(x, data.digits);
    return size >= 1e-4 && size < 1e6 ? x.toFixed(4) : x.toExponential(3).replace("+", "");
  };
  const number = page.number, LINE = 14, PAD = 7, MOST_LABELS = 12;

  // ---- drawn once ----
  const [width, height] = data.size, busy = data.routes.length > 120;
  const svg = element("svg", { class: busy ? "agl busy" : "agl", viewBox: `0 0 ${width} ${height}`, "text-anchor": "middle", role: "img", "aria-label": "computation graph" });
  const body = element("g", { transform: "translate(12,12)" });
  svg.append(element("rect", { class: "page", width: "100%", height: "100%" }), body);
  for (const [name, x, y, w, h] of data.frames || []) {
    const g = element("g", { class: "cluster" });
    g.append(element("rect", { x, y, width: w, height: h, rx: 8 }), element("text", { x: x + 7, y: y + 12, "text-anchor": "start" }, name));
    body.append(g);
  }
  let next = 0;
  const edges = nodes.map((node, i) => i > top ? [] : node.operands.map((_, p) => {
    const side = +data.labels[next], [x, y, ...rest] = data.routes[next++], crowded = node.operands.length > MOST_LABELS && !side;
    const g = element("g", { id: `e${i}_${p}`, class: "edge w1" + (crowded ? " crowded" : "") });
    const curve = `M${x},${y}C${rest}`, path = element("path", {});
    g.turn = (back) => path.setAttribute("d", back ? `${curve}M${x + 7},${y - 4}l-7,4l7,4` : curve + "m-6,-3l6,3l-6,3");
    g.turn(false);
    g.pulse = (back) => { // a dot that goes the way that the numbers go
      const dot = element("circle", { r: 5, class: "pulse" });
      dot.style.offsetPath = `path("${curve}")`;
      g.append(dot);
      dot.animate({ offsetDistance: back ? ["100%", "0%"] : ["0%", "100%"] }, { duration: 600, easing: "ease-in-out" }).onfinish = () => dot.remove();
    };
    g.append(path, g.local = element("text", side ? { class: "local leaving", x: x + 5, y: y + (side > 1 ? 9 : -3) } : { class: "local", x: rest.at(-2) - 9, y: rest.at(-1) - 3 }));
    body.append(g);
    return g;
  }));
  const boxes = nodes.map(({ kind, op, name, labelled }, i) => {
    if (i > top) return null;
    const [x, y, w, h] = data.boxes[i], texts = {};
    const g = element("g", { id: "n" + i, class: `node ${kind} none` + (i === top ? " root" : ""), transform: `translate(${x},${y})` });
    g.append(element("rect", { class: "box", x: -w / 2, width: w, height: h, rx: 7 }));
    const heading = [op && op.short, labelled && name].filter(Boolean), small = kind === "constant";
    let line = (h - (heading.length > 0) * LINE - (small ? LINE + 5 : 2 * LINE + 8)) / 2 + LINE - (small ? 1.5 : 0);
    const text = (part, at, words) => {
      texts[part] = element("text", { class: part, y: line, ...at }, words);
      g.append(texts[part]);
    };
    if (heading.length > 1) text("op", { x: PAD - w / 2, "text-anchor": "start" }, heading[0]);
    if (heading.length) text(heading.length > 1 || !op ? "label" : "op", heading.length > 1 ? { x: w / 2 - PAD, "text-anchor": "end" } : {}, heading.at(-1));
    if (heading.length) line += LINE;
    text("data", {}, "");
    line += LINE;
    if (!small) text("grad", {}, "");
    body.append(g);
    return { g, w, ...texts };
  });
  find(".graph").append(svg);
  find(".graph").style.setProperty("--ratio", height / width);
  page.box = (i) => boxes[i] && boxes[i].g;
  page.edge = (i, p) => edges[i][p];
  page.svg = svg;
  page.turn = (i, p, back) => { if (edges[i][p]) edges[i][p].turn(back); };
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  page.pulse = (i, p, back) => { if (edges[i][p] && !calm.matches) edges[i][p].pulse(back); };

  // ---- painted at every change; only what changed is touched ----
  const write = (where, text) => { if (where && where.textContent !== text) where.textContent = text; };
  const fill = (where, text, w) => {
    if (!where || where.textContent === text) return;
    where.textContent = text;
    if (text.length * 6.1 > w) where.setAttribute("textLength", w - 6);
    else where.removeAttribute("textLength");
    where.setAttribute("lengthAdjust", "spacingAndGlyphs");
  };
  const one = ({ classList }, names, name) => { // of those that exclude each other
    if (!classList.contains(name)) classList.replace([...classList].find((each) => names.test(each)), name);
  };
  const tints = /^(none|zero|nan|pos.|neg.)$/, widths = /^w.$/;
  const shade = (x) => x ? 4 - [0.3, 0.03, 0.003].filter((share) => Math.abs(x) < share * page.largest).length : 0;
  page.write = write;
  page.fit = fill;
  page.tint = (g, grad) => one(g, tints, grad === undefined ? "none" : grad !== grad ? "nan" : grad === 0 ? (page.largest ? "zero" : "none") : (grad > 0 ? "pos" : "neg") + shade(grad));
  page.measure = () => { page.largest = Math.max(0, ...(live.grads || []).slice(0, top + 1).map(Math.abs).filter(Number.isFinite)); };
  page.paintBox = (i, known, grad) => { // grad: undefined where none has arrived
    const box = boxes[i];
    if (!box) return;
    const x = live.x[i], wrong = live.wrong && live.wrong.i === i;
    box.g.classList.toggle("wait", !known || x === undefined && !wrong);
    box.g.classList.toggle("bad", Boolean(wrong));
    fill(box.data, wrong ? "not defined" : !known || x === undefined ? "" : nodes[i].kind === "constant" ? number(x) : "data " + number(x), box.w);
    fill(box.grad, grad === undefined ? "" : "grad " + number(grad), box.w);
    page.tint(box.g, nodes[i].kind === "constant" ? undefined : grad);
  };
  page.paintEdge = (i, p, grad, reached = true) => { // grad: of the user, where it has come along this edge
    const g = edges[i][p];
    if (!g) return;
    const known = reached && live.x[i] !== undefined, local = known ? live.locals[i][p] : undefined;
    write(g.local, local === null ? "" : number(local));
    g.classList.toggle("dead", local === 0);
    g.classList.toggle("used", grad !== undefined && Boolean(page.steps));
    one(g, widths, grad === undefined || local === null || !known || !page.largest ? "w1" : "w" + shade(local * grad));
  };
  page.key = (...keys) => keys.forEach(([name, words]) => {
    const swatch = element("svg", { class: name, viewBox: "0 0 22 14", "aria-hidden": true }), entry = page.make("span", {});
    swatch.append(element("rect", { class: "box", x: 2, y: 2, width: 18, height: 10, rx: 3 }));
    entry.append(swatch, words);
    find(".legend").append(entry);
  });
  page.key(["pos3", "gradient above 0"], ["neg3", "below 0"], ["zero", "exactly 0"], ["constant", "constant"]);

  // ---- size ----
  const pane = find(".graph"), whole_picture = [svg, width, height];
  let zoom = 1, fitted = true, picture = whole_picture;
  const scale = (to) => {
    zoom = Math.min(Math.max(to, 0.005), 8);
    picture[0].style.width = picture[1] * zoom + "px";
    picture[0].style.height = picture[2] * zoom + "px";
  };
  const fit = () => {
    fitted = true;
    scale(Math.min((pane.clientWidth - 4) / picture[1], (pane.clientHeight - 4) / picture[2], 3));
  };
  page.measured = (other) => { // the picture that is shown: this one, or another one in its place
    if (picture[0] === (other || whole_picture)[0]) return;
    picture = other || whole_picture;
    fit();
  };
  const by = (factor) => { fitted = false; scale(zoom * factor); };
  const present = () => { find(".player").classList.toggle("big"); page.refit(); };
  page.refit = () => { if (fitted) fit(); };
  let waits = 0, pressed = 0; // a second click still finds its box where the first one was
  page.on(pane, "pointerdown", () => { pressed = performance.now(); });
  new ResizeObserver(() => { clearTimeout(waits); waits = setTimeout(page.refit, pressed ? pressed + 400 - performance.now() : 0); }).observe(pane);
  fit();
  page.reveal = (i) => { // within the picture's own pane: the page around it must not move
    if (!boxes[i] || picture !== whole_picture) return;
    const box = boxes[i].g.getBoundingClientRect(), view = pane.getBoundingClientRect();
    const move = (low, high, from, to) => low < from + 40 ? low - from - 40 : high > to - 40 ? high - to + 40 : 0;
    pane.scrollLeft += move(box.left, box.right, view.left, view.right);
    pane.scrollTop += move(box.top, box.bottom, view.top, view.bottom);
  };
  Object.assign(page.actions, {
    in: () => by(1.25), out: () => by(0.8), fit,
    present,
    full: () => document.fullscreenElement ? document.exitFullscreen() : find(".player").requestFullscreen().catch(present),
  });
};

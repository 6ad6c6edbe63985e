// Hover and click, in a picture of either renderer: a pointer on a box lights the ways through it, a click on a frame folds it.
// The marks are those of drawing/svg.py: .node, .edge with data-from, .cluster.
const paths = (svg) => {
  const nodes = new Map([...svg.querySelectorAll(".node")].map((g) => [g.id, g]));
  const edges = [...svg.querySelectorAll(".edge[data-from]")].map((g) => { // e7_0 leads to n7, eg2_0 to g2
    const to = g.id.slice(1).split("_")[0];
    return { g, ends: [g.getAttribute("data-from"), nodes.has(to) ? to : "n" + to] };
  });
  const style = document.createElementNS("http://www.w3.org/2000/svg", "style");
  style.textContent = ".agl-light .node:not(.agl-lit),.agl-light .edge[data-from]:not(.agl-lit){opacity:.2}.agl-hid{display:none}.cluster{cursor:pointer}.agl-shut rect,.agl-shut path{fill-opacity:1;stroke-width:2}";
  svg.append(style);

  // ---- light ----
  const walk = (id, from, to) => { // the edges that lead on from a box, and from where they lead
    const reached = new Set([id]), found = [], todo = [id];
    while (todo.length) {
      const at = todo.pop();
      for (const edge of edges) {
        if (edge.ends[from] !== at) continue;
        found.push(edge);
        if (!reached.has(edge.ends[to])) { reached.add(edge.ends[to]); todo.push(edge.ends[to]); }
      }
    }
    return found;
  };
  const dark = () => {
    svg.classList.remove("agl-light");
    svg.querySelectorAll(".agl-lit").forEach((g) => g.classList.remove("agl-lit"));
  };
  const light = (id) => {
    dark();
    svg.classList.add("agl-light");
    nodes.get(id).classList.add("agl-lit");
    for (const { g, ends } of [...walk(id, 0, 1), ...walk(id, 1, 0)]) {
      g.classList.add("agl-lit");
      ends.forEach((end) => nodes.has(end) && nodes.get(end).classList.add("agl-lit"));
    }
  };
  svg.addEventListener("pointerover", (event) => {
    const node = event.target.closest(".node");
    if (node && nodes.has(node.id)) light(node.id); else dark();
  });
  svg.addEventListener("pointerleave", dark);

  // ---- fold ----
  const inside = (frame) => {
    const box = frame.getBoundingClientRect();
    return [...nodes.values()].filter((g) => {
      const own = g.getBoundingClientRect(), x = (own.left + own.right) / 2, y = (own.top + own.bottom) / 2;
      return own.width && box.left < x && x < box.right && box.top < y && y < box.bottom;
    });
  };
  const fold = (frame) => {
    const name = frame.name;
    const open = frame.members, kept = open || inside(frame), names = new Set(kept.map((g) => g.id));
    const border = frame.querySelector("rect,path,polygon");
    const last = kept.filter((g) => !edges.some(({ ends }) => ends[0] === g.id)); // a result, whose number stays in sight
    for (const g of kept) g.classList.toggle("agl-hid", !open && !last.includes(g));
    for (const { g, ends } of edges) if (ends.every((end) => names.has(end))) g.classList.toggle("agl-hid", !open);
    frame.classList.toggle("agl-shut", !open);
    const text = frame.querySelector("text"), own = border.getBBox();
    if (open) Object.entries(frame.corner).forEach(([name, at]) => at === null ? text.removeAttribute(name) : text.setAttribute(name, at));
    else {
      frame.corner = Object.fromEntries(["x", "y", "text-anchor", "style"].map((name) => [name, text.getAttribute(name)]));
      text.setAttribute("x", own.x + own.width / 2);
      if (!last.length) text.setAttribute("y", own.y + own.height / 2 + 4);
      text.setAttribute("text-anchor", "middle");
      text.setAttribute("style", "font-weight:bold");
    }
    text.textContent = open ? name : `${name}, ${kept.length} values`;
    frame.setAttribute("aria-expanded", String(Boolean(open)));
    border.style.strokeDasharray = !open && kept.length && kept.every((g) => g.matches(".zero,.constant")) ? "4 3" : "";
    if (open) frame.home.replaceWith(frame); else {
      frame.home = document.createComment("");
      frame.replaceWith(frame.home);
      svg.querySelector("g").append(frame, ...last); // above the edges that lead into it
    }
    frame.members = open ? null : kept;
    dark();
  };
  const frames = [...svg.querySelectorAll(".cluster")];
  svg.setAttribute("role", "graphics-document"); // an image could hold no buttons
  for (const frame of frames) {
    frame.name = frame.querySelector("text").textContent;
    frame.setAttribute("tabindex", "0");
    frame.setAttribute("role", "button");
    frame.setAttribute("aria-expanded", "true");
    frame.setAttribute("aria-label", frame.name + ", folds");
    frame.addEventListener("click", () => fold(frame));
    frame.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      event.stopPropagation();
      fold(frame);
      frame.focus();
    });
  }
  return { fold: (place) => fold(frames[place]) };
};

// The picture with every module as one box, for steps by layer. A click on a module goes into it.
const folding = (page, enter) => {
  const { data, live, find, element, number, write, on } = page, { nodes } = live, { size: [width, height], boxes, routes, pairs, part, names } = data.fold;
  const svg = element("svg", { class: "agl", viewBox: `0 0 ${width} ${height}`, "text-anchor": "middle", role: "group", "aria-label": "modules" }), body = element("g", { transform: "translate(12,12)" });
  const members = names.map(() => []), outputs = names.map(() => new Set());
  part.forEach((k, i) => {
    members[k].push(i);
    for (const j of nodes[i].operands) if (part[j] !== k && nodes[j].op) outputs[part[j]].add(j);
  });
  outputs[part[live.top]].add(live.top);
  svg.append(body);
  const edges = routes.map(([x, y, ...rest]) => {
    const g = element("g", { class: "edge w1" });
    g.append(element("path", { d: `M${x},${y}C${rest}m-6,-3l6,3l-6,3` }));
    body.append(g);
    return g;
  });
  const drawn = boxes.map(([x, y, w, h], k) => {
    const i = members[k][0], g = element("g", { id: "m" + k, class: `${names[k] ? "module" : nodes[i].kind} none`, transform: `translate(${x},${y})` });
    g.append(element("rect", { class: "box", x: -w / 2, width: w, height: h, rx: 7 }));
    const heading = names[k] ? `${names[k]}, ${members[k].length} values` : [nodes[i].op && nodes[i].op.short, nodes[i].labelled && nodes[i].name].filter(Boolean).join("  ");
    const texts = [heading, "", ""].map((words, line) => element("text", { class: ["label", "data", "grad"][line], y: (heading ? 14 : 0) + 14 * line }, words));
    g.append(...texts);
    if (names[k]) {
      g.append(element("rect", { class: "inner", x: 3 - w / 2, y: 3, width: w - 6, height: h - 6, rx: 5 }));
      Object.assign(g, { role: "button", tabIndex: 0 });
      on(g, "click", () => enter(k));
      on(g, "keydown", (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.stopPropagation();
        enter(k);
      });
    }
    body.append(g);
    return { g, w, texts };
  });
  const range = (list) => list.length > 1 ? `${list.length} out, ${number(Math.min(...list))} to ${number(Math.max(...list))}` : "out " + number(list[0]);
  const fill = (k, { known, grads, received }) => {
    const { g, texts: [, data_text, grad_text], w } = drawn[k], inside = members[k], out = [...outputs[k]], ready = (names[k] ? out : inside).every((i) => known[i] && live.x[i] !== undefined);
    const moved = inside.filter((i) => received[i] > 0 || grads[i] !== 0), largest = moved.map((i) => grads[i]).reduce((a, b) => Math.abs(b) > Math.abs(a) ? b : a, 0), i = inside[0];
    g.classList.toggle("wait", !ready);
    page.fit(data_text, !ready ? "" : names[k] ? range(out.map((i) => live.x[i])) : (nodes[i].kind === "constant" ? "" : "data ") + number(live.x[i]), w);
    page.fit(grad_text, !moved.length || nodes[i].kind === "constant" && !names[k] ? "" : (names[k] ? "max |grad| " + number(Math.abs(largest)) : "grad " + number(grads[i])), w);
    page.tint(g, moved.length ? largest : undefined);
  };
  find(".graph").append(svg);
  svg.style.display = "none";
  return {
    names, part, outputs: (k) => [...outputs[k]],
    show: (on_, state, shown) => {
      svg.style.display = on_ ? "" : "none";
      page.svg.style.display = on_ ? "none" : "";
      page.measured(on_ ? [svg, width, height] : null);
      if (!on_) return;
      drawn.forEach((_, k) => fill(k, state));
      drawn.forEach(({ g }, k) => {
        g.classList.toggle("now", shown.some(({ i }) => part[i] === k));
        g.classList.toggle("to", shown.some(({ i, j }) => j !== undefined && part[j] === k && part[i] !== k));
      });
      edges.forEach((g, e) => {
        const [from, to] = [pairs[2 * e], pairs[2 * e + 1]];
        g.classList.toggle("on", shown.some(({ i, j }) => part[i] === to && (j === undefined ? nodes[i].operands.some((each) => part[each] === from) : part[j] === from)));
      });
    },
  };
};

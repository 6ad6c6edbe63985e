// Two small plots: the loss as it falls, and any value along any leaf, with its tangent there, whose slope is the derivative.
const curves = (page) => {
  const { live, find, make, on, number, write, element } = page, { nodes, top } = live, { isFinite } = Number, POINTS = 120;
  const between = (v, low, high) => (v / 2 - low / 2) / (high / 2 - low / 2 || 1); // also where high - low is no float
  const plot = (svg, xs, ys, [across, up, words], dot, slope) => {
    const finite = ys.filter(isFinite), low = Math.min(...finite), high = Math.max(...finite), end = xs.length - 1;
    const note = (x, y, anchor, text) => svg.append(element("text", { x, y, "text-anchor": anchor }, text));
    svg.ariaLabel = words;
    svg.replaceChildren();
    if (!finite.length) return note(150, 80, "middle", "no number here");
    const X = (x) => 8 + 284 * (end ? between(x, xs[0], xs[end]) : 0), Y = (y) => 128 - 110 * (low === high ? 0.5 : between(y, low, high));
    let path = "", pen = "M";
    xs.forEach((x, k) => {
      if (isFinite(ys[k])) path += `${pen}${X(x).toFixed(1)},${Y(ys[k]).toFixed(1)}`;
      pen = isFinite(ys[k]) ? "L" : "M";
    });
    svg.append(element("path", { d: path, class: "line" }));
    if (dot && dot.every(isFinite)) {
      const x = X(dot[0]), y = Y(dot[1]), rise = low === high ? 0 : slope / (high / 2 - low / 2) * (xs[end] / 2 - xs[0] / 2) * 110 / 284, far = 80 / Math.hypot(1, rise);
      if (isFinite(rise * far)) svg.append(element("path", { d: `M${x - far},${y + rise * far}L${x + far},${y - rise * far}`, class: "tangent" }));
      svg.append(element("circle", { cx: x, cy: y, r: 4 }));
    }
    const short = (x) => String(+x.toPrecision(4));
    note(6, 12, "start", `${up} ${short(high)}`);
    if (low < high) note(6, 127, "start", short(low));
    note(6, 146, "start", `${across} ${short(xs[0])}`);
    note(294, 146, "end", short(xs[end]));
  };

  const value = find(".value"), leaf = find(".along");
  const option = (list, i) => list.append(make("option", { textContent: nodes[i].name, value: i }));
  nodes.forEach((node, i) => { if (i <= top && node.kind === "operation") option(value, i); });
  live.leaves.forEach((i) => option(leaf, i));
  value.value = top;
  const draw = () => {
    const of = +value.value, by = +leaf.value, { low, high } = page.range(by), here = live.x[by], names = [nodes[by].name, nodes[of].name];
    const xs = Array.from({ length: POINTS + 1 }, (_, k) => low * (1 - k / POINTS) + high * (k / POINTS));
    if (here > low && here < high) xs.push(here); // so that the point is on the line
    xs.sort((a, b) => a - b);
    const known = live.x[of] !== undefined, slope = known && nodes[by].kind === "leaf" ? live.backward(live.locals, of)[by] : NaN;
    const said = nodes[by].kind !== "leaf" ? "no slope: a constant" : known ? `slope ${page.quotient(names[1], names[0])} = ${number(slope)}` : "no slope: not defined here";
    plot(find(".curve svg"), xs, live.along(by, of, xs), [...names, said], known ? [here, live.x[of]] : null, slope);
    write(find(".slope"), said);
    const losses = page.descent(), last = losses.length - 1, fallen = last < 0 ? "" : `${last} step${last > 1 ? "s" : ""}: ${number(losses[0])} to ${number(losses[last])}`;
    find(".losses").style.display = last < 0 ? "none" : "";
    if (last >= 0) plot(find(".losses"), [...losses.keys()], losses, ["step", nodes[top].name, fallen], [last, losses[last]], NaN);
    write(find(".fallen"), fallen);
  };
  if (!value.options.length) return find(".curve").hidden = true;
  on(value, "change", draw);
  on(leaf, "change", draw);
  page.show.push(draw);
};

// The picture of `draw`: both passes at once.
const whole = (page) => {
  const { live, data } = page;
  live.nodes.forEach((node, i) => i > live.top || node.operands.forEach((j, p) => page.edge(i, p).setAttribute("data-from", "n" + j)));
  const picture = paths(page.find(".graph svg"));
  (data.folded || []).forEach(picture.fold);
  const legend = page.make("p", { className: "help legend" });
  for (const [kind, words] of [["pos3", "grad > 0"], ["neg3", "grad < 0"], ["zero", "grad = 0"]]) {
    const mark = page.element("svg", { width: 14, height: 10 }), box = page.element("g", { class: kind });
    box.append(page.element("rect", { class: "box", x: 1, y: 1, width: 10, height: 8, rx: 2 }));
    mark.append(box);
    legend.append(mark, words + " \u2003");
  }
  legend.append("the darker, the larger; at an edge: the local derivative. A pointer on a box lights its ways, a click on a frame folds it.");
  page.find(".choices").before(legend);
  page.paint = () => {
    page.measure();
    live.nodes.forEach((node, i) => {
      const grad = live.grads ? live.grads[i] : undefined;
      page.paintBox(i, true, node.kind === "constant" ? undefined : grad);
      if (i <= live.top) node.operands.forEach((_, p) => page.paintEdge(i, p, grad));
    });
  };
};
whole.number = (x, most) => { // as Python's format "g", where a tie goes to the even digit
  const longer = x.toExponential(most), even = /[02468]\.?5e/.test(longer) && x.toExponential(100).replace(/0+e/, "e") === longer;
  const [digits, power] = (even ? longer.replace(/\.?5e/, "e") : x.toExponential(most - 1)).split("e");
  return power < -4 || power >= most ? +digits + "e" + power.replace(/^.(?=.$)/, "$&0") : String(+(digits + "e" + power));
};

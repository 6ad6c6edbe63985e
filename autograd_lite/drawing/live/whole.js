// The picture of `draw`: both passes at once.
const whole = (page) => {
  const { live, data } = page;
  live.nodes.forEach((node, i) => i > live.top || node.operands.forEach((j, p) => page.edge(i, p).setAttribute("data-from", "n" + j)));
  const picture = paths(page.find(".graph svg"));
  (data.folded || []).forEach(picture.fold);
  page.find(".legend").append("the darker, the larger; at an edge: the local derivative. A pointer on a box lights its ways, a click on a frame folds it.");
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

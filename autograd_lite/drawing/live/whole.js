// The picture of `draw`: both passes at once.
const whole = (page) => {
  const { live } = page;
  page.paint = () => {
    page.measure();
    live.nodes.forEach((node, i) => {
      const grad = live.grads ? live.grads[i] : undefined;
      page.paintBox(i, true, node.kind === "constant" ? undefined : grad);
      if (i <= live.top) node.operands.forEach((_, p) => page.paintEdge(i, p, grad));
    });
  };
};

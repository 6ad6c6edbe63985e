// The recorded graph as rows, and its two passes. No primitive is known by name here: `rules` holds their formulas.
// A number that cannot be computed is undefined, and so is all that follows from it: nothing old is shown in its place.
const model = (data, rules) => {
  const LEAF = -1, NUMBER = -2, GIVEN = -3; // a number of the expression; a constant with a label, which moves as leaves do
  const nodes = data.nodes.map(([op, name, x, operands = [], locals = []]) => ({
    op: data.ops[op], rule: op >= 0 && rules ? rules[data.ops[op].rule] : null, name, operands, x: +x,
    kind: op === LEAF ? "leaf" : op >= 0 ? "operation" : "constant", moves: (op === LEAF || op === GIVEN) && name !== "", labelled: op !== NUMBER,
    locals: locals.map((d) => d === null ? d : +d),
  }));
  const top = data.top, start = nodes.map((_, i) => +(data.start[i] || 0)), nothing = nodes.map(() => 0);
  const live = { nodes, top, leaves: rules ? nodes.flatMap((node, i) => node.moves ? [i] : []) : [] };

  // Forward: operands before users. Gives the first operation that is not defined where its operands are now, and why.
  live.forward = (x, locals, among = nodes.keys()) => {
    let wrong = null;
    for (const i of among) {
      const { rule, operands } = nodes[i];
      if (!rule) continue;
      const given = operands.map((j) => x[j]);
      x[i] = undefined;
      if (given.includes(undefined)) continue;
      try {
        const listed = typeof rule.partials === "function", out = listed ? rule.forward(given) : rule.forward(...given);
        if (locals) {
          const slopes = listed && rule.partials(given, out);
          locals[i] = nodes[i].locals.map((d, p) => d === null ? null : listed ? slopes[p] : rule.partials[p](...given, out));
        }
        x[i] = out;
      } catch (error) {
        wrong = wrong || { i, given };
      }
    }
    return wrong;
  };

  // Backward: users before operands, and the chain rule along every edge.
  live.backward = (locals, root = top, seed = 1, before = nothing) => {
    const grads = before.slice(), reached = new Set(root === top ? nodes.keys() : [root]);
    grads[root] += seed;
    for (let i = root; i >= 0; i--) {
      if (!reached.has(i)) continue;
      nodes[i].operands.forEach((j, p) => {
        if (locals[i][p] === null) return;
        grads[j] += locals[i][p] * grads[i];
        reached.add(j);
      });
    }
    return grads;
  };

  const holds = { "<": (a, b) => a < b, "<=": (a, b) => a <= b, ">": (a, b) => a > b, ">=": (a, b) => a >= b, "==": (a, b) => a === b, "!=": (a, b) => a !== b };
  const numberOf = (side) => Array.isArray(side) ? +side[0] : live.x[side];
  const left = ([a, sign, b, truth]) => {
    const [p, q] = [numberOf(a), numberOf(b)];
    return p !== undefined && q !== undefined && holds[sign](p, q) !== truth;
  };

  // Where nothing is moved, every number is the recorded one, to the last bit.
  const recall = () => {
    live.x = nodes.map((node) => node.x);
    live.locals = nodes.map((node) => node.locals);
    live.wrong = null;
    live.moved = false;
  };
  live.recompute = () => {
    live.moved = live.leaves.some((i) => !Object.is(live.x[i], nodes[i].x));
    if (live.moved) live.wrong = live.forward(live.x, live.locals);
    else recall();
    live.broken = (data.guards || []).filter(left);
    const known = live.x[top] !== undefined, passed = () => live.backward(live.locals, top, data.seed === null ? 0 : +data.seed, start);
    live.slopes = known ? live.backward(live.locals) : null;
    live.grads = !known ? null : data.grads && !live.moved ? data.grads.map(Number) : passed();
  };
  recall();
  live.recompute();

  // Any value as a function of any leaf, all others as they are: only what depends on the leaf is computed again.
  live.along = (leaf, value, points) => {
    const depends = new Set([leaf]);
    nodes.forEach((node, i) => { if (node.operands.some((j) => depends.has(j))) depends.add(i); });
    const plan = [...depends].filter((i) => i !== leaf && i <= value).sort((a, b) => a - b), x = live.x.slice();
    return points.map((at) => {
      x[leaf] = at;
      live.forward(x, null, plan);
      return x[value];
    });
  };
  return live;
};

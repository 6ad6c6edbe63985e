// The worker's keeper: starts it, asks it one thing at a time, ends it when it takes too long, and starts it again.
export const limits = { start: 120000, answer: 10000 }; // milliseconds

const SCRIPT = `import(${JSON.stringify(new URL("worker.js", import.meta.url).href)}).catch((error) => postMessage({ failed: String(error) }));`;

const parsed = (text) => {
  try {
    const found = JSON.parse(text);
    return found && typeof found === "object" ? found : null;
  } catch { // a sketch may send whatever it likes
    return null;
  }
};

export const keeper = (tell) => {
  let worker, ready, reject, current = null, count = 0, queue = Promise.resolve();

  const start = () => {
    tell("loading");
    // From a blob, a worker has this page's policy also where the server sends none.
    const address = URL.createObjectURL(new Blob([SCRIPT], { type: "text/javascript" }));
    worker = new Worker(address, { type: "module" });
    ready = new Promise((done, failed) => {
      reject = failed;
      const timer = setTimeout(() => failed(new Error("it took too long")), limits.start);
      worker.onmessage = ({ data }) => {
        if (data.ready) {
          clearTimeout(timer);
          URL.revokeObjectURL(address);
          tell("ready");
          done();
        } else if (data.failed) {
          failed(new Error(data.failed));
        } else if (current && data.id === current.id) {
          const answer = parsed(data.answer);
          if (answer) current.done(answer);
          else end(`The Python of this page has ended (${data.died}). A chain of thousands of operations does that when it is freed. Another one has been started.`);
        }
      };
      worker.onerror = (event) => {
        event.preventDefault();
        if (current) end("The Python of this page has ended. Another one has been started.");
        else failed(new Error(event.message));
      };
    });
    ready.catch(() => tell("failed"));
  };

  // Ends whatever runs; who waits for it is told why.
  const end = (why) => {
    worker.terminate();
    const waiting = current;
    current = null;
    start();
    if (waiting) waiting.done({ ended: why });
  };

  const ask = async (request, numpy) => {
    try {
      await ready;
    } catch (error) {
      return { ended: `Python could not be started: ${error.message}. Reload the page to try again.` };
    }
    tell("busy");
    const answer = await new Promise((done) => {
      const id = ++count, limit = numpy ? limits.start : limits.answer, seconds = limit / 1000; // NumPy has to be loaded first
      const timer = setTimeout(() => end(`Stopped: this took longer than ${seconds} seconds. Nothing else was lost; Python has been started again.`), limit);
      current = { id, done: (found) => { clearTimeout(timer); current = null; done(found); } };
      worker.postMessage({ id, request: JSON.stringify(request), numpy });
    });
    if (!answer.ended) tell("ready");
    return answer;
  };

  start();
  return {
    ask: (request, numpy = false) => (queue = queue.then(() => ask(request, numpy))),
    stop: () => { if (current) end("Stopped. Python has been started again."); },
  };
};

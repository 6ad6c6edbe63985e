// Python in a worker: Pyodide with the library, asked for one answer at a time. See session.py for what it answers.
import { loadPyodide } from "./pyodide/pyodide.mjs";

const here = new URL(".", import.meta.url).href, quiet = () => {};
const python = await loadPyodide({ indexURL: here + "pyodide/", stdout: quiet, stderr: quiet });
const library = await fetch(here + "library.zip");
python.unpackArchive(await library.arrayBuffer(), "zip", { extractDir: "/library" });
const answer = python.runPython(`
import sys
sys.path.insert(0, "/library")
from pyodide.code import CodeRunner
from autograd_lite.playground.session import Session
from autograd_lite.playground.sketch import FILE
def compiled(text):
    return CodeRunner(text, return_mode="last_expr_or_assign", filename=FILE).compile().run
Session(compiled).answer
`);

// What a sketch has no use for is taken away before one runs, so that a link that somebody sends cannot read this site.
const { fetch: fetched, postMessage } = self;
const AWAY = "fetch XMLHttpRequest WebSocket WebSocketStream WebTransport EventSource indexedDB caches importScripts Worker SharedWorker BroadcastChannel";
const give = (value) => Object.defineProperty(self, "fetch", { value, configurable: true, writable: true });
for (const name of AWAY.split(" ")) Object.defineProperty(self, name, { value: undefined, configurable: name === "fetch" });

self.onmessage = async ({ data: { id, request, numpy } }) => {
  try {
    if (numpy) {
      give(fetched);
      await python.loadPackage("numpy", { messageCallback: quiet });
      give(undefined);
    }
    postMessage.call(self, { id, answer: answer(request) });
  } catch (error) { // Python itself has ended: the page starts another one
    postMessage.call(self, { id, died: String(error).slice(0, 2000) });
  }
};
postMessage.call(self, { ready: true });

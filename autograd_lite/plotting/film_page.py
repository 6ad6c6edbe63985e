"""The page of a film: its body, style and script, with places for what `Film.html` fills in."""

from typing import Final

BODY: Final = """<h1>{title}</h1>
<div class="bar"><button id="play" aria-label="Play or pause">play</button>
<input id="at" type="range" min="0" max="{last}" value="{last}" aria-label="Moment of training">
<output id="caption" aria-live="polite"></output></div>
<div class="stage">
<figure><div class="map">
<canvas id="map" role="img" aria-label="output over both inputs" data-size="{size}" data-frames="{data}"
 data-rest="{rest}"></canvas>
<svg viewBox="0 0 100 100" aria-hidden="true">{points}</svg></div>
<figcaption>x1 to the right, x2 upwards, from {low} to {high}. Blue: output 0, orange: output 1; the line: output 1/2.
Circles are to become 0, squares 1.</figcaption></figure>
<figure><svg class="curve" viewBox="-58 -10 368 192" role="img" aria-label="cost by {axis}, {first} to {end}">
<path d="M0,-6V154H304"/><polyline points="{curve}"/><circle id="dot" r="5"/>
<g text-anchor="end"><text x="-6" y="6">{top}</text><text x="-6" y="152">{bottom}</text><text x="302" y="170">{end}</text></g>
<text x="0" y="170">{first}</text><text x="150" y="170" text-anchor="middle">{axis}</text></svg>
<figcaption>cost{scale}, by {axis}</figcaption></figure>
</div>
<details><summary>costs as a table</summary>
<table><thead><tr><th>moment<th>cost</thead><tbody id="costs">{captions}</tbody></table></details>
<script>{script}</script>"""

STYLE_SHEET: Final = """
:root{color-scheme:light dark}
body{font:16px/1.4 system-ui,sans-serif;margin:1em;max-width:62em}
h1{font-size:1.15em;margin:0 0 .6em}
.bar{display:flex;flex-wrap:wrap;gap:.6em;align-items:center;margin-bottom:.8em}
button{font:inherit;min-width:4.5em;padding:.2em .6em}
input{flex:1 1 12em}
output{font-variant-numeric:tabular-nums;min-width:19em}
.stage{display:flex;flex-wrap:wrap;gap:1.5em;align-items:flex-start}
figure{margin:0;flex:1 1 18em;max-width:26em}
figcaption{font-size:.85em;opacity:.8;margin-top:.3em}
.map{position:relative}
canvas{width:100%;display:block;border:1px solid #8888;box-sizing:border-box}
.map svg{position:absolute;inset:0;width:100%;height:100%}
.low{fill:LOW;stroke:#000}
.high{fill:HIGH;stroke:#000}
.curve{width:100%}
.curve path{fill:none;stroke:#888}
.curve text{font-size:12px;fill:currentColor;font-variant-numeric:tabular-nums}
polyline{fill:none;stroke:currentColor;stroke-width:1.5}
#dot{fill:HIGH;stroke:currentColor}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}
th,td{text-align:left;padding:.1em 1em .1em 0}
:focus-visible{outline:3px solid HIGH;outline-offset:2px}
"""

# Every pixel is interpolated between the outputs around it; dark where the output passes 1/2, `away` pixels from there.
SCRIPT: Final = """
const $ = id => document.getElementById(id), map = $("map"), at = $("at");
const bytes = text => Uint8Array.from(atob(text), c => c.charCodeAt(0));
const size = +map.dataset.size, data = bytes(map.dataset.frames), rest = bytes(map.dataset.rest);
const width = map.width = map.height = 8 * (size - 1) + 1, pen = map.getContext("2d"), shown = pen.createImageData(width, width);
const corners = document.querySelector("polyline").points;
const mix = (a, b, t) => a + (b - a) * t;
function value(frame, i, j) {
  const x = j / 8, y = (width - 1 - i) / 8, c = Math.min(x | 0, size - 2), r = Math.min(y | 0, size - 2);
  const exact = p => (data[p] + (rest[p] - 128) / 254) / 255;
  const cell = (k, l) => exact(frame * size * size + (r + k) * size + c + l);
  return mix(mix(cell(0, 0), cell(0, 1), x - c), mix(cell(1, 0), cell(1, 1), x - c), y - r);
}
function show() {
  const frame = +at.value, all = new Float32Array(width * width);
  for (let p = 0; p < all.length; p++) all[p] = value(frame, p / width | 0, p % width);
  for (let p = 0; p < all.length; p++) {
    const v = all[p], t = Math.abs(2 * v - 1), side = v < 0.5 ? [33, 102, 172] : [217, 95, 14];
    const x = p % width, across = all[x ? p : p + 1] - all[x ? p - 1 : p];
    const down = p < width ? all[p + width] - all[p] : all[p] - all[p - width];
    const away = Math.abs(v - 0.5) / (Math.hypot(across, down) || Infinity);
    const ink = v == 0.5 && !across && !down ? 0 : Math.max(0, Math.min(1, 1.4 - away));
    shown.data.set([...side.map(s => mix(mix(255, s, t), 0, ink)), 255], 4 * p);
  }
  pen.putImageData(shown, 0, 0);
  const cells = $("costs").rows[frame].cells, corner = corners[frame];
  $("caption").value = cells[0].textContent + ", cost " + cells[1].textContent;
  $("dot").setAttribute("cx", corner.x);
  $("dot").setAttribute("cy", corner.y);
}
let playing = 0;
function stop() { clearInterval(playing); playing = 0; $("play").textContent = "play"; }
$("play").onclick = () => {
  if (playing) return stop();
  if (at.value == at.max) at.value = 0;
  $("play").textContent = "pause";
  playing = setInterval(() => { at.value++; show(); if (at.value == at.max) stop(); }, 150);
  show();
};
at.oninput = () => { stop(); show(); };
show();
"""

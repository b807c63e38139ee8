// The audio of a typed sequence: a player and a spectrogram. Appended to chart.js.
const sound = element.querySelector('.sound');
const player = sound.querySelector('audio');
const box = sound.querySelector('.chart');
const chart = makeChart(box);
let current = null;

// The playback position, as a line in the spectrogram.
function progress() {
  if (!box.layout || !current) return;
  const shapes = [...(current.layout.shapes || [])];
  if (player.currentTime > 0 && !player.ended) {
    shapes.push({ type: 'line', x0: player.currentTime, x1: player.currentTime, y0: 0, y1: 1,
      yref: 'paper', line: { color: 'var(--dec)', width: 2 } });
  }
  Plotly.relayout(box, { shapes: resolve(shapes) });
}

let running = 0;
function run() {
  progress();
  if (!player.paused) running = requestAnimationFrame(run);
}
player.addEventListener('play', () => { cancelAnimationFrame(running); run(); });
player.addEventListener('pause', progress);
player.addEventListener('ended', progress);

function follow() {
  const value = props.value || {};
  sound.querySelector('.says').textContent = value.says || '';
  player.hidden = !value.audio;
  if (value.audio && value.audio !== player.src) player.src = value.audio;
  if (!value.figure) return;
  current = value.figure;
  box.setAttribute('aria-label', current.layout.meta?.alt || '');
  chart.draw(current);
  sound.dataset.drawn = Number(sound.dataset.drawn || 0) + 1;
}

// The colours of heatmaps are resolved only when they are drawn.
new MutationObserver(() => { if (current && box.offsetParent) chart.draw(current); })
  .observe(document.body, { attributeFilter: ['class'] });
watch('value', follow);
follow();

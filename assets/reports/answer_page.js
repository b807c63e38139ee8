// One answer, step by step, without a server. figures/style.py describes how figures follow a step.
const $ = selector => document.querySelector(selector);
const $$ = selector => [...document.querySelectorAll(selector)];
const slider = $('.steps');
const charts = $$('[data-figure]').map(box => ({ box, figure: ANSWER.figures[box.dataset.figure] }));
let step = ANSWER.num_read; // the first output token
let player = 0;

// Figures contain the names of CSS variables for colours.
function resolve(value, style = getComputedStyle(document.body)) {
  if (typeof value === 'string') {
    const name = value.match(/^var\((--[\w-]+)\)$/);
    return name ? style.getPropertyValue(name[1]).trim() : value;
  }
  if (Array.isArray(value)) return value.map(item => resolve(item, style));
  if (value && typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, resolve(v, style)]));
  return value;
}

function outline(mark, subplots = 1) {
  if (!mark) return [];
  const line = { color: resolve(step < ANSWER.num_read ? 'var(--enc)' : 'var(--dec)'), width: 2.5 };
  if (mark.length === 2) {
    return [{ type: 'circle', xsizemode: 'pixel', ysizemode: 'pixel', xanchor: mark[0],
      yanchor: mark[1], x0: -9, x1: 9, y0: -9, y1: 9, line }];
  }
  const [x0, x1, y0, y1] = mark;
  return Array.from({ length: subplots }, (_, i) => ({ type: 'rect', x0, x1, y0, y1, line,
    xref: i ? `x${i + 1}` : 'x', yref: i ? `y${i + 1}` : 'y' }));
}

function follow({ box, figure }) {
  const { marks, frames, layouts, subplots } = figure.layout.meta || {};
  const layout = { ...(layouts?.[step] || {}) };
  if (marks) layout.shapes = [...resolve(figure.layout.shapes || []), ...outline(marks[step], subplots)];
  if (frames?.[step]) Plotly.update(box, resolve(frames[step]), layout, figure.data.map((_, i) => i));
  else if (Object.keys(layout).length) Plotly.relayout(box, layout);
}

function go(k) {
  step = Math.max(0, Math.min(ANSWER.steps.length - 1, k));
  const moment = ANSWER.steps[step];
  slider.value = step;
  slider.setAttribute('aria-valuetext', moment.place);
  $('.place').textContent = moment.place;
  $('.say').textContent = moment.say;
  $('.say').className = `say ${moment.part}`;
  for (const button of $$('[data-go]')) {
    button.classList.toggle('now', Number(button.dataset.go) === step);
    button.classList.toggle('later', Number(button.dataset.go) > step);
  }
  charts.forEach(follow);
}

function play(on) {
  clearInterval(player);
  player = on ? setInterval(() => (step < ANSWER.steps.length - 1 ? go(step + 1) : play(false)), 900) : 0;
  if (on && step === ANSWER.steps.length - 1) go(0);
  $('.play').textContent = on ? ANSWER.pause : ANSWER.play;
}

async function draw() {
  for (const { box, figure } of charts) {
    const { data, layout } = resolve(structuredClone(figure));
    box.setAttribute('aria-label', layout.meta?.alt || '');
    await Plotly.react(box, data, { ...layout, width: box.clientWidth }, { displayModeBar: false });
    box.removeAllListeners?.('plotly_click');
    box.on('plotly_click', event => {
      const goal = event.points[0]?.customdata;
      if (typeof goal === 'number') go(goal);
    });
  }
  go(step);
}

slider.addEventListener('input', () => { play(false); go(Number(slider.value)); });
$('.back').addEventListener('click', () => { play(false); go(step - 1); });
$('.next').addEventListener('click', () => { play(false); go(step + 1); });
$('.play').addEventListener('click', () => play(!player));
document.addEventListener('click', event => {
  const goal = event.target.closest('[data-go]');
  if (goal) { play(false); go(Number(goal.dataset.go)); }
});
document.addEventListener('keydown', event => {
  const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!way || event.target === slider) return;
  play(false);
  go(step + way);
});
let drawnWidth = 0;
new ResizeObserver(() => {
  if (drawnWidth !== document.body.clientWidth) draw();
  drawnWidth = document.body.clientWidth;
}).observe(document.body);
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);

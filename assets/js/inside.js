// Look inside: one response contains all steps of an answer, so moving between steps sends no
// requests. Appended to chart.js. Each figure defines in layout.meta how it follows the step (see
// figures/inside.py). The server escapes all tokens in HTML; other text is set as textContent.

const $ = (selector, root = element) => root.querySelector(selector);
const $$ = (selector, root = element) => [...root.querySelectorAll(selector)];
const root = $('.inside');
const slider = $('.steps');
const PACE = 900; // ms per step of Play
const TYPING = 300; // ms without a key press before the sequence is sent

let asked = { run: '', text: '' };
let seen = null; // the answer on the screen
let shown = ''; // its key: run, epoch and sequence
let step = 0;
let turn = 0; // counts requests; responses to earlier ones are dropped
let player = 0;
let wanted = 0; // the animation frame that draws the next move

// --- charts ---------------------------------------------------------------------------------

// A chart is drawn once for an answer, and then only updated for each step.
function makePlace(box) {
  const chart = makeChart(box);
  const place = { box, figure: null, at: null, ready: Promise.resolve() };

  place.draw = async figure => {
    place.figure = figure;
    box.setAttribute('aria-label', figure.layout.meta?.alt || '');
    const first = !box.data;
    box.style.height = `${figure.layout.height}px`;
    await (place.ready = place.ready.then(() => chart.draw(figure)));
    if (first) box.on('plotly_click', event => clicked(box, event.points[0]));
    if (place.figure === figure && place.at !== null) place.move(place.at);
  };

  place.move = k => {
    place.at = k;
    if (!place.figure || !box.data || !box.offsetParent) return;
    const { marks, frames, layouts, subplots } = place.figure.layout.meta || {};
    const layout = { ...(layouts?.[k] || {}) };
    if (marks) layout.shapes = [...resolve(place.figure.layout.shapes || []), ...outline(marks[k], k, subplots)];
    const frame = frames?.[k] && resolve(frames[k]);
    if (frame) Plotly.update(box, frame, layout, place.figure.data.map((_, i) => i));
    else if (Object.keys(layout).length) Plotly.relayout(box, layout);
  };
  return place;
}

function outline(mark, k, subplots = 1) {
  if (!mark) return [];
  const role = seen && k < seen.num_read ? 'var(--enc)' : 'var(--dec)';
  const line = { color: resolve(role), width: 2.5 };
  if (mark.length === 2) {
    return [{ type: 'circle', xsizemode: 'pixel', ysizemode: 'pixel', xanchor: mark[0],
      yanchor: mark[1], x0: -9, x1: 9, y0: -9, y1: 9, line }];
  }
  const [x0, x1, y0, y1] = mark;
  return Array.from({ length: subplots }, (_, i) => ({ type: 'rect', x0, x1, y0, y1, line,
    xref: i ? `x${i + 1}` : 'x', yref: i ? `y${i + 1}` : 'y' }));
}

// Goes to the step that was clicked, and opens the computation of the number that was clicked.
function clicked(box, point) {
  const meaning = point?.customdata;
  const panel = box.closest('[data-panel], [data-ask]');
  if (typeof meaning === 'number') go(meaning);
  if (!seen) return;
  const [row, column] = Array.isArray(point.pointNumber) ? point.pointNumber : [0, 0];
  if (panel.dataset.panel === 'attention' && typeof meaning === 'number') {
    step = meaning;
    arithmetic.open(box, 'attention', { place: column });
  } else if (panel.dataset.panel === 'next' && typeof meaning === 'string' && step >= seen.num_read) {
    arithmetic.open(box, 'token', { token: meaning });
  } else if (panel.dataset.ask === 'gates') {
    const { gates, heads } = seen.arithmetic;
    if (gates.length) arithmetic.open(box, gates[row], { unit: column + 1 });
    else arithmetic.open(box, 'attention', { place: column, head: heads[row][0] });
  }
}

// Reserve the height of the longest description, so that the layout does not move during Play.
function makeRoom() {
  const line = $('.say');
  if (!seen || !root.offsetParent) return;
  const probe = line.cloneNode();
  probe.removeAttribute('role');
  probe.setAttribute('aria-hidden', 'true');
  probe.style.cssText = 'position: absolute; visibility: hidden; min-height: 0';
  probe.style.width = `${line.offsetWidth}px`;
  line.parentElement.append(probe);
  const heights = [...new Set(seen.steps.map(moment => moment.say))].map(words => {
    probe.textContent = words;
    return probe.offsetHeight;
  });
  probe.remove();
  line.style.minHeight = `${Math.max(...heights)}px`;
}

const panels = Object.fromEntries(
  $$('.panel').map(panel => [panel.dataset.panel, makePlace($('.chart', panel))]));

// After a change of the theme: the colours of heatmaps are resolved only when they are drawn.
new MutationObserver(() => {
  for (const place of [...Object.values(panels), ...sections.map(s => s.place)]) {
    if (place?.figure && place.box.offsetParent) place.draw(place.figure);
  }
}).observe(document.body, { attributeFilter: ['class'] });

// --- one step -------------------------------------------------------------------------------

function go(k) {
  if (!seen) return;
  step = Math.max(0, Math.min(seen.num - 1, Math.round(k)));
  cancelAnimationFrame(wanted);
  wanted = requestAnimationFrame(showStep);
}

function showStep() {
  const moment = seen.steps[step];
  slider.value = step;
  slider.style.setProperty('--range_progress', `${100 * step / Math.max(1, seen.num - 1)}%`);
  slider.setAttribute('aria-valuetext', moment.place);
  $('.place').textContent = moment.place;
  $('.say').textContent = moment.say;
  $('.back').disabled = step === 0;
  $('.next').disabled = step === seen.num - 1;
  root.dataset.part = moment.part;
  $$('.lane [data-go]').forEach(button => {
    const part = button.dataset.part;
    const k = Number(button.dataset.go);
    const now = part ? part === moment.part || (part === 'ctx' && step === seen.num_read) : k === step;
    button.classList.toggle('now', now);
    if (now && !part) button.setAttribute('aria-current', 'step');
    else button.removeAttribute('aria-current');
    button.classList.toggle('later', !part && k > step && k >= seen.num_read);
    if (!part && k < seen.num_read) button.style.setProperty('--look', moment.look?.[k] ?? 0);
  });
  for (const place of Object.values(panels)) place.move(step);
  motion.move();
  lines.move(step);
  arithmetic.move();
  for (const section of sections) if (section.answer?.follows === 'step') turnTo(section, step);
  root.dataset.step = step;
}

function play(on) {
  clearInterval(player);
  player = 0;
  if (on) {
    if (step === seen.num - 1) go(0);
    player = setInterval(() => {
      if (!root.offsetParent || step >= seen.num - 1) play(false);
      else go(step + 1);
    }, PACE);
  }
  motion.play(on);
  $('.play').setAttribute('aria-pressed', String(on));
  $('.play span').textContent = on ? say('❚❚ Pause') : say('▶ Play');
}

// --- one sequence ---------------------------------------------------------------------------

async function question(what, values = {}) {
  const answer = await server.ask({ what, ...asked, epoch: what === 'look' ? null : seen.epoch, values });
  return answer || { problem: say('Connection lost. Try again in a moment.') };
}

function complain(sentence) {
  $('.main-problem').textContent = sentence || '';
  root.classList.toggle('stale', Boolean(sentence));
}

async function look() {
  const mine = ++turn;
  play(false);
  const answer = await question('look');
  if (mine !== turn) return;
  if (answer.problem) {
    complain(answer.problem);
    if (!seen) $('.empty-state').textContent = answer.problem;
    return;
  }
  complain('');
  const key = JSON.stringify([asked.run, answer.epoch, answer.text]);
  if (seen && key === shown) { // the same answer is shown again
    for (const section of sections) if (section.pending) ask(section); // its response was dropped
    return;
  }
  shown = key;
  const before = seen;
  seen = answer;
  root.classList.remove('empty');
  $('.who').textContent = seen.who;
  $('.lane').innerHTML = seen.strip;
  $('.gates').hidden = !seen.detail;
  $('.gates summary b').textContent = seen.detail?.title || '';
  $('.gates summary small').textContent = seen.detail?.hint || '';
  $('.squeezed').hidden = seen.attention;
  root.classList.toggle('with-sound', seen.sound);
  $$('.panel').forEach(panel => {
    const { panel: name } = panel.dataset;
    panel.hidden = name !== 'attention' && !seen.figures[name];
  });
  $('.walk').textContent = seen.walk;
  $('.walk').hidden = !seen.attention;
  panels.attention.box.hidden = !seen.attention;
  slider.max = seen.num - 1;
  // Start at the first output token, where all panels have content, or stay at the current step.
  step = before ? Math.min(step, seen.num - 1) : seen.num_read;
  makeRoom();
  for (const [name, place] of Object.entries(panels)) place.at = step;
  lines.show(seen.lines);
  arithmetic.show();
  showStep();
  for (const section of sections) {
    section.answer = null;
    const form = seen.forms[section.name];
    if (form !== undefined) section.form.innerHTML = form;
    for (const range of $$('input[type=range]', section.form)) progress(range);
    section.form.hidden = !form;
    if (section.details.open) ask(section);
  }
  Object.assign(root.dataset, { run: asked.run, text: seen.text }); // the forms belong to it
  for (const [name, place] of Object.entries(panels)) {
    if (mine === turn && seen.figures[name]) await place.draw(seen.figures[name]);
  }
  root.dataset.drawn = mine;
}

function follow() {
  const value = props.value || {};
  if (value.computation) return; // set by the page itself: see inside_arithmetic.js
  if (!value.run) {
    seen = null;
    asked = { run: '', text: '' };
    root.classList.add('empty');
    return;
  }
  if (value.run !== asked.run) seen = null;
  asked = { run: value.run, text: value.text };
  $('.text').value = value.text;
  look();
}

// --- user input -----------------------------------------------------------------------------

slider.addEventListener('input', () => { play(false); go(slider.value); });
$('.back').addEventListener('click', () => { play(false); go(step - 1); });
$('.next').addEventListener('click', () => { play(false); go(step + 1); });
$('.play').addEventListener('click', () => play(!player));
let typing = 0;
$('.text').addEventListener('input', event => {
  clearTimeout(typing);
  typing = setTimeout(() => {
    asked.text = event.target.value;
    trigger('typed', { text: asked.text });
    look();
  }, TYPING);
});
root.addEventListener('click', event => {
  const goal = event.target.closest('[data-go]');
  const train = event.target.closest('[data-train]');
  if (goal) { play(false); go(Number(goal.dataset.go)); }
  if (train) trigger('go', { attention: train.dataset.train === 'attention' });
});
// All steps of the answer as one file: the server writes it without Plotly, which this page has.
$('.save-answer').addEventListener('click', async ({ currentTarget: button }) => {
  button.disabled = true;
  const answer = await question('file');
  $('.whole .problem').textContent = answer.problem || '';
  if (!answer.problem) {
    const library = await plotlySource();
    saveFile('seq2seq-answer.html', answer.html.replace(answer.library, () => library), 'text/html');
  }
  button.disabled = false;
});
$('.stepper').addEventListener('keydown', event => {
  const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!way || event.target.matches('input, select') || event.altKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  play(false);
  go(step + way);
});
// Closed or hidden charts have not followed the step.
let roomFor = 0;
new ResizeObserver(() => {
  if (!seen || !root.offsetParent) return;
  if (root.offsetWidth !== roomFor) makeRoom();
  roomFor = root.offsetWidth;
  go(step);
}).observe(root);

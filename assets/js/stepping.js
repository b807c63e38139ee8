// “Step one batch”: one request for each step. The server escapes all text in its HTML.
const STEP_WAIT = 400; // ms between two steps while playing
const find = selector => element.querySelector(selector);
let stepper = ''; // the server's id of the training; '' before the first step
let stepTurn = 0;
let isPlaying = false;
let busy = false;

function showPlaying(on) {
  isPlaying = on;
  find('[data-do=play]').textContent = on ? say('❚❚ Pause') : say('▶ Play');
}

function end() {
  showPlaying(false);
  for (const what of ['step', 'play']) find(`[data-do=${what}]`).disabled = true;
}

async function step() {
  if (busy) return;
  if (!stepper) { busy = true; trigger('begun', {}); return; }
  busy = true;
  const mine = stepper;
  const answer = await server.step(mine); // undefined: no connection
  busy = false;
  if (mine !== stepper) return;
  if (!answer) { showPlaying(false); find('.problem').textContent = say('Connection lost. Try again.'); return; }
  find('.problem').textContent = answer.problem || '';
  if (answer.html) find('.step-shown').innerHTML = answer.html;
  find('[data-do=again]').disabled = false;
  if (answer.ended) end();
  else if (isPlaying) setTimeout(() => isPlaying && step(), STEP_WAIT);
}

function begun() {
  const { id = '', problem = '', turn } = props.value || {};
  if (!turn || turn === stepTurn) return;
  stepTurn = turn;
  busy = false;
  stepper = id;
  find('.problem').textContent = problem;
  if (id) step();
  else showPlaying(false);
}

function startAgain() {
  stepper = '';
  showPlaying(false);
  for (const what of ['step', 'play']) find(`[data-do=${what}]`).disabled = false;
  find('[data-do=again]').disabled = true;
  find('.step-shown').replaceChildren();
  find('.problem').textContent = '';
}

element.addEventListener('click', event => {
  const what = event.target.closest('button')?.dataset.do;
  if (what === 'step') { showPlaying(false); step(); }
  if (what === 'play') { showPlaying(!isPlaying); if (isPlaying) step(); }
  if (what === 'again') startAgain();
});
watch('value', begun);
begun();

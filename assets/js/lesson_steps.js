// The steps of a lesson on the tabs: highlights controls, sets them, and watches what the learner
// tries and types. Placed between chart.js and lessons.js, which knows the current page.

const TYPED = 500; // ms without a key press before a text is read
let pointed = null;
let pointing = 0;
let touched = false; // whether the learner has changed the control since it was set
let settingUp = 0; // timer that sets a control as soon as it exists
let setting = false; // whether this script is setting the control
let typing = 0; // timer that waits for the end of typing

// The selectors of the elements that a step can highlight.
const CONTROLS = {
  text: '.sequence-box textarea', 'train-button': '.lesson-panel [data-do=begin], .choices .buttons',
  curve: '.live > .card', rows: '.live table.rows', scores: '.scores', 'only-wrong': '.filter',
  time: '.inside .steps', map: '[data-panel="attention"]', lines: '.inside .attention-lines',
};
const control = name => CONTROLS[name] || `details.ask[data-ask="${name}"]`;

// Outlines the element of a step as soon as it exists, and again if the page removes the outline
// while it loads.
function point(name) {
  clearInterval(pointing);
  pointed?.classList.remove('pointed');
  pointed = null;
  if (!name) return;
  const until = Date.now() + 8000;
  pointing = setInterval(() => {
    outline(name);
    if (Date.now() > until) clearInterval(pointing);
  }, 120);
  outline(name);
}

function outline(name) {
  if (pointed?.isConnected && pointed.classList.contains('pointed')) return;
  const found = [...document.querySelectorAll(control(name))].find(visible);
  if (!found) return;
  found.classList.add('pointed');
  if (!pointed) {
    found.scrollIntoView({ block: wide() ? 'center' : 'start' });
    const target = found.matches('details') ? found.querySelector('summary') : found;
    if (target.matches('summary, textarea, input')) target.focus({ preventScroll: true });
  }
  pointed = found;
}

function values(form) {
  return Object.fromEntries([...form.elements].filter(field => field.name).map(field => [
    field.name, field.type === 'checkbox' ? field.checked : field.value]));
}

// Sets a control of “Look inside” and opens it as soon as the tab shows the run and the sequence.
function setUp({ run, text, values: wanted } = {}) {
  clearInterval(settingUp);
  touched = false;
  if (!run || now.tab !== 'inside') return;
  const { control: name, stage } = now;
  const until = Date.now() + 8000;
  const attempt = () => {
    const inside = document.querySelector('.inside');
    const details = document.querySelector(`details.ask[data-ask="${name}"]`);
    const late = Date.now() > until || now?.stage !== stage;
    const shown = details && inside.dataset.run === run && inside.dataset.text === text;
    if (!shown && !late) return; // the tab is built when it is first opened
    clearInterval(settingUp);
    if (!shown || late) return;
    const form = details.querySelector('form');
    for (const [field, value] of Object.entries(wanted || {})) {
      if (form.elements[field]) form.elements[field].value = value;
    }
    setting = true; // the event is handled synchronously
    form.dispatchEvent(new Event('input', { bubbles: true }));
    for (const range of form.querySelectorAll('input[type=range]')) range.dispatchEvent(new Event('input', { bubbles: true }));
    setting = false;
    details.open = true;
  };
  settingUp = setInterval(attempt, 100);
  attempt();
}

// After a change of a control or a text, the lesson checks it as soon as the answer has arrived.
document.addEventListener('input', event => {
  if (setting || !kept.open || !now) return;
  const details = event.target.closest('details.ask');
  if (details?.dataset.ask === now.control) touched = true;
  const box = { sequence: '.sequence-box textarea', inside: '.inside .text' }[now.tab];
  if (now.tab === 'inside' && event.target.matches('.inside .text')) touched = true;
  if (now.wait !== 'typed' || !box || !event.target.matches(box) || !place().seen.includes(now.stage)) return;
  clearTimeout(typing);
  const { value } = event.target;
  typing = setTimeout(() => now?.wait === 'typed' && note({ text: value }), TYPED);
});

// A section of “Look inside” has been answered: a step that waits for it sends the same request.
async function tried(details) {
  if (!kept.open || !touched || now?.wait !== 'tried' || now.control !== details.dataset.ask) return;
  if (!place().ids[now.run] || details.closest('.inside').dataset.run !== place().ids[now.run]) return;
  await note({ text: document.querySelector('.inside .text').value,
    values: values(details.querySelector('form')) });
}

async function note(what) {
  const stage = String(now.stage);
  const answer = await ask({ what: 'measure', stage: now.stage, tried: what });
  if (String(now.stage) !== stage) return;
  complain(answer.problem);
  if (answer.problem) return;
  place().did[stage] = answer.did;
  keep();
  await show(false);
  tell(answer.say);
}

new MutationObserver(changes => {
  for (const { target } of changes) if (target.matches?.('details.ask')) tried(target);
}).observe(document.body, { subtree: true, attributeFilter: ['data-answered'] });

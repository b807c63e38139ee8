// The class: a line with its name, and a chart of all runs. Appended to chart.js and
// class_activity.js. It requests the chart only while it is open, and sets text as textContent.

const $ = selector => element.querySelector(selector);
const board = $('.class-board');
const box = $('.chart');
const chart = makeChart(box);
const asked = new URLSearchParams(location.search);
const alone = document.documentElement.dataset.view === 'class'; // the projector view: only the chart

const WAIT = 2000; // ms between two requests
const HIDDEN_WAIT = 10_000;
const LONGEST_WAIT = 15_000; // ms, while the server does not answer

let name = '';
let version = '';
let lost = 0;
let timer = 0;
let turn = 0; // counts openings; responses to earlier ones are dropped

const measure = () => $('input[name=class-measure]:checked').value;
// The learners' link: what the projector's link contains besides its view.
const link = () => {
  const words = new URLSearchParams(location.search);
  for (const other of ['view', 'tab']) words.delete(other);
  words.set('class', name);
  const query = String(words).replace(/%(2C|3A|3B)/g, decodeURIComponent); // , : and ; stay readable
  return `${location.origin}${location.pathname}?${query}`;
};

function tell(sentence) {
  const place = $('.class-status');
  if (place.textContent !== sentence) place.textContent = sentence;
}

// --- the line -------------------------------------------------------------------------------

function follow() {
  const told = props.value || {};
  if (!told.turn) return;
  name = told.name || '';
  $('.class-problem').textContent = told.problem || '';
  $('.class-problem').hidden = !told.problem;
  const sentence = !name ? '' : told.looks
    ? say('You are viewing the class “{name}”; viewers are not counted.', { name })
    : say('You are in the class “{name}” as learner {n}: your runs appear, without your name, on '
      + 'the class’s chart.', { name, n: told.learner });
  $('.class-say').textContent = sentence;
  for (const what of ['open', 'leave']) $(`[data-do=${what}]`).hidden = !name;
  $('.class-line').hidden = !name;
  element.querySelector('.class-view').hidden = !name && !told.problem;
  $('h2').textContent = '';
  $('h2').append(say('The class “{name}”', { name }), ' ', document.createElement('small'));
  if (told.looks) {
    $('[data-do=leave]').hidden = true;
    $('.class-join').replaceChildren(say('Join:'), ' ', Object.assign(document.createElement('b'),
      { textContent: link() }));
    $('.class-join').hidden = false;
    if (name) drawCode();
  }
  if (told.looks) leading(told.leads || '');
  else joined(told.key || '');
  if (!name) open(false);
  else if (alone) open(true);
}

// The link as a QR code, which a click enlarges. The server draws it from the address alone.
async function drawCode() {
  const drawing = await server.qr(link());
  $('.class-code').hidden = !drawing;
  if (drawing) $('.class-code').innerHTML = drawing;
}

function enlargeCode(on) {
  $('.class-code').classList.toggle('large', on);
  $('.class-code').setAttribute('aria-pressed', String(on));
}

// --- the chart and the table ----------------------------------------------------------------

function open(on) {
  turn += 1;
  clearTimeout(timer);
  version = '';
  lost = 0;
  board.hidden = !on;
  $('[data-do=open]').setAttribute('aria-expanded', String(on));
  if (on) poll(turn);
}

async function poll(mine) {
  clearTimeout(timer);
  timer = 0;
  const answer = await server.look({ name, measure: measure(), version, lesson: lessonAsked, goal: asked.get('goal') || '',
    key: leads ? key : '' }); // undefined: no connection
  if (mine !== turn) return;
  if (answer?.problem) { tell(answer.problem); return; }
  if (!answer) {
    lost += 1;
    tell(say('Connection lost; trying again…'));
  } else {
    if (answer.version !== version) await show(answer);
    if (lost) tell(answer.say || ''); // keep the last message
    lost = 0;
    version = answer.version;
  }
  if (mine !== turn) return;
  const wait = lost ? Math.min(WAIT * 2 ** lost, LONGEST_WAIT) : document.hidden ? HIDDEN_WAIT : WAIT;
  timer = setTimeout(poll, wait, mine);
}

// Larger text for a projector.
function enlarged({ data, layout }) {
  const grown = (part, key) => ({ ...part, [key]: Math.round(part[key] * 1.35) });
  return {
    data: data.map(trace => {
      if (trace.mode === 'text') return { ...trace, textfont: grown(trace.textfont, 'size') };
      if (!trace.marker) return trace; // the band of the spread
      return { ...trace, line: grown(trace.line, 'width'), marker: grown(trace.marker, 'size') };
    }),
    layout: { ...layout, height: box.clientHeight, font: grown(layout.font, 'size') },
  };
}

async function show({ count, rows, say: sentence, alt, figure, activity, goal, sweep }) {
  $('h2 small').textContent = count;
  tell(sentence);
  drawRows(rows);
  showActivity(activity);
  $('.class-sweep').hidden = !sweep;
  $('.class-sweep').innerHTML = sweep;
  $('.class-goal').hidden = !goal;
  $('.class-goal').textContent = goal ? say('Goal: {goal}. Runs that reach it come first: fewest parameters, then fewest CPU seconds.', { goal }) : '';
  for (const head of element.querySelectorAll('.class-table .for-goal')) head.hidden = !goal;
  box.setAttribute('aria-label', alt);
  await chart.draw(alone && innerWidth > 900 ? enlarged(figure) : figure);
  box.dataset.runs = rows.length;
  box.dataset.curves = figure.data.length;
}

function cell(tag, words, kind = '') {
  const made = document.createElement(tag);
  made.className = kind;
  made.append(...[words].flat());
  return made;
}

const small = words => cell('small', words);
const unseen = words => cell('span', words, 'unseen');

// The legend entry of a learner: a piece of the line, and its marker.
function sample({ colour, dash, mark }) {
  const drawn = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  drawn.setAttribute('viewBox', '0 0 34 10');
  drawn.setAttribute('aria-hidden', 'true');
  const line = drawn.appendChild(document.createElementNS(drawn.namespaceURI, 'line'));
  for (const [key, value] of Object.entries({ x1: 0, x2: 34, y1: 5, y2: 5 })) line.setAttribute(key, value);
  if (dash) line.setAttribute('stroke-dasharray', dash);
  line.style.stroke = colour;
  const sign = cell('i', mark);
  sign.style.color = colour;
  sign.setAttribute('aria-hidden', 'true');
  return cell('span', [drawn, sign], 'class-sample');
}

function drawRows(rows) {
  $('.class-table tbody').replaceChildren(...rows.map(row => {
    const tr = document.createElement('tr');
    tr.classList.toggle('active', row.active);
    tr.dataset.learner = row.learner;
    const who = cell('th', [sample(row), unseen([say('Learner'), ' ']), String(row.learner)]);
    who.scope = 'row';
    const name = row.link ? Object.assign(cell('a', row.run), { href: row.link, target: '_blank' }) : row.run;
    tr.append(who, cell('td', [name, `: ${row.what} `, small(row.task)]), cell('td', row.state),
      cell('td', row.right), cell('td', row.loss));
    if ('reached' in row) {
      tr.classList.toggle('reached-goal', row.reached);
      who.append(...row.reached ? [cell('b', ' ✓'), unseen(say('goal reached'))] : []);
      tr.append(cell('td', row.parameters), cell('td', row.seconds));
    }
    return tr;
  }));
}

// While the pointer is on a row of the table, the other learners' curves are faded.
function mark(learner) {
  if (!box.data?.length) return;
  const now = box.data.map(trace => (!learner || trace.meta === learner ? trace.opacity ?? 1 : 0.12));
  box.querySelectorAll('.scatterlayer .trace').forEach((drawn, i) => { drawn.style.opacity = now[i]; });
}

$('.class-table tbody').addEventListener('pointerover', event => {
  mark(Number(event.target.closest('tr')?.dataset.learner));
});
$('.class-table tbody').addEventListener('pointerleave', () => mark(0));

// --- user input -----------------------------------------------------------------------------

function askAgain() {
  turn += 1;
  version = '';
  poll(turn);
}

element.addEventListener('click', async event => {
  const button = event.target.closest('button');
  const what = button?.dataset.do;
  if (button?.dataset.lead) {
    const { problem } = await lead(button.dataset.lead);
    askAgain();
    if (problem) tell(problem);
  }
  if (what === 'code') enlargeCode(!button.classList.contains('large'));
  if (what === 'seed') useSeed();
  if (what === 'cell') takeCell();
  if (what === 'again') document.dispatchEvent(new CustomEvent('open-question', { detail: again }));
  if (what === 'open') open(board.hidden);
  if (what === 'close') {
    if (alone) location.assign(link());
    open(false);
    $('[data-do=open]').focus();
  }
  if (what === 'leave') {
    const address = new URL(location.href);
    address.searchParams.delete('class');
    history.replaceState(null, '', address);
    trigger('left', {});
  }
});
element.addEventListener('change', event => {
  if (board.hidden || !event.target.matches('[name=class-measure], .class-lesson select')) return;
  if (event.target.matches('select')) lessonAsked = event.target.value;
  askAgain();
});
document.addEventListener('keydown', event => event.key === 'Escape' && enlargeCode(false));
document.addEventListener('visibilitychange', () => {
  if (!document.hidden && timer) poll(turn);
});

// Reserve the space of the line, so that the layout does not move when the server answers.
if (asked.get('class') && !name) {
  $('.class-say').textContent = say('Loading your class…');
  element.querySelector('.class-view').hidden = false;
}
watch('value', follow);
follow();

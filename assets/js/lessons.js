// The lessons: the current page, the guesses and trials, and the highlights on the tabs. Appended to
// chart.js and lesson_steps.js. The state is stored while the browser's tab is open. The server
// escapes all text in HTML; other text is set as textContent.

const $ = (selector, root = element) => root.querySelector(selector);
const panel = $('.lesson-panel');
const pageBox = $('.page');
const strip = $('.back-to-lesson');
const WAIT = 600; // ms between two requests about a training
const RETRY = 2000; // ms before a page is requested again that a busy server has refused
const PATIENCE = 20_000; // ms to wait for a response
const KEPT = 'seq2seq-lessons';

let kept = { open: false, lesson: '', at: {}, visit: Math.floor(Math.random() * 1e6) };
try { kept = { ...kept, ...JSON.parse(sessionStorage.getItem(KEPT)) }; } catch { /* a new one */ }
let now = null; // the server's description of the current page
let turn = 0;
let timer = 0;
let asking = 0; // timeout of a request that changes the tabs; 0 if none is pending
let wish = null; // the next such request
let heard = 0; // `turn` of the last response to such a request

const place = () => (kept.at[kept.lesson] ||= { guess: null, stage: 0, ids: {}, did: {}, seen: [] });
const keep = () => sessionStorage.setItem(KEPT, JSON.stringify(kept));
const question = (more = {}) => ({ lesson: kept.lesson, visit: kept.visit, ...place(), ...more });

async function ask(more) {
  const answer = await server.lesson(question(more));
  return answer || { problem: say('Connection lost. Try again in a moment.'), passes: true };
}

function tell(sentence) {
  const status = $('.status', pageBox);
  if (status && status.textContent !== sentence) status.textContent = sentence;
  $('span', strip).textContent = sentence;
}

function complain(sentence) {
  const problem = $('.problem', pageBox);
  if (problem) problem.textContent = sentence || '';
}

// --- pages ----------------------------------------------------------------------------------

// `focus`: move the focus to the title of a new page; an updated page keeps its focus.
async function show(focus = true) {
  const mine = ++turn;
  clearTimeout(timer);
  pageBox.setAttribute('aria-busy', 'true');
  if (focus) freeze(true); // the buttons of the old page belong to its step
  const answer = kept.lesson ? await ask({ what: 'page' })
    : (await server.lesson({ what: 'menu' })) || { problem: say('Connection lost. Try again.') };
  if (mine !== turn) return;
  if (answer.passes) { // the old page would stay without an end, as no timer asks for its news
    complain(answer.problem);
    timer = setTimeout(show, RETRY, focus);
    return;
  }
  pageBox.removeAttribute('aria-busy');
  if (answer.problem) {
    freeze(false);
    if (kept.lesson && !now) { // the URL names an unknown lesson
      kept.lesson = '';
      await show(focus);
    }
    complain(answer.problem);
    return;
  }
  const held = pageBox.contains(document.activeElement) && document.activeElement;
  now = answer;
  pageBox.innerHTML = answer.html;
  const drawn = $('.picture .scroll', pageBox); // the lesson is about the end of the sentence
  if (drawn) drawn.scrollLeft = drawn.scrollWidth;
  $('[data-do=lesson]', panel).hidden = !kept.lesson;
  window.shownLesson = kept.lesson ? { lesson: kept.lesson, step: answer.stage } : {};
  window.learnersClass?.hasSeen();
  element.querySelector('.lessons').dataset.stage = kept.lesson ? String(answer.stage) : 'menu';
  if (!kept.lesson) markDone();
  if (kept.lesson && answer.stage === 0 && place().guess !== null) keepGuess();
  if (kept.lesson && answer.stage > 0 && !answer.wait) place().done = true;
  keep();
  if (answer.figure) drawFigure(answer.figure);
  tell($('.status', pageBox)?.textContent || '');
  if (answer.active) poll(answer.active, mine);
  if (focus) {
    panel.scrollTop = 0;
    $('h2', pageBox)?.focus({ preventScroll: wide() });
    point('');
  } else if (held) { // the same control, or the button that continues
    ((held.id && document.getElementById(held.id)) || $('.go', pageBox) || $('h2', pageBox))?.focus({ preventScroll: true });
  }
}

function freeze(on) {
  for (const button of pageBox.querySelectorAll('button')) button.disabled = on;
}

function markDone() {
  for (const button of pageBox.querySelectorAll('[data-lesson]')) {
    if (!kept.at[button.dataset.lesson]?.done) continue;
    button.classList.add('done');
    const note = document.createElement('span');
    note.className = 'unseen';
    note.append(' ', say('(done)'));
    button.append(note);
  }
}

async function drawFigure(figure) {
  const box = $('.picture .chart', pageBox);
  box.setAttribute('aria-label', figure.layout.meta?.alt || say('Chart of your run'));
  const height = Math.min(figure.layout.height || 260, 330);
  box.style.height = `${height}px`;
  await makeChart(box).draw({ ...figure, layout: { ...figure.layout, height } });
}

// An earlier guess is kept.
function keepGuess() {
  for (const radio of pageBox.querySelectorAll('input[name=guess]')) {
    radio.checked = Number(radio.value) === place().guess;
    radio.disabled = !radio.checked;
  }
  let go = $('[data-do=guess]', pageBox);
  if (go) go.dataset.do = 'next';
  else go = $('[data-do=next]', pageBox);
  go.textContent = say('Next →');
  go.disabled = false;
}

// News of the class about the question on this page: a learner may vote, or vote again.
document.addEventListener('class-vote', ({ detail: { lesson, open: isOpen, round, say: sentence } }) => {
  const later = $('.later', pageBox);
  if (!later || now?.stage !== 0 || window.shownLesson?.lesson !== lesson) return;
  later.textContent = sentence;
  const go = $('[data-do=guess], [data-do=next]', pageBox);
  if (isOpen && place().guess !== null && go.dataset.do === 'next') {
    for (const radio of pageBox.querySelectorAll('input[name=guess]')) radio.disabled = false;
    go.dataset.do = 'guess';
    go.textContent = round > 1 ? say('Vote again') : say('This is my guess');
  } else if (!isOpen && place().guess !== null) keepGuess();
});
document.addEventListener('open-question', ({ detail: lesson }) => {
  kept.lesson = lesson;
  place().stage = 0;
  open(true);
  now = null;
  show();
});

async function poll(id, mine) {
  const answer = await server.progress(id);
  if (mine !== turn) return;
  if (answer) tell(answer.say);
  if (answer && !answer.active) return show(false);
  timer = setTimeout(poll, WAIT, id, mine);
}

const wide = () => matchMedia('(min-width: 1180px)').matches;
const makeRoom = () => document.body.classList.toggle('beside-lesson', kept.open && wide());
matchMedia('(min-width: 1180px)').addEventListener('change', makeRoom);
const visible = node => Boolean(node.offsetParent) && !panel.contains(node);

// --- responses of the tabs ------------------------------------------------------------------

function follow() {
  const told = props.value || {};
  if (!told.turn || told.turn === heard) return;
  heard = told.turn;
  grant();
  if (told.problem) { complain(told.problem); tell(''); return; }
  if (told.lesson !== kept.lesson || told.stage !== now?.stage) return; // the learner has moved on
  const { ids, seen } = place();
  if (told.id) ids[told.run] = told.id;
  if (told.visit && !seen.includes(now.stage)) seen.push(now.stage);
  keep();
  if (told.id || now.wait === 'seen') show(false).then(() => { if (told.say) tell(told.say); });
  if (told.visit) setUp(told.preset);
  const what = told.visit ? now.control : (now.tab === 'train' && now.control) || 'curve';
  point(what === 'train-button' ? 'curve' : what); // the button has been pressed
}

// --- user input -----------------------------------------------------------------------------

function open(on) {
  kept.open = on;
  keep();
  panel.hidden = !on;
  $('.entry').setAttribute('aria-expanded', String(on));
  makeRoom();
  if (!on) { point(''); clearTimeout(timer); strip.hidden = true; }
  dispatchEvent(new Event('resize'));
}

function choose(lesson) {
  kept.lesson = lesson;
  now = null;
  keep();
  show();
}

// The two buttons that change the tabs send Gradio events, and `follow` gets the response. Only one
// event is sent at a time, since responses could arrive out of order; the next one waits.
function change(what, sentence) {
  complain('');
  if (sentence) tell(sentence);
  wish = { what, about: { lesson: kept.lesson, stage: now.stage, ids: { ...place().ids } } };
  if (!asking) grant();
}

function grant() {
  clearTimeout(asking);
  asking = 0;
  if (!wish) return;
  const { what, about } = wish;
  wish = null;
  asking = setTimeout(grant, PATIENCE);
  if (what === 'begin') trigger('begin', about);
  else trigger('visit', about);
}

const ACTS = {
  close() { open(false); $('.entry').focus(); },
  lesson() { choose(''); },
  return() { panel.scrollIntoView({ block: 'start' }); $('h2', pageBox)?.focus({ preventScroll: true }); },
  async guess(button) {
    const chosen = $('input[name=guess]:checked', pageBox);
    if (!chosen) return;
    place().guess = Number(chosen.value);
    keep();
    if (!window.learnersClass) { ACTS.next(); return; }
    button.disabled = true; // in a class, the page stays: the class discusses the votes
    const mine = turn;
    const { problem } = await window.learnersClass.vote(kept.lesson, place().guess);
    if (mine !== turn) return;
    keepGuess();
    $('.go', pageBox)?.focus({ preventScroll: true });
    if (problem) $('.later', pageBox).textContent = problem;
  },
  next() { place().stage += 1; show(); },
  back() { place().stage = Math.max(0, place().stage - 1); show(); },
  begin() { change('begin', say('Starting…')); },
  visit() { change('visit', ''); },
};

element.addEventListener('click', event => {
  const button = event.target.closest('button');
  if (!button) return;
  if (button.matches('.entry')) {
    open(!kept.open);
    if (kept.open) show();
  } else if (button.dataset.lesson) choose(button.dataset.lesson);
  else if (button.dataset.pick) note({ line: Number(button.dataset.pick) });
  else if (button.dataset.do) ACTS[button.dataset.do](button);
});
// The last tab links to the current lesson, or to the list of lessons.
document.addEventListener('click', async event => {
  if (!event.target.closest('.to-lessons')) return;
  open(true);
  await show();
  ACTS.return();
});
element.addEventListener('change', event => {
  if (event.target.name === 'guess') {
    const button = $('[data-do=guess]', pageBox);
    if (button) button.disabled = false;
  }
});
element.addEventListener('submit', event => event.preventDefault());
document.addEventListener('keydown', event => {
  if (event.key === 'Escape' && kept.open && !panel.contains(event.target)) ACTS.return();
});

// On a narrow screen the lesson may be out of view: a line at the top shows its status and a link.
new IntersectionObserver(([entry]) => {
  strip.hidden = wide() || !kept.open || entry.isIntersecting || entry.boundingClientRect.top > 0;
}).observe(panel);

const wanted = new URLSearchParams(location.search).get('lesson');
if (wanted !== null && kept.came !== location.search) {
  kept = { ...kept, open: true, lesson: wanted, came: location.search };
}
watch('value', follow);
if (kept.open) { open(true); show(false); }
$('.entry').disabled = false; // from now on, clicks are handled

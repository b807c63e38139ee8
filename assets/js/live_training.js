// Live training: polls for new data, and updates the chart, the rows and the scores. Placed between
// chart.js and player.js, which begins to follow. Text from the server is set only as textContent.

const $ = selector => element.querySelector(selector);
const box = $('.chart');
const chart = makeChart(box);

const WAIT = 500; // ms between two polls; the server tells when it has to be more
const FIRST = 0.1; // of it: until the first point arrives
const HIDDEN_WAIT = 5000; // while the page is in the background
const QUIET = 20_000; // ms between two screen-reader announcements of the progress
const LONGEST_WAIT = 8000; // ms, while the server does not answer

let run = '';
let turn = 0; // counts the runs followed; responses for earlier ones are dropped
let have = { points: 0, epoch: -1 };
let lost = 0;
let announced = { status: 'empty', at: 0 };
let timer = 0; // 0: a request is pending, or polling has stopped
let ask = () => {};
let drawn; // resolves when the empty chart is drawn; the first request does not wait for it

function tell(sentence) {
  const place = $('.status');
  if (place.firstChild?.textContent !== sentence) place.textContent = sentence;
}

// Screen readers announce each change of the status, but only some of the numbers.
function announce(status, sentence) {
  const now = Date.now();
  if (status === announced.status && now - announced.at < QUIET) return;
  announced = { status, at: now };
  $('.announced').textContent = sentence;
}

function follow() {
  const value = props.value || {};
  if (!value.figure) return;
  clearTimeout(timer);
  timer = 0;
  turn += 1;
  lost = 0;
  resetPlayer();
  run = value.run || '';
  have = { points: 0, epoch: -1 };
  box.dataset.points = 0;
  box.dataset.status = run ? 'in the queue' : 'empty';
  tell(value.say || '');
  if (value.rows) drawRows(value.rows);
  if (value.titles) drawTitles(value.titles);
  if (value.scores) drawScores(value.scores);
  drawStory(value.story);
  if (value.held_out !== undefined) sayWhose(value.held_out);
  const mine = turn;
  ask = () => poll(mine);
  drawn = chart.draw(value.figure);
  if (run) ask();
  tellScores();
  // On a narrow screen the chart is below the button that has just been pressed.
  if (value.fresh && box.getBoundingClientRect().bottom > innerHeight) {
    element.scrollIntoView({ block: 'start' });
  }
}

// For the goal of the page.
function tellScores() {
  document.dispatchEvent(new CustomEvent('run-scores', { detail: run }));
}

async function poll(mine) {
  clearTimeout(timer);
  timer = 0;
  const answer = await server.points([run, have.points, have.epoch]); // undefined: no connection
  await drawn;
  if (mine !== turn) return;
  if (!answer) {
    lost += 1;
    const sentence = say('Connection lost; trying again…'); // page.js shows what to do
    tell(sentence);
    announce('lost', sentence);
    timer = setTimeout(ask, Math.min(WAIT * 2 ** lost, LONGEST_WAIT));
    return;
  }
  lost = 0;
  show(answer);
  if (!answer.active) {
    offerPlayer();
    trigger('finished', { run, status: answer.status });
  } else {
    const wait = 1000 * answer.wait * (have.points ? 1 : FIRST);
    timer = setTimeout(ask, document.hidden ? HIDDEN_WAIT : wait);
  }
}

function show(answer) {
  const update = { x: [], y: [] };
  const traces = [];
  if (answer.y?.length) { update.x.push(answer.x); update.y.push(answer.y); traces.push(0); }
  if (answer.held?.length) {
    update.x.push(answer.held.map(h => h[0]));
    update.y.push(answer.held.map(h => h[1]));
    traces.push(1);
  }
  if (traces.length) chart.extend(update, traces);
  have.points += answer.y?.length || 0;
  if (answer.epoch !== undefined) have.epoch = answer.epoch;
  if (answer.held_out !== undefined) sayWhose(answer.held_out);
  if (answer.rows) drawRows(answer.rows);
  if (answer.scores) drawScores(answer.scores);
  if (answer.scores || !answer.active) tellScores();
  if (answer.story) drawStory(answer.story);
  tell(answer.say);
  announce(answer.status, answer.say);
  box.dataset.points = have.points;
  box.dataset.status = answer.status;
}

function resize(list, count) {
  while (list.children.length > count) list.lastElementChild.remove();
  while (list.children.length < count) {
    const tile = list.appendChild(document.createElement('li'));
    tile.append(document.createElement('b'), document.createElement('span'));
    tile.lastChild.className = 'unseen';
  }
}

// Tiles are updated in place, so that a change to “correct” is animated.
function drawRows(rows) {
  element.querySelectorAll('.rows tbody tr').forEach((tr, i) => {
    const row = rows[i] || { source: '', cells: [], verdict: '' };
    const source = tr.querySelector('th');
    source.textContent = source.title = row.source;
    const list = tr.querySelector('ol');
    list.classList.toggle('word', Boolean(row.word));
    list.classList.toggle('many', row.cells.length > 24);
    resize(list, row.cells.length);
    row.cells.forEach(([token, kind, hidden], k) => {
      const tile = list.children[k];
      tile.classList.toggle('turned', kind === 'ok' && tile.classList.contains('no'));
      for (const name of ['ok', 'no', 'missing', 'plain']) tile.classList.toggle(name, name === kind);
      tile.firstChild.textContent = token;
      tile.lastChild.textContent = hidden || '';
    });
    const verdict = tr.querySelector('.verdict');
    verdict.textContent = row.verdict;
    verdict.classList.toggle('right', Boolean(row.right));
  });
}

function sayWhose(heldOut) {
  $('.rows-title').textContent = heldOut ? say('Three unseen examples')
    : say('Three training examples');
}

function drawTitles(titles) {
  for (const card of element.querySelectorAll('.score')) {
    const [title, gloss] = titles[card.dataset.score];
    card.querySelector('h3').textContent = title;
    card.querySelector('small').textContent = gloss;
  }
}

function drawScores(scores) {
  for (const card of element.querySelectorAll('.score')) {
    const [text, share] = scores[card.dataset.score] || ['–', 0];
    card.hidden = card.dataset.score === 'left_out' && !scores.left_out;
    card.querySelector('b').textContent = text;
    card.querySelector('.bar i').style.width = `${100 * share}%`;
  }
}

function drawStory(story) {
  const [place, words, button] = [$('.note'), $('.note span'), $('.note button')];
  place.classList.toggle('empty', !story);
  words.textContent = story ? story.text : '';
  button.textContent = story?.label || '';
  button.hidden = !story?.action;
  button.dataset.action = story?.action || '';
}

$('.note button').addEventListener('click', event => {
  trigger('again', { action: event.currentTarget.dataset.action });
});
document.addEventListener('visibilitychange', () => {
  if (!document.hidden && timer) ask();
});
